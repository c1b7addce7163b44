//! Request documents: `{"data":{"type":…,"id":…,"attributes":{…},"relationships":{…}}}` and linkage.
//!
//! Only the form is judged here: members that JSON:API defines have the types it gives them. Undefined members and
//! @-members are ignored. Attributes and relationships come out as sent, for the resource's own rules.
//! Spec: <https://jsonapi.org/format/1.1/#crud> (CRUD-04 to CRUD-06, CRUD-25 to CRUD-27, CRUD-34, REL-01, REL-04)

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::{Code, ErrorObject, Errors, token};
use super::input::a;

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
        let parent = if self.has_attributes {
            "/data/attributes"
        } else {
            "/data"
        };
        ErrorObject::field(Code::FieldRequired, name, detail).pointer(parent)
    }

    /// `field_required` for a relationship, pointing to its nearest existing parent.
    pub fn missing_relationship(&self, name: &str, detail: impl Into<String>) -> ErrorObject {
        let parent = if self.has_relationships {
            "/data/relationships"
        } else {
            "/data"
        };
        ErrorObject::field(Code::FieldRequired, name, detail).pointer(parent)
    }
}

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
    problems.settle(resource)
}

/// Reads the body of a request to a relationship URL. Whether to-one or to-many linkage belongs there is not judged.
///
/// # Errors
/// As [`parse_resource`].
pub fn parse_linkage(body: &[u8]) -> Result<Linkage, Errors> {
    let mut problems = Problems::default();
    let linkage = linkage(primary_data(body)?, "/data", &mut problems);
    problems.settle(linkage)
}

/// The problems found so far, each an `ErrorObject` with its pointer.
#[derive(Default)]
struct Problems(Vec<ErrorObject>);

impl Problems {
    fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(invalid(pointer, detail));
    }

    /// `read` is `None` only after a problem was added.
    fn settle<T>(self, read: Option<T>) -> Result<T, Errors> {
        Errors::collect(self.0)?;
        read.ok_or_else(|| invalid("", "The document can't be read.").into())
    }
}

fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> ErrorObject {
    ErrorObject::new(Code::DocumentInvalid, detail).pointer(pointer)
}

fn primary_data(body: &[u8]) -> Result<Value, Errors> {
    let mut document = match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => members,
        Ok(other) => {
            return Err(invalid(
                "",
                format!("The document must be an object, not {}.", a(&other)),
            )
            .into());
        }
        Err(error) => return Err(not_json(body, &error)),
    };
    match document.remove("data") {
        Some(mut data) => {
            drop_at_members(&mut data);
            Ok(data)
        }
        None => Err(invalid("", "The document must have the member `data`.").into()),
    }
}

fn not_json(body: &[u8], error: &serde_json::Error) -> Errors {
    let detail = if body.is_empty() {
        "The body is empty; it must be a JSON:API document.".to_owned()
    } else if body.starts_with("\u{FEFF}".as_bytes()) {
        "The body begins with a byte order mark, which JSON doesn't allow.".to_owned()
    } else {
        format!("The body is not JSON: {error}.")
    };
    ErrorObject::new(Code::JsonInvalid, detail).into()
}

fn resource(
    value: Value,
    expect: Expect,
    at: &str,
    problems: &mut Problems,
) -> Option<ResourceObject> {
    let mut members = object(value, at, problems)?;
    if expect == Expect::Update && !is_given(&members, "id") {
        let pointer = if members.contains_key("id") {
            format!("{at}/id")
        } else {
            at.to_owned()
        };
        problems.add(pointer, "The resource object must have an `id`.");
    }
    let kind = kind(&mut members, at, problems);
    let id = optional_string(&mut members, "id", at, problems);
    let lid = optional_string(&mut members, "lid", at, problems);
    let attributes = optional_object(&mut members, "attributes", at, problems);
    let relationships = optional_object(&mut members, "relationships", at, problems);
    Some(ResourceObject {
        kind: kind?,
        id,
        lid,
        has_attributes: attributes.is_some(),
        attributes: attributes.unwrap_or_default(),
        has_relationships: relationships.is_some(),
        relationships: all_linkage(
            relationships.unwrap_or_default(),
            &format!("{at}/relationships"),
            problems,
        ),
    })
}

