//! Settings that show on the wire.

use crate::support::answer::Source;
use crate::support::app::{PASSWORD, TestApp};
use crate::support::database::Kind;
use reqwest::Method;
use serde_json::json;
use tertulia::config::{Config, CorsOrigins, SignUp, Sources};

#[actix_web::test]
async fn links_begin_with_the_public_url() {
    let app = app_with(|config| config.public_url = public_url("https://chat.example/tertulia")).await;
    let anna = app.user("anna").await;

    let shown = app.as_user(&anna).get(&format!("/users/{}", anna.id)).await;

    let url = format!("https://chat.example/tertulia/api/v1/users/{}", anna.id);
    assert_eq!(shown.data()["links"]["self"], url);
    app.stop().await;
}

#[actix_web::test]
async fn links_begin_with_the_host_of_the_request_without_a_public_url() {
    let app = app_with(|_| ()).await;
    let anna = app.user("anna").await;

    let request = app.as_user(&anna).request(Method::GET, &format!("/users/{}", anna.id));
    let shown = request.header("host", "chat.example:1234").send().await;

    let url = format!("http://chat.example:1234/api/v1/users/{}", anna.id);
    assert_eq!(shown.data()["links"]["self"], url);
    app.stop().await;
}

#[actix_web::test]
async fn nobody_signs_up_where_sign_up_is_closed() {
    let app = app_with(|config| config.sign_up = SignUp::Closed).await;
    let attributes = json!({ "name": "New", "email": "new@example.com", "password": PASSWORD });
    let document = json!({ "data": { "type": "user", "attributes": attributes } });

    app.as_nobody().post("/users", &document).await.assert_error(403, "forbidden", Source::Nowhere);
    app.stop().await;
}

#[actix_web::test]
async fn only_listed_origins_may_read_answers() {
    let origins = CorsOrigins::List(vec!["https://app.example".to_owned()]);
    let app = app_with(|config| config.cors_origins = origins).await;
    let ask = async |origin: &str| {
        app.as_nobody().request(Method::GET, "/chats").header("origin", origin).send().await.assert_status(401)
    };

    let listed = ask("https://app.example").await;
    assert_eq!(listed.header("access-control-allow-origin").as_deref(), Some("https://app.example"));
    assert!(listed.header("vary").is_some_and(|vary| vary.to_lowercase().contains("origin")), "{:?}", listed.headers);

    let other = ask("https://evil.example").await;
    assert_eq!(other.header("access-control-allow-origin"), None);
    assert!(other.header("vary").is_some_and(|vary| vary.to_lowercase().contains("origin")), "{:?}", other.headers);
    app.stop().await;
}

#[actix_web::test]
async fn preflights_name_what_clients_send_and_may_read() {
    let app = app_with(|_| ()).await;
    let request = app.as_nobody().request(Method::OPTIONS, "/chats").header("origin", "https://app.example");
    let asked = "authorization,content-type,accept,accept-language,if-match,if-none-match,idempotency-key,range";
    let request = request.header("access-control-request-method", "PATCH");
    let answer = request.header("access-control-request-headers", asked).send().await.assert_status(204);

    let allowed = answer.header("access-control-allow-headers").unwrap_or_default().to_lowercase();
    for name in asked.split(',') {
        assert!(allowed.split(',').any(|it| it.trim() == name), "{name} is not in {allowed}");
    }
    let read = app.as_nobody().request(Method::GET, "/chats").header("origin", "https://app.example").send().await;
    let exposed = read.header("access-control-expose-headers").unwrap_or_default().to_lowercase();
    for name in ["authorization", "location", "etag", "retry-after", "content-range", "allow"] {
        assert!(exposed.split(',').any(|it| it.trim() == name), "{name} is not in {exposed}");
    }
    app.stop().await;
}

async fn app_with(change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::configured(Kind::Sqlite, |settings| change(&mut settings.config)).await
}

/// Read as the program reads it, from the environment.
fn public_url(url: &str) -> Option<tertulia::config::PublicUrl> {
    let variable = ("TERTULIA_PUBLIC_URL".to_owned(), url.to_owned());
    let sources = Sources { environment: [variable].into(), ..Sources::default() };
    Config::load(&sources).expect("a public URL").config.public_url
}
