//! What somebody can't see may change: every answer to them stays as it was, to the byte.
//!
//! This finds what no search for a text or an id does: counts, orders, instants, tags and versions.

use super::ask::{sorts, total};
use super::samples::samples;
use crate::cast::{World, world};
use crate::support::app::{PASSWORD, TestApp, User};
use crate::support::on_both_databases;
use crate::world::{attach, group, linkage, react, say_this, update};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tertulia::resource::registry::Entry;
use tertulia::resources::registry;

/// Whatever lists, orders, counts and resources tell of the unseen, if anything does.
fn urls(world: &World, name: &str) -> Vec<String> {
    let registry = registry();
    // One's sessions tell when they were used.
    let entries = || registry.entries().iter().filter(|entry| entry.kind != "session");
    let lists = entries().filter(|entry| entry.can.list).flat_map(|entry| of_list(world, entry, name));
    let seen = samples(world).into_iter().filter(|sample| sample.path != "sessions" && sample.seen_by.contains(&name));
    let around = seen.flat_map(|sample| {
        let entry = entries().find(|entry| entry.path == sample.path).expect("a type");
        let url = format!("/{}/{}", sample.path, sample.id);
        let related =
            entry.relationship_names().flat_map(|name| [format!("/{name}"), format!("/relationships/{name}")]);
        let to_many = entry.to_many.iter().map(|many| format!("/{}?page[total]=true", many.name));
        let all: Vec<String> = related.chain(to_many).map(|tail| format!("{url}{tail}")).collect();
        [url].into_iter().chain(all)
    });
    lists.chain(around).collect()
}

fn of_list(world: &World, entry: &Entry, name: &str) -> Vec<String> {
    let includes: Vec<&str> = entry.includable_names().collect();
    let all = format!("/{}?page[size]=100{}", entry.path, total(entry));
    let orders = sorts(entry).into_iter().map(|sort| format!("{all}&sort={sort}"));
    let mut urls: Vec<String> = [format!("{all}&include={}", includes.join(","))].into_iter().chain(orders).collect();
    let many = entry.to_many.iter().filter(|many| many.includable).map(|many| many.name);
    let counted = many.flat_map(|many| (0..6).map(move |number| format!("eq(count({many}),{number})")));
    let there = entry.quantified_names().map(|name| format!("has({name})"));
    let fields = entry.attributes.iter().filter(|it| it.readable && it.field.expr.is_some());
    let present = fields.map(|it| format!("present({})", it.field.name));
    let conditions = counted.chain(there).chain(present).map(|condition| format!("&filter={condition}"));
    let within: Vec<String> = match entry.parts {
        Some(_) => {
            let chats = samples(world).into_iter().filter(|it| it.path == "chats" && it.seen_by.contains(&name));
            chats.map(|chat| format!("{all}&filter[chat]={}", chat.id)).collect()
        }
        None => vec![all],
    };
    urls.extend(conditions.flat_map(|condition| within.iter().map(move |all| format!("{all}{condition}"))));
    urls
}

/// What one is told at every URL: the status, the tag and the bytes.
type Told = BTreeMap<String, (u16, Option<String>, String)>;

async fn told(app: &TestApp, world: &World, (name, user): (&str, &User)) -> Told {
    let mut told = Told::new();
    let urls = urls(world, name);
    for some in urls.chunks(32) {
        let asked = some.iter().map(|url| async move { (url, app.as_user(user).get(url).await) });
        for (url, answer) in join_all(asked).await {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            told.insert(url.clone(), (answer.status, answer.header("etag"), text));
        }
    }
    told
}

/// What the admin and the member do by themselves.
async fn private_changes(app: &TestApp, world: &World) {
    let admin = app.as_user(&world.admin);
    let own = &world.memberships[0];
    let set = json!({ "archived": true, "hidden": true, "mute_rule": { "until": null } });
    admin.patch(&format!("/chat_memberships/{own}"), &update("chat_membership", own, set)).await.assert_status(200);
    let read = json!({ "data": { "type": "message", "id": world.said.reply } });
    let pointer = format!("/chat_memberships/{own}/relationships/last_read_message");
    admin.patch(&pointer, &read).await.assert_status(204);
    let attributes =
        json!({ "email": "zzz@example.com", "direct_message_policy": "request", "current_password": PASSWORD });
    let user = update("user", &world.admin.id, attributes);
    admin.patch(&format!("/users/{}", world.admin.id), &user).await.assert_status(200);
    app.sign_in("zzz@example.com", PASSWORD).await.assert_status(201);
    let cleared = update("message", &world.said.cleared, json!({ "content": "Changed" }));
    admin.patch(&format!("/messages/{}", world.said.cleared), &cleared).await.assert_status(200);
    let elsewhere = json!({ "name": "a", "mime_type": "text/plain", "source_url": "https://example.com/a" });
    attach(app, &world.admin, &world.said.cleared, elsewhere.clone()).await;
    react(app, &world.admin, &world.said.cleared, "🪗").await;
    let chat = group(app, &world.admin, Some("Between us"), &[&world.member]).await;
    let message = say_this(app, &world.member, &chat, "Psst").await;
    react(app, &world.admin, &message, "🪗").await;
    attach(app, &world.member, &message, elsewhere).await;
}

