//! Who sees what: every actor at every URL, by every verb, and through every include, filter, sort and count.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{direct, group, linkage, membership, new_direct, new_membership, resource, update};
use reqwest::Method;
use serde_json::{Value, json};

const UNKNOWN: &str = "01900000-0000-7000-8000-00000000dead";
const TITLE: &str = "Xanadu";

/// A group and a conversation, with somebody in every relation to them.
struct World {
    /// Of the group, and one side of the conversation.
    admin: User,
    member: User,
    reader: User,
    /// Was a member once.
    former: User,
    /// A member who deleted the group for themselves.
    deleter: User,
    /// Was a member, and removed the account.
    removed: User,
    /// The other side of the conversation.
    peer: User,
    /// Had a conversation with the admin too, and deleted it.
    ex: User,
    stranger: User,
    group: String,
    conversation: String,
    its_chat: String,
    deleted_conversation: String,
    its_deleted_chat: String,
    /// Of the admin, member, reader and deleter in the group.
    memberships: [String; 4],
    session: String,
}

async fn world(app: &TestApp) -> World {
    let user = async |name: &str| app.user(name).await;
    let (admin, member, reader) = (user("admin").await, user("member").await, user("reader").await);
    let (former, deleter, removed) = (user("former").await, user("deleter").await, user("removed").await);
    let (peer, ex, stranger) = (user("peer").await, user("ex").await, user("stranger").await);
    let group = group(app, &admin, Some(TITLE), &[&member, &reader, &former, &deleter, &removed]).await;
    let of_reader = membership(app, &admin, &group, &reader).await;
    let demoted = update("chat_membership", &of_reader, json!({ "role": "reader" }));
    app.as_user(&admin).patch(&format!("/chat_memberships/{of_reader}"), &demoted).await.assert_status(200);
    let of_former = membership(app, &admin, &group, &former).await;
    app.as_user(&former).delete(&format!("/chat_memberships/{of_former}")).await.assert_status(204);
    let mut memberships = Vec::new();
    for user in [&admin, &member, &reader, &deleter] {
        memberships.push(membership(app, &admin, &group, user).await);
    }
    app.as_user(&deleter).delete(&format!("/chats/{group}")).await.assert_status(204);
    app.as_user(&removed).delete(&format!("/users/{}", removed.id)).await.assert_status(204);
    let kept = direct(app, &admin, &peer.id).await;
    let deleted = direct(app, &admin, &ex.id).await;
    app.as_user(&ex).delete(&format!("/chats/{}", deleted.chat)).await.assert_status(204);
    let session = app.as_user(&admin).get("/sessions").await.ids().remove(0);
    World {
        admin,
        member,
        reader,
        former,
        deleter,
        removed,
        peer,
        ex,
        stranger,
        group,
        conversation: kept.id,
        its_chat: kept.chat,
        deleted_conversation: deleted.id,
        its_deleted_chat: deleted.chat,
        memberships: memberships.try_into().expect("four"),
        session,
    }
}

impl World {
    /// Those who sign in, by their relation to the group.
    fn actors(&self) -> Vec<(&'static str, &User)> {
        vec![
            ("admin", &self.admin),
            ("member", &self.member),
            ("reader", &self.reader),
            ("former", &self.former),
            ("deleter", &self.deleter),
            ("peer", &self.peer),
            ("ex", &self.ex),
            ("stranger", &self.stranger),
        ]
    }

    fn outsiders(&self) -> Vec<(&'static str, &User)> {
        let insiders = ["admin", "member", "reader"];
        self.actors().into_iter().filter(|(name, _)| !insiders.contains(name)).collect()
    }
}

const OF_CHAT: &[&str] = &["initiator", "viewer_membership", "direct_conversation", "members", "chat_memberships"];

/// The URL of a resource, of what it is related to, and of its linkages.
fn around(url: &str, relationships: &[&str]) -> Vec<String> {
    let both = relationships.iter().flat_map(|name| [format!("{url}/{name}"), format!("{url}/relationships/{name}")]);
    [url.to_owned()].into_iter().chain(both).collect()
}

