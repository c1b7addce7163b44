//! Expressions in `filter`: the same rows by SQL as by a plain evaluator over what the viewer sees, and nothing about
//! what the viewer doesn't see.
//!
//! Seeded, so that a failure comes again; `TERTULIA_EXPRESSIONS` sets how many.

mod evaluate;
mod random;

use self::evaluate::World;
use self::random::Dice;
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{attach, crowd, direct, group, id, membership, resource, update};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use tertulia::db::{Conn, DbError};
use tertulia::resource::plan::{Context, Plan, Shape};
use tertulia::resource::read::Reader;
use tertulia::resource::{Registry, Viewer};
use tertulia::resources::registry;

on_both_databases!(
    ten_thousand_expressions_mean_the_same_in_sql,
    nobody_learns_of_rows_hidden_from_them,
    hostile_expressions_never_reach_the_database,
);

/// Whatever the default scope of chats and conversations leaves out.
const ALL: &str = "filter[hidden][in]=true,false&filter[status][in]=active,pending,declined";

async fn ten_thousand_expressions_mean_the_same_in_sql(app: &TestApp) {
    let (ana, bo) = populate(app).await;
    let many = std::env::var("TERTULIA_EXPRESSIONS").ok().and_then(|many| many.parse().ok()).unwrap_or(10_000);
    for (viewer, many) in [(&ana, many - many / 4), (&bo, many / 4)] {
        let viewer = Viewer::user(id(&viewer.id));
        let compared = app.running.database.read::<_, DbError>(move |conn| {
            compare(conn, viewer, many);
            Ok(())
        });
        compared.await.expect("an answer");
    }
}

fn compare(conn: &mut Conn, viewer: Viewer, many: usize) {
    let registry = registry();
    let mut server = Server { conn, registry: &registry, viewer };
    let world = server.world();
    let kinds: Vec<&str> = ["user", "direct_conversation", "chat", "chat_membership", "message", "reaction"]
        .into_iter()
        .chain(["attachment", "chat_request"])
        .collect();
    let messages = world.0["message"].values().map(|message| message["relationships"]["chat"]["data"]["id"].clone());
    let chats: BTreeSet<String> = messages.map(|chat| chat.as_str().expect("an id").to_owned()).collect();
    let mut dice = Dice { random: ChaCha8Rng::seed_from_u64(7), registry: &registry, world: &world };
    let (mut some, mut refused) = (0, 0);
    for number in 0..many {
        let kind = kinds[number % kinds.len()];
        let filter = dice.filter(registry.find(kind).expect("a type"), 3);
        let chat = (kind == "message").then(|| chats.iter().nth(number % chats.len()).expect("a chat"));
        let holds = |one: &&Json| chat.is_none_or(|chat| one["relationships"]["chat"]["data"]["id"] == **chat);
        let expected: BTreeSet<&str> = world.0[kind]
            .values()
            .filter(holds)
            .filter(|one| world.holds(&registry, one, &filter))
            .map(|one| one["id"].as_str().expect("an id"))
            .collect();
        let Some(found) = server.find(kind, chat.map(String::as_str), &filter.to_string()) else {
            refused += 1;
            continue;
        };
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, expected, "{kind} {number}: {filter}");
        some += usize::from(!expected.is_empty() && expected.len() < world.0[kind].len());
    }
    assert!(refused < many / 10, "{refused} of {many} were refused");
    assert!(some > many / 4, "{some} of {many} chose");
}

/// The generic layer, asked without HTTP.
struct Server<'a> {
    conn: &'a mut Conn,
    registry: &'a Registry,
    viewer: Viewer,
}

