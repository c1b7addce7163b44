//! Entity tags and conditions: who holds an answer gets no second one, and nobody overwrites what they haven't seen.

use crate::support::answer::{Answer, Source};
use crate::support::app::{TestApp, User};
use crate::support::client::Client;
use crate::support::on_both_databases;
use crate::world::{attach, crowd, direct, group, linkage, membership, new_direct, resource, say, update};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The type, where it is, which one, and attributes that change it.
type Changed = (&'static str, &'static str, String, fn(usize) -> Value);

const ATOMIC: &str = "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"";

#[track_caller]
fn tag(answer: &Answer) -> String {
    answer.header("etag").unwrap_or_else(|| panic!("no tag: {answer}"))
}

/// The first part of a tag.
#[track_caller]
fn version(answer: &Answer) -> String {
    let tag = tag(answer);
    let (version, digest) = tag.trim_matches('"').split_once('.').unwrap_or_else(|| panic!("{tag} has one part"));
    assert!(!version.is_empty() && !digest.is_empty() && !tag.starts_with("W/"), "{tag}");
    version.to_owned()
}

async fn version_of(client: &Client, path: &str) -> String {
    version(&client.get(path).await.assert_status(200))
}

async fn get_if(client: &Client, path: &str, header: &str, value: &str) -> Answer {
    client.request(Method::GET, path).header(header, value).send().await
}

async fn change_if(client: &Client, method: Method, path: &str, tags: &str, document: &Value) -> Answer {
    client.request(method, path).document(document).header("if-match", tags).send().await
}

async fn patch_if(client: &Client, path: &str, tags: &str, document: &Value) -> Answer {
    change_if(client, Method::PATCH, path, tags, document).await
}

fn statuses(answers: &[Answer]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    answers.iter().for_each(|answer| *counts.entry(answer.status).or_default() += 1);
    counts
}

/// A resource of each type that can be updated: its path, and a change that differs each time.
async fn updatable(app: &TestApp, anna: &User) -> Vec<(String, Box<dyn Fn(usize) -> Value>)> {
    let bert = app.user("bert").await;
    let chat = group(app, anna, Some("Walkers"), &[&bert]).await;
    let message = say(app, anna, &chat).await;
    let file = json!({ "name": "a.txt", "mime_type": "text/plain", "source_url": "https://example.com/a" });
    let attachment = attach(app, anna, &message, file).await;
    let (own, other) = (membership(app, anna, &chat, anna).await, membership(app, anna, &chat, &bert).await);
    let ask = resource("chat_request", json!({ "user_id": anna.id }));
    let carl = app.user("carl").await;
    let request = app.as_user(&carl).post("/chat_requests", &ask).await.assert_status(201).id();
    let all: [Changed; 7] = [
        ("user", "users", anna.id.clone(), |of| json!({ "first_name": format!("Anna {of}") })),
        ("chat", "chats", chat, |of| json!({ "title": format!("Walkers {of}") })),
        ("message", "messages", message, |of| json!({ "content": format!("Hello {of}") })),
        ("attachment", "attachments", attachment, |of| json!({ "name": format!("{of}.txt") })),
        (
            "chat_membership",
            "chat_memberships",
            own,
            |of| json!({ "mute_rule": { "until": format!("2999-01-02T03:04:{of:02}.000Z") } }),
        ),
        ("chat_membership", "chat_memberships", other, |_| json!({ "role": "reader" })),
        ("chat_request", "chat_requests", request, |_| json!({ "status": "active" })),
    ];
    let changes = all.into_iter().map(|(kind, path, id, change)| {
        let url = format!("/{path}/{id}");
        (url, Box::new(move |of| update(kind, &id, change(of))) as Box<dyn Fn(usize) -> Value>)
    });
    changes.collect()
}

