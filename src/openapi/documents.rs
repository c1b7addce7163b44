//! Documents: what stands around resource objects and identifiers, and errors documents.

use super::{
    names::{pascal, schema},
    values::{self, Way},
};
use crate::{
    jsonapi::error::Code,
    resource::{Registry, registry::Entry},
};
use serde_json::{Map, Value, json};

/// The documents of a type.
pub(super) fn schemas(entry: &Entry) -> Map<String, Value> {
    let name = pascal(entry.kind);
    let identifier = format!("{name}Identifier");
    let or_null = |name: &str| json!({"oneOf": [schema(name), {"type": "null"}]});
    let many = |name: &str| json!({"type": "array", "items": schema(name)});
    let mut all = Map::new();
    let mut add = |suffix: &str, data: &Value, links: &str, meta: &Value| {
        all.insert(format!("{name}{suffix}"), document(data, links, meta));
    };
    add("Document", &schema(&name), "DocumentLinks", &created_meta(entry));
    add("OrNullDocument", &or_null(&name), "DocumentLinks", &json!({"type": "object"}));
    add("Collection", &many(&name), "PageLinks", &schema("PageMeta"));
    add("Linkage", &or_null(&identifier), "LinkageLinks", &json!({"type": "object"}));
    add("LinkageCollection", &many(&identifier), "LinkageLinks", &schema("PageMeta"));
    all
}

fn created_meta(entry: &Entry) -> Value {
    let mut properties = Map::new();
    if entry.can.create_finds {
        let about = "In the answer to a create: whether it is new, or was there before.";
        properties.insert("created".to_owned(), json!({"type": "boolean", "description": about}));
    }
    for field in entry.created_meta {
        properties.insert(field.name.to_owned(), values::of(field, Way::Shown, field.nullable));
    }
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn document(data: &Value, links: &str, meta: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["jsonapi", "links", "data"],
        "properties": {
            "jsonapi": schema("JsonApi"),
            "links": schema(links),
            "data": data,
            "included": {"type": "array", "items": schema("Resource")},
            "meta": meta,
        },
        "additionalProperties": false,
    })
}

/// Which collections there are.
fn root(registry: &Registry, url: &Value) -> Value {
    let link = json!({
        "type": "object",
        "required": ["href", "describedby"],
        "properties": {"href": url, "describedby": url},
        "additionalProperties": false,
    });
    let collections = registry.entries().iter().filter(|entry| entry.can.list || entry.can.create);
    let collections: Map<String, Value> = collections.map(|entry| (entry.path.to_owned(), link.clone())).collect();
    let names: Vec<&String> = collections.keys().collect();
    let text = json!({"type": "string"});
    json!({
        "type": "object",
        "required": ["jsonapi", "links", "meta"],
        "properties": {
            "jsonapi": schema("JsonApi"),
            "links": links(&["self", "describedby"], json!({"self": url, "describedby": url})),
            "meta": {
                "type": "object",
                "required": ["name", "version", "collections"],
                "properties": {
                    "name": text,
                    "version": text,
                    "collections": {"type": "object", "required": names, "properties": collections},
                },
            },
        },
        "additionalProperties": false,
    })
}

/// What the documents of all types share.
pub(super) fn shared(registry: &Registry) -> Map<String, Value> {
    let url = json!({"type": "string", "format": "uri"});
    let any = json!({"oneOf": registry.entries().iter().map(|entry| schema(&pascal(entry.kind))).collect::<Value>()});
    let or_null = json!({"type": ["string", "null"], "format": "uri"});
    let this = json!({"oneOf": [url, {
        "type": "object",
        "required": ["href"],
        "properties": {"href": url, "type": {"type": "string"}},
        "additionalProperties": false,
    }]});
    let pages = json!({"first": or_null, "prev": or_null, "next": or_null, "last": or_null});
    let schemas = json!({
        "Resource": any,
        "SelfLink": links(&["self"], json!({"self": url})),
        "RelationshipLinks": links(&["self", "related"], with(&pages, json!({"self": url, "related": url}))),
        "DocumentLinks": links(&["self"], json!({"self": this, "describedby": url})),
        "PageLinks": links(&["self"], with(&pages, json!({"self": this, "describedby": url}))),
        "LinkageLinks": links(&["self", "related"], with(&pages, json!({"self": this, "related": url, "describedby": url}))),
        "ItemPage": {"type": "object", "required": ["cursor"], "properties": {"cursor": {"type": "string"}}},
        "PageMeta": {
            "type": "object",
            "properties": {
                "total": {"type": "integer", "minimum": 0, "description": "How many there are on all pages, where asked for."},
                "page": {"type": "object", "properties": {
                    "total": {"type": "integer", "minimum": 0},
                    "rangeTruncated": {"type": "boolean"},
                }},
            },
        },
        "JsonApi": {
            "type": "object",
            "required": ["version"],
            "properties": {
                "version": {"const": "1.1"},
                "ext": {"type": "array", "items": url},
                "profile": {"type": "array", "items": url},
            },
        },
        "Root": root(registry, &url),
        "ErrorDocument": {
            "type": "object",
            "required": ["errors"],
            "properties": {
                "jsonapi": schema("JsonApi"),
                "links": {"type": "object"},
                "errors": {"type": "array", "minItems": 1, "items": schema("Error")},
                "meta": {"type": "object"},
            },
        },
        "Error": error(),
        "AtomicOperations": {
            "type": "object",
            "required": ["atomic:operations"],
            "properties": {"atomic:operations": {"type": "array", "minItems": 1, "items": {
                "type": "object",
                "required": ["op"],
                "properties": {
                    "op": {"enum": ["add", "update", "remove"]},
                    "ref": {"type": "object", "required": ["type"], "properties": {
                        "type": {"type": "string"},
                        "id": {"type": "string"},
                        "lid": {"type": "string"},
                        "relationship": {"type": "string"},
                    }},
                    "href": {"type": "string"},
                    "data": {"type": ["object", "array", "null"]},
                    "meta": {"type": "object"},
                },
            }}},
        },
        "AtomicResults": {
            "type": "object",
            "required": ["atomic:results"],
            "properties": {
                "jsonapi": schema("JsonApi"),
                "links": {"type": "object"},
                "atomic:results": {"type": "array", "items": {"type": "object", "properties": {
                    "data": {"oneOf": [schema("Resource"), {"type": ["array", "null"]}]},
                    "meta": {"type": "object"},
                }}},
                "meta": {"type": "object"},
            },
        },
    });
    schemas.as_object().cloned().unwrap_or_default()
}

fn with(pages: &Value, mut properties: Value) -> Value {
    if let (Some(properties), Some(pages)) = (properties.as_object_mut(), pages.as_object()) {
        properties.extend(pages.clone());
    }
    properties
}

fn links(required: &[&str], properties: Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

fn error() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "required": ["status", "code", "title", "detail"],
        "properties": {
            "links": {"type": "object"},
            "status": {"type": "string", "pattern": "^[45][0-9]{2}$"},
            "code": {"type": "string", "enum": codes},
            "title": {"type": "string", "description": "The same for every error of a code."},
            "detail": {"type": "string", "description": "What happened this time."},
            "source": {
                "type": "object",
                "description": "The part of the request that is to blame.",
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "header": {"type": "string"},
                },
            },
            "meta": {"type": "object"},
        },
    })
}
