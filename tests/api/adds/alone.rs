//! Adds at once come to what they come to alone: random ones, good and bad, are sent one by one to one server and all at
//! once to another. Answers, errors and what everybody sees must be the same.

use super::{add, add_to, new_attachment, new_chat, new_message, new_request};
use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::client::Client;
use crate::support::database::{Kind, Template};
use crate::world::{
    assert_consistent, crowd, direct, group, membership, new_direct, new_membership, new_reaction, request, respond,
    say, update,
};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What every copy of the database has, good for adds and not.
struct Scene {
    everybody: Vec<User>,
    users: Vec<String>,
    odd_users: Vec<String>,
    chats: Vec<String>,
    odd_chats: Vec<String>,
    messages: Vec<String>,
    odd_messages: Vec<String>,
}

async fn scene(app: &TestApp) -> Scene {
    let mut everybody = Vec::new();
    for name in ["anna", "bert", "carla", "dora", "emil", "fred", "gwen", "hans"] {
        everybody.push(app.user(name).await);
    }
    let [anna, bert, carla, dora, emil, fred, gwen, hans] = &everybody[..] else { unreachable!("eight users") };
    for shy in [emil, fred, gwen, hans] {
        let document = update("user", &shy.id, json!({ "direct_message_policy": "request" }));
        app.as_user(shy).patch(&format!("/users/{}", shy.id), &document).await.assert_status(200);
    }
    let client = app.as_user(anna);
    // Emil waits for Anna's answer, Anna for Fred's; Gwen has said no; Hans knows nobody.
    request(app, emil, anna).await;
    request(app, anna, fred).await;
    let asked = request(app, anna, gwen).await;
    respond(app, gwen, &asked.request, "declined").await.assert_status(200);
    let known = direct(app, anna, &carla.id).await;
    client.delete(&format!("/chats/{}", known.chat)).await.assert_status(204);
    let own = group(app, anna, None, &[bert, carla]).await;
    let other = group(app, anna, None, &[bert]).await;
    let of_bert = group(app, bert, None, &[anna, dora]).await;
    let read_only = group(app, bert, None, &[anna]).await;
    let role = membership(app, bert, &read_only, anna).await;
    let reader = update("chat_membership", &role, json!({ "role": "reader" }));
    app.as_user(bert).patch(&format!("/chat_memberships/{role}"), &reader).await.assert_status(200);
    let closed = group(app, anna, None, &[bert]).await;
    let foreign = group(app, bert, None, &[]).await;
    let mut messages = Vec::new();
    for chat in [&own, &other, &of_bert] {
        messages.push(say(app, anna, chat).await);
    }
    let deleted = say(app, anna, &own).await;
    client.delete(&format!("/messages/{deleted}")).await.assert_status(204);
    let full = say(app, anna, &own).await;
    let files: Value = (0..49).map(|_| add(&new_attachment(&full))).collect();
    client.operate(&files).await.assert_status(200);
    let mut odd_messages = vec![deleted, full, say(app, anna, &closed).await, uuid::Uuid::nil().to_string()];
    for chat in [&own, &read_only, &foreign] {
        odd_messages.push(say(app, bert, chat).await);
    }
    let close = update("chat", &closed, json!({ "open": false }));
    client.patch(&format!("/chats/{closed}"), &close).await.assert_status(200);
    let crowd = crowd(app, "z", 0..4).await;
    let odd_users = [anna, emil, fred, gwen, hans].map(|user| user.id.clone());
    let odd_users = odd_users.into_iter().chain([uuid::Uuid::nil().to_string()]).collect();
    Scene {
        users: [bert, carla, dora].map(|user| user.id.clone()).into_iter().chain(crowd).collect(),
        odd_users,
        chats: vec![own, other],
        odd_chats: vec![of_bert, read_only, closed, foreign],
        messages,
        odd_messages,
        everybody,
    }
}

/// One of the usual ones, or now and then one of the others.
fn any(rng: &mut ChaCha8Rng, usual: &[String], odd: &[String]) -> String {
    let from = if rng.random_ratio(1, 6) { odd } else { usual };
    from.choose(rng).cloned().unwrap_or_default()
}

/// A document to be added, and the path of its collection.
type Add = (String, Value);

