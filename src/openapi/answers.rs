//! Answers: statuses, their headers, and errors documents by status.
//!
//! A status is added to a verb in one of the lists below; its description comes from the catalogue of codes.

use super::names::schema;
use crate::jsonapi::{
    error::Code,
    media_type::{JSON_API, JSON_API_ATOMIC},
};
use serde_json::{Map, Value, json};

/// What any request can fail with.
const ALWAYS: &[u16] = &[400, 401, 403, 404, 406, 412, 413, 429, 500, 503];
/// What a write can fail with, too.
const WRITES: &[u16] = &[409, 422];
/// What a request with a document can fail with, too.
const DOCUMENTS: &[u16] = &[415];
/// What a request for bytes can fail with, too.
const RANGES: &[u16] = &[416];

/// What a request is, as far as its failures go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Read,
    /// A write that sends a document or bytes.
    Send,
    Delete,
    /// A read of bytes.
    Bytes,
}

impl Verb {
    fn failures(self) -> impl Iterator<Item = u16> {
        let more: [&[u16]; 2] = match self {
            Verb::Read => [&[], &[]],
            Verb::Send => [WRITES, DOCUMENTS],
            Verb::Delete => [WRITES, &[]],
            Verb::Bytes => [RANGES, &[]],
        };
        ALWAYS.iter().chain(more.into_iter().flatten()).copied()
    }
}

/// The answers of an operation: those that succeed, and every failure.
pub(super) fn all(verb: Verb, successes: impl IntoIterator<Item = (u16, Value)>) -> Value {
    let failures = verb.failures().map(|status| (status, json!({"$ref": format!("#/components/responses/{status}")})));
    successes.into_iter().chain(failures).map(|(status, answer)| (status.to_string(), answer)).collect()
}

/// A document.
pub(super) fn document(description: &str, name: &str) -> Value {
    with(description, json!({JSON_API: {"schema": schema(name)}}), &["ETag"])
}

/// What has been read already.
pub(super) fn unchanged() -> (u16, Value) {
    (304, nothing("It is the same as what the client has."))
}

/// A document of something new.
pub(super) fn created(description: &str, name: &str, header: Option<&str>) -> Value {
    let headers: Vec<&str> = ["ETag", "Location"].into_iter().chain(header).collect();
    with(description, json!({JSON_API: {"schema": schema(name)}}), &headers)
}

/// The results of atomic operations.
pub(super) fn results(description: &str) -> Value {
    with(description, json!({JSON_API_ATOMIC: {"schema": schema("AtomicResults")}}), &[])
}

/// Bytes of any media type.
pub(super) fn bytes(description: &str, headers: &[&str]) -> Value {
    with(description, json!({"*/*": {"schema": {}}}), headers)
}

/// No content.
pub(super) fn nothing(description: &str) -> Value {
    let mut answer = with(description, Value::Null, &[]);
    answer.as_object_mut().map(|members| members.remove("content"));
    answer
}

/// Says of an answer that it can be given again.
pub(super) fn repeatable(answer: &mut Value) {
    answer["headers"]["Idempotency-Replayed"] = json!({"$ref": "#/components/headers/Idempotency-Replayed"});
}

/// Says of an answer that it tells when that last changed.
pub(super) fn dated(answer: &mut Value) {
    answer["headers"]["Last-Modified"] = json!({"$ref": "#/components/headers/Last-Modified"});
}

fn with(description: &str, content: Value, headers: &[&str]) -> Value {
    let headers = ["Vary", "Cache-Control"].iter().chain(headers);
    let headers: Map<String, Value> =
        headers.map(|name| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")}))).collect();
    json!({"description": description, "headers": headers, "content": content})
}

/// Errors documents, by status.
pub(super) fn errors() -> Map<String, Value> {
    let statuses: std::collections::BTreeSet<u16> = Code::ALL.iter().map(|code| code.status()).collect();
    statuses.into_iter().map(|status| (status.to_string(), failure(status))).collect()
}

fn failure(status: u16) -> Value {
    let codes = Code::ALL.iter().filter(|code| code.status() == status);
    let lines: Vec<String> = codes.map(|code| format!("`{}`: {}", code.as_str(), code.title())).collect();
    let headers: &[&str] = match status {
        // What is refused for good is kept, too.
        400 | 403 | 404 | 409 | 422 => &["Idempotency-Replayed"],
        401 => &["WWW-Authenticate"],
        405 => &["Allow"],
        416 => &["Content-Range"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    };
    with(&lines.join("; "), json!({JSON_API: {"schema": schema("ErrorDocument")}}), headers)
}

/// Headers of answers.
pub(super) fn headers() -> Value {
    let text = |about: &str| json!({"description": about, "schema": {"type": "string"}});
    json!({
        "Authorization": text("`Bearer` and the token that was made."),
        "Accept-Ranges": text("`bytes`: parts can be asked for."),
        "Allow": text("What this URL takes."),
        "Cache-Control": text("Answers are for one viewer."),
        "Content-Disposition": text("The name of the file."),
        "Content-Range": text("Which bytes these are, of how many."),
        "ETag": text("The version and what it is answered with; both together change whenever the bytes do."),
        "Idempotency-Replayed": text("`true`: this was answered before, and is not carried out again."),
        "Last-Modified": text("When it last changed."),
        "Location": {"description": "The URL of the resource.", "schema": {"type": "string", "format": "uri"}},
        "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
        "Vary": text("Which request headers the answer depends on."),
        "WWW-Authenticate": text("`Bearer`"),
    })
}
