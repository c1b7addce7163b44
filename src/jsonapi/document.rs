//! Request documents: `{"data":{"type":…,"id":…,"attributes":{…},"relationships":{…}}}`.
//!
//! Only the form is judged here: members that JSON:API defines have the types it gives them. Undefined members and
//! @-members are ignored. Attributes and relationships come out as sent, for the resource's own rules.
//! Spec: <https://jsonapi.org/format/1.1/#crud> (CRUD-04 to CRUD-06, CRUD-25 to CRUD-27, CRUD-34)

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::{Code, ErrorObject, Errors, token};
use super::linkage::{local_ids, no_such_local_id, relationship};
use super::members::{Problems, kind, object, optional_object, optional_string, primary_data};

pub use super::linkage::{Identifier, Linkage, parse_linkage};

/// The primary data of a create or an update.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceObject {
    /// The member `type`.
    pub kind: String,
    /// The id, unchecked; there in every update. `null` counts as absent.
    pub id: Option<String>,
    /// The local id; `null` counts as absent.
    pub lid: Option<String>,
    /// The attributes, without @-members at any depth.
    pub attributes: Map<String, Value>,
    /// The linkage of each relationship.
    pub relationships: BTreeMap<String, Linkage>,
    /// Whether the document has the member `attributes`, which errors can then point to.
    pub has_attributes: bool,
    /// Whether the document has the member `relationships`, which errors can then point to.
    pub has_relationships: bool,
}

impl ResourceObject {
    /// `field_required` for an attribute, pointing to its nearest existing parent.
    pub fn missing_attribute(&self, name: &str, detail: impl Into<String>) -> ErrorObject {
        let parent = if self.has_attributes { "/data/attributes" } else { "/data" };
        ErrorObject::field(Code::FieldRequired, name, detail).pointer(parent)
    }

    /// `field_required` for a relationship, pointing to its nearest existing parent.
    pub fn missing_relationship(&self, name: &str, detail: impl Into<String>) -> ErrorObject {
        let parent = if self.has_relationships { "/data/relationships" } else { "/data" };
        ErrorObject::field(Code::FieldRequired, name, detail).pointer(parent)
    }
}

/// The longest name of a relationship, in bytes: it stands in the pointer to whatever is wrong in its linkage.
const LONGEST_NAME: usize = 256;

/// What a resource object is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// A new resource: `id` may be absent.
    Create,
    /// A change of a resource: `id` is required.
    Update,
}

/// Reads the body of a create or an update.
///
/// # Errors
/// 400 `json_invalid` alone, or every `document_invalid` with a pointer to a value that is in the document.
pub fn parse_resource(body: &[u8], expect: Expect) -> Result<ResourceObject, Errors> {
    let mut problems = Problems::default();
    let resource = resource(primary_data(body)?, expect, "/data", &mut problems);
    resource.iter().for_each(|resource| refuse_strange_local_ids(resource, &mut problems));
    problems.settle(resource)
}

/// The only resource that a local id can stand for is the one in the document itself.
fn refuse_strange_local_ids(resource: &ResourceObject, problems: &mut Problems) {
    for (name, linkage) in &resource.relationships {
        for (pointer, kind, lid) in local_ids(linkage, &format!("/data/relationships/{}/data", token(name))) {
            if (kind, Some(lid)) != (resource.kind.as_str(), resource.lid.as_deref()) {
                problems.add(pointer, no_such_local_id(kind, lid));
            }
        }
    }
}

pub(super) fn resource(value: Value, expect: Expect, at: &str, problems: &mut Problems) -> Option<ResourceObject> {
    let mut members = object(value, at, problems)?;
    if expect == Expect::Update {
        require_id(&members, at, problems);
    }
    let kind = kind(&mut members, at, problems);
    let id = optional_string(&mut members, "id", at, problems);
    let lid = optional_string(&mut members, "lid", at, problems);
    let attributes = optional_object(&mut members, "attributes", at, problems);
    let relationships = optional_object(&mut members, "relationships", at, problems);
    let has_relationships = relationships.is_some();
    let linkage_at = format!("{at}/relationships");
    let relationships = all_linkage(relationships.unwrap_or_default(), &linkage_at, problems);
    Some(ResourceObject {
        kind: kind?,
        id,
        lid,
        has_attributes: attributes.is_some(),
        attributes: attributes.unwrap_or_default(),
        has_relationships,
        relationships,
    })
}

