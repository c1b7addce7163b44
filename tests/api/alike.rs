//! The same requests to a server on SQLite and to one on PostgreSQL: the same answers, whatever was asked before.
//!
//! Requests are made up from a seed: people come, talk, group, rename, hide, leave and go, and look at everything in
//! between. Ids are compared by the order in which they first appeared, instants and cursors not at all.

use crate::support::answer::Answer;
use crate::support::app::{PASSWORD, TestApp, User};
use crate::support::database::Kind;
use crate::world::{linkage, new_direct, new_membership, resource, update};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TEXTS: &[&str] =
    &["Ana", "ÄNNE", "änne", "Straße", "STRASSE", "İnci", "😀", "50%_\\", "zo\u{308}e", "Zöe", "a,b", " x "];
const ODD: &[&str] = &["", "   ", "x\u{0}y", "null"];

const USER: &str = "user";
const CHAT: &str = "chat";
const MEMBERSHIP: &str = "chat_membership";
const EVERY: &str = "every";

/// A request by its numbers: of who asks, and of the ids in it among those that were seen.
#[derive(Clone, Debug)]
struct Step {
    who: usize,
    method: Method,
    /// `{n}` stands for the nth id.
    path: String,
    document: Option<String>,
}

/// One of the two servers, and what it has told so far.
struct Side {
    app: TestApp,
    people: Vec<User>,
    /// In the order of their first appearance.
    ids: Vec<String>,
    known: BTreeMap<String, usize>,
    types: BTreeMap<usize, String>,
}

impl Side {
    async fn new(kind: Kind) -> Side {
        let app = TestApp::spawn(kind).await;
        let mut side =
            Side { app, people: Vec::new(), ids: Vec::new(), known: BTreeMap::new(), types: BTreeMap::new() };
        for name in ["p0", "p1", "p2", "p3", "p4"] {
            let user = side.app.user(name).await;
            let number = side.remember(&user.id);
            side.types.insert(number, USER.to_owned());
            side.people.push(user);
        }
        side
    }

    fn remember(&mut self, id: &str) -> usize {
        let next = self.ids.len();
        let number = *self.known.entry(id.to_owned()).or_insert(next);
        if number == next {
            self.ids.push(id.to_owned());
        }
        number
    }

    fn filled(&self, text: &str) -> String {
        let mut parts = text.split('{');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            // JSON has braces of its own.
            match part.split_once('}').and_then(|(number, rest)| Some((number.parse::<usize>().ok()?, rest))) {
                Some((number, rest)) => {
                    filled.push_str(&self.ids[number]);
                    filled.push_str(rest);
                }
                None => {
                    filled.push('{');
                    filled.push_str(part);
                }
            }
        }
        filled
    }

    async fn ask(&self, step: &Step) -> Answer {
        let client = self.app.as_user(&self.people[step.who]);
        let request = client.request(step.method.clone(), &self.filled(&step.path));
        match &step.document {
            Some(document) => request.bytes(self.filled(document).into_bytes()).send().await,
            None => request.send().await,
        }
    }

    /// What an answer says beside ids, instants and addresses.
    fn told(&mut self, answer: &Answer) -> String {
        let body = String::from_utf8_lossy(&answer.body).replace(self.app.origin(), "");
        let mut told = format!("{} ", answer.status);
        let mut rest = body.as_str();
        while let Some((at, length, kind)) = next_mark(rest) {
            told.push_str(&rest[..at]);
            let mark = &rest[at..at + length];
            match kind {
                Mark::Id => told.push_str(&format!("#{}", self.remember(mark))),
                Mark::Instant => told.push('T'),
            }
            rest = &rest[at + length..];
        }
        told + rest
    }
}

impl Side {
    /// The types of the ids, as far as they were told.
    fn learn(&mut self, value: &Value) {
        if let (Some(kind), Some(id)) = (value["type"].as_str(), value["id"].as_str()) {
            self.types.insert(self.known[id], kind.to_owned());
        }
        let members = value.as_object().into_iter().flat_map(|members| members.values());
        members.chain(value.as_array().into_iter().flatten()).for_each(|value| self.learn(value));
    }

    fn kinds(&self) -> BTreeMap<String, Vec<usize>> {
        let mut kinds = BTreeMap::from([(EVERY.to_owned(), (0..self.ids.len()).collect::<Vec<_>>())]);
        for (number, kind) in &self.types {
            kinds.entry(kind.clone()).or_default().push(*number);
        }
        kinds
    }
}

enum Mark {
    Id,
    Instant,
}

