//! What sentences put into a server before they ask it: people, conversations, groups, and rows no request can make.
//!
//! Requests make what requests can make. [`alter`] and [`count`] reach the tables behind the server's back.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use diesel::sql_types::BigInt;
use diesel::{QueryResult, QueryableByName, RunQueryDsl};
use serde_json::{Value, json};
use tertulia::db::{Conn, DbError, Id};

/// A document of one resource.
pub(crate) fn resource(kind: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes } })
}

/// A document that changes one resource.
pub(crate) fn update(kind: &str, id: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "id": id, "attributes": attributes } })
}

pub(crate) fn linkage(kind: &str, ids: &[impl AsRef<str>]) -> Value {
    ids.iter().map(|id| json!({ "type": kind, "id": id.as_ref() })).collect()
}

pub(crate) fn new_direct(peer: &str) -> Value {
    resource("direct_conversation", json!({ "user_id": peer }))
}

pub(crate) fn new_group(title: Option<&str>, members: &[impl AsRef<str>]) -> Value {
    let attributes = json!({ "chat_type": "group", "title": title });
    let relationships = json!({ "members": { "data": linkage("user", members) } });
    json!({ "data": { "type": "chat", "attributes": attributes, "relationships": relationships } })
}

pub(crate) fn new_membership(chat: &str, user: &str, role: &str) -> Value {
    let relationships = json!({ "chat": { "data": { "type": "chat", "id": chat } }, "user": { "data": { "type": "user", "id": user } } });
    json!({ "data": { "type": "chat_membership", "attributes": { "role": role }, "relationships": relationships } })
}

/// A direct conversation and its chat.
#[derive(Clone, Debug)]
pub(crate) struct Direct {
    pub(crate) id: String,
    pub(crate) chat: String,
}

pub(crate) async fn direct(app: &TestApp, from: &User, peer: &str) -> Direct {
    let answer = app.as_user(from).post("/direct_conversations", &new_direct(peer)).await.assert_status(201);
    let chat = answer.data()["relationships"]["chat"]["data"]["id"].as_str().expect("a chat").to_owned();
    Direct { id: answer.id(), chat }
}

pub(crate) async fn group(app: &TestApp, admin: &User, title: Option<&str>, members: &[&User]) -> String {
    let members: Vec<&str> = members.iter().map(|user| user.id.as_str()).collect();
    app.as_user(admin).post("/chats", &new_group(title, &members)).await.assert_status(201).id()
}

/// The membership of `user` in `chat`, as `viewer` finds it.
pub(crate) async fn membership(app: &TestApp, viewer: &User, chat: &str, user: &User) -> String {
    let path = format!("/chat_memberships?filter[chat]={chat}&filter[user]={}", user.id);
    let ids = app.as_user(viewer).get(&path).await.assert_status(200).ids();
    assert_eq!(ids.len(), 1, "{path}");
    ids[0].clone()
}

/// A message.
pub(crate) async fn say(app: &TestApp, author: &User, chat: &str) -> String {
    say_this(app, author, chat, "A file").await
}

pub(crate) async fn say_this(app: &TestApp, author: &User, chat: &str, content: &str) -> String {
    let document = resource("message", json!({ "content": content }));
    app.as_user(author).post(&format!("/chats/{chat}/messages"), &document).await.assert_status(201).id()
}

pub(crate) async fn answered(app: &TestApp, author: &User, chat: &str, parent: &str, content: &str) -> String {
    let mut document = resource("message", json!({ "content": content }));
    document["data"]["relationships"] = json!({ "parent": { "data": { "type": "message", "id": parent } } });
    app.as_user(author).post(&format!("/chats/{chat}/messages"), &document).await.assert_status(201).id()
}

pub(crate) async fn react(app: &TestApp, author: &User, message: &str, emoji: &str) -> String {
    app.as_user(author).post("/reactions", &new_reaction(message, emoji)).await.assert_status(201).id()
}

pub(crate) fn new_reaction(message: &str, emoji: &str) -> Value {
    let mut document = resource("reaction", json!({ "emoji": emoji }));
    document["data"]["relationships"] = json!({ "message": { "data": { "type": "message", "id": message } } });
    document
}

/// A request that waits, its chat and its conversation.
pub(crate) struct Asked {
    pub(crate) request: String,
    pub(crate) chat: String,
    pub(crate) conversation: String,
}

pub(crate) async fn ask(app: &TestApp, sender: &User, recipient: &User) -> Answer {
    let document = resource("chat_request", json!({ "user_id": recipient.id }));
    app.as_user(sender).post("/chat_requests", &document).await
}

/// The recipient's answer to a request.
pub(crate) async fn respond(app: &TestApp, recipient: &User, request: &str, status: &str) -> Answer {
    let document = update("chat_request", request, json!({ "status": status }));
    app.as_user(recipient).patch(&format!("/chat_requests/{request}"), &document).await
}

/// The status of a request.
pub(crate) async fn status_of(app: &TestApp, viewer: &User, request: &str) -> String {
    let found = app.as_user(viewer).get(&format!("/chat_requests/{request}")).await.assert_status(200);
    found.attribute("status").as_str().expect("a status").to_owned()
}

pub(crate) async fn request(app: &TestApp, from: &User, to: &User) -> Asked {
    let document = resource("chat_request", json!({ "user_id": to.id }));
    let answer = app.as_user(from).post("/chat_requests?include=chat", &document).await.assert_status(201);
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    let chat = &answer.document()["included"][0];
    Asked {
        request: answer.id(),
        chat: text(&chat["id"]),
        conversation: text(&chat["relationships"]["direct_conversation"]["data"]["id"]),
    }
}

