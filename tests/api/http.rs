//! HTTP around the documents: methods, preflights, links, shutdown, and a database that goes away.

use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::client::{Client, JSON_API};
use crate::support::cluster::cluster;
use crate::support::database::Kind;
use crate::support::on_both_databases;
use crate::wire::{Begun, exchange};
use crate::world::{direct, group, membership, new_group};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use reqwest::Method;
use std::collections::BTreeSet;
use std::time::Duration;
use tertulia::config::{Config, CorsOrigins, Sources};

/// URLs of every shape with the methods that they take; JSON:API wants 403 for the rest of the writes of `forbidden`.
fn urls(
    group: &str,
    direct: &str,
    membership: &str,
    user: &str,
    session: &str,
) -> Vec<(String, &'static str, &'static str)> {
    let mut urls = vec![
        ("/users".to_owned(), "GET POST", ""),
        (format!("/users/{user}"), "GET PATCH DELETE", ""),
        ("/sessions".to_owned(), "GET POST", ""),
        (format!("/sessions/{session}"), "GET DELETE", "PATCH"),
        (format!("/sessions/{session}/user"), "GET", ""),
        (format!("/sessions/{session}/relationships/user"), "GET", "PATCH POST DELETE"),
        ("/direct_conversations".to_owned(), "GET POST", ""),
        (format!("/direct_conversations/{direct}"), "GET", "PATCH"),
        ("/chats".to_owned(), "GET POST", ""),
        (format!("/chats/{group}"), "GET PATCH DELETE", ""),
        (format!("/chats/{group}/members"), "GET", ""),
        (format!("/chats/{group}/relationships/members"), "GET POST DELETE", "PATCH"),
        ("/chat_memberships".to_owned(), "GET POST", ""),
        (format!("/chat_memberships/{membership}"), "GET PATCH DELETE", ""),
    ];
    for name in ["chat", "first_user", "second_user"] {
        urls.push((format!("/direct_conversations/{direct}/{name}"), "GET", ""));
        urls.push((format!("/direct_conversations/{direct}/relationships/{name}"), "GET", "PATCH POST DELETE"));
    }
    for name in ["initiator", "viewer_membership", "direct_conversation", "chat_memberships"] {
        urls.push((format!("/chats/{group}/{name}"), "GET", ""));
        urls.push((format!("/chats/{group}/relationships/{name}"), "GET", "PATCH POST DELETE"));
    }
    for name in ["chat", "user"] {
        urls.push((format!("/chat_memberships/{membership}/{name}"), "GET", ""));
        urls.push((format!("/chat_memberships/{membership}/relationships/{name}"), "GET", "PATCH POST DELETE"));
    }
    urls
}

async fn every_url_takes_its_methods_and_names_them(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let direct = direct(app, &anna, &bert.id).await.id;
    let own = membership(app, &anna, &chat, &anna).await;
    let client = app.as_user(&anna);
    let session = client.get("/sessions").await.ids().remove(0);
    let send = async |method: &str, url: &str| {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        client.request(method, url).send().await
    };
    for (url, taken, forbidden) in urls(&chat, &direct, &own, &bert.id, &session) {
        let allowed: BTreeSet<&str> = taken.split(' ').chain(["HEAD", "OPTIONS"]).collect();
        let said = |answer: &Answer| {
            let allow = answer.header("allow").unwrap_or_else(|| panic!("no Allow in {answer}"));
            allow.split(", ").map(str::to_owned).collect::<BTreeSet<String>>()
        };
        let options = send("OPTIONS", &url).await.assert_status(204);
        assert_eq!(said(&options).iter().map(String::as_str).collect::<BTreeSet<_>>(), allowed, "{url}");
        let get = send("GET", &url).await.assert_status(200);
        let head = send("HEAD", &url).await.assert_status(200);
        assert!(head.body.is_empty());
        for name in ["content-type", "vary", "cache-control", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {url}");
        }
        for method in ["POST", "PATCH", "DELETE", "PUT", "TRACE", "PROPFIND", "get"] {
            if allowed.contains(method) {
                continue;
            }
            let answer = send(method, &url).await;
            if forbidden.split(' ').any(|it| it == method) {
                assert_eq!(answer.status, 403, "{answer}");
            } else {
                assert_eq!(answer.status, 405, "{answer}");
                assert_eq!(said(&answer), said(&options), "{answer}");
            }
            assert_eq!(answer.header("content-type").as_deref(), Some(JSON_API), "{answer}");
        }
        let slashed = send("GET", &format!("{url}/")).await.assert_status(200);
        assert_eq!(slashed.data(), get.data(), "{url}/");
    }
    for path in ["/healthz", "/readyz"] {
        let url = format!("{}{path}", app.origin());
        send("GET", &url).await.assert_status(200);
        send("HEAD", &url).await.assert_status(200);
        assert_eq!(send("POST", &url).await.assert_status(405).header("allow").as_deref(), Some("GET, HEAD, OPTIONS"));
    }
}

