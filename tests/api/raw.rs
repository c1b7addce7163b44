//! What reaches a server that listens to the whole world: broken, endless, slow and hostile requests.
//!
//! None of them is answered with a 5xx, and after each the server serves the next client.

use crate::support::app::{TestApp, User};
use crate::support::client::JSON_API;
use crate::support::database::Kind;
use crate::wire::{Reply, abandon, exchange, exchange_head, exchange_in_parts};
use serde_json::json;
use std::time::Duration;

/// A server with small limits, and somebody who is signed in.
async fn small() -> (TestApp, User) {
    let app = TestApp::configured(Kind::Sqlite, |settings| {
        settings.config.max_body_bytes = 64 * 1024;
        settings.config.request_timeout = Duration::from_secs(2);
    })
    .await;
    let anna = app.user("anna").await;
    (app, anna)
}

fn head(user: &User, line: &str, headers: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: chat.example\r\nAuthorization: Bearer {}\r\n{headers}\r\n", user.token)
}

const CLOSE: &str = "Connection: close\r\n";

fn post(user: &User, path: &str, body: &[u8]) -> Vec<u8> {
    let headers = format!("{CLOSE}Content-Type: {JSON_API}\r\nContent-Length: {}\r\n", body.len());
    let mut bytes = head(user, &format!("POST /api/v1{path}"), &headers).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The only reply.
async fn ask(app: &TestApp, bytes: impl Into<Vec<u8>>) -> Reply {
    let mut replies = exchange(app.running.address, bytes).await;
    assert_eq!(replies.len(), 1, "{replies:?}");
    replies.remove(0)
}

async fn assert_alive(app: &TestApp, user: &User) {
    app.as_user(user).get("/users").await.assert_status(200);
}

#[track_caller]
fn assert_error(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{reply}");
    assert_eq!(reply.header("content-type"), Some(JSON_API), "{reply}");
}

#[actix_web::test]
async fn a_body_that_is_no_document_is_400() {
    let (app, anna) = small().await;
    let deep = |open: &str| open.repeat(20_000).into_bytes();
    let wide = format!("{{\"data\":{{\"type\":\"chat\",\"attributes\":{{{}}}}}}}", "\"a\":".repeat(10_000));
    let bodies: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "json_invalid"),
        (b" ".to_vec(), "json_invalid"),
        (b"{".to_vec(), "json_invalid"),
        (b"{}}".to_vec(), "json_invalid"),
        (b"{'data':1}".to_vec(), "json_invalid"),
        (b"{\"data\":NaN}".to_vec(), "json_invalid"),
        (b"{\"data\":\"\xff\xfe\"}".to_vec(), "json_invalid"),
        (b"{\"data\":\"\\ud800\"}".to_vec(), "json_invalid"),
        (b"\xff\xfe{\0}\0".to_vec(), "json_invalid"),
        (b"{\"data\":\"\n\"}".to_vec(), "json_invalid"),
        (deep("["), "json_invalid"),
        (b"{\"data\":".repeat(8_000), "json_invalid"),
        (wide.into_bytes(), "json_invalid"),
        (b"null".to_vec(), "document_invalid"),
        (b"[]".to_vec(), "document_invalid"),
        (b"\"data\"".to_vec(), "document_invalid"),
        (b"1e400".to_vec(), "json_invalid"),
        (b"{\"data\":{\"type\":1}}".to_vec(), "document_invalid"),
    ];
    for (body, code) in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let reply = ask(&app, post(&anna, "/chats", &body)).await;
        assert!(reply.status == 400 && reply.code() == code, "{shown}: {reply}");
        assert_error(&reply, 400, code);
    }
    assert_alive(&app, &anna).await;
    app.stop().await;
}

