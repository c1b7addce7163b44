//! Attribute values as JSON Schemas.

use crate::{
    jsonapi::input::{Kind, LONGEST_URI},
    resource::Field,
};
use serde_json::{Map, Value, json};

/// Which way a value goes: bounds are those of what is sent, since what is shown may be older than they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Shown,
    Sent,
}

/// The schema of a field's value.
pub(super) fn of(field: &Field, way: Way, nullable: bool) -> Value {
    let mut schema = match field.note.schema {
        Some(text) => serde_json::from_str(text).unwrap_or_default(),
        None => plain(field.kind),
    };
    if way == Way::Sent {
        bounds(field, &mut schema);
    }
    if nullable {
        take_null(&mut schema);
    }
    let mut about = field.note.about.to_owned();
    if way == Way::Shown && field.hidden_from_some {
        about.push_str(" Absent where it is somebody else's.");
    }
    if !about.is_empty() {
        schema.insert("description".to_owned(), json!(about));
    }
    if let Some(example) = field.note.example {
        schema.insert("examples".to_owned(), json!([example]));
    }
    Value::Object(schema)
}

fn plain(kind: Kind) -> Map<String, Value> {
    let schema = match kind {
        Kind::Text => json!({"type": "string"}),
        Kind::Email => json!({"type": "string", "format": "email"}),
        Kind::Uri => json!({"type": "string", "format": "iri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}),
        Kind::Uuid => json!({"type": "string", "format": "uuid"}),
        Kind::Instant => json!({"type": "string", "format": "date-time"}),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Integer => json!({"type": "integer", "format": "int64"}),
        Kind::OneOf(words) => json!({"type": "string", "enum": words}),
        Kind::Object => json!({"type": "object"}),
    };
    schema.as_object().cloned().unwrap_or_default()
}

fn bounds(field: &Field, schema: &mut Map<String, Value>) {
    if let Some((least, most)) = field.note.length {
        schema.insert("minLength".to_owned(), json!(least));
        schema.insert("maxLength".to_owned(), json!(most));
    }
    if field.kind == Kind::Uri {
        schema.insert("maxLength".to_owned(), json!(LONGEST_URI));
    }
    if let Some((least, most)) = field.note.range {
        schema.insert("minimum".to_owned(), json!(least));
        schema.insert("maximum".to_owned(), json!(most));
    }
}

fn take_null(schema: &mut Map<String, Value>) {
    if let Some(kind) = schema.get("type").cloned() {
        schema.insert("type".to_owned(), json!([kind, "null"]));
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.push(Value::Null);
    }
}
