//! Requests that are sent again with the same `Idempotency-Key`: they are carried out once, and answered alike.

use crate::support::answer::{Answer, Source};
use crate::support::app::{PASSWORD, TestApp, User, start};
use crate::support::client::Client;
use crate::support::database::Kind;
use crate::support::on_both_databases;
use crate::world::{alter, count, direct, group, linkage, membership, new_direct, new_group, resource, update};
use diesel::RunQueryDsl;
use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tertulia::db::Time;
use tertulia::storage::Storage;
use tertulia::upkeep::Upkeep;

const ATOMIC: &str = "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"";
const KEPT: &str = "SELECT count(*) AS n FROM idempotency_keys";

async fn post(client: &Client, path: &str, key: &str, document: &Value) -> Answer {
    client.request(Method::POST, path).document(document).header("idempotency-key", key).send().await
}

fn is_again(answer: &Answer) -> bool {
    answer.header("idempotency-replayed").as_deref() == Some("true")
}

/// Everything that tells of what was done.
fn told(answer: &Answer) -> (u16, &[u8], [Option<String>; 3]) {
    (answer.status, &answer.body, ["content-type", "location", "etag"].map(|name| answer.header(name)))
}

#[track_caller]
fn assert_alike(answers: &[Answer]) {
    for answer in answers {
        assert_eq!(told(answer), told(&answers[0]), "{answer}");
    }
    assert_eq!(answers.iter().filter(|answer| !is_again(answer)).count(), 1, "one was the first");
}

fn message(content: &str) -> Value {
    resource("message", json!({ "content": content }))
}

async fn a_hundred_equal_posts_make_one_row_and_one_answer(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let client = app.as_user(&anna);
    let create = async |_| post(&client, "/chats?include=members", "a", &new_group(Some("W"), &[&bert.id])).await;
    let answers = join_all((0..100).map(create)).await;
    assert_alike(&answers);
    assert_eq!(answers[0].status, 201);
    assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, 1);
    assert_eq!(count(app, KEPT).await, 1);

    let chat = answers[0].id();
    let say = async |of: usize| {
        post(&client, &format!("/chats/{chat}/messages"), &format!("m{}", of % 4), &message("Hi")).await
    };
    let answers = join_all((0..100).map(say)).await;
    for of in 0..4 {
        let first = &answers[of];
        assert!(answers.iter().skip(of).step_by(4).all(|answer| told(answer) == told(first)), "{first}");
    }
    assert_eq!(answers.iter().filter(|answer| !is_again(answer)).count(), 4);
    assert_eq!(count(app, "SELECT count(*) AS n FROM messages").await, 4);
}

async fn two_servers_on_one_database_make_one_row(app: &TestApp) {
    let anna = app.user("anna").await;
    let second = start(app.url()).await;
    let base = format!("{}/api/v1", second.url);
    let create = async |of: usize| {
        let other = Client::new(base.clone(), Some(anna.token.clone()));
        let client = if of.is_multiple_of(2) { app.as_user(&anna) } else { other };
        post(&client, "/chats", "a", &new_group(None, &[&anna.id])).await
    };
    let answers = join_all((0..32).map(create)).await;
    second.stop().await;
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.id() == answers[0].id()));
    assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, 1);
}

async fn a_key_belongs_to_one_request_of_one_user(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let client = app.as_user(&anna);
    let document = new_group(Some("Walkers"), &[&bert.id]);
    let first = post(&client, "/chats", "a", &document).await.assert_status(201);
    for (path, document) in [
        ("/chats", new_group(Some("Runners"), &[&bert.id])),
        ("/chats?include=members", document.clone()),
        ("/direct_conversations", new_direct(&bert.id)),
        ("/chats", json!({})),
    ] {
        let other = post(&client, path, "a", &document).await;
        other.assert_error(422, "idempotency_mismatch", Source::Header("Idempotency-Key"));
    }
    assert_eq!(post(&client, "/chats/", "a", &document).await.id(), first.id());
    let of_bert = post(&app.as_user(&bert), "/chats", "a", &document).await.assert_status(201);
    assert_ne!(of_bert.id(), first.id());
    // Only a POST can be told apart by it.
    let path = format!("/chats/{}", first.id());
    for title in ["Runners", "Sitters"] {
        let request =
            client.request(Method::PATCH, &path).document(&update("chat", &first.id(), json!({ "title": title })));
        let done = request.header("idempotency-key", "b").send().await.assert_status(200);
        assert_eq!(done.attribute("title"), title);
    }
    assert_eq!(count(app, KEPT).await, 2);
}