#[actix_web::test]
async fn no_body_is_answered_with_a_much_longer_one() {
    let (app, anna) = small().await;
    let relationships = |name: &str, linkage: &str| {
        format!("{{\"data\":{{\"type\":\"chat\",\"relationships\":{{\"{name}\":{{\"data\":{linkage}}}}}}}}}")
    };
    // A name stands in the pointer to each thing that is wrong below it.
    let long = "x".repeat(20_000);
    let wrong = relationships(&long, &format!("[{}1]", "1,".repeat(20_000)));
    let twice = relationships(&long, &format!("{{{}\"a\":1}}", "\"a\":1,".repeat(5_000)));
    for body in [wrong, twice] {
        let reply = ask(&app, post(&anna, "/chats", body.as_bytes())).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "document_invalid"));
        assert!(reply.body.len() < 4 * body.len(), "{} bytes are answered with {}", body.len(), reply.body.len());
    }
    assert_alive(&app, &anna).await;
    app.stop().await;
}

#[actix_web::test]
async fn a_body_that_is_deep_enough_to_be_harmless_is_judged_by_its_members() {
    let (app, anna) = small().await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    for depth in [1, 60, 120, 5_000] {
        let body = format!("{{\"data\":{{\"type\":\"chat\",\"attributes\":{{\"title\":{}}}}}}}", nested(depth));
        let reply = ask(&app, post(&anna, "/chats", body.as_bytes())).await;
        assert!(matches!(reply.status, 400 | 422), "{reply}");
    }
    for number in ["1e308", "-0", "123456789012345678901234567890", "0.1e-400"] {
        let body = format!("{{\"data\":{{\"type\":\"chat\",\"attributes\":{{\"title\":{number}}}}}}}");
        let reply = ask(&app, post(&anna, "/chats", body.as_bytes())).await;
        assert!(matches!(reply.status, 400 | 422), "{number}: {reply}");
    }
    assert_alive(&app, &anna).await;
    app.stop().await;
}

#[actix_web::test]
async fn a_body_above_the_limit_is_413_however_it_comes() {
    let (app, anna) = small().await;
    let large = vec![b' '; 64 * 1024 + 1];
    assert_error(&ask(&app, post(&anna, "/chats", &large)).await, 413, "too_large");
    // Announced, and never sent.
    let announced = format!("{CLOSE}Content-Type: {JSON_API}\r\nContent-Length: 999999999999\r\n");
    assert_error(&ask(&app, head(&anna, "POST /api/v1/chats", &announced)).await, 413, "too_large");
    // In chunks, without any announcement.
    let mut chunked = head(&anna, "POST /api/v1/chats", &chunks_announced()).into_bytes();
    for _ in 0..9 {
        chunked.extend_from_slice(&chunk(&[b' '; 8 * 1024]));
    }
    chunked.extend_from_slice(&chunk(b""));
    assert_error(&ask(&app, chunked).await, 413, "too_large");
    assert_alive(&app, &anna).await;
    app.stop().await;
}

