//! The JSON Schemas in `spec/schema/`: which one an answer must fit, and whether it does.

use super::exchange::Exchange;
use super::vocabulary::Place;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

// proves: DOC-01, DOC-03, DOC-04, DOC-05, DOC-06, DOC-07, DOC-08, DOC-13, DOC-14, DOC-16, DOC-17, DOC-18
// proves: DOC-19, DOC-21, DOC-24, DOC-25, DOC-27, DOC-28, DOC-29, DOC-30, DOC-34, DOC-35, DOC-36, DOC-37
// proves: DOC-38, DOC-40, DOC-41, DOC-42, DOC-46, DOC-50, DOC-51, DOC-52, DOC-53, DOC-55, DOC-56, DOC-57
// proves: DOC-58, DOC-60, DOC-61, DOC-64, DOC-65, DOC-66, DOC-68, FETCH-15, FETCH-49
// proves: ERR-04, ERR-05, ERR-08, ERR-09, ERR-13, ERR-14, ERR-20, CP-21, CP-25, CP-31, AO-01, AO-02, AO-04, AO-12
pub(crate) fn every_answer_fits_its_schema(exchange: &Exchange, problems: &mut Vec<String>) {
    let Some(document) = exchange.document else {
        return;
    };
    let name = schema_of(exchange);
    check(name, document, problems);
}

// proves: AO-05, AO-07, AO-09
pub(crate) fn operations_that_succeed_fit_their_schema(exchange: &Exchange, problems: &mut Vec<String>) {
    let sent = exchange.sent.as_ref().filter(|_| exchange.is_atomic() && !exchange.is_error());
    sent.into_iter().for_each(|sent| check("request-atomic", sent, problems));
}

fn check(name: &str, document: &Value, problems: &mut Vec<String>) {
    for error in validator(name).iter_errors(document) {
        problems.push(format!("{name}.schema.json at {}: {error}", error.instance_path()));
    }
}

fn schema_of(exchange: &Exchange) -> &'static str {
    if exchange.answer.status >= 400 {
        return "response-error";
    }
    if exchange.is_atomic() {
        return "response-atomic";
    }
    match &exchange.place {
        Place::Relationship { .. } => "response-relationship",
        place if place.is_many() && exchange.method == "GET" => {
            if exchange.profiles().is_empty() {
                "response-collection"
            } else {
                "response-cursor-page"
            }
        }
        Place::Related { .. } => "response-related-to-one",
        Place::Collection { .. } | Place::Resource { .. } => "response-resource",
        Place::Elsewhere => "response",
    }
}

fn validator(name: &str) -> &'static Validator {
    static VALIDATORS: OnceLock<BTreeMap<String, Validator>> = OnceLock::new();
    VALIDATORS.get_or_init(all).get(name).unwrap_or_else(|| panic!("spec/schema/{name}.schema.json is missing"))
}

fn all() -> BTreeMap<String, Validator> {
    let directory = super::case::spec().join("schema");
    let entries = std::fs::read_dir(&directory).expect("the folder of schemas");
    let paths = entries.map(|entry| entry.expect("a schema").path());
    paths
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.strip_suffix(".schema.json")?.to_owned();
            let text = std::fs::read_to_string(&path).expect("a schema");
            let schema = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let validator = jsonschema::options().should_validate_formats(true).build(&schema);
            Some((name, validator.unwrap_or_else(|e| panic!("{}: {e}", path.display()))))
        })
        .collect()
}
