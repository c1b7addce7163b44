//! Rules of marking as read.

use crate::{
    db::Id,
    resource::{Error, relate::Verb},
    resources::bench::{Bench, linked, problems},
};
use serde_json::{Value, json};

const KIND: &str = "chat_membership";

/// A chat of Anna and Bert, and Anna's membership.
struct Scene {
    bench: Bench,
    anna: Id,
    bert: Id,
    chat: Id,
    own: Id,
}

impl Scene {
    fn new() -> Self {
        let bench = Bench::new();
        let [anna, bert] = bench.users(["Anna", "Bert"]);
        let (_, chat) = bench.direct(anna, bert);
        let own = bench.membership(anna, chat, anna);
        Self { bench, anna, bert, chat, own }
    }

    fn hear(&self, text: &str) -> Id {
        // A message of an instant of its own.
        std::thread::sleep(std::time::Duration::from_millis(2));
        self.bench.say(self.bert, self.chat, text)
    }

    fn unread(&self) -> (Value, Value) {
        let mut shown = self.bench.show(self.anna, KIND, self.own).unwrap();
        let mut chat = self.bench.show(self.anna, "chat", self.chat).unwrap();
        let count = shown["attributes"]["unread_message_count"].take();
        assert_eq!(chat["attributes"]["unread_message_count"].take(), count);
        assert_eq!(shown["attributes"]["has_unread_messages"], count != 0);
        assert_eq!(chat["attributes"]["has_unread_messages"], count != 0);
        assert_eq!(chat["attributes"]["read_until"], shown["attributes"]["read_until"]);
        (count, shown["relationships"]["last_read_message"]["data"]["id"].take())
    }

    fn see(&self, message: Id) -> Result<bool, Error> {
        self.relate(self.own, json!({ "type": "message", "id": message }))
    }

    fn relate(&self, membership: Id, data: Value) -> Result<bool, Error> {
        self.bench.relate(self.anna, (KIND, membership, "last_read_message"), Verb::Replace, data)
    }

    fn set(&self, attributes: Value) -> Result<Value, Error> {
        self.bench.set(self.anna, KIND, self.own, attributes)
    }

    fn link(&self, message: Id) -> Result<Value, Error> {
        let relationships = json!({ "last_read_message": { "data": { "type": "message", "id": message } } });
        self.bench.update(self.anna, KIND, self.own, json!({ "relationships": relationships }))
    }

    fn created_at(&self, message: Id) -> Value {
        self.bench.show(self.anna, "message", message).unwrap()["attributes"]["created_at"].take()
    }
}

/// The newest message of which a conflict tells.
fn newest<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let Err(Error::Api(errors)) = result else { panic!("{result:?} is no conflict") };
    let document: Value = serde_json::from_slice(&errors.to_bytes()).unwrap();
    assert_eq!(document["errors"][0]["code"], "read_conflict");
    document["errors"][0]["meta"]["last_message_id"].as_str().unwrap().to_owned()
}

#[test]
fn what_others_wrote_is_unread_until_it_is_seen() {
    let scene = Scene::new();
    assert_eq!(scene.unread(), (json!(0), Value::Null));
    let [_, second] = ["One", "Two"].map(|text| scene.hear(text));
    let own = scene.bench.say(scene.anna, scene.chat, "Mine");
    assert_eq!(scene.unread(), (json!(2), Value::Null));
    // What is one's own, and deleted, is read along: the linkage ends up further on.
    assert!(!scene.see(second).unwrap());
    assert_eq!(scene.unread(), (json!(0), json!(own)));
    assert!(scene.see(own).unwrap());
    let shown = scene.bench.show(scene.anna, KIND, scene.own).unwrap();
    assert_eq!(shown["attributes"]["read_until"], scene.created_at(own));
    let third = scene.hear("Three");
    assert!(scene.see(third).unwrap());
}

#[test]
fn seeing_less_than_there_is_conflicts() {
    let scene = Scene::new();
    let [first, second, third] = ["One", "Two", "Three"].map(|text| scene.hear(text));
    assert_eq!(newest(scene.see(first)), third.to_string());
    assert_eq!(newest(scene.link(second)), third.to_string());
    let together = json!({
        "attributes": { "archived": true },
        "relationships": { "last_read_message": { "data": { "type": "message", "id": second } } },
    });
    assert_eq!(newest(scene.bench.update(scene.anna, KIND, scene.own, together)), third.to_string());
    assert_eq!(scene.unread(), (json!(3), Value::Null));
    assert_eq!(scene.bench.show(scene.anna, KIND, scene.own).unwrap()["attributes"]["archived"], false);
    scene.bench.delete(scene.bert, "message", third).unwrap();
    assert_eq!(newest(scene.see(first)), second.to_string());
    assert_eq!(linked(&scene.link(second).unwrap(), "last_read_message"), third);
    assert_eq!(scene.unread(), (json!(0), json!(third)));
    // A tombstone can be what was seen last.
    assert!(scene.see(third).unwrap());
}

#[test]
fn an_older_message_is_ignored_in_a_membership_and_checked_by_its_own_url() {
    let scene = Scene::new();
    let [first, second] = ["One", "Two"].map(|text| scene.hear(text));
    scene.see(second).unwrap();
    let third = scene.hear("Three");
    for echo in [first, second] {
        assert_eq!(linked(&scene.link(echo).unwrap(), "last_read_message"), second);
        assert_eq!(newest(scene.see(echo)), third.to_string());
    }
    assert_eq!(scene.unread(), (json!(1), json!(second)));
    scene.bench.delete(scene.bert, "message", third).unwrap();
    assert!(!scene.see(first).unwrap());
    assert_eq!(scene.unread(), (json!(0), json!(third)));
}