fn chunks_announced() -> String {
    format!("{CLOSE}Content-Type: {JSON_API}\r\nTransfer-Encoding: chunked\r\n")
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

#[actix_web::test]
async fn a_body_of_exactly_the_limit_is_taken_in_chunks_too() {
    let (app, anna) = small().await;
    let mut document = json!({ "data": { "type": "chat", "attributes": { "chat_type": "group" } } }).to_string();
    document.push_str(&" ".repeat(64 * 1024 - document.len()));
    let whole = ask(&app, post(&anna, "/chats", document.as_bytes())).await;
    assert_eq!(whole.status, 201, "{whole}");
    let mut parts = vec![head(&anna, "POST /api/v1/chats", &chunks_announced()).into_bytes()];
    parts.extend(document.as_bytes().chunks(7000).map(chunk));
    parts.push(chunk(b""));
    let replies = exchange_in_parts(app.running.address, parts, Duration::from_millis(5)).await;
    assert_eq!(replies.len(), 1);
    assert_eq!(replies[0].status, 201, "{}", replies[0]);
    app.stop().await;
}

#[actix_web::test]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let (app, anna) = small().await;
    let headers = format!("{CLOSE}Content-Type: {JSON_API}\r\nContent-Length: 100\r\n");
    let began = std::time::Instant::now();
    let reply = ask(&app, head(&anna, "POST /api/v1/chats", &headers)).await;
    assert!((400..500).contains(&reply.status), "{reply}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    abandon(app.running.address, head(&anna, "POST /api/v1/chats", &headers)).await;
    assert_alive(&app, &anna).await;
    app.stop().await;
}

#[actix_web::test]
async fn headers_that_do_not_arrive_are_not_waited_for() {
    let (app, anna) = small().await;
    let began = std::time::Instant::now();
    let replies = exchange(app.running.address, "GET /api/v1/users HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert!(replies.iter().all(|reply| (400..500).contains(&reply.status)), "{replies:?}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_alive(&app, &anna).await;
    app.stop().await;
}

#[actix_web::test]
async fn requests_beyond_all_limits_are_refused_and_forgotten() {
    let (app, anna) = small().await;
    let long = "a".repeat(200_000);
    for request in [
        format!("GET /api/v1/users?filter[name]={long} HTTP/1.1\r\nHost: x\r\n{CLOSE}\r\n"),
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n{CLOSE}\r\n"),
        head(&anna, "GET /api/v1/users", &format!("{CLOSE}X-Long: {long}\r\n")),
        head(&anna, "GET /api/v1/users", &format!("{CLOSE}{}", "X-Many: 1\r\n".repeat(20_000))),
    ] {
        for reply in exchange(app.running.address, request).await {
            assert!((400..500).contains(&reply.status), "{reply}");
        }
        assert_alive(&app, &anna).await;
    }
    app.stop().await;
}

#[actix_web::test]
async fn what_is_no_http_is_refused() {
    let (app, anna) = small().await;
    for request in [
        &b"\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/v1/users HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /api/v1/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        for reply in exchange(app.running.address, request).await {
            assert!((400..500).contains(&reply.status), "{}: {reply}", String::from_utf8_lossy(request));
        }
        assert_alive(&app, &anna).await;
    }
    app.stop().await;
}

#[actix_web::test]
async fn paths_that_lead_nowhere_are_404_documents() {
    let (app, anna) = small().await;
    for path in [
        "/",
        "/api",
        "/api/v2/users",
        "/api/v1/user",
        "/api/v1/USERS",
        "/api/v1//users",
        "/api/v1/users//",
        "/api/v1/users/x/y/z",
        "/api/v1/chats/%FF",
        "/api/v1/chats/%00",
        "/api/v1/chats/..%2fusers",
        "/api/v1/../v1/nothing",
        "/api/v1/chats/%F0%9F%98%80",
        "/api/v1/chats/1/relationships/",
        "/api/v1/chats/1/relationships",
        "/api/v1/chats/1/relationships/x",
        "/api/v1/%75sers%00",
        "//api/v1/users",
        "/api/v1/chats/{}",
        "/index.html",
        "/api/v1/chats/00000000-0000-0000-0000-000000000000",
        "/api/v1/chats/000000000000000000000000000000000000",
        "/api/v1/chats/{01a200f7-8aef-71c8-918f-38efa36381ea}",
        "/api/v1/chats/urn:uuid:01a200f7-8aef-71c8-918f-38efa36381ea",
    ] {
        let reply = ask(&app, head(&anna, &format!("GET {path}"), CLOSE)).await;
        assert!(reply.status == 404, "{path}: {reply}");
        assert_error(&reply, 404, "not_found");
    }
    app.stop().await;
}

#[actix_web::test]
async fn a_question_that_is_not_utf_8_or_folds_to_a_giant_is_400_or_finds_nothing() {
    let (app, anna) = small().await;
    for query in ["filter[name]=%FF", "filter[%FF]=1", "search=%C3%28", "sort=%ED%A0%80"] {
        let reply = ask(&app, head(&anna, &format!("GET /api/v1/users?{query}"), CLOSE)).await;
        assert_eq!(reply.status, 400, "{query}: {reply}");
        assert_eq!(reply.header("content-type"), Some(JSON_API));
    }
    // Three bytes of this become 33 when they are folded, which makes a pattern that SQLite doesn't take.
    let giant = "\u{fdfa}".repeat(2700);
    for path in [
        "users?filter[name]=ct:",
        "users?filter[name]=gt:",
        "direct_conversations?search_peer=",
        "chats?filter[search]=",
    ] {
        let reply = ask(&app, head(&anna, &format!("GET /api/v1/{path}{giant}"), CLOSE)).await;
        assert!(matches!(reply.status, 200 | 400), "{path}: {} {:?}", reply.status, reply.headers);
    }
    assert_alive(&app, &anna).await;
    app.stop().await;
}

#[actix_web::test]
async fn requests_on_one_connection_are_answered_in_their_order() {
    let (app, anna) = small().await;
    let own = format!("/api/v1/users/{}", anna.id);
    let lines = [
        "GET /api/v1/users".to_owned(),
        "GET /api/v1/nothing".to_owned(),
        format!("GET {own}"),
        "PUT /api/v1/users".to_owned(),
    ];
    let requests: Vec<String> = lines.iter().map(|line| head(&anna, line, "")).collect();
    let all = format!("{}{}", requests.concat(), head(&anna, "GET /healthz", CLOSE));
    let replies = exchange(app.running.address, all).await;
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [200, 404, 200, 405, 200]);
    assert_eq!(replies[2].document()["data"]["id"], anna.id.as_str());
    app.stop().await;
}