async fn a_refusal_is_an_answer_and_leaves_nothing_else(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let client = app.as_user(&anna);
    let chat = group(app, &anna, Some("Walkers"), &[&bert]).await;
    let (path, messages) = (format!("/chats/{chat}"), format!("/chats/{chat}/messages"));
    let open = |open: bool| update("chat", &chat, json!({ "open": open }));
    client.patch(&path, &open(false)).await.assert_status(200);
    let refused = [
        post(&client, &messages, "closed", &message("Hi")).await.assert_status(409),
        post(&client, &messages, "closed", &message("Hi")).await.assert_status(409),
    ];
    assert_alike(&refused);
    client.patch(&path, &open(true)).await.assert_status(200);
    assert!(is_again(&post(&client, &messages, "closed", &message("Hi")).await.assert_status(409)));
    post(&client, &messages, "open", &message("Hi")).await.assert_status(201);

    for (key, path, document, status) in [
        ("fields", "/chats", resource("chat", json!({ "nothing": 1 })), 422),
        ("query", "/chats?include=nothing", new_group(None, &[&anna.id]), 400),
        ("document", "/chats", json!({ "data": [] }), 400),
        ("unseen", "/chats/01900000-0000-7000-8000-00000000dead/messages", message("Hi"), 404),
    ] {
        assert!(!is_again(&post(&client, path, key, &document).await.assert_status(status)), "{key}");
        let again = post(&client, path, key, &document).await.assert_status(status);
        assert!(is_again(&again) || status == 404, "{key}: {again}");
        let other = post(&client, path, key, &json!({ "other": 1 })).await;
        other.assert_error(422, "idempotency_mismatch", Source::Header("Idempotency-Key"));
    }
    // Half done before it was refused: the direct conversation is there already, its new id is not taken.
    let mut twice = new_direct(&bert.id);
    direct(app, &anna, &bert.id).await;
    twice["data"]["id"] = json!("01900000-0000-7000-8000-000000000001");
    post(&client, "/direct_conversations", "twice", &twice).await.assert_status(409);
    assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, 2);
    assert_eq!(count(app, "SELECT count(*) AS n FROM messages").await, 1);
}

async fn what_may_be_otherwise_next_time_is_not_kept(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[]).await;
    let client = app.as_user(&anna);
    let path = format!("/chats/{chat}/relationships/members");
    let document = json!({ "data": linkage("user", &[&bert.id]) });
    let add = |tags: String| {
        let request = client.request(Method::POST, &path).document(&document).header("idempotency-key", "a");
        request.header("if-match", &tags).send()
    };
    add("\"0.0\"".to_owned()).await.assert_status(412);
    post(&app.as_nobody(), &path, "a", &document).await.assert_status(401);
    assert_eq!(count(app, KEPT).await, 0);
    let known = client.get(&path).await.header("etag").expect("a tag");
    let added = [add(known.clone()).await.assert_status(204), add(known).await.assert_status(204)];
    assert_alike(&added);
    assert!(added[1].header("etag").is_some() && added[1].body.is_empty());
}

async fn an_answer_is_told_to_who_still_sees_what_it_tells_of(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let (client, messages) = (app.as_user(&bert), format!("/chats/{chat}/messages"));
    let own = membership(app, &bert, &chat, &bert).await;
    post(&client, &messages, "made", &message("Hi")).await.assert_status(201);
    post(&client, &messages, "refused", &message("")).await.assert_status(422);
    assert!(is_again(&post(&client, &messages, "made", &message("Hi")).await.assert_status(201)));
    client.delete(&format!("/chat_memberships/{own}")).await.assert_status(204);
    for (key, content) in [("made", "Hi"), ("refused", "")] {
        let again = post(&client, &messages, key, &message(content)).await;
        again.assert_error(404, "not_found", Source::Nowhere);
    }
}

