//! Rules of messages: what they say, who posts, edits and deletes them, and how they are listed.

mod lists;

use crate::{
    db::Id,
    resource::relate::Verb,
    resources::bench::{Bench, linked, members, problems},
};
use serde_json::{Value, json};

const KIND: &str = "message";

fn reply(bench: &Bench, viewer: Id, chat: Id, parent: Id) -> Result<Id, crate::resource::Error> {
    let relationships = json!({
        "chat": { "data": { "type": "chat", "id": chat } },
        "parent": { "data": { "type": "message", "id": parent } },
    });
    let data = json!({ "attributes": { "content": "A reply" }, "relationships": relationships });
    bench.create(viewer, KIND, data).map(|made| made.id)
}

fn attribute(bench: &Bench, viewer: Id, kind: &str, id: Id, name: &str) -> Value {
    bench.show(viewer, kind, id).unwrap()["attributes"][name].take()
}

#[test]
fn a_message_shows_what_was_said() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (_, chat) = bench.direct(anna, bert);
    let made = bench.post(anna, chat, json!({ "content": " Hi\n", "expected_attachment_count": 2 })).unwrap();
    let shown = &made.data["attributes"];
    let expected = json!({
        "content": " Hi\n", "image_url": null, "link_preview_url": null, "expected_attachment_count": 2,
        "uploading_attachment_count": 2, "is_reply": false, "reply_count": 0, "is_new": false, "deleted": false,
        "edited_at": null, "user_deleted_name": null, "reaction_counts": [],
        "created_at": shown["created_at"], "updated_at": shown["created_at"],
    });
    assert_eq!(*shown, expected);
    assert_eq!(linked(&made.data, "author"), anna);
    assert_eq!(linked(&made.data, "chat"), chat);
    assert_eq!(made.data["relationships"]["parent"]["data"], Value::Null);
    assert_eq!(made.data["relationships"]["replies"].get("data"), None);
    assert_eq!(attribute(&bench, bert, KIND, made.id, "is_new"), true);
    assert_eq!(problems(bench.document(anna, KIND, Some(made.id), "include=replies")), ["include_unknown "]);
}

#[test]
fn a_message_says_something() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (_, chat) = bench.direct(anna, bert);
    let post = |attributes: Value| bench.post(anna, chat, attributes);
    for attributes in [
        json!({ "content": "a".repeat(10_000) }),
        json!({ "image_url": "https://a.example/i.png" }),
        json!({ "link_preview_url": "https://a.example" }),
        json!({ "expected_attachment_count": 50 }),
    ] {
        assert!(post(attributes).is_ok());
    }
    assert_eq!(problems(post(json!({}))), ["field_required /data/attributes"]);
    assert_eq!(problems(post(json!({ "content": null }))), ["field_required /data/attributes/content"]);
    assert_eq!(problems(post(json!({ "expected_attachment_count": 0 }))), ["field_required /data/attributes"]);
    let invalid = |name: &str| vec![format!("field_invalid /data/attributes/{name}")];
    for content in ["", " \u{2003}\n", &"a".repeat(10_001)] {
        assert_eq!(problems(post(json!({ "content": content }))), invalid("content"));
    }
    for count in [-1, 51, 5_000_000_000_i64] {
        let sent = json!({ "content": "A", "expected_attachment_count": count });
        assert_eq!(problems(post(sent)), invalid("expected_attachment_count"));
    }
    assert_eq!(problems(post(json!({ "image_url": "ftp://a.example" }))), invalid("image_url"));
    assert_eq!(
        problems(post(json!({ "content": "A", "is_reply": true }))),
        ["field_read_only /data/attributes/is_reply"]
    );
    assert_eq!(problems(bench.create(anna, KIND, json!({}))), ["field_required /data", "field_required /data"]);
    let elsewhere = problems(bench.post(bert, Id::new(), json!({ "content": "A" })));
    assert_eq!(elsewhere, ["not_found /data/relationships/chat/data"]);
}

