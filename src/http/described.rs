//! What the server says of itself, to anybody: `/openapi.json`, a schema for each type, and a reference to browse.
//!
//! The reference is embedded: it loads nothing from elsewhere, and its policy doesn't let it.

use super::{
    answer,
    api::Shared,
    beside::{Beside, read_only},
    routes::BASE,
};
use crate::{
    jsonapi::{error::Code, suggest},
    openapi,
    resource::Error,
};
use actix_web::{
    HttpResponse, Resource,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    web::{self, Bytes},
};
use std::{collections::BTreeMap, sync::OnceLock};

/// Scripts are files of ours; the reference writes styles into the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// All of it, the files of the reference included.
pub(super) const URLS: [Beside; 6] = [
    ("/openapi.json", |at| read_only(at, document)),
    ("/api/v1/schemas/{type}.json", |at| read_only(at, schema)),
    ("/docs", |at| file(at, "text/html; charset=utf-8", include_str!("../../assets/reference/index.html"))),
    ("/docs/start.js", |at| {
        file(at, "text/javascript; charset=utf-8", include_str!("../../assets/reference/start.js"))
    }),
    ("/docs/swagger-ui.css", |at| {
        file(at, "text/css; charset=utf-8", include_str!("../../assets/reference/swagger-ui.css"))
    }),
    ("/docs/swagger-ui-bundle.js", |at| {
        file(at, "text/javascript; charset=utf-8", include_str!("../../assets/reference/swagger-ui-bundle.js"))
    }),
];

/// Descriptions, made when somebody first asks.
#[derive(Default)]
pub(super) struct Descriptions {
    openapi: OnceLock<Bytes>,
    schemas: OnceLock<BTreeMap<&'static str, Bytes>>,
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

/// A file of the reference.
fn file(at: Vec<String>, media_type: &'static str, text: &'static str) -> Resource {
    read_only(at, move || async move {
        let mut response = described(media_type, Bytes::from_static(text.as_bytes()));
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        response
    })
}
