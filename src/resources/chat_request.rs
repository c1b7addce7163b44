//! `chat_request`: one user asks another one to chat; the chat waits for the answer.
//!
//! ```text
//! pending -> active      accepted: by PATCH, by asking back, or by opening the conversation
//! pending -> declined    declined: the sender can't ask again
//! declined -> active     accepted after all
//! ```
//! Sender and recipient see it. Sorts and filters: every attribute, `-created_at` unless asked otherwise, and
//! `filter[direction]=incoming|outgoing`. `chat` is null for whoever deleted the chat for themselves.
//! Spec: <https://jsonapi.org/format/1.1/#crud>

#[cfg(test)]
mod tests;
mod write;

use super::consent::STATUSES;
use crate::{
    db::{Id, Time},
    jsonapi::input::Kind,
    loadable,
    resource::{Attribute, Column, Create, Delete, Expr, Field, Place, Resource, Sql, ToOne, Update, Value, Viewer},
    schema::{chat_memberships, chat_requests},
};
use diesel::prelude::{Queryable, Selectable};
use serde::Deserialize;
use validator::Validate;

/// A row of `chat_requests`, with what the viewer did to its chat.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = chat_requests)]
pub struct ChatRequest {
    /// The id.
    pub id: Id,
    /// The chat that goes by it.
    pub chat_id: Id,
    /// Who asks; `None` once that account is removed.
    pub sender_id: Option<Id>,
    /// Who is asked; `None` once that account is removed.
    pub recipient_id: Option<Id>,
    /// `pending`, `active` or `declined`.
    pub status: String,
    /// When it was last answered.
    pub responded_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// Moves by every answer.
    pub version: i64,
    /// Whether the viewer deleted the chat.
    #[diesel(select_expression = chat_memberships::deleted)]
    pub chat_deleted: bool,
}
loadable!(ChatRequest);

impl Resource for ChatRequest {
    const TYPE: &'static str = "chat_request";
    const PATH: &'static str = "chat_requests";
    const ABOUT: &'static str = "The question whether somebody may write to a user who wants to be asked.";
    type Attributes = Attributes;

    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::new("user_id", Kind::Uuid, |row: &Self, _| Value::id(row.recipient_id))
            .nullable()
            .column(&chat_requests::recipient_id)
            .required()
            .about("Whom to ask."),
        Attribute::new("status", Kind::OneOf(STATUSES), |row: &Self, _| Value::Text(&row.status))
            .column(&chat_requests::status)
            .update()
            .about("The answer; only the recipient gives it."),
        Attribute::new("responded_at", Kind::Instant, |row: &Self, _| Value::time(row.responded_at))
            .nullable()
            .column(&chat_requests::responded_at)
            .moving()
            .about("When it was answered."),
        Attribute::new("created_at", Kind::Instant, |row: &Self, _| Value::Time(row.created_at))
            .column(&chat_requests::created_at)
            .moving()
            .about("When it was asked."),
        Attribute::new("updated_at", Kind::Instant, |row: &Self, _| Value::Time(row.updated_at))
            .column(&chat_requests::updated_at)
            .moving()
            .about("When it last changed."),
    ];
    const TO_ONE: &'static [ToOne<Self>] = &[
        ToOne::new("sender", "user", |row: &Self, _| row.sender_id, &chat_requests::sender_id).about("Who asks."),
        ToOne::new("recipient", "user", |row: &Self, _| row.recipient_id, &chat_requests::recipient_id)
            .about("Who is asked."),
        ToOne::new("chat", "chat", |row: &Self, _| row.visible_chat(), &chat_requests::chat_id)
            .expr(|_| Sql::new("(CASE WHEN NOT chat_memberships.deleted THEN chat_requests.chat_id END)"))
            .about("The chat that it is about."),
    ];

    const FILTERS: &'static [Field] =
        &[Field::filter("direction", Kind::OneOf(&["incoming", "outgoing"]), Expr::Made(direction))
            .about("Whether the viewer was asked, or asks.")];
    const DEFAULT_SORT: &'static str = "-created_at";

    const ID: Column = &chat_requests::id;
    const CREATED_AT: Column = &chat_requests::created_at;

    const CLIENT_IDS: bool = true;
    const CREATE: Option<Create<Self>> = Some(Create::many(write::create).finds());
    const UPDATE: Option<Update<Self>> =
        Some(Update { lock: write::lock, allow: write::allow_answer, apply: write::answer });
    const DELETE: Option<Delete<Self>> = Some(Delete { lock: write::lock_for_withdrawal, apply: write::withdraw });

    fn id(&self) -> Id {
        self.id
    }

    fn created_at(&self) -> Time {
        self.created_at
    }

    fn version(&self, _viewer: &Viewer) -> i64 {
        self.version
    }

    /// The two who see a request are the two members of its chat, so the join loses none.
    fn source(viewer: &Viewer) -> Sql {
        Sql::new("chat_requests JOIN chat_memberships ON chat_memberships.chat_id = chat_requests.chat_id")
            .then(" AND chat_memberships.user_id = ")
            .then(viewer.id)
    }

    /// Nobody asks themselves, so the two conditions never hold together.
    fn visible(viewer: &Viewer, _place: Place<'_>) -> Vec<Sql> {
        ["sender_id", "recipient_id"]
            .map(|side| Sql::new("chat_requests.").then(side).then(" = ").then(viewer.id))
            .into_iter()
            .collect()
    }
}

impl ChatRequest {
    fn visible_chat(&self) -> Option<Id> {
        (!self.chat_deleted).then_some(self.chat_id)
    }
}

fn direction(viewer: &Viewer) -> Sql {
    Sql::new("(CASE WHEN chat_requests.sender_id = ").then(viewer.id).then(" THEN 'outgoing' ELSE 'incoming' END)")
}

/// What a write may set.
#[derive(Clone, Default, Deserialize, Validate)]
#[serde(default)]
pub struct Attributes {
    user_id: Option<Id>,
    status: Option<String>,
}
