//! Rules of chats.

use crate::{
    db::Id,
    resource::relate::Verb,
    resources::bench::{Bench, linked, members, problems},
};
use serde_json::{Value, json};

const KIND: &str = "chat";

#[test]
fn the_number_of_members_decides_what_a_chat_is() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let create = |attributes: Value, others: &[Id]| {
        bench.create(anna, KIND, json!({ "attributes": attributes, "relationships": members(others) }))
    };
    let kind_of =
        |attributes, others: &[Id]| create(attributes, others).unwrap().data["attributes"]["chat_type"].take();
    assert_eq!(kind_of(json!({}), &[bert, carl]), "group");
    assert_eq!(kind_of(json!({}), &[bert, bert, anna]), "direct");
    assert_eq!(kind_of(json!({ "chat_type": "group" }), &[bert]), "group");
    assert_eq!(kind_of(json!({ "chat_type": "group" }), &[]), "group");
    assert_eq!(kind_of(json!({ "chat_type": null }), &[bert]), "direct");
    assert_eq!(kind_of(json!({ "chat_type": "direct", "title": null }), &[bert]), "direct");

    let at = "/data/relationships/members";
    assert_eq!(problems(create(json!({ "chat_type": "direct" }), &[bert, carl])), [format!("field_invalid {at}")]);
    assert_eq!(problems(create(json!({ "chat_type": "direct" }), &[anna])), [format!("field_invalid {at}")]);
    assert_eq!(problems(create(json!({ "chat_type": "direct" }), &[])), [format!("field_invalid {at}")]);
    let alone = bench.create(anna, KIND, json!({ "attributes": { "chat_type": "direct" } }));
    assert_eq!(problems(alone), ["field_invalid /data/attributes/chat_type"]);
    assert_eq!(problems(create(json!({}), &[anna])), [format!("field_required {at}")]);
    assert_eq!(problems(bench.create(anna, KIND, json!({}))), ["field_required /data"]);
    let title = "field_invalid /data/attributes/title";
    assert_eq!(problems(create(json!({ "title": "T" }), &[bert])), [title]);
    let all = create(json!({ "chat_type": "direct", "title": "T", "icon_url": "https://a.example" }), &[bert, carl]);
    assert_eq!(problems(all), [&format!("field_invalid {at}"), title, "field_invalid /data/attributes/icon_url"]);
    let unknown = create(json!({}), &[bert, Id::new()]);
    assert_eq!(problems(unknown), [format!("not_found {at}/data/1")]);
}

#[test]
fn a_group_begins_with_its_creator_as_admin() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let attributes = json!({ "title": " T ", "icon_url": "https://a.example/i.png" });
    let data = json!({ "attributes": attributes, "relationships": members(&[bert, carl, anna]) });
    let first = bench.create(anna, KIND, data.clone()).unwrap();
    assert_eq!(first.data["attributes"]["title"], " T ");
    assert_eq!(first.data["attributes"]["member_count"], 3);
    assert_eq!(first.data["attributes"]["open"], true);
    assert_eq!(first.data["attributes"]["past_users_involved"], json!([]));
    assert_eq!(first.data["meta"]["permissions"], json!({ "manage_members": true, "create_message": true }));
    assert_eq!(first.data["relationships"]["direct_conversation"]["data"], Value::Null);
    assert!(bench.create(anna, KIND, data).unwrap().id != first.id);
    let query = "include=members,chat_memberships,viewer_membership,initiator";
    let document = bench.document(bert, KIND, Some(first.id), query).unwrap();
    let shown: Vec<Id> = document["data"]["relationships"]["members"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["id"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(shown, [anna, bert, carl]);
    assert_eq!(document["included"].as_array().unwrap().len(), 6);
    let role = |user| bench.show(bert, "chat_membership", bench.membership(bert, first.id, user)).unwrap();
    assert_eq!(role(anna)["attributes"]["role"], "admin");
    assert_eq!(role(carl)["attributes"]["role"], "member");
}

#[test]
fn what_the_server_decides_cannot_be_sent() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let create = |attributes: Value| {
        problems(bench.create(anna, KIND, json!({ "attributes": attributes, "relationships": members(&[bert]) })))
    };
    for name in ["open", "archived", "muted", "has_unread_messages"] {
        assert_eq!(create(json!({ name: true })), [format!("field_read_only /data/attributes/{name}")]);
    }
    assert_eq!(create(json!({ "titel": "T" })), ["field_unknown /data/attributes/titel"]);
    assert_eq!(create(json!({ "chat_type": "room" })), ["field_invalid /data/attributes/chat_type"]);
    for title in ["", " \u{2003}", &"a".repeat(251)] {
        let problem = create(json!({ "chat_type": "group", "title": title }));
        assert_eq!(problem, ["field_invalid /data/attributes/title"]);
    }
}

