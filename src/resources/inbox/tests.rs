//! Rules of inboxes.

use crate::{
    db::{DbError, Id, Time},
    resources::bench::{Bench, linked, problems},
    schema::{chat_memberships, chats, messages},
};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};
use serde_json::{Value, json};

const KIND: &str = "inbox";

impl Bench {
    /// Unread messages, chats with unread ones, requests to the user, requests by the user.
    fn counts(&self, user: Id) -> [i64; 4] {
        let inbox = self.show(user, KIND, user).expect("an inbox");
        ["unread_message_count", "unread_chat_count", "pending_chat_request_count", "outgoing_chat_request_count"]
            .map(|name| inbox["attributes"][name].as_i64().expect("a number"))
    }

    /// A message as it is stored, without what else a post does.
    fn store(&self, chat: Id, author: Option<Id>, deleted: bool) {
        let stored = self.database.write_blocking(move |conn| {
            let row = chats::table.find(chat);
            diesel::update(row).set(chats::last_sequence.eq(chats::last_sequence + 1)).execute(conn)?;
            let sequence: i64 = row.select(chats::last_sequence).first(conn)?;
            diesel::insert_into(messages::table)
                .values((
                    (messages::id.eq(Id::new()), messages::chat_id.eq(chat), messages::sequence.eq(sequence)),
                    (messages::author_id.eq(author), messages::content.eq("Hello"), messages::deleted.eq(deleted)),
                    (messages::created_at.eq(Time::now()), messages::updated_at.eq(Time::now())),
                ))
                .execute(conn)?;
            Ok::<_, DbError>(())
        });
        stored.expect("a message");
    }

    /// Moves one of the sequences of a membership.
    fn move_to(&self, chat: Id, user: Id, column: &'static str, to: i64) {
        let moved = self.database.write_blocking(move |conn| {
            let own = chat_memberships::chat_id.eq(chat).and(chat_memberships::user_id.eq(user));
            let own = diesel::update(chat_memberships::table.filter(own));
            match column {
                "read" => own.set(chat_memberships::read_sequence.eq(to)).execute(conn),
                "cleared" => own.set(chat_memberships::cleared_sequence.eq(to)).execute(conn),
                _ => own.set(chat_memberships::joined_sequence.eq(to)).execute(conn),
            }?;
            Ok::<_, DbError>(())
        });
        moved.expect("a pointer");
    }
}

#[test]
fn everybody_has_one_and_sees_no_other() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let inbox = bench.show(anna, KIND, anna).unwrap();
    assert_eq!(inbox["id"], anna.to_string());
    assert_eq!(linked(&inbox, "user"), anna);
    assert_eq!(bench.counts(anna), [0, 0, 0, 0]);
    assert_eq!(problems(bench.show(bert, KIND, anna)), ["not_found "]);
    assert_eq!(problems(bench.show(anna, KIND, Id::new())), ["not_found "]);

    let document = bench.document(anna, "user", Some(anna), "include=inbox.user").unwrap();
    assert_eq!(linked(&document["data"], "inbox"), anna);
    assert_eq!(document["included"][0]["type"], "inbox");
    let other = bench.document(anna, "user", Some(bert), "include=inbox").unwrap();
    assert_eq!(other["data"]["relationships"], Value::Null);
    assert_eq!(other["included"], json!([]));
    assert_eq!(bench.ids(anna, "user", &format!("filter[inbox]={anna}")), [anna.to_string()]);
    assert!(bench.ids(anna, "user", &format!("filter[inbox]={bert}")).is_empty());
}

#[test]
fn messages_by_others_behind_all_three_pointers_are_unread() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let (_, direct) = bench.direct(anna, bert);
    let group = bench.group(bert, &[anna, carl]);
    for author in [Some(bert), Some(anna), Some(bert), None] {
        bench.store(direct, author, false);
    }
    bench.store(direct, Some(bert), true);
    assert_eq!(bench.counts(anna), [3, 1, 0, 0]);
    assert_eq!(bench.counts(bert), [2, 1, 0, 0]);
    for (pointer, to, left) in [("read", 1, 2), ("cleared", 3, 1), ("joined", 4, 0), ("read", 5, 0)] {
        bench.move_to(direct, anna, pointer, to);
        assert_eq!(bench.counts(anna)[..2], [left, left.min(1)], "{pointer}");
    }
    bench.store(group, Some(carl), false);
    bench.store(direct, Some(bert), false);
    assert_eq!(bench.counts(anna), [2, 2, 0, 0]);
    assert_eq!(bench.counts(carl), [0, 0, 0, 0]);
}

#[test]
fn archived_chats_count_and_hidden_deleted_or_left_ones_do_not() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let group = bench.group(bert, &[anna]);
    let own = bench.membership(anna, group, anna);
    bench.store(group, Some(bert), false);
    let set = |attributes: Value| drop(bench.set(anna, "chat_membership", own, attributes).unwrap());
    set(json!({ "archived": true }));
    assert_eq!(bench.counts(anna), [1, 1, 0, 0]);
    set(json!({ "hidden": true }));
    assert_eq!(bench.counts(anna), [0, 0, 0, 0]);
    set(json!({ "hidden": false }));
    bench.delete(anna, "chat", group).unwrap();
    assert_eq!(bench.counts(anna), [0, 0, 0, 0]);
    bench.delete(anna, "chat_membership", own).unwrap();
    assert_eq!(bench.counts(anna), [0, 0, 0, 0]);
    assert_eq!(bench.counts(bert), [0, 0, 0, 0]);
}

#[test]
fn requests_count_as_long_as_nobody_answers() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let ask = |sender, recipient: Id| {
        bench.create(sender, "chat_request", json!({ "attributes": { "user_id": recipient } })).unwrap().id
    };
    let (first, second, third) = (ask(anna, bert), ask(carl, bert), ask(anna, carl));
    assert_eq!([anna, bert, carl].map(|user| bench.counts(user)), [[0, 0, 0, 2], [0, 0, 2, 0], [0, 0, 1, 1]]);
    bench.set(bert, "chat_request", first, json!({ "status": "declined" })).unwrap();
    bench.set(bert, "chat_request", second, json!({ "status": "active" })).unwrap();
    bench.delete(anna, "chat_request", third).unwrap();
    assert_eq!([anna, bert, carl].map(|user| bench.counts(user)), [[0, 0, 0, 0]; 3]);
}
