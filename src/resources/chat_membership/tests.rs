//! Rules of memberships.

use crate::{
    db::{Id, Time},
    resource::relate::Verb,
    resources::bench::{Bench, Made, problems},
};
use serde_json::{Value, json};

const KIND: &str = "chat_membership";

fn join(bench: &Bench, viewer: Id, chat: Id, user: Id) -> Result<Made, crate::resource::Error> {
    join_as(bench, viewer, chat, user, json!({}))
}

fn join_as(bench: &Bench, viewer: Id, chat: Id, user: Id, attributes: Value) -> Result<Made, crate::resource::Error> {
    let relationships = json!({
        "chat": { "data": { "type": "chat", "id": chat } },
        "user": { "data": { "type": "user", "id": user } },
    });
    bench.create(viewer, KIND, json!({ "attributes": attributes, "relationships": relationships }))
}

fn role(bench: &Bench, viewer: Id, chat: Id, user: Id) -> Value {
    bench.show(viewer, KIND, bench.membership(viewer, chat, user)).unwrap()["attributes"]["role"].take()
}

#[test]
fn admins_let_users_join() {
    let bench = Bench::new();
    let [anna, bert, carl, dora] = bench.users(["Anna", "Bert", "Carl", "Dora"]);
    let group = bench.group(anna, &[bert]);
    let made = join_as(&bench, anna, group, carl, json!({ "role": "reader" })).unwrap();
    assert_eq!(made.data["attributes"]["role"], "reader");
    assert_eq!(bench.show(carl, "chat", group).unwrap()["attributes"]["member_count"], 3);
    assert_eq!(problems(join(&bench, bert, group, dora)), ["forbidden "]);
    assert_eq!(problems(join(&bench, anna, group, carl)), ["already_member /data/relationships/user"]);
    assert_eq!(problems(join(&bench, dora, group, dora)), ["not_found /data/relationships/chat/data"]);
    assert_eq!(problems(join(&bench, anna, group, Id::new())), ["not_found /data/relationships/user/data"]);
    assert_eq!(problems(bench.create(anna, KIND, json!({ "id": Id::new() }))), ["client_id_forbidden /data/id"]);
    assert_eq!(problems(bench.create(anna, KIND, json!({}))), ["field_required /data", "field_required /data"]);
    let archived = join_as(&bench, anna, group, dora, json!({ "archived": true }));
    assert_eq!(problems(archived), ["field_read_only /data/attributes/archived"]);
    let shy = bench.user("Shy", "request");
    assert_eq!(problems(join(&bench, anna, group, shy)), ["chat_request_required /data/relationships/user"]);
    let (_, direct) = bench.direct(anna, bert);
    assert_eq!(problems(join(&bench, anna, direct, carl)), ["forbidden "]);
}

#[test]
fn what_is_a_members_own_is_not_shown_to_others_nor_found_by_them() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let group = bench.group(anna, &[bert]);
    let of_anna = bench.membership(anna, group, anna);
    let before = bench.show(bert, KIND, of_anna).unwrap();
    let own = json!({ "archived": true, "hidden": true, "mute_rule": { "until": null } });
    let shown = bench.set(anna, KIND, of_anna, own).unwrap();
    assert_eq!(shown["attributes"]["archived"], true);
    assert_eq!(shown["attributes"]["muted"], true);
    assert_eq!(shown["attributes"]["mute_rule"], json!({ "until": null }));
    assert_eq!(shown["attributes"]["unread_message_count"], 0);
    assert_eq!(bench.show(bert, KIND, of_anna).unwrap(), before);
    let names: Vec<&String> = before["attributes"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["created_at", "role", "updated_at"]);
    for name in ["archived", "hidden", "muted"] {
        assert_eq!(bench.ids(anna, KIND, &format!("filter[{name}]=true")), [of_anna.to_string()], "{name}");
        assert!(bench.ids(bert, KIND, &format!("filter[{name}]=true")).is_empty(), "{name}");
    }
    for sort in ["archived", "muted", "read_until", "unread_message_count", "role", "created_at"] {
        assert_eq!(bench.ids(bert, KIND, &format!("sort=-{sort}")).len(), 2, "{sort}");
    }
    let others = json!({ "archived": true, "mute_rule": null });
    assert_eq!(problems(bench.set(bert, KIND, of_anna, others)), ["forbidden "]);
    let by_admin = bench.set(anna, KIND, bench.membership(anna, group, bert), json!({ "hidden": true }));
    assert_eq!(problems(by_admin), ["field_read_only /data/attributes/hidden"]);
}

