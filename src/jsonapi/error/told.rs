//! Error objects as they are told: in a language, with links to pages.
//!
//! Spec: <https://jsonapi.org/format/1.1/#error-objects> (ERR-01 to ERR-18)

use super::{super::language::Language, ErrorObject, MESSAGE, Source};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

/// How errors are told: in which language, and with links to which pages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Telling<'a> {
    /// The language of titles and details.
    pub language: Language,
    /// The URL below which every code has a page; no page is linked without it.
    pub pages: Option<&'a str>,
}

/// An error object as it is told.
pub(super) struct Told<'a>(pub(super) &'a ErrorObject, pub(super) Telling<'a>);

/// The links of an error object. Clients that know JSON:API 1.0 only (jsonapi-pydantic) demand `about` of them.
#[derive(serde::Serialize)]
struct Links<'a> {
    /// The page on the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'a str>,
    /// The URI of the kind of error: the profile's, or the page.
    r#type: &'a str,
}

impl Told<'_> {
    fn page(&self) -> Option<String> {
        let Told(error, telling) = self;
        Some(format!("{}/{}", telling.pages?, error.code.as_str()))
    }

    fn meta(&self, detail: &str) -> Map<String, Value> {
        let mut meta = self.0.meta.clone();
        if let Some(message) = meta.get_mut(MESSAGE) {
            *message = detail.into();
        }
        meta
    }
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Told(error, Telling { language, .. }) = self;
        let detail = language.say(&error.detail);
        let mut members = serializer.serialize_map(None)?;
        let page = self.page();
        let about = page.as_deref();
        if let Some(r#type) = error.kind.as_deref().or(about) {
            members.serialize_entry("links", &Links { about, r#type })?;
        }
        members.serialize_entry("status", &error.code.status().to_string())?;
        members.serialize_entry("code", error.code.as_str())?;
        members.serialize_entry("title", &error.code.title_in(*language))?;
        members.serialize_entry("detail", &detail)?;
        if let Some(source) = &error.source {
            members.serialize_entry("source", source)?;
        }
        if !error.meta.is_empty() {
            members.serialize_entry("meta", &self.meta(&detail))?;
        }
        members.end()
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Source::Pointer(pointer) => Single("pointer", pointer),
            Source::Parameter(name) => Single("parameter", name),
            Source::Header(name) => Single("header", name),
        }
        .serialize(serializer)
    }
}

/// An object of one member.
struct Single<'a>(&'static str, &'a str);

impl Serialize for Single<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, self.1)])
    }
}
