//! Who may post in a chat, and what a new message does to it.
//!
//! ```text
//! messages              the row, one sequence after the newest
//! chats                 last_sequence, last_message_at, updated_at
//! direct_conversations  chat_updated_at
//! chat_memberships      only of those who hid or deleted the chat: it comes back
//! ```
//! The chat's row is held all the time, so that sequences have no gaps, instants never go back, and nobody reads,
//! clears or removes an account in between. How many members there are makes no difference: none of them is touched.

#[cfg(test)]
mod tests;

use super::{
    conversation::refresh_listing,
    group::{later, lock_chat},
};
use crate::{
    db::{Id, Time, violates},
    jsonapi::{error::Code, text::fold},
    resource::{Error, Result, Tx},
    schema::{chat_memberships, chats, direct_conversations, messages},
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _,
    dsl::sql, prelude::Queryable, sql_types::Bool,
};

/// The viewer's place in a chat whose row is held.
#[derive(Queryable)]
pub(super) struct Seat {
    pub(super) chat: Id,
    chat_type: String,
    status: String,
    open: bool,
    member_count: i32,
    last_sequence: i64,
    last_message_at: Option<Time>,
    updated_at: Time,
    role: String,
}

/// Holds the chat's row, and tells what the viewer may do there; 404 for who is no member.
pub(super) fn take_seat(tx: &mut Tx<'_>, chat: Id) -> Result<Seat> {
    lock_chat(tx, chat)?;
    let found = chat_memberships::table
        .inner_join(chats::table)
        .filter(chat_memberships::chat_id.eq(chat))
        .filter(chat_memberships::user_id.eq(tx.viewer.id))
        .select((
            chats::id,
            chats::chat_type,
            chats::status,
            chats::open,
            chats::member_count,
            chats::last_sequence,
            chats::last_message_at,
            chats::updated_at,
            chat_memberships::role,
        ))
        .first(tx.conn)
        .optional()?;
    found.ok_or_else(|| Error::not_found("chat"))
}

/// Holds the chat's row, and refuses new content of any kind from who may not bring it: 403, or 409 for now.
pub(super) fn may_post(tx: &mut Tx<'_>, chat: Id) -> Result<Seat> {
    let seat = take_seat(tx, chat)?;
    seat.require_writer()?;
    seat.require_open()?;
    Ok(seat)
}

impl Seat {
    /// The place of whoever has just begun a chat.
    pub(super) fn in_new_chat(chat: Id, chat_type: &str, now: Time) -> Self {
        Self {
            chat,
            chat_type: chat_type.to_owned(),
            status: "active".to_owned(),
            open: true,
            // Nobody can be gone yet.
            member_count: 2,
            last_sequence: 0,
            last_message_at: None,
            // The first message belongs to the beginning and moves nothing.
            updated_at: Time(now.0 - 1),
            role: "member".to_owned(),
        }
    }

    /// 403 for readers.
    pub(super) fn require_writer(&self) -> Result<()> {
        let is_reader = self.role == "reader";
        if is_reader { Err(Error::forbidden("A reader of the chat can't write in it.")) } else { Ok(()) }
    }

    /// 409 while the chat takes nothing new.
    pub(super) fn require_open(&self) -> Result<()> {
        let is_direct = self.chat_type == "direct";
        if self.status != "active" {
            let detail = "The chat is not active: its request was not accepted.";
            return Err(Error::api(Code::ChatNotActive, detail));
        }
        if !self.open {
            return Err(Error::api(Code::ChatClosed, "The chat is closed."));
        }
        if is_direct && self.member_count < 2 {
            return Err(Error::api(Code::PeerGone, "The other participant's account was removed."));
        }
        Ok(())
    }
}

/// What a message says.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub(super) content: Option<String>,
    pub(super) image_url: Option<String>,
    pub(super) link_preview_url: Option<String>,
    pub(super) expected_attachment_count: i32,
    /// The message that it answers.
    pub(super) parent: Option<Parent>,
}

/// A message that is answered.
#[derive(Clone, Copy)]
pub(super) struct Parent {
    pub(super) id: Id,
    pub(super) sequence: i64,
}

/// Adds a message of the viewer, who may post; see [`may_post`].
pub(super) fn append(tx: &mut Tx<'_>, seat: &Seat, id: Id, draft: &Draft) -> Result<()> {
    let now = tx.viewer.now;
    // Clocks of several servers differ, but within a chat the order of sequences is the order of instants.
    let at = seat.last_message_at.map_or(now, |last| last.max(now));
    let sequence = seat.last_sequence + 1;
    insert(tx, seat, (id, sequence, at), draft)?;
    if let Some(parent) = draft.parent {
        diesel::update(messages::table.find(parent.id))
            .set(messages::reply_count.eq(messages::reply_count + 1))
            .execute(tx.conn)?;
    }
    let updated_at = later(now, seat.updated_at);
    diesel::update(chats::table.find(seat.chat))
        .set((chats::last_sequence.eq(sequence), chats::last_message_at.eq(at), chats::updated_at.eq(updated_at)))
        .execute(tx.conn)?;
    if seat.chat_type == "direct" {
        diesel::update(direct_conversations::table.filter(direct_conversations::chat_id.eq(seat.chat)))
            .set(direct_conversations::chat_updated_at.eq(updated_at))
            .execute(tx.conn)?;
    }
    revive(tx, seat)
}

fn insert(tx: &mut Tx<'_>, seat: &Seat, (id, sequence, at): (Id, i64, Time), draft: &Draft) -> Result<()> {
    diesel::insert_into(messages::table)
        .values((
            (messages::id.eq(id), messages::chat_id.eq(seat.chat), messages::sequence.eq(sequence)),
            messages::author_id.eq(tx.viewer.id),
            messages::parent_id.eq(draft.parent.map(|parent| parent.id)),
            messages::parent_sequence.eq(draft.parent.map(|parent| parent.sequence)),
            (messages::content.eq(&draft.content), messages::content_folded.eq(draft.content.as_deref().map(fold))),
            (messages::image_url.eq(&draft.image_url), messages::link_preview_url.eq(&draft.link_preview_url)),
            messages::expected_attachment_count.eq(draft.expected_attachment_count),
            (messages::created_at.eq(at), messages::updated_at.eq(at)),
        ))
        .execute(tx.conn)
        .map_err(|error| {
            let taken = violates(&error, "messages_pkey", "messages.id");
            if taken { super::conversation::id_taken().into() } else { Error::from(error) }
        })?;
    Ok(())
}

/// Brings the chat back to whoever deleted or hid it; who hid an archived chat finds it in the inbox again.
fn revive(tx: &mut Tx<'_>, seat: &Seat) -> Result<()> {
    let away = chat_memberships::table
        .filter(chat_memberships::chat_id.eq(seat.chat))
        .filter(chat_memberships::deleted.or(chat_memberships::hidden));
    let revived = diesel::update(away)
        .set((
            chat_memberships::archived.eq(sql::<Bool>("archived AND NOT hidden")),
            chat_memberships::hidden.eq(false),
            chat_memberships::deleted.eq(false),
            chat_memberships::version.eq(chat_memberships::version + 1),
        ))
        .execute(tx.conn)?;
    if revived > 0 && seat.chat_type == "direct" { refresh_listing(tx, seat.chat) } else { Ok(()) }
}