async fn fifty_updates_with_one_tag_change_it_once(app: &TestApp) {
    let anna = app.user("anna").await;
    for (path, change) in updatable(app, &anna).await {
        let client = app.as_user(&anna);
        let before = client.get(&path).await.assert_status(200);
        let known = tag(&before);
        let documents: Vec<Value> = (0..50).map(change).collect();
        let answers = join_all(documents.iter().map(|document| patch_if(&client, &path, &known, document))).await;

        assert_eq!(statuses(&answers), BTreeMap::from([(200, 1), (412, 49)]), "{path}");
        for refused in answers.iter().filter(|answer| answer.status == 412) {
            refused.assert_error(412, "precondition_failed", Source::Header("If-Match"));
        }
        let done = answers.iter().find(|answer| answer.status == 200).expect("one");
        let after = client.get(&path).await;
        assert_eq!(after.data()["attributes"], done.data()["attributes"]);
        assert_eq!(version(&after), version(done), "{path}");
        assert_ne!(version(&after), version(&before), "{path}");
    }
}

async fn of_many_who_add_members_by_one_tag_one_does(app: &TestApp) {
    let anna = app.user("anna").await;
    let chat = group(app, &anna, None, &[]).await;
    let people = crowd(app, "person", 0..20).await;
    let client = app.as_user(&anna);
    let path = format!("/chats/{chat}/relationships/members");
    let known = tag(&client.get(&path).await);
    let documents: Vec<Value> = people.iter().map(|id| json!({ "data": linkage("user", &[id]) })).collect();
    let add = documents.iter().map(|document| change_if(&client, Method::POST, &path, &known, document));
    let answers = join_all(add).await;

    assert_eq!(statuses(&answers), BTreeMap::from([(204, 1), (412, 19)]));
    let now = client.get(&path).await;
    assert_eq!(now.ids().len(), 2);
    let added = answers.iter().find(|answer| answer.status == 204).expect("one");
    assert_eq!(tag(added), tag(&now), "a 204 tells the tag of what is there now");
    let document = json!({ "data": linkage("user", &[&people[0]]) });
    change_if(&client, Method::DELETE, &path, &known, &document).await.assert_status(412);
    change_if(&client, Method::DELETE, &path, &tag(&now), &document).await.assert_status(204);
}

async fn nobody_deletes_by_a_tag_what_has_changed_since(app: &TestApp) {
    let anna = app.user("anna").await;
    let client = app.as_user(&anna);
    for (path, change) in updatable(app, &anna).await.into_iter().take(4).rev() {
        let known = tag(&client.get(&path).await);
        patch_if(&client, &path, "*", &change(1)).await.assert_status(200);
        let delete = |tags: String| client.request(Method::DELETE, &path).header("if-match", &tags).send();
        delete(known.clone()).await.assert_error(412, "precondition_failed", Source::Header("If-Match"));
        if path.starts_with("/users") {
            continue;
        }
        let now = tag(&client.get(&path).await);
        delete(format!("{known}, {now}")).await.assert_status(204);
    }
}

async fn a_version_moves_by_writes_to_the_resource_and_by_nothing_else(app: &TestApp) {
    let (anna, bert, carl) = (app.user("anna").await, app.user("bert").await, app.user("carl").await);
    let chat = group(app, &anna, Some("Walkers"), &[&bert]).await;
    let client = app.as_user(&anna);
    let path = format!("/chats/{chat}");
    let before = client.get(&path).await;
    let message = say(app, &bert, &chat).await;
    let after = client.get(&path).await;
    assert_eq!(version(&after), version(&before), "a message is no write to the chat");
    assert_ne!(tag(&after), tag(&before), "but its answer is another one");

    let own = membership(app, &anna, &chat, &anna).await;
    let own_path = format!("/chat_memberships/{own}");
    let mut membership_before = version_of(&client, &own_path).await;
    for change in [json!({ "archived": true }), json!({ "read_until": "2999-01-02T03:04:05.678Z" })] {
        client.patch(&own_path, &update("chat_membership", &own, change)).await.assert_status(200);
        let moved = version_of(&client, &own_path).await;
        assert_ne!(moved, membership_before, "per-viewer state has its version on the membership");
        membership_before = moved;
    }
    let seen = json!({ "data": { "type": "message", "id": message } });
    client.patch(&format!("{own_path}/relationships/last_read_message"), &seen).await.assert_status(204);
    let reaction = json!({ "data": { "type": "reaction", "attributes": { "emoji": "👍" },
        "relationships": { "message": { "data": { "type": "message", "id": message } } } } });
    let message_before = version_of(&client, &format!("/messages/{message}")).await;
    client.post("/reactions", &reaction).await.assert_status(201);
    assert_eq!(version_of(&client, &format!("/messages/{message}")).await, message_before);
    assert_eq!(version_of(&client, &path).await, version(&before));

    // The same title again is no change; another one is, and so are members, by either resource.
    client.patch(&path, &update("chat", &chat, json!({ "title": "Walkers" }))).await.assert_status(200);
    assert_eq!(version_of(&client, &path).await, version(&before));
    let mut versions = vec![version(&before)];
    client.patch(&path, &update("chat", &chat, json!({ "title": "Runners" }))).await.assert_status(200);
    versions.push(version_of(&client, &path).await);
    let members = json!({ "data": linkage("user", &[&carl.id]) });
    client.post(&format!("{path}/relationships/members"), &members).await.assert_status(204);
    versions.push(version_of(&client, &path).await);
    let of_carl = membership(app, &anna, &chat, &carl).await;
    client.delete(&format!("/chat_memberships/{of_carl}")).await.assert_status(204);
    versions.push(version_of(&client, &path).await);
    let distinct: std::collections::BTreeSet<_> = versions.iter().collect();
    assert_eq!(distinct.len(), versions.len(), "{versions:?}");
    let linkage = format!("{path}/relationships/members");
    assert_eq!(version_of(&client, &linkage).await, versions[3], "a linkage has the version of its owner");
}

