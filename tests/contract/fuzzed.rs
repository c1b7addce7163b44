//! What is fuzzed, sent to the server: no answer is the server's fault, and each is one that the schemas tell of.
//!
//! The seeds of `fuzz/corpus` and documents about what the world has, a little changed. The same ones in every run;
//! `TERTULIA_FUZZ_SEED=42` makes others, `TERTULIA_FUZZ_REQUESTS=10000` more.

use crate::described;
use crate::exchange::Exchange;
use crate::schemas;
use crate::seeds;
use crate::support::app::TestApp;
use crate::support::client::{Client, JSON_API};
use crate::support::database::Kind;
use crate::vocabulary::resources;
use crate::world::World;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

/// Queries that many types take.
const QUERIES: &[&str] = &[
    "page[size]=2&sort=-created_at",
    "page[number]=1&page[size]=1&filter[created_at]=gt:2025-01-02T03:04:05.678Z",
    "page[after]=&page[size]=2",
    "include=chat.members,message.author&fields[user]=name",
    "fields[chat]=title,members&fields[message]=",
    "filter=and(has(chat),not(equals(id,null)))",
    "include=members,last_message&page[members][size]=1",
];

/// Requests to each database.
const REQUESTS: u64 = 600;

fn setting(name: &str, default: u64) -> u64 {
    let Ok(value) = std::env::var(name) else { return default };
    value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}"))
}

#[actix_web::test]
async fn no_request_does_harm_on_sqlite() {
    fuzz(Kind::Sqlite).await;
}

#[actix_web::test]
async fn no_request_does_harm_on_postgres() {
    fuzz(Kind::Postgres).await;
}

async fn fuzz(kind: Kind) {
    if !kind.wanted() {
        return;
    }
    let world = World::on(kind).await;
    let app = world.app().await;
    let token = world.words(&app).text("{{token.anna}}").expect("a user of the world");
    let seed = setting("TERTULIA_FUZZ_SEED", 1);
    let mut fuzzer = Fuzzer::new(&app, app.as_nobody().with_token(Some(&token)), seed).await;
    for number in 0..setting("TERTULIA_FUZZ_REQUESTS", REQUESTS) {
        let problems = fuzzer.request().await;
        assert!(problems.is_empty(), "TERTULIA_FUZZ_SEED={seed}, request {number}:\n{}", problems.join("\n"));
    }
    let Fuzzer { successes, refusals, .. } = fuzzer;
    assert!(successes.min(refusals) > 10, "{successes} successes, {refusals} refusals: is anything tried?");
    app.stop().await;
}

struct Fuzzer<'a> {
    app: &'a TestApp,
    client: Client,
    rng: ChaCha8Rng,
    runner: TestRunner,
    /// Paths of collections and of resources that the viewer finds there.
    paths: Vec<String>,
    queries: BoxedStrategy<Vec<u8>>,
    media_types: BoxedStrategy<Vec<u8>>,
    documents: BoxedStrategy<Vec<u8>>,
    operations: BoxedStrategy<Vec<u8>>,
    successes: usize,
    refusals: usize,
}

