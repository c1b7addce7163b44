//! Sparse fieldsets show what the whole answer shows of those fields, and nothing is computed for the others.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::client::Client;
use crate::support::on_both_databases;
use crate::world::{answered, attach, direct, group, membership, react, request, resource, say, update};
use serde_json::{Value, json};
use tertulia::resource::{Registry, registry::Entry};

/// One of everything, so that no list of the viewer is empty and no count of theirs is zero.
async fn world(app: &TestApp) -> (User, String) {
    let (viewer, peer) = (app.user("viewer").await, app.user("peer").await);
    direct(app, &viewer, &peer.id).await;
    let chat = group(app, &peer, Some("Garden"), &[&viewer]).await;
    let first = say(app, &peer, &chat).await;
    let reply = answered(app, &viewer, &chat, &first, "Yes").await;
    let own = membership(app, &viewer, &chat, &viewer).await;
    let read = json!({ "data": { "type": "message", "id": first } });
    let path = format!("/chat_memberships/{own}/relationships/last_read_message");
    app.as_user(&viewer).patch(&path, &read).await.assert_status(200);
    react(app, &viewer, &first, "👍").await;
    attach(app, &viewer, &reply, json!({ "name": "a.txt", "mime_type": "text/plain" })).await;
    let announced = resource("message", json!({ "content": "Files follow", "expected_attachment_count": 2 }));
    app.as_user(&peer).post(&format!("/chats/{chat}/messages"), &announced).await.assert_status(201);
    let shy = app.user("shy").await;
    let policy = json!({ "direct_message_policy": "request" });
    let document = update("user", &viewer.id, policy);
    app.as_user(&viewer).patch(&format!("/users/{}", viewer.id), &document).await.assert_status(200);
    request(app, &shy, &viewer).await;
    (viewer, chat)
}

fn fields(entry: &Entry) -> Vec<&'static str> {
    let readable = entry.attributes.iter().filter(|attribute| attribute.readable);
    readable.map(|attribute| attribute.field.name).chain(entry.relationship_names()).collect()
}

/// No field, and each by itself.
fn one_by_one(entry: &Entry) -> Vec<Vec<&'static str>> {
    [Vec::new()].into_iter().chain(fields(entry).into_iter().map(|name| vec![name])).collect()
}

/// All fields but each.
fn all_but_one(entry: &Entry) -> Vec<Vec<&'static str>> {
    let all = fields(entry);
    all.iter().map(|left_out| all.iter().copied().filter(|name| name != left_out).collect()).collect()
}

/// What a document shows, with no fields of this type but those.
fn projected(document: &Value, kind: &str, fields: &[&str]) -> Value {
    let one = |object: &Value| {
        let mut object = object.clone();
        if object["type"] == kind {
            let members = object.as_object_mut().expect("an object");
            for name in ["attributes", "relationships"] {
                let Some(of_name) = members.get_mut(name).and_then(Value::as_object_mut) else { continue };
                of_name.retain(|name, _| fields.contains(&name.as_str()));
                if of_name.is_empty() {
                    members.remove(name);
                }
            }
        }
        object
    };
    let several = |objects: &Value| match objects {
        Value::Array(objects) => objects.iter().map(one).collect(),
        object => one(object),
    };
    json!({ "data": several(&document["data"]), "included": several(&document["included"]) })
}

/// Asks for the whole of a URL, and for each set of fields of a type.
async fn hold(client: &Client, url: &str, entry: &Entry, sets: Vec<Vec<&'static str>>) {
    let mark = if url.contains('?') { '&' } else { '?' };
    let whole = client.get(url).await.assert_status(200);
    for set in sets {
        let url = format!("{url}{mark}fields[{}]={}", entry.kind, set.join(","));
        let sparse = client.get(&url).await.assert_status(200);
        let expected = projected(whole.document(), entry.kind, &set);
        let found = json!({ "data": sparse.data(), "included": sparse.document()["included"] });
        assert_eq!(found, expected, "{sparse}");
        assert_eq!(version(&sparse), version(&whole), "{sparse}");
    }
}

/// The part of a tag that a write compares.
fn version(answer: &Answer) -> Option<String> {
    let tag = answer.header("etag").expect("a tag");
    tag.split_once('.').map(|(version, _)| version.to_owned())
}