impl Server<'_> {
    fn document(&mut self, kind: &str, query: &str) -> Result<Json, Vec<String>> {
        let entry = self.registry.find(kind).expect("a type");
        let (registry, viewer, path) = (self.registry, &self.viewer, format!("/{}", entry.path));
        let shape = Shape::Collection(None);
        let context = Context { registry, entry, shape, viewer, path: &path, cursor_profile: false };
        let plan = Plan::parse(context, query);
        let plan = plan.map_err(|errors| errors.into_iter().map(|error| error.detail).collect::<Vec<_>>())?;
        let reader = Reader { registry, viewer, base: "", path: &path, plan: &plan };
        let document = reader.list(self.conn, entry).unwrap_or_else(|error| panic!("{query}: {error:?}"));
        Ok(serde_json::from_slice(&document.bytes).expect("JSON"))
    }

    /// The ids that an expression finds; `None` if it is too dear.
    fn find(&mut self, kind: &str, chat: Option<&str>, filter: &str) -> Option<Vec<String>> {
        let scope = match (kind, chat) {
            (_, Some(chat)) => format!("&filter[chat]={chat}"),
            ("chat" | "direct_conversation", _) => format!("&{ALL}"),
            _ => String::new(),
        };
        let written: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        match self.document(kind, &format!("page[size]=100&fields[{kind}]={scope}&filter={written}")) {
            Ok(document) => Some(items(&document).map(|one| one["id"].as_str().expect("an id").to_owned()).collect()),
            Err(problems) => {
                let dear = |problem: &String| problem.contains("too many") || problem.contains("at most");
                assert!(problems.iter().all(dear), "{filter}: {problems:?}");
                None
            }
        }
    }

    /// Everything that the viewer sees.
    fn world(&mut self) -> World {
        let mut world = World::default();
        for (kind, query) in [
            ("user", String::new()),
            ("direct_conversation", ALL.to_owned()),
            ("chat", format!("{ALL}&include=members,chat_memberships")),
            ("chat_membership", String::new()),
            ("reaction", String::new()),
            ("attachment", String::new()),
            ("chat_request", String::new()),
        ] {
            let document = self.document(kind, &format!("page[size]=100&{query}")).expect("a list");
            keep(&mut world, kind, &document);
        }
        let chats: Vec<String> = world.0["chat"].keys().cloned().collect();
        for chat in chats {
            let query = format!("page[size]=100&filter[chat]={chat}&include=reactions,attachments");
            let document = self.document("message", &query).expect("a list");
            keep(&mut world, "message", &document);
        }
        world.0.insert("inbox".to_owned(), BTreeMap::from([(self.viewer.id.to_string(), self.inbox())]));
        world
    }

    fn inbox(&mut self) -> Json {
        let entry = self.registry.find("inbox").expect("a type");
        let (registry, viewer, path) = (self.registry, &self.viewer, format!("/inboxes/{}", self.viewer.id));
        let context = Context { registry, entry, shape: Shape::One, viewer, path: &path, cursor_profile: false };
        let plan = Plan::parse(context, "").expect("a plan");
        let reader = Reader { registry, viewer, base: "", path: &path, plan: &plan };
        let document = reader.show(self.conn, entry, self.viewer.id).expect("one's own inbox");
        serde_json::from_slice::<Json>(&document.bytes).expect("JSON")["data"].clone()
    }
}

fn items(document: &Json) -> impl Iterator<Item = &Json> {
    document["data"].as_array().expect("a collection").iter()
}

fn keep(world: &mut World, kind: &str, document: &Json) {
    let all = world.0.entry(kind.to_owned()).or_default();
    all.extend(items(document).map(|one| (one["id"].as_str().expect("an id").to_owned(), one.clone())));
    assert!(all.len() < 100 || kind == "message", "{kind}: the world has to fit a page");
}

