//! What clients do at the same moment: whoever is first, the tables hold what one after the other would have made.
//!
//! Each race is run several times, as one run proves little. Which answer somebody gets may differ between runs; that
//! it is one of those which the order of things allows, and never a 5xx, may not.

use crate::support::answer::Answer;
use crate::support::app::{PASSWORD, TestApp, User, start};
use crate::support::client::Client;
use crate::support::on_both_databases;
use crate::world::{
    assert_consistent, count, direct, group, linkage, membership, new_direct, new_group, new_membership, resource,
    update,
};
use futures_util::future::{join, join_all};
use serde_json::json;
use std::collections::BTreeMap;

/// How often each status was answered.
fn statuses<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.status).or_default() += 1;
    }
    counts
}

async fn sixty_four_creators_of_a_pair_get_one_conversation(app: &TestApp) {
    for round in 0..4 {
        let (anna, bert) = (app.user(&format!("anna{round}")).await, app.user(&format!("bert{round}")).await);
        let create = async |of: usize| {
            let (from, to) = if of.is_multiple_of(2) { (&anna, &bert) } else { (&bert, &anna) };
            app.as_user(from).post("/direct_conversations", &new_direct(&to.id)).await
        };
        let answers = join_all((0..64).map(create)).await;

        assert_eq!(statuses(&answers), BTreeMap::from([(200, 63), (201, 1)]));
        let first = answers[0].id();
        for answer in &answers {
            assert_eq!(answer.id(), first);
            assert_eq!(answer.document()["meta"]["created"], answer.status == 201, "{answer}");
        }
        let rounds = round + 1;
        assert_eq!(count(app, "SELECT count(*) AS n FROM direct_conversations").await, rounds);
        assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, rounds);
        assert_eq!(count(app, "SELECT count(*) AS n FROM chat_memberships").await, 2 * rounds);
        assert_eq!(app.as_user(&anna).get("/direct_conversations").await.ids(), [first]);
    }
    assert_consistent(app).await;
}

async fn a_pair_gets_one_conversation_by_whichever_resource_it_is_created(app: &TestApp) {
    for round in 0..3 {
        let (anna, bert) = (app.user(&format!("anna{round}")).await, app.user(&format!("bert{round}")).await);
        let create = async |of: usize| {
            let (from, to) = if of.is_multiple_of(2) { (&anna, &bert) } else { (&bert, &anna) };
            let members = json!({ "members": { "data": linkage("user", &[&to.id]) } });
            let chat = json!({ "data": { "type": "chat", "relationships": members } });
            match of % 4 {
                0 | 1 => app.as_user(from).post("/direct_conversations?include=chat", &new_direct(&to.id)).await,
                _ => app.as_user(from).post("/chats?include=direct_conversation", &chat).await,
            }
        };
        let answers = join_all((0..32).map(create)).await;

        assert_eq!(statuses(&answers), BTreeMap::from([(200, 31), (201, 1)]));
        let mut included = answers[0].included();
        included.push(("direct_conversation".to_owned(), answers[0].id()));
        for answer in &answers {
            let kind = answer.data()["type"].as_str().expect("a type").to_owned();
            assert!(included.contains(&(kind, answer.id())), "{answer}");
        }
    }
    assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, 3);
    assert_consistent(app).await;
}

async fn two_servers_on_one_database_make_one_conversation(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let second = start(app.url()).await;
    let base = format!("{}/api/v1", second.url);
    let create = async |of: usize| {
        let (from, to) = if of.is_multiple_of(2) { (&anna, &bert) } else { (&bert, &anna) };
        let client = if of % 4 < 2 { app.as_user(from) } else { Client::new(base.clone(), Some(from.token.clone())) };
        client.post("/direct_conversations", &new_direct(&to.id)).await
    };
    let answers = join_all((0..32).map(create)).await;
    second.stop().await;

    assert_eq!(statuses(&answers), BTreeMap::from([(200, 31), (201, 1)]));
    assert_consistent(app).await;
}

