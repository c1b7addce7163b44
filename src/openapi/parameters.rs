//! Query parameters: what can be included, picked, filtered, sorted by and paged.

use super::{
    examples,
    names::{parameter, pascal},
};
use crate::{
    jsonapi::input::Kind,
    resource::{
        Field, Registry,
        describe::Search,
        plan::{include::DEPTH, page, sort::MOST_KEYS},
        registry::{Entry, Relationship},
    },
};
use serde_json::{Map, Value, json};

/// Longer paths are described by their form alone.
const WRITTEN_OUT: usize = 2;
/// `eq:` and the like before a value.
const OPERATION: &str = "^(!?(eq|in|ct)|gte?|lte?|pre|suf):";

/// Parameters of several operations.
pub(super) fn shared(registry: &Registry) -> Map<String, Value> {
    let mut all = Map::new();
    all.insert("Id".to_owned(), id());
    all.extend(headers());
    for (name, key, schema, about) in pages() {
        all.insert(name.to_owned(), query(&format!("page[{key}]"), about, schema, &Value::Null));
    }
    for entry in registry.entries() {
        let name = pascal(entry.kind);
        all.insert(format!("{name}Fields"), fields(entry));
        all.insert(format!("{name}Include"), include(entry.kind, &paths(registry, entry)));
        let words = sorts(entry);
        if !words.is_empty() {
            all.insert(format!("{name}Sort"), sort(entry, &words));
        }
        for (filter, parameter) in filters(entry) {
            all.insert(format!("{name}Filter.{filter}"), parameter);
        }
    }
    all
}

/// References to what a document of one resource can be asked for.
pub(super) fn of_one(registry: &Registry, entry: &Entry) -> Vec<Value> {
    let fields = registry.entries().iter().map(|entry| parameter(&format!("{}Fields", pascal(entry.kind))));
    [parameter(&format!("{}Include", pascal(entry.kind)))].into_iter().chain(fields).collect()
}

/// References to what a collection can be asked for.
pub(super) fn of_many(registry: &Registry, entry: &Entry) -> Vec<Value> {
    let name = pascal(entry.kind);
    let mut all = of_one(registry, entry);
    if !sorts(entry).is_empty() {
        all.push(parameter(&format!("{name}Sort")));
    }
    all.extend(filters(entry).map(|(filter, _)| parameter(&format!("{name}Filter.{filter}"))));
    all.extend(entry.searches.iter().filter(|search| search.parameter).map(of_search));
    all.extend(pages().map(|(name, ..)| parameter(name)));
    all
}

/// What a relationship's URL can be asked for.
pub(super) fn of_linkage(registry: &Registry, entry: &Entry, relationship: Relationship) -> Vec<Value> {
    let name = entry.relationship_name(relationship);
    let is_below = |path: &String| path == name || path.starts_with(&format!("{name}."));
    let paths: Vec<String> = paths(registry, entry).into_iter().filter(is_below).collect();
    let mut all = vec![include(entry.kind, &paths)];
    all.extend(of_one(registry, entry).into_iter().skip(1));
    if matches!(relationship, Relationship::Many(_)) {
        all.extend(pages().map(|(name, ..)| parameter(name)));
    }
    all
}

/// The words that `sort` takes.
pub(super) fn sorts(entry: &Entry) -> Vec<&'static str> {
    let attributes = entry.attributes.iter().filter(|attribute| attribute.readable && attribute.field.sortable);
    let mut words: Vec<&str> = attributes.map(|attribute| attribute.field.name).collect();
    words.extend(entry.sorts.iter().map(|sort| sort.name).filter(|name| entry.attribute(name).is_none()));
    let others = entry.sorts.iter().map(|sort| sort.name).filter(|name| !words.contains(name)).collect::<Vec<_>>();
    words.extend(others);
    words
}

