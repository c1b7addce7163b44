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
    batch::insert,
    consent::ACTIVE,
    conversation::refresh_listings,
    group::{later, lock_chats},
};
use crate::{
    db::{Id, Time},
    jsonapi::{error::Code, text::fold},
    on_backend,
    resource::{Error, Result, Tx, Viewer, among, change, fixed},
    schema::{chat_memberships, chats, direct_conversations, messages},
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _,
    prelude::{Insertable, Queryable},
    sql_types::Bool,
};
use std::collections::{BTreeMap, BTreeSet};

/// The viewer's place in a chat whose row is held.
#[derive(Clone, Queryable)]
pub(super) struct Seat {
    chat: Id,
    chat_type: String,
    status: String,
    open: bool,
    member_count: i32,
    last_sequence: i64,
    last_message_at: Option<Time>,
    updated_at: Time,
    role: String,
    /// Whether a member hid or deleted it. Who does that holds the chat's row as well.
    put_away: bool,
}

/// That a member of the chat hid or deleted it.
const PUT_AWAY: &str = "EXISTS (SELECT 1 FROM chat_memberships AS away WHERE away.chat_id = chats.id \
                        AND (away.deleted OR away.hidden))";

/// The viewer's places in chats, by chat.
pub(super) struct Seats(BTreeMap<Id, Seat>);

impl Seats {
    /// Holds the chats' rows, and tells what the viewer may do there.
    pub(super) fn take(tx: &mut Tx<'_>, chats: &BTreeSet<Id>) -> Result<Self> {
        if chats.is_empty() {
            return Ok(Self(BTreeMap::new()));
        }
        lock_chats(tx, chats.iter().copied())?;
        let places = chat_memberships::table
            .inner_join(chats::table)
            .filter(among(&chat_memberships::chat_id, chats.iter().copied()))
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
                fixed::<Bool>(PUT_AWAY),
            ));
        let found: Vec<Seat> = on_backend!(tx.conn, |conn| places.load(conn))?;
        Ok(Self(found.into_iter().map(|seat| (seat.chat, seat)).collect()))
    }

    /// The place in one of them; 404 for who is no member.
    pub(super) fn of(&self, chat: Id) -> Result<&Seat> {
        self.0.get(&chat).ok_or_else(|| Error::not_found("chat"))
    }

    /// The request for a chat was accepted.
    pub(super) fn open(&mut self, chat: Id) {
        if let Some(seat) = self.0.get_mut(&chat) {
            ACTIVE.clone_into(&mut seat.status);
        }
    }

    /// Takes the place of whoever has just begun a chat.
    pub(super) fn begin(&mut self, chat: Id, chat_type: &str, now: Time) {
        let seat = Seat {
            chat,
            chat_type: chat_type.to_owned(),
            status: ACTIVE.to_owned(),
            open: true,
            // Nobody can be gone yet.
            member_count: 2,
            last_sequence: 0,
            last_message_at: None,
            // The first message belongs to the beginning and moves nothing.
            updated_at: Time(now.0 - 1),
            role: "member".to_owned(),
            put_away: false,
        };
        self.0.insert(chat, seat);
    }
}

/// Holds the chat's row, and refuses new content of any kind from who may not bring it: 403, or 409 for now.
pub(super) fn may_post(tx: &mut Tx<'_>, chat: Id) -> Result<()> {
    let seats = Seats::take(tx, &BTreeSet::from([chat]))?;
    let seat = seats.of(chat)?;
    seat.require_writer()?;
    seat.require_open()
}

impl Seat {
    /// 403 for readers.
    pub(super) fn require_writer(&self) -> Result<()> {
        let is_reader = self.role == "reader";
        if is_reader { Err(Error::forbidden("A reader of the chat can't write in it.")) } else { Ok(()) }
    }

