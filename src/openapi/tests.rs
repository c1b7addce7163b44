//! What is declared is described: bounds as `validator` checks them, and every reference leads somewhere.

use super::{Info, describe, schema};
use crate::resources;
use serde_json::Value;

#[test]
fn every_reference_leads_somewhere() {
    let document = describe(&resources::registry(), &Info::NONE);
    each(&document, &mut |reference| {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads outside"));
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    });
}

#[test]
fn a_schema_of_a_type_is_complete_in_itself() {
    let registry = resources::registry();
    for entry in registry.entries() {
        let schema = schema(&registry, entry.kind).expect("a schema");
        each(&schema, &mut |reference| {
            let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads outside"));
            assert!(schema.pointer(pointer).is_some(), "{reference} leads nowhere");
        });
        jsonschema::validator_for(&schema).unwrap_or_else(|e| panic!("{}: {e}", entry.kind));
    }
    assert!(schema(&registry, "nothing").is_none());
}

#[test]
fn everything_says_what_it_is() {
    for entry in resources::registry().entries() {
        assert!(!entry.about.is_empty(), "{} lacks `ABOUT`", entry.kind);
        for attribute in &entry.attributes {
            let name = attribute.field.name;
            assert!(!attribute.field.note.about.is_empty(), "{}.{name} lacks `.about(…)`", entry.kind);
        }
        let linked = entry.to_one.iter().map(|one| (one.name, one.about));
        for (name, about) in linked.chain(entry.to_many.iter().map(|many| (many.name, many.about))) {
            assert!(!about.is_empty(), "{}.{name} lacks `.about(…)`", entry.kind);
        }
    }
}

fn each(value: &Value, found: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(members) => {
            members.get("$ref").and_then(Value::as_str).into_iter().for_each(&mut *found);
            members.values().for_each(|value| each(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| each(value, found)),
        _ => (),
    }
}
