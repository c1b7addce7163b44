//! Limits: how often somebody may ask.

use crate::support::answer::{Answer, Source};
use crate::support::app::{PASSWORD, TestApp};
use crate::support::database::Kind;

#[actix_web::test]
async fn signing_in_too_often_is_429_with_retry_after() {
    let app = TestApp::with(Kind::Sqlite, |settings| settings.config.sign_in_limit = "2/60s".parse().ok()).await;
    for _ in 0..2 {
        app.sign_in("nobody@example.com", PASSWORD).await.assert_status(401);
    }

    assert_limited(&app.sign_in("nobody@example.com", PASSWORD).await);
    app.as_nobody().get("/chats").await.assert_status(401);
    app.stop().await;
}

#[actix_web::test]
async fn asking_too_often_is_429_with_retry_after() {
    let app = TestApp::with(Kind::Sqlite, |settings| settings.config.rate_limit = "3/60s".parse().ok()).await;
    let ask = async || app.as_nobody().post("/users", &serde_json::json!({})).await;
    for _ in 0..3 {
        ask().await.assert_status(400);
    }

    assert_limited(&ask().await);
    app.stop().await;
}

#[track_caller]
fn assert_limited(answer: &Answer) {
    answer.assert_error(429, "rate_limited", Source::Nowhere);
    let seconds = answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| (1..=60).contains(&seconds)), "{:?}", answer.headers);
}