async fn a_tag_tells_nothing_that_its_viewer_does_not_see(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, None, &[&bert]).await;
    let message = say(app, &anna, &chat).await;
    let own = membership(app, &bert, &chat, &bert).await;
    let paths = [format!("/users/{}", bert.id), format!("/chat_memberships/{own}"), format!("/messages/{message}")];
    let mut before = Vec::new();
    for path in &paths {
        before.push(tag(&app.as_user(&anna).get(path).await));
    }
    let client = app.as_user(&bert);
    let secret = json!({ "direct_message_policy": "request", "password": "another password",
        "current_password": crate::support::app::PASSWORD });
    let user_before = version_of(&client, &paths[0]).await;
    client.patch(&paths[0], &update("user", &bert.id, secret)).await.assert_status(200);
    assert_ne!(version_of(&client, &paths[0]).await, user_before);
    for change in [json!({ "archived": true }), json!({ "read_until": "2999-01-02T03:04:05.678Z" })] {
        client.patch(&paths[1], &update("chat_membership", &own, change)).await.assert_status(200);
    }
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(tag(&app.as_user(&anna).get(path).await), before, "{path}");
    }
}

async fn who_holds_an_answer_gets_no_second_one(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let chat = group(app, &anna, Some("Walkers"), &[&bert]).await;
    direct(app, &anna, &bert.id).await;
    let client = app.as_user(&anna);
    for path in [
        format!("/chats/{chat}"),
        format!("/chats/{chat}?include=members&fields[chat]=title,members"),
        format!("/chats/{chat}/initiator"),
        format!("/chats/{chat}/last_message"),
        format!("/chats/{chat}/members"),
        format!("/chats/{chat}/relationships/members"),
        format!("/chats/{chat}/relationships/initiator"),
        "/chats".to_owned(),
        "/direct_conversations?sort=-chat_updated_at&include=chat,first_user,second_user".to_owned(),
        "/users?page[size]=1&page[total]=true".to_owned(),
        format!("/inboxes/{}", anna.id),
    ] {
        let whole = client.get(&path).await.assert_status(200);
        let known = tag(&whole);
        for tags in [known.clone(), format!("W/{known}"), format!("\"x\", {known}"), "*".to_owned()] {
            let again = get_if(&client, &path, "if-none-match", &tags).await.assert_status(304);
            assert!(again.body.is_empty(), "{path}");
            for header in ["etag", "vary", "cache-control", "access-control-allow-origin"] {
                assert_eq!(again.header(header), whole.header(header), "{path}: {header}");
            }
            assert_eq!(again.header("content-type"), None);
        }
        let head = client.request(Method::HEAD, &path).header("if-none-match", &known).send().await;
        assert_eq!(head.assert_status(304).header("etag"), Some(known.clone()));
        for tags in ["\"x\"", "\"1.00\"", "", "x", known.trim_matches('"')] {
            let again = get_if(&client, &path, "if-none-match", tags).await.assert_status(200);
            assert_eq!(again.body, whole.body, "{path}: {tags}");
        }
        get_if(&client, &path, "if-match", &known).await.assert_status(200);
        get_if(&client, &path, "if-match", "*").await.assert_status(200);
        let other = get_if(&client, &path, "if-match", "\"0x.00\"").await;
        other.assert_error(412, "precondition_failed", Source::Header("If-Match"));
    }
    let path = format!("/chats/{chat}");
    let known = tag(&client.get(&path).await);
    say(app, &bert, &chat).await;
    get_if(&client, &path, "if-none-match", &known).await.assert_status(200);
    get_if(&client, &path, "if-match", &known).await.assert_status(200);
    get_if(&app.as_nobody(), &path, "if-none-match", "*").await.assert_status(401);
    get_if(&client, "/chats/01900000-0000-7000-8000-00000000dead", "if-none-match", "*").await.assert_status(404);
}

