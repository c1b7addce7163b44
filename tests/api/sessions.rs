//! Sessions: how they end, what a token leaves behind, and what a failed sign-in gives away.

use crate::support::answer::{Answer, Source};
use crate::support::app::{PASSWORD, TestApp, User, token_of};
use crate::support::database::Kind;
use crate::support::on_both_databases;
use crate::world::{alter, count, id, resource, update};
use base64::Engine as _;
use diesel::sql_types::Text;
use diesel::{ExpressionMethods as _, QueryDsl as _, QueryableByName, RunQueryDsl as _};
use serde_json::json;
use std::time::{Duration, Instant};
use tertulia::config::SignUp;
use tertulia::db::Time;
use tertulia::schema::sessions;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Another sign-in of somebody: its session's id, and the user with its token.
async fn again(app: &TestApp, user: &User) -> (String, User) {
    let answer = app.sign_in(&user.email, PASSWORD).await.assert_status(201);
    (answer.id(), User { token: token_of(&answer), ..user.clone() })
}

#[track_caller]
fn assert_refused(answer: &Answer) {
    answer.assert_error(401, "unauthorized", Source::Header("Authorization"));
    assert_eq!(answer.header("www-authenticate").as_deref(), Some("Bearer"), "{answer}");
}

async fn set_expiry(app: &TestApp, session: &str, last_used_at: Time, expires_at: Time) {
    let session = id(session);
    let changed = alter(app, move |conn| {
        let times = (sessions::last_used_at.eq(last_used_at), sessions::expires_at.eq(expires_at));
        diesel::update(sessions::table.find(session)).set(times).execute(conn)
    });
    assert_eq!(changed.await, 1);
}

async fn a_session_ends_at_its_time(app: &TestApp) {
    let anna = app.user("anna").await;
    let (session, other) = again(app, &anna).await;
    let now = Time::now();
    set_expiry(app, &session, now, Time(now.0 + 60_000)).await;
    app.as_user(&other).get("/users").await.assert_status(200);
    set_expiry(app, &session, now, Time(now.0 - 1)).await;

    for path in ["/users", "/sessions", "/chats?include=nothing", &format!("/users/{}", anna.id)] {
        assert_refused(&app.as_user(&other).get(path).await);
    }
    assert_refused(&app.as_user(&other).delete(&format!("/sessions/{session}")).await);
    // For the session that lives on, the other one isn't there any more.
    let client = app.as_user(&anna);
    assert_eq!(client.get("/sessions").await.ids().len(), 1);
    client.get(&format!("/sessions/{session}")).await.assert_error(404, "not_found", Source::Nowhere);
    client.delete(&format!("/sessions/{session}")).await.assert_error(404, "not_found", Source::Nowhere);
}

async fn using_a_session_keeps_it_alive(app: &TestApp) {
    let anna = app.user("anna").await;
    let (session, other) = again(app, &anna).await;
    let path = format!("/sessions/{session}");
    let client = app.as_user(&other);
    let instant = async |name: &str| {
        let answer = client.get(&path).await.assert_status(200);
        let text = answer.attribute(name).as_str().expect("an instant").to_owned();
        Time::parse(&text).expect("an instant").0
    };
    let now = Time::now();
    assert_eq!(instant("expires_at").await - instant("last_used_at").await, 30 * DAY);
    set_expiry(app, &session, Time(now.0 - 29 * DAY), Time(now.0 + DAY)).await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while instant("last_used_at").await < now.0 {
        assert!(Instant::now() < deadline, "its use is not noted");
    }
    let left = instant("expires_at").await - Time::now().0;
    assert!((29 * DAY..=30 * DAY).contains(&left), "{left} ms are left");
}

async fn a_token_is_dead_as_soon_as_its_session_is_deleted(app: &TestApp) {
    let anna = app.user("anna").await;
    let (session, other) = again(app, &anna).await;
    let client = app.as_user(&other);
    let deleted = client.delete(&format!("/sessions/{session}")).await.assert_status(204);
    assert_eq!(deleted.header("cache-control").as_deref(), Some("no-store"));
    assert!(deleted.body.is_empty());

    assert_refused(&client.get("/users").await);
    let group = crate::world::new_group(None, &[&anna.id]);
    assert_refused(&client.post("/chats", &group).await);
    let own = format!("/users/{}", anna.id);
    assert_refused(&client.patch(&own, &update("user", &anna.id, json!({ "name": "x" }))).await);
    assert_refused(&client.delete(&own).await);
    app.as_user(&anna).get("/users").await.assert_status(200);
}