/// Whether the path is that of a collection, so that an operation needs none.
fn is_plain(path: &str) -> bool {
    !path[1..].contains('/')
}

const KINDS: usize = 7;

/// Some adds, most of them of one type.
fn adds(scene: &Scene, rng: &mut ChaCha8Rng, kind: usize) -> Vec<Add> {
    let taken: Vec<String> = (0..3).map(|_| uuid::Uuid::from_bytes(rng.random()).to_string()).collect();
    let count = rng.random_range(2..9);
    let mixed = rng.random_ratio(1, 4);
    let kind_of =
        |rng: &mut ChaCha8Rng| if mixed && rng.random_ratio(1, 3) { rng.random_range(0..KINDS) } else { kind };
    let mut adds = Vec::new();
    for _ in 0..count {
        let kind = kind_of(rng);
        let (path, mut document) = one(scene, rng, kind);
        let takes_ids = path != "/chat_memberships" || rng.random_ratio(1, 20);
        if takes_ids && rng.random_ratio(1, 3) {
            document["data"]["id"] = json!(match rng.random_range(0..12) {
                0 => taken.choose(rng).cloned().unwrap_or_default(),
                1 => scene.messages[0].clone(),
                2 => scene.chats[0].clone(),
                _ => uuid::Uuid::from_bytes(rng.random()).to_string(),
            });
        }
        adds.push((path, document));
    }
    adds
}

fn one(scene: &Scene, rng: &mut ChaCha8Rng, kind: usize) -> Add {
    let (path, document) = sent(scene, rng, kind);
    if path != "/messages" || rng.random() {
        return (path.to_owned(), document);
    }
    // To the messages of the chat; the chat may be named, even another one.
    let linked = &document["data"]["relationships"]["chat"]["data"]["id"];
    let path = format!("/chats/{}/messages", linked.as_str().unwrap_or_default());
    let (mut document, other) = (document, any(rng, &scene.chats, &scene.odd_chats));
    let relationships = document["data"]["relationships"].as_object_mut().expect("an object");
    match rng.random_range(0..9) {
        0 => {}
        1 => relationships["chat"]["data"]["id"] = json!(other),
        _ => drop(relationships.remove("chat")),
    }
    (path, document)
}

fn sent(scene: &Scene, rng: &mut ChaCha8Rng, kind: usize) -> (&'static str, Value) {
    let user = any(rng, &scene.users, &scene.odd_users);
    let chat = any(rng, &scene.chats, &scene.odd_chats);
    let message = any(rng, &scene.messages, &scene.odd_messages);
    match kind {
        0 => {
            let emoji = if rng.random_ratio(1, 30) {
                "x"
            } else {
                ["👍", "❤", "❤\u{FE0F}", "🎉"][rng.random_range(0..4)]
            };
            ("/reactions", new_reaction(&message, emoji))
        }
        1 => {
            let role =
                if rng.random_ratio(1, 30) { "boss" } else { ["member", "reader", "admin"][rng.random_range(0..3)] };
            ("/chat_memberships", new_membership(&chat, &user, role))
        }
        2 => ("/direct_conversations", new_direct(&user)),
        3 => {
            let members: Vec<String> =
                (0..rng.random_range(0..5) / 2 + 1).map(|_| any(rng, &scene.users, &scene.odd_users)).collect();
            let mut document = new_chat(&members);
            if rng.random_ratio(1, 3) {
                document["data"]["attributes"]["initial_message"] =
                    json!({ "content": if rng.random_ratio(1, 12) { "" } else { "Hi" } });
            }
            if rng.random_ratio(1, 5) {
                document["data"]["attributes"]["chat_type"] = json!("group");
            }
            if rng.random_ratio(1, 12) {
                document["data"]["attributes"]["title"] = json!("T");
            }
            ("/chats", document)
        }
        4 => {
            let mut document = new_attachment(&message);
            if rng.random_ratio(1, 4) {
                document["data"]["attributes"]["size"] = json!(if rng.random_ratio(1, 5) { 1_u64 << 40 } else { 7 });
            }
            if rng.random_ratio(1, 4) {
                document["data"]["attributes"]["source_url"] = json!("https://a.example/f");
            }
            ("/attachments", document)
        }
        5 => ("/chat_requests", new_request(&user)),
        _ => {
            let mut document = new_message(&chat, if rng.random_ratio(1, 30) { " " } else { "Hi" });
            if rng.random_ratio(1, 3) {
                let parent = any(rng, &scene.messages, &scene.odd_messages);
                document["data"]["relationships"]["parent"] = json!({ "data": { "type": "message", "id": parent } });
            }
            ("/messages", document)
        }
    }
}

