//! Names of components and operations: `chat_membership` is `ChatMembership`.

use crate::jsonapi::input::Kind;
use serde_json::{Value, json};

/// A type's name as that of a schema.
pub(super) fn pascal(kind: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    kind.split('_').map(capital).collect()
}

/// A reference to a schema.
pub(super) fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A reference to a parameter.
pub(super) fn parameter(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// The TypeScript type of what a filter compares with.
pub(super) fn parameter_words(kind: Kind) -> String {
    match kind {
        Kind::Bool => "boolean".to_owned(),
        Kind::Integer => "number".to_owned(),
        Kind::OneOf(words) => words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" | "),
        _ => "string".to_owned(),
    }
}
