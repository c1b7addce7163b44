//! One line of log for each request: id, method, path, status, time.
//!
//! Headers, bodies and query strings are never logged: they hold tokens, passwords and what people search for.

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use std::time::Instant;
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};

/// The span of a request.
pub(super) struct RequestSpan;

/// When a request came.
struct Came(Instant);

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        request.extensions_mut().insert(Came(Instant::now()));
        let id = request.extensions().get::<RequestId>().copied();
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        tracing::info_span!("request", id, method = %request.method(), path = request.path())
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let _entered = span.enter();
        match outcome {
            Ok(response) => {
                let came = response.request().extensions().get::<Came>().map(|came| came.0.elapsed());
                let ms = came.map_or(0, |took| took.as_millis());
                tracing::info!(status = response.status().as_u16(), ms, "answered");
            }
            Err(error) => tracing::error!(%error, "not answered"),
        }
    }
}
