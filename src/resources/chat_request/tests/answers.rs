//! Saying yes and no: by an answer, by asking back, by opening the conversation.

use super::{AT, KIND};
use crate::{
    db::Id,
    resources::bench::{Bench, linked, members, problems},
};
use serde_json::{Value, json};

#[test]
fn only_the_recipient_answers_and_the_chat_follows() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (request, _) = bench.ask(anna, bert);
    assert_eq!(problems(bench.answer(anna, request, "active")), ["forbidden "]);
    assert_eq!(bench.statuses(anna, request), ["pending", "pending"]);

    let declined = bench.answer(bert, request, "declined").unwrap();
    assert_eq!(declined["attributes"]["responded_at"], declined["attributes"]["updated_at"]);
    assert_eq!(bench.statuses(anna, request), ["declined", "declined"]);
    assert_eq!(bench.listed([anna, bert]), [0, 0]);
    let active = bench.answer(bert, request, "active").unwrap();
    assert!(active["attributes"]["responded_at"].as_str() > declined["attributes"]["responded_at"].as_str());
    assert_eq!(bench.statuses(anna, request), ["active", "active"]);
    assert_eq!(bench.listed([anna, bert]), [1, 1]);
}

#[test]
fn an_answer_changes_only_as_it_may() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let at = "/data/attributes/status";
    let (accepted, _) = bench.ask(anna, bert);
    assert_eq!(bench.answer(bert, accepted, "pending").unwrap()["attributes"]["responded_at"], Value::Null);
    bench.answer(bert, accepted, "active").unwrap();
    for status in ["pending", "declined"] {
        assert_eq!(problems(bench.answer(bert, accepted, status)), [format!("request_closed {at}")]);
    }
    let seen = bench.show(bert, KIND, accepted).unwrap();
    assert_eq!(bench.answer(bert, accepted, "active").unwrap(), seen, "an echo changes nothing");
    let (declined, _) = bench.ask(anna, carl);
    bench.answer(carl, declined, "declined").unwrap();
    assert_eq!(problems(bench.answer(carl, declined, "pending")), [format!("request_closed {at}")]);
    assert_eq!(problems(bench.answer(carl, declined, "maybe")), [format!("field_invalid {at}")]);
    let others = json!({ "user_id": anna, "status": "active" });
    assert_eq!(problems(bench.set(carl, KIND, declined, others)), [format!("field_read_only {AT}")]);
    assert_eq!(bench.statuses(anna, declined), ["declined", "declined"]);
}

#[test]
fn an_answer_is_a_change_of_the_chat() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (request, chat) = bench.ask(anna, bert);
    let moved = |before: &str| {
        let chat = bench.show(anna, "chat", chat).unwrap();
        let direct = bench.show(anna, "direct_conversation", linked(&chat, "direct_conversation")).unwrap();
        let [chat, direct] = [&chat["attributes"]["updated_at"], &direct["attributes"]["chat_updated_at"]];
        assert_eq!(chat, direct);
        assert!(chat.as_str().unwrap() > before);
        chat.as_str().unwrap().to_owned()
    };
    let asked = moved("");
    bench.answer(bert, request, "declined").unwrap();
    let declined = moved(&asked);
    bench.answer(bert, request, "active").unwrap();
    moved(&declined);
}

#[test]
fn asking_back_is_saying_yes() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let (pending, _) = bench.ask(anna, bert);
    let back = bench.try_ask(bert, anna).unwrap();
    assert_eq!((back.id, back.fresh), (pending, false));
    assert_eq!(back.data["attributes"]["status"], "active");
    assert_eq!(back.data["attributes"]["user_id"], bert.to_string(), "it stays the first one's request");
    assert_eq!(bench.listed([anna, bert]), [1, 1]);

    let (declined, _) = bench.ask(anna, carl);
    bench.answer(carl, declined, "declined").unwrap();
    assert_eq!(bench.try_ask(carl, anna).unwrap().id, declined);
    assert_eq!(bench.statuses(anna, declined), ["active", "active"]);
}

#[test]
fn whoever_was_declined_or_is_in_touch_cannot_ask() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let closed = [format!("request_closed {AT}")];
    let (request, _) = bench.ask(anna, bert);
    bench.answer(bert, request, "declined").unwrap();
    assert_eq!(problems(bench.try_ask(anna, bert)), closed);
    bench.answer(bert, request, "active").unwrap();
    assert_eq!(problems(bench.try_ask(anna, bert)), closed);
    assert_eq!(problems(bench.try_ask(bert, anna)), closed);
    bench.direct(anna, carl);
    assert_eq!(problems(bench.try_ask(carl, anna)), closed);
}

