//! Expected documents: partial ones, with matchers where a value can't be known.
//!
//! An object may have more members than expected, an array has just these items. `"{uuid}"`, `"{instant}"`,
//! `"{url}"`, `"{string}"`, `"{integer}"`, `"{any}"` and `"{absent}"` stand for such values; objects with one
//! `$` member are said in `spec/README.md`.

use serde_json::{Map, Value};

/// Where and how `actual` differs from what is expected; nothing when it doesn't.
pub(crate) fn differences(expected: &Value, actual: Option<&Value>, at: &str) -> Vec<String> {
    if let Some(matcher) = operator(expected) {
        return matcher_differences(matcher, actual, at);
    }
    match (expected, actual) {
        (Value::String(name), _) if name.starts_with('{') && name.ends_with('}') => placeholder(name, actual, at),
        (Value::Object(expected), Some(Value::Object(actual))) => members(expected, actual, at),
        (Value::Array(expected), Some(Value::Array(actual))) => items(expected, actual, at),
        (expected, Some(actual)) if expected == actual => Vec::new(),
        _ => differs(expected, actual, at),
    }
}

fn differs(expected: &Value, actual: Option<&Value>, at: &str) -> Vec<String> {
    let actual = actual.map_or_else(|| "nothing".to_owned(), |actual| format!("{actual:#}"));
    vec![format!("{at}: expected {expected:#}, got {actual}")]
}

fn members(expected: &Map<String, Value>, actual: &Map<String, Value>, at: &str) -> Vec<String> {
    expected
        .iter()
        .flat_map(|(name, expected)| differences(expected, actual.get(name), &format!("{at}/{name}")))
        .collect()
}

fn items(expected: &[Value], actual: &[Value], at: &str) -> Vec<String> {
    if expected.len() != actual.len() {
        return vec![format!(
            "{at}: expected {} items, got {}: {:#}",
            expected.len(),
            actual.len(),
            Value::from(actual)
        )];
    }
    let pairs = expected.iter().zip(actual).enumerate();
    pairs.flat_map(|(i, (expected, actual))| differences(expected, Some(actual), &format!("{at}/{i}"))).collect()
}

fn placeholder(name: &str, actual: Option<&Value>, at: &str) -> Vec<String> {
    let text = actual.and_then(Value::as_str);
    let fits = match name {
        "{any}" => actual.is_some(),
        "{absent}" => actual.is_none(),
        "{uuid}" => text.is_some_and(is_uuid),
        "{instant}" => text.is_some_and(is_instant),
        "{url}" => text.is_some_and(|text| url::Url::parse(text).is_ok()),
        "{string}" => text.is_some_and(|text| !text.is_empty()),
        "{integer}" => actual.is_some_and(Value::is_i64),
        _ => return vec![format!("{at}: `{name}` is no matcher")],
    };
    if fits { Vec::new() } else { differs(&name.into(), actual, at) }
}

fn operator(expected: &Value) -> Option<(&str, &Value)> {
    let (name, value) = expected.as_object().filter(|members| members.len() == 1)?.iter().next()?;
    name.starts_with('$').then_some((name.as_str(), value))
}

fn matcher_differences((name, expected): (&str, &Value), actual: Option<&Value>, at: &str) -> Vec<String> {
    let fits = match (name, expected, actual) {
        ("$not", unwanted, actual) => !differences(unwanted, actual, at).is_empty(),
        ("$exactly", expected, Some(actual)) => expected == actual,
        ("$members", Value::Array(names), Some(Value::Object(actual))) => same_names(names, actual),
        ("$unordered", Value::Array(wanted), Some(Value::Array(actual))) => {
            wanted.len() == actual.len() && all_found(wanted, actual)
        }
        ("$contains", Value::Array(wanted), Some(Value::Array(actual))) => all_found(wanted, actual),
        ("$each", wanted, Some(Value::Array(actual))) => {
            return actual
                .iter()
                .enumerate()
                .flat_map(|(i, item)| differences(wanted, Some(item), &format!("{at}/{i}")))
                .collect();
        }
        ("$length", length, Some(Value::Array(actual))) => *length == actual.len(),
        ("$text", Value::String(part), Some(Value::String(actual))) => actual.contains(part.as_str()),
        ("$words", Value::String(wanted), Some(Value::String(actual))) => words_match(wanted, actual),
        ("$after", Value::String(earlier), Some(Value::String(actual))) => actual > earlier,
        _ => false,
    };
    if fits { Vec::new() } else { differs(&serde_json::json!({ name: expected }), actual, at) }
}

/// `*` is any word, and at the end any number of them.
fn words_match(wanted: &str, actual: &str) -> bool {
    let (wanted, open) = match wanted.strip_suffix(" *") {
        Some(wanted) => (wanted, true),
        None => (wanted, false),
    };
    let (wanted, actual): (Vec<_>, Vec<_>) = (wanted.split(' ').collect(), actual.split(' ').collect());
    let enough = if open { actual.len() >= wanted.len() } else { actual.len() == wanted.len() };
    enough && wanted.iter().zip(&actual).all(|(wanted, actual)| *wanted == "*" || wanted == actual)
}

/// Every wanted item has an actual one of its own.
fn all_found(wanted: &[Value], actual: &[Value]) -> bool {
    let mut left: Vec<&Value> = actual.iter().collect();
    wanted.iter().all(|wanted| {
        let found = left.iter().position(|item| differences(wanted, Some(item), "").is_empty());
        found.map(|i| left.remove(i)).is_some()
    })
}

fn same_names(names: &[Value], actual: &Map<String, Value>) -> bool {
    names.len() == actual.len() && names.iter().all(|name| name.as_str().is_some_and(|name| actual.contains_key(name)))
}

pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok_and(|uuid| uuid.to_string() == text)
}

/// `2025-01-02T03:04:05.678Z` and nothing else.
pub(crate) fn is_instant(text: &str) -> bool {
    let shape = "dddd-dd-ddTdd:dd:dd.dddZ";
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            literal => byte == literal,
        })
}
