//! Rules about errors.

use crate::exchange::Exchange;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// The closed catalogue: status and codes.
const CATALOGUE: &[(u16, &str)] = &[
    (400, "include_unknown field_set_unknown sort_unknown filter_unknown filter_invalid page_invalid"),
    (400, "header_invalid parameter_unknown json_invalid document_invalid"),
    (401, "unauthorized invalid_credentials"),
    (403, "forbidden field_read_only client_id_forbidden chat_request_required password_required"),
    (404, "not_found"),
    (405, "method_not_allowed"),
    (406, "not_acceptable"),
    (409, "type_mismatch id_mismatch id_taken already_exists already_member email_taken read_conflict"),
    (409, "chat_not_active chat_closed peer_gone request_closed last_admin message_deleted content_exists"),
    (409, "idempotency_in_flight"),
    (412, "precondition_failed"),
    (413, "too_large"),
    (415, "unsupported_media_type"),
    (422, "self_conversation field_required field_invalid field_unknown message_not_in_chat parent_invalid"),
    (422, "idempotency_mismatch"),
    (429, "rate_limited"),
    (503, "unavailable"),
];

// proves: ERR-21, CRUD-24
pub(crate) fn client_mistakes_are_never_the_servers(exchange: &Exchange, problems: &mut Vec<String>) {
    if exchange.answer.status >= 500 {
        problems.push(format!("the server failed with {}", exchange.answer.status));
    }
}

// proves: ERR-03, AO-21, AO-33
pub(crate) fn an_error_document_has_errors_and_a_success_has_none(exchange: &Exchange, problems: &mut Vec<String>) {
    let Some(document) = exchange.document else {
        return;
    };
    let errors = document.get("errors");
    let fits = match exchange.is_error() {
        true => errors.and_then(Value::as_array).is_some_and(|errors| !errors.is_empty()),
        false => errors.is_none(),
    };
    if !fits {
        problems.push(format!("errors is {errors:?} beside {}", exchange.answer.status));
    }
}

// proves: ERR-06, ERR-07
pub(crate) fn every_error_says_status_code_title_and_detail(exchange: &Exchange, problems: &mut Vec<String>) {
    for error in exchange.errors() {
        let code = error["code"].as_str().unwrap_or_default();
        let status = error["status"].as_str().unwrap_or_default();
        let known =
            CATALOGUE.iter().any(|(of, codes)| of.to_string() == status && codes.split(' ').any(|it| it == code));
        if !known {
            problems.push(format!("{status} {code} is not in the catalogue of errors"));
        }
        for member in ["title", "detail"] {
            if error[member].as_str().is_none_or(str::is_empty) {
                problems.push(format!("{code} has no {member}"));
            }
        }
    }
}

// proves: ERR-02
pub(crate) fn the_status_is_the_most_general_one(exchange: &Exchange, problems: &mut Vec<String>) {
    let statuses: BTreeSet<&str> = exchange.errors().into_iter().filter_map(|error| error["status"].as_str()).collect();
    let wanted = match statuses.len() {
        0 => return,
        1 => statuses.into_iter().next().unwrap_or_default(),
        _ => "400",
    };
    if exchange.answer.status.to_string() != wanted {
        problems.push(format!("the status is {}, the errors say {wanted}", exchange.answer.status));
    }
}

// proves: ERR-12
/// Each language has its own.
pub(crate) fn a_title_belongs_to_its_code(exchange: &Exchange, problems: &mut Vec<String>) {
    static TITLES: Mutex<BTreeMap<(String, String), String>> = Mutex::new(BTreeMap::new());
    let mut titles = TITLES.lock().expect("no panic while it is held");
    let language = exchange.answer.header("content-language").unwrap_or_default();
    for error in exchange.errors() {
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        let known = titles.entry((text("code"), language.clone())).or_insert_with(|| text("title"));
        if *known != text("title") {
            problems.push(format!("{} has the titles {known:?} and {:?}", text("code"), text("title")));
        }
    }
}

// proves: ERR-15, ERR-16, AO-22
pub(crate) fn a_pointer_leads_into_the_document_that_was_sent(exchange: &Exchange, problems: &mut Vec<String>) {
    for pointer in exchange.errors().into_iter().filter_map(|error| error["source"]["pointer"].as_str()) {
        let sent = exchange.sent.as_ref();
        let leads_nowhere = sent.is_some_and(|sent| sent.pointer(pointer).is_none());
        let broken_json = exchange.has_body && sent.is_none() && pointer.is_empty();
        if leads_nowhere || (sent.is_none() && !broken_json) {
            problems.push(format!("the pointer {pointer:?} leads nowhere in what was sent"));
        }
    }
}

// proves: ERR-17
pub(crate) fn a_parameter_is_one_that_was_sent(exchange: &Exchange, problems: &mut Vec<String>) {
    for error in exchange.errors() {
        let Some(name) = error["source"].get("parameter") else {
            continue;
        };
        // What can't be decoded has no decoded name to compare with.
        let sent = exchange.parameters().any(|(sent, _)| *name == sent)
            || exchange.url.query().is_some_and(|query| query.contains('%'));
        if !sent {
            problems.push(format!("{name} is no parameter of {}", exchange.url));
        }
    }
}

/// Clients of the Graphiti family show `meta.message` beside the field `meta.attribute`.
pub(crate) fn problems_of_fields_are_also_said_in_meta(exchange: &Exchange, problems: &mut Vec<String>) {
    for error in exchange.errors() {
        let code = error["code"].as_str().unwrap_or_default();
        let pointer = error["source"]["pointer"].as_str().unwrap_or_default();
        let said = |member: &str| error["meta"][member].as_str();
        let mut behind = pointer.split('/').skip_while(|step| !matches!(*step, "attributes" | "relationships")).skip(1);
        let is_told = match behind.next() {
            Some(field) => said("attribute") == Some(&*field.replace("~1", "/").replace("~0", "~")),
            None => code != "field_required" || said("attribute").is_some(),
        };
        if !is_told || said("attribute").is_some() && said("message") != error["detail"].as_str() {
            problems.push(format!("{code} at {pointer:?} lacks meta.attribute or meta.message"));
        }
    }
}
