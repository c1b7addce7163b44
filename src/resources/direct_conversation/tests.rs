//! Rules of direct conversations.

use super::DirectConversation;
use crate::{
    db::{Conn, Db, DbError, Id, Uid},
    resource::{
        Column, Place, Resource as _, Sql, Viewer,
        select::{Key, Select, Typed},
    },
    resources::bench::{Bench, linked, members, problems},
    schema::direct_conversations,
};
use diesel::{
    RunQueryDsl as _,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Integer, Text},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn with(peer: impl Into<Value>) -> Value {
    json!({ "attributes": { "user_id": peer.into() } })
}

const KIND: &str = "direct_conversation";

#[test]
fn both_sides_see_the_other_as_the_peer() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let made = bench.create(anna, KIND, with(bert.to_string().to_uppercase())).unwrap();
    assert!(made.fresh);
    assert_eq!(made.data["attributes"]["user_id"], bert.to_string());
    assert_eq!(made.data["attributes"]["first_user_id"], anna.to_string());
    assert_eq!(made.data["attributes"]["second_user_id"], bert.to_string());
    assert_eq!(made.data["attributes"]["chat_updated_at"], made.data["attributes"]["created_at"]);
    let seen = bench.show(bert, KIND, made.id).unwrap();
    assert_eq!(seen["attributes"]["user_id"], anna.to_string());
    assert_eq!(linked(&seen, "first_user"), anna);
    assert_eq!(problems(bench.show(carl, KIND, made.id)), ["not_found "]);
    assert!(bench.ids(carl, KIND, "").is_empty());

    let chat = bench.show(anna, "chat", linked(&made.data, "chat")).unwrap();
    assert_eq!(chat["attributes"]["chat_type"], "direct");
    assert_eq!(chat["attributes"]["member_count"], 2);
    assert_eq!(linked(&chat, "direct_conversation"), made.id);
    assert_eq!(linked(&chat, "initiator"), anna);
    let mine = bench.show(anna, "chat_membership", linked(&chat, "viewer_membership")).unwrap();
    assert_eq!(mine["attributes"]["role"], "member");
    assert_eq!(linked(&mine, "user"), anna);
}

#[test]
fn the_pair_has_one_conversation_whoever_asks_and_where() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (direct, chat) = bench.direct(anna, bert);
    let again = bench.create(bert, KIND, with(anna.to_string())).unwrap();
    assert_eq!((again.id, again.fresh), (direct, false));
    let by_chat = bench.create(bert, "chat", json!({ "relationships": members(&[anna, bert]) })).unwrap();
    assert_eq!((by_chat.id, by_chat.fresh), (chat, false));
}

