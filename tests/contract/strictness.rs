//! The checks themselves: what breaks a rule is found, so that a case without problems means something.

use crate::exchange::Exchange;
use crate::expect::differences;
use crate::rules;
use crate::support::answer::Answer;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use tertulia::jsonapi::error::Code;

const ORIGIN: &str = "http://127.0.0.1:8080";
const ID: &str = "0194fdc2-fa2f-7cc0-81d3-ff12045b73c8";
const OTHER: &str = "0194fdc2-fa2f-7cc0-81d3-ff12045b73c9";

#[test]
fn a_document_that_keeps_the_rules_has_no_problems() {
    assert_eq!(problems_of("GET", 200, &session()), Vec::<String>::new());
    assert_eq!(problems_of("GET", 404, &not_found()), Vec::<String>::new());
}

#[test]
fn every_broken_rule_about_documents_is_found() {
    let user = json!({ "type": "user", "id": OTHER });
    check(200, "", Value::Null, "jsonapi.version");
    check(200, "/jsonapi/version", json!("1.0"), "jsonapi.version");
    check(200, "/jsonapi/profile", json!(["https://example.com/p"]), "jsonapi.profile");
    check(200, "/jsonapi/ext", json!(["https://jsonapi.org/ext/atomic"]), "jsonapi.ext");
    check(200, "/atomic:results", json!([]), "extension");
    check(200, "/data/id", json!(OTHER), "asked for");
    check(200, "/data/id", json!(7), "schema");
    check(200, "/data/unexpected", json!(1), "schema");
    check(200, "/data/attributes/created_at", json!("2025-01-02T03:04:05Z"), "created_at is");
    check(200, "/data/attributes/nickname", json!("x"), "unexpected field");
    check(200, "/data/attributes/expires_at", Value::Null, "SessionDocument");
    check(200, "/data/attributes", json!({}), "missing field");
    check(200, "/data/attributes/user", json!("x"), "an attribute and a relationship");
    check(200, "/data/attributes/user name", json!("x"), "not safe in URLs");
    check(200, "/data/attributes/x:y", json!("x"), "extension");
    check(200, "/data/relationships/user/data", json!([]), "no to-one linkage");
    check(200, "/data/relationships/user/data/type", json!("chat"), "links to");
    check(200, "/data/relationships/user/data/id", json!(OTHER), "");
    check(200, "/included", json!([]), "include asked: false");
    check(200, "/included", json!([user.clone(), user]), "twice");
    check(200, "/included", json!([{ "type": "user", "id": OTHER }]), "included without linkage");
    check(200, "/errors", json!([]), "errors is");
}

#[test]
fn every_broken_rule_about_links_is_found() {
    check(200, "/data/links/self", json!(format!("{ORIGIN}/api/v1/sessions/{OTHER}")), "expected the self link");
    check(200, "/data/links/self", json!("/api/v1/sessions"), "does not begin with");
    check(200, "/data/relationships/user/links/related", json!(format!("{ORIGIN}/x")), "expected the related link");
    check(200, "/links", json!({ "next": format!("{ORIGIN}/api/v1/sessions?page[size]=1") }), "not percent-encoded");
    check(200, "/links", json!({ "next": format!("{ORIGIN}/api/v1/sessions?x=a+b") }), "not percent-encoded");
    check(200, "/links", json!({ "next": format!("{ORIGIN}/api/v1/sessions") }), "beside a single resource");
    check(200, "/links", json!({ "self": format!("{ORIGIN}/api/v1/sessions?sort=x") }), "not what was asked");
    check(200, "/links", json!({ "nextPage": ORIGIN }), "schema");
    check(200, "/links/describedby", json!(format!("{ORIGIN}/api/v1/schemas/user.json")), "the describedby link");
    check(200, "/links/describedby", Value::Null, "the describedby link");
}

#[test]
fn every_answer_that_is_not_described_is_found() {
    check(200, "/data/attributes/nickname", json!("x"), "SessionDocument");
    check(200, "/data/attributes/created_at", json!("yesterday"), "SessionDocument");
    check(418, "/jsonapi/version", json!("1.1"), "no described answer");
}

#[test]
fn every_broken_rule_about_errors_is_found() {
    check(404, "/errors/0/code", json!("no_such_code"), "catalogue");
    check(404, "/errors/0/status", json!("409"), "catalogue");
    check(404, "/errors/0/status", json!(404), "schema");
    check(404, "/errors/0/detail", json!(""), "no detail");
    check(404, "/errors/0/title", json!("Something else"), "has the titles");
    check(404, "/errors/0/source", json!({}), "schema");
    check(404, "/errors/0/source", json!({ "pointer": "/data" }), "leads nowhere");
    check(404, "/errors/0/source", json!({ "parameter": "sort" }), "no parameter of");
    check(404, "/errors", json!([]), "errors is");
    check(404, "/errors/0/source", json!({ "pointer": "/atomic:operations/0" }), "is applied: true");
    check(404, "/data", Value::Null, "schema");
    check(500, "/data", Value::Null, "the server failed");
    check(409, "/errors/0/meta", json!({}), "the errors say 404");
}