async fn one_of_many_sign_ups_gets_the_address(app: &TestApp) {
    for round in 0..3 {
        let sign_up = async |of: usize| {
            // One address, however its case is written.
            let name: String = "anna".chars().enumerate().map(|(at, c)| spelled(c, of >> at)).collect();
            let email = format!("{name}{round}@example.com");
            let attributes = json!({ "name": format!("n{of}"), "email": email, "password": PASSWORD });
            app.as_nobody().post("/users", &resource("user", attributes)).await
        };
        let answers = join_all((0..24).map(sign_up)).await;

        assert_eq!(statuses(&answers), BTreeMap::from([(201, 1), (409, 23)]));
        for refused in answers.iter().filter(|answer| answer.status == 409) {
            use crate::support::answer::Source::Pointer;
            refused.assert_error(409, "email_taken", Pointer("/data/attributes/email"));
        }
        assert_eq!(count(app, "SELECT count(*) AS n FROM users").await, round + 1);
    }
}

fn spelled(character: char, of: usize) -> String {
    if of.is_multiple_of(2) { character.to_string() } else { character.to_uppercase().collect() }
}

/// How an admin of a group goes.
#[derive(Clone, Copy, Debug)]
enum Exit {
    Leave,
    StepDown,
    RemoveOther,
    DemoteOther,
    LeaveByLinkage,
    RemoveAccount,
}

async fn a_group_never_loses_its_last_admin(app: &TestApp) {
    use Exit::{DemoteOther, Leave, LeaveByLinkage, RemoveAccount, RemoveOther, StepDown};
    let exits = [
        (Leave, Leave),
        (StepDown, StepDown),
        (Leave, StepDown),
        (DemoteOther, DemoteOther),
        (RemoveOther, RemoveOther),
        (RemoveOther, StepDown),
        (LeaveByLinkage, DemoteOther),
        (RemoveAccount, StepDown),
        (RemoveAccount, Leave),
        (RemoveAccount, RemoveAccount),
    ];
    let reader = app.user("reader").await;
    for round in 0..2 {
        for (of, (first, second)) in exits.into_iter().enumerate() {
            let (anna, bert) = (app.user(&format!("a{round}{of}")).await, app.user(&format!("b{round}{of}")).await);
            let chat = group(app, &anna, None, &[&bert, &reader]).await;
            let own = [membership(app, &anna, &chat, &anna).await, membership(app, &anna, &chat, &bert).await];
            let promoted = update("chat_membership", &own[1], json!({ "role": "admin" }));
            app.as_user(&anna).patch(&format!("/chat_memberships/{}", own[1]), &promoted).await.assert_status(200);

            let answers = join(
                exit(app, first, &chat, (&anna, &own[0]), &own[1]),
                exit(app, second, &chat, (&bert, &own[1]), &own[0]),
            );
            let (one, other) = answers.await;
            for answer in [&one, &other] {
                assert!(matches!(answer.status, 200 | 204 | 401 | 403 | 404 | 409), "{first:?}, {second:?}: {answer}");
            }
            assert!([&one, &other].iter().any(|it| it.status < 300), "{first:?}, {second:?}: {one}, {other}");
            assert_consistent(app).await;
        }
    }
}

async fn exit(app: &TestApp, how: Exit, chat: &str, (who, own): (&User, &str), other: &str) -> Answer {
    let client = app.as_user(who);
    let demoted = |id: &str| update("chat_membership", id, json!({ "role": "member" }));
    match how {
        Exit::Leave => client.delete(&format!("/chat_memberships/{own}")).await,
        Exit::RemoveOther => client.delete(&format!("/chat_memberships/{other}")).await,
        Exit::StepDown => client.patch(&format!("/chat_memberships/{own}"), &demoted(own)).await,
        Exit::DemoteOther => client.patch(&format!("/chat_memberships/{other}"), &demoted(other)).await,
        Exit::RemoveAccount => client.delete(&format!("/users/{}", who.id)).await,
        Exit::LeaveByLinkage => {
            let document = json!({ "data": linkage("user", &[&who.id]) });
            let request = client.request(reqwest::Method::DELETE, &format!("/chats/{chat}/relationships/members"));
            request.document(&document).send().await
        }
    }
}

