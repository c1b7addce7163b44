//! Health for those who run the server: `/healthz` (the process lives) and `/readyz` (it can answer requests).

use super::api::Shared;
use actix_web::{HttpResponse, web};

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
