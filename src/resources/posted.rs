//! What hangs on a message (attachments, reactions), seen and written exactly as far as the message is.
//!
//! ```text
//! seen     the viewer is a member, the chat isn't deleted for the viewer, the message is newer than what was cleared,
//!          and it isn't deleted
//! written  the message isn't deleted, and the viewer may post in the chat
//! ```

use super::posting::{Seat, Seats};
use crate::{
    db::Id,
    jsonapi::error::Code,
    resource::{Error, Result, Sql, Tx, among},
    schema::messages,
};
use diesel::{QueryDsl as _, RunQueryDsl as _};
use std::collections::{BTreeSet, HashMap};

/// A table that has a copy of its messages' chat, with these messages and the viewer's memberships.
///
/// The copy leads from the memberships to the rows, without a look at all messages of the chats.
macro_rules! source {
    ($table:literal, $viewer:expr) => {
        $crate::resource::Sql::new(concat!(
            $table,
            " JOIN messages ON messages.id = ",
            $table,
            ".message_id JOIN chat_memberships ON chat_memberships.chat_id = ",
            $table,
            ".chat_id AND chat_memberships.user_id = "
        ))
        .then($viewer.id)
    };
}
pub(super) use source;

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

/// Messages whose chats' rows are held, as far as they are there.
pub(super) struct Holds {
    viewer: Id,
    /// The chat and the author of each.
    messages: HashMap<Id, (Id, Option<Id>)>,
    seats: Seats,
    /// Whether each is a tombstone, as long as the rows are held.
    deleted: HashMap<Id, bool>,
}

/// Keeps messages as they are until the transaction ends.
pub(super) fn hold_all(tx: &mut Tx<'_>, wanted: &BTreeSet<Id>) -> Result<Holds> {
    let rows = || messages::table.filter(among(&messages::id, wanted.iter().copied()));
    let found: Vec<(Id, Id, Option<Id>)> =
        rows().select((messages::id, messages::chat_id, messages::author_id)).load(tx.conn)?;
    let seats = Seats::take(tx, &found.iter().map(|(_, chat, _)| *chat).collect())?;
    let deleted: Vec<(Id, bool)> = rows().select((messages::id, messages::deleted)).load(tx.conn)?;
    let messages = found.into_iter().map(|(id, chat, author)| (id, (chat, author))).collect();
    Ok(Holds { viewer: tx.viewer.id, messages, seats, deleted: deleted.into_iter().collect() })
}

/// Keeps a message that the viewer sees as it is until the transaction ends.
///
/// # Errors
/// 403 for whoever has no right to put anything on it.
pub(super) fn hold(tx: &mut Tx<'_>, message: Id, by: By) -> Result<Held> {
    hold_all(tx, &BTreeSet::from([message]))?.held(message, by)
}

impl Holds {
    /// One of them.
    ///
    /// # Errors
    /// 403 for whoever has no right to put anything on it.
    pub(super) fn held(&self, message: Id, by: By) -> Result<Held> {
        let gone = || Error::not_found("message");
        let &(chat, author) = self.messages.get(&message).ok_or_else(gone)?;
        if by == By::Author && author != Some(self.viewer) {
            return Err(Error::forbidden("Only the author of the message may do this."));
        }
        let seat = self.seats.of(chat)?;
        seat.require_writer()?;
        let deleted = *self.deleted.get(&message).ok_or_else(gone)?;
        Ok(Held { chat, seat: seat.clone(), deleted })
    }
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
