//! What a request costs: statements do not grow with rows.

use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use serde_json::json;

on_both_databases![
    a_list_is_one_statement_and_one_for_each_include_and_the_total,
    a_first_page_that_is_not_full_needs_no_statement_for_its_total,
];

/// Beside the list: the token is looked up.
const TOKEN: u64 = 1;

async fn a_list_is_one_statement_and_one_for_each_include_and_the_total(app: &TestApp) {
    let anna = app.user("anna").await;
    for (size, peers) in [(1, 0..2), (30, 2..34)] {
        for peer in peers {
            start(app, &anna, &format!("peer{peer}")).await;
        }
        for (path, least) in [
            ("/direct_conversations?", 1),
            ("/direct_conversations?sort=-chat_updated_at&search_peer=peer&", 1),
            ("/direct_conversations?sort=-chat_updated_at&include=chat,first_user,second_user&", 4),
            ("/direct_conversations?include=chat.members&", 3),
            ("/direct_conversations?include=chat.chat_memberships.user,chat.viewer_membership&", 5),
            ("/chats?sort=title&include=members,initiator&", 3),
            ("/chat_memberships?include=chat.direct_conversation,user&", 4),
            ("/users?sort=name&", 1),
        ] {
            let path = format!("{path}page[size]={size}");
            assert!(cost(app, &anna, &path).await <= TOKEN + least, "{path}");
            let path = format!("{path}&page[total]=true");
            assert!(cost(app, &anna, &path).await <= TOKEN + least + 1, "{path}");
        }
    }
}

async fn a_first_page_that_is_not_full_needs_no_statement_for_its_total(app: &TestApp) {
    let anna = app.user("anna").await;
    start(app, &anna, "peer").await;
    for path in ["/chats?page[number]=1", "/direct_conversations?page[offset]=0", "/chats?page[total]=true"] {
        assert_eq!(app.as_user(&anna).get(path).await.document()["meta"]["total"], 1);
        assert!(cost(app, &anna, path).await <= TOKEN + 1, "{path}");
    }
}

/// Statements that the request takes; the second time, when whatever is kept is known.
async fn cost(app: &TestApp, user: &User, path: &str) -> u64 {
    app.as_user(user).get(path).await.assert_status(200);
    let before = app.running.database.statements();
    app.as_user(user).get(path).await.assert_status(200);
    let cost = app.running.database.statements() - before;
    assert!(cost > TOKEN, "statements are counted");
    cost
}

async fn start(app: &TestApp, by: &User, with: &str) {
    let peer = app.user(with).await;
    let attributes = json!({ "user_id": peer.id });
    let document = json!({ "data": { "type": "direct_conversation", "attributes": attributes } });
    app.as_user(by).post("/direct_conversations", &document).await.assert_status(201);
}
