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
    group::{CHUNK, later, lock_chat},
};
use crate::{
    db::{Id, Time, violates},
    jsonapi::{error::Code, text::fold},
    on_backend,
    resource::{Error, Result, Tx, Viewer},
    schema::{chat_memberships, chats, direct_conversations, messages},
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _,
    dsl::sql,
    prelude::{Insertable, Queryable},
    sql_types::Bool,
};
use std::collections::BTreeMap;

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
    append_all(tx, seat, &[(id, draft)])
}

/// Adds messages of the viewer, who may post, one behind the other.
pub(super) fn append_all(tx: &mut Tx<'_>, seat: &Seat, drafts: &[(Id, &Draft)]) -> Result<()> {
    let now = tx.viewer.now();
    // Clocks of several servers differ, but within a chat the order of sequences is the order of instants.
    let at = seat.last_message_at.map_or(now, |last| last.max(now));
    let numbered = (seat.last_sequence + 1..).zip(drafts);
    let rows: Vec<_> =
        numbered.map(|(sequence, (id, draft))| NewMessage::of(tx.viewer, seat, (*id, sequence, at), draft)).collect();
    insert(tx, rows)?;
    count_replies(tx, drafts)?;
    let updated_at = later(now, seat.updated_at);
    let sequence = seat.last_sequence + i64::try_from(drafts.len()).unwrap_or(i64::MAX);
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

#[derive(Insertable)]
#[diesel(table_name = messages)]
// So that one statement takes them all on SQLite too.
#[diesel(treat_none_as_default_value = false)]
struct NewMessage<'a> {
    id: Id,
    chat_id: Id,
    sequence: i64,
    author_id: Id,
    parent_id: Option<Id>,
    parent_sequence: Option<i64>,
    content: Option<&'a str>,
    content_folded: Option<String>,
    image_url: Option<&'a str>,
    link_preview_url: Option<&'a str>,
    expected_attachment_count: i32,
    created_at: Time,
    updated_at: Time,
}

impl<'a> NewMessage<'a> {
    fn of(viewer: Viewer, seat: &Seat, (id, sequence, at): (Id, i64, Time), draft: &'a Draft) -> Self {
        Self {
            id,
            chat_id: seat.chat,
            sequence,
            author_id: viewer.id,
            parent_id: draft.parent.map(|parent| parent.id),
            parent_sequence: draft.parent.map(|parent| parent.sequence),
            content: draft.content.as_deref(),
            content_folded: draft.content.as_deref().map(fold),
            image_url: draft.image_url.as_deref(),
            link_preview_url: draft.link_preview_url.as_deref(),
            expected_attachment_count: draft.expected_attachment_count,
            created_at: at,
            updated_at: at,
        }
    }
}

/// A row by itself keeps its statement prepared.
fn insert(tx: &mut Tx<'_>, mut rows: Vec<NewMessage<'_>>) -> Result<()> {
    let taken = |error: diesel::result::Error| {
        let taken = violates(&error, "messages_pkey", "messages.id");
        if taken { super::conversation::id_taken().into() } else { Error::from(error) }
    };
    if rows.len() == 1
        && let Some(row) = rows.pop()
    {
        diesel::insert_into(messages::table).values(row).execute(tx.conn).map_err(taken)?;
        return Ok(());
    }
    for rows in rows.chunks(CHUNK) {
        on_backend!(tx.conn, |conn| diesel::insert_into(messages::table).values(rows).execute(conn)).map_err(taken)?;
    }
    Ok(())
}

/// One statement for all messages that were answered equally often.
fn count_replies(tx: &mut Tx<'_>, drafts: &[(Id, &Draft)]) -> Result<()> {
    let mut replies: BTreeMap<Id, i32> = BTreeMap::new();
    for parent in drafts.iter().filter_map(|(_, draft)| draft.parent) {
        *replies.entry(parent.id).or_default() += 1;
    }
    let mut answered: BTreeMap<i32, Vec<Id>> = BTreeMap::new();
    for (parent, count) in replies {
        answered.entry(count).or_default().push(parent);
    }
    for (count, parents) in answered {
        diesel::update(messages::table.filter(messages::id.eq_any(parents)))
            .set(messages::reply_count.eq(messages::reply_count + count))
            .execute(tx.conn)?;
    }
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
