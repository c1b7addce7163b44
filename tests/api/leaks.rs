//! Nothing tells of what its reader can't see: no list, include, linkage, filter, sort, count, status or error.

use crate::cast::{OF_CHAT, TITLE, UNKNOWN, Write, around, send, world};
use crate::support::app::TestApp;
use crate::support::on_both_databases;
use crate::world::{linkage, new_direct, new_membership, resource, update};
use reqwest::Method;
use serde_json::{Value, json};

/// Lists of everything, with the deepest includes there are.
fn lists() -> Vec<String> {
    let chat = [
        "members",
        "initiator",
        "viewer_membership.user",
        "chat_memberships.user",
        "chat_memberships.chat.members",
        "chat_memberships.chat.chat_memberships",
        "direct_conversation.first_user",
        "direct_conversation.chat.members",
    ];
    let below = |prefix: &str| {
        chat.iter()
            .map(|path| format!("{prefix}.{path}"))
            .filter(|path| path.split('.').count() <= 4)
            .collect::<Vec<_>>()
            .join(",")
    };
    let mut lists = vec!["/users".to_owned(), "/sessions?include=user".to_owned()];
    for (path, include) in [
        ("/chats", chat.join(",")),
        ("/direct_conversations", format!("first_user,second_user,{}", below("chat"))),
        ("/chat_memberships", format!("user,{}", below("chat"))),
    ] {
        lists.push(format!("{path}?page[total]=true&include={include}"));
        lists.push(format!(
            "{path}?include={include}&filter[created_at]=gt:2000-01-01T00:00:00Z&sort=created_at&page[number]=1"
        ));
    }
    for widened in [
        "/chats?filter[hidden]=true",
        "/chats?filter[status]=!eq:pending",
        "/chats?filter[hidden]=in:true,false",
        "/direct_conversations?filter[hidden]=in:true,false&filter[status]=in:active,pending,declined&include=chat.members",
    ] {
        lists.push(widened.to_owned());
    }
    lists
}

async fn no_list_shows_what_its_viewer_can_not_see(app: &TestApp) {
    let world = world(app).await;
    let [of_admin, of_member, of_reader, of_deleter] = &world.memberships;
    let members: &[&str] = &["admin", "member", "reader", "returner"];
    let secrets: Vec<(&str, &[&str])> = vec![
        (TITLE, members),
        (&world.group, members),
        (of_admin, members),
        (of_member, members),
        (of_reader, members),
        (of_deleter, members),
        (&world.conversation, &["admin", "peer"]),
        (&world.its_chat, &["admin", "peer"]),
        (&world.deleted_conversation, &["admin"]),
        (&world.its_deleted_chat, &["admin"]),
        (&world.session, &["admin"]),
        ("admin@example.com", &["admin"]),
        ("member@example.com", &["member"]),
        (&world.removed.id, &[]),
        ("password", &[]),
    ];
    let mut shown = 0;
    for list in lists() {
        for (name, actor) in world.actors() {
            let answer = app.as_user(actor).get(&list).await.assert_status(200);
            let body = String::from_utf8_lossy(&answer.body);
            for (secret, seen_by) in &secrets {
                let is_shown = body.contains(secret);
                assert!(!is_shown || seen_by.contains(&name), "{name} sees {secret}: {answer}");
                shown += usize::from(is_shown);
            }
        }
    }
    assert!(shown > 100, "only {shown} secrets were shown to those who may see them: this proves little");
}

async fn an_own_membership_of_a_deleted_chat_does_not_lead_to_it(app: &TestApp) {
    let world = world(app).await;
    let client = app.as_user(&world.deleter);
    let own = format!("/chat_memberships/{}", world.memberships[3]);
    for path in [
        own.clone(),
        format!("{own}?include=chat,chat.members,user"),
        format!("{own}/chat"),
        format!("{own}/relationships/chat?include=chat"),
    ] {
        let answer = client.get(&path).await.assert_status(200);
        let body = String::from_utf8_lossy(&answer.body);
        assert!(!body.contains(&world.group) && !body.contains(TITLE), "{answer}");
    }
    assert_eq!(client.get("/chat_memberships").await.ids().len(), 0);
    client
        .patch(&own, &update("chat_membership", &world.memberships[3], json!({ "archived": true })))
        .await
        .assert_status(404);
    client.delete(&own).await.assert_status(204);
    client.get(&own).await.assert_status(404);
}