#[test]
fn an_id_is_taken_once() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let (_, chat) = bench.direct(anna, bert);
    let (_, other) = bench.direct(anna, carl);
    let create = |viewer, chat: Id, id: Id| {
        let relationships = json!({ "chat": { "data": { "type": "chat", "id": chat } } });
        let data = json!({ "id": id, "attributes": { "content": "A" }, "relationships": relationships });
        bench.create(viewer, KIND, data)
    };
    let id = Id::new();
    assert_eq!(create(anna, chat, id).unwrap().id, id);
    assert_eq!(problems(create(anna, chat, id)), ["id_taken /data/id"]);
    assert_eq!(problems(create(carl, other, id)), ["id_taken /data/id"]);
    assert_eq!(attribute(&bench, carl, "chat", other, "last_message_at"), Value::Null);
}

#[test]
fn who_posts_is_a_member_and_no_reader() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let group = bench.group(anna, &[bert]);
    let post = |viewer| bench.post(viewer, group, json!({ "content": "A" }));
    assert_eq!(problems(post(carl)), ["not_found /data/relationships/chat/data"]);
    let membership = bench.membership(anna, group, bert);
    let words = post(bert).unwrap().id;
    bench.set(anna, "chat_membership", membership, json!({ "role": "reader" })).unwrap();
    assert_eq!(problems(post(bert)), ["forbidden "]);
    assert_eq!(problems(bench.set(bert, KIND, words, json!({ "content": "B" }))), ["forbidden "]);
    bench.set(anna, "chat", group, json!({ "open": false })).unwrap();
    assert_eq!(problems(post(anna)), ["chat_closed "]);
    assert_eq!(problems(post(bert)), ["forbidden "]);
    // Taking away is always possible.
    assert!(bench.delete(bert, KIND, words).is_ok());
}

#[test]
fn nothing_new_is_posted_where_the_peer_is_gone() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (_, chat) = bench.direct(anna, bert);
    let own = bench.say(anna, chat, "Hi");
    bench.delete(bert, "user", bert).unwrap();
    assert_eq!(problems(bench.post(anna, chat, json!({ "content": "A" }))), ["peer_gone "]);
    assert_eq!(problems(bench.set(anna, KIND, own, json!({ "content": "B" }))), ["peer_gone "]);
    assert!(bench.set(anna, KIND, own, json!({ "content": "Hi" })).is_ok());
    assert!(bench.delete(anna, KIND, own).is_ok());
}

#[test]
fn a_reply_answers_a_message_of_the_same_chat() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let (_, chat) = bench.direct(anna, bert);
    let (_, other) = bench.direct(anna, carl);
    let [first, deleted] = ["First", "Deleted"].map(|text| bench.say(bert, chat, text));
    let elsewhere = bench.say(anna, other, "Elsewhere");
    let answer = reply(&bench, anna, chat, first).unwrap();
    assert_eq!(linked(&bench.show(bert, KIND, answer).unwrap(), "parent"), first);
    assert_eq!(attribute(&bench, bert, KIND, answer, "is_reply"), true);
    assert_eq!(attribute(&bench, bert, KIND, first, "reply_count"), 1);
    bench.delete(bert, KIND, deleted).unwrap();
    let at = "parent_invalid /data/relationships/parent";
    for parent in [answer, deleted, elsewhere] {
        assert_eq!(problems(reply(&bench, anna, chat, parent)), [at]);
    }
    let unseen = "not_found /data/relationships/parent/data";
    assert_eq!(problems(reply(&bench, bert, chat, elsewhere)), [unseen]);
    bench.delete(anna, KIND, answer).unwrap();
    assert_eq!(attribute(&bench, bert, KIND, first, "reply_count"), 0);
    assert_eq!(linked(&bench.show(bert, KIND, answer).unwrap(), "parent"), first);
}

