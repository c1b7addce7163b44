//! Rules of chat requests: asking, withdrawing, listing, and what they mean for groups and accounts.

mod answers;

use crate::{
    db::Id,
    resource::relate::Verb,
    resources::bench::{Bench, Made, linked, members, problems},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const KIND: &str = "chat_request";
const AT: &str = "/data/attributes/user_id";

impl Bench {
    fn try_ask(&self, sender: Id, recipient: Id) -> Result<Made, crate::resource::Error> {
        self.create(sender, KIND, json!({ "attributes": { "user_id": recipient } }))
    }

    /// A request: its id and its chat's.
    fn ask(&self, sender: Id, recipient: Id) -> (Id, Id) {
        let made = self.try_ask(sender, recipient).expect("a request");
        (made.id, linked(&made.data, "chat"))
    }

    fn answer(&self, recipient: Id, request: Id, status: &str) -> Result<Value, crate::resource::Error> {
        self.set(recipient, KIND, request, json!({ "status": status }))
    }

    /// The status of a request and of its chat.
    fn statuses(&self, viewer: Id, request: Id) -> [String; 2] {
        let request = self.show(viewer, KIND, request).expect("a request");
        let chat = self.show(viewer, "chat", linked(&request, "chat")).expect("its chat");
        [request, chat].map(|data| data["attributes"]["status"].as_str().expect("a status").to_owned())
    }

    /// How many conversations each of the two finds in the default list, of chats and of direct conversations alike.
    fn listed(&self, users: [Id; 2]) -> [usize; 2] {
        users.map(|user| {
            let chats = self.ids(user, "chat", "").len();
            assert_eq!(chats, self.ids(user, "direct_conversation", "").len());
            chats
        })
    }
}

#[test]
fn a_request_brings_a_chat_that_waits() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let made = bench.try_ask(anna, bert).unwrap();
    assert!(made.fresh);
    let Value::Object(attributes) = &made.data["attributes"] else { panic!("no attributes") };
    assert_eq!(attributes["user_id"], bert.to_string());
    assert_eq!(attributes["status"], "pending");
    assert_eq!(attributes["responded_at"], Value::Null);
    assert_eq!(attributes["created_at"], attributes["updated_at"]);
    assert_eq!([linked(&made.data, "sender"), linked(&made.data, "recipient")], [anna, bert]);

    let chat = linked(&made.data, "chat");
    assert_eq!(bench.statuses(bert, made.id), ["pending", "pending"]);
    assert_eq!(bench.listed([anna, bert]), [0, 0]);
    for viewer in [anna, bert] {
        assert_eq!(bench.ids(viewer, "chat", "filter[status]=pending"), [chat.to_string()]);
        assert_eq!(bench.ids(viewer, "direct_conversation", "filter[status]=pending").len(), 1);
        let document = bench.document(viewer, "chat", Some(chat), "include=chat_request.sender").unwrap();
        assert_eq!(linked(&document["data"], "chat_request"), made.id);
        assert_eq!(document["included"].as_array().unwrap().len(), 2);
        assert_eq!(document["data"]["meta"]["permissions"]["create_message"], false);
    }
    assert_eq!(problems(bench.show(carl, KIND, made.id)), ["not_found "]);
    assert_eq!(problems(bench.answer(carl, made.id, "active")), ["not_found "]);
    assert!(bench.ids(carl, KIND, "").is_empty());
    let other = bench.group(anna, &[]);
    assert_eq!(bench.show(anna, "chat", other).unwrap()["relationships"]["chat_request"]["data"], Value::Null);
}

#[test]
fn a_request_names_another_user_who_is_there() {
    let bench = Bench::new();
    let [anna] = bench.users(["Anna"]);
    let create = |attributes: Value| problems(bench.create(anna, KIND, json!({ "attributes": attributes })));
    assert_eq!(create(json!({})), ["field_required /data/attributes"]);
    for wrong in [json!(null), json!(1), json!("1")] {
        assert_eq!(create(json!({ "user_id": wrong })), [format!("field_invalid {AT}")]);
    }
    assert_eq!(create(json!({ "user_id": anna })), [format!("self_conversation {AT}")]);
    assert_eq!(create(json!({ "user_id": Id::new() })), [format!("not_found {AT}")]);
    let answered = create(json!({ "user_id": Id::new(), "status": "active" }));
    assert_eq!(answered, ["field_read_only /data/attributes/status"]);
}

