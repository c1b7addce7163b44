//! What hangs on a message (attachments, reactions), seen and written exactly as far as the message is.
//!
//! ```text
//! seen     the viewer is a member, the chat isn't deleted for the viewer, the message is newer than what was cleared,
//!          and it isn't deleted
//! written  the message isn't deleted, and the viewer may post in the chat
//! ```

use super::posting::{self, Seat};
use crate::{
    db::Id,
    jsonapi::error::Code,
    resource::{Error, Result, Sql, Tx, Viewer},
    schema::messages,
};
use diesel::{OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};

/// What follows the table in `FROM`: its messages, and the viewer's memberships of their chats.
pub(super) fn with_message(table_with_join: &'static str, viewer: &Viewer) -> Sql {
    Sql::new(table_with_join)
        .then(" JOIN chat_memberships ON chat_memberships.chat_id = messages.chat_id")
        .then(" AND chat_memberships.user_id = ")
        .then(viewer.id)
}

/// The condition for rows whose message is seen.
pub(super) fn is_seen() -> Sql {
    Sql::new("(NOT messages.deleted AND NOT chat_memberships.deleted")
        .then(" AND messages.sequence > chat_memberships.cleared_sequence)")
}

/// Who may put something on a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Whoever may post in the chat.
    Anybody,
    /// Of these, the message's author alone.
    Author,
}

/// A message whose chat's row is held: whatever deletes a message, or closes the chat, holds that too.
pub(super) struct Held {
    pub(super) chat: Id,
    seat: Seat,
    deleted: bool,
}

/// Keeps a message that the viewer sees as it is until the transaction ends.
///
/// # Errors
/// 403 for whoever has no right to put anything on it.
pub(super) fn hold(tx: &mut Tx<'_>, message: Id, by: By) -> Result<Held> {
    let found = messages::table.find(message).select((messages::chat_id, messages::author_id));
    let found: Option<(Id, Option<Id>)> = found.first(tx.conn).optional()?;
    let (chat, author) = found.ok_or_else(|| Error::not_found("message"))?;
    if by == By::Author && author != Some(tx.viewer.id) {
        return Err(Error::forbidden("Only the author of the message may do this."));
    }
    let seat = posting::take_seat(tx, chat)?;
    seat.require_writer()?;
    let deleted = messages::table.find(message).select(messages::deleted).first(tx.conn).optional()?;
    Ok(Held { chat, seat, deleted: deleted.ok_or_else(|| Error::not_found("message"))? })
}

impl Held {
    /// 409 where the chat takes nothing new, or the message is a tombstone.
    pub(super) fn require_open(&self) -> Result<()> {
        if self.deleted {
            return Err(Error::api(Code::MessageDeleted, "This message has been deleted."));
        }
        self.seat.require_open()
    }
}
