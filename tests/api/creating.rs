//! Creating, where several clients do it at once.

use crate::support::app::TestApp;
use crate::support::on_both_databases;
use serde_json::json;

async fn concurrent_creators_of_a_pair_get_one_conversation(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let create = async |of: usize| {
        let (from, to) = if of.is_multiple_of(2) { (&anna, &bert) } else { (&bert, &anna) };
        let attributes = json!({ "user_id": to.id });
        let document = json!({ "data": { "type": "direct_conversation", "attributes": attributes } });
        app.as_user(from).post("/direct_conversations", &document).await
    };
    let answers = futures_util::future::join_all((0..64).map(create)).await;

    let created = answers.iter().filter(|answer| answer.status == 201).count();
    let found = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((created, found), (1, 63));
    let first = answers[0].id();
    assert!(answers.iter().all(|answer| answer.id() == first));
    for user in [&anna, &bert] {
        assert_eq!(app.as_user(user).get("/direct_conversations").await.ids(), std::slice::from_ref(&first));
        assert_eq!(app.as_user(user).get("/chats").await.ids().len(), 1);
        assert_eq!(app.as_user(user).get("/chat_memberships").await.ids().len(), 2);
    }
}

on_both_databases![concurrent_creators_of_a_pair_get_one_conversation];