/// Filters that would tell of what they don't list, by a count or a change of order.
async fn filters_sorts_and_counts_tell_nothing_of_the_invisible(app: &TestApp) {
    let world = world(app).await;
    let of_admin = &world.memberships[0];
    let admin = &world.admin.id;
    let group = &world.group;
    for (name, actor) in world.outsiders() {
        let client = app.as_user(actor);
        for query in [
            format!("/chats?filter[id]={group}"),
            format!("/chats?filter[id]=in:{group},{UNKNOWN}"),
            format!("/chats?filter[title]={TITLE}"),
            "/chats?filter[search]=xana".to_owned(),
            format!("/chats?filter[member]={}", world.member.id),
            "/chats?filter[chat_type]=group".to_owned(),
            "/chats?filter[member_count]=gt:2".to_owned(),
            format!("/chats?filter[viewer_membership]={of_admin}"),
            format!("/chat_memberships?filter[chat]={group}"),
            format!("/chat_memberships?filter[id]={of_admin}"),
            format!("/chat_memberships?filter[user]={}", world.reader.id),
            "/chat_memberships?filter[role]=in:reader,admin".to_owned(),
            format!("/direct_conversations?filter[id]={}", world.deleted_conversation),
            format!("/direct_conversations?filter[chat]={}", world.its_deleted_chat),
        ] {
            let answer = client.get(&format!("{query}&page[total]=true")).await.assert_status(200);
            assert_eq!(answer.document()["meta"]["total"], 0, "{name}: {answer}");
            assert_eq!(answer.ids().len(), 0, "{name}: {answer}");
        }
        let everything = client.get("/chats?page[total]=true&filter[hidden]=in:true,false").await;
        let expected = i64::from(name == "peer");
        assert_eq!(everything.document()["meta"]["total"], expected, "{name}: {everything}");
        for query in [
            format!("filter[email]=admin@example.com&filter[id]={admin}"),
            format!("filter[email_present]=1&filter[id]={admin}"),
            format!("filter[direct_message_policy]=open&filter[id]={admin}"),
        ] {
            assert_eq!(client.get(&format!("/users?{query}")).await.ids().len(), 0, "{name} {query}");
        }
    }
}

/// Fields that only their owner sees are null to everybody else, also where they are compared.
async fn own_fields_of_others_are_null_wherever_they_are_asked_for(app: &TestApp) {
    let world = world(app).await;
    let (admin, member) = (app.as_user(&world.admin), app.as_user(&world.member));
    let own = &world.memberships[0];
    let set = json!({ "archived": true, "hidden": true, "mute_rule": { "until": null } });
    let members = format!("/chat_memberships?filter[chat]={}", world.group);
    let queries = [
        "sort=archived",
        "sort=-hidden",
        "sort=muted,-read_until",
        "filter[archived]=true",
        "filter[hidden]=!eq:true",
        "filter[muted]=true",
        "filter[muted_blank]=1",
        "filter[has_unread_messages]=false",
        "filter[read_until_present]=0",
        "sort=unread_message_count",
        "include=user",
    ];
    let seen = async || {
        let mut seen = Vec::new();
        for query in queries {
            seen.push(member.get(&format!("{members}&{query}&page[total]=true")).await.assert_status(200).body);
        }
        seen.push(member.get(&format!("/chat_memberships/{own}")).await.assert_status(200).body);
        seen.push(member.get(&format!("/chats/{}", world.group)).await.assert_status(200).body);
        seen.push(member.get("/users?sort=email,direct_message_policy").await.assert_status(200).body);
        seen
    };
    let before = seen().await;
    admin.patch(&format!("/chat_memberships/{own}"), &update("chat_membership", own, set)).await.assert_status(200);
    let attributes = json!({ "email": "aaaa@example.com", "direct_message_policy": "request", "current_password": crate::support::app::PASSWORD });
    admin
        .patch(&format!("/users/{}", world.admin.id), &update("user", &world.admin.id, attributes))
        .await
        .assert_status(200);
    let after = seen().await;
    for ((before, after), query) in before.iter().zip(&after).zip(queries.iter().chain(&["one", "chat", "users"])) {
        assert_eq!(
            String::from_utf8_lossy(before),
            String::from_utf8_lossy(after),
            "{query} tells what somebody set for themselves"
        );
    }
    let own = member.get(&format!("{members}&filter[archived]=false")).await;
    assert_eq!(own.ids(), [world.memberships[1].clone()]);
}