async fn somebody_added_by_many_joins_once(app: &TestApp) {
    let (anna, bert, new) = (app.user("anna").await, app.user("bert").await, app.user("new").await);
    for _ in 0..3 {
        let chat = group(app, &anna, None, &[&bert]).await;
        let bert_is = membership(app, &anna, &chat, &bert).await;
        let promoted = update("chat_membership", &bert_is, json!({ "role": "admin" }));
        app.as_user(&anna).patch(&format!("/chat_memberships/{bert_is}"), &promoted).await.assert_status(200);
        let add = async |of: usize| {
            let client = app.as_user(if of.is_multiple_of(2) { &anna } else { &bert });
            if of % 4 < 2 {
                client.post("/chat_memberships", &new_membership(&chat, &new.id, "member")).await
            } else {
                let document = json!({ "data": linkage("user", &[&new.id, &anna.id]) });
                client.post(&format!("/chats/{chat}/relationships/members"), &document).await
            }
        };
        let answers = join_all((0..24).map(add)).await;

        let by_linkage = statuses(answers.iter().filter(|answer| answer.request.contains("relationships")));
        assert_eq!(by_linkage, BTreeMap::from([(204, 12)]));
        let by_membership = statuses(answers.iter().filter(|answer| !answer.request.contains("relationships")));
        assert!(by_membership.get(&201).is_none_or(|created| *created == 1), "{by_membership:?}");
        assert_eq!(by_membership.values().sum::<usize>(), 12);
        assert!(by_membership.keys().all(|status| matches!(status, 201 | 409)), "{by_membership:?}");
        assert_eq!(app.as_user(&anna).get(&format!("/chats/{chat}")).await.attribute("member_count"), 3);
        assert_consistent(app).await;
    }
}

async fn somebody_who_is_added_and_removed_at_once_is_in_or_out(app: &TestApp) {
    let (anna, new) = (app.user("anna").await, app.user("new").await);
    let chat = group(app, &anna, None, &[]).await;
    let url = format!("/chats/{chat}/relationships/members");
    let document = json!({ "data": linkage("user", &[&new.id]) });
    let change = async |of: usize| {
        let method = if of.is_multiple_of(2) { reqwest::Method::POST } else { reqwest::Method::DELETE };
        app.as_user(&anna).request(method, &url).document(&document).send().await
    };
    let answers = join_all((0..32).map(change)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(204, 32)]));
    assert_consistent(app).await;
}

async fn a_peer_who_goes_is_a_peer_or_unknown(app: &TestApp) {
    for round in 0..4 {
        let gone = app.user(&format!("gone{round}")).await;
        let names = ["anna", "bert", "carl", "dora", "emil", "fred"];
        let others = join_all(names.map(|name| async move { app.user(name).await })).await;
        let known = direct(app, &others[0], &gone.id).await;
        let meet = async |of: usize| {
            let client = app.as_user(&others[of % others.len()]);
            match of % 3 {
                0 => client.post("/direct_conversations", &new_direct(&gone.id)).await,
                1 => client.post("/chats", &new_group(None, &[&gone.id])).await,
                _ => app.as_user(&gone).post("/direct_conversations", &new_direct(&others[of % 6].id)).await,
            }
        };
        let removal = async {
            app.as_user(&gone).delete(&format!("/users/{}", gone.id)).await.assert_status(204);
        };
        let (answers, ()) = join(join_all((0..18).map(meet)), removal).await;

        for answer in answers {
            assert!(matches!(answer.status, 200 | 201 | 401 | 404), "{answer}");
        }
        assert_consistent(app).await;
        let left = format!("/direct_conversations/{}", known.id);
        let left = app.as_user(&others[0]).get(&left).await.assert_status(200);
        assert!(left.attribute("user_id").is_null(), "{left}");
        let of_gone = "SELECT count(*) AS n FROM chats c WHERE c.chat_type = 'direct' AND c.member_count = 1
             AND c.past_users_involved <> '[\"gone0\"]' AND c.past_users_involved <> '[\"gone1\"]'
             AND c.past_users_involved <> '[\"gone2\"]' AND c.past_users_involved <> '[\"gone3\"]'";
        assert_eq!(count(app, of_gone).await, 0);
    }
}

