//! One line of log for each request. Headers and bodies are never logged, nor are values of parameters.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::Span;
use tracing_actix_web::{RootSpanBuilder, root_span};

/// The span of a request.
pub(super) struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        root_span!(level = tracing::Level::INFO, request, path = request.path())
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let _entered = span.enter();
        match outcome {
            Ok(response) => tracing::info!(
                method = %response.request().method(),
                path = response.request().path(),
                status = response.status().as_u16(),
                "answered"
            ),
            Err(error) => tracing::error!(%error, "not answered"),
        }
    }
}
