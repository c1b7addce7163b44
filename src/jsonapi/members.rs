//! Typed members of a request document, each problem with a pointer to a value that exists.
//!
//! No object of it has a member twice. The readers take what they read out of its object, add to [`Problems`] what is
//! wrong, and go on.
//! Spec: <https://jsonapi.org/format/1.1/#document-structure> (DOC-02, DOC-68, DOC-69, ERR-15)

use serde_json::{Map, Value};

use super::error::{Code, ErrorObject, Errors};
use super::input::a;
use super::tree::{self, Tree};

/// The problems found so far, each an `ErrorObject` with its pointer.
#[derive(Default)]
pub(super) struct Problems(Vec<ErrorObject>);

impl Problems {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        // More of them than are shown would only take memory.
        if self.0.len() < Errors::SHOWN {
            self.0.push(invalid(pointer, detail));
        }
    }

    /// `read` is `None` only after a problem was added.
    pub(super) fn settle<T>(self, read: Option<T>) -> Result<T, Errors> {
        Errors::collect(self.0)?;
        read.ok_or_else(|| invalid("", "The document can't be read.").into())
    }
}

pub(super) fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> ErrorObject {
    ErrorObject::new(Code::DocumentInvalid, detail).pointer(pointer)
}

pub(super) fn primary_data(body: &[u8]) -> Result<Value, Errors> {
    match document(body)?.remove("data") {
        Some(mut data) => {
            drop_at_members(&mut data);
            Ok(data)
        }
        None => Err(invalid("", "The document must have the member `data`.").into()),
    }
}

/// The members of the whole document.
pub(super) fn document(body: &[u8]) -> Result<Map<String, Value>, Errors> {
    let Tree { value, twice } = tree::read(body).map_err(|error| not_json(body, &error))?;
    let again = |(name, pointer)| invalid(pointer, format!("`{name}` is given twice."));
    Errors::collect(twice.into_iter().map(again).collect())?;
    match value {
        Value::Object(members) => Ok(members),
        other => Err(invalid("", format!("The document must be an object, not {}.", a(&other))).into()),
    }
}

fn not_json(body: &[u8], error: &serde_json::Error) -> Errors {
    let detail = if body.is_empty() {
        "The body is empty; it must be a JSON:API document.".to_owned()
    } else if body.starts_with("\u{FEFF}".as_bytes()) {
        "The body begins with a byte order mark, which JSON doesn't allow.".to_owned()
    } else {
        format!("The body is not JSON: {error}.")
    };
    ErrorObject::new(Code::JsonInvalid, detail).into()
}

pub(super) fn is_given(members: &Map<String, Value>, name: &str) -> bool {
    members.get(name).is_some_and(|value| !value.is_null())
}

pub(super) fn kind(members: &mut Map<String, Value>, at: &str, problems: &mut Problems) -> Option<String> {
    match members.remove("type") {
        Some(Value::String(kind)) => return Some(kind),
        Some(other) => problems.add(format!("{at}/type"), format!("`type` must be a string, not {}.", a(&other))),
        None => problems.add(at, "The member `type` is missing."),
    }
    None
}

pub(super) fn optional_string(
    members: &mut Map<String, Value>,
    name: &str,
    at: &str,
    problems: &mut Problems,
) -> Option<String> {
    match members.remove(name)? {
        Value::String(text) => return Some(text),
        Value::Null => {}
        other => problems.add(format!("{at}/{name}"), format!("`{name}` must be a string, not {}.", a(&other))),
    }
    None
}

/// The members `attributes` and `relationships` may be absent, but not null.
pub(super) fn optional_object(
    members: &mut Map<String, Value>,
    name: &str,
    at: &str,
    problems: &mut Problems,
) -> Option<Map<String, Value>> {
    object(members.remove(name)?, &format!("{at}/{name}"), problems)
}

pub(super) fn object(value: Value, at: &str, problems: &mut Problems) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        other => {
            problems.add(at, format!("An object is expected here, not {}.", a(&other)));
            None
        }
    }
}

/// @-members may stand in any object of a document and mean nothing here.
/// Spec: <https://jsonapi.org/format/1.1/#document-member-names-at-members> (DOC-68, DOC-69)
pub(super) fn drop_at_members(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !name.starts_with('@'));
            members.values_mut().for_each(drop_at_members);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_at_members),
        _ => {}
    }
}

/// What tests of refused documents share.
#[cfg(test)]
pub(super) mod checks {
    use super::{Code, ErrorObject, Errors, Value};
    use crate::jsonapi::error::Source;

    /// `expected` lists pointers in any order; each has to lead to a value of the body.
    #[track_caller]
    pub(in crate::jsonapi) fn check_refused(
        body: &Value,
        result: Result<impl std::fmt::Debug, Errors>,
        expected: &[&str],
    ) {
        let errors = result.expect_err(&body.to_string());
        assert_eq!(errors.status(), 400);
        let mut pointers = pointers(body, errors);
        pointers.sort();
        assert_eq!(pointers, expected, "{body}");
    }

    #[track_caller]
    pub(in crate::jsonapi) fn pointers(body: &Value, errors: Errors) -> Vec<String> {
        let pointer = |error: ErrorObject| {
            assert_eq!(error.code, Code::DocumentInvalid);
            let Some(Source::Pointer(pointer)) = error.source else {
                panic!("{body}: no pointer: {}", error.detail);
            };
            assert!(body.pointer(&pointer).is_some(), "{body} has no {pointer}");
            pointer
        };
        errors.into_iter().map(pointer).collect()
    }
}