#[test]
fn who_cleared_a_message_sees_only_that_it_was_answered() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (_, chat) = bench.direct(anna, bert);
    let first = bench.say(anna, chat, "First");
    bench.delete(bert, "chat", chat).unwrap();
    let answer = reply(&bench, anna, chat, first).unwrap();
    let shown = bench.show(bert, KIND, answer).unwrap();
    assert_eq!(shown["relationships"]["parent"]["data"], Value::Null);
    assert_eq!(shown["attributes"]["is_reply"], true);
    let replies = format!("filter[parent]={first}");
    assert!(bench.ids(bert, KIND, &replies).is_empty());
    assert_eq!(bench.ids(bert, KIND, "filter[parent_blank]=1"), [answer.to_string()]);
    assert_eq!(bench.ids(anna, KIND, &replies), [answer.to_string()]);
    assert_eq!(problems(bench.show(bert, KIND, first)), ["not_found "]);
    assert_eq!(problems(reply(&bench, bert, chat, first)), ["not_found /data/relationships/parent/data"]);
}

#[test]
fn authors_edit_what_they_said() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let group = bench.group(anna, &[bert]);
    let said = bench.say(bert, group, "One");
    let before = bench.show(anna, "chat", group).unwrap();
    assert_eq!(problems(bench.set(anna, KIND, said, json!({ "content": "Two" }))), ["forbidden "]);
    let same = bench.set(bert, KIND, said, json!({ "content": "One", "is_new": true })).unwrap();
    assert_eq!(same["attributes"]["edited_at"], Value::Null);
    let edited = bench.set(bert, KIND, said, json!({ "content": "Two", "image_url": "https://a.example" })).unwrap();
    assert_eq!(edited["attributes"]["content"], "Two");
    assert_eq!(edited["attributes"]["edited_at"], edited["attributes"]["updated_at"]);
    assert_eq!(bench.show(anna, "chat", group).unwrap(), before);
    assert_eq!(bench.set(bert, KIND, said, json!({ "content": null })).unwrap()["attributes"]["content"], Value::Null);
    assert_eq!(
        problems(bench.set(bert, KIND, said, json!({ "image_url": null }))),
        ["field_required /data/attributes/image_url"]
    );
    assert_eq!(
        problems(bench.set(bert, KIND, said, json!({ "expected_attachment_count": 1 }))),
        ["field_read_only /data/attributes/expected_attachment_count"]
    );
    bench.set(anna, "chat", group, json!({ "open": false })).unwrap();
    assert_eq!(problems(bench.set(bert, KIND, said, json!({ "content": "Three" }))), ["chat_closed "]);
    bench.delete(bert, KIND, said).unwrap();
    assert_eq!(problems(bench.set(bert, KIND, said, json!({ "content": "Three" }))), ["message_deleted "]);
}

#[test]
fn a_deleted_message_stays_as_a_tombstone() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let group = bench.group(anna, &[bert, carl]);
    let kept = bench.say(bert, group, "Kept");
    let said = bench.post(bert, group, json!({ "content": "Gone", "expected_attachment_count": 3 })).unwrap().id;
    let answer = reply(&bench, carl, group, said).unwrap();
    bench.delete(carl, KIND, answer).unwrap();
    assert_eq!(problems(bench.delete(carl, KIND, said)), ["forbidden "]);
    let at = attribute(&bench, anna, "chat", group, "last_message_at");
    bench.delete(anna, KIND, said).unwrap();
    let shown = bench.show(carl, KIND, said).unwrap();
    for (name, value) in [
        ("deleted", json!(true)),
        ("content", Value::Null),
        ("expected_attachment_count", json!(0)),
        ("uploading_attachment_count", json!(0)),
        ("is_new", json!(false)),
    ] {
        assert_eq!(shown["attributes"][name], value, "{name}");
    }
    assert_eq!(problems(bench.delete(anna, KIND, said)), ["not_found "]);
    assert_eq!(problems(bench.delete(bert, KIND, said)), ["not_found "]);
    let chat = bench.show(carl, "chat", group).unwrap();
    assert_eq!(linked(&chat, "last_message"), kept);
    assert_eq!(chat["attributes"]["last_message_at"], at);
    assert_eq!(chat["attributes"]["unread_message_count"], 1);
    bench.delete(bert, KIND, kept).unwrap();
    let chat = bench.show(carl, "chat", group).unwrap();
    assert_eq!(chat["relationships"]["last_message"]["data"], Value::Null);
    assert_eq!(chat["attributes"]["has_unread_messages"], false);
}

