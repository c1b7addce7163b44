//! Request documents: what a create, an update and a write to a relationship send.

use super::{
    examples,
    names::{pascal, schema},
    values::{self, Way},
};
use crate::resource::{
    OnCreate, Registry,
    registry::{Entry, ToManyInfo},
};
use serde_json::{Map, Value, json};

/// The request documents of a type.
pub(super) fn schemas(registry: &Registry, entry: &Entry) -> Map<String, Value> {
    let name = pascal(entry.kind);
    let mut all = Map::new();
    if entry.can.create {
        all.insert(format!("{name}Create"), create(entry, None));
    }
    if entry.can.update {
        all.insert(format!("{name}Update"), update(entry));
    }
    for many in &entry.to_many {
        if let Some((target, back)) = registry.find(many.target).zip(many.creates) {
            all.insert(create_in(entry, many), create(target, Some(back)));
        }
    }
    all.insert(format!("{name}Reference"), reference(entry.kind));
    all
}

/// The name of the document that makes a member of a to-many relationship.
pub(super) fn create_in(entry: &Entry, many: &ToManyInfo) -> String {
    format!("{}CreateIn{}", pascal(many.target), pascal(entry.kind))
}

/// The body of a write to a relationship's URL.
pub(super) fn linkage(target: &str, many: bool) -> Value {
    let reference = schema(&format!("{}Reference", pascal(target)));
    let data = if many {
        json!({"type": "array", "items": reference})
    } else {
        json!({"oneOf": [reference, {"type": "null"}]})
    };
    json!({"type": "object", "required": ["data"], "properties": {"data": data}})
}

/// An identifier in a request, of which only the two members count.
fn reference(kind: &str) -> Value {
    json!({
        "type": "object",
        "required": ["type", "id"],
        "properties": {"type": {"const": kind}, "id": {"type": "string", "format": "uuid"}},
    })
}

fn create(entry: &Entry, implied: Option<&str>) -> Value {
    let mut attributes = Members::default();
    for field in entry.attributes.iter().map(|attribute| &attribute.field) {
        if field.on_create != OnCreate::Never {
            // null stands for an absent value.
            let schema = values::of(field, Way::Sent, field.on_create == OnCreate::May);
            attributes.add(field.name, schema, field.on_create == OnCreate::Must);
        }
    }
    let mut relationships = Members::default();
    for one in entry.to_one.iter().filter(|one| one.on_create != OnCreate::Never) {
        let is_required = one.on_create == OnCreate::Must && implied != Some(one.name);
        relationships.add(one.name, linkage_of(one.about, one.target, false, !is_required), is_required);
    }
    for many in entry.to_many.iter().filter(|many| many.on_create != OnCreate::Never) {
        let is_required = many.on_create == OnCreate::Must;
        relationships.add(many.name, linkage_of(many.about, many.target, true, false), is_required);
    }
    let mut members = resource(entry, &["type"], attributes, relationships);
    if entry.can.client_ids {
        let about = "Made by the client; by the server, if it is absent or null.";
        members["properties"]["id"] = json!({"type": ["string", "null"], "format": "uuid", "description": about});
    }
    document(&members, &examples::create(entry, implied))
}

fn update(entry: &Entry) -> Value {
    let mut attributes = Members::default();
    for field in entry.attributes.iter().map(|attribute| &attribute.field).filter(|field| field.on_update) {
        attributes.add(field.name, values::of(field, Way::Sent, field.nullable), false);
    }
    let mut relationships = Members::default();
    for one in entry.to_one.iter().filter(|one| one.writable) {
        relationships.add(one.name, linkage_of(one.about, one.target, false, true), false);
    }
    let mut members = resource(entry, &["type", "id"], attributes, relationships);
    members["properties"]["id"] = json!({"type": "string", "format": "uuid", "description": "The id in the URL."});
    document(&members, &examples::update(entry))
}

fn document(data: &Value, example: &Value) -> Value {
    json!({"type": "object", "required": ["data"], "properties": {"data": data}, "examples": [example]})
}

fn resource(entry: &Entry, required: &[&str], attributes: Members, relationships: Members) -> Value {
    let mut required: Vec<&str> = required.to_vec();
    let mut properties = Map::new();
    properties.insert("type".to_owned(), json!({"const": entry.kind}));
    for (name, members) in [("attributes", attributes), ("relationships", relationships)] {
        if members.is_required() {
            required.push(name);
        }
        if !members.properties.is_empty() {
            properties.insert(name.to_owned(), members.schema());
        }
    }
    json!({"type": "object", "required": required, "properties": properties})
}

fn linkage_of(about: &str, target: &str, many: bool, nullable: bool) -> Value {
    let reference = schema(&format!("{}Reference", pascal(target)));
    let data = match (many, nullable) {
        (true, _) => json!({"type": "array", "items": reference}),
        (false, true) => json!({"oneOf": [reference, {"type": "null"}]}),
        (false, false) => reference,
    };
    json!({"type": "object", "description": about, "required": ["data"], "properties": {"data": data}})
}

/// Members of an object, some of them required.
#[derive(Default)]
struct Members {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Members {
    fn add(&mut self, name: &'static str, schema: Value, is_required: bool) {
        self.properties.insert(name.to_owned(), schema);
        if is_required {
            self.required.push(name);
        }
    }

    fn is_required(&self) -> bool {
        !self.required.is_empty()
    }

    fn schema(self) -> Value {
        let mut schema = json!({"type": "object", "properties": self.properties, "additionalProperties": false});
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        schema
    }
}
