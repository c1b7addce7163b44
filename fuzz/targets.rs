//! What is fuzzed: everything that reads what a client sends. A target panics when something is wrong.
//!
//! Used by `cargo fuzz` (`fuzz_targets/`) and by the property tests (`tests/fuzzing.rs`); seeds are in `corpus/`.

use std::sync::LazyLock;
use tertulia::jsonapi::{
    atomic::{self, Target},
    document::{self, Expect},
    error::{Errors, Telling},
    language::Language,
    media_type, params,
};
use tertulia::resource::{Registry, Viewer, plan};

static REGISTRY: LazyLock<Registry> = LazyLock::new(tertulia::resources::registry);

/// A whole query string, at every collection and every resource.
pub(crate) fn query(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else { return };
    if let Ok(params) = params::parse(query) {
        let again = params::encode(params.iter().map(|param| (param.name(), &*param.value)));
        assert!(params::parse(&again).is_ok(), "{query:?} can't be sent again as {again:?}");
    }
    for entry in REGISTRY.entries() {
        for shape in [plan::Shape::Collection(None), plan::Shape::One, plan::Shape::Nothing] {
            for cursor_profile in [false, true] {
                let viewer = &Viewer::anonymous();
                let context =
                    plan::Context { registry: &REGISTRY, entry, shape, viewer, path: "/fuzzed", cursor_profile };
                plan::Plan::parse(context, query).map_or_else(|errors| refused(&errors), |_| ());
            }
        }
    }
}

/// The value of a filter, of every attribute and of none.
pub(crate) fn filter(data: &[u8]) {
    let Ok(value) = std::str::from_utf8(data) else { return };
    let names =
        ["filter", "filter[id]", "filter[name]", "filter[created_at]", "filter[archived]", "filter[member_count]"];
    for name in names {
        query(params::encode([(name, value)].into_iter()).as_bytes());
    }
}

/// A cursor in a page parameter. What nobody was given must not be taken.
pub(crate) fn cursor(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    query(params::encode([("page[after]", text), ("page[size]", "2")].into_iter()).as_bytes());
}

/// A value of `Accept` and of `Content-Type`.
pub(crate) fn media_type(data: &[u8]) {
    let Ok(value) = std::str::from_utf8(data) else { return };
    for extension in [None, Some(media_type::ATOMIC)] {
        media_type::accept([value], extension).map_or_else(|error| refused(&error.into()), |_| ());
        media_type::content_type(Some(value), extension).map_or_else(|error| refused(&error.into()), |()| ());
    }
}

/// The body of a create, an update and a change of linkage.
pub(crate) fn document(data: &[u8]) {
    for expect in [Expect::Create, Expect::Update] {
        document::parse_resource(data, expect).map_or_else(|errors| refused(&errors), |_| ());
    }
    document::parse_linkage(data).map_or_else(|errors| refused(&errors), |_| ());
}

/// The body of atomic operations.
pub(crate) fn operations(data: &[u8]) {
    let locate = |href: &str| match href.strip_prefix('/') {
        Some(kind) => Ok(Target::Collection(kind.to_owned())),
        None => Err(format!("`{href}` is no UUID.")),
    };
    atomic::parse(data, 20, &locate).map_or_else(|errors| refused(&errors), |_| ());
}

/// Every refusal is the client's fault, and says so in every language.
fn refused(errors: &Errors) {
    assert!((400..500).contains(&errors.status()), "{errors}");
    for language in Language::ALL {
        let told = errors.told(Telling { language, pages: Some("http://localhost/errors") });
        let document: serde_json::Value = serde_json::from_slice(&told).expect("JSON");
        let shown = document["errors"].as_array().expect("errors");
        assert!(!shown.is_empty());
        for error in shown {
            for member in ["status", "code", "title", "detail"] {
                assert!(error[member].as_str().is_some_and(|text| !text.is_empty()), "no {member} in {error}");
            }
        }
    }
}
