//! Unread messages in SQL, of the row of `chat_memberships` in scope and its row of `chats`.
//!
//! ```text
//! sequence > the greatest of read_sequence, cleared_sequence, joined_sequence
//! not deleted, not the member's own, in an active chat
//! ```
//! They are counted, not kept: the numbers are always right, and a new message touches no membership. The comparison
//! with `last_sequence` spares all chats that are read a look at their messages; an index alone serves the others.

use crate::resource::Sql;

/// The sequence after which messages can be unread.
macro_rules! seen {
    () => {
        "(CASE WHEN chat_memberships.read_sequence >= chat_memberships.cleared_sequence \
         AND chat_memberships.read_sequence >= chat_memberships.joined_sequence THEN chat_memberships.read_sequence \
         WHEN chat_memberships.cleared_sequence >= chat_memberships.joined_sequence \
         THEN chat_memberships.cleared_sequence ELSE chat_memberships.joined_sequence END)"
    };
}

/// Whether there can be any.
macro_rules! possible {
    () => {
        concat!("chats.status = 'active' AND chats.last_sequence > ", seen!())
    };
}

macro_rules! messages {
    () => {
        concat!(
            "messages AS unread WHERE unread.chat_id = chat_memberships.chat_id AND unread.sequence > ",
            seen!(),
            " AND NOT unread.deleted AND unread.author_id IS DISTINCT FROM chat_memberships.user_id"
        )
    };
}

macro_rules! count {
    () => {
        concat!("(CASE WHEN ", possible!(), " THEN (SELECT count(*) FROM ", messages!(), ") ELSE 0 END)")
    };
}

/// How many there are.
pub(super) const COUNT: &str = count!();

/// The same in the row of the viewer, which is joined as `own`; null in the others, where nothing is counted.
pub(super) const OWN_COUNT: &str =
    concat!("(CASE WHEN chat_memberships.user_id = own.user_id THEN ", count!(), " END)");

/// Whether there are any.
pub(super) const ANY: &str = concat!("(", possible!(), " AND EXISTS (SELECT 1 FROM ", messages!(), "))");

/// [`COUNT`].
pub(super) fn count() -> Sql {
    Sql::new(COUNT)
}

/// [`ANY`].
pub(super) fn any() -> Sql {
    Sql::new(ANY)
}
