//! Resource linkage: `null`, `{"type":…,"id":…}` or an array of such identifiers.
//!
//! Whether a relationship is to-one or to-many isn't known here, so both forms are read.
//! Spec: <https://jsonapi.org/format/1.1/#document-resource-object-linkage> (DOC-44, REL-01, REL-04)

use serde_json::{Map, Value};

use super::error::Errors;
use super::input::a;
use super::members::{Problems, is_given, kind, object, optional_string, primary_data};

/// A resource identifier object. At least one of `id` and `lid` is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// The member `type`.
    pub kind: String,
    /// The id, unchecked.
    pub id: Option<String>,
    /// The local id.
    pub lid: Option<String>,
}

/// Resource linkage, the `data` of a relationship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linkage {
    /// `null` or one identifier: what a to-one relationship takes.
    One(Option<Identifier>),
    /// An array: what a to-many relationship takes.
    Many(Vec<Identifier>),
}

/// Reads the body of a request to a relationship URL. Whether to-one or to-many linkage belongs there is not judged.
///
/// # Errors
/// As [`parse_resource`](super::document::parse_resource).
pub fn parse_linkage(body: &[u8]) -> Result<Linkage, Errors> {
    let mut problems = Problems::default();
    let linkage = linkage(primary_data(body)?, "/data", &mut problems);
    for (pointer, kind, lid) in linkage.iter().flat_map(|linkage| local_ids(linkage, "/data")) {
        problems.add(pointer, no_such_local_id(kind, lid));
    }
    problems.settle(linkage)
}

/// The local ids that stand in linkage where there is no id: pointer, type, local id.
pub(super) fn local_ids<'a>(linkage: &'a Linkage, at: &str) -> Vec<(String, &'a str, &'a str)> {
    match linkage {
        Linkage::One(one) => one.iter().filter_map(|one| local_id(one, || format!("{at}/lid"))).collect(),
        Linkage::Many(many) => {
            let numbered = many.iter().enumerate();
            numbered.filter_map(|(place, one)| local_id(one, || format!("{at}/{place}/lid"))).collect()
        }
    }
}

/// The local id that stands where there is no id.
pub(super) fn local_id(identifier: &Identifier, pointer: impl FnOnce() -> String) -> Option<(String, &str, &str)> {
    match (&identifier.id, &identifier.lid) {
        (None, Some(lid)) => Some((pointer(), &identifier.kind, lid)),
        _ => None,
    }
}

/// What is wrong with a local id that no resource of the document has.
pub(super) fn no_such_local_id(kind: &str, lid: &str) -> String {
    format!("No `{kind}` of this document has the local id `{lid}`.")
}

pub(super) fn relationship(value: Value, at: &str, problems: &mut Problems) -> Option<Linkage> {
    let mut members = object(value, at, problems)?;
    match members.remove("data") {
        Some(data) => linkage(data, &format!("{at}/data"), problems),
        // What a server sends for a relationship whose linkage it doesn't show, and what clients send back.
        None if members.contains_key("links") => None,
        None => {
            problems.add(at, "A relationship in a request must have the member `data`.");
            None
        }
    }
}

pub(super) fn linkage(value: Value, at: &str, problems: &mut Problems) -> Option<Linkage> {
    match value {
        Value::Null => Some(Linkage::One(None)),
        Value::Object(members) => Some(Linkage::One(Some(identifier(members, at, problems)?))),
        Value::Array(values) => Some(Linkage::Many(identifiers(values, at, problems))),
        other => {
            let detail =
                format!("Linkage must be null, a resource identifier object or an array of them, not {}.", a(&other));
            problems.add(at, detail);
            None
        }
    }
}

fn identifiers(values: Vec<Value>, at: &str, problems: &mut Problems) -> Vec<Identifier> {
    let mut identifiers = Vec::with_capacity(values.len());
    for (index, value) in values.into_iter().enumerate() {
        let at = format!("{at}/{index}");
        let members = object(value, &at, problems);
        identifiers.extend(members.and_then(|members| identifier(members, &at, problems)));
    }
    identifiers
}

pub(super) fn identifier(mut members: Map<String, Value>, at: &str, problems: &mut Problems) -> Option<Identifier> {
    if !is_given(&members, "id") && !is_given(&members, "lid") {
        problems.add(at, "A resource identifier object must have an `id` or a `lid`.");
    }
    let kind = kind(&mut members, at, problems);
    let id = optional_string(&mut members, "id", at, problems);
    let lid = optional_string(&mut members, "lid", at, problems);
    Some(Identifier { kind: kind?, id, lid })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonapi::members::checks::check_refused;
    use serde_json::json;

    #[track_caller]
    fn check_linkage(data: Value, expected: Linkage) {
        let body = json!({"data": data});
        assert_eq!(parse_linkage(body.to_string().as_bytes()), Ok(expected), "{body}");
    }

    #[track_caller]
    fn check_bad(data: Value, expected: &[&str]) {
        let body = json!({ "data": data });
        check_refused(&body, parse_linkage(body.to_string().as_bytes()), expected);
    }

    fn identifier(kind: &str, id: &str) -> Identifier {
        Identifier { kind: kind.to_owned(), id: Some(id.to_owned()), lid: None }
    }

    #[test]
    fn linkage_of_a_relationship_url_is_null_one_or_many() {
        check_linkage(json!(null), Linkage::One(None));
        check_linkage(json!({"type": "user", "id": "1", "x": 1}), Linkage::One(Some(identifier("user", "1"))));
        check_linkage(json!([]), Linkage::Many(Vec::new()));
        check_linkage(
            json!([{"type": "user", "id": "1"}, {"type": "user", "id": "1"}]),
            Linkage::Many(vec![identifier("user", "1"), identifier("user", "1")]),
        );
    }

    #[test]
    fn linkage_is_null_an_identifier_or_an_array() {
        for data in [json!("x"), json!(1), json!(true)] {
            check_bad(data, &["/data"]);
        }
        check_refused(&json!({}), parse_linkage(b"{}"), &[""]);
    }

    #[test]
    fn an_identifier_must_have_a_type_and_an_id_or_lid() {
        check_bad(json!({}), &["/data", "/data"]);
        check_bad(json!({"type": "chat"}), &["/data"]);
        check_bad(json!({"type": "chat", "id": null, "lid": null}), &["/data"]);
        check_bad(json!({"id": "1"}), &["/data"]);
        check_bad(json!({"type": 1, "id": 1}), &["/data/id", "/data/type"]);
        check_bad(json!({"type": "chat", "lid": 1}), &["/data/lid"]);
    }

    #[test]
    fn a_local_id_has_nothing_to_stand_for() {
        check_bad(json!({"type": "user", "id": null, "lid": "b"}), &["/data/lid"]);
        check_bad(json!([{"type": "user", "id": "1", "lid": "a"}, {"type": "user", "lid": "b"}]), &["/data/1/lid"]);
    }

    #[test]
    fn identifiers_in_an_array_are_named_by_their_place() {
        check_bad(
            json!([{"type": "a", "id": "1"}, null, "x", [], {"type": "a"}, {"type": "a", "id": 1}]),
            &["/data/1", "/data/2", "/data/3", "/data/4", "/data/5/id"],
        );
    }
}