/// The keys of `filter` that compare a value, and its kind.
pub(super) fn compared(entry: &Entry) -> Vec<(&'static str, Kind, String)> {
    let shown = entry.attributes.iter().filter(|attribute| attribute.readable).map(|attribute| &attribute.field);
    let fields = entry.filters.iter().chain(shown).filter(|field| field.expr.is_some());
    let linked = entry.to_one.iter().filter(|one| one.expr.is_some());
    let mut all = vec![("id", Kind::Uuid, "The id.".to_owned())];
    for field in fields {
        if all.iter().all(|(name, ..)| *name != field.name) {
            all.push((field.name, field.kind, about(field)));
        }
    }
    all.extend(linked.map(|one| (one.name, Kind::Uuid, format!("The id. {}", one.about))));
    all
}

fn about(field: &Field) -> String {
    let hidden = if field.hidden_from_some { " It is null where it is somebody else's." } else { "" };
    format!("{}{hidden}", field.note.about)
}

fn filters(entry: &Entry) -> impl Iterator<Item = (&'static str, Value)> {
    let compared = compared(entry).into_iter().map(|(name, kind, about)| {
        let about = format!("{about} `VALUE` or `OPERATOR:VALUE`; see the introduction.");
        (name, query(&format!("filter[{name}]"), &about, value(kind), &example(kind)))
    });
    let searches = entry.searches.iter().filter(|search| !search.parameter);
    let searches = searches.map(|search| {
        let schema = json!({"type": "string"});
        (search.name, query(&format!("filter[{}]", search.name), search.about, schema, &Value::Null))
    });
    compared.chain(searches)
}

/// What a filter compares with: a value, or an operator and what it takes.
fn value(kind: Kind) -> Value {
    let plain = match kind {
        Kind::Uuid => json!({"type": "string", "format": "uuid"}),
        Kind::Instant => json!({"type": "string", "format": "date-time"}),
        Kind::Bool => json!({"enum": ["true", "false", "1", "0"]}),
        Kind::Integer => json!({"type": "string", "pattern": "^[+-]?[0-9]+$"}),
        Kind::OneOf(words) => json!({"enum": words}),
        Kind::Text | Kind::Email | Kind::Uri | Kind::Object => return json!({"type": "string"}),
    };
    json!({"type": "string", "anyOf": [plain, {"pattern": OPERATION}]})
}

fn example(kind: Kind) -> Value {
    match kind {
        Kind::Uuid => json!(examples::ID),
        Kind::Instant => json!("gte:2026-01-01T00:00:00Z"),
        Kind::Bool => json!("true"),
        Kind::Integer => json!("gt:0"),
        Kind::OneOf(words) => json!(words.first()),
        Kind::Text | Kind::Email | Kind::Uri | Kind::Object => json!("ct:a"),
    }
}

fn of_search(search: &Search) -> Value {
    query(search.name, search.about, json!({"type": "string"}), &Value::Null)
}

fn id() -> Value {
    let schema = json!({"type": "string", "format": "uuid"});
    json!({"name": "id", "in": "path", "required": true, "description": "The id.", "schema": schema})
}

fn headers() -> impl Iterator<Item = (String, Value)> {
    let tags = json!({"type": "string"});
    let date = json!({"type": "string", "examples": ["Fri, 03 Jan 2025 03:04:05 GMT"]});
    let key = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"});
    let of = |component: &str, name: &str, about: &str, schema: &Value| {
        let parameter = json!({"name": name, "in": "header", "description": about, "schema": schema});
        (component.to_owned(), parameter)
    };
    [
        of("IfMatch", "If-Match", "Only if it is one of these versions: else 412.", &tags),
        of("IfNoneMatch", "If-None-Match", "Only if it is none of these: else 304, or 412 for a write.", &tags),
        of("IfModifiedSince", "If-Modified-Since", "Only if it changed later: else 304. A tag counts more.", &date),
        of(
            "IfUnmodifiedSince",
            "If-Unmodified-Since",
            "Only if it didn't change later: else 412. A tag counts more.",
            &date,
        ),
        of(
            "IdempotencyKey",
            "Idempotency-Key",
            "The same request with the same key has the same answer, for a day.",
            &key,
        ),
    ]
    .into_iter()
}

