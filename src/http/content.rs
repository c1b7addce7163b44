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
    asked::Asked,
    handle::{Route, failed},
    url::Action,
};
use crate::{
    jsonapi::error::{Code, ErrorObject},
    resource::Error,
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
        return send::send(asked, content, &request, &shared).await.unwrap_or_else(Refused::response);
    }
    receive::judge_headers(&mut asked, &request, &shared);
    match receive::receive(asked, content, &request, &mut payload, &shared).await {
        Ok(()) => answer::nothing(None),
        Err(refused) => {
            // A client that still sends doesn't hear an answer before the connection is cut.
            if !matches!(refused, Refused::Broken(_)) {
                receive::drain(payload).await;
            }
            refused.response()
        }
    }
}

/// Why bytes don't move.
enum Refused {
    /// As anywhere else.
    Error(Error),
    /// The storage is somebody else's server, or a disk that is full.
    Storage(StorageError),
    /// There are only so many bytes.
    Range(u64),
    /// The client stopped sending.
    Broken(&'static str),
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl Refused {
    fn response(self) -> HttpResponse {
        match self {
            Refused::Error(error) => failed(error),
            Refused::Storage(error) => {
                tracing::error!(%error, "the storage failed");
                answer::unavailable(answer::BUSY)
            }
            Refused::Range(size) => send::unsatisfiable(size),
            Refused::Broken(detail) => failed(ErrorObject::new(Code::DocumentInvalid, detail).into()),
        }
    }
}

fn storage(shared: &Shared) -> Result<&Storage, Refused> {
    Ok(shared.api.storage.as_ref().ok_or_else(|| Error::Internal("there is no storage".to_owned()))?)
}
