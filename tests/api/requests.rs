//! Chat requests that meet: two that cross, two answers, an answer and a withdrawal, a request and a removal.
//!
//! Each race is run once for every pair of a few people, as one run proves little.

use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{ask, assert_consistent, count, new_direct, respond, status_of};
use futures_util::future::{join, join_all};

async fn people(app: &TestApp, prefix: &str, number: usize) -> Vec<User> {
    let names: Vec<String> = (0..number).map(|at| format!("{prefix}{at}")).collect();
    join_all(names.iter().map(|name| app.user(name))).await
}

/// Every two of them, once.
fn pairs(people: &[User]) -> impl Iterator<Item = (&User, &User)> {
    people.iter().enumerate().flat_map(|(at, one)| people[..at].iter().map(move |other| (one, other)))
}

async fn requests_that_cross_end_as_one_that_is_accepted(app: &TestApp) {
    for (anna, bert) in pairs(&people(app, "user", 15).await) {
        let (one, other) = join(ask(app, anna, bert), ask(app, bert, anna)).await;
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201], "{one}\n{other}");
        assert_eq!(one.id(), other.id());
        assert_eq!(status_of(app, anna, &one.id()).await, "active");
    }
    assert_eq!(count(app, "SELECT count(*) AS n FROM chat_requests").await, 105);
    assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, 105);
    assert_consistent(app).await;
}

/// A yes after a no is a change of mind, a no after a yes is too late.
async fn of_two_answers_the_yes_stays(app: &TestApp) {
    for (anna, bert) in pairs(&people(app, "user", 15).await) {
        let request = ask(app, anna, bert).await.assert_status(201).id();
        let (yes, no) = join(respond(app, bert, &request, "active"), respond(app, bert, &request, "declined")).await;
        assert_eq!(yes.status, 200, "{yes}");
        assert!([200, 409].contains(&no.status), "{no}");
        assert_eq!(status_of(app, anna, &request).await, "active");
    }
    assert_consistent(app).await;
}

async fn a_request_is_answered_or_withdrawn(app: &TestApp) {
    for (anna, bert) in pairs(&people(app, "user", 15).await) {
        let request = ask(app, anna, bert).await.assert_status(201).id();
        let path = format!("/chat_requests/{request}");
        let sender = app.as_user(anna);
        let (yes, withdrawal) = join(respond(app, bert, &request, "active"), sender.delete(&path)).await;
        match (yes.status, withdrawal.status) {
            (200, 409) => assert_eq!(status_of(app, anna, &request).await, "active"),
            (404, 204) => drop(app.as_user(bert).get(&path).await.assert_status(404)),
            _ => panic!("{yes}\n{withdrawal}"),
        }
    }
    assert_consistent(app).await;
}

async fn opening_a_conversation_whose_request_is_withdrawn_begins_another(app: &TestApp) {
    for (anna, bert) in pairs(&people(app, "user", 12).await) {
        let request = ask(app, anna, bert).await.assert_status(201).id();
        let (sender, recipient) = (app.as_user(anna), app.as_user(bert));
        let (peer, path) = (new_direct(&anna.id), format!("/chat_requests/{request}"));
        let (opened, withdrawal) = join(recipient.post("/direct_conversations", &peer), sender.delete(&path)).await;
        assert!(matches!((opened.status, withdrawal.status), (200, 409) | (201, 204)), "{opened}\n{withdrawal}");
        let path = format!("/direct_conversations?filter[user_id]={}", bert.id);
        assert_eq!(sender.get(&path).await.ids(), [opened.id()]);
    }
    assert_consistent(app).await;
}

async fn no_request_waits_for_a_removed_account(app: &TestApp) {
    let anna = app.user("anna").await;
    for bert in people(app, "bert", 20).await {
        let (sender, path) = (app.as_user(&bert), format!("/users/{}", bert.id));
        let (request, removal) = join(ask(app, &anna, &bert), sender.delete(&path)).await;
        assert!([201, 404].contains(&request.status), "{request}");
        removal.assert_status(204);
        assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, 0);
    }
    for bert in people(app, "carl", 20).await {
        let (own, path) = (app.as_user(&bert), format!("/users/{}", bert.id));
        let (request, removal) = join(ask(app, &bert, &anna), own.delete(&path)).await;
        assert!([201, 401].contains(&request.status), "{request}");
        removal.assert_status(204);
        assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, 0);
    }
    assert_consistent(app).await;
}

on_both_databases![
    requests_that_cross_end_as_one_that_is_accepted,
    of_two_answers_the_yes_stays,
    a_request_is_answered_or_withdrawn,
    opening_a_conversation_whose_request_is_withdrawn_begins_another,
    no_request_waits_for_a_removed_account,
];
