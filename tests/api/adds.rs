//! Adds of one type in one request: they cost the same for two as for a hundred.

mod alone;

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{
    assert_consistent, crowd, group, linkage, new_direct, new_group, new_membership, new_reaction, resource, say,
};
use serde_json::{Value, json};

on_both_databases![
    reactions_cost_as_many_statements_for_two_as_for_a_hundred,
    memberships_cost_as_many_statements_for_two_as_for_a_hundred,
    conversations_cost_as_many_statements_for_two_as_for_a_hundred,
    chats_cost_as_many_statements_for_two_as_for_a_hundred,
    attachments_cost_as_many_statements_for_two_as_for_a_hundred,
    requests_cost_as_many_statements_for_two_as_for_a_hundred,
    messages_to_many_chats_cost_as_many_statements_as_to_two,
    messages_by_the_urls_of_many_chats_cost_as_many_statements_as_to_two,
    what_is_there_costs_as_many_statements_for_two_as_for_a_hundred,
    adds_may_refer_to_what_those_of_another_type_add,
    two_requests_that_add_the_same_do_not_wait_for_each_other,
];

/// The most statements that adds of one type take: the token, some for each rule and table, the rows to answer with.
const HANDFUL: u64 = 18;

fn add(document: &Value) -> Value {
    json!({ "op": "add", "data": document["data"] })
}

/// The same, by the path that a single request is sent to.
fn add_to(path: &str, document: &Value) -> Value {
    json!({ "op": "add", "href": path.trim_start_matches('/'), "data": document["data"] })
}

/// Sends operations, and tells how many statements they took.
async fn cost(app: &TestApp, user: &User, operations: &Value) -> u64 {
    let before = app.running.database.statements();
    app.as_user(user).operate(operations).await.assert_status(200);
    app.running.database.statements() - before
}

/// `of` makes the operation of each number; no two of them are the same.
async fn assert_flat(app: &TestApp, user: &User, of: impl Fn(usize) -> Value) {
    let few: Value = (0..2).map(&of).collect();
    let many: Value = (2..102).map(&of).collect();
    let (few, many) = (cost(app, user, &few).await, cost(app, user, &many).await);
    assert_eq!(few, many);
    assert!((4..=HANDFUL).contains(&many), "{many}");
    assert_consistent(app).await;
}

async fn reactions_cost_as_many_statements_for_two_as_for_a_hundred(app: &TestApp) {
    let anna = app.user("anna").await;
    let chats = [group(app, &anna, None, &[]).await, group(app, &anna, None, &[]).await];
    let said: Value = (0..102).map(|number| add(&new_message(&chats[number % 2], "x"))).collect();
    let said = app.as_user(&anna).operate(&said).await.assert_status(200);
    let messages = ids(&said);
    assert_flat(app, &anna, |number| add(&new_reaction(&messages[number], "👍"))).await;
}

async fn memberships_cost_as_many_statements_for_two_as_for_a_hundred(app: &TestApp) {
    let anna = app.user("anna").await;
    let chats = [group(app, &anna, None, &[]).await, group(app, &anna, None, &[]).await];
    let users = crowd(app, "m", 0..51).await;
    assert_flat(app, &anna, |number| add(&new_membership(&chats[number % 2], &users[number / 2], "reader"))).await;
    for chat in chats {
        let members = app.as_user(&anna).get(&format!("/chats/{chat}/members?page[total]=true&page[size]=1")).await;
        assert_eq!(members.document()["meta"]["total"], 52);
    }
}

async fn conversations_cost_as_many_statements_for_two_as_for_a_hundred(app: &TestApp) {
    let anna = app.user("anna").await;
    let users = crowd(app, "d", 0..102).await;
    assert_flat(app, &anna, |number| add(&new_direct(&users[number]))).await;
}