#[test]
fn reading_until_an_instant_leaves_the_rest_unread() {
    let scene = Scene::new();
    let said = ["One", "Two", "Three"].map(|text| scene.hear(text));
    let at = said.map(|message| scene.created_at(message));
    assert_eq!(
        scene.set(json!({ "read_until": "2001-01-01T00:00:00Z" })).unwrap()["attributes"]["read_until"],
        Value::Null
    );
    assert_eq!(scene.set(json!({ "read_until": at[1] })).unwrap()["attributes"]["read_until"], at[1]);
    assert_eq!(scene.unread(), (json!(1), json!(said[1])));
    assert_eq!(scene.set(json!({ "read_until": at[0] })).unwrap()["attributes"]["read_until"], at[1]);
    assert_eq!(scene.set(json!({ "read_until": "2999-01-01T00:00:00Z" })).unwrap()["attributes"]["read_until"], at[2]);
    assert_eq!(scene.unread(), (json!(0), json!(said[2])));
    scene.hear("Four");
    assert_eq!(scene.unread().0, 1);
}

#[test]
fn a_chat_without_messages_has_nothing_to_read() {
    let scene = Scene::new();
    let shown = scene.set(json!({ "read_until": "2999-01-01T00:00:00Z" })).unwrap();
    assert_eq!(shown["attributes"]["read_until"], Value::Null);
    assert!(scene.relate(scene.own, Value::Null).unwrap());
    assert!(scene.set(json!({ "read_until": null })).is_ok());
}

#[test]
fn a_membership_sent_back_marks_nothing() {
    let scene = Scene::new();
    scene.hear("One");
    let fresh = scene.bench.show(scene.anna, KIND, scene.own).unwrap();
    assert_eq!(scene.bench.update(scene.anna, KIND, scene.own, fresh.clone()).unwrap(), fresh);
    scene.set(json!({ "read_until": "2999-01-01T00:00:00Z" })).unwrap();
    let fetched = scene.bench.show(scene.anna, KIND, scene.own).unwrap();
    scene.hear("Two");
    scene.bench.update(scene.anna, KIND, scene.own, fetched).unwrap();
    assert_eq!(scene.unread().0, 1);
}

#[test]
fn what_was_read_stays_read() {
    let scene = Scene::new();
    let said = scene.hear("One");
    scene.see(said).unwrap();
    assert_eq!(problems(scene.set(json!({ "read_until": null }))), ["field_read_only /data/attributes/read_until"]);
    assert_eq!(problems(scene.relate(scene.own, Value::Null)), ["field_read_only /data"]);
    let relationships = json!({ "relationships": { "last_read_message": { "data": null } } });
    let sent = scene.bench.update(scene.anna, KIND, scene.own, relationships);
    assert_eq!(problems(sent), ["field_read_only /data/relationships/last_read_message"]);
}

#[test]
fn both_forms_at_once_are_one_too_many() {
    let scene = Scene::new();
    let [first, second] = ["One", "Two"].map(|text| scene.hear(text));
    let both = |until: Value, message: Id| {
        let relationships = json!({ "last_read_message": { "data": { "type": "message", "id": message } } });
        let data = json!({ "attributes": { "read_until": until }, "relationships": relationships });
        scene.bench.update(scene.anna, KIND, scene.own, data)
    };
    let at = scene.created_at(first);
    assert_eq!(problems(both(at.clone(), second)), ["field_invalid /data/attributes/read_until"]);
    scene.set(json!({ "read_until": at })).unwrap();
    assert_eq!(linked(&both(at, second).unwrap(), "last_read_message"), second);
}

#[test]
fn the_message_is_one_of_the_chat_that_the_viewer_sees() {
    let scene = Scene::new();
    let [carl] = scene.bench.users(["Carl"]);
    let (_, other) = scene.bench.direct(scene.anna, carl);
    let (_, foreign) = scene.bench.direct(scene.bert, carl);
    let [elsewhere, unseen] = [other, foreign].map(|chat| scene.bench.say(carl, chat, "Hi"));
    assert_eq!(problems(scene.see(elsewhere)), ["message_not_in_chat /data"]);
    assert_eq!(problems(scene.link(elsewhere)), ["message_not_in_chat /data/relationships/last_read_message"]);
    assert_eq!(problems(scene.see(unseen)), ["not_found /data"]);
    assert_eq!(problems(scene.link(unseen)), ["not_found /data/relationships/last_read_message/data"]);
    assert_eq!(problems(scene.see(Id::new())), ["not_found /data"]);
}

#[test]
fn nobody_else_knows_what_was_read() {
    let scene = Scene::new();
    let said = scene.hear("One");
    scene.see(said).unwrap();
    let shown = scene.bench.show(scene.bert, KIND, scene.own).unwrap();
    assert_eq!(shown["relationships"].get("last_read_message"), None);
    let related = scene.bench.related(scene.bert, (KIND, scene.own, "last_read_message"), "");
    assert_eq!(problems(related), ["not_found "]);
    let of_bert = scene.bench.membership(scene.anna, scene.chat, scene.bert);
    let linkage = json!({ "type": "message", "id": said });
    assert_eq!(problems(scene.relate(of_bert, linkage)), ["forbidden "]);
    for filter in [format!("filter[last_read_message]={said}"), "filter[read_until_present]=1".to_owned()] {
        assert_eq!(scene.bench.ids(scene.anna, KIND, &filter), [scene.own.to_string()]);
        assert!(scene.bench.ids(scene.bert, KIND, &filter).is_empty(), "{filter}");
    }
}