/// Two people, and everything that can differ between what they see.
async fn populate(app: &TestApp) -> (User, User) {
    let (ana, bo, cleo, dan) =
        (app.user("Ana").await, app.user("bo").await, app.user("Cleo").await, app.user("dan").await);
    let crowd = crowd(app, "Ogroup", 0..4).await;
    let users = app.as_user(&ana);
    users
        .patch(
            &format!("/users/{}", ana.id),
            &update("user", &ana.id, json!({ "name": "Änä", "title": "änÄ", "first_name": "" })),
        )
        .await;
    app.as_user(&bo).patch(&format!("/users/{}", bo.id), &update("user", &bo.id, json!({ "title": "50%_\\" }))).await;
    let mut chats = vec![
        group(app, &ana, Some("Group of it's"), &[&bo, &cleo]).await,
        group(app, &ana, None, &[&bo]).await,
        group(app, &bo, Some("ÖGROUP"), &[&ana, &cleo, &dan]).await,
        group(app, &bo, Some("Secret"), &[&cleo, &dan]).await,
        group(app, &ana, Some("a"), &[&cleo]).await,
        group(app, &ana, Some("z"), &[]).await,
    ];
    for peer in [&bo.id, &crowd[0], &cleo.id] {
        chats.push(direct(app, &ana, peer).await.chat);
    }
    chats.push(direct(app, &bo, &cleo.id).await.chat);
    talk(app, &[&ana, &bo, &cleo, &dan], &chats).await;
    let request = resource("chat_request", json!({ "user_id": dan.id }));
    app.as_user(&dan)
        .patch(&format!("/users/{}", dan.id), &update("user", &dan.id, json!({ "direct_message_policy": "request" })))
        .await;
    app.as_user(&ana).post("/chat_requests", &request).await.assert_status(201);
    let own = membership(app, &ana, &chats[0], &ana).await;
    let state = update("chat_membership", &own, json!({ "archived": true, "read_until": "2099-01-01T00:00:00Z" }));
    app.as_user(&ana).patch(&format!("/chat_memberships/{own}"), &state).await.assert_status(200);
    let own = membership(app, &ana, &chats[1], &ana).await;
    let state = update("chat_membership", &own, json!({ "hidden": true, "mute_rule": { "until": null } }));
    app.as_user(&ana).patch(&format!("/chat_memberships/{own}"), &state).await.assert_status(200);
    app.as_user(&ana).delete(&format!("/chats/{}", chats[4])).await.assert_status(204);
    app.as_user(&cleo).delete(&format!("/users/{}", cleo.id)).await;
    (ana, bo)
}

/// Messages with replies, reactions and attachments, some of them deleted.
async fn talk(app: &TestApp, people: &[&User], chats: &[String]) {
    for (number, chat) in chats.iter().enumerate() {
        let mut parent: Option<String> = None;
        for (turn, author) in people.iter().enumerate() {
            let client = app.as_user(author);
            let content = format!("{} {}", ["Hello", "it's", "ÖL", "50%"][(number + turn) % 4], turn % 2);
            let mut message = resource("message", json!({ "content": content, "expected_attachment_count": turn }));
            if let Some(parent) = parent.as_ref().filter(|_| turn % 2 == 1) {
                message["data"]["relationships"] = json!({ "parent": { "data": { "type": "message", "id": parent } } });
            }
            let sent = client.post(&format!("/chats/{chat}/messages"), &message).await;
            if sent.status != 201 {
                continue;
            }
            let sent = sent.id();
            let on = json!({ "message": { "data": { "type": "message", "id": sent } } });
            let emoji = ["👍", "🎉"][turn % 2];
            let mut reaction = resource("reaction", json!({ "emoji": emoji }));
            reaction["data"]["relationships"] = on;
            client.post("/reactions", &reaction).await.assert_status(201);
            if turn == 1 {
                let file =
                    json!({ "name": "Ö.PNG", "mime_type": "image/png", "source_url": "https://example.com/A.png" });
                attach(app, author, &sent, file).await;
            }
            if turn == 2 {
                client.delete(&format!("/messages/{sent}")).await.assert_status(204);
            }
            parent = Some(sent);
        }
    }
}