#[test]
fn a_user_who_wants_to_be_asked_joins_only_with_whom_they_know() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let shy = bench.user("Shy", "request");
    let at = "/data/relationships/members";
    let group = json!({ "relationships": members(&[shy, bert]) });
    assert_eq!(problems(bench.create(anna, KIND, group.clone())), [format!("chat_request_required {at}")]);
    let direct = json!({ "relationships": members(&[shy]) });
    assert_eq!(problems(bench.create(anna, KIND, direct)), [format!("chat_request_required {at}")]);
    assert!(bench.ids(bert, KIND, "").is_empty());
    // Once they are in one group, whoever brought them there, they know each other.
    bench.direct(shy, carl);
    let meeting = bench.group(carl, &[shy]);
    bench.members(carl, meeting, Verb::Add, &[anna]).unwrap();
    assert!(bench.create(anna, KIND, group).is_ok());
}

#[test]
fn only_members_see_a_chat() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let group = bench.group(anna, &[bert]);
    assert!(bench.show(bert, KIND, group).is_ok());
    assert_eq!(problems(bench.show(carl, KIND, group)), ["not_found "]);
    assert_eq!(problems(bench.set(carl, KIND, group, json!({ "title": 1, "x": 2 }))), ["not_found "]);
    assert_eq!(problems(bench.delete(carl, KIND, group)), ["not_found "]);
    assert_eq!(problems(bench.members(carl, group, Verb::Add, &[carl])), ["not_found "]);
    assert!(bench.ids(carl, KIND, "").is_empty());
    bench.members(bert, group, Verb::Remove, &[bert]).unwrap();
    assert_eq!(problems(bench.show(bert, KIND, group)), ["not_found "]);
}

#[test]
fn a_list_shows_archived_chats_but_not_hidden_or_deleted_ones() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let [archived, hidden, deleted] = [(); 3].map(|()| bench.group(anna, &[bert]));
    let membership = |chat| bench.membership(anna, chat, anna);
    bench.set(anna, "chat_membership", membership(archived), json!({ "archived": true })).unwrap();
    bench.set(anna, "chat_membership", membership(hidden), json!({ "hidden": true })).unwrap();
    bench.delete(anna, KIND, deleted).unwrap();
    let list = |query| bench.ids(anna, KIND, query);
    assert_eq!(list(""), [archived.to_string()]);
    assert_eq!(list("filter[archived]=true"), [archived.to_string()]);
    assert!(list("filter[archived]=false").is_empty());
    assert_eq!(list("filter[hidden]=true"), [hidden.to_string()]);
    assert_eq!(list("filter[hidden]=in:true,false").len(), 2);
    assert_eq!(list("filter[status]=active"), [archived.to_string()]);
    assert_eq!(bench.ids(bert, KIND, "").len(), 3);
    let mirror = bench.show(anna, KIND, hidden).unwrap();
    assert_eq!(mirror["attributes"]["hidden"], true);
    assert_eq!(mirror["attributes"]["archived"], false);
}

#[test]
fn deleting_puts_a_chat_away_for_oneself_only() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let group = bench.group(anna, &[bert]);
    let before = bench.show(bert, KIND, group).unwrap();
    bench.delete(anna, KIND, group).unwrap();
    assert_eq!(problems(bench.show(anna, KIND, group)), ["not_found "]);
    assert_eq!(problems(bench.delete(anna, KIND, group)), ["not_found "]);
    assert_eq!(bench.show(bert, KIND, group).unwrap(), before);
}

#[test]
fn members_but_no_readers_design_a_group_and_admins_open_and_close_it() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let group = bench.group(anna, &[bert, carl]);
    let reader = bench.membership(anna, group, carl);
    bench.set(anna, "chat_membership", reader, json!({ "role": "reader" })).unwrap();
    let design = json!({ "title": "T", "icon_thumbnail_url": "https://a.example/i.png" });
    let changed = bench.set(bert, KIND, group, design.clone()).unwrap();
    assert_eq!(changed["attributes"]["title"], "T");
    assert_eq!(
        problems(bench.set(carl, KIND, group, json!({ "title": "U" }))),
        ["field_read_only /data/attributes/title"]
    );
    assert!(bench.set(carl, KIND, group, design).is_ok());
    assert_eq!(
        problems(bench.set(bert, KIND, group, json!({ "open": false }))),
        ["field_read_only /data/attributes/open"]
    );
    let closed = bench.set(anna, KIND, group, json!({ "open": false })).unwrap();
    assert_eq!(closed["attributes"]["open"], false);
    let permissions = bench.show(anna, KIND, group).unwrap()["meta"]["permissions"].take();
    assert_eq!(permissions, json!({ "manage_members": true, "create_message": false }));

    let (_, direct) = bench.direct(anna, bert);
    for (name, value) in [("title", json!("T")), ("icon_url", json!("https://a.example")), ("open", json!(false))] {
        let problem = problems(bench.set(anna, KIND, direct, json!({ name: value })));
        assert_eq!(problem, [format!("field_read_only /data/attributes/{name}")]);
    }
}

