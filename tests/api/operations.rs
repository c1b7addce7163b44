//! Atomic operations: what they cost, how many there may be, and that they are single requests, all of them or none.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::client::Client;
use crate::support::database::{Kind, Template};
use crate::support::on_both_databases;
use crate::world::{group, new_group, say, update};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use tertulia::config::Count;

on_both_databases![
    many_messages_cost_as_many_statements_as_two,
    resources_to_answer_with_are_read_at_once,
    messages_of_one_request_are_in_its_order,
    two_requests_at_once_do_not_wait_for_each_other,
];

/// The members of a group beside who makes it.
const NOBODY: &[&str] = &[];

fn message(chat: &str, text: &str) -> Value {
    let chat = json!({ "chat": { "data": { "type": "chat", "id": chat } } });
    let data = json!({ "type": "message", "attributes": { "content": text }, "relationships": chat });
    json!({ "op": "add", "data": data })
}

/// The statements of a request that succeeds.
async fn cost(app: &TestApp, user: &User, operations: &Value) -> u64 {
    let before = app.running.database.statements();
    app.as_user(user).operate(operations).await.assert_status(200);
    app.running.database.statements() - before
}

async fn many_messages_cost_as_many_statements_as_two(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chats = [group(app, &anna, None, &[&bert]).await, group(app, &anna, None, &[&bert]).await];
    let first = say(app, &anna, &chats[0]).await;
    let batch = |count: usize| -> Value {
        let of = |number: usize| {
            let mut operation = message(&chats[number % 2], &format!("{number}"));
            if number.is_multiple_of(2) {
                operation["data"]["relationships"]["parent"] = json!({ "data": { "type": "message", "id": first } });
            }
            operation
        };
        (0..count).map(of).collect()
    };
    let few = cost(app, &anna, &batch(4)).await;
    let many = cost(app, &anna, &batch(500)).await;
    assert!(few >= 6, "{few}: are they counted?");
    assert_eq!(few, many);
    assert!(many <= 20, "{many}");
    let client = app.as_user(&anna);
    assert_eq!(*client.get(&format!("/messages/{first}")).await.attribute("reply_count"), 252);
    let unread = app.as_user(&bert).get(&format!("/chats/{}", chats[1])).await;
    assert_eq!(*unread.attribute("unread_message_count"), 252);
}

async fn resources_to_answer_with_are_read_at_once(app: &TestApp) {
    let anna = app.user("anna").await;
    let begun: Value = (0..42).map(|_| json!({ "op": "add", "data": new_group(None, NOBODY)["data"] })).collect();
    let begun = app.as_user(&anna).operate(&begun).await.assert_status(200);
    let chats: Vec<&str> = results(&begun).iter().filter_map(|result| result["data"]["id"].as_str()).collect();
    let title = |chat: &str, title: usize| update("chat", chat, json!({ "title": format!("{title}") }));
    let batch = |count: usize| -> Value {
        let named = chats[..count].iter().map(|chat| json!({ "op": "update", "data": title(chat, count)["data"] }));
        named.collect()
    };
    let (two, three) = (cost(app, &anna, &batch(2)).await, cost(app, &anna, &batch(3)).await);
    let each = three - two;
    assert_eq!(cost(app, &anna, &batch(40)).await, two + 38 * each);
    let before = app.running.database.statements();
    let path = format!("/chats/{}", chats[41]);
    app.as_user(&anna).patch(&path, &title(chats[41], 0)).await.assert_status(200);
    let single = app.running.database.statements() - before;
    // The token, and the row to answer with.
    assert_eq!(each, single - 2);
    assert_eq!(two, 2 * each + 2);
}

async fn messages_of_one_request_are_in_its_order(app: &TestApp) {
    let anna = app.user("anna").await;
    let chat = group(app, &anna, None, &[]).await;
    let texts: Vec<String> = (0..120).map(|number| format!("{number}")).collect();
    let operations: Value = texts.iter().map(|text| message(&chat, text)).collect();
    let answer = app.as_user(&anna).operate(&operations).await.assert_status(200);
    let told: Vec<_> = results(&answer).iter().map(|result| result["data"]["attributes"]["content"].clone()).collect();
    assert_eq!(told, texts);
    let listed = app.as_user(&anna).get(&format!("/chats/{chat}/messages?sort=created_at&page[size]=100")).await;
    let listed: Vec<_> = listed.items().iter().map(|item| item["attributes"]["content"].clone()).collect();
    assert_eq!(listed, texts[..100]);
}

