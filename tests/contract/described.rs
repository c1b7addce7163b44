//! The description of the API: `spec/openapi.json` is up to date, and every answer is one that it tells of.

use super::exchange::Exchange;
use super::support::app::TestApp;
use super::support::database::Kind;
use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};
use tertulia::{app, openapi, resources};

#[test]
fn the_openapi_document_is_up_to_date() {
    let path = super::case::spec().join("openapi.json");
    if std::env::var_os("TERTULIA_ACCEPT").is_some() {
        std::fs::write(&path, format!("{:#}\n", description())).expect("a written description");
    } else {
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let written: Value = serde_json::from_str(&written).unwrap_or_default();
        assert!(written == *description(), "{} is stale: run this test with TERTULIA_ACCEPT=1", path.display());
    }
}

/// `spec/openapi-released.json` is what the last release described: at a release, `spec/openapi.json` goes there.
#[test]
fn nothing_that_was_released_is_broken() {
    let path = super::case::spec().join("openapi-released.json");
    let released = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let released: Value = serde_json::from_str(&released).expect("JSON");
    let changes = openapi::difference(&released, description());
    let breaking: Vec<String> = changes.iter().filter(|change| change.breaks).map(ToString::to_string).collect();
    assert!(breaking.is_empty(), "{breaking:#?}");
}

// proves: DOC-12
#[actix_web::test]
async fn what_describes_a_document_is_there_for_everybody() {
    let app = TestApp::spawn(Kind::Sqlite).await;
    for entry in resources::registry().entries() {
        let answer = app.as_nobody().get(&format!("/schemas/{}.json", entry.kind)).await.assert_status(200);
        assert_eq!(answer.header("content-type").as_deref(), Some("application/schema+json"));
        assert_eq!(Some(answer.document()), openapi::schema(&resources::registry(), entry.kind).as_ref());
    }
    app.as_nobody().get("/schemas/nothing.json").await.assert_status(404);
    let answer = app.as_nobody().get(&format!("{}/openapi.json", app.origin())).await.assert_status(200);
    assert_eq!(answer.document(), description());
    app.stop().await;
}

#[actix_web::test]
async fn a_url_takes_the_verbs_that_are_described_and_no_others() {
    let app = TestApp::spawn(Kind::Sqlite).await;
    let paths = description()["paths"].as_object().expect("paths");
    assert!(paths.len() > 80, "{} paths are described", paths.len());
    for (path, verbs) in paths {
        let url = path.replace("{id}", "01900000-0000-7000-8000-00000000dead");
        let answer = app.as_nobody().request(Method::OPTIONS, &url).send().await.assert_status(204);
        let allowed = answer.header("allow").unwrap_or_default();
        // What comes with every URL, or with GET, is not worth a line each.
        let mut allowed: Vec<&str> = allowed.split(", ").filter(|verb| !matches!(*verb, "HEAD" | "OPTIONS")).collect();
        allowed.sort_unstable();
        let verbs = verbs.as_object().expect("verbs").keys().filter(|verb| *verb != "parameters");
        let mut described: Vec<String> = verbs.map(|verb| verb.to_uppercase()).collect();
        described.sort_unstable();
        assert_eq!(described, allowed, "{path}");
    }
    app.stop().await;
}

/// Every success names the schema of its type; its body, and that of every failure, fit what the operation promises.
pub(crate) fn every_answer_is_described(exchange: &Exchange, problems: &mut Vec<String>) {
    let Some(operation) = operation(exchange) else {
        if exchange.answer.status < 400 && exchange.method != "OPTIONS" {
            problems.push(format!("{} {} is not described", exchange.method, exchange.url.path()));
        }
        return;
    };
    let status = exchange.answer.status.to_string();
    let Some(answer) = operation["responses"].get(&status).map(resolved) else {
        // Every URL knows its methods, and says so to those who ask for others.
        problems.push(format!("{status} is no described answer of {}", operation["operationId"]));
        return;
    };
    let schema = &answer["content"]["application/vnd.api+json"]["schema"]["$ref"];
    if let (Some(document), Some(schema)) = (exchange.document, schema.as_str()) {
        fit(document, schema, problems);
    }
}

// proves: DOC-12
pub(crate) fn a_document_names_its_description(exchange: &Exchange, problems: &mut Vec<String>) {
    let Some(document) = exchange.document.filter(|document| document.get("data").is_some()) else { return };
    let link = document["links"]["describedby"].as_str().unwrap_or_default();
    let base = format!("{}/api/v1/schemas/", exchange.origin);
    let kind = link.strip_prefix(&base).and_then(|name| name.strip_suffix(".json"));
    let first = document["data"].get(0).unwrap_or(&document["data"]);
    let is_right = kind.is_some_and(|kind| first["type"].is_null() || first["type"] == kind);
    if !is_right {
        problems.push(format!("the describedby link {link:?} leads to no schema of the primary data"));
    }
}

fn fit(document: &Value, schema: &str, problems: &mut Vec<String>) {
    static VALIDATORS: OnceLock<Mutex<BTreeMap<String, &'static Validator>>> = OnceLock::new();
    let mut validators = VALIDATORS.get_or_init(Mutex::default).lock().unwrap_or_else(|e| e.into_inner());
    let validator = *validators.entry(schema.to_owned()).or_insert_with(|| Box::leak(Box::new(validator_of(schema))));
    drop(validators);
    for error in validator.iter_errors(document) {
        problems.push(format!("{schema} at {}: {error}", error.instance_path()));
    }
}

fn validator_of(schema: &str) -> Validator {
    let root = json!({"$ref": schema, "components": description()["components"]});
    let validator = jsonschema::options().should_validate_formats(true).build(&root);
    validator.unwrap_or_else(|e| panic!("{schema}: {e}"))
}

fn description() -> &'static Value {
    static DESCRIPTION: OnceLock<Value> = OnceLock::new();
    DESCRIPTION.get_or_init(|| openapi::describe(&resources::registry(), &app::INFO))
}

fn resolved(answer: &Value) -> &Value {
    match answer["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => description().pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere")),
        None => answer,
    }
}

/// What the description says of the method and the URL.
fn operation(exchange: &Exchange) -> Option<&'static Value> {
    let path = exchange.url.path().strip_prefix("/api/v1")?.trim_end_matches('/');
    let path = if path.is_empty() { "/" } else { path };
    let paths = description()["paths"].as_object().expect("paths");
    let fits = |template: &str| {
        let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len() && template.iter().zip(&path).all(|(it, part)| it == part || *it == "{id}")
    };
    let (_, item) = paths.iter().find(|(template, _)| fits(template))?;
    let method = exchange.method.to_lowercase();
    item.get(if method == "head" { "get" } else { &method })
}