#[test]
fn sixty_four_creators_from_both_sides_get_one_conversation() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let made = std::thread::scope(|scope| {
        let creators: Vec<_> = (0..64)
            .map(|at| {
                let (from, to) = if at % 2 == 0 { (anna, bert) } else { (bert, anna) };
                let bench = &bench;
                scope.spawn(move || bench.create(from, KIND, with(to.to_string())).unwrap())
            })
            .collect();
        creators.into_iter().map(|creator| creator.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(made.iter().filter(|made| made.fresh).count(), 1);
    assert_eq!(made.iter().map(|made| made.id).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(bench.ids(anna, "chat", "").len(), 1);
    assert_eq!(bench.ids(anna, "chat_membership", "").len(), 2);
}

#[test]
fn a_create_names_another_user_who_is_there() {
    let bench = Bench::new();
    let [anna] = bench.users(["Anna"]);
    let at = "/data/attributes/user_id";
    let create = |data| problems(bench.create(anna, KIND, data));
    assert_eq!(create(json!({})), ["field_required /data"]);
    assert_eq!(create(json!({ "attributes": {} })), ["field_required /data/attributes"]);
    for wrong in [json!(null), json!(1), json!("1"), json!(["1"])] {
        assert_eq!(create(with(wrong)), [format!("field_invalid {at}")]);
    }
    assert_eq!(create(with(anna.to_string())), [format!("self_conversation {at}")]);
    assert_eq!(create(with(Id::new().to_string())), [format!("not_found {at}")]);
    let first = json!({ "attributes": { "user_id": Id::new(), "first_user_id": anna } });
    assert_eq!(create(first), ["field_read_only /data/attributes/first_user_id"]);
    let shy = bench.user("Shy", "request");
    assert_eq!(create(with(shy.to_string())), [format!("chat_request_required {at}")]);
}

#[test]
fn whoever_is_in_touch_already_needs_no_consent_again() {
    let bench = Bench::new();
    let [anna] = bench.users(["Anna"]);
    let shy = bench.user("Shy", "request");
    let (direct, _) = bench.direct(shy, anna);
    assert_eq!(bench.direct(anna, shy).0, direct);
}

#[test]
fn a_client_makes_the_id_unless_the_pair_or_the_id_is_taken() {
    let bench = Bench::new();
    let [anna, bert, carl, dora] = bench.users(["Anna", "Bert", "Carl", "Dora"]);
    let id = Id::new();
    let create =
        |viewer, id: Id, peer: Id| bench.create(viewer, KIND, json!({ "id": id, "attributes": { "user_id": peer } }));
    assert_eq!(create(anna, id, bert).unwrap().id, id);
    assert_eq!(problems(create(anna, Id::new(), bert)), ["already_exists /data/attributes/user_id"]);
    assert_eq!(problems(create(anna, id, carl)), ["id_taken /data/id"]);
    assert_eq!(problems(create(carl, id, dora)), ["id_taken /data/id"]);
    assert!(bench.ids(carl, "chat", "").is_empty());
}

#[test]
fn a_list_shows_what_is_neither_hidden_nor_deleted() {
    let bench = Bench::new();
    let [anna, bert, carl, dora] = bench.users(["Anna", "Bert", "Carl", "Dora"]);
    let (first, _) = bench.direct(anna, bert);
    let (hidden, hidden_chat) = bench.direct(carl, anna);
    let (deleted, deleted_chat) = bench.direct(dora, anna);
    let membership = bench.membership(anna, hidden_chat, anna);
    bench.set(anna, "chat_membership", membership, json!({ "hidden": true })).unwrap();
    bench.delete(anna, "chat", deleted_chat).unwrap();

    let list = |query| bench.ids(anna, KIND, query);
    assert_eq!(list(""), [first.to_string()]);
    assert_eq!(list("filter[hidden]=true"), [hidden.to_string()]);
    assert_eq!(list("filter[status]=active"), [first.to_string()]);
    assert_eq!(list("filter[status]=active&filter[hidden]=true"), [hidden.to_string()]);
    assert_eq!(list("filter[hidden]=false"), [first.to_string()]);
    assert!(list("filter[status]=pending").is_empty());
    assert!(list("filter[has_unread_messages]=true").is_empty());
    assert_eq!(bench.ids(carl, KIND, ""), [hidden.to_string()]);
    assert_eq!(bench.ids(dora, KIND, ""), [deleted.to_string()]);
    assert!(bench.show(anna, KIND, hidden).is_ok());
    assert_eq!(problems(bench.show(anna, KIND, deleted)), ["not_found "]);
}

#[test]
fn asking_again_brings_back_what_was_hidden_or_deleted() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (direct, chat) = bench.direct(anna, bert);
    let membership = bench.membership(anna, chat, anna);
    bench.set(anna, "chat_membership", membership, json!({ "hidden": true })).unwrap();
    assert_eq!(bench.direct(anna, bert).0, direct);
    assert_eq!(bench.ids(anna, KIND, ""), [direct.to_string()]);
    bench.delete(anna, "chat", chat).unwrap();
    assert!(bench.ids(anna, KIND, "").is_empty());
    // The other side sees it all the time, and does not bring it back for the one who deleted it.
    assert_eq!(bench.direct(bert, anna).0, direct);
    assert!(bench.ids(anna, KIND, "").is_empty());
    assert_eq!(bench.direct(anna, bert).0, direct);
    assert_eq!(bench.ids(anna, KIND, ""), [direct.to_string()]);
    assert_eq!(bench.ids(anna, "chat", ""), [chat.to_string()]);
}

#[test]
fn the_search_is_for_the_peers_name_alone() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna Straße", "Bert 100%", "Carl_Strauss"]);
    let (with_bert, _) = bench.direct(anna, bert);
    let (with_carl, _) = bench.direct(carl, anna);
    let search = |text| bench.ids(anna, KIND, &format!("search_peer={text}"));
    assert_eq!(search("BERT"), [with_bert.to_string()]);
    assert_eq!(search("%25"), [with_bert.to_string()]);
    assert_eq!(search("_"), [with_carl.to_string()]);
    assert!(search("anna").is_empty());
    assert_eq!(search("+strau+"), [with_carl.to_string()]);
    assert_eq!(search("+").len(), 2);
    assert_eq!(bench.ids(carl, KIND, "search_peer=STRASSE"), [with_carl.to_string()]);
}

#[test]
fn a_list_is_sorted_over_both_sides() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let old = bench.direct(bert, anna).0.to_string();
    std::thread::sleep(std::time::Duration::from_millis(2));
    let new = bench.direct(anna, carl).0.to_string();
    assert_eq!(bench.ids(anna, KIND, ""), [new.clone(), old.clone()]);
    assert_eq!(bench.ids(anna, KIND, "sort=chat_updated_at"), [old.clone(), new.clone()]);
    assert_eq!(bench.ids(anna, KIND, "page[size]=1"), std::slice::from_ref(&new));
    assert_eq!(bench.ids(anna, KIND, "page[size]=1&page[number]=2"), std::slice::from_ref(&old));
    assert_eq!(bench.ids(anna, KIND, &format!("filter[user_id]={carl}")), [new]);
    assert_eq!(bench.ids(anna, KIND, &format!("filter[first_user_id]={bert}")), [old]);
    for name in ["user_id", "first_user_id", "second_user_id", "created_at", "updated_at"] {
        assert_eq!(bench.ids(anna, KIND, &format!("sort={name}")).len(), 2);
    }
}