#[test]
fn the_same_request_again_is_the_one_that_is_there() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (request, chat) = bench.ask(anna, bert);
    bench.delete(anna, "chat", chat).unwrap();
    assert_eq!(bench.show(anna, KIND, request).unwrap()["relationships"]["chat"]["data"], Value::Null);
    assert!(bench.ids(anna, KIND, &format!("filter[chat]={chat}")).is_empty());
    let again = bench.try_ask(anna, bert).unwrap();
    assert_eq!((again.id, again.fresh), (request, false));
    assert_eq!(linked(&again.data, "chat"), chat);
    assert_eq!(bench.statuses(anna, request), ["pending", "pending"]);
    assert_eq!(bench.ids(anna, KIND, &format!("filter[chat]={chat}")), [request.to_string()]);
}

#[test]
fn a_client_makes_the_id_unless_a_request_or_the_id_is_there() {
    let bench = Bench::new();
    let [anna, bert, carl, dora] = bench.users(["Anna", "Bert", "Carl", "Dora"]);
    let id = Id::new();
    let ask =
        |viewer, id: Id, peer: Id| bench.create(viewer, KIND, json!({ "id": id, "attributes": { "user_id": peer } }));
    assert_eq!(ask(anna, id, bert).unwrap().id, id);
    assert_eq!(problems(ask(anna, Id::new(), bert)), [format!("already_exists {AT}")]);
    assert_eq!(problems(ask(bert, Id::new(), anna)), [format!("already_exists {AT}")]);
    assert_eq!(bench.statuses(anna, id), ["pending", "pending"]);
    assert_eq!(problems(ask(anna, id, carl)), ["id_taken /data/id"]);
    assert_eq!(problems(ask(carl, id, dora)), ["id_taken /data/id"]);
    assert!(bench.ids(carl, "chat", "filter[status]=pending").is_empty());
}

#[test]
fn the_sender_withdraws_what_nobody_has_answered() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let (request, chat) = bench.ask(anna, bert);
    assert_eq!(problems(bench.delete(bert, KIND, request)), ["forbidden "]);
    assert_eq!(problems(bench.delete(carl, KIND, request)), ["not_found "]);
    bench.delete(anna, KIND, request).unwrap();
    for viewer in [anna, bert] {
        assert_eq!(problems(bench.show(viewer, KIND, request)), ["not_found "]);
        assert_eq!(problems(bench.show(viewer, "chat", chat)), ["not_found "]);
        assert!(bench.ids(viewer, "direct_conversation", "filter[status]=pending").is_empty());
    }
    assert_eq!(problems(bench.answer(bert, request, "active")), ["not_found "]);
    // Nothing is left that would close the way for a new one, from either side.
    let (request, _) = bench.ask(bert, anna);
    for status in ["declined", "active"] {
        bench.answer(anna, request, status).unwrap();
        assert_eq!(problems(bench.delete(bert, KIND, request)), ["request_closed "]);
    }
}

#[test]
fn a_list_has_what_was_sent_and_received_the_newest_first() {
    let bench = Bench::new();
    let [anna, bert, carl, dora] = bench.users(["Anna", "Bert", "Carl", "Dora"]);
    let asked = [(anna, bert), (carl, anna), (anna, dora)].map(|(sender, recipient)| {
        std::thread::sleep(std::time::Duration::from_millis(2));
        bench.ask(sender, recipient).0
    });
    bench.ask(bert, carl);
    bench.answer(anna, asked[1], "declined").unwrap();
    let asked = asked.map(|id| id.to_string());
    let place = |id: String| asked.iter().position(|known| *known == id).expect("one of them");
    let by = |query: String| bench.ids(anna, KIND, &query).into_iter().map(place).collect::<Vec<_>>();
    let list = |query: &str| by(query.to_owned());
    assert_eq!(list(""), [2, 1, 0]);
    assert_eq!(list("sort=created_at"), [0, 1, 2]);
    assert_eq!(list("sort=-responded_at&page[size]=1"), [1]);
    assert_eq!(list("page[size]=1&page[number]=2"), [1]);
    assert_eq!(list("filter[direction]=incoming"), [1]);
    assert_eq!(list("filter[direction]=outgoing"), [2, 0]);
    assert_eq!(list("filter[status]=pending"), [2, 0]);
    assert!(list("filter[status]=pending&filter[direction]=incoming").is_empty());
    assert_eq!(by(format!("filter[recipient]={bert}")), [0]);
    assert_eq!(by(format!("filter[sender]={carl}")), [1]);
    assert_eq!(by(format!("filter[user_id]={dora}")), [2]);
    let wrong = bench.document(anna, KIND, None, "filter[direction]=both");
    assert_eq!(problems(wrong), ["filter_invalid "]);
}

