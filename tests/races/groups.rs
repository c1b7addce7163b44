//! The two admins of a group who go at the same moment.

use crate::people::ROUNDS;
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{assert_consistent, group, linkage, update};
use futures_util::future::join;
use reqwest::Method;
use serde_json::json;

/// Whoever is left of a reader and a member, the member is the one who rules then.
async fn two_admins_who_leave_at_once_are_followed(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let (carl, dora) = (app.user("carl").await, app.user("dora").await);
    for round in 0..ROUNDS {
        let chat = group(app, &anna, None, &[&bert, &carl, &dora]).await;
        for (user, role) in [(&bert, "admin"), (&carl, "reader")] {
            let own = own(app, &anna, &chat, user).await;
            let changed = update("chat_membership", &own, json!({ "role": role }));
            app.as_user(&anna).patch(&format!("/chat_memberships/{own}"), &changed).await.assert_status(200);
        }
        let leave = async |user: &User, by_linkage: bool| {
            let client = app.as_user(user);
            if by_linkage {
                let document = json!({ "data": linkage("user", &[&user.id]) });
                let path = format!("/chats/{chat}/relationships/members");
                return client.request(Method::DELETE, &path).document(&document).send().await;
            }
            let own = own(app, user, &chat, user).await;
            client.delete(&format!("/chat_memberships/{own}")).await
        };
        let (one, other) = join(leave(&anna, round % 4 == 0), leave(&bert, round % 3 == 0)).await;
        assert_eq!((one.status, other.status), (204, 204), "{one}\n{other}");
        let left = app.as_user(&carl).get(&format!("/chats/{chat}?include=chat_memberships")).await.assert_status(200);
        assert_eq!(*left.attribute("member_count"), 2);
        let included = left.document()["included"].as_array().expect("memberships");
        let role = |user: &User| {
            let of = |it: &&serde_json::Value| it["relationships"]["user"]["data"]["id"] == user.id.as_str();
            included.iter().find(of).expect("a membership")["attributes"]["role"].clone()
        };
        assert_eq!((role(&dora), role(&carl)), (json!("admin"), json!("reader")));
    }
    assert_consistent(app).await;
}

async fn own(app: &TestApp, viewer: &User, chat: &str, user: &User) -> String {
    crate::world::membership(app, viewer, chat, user).await
}

on_both_databases![two_admins_who_leave_at_once_are_followed];