    /// 409 while the chat takes nothing new.
    pub(super) fn require_open(&self) -> Result<()> {
        let is_direct = self.chat_type == "direct";
        if self.status != ACTIVE {
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

/// A message to be: its chat, its id, and what it says.
pub(super) type New = (Id, Id, Draft);

/// Adds messages of the viewer, who may post in their chats, each behind those before it.
pub(super) fn append(tx: &mut Tx<'_>, seats: &Seats, new: &[New]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let now = tx.viewer.now();
    let mut moves: BTreeMap<Id, Move> = BTreeMap::new();
    let mut rows = Vec::with_capacity(new.len());
    for (chat, id, draft) in new {
        let seat = seats.of(*chat)?;
        let moved = moves.entry(*chat).or_insert_with(|| Move::of(seat, now));
        moved.messages += 1;
        let place = (*id, seat.last_sequence + moved.messages, moved.at);
        rows.push(NewMessage::of(tx.viewer, seat.chat, place, draft));
    }
    insert!(tx, messages, rows)?;
    count_replies(tx, new)?;
    move_on(tx, moves)?;
    revive(tx, seats, new.iter().map(|(chat, ..)| *chat).collect())
}

/// What new messages do to their chat.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Move {
    messages: i64,
    at: Time,
    updated_at: Time,
    is_direct: bool,
}

impl Move {
    fn of(seat: &Seat, now: Time) -> Self {
        // Clocks of several servers differ, but within a chat the order of sequences is the order of instants.
        let at = seat.last_message_at.map_or(now, |last| last.max(now));
        Self { messages: 0, at, updated_at: later(now, seat.updated_at), is_direct: seat.chat_type == "direct" }
    }
}

/// Some statements for all chats that move alike.
fn move_on(tx: &mut Tx<'_>, moves: BTreeMap<Id, Move>) -> Result<()> {
    let mut alike: BTreeMap<Move, Vec<Id>> = BTreeMap::new();
    for (chat, moved) in moves {
        alike.entry(moved).or_default().push(chat);
    }
    for (Move { messages, at, updated_at, is_direct }, moved) in alike {
        let moving = (
            chats::last_sequence.eq(chats::last_sequence + messages),
            chats::last_message_at.eq(at),
            chats::updated_at.eq(updated_at),
        );
        let moving = change(chats::table, among(&chats::id, moved.iter().copied()), moving);
        on_backend!(tx.conn, |conn| moving.execute(conn))?;
        if is_direct {
            let theirs = among(&direct_conversations::chat_id, moved);
            let copied = direct_conversations::chat_updated_at.eq(updated_at);
            let copies = change(direct_conversations::table, theirs, copied);
            on_backend!(tx.conn, |conn| copies.execute(conn))?;
        }
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = messages, treat_none_as_default_value = false)]
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
    fn of(viewer: Viewer, chat: Id, (id, sequence, at): (Id, i64, Time), draft: &'a Draft) -> Self {
        Self {
            id,
            chat_id: chat,
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

/// One statement for all messages that were answered equally often.
fn count_replies(tx: &mut Tx<'_>, new: &[New]) -> Result<()> {
    let mut replies: BTreeMap<Id, i32> = BTreeMap::new();
    for parent in new.iter().filter_map(|(.., draft)| draft.parent) {
        *replies.entry(parent.id).or_default() += 1;
    }
    let mut answered: BTreeMap<i32, Vec<Id>> = BTreeMap::new();
    for (parent, count) in replies {
        answered.entry(count).or_default().push(parent);
    }
    for (count, parents) in answered {
        let counted = messages::reply_count.eq(messages::reply_count + count);
        let counted = change(messages::table, among(&messages::id, parents), counted);
        on_backend!(tx.conn, |conn| counted.execute(conn))?;
    }
    Ok(())
}

/// Brings the chats back to whoever deleted or hid them; who hid an archived chat finds it in the inbox again.
fn revive(tx: &mut Tx<'_>, seats: &Seats, posted: BTreeSet<Id>) -> Result<()> {
    let posted: Vec<&Seat> = posted.iter().filter_map(|chat| seats.0.get(chat)).filter(|seat| seat.put_away).collect();
    if posted.is_empty() {
        return Ok(());
    }
    let away = among(&chat_memberships::chat_id, posted.iter().map(|seat| seat.chat))
        .and(chat_memberships::deleted.or(chat_memberships::hidden));
    let back = (
        chat_memberships::archived.eq(fixed::<Bool>("archived AND NOT hidden")),
        chat_memberships::hidden.eq(false),
        chat_memberships::deleted.eq(false),
        chat_memberships::version.eq(chat_memberships::version + 1),
    );
    let back = change(chat_memberships::table, away, back);
    on_backend!(tx.conn, |conn| back.execute(conn))?;
    let direct = posted.into_iter().filter(|seat| seat.chat_type == "direct").map(|seat| seat.chat);
    let direct: Vec<Id> = direct.collect();
    if direct.is_empty() { Ok(()) } else { refresh_listings(tx, direct) }
}