/// The next id or instant of a text: where it begins, and how long it is.
fn next_mark(text: &str) -> Option<(usize, usize, Mark)> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find_map(|at| {
        let fits = |shape: &str| {
            let window = bytes.get(at..at + shape.len())?;
            let alike = window.iter().zip(shape.bytes()).all(|(byte, shape)| match shape {
                b'x' => byte.is_ascii_hexdigit(),
                b'0' => byte.is_ascii_digit(),
                _ => *byte == shape,
            });
            alike.then_some(shape.len())
        };
        let id = fits("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx").map(|length| (at, length, Mark::Id));
        id.or_else(|| fits("0000-00-00T00:00:00.000Z").map(|length| (at, length, Mark::Instant)))
    })
}

/// Makes requests up.
struct Author {
    random: ChaCha8Rng,
    /// The numbers of the ids of each type, and of all.
    ids: BTreeMap<String, Vec<usize>>,
    serial: usize,
}

impl Author {
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.choose(&mut self.random).expect("something to choose from")
    }

    /// An id of that type, but for now and then.
    fn id(&mut self, kind: &str) -> String {
        let kind = if self.random.random_bool(0.95) { kind } else { EVERY };
        let known = self.ids.get(kind).or_else(|| self.ids.get(EVERY)).expect("ids");
        // The young are asked for more often than the old.
        let place = || known.len() - 1;
        let back = self.random.random_range(0..=place()).min(self.random.random_range(0..=place()));
        format!("{{{}}}", known[place() - back])
    }

    fn text(&mut self) -> Value {
        match self.random.random_range(0..8) {
            0 => Value::Null,
            1 => json!(self.pick(ODD)),
            _ => json!(self.pick(TEXTS)),
        }
    }

    fn step(&mut self) -> Step {
        let who = self.random.random_range(0..5);
        let (method, path, document) = match self.random.random_range(0..20) {
            0 => self.sign_up(),
            1 | 2 => (Method::POST, "/direct_conversations?include=chat".to_owned(), Some(new_direct(&self.id(USER)))),
            3 | 4 => self.group(),
            5 => {
                let (id, title, name) = (self.id(USER), self.text(), self.text());
                (
                    Method::PATCH,
                    format!("/users/{id}"),
                    Some(update("user", &id, json!({ "title": title, "name": name }))),
                )
            }
            6 => {
                let (id, title) = (self.id(CHAT), self.text());
                (Method::PATCH, format!("/chats/{id}"), Some(update("chat", &id, json!({ "title": title }))))
            }
            7 | 8 => self.own_state(),
            9 => {
                let document =
                    new_membership(&self.id(CHAT), &self.id(USER), self.pick(&["member", "reader", "admin", "x"]));
                (Method::POST, "/chat_memberships".to_owned(), Some(document))
            }
            10 => {
                let method = if self.random.random_bool(0.6) { Method::POST } else { Method::DELETE };
                let members = json!({ "data": linkage("user", &[self.id(USER), self.id(USER)]) });
                (method, format!("/chats/{}/relationships/members", self.id(CHAT)), Some(members))
            }
            11 => {
                let kind = self.pick(&[CHAT, CHAT, MEMBERSHIP, MEMBERSHIP, "direct_conversation", USER]);
                (Method::DELETE, format!("/{kind}s/{}", self.id(kind)), None)
            }
            _ => (Method::GET, self.question(), None),
        };
        Step { who, method, path, document: document.map(|document| document.to_string()) }
    }

    fn sign_up(&mut self) -> (Method, String, Option<Value>) {
        self.serial += 1;
        let name = self.pick(TEXTS);
        let email = format!("{}{}@example.com", self.pick(&["x", "X"]), self.serial / 2);
        let attributes = json!({ "name": name, "title": self.text(), "email": email, "password": PASSWORD });
        (Method::POST, "/users".to_owned(), Some(resource("user", attributes)))
    }

    fn group(&mut self) -> (Method, String, Option<Value>) {
        let members: Vec<String> = (0..self.random.random_range(0..4)).map(|_| self.id(USER)).collect();
        let attributes = json!({ "chat_type": self.pick(&["group", "group", "direct"]), "title": self.text() });
        let relationships = json!({ "members": { "data": linkage("user", &members) } });
        let document = json!({ "data": { "type": "chat", "attributes": attributes, "relationships": relationships } });
        (Method::POST, "/chats?include=members,viewer_membership".to_owned(), Some(document))
    }

    fn own_state(&mut self) -> (Method, String, Option<Value>) {
        let id = self.id(MEMBERSHIP);
        let attributes = match self.random.random_range(0..4) {
            0 => json!({ "archived": self.random.random_bool(0.7) }),
            1 => json!({ "hidden": self.random.random_bool(0.5) }),
            2 => json!({ "mute_rule": { "until": null } }),
            _ => json!({ "role": self.pick(&["admin", "member", "reader"]) }),
        };
        (Method::PATCH, format!("/chat_memberships/{id}"), Some(update("chat_membership", &id, attributes)))
    }

    fn question(&mut self) -> String {
        let kind = self.pick(&[USER, CHAT, MEMBERSHIP, "direct_conversation"]);
        let (include, sorts, filters) = match kind {
            CHAT => (
                "members,chat_memberships.user,initiator,direct_conversation.second_user,viewer_membership",
                &[
                    "title",
                    "-title,created_at",
                    "-member_count",
                    "last_message_at,-open",
                    "chat_type,title",
                    "archived",
                ][..],
                &[
                    "search",
                    "title][ct",
                    "title][gte",
                    "title][!in",
                    "title_blank",
                    "member",
                    "chat_type][pre",
                    "member_count][gt",
                    "initiator",
                    "hidden",
                    "archived",
                    "muted",
                ][..],
            ),
            USER => (
                "",
                &["name", "-name", "title,-name", "-title", "email", "active,-created_at"][..],
                &["name][pre", "name][!ct", "name][in", "title][lt", "title_present", "email", "active"][..],
            ),
            MEMBERSHIP => (
                "chat.members,user",
                &["role", "-role,created_at", "archived,-hidden", "muted"][..],
                &["chat", "user", "role", "archived", "hidden_blank", "muted"][..],
            ),
            _ => (
                "chat.members,first_user,second_user",
                &["created_at", "-first_user_id", "second_user_id", "-chat_updated_at"][..],
                &["user_id", "first_user_id", "archived", "hidden", "chat"][..],
            ),
        };
        if self.random.random_bool(0.25) {
            return format!("/{kind}s/{}?include={include}", self.id(kind)).trim_end_matches("?include=").to_owned();
        }
        let mut query = vec![
            format!("page[size]={}", self.random.random_range(1..8)),
            format!("page[number]={}", self.random.random_range(1..3)),
        ];
        if self.random.random_bool(0.6) && !include.is_empty() {
            query.push(format!("include={include}"));
        }
        if self.random.random_bool(0.7) {
            query.push(format!("sort={}", self.pick(sorts)));
        }
        for _ in 0..self.random.random_range(0..3) {
            let value = match self.random.random_range(0..4) {
                0 => self.id(EVERY),
                1 => self.pick(&["true", "false", "1", "0", "2"]).to_owned(),
                _ => url::form_urlencoded::byte_serialize(self.pick(TEXTS).as_bytes()).collect(),
            };
            query.push(format!("filter[{}]={value}", self.pick(filters)));
        }
        format!("/{kind}s?{}", query.join("&"))
    }
}