fn require_id(members: &Map<String, Value>, at: &str, problems: &mut Problems) {
    let detail = "The resource object must have an `id`.";
    match members.get("id") {
        None => problems.add(at, detail),
        Some(Value::Null) => problems.add(format!("{at}/id"), detail),
        Some(_) => {}
    }
}

fn all_linkage(members: Map<String, Value>, at: &str, problems: &mut Problems) -> BTreeMap<String, Linkage> {
    let mut relationships = BTreeMap::new();
    for (name, value) in members {
        let at = format!("{at}/{}", token(&name));
        if name.len() > LONGEST_NAME {
            problems.add(at, format!("A name has at most {LONGEST_NAME} bytes."));
            continue;
        }
        if let Some(linkage) = relationship(value, &at, problems) {
            relationships.insert(name, linkage);
        }
    }
    relationships
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonapi::error::Source;
    use crate::jsonapi::members::checks::{check_refused, pointers};
    use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
    use serde_json::json;

    #[track_caller]
    fn create(body: &Value) -> ResourceObject {
        parse_resource(body.to_string().as_bytes(), Expect::Create).unwrap_or_else(|e| panic!("{body}: {e}"))
    }

    #[track_caller]
    fn check_create(body: Value, expected: &[&str]) {
        check_refused(&body, parse_resource(body.to_string().as_bytes(), Expect::Create), expected);
    }

    #[track_caller]
    fn check_update(body: Value, expected: &[&str]) {
        check_refused(&body, parse_resource(body.to_string().as_bytes(), Expect::Update), expected);
    }

    #[track_caller]
    fn check_relationship(relationship: Value, expected: &[&str]) {
        check_create(json!({"data": {"type": "chat", "relationships": {"r": relationship}}}), expected);
    }

    #[track_caller]
    fn check_not_json(body: &[u8], detail: &str) {
        for result in [parse_resource(body, Expect::Create).map(drop), parse_linkage(body).map(drop)] {
            let error = result.expect_err("not JSON").into_iter().next().expect("an error");
            assert_eq!((error.code, error.source), (Code::JsonInvalid, None));
            assert!(error.detail.contains(detail), "{}", error.detail);
        }
    }

    fn identifier(kind: &str, id: &str) -> Identifier {
        Identifier { kind: kind.to_owned(), id: Some(id.to_owned()), lid: None }
    }

    #[test]
    fn a_resource_object_comes_out_whole() {
        let resource = create(&json!({"data": {
            "type": "chat",
            "id": "1",
            "lid": "a",
            "attributes": {"title": "A\u{0}", "links": {"self": "x"}},
            "relationships": {
                "members": {"data": [{"type": "user", "id": "2"}, {"type": "user", "id": "2", "meta": {}}]},
                "parent": {"data": {"type": "chat", "lid": "a", "id": null}, "method": "update"},
                "last_message": {"data": null},
            },
        }}));
        assert_eq!(
            (resource.kind.as_str(), resource.id.as_deref(), resource.lid.as_deref()),
            ("chat", Some("1"), Some("a"))
        );
        assert_eq!(json!(resource.attributes), json!({"title": "A\u{0}", "links": {"self": "x"}}));
        let by_lid = Identifier { kind: "chat".to_owned(), id: None, lid: Some("a".to_owned()) };
        let expected = [
            ("last_message".to_owned(), Linkage::One(None)),
            ("members".to_owned(), Linkage::Many(vec![identifier("user", "2"), identifier("user", "2")])),
            ("parent".to_owned(), Linkage::One(Some(by_lid))),
        ];
        assert_eq!(resource.relationships, BTreeMap::from(expected));
    }

    #[test]
    fn a_local_id_stands_for_the_resource_of_the_document_only() {
        let to = |kind: &str, lid: &str| json!({"data": [{"type": kind, "lid": lid}]});
        let body = |lid: Value| json!({"data": {"type": "chat", "lid": lid, "relationships": {"a/b": to("chat", "a"), "c": to("user", "a")}}});
        check_create(body(json!("a")), &["/data/relationships/c/data/0/lid"]);
        let both = ["/data/relationships/a~1b/data/0/lid", "/data/relationships/c/data/0/lid"];
        check_create(body(json!("b")), &both);
        check_create(body(json!(null)), &both);
    }

    #[test]
    fn undefined_members_are_ignored() {
        let resource = create(&json!({
            "data": {"type": "chat", "x": 1, "links": 7, "meta": [], "relationships": {"r": {"data": [], "x": null}}},
            "included": [{"type": "user", "id": "1"}], "meta": {}, "jsonapi": {"ext": ["x"]}, "errors": 1,
        }));
        assert_eq!(resource.relationships["r"], Linkage::Many(Vec::new()));
        assert!(resource.attributes.is_empty());
    }

    #[test]
    fn at_members_are_ignored_at_any_depth() {
        let resource = create(&json!({"@a": 1, "data": {
            "type": "chat",
            "@id": 5,
            "attributes": {"@context": {}, "rule": {"until": null, "@x": 1, "list": [{"@y": 1, "z": 2}]}},
            "relationships": {"@r": 1, "r": {"@x": 1, "data": {"type": "user", "id": "1", "@z": 1}}},
        }}));
        assert_eq!(json!(resource.attributes), json!({"rule": {"until": null, "list": [{"z": 2}]}}));
        assert_eq!(resource.relationships.keys().collect::<Vec<_>>(), ["r"]);
    }

    #[test]
    fn a_null_id_counts_as_absent_in_a_create() {
        let resource = create(&json!({"data": {"type": "chat", "id": null, "lid": null}}));
        assert_eq!((resource.id, resource.lid), (None, None));
    }

    #[test]
    fn no_member_may_be_there_twice() {
        for (body, expected) in [
            (r#"{"data":null,"data":{"type":"a"}}"#, &["/data"][..]),
            (r#"{"data":{"type":"a","type":"b","attributes":{"x":1,"x":1}}}"#, &["/data/attributes/x", "/data/type"]),
            (r#"{"data":{"type":"a","meta":{"x":1,"x":1},"id":1}}"#, &["/data/meta/x"]),
        ] {
            let parsed = serde_json::from_str(body).expect("JSON");
            check_refused(&parsed, parse_resource(body.as_bytes(), Expect::Create), expected);
        }
    }

    #[test]
    fn a_long_name_is_told_once() {
        let body = |length| json!({"data": {"type": "a", "relationships": {"x".repeat(length): {"data": [1, 2]}}}});
        let at = |length| format!("/data/relationships/{}", "x".repeat(length));
        check_create(body(LONGEST_NAME + 1), &[&at(LONGEST_NAME + 1)]);
        let within = at(LONGEST_NAME);
        check_create(body(LONGEST_NAME), &[&format!("{within}/data/0"), &format!("{within}/data/1")]);
    }

    #[test]
    fn primary_data_must_be_one_resource_object() {
        for body in [json!({}), json!([]), json!(null), json!("x"), json!(1), json!({"Data": {"type": "a"}})] {
            check_create(body, &[""]);
        }
        for data in [json!(null), json!([]), json!([{"type": "chat"}]), json!("x"), json!(1), json!(true)] {
            check_create(json!({"data": data.clone()}), &["/data"]);
            check_update(json!({"data": data}), &["/data"]);
        }
    }

    #[test]
    fn type_and_id_must_be_strings() {
        check_create(json!({"data": {}}), &["/data"]);
        check_create(json!({"data": {"type": null}}), &["/data/type"]);
        check_create(json!({"data": {"type": 1, "id": 2, "lid": []}}), &["/data/id", "/data/lid", "/data/type"]);
        check_create(json!({"data": {"Type": "a", "id": {}}}), &["/data", "/data/id"]);
    }

    #[test]
    fn an_update_needs_type_and_id() {
        check_update(json!({"data": {"type": "chat"}}), &["/data"]);
        check_update(json!({"data": {"type": "chat", "lid": "a"}}), &["/data"]);
        check_update(json!({"data": {"type": "chat", "id": null}}), &["/data/id"]);
        check_update(json!({"data": {"type": "chat", "id": 7}}), &["/data/id"]);
        check_update(json!({"data": {"id": "1"}}), &["/data"]);
        check_update(json!({"data": {}}), &["/data", "/data"]);
        let body = br#"{"data":{"type":"chat","id":""}}"#;
        assert_eq!(parse_resource(body, Expect::Update).expect("a resource").id.as_deref(), Some(""));
    }

    #[test]
    fn attributes_and_relationships_must_be_objects() {
        for value in [json!(null), json!([]), json!("x"), json!(1), json!(false)] {
            let body = json!({"data": {"type": "chat", "attributes": value, "relationships": value}});
            check_create(body, &["/data/attributes", "/data/relationships"]);
        }
    }

    #[test]
    fn a_relationship_must_be_an_object_with_data() {
        for value in
            [json!(null), json!([]), json!("x"), json!({}), json!({"meta": {}}), json!({"type": "a", "id": "1"})]
        {
            check_relationship(value, &["/data/relationships/r"]);
        }
        for data in [json!("x"), json!(1), json!(true)] {
            check_relationship(json!({"data": data}), &["/data/relationships/r/data"]);
        }
    }

    #[test]
    fn all_problems_are_reported_with_escaped_pointers() {
        check_create(
            json!({"data": {"id": 1, "attributes": 2, "relationships": {"a/b~c": {}, "d": {"data": 1}}}}),
            &["/data", "/data/attributes", "/data/id", "/data/relationships/a~1b~0c", "/data/relationships/d/data"],
        );
    }

    #[test]
    fn a_missing_field_points_to_its_nearest_parent() {
        let source = |body: Value| {
            let resource = create(&body);
            let errors = [resource.missing_attribute("name", "x"), resource.missing_relationship("chat", "x")];
            errors.map(|error| match error.source {
                Some(Source::Pointer(pointer)) => pointer,
                other => panic!("{other:?}"),
            })
        };
        assert_eq!(source(json!({"data": {"type": "a"}})), ["/data", "/data"]);
        assert_eq!(
            source(json!({"data": {"type": "a", "attributes": {}, "relationships": {}}})),
            ["/data/attributes", "/data/relationships"]
        );
    }

    #[test]
    fn what_is_not_json_is_said_to_be_so() {
        check_not_json(b"", "empty");
        check_not_json(b"{", "EOF while parsing an object at line 1 column 1");
        check_not_json(b"\xEF\xBB\xBF{\"data\":{\"type\":\"a\"}}", "byte order mark");
        check_not_json(b"{\"data\":{\"type\":\"a\"}} x", "trailing characters");
        check_not_json(b"{\"data\":{\"type\":\"\xFF\"}}", "not JSON");
        check_not_json(br#"{"data":{"type":"\ud800"}}"#, "not JSON");
        check_not_json(b"{'data':1}", "not JSON");
        check_not_json(b"data=1", "not JSON");
        check_not_json("[".repeat(100_000).as_bytes(), "recursion limit");
        check_not_json("{\"data\":".repeat(100_000).as_bytes(), "recursion limit");
    }

    fn strange_value() -> impl Strategy<Value = Value> {
        let names =
            prop::sample::select(vec!["data", "type", "id", "lid", "attributes", "relationships", "a/~b", "@c"]);
        let leaf =
            prop_oneof![Just(json!(null)), any::<bool>().prop_map(Value::from), Just(json!(1)), Just(json!("x"))];
        leaf.prop_recursive(5, 60, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map(names.clone(), inner, 0..6).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_body_is_too_strange(body in any::<Vec<u8>>()) {
            let _ = parse_resource(&body, Expect::Update);
            let _ = parse_linkage(&body);
        }

        #[test]
        fn every_pointer_leads_to_a_value(data in strange_value()) {
            for body in [json!({"data": data}), data] {
                let bytes = body.to_string();
                for result in [
                    parse_resource(bytes.as_bytes(), Expect::Create).map(drop),
                    parse_resource(bytes.as_bytes(), Expect::Update).map(drop),
                    parse_linkage(bytes.as_bytes()).map(drop),
                ] {
                    if let Err(errors) = result {
                        pointers(&body, errors);
                    }
                }
            }
        }
    }
}
