//! Documents that nobody would send: good ones with some of their parts replaced, dropped or put elsewhere.
//!
//! Each is answered with a success or with errors that point to parts of the document that are there. Seeded.

use crate::support::answer::Answer;
use crate::support::app::{PASSWORD, TestApp, User};
use crate::support::on_both_databases;
use crate::world::{
    assert_consistent, crowd, direct, group, linkage, membership, new_direct, new_group, new_membership, resource,
    update,
};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tertulia::jsonapi::error::Code;

/// Values that stand where others should.
fn strangers() -> Vec<Value> {
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!(" "),
        json!("x"),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("😀".repeat(300)),
        json!("user"),
        json!("chat"),
        json!("01900000-0000-7000-8000-00000000dead"),
        json!("https://user:secret@example.com/"),
        json!("javascript:alert(1)"),
        json!("2025-02-30T00:00:00Z"),
        json!("9999-12-31T23:59:59.999999Z"),
        json!([]),
        json!([null]),
        json!([[], {}]),
        json!({}),
        json!({ "": 1 }),
        json!({ "until": 5 }),
        json!({ "data": null }),
        json!({ "data": [{ "type": "user" }] }),
        json!({ "data": { "type": "user", "id": 1 } }),
        json!({ "a/b~c": { "@at": 1 } }),
        deep,
    ]
}

/// Names of members, of which some mean something somewhere.
const NAMES: &[&str] = &[
    "data",
    "type",
    "id",
    "lid",
    "attributes",
    "relationships",
    "links",
    "meta",
    "jsonapi",
    "included",
    "errors",
    "name",
    "title",
    "email",
    "password",
    "role",
    "hidden",
    "mute_rule",
    "read_until",
    "created_at",
    "members",
    "chat",
    "user",
    "@at",
    "a/b",
    "~",
    "",
    "ünïcode",
    "nonsense",
    "icon_url",
    "user_id",
    "open",
    "chat_type",
];

/// Replaces, drops, adds or moves one part of a document.
fn spoil(document: &mut Value, random: &mut ChaCha8Rng) {
    let mut pointers = Vec::new();
    collect(document, String::new(), &mut pointers);
    // The deeper of two: spoilt at its root a document tells little.
    let depth = |pointer: &&String| pointer.matches('/').count();
    let pointer = pointers.choose_multiple(random, 2).max_by_key(depth).expect("a part").clone();
    let strangers = strangers();
    let stranger = strangers.choose(random).expect("a value").clone();
    let name = NAMES.choose(random).expect("a name");
    let other = document.pointer(pointers.choose(random).expect("a part")).cloned().unwrap_or_default();
    let Some(part) = document.pointer_mut(&pointer) else { return };
    match random.random_range(0..6) {
        0 | 1 => *part = stranger,
        2 => *part = other,
        3 => match part {
            Value::Object(members) => drop(members.insert((*name).to_owned(), stranger)),
            Value::Array(items) => items.push(stranger),
            _ => *part = json!({ *name: stranger }),
        },
        4 => match part {
            Value::Object(members) => {
                let names: Vec<String> = members.keys().cloned().collect();
                if let Some(name) = names.choose(random) {
                    members.remove(name);
                }
            }
            Value::Array(items) => drop(items.pop()),
            _ => *part = Value::Null,
        },
        _ => *part = json!([part.clone(), part.clone()]),
    }
}

/// The pointers of all parts of a document.
fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let token = name.replace('~', "~0").replace('/', "~1");
                collect(value, format!("{pointer}/{token}"), pointers);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| collect(item, format!("{pointer}/{at}"), pointers));
        }
        _ => {}
    }
    pointers.push(pointer);
}

struct World {
    anna: User,
    group: String,
    membership: String,
    people: Vec<String>,
}

async fn world(app: &TestApp) -> World {
    let anna = app.user("anna").await;
    let people = crowd(app, "p", 0..3).await;
    let group = group(app, &anna, Some("group"), &[]).await;
    direct(app, &anna, &people[0]).await;
    let membership = membership(app, &anna, &group, &anna).await;
    World { anna, group, membership, people }
}

