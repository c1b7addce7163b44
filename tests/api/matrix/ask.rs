//! What the matrix sends: a fitting document for every write, include paths, filters and sorts; and what it expects.

use super::Line;
use super::samples::{Sample, samples};
use crate::cast::World;
use crate::world::{linkage, new_direct, new_membership, new_reaction, resource, update};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tertulia::resource::plan::include::MOST_EDGES;
use tertulia::resource::registry::Entry;
use tertulia::resources::registry;

/// The statuses that the actor may be answered with; none where the request would change the world.
pub(super) fn wanted(world: &World, line: &Line, verb: &str, sample: &Sample, actor: &str) -> &'static [u16] {
    let sees = sample.seen_by.contains(&actor);
    let is_collection = !line.route.contains(":id");
    match line.cells[verb].as_str() {
        "-" => &[405],
        "403" => &[403],
        "any" | "all" if verb == "GET" => &[200],
        "any" | "all" => &[],
        "see" if verb == "GET" && sees => bytes(world, &line.route, sample),
        "see" if sees => &[],
        right if is_collection => of_collection(world, sample, right, actor),
        _ if !sees => &[404],
        "self" if is_frozen(sample, verb, actor, world) => &[404],
        right if sample.has_right(right, actor) => {
            if verb == "GET" {
                &[200]
            } else {
                &[]
            }
        }
        // What isn't theirs isn't even there.
        "self" if verb == "GET" => &[404],
        _ => &[403],
    }
}

/// A creation belongs to something that is there, as the document says; see [`document_for`].
fn of_collection(world: &World, sample: &Sample, right: &str, actor: &str) -> &'static [u16] {
    let parent = samples(world).into_iter().find(|it| sample.path == "messages" && it.id == world.group);
    let seen_by = parent.map_or(sample.seen_by, |parent| parent.seen_by);
    match (seen_by.contains(&actor), sample.has_right(right, actor)) {
        (_, true) => &[],
        (true, false) => &[403],
        (false, false) => &[404],
    }
}

/// A membership of a chat that its owner deleted can be looked at and left, not changed.
fn is_frozen(sample: &Sample, verb: &str, actor: &str, world: &World) -> bool {
    verb == "PATCH" && actor == "deleter" && sample.id == world.memberships[3]
}

/// Whether there are bytes.
fn bytes(world: &World, route: &str, sample: &Sample) -> &'static [u16] {
    match route.rsplit('/').next() {
        Some("thumbnail") => &[404],
        Some("content") if sample.id != world.said.file => &[404],
        _ => &[200],
    }
}

/// A document that nothing is wrong with, but who sends it.
pub(super) fn document_for(world: &World, route: &str, verb: &str, sample: &Sample) -> Option<Value> {
    let entry = registry().entries().iter().find(|entry| entry.path == sample.path).cloned().expect("a type");
    let of = |kind: &str, id: &str| json!({ "data": { "type": kind, "id": id } });
    let message = resource("message", json!({ "content": "Hello" }));
    match (verb, route) {
        ("GET" | "DELETE", _) if !route.ends_with("/relationships/members") => None,
        ("PUT", _) => Some(json!("bytes")),
        ("POST", "/chats/:id/messages") => Some(message),
        ("POST", "/messages") => Some(with(message, json!({ "chat": of("chat", &world.group) }))),
        ("POST", "/attachments") => {
            let attributes = json!({ "name": "a", "mime_type": "text/plain" });
            Some(with(resource("attachment", attributes), json!({ "message": of("message", &world.said.message) })))
        }
        ("POST", "/reactions") => Some(new_reaction(&world.said.message, "🪗")),
        ("POST", "/chat_memberships") => Some(new_membership(&world.group, &world.stranger.id, "member")),
        ("POST", "/direct_conversations") => Some(new_direct(&world.stranger.id)),
        ("POST", "/chat_requests") => Some(resource("chat_request", json!({ "user_id": world.stranger.id }))),
        ("POST", "/chats") => Some(resource("chat", json!({ "chat_type": "group" }))),
        ("POST", "/users" | "/sessions") => {
            let attributes = json!({ "name": "New", "email": "new@example.com", "password": "correct horse battery" });
            Some(resource(entry.kind, attributes))
        }
        ("PATCH", "/chat_requests/:id") => Some(update("chat_request", &sample.id, json!({ "status": "declined" }))),
        ("PATCH", route) if route.ends_with("/:id") => {
            let attributes = match entry.kind {
                "chat" => json!({ "title": "Changed" }),
                "chat_membership" => json!({ "archived": true }),
                "message" => json!({ "content": "Changed" }),
                "user" | "attachment" => json!({ "name": "Changed" }),
                _ => json!({}),
            };
            Some(update(entry.kind, &sample.id, attributes))
        }
        ("POST" | "PATCH" | "DELETE", route) if route.contains("/relationships/") => {
            let name = route.rsplit('/').next().unwrap_or_default();
            let is_many = entry.to_many.iter().any(|many| many.name == name);
            let members = linkage("user", &[&world.stranger.id]);
            let some = if name == "members" { members } else { json!([]) };
            Some(json!({ "data": if is_many { some } else { Value::Null } }))
        }
        _ => Some(json!({ "data": null })),
    }
}

