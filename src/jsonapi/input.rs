//! Attribute values: whether one is of its kind, before anybody interprets it.
//!
//! A `detail` is a sentence about the value (`"Must be a string, not a number."`), for a `field_invalid` that names the field.
//! No string may have U+0000 in it, at any depth: PostgreSQL can't store it.
//! Spec: <https://jsonapi.org/format/1.1/#document-resource-object-attributes>, RFC 3339, RFC 3986, RFC 9562

use super::suggest;
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
        return if nullable { Ok(()) } else { Err("Must not be null.".to_owned()) };
    }
    if has_nul(value) {
        return Err("Must not have the character U+0000 in it.".to_owned());
    }
    match kind {
        Kind::Bool => expect(value.is_boolean(), || wrong_type("a boolean", value)),
        Kind::Integer => expect(value.is_i64(), || wrong_type("an integer of 64 bits", value)),
        Kind::Object => expect(value.is_object(), || wrong_type("an object", value)),
        _ => match value.as_str() {
            Some(text) => check_text(kind, text),
            None => Err(wrong_type("a string", value)),
        },
    }
}

/// Whether a string or a member name has U+0000 in it, at any depth.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// Whether `text` is a UUID with its hyphens, in any case.
fn is_uuid(text: &str) -> bool {
    const HYPHENATED: usize = 36;
    text.len() == HYPHENATED && Uuid::try_parse(text).is_ok()
}

fn expect(holds: bool, detail: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(detail()) }
}

