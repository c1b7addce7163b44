//! What the server says of itself, to anybody: `/openapi.json`, a schema for each type, and a reference to browse.
//!
//! The reference is embedded: it loads nothing from elsewhere, and its policy doesn't let it.

use super::{answer, api::Shared, health, routes::BASE};
use crate::{
    jsonapi::{error::Code, suggest},
    openapi,
    resource::{Error, document::SCHEMAS},
};
use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    web::{self, Bytes},
};
use std::{collections::BTreeMap, sync::OnceLock};

/// Scripts are files of ours; the reference writes styles into the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The files of the reference, by their path.
const FILES: [(&str, &str, &str); 4] = [
    ("/docs", "text/html; charset=utf-8", include_str!("../../assets/reference/index.html")),
    ("/docs/start.js", "text/javascript; charset=utf-8", include_str!("../../assets/reference/start.js")),
    ("/docs/swagger-ui.css", "text/css; charset=utf-8", include_str!("../../assets/reference/swagger-ui.css")),
    (
        "/docs/swagger-ui-bundle.js",
        "text/javascript; charset=utf-8",
        include_str!("../../assets/reference/swagger-ui-bundle.js"),
    ),
];

/// Descriptions, made when somebody first asks.
#[derive(Default)]
pub(super) struct Descriptions {
    openapi: OnceLock<Bytes>,
    schemas: OnceLock<BTreeMap<&'static str, Bytes>>,
}

/// Mounts all of it.
pub(super) fn mount(app: &mut web::ServiceConfig) {
    app.service(health::url("/openapi.json", document));
    // Below a scope of their own, the pattern is tried for schemas alone.
    let schemas = web::scope(&format!("{BASE}/{SCHEMAS}"));
    app.service(schemas.service(health::url("/{type}.json", schema)));
    for (path, media_type, text) in FILES {
        app.service(health::url(path, move || async move { file(media_type, text) }));
    }
}

async fn document(shared: web::Data<Shared>) -> HttpResponse {
    let made = shared.descriptions.openapi.get_or_init(|| {
        let mut document = openapi::describe(&shared.api.registry, &shared.api.info);
        if let Some(url) = &shared.config.public_url {
            document["servers"][0]["url"] = format!("{}{BASE}", url.as_str()).into();
        }
        Bytes::from(document.to_string())
    });
    described("application/json", made.clone())
}

async fn schema(shared: web::Data<Shared>, kind: web::Path<String>) -> HttpResponse {
    let registry = &shared.api.registry;
    let make = || {
        let kinds = registry.entries().iter().map(|entry| entry.kind);
        kinds.filter_map(|kind| Some((kind, Bytes::from(openapi::schema(registry, kind)?.to_string())))).collect()
    };
    match shared.descriptions.schemas.get_or_init(make).get(kind.as_str()) {
        Some(schema) => described("application/schema+json", schema.clone()),
        None => {
            let hint = suggest::hint(&kind, registry.entries().iter().map(|entry| entry.kind));
            answer::failure(Error::api(Code::NotFound, format!("There is no type `{kind}`.{hint}")))
        }
    }
}

/// The same for everybody, until the program is another one.
fn described(media_type: &str, bytes: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(bytes)
}

fn file(media_type: &str, text: &'static str) -> HttpResponse {
    let mut response = described(media_type, Bytes::from_static(text.as_bytes()));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, actix_web::http::header::HeaderValue::from_static(POLICY));
    response
}