#[test]
fn a_removed_peer_is_null_and_found_by_the_name_kept() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let (direct, chat) = bench.direct(anna, bert);
    bench.delete(bert, "user", bert).unwrap();
    let seen = bench.show(anna, KIND, direct).unwrap();
    assert_eq!(seen["attributes"]["user_id"], Value::Null);
    assert_eq!(seen["relationships"]["second_user"]["data"], Value::Null);
    assert_eq!(linked(&seen, "chat"), chat);
    assert_eq!(bench.ids(anna, KIND, "search_peer=bert"), [direct.to_string()]);
    assert_eq!(bench.ids(anna, "chat", "filter[search]=bert"), [chat.to_string()]);
    let chat = bench.document(anna, "chat", Some(chat), "").unwrap();
    let permissions = json!({ "manage_members": false, "create_message": false });
    assert_eq!(chat["data"]["meta"]["permissions"], permissions);
}

/// `EXPLAIN QUERY PLAN` of the default list's statement.
struct Explained<'a, Columns>(Typed<'a, Uid, Columns>);

impl<Columns: QueryFragment<Db>> QueryFragment<Db> for Explained<'_, Columns> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Db>) -> diesel::QueryResult<()> {
        pass.push_sql("EXPLAIN QUERY PLAN ");
        self.0.walk_ast(pass)
    }
}

impl<Columns> QueryId for Explained<'_, Columns> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Columns> Query for Explained<'_, Columns> {
    type SqlType = (Integer, Integer, Integer, Text);
}

impl<Columns> diesel::RunQueryDsl<Conn> for Explained<'_, Columns> {}

#[test]
fn each_half_of_the_list_reads_the_index_of_its_side_alone_in_its_order() {
    let bench = Bench::new();
    let viewer = Viewer::user(Id::new());
    let key = |expr: Column, descending| Key { expr: Sql::new(expr), descending, nullable: false };
    let select = Select {
        source: DirectConversation::source(&viewer),
        visible: DirectConversation::visible(&viewer, Place::List(&[])),
        order: vec![
            key(&direct_conversations::chat_updated_at, true),
            key(DirectConversation::CREATED_AT, false),
            key(DirectConversation::ID, false),
        ],
        limit: Some(26),
        ..Select::default()
    };
    let row = <DirectConversation as diesel::Selectable<Db>>::construct_selection();
    let explained = Explained(Typed::new(&select, row));
    let read = |conn: &mut Conn| explained.load::<(i32, i32, i32, String)>(conn).map_err(DbError::from);
    let steps: Vec<String> = bench.database.read_blocking(read).unwrap().into_iter().map(|step| step.3).collect();
    for side in ["first", "second"] {
        let index = format!("direct_conversations_{side}_listed_idx ({side}_user_id=?)");
        let walk = format!("SEARCH direct_conversations USING COVERING INDEX {index}");
        // What is sorted afterwards is the page, not everything that the viewer could see.
        let half = ["CO-ROUTINE half", &walk, "SCAN half"];
        assert!(steps.windows(3).any(|steps| steps == half), "{steps:#?}");
    }
}