fn check_text(kind: Kind, text: &str) -> Result<(), String> {
    match kind {
        Kind::Email => expect(text.validate_email(), || "Must be an e-mail address.".to_owned()),
        Kind::Uri => check_uri(text),
        Kind::Uuid => expect(is_uuid(text), || "Must be a UUID.".to_owned()),
        Kind::Instant => expect(DateTime::parse_from_rfc3339(text).is_ok(), || {
            "Must be an RFC 3339 date and time with an offset, such as `2025-01-02T03:04:05.678Z`.".to_owned()
        }),
        Kind::OneOf(words) => expect(words.contains(&text), || {
            let hint = suggest::hint(text, words.iter().copied());
            format!("Must be {}.{hint}", any_of(words))
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
    expect(!authority(text).contains('@'), || "Must not have user info before the host.".to_owned())
}

/// `Url` repairs what browsers repair (`http:/a`, spaces, backslashes), so these are refused before it sees them.
fn is_absolute_uri(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let has_scheme = lower.starts_with("http://") || lower.starts_with("https://");
    let strange = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\\' | '"' | '<' | '>' | '^' | '`' | '{' | '|' | '}')
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check_good(kind: Kind, values: &[Value]) {
        for value in values {
            assert_eq!(check(kind, false, value), Ok(()), "{value}");
        }
    }

    #[track_caller]
    fn check_bad(kind: Kind, detail: &str, values: &[Value]) {
        for value in values {
            assert_eq!(check(kind, false, value), Err(detail.to_owned()), "{value}");
        }
    }

    #[test]
    fn null_is_fine_only_where_it_is_allowed() {
        for kind in [Kind::Text, Kind::Uri, Kind::Bool, Kind::Object, Kind::OneOf(&["a"])] {
            assert_eq!(check(kind, true, &json!(null)), Ok(()));
            assert_eq!(check(kind, false, &json!(null)), Err("Must not be null.".to_owned()));
        }
        assert!(check(Kind::Bool, true, &json!("x")).is_err());
    }

    #[test]
    fn the_json_type_is_named_when_it_is_wrong() {
        check_bad(Kind::Text, "Must be a string, not a number.", &[json!(1), json!(0.5)]);
        check_bad(Kind::Email, "Must be a string, not an array.", &[json!([])]);
        check_bad(Kind::Uuid, "Must be a string, not an object.", &[json!({})]);
        check_bad(Kind::OneOf(&["a"]), "Must be a string, not a boolean.", &[json!(true)]);
        check_bad(Kind::Bool, "Must be a boolean, not a string.", &[json!("true")]);
        check_bad(Kind::Bool, "Must be a boolean, not a number.", &[json!(1)]);
        check_bad(Kind::Object, "Must be an object, not an array.", &[json!([])]);
        check_bad(Kind::Integer, "Must be an integer of 64 bits, not a string.", &[json!("1")]);
    }

    #[test]
    fn plain_values_of_the_right_type_pass() {
        check_good(Kind::Text, &[json!(""), json!(" "), json!("a\u{1}\n🙂")]);
        check_good(Kind::Bool, &[json!(true), json!(false)]);
        check_good(Kind::Object, &[json!({}), json!({"until": null})]);
        check_good(Kind::Integer, &[json!(0), json!(-1), json!(i64::MAX), json!(i64::MIN)]);
    }

    #[test]
    fn an_integer_is_whole_and_has_64_bits() {
        let detail = "Must be an integer of 64 bits, not a number.";
        check_bad(Kind::Integer, detail, &[json!(1.5), json!(1.0), json!(u64::MAX), json!(1e300)]);
    }

    #[test]
    fn no_string_or_name_has_nul_at_any_depth() {
        let detail = "Must not have the character U+0000 in it.";
        for kind in [Kind::Text, Kind::Email, Kind::Uri, Kind::OneOf(&["a\0"])] {
            check_bad(kind, detail, &[json!("a\0")]);
        }
        check_bad(Kind::Object, detail, &[json!({"a": [{"b": "\0"}]}), json!({"a": {"b\0": 1}})]);
    }

    #[test]
    fn an_email_has_the_form_of_one() {
        check_good(Kind::Email, &[json!("a@example.com"), json!("A.b+c@sub.example.org"), json!("a@localhost")]);
        let bad = ["", "a", "@example.com", "a@", "a b@example.com", "a@b@example.com", "a@example.com\n"];
        check_bad(Kind::Email, "Must be an e-mail address.", &bad.map(Value::from));
    }

    #[test]
    fn a_uri_is_absolute_and_of_http() {
        let good = [
            "http://example.com",
            "HTTPS://Example.COM:8443/a%20b?c=d&e[]=@#f",
            "https://[::1]/",
            "https://127.0.0.1/a@b",
            "https://example.com/größe",
        ];
        check_good(Kind::Uri, &good.map(Value::from));
        let bad = [
            "",
            "/a",
            "a",
            "//example.com/a",
            "example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "data:,x",
            "http:example.com",
            "http:/example.com",
            "http:///example.com",
            "https://",
            "https://?",
            "http://:80/",
            " http://example.com",
            "http://example.com ",
            "http://exa mple.com",
            "http://example.com/\n",
            "http:\\\\example.com",
            "http://example.com\\a",
            "http://example.com/<b>",
            "http://example.com:99999/",
            "http://[::1/",
            "httpé://example.com",
        ];
        check_bad(Kind::Uri, "Must be an absolute http or https URI.", &bad.map(Value::from));
    }

    #[test]
    fn a_uri_has_no_user_info() {
        let bad = ["http://a@example.com", "https://a:b@example.com/", "https://@example.com", "https://:@example.com"];
        check_bad(Kind::Uri, "Must not have user info before the host.", &bad.map(Value::from));
    }

    #[test]
    fn a_uri_has_a_bounded_length_in_characters() {
        let uri = |length: usize| json!(format!("http://example.com/{}", "é".repeat(length - 19)));
        check_good(Kind::Uri, &[uri(LONGEST_URI)]);
        check_bad(Kind::Uri, "Must have at most 2048 characters.", &[uri(LONGEST_URI + 1)]);
    }

    #[test]
    fn a_uuid_has_its_hyphens_and_any_case() {
        let good = ["018f4e6a-0000-7000-8000-000000000000", "018F4E6A-ABCD-4000-8000-00000000000f"];
        check_good(Kind::Uuid, &good.map(Value::from));
        let bad = [
            "",
            "1",
            "018f4e6a00007000800000000000000",
            "018f4e6a000070008000000000000000",
            "{018f4e6a-0000-7000-8000-000000000000}",
            "urn:uuid:018f4e6a-0000-7000-8000-000000000000",
            "018f4e6a-0000-7000-8000-00000000000g",
            " 18f4e6a-0000-7000-8000-000000000000",
            "018f4e6a0-000-7000-8000-000000000000",
        ];
        check_bad(Kind::Uuid, "Must be a UUID.", &bad.map(Value::from));
    }

    #[test]
    fn an_instant_has_date_time_and_offset() {
        let good = [
            "2025-01-02T03:04:05Z",
            "2025-01-02T03:04:05.678Z",
            "2025-01-02T03:04:05.123456789+05:30",
            "2024-02-29T00:00:00-00:00",
            "2025-01-02t03:04:05z",
        ];
        check_good(Kind::Instant, &good.map(Value::from));
        let bad = [
            "",
            "2025-01-02",
            "2025-01-02T03:04:05",
            "2025-01-02T03:04Z",
            "2025-02-29T00:00:00Z",
            "2025-13-01T00:00:00Z",
            "2025-01-02T24:00:00Z",
            "1735787045",
            "2025-01-02T03:04:05+0530",
            "Thu, 02 Jan 2025 03:04:05 GMT",
            " 2025-01-02T03:04:05Z",
            "25-01-02T03:04:05Z",
            "+12025-01-02T03:04:05Z",
        ];
        let detail = "Must be an RFC 3339 date and time with an offset, such as `2025-01-02T03:04:05.678Z`.";
        check_bad(Kind::Instant, detail, &bad.map(Value::from));
    }

    #[test]
    fn a_word_is_one_of_the_list() {
        const WORDS: &[&str] = &["admin", "member", "reader"];
        check_good(Kind::OneOf(WORDS), &[json!("admin"), json!("reader")]);
        let detail = "Must be `admin`, `member` or `reader`.";
        check_bad(Kind::OneOf(WORDS), detail, &[json!("owner"), json!("")]);
        let detail = "Must be `admin`, `member` or `reader`. Did you mean `admin`?";
        check_bad(Kind::OneOf(WORDS), detail, &[json!("Admin"), json!("admn"), json!("admin ")]);
        check_bad(Kind::OneOf(&["a"]), "Must be `a`.", &[json!("other")]);
    }
}
