//! Every actor at every URL, by every verb: 404 for those who can't see, 403 for those who only see.

use crate::cast::{OF_CHAT, World, Write, around, send, world};
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{linkage, new_membership, update};
use reqwest::Method;
use serde_json::json;

async fn every_url_is_there_for_those_who_see_its_resource_alone(app: &TestApp) {
    let world = world(app).await;
    let chat = |id: &str| around(&format!("/chats/{id}"), OF_CHAT);
    let conversation =
        |id: &str| around(&format!("/direct_conversations/{id}"), &["chat", "first_user", "second_user"]);
    let of_membership = |id: &str| around(&format!("/chat_memberships/{id}"), &["chat", "user"]);
    let [of_admin, of_member, of_reader, of_deleter] = &world.memberships;
    let members: &[&str] = &["admin", "member", "reader", "returner"];
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
        (of_membership(of_deleter), &["admin", "member", "reader", "returner", "deleter"]),
        (around(&format!("/sessions/{}", world.session), &["user"]), &["admin"]),
        (
            vec![format!("/users/{}", world.admin.id)],
            &["admin", "member", "reader", "former", "deleter", "returner", "peer", "ex", "stranger"],
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

on_both_databases![
    every_url_is_there_for_those_who_see_its_resource_alone,
    every_write_is_403_for_those_who_see_and_404_for_those_who_do_not,
    accounts_and_sessions_are_their_owners_alone,
];
