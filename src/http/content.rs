//! Bytes beside a resource, out of the storage and into it: `GET` with ranges, and the only `PUT` there is.
//!
//! What is checked, in which order, and how errors look is as everywhere (see [`super::handle`]); only the body is
//! another one. It passes through in pieces: neither direction ever holds the whole.
//! Spec: RFC 9110 (ranges: section 14), RFC 6266 (Content-Disposition)

mod receive;
mod send;

use super::{
    answer,
    api::Shared,
    handle::{Asked, Route, failed},
    url::Action,
};
use crate::{
    resource::{Error, content::Content},
    storage::{Storage, StorageError},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Payload},
};

/// Answers a request for bytes.
pub(super) async fn handle(
    route: Route,
    (action, at): (Action, usize),
    request: HttpRequest,
    mut payload: Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let content = route.entry.contents[at];
    let mut asked = match Asked::of(route.entry, action, &request, None, &shared).await {
        Ok(asked) => asked,
        Err(error) => return answer::failure(error),
    };
    if !matches!(action, Action::Receive(_)) {
        return send::send(asked, content, &request, &shared).await.unwrap_or_else(|refused| refused);
    }
    receive::judge_headers(&mut asked, &request, &shared);
    match receive::receive(asked, content, &request, &mut payload, &shared).await {
        Ok(()) => answer::nothing(),
        Err(refused) => {
            // A client that still sends doesn't hear an answer before the connection is cut.
            receive::drain(payload).await;
            refused
        }
    }
}

fn storage(shared: &Shared) -> Result<&Storage, HttpResponse> {
    let missing = || failed(Error::Internal("there is no storage".to_owned()));
    shared.api.storage.as_ref().ok_or_else(missing)
}

/// 503: the storage is somebody else's server, or a disk that is full.
fn out_of_order(error: &StorageError) -> HttpResponse {
    tracing::error!(%error, "the storage failed");
    answer::unavailable(answer::BUSY)
}

fn is_missing(error: &StorageError) -> bool {
    matches!(error, StorageError::Missing)
}

fn no_content(content: &Content) -> HttpResponse {
    failed(Error::api(crate::jsonapi::error::Code::NotFound, format!("There is no {} here.", content.name)))
}