#[actix_web::test]
async fn a_head_has_the_length_of_a_get_and_no_body() {
    let (app, anna) = small().await;
    for path in ["/api/v1/users", "/api/v1/users/x", "/api/v1/users?x=1", "/api/v1/nothing", "/healthz", "/readyz"] {
        let get = ask(&app, head(&anna, &format!("GET {path}"), CLOSE)).await;
        let replies = exchange_head(app.running.address, head(&anna, &format!("HEAD {path}"), CLOSE)).await;
        let [head] = replies.as_slice() else { panic!("{replies:?}") };
        assert_eq!(head.status, get.status, "{path}");
        let without_date = |reply: &Reply| {
            let mut headers: Vec<_> = reply.headers.iter().filter(|(name, _)| name != "date").cloned().collect();
            headers.sort();
            headers
        };
        assert_eq!(without_date(head), without_date(&get), "{path}");
        assert!(get.header("content-length").is_some_and(|length| length != "0"), "{path}: {get}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn links_lead_to_the_host_that_was_asked_and_to_nothing_that_is_no_host() {
    let (app, anna) = small().await;
    let local = format!("http://{}", app.running.address);
    for (host, origin) in [
        ("Host: chat.example\r\n", "http://chat.example"),
        ("Host: chat.example:8443\r\n", "http://chat.example:8443"),
        ("Host: [::1]:80\r\n", "http://[::1]:80"),
        ("Host: a\"b<script>\r\n", &local),
        ("Host: chat.example/path?\r\n", &local),
        ("Host: user@chat.example\r\n", &local),
        ("", &local),
    ] {
        let request =
            format!("GET /api/v1/users HTTP/1.1\r\n{host}Authorization: Bearer {}\r\n{CLOSE}\r\n", anna.token);
        let reply = ask(&app, request).await;
        if reply.status == 400 && host != "Host: chat.example\r\n" {
            continue;
        }
        let link = reply.document()["links"]["self"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned();
        assert_eq!(link, format!("{origin}/api/v1/users"), "{host}");
    }
    let proxied = head(
        &anna,
        "GET /api/v1/users",
        &format!("{CLOSE}X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n"),
    );
    assert_eq!(ask(&app, proxied).await.document()["links"]["self"], "http://chat.example/api/v1/users");
    app.stop().await;
}