async fn every_url_is_there_for_those_who_see_its_resource_alone(app: &TestApp) {
    let world = world(app).await;
    let chat = |id: &str| around(&format!("/chats/{id}"), OF_CHAT);
    let conversation =
        |id: &str| around(&format!("/direct_conversations/{id}"), &["chat", "first_user", "second_user"]);
    let of_membership = |id: &str| around(&format!("/chat_memberships/{id}"), &["chat", "user"]);
    let [of_admin, of_member, of_reader, of_deleter] = &world.memberships;
    let members: &[&str] = &["admin", "member", "reader"];
    for (urls, seen_by) in [
        (chat(&world.group), members),
        (chat(&world.its_chat), &["admin", "peer"]),
        (chat(&world.its_deleted_chat), &["admin"]),
        (conversation(&world.conversation), &["admin", "peer"]),
        (conversation(&world.deleted_conversation), &["admin"]),
        (of_membership(of_admin), members),
        (of_membership(of_member), members),
        (of_membership(of_reader), members),
        // One's own membership stays after deleting the chat for oneself.
        (of_membership(of_deleter), &["admin", "member", "reader", "deleter"]),
        (around(&format!("/sessions/{}", world.session), &["user"]), &["admin"]),
        (
            vec![format!("/users/{}", world.admin.id)],
            &["admin", "member", "reader", "former", "deleter", "peer", "ex", "stranger"],
        ),
        (vec![format!("/users/{}", world.removed.id)], &[]),
    ] {
        for url in urls {
            for (name, actor) in world.actors() {
                let answer = app.as_user(actor).get(&url).await;
                let expected = if seen_by.contains(&name) { 200 } else { 404 };
                assert!(answer.status == expected, "{name} expects {expected}: {answer}");
            }
            for nobody in [app.as_nobody(), app.as_user(&world.removed)] {
                nobody.get(&url).await.assert_status(401);
            }
        }
    }
}

/// The body of a request that changes something, if it has one.
type Write = (Method, String, Option<Value>);

/// Writes to the group and around it, none of which changes anything for those who may not.
fn writes(world: &World) -> Vec<(Write, u16, u16)> {
    let group = &world.group;
    let [of_admin, of_member, of_reader, _] = &world.memberships;
    let members = format!("/chats/{group}/relationships/members");
    let one = |user: &User| json!({ "data": linkage("user", &[&user.id]) });
    let role = |id: &str| Some(update("chat_membership", id, json!({ "role": "reader" })));
    let archived = |id: &str| Some(update("chat_membership", id, json!({ "archived": true })));
    let membership = |id: &str| format!("/chat_memberships/{id}");
    // What a member and what a reader is told.
    vec![
        ((Method::PATCH, format!("/chats/{group}"), Some(update("chat", group, json!({ "open": false })))), 403, 403),
        ((Method::PATCH, format!("/chats/{group}"), Some(update("chat", group, json!({ "title": "x" })))), 200, 403),
        ((Method::POST, members.clone(), Some(one(&world.stranger))), 403, 403),
        ((Method::DELETE, members.clone(), Some(one(&world.admin))), 403, 403),
        ((Method::PATCH, members, Some(one(&world.stranger))), 403, 403),
        (
            (Method::POST, "/chat_memberships".to_owned(), Some(new_membership(group, &world.stranger.id, "member"))),
            403,
            403,
        ),
        ((Method::PATCH, membership(of_admin), role(of_admin)), 403, 403),
        ((Method::PATCH, membership(of_admin), archived(of_admin)), 403, 403),
        ((Method::PATCH, membership(of_member), archived(of_member)), 200, 403),
        ((Method::PATCH, membership(of_reader), archived(of_reader)), 403, 200),
        ((Method::PATCH, membership(of_member), role(of_member)), 403, 403),
        ((Method::DELETE, membership(of_admin), None), 403, 403),
    ]
}

