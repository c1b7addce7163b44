//! Values: what an attribute of a row holds, what a statement binds, what a cursor keeps.

use crate::{
    db::{Id, Time},
    jsonapi::{input::Kind, json},
};
use serde_json::Value as Json;

/// An attribute's value, borrowed from its row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// The viewer may not know whether there is a value: the member is left out.
    Hidden,
    /// `null`.
    Null,
    /// A text, a URI or a word.
    Text(&'a str),
    /// A text made for the occasion.
    Owned(String),
    /// A path below the API, shown as an absolute URL.
    Link(String),
    /// A UUID.
    Id(Id),
    /// An instant, shown with three decimals.
    Time(Time),
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// JSON text, copied as it is; must be valid JSON.
    Raw(&'a str),
    /// JSON text made for the occasion.
    RawOwned(String),
}

impl<'a> Value<'a> {
    /// `null` for `None`.
    pub fn text(text: Option<&'a String>) -> Self {
        text.map_or(Value::Null, |text| Value::Text(text))
    }

    /// `null` for `None`.
    pub fn id(id: Option<Id>) -> Self {
        id.map_or(Value::Null, Value::Id)
    }

    /// `null` for `None`.
    pub fn time(time: Option<Time>) -> Self {
        time.map_or(Value::Null, Value::Time)
    }

    /// Appends the value as JSON. [`Value::Hidden`] must have been left out before.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Value::Hidden | Value::Null => out.extend_from_slice(b"null"),
            Value::Text(text) => json::string(out, text),
            Value::Owned(text) | Value::Link(text) => json::string(out, text),
            Value::Id(id) => quoted(out, id.0.hyphenated().encode_lower(&mut [0; 36]).as_bytes()),
            Value::Time(time) => match time.text() {
                Some(text) => quoted(out, &text),
                None => json::plain(out, time),
            },
            Value::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
            Value::Int(number) => json::integer(out, *number),
            Value::Raw(text) => out.extend_from_slice(text.as_bytes()),
            Value::RawOwned(text) => out.extend_from_slice(text.as_bytes()),
        }
    }

    /// Whether `sent` means this value: instants to the millisecond, ids and URIs parsed.
    pub fn is(&self, kind: Kind, sent: &Json) -> bool {
        match (self, sent) {
            (Value::Hidden | Value::Null, sent) => sent.is_null(),
            (Value::Id(id), Json::String(text)) => text.parse() == Ok(*id),
            (Value::Time(time), Json::String(text)) => Time::parse(text) == Some(*time),
            (Value::Bool(flag), Json::Bool(sent)) => flag == sent,
            (Value::Int(number), sent) => sent.as_i64() == Some(*number),
            (Value::Text(text), Json::String(sent)) => same_text(kind, text, sent),
            (Value::Link(path), Json::String(sent)) => sent.ends_with(path.as_str()),
            (Value::Owned(text), Json::String(sent)) => same_text(kind, text, sent),
            (Value::Raw(text), sent) => same_json(text, sent),
            (Value::RawOwned(text), sent) => same_json(text, sent),
            _ => false,
        }
    }

    /// The value as a statement binds it; `None` is SQL's NULL.
    pub fn bind(&self) -> Option<Bind> {
        Some(match self {
            Value::Hidden | Value::Null => return None,
            Value::Text(text) => Bind::Text((*text).to_owned()),
            Value::Owned(text) | Value::Link(text) => Bind::Text(text.clone()),
            Value::Id(id) => Bind::Id(*id),
            Value::Time(time) => Bind::Time(*time),
            Value::Bool(flag) => Bind::Bool(*flag),
            Value::Int(number) => Bind::Int(*number),
            Value::Raw(text) => Bind::Text((*text).to_owned()),
            Value::RawOwned(text) => Bind::Text(text.clone()),
        })
    }
}

/// Text that needs no escape.
fn quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

fn same_text(kind: Kind, text: &str, sent: &str) -> bool {
    text == sent
        || (matches!(kind, Kind::Uri)
            && matches!((url::Url::parse(text), url::Url::parse(sent)), (Ok(a), Ok(b)) if a == b))
}

fn same_json(text: &str, sent: &Json) -> bool {
    serde_json::from_str::<Json>(text).is_ok_and(|value| same_json_value(&value, sent))
}

/// Equality in which instants compare as instants at any depth.
fn same_json_value(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::String(a), Json::String(b)) => {
            a == b || matches!((Time::parse(a), Time::parse(b)), (Some(a), Some(b)) if a == b)
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json_value(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same_json_value(a, b)))
        }
        (a, b) => a == b,
    }
}

/// A value bound to a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    /// `uuid`, or 16 bytes.
    Id(Id),
    /// `timestamptz`, or integer milliseconds.
    Time(Time),
    /// Text.
    Text(String),
    /// A boolean.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_what_was_sent_when_both_mean_the_same() {
        let time = Time::parse("2025-01-02T03:04:05.678Z").expect("an instant");
        assert!(Value::Time(time).is(Kind::Instant, &json!("2025-01-02T04:04:05.678+01:00")));
        assert!(!Value::Time(time).is(Kind::Instant, &json!("2025-01-02T03:04:05.679Z")));
        let id = Id::new();
        assert!(Value::Id(id).is(Kind::Uuid, &json!(id.to_string().to_uppercase())));
        assert!(Value::Text("https://example.com").is(Kind::Uri, &json!("HTTPS://example.com/")));
        assert!(!Value::Text("a").is(Kind::Text, &json!("A")));
        assert!(Value::Null.is(Kind::Text, &Json::Null));
        assert!(!Value::Null.is(Kind::Text, &json!("")));
        assert!(
            Value::Raw(r#"{"until":"2025-01-02T03:04:05.678Z"}"#)
                .is(Kind::Object, &json!({"until": "2025-01-02T03:04:05.678000Z"}))
        );
    }
}