/// For somebody who can't see a thing it makes no difference whether the thing is there.
async fn the_invisible_and_the_unknown_are_answered_alike(app: &TestApp) {
    let world = world(app).await;
    let [of_admin, ..] = &world.memberships;
    let requests = |group: &str, conversation: &str, membership: &str, session: &str, removed: &str| -> Vec<Write> {
        let title = json!({ "title": "x" });
        let mut requests: Vec<Write> = vec![
            (Method::PATCH, format!("/chats/{group}"), Some(update("chat", group, title.clone()))),
            (Method::PATCH, format!("/chats/{group}"), Some(update("user", "x", title))),
            (
                Method::PATCH,
                format!("/chats/{group}"),
                Some(json!({ "data": { "type": "chat", "id": group, "attributes": { "nonsense": 1 } } })),
            ),
            (Method::DELETE, format!("/chats/{group}"), None),
            (Method::DELETE, format!("/sessions/{session}"), None),
            (Method::DELETE, format!("/chat_memberships/{membership}"), None),
            (
                Method::PATCH,
                format!("/chat_memberships/{membership}"),
                Some(update("chat_membership", membership, json!({ "role": "x" }))),
            ),
            (Method::POST, "/chat_memberships".to_owned(), Some(new_membership(group, &world.stranger.id, "member"))),
            (Method::POST, "/direct_conversations".to_owned(), Some(new_direct(removed))),
            (Method::PATCH, format!("/users/{removed}"), Some(update("user", removed, json!({ "name": "x" })))),
            (Method::DELETE, format!("/users/{removed}"), None),
        ];
        for method in [Method::POST, Method::DELETE] {
            let members = format!("/chats/{group}/relationships/members");
            requests.push((method, members, Some(json!({ "data": linkage("user", &[&world.stranger.id]) }))));
        }
        let reads = [
            around(&format!("/chats/{group}"), OF_CHAT),
            around(&format!("/direct_conversations/{conversation}"), &["chat"]),
            around(&format!("/chat_memberships/{membership}"), &["chat", "user"]),
            vec![
                format!("/chats?filter[id]={group}"),
                format!("/chat_memberships?filter[chat]={group}"),
                format!("/chats?filter[member]={removed}"),
                format!("/direct_conversations?filter[user_id]={removed}"),
            ],
        ];
        requests.extend(reads.into_iter().flatten().map(|url| (Method::GET, url, None)));
        requests
    };
    let real = requests(&world.group, &world.deleted_conversation, of_admin, &world.session, &world.removed.id);
    let unreal = requests(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
    let ids = [&world.group, &world.deleted_conversation, of_admin, &world.session, &world.removed.id];
    for (name, actor) in [("stranger", &world.stranger), ("former", &world.former), ("peer", &world.peer)] {
        for (real, unreal) in real.iter().zip(&unreal) {
            let (real, unreal) = (send(app, Some(actor), real).await, send(app, Some(actor), unreal).await);
            assert!(real.status == unreal.status, "{name}: {real}\n{unreal}");
            let body = String::from_utf8_lossy(&real.body).into_owned();
            let body = ids.iter().fold(body, |body, id| body.replace(id.as_str(), UNKNOWN));
            assert_eq!(body, String::from_utf8_lossy(&unreal.body), "{name}: {}", real.request);
        }
    }
}

/// An id that a client makes up says at most that it is taken.
async fn a_taken_id_does_not_tell_what_has_it(app: &TestApp) {
    let world = world(app).await;
    for taken in [&world.group, &world.its_deleted_chat] {
        let mut document = resource("chat", json!({ "chat_type": "group" }));
        document["data"]["id"] = json!(taken);
        for actor in [&world.stranger, &world.ex] {
            let answer = app.as_user(actor).post("/chats", &document).await.assert_status(409);
            let error = &answer.document()["errors"][0];
            assert_eq!((&error["code"], &error["meta"]), (&json!("id_taken"), &Value::Null), "{answer}");
        }
    }
    let mut document = resource("chat", json!({ "chat_type": "group" }));
    document["data"]["id"] = json!(world.group);
    let seen = app.as_user(&world.member).post("/chats", &document).await.assert_status(409);
    assert_eq!(seen.document()["errors"][0]["meta"]["id"], world.group.as_str(), "{seen}");
}

on_both_databases![
    no_list_shows_what_its_viewer_can_not_see,
    an_own_membership_of_a_deleted_chat_does_not_lead_to_it,
    filters_sorts_and_counts_tell_nothing_of_the_invisible,
    own_fields_of_others_are_null_wherever_they_are_asked_for,
    the_invisible_and_the_unknown_are_answered_alike,
    a_taken_id_does_not_tell_what_has_it,
];