#[test]
fn a_mute_rule_is_null_or_ends_at_an_instant_or_never() {
    let bench = Bench::new();
    let [anna] = bench.users(["Anna"]);
    let group = bench.group(anna, &[]);
    let own = bench.membership(anna, group, anna);
    let set = |rule: Value| bench.set(anna, KIND, own, json!({ "mute_rule": rule }));
    let later = Time(Time::now().0 + 60_000).to_string();
    let rule = json!({ "until": later });
    assert_eq!(set(rule.clone()).unwrap()["attributes"]["mute_rule"], rule);
    assert_eq!(bench.show(anna, "chat", group).unwrap()["attributes"]["muted"], true);
    assert_eq!(bench.ids(anna, "chat", "filter[muted]=true"), [group.to_string()]);
    let over = set(json!({ "until": "2020-01-01T00:00:00Z" })).unwrap();
    assert_eq!(over["attributes"]["mute_rule"], Value::Null);
    assert_eq!(over["attributes"]["muted"], false);
    assert!(bench.ids(anna, "chat", "filter[muted]=true").is_empty());
    assert_eq!(set(json!(null)).unwrap()["attributes"]["mute_rule"], Value::Null);
    for wrong in [
        json!({}),
        json!([]),
        json!(true),
        json!({ "until": 1 }),
        json!({ "until": "x" }),
        json!({ "until": null, "a": 1 }),
    ] {
        assert_eq!(problems(set(wrong.clone())), ["field_invalid /data/attributes/mute_rule"], "{wrong}");
    }
}

#[test]
fn a_membership_sent_back_as_it_was_changes_nothing() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let group = bench.group(anna, &[bert]);
    let own = bench.membership(bert, group, bert);
    bench.set(bert, KIND, own, json!({ "archived": true, "mute_rule": { "until": null } })).unwrap();
    for viewer in [anna, bert] {
        let before = bench.show(viewer, KIND, own).unwrap();
        let mut sent = before.clone();
        sent["attributes"]["updated_at"] = json!("2000-01-01T00:00:00.000Z");
        assert_eq!(bench.update(viewer, KIND, own, sent).unwrap(), before);
    }
    assert_eq!(bench.show(bert, KIND, own).unwrap()["attributes"]["archived"], true);
    let read = bench.set(bert, KIND, own, json!({ "read_until": "2030-01-01T00:00:00Z" })).unwrap();
    assert_eq!(read["attributes"]["read_until"], Value::Null);
    let moved = json!({ "relationships": { "user": { "data": { "type": "user", "id": anna } } } });
    assert_eq!(problems(bench.update(bert, KIND, own, moved)), ["field_read_only /data/relationships/user"]);
}

#[test]
fn roles_are_set_by_admins_and_the_last_one_stays() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let group = bench.group(anna, &[bert, carl]);
    let [of_anna, of_bert, of_carl] = [anna, bert, carl].map(|user| bench.membership(anna, group, user));
    let set = |viewer, id, role: &str| bench.set(viewer, KIND, id, json!({ "role": role }));
    assert_eq!(problems(set(anna, of_anna, "member")), ["last_admin /data/attributes/role"]);
    assert_eq!(problems(set(bert, of_bert, "admin")), ["field_read_only /data/attributes/role"]);
    assert_eq!(problems(set(bert, of_carl, "admin")), ["forbidden "]);
    let before = bench.show(anna, KIND, of_bert).unwrap()["attributes"]["updated_at"].to_string();
    bench.set(bert, KIND, of_bert, json!({ "hidden": true })).unwrap();
    assert_eq!(bench.show(anna, KIND, of_bert).unwrap()["attributes"]["updated_at"].to_string(), before);
    let after = set(anna, of_bert, "admin").unwrap();
    assert!(after["attributes"]["updated_at"].as_str().unwrap_or_default() > before.trim_matches('"'));
    assert_eq!(set(anna, of_anna, "reader").unwrap()["attributes"]["role"], "reader");
    assert_eq!(problems(set(anna, of_anna, "admin")), ["field_read_only /data/attributes/role"]);
    let (_, direct) = bench.direct(anna, bert);
    let own = bench.membership(anna, direct, anna);
    assert_eq!(problems(set(anna, own, "admin")), ["field_read_only /data/attributes/role"]);
    assert!(set(anna, own, "member").is_ok());
}