async fn chats_cost_as_many_statements_for_two_as_for_a_hundred(app: &TestApp) {
    let anna = app.user("anna").await;
    let users = crowd(app, "c", 0..102).await;
    assert_flat(app, &anna, |number| {
        let (peer, next) = (&users[number], &users[(number + 1) % 102]);
        let mut chat = if number % 2 == 0 { new_chat(&[peer]) } else { new_chat(&[peer, next]) };
        chat["data"]["attributes"]["initial_message"] = json!({ "content": "Hi" });
        add(&chat)
    })
    .await;
    let unread = app.as_user(&anna).get("/chats?filter[chat_type]=direct&page[total]=true&include=last_message").await;
    assert_eq!(unread.document()["meta"]["total"], 51);
    assert_eq!(unread.included().len(), 25);
}

async fn attachments_cost_as_many_statements_for_two_as_for_a_hundred(app: &TestApp) {
    let anna = app.user("anna").await;
    let chat = group(app, &anna, None, &[]).await;
    let messages = [say(app, &anna, &chat).await, say(app, &anna, &chat).await, say(app, &anna, &chat).await];
    assert_flat(app, &anna, |number| add(&new_attachment(&messages[number % 3]))).await;
}

async fn requests_cost_as_many_statements_for_two_as_for_a_hundred(app: &TestApp) {
    let anna = app.user("anna").await;
    let users = crowd(app, "r", 0..102).await;
    assert_flat(app, &anna, |number| add(&new_request(&users[number]))).await;
}

async fn messages_to_many_chats_cost_as_many_statements_as_to_two(app: &TestApp) {
    let anna = app.user("anna").await;
    let users = crowd(app, "t", 0..102).await;
    let begun: Value = users.iter().map(|user| add(&new_chat(&[user]))).collect();
    let chats = ids(&app.as_user(&anna).operate(&begun).await.assert_status(200));
    assert_flat(app, &anna, |number| add(&new_message(&chats[number], "x"))).await;
}

async fn messages_by_the_urls_of_many_chats_cost_as_many_statements_as_to_two(app: &TestApp) {
    let anna = app.user("anna").await;
    let users = crowd(app, "u", 0..102).await;
    let begun: Value = users.iter().map(|user| add(&new_chat(&[user]))).collect();
    let chats = ids(&app.as_user(&anna).operate(&begun).await.assert_status(200));
    assert_flat(app, &anna, |number| match number % 3 {
        0 => add(&new_message(&chats[number], "x")),
        _ => add_to(&format!("/chats/{}/messages", chats[number]), &resource("message", json!({ "content": "x" }))),
    })
    .await;
}

/// Conversations that were put away, and requests to be answered: one type finds both.
async fn what_is_there_costs_as_many_statements_for_two_as_for_a_hundred(app: &TestApp) {
    let anna = app.user("anna").await;
    let users = crowd(app, "f", 0..102).await;
    let begun: Value = users.iter().map(|user| add(&new_chat(&[user]))).collect();
    let chats = ids(&app.as_user(&anna).operate(&begun).await.assert_status(200));
    let removed: Value =
        chats.iter().map(|chat| json!({ "op": "remove", "ref": { "type": "chat", "id": chat } })).collect();
    app.as_user(&anna).operate(&removed).await.assert_status(204);
    let asked = "UPDATE chats SET status = 'pending'";
    let requests = "INSERT INTO chat_requests (id, chat_id, sender_id, recipient_id, status, created_at, updated_at) \
                    SELECT id, chat_id, second_user_id, first_user_id, 'pending', created_at, created_at \
                    FROM direct_conversations";
    // As if each of them had asked.
    for change in [
        asked,
        requests,
        "UPDATE direct_conversations SET first_user_id = second_user_id, \
                    second_user_id = first_user_id, first_listed = false, second_listed = false",
    ] {
        app.execute(change, change);
    }
    app.execute(
        "UPDATE direct_conversations SET first_visible = 1, second_visible = 0",
        "UPDATE direct_conversations SET first_visible = true, second_visible = false",
    );
    let of = |number: usize| add(&new_direct(&users[number]));
    let few: Value = (0..2).map(of).collect();
    let many: Value = (2..102).map(of).collect();
    let (few, many) = (cost(app, &anna, &few).await, cost(app, &anna, &many).await);
    assert_eq!(few, many);
    assert_consistent(app).await;
    assert_eq!(app.as_user(&anna).get("/direct_conversations?page[number]=1").await.document()["meta"]["total"], 102);
}