#[test]
fn requests_that_cross_end_as_one_that_is_accepted() {
    let bench = Bench::new();
    for _ in 0..20 {
        let [anna, bert] = bench.users(["Anna", "Bert"]);
        let made = std::thread::scope(|scope| {
            let bench = &bench;
            let ask = |sender, recipient| scope.spawn(move || bench.try_ask(sender, recipient).unwrap());
            [ask(anna, bert), ask(bert, anna)].map(|asking| asking.join().unwrap())
        });
        assert_eq!(made.iter().filter(|made| made.fresh).count(), 1);
        assert_eq!(made.iter().map(|made| made.id).collect::<BTreeSet<_>>().len(), 1);
        assert_eq!(bench.statuses(anna, made[0].id), ["active", "active"]);
    }
}

#[test]
fn nobody_adds_somebody_to_a_group_who_has_not_said_yes() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let refused = |pointer: &str| [format!("chat_request_required {pointer}")];
    // They share a group, and Bert's policy is open: a request without a yes counts for more.
    let shared = bench.group(carl, &[anna, bert]);
    let own = bench.group(anna, &[]);
    let (request, _) = bench.ask(anna, bert);
    for status in ["pending", "declined"] {
        if status == "declined" {
            bench.answer(bert, request, status).unwrap();
        }
        let group = json!({ "attributes": { "chat_type": "group" }, "relationships": members(&[bert]) });
        assert_eq!(problems(bench.create(anna, "chat", group)), refused("/data/relationships/members"));
        assert_eq!(problems(bench.members(anna, own, Verb::Add, &[carl, bert])), refused("/data"));
        let [chat, user] =
            [("chat", own), ("user", bert)].map(|(kind, id)| json!({ "data": { "type": kind, "id": id } }));
        let membership = json!({ "relationships": { "chat": chat, "user": user } });
        let pointer = "/data/relationships/user";
        assert_eq!(problems(bench.create(anna, "chat_membership", membership)), refused(pointer));
    }
    assert_eq!(bench.show(anna, "chat", own).unwrap()["attributes"]["member_count"], 1);
    // Others may, and so may whoever declined.
    bench.members(bert, bench.group(bert, &[]), Verb::Add, &[anna]).unwrap();
    bench.members(carl, shared, Verb::Remove, &[bert]).unwrap();
    bench.members(carl, shared, Verb::Add, &[bert]).unwrap();
    bench.answer(bert, request, "active").unwrap();
    bench.members(anna, own, Verb::Add, &[bert]).unwrap();
}

#[test]
fn a_request_that_waits_is_no_consent_to_groups() {
    let bench = Bench::new();
    let [anna] = bench.users(["Anna"]);
    let shy = bench.user("Shy", "request");
    let (request, _) = bench.ask(shy, anna);
    let own = bench.group(anna, &[]);
    assert_eq!(problems(bench.members(anna, own, Verb::Add, &[shy])), ["chat_request_required /data"]);
    bench.answer(anna, request, "active").unwrap();
    bench.members(anna, own, Verb::Add, &[shy]).unwrap();
}

#[test]
fn requests_that_wait_vanish_with_either_account() {
    let bench = Bench::new();
    let [anna, bert, carl, dora] = bench.users(["Anna", "Bert", "Carl", "Dora"]);
    let (sent, sent_chat) = bench.ask(anna, bert);
    let (received, received_chat) = bench.ask(carl, anna);
    let (declined, declined_chat) = bench.ask(anna, dora);
    bench.answer(dora, declined, "declined").unwrap();
    bench.delete(anna, "user", anna).unwrap();

    for (viewer, request, chat) in [(bert, sent, sent_chat), (carl, received, received_chat)] {
        assert_eq!(problems(bench.show(viewer, KIND, request)), ["not_found "]);
        assert_eq!(problems(bench.show(viewer, "chat", chat)), ["not_found "]);
        assert!(bench.ids(viewer, "chat_membership", "").is_empty());
        assert!(bench.ids(viewer, "direct_conversation", "filter[status]=pending").is_empty());
    }
    let kept = bench.show(dora, KIND, declined).unwrap();
    assert_eq!(kept["relationships"]["sender"]["data"], Value::Null);
    assert_eq!(linked(&kept, "chat"), declined_chat);
    assert_eq!(bench.show(dora, "chat", declined_chat).unwrap()["attributes"]["past_users_involved"], json!(["Anna"]));
    assert_eq!(problems(bench.answer(dora, declined, "active")), ["peer_gone "]);
    assert_eq!(bench.ids(dora, KIND, "filter[direction]=incoming"), [declined.to_string()]);
}
