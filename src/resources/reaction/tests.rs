//! Rules of reactions.

use crate::{
    db::Id,
    resource::Error,
    resources::bench::{Bench, Made, problems},
};
use serde_json::{Value, json};

const KIND: &str = "reaction";

fn document(message: Id, emoji: &str) -> Value {
    let message = json!({ "message": { "data": { "type": "message", "id": message } } });
    json!({ "attributes": { "emoji": emoji }, "relationships": message })
}

fn react(bench: &Bench, viewer: Id, message: Id, emoji: &str) -> Result<Made, Error> {
    bench.create(viewer, KIND, document(message, emoji))
}

#[test]
fn the_same_emoji_of_the_same_user_is_there_once() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");

    let first = react(&bench, bert, message, "❤").unwrap();
    let again = react(&bench, bert, message, "❤\u{FE0F}").unwrap();

    assert_eq!((first.fresh, again.fresh), (true, false));
    assert_eq!(first.id, again.id);
    assert_eq!(first.data["attributes"]["emoji"], "❤\u{FE0F}");
    assert!(react(&bench, bert, message, "👍").unwrap().fresh);
    assert!(react(&bench, anna, message, "❤").unwrap().fresh);
    assert_eq!(bench.ids(anna, KIND, &format!("filter[message]={message}")).len(), 3);
}

#[test]
fn a_client_made_id_says_that_a_new_one_is_wanted() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let with_id = |id: Id, emoji: &str| {
        let mut document = document(message, emoji);
        document["id"] = id.to_string().into();
        bench.create(anna, KIND, document)
    };
    let id = Id::new();
    assert_eq!(with_id(id, "👍").unwrap().id, id);
    assert_eq!(problems(with_id(Id::new(), "👍")), ["already_exists /data/attributes/emoji"]);
    assert_eq!(problems(with_id(id, "🎉")), ["id_taken /data/id"]);
}

#[test]
fn only_one_emoji_is_an_emoji() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    for text in ["", "a", "👍👍", ":+1:", "👍 "] {
        assert_eq!(problems(react(&bench, anna, message, text)), ["field_invalid /data/attributes/emoji"], "{text}");
    }
    let required = bench.create(anna, KIND, json!({ "attributes": {} }));
    let expected = ["field_required /data/attributes", "field_required /data"];
    assert_eq!(problems(required), expected);
}

#[test]
fn whoever_does_not_see_the_message_does_not_see_the_reaction() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let chat = bench.direct(anna, bert).1;
    let message = bench.say(anna, chat, "Hi");
    let reaction = react(&bench, bert, message, "👍").unwrap().id;

    assert_eq!(problems(bench.show(carl, KIND, reaction)), ["not_found "]);
    assert_eq!(bench.ids(carl, KIND, ""), Vec::<String>::new());
    let unseen = react(&bench, carl, message, "👍");
    assert_eq!(problems(unseen), ["not_found /data/relationships/message/data"]);

    bench.delete(anna, "chat", chat).unwrap();
    assert_eq!(problems(bench.show(anna, KIND, reaction)), ["not_found "]);
    assert!(bench.show(bert, KIND, reaction).is_ok());
}

#[test]
fn a_deleted_message_has_no_reactions_and_takes_none() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let reaction = react(&bench, bert, message, "👍").unwrap().id;

    bench.delete(anna, "message", message).unwrap();

    assert_eq!(problems(bench.show(bert, KIND, reaction)), ["not_found "]);
    assert_eq!(bench.ids(bert, KIND, ""), Vec::<String>::new());
    assert_eq!(problems(react(&bench, bert, message, "👍")), ["message_deleted "]);
}

#[test]
fn readers_only_read_and_a_closed_chat_takes_nothing() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let chat = bench.group(anna, &[bert]);
    let message = bench.say(anna, chat, "Hi");
    let mine = react(&bench, bert, message, "👍").unwrap().id;
    let membership = bench.membership(anna, chat, bert);

    bench.set(anna, "chat_membership", membership, json!({ "role": "reader" })).unwrap();
    assert_eq!(problems(react(&bench, bert, message, "🎉")), ["forbidden "]);
    bench.set(anna, "chat", chat, json!({ "open": false })).unwrap();
    assert_eq!(problems(react(&bench, anna, message, "🎉")), ["chat_closed "]);

    // Taking something away is always possible.
    bench.delete(bert, KIND, mine).unwrap();
}

#[test]
fn a_reaction_is_taken_away_by_whoever_put_it_there() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.direct(anna, bert).1, "Hi");
    let reaction = react(&bench, bert, message, "👍").unwrap().id;

    assert_eq!(problems(bench.delete(anna, KIND, reaction)), ["forbidden "]);
    bench.delete(bert, KIND, reaction).unwrap();
    assert_eq!(problems(bench.delete(bert, KIND, reaction)), ["not_found "]);
}

#[test]
fn a_reaction_outlives_the_account() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let message = bench.say(anna, bench.group(anna, &[bert]), "Hi");
    let reaction = react(&bench, bert, message, "👍").unwrap().id;

    bench.delete(bert, "user", bert).unwrap();

    assert_eq!(bench.show(anna, KIND, reaction).unwrap()["relationships"]["author"]["data"], Value::Null);
}

#[test]
fn a_message_counts_its_reactions_in_the_order_of_first_use() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let message = bench.say(anna, bench.group(anna, &[bert, carl]), "Hi");
    let counts = |viewer| bench.show(viewer, "message", message).unwrap()["attributes"]["reaction_counts"].take();
    assert_eq!(counts(anna), json!([]));
    let pause = || std::thread::sleep(std::time::Duration::from_millis(3));
    let first = react(&bench, bert, message, "🎉").unwrap().id;
    pause();
    react(&bench, anna, message, "❤").unwrap();
    pause();
    react(&bench, carl, message, "🎉").unwrap();

    let one = |emoji: &str, count: i64, mine: bool| json!({ "emoji": emoji, "count": count, "mine": mine });
    assert_eq!(counts(anna), json!([one("🎉", 2, false), one("❤\u{FE0F}", 1, true)]));
    assert_eq!(counts(bert), json!([one("🎉", 2, true), one("❤\u{FE0F}", 1, false)]));

    bench.delete(bert, KIND, first).unwrap();
    assert_eq!(counts(bert), json!([one("❤\u{FE0F}", 1, false), one("🎉", 1, false)]));
    bench.delete(carl, "user", carl).unwrap();
    assert_eq!(counts(bert), json!([one("❤\u{FE0F}", 1, false), one("🎉", 1, false)]));
    bench.delete(anna, "message", message).unwrap();
    assert_eq!(counts(bert), json!([]));
}

#[test]
fn a_message_includes_its_reactions() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let chat = bench.direct(anna, bert).1;
    let message = bench.say(anna, chat, "Hi");
    let reaction = react(&bench, bert, message, "👍").unwrap().id;
    let query = format!("filter[chat]={chat}&include=reactions.author");
    let document = bench.document(anna, "message", None, &query).unwrap();
    let linkage = &document["data"][0]["relationships"]["reactions"]["data"];
    assert_eq!(*linkage, json!([{ "type": "reaction", "id": reaction }]));
    assert_eq!(document["included"].as_array().unwrap().len(), 2);
}