async fn adds_may_refer_to_what_those_of_another_type_add(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let lid = |kind: &str, lid: &str| json!({ "data": { "type": kind, "lid": lid } });
    let mut operations = Vec::new();
    for name in ["a", "b"] {
        let mut chat = new_group(Some(name), &[""; 0]);
        chat["data"]["lid"] = json!(name);
        operations.push(add(&chat));
    }
    for name in ["a", "b"] {
        let mut joining = new_membership("", &bert.id, "reader");
        joining["data"]["relationships"]["chat"] = lid("chat", name);
        operations.push(add(&joining));
    }
    for name in ["a", "b"] {
        let mut message = new_message("", name);
        message["data"]["relationships"]["chat"] = lid("chat", name);
        message["data"]["lid"] = json!(name);
        operations.push(add(&message));
    }
    for name in ["a", "b"] {
        for (emoji, mut document) in ["👍", "🎉"].map(|emoji| (emoji, new_reaction("", emoji))) {
            document["data"]["relationships"]["message"] = lid("message", name);
            document["data"]["lid"] = json!(format!("{name}{emoji}"));
            operations.push(add(&document));
        }
        let mut file = new_attachment("");
        file["data"]["relationships"]["message"] = lid("message", name);
        operations.push(add(&file));
    }
    app.as_user(&anna).operate(&json!(operations)).await.assert_status(200);
    let seen = app.as_user(&bert).get("/chats?include=last_message.reactions,last_message.attachments").await;
    assert_eq!((seen.ids().len(), seen.included().len()), (2, 2 + 4 + 2));
    assert_consistent(app).await;
}

async fn two_requests_that_add_the_same_do_not_wait_for_each_other(app: &TestApp) {
    let (anna, bert) = (app.user("anna").await, app.user("bert").await);
    let users = crowd(app, "w", 0..30).await;
    let there: Value = users.iter().map(|user| add(&new_direct(user))).collect();
    let back: Value = users.iter().rev().map(|user| add(&new_direct(user))).collect();
    let each_other: Value = json!([add(&new_direct(&bert.id)), add(&new_chat(&[&users[0], &users[1]]))]);
    let to_anna: Value = json!([add(&new_direct(&anna.id)), add(&new_chat(&[&users[1], &users[0]]))]);
    let (of_anna, of_bert) = (app.as_user(&anna), app.as_user(&bert));
    let answers = futures_util::future::join_all([
        of_anna.operate(&there),
        of_anna.operate(&back),
        of_anna.operate(&each_other),
        of_bert.operate(&to_anna),
    ])
    .await;
    answers.into_iter().for_each(|answer| drop(answer.assert_status(200)));
    assert_eq!(of_anna.get("/direct_conversations?page[number]=1").await.document()["meta"]["total"], 31);
    assert_consistent(app).await;
}

fn ids(answer: &Answer) -> Vec<String> {
    let results = answer.document()["atomic:results"].as_array().expect("results");
    results.iter().map(|result| result["data"]["id"].as_str().expect("an id").to_owned()).collect()
}

fn new_message(chat: &str, content: &str) -> Value {
    let mut document = resource("message", json!({ "content": content }));
    document["data"]["relationships"] = json!({ "chat": { "data": { "type": "chat", "id": chat } } });
    document
}

fn new_chat(members: &[impl AsRef<str>]) -> Value {
    let mut document = resource("chat", json!({}));
    document["data"]["relationships"] = json!({ "members": { "data": linkage("user", members) } });
    document
}

fn new_attachment(message: &str) -> Value {
    let mut document = resource("attachment", json!({ "name": "a.txt", "mime_type": "text/plain" }));
    document["data"]["relationships"] = json!({ "message": { "data": { "type": "message", "id": message } } });
    document
}

fn new_request(user: &str) -> Value {
    resource("chat_request", json!({ "user_id": user }))
}