async fn a_sparse_answer_is_the_whole_one_with_less_in_it(app: &TestApp) {
    let (viewer, _) = world(app).await;
    let (client, registry) = (app.as_user(&viewer), tertulia::resources::registry());
    for entry in registry.entries() {
        let id = if entry.can.list {
            let found = client.get(&format!("/{}", entry.path)).await.assert_status(200).ids();
            hold(&client, &format!("/{}", entry.path), entry, all_but_one(entry)).await;
            found.first().unwrap_or_else(|| panic!("no {}", entry.kind)).clone()
        } else {
            viewer.id.clone()
        };
        let one = format!("/{}/{id}", entry.path);
        hold(&client, &one, entry, one_by_one(entry)).await;
        for name in entry.relationship_names() {
            follow(&client, &registry, (entry, &one), name).await;
        }
    }
}

/// What a relationship leads to, in a document of its own and included.
async fn follow(client: &Client, registry: &Registry, (entry, one): (&Entry, &str), name: &str) {
    let relationship = entry.relationship(name).expect("a relationship");
    let target = registry.find(entry.relationship_target(relationship)).expect("a type");
    let none = || vec![Vec::new()];
    let each = if target.spared(0).is_none() { none() } else { one_by_one(target) };
    if client.get(&format!("{one}/{name}")).await.status == 200 {
        hold(client, &format!("{one}/{name}"), target, none()).await;
    }
    if entry.is_includable(relationship) {
        hold(client, &format!("{one}?include={name}"), target, each).await;
        hold(client, &format!("{one}?include={name}"), entry, none()).await;
        let linkage = format!("{one}/relationships/{name}?include={name}");
        if client.get(&linkage).await.status == 200 {
            hold(client, &linkage, target, none()).await;
        }
    }
}

async fn cursors_keep_their_place_by_what_is_not_shown(app: &TestApp) {
    let (viewer, chat) = world(app).await;
    let client = app.as_user(&viewer);
    for sort in ["uploading_attachment_count", "-uploading_attachment_count"] {
        let list = format!("/chats/{chat}/messages?sort={sort}&fields[message]=content");
        let whole = client.get(&list).await.assert_status(200).ids();
        let (mut walked, mut next) = (Vec::new(), Some(format!("{list}&page[size]=1")));
        while let Some(url) = next {
            let page = client.get(&url).await.assert_status(200);
            walked.extend(page.ids());
            next = page.link("next").map(|url| url.replace(app.url(), ""));
        }
        assert_eq!(walked, whole, "{sort}");
        assert_eq!(whole.len(), 3);
    }
}

/// A table that isn't there any more isn't read.
async fn nothing_is_counted_that_is_not_shown(app: &TestApp) {
    let (viewer, chat) = world(app).await;
    let (client, inbox) = (app.as_user(&viewer), format!("/inboxes/{}", viewer.id));
    let message = client.get("/messages").await.ids().remove(0);
    lose(app, &["attachments", "reactions"]);
    let messages = ["/messages?", &format!("/chats/{chat}/messages?"), &format!("/messages/{message}?")];
    for url in messages.map(str::to_owned).into_iter().chain([format!("/chats/{chat}?include=last_message&")]) {
        client.get(&format!("{url}fields[message]=content,chat")).await.assert_status(200);
        client.get(&url).await.assert_status(500);
    }
    lose(app, &["messages"]);
    for url in [
        "/chats?".to_owned(),
        format!("/chats/{chat}?"),
        "/chat_memberships?include=chat&".to_owned(),
        "/direct_conversations?include=chat&".to_owned(),
        format!("/users/{}?include=inbox&", viewer.id),
        format!("{inbox}?"),
    ] {
        let fields =
            "fields[chat]=title&fields[chat_membership]=role,chat&fields[inbox]=user,pending_chat_request_count";
        client.get(&format!("{url}{fields}")).await.assert_status(200);
        client.get(&url).await.assert_status(500);
    }
    for url in ["members", "relationships/members", "relationships/chat_memberships"] {
        client.get(&format!("/chats/{chat}/{url}")).await.assert_status(200);
    }
    lose(app, &["chat_requests"]);
    client.get(&format!("{inbox}?fields[inbox]=user")).await.assert_status(200);
}

fn lose(app: &TestApp, tables: &[&str]) {
    for table in tables {
        let lost = format!("ALTER TABLE {table} RENAME TO lost_{table}");
        app.execute(&lost, &lost);
    }
}

on_both_databases![
    a_sparse_answer_is_the_whole_one_with_less_in_it,
    cursors_keep_their_place_by_what_is_not_shown,
    nothing_is_counted_that_is_not_shown,
];
