//! Answers: documents and errors as HTTP responses. Every error leaves the server here.

use super::conditions::{self, Validators};
use crate::{
    db::DbError,
    jsonapi::{
        error::{Code, ErrorObject, Errors},
        media_type::{JSON_API, JSON_API_ATOMIC, JSON_API_CURSOR},
    },
    resource::{Tag, document::Document, error::Error},
};
use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, RETRY_AFTER, VARY, WWW_AUTHENTICATE},
    },
};

/// Seconds after which trying again makes sense when the database is busy.
pub(super) const BUSY: u64 = 2;

/// A response with the headers that all of them have.
pub(super) fn with(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((VARY, "Accept, Authorization, Accept-Language"));
    response.insert_header((CACHE_CONTROL, "private, no-cache"));
    response
}

/// A document.
pub(super) fn document(status: StatusCode, document: Document) -> HttpResponse {
    let mut response = with(status);
    response.insert_header((CONTENT_TYPE, media_type(&document)));
    conditions::describe(&mut response, Validators::of(&document));
    response.body(document.bytes)
}

/// The results of atomic operations; 204 where there are none.
pub(super) fn results(document: Option<Vec<u8>>) -> HttpResponse {
    match document {
        Some(bytes) => with(StatusCode::OK).insert_header((CONTENT_TYPE, JSON_API_ATOMIC)).body(bytes),
        None => nothing(None),
    }
}

/// What a document is said to be.
pub(super) fn media_type(document: &Document) -> &'static str {
    if document.cursor_profile { JSON_API_CURSOR } else { JSON_API }
}

/// Adds a strong entity tag.
pub(super) fn tag(response: &mut HttpResponseBuilder, tag: &str) {
    response.insert_header((ETAG, format!("\"{tag}\"")));
}

/// 204, with the tag of what is there now, if that is known.
pub(super) fn nothing(now: Option<&Tag>) -> HttpResponse {
    let mut response = with(StatusCode::NO_CONTENT);
    if let Some(now) = now {
        tag(&mut response, &now.to_string());
    }
    response.finish()
}

/// Any failure, as an errors document.
pub(super) fn failure(error: Error) -> HttpResponse {
    match error {
        Error::Api(problems) => errors(&problems),
        Error::Db(DbError::Unavailable(why)) => {
            tracing::warn!(why, "the database is unavailable");
            unavailable(BUSY)
        }
        // A user, chat or the like went away between the check and the write.
        Error::Db(error) if error.is_dangling() => {
            errors(&ErrorObject::new(Code::NotFound, "Something that this request refers to is gone.").into())
        }
        Error::Db(error) => internal(&error),
        Error::Deferred(_) => internal(&"slow work was not done"),
        Error::Internal(why) => internal(&why),
    }
}

/// 503 with `Retry-After`.
pub(super) fn unavailable(seconds: u64) -> HttpResponse {
    let problem = ErrorObject::new(Code::Unavailable, "The server is busy; please try again.");
    retry_later(&problem.into(), seconds)
}

/// An errors document that says when to come back.
pub(super) fn retry_later(problems: &Errors, seconds: u64) -> HttpResponse {
    started(problems).insert_header((RETRY_AFTER, seconds.to_string())).finish()
}

/// 405 with `Allow`.
pub(super) fn not_allowed(method: &str, allow: String) -> HttpResponse {
    let problem = ErrorObject::new(Code::MethodNotAllowed, format!("`{method}` is not for this URL; try {allow}."));
    started(&problem.into()).insert_header((ALLOW, allow)).finish()
}

/// An errors document.
pub(super) fn errors(problems: &Errors) -> HttpResponse {
    started(problems).finish()
}

/// What an errors document is said to be.
pub(super) fn media_type_of(problems: &Errors) -> &'static str {
    if problems.point_into_operations() { JSON_API_ATOMIC } else { JSON_API }
}

/// Its body is written by [`tell`](super::tell::tell), which knows the request.
fn started(problems: &Errors) -> HttpResponseBuilder {
    let status = StatusCode::from_u16(problems.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = with(status);
    response.insert_header((CONTENT_TYPE, media_type_of(problems)));
    response.extensions_mut().insert(problems.clone());
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    response
}

/// The cause is logged here, once; the client gets a constant body.
fn internal(cause: &dyn std::fmt::Display) -> HttpResponse {
    tracing::error!(%cause, "a request failed");
    errors(&ErrorObject::new(Code::Internal, "The server failed; the failure has been logged.").into())
}
