//! Two who begin the same conversation, ask each other, or answer twice.

use crate::people::{pairs, people, statuses};
use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::on_both_databases;
use crate::world::{ask, assert_consistent, count, linkage, new_direct, respond, status_of};
use futures_util::future::{join, join_all};
use serde_json::json;

async fn a_pair_that_begins_at_once_has_one_conversation(app: &TestApp) {
    let people = people(app).await;
    for (anna, bert) in pairs(&people) {
        let begin = async |of: usize| {
            let (from, to) = if of.is_multiple_of(2) { (anna, bert) } else { (bert, anna) };
            let members = json!({ "members": { "data": linkage("user", &[&to.id]) } });
            let chat = json!({ "data": { "type": "chat", "relationships": members } });
            match of / 2 {
                0 => app.as_user(from).post("/direct_conversations", &new_direct(&to.id)).await,
                _ => app.as_user(from).post("/chats", &chat).await,
            }
        };
        let answers = join_all((0..4).map(begin)).await;
        assert_eq!(statuses(&answers), [200, 200, 200, 201]);
        let chat = |answer: &Answer| match answer.data()["type"].as_str() {
            Some("chat") => answer.id(),
            _ => answer.data()["relationships"]["chat"]["data"]["id"].as_str().expect("a chat").to_owned(),
        };
        assert!(answers.iter().all(|answer| chat(answer) == chat(&answers[0])));
    }
    let expected = pairs(&people).len() as i64;
    assert_eq!(count(app, "SELECT count(*) AS n FROM direct_conversations").await, expected);
    assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, expected);
    assert_consistent(app).await;
}

async fn requests_that_cross_are_one_that_is_accepted(app: &TestApp) {
    let people = people(app).await;
    for (anna, bert) in pairs(&people) {
        let (one, other) = join(ask(app, anna, bert), ask(app, bert, anna)).await;
        assert_eq!(statuses([&one, &other]), [200, 201], "{one}\n{other}");
        assert_eq!(one.id(), other.id());
        assert_eq!(status_of(app, anna, &one.id()).await, "active");
    }
    assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, pairs(&people).len() as i64);
    assert_consistent(app).await;
}

/// A yes after a no is a change of mind, a no after a yes is too late.
async fn of_a_yes_and_a_no_the_yes_stays(app: &TestApp) {
    for (anna, bert) in pairs(&people(app).await) {
        let request = ask(app, anna, bert).await.assert_status(201).id();
        let (yes, no) = join(respond(app, bert, &request, "active"), respond(app, bert, &request, "declined")).await;
        assert!(matches!((yes.status, no.status), (200, 200 | 409)), "{yes}\n{no}");
        let expected = if no.status == 200 { "declined" } else { "request_closed" };
        let told = if no.status == 200 { no.attribute("status") } else { &no.document()["errors"][0]["code"] };
        assert_eq!(told, expected, "{no}");
        assert_eq!(status_of(app, anna, &request).await, "active");
        assert_eq!(app.as_user(anna).get(&format!("/chats?filter[member]={}", bert.id)).await.items().len(), 1);
    }
    assert_consistent(app).await;
}

on_both_databases![
    a_pair_that_begins_at_once_has_one_conversation,
    requests_that_cross_are_one_that_is_accepted,
    of_a_yes_and_a_no_the_yes_stays,
];