impl<'a> Fuzzer<'a> {
    async fn new(app: &'a TestApp, client: Client, seed: u64) -> Fuzzer<'a> {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config { failure_persistence: None, ..Config::default() };
        let found = Found::of(&client).await;
        let with = |name: &str, more: Vec<Value>| {
            let own =
                more.iter().map(|seed| seed.as_str().map_or_else(|| seed.to_string(), str::to_owned).into_bytes());
            let own: Vec<Vec<u8>> = own.chain([Vec::new()]).collect();
            let all = seeds::corpus(name).into_iter().chain(own.clone()).collect();
            prop_oneof![1 => prop::sample::select(own), 2 => seeds::inputs(all)].boxed()
        };
        let documents = found.documents();
        let operations = documents.iter().map(operation).collect();
        Fuzzer {
            app,
            client,
            rng: ChaCha8Rng::seed_from_u64(seed),
            runner: TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)),
            paths: found.paths,
            queries: with("query", QUERIES.iter().map(|query| json!(query)).collect()),
            media_types: with("media_type", Vec::new()),
            documents: with("document", documents),
            operations: with("operations", operations),
            successes: 0,
            refusals: 0,
        }
    }

    /// Sends one request; what is wrong with its answer.
    async fn request(&mut self) -> Vec<String> {
        let mut path = self.paths.choose(&mut self.rng).cloned().unwrap_or_default();
        let (method, body) = match self.rng.random_range(0..8) {
            0..3 => (Method::GET, None),
            3 | 4 => (Method::POST, Some(self.draw(&self.documents.clone()))),
            5 => (Method::PATCH, Some(self.draw(&self.documents.clone()))),
            _ => {
                "/operations".clone_into(&mut path);
                (Method::POST, Some(self.draw(&self.operations.clone())))
            }
        };
        let sent = body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok()).unwrap_or_default();
        let of_type = sent["data"]["type"].as_str().and_then(|kind| resources().get(kind));
        if let Some(resource) = of_type.filter(|_| method == Method::POST && self.rng.random_ratio(5, 6)) {
            path = format!("/{}", resource.path);
        }
        if body.is_none() || self.rng.random_ratio(1, 8) {
            let query = self.draw(&self.queries.clone());
            path = format!("{path}?{}", String::from_utf8_lossy(&query).replace('#', "%23"));
        }
        let mut request = self.client.request(method.clone(), &path);
        if let Some(body) = &body {
            request = request.bytes(body.clone());
        }
        if path.starts_with("/operations") {
            request = request.atomic();
        }
        for name in ["accept", "content-type"] {
            if self.rng.random_ratio(1, 8) {
                let value = self.draw(&self.media_types.clone());
                let value = String::from_utf8_lossy(&value).into_owned();
                let can_be_sent = HeaderValue::from_str(&value).is_ok();
                request = request.header(name, if can_be_sent { value.trim() } else { JSON_API });
            }
        }
        let answer = request.send().await;
        let url = answer.request.split_once(' ').map(|(_, url)| url.to_owned()).unwrap_or_default();
        let exchange = Exchange::new(method.as_str(), &url, body.as_deref(), &answer, self.app.origin());
        let mut problems = Vec::new();
        if answer.status >= 500 {
            problems.push(format!("{} is the server's fault", answer.status));
        }
        schemas::every_answer_fits_its_schema(&exchange, &mut problems);
        described::every_answer_is_described(&exchange, &mut problems);
        if !problems.is_empty() {
            let body = String::from_utf8_lossy(body.as_deref().unwrap_or_default()).into_owned();
            problems.push(format!("{method} {url}\n{body}\nwas answered by {answer}"));
        }
        if exchange.is_error() {
            self.refusals += 1
        } else {
            self.successes += 1
        }
        problems
    }

    fn draw(&mut self, strategy: &BoxedStrategy<Vec<u8>>) -> Vec<u8> {
        strategy.new_tree(&mut self.runner).expect("a value").current()
    }
}

/// What there is to write about.
struct Found {
    paths: Vec<String>,
    users: Vec<String>,
    chats: Vec<String>,
    messages: Vec<String>,
}

impl Found {
    async fn of(client: &Client) -> Found {
        let mut paths = Vec::new();
        for resource in resources().values() {
            paths.push(format!("/{}", resource.path));
            if resource.collection {
                let ids = client.get(&format!("/{}", resource.path)).await.assert_status(200).ids();
                paths.extend(ids.iter().take(2).map(|id| format!("/{}/{id}", resource.path)));
            }
        }
        let all = async |path: &str| client.get(path).await.assert_status(200).ids();
        Found { paths, users: all("/users").await, chats: all("/chats").await, messages: all("/messages").await }
    }

    /// One document of each type, all of them good.
    fn documents(&self) -> Vec<Value> {
        let link = |kind: &str, ids: &[String]| json!({ "data": { "type": kind, "id": ids.first() } });
        let many: Vec<Value> = self.users.iter().take(3).map(|id| json!({ "type": "user", "id": id })).collect();
        let (chat, message, user) = (&link("chat", &self.chats), &link("message", &self.messages), &self.users);
        let document = |kind: &str, attributes: Value, relationships: Value| json!({ "data": { "type": kind, "attributes": attributes, "relationships": relationships } });
        vec![
            document("message", json!({ "content": "x" }), json!({ "chat": chat })),
            document("message", json!({ "content": "x" }), json!({ "chat": chat, "parent": message })),
            document("reaction", json!({ "emoji": "👍" }), json!({ "message": message })),
            document("attachment", json!({ "name": "a", "mime_type": "text/plain" }), json!({ "message": message })),
            document("chat_membership", json!({}), json!({ "chat": chat, "user": link("user", user) })),
            document("chat", json!({ "chat_type": "group" }), json!({ "members": { "data": many } })),
            document("direct_conversation", json!({ "user_id": user.last() }), json!({})),
            document("chat_request", json!({ "user_id": user.last() }), json!({})),
        ]
    }
}

/// The same thing twice, as an operation.
fn operation(document: &Value) -> Value {
    let add = json!({ "op": "add", "data": document["data"] });
    json!({ "atomic:operations": [add, add] })
}
