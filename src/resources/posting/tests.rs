//! What a new message does: to the chat, and to those who put it away.

use crate::{
    db::Id,
    resource::relate::Verb,
    resources::bench::{Bench, ids, linked, problems},
};
use serde_json::{Value, json};

const MEMBERSHIP: &str = "chat_membership";

fn set(bench: &Bench, viewer: Id, chat: Id, attributes: Value) {
    bench.set(viewer, MEMBERSHIP, bench.membership(viewer, chat, viewer), attributes).unwrap();
}

/// `archived` and `hidden`.
fn flags(bench: &Bench, viewer: Id, chat: Id) -> (bool, bool) {
    let shown = bench.show(viewer, "chat", chat).unwrap();
    (shown["attributes"]["archived"] == true, shown["attributes"]["hidden"] == true)
}

#[test]
fn a_new_message_moves_the_chat_and_nothing_else_does() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (conversation, chat) = bench.direct(anna, bert);
    let shown = || bench.show(bert, "chat", chat).unwrap();
    assert_eq!(shown()["attributes"]["last_message_at"], Value::Null);
    let before = shown()["attributes"]["updated_at"].take();
    let said = bench.say(anna, chat, "Hi");
    let message = bench.show(bert, "message", said).unwrap();
    let moved = shown();
    assert!(moved["attributes"]["updated_at"].as_str() > before.as_str());
    assert_eq!(moved["attributes"]["last_message_at"], message["attributes"]["created_at"]);
    assert_eq!(linked(&moved, "last_message"), said);
    let of_conversation = bench.show(bert, "direct_conversation", conversation).unwrap();
    assert_eq!(of_conversation["attributes"]["chat_updated_at"], moved["attributes"]["updated_at"]);
    assert_eq!(bench.ids(bert, "direct_conversation", "filter[has_unread_messages]=true"), [conversation.to_string()]);
    assert!(bench.ids(anna, "direct_conversation", "filter[has_unread_messages]=true").is_empty());
    bench.set(anna, "message", said, json!({ "content": "Ho" })).unwrap();
    set(&bench, bert, chat, json!({ "read_until": "2999-01-01T00:00:00Z" }));
    bench.delete(anna, "message", said).unwrap();
    assert_eq!(shown()["attributes"]["updated_at"], moved["attributes"]["updated_at"]);
    assert_eq!(shown()["attributes"]["last_message_at"], moved["attributes"]["last_message_at"]);
}

#[test]
fn an_archived_chat_stays_archived() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (_, chat) = bench.direct(anna, bert);
    set(&bench, bert, chat, json!({ "archived": true }));
    bench.say(anna, chat, "Hi");
    assert_eq!(flags(&bench, bert, chat), (true, false));
    assert_eq!(bench.show(bert, "chat", chat).unwrap()["attributes"]["unread_message_count"], 1);
}

#[test]
fn a_hidden_chat_comes_back_into_the_inbox() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (conversation, chat) = bench.direct(anna, bert);
    for who in [anna, bert] {
        set(&bench, bert, chat, json!({ "archived": true, "hidden": true }));
        assert!(bench.ids(bert, "direct_conversation", "").is_empty());
        // One's own message does the same.
        bench.say(who, chat, "Hi");
        assert_eq!(flags(&bench, bert, chat), (false, false));
        assert_eq!(bench.ids(bert, "direct_conversation", ""), [conversation.to_string()]);
    }
}

#[test]
fn a_deleted_chat_comes_back_without_what_was_cleared() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let (conversation, direct) = bench.direct(anna, bert);
    for chat in [direct, bench.group(anna, &[bert, carl])] {
        let old = bench.say(anna, chat, "Old");
        bench.delete(bert, "chat", chat).unwrap();
        assert_eq!(problems(bench.show(bert, "message", old)), ["not_found "]);
        assert_eq!(
            problems(bench.post(bert, chat, json!({ "content": "A" }))),
            ["not_found /data/relationships/chat/data"]
        );
        let new = bench.say(anna, chat, "New");
        let shown = bench.show(bert, "chat", chat).unwrap();
        assert_eq!(linked(&shown, "last_message"), new);
        assert_eq!(shown["attributes"]["unread_message_count"], 1);
        assert_eq!(ids(&bench.related(bert, ("chat", chat, "messages"), "").unwrap()), [new.to_string()]);
        assert_eq!(problems(bench.show(bert, "message", old)), ["not_found "]);
        assert_eq!(ids(&bench.related(anna, ("chat", chat, "messages"), "").unwrap()).len(), 2);
    }
    assert_eq!(bench.ids(bert, "direct_conversation", ""), [conversation.to_string()]);
}

