//! Groups whose members change them at the same time.

use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use futures_util::future::join_all;
use serde_json::{Value, json};

on_both_databases![
    two_admins_who_step_down_at_once_leave_one,
    members_who_leave_at_once_are_all_counted,
    a_group_has_at_most_five_thousand_members,
];

async fn two_admins_who_step_down_at_once_leave_one(app: &TestApp) {
    for _ in 0..8 {
        let group = Group::of(app, &["anna", "bert"]).await;
        group.set_role(app, 0, 1, "admin").await.assert_status(200);

        let roles = (0..2).map(|of| group.set_role(app, of, of, "member"));
        let answers = join_all(roles).await;

        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let path = format!("/chats/{}/chat_memberships?filter[role]=admin", group.id);
        assert_eq!(app.as_user(&group.users[0]).get(&path).await.ids().len(), 1);
    }
}

async fn members_who_leave_at_once_are_all_counted(app: &TestApp) {
    let names = ["anna", "bert", "carla", "dora", "emil", "fritz", "greta"];
    let group = Group::of(app, &names).await;

    let leave = async |of: usize| {
        let path = format!("/chat_memberships/{}", group.memberships[of]);
        app.as_user(&group.users[of]).delete(&path).await.assert_status(204);
    };
    join_all((0..5).map(leave)).await;

    let path = format!("/chats/{}?include=chat_memberships", group.id);
    let shown = app.as_user(&group.users[5]).get(&path).await;
    assert_eq!(*shown.attribute("member_count"), 2);
    assert_eq!(shown.included().len(), 2);
    let roles = shown.document()["included"].as_array().expect("memberships").iter();
    let admins = roles.filter(|membership| membership["attributes"]["role"] == "admin").count();
    assert_eq!(admins, 1, "{shown}");
}

async fn a_group_has_at_most_five_thousand_members(app: &TestApp) {
    let group = Group::of(app, &["anna"]).await;
    app.execute(&fill("SELECT randomblob(16)", "0"), &fill("SELECT gen_random_uuid()", "now()"));
    let (bert, carla) = (app.user("bert").await, app.user("carla").await);
    let add = async |user: &User| {
        let members = json!({ "data": [{ "type": "user", "id": user.id }] });
        app.as_user(&group.users[0]).post(&format!("/chats/{}/relationships/members", group.id), &members).await
    };

    add(&bert).await.assert_status(204);
    add(&carla).await.assert_status(422);

    let shown = app.as_user(&group.users[0]).get(&format!("/chats/{}", group.id)).await;
    assert_eq!(*shown.attribute("member_count"), 5000);
}

/// SQL that puts 4,998 more users into the only chat.
fn fill(id: &str, now: &str) -> String {
    format!(
        "INSERT INTO users (id, name, name_folded, email, email_folded, password_hash, created_at, updated_at)
         WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 4998)
         {id}, 'x', 'x', 'x' || number, 'x' || number, '', {now}, {now} FROM numbers;
         INSERT INTO chat_memberships (id, chat_id, user_id, role, created_at, updated_at)
         {id}, (SELECT id FROM chats), id, 'member', {now}, {now} FROM users WHERE password_hash = '';
         UPDATE chats SET member_count = (SELECT count(*) FROM chat_memberships);"
    )
}

/// A group chat; its first user made it.
struct Group {
    id: String,
    users: Vec<User>,
    /// In the order of `users`.
    memberships: Vec<String>,
}

impl Group {
    async fn of(app: &TestApp, names: &[&str]) -> Group {
        let users: Vec<User> = join_all(names.iter().map(|name| app.user(name))).await;
        let others: Vec<Value> = users[1..].iter().map(|user| json!({ "type": "user", "id": user.id })).collect();
        let document = json!({ "data": {
            "type": "chat", "attributes": { "chat_type": "group" }, "relationships": { "members": { "data": others } },
        } });
        let id = app.as_user(&users[0]).post("/chats", &document).await.assert_status(201).id();
        let path = async |user: &User| {
            let path = format!("/chats/{id}/chat_memberships?filter[user]={}", user.id);
            app.as_user(&users[0]).get(&path).await.ids().remove(0)
        };
        let memberships = join_all(users.iter().map(path)).await;
        Group { id, users, memberships }
    }

    async fn set_role(&self, app: &TestApp, by: usize, of: usize, role: &str) -> crate::support::answer::Answer {
        let id = &self.memberships[of];
        let document = json!({ "data": { "type": "chat_membership", "id": id, "attributes": { "role": role } } });
        app.as_user(&self.users[by]).patch(&format!("/chat_memberships/{id}"), &document).await
    }
}