fn with(mut document: Value, relationships: Value) -> Value {
    document["data"]["relationships"] = relationships;
    document
}

/// Values of `include` that together have every path of so many steps, and so all shorter ones.
pub(super) fn includes(entry: &Entry, steps: usize) -> Vec<String> {
    let mut includes: Vec<String> = Vec::new();
    let mut edges = BTreeSet::new();
    for path in include_paths(entry, steps) {
        let ends = path.match_indices('.').map(|(end, _)| end).chain([path.len()]);
        let new: BTreeSet<String> = ends.map(|end| path[..end].to_owned()).collect();
        match includes.last_mut() {
            Some(last) if edges.union(&new).count() <= MOST_EDGES => {
                last.push(',');
                last.push_str(&path);
            }
            _ => {
                edges.clear();
                includes.push(path);
            }
        }
        edges.extend(new);
    }
    includes
}

/// Every type can be gone on from.
fn include_paths(entry: &Entry, steps: usize) -> Vec<String> {
    let registry = registry();
    let mut paths = Vec::new();
    for name in entry.includable_names() {
        let target = entry.relationship(name).map(|found| entry.relationship_target(found));
        let target = target.and_then(|kind| registry.find(kind)).expect("a type");
        match steps {
            1 => paths.push(name.to_owned()),
            _ => paths.extend(include_paths(target, steps - 1).into_iter().map(|path| format!("{name}.{path}"))),
        }
    }
    assert!(!paths.is_empty(), "{} includes nothing", entry.kind);
    paths
}

/// Keys that take ids, and the collections whose ids those are.
pub(super) fn filters_by_id(entry: &Entry) -> Vec<(&'static str, &'static str)> {
    let registry = registry();
    let path = |kind: &str| registry.find(kind).expect("a type").path;
    let linked = entry.to_one.iter().filter(|one| one.expr.is_some()).map(|one| (one.name, path(one.target)));
    let mut keys: Vec<_> = [("id", entry.path)].into_iter().chain(linked).collect();
    match entry.kind {
        "direct_conversation" => keys.extend(["user_id", "first_user_id", "second_user_id"].map(|key| (key, "users"))),
        "chat" => keys.push(("member", "users")),
        "chat_request" => keys.push(("user_id", "users")),
        _ => (),
    }
    keys
}

/// Every word that `sort` takes without a cursor's help.
pub(super) fn sorts(entry: &Entry) -> Vec<&'static str> {
    let attributes = entry.attributes.iter().filter(|it| it.readable && it.field.sortable && it.field.expr.is_some());
    attributes.map(|it| it.field.name).chain(entry.sorts.iter().map(|sort| sort.name)).collect()
}

/// Asks for a total, where lists are not merged.
pub(super) fn total(entry: &Entry) -> &'static str {
    if entry.parts.is_some() { "" } else { "&page[total]=true" }
}
