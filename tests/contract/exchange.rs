//! One request and its answer, as the rules see them.

use super::support::answer::Answer;
use super::vocabulary::Place;
use serde_json::Value;

pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: url::Url,
    pub(crate) place: Place,
    /// The document that was sent, when it was one.
    pub(crate) sent: Option<Value>,
    pub(crate) has_body: bool,
    pub(crate) answer: &'a Answer,
    /// The answer's document; none beside an empty body.
    pub(crate) document: Option<&'a Value>,
    pub(crate) origin: &'a str,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(
        method: &'a str,
        url: &str,
        body: Option<&[u8]>,
        answer: &'a Answer,
        origin: &'a str,
    ) -> Exchange<'a> {
        let url = url::Url::parse(url).unwrap_or_else(|e| panic!("{url}: {e}"));
        Exchange {
            method,
            place: Place::of(&url),
            url,
            sent: body.and_then(|body| serde_json::from_slice(body).ok()),
            has_body: body.is_some_and(|body| !body.is_empty()),
            answer,
            document: answer.is_document().then(|| answer.document()),
            origin,
        }
    }

    /// Names and values of the query, decoded.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (String, String)> {
        self.url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned()))
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Whether fields may be missing because the client asked for it.
    pub(crate) fn is_sparse(&self) -> bool {
        self.parameters().any(|(name, _)| name.starts_with("fields["))
    }

    pub(crate) fn is_error(&self) -> bool {
        self.answer.status >= 400
    }

    pub(crate) fn is_api(&self) -> bool {
        self.url.path().starts_with("/api/")
    }

    /// The profiles named in Content-Type.
    pub(crate) fn profiles(&self) -> Vec<String> {
        self.named("profile")
    }

    /// The extensions named in Content-Type.
    pub(crate) fn extensions(&self) -> Vec<String> {
        self.named("ext")
    }

    fn named(&self, parameter: &str) -> Vec<String> {
        let content_type = self.answer.header("content-type").unwrap_or_default();
        let value = content_type.split_once(&format!("; {parameter}=\"")).and_then(|(_, rest)| rest.strip_suffix('"'));
        value.map(|value| value.split(' ').map(str::to_owned).collect()).unwrap_or_default()
    }

    /// Whether operations were posted, whatever came of them.
    pub(crate) fn is_atomic(&self) -> bool {
        self.url.path().trim_end_matches('/').ends_with("/api/v1/operations")
    }

    /// Primary data as resource objects; identifiers of a relationship URL are none. Results may repeat one.
    pub(crate) fn primary(&self) -> Vec<&'a Value> {
        if let Some(results) = self.document.and_then(|document| document.get("atomic:results")?.as_array()) {
            return results.iter().flat_map(|result| objects(result.get("data"))).collect();
        }
        let is_linkage = matches!(self.place, Place::Relationship { .. });
        let data = self.document.filter(|_| !is_linkage).and_then(|document| document.get("data"));
        objects(data)
    }

    pub(crate) fn included(&self) -> Vec<&'a Value> {
        objects(self.document.and_then(|document| document.get("included")))
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = &'a Value> {
        self.primary().into_iter().chain(self.included())
    }

    pub(crate) fn errors(&self) -> Vec<&'a Value> {
        objects(self.document.and_then(|document| document.get("errors")))
    }
}

/// The objects in `data`, be it one, several or null.
pub(crate) fn objects(data: Option<&Value>) -> Vec<&Value> {
    match data {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(object @ Value::Object(_)) => vec![object],
        _ => Vec::new(),
    }
}
