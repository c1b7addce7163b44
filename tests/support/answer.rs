//! Answers, and what a sentence expects of them.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// A response that was read to its end.
pub(crate) struct Answer {
    /// `GET http://…`, for messages.
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    document: Option<Value>,
}

/// Where an error is expected to say that the problem is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    Nowhere,
    Pointer(&'static str),
    Parameter(&'static str),
    Header(&'static str),
}

impl Answer {
    pub(crate) fn new(request: String, status: u16, headers: HeaderMap, body: Vec<u8>) -> Answer {
        let document = serde_json::from_slice(&body).ok();
        Answer { request, status, headers, body, document }
    }

    /// The header's value; several lines are joined as HTTP says.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let lines: Vec<_> =
            self.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    pub(crate) fn is_document(&self) -> bool {
        self.document.is_some()
    }

    #[track_caller]
    pub(crate) fn document(&self) -> &Value {
        self.document.as_ref().unwrap_or_else(|| panic!("no JSON in {self}"))
    }

    #[track_caller]
    pub(crate) fn data(&self) -> &Value {
        self.document().get("data").unwrap_or_else(|| panic!("no data in {self}"))
    }

    /// The id of the only resource.
    #[track_caller]
    pub(crate) fn id(&self) -> String {
        id_of(self.data())
    }

    /// The ids of primary data, in order.
    #[track_caller]
    pub(crate) fn ids(&self) -> Vec<String> {
        self.items().iter().map(id_of).collect()
    }

    #[track_caller]
    pub(crate) fn items(&self) -> &Vec<Value> {
        self.data().as_array().unwrap_or_else(|| panic!("no collection in {self}"))
    }

    /// Type and id of everything included.
    #[track_caller]
    pub(crate) fn included(&self) -> Vec<(String, String)> {
        let included = self.document()["included"].as_array();
        included.unwrap_or_else(|| panic!("nothing included in {self}")).iter().map(type_and_id).collect()
    }

    #[track_caller]
    pub(crate) fn attribute(&self, name: &str) -> &Value {
        self.data()["attributes"].get(name).unwrap_or_else(|| panic!("no attribute {name} in {self}"))
    }

    /// A top-level link; `None` when it is absent or null.
    pub(crate) fn link(&self, name: &str) -> Option<String> {
        let link = self.document.as_ref()?.get("links")?.get(name)?;
        link.as_str().or_else(|| link.get("href")?.as_str()).map(str::to_owned)
    }

    #[track_caller]
    pub(crate) fn assert_status(self, status: u16) -> Answer {
        assert!(self.status == status, "expected {status}: {self}");
        self
    }

    /// One error, and nothing beside it.
    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, code: &str, source: Source) {
        assert!(self.status == status, "expected {status}: {self}");
        let errors = self.document()["errors"].as_array().unwrap_or_else(|| panic!("no errors in {self}"));
        assert!(errors.len() == 1, "expected one error: {self}");
        assert_eq!(errors[0]["code"], code, "{self}");
        assert_eq!(errors[0].get("source"), source.json().as_ref(), "{self}");
    }
}

impl Source {
    fn json(&self) -> Option<Value> {
        let (kind, value) = match self {
            Source::Nowhere => return None,
            Source::Pointer(pointer) => ("pointer", pointer),
            Source::Parameter(name) => ("parameter", name),
            Source::Header(name) => ("header", name),
        };
        Some(serde_json::json!({ kind: value }))
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}\n", self.request, self.status)?;
        match &self.document {
            Some(document) => write!(f, "{document:#}"),
            None => write!(f, "{}", String::from_utf8_lossy(&self.body)),
        }
    }
}

pub(crate) fn type_and_id(object: &Value) -> (String, String) {
    (object["type"].as_str().unwrap_or_default().to_owned(), id_of(object))
}

fn id_of(object: &Value) -> String {
    object["id"].as_str().unwrap_or_default().to_owned()
}
