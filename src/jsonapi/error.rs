//! Error objects: `{"errors":[{"status":"400","code":"sort_unknown","title":…,"detail":…,"source":…}]}`.
//!
//! The code decides `status` and `title`, so that only `detail` and `source` tell occurrences apart.
//! Spec: <https://jsonapi.org/format/1.1/#error-objects> (ERR-01 to ERR-18)

#[cfg(test)]
mod tests;
mod told;

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

pub use self::told::Telling;
use self::told::Told;
pub use super::code::Code;
use super::{atomic::OPERATIONS, media_type::ATOMIC};

/// The members of `meta` that name a field and say what is wrong with it: spraypaint reads errors from them.
const ATTRIBUTE: &str = "attribute";
const MESSAGE: &str = "message";

/// The headers that are blamed.
const HEADERS: [&str; 9] = [
    "Accept",
    "Authorization",
    "Content-Encoding",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "If-Unmodified-Since",
    "Range",
];

/// The part of the request that is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A JSON Pointer to a value that exists in the request document; `""` is the whole document.
    Pointer(String),
    /// The name of a query parameter, decoded, brackets included.
    Parameter(String),
    /// The name of a request header.
    Header(&'static str),
}

/// One problem.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorObject {
    /// The kind of problem; decides `status`, `code` and `title`.
    pub code: Code,
    /// What happened this time, as a sentence.
    pub detail: String,
    /// The part of the request to blame, if there is one.
    pub source: Option<Source>,
    /// Facts for programs; left out when empty.
    pub meta: Map<String, Value>,
    /// The URI shown as `links.type`, where a profile gives the kind of error one.
    pub kind: Option<Cow<'static, str>>,
}

impl ErrorObject {
    /// An error object with neither source nor meta.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        ErrorObject { code, detail: detail.into(), source: None, meta: Map::new(), kind: None }
    }

    /// Blames an attribute that the request document has: `/data/attributes/<name>`.
    pub fn attribute(code: Code, name: &str, detail: impl Into<String>) -> Self {
        Self::field(code, name, detail).pointer(format!("/data/attributes/{}", token(name)))
    }

    /// Blames a relationship that the request document has: `/data/relationships/<name>`.
    pub fn relationship(code: Code, name: &str, detail: impl Into<String>) -> Self {
        Self::field(code, name, detail).pointer(format!("/data/relationships/{}", token(name)))
    }

    /// A required attribute that isn't there; its nearest existing parent is taken to be `/data/attributes`.
    ///
    /// [`ResourceObject::missing_attribute`](super::document::ResourceObject::missing_attribute) knows the true parent.
    pub fn missing(name: &str, detail: impl Into<String>) -> Self {
        Self::field(Code::FieldRequired, name, detail).pointer("/data/attributes")
    }

    /// An error object about a field, without a source.
    pub fn field(code: Code, name: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::new(code, detail.clone()).meta(ATTRIBUTE, name).meta(MESSAGE, detail)
    }

    /// Sets the source to a JSON Pointer, which has to lead to a value of the request document.
    ///
    /// One that leads to a field, or into it, names that in `meta`, as [`ErrorObject::field`] does.
    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        let pointer = pointer.into();
        if let Some(name) = field_at(&pointer).filter(|_| !self.meta.contains_key(ATTRIBUTE)) {
            let detail = self.detail.clone();
            self = self.meta(ATTRIBUTE, name).meta(MESSAGE, detail);
        }
        self.source = Some(Source::Pointer(pointer));
        self
    }

    /// Sets the source to a query parameter, by its decoded name.
    pub fn parameter(mut self, name: impl Into<String>) -> Self {
        self.source = Some(Source::Parameter(name.into()));
        self
    }

    /// Sets the source to a request header.
    pub fn header(mut self, name: &'static str) -> Self {
        self.source = Some(Source::Header(name));
        self
    }

    /// Adds a member to `meta`.
    pub fn meta(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.meta.insert(key.to_owned(), value.into());
        self
    }

    /// An error object as it was told in English, without a page.
    fn read(told: &Value) -> Option<Self> {
        let mut error = Self::new(Code::of(told["code"].as_str()?)?, told["detail"].as_str()?);
        error.meta = told["meta"].as_object().cloned().unwrap_or_default();
        error.kind = told["links"]["type"].as_str().map(|uri| Cow::Owned(uri.to_owned()));
        let blamed = told["source"].as_object().and_then(|source| source.iter().next());
        error.source = blamed.and_then(|(member, value)| {
            let value = value.as_str()?;
            match member.as_str() {
                "pointer" => Some(Source::Pointer(value.to_owned())),
                "parameter" => Some(Source::Parameter(value.to_owned())),
                _ => HEADERS.into_iter().find(|name| *name == value).map(Source::Header),
            }
        });
        Some(error)
    }

    /// Sets `links.type`.
    pub fn kind(mut self, uri: &'static str) -> Self {
        self.kind = Some(Cow::Borrowed(uri));
        self
    }
}