/// Texts without the ids and instants that two servers never have in common.
struct Plain(BTreeSet<String>);

impl Plain {
    fn of(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.text(text)),
            Value::Array(items) => {
                let mut items: Vec<Value> = items.iter().map(|item| self.of(item)).collect();
                // Of equal instants the order tells nothing.
                items.sort_by_key(Value::to_string);
                items.into()
            }
            Value::Object(members) => {
                let moving = |name: &str| {
                    name.ends_with("_at") || matches!(name, "read_until" | "links" | "content_url" | "page")
                };
                let members = members.iter().filter(|(name, _)| !moving(name));
                members.map(|(name, value)| (name.clone(), self.of(value))).collect()
            }
            other => other.clone(),
        }
    }

    fn text(&self, text: &str) -> String {
        let is_strange = |text: &str| uuid::Uuid::parse_str(text).is_ok() && !self.0.contains(text);
        if is_strange(text) { "-".to_owned() } else { text.to_owned() }
    }
}

/// What everybody sees.
async fn sight(app: &TestApp, scene: &Scene, plain: &Plain) -> Vec<String> {
    let mut seen = Vec::new();
    for user in &scene.everybody {
        let client = app.as_user(user);
        let chats = "/chats?filter[hidden]=in:true,false&filter[status]=in:active,pending,declined&page[size]=100\
                     &include=chat_memberships,members";
        let chats = client.get(chats).await.assert_status(200);
        let mut all = vec![client.get("/chat_requests?page[size]=100&include=chat.members").await];
        all.push(client.get("/direct_conversations?page[size]=100").await);
        for chat in chats.ids() {
            let messages =
                format!("/chats/{chat}/messages?page[size]=100&sort=created_at&include=reactions,attachments");
            all.push(client.get(&messages).await);
        }
        all.push(chats);
        for answer in all {
            assert_eq!(answer.status, 200, "{answer}");
            let document = answer.document();
            let mut lines: Vec<String> = ["data", "included"]
                .iter()
                .flat_map(|name| document[name].as_array().cloned().unwrap_or_default())
                .map(|item| format!("{} {}", user.email, plain.of(&item)))
                .collect();
            // Of equal instants the order tells nothing.
            lines.sort();
            seen.extend(lines);
        }
    }
    seen.sort();
    seen
}

/// `place` are the number of the operation that the answer's request is like, and what errors from nowhere are blamed on.
fn errors(answer: &Answer, plain: &Plain, place: Option<(usize, &str)>) -> Vec<Value> {
    let errors = answer.document()["errors"].as_array().cloned().unwrap_or_default();
    let at = |error: &Value| {
        let pointer = error["source"]["pointer"].as_str();
        match place {
            Some((place, blamed)) => format!("/atomic:operations/{place}{}", pointer.unwrap_or(blamed)),
            None => pointer.unwrap_or("nowhere").to_owned(),
        }
    };
    errors
        .iter()
        .map(|error| json!([error["status"], error["code"], error["detail"], plain.of(&error["meta"]), at(error)]))
        .collect()
}

