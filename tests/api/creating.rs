//! Creating, where several clients do it at once.

use crate::support::answer::Answer;
use crate::support::app::{PASSWORD, TestApp, User};
use crate::support::on_both_databases;
use futures_util::future::join_all;
use serde_json::{Value, json};

on_both_databases![
    concurrent_creators_of_a_pair_get_one_conversation,
    concurrent_creators_by_both_urls_get_one_chat,
    concurrent_sign_ups_share_no_address,
    concurrent_creators_share_no_client_made_id,
    concurrent_admins_add_somebody_once,
];

async fn concurrent_creators_of_a_pair_get_one_conversation(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let create = async |of: usize| {
        let (from, to) = if of.is_multiple_of(2) { (&anna, &bert) } else { (&bert, &anna) };
        app.as_user(from).post("/direct_conversations", &conversation(to)).await
    };
    let answers = join_all((0..64).map(create)).await;

    assert_eq!(statuses(&answers), [(200, 63), (201, 1)]);
    let first = answers[0].id();
    assert!(answers.iter().all(|answer| answer.id() == first));
    for user in [&anna, &bert] {
        assert_eq!(app.as_user(user).get("/direct_conversations").await.ids(), std::slice::from_ref(&first));
        assert_eq!(app.as_user(user).get("/chats").await.ids().len(), 1);
        assert_eq!(app.as_user(user).get("/chat_memberships").await.ids().len(), 2);
    }
}

async fn concurrent_creators_by_both_urls_get_one_chat(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let create = async |of: usize| match of % 2 {
        0 => app.as_user(&anna).post("/direct_conversations", &conversation(&bert)).await,
        _ => app.as_user(&bert).post("/chats", &chat(None, &[&anna])).await,
    };
    let answers = join_all((0..16).map(create)).await;

    assert_eq!(statuses(&answers), [(200, 15), (201, 1)]);
    assert_eq!(app.as_user(&anna).get("/chats").await.ids().len(), 1);
}

async fn concurrent_sign_ups_share_no_address(app: &TestApp) {
    let sign_up = async |of: usize| {
        let email = if of.is_multiple_of(2) { "new@example.com" } else { "NEW@example.com" };
        let attributes = json!({ "name": "New", "email": email, "password": PASSWORD });
        app.as_nobody().post("/users", &json!({ "data": { "type": "user", "attributes": attributes } })).await
    };
    let answers = join_all((0..12).map(sign_up)).await;

    assert_eq!(statuses(&answers), [(201, 1), (409, 11)]);
}

async fn concurrent_creators_share_no_client_made_id(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let id = "8f14e45f-ceea-467f-a0e6-5a1f3c1b2a3c";
    let create = async |of: usize| {
        let by = if of.is_multiple_of(2) { &anna } else { &bert };
        app.as_user(by).post("/chats", &chat(Some(id), &[])).await
    };
    let answers = join_all((0..16).map(create)).await;

    assert_eq!(statuses(&answers), [(201, 1), (409, 15)]);
}

async fn concurrent_admins_add_somebody_once(app: &TestApp) {
    let (anna, bert, carla) = (app.user("anna").await, app.user("bert").await, app.user("carla").await);
    let group = app.as_user(&anna).post("/chats", &chat(Some("8f14e45f-ceea-467f-a0e6-5a1f3c1b2a3c"), &[&bert])).await;
    let add = async |of: usize| match of % 2 {
        0 => app.as_user(&anna).post("/chat_memberships", &membership(&group.id(), &carla)).await,
        _ => {
            let members = json!({ "data": [{ "type": "user", "id": carla.id }] });
            let path = format!("/chats/{}/relationships/members", group.id());
            app.as_user(&anna).post(&path, &members).await
        }
    };
    let answers = join_all((0..16).map(add)).await;

    assert!(answers.iter().all(|answer| [201, 204, 409].contains(&answer.status)), "{:?}", statuses(&answers));
    assert!(answers.iter().filter(|answer| answer.status == 201).count() <= 1);
    let shown = app.as_user(&anna).get(&format!("/chats/{}?include=members", group.id())).await;
    assert_eq!(*shown.attribute("member_count"), 3);
    assert_eq!(shown.included().len(), 3);
}

/// How many answers have which status, by status.
fn statuses(answers: &[Answer]) -> Vec<(u16, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.status).or_default() += 1;
    }
    counts.into_iter().collect()
}

fn conversation(with: &User) -> Value {
    json!({ "data": { "type": "direct_conversation", "attributes": { "user_id": with.id } } })
}

/// A group if the id is given; else what the number of others makes of it.
fn chat(id: Option<&str>, others: &[&User]) -> Value {
    let members: Vec<Value> = others.iter().map(|user| json!({ "type": "user", "id": user.id })).collect();
    let attributes = if id.is_some() { json!({ "chat_type": "group" }) } else { json!({}) };
    let relationships = json!({ "members": { "data": members } });
    json!({ "data": { "type": "chat", "id": id, "attributes": attributes, "relationships": relationships } })
}

fn membership(chat: &str, user: &User) -> Value {
    let relationships = json!({
        "chat": { "data": { "type": "chat", "id": chat } },
        "user": { "data": { "type": "user", "id": user.id } },
    });
    json!({ "data": { "type": "chat_membership", "relationships": relationships } })
}