async fn friends_who_go_at_once_all_go(app: &TestApp) {
    let names: Vec<String> = (0..6).map(|number| format!("friend{number}")).collect();
    let friends = join_all(names.iter().map(|name| app.user(name))).await;
    let stays = app.user("stays").await;
    for friend in &friends {
        let others: Vec<&User> = friends.iter().chain([&stays]).filter(|other| other.id != friend.id).collect();
        group(app, friend, None, &others).await;
        for other in others {
            app.as_user(friend).post("/direct_conversations", &new_direct(&other.id)).await;
        }
    }
    let remove = async |friend: &User| app.as_user(friend).delete(&format!("/users/{}", friend.id)).await;
    let answers = join_all(friends.iter().map(remove)).await;

    assert_eq!(statuses(&answers), BTreeMap::from([(204, 6)]));
    assert_consistent(app).await;
    let chats = app.as_user(&stays).get("/chats").await;
    assert_eq!(chats.items().len(), 12);
    for chat in chats.items() {
        let past = chat["attributes"]["past_users_involved"].as_array().expect("names").len();
        let expected = if chat["attributes"]["chat_type"] == "group" { 6 } else { 1 };
        assert_eq!(past, expected, "{chat:#}");
    }
}

async fn an_id_that_many_make_up_belongs_to_one_of_them(app: &TestApp) {
    let (anna, bert, carl) = (app.user("anna").await, app.user("bert").await, app.user("carl").await);
    for round in 0..3 {
        let id = format!("01900000-0000-7000-8000-00000000000{round}");
        let create = async |of: usize| {
            let client = app.as_user([&anna, &bert, &carl][of % 3]);
            let mut document = new_group(None, &[&anna.id]);
            document["data"]["id"] = json!(id);
            client.post("/chats", &document).await
        };
        let answers = join_all((0..18).map(create)).await;

        assert_eq!(statuses(&answers), BTreeMap::from([(201, 1), (409, 17)]));
        assert_eq!(count(app, "SELECT count(*) AS n FROM chats").await, round + 1);
    }
    assert_consistent(app).await;
}

async fn a_conversation_is_listed_as_its_flags_say_whoever_changes_them(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let conversation = direct(app, &anna, &bert.id).await;
    let own = [
        membership(app, &anna, &conversation.chat, &anna).await,
        membership(app, &anna, &conversation.chat, &bert).await,
    ];
    for _ in 0..4 {
        let change = async |of: usize| {
            let (user, peer, own) =
                if of.is_multiple_of(2) { (&anna, &bert, &own[0]) } else { (&bert, &anna, &own[1]) };
            let client = app.as_user(user);
            match of / 2 % 4 {
                0 => client.delete(&format!("/chats/{}", conversation.chat)).await,
                1 => client.post("/direct_conversations", &new_direct(&peer.id)).await,
                hidden => {
                    let document = update("chat_membership", own, json!({ "hidden": hidden == 2 }));
                    client.patch(&format!("/chat_memberships/{own}"), &document).await
                }
            }
        };
        let answers = join_all((0..24).map(change)).await;
        // What was deleted a moment ago can't be hidden, or deleted again.
        assert!(answers.iter().all(|it| matches!(it.status, 200 | 204 | 404)), "{:?}", statuses(&answers));
        assert_consistent(app).await;
    }
}

async fn a_password_that_changes_leaves_no_session_of_the_old_one(app: &TestApp) {
    for round in 0..4 {
        let anna = app.user(&format!("anna{round}")).await;
        let attributes = json!({ "password": "another password", "current_password": PASSWORD });
        let document = update("user", &anna.id, attributes);
        let own = format!("/users/{}", anna.id);
        let change = async {
            app.as_user(&anna).patch(&own, &document).await.assert_status(200);
        };
        let (answers, ()) = join(join_all((0..12).map(|_| app.sign_in(&anna.email, PASSWORD))), change).await;

        assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 401)), "{:?}", statuses(&answers));
        let sessions = app.as_user(&anna).get("/sessions").await.ids();
        assert_eq!(sessions.len(), 1, "sessions of the old password live on");
    }
}

on_both_databases![
    sixty_four_creators_of_a_pair_get_one_conversation,
    a_pair_gets_one_conversation_by_whichever_resource_it_is_created,
    two_servers_on_one_database_make_one_conversation,
    one_of_many_sign_ups_gets_the_address,
    a_group_never_loses_its_last_admin,
    somebody_added_by_many_joins_once,
    somebody_who_is_added_and_removed_at_once_is_in_or_out,
    a_peer_who_goes_is_a_peer_or_unknown,
    friends_who_go_at_once_all_go,
    an_id_that_many_make_up_belongs_to_one_of_them,
    a_conversation_is_listed_as_its_flags_say_whoever_changes_them,
    a_password_that_changes_leaves_no_session_of_the_old_one,
];
