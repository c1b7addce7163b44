//! `GET /api/v1`: which collections there are, for who explores. It takes no token, and tells everybody the same.
//!
//! ```text
//! {"jsonapi":{…},"links":{"self":…,"describedby":…},
//!  "meta":{"name":…,"version":…,"collections":{"chats":{"href":…,"describedby":…},…}}}
//! ```
//! The collections are in `meta`, since the names of links at the top level are the specification's alone.
//! Spec: <https://jsonapi.org/format/1.1/#document-top-level>

use super::{
    answer,
    api::Shared,
    beside::{Beside, read_only},
    client,
    conditions::{self, Conditions, Validators},
};
use crate::{
    jsonapi::{
        error::{Code, ErrorObject, Errors},
        media_type, params,
    },
    resource::{
        Result,
        document::{Document, SCHEMAS},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::ACCEPT},
    web,
};
use serde_json::{Map, Value, json};

pub(super) const URLS: [Beside; 1] = [("/api/v1", |at| read_only(at, root))];

async fn root(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    explored(&request, &shared).unwrap_or_else(answer::failure)
}

fn explored(request: &HttpRequest, shared: &Shared) -> Result<HttpResponse> {
    let accept = request.headers().get_all(ACCEPT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    media_type::accept(accept, None)?;
    refuse_parameters(request.query_string())?;
    let document = Document::new(document(request, shared).to_string().into_bytes(), None, false);
    let validators = Validators::of(&document);
    Ok(match Conditions::of(request).hold(&validators)? {
        true => conditions::not_modified(validators),
        false => answer::document(StatusCode::OK, document),
    })
}

fn refuse_parameters(query: &str) -> Result<(), Errors> {
    let params = params::parse(query)?;
    let problems = params.iter().map(|param| {
        let detail = format!("`{}` means nothing at this URL.", param.base);
        ErrorObject::new(Code::ParameterUnknown, detail).parameter(param.name())
    });
    Errors::collect(problems.collect())
}

fn document(request: &HttpRequest, shared: &Shared) -> Value {
    let base = client::base(request, &shared.config);
    let described = client::root(request, &shared.config) + "/openapi.json";
    let collections = shared.api.registry.entries().iter().filter(|entry| entry.can.list || entry.can.create);
    let collections = collections.map(|entry| {
        let schema = format!("{base}/{SCHEMAS}/{}.json", entry.kind);
        (entry.path.to_owned(), json!({"href": format!("{base}/{}", entry.path), "describedby": schema}))
    });
    let collections: Map<String, Value> = collections.collect();
    let info = &shared.api.info;
    json!({
        "jsonapi": {"version": "1.1"},
        "links": {"self": base, "describedby": described},
        "meta": {"name": info.title, "version": info.version, "collections": collections},
    })
}
