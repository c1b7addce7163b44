//! Pairs of descriptions, and what is said of them.

use super::difference;
use serde_json::{Value, json};

/// A description of one URL whose `GET` answers with `shown` and takes `parameters`, and whose `POST` takes `sent`.
fn api(parameters: Value, sent: Value, shown: Value) -> Value {
    let content = |schema: Value| json!({"application/vnd.api+json": {"schema": schema}});
    json!({
        "paths": {"/chats": {
            "get": {"parameters": parameters, "responses": {"200": {"content": content(shown)}, "404": {}}},
            "post": {"requestBody": {"content": content(sent)}, "responses": {"201": {}}},
        }},
        "components": {"schemas": {
            "Title": {"type": "string", "maxLength": 10},
            "Tree": {"type": "object", "properties": {"below": {"$ref": "#/components/schemas/Tree"}}},
        }},
    })
}

#[track_caller]
fn check(old: &Value, new: &Value, expected: &[&str]) {
    let said: Vec<String> = difference(old, new).iter().map(ToString::to_string).collect();
    assert_eq!(said, expected);
}

#[track_caller]
fn check_sent(old: Value, new: Value, expected: &[&str]) {
    check(&api(json!([]), old, json!({})), &api(json!([]), new, json!({})), expected);
}

#[track_caller]
fn check_shown(old: Value, new: Value, expected: &[&str]) {
    check(&api(json!([]), json!({}), old), &api(json!([]), json!({}), new), expected);
}

#[test]
fn the_same_is_no_change() {
    let schema = json!({"type": "object", "properties": {"tree": {"$ref": "#/components/schemas/Tree"}}});
    let same = api(json!([{"name": "sort", "in": "query", "schema": {"type": "string"}}]), schema.clone(), schema);
    check(&same, &same, &[]);
}

#[test]
fn what_is_gone_breaks_and_what_is_new_does_not() {
    let old = json!({"paths": {"/a": {"get": {}, "post": {}}, "/b": {"get": {}}}});
    let new = json!({"paths": {"/a": {"get": {}, "patch": {}}, "/c": {"get": {}}}});
    check(
        &old,
        &new,
        &["breaking  /b: is gone", "breaking  POST /a: is gone", "additive  /c: is new", "additive  PATCH /a: is new"],
    );
}

#[test]
fn a_token_that_is_needed_now_breaks() {
    let open = json!({"paths": {"/a": {"get": {"security": []}}}});
    let closed = json!({"paths": {"/a": {"get": {}}}});
    check(&open, &closed, &["breaking  GET /a: needs a token"]);
    check(&closed, &open, &["additive  GET /a: needs no token any more"]);
}

#[test]
fn parameters_may_come_unless_they_must_be_there() {
    let parameter = |name: &str, required: bool, values: &[&str]| json!({"name": name, "in": "query", "required": required, "schema": {"enum": values}});
    let with = |parameters: Value| api(parameters, json!({}), json!({}));
    let old = with(json!([parameter("gone", false, &[]), parameter("sort", false, &["title", "name"])]));
    let new = with(json!([
        parameter("may", false, &[]),
        parameter("must", true, &[]),
        parameter("sort", true, &["name", "id"])
    ]));
    check(
        &old,
        &new,
        &[
            "breaking  GET /chats, parameter gone (query): is gone",
            "breaking  GET /chats, parameter must (query): is new",
            "breaking  GET /chats, parameter sort (query): must be there",
            "breaking  GET /chats, parameter sort (query): the value \"title\" is gone",
            "additive  GET /chats, parameter may (query): is new",
            "additive  GET /chats, parameter sort (query): the value \"id\" is new",
        ],
    );
}

#[test]
fn what_is_sent_may_not_become_narrower() {
    let old = json!({"type": ["string", "null"], "maxLength": 20, "minLength": 1});
    let new = json!({"type": "string", "maxLength": 10, "pattern": "x"});
    let place = "POST /chats, body";
    let breaking = ["`maxLength` was 20 and is 10", "`pattern` is another", "the type \"null\" is gone"];
    let mut expected: Vec<String> = breaking.iter().map(|what| format!("breaking  {place}: {what}")).collect();
    expected.push(format!("additive  {place}: `minLength` was 1 and is none"));
    check_sent(old, new, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn what_is_shown_may_not_become_wider() {
    check_shown(
        json!({"type": "string", "enum": ["a", "b"], "maxLength": 10}),
        json!({"type": ["string", "null"], "enum": ["a", "c"], "maxLength": 20}),
        &[
            "breaking  GET /chats, answer 200: the type \"null\" is new",
            "breaking  GET /chats, answer 200: the value \"c\" is new",
            "additive  GET /chats, answer 200: `maxLength` was 10 and is 20",
            "additive  GET /chats, answer 200: the value \"b\" is gone",
        ],
    );
}

#[test]
fn members_are_compared_in_the_direction_in_which_they_go() {
    let old = json!({"required": ["a"], "properties": {"a": {}, "gone": {}, "b": {}}});
    let new = json!({"required": ["b", "new"], "properties": {"a": {}, "b": {}, "new": {}}});
    let sent = "POST /chats, body";
    check_sent(
        old.clone(),
        new.clone(),
        &[
            &format!("breaking  {sent}.b: must be there"),
            &format!("breaking  {sent}.gone: is gone"),
            &format!("breaking  {sent}.new: is new"),
            &format!("additive  {sent}.a: may be left out"),
        ],
    );
    let shown = "GET /chats, answer 200";
    check_shown(
        old,
        new,
        &[
            &format!("breaking  {shown}.a: may be left out"),
            &format!("breaking  {shown}.gone: is gone"),
            &format!("additive  {shown}.b: must be there"),
            &format!("additive  {shown}.new: is new"),
        ],
    );
}

#[test]
fn references_are_followed_and_told_of_once() {
    let old = api(json!([]), json!({"properties": {"a": title(), "b": title()}}), json!({}));
    let mut new = old.clone();
    new["components"]["schemas"]["Title"]["maxLength"] = json!(5);
    check(&old, &new, &["breaking  Title: `maxLength` was 10 and is 5"]);
}

fn title() -> Value {
    json!({"$ref": "#/components/schemas/Title"})
}

#[test]
fn alternatives_that_are_shown_may_come_and_go() {
    let one = |names: &[&str]| json!({"oneOf": names.iter().map(|name| json!({"$ref": format!("#/x/{name}")})).collect::<Value>()});
    check_shown(
        one(&["A", "B"]),
        one(&["B", "C"]),
        &[
            "additive  GET /chats, answer 200: the alternative A is gone",
            "additive  GET /chats, answer 200: the alternative C is new",
        ],
    );
    check_sent(
        one(&["A"]),
        one(&["B"]),
        &[
            "breaking  POST /chats, body: the alternative A is gone",
            "additive  POST /chats, body: the alternative B is new",
        ],
    );
}

#[test]
fn an_answer_of_success_may_not_go_and_a_refusal_may() {
    let old = api(json!([]), json!({}), json!({}));
    let mut new = old.clone();
    new["paths"]["/chats"]["get"]["responses"] = json!({"204": {}, "409": {}});
    check(
        &old,
        &new,
        &[
            "breaking  GET /chats, answer 200: is gone",
            "additive  GET /chats, answer 204: is new",
            "additive  GET /chats, answer 404: is gone",
            "additive  GET /chats, answer 409: is new",
        ],
    );
}
