//! Resource objects and identifiers as they are shown. Nothing but `type`, `id` and `links` is required: a client can
//! ask for any subset of the fields.

use super::{
    names::{pascal, schema},
    values::{self, Way},
};
use crate::resource::registry::Entry;
use serde_json::{Map, Value, json};

/// The schemas of a type's resource objects.
pub(super) fn schemas(entry: &Entry) -> Map<String, Value> {
    let name = pascal(entry.kind);
    let mut all = Map::new();
    all.insert(format!("{name}Identifier"), identifier(entry.kind));
    all.insert(format!("{name}Attributes"), attributes(entry));
    if entry.relationship_names().next().is_some() {
        all.insert(format!("{name}Relationships"), relationships(entry));
    }
    all.insert(name, resource(entry));
    all
}

fn resource(entry: &Entry) -> Value {
    let name = pascal(entry.kind);
    let mut properties = json!({
        "type": {"const": entry.kind},
        "id": {"type": "string", "format": "uuid"},
        "attributes": schema(&format!("{name}Attributes")),
        "links": schema("SelfLink"),
        "meta": meta(entry),
    });
    if entry.relationship_names().next().is_some() {
        properties["relationships"] = schema(&format!("{name}Relationships"));
    }
    json!({
        "type": "object",
        "description": entry.about,
        "required": ["type", "id", "links"],
        "properties": properties,
        "additionalProperties": false,
    })
}

fn meta(entry: &Entry) -> Value {
    let mut properties = Map::new();
    properties.insert("page".to_owned(), schema("ItemPage"));
    for field in entry.meta {
        properties.insert(field.name.to_owned(), values::of(field, Way::Shown, field.nullable));
    }
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn attributes(entry: &Entry) -> Value {
    let shown = entry.attributes.iter().filter(|attribute| attribute.readable).map(|attribute| &attribute.field);
    let properties: Map<String, Value> =
        shown.map(|field| (field.name.to_owned(), values::of(field, Way::Shown, field.nullable))).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn relationships(entry: &Entry) -> Value {
    let mut properties = Map::new();
    for one in &entry.to_one {
        let linkage = json!({"oneOf": [schema(&format!("{}Identifier", pascal(one.target))), {"type": "null"}]});
        properties.insert(one.name.to_owned(), relationship(one.about, &linkage, true));
    }
    for many in &entry.to_many {
        let linkage = json!({"type": "array", "items": schema(&format!("{}Identifier", pascal(many.target)))});
        properties.insert(many.name.to_owned(), relationship(many.about, &linkage, false));
    }
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// To-one linkage is always shown, to-many linkage where it is included.
fn relationship(about: &str, linkage: &Value, is_always_shown: bool) -> Value {
    let links = schema("RelationshipLinks");
    let (required, properties) = if is_always_shown {
        (json!(["links", "data"]), json!({"links": links, "data": linkage}))
    } else {
        (json!(["links"]), json!({"links": links, "data": linkage, "meta": schema("PageMeta")}))
    };
    json!({
        "type": "object",
        "description": about,
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn identifier(kind: &str) -> Value {
    json!({
        "type": "object",
        "required": ["type", "id"],
        "properties": {
            "type": {"const": kind},
            "id": {"type": "string", "format": "uuid"},
            "meta": {"type": "object", "properties": {"page": schema("ItemPage")}, "additionalProperties": false},
        },
        "additionalProperties": false,
    })
}
