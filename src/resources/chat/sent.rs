//! What writes to chats send.

use crate::{jsonapi::text::is_blank, resources::patch};
use serde::Deserialize;
use serde_json::Value as Json;
use validator::{Validate, ValidationError};

/// What a write may set.
#[derive(Clone, Default, Deserialize, Validate)]
#[serde(default)]
pub struct Attributes {
    pub(super) chat_type: Option<String>,
    #[serde(deserialize_with = "patch::nullable")]
    #[validate(length(max = 250, message = "Must have at most 250 characters."), custom(function = not_blank))]
    pub(super) title: Option<Option<String>>,
    #[serde(deserialize_with = "patch::nullable")]
    pub(super) icon_url: Option<Option<String>>,
    #[serde(deserialize_with = "patch::nullable")]
    pub(super) icon_thumbnail_url: Option<Option<String>>,
    pub(super) open: Option<bool>,
    pub(super) initial_message: Option<Json>,
}

fn not_blank(title: &str) -> Result<(), ValidationError> {
    let message = "Must have a character that can be seen; no title is null.";
    if is_blank(title) { Err(ValidationError::new("blank").with_message(message.into())) } else { Ok(()) }
}

/// The JSON Schema of `initial_message`.
pub(super) const INITIAL_MESSAGE: &str = r#"{
    "type": "object", "additionalProperties": false, "example": {"content": "Hello!"},
    "properties": {
        "content": {"type": ["string", "null"], "minLength": 1, "maxLength": 10000},
        "image_url": {"type": ["string", "null"], "format": "iri"},
        "link_preview_url": {"type": ["string", "null"], "format": "iri"},
        "expected_attachment_count": {"type": ["integer", "null"], "minimum": 0, "maximum": 50}
    }
}"#;