async fn the_answer_to_a_write_has_the_tag_that_is_read_next(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let client = app.as_user(&anna);
    let check = async |answer: Answer| {
        assert!(matches!(answer.status, 200 | 201), "{answer}");
        let url = answer.data()["links"]["self"].as_str().expect("a link").to_owned();
        assert_eq!(tag(&client.get(&url).await), tag(&answer), "{answer}");
    };
    for _ in 0..2 {
        check(client.post("/direct_conversations", &new_direct(&bert.id)).await).await;
    }
    let chat = group(app, &anna, Some("Walkers"), &[&bert]).await;
    let message = resource("message", json!({ "content": "Hello" }));
    check(client.post(&format!("/chats/{chat}/messages"), &message).await).await;
    for (path, change) in updatable(app, &anna).await {
        check(client.patch(&path, &change(1)).await).await;
    }
}

async fn a_condition_comes_after_what_is_seen_and_before_what_is_allowed(app: &TestApp) {
    let (anna, bert, olga) = (app.user("anna").await, app.user("bert").await, app.user("olga").await);
    let chat = group(app, &anna, Some("Walkers"), &[&bert]).await;
    let path = format!("/chats/{chat}");
    let good = update("chat", &chat, json!({ "title": "Runners" }));
    let stale = "\"0.0\"";
    let failed = Source::Header("If-Match");

    patch_if(&app.as_user(&olga), &path, stale, &good).await.assert_error(404, "not_found", Source::Nowhere);
    let of_type = json!({ "data": { "type": "message", "id": chat } });
    let mismatch = patch_if(&app.as_user(&anna), &path, stale, &of_type).await;
    mismatch.assert_error(409, "type_mismatch", Source::Pointer("/data/type"));
    let wrong = update("chat", &chat, json!({ "nothing": 1, "title": 1 }));
    patch_if(&app.as_user(&anna), &path, stale, &wrong).await.assert_error(412, "precondition_failed", failed.clone());
    let other = update("user", &anna.id, json!({ "name": "Anna" }));
    let user = format!("/users/{}", anna.id);
    patch_if(&app.as_user(&bert), &user, stale, &other).await.assert_error(412, "precondition_failed", failed.clone());
    patch_if(&app.as_user(&bert), &user, "*", &other).await.assert_error(403, "forbidden", Source::Nowhere);

    let client = app.as_user(&anna);
    let not_there =
        |tags: &str| client.request(Method::PATCH, &path).document(&good).header("if-none-match", tags).send();
    let present = Source::Header("If-None-Match");
    not_there("*").await.assert_error(412, "precondition_failed", present.clone());
    let known = tag(&client.get(&path).await);
    not_there(&format!("W/{known}")).await.assert_error(412, "precondition_failed", present);
    not_there("\"0.0\"").await.assert_status(200);
    patch_if(&client, &path, &format!("W/{}", tag(&client.get(&path).await)), &good).await.assert_status(412);

    // A collection has no version to hold a create to.
    let new = resource("chat", json!({ "chat_type": "group" }));
    let list = tag(&client.get("/chats").await);
    change_if(&client, Method::POST, "/chats", &list, &new).await.assert_status(412);
    change_if(&client, Method::POST, "/chats", "*", &new).await.assert_status(201);
}