/// Sends adds one by one to one server, and all of them at once to the other; whether all succeed.
async fn compare(apart: &Client, together: &Client, adds: &[Add], plain: &Plain) -> Result<bool, String> {
    let (mut alone, mut failed) = (Vec::new(), None);
    for (place, (path, document)) in adds.iter().enumerate() {
        let answer = apart.post(path, document).await;
        if answer.status >= 400 {
            failed = Some((place, answer));
            break;
        }
        alone.push(json!([plain.of(answer.data()), answer.document()["meta"]]));
    }
    let operation = |(path, document): &Add| if is_plain(path) { add(document) } else { add_to(path, document) };
    let operations: Vec<Value> = adds.iter().map(operation).collect();
    let mut answer = together.operate(&json!(operations)).await;
    if let Some((place, single)) = &failed {
        let blamed = if is_plain(&adds[*place].0) { "/data" } else { "/href" };
        let (expected, told) = (errors(single, plain, Some((*place, blamed))), errors(&answer, plain, None));
        if answer.status != single.status || told != expected {
            return Err(format!("{single}\nat {place}, but {answer}"));
        }
        // Nothing of it was carried out; what comes before is.
        if *place == 0 {
            return Ok(false);
        }
        answer = together.operate(&json!(operations[..*place])).await;
    }
    if answer.status != 200 {
        return Err(format!("the requests succeed, but {answer}"));
    }
    let results = answer.document()["atomic:results"].as_array().cloned().unwrap_or_default();
    let told: Vec<Value> = results.iter().map(|one| json!([created(plain, &one["data"]), one["meta"]])).collect();
    let alone: Vec<Value> = alone.iter().map(|one| json!([created(plain, &one[0]), one[1]])).collect();
    if told == alone { Ok(failed.is_none()) } else { Err(format!("expected {}\ngot {}", json!(alone), json!(told))) }
}

/// What a result has in common with the answer to a request, which doesn't know of those that come after it.
fn created(plain: &Plain, data: &Value) -> Value {
    let mut data = plain.of(data);
    let counted = ["member_count", "reply_count", "reaction_counts", "has_unread_messages", "status"];
    for name in counted {
        data["attributes"].as_object_mut().map(|attributes| attributes.remove(name));
    }
    for name in ["last_message", "viewer_membership", "chat_request"] {
        data["relationships"].as_object_mut().map(|relationships| relationships.remove(name));
    }
    data
}

async fn adds_at_once_come_to_what_they_come_to_alone(kind: Kind) {
    if !kind.wanted() {
        return;
    }
    let app = TestApp::spawn(kind).await;
    let scene = scene(&app).await;
    let template = app.stopped().await.freeze();
    let (mut whole, mut refused) = (0, 0);
    for seed in 0..6 {
        let outcomes = history(&template, &scene, seed).await;
        whole += outcomes.iter().filter(|whole| **whole).count();
        refused += outcomes.iter().filter(|whole| !**whole).count();
    }
    assert!(whole > 20 && refused > 20, "{whole} whole, {refused} refused");
}

/// Several requests, one after the other, to two servers that must stay alike.
async fn history(template: &Template, scene: &Scene, seed: u64) -> Vec<bool> {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let (apart, together) = (TestApp::on(template.copy()).await, TestApp::on(template.copy()).await);
    let (one_by_one, at_once) = (apart.as_user(&scene.everybody[0]), together.as_user(&scene.everybody[0]));
    let known = [&scene.users, &scene.odd_users, &scene.chats, &scene.odd_chats, &scene.messages, &scene.odd_messages];
    let mut plain = Plain(known.into_iter().flatten().cloned().collect());
    let mut outcomes = Vec::new();
    for round in 0..3 * KINDS {
        let adds = adds(scene, rng, round % KINDS);
        plain.0.extend(adds.iter().filter_map(|(_, document)| document["data"]["id"].as_str().map(str::to_owned)));
        let shown = || adds.iter().map(|(path, document)| format!("{path} {document}\n")).collect::<String>();
        let outcome = compare(&one_by_one, &at_once, &adds, &plain).await;
        outcomes.push(outcome.unwrap_or_else(|problem| panic!("seed {seed}, round {round}: {problem}\n{}", shown())));
        if round % KINDS == KINDS - 1 {
            let (expected, got) = (sight(&apart, scene, &plain).await, sight(&together, scene, &plain).await);
            let lost: Vec<_> = expected.iter().filter(|line| !got.contains(line)).collect();
            let new: Vec<_> = got.iter().filter(|line| !expected.contains(line)).collect();
            assert!(expected == got, "seed {seed}, round {round}: {lost:#?}\nbecame {new:#?}");
            assert_consistent(&together).await;
        }
    }
    apart.stop().await;
    together.stop().await;
    outcomes
}

mod adds_at_once_are_as_alone {
    use crate::support::database::Kind;

    #[actix_web::test]
    async fn sqlite() {
        super::adds_at_once_come_to_what_they_come_to_alone(Kind::Sqlite).await;
    }

    #[actix_web::test]
    async fn postgres() {
        super::adds_at_once_come_to_what_they_come_to_alone(Kind::Postgres).await;
    }
}
