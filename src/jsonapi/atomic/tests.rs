//! What is a well-formed document of operations, and where each problem of the others is.

use super::*;
use crate::jsonapi::members::checks::{check_refused, pointers};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use serde_json::json;

/// `/chats`, `/chats/1`, `/chats/1/members` and `/chats/1/relationships/members` are hrefs.
fn locate(href: &str) -> Result<Target, String> {
    let chat = |id: &str| Identifier { kind: "chat".to_owned(), id: Some(id.to_owned()), lid: None };
    match href.split('/').collect::<Vec<_>>()[..] {
        ["", "chats"] => Ok(Target::Collection("chat".to_owned())),
        ["", "chats", id] => Ok(Target::Resource(chat(id))),
        ["", "chats", id, "relationships", name] => Ok(Target::Relationship(chat(id), name.to_owned())),
        ["", "chats", id, name] => Ok(Target::Related(chat(id), name.to_owned())),
        _ => Err("Nowhere.".to_owned()),
    }
}

fn read(body: &Value) -> Result<Vec<Operation>, Errors> {
    parse(body.to_string().as_bytes(), 5, &locate)
}

#[track_caller]
fn check_fine(operations: Value) -> Vec<Operation> {
    let body = json!({ "atomic:operations": operations });
    read(&body).unwrap_or_else(|e| panic!("{body}: {e}"))
}

/// `expected` lists the ends of the pointers, behind `/atomic:operations`.
#[track_caller]
fn check(operations: Value, expected: &[&str]) {
    let body = json!({ "atomic:operations": operations });
    let expected: Vec<String> = expected.iter().map(|end| format!("/{OPERATIONS}{end}")).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    check_refused(&body, read(&body), &expected);
}