/// What Bo is told doesn't change by anything that is hidden from Bo.
async fn nobody_learns_of_rows_hidden_from_them(app: &TestApp) {
    let (ana, bo) = populate(app).await;
    let cleo = app.user("Eve").await;
    let expressions = expressions(app, &bo).await;
    let before = answers(app, &bo, &expressions).await;
    // A chat of others, with everything in it, and what others keep to themselves.
    let secret = group(app, &ana, Some("Group of it's"), &[&cleo]).await;
    talk(app, &[&ana, &cleo], std::slice::from_ref(&secret)).await;
    direct(app, &ana, &cleo.id).await;
    for chat in app.as_user(&ana).get("/chats?page[size]=100").await.assert_status(200).ids() {
        let own = membership(app, &ana, &chat, &ana).await;
        let state = json!({ "archived": true, "mute_rule": { "until": null }, "read_until": "2099-01-01T00:00:00Z" });
        let state = update("chat_membership", &own, state);
        app.as_user(&ana).patch(&format!("/chat_memberships/{own}"), &state).await.assert_status(200);
    }
    let own = update("user", &ana.id, json!({ "direct_message_policy": "request" }));
    app.as_user(&ana).patch(&format!("/users/{}", ana.id), &own).await.assert_status(200);
    let after = answers(app, &bo, &expressions).await;
    for ((path, before), after) in expressions.iter().zip(before).zip(after) {
        assert_eq!(before, after, "{path}");
    }
}

/// Random expressions as URLs.
async fn expressions(app: &TestApp, viewer: &User) -> Vec<String> {
    let viewer = Viewer::user(id(&viewer.id));
    let made = app.running.database.read::<_, DbError>(move |conn| {
        let registry = registry();
        let world = Server { conn, registry: &registry, viewer }.world();
        let mut dice = Dice { random: ChaCha8Rng::seed_from_u64(11), registry: &registry, world: &world };
        let kinds = ["user", "direct_conversation", "chat", "chat_membership", "reaction", "chat_request"];
        let urls = (0..600).map(|number| {
            let entry = registry.find(kinds[number % kinds.len()]).expect("a type");
            let filter = dice.filter(entry, 3).to_string();
            let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
            format!("/{}?page[size]=100&page[number]=1&fields[{}]=&filter={filter}", entry.path, entry.kind)
        });
        Ok(urls.collect())
    });
    made.await.expect("expressions")
}

async fn answers(app: &TestApp, viewer: &User, paths: &[String]) -> Vec<(u16, Json, Json)> {
    let client = app.as_user(viewer);
    let mut answers = Vec::new();
    for path in paths {
        let answer = client.get(path).await;
        let document = answer.document();
        answers.push((answer.status, document["data"].clone(), document["meta"].clone()));
    }
    answers
}

/// As deep, as wide and as dear as a URL can hold.
async fn hostile_expressions_never_reach_the_database(app: &TestApp) {
    let ana = app.user("ana").await;
    let dear = format!("or({}has(inbox))", "any(members,any(inbox,has(user))),".repeat(20));
    for hostile in [
        "not(".repeat(1500),
        format!("{}has(initiator){}", "not(".repeat(1200), ")".repeat(1200)),
        format!("or({}has(initiator))", "has(initiator),".repeat(400)),
        format!("and({})", "eq(title,'x'),".repeat(400)),
        "any(members,".repeat(500),
        format!("has({}inbox)", "inbox.user.".repeat(600)),
        format!("in(id,{}'x')", "'00000000-0000-7000-8000-000000000000',".repeat(180)),
        format!("in(title,{}'x')", "'x',".repeat(600)),
        format!("eq(title,'{}", "''".repeat(2000)),
        dear,
        "((((".repeat(1000),
        ",,,,".repeat(1000),
        "\u{202e}('\u{fffd}".repeat(100),
    ] {
        let before = app.running.database.statements();
        let written: String = url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect();
        let answer = app.as_user(&ana).get(&format!("/chats?filter={written}")).await;
        assert!(matches!(answer.status, 400 | 413), "{hostile:.60}: {answer}");
        // Who asks is looked up, nothing else.
        assert_eq!(app.running.database.statements() - before, 1, "{hostile:.60}");
    }
}