async fn two_requests_at_once_do_not_wait_for_each_other(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chats = [group(app, &anna, None, &[&bert]).await, group(app, &anna, None, &[&bert]).await];
    let there: Value = (0..40).map(|number| message(&chats[number % 2], "there")).collect();
    let back: Value = (1..41).map(|number| message(&chats[number % 2], "back")).collect();
    let (of_anna, of_bert) = (app.as_user(&anna), app.as_user(&bert));
    for _ in 0..5 {
        let (one, other) = futures_util::future::join(of_anna.operate(&there), of_bert.operate(&back)).await;
        one.assert_status(200);
        other.assert_status(200);
    }
    for chat in &chats {
        let total = of_anna.get(&format!("/chats/{chat}/messages?page[total]=true&page[size]=1")).await;
        assert_eq!(total.document()["meta"]["page"]["total"], 200);
    }
}

fn results(answer: &Answer) -> &Vec<Value> {
    answer.document()["atomic:results"].as_array().unwrap_or_else(|| panic!("no results in {answer}"))
}

#[actix_web::test]
async fn there_are_at_most_so_many_operations_of_such_a_size() {
    let most = "3".parse::<NonZeroU32>().ok().and_then(Count::new).expect("a number");
    let app = TestApp::configured(Kind::Sqlite, |settings| {
        settings.config.max_operations = most;
        settings.config.max_body_bytes = 4096;
    })
    .await;
    let anna = app.user("anna").await;
    let chat = group(&app, &anna, None, &[]).await;
    let client = app.as_user(&anna);
    let batch = |count: usize, text: &str| (0..count).map(|_| message(&chat, text)).collect::<Value>();
    client.operate(&batch(3, "x")).await.assert_status(200);
    let refused = client.operate(&batch(4, "x")).await.assert_status(413);
    let error = &refused.document()["errors"][0];
    assert_eq!((&error["code"], &error["source"]["pointer"]), (&json!("too_large"), &json!("/atomic:operations")));
    let refused = client.operate(&batch(1, &"x".repeat(5000))).await.assert_status(413);
    assert_eq!(refused.document()["errors"][0]["code"], "too_large");
    assert_eq!(client.get(&format!("/chats/{chat}/messages")).await.ids().len(), 3);
    app.stop().await;
}

/// One thing to do, as an operation and as a request.
struct Deed {
    operation: Value,
    method: Method,
    path: String,
    document: Option<Value>,
}

impl Deed {
    fn add(path: &str, data: Value) -> Self {
        let document = Some(json!({ "data": data }));
        Self { operation: json!({ "op": "add", "data": data }), method: Method::POST, path: path.to_owned(), document }
    }

    fn update(path: &str, data: Value) -> Self {
        let path = format!("{path}/{}", data["id"].as_str().unwrap_or_default());
        let document = Some(json!({ "data": data }));
        Self { operation: json!({ "op": "update", "data": data }), method: Method::PATCH, path, document }
    }

    fn remove(kind: &str, path: &str, id: &str) -> Self {
        let operation = json!({ "op": "remove", "ref": { "type": kind, "id": id } });
        Self { operation, method: Method::DELETE, path: format!("{path}/{id}"), document: None }
    }

    fn members(chat: &str, op: &str, users: &Value) -> Self {
        let target = json!({ "type": "chat", "id": chat, "relationship": "members" });
        let method = if op == "add" { Method::POST } else { Method::DELETE };
        Self {
            operation: json!({ "op": op, "ref": target, "data": users }),
            method,
            path: format!("/chats/{chat}/relationships/members"),
            document: Some(json!({ "data": users })),
        }
    }

    async fn alone(&self, client: &Client) -> Answer {
        let request = client.request(self.method.clone(), &self.path);
        match &self.document {
            Some(document) => request.document(document).send().await,
            None => request.send().await,
        }
    }
}

