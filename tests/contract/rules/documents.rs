//! Rules about documents that a JSON Schema can't say.

use crate::exchange::{Exchange, objects};
use crate::expect::is_instant;
use crate::support::answer::type_and_id;
use crate::vocabulary::{Place, resources};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

// proves: DOC-59, DOC-61
pub(crate) fn the_version_is_said(exchange: &Exchange, problems: &mut Vec<String>) {
    if exchange.document.is_some_and(|document| document["jsonapi"]["version"] != "1.1") {
        problems.push("jsonapi.version is not 1.1".to_owned());
    }
}

// proves: DOC-20, DOC-49
pub(crate) fn data_and_included_hold_a_resource_once(exchange: &Exchange, problems: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    // Several operations may be about one resource.
    for resource in exchange.resources().filter(|_| !exchange.is_atomic()) {
        if !seen.insert(type_and_id(resource)) {
            problems.push(format!("twice in the document: {:?}", type_and_id(resource)));
        }
    }
}

// proves: DOC-47, DOC-48, FETCH-24, FETCH-27
pub(crate) fn everything_included_is_linked_from_primary_data(exchange: &Exchange, problems: &mut Vec<String>) {
    if exchange.is_sparse() {
        return;
    }
    let included = exchange.included();
    let mut reached = linked(exchange.primary().into_iter());
    if matches!(exchange.place, Place::Relationship { .. }) {
        reached
            .extend(objects(exchange.document.and_then(|document| document.get("data"))).into_iter().map(type_and_id));
    }
    let mut before = 0;
    while reached.len() > before {
        before = reached.len();
        let more = linked(included.iter().copied().filter(|resource| reached.contains(&type_and_id(resource))));
        reached.extend(more);
    }
    for resource in included {
        if !reached.contains(&type_and_id(resource)) {
            problems.push(format!("included without linkage: {:?}", type_and_id(resource)));
        }
    }
}

fn linked<'a>(resources: impl Iterator<Item = &'a Value>) -> BTreeSet<(String, String)> {
    resources
        .flat_map(|resource| resource["relationships"].as_object().into_iter().flatten())
        .flat_map(|(_, relationship)| objects(relationship.get("data")))
        .map(type_and_id)
        .collect()
}

// proves: DOC-22, DOC-26
pub(crate) fn a_resource_shows_the_fields_of_its_type(exchange: &Exchange, problems: &mut Vec<String>) {
    for resource in exchange.resources() {
        let (kind, id) = type_and_id(resource);
        let Some(known) = resources().get(&kind) else {
            problems.push(format!("an unknown type: {kind}"));
            continue;
        };
        let shown_to_all = || known.to_one.keys().chain(known.to_many.keys());
        let relationships: Vec<&String> = shown_to_all().chain(known.own_to_one.keys()).collect();
        let attributes: Vec<&String> = known.attributes.iter().chain(&known.own_attributes).collect();
        let sparse = exchange.is_sparse();
        let required_attributes = known.attributes.iter().filter(|_| !sparse);
        let required_relationships = shown_to_all().filter(|_| !sparse);
        let checks = [
            unexpected(&resource["attributes"], &attributes),
            unexpected(&resource["relationships"], &relationships),
            missing(&resource["attributes"], required_attributes),
            missing(&resource["relationships"], required_relationships),
        ];
        problems.extend(checks.into_iter().flatten().map(|problem| format!("{kind} {id}: {problem}")));
    }
}

fn unexpected(members: &Value, known: &[&String]) -> Vec<String> {
    let names = members.as_object().into_iter().flat_map(Map::keys);
    names.filter(|name| !known.contains(name)).map(|name| format!("unexpected field {name}")).collect()
}

fn missing<'a>(members: &Value, required: impl Iterator<Item = &'a String>) -> Vec<String> {
    required.filter(|name| members.get(name.as_str()).is_none()).map(|name| format!("missing field {name}")).collect()
}

// proves: DOC-23
pub(crate) fn attributes_and_relationships_share_one_namespace(exchange: &Exchange, problems: &mut Vec<String>) {
    for resource in exchange.resources() {
        let relationships = resource["relationships"].as_object();
        for name in resource["attributes"].as_object().into_iter().flat_map(Map::keys) {
            if relationships.is_some_and(|relationships| relationships.contains_key(name)) {
                problems.push(format!("{name} is an attribute and a relationship"));
            }
        }
    }
}