#[test]
fn opening_the_conversation_is_an_answer_by_the_recipient_and_none_by_the_sender() {
    let bench = Bench::new();
    for declined in [false, true] {
        for kind in ["direct_conversation", "chat"] {
            let [anna, bert] = bench.users(["Anna", "Bert"]);
            let (request, chat) = bench.ask(anna, bert);
            if declined {
                bench.answer(bert, request, "declined").unwrap();
            }
            let status = if declined { "declined" } else { "pending" };
            let open = |viewer, peer: Id| {
                let data = match kind {
                    "chat" => json!({ "relationships": members(&[peer]) }),
                    _ => json!({ "attributes": { "user_id": peer } }),
                };
                let made = bench.create(viewer, kind, data.clone()).unwrap();
                assert!(!made.fresh);
                let mut with_id = data;
                with_id["id"] = Id::new().to_string().into();
                let refused = problems(bench.create(viewer, kind, with_id));
                assert!(refused[0].starts_with("already_exists"), "{refused:?}");
            };
            bench.delete(anna, "chat", chat).unwrap();
            open(anna, bert);
            assert_eq!(bench.statuses(anna, request), [status, status]);
            assert_eq!(bench.listed([anna, bert]), [0, 0]);
            bench.delete(bert, "chat", chat).unwrap();
            open(bert, anna);
            assert_eq!(bench.statuses(anna, request), ["active", "active"]);
            assert_eq!(bench.listed([anna, bert]), [1, 1]);
        }
    }
}

#[test]
fn nobody_writes_before_the_recipient_does_or_says_yes() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (request, chat) = bench.ask(anna, bert);
    let first = |peer: Id| json!({ "attributes": { "initial_message": { "content": "Hello" } }, "relationships": members(&[peer]) });
    let message = json!({
        "attributes": { "content": "Hello" },
        "relationships": { "chat": { "data": { "type": "chat", "id": chat } } },
    });
    for status in ["pending", "declined"] {
        if status == "declined" {
            bench.answer(bert, request, status).unwrap();
        }
        assert_eq!(problems(bench.create(anna, "chat", first(bert))), ["chat_not_active "]);
        for member in [anna, bert] {
            assert_eq!(problems(bench.create(member, "message", message.clone())), ["chat_not_active "]);
        }
        assert_eq!(bench.statuses(anna, request), [status, status]);
        assert_eq!(bench.show(bert, "chat", chat).unwrap()["attributes"]["last_message_at"], Value::Null);
    }
    let accepted = bench.create(bert, "chat", first(anna)).unwrap();
    assert_eq!((accepted.id, accepted.fresh), (chat, false));
    assert_eq!(bench.statuses(anna, request), ["active", "active"]);
    assert_eq!(bench.show(anna, "chat", chat).unwrap()["attributes"]["unread_message_count"], 1);
    assert_eq!(bench.show(anna, "inbox", anna).unwrap()["attributes"]["unread_message_count"], 1);
}

#[test]
fn an_id_made_by_the_client_is_no_answer() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (request, _) = bench.ask(anna, bert);
    let data = json!({ "id": Id::new(), "attributes": { "user_id": anna } });
    let refused = problems(bench.create(bert, "direct_conversation", data));
    assert_eq!(refused, [format!("already_exists {AT}")]);
    assert_eq!(bench.statuses(anna, request), ["pending", "pending"]);
}

#[test]
fn accepting_brings_back_what_the_recipient_put_away() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (request, chat) = bench.ask(anna, bert);
    bench.delete(bert, "chat", chat).unwrap();
    bench.delete(anna, "chat", chat).unwrap();
    bench.answer(bert, request, "active").unwrap();
    assert_eq!(bench.listed([anna, bert]), [0, 1], "the sender's view is the sender's");
    bench.direct(anna, bert);
    assert_eq!(bench.listed([anna, bert]), [1, 1]);
}

#[test]
fn a_policy_is_asked_about_only_where_there_is_nothing_yet() {
    let bench = Bench::new();
    let [anna] = bench.users(["Anna"]);
    let shy = bench.user("Shy", "request");
    let direct =
        |viewer, peer: Id| bench.create(viewer, "direct_conversation", json!({ "attributes": { "user_id": peer } }));
    assert_eq!(problems(direct(anna, shy)), [format!("chat_request_required {AT}")]);
    let (request, _) = bench.ask(anna, shy);
    assert!(!direct(anna, shy).unwrap().fresh, "the one that waits");
    assert_eq!(bench.statuses(anna, request), ["pending", "pending"]);
    assert!(!direct(shy, anna).unwrap().fresh);
    assert_eq!(bench.statuses(anna, request), ["active", "active"]);
}