async fn send(app: &TestApp, user: Option<&User>, (method, url, document): &Write) -> Answer {
    let client = user.map_or_else(|| app.as_nobody(), |user| app.as_user(user));
    let request = client.request(method.clone(), url);
    let request = if let Some(document) = document { request.document(document) } else { request };
    request.send().await
}

async fn every_write_is_403_for_those_who_see_and_404_for_those_who_do_not(app: &TestApp) {
    let world = world(app).await;
    let before = app.as_user(&world.admin).get("/chats?include=chat_memberships,members").await.assert_status(200);
    for (write, of_member, of_reader) in writes(&world) {
        // The verb that no to-many relationship takes is refused before anybody looks.
        let of_outsiders = if write.1.ends_with("/members") && write.0 == Method::PATCH { 403 } else { 404 };
        for (name, actor) in world.outsiders() {
            let answer = send(app, Some(actor), &write).await;
            assert!(answer.status == of_outsiders, "{name} expects {of_outsiders}: {answer}");
        }
        for nobody in [None, Some(&world.removed)] {
            let answer = send(app, nobody, &write).await;
            assert!(matches!(answer.status, 401 | 403) && (answer.status == 401 || of_outsiders == 403), "{answer}");
        }
        for (name, actor, status) in [("member", &world.member, of_member), ("reader", &world.reader, of_reader)] {
            if status == 403 {
                let answer = send(app, Some(actor), &write).await;
                assert!(answer.status == status, "{name} expects {status}: {answer}");
            }
        }
    }
    let after = app.as_user(&world.admin).get("/chats?include=chat_memberships,members").await.assert_status(200);
    assert_eq!(before.document(), after.document(), "a refused write changed something");
    for (write, of_member, of_reader) in writes(&world) {
        for (name, actor, status) in [("member", &world.member, of_member), ("reader", &world.reader, of_reader)] {
            if status == 200 {
                let answer = send(app, Some(actor), &write).await;
                assert!(answer.status == status, "{name} expects {status}: {answer}");
            }
        }
    }
}

async fn accounts_and_sessions_are_their_owners_alone(app: &TestApp) {
    let world = world(app).await;
    let own = format!("/users/{}", world.admin.id);
    let session = format!("/sessions/{}", world.session);
    for (name, actor) in world.actors().into_iter().filter(|(name, _)| *name != "admin") {
        let client = app.as_user(actor);
        let changed = client.patch(&own, &update("user", &world.admin.id, json!({ "name": "x" }))).await;
        assert!(changed.status == 403, "{name}: {changed}");
        assert!(client.delete(&own).await.status == 403, "{name}");
        assert!(client.delete(&session).await.status == 404, "{name}");
        let seen = client.get(&own).await.assert_status(200);
        assert_eq!(
            (seen.data()["attributes"].get("email"), seen.data()["attributes"].get("direct_message_policy")),
            (None, None)
        );
        assert_eq!(client.get("/sessions?page[total]=true").await.document()["meta"]["total"], 1);
        let theirs = format!("/sessions?filter[user]={}", world.admin.id);
        assert_eq!(client.get(&theirs).await.ids().len(), 0);
    }
    app.as_user(&world.admin).get("/users").await.assert_status(200);
}

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
    let members: &[&str] = &["admin", "member", "reader"];
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
    every_url_is_there_for_those_who_see_its_resource_alone,
    every_write_is_403_for_those_who_see_and_404_for_those_who_do_not,
    accounts_and_sessions_are_their_owners_alone,
    no_list_shows_what_its_viewer_can_not_see,
    an_own_membership_of_a_deleted_chat_does_not_lead_to_it,
    filters_sorts_and_counts_tell_nothing_of_the_invisible,
    own_fields_of_others_are_null_wherever_they_are_asked_for,
    the_invisible_and_the_unknown_are_answered_alike,
    a_taken_id_does_not_tell_what_has_it,
];