// proves: DOC-67
pub(crate) fn member_names_are_safe_in_urls(exchange: &Exchange, problems: &mut Vec<String>) {
    let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    for name in exchange.document.map(all_names).unwrap_or_default() {
        let own = name.strip_prefix(EXTENSION).filter(|_| !exchange.extensions().is_empty()).unwrap_or(name);
        if !own.chars().all(safe) {
            problems.push(format!("the member name {name:?} is not safe in URLs"));
        }
    }
}

/// The namespace of the only extension.
const EXTENSION: &str = "atomic:";

// proves: EXT-04, EXT-05, EXT-09, EXT-10
pub(crate) fn extension_members_belong_to_an_applied_extension(exchange: &Exchange, problems: &mut Vec<String>) {
    let applied = !exchange.extensions().is_empty();
    for name in exchange.document.map(all_names).unwrap_or_default() {
        if name.contains(':') && !(applied && name.starts_with(EXTENSION)) {
            problems.push(format!("{name} belongs to an extension that was not applied"));
        }
    }
}

// proves: AO-17, AO-18
pub(crate) fn each_operation_has_a_result(exchange: &Exchange, problems: &mut Vec<String>) {
    if !exchange.is_atomic() || exchange.answer.status != 200 {
        return;
    }
    let count = |document: Option<&Value>, name: &str| Some(document?.get(name)?.as_array()?.len());
    let operations = count(exchange.sent.as_ref(), "atomic:operations");
    let results = count(exchange.document, "atomic:results");
    if operations.is_none() || operations != results {
        problems.push(format!("{operations:?} operations have {results:?} results"));
    }
}

fn all_names(value: &Value) -> Vec<&String> {
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| std::iter::once(name).chain(all_names(value))).collect()
        }
        Value::Array(items) => items.iter().flat_map(all_names).collect(),
        _ => Vec::new(),
    }
}

pub(crate) fn instants_have_milliseconds_and_are_utc(exchange: &Exchange, problems: &mut Vec<String>) {
    for resource in exchange.resources() {
        for (name, value) in resource["attributes"].as_object().into_iter().flatten() {
            let is_time = name.ends_with("_at") || name.ends_with("_until");
            if is_time && !value.is_null() && !value.as_str().is_some_and(is_instant) {
                problems.push(format!("{name} is {value}"));
            }
        }
    }
}

/// A to-one relationship always has linkage, included or not: clients make lazy stubs of it.
pub(crate) fn linkage_is_present_and_of_the_right_type(exchange: &Exchange, problems: &mut Vec<String>) {
    for resource in exchange.resources() {
        let (kind, id) = type_and_id(resource);
        let Some(known) = resources().get(&kind) else {
            continue;
        };
        for (name, relationship) in resource["relationships"].as_object().into_iter().flatten() {
            let data = relationship.get("data");
            if known.to_one.contains_key(name) && !data.is_some_and(|data| data.is_null() || data.is_object()) {
                problems.push(format!("{kind} {id}: {name} has no to-one linkage"));
            }
            if known.to_many.contains_key(name) && data.is_some_and(|data| !data.is_array()) {
                problems.push(format!("{kind} {id}: {name} has no to-many linkage"));
            }
            for identifier in objects(data) {
                if identifier["type"].as_str() != known.target(name) {
                    problems.push(format!("{kind} {id}: {name} links to {identifier}"));
                }
            }
        }
    }
}

// proves: FETCH-06
pub(crate) fn a_single_resource_is_the_one_asked_for(exchange: &Exchange, problems: &mut Vec<String>) {
    let Place::Resource { kind, id } = &exchange.place else {
        return;
    };
    for resource in exchange.primary() {
        if type_and_id(resource) != ((*kind).to_owned(), id.clone()) {
            problems.push(format!("asked for {kind} {id}, got {:?}", type_and_id(resource)));
        }
    }
}

// proves: FETCH-23
pub(crate) fn an_included_member_answers_an_include_parameter(exchange: &Exchange, problems: &mut Vec<String>) {
    if exchange.is_error() || exchange.document.is_none() {
        return;
    }
    let asked = exchange.parameter("include").is_some();
    let given = exchange.document.is_some_and(|document| document.get("included").is_some());
    if asked != given {
        problems.push(format!("include asked: {asked}, included given: {given}"));
    }
}