async fn a_new_password_ends_the_other_sessions_and_the_old_password(app: &TestApp) {
    let anna = app.user("anna").await;
    let (_, kept) = again(app, &anna).await;
    let (_, bert) = (again(app, &anna).await, app.user("bert").await);
    let own = format!("/users/{}", anna.id);
    let change = |current: Option<&str>| {
        update("user", &anna.id, json!({ "password": "another password", "current_password": current }))
    };
    for wrong in [None, Some("wrong password")] {
        let refused = app.as_user(&kept).patch(&own, &change(wrong)).await;
        assert_eq!(refused.status, if wrong.is_none() { 422 } else { 403 }, "{refused}");
        assert_eq!(app.as_user(&anna).get("/sessions").await.ids().len(), 3);
    }
    app.as_user(&kept).patch(&own, &change(Some(PASSWORD))).await.assert_status(200);

    assert_refused(&app.as_user(&anna).get("/users").await);
    assert_eq!(app.as_user(&kept).get("/sessions").await.ids().len(), 1);
    app.as_user(&bert).get("/users").await.assert_status(200);
    app.sign_in(&anna.email, PASSWORD).await.assert_error(401, "invalid_credentials", Source::Nowhere);
    app.sign_in(&anna.email, "another password").await.assert_status(201);
}

async fn a_removed_account_takes_its_sessions_along(app: &TestApp) {
    let anna = app.user("anna").await;
    let (_, other) = again(app, &anna).await;
    app.as_user(&anna).delete(&format!("/users/{}", anna.id)).await.assert_status(204);
    for token in [&anna, &other] {
        assert_refused(&app.as_user(token).get("/users").await);
        assert_refused(&app.as_user(token).delete(&format!("/users/{}", anna.id)).await);
    }
    app.sign_in(&anna.email, PASSWORD).await.assert_error(401, "invalid_credentials", Source::Nowhere);
    assert_eq!(count(app, "SELECT count(*) AS n FROM sessions").await, 0);
    let attributes = json!({ "name": "anna", "email": anna.email, "password": PASSWORD });
    let reborn = app.as_nobody().post("/users", &resource("user", attributes)).await.assert_status(201);
    assert_ne!(reborn.id(), anna.id);
    assert_refused(&app.as_user(&anna).get("/users").await);
}

async fn only_a_token_as_it_was_told_is_one(app: &TestApp) {
    let anna = app.user("anna").await;
    let token = &anna.token;
    let (session, _) = again(app, &anna).await;
    let swapped: String = token.chars().rev().collect();
    for value in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer {token}x"),
        format!("Bearer {}", &token[..token.len() - 1]),
        format!("Bearer {}", token.to_uppercase()),
        format!("Bearer {}", token.to_lowercase()),
        format!("Bearer {swapped}"),
        format!("Bearer {session}"),
        format!("Bearer {}", anna.id),
        format!("Bearer {token} {token}"),
        format!("Bearer {}", "a".repeat(6000)),
        "Bearer ter_' OR '1'='1".to_owned(),
        "Bearer \u{e4}\u{f6}".to_owned(),
    ] {
        let request = app.as_nobody().request(reqwest::Method::GET, "/users").header("authorization", &value);
        let answer = request.send().await;
        assert_refused(&answer);
        assert!(!String::from_utf8_lossy(&answer.body).contains(&token[8..]), "{answer}");
    }
    let query = app.as_nobody().get(&format!("/users?access_token={token}")).await;
    assert_refused(&query);
}

async fn a_token_and_a_password_are_stored_nowhere(app: &TestApp) {
    let anna = app.user("anna").await;
    let secret = anna.token.strip_prefix("ter_").expect("the mark of a token");
    let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(secret).expect("base64");
    assert_eq!(bytes.len(), 32);
    assert!(stored(app, b"anna@example.com").await, "what is stored is not found: this test proves nothing");
    for (what, bytes) in [("token", anna.token.as_bytes()), ("its text", secret.as_bytes()), ("its bytes", &bytes)] {
        assert!(!stored(app, bytes).await, "{what} is stored");
    }
    assert!(!stored(app, PASSWORD.as_bytes()).await, "the password is stored");
    assert_eq!(count(app, "SELECT count(*) AS n FROM sessions WHERE length(token_hash) = 32").await, 1);
}