fn query(name: &str, about: &str, schema: Value, example: &Value) -> Value {
    let mut parameter = json!({"name": name, "in": "query", "description": about, "schema": schema});
    if !example.is_null() {
        parameter["example"] = example.clone();
    }
    parameter
}

/// A comma-separated list.
fn list(name: &str, about: &str, items: &Value) -> Value {
    let mut parameter = query(name, about, json!({"type": "array", "items": items}), &Value::Null);
    parameter["style"] = json!("form");
    parameter["explode"] = json!(false);
    parameter
}

fn fields(entry: &Entry) -> Value {
    let shown = entry.attributes.iter().filter(|attribute| attribute.readable).map(|attribute| attribute.field.name);
    let words: Vec<&str> = shown.chain(entry.relationship_names()).collect();
    let about = format!("Only these fields of each `{}`.", entry.kind);
    list(&format!("fields[{}]", entry.kind), &about, &json!({"type": "string", "enum": or_none(&words)}))
}

fn include(kind: &str, paths: &[String]) -> Value {
    let about = format!("Relationships of `{kind}` to follow, up to {DEPTH} steps deep.");
    let longer = format!("^[a-z_]+(\\.[a-z_]+){{{WRITTEN_OUT},{}}}$", DEPTH - 1);
    list("include", &about, &json!({"type": "string", "anyOf": [{"enum": or_none(paths)}, {"pattern": longer}]}))
}

/// An empty list is written as one empty word.
fn or_none<T: AsRef<str>>(words: &[T]) -> Vec<&str> {
    words.iter().map(AsRef::as_ref).chain([""]).collect()
}

/// The paths that can be included, as far as they are written out.
fn paths(registry: &Registry, entry: &Entry) -> Vec<String> {
    let mut all = Vec::new();
    follow(registry, entry, "", WRITTEN_OUT, &mut all);
    all
}

fn follow(registry: &Registry, entry: &Entry, before: &str, steps: usize, all: &mut Vec<String>) {
    for name in entry.includable_names() {
        let path = format!("{before}{name}");
        all.push(path.clone());
        let target = entry.relationship(name).and_then(|found| registry.find(entry.relationship_target(found)));
        if let Some(target) = target.filter(|_| steps > 1) {
            follow(registry, target, &format!("{path}."), steps - 1, all);
        }
    }
}

fn sort(entry: &Entry, words: &[&str]) -> Value {
    let words: Vec<String> = words.iter().flat_map(|word| [(*word).to_owned(), format!("-{word}")]).collect();
    let by_default = match entry.default_sort {
        "" => "by creation".to_owned(),
        sort => format!("`{sort}`"),
    };
    let about = format!("The order, `-` for descending; {by_default} unless asked otherwise.");
    let mut parameter = list("sort", &about, &json!({"type": "string", "enum": words}));
    parameter["schema"]["minItems"] = json!(1);
    parameter["schema"]["maxItems"] = json!(MOST_KEYS);
    parameter
}

/// Component, key, schema and what it is.
fn pages() -> impl Iterator<Item = (&'static str, &'static str, Value, &'static str)> {
    let count = |least: i64| json!({"type": "integer", "minimum": least});
    let size = json!({"type": "integer", "minimum": 1, "maximum": page::MAX_SIZE, "default": page::DEFAULT_SIZE});
    let cursor = json!({"type": "string"});
    [
        ("PageNumber", "number", count(1), "Style by number: which page."),
        ("PageSize", "size", size.clone(), "Styles by number and by cursor: how many."),
        ("PageOffset", "offset", count(0), "Style by offset: how many to skip."),
        ("PageLimit", "limit", size, "Style by offset: how many."),
        ("PageAfter", "after", cursor.clone(), "Style by cursor: what lies behind this item."),
        ("PageBefore", "before", cursor, "Style by cursor: what lies before this item."),
        (
            "PageTotal",
            "total",
            json!({"enum": ["true", "false", "1", "0"]}),
            "Whether to count all; by number and offset it is done anyway.",
        ),
    ]
    .into_iter()
}
