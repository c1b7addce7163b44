//! Cursors outlive the process that made them, and all processes on a database take each other's.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User, start};
use crate::support::client::{Client, JSON_API};
use crate::support::on_both_databases;
use crate::world::crowd;
use reqwest::Method;

on_both_databases!(another_process_takes_the_same_cursors, what_a_cursor_says_can_not_be_made_up);

/// A first page with cursors.
async fn by_cursor(app: &TestApp, viewer: &User, path: &str) -> Answer {
    let accept = format!("{JSON_API}; profile=\"https://jsonapi.org/profiles/ethanresnick/cursor-pagination/\"");
    let request = app.as_user(viewer).request(Method::GET, path).header("accept", &accept);
    request.send().await.assert_status(200)
}

async fn another_process_takes_the_same_cursors(app: &TestApp) {
    crowd(app, "p", 0..4).await;
    let ana = app.user("ana").await;
    let first = by_cursor(app, &ana, "/users?sort=-name&page[size]=2").await;
    let next = first.link("next").expect("more");
    let other = start(app.url()).await;
    let client = Client::new(format!("{}/api/v1", other.url), Some(ana.token.clone()));
    let path = next.split_once("/api/v1").expect("a URL of ours").1;
    let there = client.get(path).await.assert_status(200).ids();
    let here = app.as_user(&ana).get(path).await.assert_status(200).ids();
    other.stop().await;
    assert_eq!(here, there);
    assert_eq!(here.len(), 2);
}

/// Nobody asks what lies beyond a value of their own choice.
async fn what_a_cursor_says_can_not_be_made_up(app: &TestApp) {
    crowd(app, "p", 0..4).await;
    let ana = app.user("ana").await;
    let page = by_cursor(app, &ana, "/users?sort=name&page[size]=2").await;
    let cursor = page.items()[0]["meta"]["page"]["cursor"].as_str().expect("a cursor").to_owned();
    for at in 0..cursor.len() {
        let mut forged = cursor.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'Q' } else { b'A' };
        let forged = String::from_utf8(forged).expect("ASCII");
        let answer = app.as_user(&ana).get(&format!("/users?sort=name&page[after]={forged}")).await;
        assert_eq!(answer.status, 400, "{forged}: {answer}");
    }
}