/// Whether the bytes are anywhere in the database: in its files, or in any column of any table.
async fn stored(app: &TestApp, bytes: &[u8]) -> bool {
    if let Some(path) = app.url().strip_prefix("sqlite:") {
        let files = [path.to_owned(), format!("{path}-wal")];
        let mut contents = files.iter().filter_map(|file| std::fs::read(file).ok());
        return contents.any(|content: Vec<u8>| content.windows(bytes.len()).any(|found| found == bytes));
    }
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = String::from_utf8_lossy(bytes).replace('\'', "''");
    for table in alter(app, |conn| diesel::sql_query(TABLES).load::<Table>(conn)).await {
        // A row as text shows bytes in hexadecimal.
        let rows = format!(
            "SELECT count(*) AS n FROM {} AS stored WHERE strpos(stored::text, '{text}') > 0
             OR strpos(stored::text, '{hexadecimal}') > 0",
            table.name
        );
        if count(app, rows).await > 0 {
            return true;
        }
    }
    false
}

const TABLES: &str = "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'";

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

async fn a_failed_sign_in_does_not_tell_who_has_an_account(app: &TestApp) {
    let anna = app.user("anna").await;
    let known = app.sign_in(&anna.email, "wrong password").await;
    let unknown = app.sign_in("nobody@example.com", "wrong password").await;
    known.assert_error(401, "invalid_credentials", Source::Nowhere);
    assert_eq!(known.body, unknown.body);
    assert_eq!(known.status, unknown.status);
    let headers = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers
    };
    assert_eq!(headers(&known), headers(&unknown));
    for password in ["", "x", &"x".repeat(5000), "correct horse battery\u{0}"] {
        let answers = [app.sign_in(&anna.email, password).await, app.sign_in("nobody@example.com", password).await];
        assert_eq!(answers[0].body, answers[1].body);
        assert!(matches!(answers[0].status, 401 | 422), "{}", answers[0]);
    }
}

async fn a_sign_in_tells_its_token_twice_and_once_only(app: &TestApp) {
    let anna = app.user("anna").await;
    let answer = app.sign_in(&anna.email, PASSWORD).await.assert_status(201);
    let token = token_of(&answer);
    assert_eq!(answer.header("authorization"), Some(format!("Bearer {token}")));
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(answer.header("location"), answer.data()["links"]["self"].as_str().map(str::to_owned));
    assert!(answer.header("access-control-expose-headers").is_none_or(|it| it.contains("Authorization")));
    let user = User { token: token.clone(), ..anna };
    for path in ["/sessions", &format!("/sessions/{}?include=user", answer.id()), "/users"] {
        let shown = app.as_user(&user).get(path).await.assert_status(200);
        assert!(!String::from_utf8_lossy(&shown.body).contains(&token), "{shown}");
        assert_eq!(shown.header("authorization"), None);
    }
}

on_both_databases![
    a_session_ends_at_its_time,
    using_a_session_keeps_it_alive,
    a_token_is_dead_as_soon_as_its_session_is_deleted,
    a_new_password_ends_the_other_sessions_and_the_old_password,
    a_removed_account_takes_its_sessions_along,
    only_a_token_as_it_was_told_is_one,
    a_token_and_a_password_are_stored_nowhere,
    a_failed_sign_in_does_not_tell_who_has_an_account,
    a_sign_in_tells_its_token_twice_and_once_only,
];

#[actix_web::test]
async fn nobody_signs_up_where_that_is_closed() {
    let app = TestApp::configured(Kind::Sqlite, |_| ()).await;
    let anna = app.user("anna").await;
    let database = app.stopped().await;
    let app = TestApp::configured_on(database, |settings| settings.config.sign_up = SignUp::Closed).await;
    for attributes in [json!({ "name": "bert", "email": "bert@example.com", "password": PASSWORD }), json!({})] {
        let refused = app.as_nobody().post("/users", &resource("user", attributes)).await;
        refused.assert_error(403, "forbidden", Source::Nowhere);
    }
    app.as_user(&anna).get("/users").await.assert_status(200);
    app.sign_in(&anna.email, PASSWORD).await.assert_status(201);
    assert_eq!(count(&app, "SELECT count(*) AS n FROM users").await, 1);
    app.stop().await;
}
