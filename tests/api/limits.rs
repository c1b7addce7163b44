//! Rate limits: who is counted together, what is counted, and what a refused client is told.

use crate::support::answer::Answer;
use crate::support::app::{PASSWORD, TestApp};
use crate::support::client::{Client, Request};
use crate::support::database::Kind;
use crate::world::resource;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::time::Duration;
use tertulia::config::RateLimit;

fn limit(most: u32, per: Duration) -> Option<RateLimit> {
    Some(RateLimit::new(NonZeroU32::new(most).expect("not 0"), per))
}

const UNACCEPTABLE: &str = "application/vnd.api+json; charset=utf-8";
const MINUTE: Duration = Duration::from_secs(60);

/// A server behind a proxy that is trusted, this machine.
async fn behind_proxy(requests: Option<RateLimit>, sign_ins: Option<RateLimit>) -> TestApp {
    TestApp::configured(Kind::Sqlite, |settings| {
        settings.config.rate_limit = requests;
        settings.config.sign_in_limit = sign_ins;
        settings.config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await
}

#[track_caller]
fn assert_limited(answer: &Answer) {
    assert_eq!(answer.status, 429, "{answer}");
    let seconds = answer.header("retry-after").and_then(|value| value.parse::<u64>().ok());
    assert!(seconds.is_some_and(|seconds| (1..=60).contains(&seconds)), "{seconds:?} in {answer}");
    let error = &answer.document()["errors"][0];
    assert_eq!((&error["status"], &error["code"]), (&json!("429"), &json!("rate_limited")), "{answer}");
    assert_eq!(answer.header("content-type").as_deref(), Some(crate::support::client::JSON_API));
    assert_eq!(answer.header("access-control-allow-origin").as_deref(), Some("*"));
    assert!(answer.header("access-control-expose-headers").is_some_and(|it| it.contains("Retry-After")));
}

fn get(client: &Client) -> Request {
    client.request(reqwest::Method::GET, "/users").header("origin", "https://app.example")
}

fn from(request: Request, address: &str) -> Request {
    request.header("x-forwarded-for", address)
}

#[actix_web::test]
async fn an_address_gets_so_many_answers_and_then_429() {
    let app = behind_proxy(limit(4, MINUTE), None).await;
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    for _ in 0..4 {
        from(get(&client), "192.0.2.1").send().await.assert_status(200);
    }
    assert_limited(&from(get(&client), "192.0.2.1").send().await);
    from(get(&client), "192.0.2.2").send().await.assert_status(200);
    app.stop().await;
}

#[actix_web::test]
async fn whoever_waits_is_answered_again() {
    let app = behind_proxy(limit(2, Duration::from_secs(1)), None).await;
    let anna = app.user("anna").await;
    let ask = async || from(get(&app.as_user(&anna)), "192.0.2.1").send().await;
    let answers = futures_util::future::join_all((0..20).map(|_| ask())).await;
    let refused = answers.into_iter().find(|answer| answer.status == 429).expect("20 requests at once are too many");
    assert_limited(&refused);
    let seconds = refused.header("retry-after").and_then(|value| value.parse().ok()).expect("a time");
    actix_web::rt::time::sleep(Duration::from_secs(seconds)).await;
    ask().await.assert_status(200);
    app.stop().await;
}

/// What a proxy was told by its client is no address: only the entry that the last proxy added counts.
#[actix_web::test]
async fn a_client_can_not_choose_its_address() {
    let app = behind_proxy(limit(3, MINUTE), None).await;
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    for spoofed in ["198.51.100.1", "198.51.100.2", "unknown"] {
        from(get(&client), &format!("{spoofed}, 192.0.2.1")).send().await.assert_status(200);
    }
    for same in ["192.0.2.1", "203.0.113.9, 192.0.2.1", "192.0.2.1, 127.0.0.9", "192.0.2.1:4711", "::ffff:192.0.2.1"] {
        assert_limited(&from(get(&client), same).send().await);
    }
    let forwarded = get(&client).header("forwarded", "for=198.51.100.7;proto=https, for=\"192.0.2.1:80\"");
    assert_limited(&forwarded.send().await);
    let other_case = get(&client).header("forwarded", "by=_x; For=\"192.0.2.1\"");
    assert_limited(&other_case.send().await);
    // Whoever has one address of a /64 has all of them.
    for host in 1..=3 {
        from(get(&client), &format!("2001:db8::{host}")).send().await.assert_status(200);
    }
    assert_limited(&from(get(&client), "[2001:db8::4]:443").send().await);
    from(get(&client), "2001:db8:0:1::1").send().await.assert_status(200);
    app.stop().await;
}

/// A proxy that knows one of the two headers passes on the other as its client made it up.
#[actix_web::test]
async fn headers_that_name_two_clients_name_none() {
    let app = behind_proxy(limit(3, MINUTE), None).await;
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    let mut refused = 0;
    for number in 1..=8 {
        let spoofed = format!("for=198.51.100.{number}");
        let answer = from(get(&client), "192.0.2.1").header("forwarded", &spoofed).send().await;
        refused += usize::from(answer.status == 429);
    }
    assert!(refused >= 4, "{refused} of 8 requests with an address of the client's choice are refused");
    from(get(&client), "192.0.2.7").header("forwarded", "for=192.0.2.7").send().await.assert_status(200);
    app.stop().await;
}

#[actix_web::test]
async fn nobody_is_believed_who_is_no_trusted_proxy() {
    let app = TestApp::configured(Kind::Sqlite, |settings| settings.config.rate_limit = limit(5, MINUTE)).await;
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    let mut refused = 0;
    for number in 1..=8 {
        let request = from(get(&client), &format!("192.0.2.{number}"));
        let answer = request.header("forwarded", &format!("for=192.0.2.{number}")).send().await;
        refused += usize::from(answer.status == 429);
    }
    // Signing up and in were two of the five.
    assert_eq!(refused, 5);
    app.stop().await;
}

#[actix_web::test]
async fn sign_ins_and_sign_ups_of_an_address_are_counted_apart() {
    let app = behind_proxy(None, limit(3, MINUTE)).await;
    let anna = app.user("anna").await;
    let sign = |path: &str, document: &Value| {
        from(app.as_nobody().request(reqwest::Method::POST, path), "192.0.2.1")
            .header("origin", "https://app.example")
            .document(document)
            .send()
    };
    let wrong = |number: u32| {
        resource("session", json!({ "email": format!("n{number}@example.com"), "password": "wrong password" }))
    };
    sign("/sessions", &wrong(1)).await.assert_status(401);
    let new = json!({ "name": "bert", "email": "bert@example.com", "password": PASSWORD });
    sign("/users", &resource("user", new)).await.assert_status(201);
    // One that says nothing is an attempt too.
    sign("/sessions", &json!({})).await.assert_status(400);
    assert_limited(&sign("/sessions", &wrong(2)).await);
    assert_limited(&sign("/users", &json!({})).await);
    for _ in 0..5 {
        from(get(&app.as_user(&anna)), "192.0.2.1").send().await.assert_status(200);
    }
    app.stop().await;
}

#[actix_web::test]
async fn an_e_mail_address_is_counted_wherever_it_is_tried_from() {
    let app = behind_proxy(None, limit(3, MINUTE)).await;
    let anna = app.user("anna").await;
    let try_from = |address: u32, email: &str| {
        let document = resource("session", json!({ "email": email, "password": "wrong password" }));
        let request = app.as_nobody().request(reqwest::Method::POST, "/sessions").document(&document);
        from(request.header("origin", "https://app.example"), &format!("192.0.2.{address}")).send()
    };
    // Signing up and in were two of the three.
    try_from(1, "ANNA@example.com").await.assert_status(401);
    assert_limited(&try_from(2, "anna@example.com").await);
    assert_limited(&try_from(3, "Anna@EXAMPLE.com").await);
    // An address without an account is treated alike, or the limit would tell them apart.
    for address in 4..=6 {
        try_from(address, "nobody@example.com").await.assert_status(401);
    }
    assert_limited(&try_from(7, "nobody@example.com").await);
    try_from(8, "somebody@example.com").await.assert_status(401);
    from(get(&app.as_user(&anna)), "192.0.2.9").send().await.assert_status(200);
    app.stop().await;
}

#[actix_web::test]
async fn health_preflights_and_what_comes_before_the_limit_are_not_counted() {
    let app = behind_proxy(limit(2, MINUTE), None).await;
    let anna = app.user("anna").await;
    let ask = |method: reqwest::Method, path: &str| from(app.as_user(&anna).request(method, path), "192.0.2.1");
    let health = format!("{}/healthz", app.origin());
    for _ in 0..3 {
        ask(reqwest::Method::GET, &health).send().await.assert_status(200);
        let preflight = ask(reqwest::Method::OPTIONS, "/users").header("origin", "https://app.example");
        preflight.header("access-control-request-method", "GET").send().await.assert_status(204);
        ask(reqwest::Method::PUT, "/users").send().await.assert_status(405);
        ask(reqwest::Method::GET, "/nothing").send().await.assert_status(404);
        ask(reqwest::Method::GET, "/users").header("accept", UNACCEPTABLE).send().await.assert_status(406);
        ask(reqwest::Method::GET, "/users").header("authorization", "Bearer x").send().await.assert_status(401);
    }
    ask(reqwest::Method::GET, "/users?x=1").send().await.assert_status(400);
    ask(reqwest::Method::POST, "/chats").send().await.assert_status(400);
    let refused = ask(reqwest::Method::POST, "/chats").bytes(b"{".to_vec()).header("content-type", "text/plain");
    refused.send().await.assert_status(429);
    app.stop().await;
}

#[actix_web::test]
async fn without_a_limit_nobody_is_counted() {
    let app = TestApp::configured(Kind::Sqlite, |_| ()).await;
    for _ in 0..40 {
        app.sign_in("nobody@example.com", "wrong password").await.assert_status(401);
    }
    app.stop().await;
}
