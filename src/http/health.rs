//! Health for those who run the server: `/healthz` (the process lives) and `/readyz` (it can answer requests).

use super::{
    api::Shared,
    beside::{Beside, read_only},
};
use actix_web::{HttpResponse, web};

pub(super) const URLS: [Beside; 2] =
    [("/healthz", |at| read_only(at, healthz)), ("/readyz", |at| read_only(at, readyz))];

/// 200 as long as the process answers at all.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "ok"}))
}

/// 200 if the database answers, else 503.
async fn readyz(shared: web::Data<Shared>) -> HttpResponse {
    match shared.database.ping().await {
        Ok(()) => HttpResponse::Ok().json(serde_json::json!({"status": "ok"})),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable().json(serde_json::json!({"status": "unavailable"}))
        }
    }
}
