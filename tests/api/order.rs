//! The order in which a request is judged: of two faults, the one that comes first is told, and it alone.
//!
//! Each ladder is a request that succeeds and a list of faults in their order. Every pair of faults is tried.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::client::JSON_API;
use crate::support::database::Kind;
use crate::world::{group, linkage, membership, update};
use reqwest::Method;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tertulia::config::RateLimit;

/// A request that faults are put into.
#[derive(Clone)]
struct Draft {
    method: Method,
    path: String,
    query: &'static str,
    accept: &'static str,
    scheme: &'static str,
    token: String,
    address: Option<&'static str>,
    content_type: &'static str,
    document: Value,
    /// Sent in place of the document.
    bytes: Option<Vec<u8>>,
}

/// What is wrong with a request, and how it is answered.
struct Fault {
    status: u16,
    code: &'static str,
    put: Box<dyn Fn(&mut Draft)>,
}

fn fault(status: u16, code: &'static str, put: impl Fn(&mut Draft) + 'static) -> Fault {
    Fault { status, code, put: Box::new(put) }
}

/// An address that has had all the answers that it gets.
const EXHAUSTED: &str = "192.0.2.66";

/// An address that nobody has used yet.
fn fresh_address() -> String {
    static SERIAL: AtomicU32 = AtomicU32::new(0);
    let [_, a, b, c] = SERIAL.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    format!("10.{a}.{b}.{c}")
}

/// The faults before the resource is looked for, which every write can have.
fn early() -> Vec<Fault> {
    vec![
        fault(404, "not_found", |draft| draft.path = draft.path.replace("/chat", "/chart")),
        fault(405, "method_not_allowed", |draft| draft.method = Method::PUT),
        fault(406, "not_acceptable", |draft| draft.accept = "application/vnd.api+json; charset=utf-8"),
        fault(401, "unauthorized", |draft| draft.scheme = "Basic"),
        fault(429, "rate_limited", |draft| draft.address = Some(EXHAUSTED)),
        fault(415, "unsupported_media_type", |draft| draft.content_type = "application/json"),
        fault(413, "too_large", |draft| draft.bytes = Some(vec![b' '; 100_000])),
        fault(400, "parameter_unknown", |draft| draft.query = "?nonsense=1"),
        fault(400, "json_invalid", |draft| draft.bytes = draft.bytes.take().or(Some(b"{".to_vec()))),
    ]
}

impl Draft {
    fn of(user: &User, method: Method, path: String, document: Value) -> Draft {
        Draft {
            method,
            path,
            query: "",
            accept: JSON_API,
            scheme: "Bearer",
            token: user.token.clone(),
            address: None,
            content_type: JSON_API,
            document,
            bytes: None,
        }
    }

    async fn send(self, app: &TestApp) -> Answer {
        let path = format!("{}{}", self.path, self.query);
        let body = self.bytes.unwrap_or_else(|| self.document.to_string().into_bytes());
        let request = app.as_nobody().request(self.method, &path).bytes(body).header("accept", self.accept);
        let request = request.header("authorization", &format!("{} {}", self.scheme, self.token));
        let address = self.address.map_or_else(fresh_address, str::to_owned);
        request.header("content-type", self.content_type).header("x-forwarded-for", &address).send().await
    }
}

/// Tries every fault by itself and with every later one, whichever of the two is put in first.
async fn climb(app: &TestApp, draft: &Draft, faults: &[Fault]) {
    for (at, first) in faults.iter().enumerate() {
        assert_told(&with(app, draft, &[first]).await, first);
        for second in &faults[at + 1..] {
            assert_told(&with(app, draft, &[first, second]).await, first);
            assert_told(&with(app, draft, &[second, first]).await, first);
        }
    }
}

async fn with(app: &TestApp, draft: &Draft, faults: &[&Fault]) -> Answer {
    let mut draft = draft.clone();
    faults.iter().for_each(|fault| (fault.put)(&mut draft));
    draft.send(app).await
}

#[track_caller]
fn assert_told(answer: &Answer, fault: &Fault) {
    assert_eq!(answer.status, fault.status, "expected {} {}: {answer}", fault.status, fault.code);
    let errors = answer.document()["errors"].as_array().expect("errors");
    assert!(errors.iter().all(|error| error["code"] == fault.code), "expected {}: {answer}", fault.code);
}

/// A group of one admin and one member, on a server whose limits tell addresses apart.
struct World {
    app: TestApp,
    admin: User,
    member: User,
    stranger: User,
    group: String,
    /// The membership of the admin.
    own: String,
}

impl World {
    async fn new() -> World {
        let app = TestApp::configured(Kind::Sqlite, |settings| {
            settings.config.max_body_bytes = 50_000;
            settings.config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
            let most = NonZeroU32::new(50).expect("not 0");
            settings.config.rate_limit = Some(RateLimit::new(most, Duration::from_secs(3600)));
        })
        .await;
        let (admin, member, stranger) = (app.user("admin").await, app.user("member").await, app.user("stranger").await);
        let group = group(&app, &admin, Some("group"), &[&member]).await;
        let own = membership(&app, &admin, &group, &admin).await;
        let world = World { app, admin, member, stranger, group, own };
        let mut exhausting = world.draft(Method::GET, "/users".to_owned(), Value::Null);
        exhausting.address = Some(EXHAUSTED);
        while exhausting.clone().send(&world.app).await.status == 200 {}
        world
    }