/// Users and chats that every copy of the database has.
struct Scene {
    anna: User,
    bert: User,
    carla: User,
    chats: Vec<String>,
    messages: Vec<String>,
}

async fn scene(app: &TestApp) -> Scene {
    let (anna, bert, carla) = (app.user("anna").await, app.user("bert").await, app.user("carla").await);
    let mut chats = Vec::new();
    let mut messages = Vec::new();
    for members in [&[&bert][..], &[&bert, &carla]] {
        let chat = group(app, &anna, None, members).await;
        messages.push(say(app, &bert, &chat).await);
        messages.push(say(app, &anna, &chat).await);
        chats.push(chat);
    }
    chats.push(group(app, &bert, None, &[]).await);
    Scene { anna, bert, carla, chats, messages }
}

/// Deeds of Anna, of which a few are not allowed, or about what isn't there.
fn deeds(scene: &Scene, rng: &mut ChaCha8Rng) -> Vec<Deed> {
    let (mut chats, mut messages) = (scene.chats[..2].to_vec(), scene.messages.clone());
    let count = rng.random_range(1..12);
    (0..count).map(|_| deed(scene, rng, &mut chats, &mut messages)).collect()
}

fn deed(scene: &Scene, rng: &mut ChaCha8Rng, chats: &mut Vec<String>, messages: &mut Vec<String>) -> Deed {
    let any = |all: &[String], rng: &mut ChaCha8Rng| all.choose(rng).cloned().unwrap_or_default();
    let fresh = uuid::Uuid::from_bytes(rng.random()).to_string();
    let chat = if rng.random_ratio(1, 25) { scene.chats[2].clone() } else { any(chats, rng) };
    let message = any(messages, rng);
    let users: Value = [&scene.bert, &scene.carla]
        .into_iter()
        .filter(|_| rng.random_bool(0.6))
        .map(|user| json!({ "type": "user", "id": user.id }))
        .collect();
    match rng.random_range(0..16) {
        0..7 => {
            let mut data = json!({
                "type": "message", "id": fresh, "attributes": { "content": format!("{}", rng.random::<u8>()) },
                "relationships": { "chat": { "data": { "type": "chat", "id": chat } } },
            });
            if rng.random_ratio(1, 5) {
                data["relationships"]["parent"] = json!({ "data": { "type": "message", "id": message } });
            }
            if rng.random_ratio(1, 30) {
                data["attributes"]["content"] = json!(" ");
            }
            if rng.random_ratio(1, 30) {
                data["id"] = json!(message);
            }
            messages.push(fresh);
            Deed::add("/messages", data)
        }
        7 | 8 => {
            chats.push(fresh.clone());
            let members = json!({ "members": { "data": users } });
            let attributes = json!({ "chat_type": "group", "title": "New" });
            Deed::add(
                "/chats",
                json!({ "type": "chat", "id": fresh, "attributes": attributes, "relationships": members }),
            )
        }
        9 => {
            let title = if rng.random_ratio(1, 8) { json!(7) } else { json!(format!("{}", rng.random::<u8>())) };
            Deed::update("/chats", json!({ "type": "chat", "id": chat, "attributes": { "title": title } }))
        }
        10 => {
            let attributes = json!({ "content": format!("edited {}", rng.random::<u8>()) });
            Deed::update("/messages", json!({ "type": "message", "id": message, "attributes": attributes }))
        }
        11 => Deed::remove("message", "/messages", &message),
        12 if rng.random_ratio(1, 3) => Deed::remove("chat", "/chats", &chat),
        12 | 13 => Deed::members(&chat, "add", &users),
        14 => Deed::members(&chat, "remove", &users),
        _ => {
            let relationships = json!({ "message": { "data": { "type": "message", "id": message } } });
            let attributes = json!({ "emoji": "👍" });
            let data =
                json!({ "type": "reaction", "id": fresh, "attributes": attributes, "relationships": relationships });
            Deed::add("/reactions", data)
        }
    }
}

