//! The API described for programs: an OpenAPI 3.1 document and a JSON Schema for each type, both derived from the
//! registry, so that what is declared is what is described.
//!
//! ```text
//! entry ──► schemas (resource objects, documents, what is sent)
//!       ──► paths   (URLs, verbs, parameters, answers)
//! ```
//! Written here, as values of `serde_json`: the crates for OpenAPI derive from handlers and structs, and there are
//! neither. Spec: <https://spec.openapis.org/oas/v3.1.1.html>, <https://json-schema.org/draft/2020-12>

mod answers;
mod bundle;
mod difference;
mod documents;
mod examples;
mod names;
mod parameters;
mod paths;
mod sent;
mod shown;
#[cfg(test)]
mod tests;
mod typescript;
mod values;

pub use self::{
    bundle::schema,
    difference::{Change, difference},
    typescript::typescript,
};
use crate::resource::Registry;
use serde_json::{Map, Value, json};

/// Where the API is, seen from the server's root.
pub const SERVER: &str = "/api/v1";

/// What an API says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// Its name.
    pub title: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What it is, in a few sentences of Markdown.
    pub description: &'static str,
}

impl Info {
    /// An API that says nothing of itself.
    pub const NONE: Self = Self { title: "JSON:API", version: "0", description: "" };
}

/// The OpenAPI document of all types.
pub fn describe(registry: &Registry, info: &Info) -> Value {
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": info.title,
            "version": info.version,
            "description": info.description,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "externalDocs": {"description": "JSON:API 1.1", "url": "https://jsonapi.org/format/1.1/"},
        "servers": [{"url": SERVER}],
        "security": [{"bearer": []}],
        "tags": tags(registry),
        "paths": paths::all(registry),
        "components": {
            "securitySchemes": {"bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "The token of a `session`, from its `meta.token`.",
            }},
            "headers": answers::headers(),
            "parameters": parameters::shared(registry),
            "responses": answers::errors(),
            "schemas": schemas(registry),
        },
    })
}

fn tags(registry: &Registry) -> Value {
    let whole = json!({"name": paths::OF_NO_TYPE, "description": "Where everything is, and many changes at once."});
    let types = registry.entries().iter().map(|entry| json!({"name": entry.kind, "description": entry.about}));
    types.chain([whole]).collect()
}

/// The schemas of all types, and those that they share.
fn schemas(registry: &Registry) -> Map<String, Value> {
    let mut all = documents::shared(registry);
    for entry in registry.entries() {
        all.extend(shown::schemas(entry));
        all.extend(documents::schemas(entry));
        all.extend(sent::schemas(registry, entry));
    }
    all
}
