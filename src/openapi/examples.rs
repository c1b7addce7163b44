//! Request documents with values in them, made of the examples of the fields.

use crate::{
    jsonapi::input::Kind,
    resource::{Field, OnCreate, registry::Entry},
};
use serde_json::{Map, Value, json};

/// An id that looks like one.
pub(super) const ID: &str = "01900000-0000-7000-8000-000000000001";
const INSTANT: &str = "2026-01-02T03:04:05.678Z";

/// A create with what is required, and with texts.
pub(super) fn create(entry: &Entry, implied: Option<&str>) -> Value {
    let fields = entry.attributes.iter().map(|attribute| &attribute.field);
    let fields = fields.filter(|field| {
        field.on_create == OnCreate::Must || field.on_create == OnCreate::May && field.note.example.is_some()
    });
    let required = entry.to_one.iter().filter(|one| one.on_create == OnCreate::Must && implied != Some(one.name));
    let linked: Map<String, Value> = required
        .map(|one| (one.name.to_owned(), json!({"data": {"type": one.target, "id": ID}})))
        .chain(
            entry
                .to_many
                .iter()
                .filter(|many| many.on_create != OnCreate::Never)
                .map(|many| (many.name.to_owned(), json!({"data": [{"type": many.target, "id": ID}]}))),
        )
        .collect();
    document(entry, None, members(fields), linked)
}

/// An update of a field or two.
pub(super) fn update(entry: &Entry) -> Value {
    let fields = entry.attributes.iter().map(|attribute| &attribute.field).filter(|field| field.on_update);
    document(entry, Some(ID), members(fields.take(2)), Map::new())
}

fn document(entry: &Entry, id: Option<&str>, attributes: Map<String, Value>, linked: Map<String, Value>) -> Value {
    let mut data = json!({"type": entry.kind});
    if let Some(id) = id {
        data["id"] = json!(id);
    }
    if !attributes.is_empty() {
        data["attributes"] = attributes.into();
    }
    if !linked.is_empty() {
        data["relationships"] = linked.into();
    }
    json!({"data": data})
}

fn members<'a>(fields: impl Iterator<Item = &'a Field>) -> Map<String, Value> {
    fields.map(|field| (field.name.to_owned(), value(field))).collect()
}

/// A value of a field.
pub(super) fn value(field: &Field) -> Value {
    if let Some(example) = field.note.example {
        return json!(example);
    }
    match field.kind {
        Kind::Text => json!("text"),
        Kind::Email => json!("ana@example.com"),
        Kind::Uri => json!("https://example.com/"),
        Kind::Uuid => json!(ID),
        Kind::Instant => json!(INSTANT),
        Kind::Bool => json!(true),
        Kind::Integer => json!(1),
        Kind::OneOf(words) => json!(words.first()),
        Kind::Object => {
            let schema =
                field.note.schema.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
            if field.nullable { Value::Null } else { schema.get("example").cloned().unwrap_or_else(|| json!({})) }
        }
    }
}