#[test]
fn members_leave_and_admins_remove() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let group = bench.group(anna, &[bert, carl]);
    let of_carl = bench.membership(anna, group, carl);
    assert_eq!(problems(bench.delete(bert, KIND, of_carl)), ["forbidden "]);
    bench.delete(anna, KIND, of_carl).unwrap();
    assert_eq!(problems(bench.show(carl, KIND, of_carl)), ["not_found "]);
    bench.delete(bert, KIND, bench.membership(bert, group, bert)).unwrap();
    assert_eq!(bench.show(anna, "chat", group).unwrap()["attributes"]["member_count"], 1);
    let (_, direct) = bench.direct(anna, bert);
    assert_eq!(problems(bench.delete(anna, KIND, bench.membership(anna, direct, anna))), ["forbidden "]);
    assert_eq!(problems(bench.delete(anna, KIND, bench.membership(anna, direct, bert))), ["forbidden "]);
    // An empty group stays, and nobody sees it.
    bench.delete(anna, KIND, bench.membership(anna, group, anna)).unwrap();
    assert_eq!(problems(bench.show(anna, "chat", group)), ["not_found "]);
}

#[test]
fn the_longest_standing_member_follows_the_last_admin() {
    let bench = Bench::new();
    let [anna, bert, carl, dora] = bench.users(["Anna", "Bert", "Carl", "Dora"]);
    let group = bench.group(anna, &[bert, carl, dora]);
    bench.set(anna, KIND, bench.membership(anna, group, bert), json!({ "role": "reader" })).unwrap();
    bench.delete(anna, KIND, bench.membership(anna, group, anna)).unwrap();
    assert_eq!(role(&bench, bert, group, carl), "admin");
    assert_eq!(role(&bench, bert, group, dora), "member");
    bench.members(carl, group, Verb::Remove, &[carl, dora]).unwrap();
    assert_eq!(role(&bench, bert, group, bert), "admin");
}

#[test]
fn ones_own_membership_of_a_deleted_chat_can_be_read_and_left_only() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let group = bench.group(anna, &[bert]);
    let [of_anna, of_bert] = [anna, bert].map(|user| bench.membership(bert, group, user));
    bench.set(bert, KIND, of_bert, json!({ "archived": true })).unwrap();
    bench.delete(bert, "chat", group).unwrap();
    let own = bench.show(bert, KIND, of_bert).unwrap();
    assert_eq!(own["relationships"]["chat"]["data"], Value::Null);
    assert_eq!(own["attributes"]["archived"], false);
    assert!(bench.ids(bert, KIND, "").is_empty());
    assert_eq!(problems(bench.show(bert, KIND, of_anna)), ["not_found "]);
    assert_eq!(problems(bench.set(bert, KIND, of_bert, json!({ "hidden": true }))), ["not_found "]);
    assert_eq!(bench.ids(anna, KIND, "").len(), 2);
    bench.delete(bert, KIND, of_bert).unwrap();
    assert_eq!(bench.ids(anna, KIND, "").len(), 1);
    // Added again: a new membership, and what was cleared stays cleared.
    assert_ne!(join(&bench, anna, group, bert).unwrap().id, of_bert);
    assert!(bench.show(bert, "chat", group).is_ok());
}
