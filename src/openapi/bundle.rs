//! One JSON Schema for each type: the documents whose primary data are of it. It is what `describedby` leads to.

use super::{names::pascal, schemas};
use crate::resource::Registry;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The documents of a type, in one self-contained schema.
const DOCUMENTS: [&str; 4] = ["OrNullDocument", "Collection", "Linkage", "LinkageCollection"];
const COMPONENTS: &str = "#/components/schemas/";

/// The JSON Schema of the documents whose primary data are of a type; `None` if there is no such type.
pub fn schema(registry: &Registry, kind: &str) -> Option<Value> {
    let entry = registry.find(kind)?;
    let all = schemas(registry);
    let name = pascal(entry.kind);
    let mut documents: Vec<String> = DOCUMENTS.iter().map(|suffix| format!("{name}{suffix}")).collect();
    documents.insert(0, format!("{name}Document"));
    let mut reached = BTreeSet::new();
    for document in &documents {
        reach(document, &all, &mut reached);
    }
    let definitions: Map<String, Value> =
        reached.into_iter().map(|name| (name.to_owned(), moved(&all[name]))).collect();
    Some(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": entry.kind,
        "description": entry.about,
        "anyOf": documents.iter().map(|name| json!({"$ref": format!("#/$defs/{name}")})).collect::<Value>(),
        "$defs": definitions,
    }))
}

/// Everything that a schema refers to, itself included.
fn reach<'a>(name: &str, all: &'a Map<String, Value>, reached: &mut BTreeSet<&'a str>) {
    let Some((name, schema)) = all.get_key_value(name) else { return };
    if reached.insert(name) {
        let mut references = Vec::new();
        collect(schema, &mut references);
        for reference in references {
            reach(reference, all, reached);
        }
    }
}

fn collect<'a>(schema: &'a Value, references: &mut Vec<&'a str>) {
    match schema {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix(COMPONENTS)));
            members.values().for_each(|value| collect(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => (),
    }
}

/// The schema with its references led to `$defs`.
fn moved(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), moved(value))).collect(),
        Value::Array(values) => values.iter().map(moved).collect(),
        Value::String(text) => match text.strip_prefix(COMPONENTS) {
            Some(name) => json!(format!("#/$defs/{name}")),
            None => schema.clone(),
        },
        other => other.clone(),
    }
}