/// The problems of one operation.
#[track_caller]
fn check_one(operation: Value, expected: &[&str]) {
    let expected: Vec<String> = expected.iter().map(|end| format!("/0{end}")).collect();
    check(json!([operation]), &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

fn identifier(kind: &str, id: Option<&str>, lid: Option<&str>) -> Identifier {
    Identifier { kind: kind.to_owned(), id: id.map(str::to_owned), lid: lid.map(str::to_owned) }
}

#[test]
fn every_kind_of_operation_comes_out_whole() {
    let operations = check_fine(json!([
        { "op": "add", "data": { "type": "chat", "lid": "a" }, "meta": {}, "@x": 1, "unknown": true },
        { "op": "update", "data": { "type": "chat", "lid": "a", "@x": 1 } },
        { "op": "add", "ref": { "type": "chat", "lid": "a", "relationship": "members" }, "data": [] },
        { "op": "update", "href": "/chats/1/relationships/owner", "data": null, "meta": { "if-match": "\"1\"" } },
        { "op": "remove", "ref": { "type": "chat", "id": "1" }, "data": "ignored" },
    ]));
    let named: Vec<_> = operations.iter().map(|it| (it.op, it.named_by)).collect();
    let expected =
        [(Op::Add, "data"), (Op::Update, "data"), (Op::Add, "ref"), (Op::Update, "href"), (Op::Remove, "ref")];
    assert_eq!(named, expected);
    let local = identifier("chat", None, Some("a"));
    assert_eq!(operations[0].target, Target::Collection("chat".to_owned()));
    assert_eq!(operations[1].target, Target::Resource(local.clone()));
    assert_eq!(operations[2].target, Target::Relationship(local, "members".to_owned()));
    assert_eq!(operations[3].data, Data::Linkage(Linkage::One(None)));
    assert_eq!(operations[3].if_match.as_deref(), Some("\"1\""));
    assert_eq!((&operations[4].data, &operations[4].if_match), (&Data::Nothing, &None));
}

#[test]
fn operations_are_an_array_of_at_least_one() {
    for body in [json!({}), json!([]), json!(null), json!({ "atomic:results": [] })] {
        let refused = read(&body).expect_err("no operations");
        assert_eq!(refused.status(), 400, "{body}");
    }
    check(json!([]), &[""]);
    for value in [json!({}), json!(null), json!("x"), json!(1)] {
        check(value, &[""]);
    }
    check(json!([1, null, [], "x"]), &["/0", "/1", "/2", "/3"]);
}

#[test]
fn nothing_of_other_documents_stands_beside_operations() {
    let body = json!({ "atomic:operations": [{ "op": "add", "data": { "type": "chat" } }], "data": null,
        "included": [], "atomic:results": [], "errors": [], "meta": {}, "links": {}, "jsonapi": {}, "other": 1 });
    check_refused(&body, read(&body), &["/atomic:results", "/data", "/errors", "/included"]);
}

#[test]
fn there_are_at_most_so_many() {
    let body = json!({ "atomic:operations": vec![json!({ "op": "add", "data": { "type": "chat" } }); 6] });
    let errors = read(&body).expect_err("too many");
    assert_eq!(errors.status(), 413);
    assert_eq!(errors.iter().next().map(|error| error.code), Some(Code::TooLarge));
}

#[test]
fn an_operation_has_a_code() {
    let data = json!({ "type": "chat" });
    check_one(json!({ "data": data }), &[""]);
    for op in [json!("replace"), json!("Add"), json!(""), json!(1), json!(null)] {
        check_one(json!({ "op": op, "data": data }), &["/op"]);
    }
}

#[test]
fn a_target_is_named_once_and_completely() {
    let reference = json!({ "type": "chat", "id": "1" });
    check_one(json!({ "op": "remove", "ref": reference, "href": "/chats/1" }), &[""]);
    for href in [json!(1), json!(null), json!("elsewhere"), json!("")] {
        check_one(json!({ "op": "remove", "href": href }), &["/href"]);
    }
    for reference in [json!("x"), json!(null), json!([]), json!({ "type": "chat" }), json!({ "id": "1" })] {
        check_one(json!({ "op": "remove", "ref": reference }), &["/ref"]);
    }
    check_one(json!({ "op": "remove", "ref": { "type": "chat", "id": "1", "lid": "a" } }), &["/ref"]);
    check_one(json!({ "op": "remove", "ref": { "type": 1, "id": 1 } }), &["/ref/id", "/ref/type"]);
    let relationship = json!({ "type": "chat", "id": "1", "relationship": 1 });
    check_one(json!({ "op": "update", "ref": relationship, "data": null }), &["/data", "/ref/relationship"]);
}

#[test]
fn codes_targets_and_data_go_together() {
    let (chat, reference) = (json!({ "type": "chat", "id": "1" }), json!({ "type": "chat", "id": "1" }));
    check_one(json!({ "op": "add", "ref": reference, "data": chat }), &["/ref"]);
    check_one(json!({ "op": "add", "href": "/chats/1", "data": chat }), &["/href"]);
    check_one(json!({ "op": "update", "href": "/chats", "data": chat }), &["/href"]);
    check_one(json!({ "op": "update", "href": "/chats/1/members", "data": chat }), &["/href"]);
    check_one(json!({ "op": "remove", "href": "/chats" }), &["/href"]);
    check_one(json!({ "op": "remove" }), &[""]);
    check_one(json!({ "op": "remove", "data": chat }), &[""]);
    check_fine(json!([{ "op": "add", "href": "/chats", "data": { "type": "chat" } }]));
    check_fine(json!([{ "op": "add", "href": "/chats/1/members", "data": { "type": "user" } }]));
    check_fine(json!([{ "op": "update", "href": "/chats/1", "data": chat }]));
}

#[test]
fn data_fits_its_operation() {
    check_one(json!({ "op": "add" }), &[""]);
    check_one(json!({ "op": "update", "ref": { "type": "chat", "id": "1" } }), &[""]);
    for data in [json!(null), json!([]), json!([{ "type": "chat" }]), json!("x")] {
        check_one(json!({ "op": "add", "data": data }), &["/data"]);
        check_one(json!({ "op": "update", "data": data }), &["/data"]);
    }
    check_one(json!({ "op": "add", "data": { "attributes": 1 } }), &["/data", "/data/attributes"]);
    check_one(json!({ "op": "update", "data": { "type": "chat" } }), &["/data"]);
    let members = json!({ "type": "chat", "id": "1", "relationship": "members" });
    check_one(json!({ "op": "add", "ref": members }), &[""]);
    check_one(json!({ "op": "add", "ref": members, "data": [{ "type": "user" }, 1] }), &["/data/0", "/data/1"]);
    check_one(json!({ "op": "add", "ref": members, "data": "x" }), &["/data"]);
}

#[test]
fn meta_is_an_object_and_its_condition_a_text() {
    check_one(json!({ "op": "add", "data": { "type": "chat" }, "meta": 1 }), &["/meta"]);
    check_one(json!({ "op": "add", "data": { "type": "chat" }, "meta": { "if-match": 1 } }), &["/meta/if-match"]);
}

#[test]
fn all_operations_are_judged_at_once() {
    let operations = json!([{ "op": "x" }, { "op": "add", "data": { "type": "chat" } }, { "op": "remove" }, 1]);
    check(operations, &["/0/op", "/2", "/3"]);
}

#[test]
fn a_local_id_is_given_before_it_is_used() {
    let add = |lid: &str| json!({ "op": "add", "data": { "type": "chat", "lid": lid } });
    let of = |kind: &str| json!({ "op": "remove", "ref": { "type": kind, "lid": "a" } });
    check_fine(json!([add("a"), of("chat")]));
    check(json!([of("chat"), add("a")]), &["/0/ref/lid"]);
    check(json!([add("a"), of("user")]), &["/1/ref/lid"]);
    check(json!([add("b"), of("chat")]), &["/1/ref/lid"]);
    check(json!([{ "op": "update", "data": { "type": "chat", "lid": "a" } }]), &["/0/data/lid"]);
    check_fine(json!([{ "op": "update", "data": { "type": "chat", "id": "1", "lid": "a" } }]));
    let to = |lid: Value| json!({ "type": "chat", "id": null, "lid": lid });
    let relationships = json!({ "a/b": { "data": to(json!("x")) }, "c": { "data": [to(json!("a")), to(json!("y"))] } });
    let message = json!({ "op": "add", "data": { "type": "message", "lid": "m", "relationships": relationships } });
    let pointers = ["/1/data/relationships/a~1b/data/lid", "/1/data/relationships/c/data/1/lid", "/2/data/0/lid"];
    let members = json!({ "type": "chat", "lid": "a", "relationship": "members" });
    let last = json!({ "op": "add", "ref": members, "data": [to(json!("z"))] });
    check(json!([add("a"), message, last]), &pointers);
}

#[test]
fn a_local_id_is_given_once_in_each_type() {
    let add = |kind: &str| json!({ "op": "add", "data": { "type": kind, "lid": "a" } });
    check_fine(json!([add("chat"), add("message")]));
    check(json!([add("chat"), add("message"), add("chat")]), &["/2/data/lid"]);
    let itself = json!({ "parent": { "data": { "type": "message", "lid": "a" } } });
    let own = json!({ "op": "add", "data": { "type": "message", "lid": "a", "relationships": itself } });
    check(json!([own]), &["/0/data/relationships/parent/data/lid"]);
}

#[test]
fn errors_are_blamed_on_their_operation() {
    let operations = check_fine(json!([
        { "op": "add", "data": { "type": "chat", "lid": "a" } },
        { "op": "update", "ref": { "type": "chat", "lid": "a" }, "data": { "type": "chat", "lid": "a" } },
        { "op": "remove", "href": "/chats/1" },
    ]));
    let pointer = |place: usize, error: ErrorObject| match operations[place].blame(error).source {
        Some(crate::jsonapi::error::Source::Pointer(pointer)) => pointer,
        other => panic!("{other:?}"),
    };
    let error = || ErrorObject::new(Code::NotFound, "x");
    assert_eq!(pointer(0, error()), "/atomic:operations/0/data");
    assert_eq!(pointer(1, error()), "/atomic:operations/1/ref");
    assert_eq!(pointer(1, error().pointer("/data/id")), "/atomic:operations/1/data/lid");
    assert_eq!(pointer(1, error().pointer("/data/attributes/a")), "/atomic:operations/1/data/attributes/a");
    assert_eq!(pointer(2, error()), "/atomic:operations/2/href");
}

fn strange_value() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "op",
        "ref",
        "href",
        "data",
        "meta",
        "type",
        "id",
        "lid",
        "relationship",
        "relationships",
        "if-match",
        "@c",
    ]);
    let words = prop::sample::select(vec!["add", "update", "remove", "chat", "/chats", "/chats/1", "x"]);
    let leaf = prop_oneof![Just(json!(null)), any::<bool>().prop_map(Value::from), words.prop_map(Value::from)];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(names.clone(), inner, 0..7).prop_map(|members| json!(members)),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_is_too_strange(body in any::<Vec<u8>>()) {
        let _ = parse(&body, 5, &locate);
    }

    #[test]
    fn every_pointer_leads_to_a_value(operations in prop::collection::vec(strange_value(), 0..5)) {
        let body = json!({ "atomic:operations": operations });
        if let Err(errors) = read(&body) {
            pointers(&body, errors);
        }
    }
}