#[test]
fn a_deleted_chat_that_is_asked_for_again_is_empty() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (_, chat) = bench.direct(anna, bert);
    let said = bench.say(anna, chat, "Hi");
    let own = bench.membership(bert, chat, bert);
    bench
        .relate(bert, (MEMBERSHIP, own, "last_read_message"), Verb::Replace, json!({ "type": "message", "id": said }))
        .unwrap();
    bench.delete(bert, "chat", chat).unwrap();
    bench.direct(bert, anna);
    let shown = bench.show(bert, "chat", chat).unwrap();
    assert_eq!(shown["attributes"]["last_message_at"], Value::Null);
    assert_eq!(shown["attributes"]["read_until"], Value::Null);
    assert_eq!(shown["attributes"]["unread_message_count"], 0);
    assert_eq!(shown["relationships"]["last_message"]["data"], Value::Null);
    assert!(bench.ids(bert, "message", "").is_empty());
}

#[test]
fn who_joins_sees_everything_and_has_read_it() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let group = bench.group(anna, &[bert]);
    bench.say(anna, group, "Before");
    bench.members(anna, group, Verb::Add, &[carl]).unwrap();
    let count = |viewer| bench.show(viewer, "chat", group).unwrap()["attributes"]["unread_message_count"].take();
    assert_eq!([count(bert), count(carl)], [1, 0]);
    assert_eq!(bench.ids(carl, "message", "").len(), 1);
    assert!(bench.ids(carl, "message", "filter[is_new]=true").is_empty());
    bench.say(anna, group, "After");
    assert_eq!([count(bert), count(carl)], [2, 1]);
}

#[test]
fn who_comes_back_finds_what_they_cleared_still_cleared() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let group = bench.group(anna, &[bert]);
    bench.say(anna, group, "Cleared");
    bench.delete(bert, "chat", group).unwrap();
    let kept = bench.say(anna, group, "Kept");
    for _ in 0..2 {
        bench.members(bert, group, Verb::Remove, &[bert]).unwrap();
        bench.members(anna, group, Verb::Add, &[bert]).unwrap();
        assert_eq!(bench.ids(bert, "message", &format!("filter[chat]={group}")), [kept.to_string()]);
        assert_eq!(bench.show(bert, "chat", group).unwrap()["attributes"]["unread_message_count"], 0);
    }
}

#[test]
fn chats_are_listed_by_what_is_unread_and_new() {
    let bench = Bench::new();
    let [anna, bert, carl, dora] = bench.users(["Anna", "Bert", "Carl", "Dora"]);
    let chats = [bert, carl, dora].map(|peer| bench.direct(anna, peer).1);
    for (peer, chat, count) in [(carl, chats[1], 2), (bert, chats[0], 1)] {
        for _ in 0..count {
            bench.say(peer, chat, "Hi");
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let list = |query: &str| bench.ids(anna, "chat", query);
    let expect = |order: &[usize]| order.iter().map(|at| chats[*at].to_string()).collect::<Vec<_>>();
    assert_eq!(list(""), expect(&[0, 1, 2]));
    assert_eq!(list("sort=-unread_message_count"), expect(&[1, 0, 2]));
    assert_eq!(list("filter[has_unread_messages]=true&sort=last_message_at"), expect(&[1, 0]));
    assert_eq!(list("filter[has_unread_messages]=false"), expect(&[2]));
    assert_eq!(list("filter[unread_message_count]=gt:1"), expect(&[1]));
    assert_eq!(list("filter[last_message_at_blank]=1"), expect(&[2]));
    let by_cursor = bench.document(anna, "chat", None, "sort=unread_message_count&page[after]=x");
    assert_eq!(problems(by_cursor)[0], "sort_unknown ");
    assert_eq!(problems(bench.document(anna, "chat", None, "include=messages")), ["include_unknown "]);
    bench.delete(anna, "chat", chats[0]).unwrap();
    bench.direct(anna, bert);
    // Nothing of it is seen any more, so it counts by its beginning.
    assert_eq!(list("sort=last_message_at"), expect(&[0, 2, 1]));
}
