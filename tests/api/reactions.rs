//! Reactions and attachments where several clients move at once, and what reading them costs.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{attach, count, crowd, group, new_membership, say};
use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};

fn reaction(message: &str, emoji: &str) -> Value {
    let message = json!({ "message": { "data": { "type": "message", "id": message } } });
    json!({ "data": { "type": "reaction", "attributes": { "emoji": emoji }, "relationships": message } })
}

async fn react(app: &TestApp, user: &User, message: &str, emoji: &str) -> Answer {
    app.as_user(user).post("/reactions", &reaction(message, emoji)).await
}

async fn the_same_reaction_many_times_at_once_is_one(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    for _ in 0..8 {
        let message = say(app, &anna, &chat).await;
        // With and without the variation selector it is the same emoji.
        let answers = join_all((0..24).map(|of| {
            let (message, user) = (message.as_str(), if of % 2 == 0 { &anna } else { &bert });
            react(app, user, message, if of % 3 == 0 { "❤" } else { "❤\u{FE0F}" })
        }))
        .await;
        let fresh: Vec<bool> = answers.iter().map(|answer| answer.document()["meta"]["created"] == true).collect();
        assert!(answers.iter().zip(&fresh).all(|(answer, fresh)| answer.status == if *fresh { 201 } else { 200 }));
        assert_eq!(fresh.iter().filter(|fresh| **fresh).count(), 2);
        let shown = app.as_user(&anna).get(&format!("/messages/{message}")).await.assert_status(200);
        let expected = json!([{ "emoji": "❤\u{FE0F}", "count": 2, "mine": true }]);
        assert_eq!(*shown.attribute("reaction_counts"), expected);
        assert_eq!(app.as_user(&bert).get(&format!("/messages/{message}/reactions")).await.ids().len(), 2);
    }
}

async fn nothing_stays_on_a_message_that_is_deleted_meanwhile(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    for round in 0..24 {
        let message = say(app, &anna, &chat).await;
        let text = json!({ "name": "a.txt", "mime_type": "text/plain" });
        let file = attach(app, &anna, &message, text).await;
        let upload = app.as_user(&anna).request(Method::PUT, &format!("/attachments/{file}/content"));
        let client = app.as_user(&anna);
        let path = format!("/messages/{message}");
        let (reacted, (uploaded, deleted)) = join(
            react(app, &bert, &message, "👍"),
            join(upload.bytes(b"hello".to_vec()).send(), async {
                tokio::time::sleep(std::time::Duration::from_millis(round % 6)).await;
                client.delete(&path).await
            }),
        )
        .await;
        deleted.assert_status(204);
        assert!(matches!(reacted.status, 201 | 409), "{reacted}");
        assert!(matches!(uploaded.status, 204 | 404), "{uploaded}");
        let shown = app.as_user(&bert).get(&path).await.assert_status(200);
        assert_eq!(*shown.attribute("reaction_counts"), json!([]));
        app.as_user(&anna).get(&format!("/attachments/{file}/content")).await.assert_status(404);
    }
    for table in ["reactions", "attachments", "contents WHERE attachment_id IS NOT NULL"] {
        assert_eq!(count(app, format!("SELECT count(*) AS n FROM {table}")).await, 0, "{table}");
    }
}

async fn one_of_many_uploads_at_once_is_kept(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    for _ in 0..4 {
        let message = say(app, &anna, &chat).await;
        let file = attach(app, &anna, &message, json!({ "name": "a.txt", "mime_type": "text/plain" })).await;
        let path = format!("/attachments/{file}/content");
        let uploads = (0..8_u8).map(|of| {
            let request = app.as_user(&anna).request(Method::PUT, &path);
            request.bytes(vec![b'a' + of; 20_000]).send()
        });
        let answers = join_all(uploads).await;
        let kept: Vec<usize> = (0..8).filter(|of| answers[*of].status == 204).collect();
        assert_eq!(kept.len(), 1);
        assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 7);
        let got = app.as_user(&bert).get(&path).await.assert_status(200);
        assert_eq!(got.body, vec![b'a' + kept[0] as u8; 20_000]);
    }
}

async fn a_page_of_messages_costs_the_same_with_reactions_and_files(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let mut costs = Vec::new();
    for messages in [1, 19] {
        for _ in 0..messages {
            let message = say(app, &anna, &chat).await;
            for emoji in ["👍", "🎉", "❤"] {
                react(app, &bert, &message, emoji).await.assert_status(201);
            }
            let elsewhere = json!({ "name": "a", "mime_type": "text/html", "source_url": "https://a.example" });
            attach(app, &anna, &message, elsewhere).await;
        }
        let mut cost = Vec::new();
        for include in ["", "?include=reactions,attachments", "?include=reactions.author,attachments.chat"] {
            let before = app.running.database.statements();
            let url = format!("/chats/{chat}/messages{include}");
            let listed = app.as_user(&bert).get(&url).await.assert_status(200);
            cost.push(app.running.database.statements() - before);
            assert_eq!(listed.items()[0]["attributes"]["reaction_counts"].as_array().map(Vec::len), Some(3));
        }
        costs.push(cost);
    }
    // The token, the chat, the messages; then one for each edge.
    assert_eq!(costs, [[3, 5, 7], [3, 5, 7]]);
}

async fn a_reaction_is_for_everybody_who_sees_the_message_and_writes(app: &TestApp) {
    let anna = app.user("anna").await;
    let chat = group(app, &anna, None, &[]).await;
    for user in crowd(app, "p", 0..3).await {
        app.as_user(&anna).post("/chat_memberships", &new_membership(&chat, &user, "member")).await.assert_status(201);
    }
    let bert = app.user("bert").await;
    app.as_user(&anna).post("/chat_memberships", &new_membership(&chat, &bert.id, "reader")).await.assert_status(201);
    let message = say(app, &anna, &chat).await;
    let mine = react(app, &anna, &message, "👍").await.assert_status(201);
    assert_eq!(mine.header("location"), mine.link("self"));
    assert_eq!(react(app, &bert, &message, "👍").await.status, 403);
    let path = format!("/reactions/{}", mine.id());
    app.as_user(&bert).get(&format!("{path}?include=message,author")).await.assert_status(200);
    for method in [Method::PATCH, Method::DELETE] {
        assert_eq!(app.as_user(&bert).request(method, &path).send().await.status, 403);
    }
    assert_eq!(app.as_user(&app.user("carl").await).get(&path).await.status, 404);
    app.as_user(&anna).delete(&path).await.assert_status(204);
}

on_both_databases![
    the_same_reaction_many_times_at_once_is_one,
    nothing_stays_on_a_message_that_is_deleted_meanwhile,
    one_of_many_uploads_at_once_is_kept,
    a_page_of_messages_costs_the_same_with_reactions_and_files,
    a_reaction_is_for_everybody_who_sees_the_message_and_writes,
];