/// What everybody sees, but for ids and instants that two servers never have in common.
async fn sight(app: &TestApp, scene: &Scene) -> Vec<String> {
    let mut seen = Vec::new();
    for user in [&scene.anna, &scene.bert, &scene.carla] {
        let client = app.as_user(user);
        let chats = client.get("/chats?page[size]=100&include=members").await.assert_status(200);
        for chat in chats.items() {
            let id = chat["id"].as_str().unwrap_or_default();
            seen.push(plain(id, chat));
            let messages = client.get(&format!("/chats/{id}/messages?page[size]=100&include=reactions")).await;
            seen.extend(messages.items().iter().map(|item| plain(id, item)));
        }
    }
    // Chats of one request began at one instant, so that their order tells nothing; that of messages does.
    seen.sort_by_key(|line| line.split('|').next().unwrap_or_default().to_owned());
    seen
}

fn plain(chat: &str, resource: &Value) -> String {
    let mut attributes = resource["attributes"].clone();
    if let Some(attributes) = attributes.as_object_mut() {
        attributes.retain(|name, _| !name.ends_with("_at") && name != "read_until");
    }
    let related = resource["relationships"].as_object().into_iter().flatten();
    let related = related.filter(|(name, _)| *name != "viewer_membership" && *name != "chat_memberships");
    let related: Vec<String> = related.map(|(name, one)| format!("{name}: {}", one["data"])).collect();
    format!("{chat}|{}|{attributes}|{related:?}", resource["id"])
}

async fn a_request_is_all_of_its_single_requests_or_none(kind: Kind) {
    if !kind.wanted() {
        return;
    }
    let app = TestApp::spawn(kind).await;
    let scene = scene(&app).await;
    let before = sight(&app, &scene).await;
    let template = app.stopped().await.freeze();
    let (mut whole, mut none) = (0, 0);
    for seed in 0..20 {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let deeds = deeds(&scene, rng);
        match compare(&template, &scene, &deeds, &before).await {
            Ok(true) => whole += 1,
            Ok(false) => none += 1,
            Err(problem) => {
                let operations: Vec<&Value> = deeds.iter().map(|deed| &deed.operation).collect();
                panic!("seed {seed}: {problem}\n{}", json!(operations));
            }
        }
    }
    assert!(whole > 2 && none > 2, "{whole} whole, {none} refused");
}

/// Whether all succeed; a problem if the operations come to something else than the requests.
async fn compare(template: &Template, scene: &Scene, deeds: &[Deed], before: &[String]) -> Result<bool, String> {
    let (apart, together) = (TestApp::on(template.copy()).await, TestApp::on(template.copy()).await);
    let client = apart.as_user(&scene.anna);
    let mut failed = None;
    for (place, deed) in deeds.iter().enumerate() {
        let answer = deed.alone(&client).await;
        if answer.status >= 400 {
            failed = Some((place, answer));
            break;
        }
    }
    let operations: Value = deeds.iter().map(|deed| deed.operation.clone()).collect();
    let answer = together.as_user(&scene.anna).operate(&operations).await;
    let now = sight(&together, scene).await;
    let expected = if failed.is_some() { before.to_vec() } else { sight(&apart, scene).await };
    let problem = match &failed {
        None if answer.status >= 400 => Some(format!("the requests succeed, but {answer}")),
        Some((place, single)) if !is_same_failure(&answer, *place, single) => {
            Some(format!("{single}\nat {place}, but {answer}"))
        }
        _ if now != expected => Some(format!("expected {expected:#?}\ngot {now:#?}")),
        _ => None,
    };
    apart.stop().await;
    together.stop().await;
    problem.map_or(Ok(failed.is_none()), Err)
}

fn is_same_failure(answer: &Answer, place: usize, single: &Answer) -> bool {
    if answer.status != single.status {
        return false;
    }
    let error = &answer.document()["errors"][0];
    let pointer = error["source"]["pointer"].as_str().unwrap_or_default();
    let at = pointer.split('/').nth(2).and_then(|place| place.parse::<usize>().ok());
    at == Some(place) && error["code"] == single.document()["errors"][0]["code"]
}

mod a_request_is_all_or_none {
    use crate::support::database::Kind;

    #[actix_web::test]
    async fn sqlite() {
        super::a_request_is_all_of_its_single_requests_or_none(Kind::Sqlite).await;
    }

    #[actix_web::test]
    async fn postgres() {
        super::a_request_is_all_of_its_single_requests_or_none(Kind::Postgres).await;
    }
}