async fn an_answer_is_kept_for_a_day(app: &TestApp) {
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    let document = new_group(None, &[&anna.id]);
    let first = post(&client, "/chats", "a", &document).await.assert_status(201).id();
    let older = |minutes: i64| {
        let sqlite = format!("UPDATE idempotency_keys SET created_at = created_at - {}", minutes * 60_000);
        let postgres = format!("UPDATE idempotency_keys SET created_at = created_at - interval '{minutes} minutes'");
        app.execute(&sqlite, &postgres);
    };
    older(24 * 60 - 1);
    sweep(app).await;
    assert_eq!(post(&client, "/chats", "a", &document).await.id(), first);
    older(1);
    let second = post(&client, "/chats", "a", &document).await.assert_status(201);
    assert!(second.id() != first && !is_again(&second));
    assert_eq!(post(&client, "/chats", "a", &document).await.id(), second.id());
    assert_eq!(count(app, KEPT).await, 1);
    older(24 * 60);
    assert_eq!(sweep(app).await, 1);
    assert_eq!(count(app, KEPT).await, 0);
}

async fn sweep(app: &TestApp) -> usize {
    let files = tempfile::TempDir::new().expect("a directory");
    let storage = Storage::open(&format!("file://{}", files.path().display())).expect("a storage");
    Upkeep::new(app.running.database.clone(), storage).sweep(Time::now()).await.expect("a sweep").answers
}

async fn answers_go_with_the_account(app: &TestApp) {
    let anna = app.user("anna").await;
    post(&app.as_user(&anna), "/chats", "a", &new_group(None, &[&anna.id])).await.assert_status(201);
    assert_eq!(count(app, KEPT).await, 1);
    app.as_user(&anna).delete(&format!("/users/{}", anna.id)).await.assert_status(204);
    assert_eq!(count(app, KEPT).await, 0);
}

async fn an_account_is_removed_by_an_operation_with_a_key(app: &TestApp) {
    let anna = app.user("anna").await;
    let remove = json!({ "atomic:operations": [{ "op": "remove", "ref": { "type": "user", "id": anna.id } }] });
    let client = app.as_user(&anna);
    let request = client.request(Method::POST, "/operations").bytes(remove.to_string().into_bytes());
    let request = request.header("content-type", ATOMIC).header("accept", ATOMIC).header("idempotency-key", "a");
    request.send().await.assert_status(204);
    client.get("/users").await.assert_status(401);
    assert_eq!(count(app, KEPT).await, 0);
}

async fn sign_ups_and_sign_ins_have_no_key(app: &TestApp) {
    let anna = app.user("anna").await;
    for name in ["one", "two"] {
        let attributes = json!({ "name": name, "email": format!("{name}@example.com"), "password": PASSWORD });
        post(&app.as_user(&anna), "/users", "not a key", &resource("user", attributes)).await.assert_status(201);
    }
    let sign_in = resource("session", json!({ "email": anna.email, "password": PASSWORD }));
    let first = post(&app.as_user(&anna), "/sessions", "a", &sign_in).await.assert_status(201);
    let second = post(&app.as_user(&anna), "/sessions", "a", &sign_in).await.assert_status(201);
    assert_ne!(first.id(), second.id());
    assert_eq!(count(app, KEPT).await, 0);
}

async fn a_key_is_one_word(app: &TestApp) {
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    let document = new_group(None, &[&anna.id]);
    for key in ["", "a b", "ä", &"k".repeat(256)] {
        let answer = post(&client, "/chats", key, &document).await;
        answer.assert_error(400, "header_invalid", Source::Header("Idempotency-Key"));
    }
    let two = client.request(Method::POST, "/chats").document(&document).headers("idempotency-key", &["a", "a"]);
    two.send().await.assert_error(400, "header_invalid", Source::Header("Idempotency-Key"));
    let both = post(&client, "/chats?include=nothing", "", &document).await.assert_status(400);
    assert_eq!(both.document()["errors"].as_array().map(Vec::len), Some(2), "{both}");
    assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, 0);
    for key in ["~", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &"k".repeat(255)] {
        post(&client, "/chats", key, &document).await.assert_status(201);
    }
}