async fn a_date_tells_of_changes_where_all_viewers_see_the_same(app: &TestApp) {
    let anna = app.user("anna").await;
    let chat = group(app, &anna, None, &[]).await;
    let message = say(app, &anna, &chat).await;
    let file = json!({ "name": "a.txt", "mime_type": "text/plain", "source_url": "https://example.com/a" });
    let path = format!("/attachments/{}", attach(app, &anna, &message, file).await);
    let client = app.as_user(&anna);
    let fresh = client.get(&path).await.assert_status(200);
    assert_eq!(fresh.header("last-modified"), None, "a second may see another change");

    app.execute(
        "UPDATE attachments SET updated_at = 1735787045678",
        "UPDATE attachments SET updated_at = '2025-01-02T03:04:05.678Z'",
    );
    let date = "Thu, 02 Jan 2025 03:04:05 GMT";
    assert_eq!(client.get(&path).await.header("last-modified").as_deref(), Some(date));
    let same = get_if(&client, &path, "if-modified-since", date).await.assert_status(304);
    assert!(same.body.is_empty() && same.header("last-modified").as_deref() == Some(date));
    get_if(&client, &path, "if-modified-since", "Fri, 03 Jan 2025 03:04:05 GMT").await.assert_status(304);
    for earlier in ["Thu, 02 Jan 2025 03:04:04 GMT", "yesterday", ""] {
        get_if(&client, &path, "if-modified-since", earlier).await.assert_status(200);
    }
    let both = client.request(Method::GET, &path).header("if-modified-since", date).header("if-none-match", "\"x\"");
    both.send().await.assert_status(200);
    let included = client.get(&format!("{path}?include=message")).await;
    assert_eq!(included.header("last-modified"), None, "the message has no date");
    for other in [format!("/chats/{chat}"), format!("/users/{}", anna.id), "/attachments".to_owned()] {
        let answer = get_if(&client, &other, "if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT").await;
        assert!(answer.status != 304 && answer.header("last-modified").is_none(), "{answer}");
    }
}

async fn an_atomic_operation_has_a_condition_of_its_own(app: &TestApp) {
    let anna = app.user("anna").await;
    let chat = group(app, &anna, Some("Walkers"), &[]).await;
    let client = app.as_user(&anna);
    let path = format!("/chats/{chat}");
    let known = tag(&client.get(&path).await);
    let operation = |title: &str| {
        let chat = update("chat", &chat, json!({ "title": title }));
        json!({ "op": "update", "data": chat["data"], "meta": { "if-match": known } })
    };
    let send = async |operations: Value| {
        let document = json!({ "atomic:operations": operations });
        let request = client.request(Method::POST, "/operations").document(&document);
        request.header("content-type", ATOMIC).header("accept", ATOMIC).send().await
    };
    // The first one moves the version on which the second one insists.
    let both = send(json!([operation("Runners"), operation("Sitters")])).await;
    both.assert_error(412, "precondition_failed", Source::Pointer("/atomic:operations/1/meta/if-match"));
    assert_eq!(client.get(&path).await.attribute("title"), "Walkers");
    send(json!([operation("Runners")])).await.assert_status(200);
    send(json!([operation("Sitters")])).await.assert_status(412);
}

on_both_databases![
    fifty_updates_with_one_tag_change_it_once,
    of_many_who_add_members_by_one_tag_one_does,
    nobody_deletes_by_a_tag_what_has_changed_since,
    a_version_moves_by_writes_to_the_resource_and_by_nothing_else,
    a_tag_tells_nothing_that_its_viewer_does_not_see,
    who_holds_an_answer_gets_no_second_one,
    the_answer_to_a_write_has_the_tag_that_is_read_next,
    a_condition_comes_after_what_is_seen_and_before_what_is_allowed,
    a_date_tells_of_changes_where_all_viewers_see_the_same,
    an_atomic_operation_has_a_condition_of_its_own,
];
