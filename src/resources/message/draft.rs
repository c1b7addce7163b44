//! What a new message says: of a `message`, and of the `initial_message` with which a chat begins.
//!
//! ```text
//! {"content": "…", "image_url": "…", "link_preview_url": "…", "expected_attachment_count": 0}
//! ```
//! A message says something: it has a text, an image or a link, or attachments are announced.

use super::{Attributes, Message};
use crate::{
    jsonapi::{
        error::{Code, ErrorObject, Errors, token},
        input, suggest,
        text::is_blank,
    },
    resource::{OnCreate, Resource as _, Result, describe::Field},
    resources::posting::{Draft, Parent},
};
use serde_json::{Map, Value as Json};
use validator::{Validate as _, ValidationError};

pub(super) fn not_blank(text: &str) -> Result<(), ValidationError> {
    let message = "Must have a character that can be seen; no text is null.";
    if is_blank(text) { Err(ValidationError::new("blank").with_message(message.into())) } else { Ok(()) }
}

impl Attributes {
    pub(super) fn draft(self, parent: Option<Parent>) -> Draft {
        let count = self.expected_attachment_count.and_then(|count| i32::try_from(count).ok());
        Draft {
            content: self.content.flatten(),
            image_url: self.image_url.flatten(),
            link_preview_url: self.link_preview_url.flatten(),
            expected_attachment_count: count.unwrap_or(0),
            parent,
        }
    }
}

/// The fields that a draft has.
fn fields() -> impl Iterator<Item = &'static Field> + Clone {
    Message::ATTRIBUTES.iter().map(|attribute| &attribute.field).filter(|field| field.on_create != OnCreate::Never)
}

/// Whether none of the fields that say something was sent, right or wrong.
pub(super) fn is_empty(sent: &Map<String, Json>) -> bool {
    fields().all(|field| match sent.get(field.name) {
        None | Some(Json::Null) => true,
        Some(value) => value.as_i64() == Some(0),
    })
}

const INITIAL: &str = "initial_message";

/// The message with which a chat begins.
///
/// # Errors
/// All that is wrong with it.
pub(in crate::resources) fn initial(sent: &Json) -> Result<Draft> {
    let (attributes, problems) = checked(sent);
    Errors::collect(problems)?;
    Ok(attributes.draft(None))
}

/// All that is wrong with the message with which a chat is to begin.
pub(in crate::resources) fn refuse_initial(sent: &Json) -> Vec<ErrorObject> {
    checked(sent).1
}

fn checked(sent: &Json) -> (Attributes, Vec<ErrorObject>) {
    let (mut problems, mut taken) = (Vec::new(), Map::new());
    let empty = Map::new();
    let sent = sent.as_object().unwrap_or(&empty);
    for (name, value) in sent {
        if problems.len() >= Errors::SHOWN {
            break;
        }
        let Some(field) = fields().find(|field| field.name == name) else {
            let hint = suggest::choice(name, fields().map(|field| field.name));
            problems.push(blame(Code::FieldUnknown, name, format!("`{INITIAL}` has no member `{name}`.{hint}")));
            continue;
        };
        match input::check(field.kind, true, value) {
            Ok(()) => drop(taken.insert(name.clone(), value.clone())),
            Err(detail) => problems.push(blame(Code::FieldInvalid, name, detail)),
        }
    }
    if is_empty(sent) && problems.is_empty() {
        let detail = "`content` is required where there is no image, no link and no attachment.";
        problems.push(ErrorObject::attribute(Code::FieldRequired, INITIAL, detail));
    }
    // Every value has its kind, so that nothing can fail here.
    let attributes: Attributes = serde_json::from_value(Json::Object(taken)).unwrap_or_default();
    if let Err(errors) = attributes.validate() {
        let mut errors: Vec<_> = errors.field_errors().into_iter().collect();
        errors.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, errors) in errors {
            let detail = |error: &ValidationError| error.message.as_deref().unwrap_or("Is not allowed.").to_owned();
            problems.extend(errors.iter().map(|error| blame(Code::FieldInvalid, &name, detail(error))));
        }
    }
    (attributes, problems)
}

fn blame(code: Code, name: &str, detail: String) -> ErrorObject {
    ErrorObject::field(code, INITIAL, detail).pointer(format!("/data/attributes/{INITIAL}/{}", token(name)))
}
