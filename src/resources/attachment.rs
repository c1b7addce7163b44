//! `attachment`: a file on a message. Its bytes come by `PUT …/content`, or it is a URL elsewhere.
//!
//! ```text
//! POST with source_url      success
//! POST without              uploading ──PUT──► success
//!                               └─────PUT──► error ──PUT──► …
//! ```
//! Every attachment, and its bytes, is seen exactly as far as its message is. Only the message's author makes, renames
//! and removes it.
//! Spec: <https://jsonapi.org/format/1.1/#crud>

mod content;
mod create;
mod media;
#[cfg(test)]
mod tests;
pub mod upkeep;
mod write;

use super::{patch, posted};
use crate::{
    db::{Id, Time},
    jsonapi::{input::Kind, text::is_blank},
    loadable,
    resource::{
        Attribute, Column, Create, Delete, Edge, Place, Resource, Sql, ToOne, Update, Value, Viewer, content::Content,
    },
    schema::{attachments, messages},
};
use diesel::prelude::{Queryable, Selectable};
use serde::Deserialize;
use validator::{Validate, ValidationError};

/// A row of `attachments` with its message's author.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = attachments)]
pub struct Attachment {
    /// The id.
    pub id: Id,
    /// What it is on.
    pub message_id: Id,
    /// The message's chat.
    pub chat_id: Id,
    /// The name of the file.
    pub name: String,
    /// What follows the last dot of the name, in lower case.
    pub extension: Option<String>,
    /// The media type.
    pub mime_type: String,
    /// `image`, `video`, `audio`, `document` or `other`.
    pub kind: String,
    /// The number of bytes: declared, or counted.
    pub size: Option<i64>,
    /// Where the file is, if it is elsewhere.
    pub source_url: Option<String>,
    /// `uploading`, `success` or `error`.
    pub upload_status: String,
    /// Whether a thumbnail is being made.
    pub processing: bool,
    /// The media type of the thumbnail, if there is one.
    pub thumbnail_type: Option<String>,
    /// Of an image, in pixels.
    pub width: Option<i32>,
    /// Of an image, in pixels.
    pub height: Option<i32>,
    /// Of the bytes, in hexadecimal.
    pub sha256: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// Moves with the name.
    pub version: i64,
    /// Who wrote the message.
    #[diesel(select_expression = messages::author_id)]
    pub author_id: Option<Id>,
}
loadable!(Attachment);

/// How attachments belong to their message.
pub(super) const OF_MESSAGE: Edge = Edge {
    join: "",
    parent: "attachments.message_id",
    at: "attachments.created_at",
    id: "attachments.id",
    order: None,
};

/// How attachments belong to their message's chat: newest first.
pub(super) const OF_CHAT: Edge = Edge { parent: "attachments.chat_id", order: Some("-created_at"), ..OF_MESSAGE };

/// How many attachments are still to come, of the row of `messages` in scope.
pub(super) const UPLOADING_COUNT: &str = "(CASE WHEN messages.expected_attachment_count = 0 THEN 0 ELSE \
     (SELECT CASE WHEN count(*) < messages.expected_attachment_count \
     THEN messages.expected_attachment_count - count(*) ELSE 0 END FROM attachments AS arrived \
     WHERE arrived.message_id = messages.id AND arrived.upload_status = 'success') END)";

const UPLOADING: &str = "uploading";
const SUCCESS: &str = "success";
const ERROR: &str = "error";