#[test]
fn headers_that_break_a_rule_are_found() {
    for (name, value, problem) in [
        ("content-type", "application/vnd.api+json; charset=utf-8", "Content-Type is"),
        ("content-type", "application/json", "Content-Type is"),
        ("content-type", "application/vnd.api+json; profile=\"https://example.com/p\"", "nobody defined"),
        ("content-type", "application/vnd.api+json; ext=\"https://jsonapi.org/ext/atomic\"", "is applied: false"),
        ("vary", "Accept", "Vary lacks authorization"),
        ("cache-control", "private, no-cache", "Cache-Control is"),
        ("location", "http://127.0.0.1:8080/api/v1/sessions", "Location is"),
    ] {
        let problems = problems_with("GET", 200, &session(), &[(name, value)]);
        assert!(problems.iter().any(|it| it.contains(problem)), "{name}: {value}: {problems:#?}");
    }
    assert!(problems_of("POST", 201, &session()).iter().any(|it| it.contains("no Location")));
    assert!(problems_of("HEAD", 200, &session()).iter().any(|it| it.contains("a body beside HEAD")));
    assert!(problems_of("DELETE", 204, &session()).iter().any(|it| it.contains("a body beside DELETE")));
}

#[test]
fn expected_documents_tell_what_differs() {
    let actual = json!({ "a": [1, 2, 3], "b": { "c": "text", "d": null }, "t": "2025-01-02T03:04:05.678Z", "u": ID });
    let fits = |expected: Value| differences(&expected, Some(&actual), "").is_empty();
    for expected in [
        json!({}),
        json!({ "a": [1, 2, 3], "x": "{absent}" }),
        json!({ "a": { "$unordered": [3, 1, 2] } }),
        json!({ "a": { "$contains": [2] } }),
        json!({ "a": { "$each": "{integer}" } }),
        json!({ "a": { "$length": 3 } }),
        json!({ "b": { "c": { "$text": "ex" }, "d": "{any}" } }),
        json!({ "b": { "$members": ["c", "d"] } }),
        json!({ "b": { "c": { "$not": "other" } } }),
        json!({ "t": "{instant}", "u": "{uuid}" }),
        json!({ "t": { "$after": "2025-01-02T03:04:05.677Z" } }),
    ] {
        assert!(fits(expected.clone()), "{expected}");
    }
    for expected in [
        json!({ "a": [1, 2] }),
        json!({ "a": [1, 2, 4] }),
        json!({ "a": { "$unordered": [1, 1, 2] } }),
        json!({ "a": { "$contains": [4] } }),
        json!({ "a": { "$each": "{string}" } }),
        json!({ "a": { "$length": 2 } }),
        json!({ "b": { "c": { "$text": "x y" } } }),
        json!({ "b": { "$members": ["c"] } }),
        json!({ "b": { "$exactly": { "c": "text" } } }),
        json!({ "b": { "c": { "$not": "text" } } }),
        json!({ "b": "{absent}" }),
        json!({ "x": "{any}" }),
        json!({ "t": "{uuid}", "u": "{instant}" }),
        json!({ "t": { "$after": "2025-01-02T03:04:05.678Z" } }),
        json!({ "t": "{no_such_matcher}" }),
        json!({ "t": { "$noSuchMatcher": 1 } }),
    ] {
        assert!(!fits(expected.clone()), "{expected}");
    }
}

/// Puts `value` at `pointer` of a good document; the problem is then named. No problem is expected as `""`.
#[track_caller]
fn check(status: u16, pointer: &str, value: Value, problem: &str) {
    let mut document = if status == 200 { session() } else { not_found() };
    set(&mut document, pointer, value);
    let problems = problems_of("GET", status, &document);
    let found = problems.iter().any(|it| it.contains(problem));
    assert!(if problem.is_empty() { problems.is_empty() } else { found }, "{pointer}: {problem}: {problems:#?}");
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        *document = value;
        return;
    };
    let parent = document.pointer_mut(parent).expect("a value to change");
    parent[name] = value;
}

fn session() -> Value {
    let url = format!("{ORIGIN}/api/v1/sessions/{ID}");
    let links = json!({ "self": format!("{url}/relationships/user"), "related": format!("{url}/user") });
    let at = "2025-01-02T03:04:05.678Z";
    let top = json!({ "self": url, "describedby": format!("{ORIGIN}/api/v1/schemas/session.json") });
    json!({ "jsonapi": { "version": "1.1" }, "links": top, "data": {
        "type": "session", "id": ID,
        "attributes": { "created_at": at, "last_used_at": at, "expires_at": at },
        "relationships": { "user": { "links": links, "data": { "type": "user", "id": ID } } },
        "links": { "self": url },
    } })
}

fn not_found() -> Value {
    let error = json!({ "status": "404", "code": "not_found", "title": Code::NotFound.title(), "detail": "Not here." });
    json!({ "jsonapi": { "version": "1.1" }, "errors": [error] })
}

fn problems_of(method: &str, status: u16, document: &Value) -> Vec<String> {
    problems_with(method, status, document, &[])
}

fn problems_with(method: &str, status: u16, document: &Value, headers: &[(&str, &str)]) -> Vec<String> {
    let usual = [
        ("content-type", "application/vnd.api+json"),
        ("vary", "Accept, Authorization, Accept-Language"),
        ("cache-control", "no-store"),
    ];
    let lines = usual.iter().chain(headers).map(|(name, value)| {
        let name: HeaderName = name.parse().expect("the name of a header");
        (name, HeaderValue::from_str(value).expect("the value of a header"))
    });
    let mut map = HeaderMap::new();
    lines.for_each(|(name, value)| drop(map.insert(name, value)));
    let answer = Answer::new(String::new(), status, map, document.to_string().into_bytes());
    let url = format!("{ORIGIN}/api/v1/sessions/{ID}");
    rules::problems(&Exchange::new(method, &url, None, &answer, ORIGIN))
}