on_both_databases![every_url_takes_its_methods_and_names_them];

/// The answers of every stage at which a request can end.
async fn endings(app: &TestApp, origin: &str) -> Vec<Answer> {
    let anna = app.user("anna").await;
    let (client, nobody) = (app.as_user(&anna), app.as_nobody());
    let ask = |client: &Client, method: Method, path: &str| client.request(method, path).header("origin", origin);
    vec![
        ask(&client, Method::GET, "/users").send().await.assert_status(200),
        ask(&client, Method::POST, "/chats").document(&new_group(None, &[&anna.id])).send().await.assert_status(201),
        ask(&nobody, Method::GET, "/users").send().await.assert_status(401),
        ask(&client, Method::GET, "/nothing").send().await.assert_status(404),
        ask(&client, Method::GET, &format!("{}/nothing", app.origin())).send().await.assert_status(404),
        ask(&client, Method::PUT, "/users").send().await.assert_status(405),
        ask(&client, Method::GET, "/users")
            .header("accept", "application/vnd.api+json;x=1")
            .send()
            .await
            .assert_status(406),
        ask(&client, Method::POST, "/chats").bytes(vec![b' '; 2 << 20]).send().await.assert_status(413),
        ask(&client, Method::POST, "/chats")
            .bytes(vec![b'{'])
            .header("content-type", "x/y")
            .send()
            .await
            .assert_status(415),
        ask(&client, Method::GET, "/users?x=1").send().await.assert_status(400),
    ]
}

