//! Request bodies: read up to a limit, within a time.

use crate::jsonapi::error::{Code, ErrorObject};
use actix_web::{
    HttpRequest,
    http::header::CONTENT_LENGTH,
    web::{Bytes, BytesMut, Payload},
};
use futures_util::StreamExt as _;
use std::time::Duration;

/// Reads a body of at most `most` bytes.
///
/// The error is only reported when the request's turn to have its size judged comes.
pub(super) async fn read(
    request: &HttpRequest,
    payload: Payload,
    most: usize,
    within: Duration,
) -> Result<Bytes, ErrorObject> {
    if announced(request).is_some_and(|length| length > most) {
        return Err(too_large(most));
    }
    match tokio::time::timeout(within, collect(payload, most)).await {
        Ok(read) => read,
        Err(_) => Err(ErrorObject::new(Code::JsonInvalid, "The body did not arrive in time.")),
    }
}

/// The length that the client says the body has.
pub(super) fn announced(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn collect(mut payload: Payload, most: usize) -> Result<Bytes, ErrorObject> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| ErrorObject::new(Code::JsonInvalid, "The body could not be read."))?;
        if body.len() + chunk.len() > most {
            return Err(too_large(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// 413.
pub(super) fn too_large(most: usize) -> ErrorObject {
    ErrorObject::new(Code::TooLarge, format!("A request body has at most {most} bytes."))
}