#[actix_web::test]
async fn both_databases_answer_every_request_alike() {
    if !Kind::Postgres.wanted() {
        return;
    }
    for seed in 0..3 {
        let (mut sqlite, mut postgres) = (Side::new(Kind::Sqlite).await, Side::new(Kind::Postgres).await);
        let mut author = Author { random: ChaCha8Rng::seed_from_u64(seed), ids: BTreeMap::new(), serial: 0 };
        let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
        for number in 0..300 {
            author.ids = sqlite.kinds();
            let step = author.step();
            let (one, other) = (sqlite.ask(&step).await, postgres.ask(&step).await);
            let (one_told, other_told) = (sqlite.told(&one), postgres.told(&other));
            assert!(one_told == other_told, "seed {seed}, step {number}: {step:?}\n{one_told}\n{other_told}");
            assert!(one.status < 500, "{one}");
            if !one.body.is_empty() {
                sqlite.learn(one.document());
            }
            *counts.entry(one.status).or_default() += 1;
        }
        for (status, least) in [(200, 50), (201, 20), (204, 1), (400, 5), (403, 5), (404, 20), (422, 5)] {
            let times = counts.get(&status).copied().unwrap_or(0);
            assert!(times >= least, "{status} was answered {times} times: {counts:?}");
        }
        crate::world::assert_consistent(&sqlite.app).await;
        crate::world::assert_consistent(&postgres.app).await;
        sqlite.app.stop().await;
        postgres.app.stop().await;
    }
}