impl World {
    /// Requests that are good, or good once.
    fn requests(&self, serial: usize) -> Vec<(Method, String, Value)> {
        let World { anna, group, membership, people } = self;
        let email = format!("new{serial}@example.com");
        let new = json!({ "name": "New", "email": email, "password": PASSWORD, "title": null, "avatar_url": "https://example.com/a" });
        let own = json!({ "name": "Anna", "first_name": "A", "title": "T", "direct_message_policy": "open" });
        let sign_in = json!({ "email": anna.email, "password": PASSWORD });
        let state = json!({ "archived": true, "hidden": false, "mute_rule": { "until": "2099-01-01T00:00:00Z" }, "role": "admin" });
        vec![
            (Method::POST, "/users".to_owned(), resource("user", new)),
            (Method::POST, "/sessions".to_owned(), resource("session", sign_in)),
            (Method::POST, "/direct_conversations".to_owned(), new_direct(&people[1])),
            (Method::POST, "/chats".to_owned(), new_group(Some("title"), people)),
            (Method::POST, "/chat_memberships".to_owned(), new_membership(group, &people[2], "reader")),
            (
                Method::POST,
                format!("/chats/{group}/relationships/members"),
                json!({ "data": linkage("user", &people[..2]) }),
            ),
            (
                Method::DELETE,
                format!("/chats/{group}/relationships/members"),
                json!({ "data": linkage("user", &people[..2]) }),
            ),
            (Method::PATCH, format!("/users/{}", anna.id), update("user", &anna.id, own)),
            (
                Method::PATCH,
                format!("/chats/{group}"),
                update("chat", group, json!({ "title": "t", "icon_url": null, "open": true })),
            ),
            (Method::PATCH, format!("/chat_memberships/{membership}"), update("chat_membership", membership, state)),
        ]
    }
}

async fn no_document_makes_the_server_fail(app: &TestApp) {
    let world = world(app).await;
    let client = app.as_user(&world.anna);
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for serial in 0..500 {
        let requests = world.requests(serial);
        let (method, url, mut document) = requests.choose(&mut random).expect("a request").clone();
        for _ in 0..random.random_range(1..3) {
            spoil(&mut document, &mut random);
        }
        let answer = client.request(method, &url).document(&document).send().await;
        *counts.entry(answer.status).or_default() += 1;
        assert_sound(&answer, &document);
    }
    assert_consistent(app).await;
    // Whatever was taken, the sender is still there and shown.
    client.get("/chats?include=members,chat_memberships.user").await.assert_status(200);
    assert!(counts.keys().filter(|status| **status >= 400).count() >= 4, "{counts:?}");
    let taken: usize = counts.range(200..300).map(|(_, times)| times).sum();
    assert!(taken > 15 && taken < 300, "{counts:?}");
}

/// A success, or errors of the catalogue whose pointers lead to something that was sent.
fn assert_sound(answer: &Answer, sent: &Value) {
    assert!(answer.status < 500, "{sent:#}\n{answer}");
    if answer.status < 300 {
        return;
    }
    let errors = answer.document()["errors"].as_array().expect("errors");
    assert!(!errors.is_empty(), "{answer}");
    for error in errors {
        let (code, status) = (error["code"].as_str().unwrap_or_default(), error["status"].as_str().unwrap_or_default());
        let known = Code::ALL.iter().any(|known| known.as_str() == code && known.status().to_string() == status);
        assert!(known, "{sent:#}\n{answer}");
        if let Some(pointer) = error["source"].get("pointer") {
            let pointer = pointer.as_str().expect("a pointer");
            assert!(sent.pointer(pointer).is_some(), "{pointer} leads nowhere in {sent:#}\n{answer}");
        }
        if let Some(name) = error["meta"].get("attribute") {
            assert!(name.is_string() && error["meta"]["message"].is_string(), "{answer}");
        }
    }
}

on_both_databases![no_document_makes_the_server_fail];
