//! Rules about status and headers.

use crate::exchange::Exchange;
use crate::vocabulary::{Place, resources};
use std::collections::BTreeSet;

const JSON_API: &str = "application/vnd.api+json";
const ATOMIC: &str = "https://jsonapi.org/ext/atomic";
const CURSOR_PROFILE: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/";

// proves: CN-01, CN-02, CN-03, CN-04
pub(crate) fn a_body_is_said_to_be_json_api_and_nothing_else(exchange: &Exchange, problems: &mut Vec<String>) {
    let content_type = exchange.answer.header("content-type");
    if exchange.answer.body.is_empty() {
        return;
    }
    if exchange.document.is_none() {
        problems.push("the body is not JSON".to_owned());
    }
    let (profiles, extensions) = (exchange.profiles().join(" "), exchange.extensions().join(" "));
    let known = [
        JSON_API.to_owned(),
        format!("{JSON_API}; profile=\"{profiles}\""),
        format!("{JSON_API}; ext=\"{extensions}\""),
    ];
    if !content_type.as_ref().is_some_and(|content_type| known.contains(content_type)) {
        problems.push(format!("Content-Type is {content_type:?}"));
    }
}

// proves: CN-06, DOC-62
pub(crate) fn applied_profiles_are_named_in_content_type_and_document(exchange: &Exchange, problems: &mut Vec<String>) {
    let Some(document) = exchange.document else {
        return;
    };
    let named: BTreeSet<String> = exchange.profiles().into_iter().collect();
    let listed = document["jsonapi"]["profile"].as_array().into_iter().flatten();
    let listed: BTreeSet<String> = listed.filter_map(|uri| uri.as_str().map(str::to_owned)).collect();
    if named != listed {
        problems.push(format!("Content-Type names the profiles {named:?}, jsonapi.profile {listed:?}"));
    }
    if named.iter().any(|uri| uri != CURSOR_PROFILE) {
        problems.push(format!("a profile that nobody defined: {named:?}"));
    }
}

// proves: CN-05, AO-50
pub(crate) fn applied_extensions_are_named_in_content_type_and_document(
    exchange: &Exchange,
    problems: &mut Vec<String>,
) {
    let Some(document) = exchange.document else {
        return;
    };
    let named = exchange.extensions();
    let listed = document["jsonapi"]["ext"].as_array().into_iter().flatten();
    let listed: Vec<&str> = listed.filter_map(serde_json::Value::as_str).collect();
    if named != listed {
        problems.push(format!("Content-Type names the extensions {named:?}, jsonapi.ext {listed:?}"));
    }
    let into_operations = |error: &&serde_json::Value| {
        error["source"]["pointer"].as_str().is_some_and(|pointer| pointer.starts_with("/atomic:operations"))
    };
    let applied = document.get("atomic:results").is_some() || exchange.errors().iter().any(into_operations);
    if applied != (named == [ATOMIC]) {
        problems.push(format!("the atomic operations extension is applied: {applied}, and named are {named:?}"));
    }
}

// proves: CN-21, CN-22
pub(crate) fn caches_are_told_what_the_answer_depends_on(exchange: &Exchange, problems: &mut Vec<String>) {
    if exchange.method == "OPTIONS" {
        return;
    }
    let vary = exchange.answer.header("vary").unwrap_or_default().to_lowercase();
    let names: Vec<&str> = vary.split(',').map(str::trim).collect();
    for name in ["accept", "authorization", "accept-language"] {
        if !names.contains(&name) {
            problems.push(format!("Vary lacks {name}: {vary:?}"));
        }
    }
    let cache = exchange.answer.header("cache-control").unwrap_or_default().to_lowercase();
    let wanted = if exchange.url.path().starts_with("/api/v1/sessions") { "no-store" } else { "private, no-cache" };
    if cache != wanted {
        problems.push(format!("Cache-Control is {cache:?}, not {wanted:?}"));
    }
}

// proves: FETCH-12, CRUD-48
pub(crate) fn an_answer_without_content_has_no_body(exchange: &Exchange, problems: &mut Vec<String>) {
    let status = exchange.answer.status;
    let empty = exchange.answer.body.is_empty();
    let must_be_empty = exchange.method == "HEAD" || matches!(status, 204 | 304);
    if must_be_empty && !empty {
        problems.push(format!("a body beside {} {status}", exchange.method));
    }
    if !must_be_empty && exchange.method != "OPTIONS" && empty {
        problems.push(format!("no body beside {status}"));
    }
    if matches!(status, 204 | 304) && exchange.answer.header("content-type").is_some() {
        problems.push(format!("Content-Type beside {status}"));
    }
}

pub(crate) fn refusals_say_what_would_be_accepted(exchange: &Exchange, problems: &mut Vec<String>) {
    let (name, wanted) = match exchange.answer.status {
        401 => ("www-authenticate", "Bearer"),
        405 => ("allow", "GET"),
        429 => ("retry-after", ""),
        _ => return,
    };
    let value = exchange.answer.header(name);
    // A path without a collection has nothing else to offer.
    let is_bare = matches!(exchange.place, Place::Collection { kind } if !resources()[kind].collection);
    let methods: &[&str] = if is_bare { &["OPTIONS"] } else { &["GET", "POST", "PATCH", "DELETE"] };
    let fits = value.as_deref().is_some_and(|value| match name {
        "allow" => methods.iter().any(|method| value.contains(method)),
        _ => value.contains(wanted),
    });
    if !fits {
        problems.push(format!("{name} is {value:?} beside {}", exchange.answer.status));
    }
}

// proves: CRUD-13
pub(crate) fn location_is_the_self_link(exchange: &Exchange, problems: &mut Vec<String>) {
    let created = exchange.answer.status == 201;
    let location = exchange.answer.header("location");
    let link = exchange.document.and_then(|document| document.pointer("/data/links/self")?.as_str());
    if created && location.is_none() {
        problems.push("no Location beside 201".to_owned());
    }
    if location.as_deref().is_some_and(|location| Some(location) != link) {
        problems.push(format!("Location is {location:?}, the self link {link:?}"));
    }
}