/// An attachment of one's own message.
pub(crate) async fn attach(app: &TestApp, author: &User, message: &str, attributes: Value) -> String {
    let message = json!({ "message": { "data": { "type": "message", "id": message } } });
    let attached = json!({ "data": { "type": "attachment", "attributes": attributes, "relationships": message } });
    app.as_user(author).post("/attachments", &attached).await.assert_status(201).id()
}

/// Accounts that nobody signs in to, named `<prefix><number>`; their ids.
pub(crate) async fn crowd(app: &TestApp, prefix: &str, numbers: std::ops::Range<usize>) -> Vec<String> {
    let sign_up = async |number: usize| {
        let name = format!("{prefix}{number}");
        let email = format!("{name}@crowd.example");
        let attributes = json!({ "name": name, "email": email, "password": crate::support::app::PASSWORD });
        app.as_nobody().post("/users", &resource("user", attributes)).await.assert_status(201).id()
    };
    futures_util::future::join_all(numbers.map(sign_up)).await
}

/// Changes rows in a way that no request can.
pub(crate) async fn alter<T: Send + 'static>(
    app: &TestApp,
    mut change: impl FnMut(&mut Conn) -> QueryResult<T> + Send + 'static,
) -> T {
    let done = app.running.database.write::<T, DbError>(move |conn| Ok(change(conn)?)).await;
    done.unwrap_or_else(|e| panic!("the tables: {e}"))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// The `n` that a statement selects.
pub(crate) async fn count(app: &TestApp, sql: impl Into<String>) -> i64 {
    let sql = sql.into();
    let counted = app.running.database.read::<i64, DbError>(move |conn| {
        Ok(diesel::sql_query(&sql).get_result::<Count>(conn).map_err(DbError::from)?.n)
    });
    counted.await.unwrap_or_else(|e| panic!("a count: {e}"))
}

pub(crate) fn id(text: &str) -> Id {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no id"))
}

/// What holds of the tables whatever happened at once: the count of rows that break each rule is 0.
const RULES: &[&str] = &[
    // The number of members is the number of memberships.
    "SELECT count(*) AS n FROM chats c
     WHERE member_count <> (SELECT count(*) FROM chat_memberships m WHERE m.chat_id = c.id)",
    // A direct chat has exactly one conversation, a group has none.
    "SELECT count(*) AS n FROM chats c
     WHERE (SELECT count(*) FROM direct_conversations d WHERE d.chat_id = c.id)
        <> CASE c.chat_type WHEN 'direct' THEN 1 ELSE 0 END",
    // Each side that has an account has its membership, and nobody else has one.
    "SELECT count(*) AS n FROM direct_conversations d
     WHERE (SELECT count(*) FROM chat_memberships m WHERE m.chat_id = d.chat_id)
        <> CASE WHEN d.first_user_id IS NULL THEN 0 ELSE 1 END + CASE WHEN d.second_user_id IS NULL THEN 0 ELSE 1 END
        OR EXISTS (SELECT 1 FROM chat_memberships m WHERE m.chat_id = d.chat_id
                   AND m.user_id NOT IN (coalesce(d.first_user_id, m.user_id), coalesce(d.second_user_id, m.user_id)))",
    // The pair is there as long as both accounts are, and the name that is kept as soon as one isn't.
    "SELECT count(*) AS n FROM direct_conversations d
     WHERE (d.low_user_id IS NULL OR d.high_user_id IS NULL)
        <> (d.first_user_id IS NULL OR d.second_user_id IS NULL)
        OR (d.former_peer_folded IS NULL) <> (d.first_user_id IS NOT NULL AND d.second_user_id IS NOT NULL)",
    // A chat goes by its request; without one it is active.
    "SELECT count(*) AS n FROM chats c LEFT JOIN chat_requests r ON r.chat_id = c.id
     WHERE c.status <> coalesce(r.status, 'active')",
    // A request that waits has two sides, those of the conversation, and no other one does without an answer.
    "SELECT count(*) AS n FROM chat_requests r JOIN direct_conversations d ON d.chat_id = r.chat_id
     WHERE r.status = 'pending' AND (r.sender_id IS NULL OR r.recipient_id IS NULL)
        OR r.sender_id <> d.first_user_id OR r.recipient_id <> d.second_user_id
        OR (r.status = 'pending') <> (r.responded_at IS NULL)",
    // What a list shows of a side is a copy of its membership's flags and the chat's status.
    "SELECT count(*) AS n FROM direct_conversations d
     JOIN chat_memberships m ON m.chat_id = d.chat_id AND m.user_id = d.first_user_id
     JOIN chats c ON c.id = d.chat_id
     WHERE d.first_visible = m.deleted OR d.first_listed = (m.deleted OR m.hidden OR c.status <> 'active')",
    "SELECT count(*) AS n FROM direct_conversations d
     JOIN chat_memberships m ON m.chat_id = d.chat_id AND m.user_id = d.second_user_id
     JOIN chats c ON c.id = d.chat_id
     WHERE d.second_visible = m.deleted OR d.second_listed = (m.deleted OR m.hidden OR c.status <> 'active')",
    // So is the instant by which it is sorted.
    "SELECT count(*) AS n FROM direct_conversations d JOIN chats c ON c.id = d.chat_id
     WHERE d.chat_updated_at <> c.updated_at",
    // A group with members has an admin.
    "SELECT count(*) AS n FROM chats c WHERE c.chat_type = 'group' AND c.member_count > 0
        AND NOT EXISTS (SELECT 1 FROM chat_memberships m WHERE m.chat_id = c.id AND m.role = 'admin')",
];

#[track_caller]
pub(crate) fn assert_consistent(app: &TestApp) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        for rule in RULES {
            assert_eq!(count(app, *rule).await, 0, "{caller}: {rule}");
        }
    }
}