#[test]
fn a_chat_sent_back_as_it_was_changes_nothing() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let group = bench.group(anna, &[bert, carl]);
    let (_, direct) = bench.direct(anna, bert);
    for (viewer, chat) in [(anna, group), (bert, group), (anna, direct)] {
        let document = bench.document(viewer, KIND, Some(chat), "include=members,chat_memberships").unwrap();
        let mut sent = document["data"].clone();
        sent["attributes"]["updated_at"] = json!("2000-01-01T00:00:00.000Z");
        sent["attributes"]["unread_message_count"] = json!(7);
        sent["attributes"]["status"] = json!("declined");
        sent.as_object_mut().unwrap().remove("meta");
        let after = bench.update(viewer, KIND, chat, sent).unwrap();
        assert_eq!(after["attributes"], document["data"]["attributes"]);
    }
    let problem = problems(bench.set(anna, KIND, group, json!({ "archived": true })));
    assert_eq!(problem, ["field_read_only /data/attributes/archived"]);
    let Err(crate::resource::Error::Api(errors)) = bench.set(anna, KIND, group, json!({ "muted": true })) else {
        panic!("muted is set elsewhere");
    };
    assert!(String::from_utf8_lossy(&errors.to_bytes()).contains("viewer_membership"));
    let replaced = bench.update(anna, KIND, group, json!({ "relationships": members(&[anna, Id::new()]) }));
    assert_eq!(problems(replaced), ["forbidden /data/relationships/members"]);
}

#[test]
fn updated_at_moves_by_shared_changes_only_and_never_stays() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let group = bench.group(anna, &[bert]);
    let at = || bench.show(anna, KIND, group).unwrap()["attributes"]["updated_at"].as_str().unwrap().to_owned();
    let mut last = at();
    let mut moved = |moves: bool, what: &str| {
        let now = at();
        assert!(if moves { now > last } else { now == last }, "{what}: {last} -> {now}");
        last = now;
    };
    for title in ["A", "B", "C"] {
        bench.set(anna, KIND, group, json!({ "title": title })).unwrap();
        moved(true, title);
    }
    bench.set(anna, KIND, group, json!({ "title": "C" })).unwrap();
    moved(false, "the same title");
    let membership = bench.membership(anna, group, anna);
    bench.set(anna, "chat_membership", membership, json!({ "archived": true, "hidden": true })).unwrap();
    moved(false, "archived");
    bench.members(anna, group, Verb::Add, &[bert]).unwrap();
    moved(false, "a member added again");
    bench.members(anna, group, Verb::Add, &[carl]).unwrap();
    moved(true, "a member added");
    bench.members(anna, group, Verb::Remove, &[carl]).unwrap();
    moved(true, "a member removed");
    bench.members(anna, group, Verb::Remove, &[carl]).unwrap();
    moved(false, "nobody removed");
}

#[test]
fn admins_add_and_remove_members_and_everybody_may_go() {
    let bench = Bench::new();
    let [anna, bert, carl, dora] = bench.users(["Anna", "Bert", "Carl", "Dora"]);
    let group = bench.group(anna, &[bert]);
    let count = || bench.show(anna, KIND, group).unwrap()["attributes"]["member_count"].as_i64().unwrap();
    assert_eq!(problems(bench.members(bert, group, Verb::Add, &[carl])), ["forbidden "]);
    assert_eq!(problems(bench.members(bert, group, Verb::Add, &[Id::new()])), ["forbidden "]);
    bench.members(anna, group, Verb::Add, &[carl, dora, bert]).unwrap();
    assert_eq!(count(), 4);
    assert_eq!(problems(bench.members(bert, group, Verb::Remove, &[bert, carl])), ["forbidden "]);
    bench.members(bert, group, Verb::Remove, &[bert]).unwrap();
    bench.members(anna, group, Verb::Remove, &[carl, Id::new()]).unwrap();
    assert_eq!(count(), 2);
    let shy = bench.user("Shy", "request");
    assert_eq!(problems(bench.members(anna, group, Verb::Add, &[shy])), ["chat_request_required /data"]);
    assert_eq!(problems(bench.members(anna, group, Verb::Add, &[Id::new()])), ["not_found /data/0"]);
    let (_, direct) = bench.direct(anna, bert);
    assert_eq!(problems(bench.members(anna, direct, Verb::Add, &[carl])), ["forbidden "]);
    assert_eq!(problems(bench.members(anna, direct, Verb::Remove, &[anna])), ["forbidden "]);
}