#[actix_web::test]
async fn every_answer_may_be_read_by_the_pages_that_are_named_and_by_no_others() {
    let origins = CorsOrigins::List(vec!["https://app.example".to_owned(), "http://localhost:3000".to_owned()]);
    let app = TestApp::configured(Kind::Sqlite, |settings| settings.config.cors_origins = origins).await;
    for (origin, allowed) in [
        ("https://app.example", true),
        ("http://localhost:3000", true),
        ("https://APP.example", false),
        ("https://app.example.evil", false),
        ("https://app.example:444", false),
        ("null", false),
    ] {
        for answer in endings(&app, origin).await {
            let said = answer.header("access-control-allow-origin");
            assert_eq!(said.as_deref(), allowed.then_some(origin), "{answer}");
            assert!(answer.header("vary").is_some_and(|vary| vary.contains("Origin")), "{answer}");
            assert!(answer.header("vary").is_some_and(|vary| vary.contains("Accept, Authorization")), "{answer}");
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
        let request = app.as_nobody().request(Method::OPTIONS, "/chats").header("origin", origin);
        let preflight = request.header("access-control-request-method", "PATCH").send().await.assert_status(204);
        assert_eq!(preflight.header("access-control-allow-methods").is_some(), allowed);
    }
    app.stop().await;
}

#[actix_web::test]
async fn every_answer_may_be_read_by_all_pages_unless_said_otherwise() {
    let app = TestApp::spawn(Kind::Sqlite).await;
    for answer in endings(&app, "https://anything.example").await {
        assert_eq!(answer.header("access-control-allow-origin").as_deref(), Some("*"), "{answer}");
        let exposed = answer.header("access-control-expose-headers").unwrap_or_default();
        for name in
            ["Authorization", "Location", "ETag", "Retry-After", "Content-Range", "Allow", "Idempotency-Replayed"]
        {
            assert!(exposed.split(", ").any(|it| it == name), "{name}: {answer}");
        }
        assert!(!answer.header("vary").unwrap_or_default().contains("Origin"), "{answer}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn links_begin_with_the_public_url_where_there_is_one() {
    let sources =
        Sources { flags: [("public_url", "https://chat.example/talk/".to_owned())].into(), ..Sources::default() };
    let public_url = Config::load(&sources).expect("a configuration").config.public_url;
    let app = TestApp::configured(Kind::Sqlite, |settings| settings.config.public_url = public_url).await;
    let anna = app.user("anna").await;
    let base = "https://chat.example/talk/api/v1/";
    let created =
        app.as_user(&anna).post("/chats?include=members", &new_group(None, &[&anna.id])).await.assert_status(201);
    assert!(created.header("location").is_some_and(|location| location.starts_with(base)));
    let listed = app.as_user(&anna).get("/chats?include=members,viewer_membership&page[number]=1&page[size]=1").await;
    for answer in [created, listed.assert_status(200)] {
        let mut links = Vec::new();
        collect_links(answer.document(), &mut links);
        assert!(links.len() > 10, "{answer}");
        assert!(links.iter().all(|link| link.starts_with(base)), "{links:?}");
    }
    app.stop().await;
}

/// Every link of a document, wherever it is.
fn collect_links(value: &serde_json::Value, links: &mut Vec<String>) {
    let Some(members) = value.as_object() else {
        return value.as_array().into_iter().flatten().for_each(|item| collect_links(item, links));
    };
    for (name, value) in members {
        if name == "links" {
            let targets = value.as_object().into_iter().flatten().map(|(_, link)| link.get("href").unwrap_or(link));
            links.extend(targets.filter_map(|link| link.as_str().map(str::to_owned)));
        } else {
            collect_links(value, links);
        }
    }
}

#[actix_web::test]
async fn a_request_in_flight_is_finished_by_a_server_that_stops() {
    let app = TestApp::spawn(Kind::Sqlite).await;
    let anna = app.user("anna").await;
    let address = app.running.address;
    let document = new_group(Some("in flight"), &[&anna.id]).to_string();
    let head = format!(
        "POST /api/v1/chats HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: {JSON_API}\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        anna.token,
        document.len()
    );
    let begun = Begun::begin(address, head, document.into_bytes()).await;
    let finish = async {
        actix_web::rt::time::sleep(Duration::from_millis(300)).await;
        begun.finish().await
    };
    let began = std::time::Instant::now();
    let (database, replies) = futures_util::future::join(app.stopped(), finish).await;
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!(replies.len(), 1);
    assert_eq!(replies[0].status, 201, "{}", replies[0]);
    assert!(std::net::TcpStream::connect(address).is_err(), "the server still listens");

    let app = TestApp::on(database).await;
    let titles = app.as_user(&anna).get("/chats?filter[title]=in+flight").await;
    assert_eq!(titles.ids().len(), 1, "what was answered with 201 is stored");
    app.stop().await;
}

#[actix_web::test]
async fn a_server_without_its_database_says_so_and_recovers() {
    if !Kind::Postgres.wanted() {
        return;
    }
    let waits = Duration::from_millis(300);
    let app = TestApp::configured(Kind::Postgres, |settings| settings.config.database_timeout = waits).await;
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    let health = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!(exchange(app.running.address, health("/readyz")).await[0].status, 200);

    open_for_connections(&app, false);
    let not_ready = exchange(app.running.address, health("/readyz")).await.remove(0);
    assert_eq!(not_ready.status, 503, "{not_ready}");
    assert_eq!(exchange(app.running.address, health("/healthz")).await[0].status, 200);
    for _ in 0..3 {
        let refused = client.get("/users").await;
        assert_eq!(refused.status, 503, "{refused}");
        assert_eq!(refused.document()["errors"][0]["code"], "unavailable");
        assert!(refused.header("retry-after").is_some(), "{refused}");
        let refused = client.post("/chats", &new_group(None, &[&anna.id])).await;
        assert_eq!(refused.status, 503, "{refused}");
    }

    open_for_connections(&app, true);
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while client.get("/users").await.status != 200 {
        assert!(std::time::Instant::now() < deadline, "the server doesn't recover");
    }
    assert_eq!(exchange(app.running.address, health("/readyz")).await[0].status, 200);
    client.post("/chats", &new_group(None, &[&anna.id])).await.assert_status(201);
    app.stop().await;
}

/// Ends all connections to the server's database and lets no more in, or lets them in again.
fn open_for_connections(app: &TestApp, open: bool) {
    let name = app.url().rsplit('/').next().expect("the name of a database").to_owned();
    let statements = format!(
        "ALTER DATABASE {name} ALLOW_CONNECTIONS {open}; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE NOT {open} AND datname = '{name}'"
    );
    PgConnection::establish(&cluster().url).expect("the server").batch_execute(&statements).expect("a change");
}