async fn atomic_operations_are_carried_out_once(app: &TestApp) {
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    let add = new_group(Some("Walkers"), &[&anna.id]);
    let document = json!({ "atomic:operations": [{ "op": "add", "data": add["data"] }] });
    let send = async |document: &Value| {
        let request = client.request(Method::POST, "/operations").document(document);
        request.header("content-type", ATOMIC).header("accept", ATOMIC).header("idempotency-key", "a").send().await
    };
    let answers = join_all((0..20).map(|_| send(&document))).await;
    assert_alike(&answers);
    assert_eq!(answers[0].status, 200);
    assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, 1);
    let other = send(&json!({ "atomic:operations": [] })).await;
    other.assert_error(422, "idempotency_mismatch", Source::Header("Idempotency-Key"));
}

async fn a_refusal_takes_back_what_was_done_before_it(app: &TestApp) {
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    let (add, wrong) = (new_group(None, &[&anna.id]), resource("chat", json!({ "nothing": 1 })));
    let operations = [&add, &wrong].map(|document| json!({ "op": "add", "data": document["data"] }));
    let document = json!({ "atomic:operations": operations });
    for _ in 0..2 {
        let request = client.request(Method::POST, "/operations").document(&document).atomic();
        request.header("idempotency-key", "a").send().await.assert_status(422);
        assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, 0);
        assert_eq!(count(app, KEPT).await, 1);
    }
}

async fn results_are_told_to_who_still_sees_what_they_tell_of(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let client = app.as_user(&bert);
    let own = membership(app, &bert, &chat, &bert).await;
    let linked = json!({ "chat": { "data": { "type": "chat", "id": chat } } });
    let mut said = message("Hi")["data"].take();
    said["relationships"] = linked;
    let title = |title: Value| json!({ "type": "chat", "id": chat, "attributes": { "title": title } });
    let reference = json!({ "type": "chat", "id": chat, "relationship": "members" });
    let seen = json!({ "type": "chat_membership", "id": own, "relationship": "last_read_message" });
    let requests = [
        ("made", 200, json!({ "op": "add", "data": said })),
        ("in", 200, json!({ "op": "add", "href": format!("chats/{chat}/messages"), "data": message("Hi")["data"] })),
        ("changed", 200, json!({ "op": "update", "data": title(json!("Walkers")) })),
        ("nothing", 204, json!({ "op": "update", "ref": seen, "data": null })),
        ("refused", 422, json!({ "op": "update", "data": title(json!("")) })),
        ("forbidden", 403, json!({ "op": "add", "ref": reference, "data": linkage("user", &[&anna.id]) })),
    ];
    let others = json!({ "op": "add", "data": new_group(None, &[&anna.id])["data"] });
    let send = async |key: &str, operations: &[&Value]| {
        let document = json!({ "atomic:operations": operations });
        let request = client.request(Method::POST, "/operations").document(&document).atomic();
        request.header("idempotency-key", key).send().await
    };
    for (key, status, operation) in &requests {
        send(key, &[operation]).await.assert_status(*status);
        assert!(is_again(&send(key, &[operation]).await.assert_status(*status)), "{key}");
    }
    let mut passing = new_group(None, &[&anna.id])["data"].take();
    passing["lid"] = json!("a");
    let passing = json!({ "op": "add", "data": passing });
    let removal = json!({ "op": "remove", "ref": { "type": "chat", "lid": "a" } });
    let gone = send("gone", &[&passing, &removal]).await.assert_status(200);
    assert_eq!(send("gone", &[&passing, &removal]).await.body, gone.body, "it was the request that removed it");
    let own_chat = group(app, &bert, None, &[&anna]).await;
    let retitle = json!({ "op": "update", "data": { "type": "chat", "id": own_chat, "attributes": { "title": "T" } } });
    let removal = json!({ "op": "remove", "ref": { "type": "chat", "id": own_chat.to_uppercase() } });
    let gone = send("deleted", &[&retitle, &removal]).await.assert_status(200);
    assert_eq!(send("deleted", &[&retitle, &removal]).await.body, gone.body, "ids are the same in any case");
    let left = json!({ "type": "chat", "id": group(app, &anna, None, &[&bert]).await, "relationship": "members" });
    let leaving = json!({ "op": "remove", "ref": left, "data": linkage("user", &[&bert.id]) });
    send("left", &[&leaving]).await.assert_status(204);
    assert!(is_again(&send("left", &[&leaving]).await.assert_status(204)), "it was the request that left");
    send("some", &[&others, &requests[2].2]).await.assert_status(200);
    send("none", &[&others]).await.assert_status(200);
    client.delete(&format!("/chat_memberships/{own}")).await.assert_status(204);
    for (key, _, operation) in &requests {
        send(key, &[operation]).await.assert_error(404, "not_found", Source::Nowhere);
    }
    send("some", &[&others, &requests[2].2]).await.assert_error(404, "not_found", Source::Nowhere);
    assert!(is_again(&send("none", &[&others]).await.assert_status(200)));
}