fn all_linkage(
    members: Map<String, Value>,
    at: &str,
    problems: &mut Problems,
) -> BTreeMap<String, Linkage> {
    let mut relationships = BTreeMap::new();
    for (name, value) in members {
        let at = format!("{at}/{}", token(&name));
        if let Some(linkage) = relationship(value, &at, problems) {
            relationships.insert(name, linkage);
        }
    }
    relationships
}

fn relationship(value: Value, at: &str, problems: &mut Problems) -> Option<Linkage> {
    match object(value, at, problems)?.remove("data") {
        Some(data) => linkage(data, &format!("{at}/data"), problems),
        None => {
            problems.add(
                at,
                "A relationship in a request must have the member `data`.",
            );
            None
        }
    }
}

fn linkage(value: Value, at: &str, problems: &mut Problems) -> Option<Linkage> {
    match value {
        Value::Null => Some(Linkage::One(None)),
        Value::Object(members) => Some(Linkage::One(Some(identifier(members, at, problems)?))),
        Value::Array(values) => Some(Linkage::Many(identifiers(values, at, problems))),
        other => {
            let detail = format!(
                "Linkage must be null, a resource identifier object or an array of them, not {}.",
                a(&other)
            );
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

fn identifier(
    mut members: Map<String, Value>,
    at: &str,
    problems: &mut Problems,
) -> Option<Identifier> {
    if !is_given(&members, "id") && !is_given(&members, "lid") {
        problems.add(
            at,
            "A resource identifier object must have an `id` or a `lid`.",
        );
    }
    let kind = kind(&mut members, at, problems);
    let id = optional_string(&mut members, "id", at, problems);
    let lid = optional_string(&mut members, "lid", at, problems);
    Some(Identifier {
        kind: kind?,
        id,
        lid,
    })
}

fn is_given(members: &Map<String, Value>, name: &str) -> bool {
    members.get(name).is_some_and(|value| !value.is_null())
}

fn kind(members: &mut Map<String, Value>, at: &str, problems: &mut Problems) -> Option<String> {
    match members.remove("type") {
        Some(Value::String(kind)) => return Some(kind),
        Some(other) => problems.add(
            format!("{at}/type"),
            format!("`type` must be a string, not {}.", a(&other)),
        ),
        None => problems.add(at, "The member `type` is missing."),
    }
    None
}

fn optional_string(
    members: &mut Map<String, Value>,
    name: &str,
    at: &str,
    problems: &mut Problems,
) -> Option<String> {
    match members.remove(name)? {
        Value::String(text) => return Some(text),
        Value::Null => {}
        other => problems.add(
            format!("{at}/{name}"),
            format!("`{name}` must be a string, not {}.", a(&other)),
        ),
    }
    None
}

/// The members `attributes` and `relationships` may be absent, but not null.
fn optional_object(
    members: &mut Map<String, Value>,
    name: &str,
    at: &str,
    problems: &mut Problems,
) -> Option<Map<String, Value>> {
    object(members.remove(name)?, &format!("{at}/{name}"), problems)
}

fn object(value: Value, at: &str, problems: &mut Problems) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        other => {
            problems.add(
                at,
                format!("An object is expected here, not {}.", a(&other)),
            );
            None
        }
    }
}

/// @-members may stand in any object of a document and mean nothing here.
/// Spec: <https://jsonapi.org/format/1.1/#document-member-names-at-members> (DOC-68, DOC-69)
fn drop_at_members(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !name.starts_with('@'));
            members.values_mut().for_each(drop_at_members);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_at_members),
        _ => {}
    }
}
