//! Attribute values: whether one is of its kind, before anybody interprets it.
//!
//! A `detail` is a sentence about the value (`"Must be a string, not a number."`), for a `field_invalid` that names the field.
//! No string may have U+0000 in it, at any depth: PostgreSQL can't store it.
//! Spec: <https://jsonapi.org/format/1.1/#document-resource-object-attributes>, RFC 3339, RFC 3986, RFC 9562

use chrono::DateTime;
use serde_json::Value;
use url::Url;
use uuid::Uuid;
use validator::ValidateEmail;

/// Longer URIs are refused; counted in characters.
pub const LONGEST_URI: usize = 2_048;

/// What a value has to be. Lengths of text are the resource's own matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any string.
    Text,
    /// A string with the form of an e-mail address.
    Email,
    /// An absolute http or https URI without user info, at most [`LONGEST_URI`] characters long.
    Uri,
    /// A UUID with its hyphens, in any case.
    Uuid,
    /// An RFC 3339 date and time with an offset.
    Instant,
    /// `true` or `false`.
    Bool,
    /// A whole number from -2^63 to 2^63-1, written without fraction or exponent.
    Integer,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// An object, whatever its members are.
    Object,
}

/// Checks one value against its kind; `null` is fine exactly when `nullable`.
///
/// # Errors
/// A `detail` that says what the value must be.
pub fn check(kind: Kind, nullable: bool, value: &Value) -> Result<(), String> {
    if value.is_null() {
        return if nullable {
            Ok(())
        } else {
            Err("Must not be null.".to_owned())
        };
    }
    if has_nul(value) {
        return Err("Must not have the character U+0000 in it.".to_owned());
    }
    match kind {
        Kind::Bool => expect(value.is_boolean(), || wrong_type("a boolean", value)),
        Kind::Integer => expect(value.is_i64(), || {
            wrong_type("an integer of 64 bits", value)
        }),
        Kind::Object => expect(value.is_object(), || wrong_type("an object", value)),
        _ => match value.as_str() {
            Some(text) => check_text(kind, text),
            None => Err(wrong_type("a string", value)),
        },
    }
}

/// Whether a string or a member name has U+0000 in it, at any depth.
pub fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// Whether `text` is a UUID with its hyphens, in any case.
pub fn is_uuid(text: &str) -> bool {
    const HYPHENATED: usize = 36;
    text.len() == HYPHENATED && Uuid::try_parse(text).is_ok()
}

fn expect(holds: bool, detail: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(detail()) }
}

fn check_text(kind: Kind, text: &str) -> Result<(), String> {
    match kind {
        Kind::Email => expect(text.validate_email(), || {
            "Must be an e-mail address.".to_owned()
        }),
        Kind::Uri => check_uri(text),
        Kind::Uuid => expect(is_uuid(text), || "Must be a UUID.".to_owned()),
        Kind::Instant => expect(DateTime::parse_from_rfc3339(text).is_ok(), || {
            "Must be an RFC 3339 date and time with an offset, such as `2025-01-02T03:04:05.678Z`."
                .to_owned()
        }),
        Kind::OneOf(words) => expect(words.contains(&text), || {
            format!("Must be {}.", any_of(words))
        }),
        Kind::Text | Kind::Bool | Kind::Integer | Kind::Object => Ok(()),
    }
}

fn check_uri(text: &str) -> Result<(), String> {
    if text.chars().count() > LONGEST_URI {
        return Err(format!("Must have at most {LONGEST_URI} characters."));
    }
    if !is_absolute_uri(text) {
        return Err("Must be an absolute http or https URI.".to_owned());
    }
    expect(!authority(text).contains('@'), || {
        "Must not have user info before the host.".to_owned()
    })
}

/// `Url` repairs what browsers repair (`http:/a`, spaces, backslashes), so these are refused before it sees them.
fn is_absolute_uri(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let has_scheme = lower.starts_with("http://") || lower.starts_with("https://");
    let strange = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\\' | '"' | '<' | '>' | '^' | '`' | '{' | '|' | '}')
    };
    has_scheme && !text.contains(strange) && !authority(text).is_empty() && Url::parse(text).is_ok()
}

fn authority(text: &str) -> &str {
    let behind = text.split_once("//").map_or("", |(_, behind)| behind);
    behind.split(['/', '?', '#']).next().unwrap_or_default()
}

fn any_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "left out".to_owned(),
    }
}

fn wrong_type(wanted: &str, value: &Value) -> String {
    format!("Must be {wanted}, not {}.", a(value))
}

/// The JSON type of a value, with its article.
pub(super) fn a(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