    fn draft(&self, method: Method, path: String, document: Value) -> Draft {
        Draft::of(&self.admin, method, path, document)
    }

    /// The resource of the URL is not there for the viewer.
    fn invisible(&self, id: &str) -> Fault {
        let id = id.to_owned();
        fault(404, "not_found", move |draft| draft.path = draft.path.replace(&id, UNKNOWN))
    }

    /// Somebody asks who sees the resource and may not change it.
    fn powerless(&self) -> Fault {
        let token = self.member.token.clone();
        fault(403, "forbidden", move |draft| draft.token = token.clone())
    }

    /// The draft is a good one, and so are its faults the reason for refusals.
    async fn finish(self, draft: Draft, status: u16) {
        draft.send(&self.app).await.assert_status(status);
        self.app.stop().await;
    }
}

const UNKNOWN: &str = "01900000-0000-7000-8000-00000000dead";

fn other_type() -> Fault {
    fault(409, "type_mismatch", |draft| draft.document["data"]["type"] = json!("session"))
}

fn other_id() -> Fault {
    fault(409, "id_mismatch", |draft| draft.document["data"]["id"] = json!(UNKNOWN))
}

fn unknown_field() -> Fault {
    fault(422, "field_unknown", |draft| draft.document["data"]["attributes"]["nonsense"] = json!(1))
}

#[actix_web::test]
async fn an_update_is_judged_from_its_url_to_the_state() {
    let world = World::new().await;
    let url = format!("/chat_memberships/{}", world.own);
    let draft = world.draft(Method::PATCH, url, update("chat_membership", &world.own, json!({ "archived": true })));
    let mut faults = early();
    faults.extend([world.invisible(&world.own), other_type(), other_id(), world.powerless(), unknown_field()]);
    let demoted = |draft: &mut Draft| draft.document["data"]["attributes"]["role"] = json!("member");
    faults.push(fault(409, "last_admin", demoted));
    climb(&world.app, &draft, &faults).await;
    world.finish(draft, 200).await;
}

#[actix_web::test]
async fn a_replacement_is_judged_before_the_fields() {
    let world = World::new().await;
    let url = format!("/chats/{}", world.group);
    let draft = world.draft(Method::PATCH, url, update("chat", &world.group, json!({ "title": "another" })));
    let replaced = json!({ "members": { "data": linkage("user", &[&world.stranger.id]) } });
    let mut faults = early();
    faults.extend([world.invisible(&world.group), other_type(), other_id()]);
    faults.push(fault(403, "forbidden", move |draft| draft.document["data"]["relationships"] = replaced.clone()));
    faults.push(unknown_field());
    climb(&world.app, &draft, &faults).await;
    world.finish(draft, 200).await;
}

#[actix_web::test]
async fn a_create_is_judged_from_its_url_to_the_state() {
    let world = World::new().await;
    let document = crate::world::new_membership(&world.group, &world.stranger.id, "member");
    let draft = world.draft(Method::POST, "/chat_memberships".to_owned(), document);
    let mut faults = early();
    faults.push(other_type());
    faults.push(fault(403, "client_id_forbidden", |draft| draft.document["data"]["id"] = json!(UNKNOWN)));
    faults.push(unknown_field());
    let member = world.member.id.clone();
    faults.push(fault(409, "already_member", move |draft| {
        draft.document["data"]["relationships"]["user"]["data"]["id"] = json!(member);
    }));
    climb(&world.app, &draft, &faults).await;
    world.finish(draft, 201).await;
}

#[actix_web::test]
async fn linkage_is_judged_after_the_right_to_change_it() {
    let world = World::new().await;
    let url = format!("/chats/{}/relationships/members", world.group);
    let draft = world.draft(Method::POST, url, json!({ "data": linkage("user", &[&world.stranger.id]) }));
    let mut faults = early();
    faults.extend([world.invisible(&world.group), world.powerless()]);
    faults.push(fault(404, "not_found", |draft| draft.document["data"][0]["id"] = json!(UNKNOWN)));
    climb(&world.app, &draft, &faults).await;
    world.finish(draft, 204).await;
}

#[actix_web::test]
async fn a_read_is_judged_from_its_url_to_the_resource() {
    let world = World::new().await;
    let draft = world.draft(Method::GET, format!("/chats/{}", world.group), Value::Null);
    // A GET has no body to be judged.
    let mut faults: Vec<Fault> = early().into_iter().filter(|fault| !matches!(fault.status, 413 | 415)).collect();
    faults.retain(|fault| fault.code != "json_invalid");
    faults.push(world.invisible(&world.group));
    climb(&world.app, &draft, &faults).await;
    world.finish(draft, 200).await;
}

#[actix_web::test]
async fn a_delete_is_judged_from_its_url_to_the_right() {
    let world = World::new().await;
    let draft = world.draft(Method::DELETE, format!("/chat_memberships/{}", world.own), Value::Null);
    let mut faults: Vec<Fault> = early().into_iter().filter(|fault| !matches!(fault.status, 413 | 415)).collect();
    faults.retain(|fault| fault.code != "json_invalid");
    faults.extend([world.invisible(&world.own), world.powerless()]);
    climb(&world.app, &draft, &faults).await;
    world.finish(draft, 204).await;
}