on_both_databases![
    a_hundred_equal_posts_make_one_row_and_one_answer,
    two_servers_on_one_database_make_one_row,
    a_key_belongs_to_one_request_of_one_user,
    a_refusal_is_an_answer_and_leaves_nothing_else,
    a_refusal_takes_back_what_was_done_before_it,
    what_may_be_otherwise_next_time_is_not_kept,
    an_answer_is_told_to_who_still_sees_what_it_tells_of,
    an_answer_is_kept_for_a_day,
    answers_go_with_the_account,
    an_account_is_removed_by_an_operation_with_a_key,
    sign_ups_and_sign_ins_have_no_key,
    a_key_is_one_word,
    atomic_operations_are_carried_out_once,
    results_are_told_to_who_still_sees_what_they_tell_of,
];

mod answers_outlive_the_server {
    use super::{Kind, outlive};

    #[actix_web::test]
    async fn sqlite() {
        outlive(Kind::Sqlite).await;
    }

    #[actix_web::test]
    async fn postgres() {
        outlive(Kind::Postgres).await;
    }
}

async fn outlive(kind: Kind) {
    if !kind.wanted() {
        return;
    }
    let app = TestApp::spawn(kind).await;
    let anna: User = app.user("anna").await;
    let document = new_group(None, &[&anna.id]);
    let first = post(&app.as_user(&anna), "/chats", "a", &document).await.assert_status(201);
    let app = TestApp::on(app.stopped().await).await;
    let again = post(&app.as_user(&anna), "/chats", "a", &document).await.assert_status(201);
    assert!(is_again(&again));
    assert_eq!(again.body, first.body);
    assert_eq!(count(&app, "SELECT count(*) AS n FROM chats").await, 1);
    app.stop().await;
}

/// On SQLite there is one writer, whom everybody waits for.
#[actix_web::test]
async fn who_asks_again_while_it_takes_long_is_told_so() {
    if !Kind::Postgres.wanted() {
        return;
    }
    let app = TestApp::spawn(Kind::Postgres).await;
    let anna = app.user("anna").await;
    let chat = group(&app, &anna, None, &[]).await;
    let (client, path) = (app.as_user(&anna), format!("/chats/{chat}/messages"));
    let hold = alter(&app, |conn| {
        diesel::sql_query("SELECT id FROM chats FOR UPDATE").execute(conn)?;
        std::thread::sleep(Duration::from_secs(6));
        Ok(())
    });
    let ask = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let second = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            post(&client, &path, "a", &message("Hi")).await
        };
        let hi = message("Hi");
        join(post(&client, &path, "a", &hi), second).await
    };
    let ((), (first, second)) = join(hold, ask).await;
    second.assert_error(409, "idempotency_in_flight", Source::Header("Idempotency-Key"));
    assert_eq!(second.header("retry-after").as_deref(), Some("1"));
    first.assert_status(201);
    assert!(is_again(&post(&client, &path, "a", &message("Hi")).await.assert_status(201)));
    assert_eq!(count(&app, "SELECT count(*) AS n FROM messages").await, 1);
    app.stop().await;
}