#[test]
fn a_group_is_no_larger_than_it_may_be() {
    use crate::schema::chats;
    use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let group = bench.group(anna, &[]);
    let full = move |conn: &mut crate::db::Conn| {
        let chat = diesel::update(chats::table.find(group)).set(chats::member_count.eq(5_000));
        chat.execute(conn).map_err(crate::db::DbError::from)
    };
    bench.database.write_blocking(full).unwrap();
    assert_eq!(problems(bench.members(anna, group, Verb::Add, &[bert])), ["field_invalid /data"]);
    let join = json!({ "relationships": {
        "chat": { "data": { "type": "chat", "id": group } },
        "user": { "data": { "type": "user", "id": bert } },
    } });
    let problem = problems(bench.create(anna, "chat_membership", join));
    assert_eq!(problem, ["field_invalid /data/relationships/user"]);
}

#[test]
fn searches_look_into_titles_and_the_others_names() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let titled = bench.group(anna, &[]);
    bench.set(anna, KIND, titled, json!({ "title": "Ümläut 100%" })).unwrap();
    let (_, direct) = bench.direct(anna, bert);
    let group = bench.group(carl, &[anna]);
    let search = |text| bench.ids(anna, KIND, &format!("filter[search]={text}"));
    assert_eq!(search("ÜMLÄUT"), [titled.to_string()]);
    assert_eq!(search("ber"), [direct.to_string()]);
    assert_eq!(search("%25"), [titled.to_string()]);
    assert!(search("anna").is_empty());
    assert_eq!(search("").len(), 3);
    let with = |user| bench.ids(anna, KIND, &format!("filter[member]={user}"));
    assert_eq!(with(carl), [group.to_string()]);
    assert_eq!(with(anna).len(), 3);
    assert!(with(Id::new()).is_empty());
    assert_eq!(problems(bench.document(anna, KIND, None, "filter[member]=carl")), ["filter_invalid "]);
}

#[test]
fn every_sort_and_filter_of_a_chat_can_be_asked_for() {
    let bench = Bench::new();
    let [anna, bert] = bench.users(["Anna", "Bert"]);
    let first = bench.group(anna, &[bert]);
    std::thread::sleep(std::time::Duration::from_millis(2));
    let second = bench.group(anna, &[]);
    assert_eq!(bench.ids(anna, KIND, ""), [second.to_string(), first.to_string()]);
    assert_eq!(bench.ids(anna, KIND, "sort=last_message_at"), [first.to_string(), second.to_string()]);
    assert_eq!(bench.ids(anna, KIND, "sort=member_count"), [second.to_string(), first.to_string()]);
    for sort in ["created_at", "updated_at", "title", "unread_message_count", "muted", "open", "has_unread_messages"] {
        assert_eq!(bench.ids(anna, KIND, &format!("sort={sort}")).len(), 2, "{sort}");
        assert_eq!(bench.ids(anna, KIND, &format!("sort=-{sort}")).len(), 2, "{sort}");
    }
    let filters = [
        ("chat_type", "group"),
        ("status", "active"),
        ("archived", "false"),
        ("hidden", "false"),
        ("muted", "false"),
        ("has_unread_messages", "false"),
        ("unread_message_count", "0"),
        ("open", "true"),
        ("title_blank", "1"),
        ("last_message_at_blank", "1"),
        ("read_until_blank", "1"),
        ("direct_conversation_blank", "1"),
        ("created_at", "gt:2020-01-01T00:00:00Z"),
        ("updated_at", "gt:2020-01-01T00:00:00Z"),
        ("initiator", &anna.to_string()),
    ];
    for (name, value) in filters {
        assert_eq!(bench.ids(anna, KIND, &format!("filter[{name}]={value}")).len(), 2, "{name}");
    }
}

#[test]
fn an_id_made_by_the_client_is_the_chats() {
    let bench = Bench::new();
    let [anna, bert, carl] = bench.users(["Anna", "Bert", "Carl"]);
    let create = |viewer, id: Id, others: &[Id]| {
        bench.create(viewer, KIND, json!({ "id": id, "relationships": members(others) }))
    };
    let (group, direct) = (Id::new(), Id::new());
    assert_eq!(create(anna, group, &[bert, carl]).unwrap().id, group);
    assert_eq!(problems(create(anna, group, &[bert, carl])), ["id_taken /data/id"]);
    assert_eq!(create(anna, direct, &[bert]).unwrap().id, direct);
    assert_eq!(problems(create(bert, Id::new(), &[anna])), ["already_exists /data/relationships/members"]);
    assert_eq!(problems(create(carl, direct, &[bert])), ["id_taken /data/id"]);
    let made = bench.show(anna, KIND, direct).unwrap();
    assert_ne!(linked(&made, "direct_conversation"), direct);
}
