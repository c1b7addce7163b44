//! `inbox`: what waits for a user, in four numbers. There is one for each user, under the user's id, and nobody else
//! sees it.
//!
//! ```text
//! GET /inboxes/{user_id}     GET /users/{user_id}/inbox
//! ```
//! What is unread in a chat counts as the chat itself says, unless the user hid or deleted it. The numbers are counted,
//! not kept, so they are always right.

#[cfg(test)]
mod tests;

use super::unread;
use crate::{
    db::{Id, Time},
    jsonapi::input::Kind,
    loadable,
    resource::{
        Attribute, Column, Computed, Fixed, NoAttributes, Place, Resource, Spared, Sql, ToOne, Value, Viewer, fixed,
    },
    schema::users,
};
use diesel::{
    prelude::{Queryable, Selectable},
    sql_types::BigInt,
};

/// A row of `users` with what is counted for it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Inbox {
    /// The user's id.
    pub id: Id,
    /// When the account was made.
    pub created_at: Time,
    /// Unread messages.
    #[diesel(select_expression = fixed(UNREAD_MESSAGES))]
    #[diesel(select_expression_type = Fixed<BigInt>)]
    pub unread_message_count: i64,
    /// Chats with unread messages.
    #[diesel(select_expression = fixed(UNREAD_CHATS))]
    #[diesel(select_expression_type = Fixed<BigInt>)]
    pub unread_chat_count: i64,
    /// Requests that the user hasn't answered.
    #[diesel(select_expression = fixed(INCOMING))]
    #[diesel(select_expression_type = Fixed<BigInt>)]
    pub pending_chat_request_count: i64,
    /// The user's requests that nobody has answered.
    #[diesel(select_expression = fixed(OUTGOING))]
    #[diesel(select_expression_type = Fixed<BigInt>)]
    pub outgoing_chat_request_count: i64,
}
loadable!(Inbox);

const UNREAD_MESSAGES: &str = "unread.messages";
const UNREAD_CHATS: &str = "unread.chats";
const INCOMING: &str = "incoming.requests";
const OUTGOING: &str = "outgoing.requests";

impl Resource for Inbox {
    const TYPE: &'static str = "inbox";
    const PATH: &'static str = "inboxes";
    const ABOUT: &'static str = "What waits for a user.";
    type Attributes = NoAttributes;

    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        count("unread_message_count", |row, _| Value::Int(row.unread_message_count))
            .about("Unread messages in all active chats."),
        count("unread_chat_count", |row, _| Value::Int(row.unread_chat_count)).about("Chats with unread messages."),
        count("pending_chat_request_count", |row, _| Value::Int(row.pending_chat_request_count))
            .about("Requests that the user has not answered."),
        count("outgoing_chat_request_count", |row, _| Value::Int(row.outgoing_chat_request_count))
            .about("Requests of the user that nobody has answered."),
    ];
    const TO_ONE: &'static [ToOne<Self>] =
        &[ToOne::new("user", "user", |row: &Self, _| Some(row.id), &users::id).about("Whose it is.")];

    const ID: Column = &users::id;
    const CREATED_AT: Column = &users::created_at;

    const COMPUTED: &'static [Computed] = &[
        Computed::number(UNREAD_MESSAGES, &["unread_message_count"]),
        Computed::number(UNREAD_CHATS, &["unread_chat_count"]),
        Computed::number(INCOMING, &["pending_chat_request_count"]),
        Computed::number(OUTGOING, &["outgoing_chat_request_count"]),
    ];
    const LIST: bool = false;

    fn id(&self) -> Id {
        self.id
    }

    fn created_at(&self) -> Time {
        self.created_at
    }

    /// The viewer's numbers beside the viewer's row, since nobody else's is ever read.
    fn source(viewer: &Viewer) -> Sql {
        Self::source_without(viewer, Spared::default())
    }

    fn source_without(viewer: &Viewer, spared: Spared) -> Sql {
        let mut source = Sql::new("users");
        if !(spared.has(0) && spared.has(1)) {
            source.push((" CROSS JOIN (", waiting(viewer), ") AS unread"));
        }
        if !spared.has(2) {
            source.push((" CROSS JOIN (", pending("recipient_id", viewer), ") AS incoming"));
        }
        if !spared.has(3) {
            source.push((" CROSS JOIN (", pending("sender_id", viewer), ") AS outgoing"));
        }
        source
    }

    fn visible(viewer: &Viewer, _place: Place<'_>) -> Vec<Sql> {
        vec![Sql::new("users.id = ").then(viewer.id)]
    }
}

const fn count(name: &'static str, read: for<'a> fn(&'a Inbox, &Viewer) -> Value<'a>) -> Attribute<Inbox> {
    Attribute::new(name, Kind::Integer, read).moving()
}

/// The messages are counted once for each chat, not once more to tell the chats that have any.
fn waiting(viewer: &Viewer) -> Sql {
    Sql::new("WITH waiting AS MATERIALIZED (SELECT ")
        .then(unread::count())
        .then(" AS here FROM chat_memberships JOIN chats ON chats.id = chat_memberships.chat_id")
        .then(" WHERE chat_memberships.user_id = ")
        .then(viewer.id)
        .then(" AND NOT chat_memberships.hidden AND NOT chat_memberships.deleted)")
        .then(" SELECT CAST(coalesce(sum(here), 0) AS bigint) AS messages, count(*) AS chats")
        .then(" FROM waiting WHERE here > 0")
}

fn pending(side: &'static str, viewer: &Viewer) -> Sql {
    Sql::new("SELECT count(*) AS requests FROM chat_requests WHERE chat_requests.")
        .then(side)
        .then(" = ")
        .then(viewer.id)
        .then(" AND chat_requests.status = 'pending'")
}