/// What happens to messages that who came back has cleared.
async fn changes_of_the_cleared(app: &TestApp, world: &World) {
    let (admin, said) = (app.as_user(&world.admin), &world.said);
    let edited =
        update("message", &said.message, json!({ "content": "Changed", "image_url": "https://example.com/a" }));
    admin.patch(&format!("/messages/{}", said.message), &edited).await.assert_status(200);
    react(app, &world.member, &said.message, "🪗").await;
    react(app, &world.admin, &said.of_former, "🪗").await;
    app.as_user(&world.member).delete(&format!("/reactions/{}", said.reaction)).await.assert_status(204);
    admin.delete(&format!("/attachments/{}", said.file)).await.assert_status(204);
    let elsewhere = json!({ "name": "a", "mime_type": "text/plain", "source_url": "https://example.com/a" });
    attach(app, &world.admin, &said.message, elsewhere).await;
    admin.delete(&format!("/messages/{}", said.of_removed)).await.assert_status(204);
}

/// What happens to the group.
async fn changes_of_the_group(app: &TestApp, world: &World, joining: &User) {
    let admin = app.as_user(&world.admin);
    let chat = update("chat", &world.group, json!({ "title": "Changed", "icon_url": "https://example.com/a" }));
    admin.patch(&format!("/chats/{}", world.group), &chat).await.assert_status(200);
    let role = update("chat_membership", &world.of_returner, json!({ "role": "member" }));
    admin.patch(&format!("/chat_memberships/{}", world.of_returner), &role).await.assert_status(200);
    let members = format!("/chats/{}/relationships/members", world.group);
    let document = json!({ "data": linkage("user", &[&joining.id]) });
    admin.post(&members, &document).await.assert_status(204);
    let leaving: Value = json!({ "data": linkage("user", &[&world.reader.id]) });
    admin.request(Method::DELETE, &members).document(&leaving).send().await.assert_status(204);
    let reply = update("message", &world.said.reply, json!({ "content": "Changed" }));
    app.as_user(&world.member).patch(&format!("/messages/{}", world.said.reply), &reply).await.assert_status(200);
    react(app, &world.admin, &world.said.reply, "🪗").await;
}

async fn what_one_can_not_see_changes_no_answer(app: &TestApp) {
    let world = world(app).await;
    let joining = app.user("joining").await;
    let of = |names: &[&str]| {
        let actors = world.actors().into_iter().filter(|(name, _)| names.contains(name));
        actors.map(|(name, user)| (name, user.clone())).collect::<Vec<_>>()
    };
    let mut before: BTreeMap<&str, Told> = BTreeMap::new();
    let outside = ["former", "deleter", "peer", "ex", "stranger"];
    for (what, unseeing) in [
        ("nothing", [&["reader", "returner"], &outside[..]].concat()),
        ("private", [&["reader", "returner"], &outside[..]].concat()),
        ("cleared", [&["returner"], &outside[..]].concat()),
        ("group", outside.to_vec()),
        // A message leads who deleted the chat back to it.
        ("message", ["former", "peer", "ex", "stranger"].to_vec()),
    ] {
        match what {
            "private" => private_changes(app, &world).await,
            "cleared" => changes_of_the_cleared(app, &world).await,
            "group" => changes_of_the_group(app, &world, &joining).await,
            "message" => drop(say_this(app, &world.member, &world.group, "Hello").await),
            _ => {}
        }
        for (name, user) in of(&unseeing) {
            let now = told(app, &world, (name, &user)).await;
            let then = before.get(name).unwrap_or(&now);
            assert!(now.len() > 100, "{name} asks only {} times", now.len());
            for (url, now) in &now {
                assert!(now.0 == 200 || now.0 == 404 && !url.contains('?'), "{name} asks {url} in vain: {now:?}");
                assert!(*now == then[url], "{name} knows of a change ({what}) by {url}: {:?}, then {now:?}", then[url]);
            }
            before.insert(name, now);
        }
    }
}

on_both_databases![what_one_can_not_see_changes_no_answer];