#[test]
fn a_chat_may_begin_with_a_message() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let create = |message: Value, others: &[Id]| {
        let attributes = json!({ "initial_message": message });
        bench.create(anna, "chat", json!({ "attributes": attributes, "relationships": members(others) }))
    };
    let group = create(json!({ "content": "Hi", "expected_attachment_count": 1 }), &[bert, carl]).unwrap();
    assert_eq!(group.data["attributes"]["updated_at"], group.data["attributes"]["created_at"]);
    assert_eq!(group.data["attributes"]["last_message_at"], group.data["attributes"]["created_at"]);
    let first = linked(&group.data, "last_message");
    assert_eq!(attribute(&bench, bert, KIND, first, "content"), "Hi");
    assert_eq!(attribute(&bench, bert, "chat", group.id, "unread_message_count"), 1);

    let direct = create(json!({ "content": "Hi" }), &[bert]).unwrap();
    let again = create(json!({ "link_preview_url": "https://a.example" }), &[bert]).unwrap();
    assert_eq!((again.id, again.fresh), (direct.id, false));
    assert_eq!(bench.ids(bert, KIND, &format!("filter[chat]={}", direct.id)).len(), 2);

    let at = "/data/attributes/initial_message";
    let count = bench.ids(anna, "chat", "").len();
    assert_eq!(problems(create(json!({}), &[bert, carl])), [format!("field_required {at}")]);
    assert_eq!(problems(create(json!("Hi"), &[bert, carl])), [format!("field_invalid {at}")]);
    let wrong = json!({ "content": " ", "image_url": 1, "author": "Anna" });
    let expected = ["field_unknown author", "field_invalid image_url", "field_invalid content"];
    let expected = expected.map(|problem| problem.replace(' ', &format!(" {at}/")));
    assert_eq!(problems(create(wrong, &[bert, carl])), expected);
    assert_eq!(bench.ids(anna, "chat", "").len(), count);
    assert!(create(Value::Null, &[bert]).is_ok());
}

#[test]
fn a_removed_account_leaves_its_words_and_its_name() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let left = bench.group(anna, &[bert, carl]);
    let silent = bench.group(anna, &[bert, carl]);
    let (_, direct) = bench.direct(anna, bert);
    let [said, told] = [left, direct].map(|chat| bench.say(bert, chat, "Hi"));
    for group in [left, silent] {
        bench.members(bert, group, Verb::Remove, &[bert]).unwrap();
    }
    let name = bench.show(anna, "user", bert).unwrap()["attributes"]["name"].take();
    bench.delete(bert, "user", bert).unwrap();
    for message in [said, told] {
        let shown = bench.show(anna, KIND, message).unwrap();
        assert_eq!(shown["attributes"]["user_deleted_name"], name);
        assert_eq!(shown["attributes"]["is_new"], true);
        assert_eq!(shown["relationships"]["author"]["data"], Value::Null);
    }
    assert_eq!(bench.ids(anna, KIND, "filter[user_deleted_name]=pre:BER").len(), 2);
    let past = |chat| attribute(&bench, anna, "chat", chat, "past_users_involved");
    assert_eq!([past(left), past(silent), past(direct)], [json!([name]), json!([]), json!([name])]);
    assert_eq!(attribute(&bench, anna, "chat", left, "member_count"), 2);
    assert_eq!(attribute(&bench, anna, "chat", direct, "unread_message_count"), 1);
}
