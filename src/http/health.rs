//! Health for those who run the server: `/healthz` (the process lives) and `/readyz` (it can answer requests).

use super::{answer, api::Shared};
use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder,
    http::{Method, StatusCode, header::ALLOW},
    web,
};

const METHODS: &str = "GET, HEAD, OPTIONS";

/// A URL that takes GET and HEAD only.
pub(super) fn url<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args> + Clone,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .default_service(web::to(other_method))
}

async fn other_method(request: HttpRequest) -> HttpResponse {
    match *request.method() {
        Method::OPTIONS => answer::with(StatusCode::NO_CONTENT).insert_header((ALLOW, METHODS)).finish(),
        _ => answer::not_allowed(request.method().as_str(), METHODS.to_owned()),
    }
}

/// 200 as long as the process answers at all.
pub(super) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "ok"}))
}

/// 200 if the database answers, else 503.
pub(super) async fn readyz(shared: web::Data<Shared>) -> HttpResponse {
    match shared.database.ping().await {
        Ok(()) => HttpResponse::Ok().json(serde_json::json!({"status": "ok"})),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable().json(serde_json::json!({"status": "unavailable"}))
        }
    }
}