impl Resource for Attachment {
    const TYPE: &'static str = "attachment";
    const PATH: &'static str = "attachments";
    const ABOUT: &'static str = "A file of a message; its bytes go to `content`, or lie elsewhere.";
    type Attributes = Attributes;

    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::new("name", Kind::Text, |row: &Self, _| Value::Text(&row.name))
            .column(&attachments::name)
            .folded(&attachments::name_folded)
            .required()
            .update()
            .about("The name of the file.")
            .example("notes.pdf")
            .length(1, 250),
        Attribute::new("mime_type", Kind::Text, |row: &Self, _| Value::Text(&row.mime_type))
            .column(&attachments::mime_type)
            .required()
            .about("Its media type.")
            .example("application/pdf"),
        Attribute::new("size", Kind::Integer, |row: &Self, _| row.size.map_or(Value::Null, Value::Int))
            .nullable()
            .column(&attachments::size)
            .create()
            .moving()
            .about("Its size in bytes.")
            .range(0, i64::MAX),
        Attribute::new("kind", Kind::OneOf(media::KINDS), |row: &Self, _| Value::Text(&row.kind))
            .column(&attachments::kind)
            .about("What sort of file that is."),
        Attribute::new("extension", Kind::Text, |row: &Self, _| Value::text(row.extension.as_ref()))
            .nullable()
            .column(&attachments::extension)
            .moving()
            .about("The ending of its name.")
            .example("pdf"),
        Attribute::new("source_url", Kind::Uri, |row: &Self, _| Value::text(row.source_url.as_ref()))
            .nullable()
            .column(&attachments::source_url)
            .create()
            .about("Where the bytes are, if they are not sent here."),
        Attribute::new("upload_status", Kind::OneOf(&[UPLOADING, SUCCESS, ERROR]), |row: &Self, _| {
            Value::Text(&row.upload_status)
        })
        .column(&attachments::upload_status)
        .moving()
        .about("How far its bytes are."),
        Attribute::new("processing", Kind::Bool, |row: &Self, _| Value::Bool(row.processing))
            .column(&attachments::processing)
            .moving()
            .about("Whether a thumbnail is still to come."),
        Attribute::new("content_url", Kind::Uri, |row: &Self, _| row.link(row.source_url.is_none(), "content"))
            .nullable()
            .moving()
            .about("Where to get the bytes, and to put them."),
        Attribute::new("thumbnail_url", Kind::Uri, |row: &Self, _| row.link(row.thumbnail_type.is_some(), "thumbnail"))
            .nullable()
            .moving()
            .about("Where to get a small picture."),
        Attribute::new("width", Kind::Integer, |row: &Self, _| pixels(row.width))
            .nullable()
            .column(&attachments::width)
            .moving()
            .about("Of a picture, in pixels."),
        Attribute::new("height", Kind::Integer, |row: &Self, _| pixels(row.height))
            .nullable()
            .column(&attachments::height)
            .moving()
            .about("Of a picture, in pixels."),
        Attribute::new("sha256", Kind::Text, |row: &Self, _| Value::text(row.sha256.as_ref()))
            .nullable()
            .column(&attachments::sha256)
            .moving()
            .about("Of the bytes, in hexadecimal.")
            .example("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        Attribute::new("created_at", Kind::Instant, |row: &Self, _| Value::Time(row.created_at))
            .column(&attachments::created_at)
            .moving()
            .about("When it was attached."),
        Attribute::new("updated_at", Kind::Instant, |row: &Self, _| Value::Time(row.updated_at))
            .column(&attachments::updated_at)
            .moving()
            .about("When it last changed."),
    ];
    const TO_ONE: &'static [ToOne<Self>] = &[
        ToOne::new("message", "message", |row: &Self, _| Some(row.message_id), &attachments::message_id)
            .required()
            .about("The message that it belongs to."),
        ToOne::new("chat", "chat", |row: &Self, _| Some(row.chat_id), &attachments::chat_id)
            .about("That message's chat."),
    ];
    const CONTENTS: &'static [Content] = &[content::CONTENT, content::THUMBNAIL];
    const DEFAULT_SORT: &'static str = "-created_at";

    /// What becomes of a picture is noted without a date.
    const MODIFIED: Option<fn(&Self) -> Option<Time>> = Some(|row| (!row.processing).then_some(row.updated_at));

    const ID: Column = &attachments::id;
    const CREATED_AT: Column = &attachments::created_at;

    const CLIENT_IDS: bool = true;
    const CREATE: Option<Create<Self>> = Some(Create::many(create::create));
    const UPDATE: Option<Update<Self>> =
        Some(Update { lock: write::lock, allow: write::allow_update, apply: write::update });
    const DELETE: Option<Delete<Self>> = Some(Delete { lock: write::lock, apply: write::delete });

    fn id(&self) -> Id {
        self.id
    }

    fn created_at(&self) -> Time {
        self.created_at
    }

    fn version(&self, _viewer: &Viewer) -> i64 {
        self.version
    }

    fn source(viewer: &Viewer) -> Sql {
        posted::source!("attachments", viewer)
    }

    fn visible(_viewer: &Viewer, _place: Place<'_>) -> Vec<Sql> {
        vec![posted::is_seen()]
    }
}

impl Attachment {
    fn link(&self, is_there: bool, name: &str) -> Value<'static> {
        if is_there { Value::Link(format!("/attachments/{}/{name}", self.id)) } else { Value::Null }
    }
}

fn pixels(number: Option<i32>) -> Value<'static> {
    number.map_or(Value::Null, |number| Value::Int(number.into()))
}

/// What a write may set.
#[derive(Clone, Default, Deserialize, Validate)]
#[serde(default)]
pub struct Attributes {
    #[validate(length(max = 250, message = "Must have at most 250 characters."), custom(function = is_file_name))]
    name: Option<String>,
    #[validate(custom(function = is_media_type))]
    mime_type: Option<String>,
    #[serde(deserialize_with = "patch::nullable")]
    #[validate(range(min = 0, message = "Must not be negative."))]
    size: Option<Option<i64>>,
    #[serde(deserialize_with = "patch::nullable")]
    source_url: Option<Option<String>>,
}

/// Names are for people, and for saving the file: a line break or a path would be neither.
fn is_file_name(name: &str) -> Result<(), ValidationError> {
    let is_one = !is_blank(name)
        && !matches!(name, "." | "..")
        && !name.contains(|c: char| c.is_control() || matches!(c, '/' | '\\'));
    let message = "Must be the name of a file: something visible, without control characters and slashes.";
    if is_one { Ok(()) } else { Err(ValidationError::new("name").with_message(message.into())) }
}

fn is_media_type(text: &str) -> Result<(), ValidationError> {
    let message = "Must be a media type, like `image/png`.";
    match media::parse(text) {
        Some(_) => Ok(()),
        None => Err(ValidationError::new("mime_type").with_message(message.into())),
    }
}