/// A member name as a reference token of a JSON Pointer (RFC 6901): `a/b~c` becomes `a~1b~0c`.
pub fn token(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) { Cow::Owned(name.replace('~', "~0").replace('/', "~1")) } else { Cow::Borrowed(name) }
}

/// The field that a JSON Pointer leads to or into, in a document of one resource or of operations.
fn field_at(pointer: &str) -> Option<String> {
    let document = match pointer.strip_prefix('/')?.strip_prefix(OPERATIONS) {
        Some(operation) => &operation[1 + operation.get(1..)?.find('/')?..],
        None => pointer,
    };
    let fields = ["/data/attributes/", "/data/relationships/"];
    let field = fields.into_iter().find_map(|fields| document.strip_prefix(fields))?;
    let name = field.split('/').next()?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}

/// All problems of one request; never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors(Vec<ErrorObject>);

impl Errors {
    /// More error objects than these are left out of a response: the rest would only answer a small body with a huge one.
    pub const SHOWN: usize = 100;

    /// `Ok` when there are no problems.
    ///
    /// # Errors
    /// The problems themselves.
    pub fn collect(problems: Vec<ErrorObject>) -> Result<(), Errors> {
        if problems.is_empty() { Ok(()) } else { Err(Errors(problems)) }
    }

    /// The status of the response: the common one, or of different ones 400, and 500 when one of them is the server's.
    pub fn status(&self) -> u16 {
        let first = self.0[0].code.status();
        if self.0.iter().all(|error| error.code.status() == first) {
            first
        } else if self.0.iter().all(|error| error.code.status() < 500) {
            400
        } else {
            500
        }
    }

    /// The whole document, in English and without links to pages.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.told(Telling::default())
    }

    /// The whole document. The same problems always give the same bytes.
    pub fn told(&self, telling: Telling<'_>) -> Vec<u8> {
        #[derive(serde::Serialize)]
        struct Document<'a> {
            jsonapi: Version,
            errors: Vec<Told<'a>>,
        }

        #[derive(serde::Serialize)]
        struct Version {
            version: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            ext: Option<[&'static str; 1]>,
        }

        let errors = self.shown().into_iter().map(|error| Told(error, telling)).collect();
        let ext = self.point_into_operations().then_some([ATOMIC]);
        let document = Document { jsonapi: Version { version: "1.1", ext }, errors };
        serde_json::to_vec(&document).expect("every key is a string and no part fails to serialize")
    }

    /// The first of them. What several checks find, or is wrong twice at the same place, is told once.
    fn shown(&self) -> Vec<&ErrorObject> {
        let mut shown = Vec::new();
        for error in &self.0 {
            if shown.len() < Errors::SHOWN && !shown.contains(&error) {
                shown.push(error);
            }
        }
        shown
    }

    /// What [`Errors::to_bytes`] wrote, so that it can be told anew.
    pub fn read(document: &[u8]) -> Option<Self> {
        let document: Value = serde_json::from_slice(document).ok()?;
        let errors: Vec<_> = document["errors"].as_array()?.iter().map(ErrorObject::read).collect::<Option<_>>()?;
        (!errors.is_empty()).then_some(Errors(errors))
    }

    /// Whether they speak of operations, so that the atomic operations extension is applied to the document.
    pub fn point_into_operations(&self) -> bool {
        let speaks = |error: &ErrorObject| match &error.source {
            Some(Source::Pointer(pointer)) => pointer.strip_prefix('/').is_some_and(|at| at.starts_with(OPERATIONS)),
            _ => false,
        };
        self.0.iter().any(speaks)
    }

    /// Whether any of them points to a value of the request's document, or into it.
    pub fn point_into(&self, at: &str) -> bool {
        let is_there = |error: &ErrorObject| match &error.source {
            Some(Source::Pointer(pointer)) => {
                pointer.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            _ => false,
        };
        self.0.iter().any(is_there)
    }

    /// The problems in order.
    pub fn iter(&self) -> std::slice::Iter<'_, ErrorObject> {
        self.0.iter()
    }
}

impl From<ErrorObject> for Errors {
    fn from(error: ErrorObject) -> Self {
        Errors(vec![error])
    }
}

impl Extend<ErrorObject> for Errors {
    fn extend<I: IntoIterator<Item = ErrorObject>>(&mut self, errors: I) {
        self.0.extend(errors);
    }
}

impl IntoIterator for Errors {
    type Item = ErrorObject;
    type IntoIter = std::vec::IntoIter<ErrorObject>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Errors {
    type Item = &'a ErrorObject;
    type IntoIter = std::slice::Iter<'a, ErrorObject>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{} {}: {}", error.code.status(), error.code.as_str(), error.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}
