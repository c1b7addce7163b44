//! What a description tells people and tools beyond what the server acts on: sentences, examples, bounds.
//!
//! The OpenAPI document, the JSON Schemas and the TypeScript client are made of it. Bounds are checked by `validator`;
//! a test holds both against each other.

use super::describe::{Attribute, Field, ToMany, ToOne};

/// What is said of a field.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    /// A sentence.
    pub about: &'static str,
    /// A value of a text.
    pub example: Option<&'static str>,
    /// The least and the most characters of a text that is sent.
    pub length: Option<(usize, usize)>,
    /// The least and the greatest number that can be sent.
    pub range: Option<(i64, i64)>,
    /// The JSON Schema of a value that has members or items of its own, as text.
    pub schema: Option<&'static str>,
}

impl Note {
    /// Nothing.
    pub const NONE: Self = Self { about: "", example: None, length: None, range: None, schema: None };
}

impl Field {
    /// A member of `meta`.
    pub const fn meta(name: &'static str, kind: crate::jsonapi::input::Kind) -> Self {
        Self::new(name, kind)
    }

    /// A sentence about it.
    #[must_use]
    pub const fn about(mut self, text: &'static str) -> Self {
        self.note.about = text;
        self
    }

    /// The JSON Schema of a value that has members or items of its own.
    #[must_use]
    pub const fn schema(mut self, text: &'static str) -> Self {
        self.note.schema = Some(text);
        self
    }
}

impl<R> Attribute<R> {
    /// A sentence about it.
    #[must_use]
    pub const fn about(mut self, text: &'static str) -> Self {
        self.field.note.about = text;
        self
    }

    /// A value of a text.
    #[must_use]
    pub const fn example(mut self, text: &'static str) -> Self {
        self.field.note.example = Some(text);
        self
    }

    /// The least and the most characters that can be sent.
    #[must_use]
    pub const fn length(mut self, least: usize, most: usize) -> Self {
        self.field.note.length = Some((least, most));
        self
    }

    /// The least and the greatest number that can be sent.
    #[must_use]
    pub const fn range(mut self, least: i64, greatest: i64) -> Self {
        self.field.note.range = Some((least, greatest));
        self
    }

    /// The JSON Schema of a value that has members or items of its own.
    #[must_use]
    pub const fn schema(mut self, text: &'static str) -> Self {
        self.field.note.schema = Some(text);
        self
    }
}

impl<R> ToOne<R> {
    /// A sentence about it.
    #[must_use]
    pub const fn about(mut self, text: &'static str) -> Self {
        self.about = text;
        self
    }
}

impl<R> ToMany<R> {
    /// A sentence about it.
    #[must_use]
    pub const fn about(mut self, text: &'static str) -> Self {
        self.about = text;
        self
    }
}
