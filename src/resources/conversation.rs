//! Direct conversations as they are stored: one row for the pair, one chat, two memberships.
//!
//! ```text
//! direct_conversations   unique by the unordered pair, which alone settles who was first
//! chats                  chat_type direct
//! chat_memberships       one per side
//! ```
//! Both `POST /direct_conversations` and `POST /chats` for one other user end here. What a list shows of each side is
//! a copy of that side's membership and of the chat's status; [`refresh_listing`] alone writes it.

use super::group::{self, NewChat};
use crate::{
    db::{Conn, Id, violates},
    jsonapi::error::{Code, ErrorObject},
    on_backend,
    resource::{Error, Result, Sql, Tx},
    schema::{chat_memberships, chats, direct_conversations, users},
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, QueryResult,
    RunQueryDsl as _,
};

/// The values of `chats.status`.
pub(super) const STATUSES: &[&str] = &["pending", "active", "declined"];

/// A direct conversation.
pub(super) struct Direct {
    /// Its id.
    pub(super) id: Id,
    /// Its chat's id.
    pub(super) chat: Id,
    /// Whether it wasn't there before.
    pub(super) fresh: bool,
}

/// Which resource a create is about, and the id that the client made for it.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// The `direct_conversation`.
    Conversation(Option<Id>),
    /// The `chat`.
    Chat(Option<Id>),
}

impl Wanted {
    fn client_id(self) -> Option<Id> {
        match self {
            Wanted::Conversation(id) | Wanted::Chat(id) => id,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Wanted::Conversation(_) => "direct_conversation",
            Wanted::Chat(_) => "chat",
        }
    }

    fn of(self, direct: &Direct) -> Id {
        match self {
            Wanted::Conversation(_) => direct.id,
            Wanted::Chat(_) => direct.chat,
        }
    }
}

/// The viewer's conversation with `peer`, made if there is none. `pointer` is where the request names the peer.
///
/// One that is there is shown again to the viewer, whatever its peer's policy has become.
pub(super) fn open(tx: &mut Tx<'_>, peer: Id, wanted: Wanted, pointer: &str) -> Result<Direct> {
    let pair = Pair::of(tx.viewer.id, peer);
    if let Some(direct) = pair.find(tx.conn)? {
        return reopen(tx, direct, wanted, pointer);
    }
    let policy = policy(tx, peer)?;
    let policy = policy.ok_or_else(|| unknown_peer(pointer))?;
    if policy != "open" {
        let detail = "This user wants to be asked first: send a chat request.";
        return Err(ErrorObject::new(Code::ChatRequestRequired, detail).pointer(pointer).into());
    }
    refuse_taken(tx, wanted.kind(), wanted.client_id())?;
    match insert(tx, peer, &pair, wanted)? {
        Some(direct) => Ok(direct),
        // Somebody was faster, and has committed: the insert waited for that.
        None => {
            let direct = pair.find(tx.conn)?;
            let direct = direct.ok_or_else(|| Error::Internal("a conversation came and went".to_owned()))?;
            reopen(tx, direct, wanted, pointer)
        }
    }
}

/// The two participants, in the order in which the pair is unique.
struct Pair {
    low: Id,
    high: Id,
}

impl Pair {
    fn of(one: Id, other: Id) -> Self {
        Self { low: one.min(other), high: one.max(other) }
    }

    fn find(&self, conn: &mut Conn) -> QueryResult<Option<Direct>> {
        let found = direct_conversations::table
            .filter(direct_conversations::low_user_id.eq(self.low))
            .filter(direct_conversations::high_user_id.eq(self.high))
            .select((direct_conversations::id, direct_conversations::chat_id))
            .first(conn)
            .optional()?;
        Ok(found.map(|(id, chat)| Direct { id, chat, fresh: false }))
    }
}

/// The peer's policy. On PostgreSQL the account then can't be removed before this transaction ends.
fn policy(tx: &mut Tx<'_>, peer: Id) -> QueryResult<Option<String>> {
    let policy = users::table.find(peer).select(users::direct_message_policy);
    match tx.conn {
        Conn::Pg(pg) => policy.for_key_share().first(pg).optional(),
        Conn::Sqlite(sqlite) => policy.first(sqlite).optional(),
    }
}

fn unknown_peer(pointer: &str) -> ErrorObject {
    ErrorObject::new(Code::NotFound, "There is no such `user`.").pointer(pointer)
}

/// 409 if the viewer sees a resource with the id that a client made; one that isn't seen is found by the constraint.
pub(super) fn refuse_taken(tx: &mut Tx<'_>, kind: &str, id: Option<Id>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let entry = tx.registry.target(kind)?;
    let select = entry.select_ids(&tx.viewer, crate::resource::Place::One, [id]);
    if select.ids(tx.conn, entry.id)?.is_empty() {
        return Ok(());
    }
    Err(id_taken().meta("id", id.to_string()).into())
}

/// The id that a client made is in use.
pub(super) fn id_taken() -> ErrorObject {
    ErrorObject::new(Code::IdTaken, "This id is in use.").pointer("/data/id")
}

/// Inserts all four rows, or none if the pair is there.
fn insert(tx: &mut Tx<'_>, peer: Id, pair: &Pair, wanted: Wanted) -> Result<Option<Direct>> {
    let (id, chat) = match wanted {
        Wanted::Conversation(id) => (id.unwrap_or_else(Id::new), Id::new()),
        Wanted::Chat(chat) => (Id::new(), chat.unwrap_or_else(Id::new)),
    };
    let now = tx.viewer.now;
    let members = [(tx.viewer.id, "member"), (peer, "member")];
    group::insert_chat(tx, &NewChat::new(chat, "direct", &members))?;
    let row = (
        (direct_conversations::id.eq(id), direct_conversations::chat_id.eq(chat)),
        (direct_conversations::first_user_id.eq(tx.viewer.id), direct_conversations::second_user_id.eq(peer)),
        (direct_conversations::low_user_id.eq(pair.low), direct_conversations::high_user_id.eq(pair.high)),
        direct_conversations::chat_updated_at.eq(now),
        (direct_conversations::created_at.eq(now), direct_conversations::updated_at.eq(now)),
    );
    let inserted = on_backend!(tx.conn, |conn| {
        diesel::insert_into(direct_conversations::table)
            .values(row)
            .on_conflict((direct_conversations::low_user_id, direct_conversations::high_user_id))
            .do_nothing()
            .execute(conn)
    });
    let inserted = inserted.map_err(|error| {
        let taken = violates(&error, "direct_conversations_pkey", "direct_conversations.id");
        if taken { id_taken().into() } else { Error::from(error) }
    })?;
    if inserted == 0 {
        diesel::delete(chats::table.find(chat)).execute(tx.conn)?;
        return Ok(None);
    }
    group::insert_members(tx, chat, 0, &members)?;
    Ok(Some(Direct { id, chat, fresh: true }))
}

/// Shows a conversation again to the viewer who asks for it; what was cleared stays cleared.
fn reopen(tx: &mut Tx<'_>, direct: Direct, wanted: Wanted, pointer: &str) -> Result<Direct> {
    if wanted.client_id().is_some() {
        let detail = "You have a direct conversation with this user already.";
        let error = ErrorObject::new(Code::AlreadyExists, detail).pointer(pointer);
        return Err(error.meta("id", wanted.of(&direct).to_string()).into());
    }
    let away = chat_memberships::table
        .filter(chat_memberships::chat_id.eq(direct.chat))
        .filter(chat_memberships::user_id.eq(tx.viewer.id))
        .filter(chat_memberships::deleted.or(chat_memberships::hidden));
    // Nearly always there is nothing to show again, and nothing to lock.
    let is_away: Option<Id> = away.select(chat_memberships::id).first(tx.conn).optional()?;
    if is_away.is_some() {
        group::lock_chat(tx, direct.chat)?;
        show_again(tx, direct.chat)?;
    }
    Ok(direct)
}

fn show_again(tx: &mut Tx<'_>, chat: Id) -> Result<()> {
    diesel::update(
        chat_memberships::table
            .filter(chat_memberships::chat_id.eq(chat))
            .filter(chat_memberships::user_id.eq(tx.viewer.id)),
    )
    .set((
        chat_memberships::deleted.eq(false),
        chat_memberships::hidden.eq(false),
        chat_memberships::version.eq(chat_memberships::version + 1),
    ))
    .execute(tx.conn)?;
    refresh_listing(tx, chat)
}

/// Copies what decides the two sides' lists from the memberships and the chat. Nothing happens for a group.
///
/// To be called after every change of `deleted`, `hidden` or `status`.
pub(super) fn refresh_listing(tx: &mut Tx<'_>, chat: Id) -> Result<()> {
    let is_member = |user: &'static str| {
        Sql::new("EXISTS (SELECT 1 FROM chat_memberships AS side WHERE side.chat_id = direct_conversations.chat_id")
            .then(" AND side.user_id = direct_conversations.")
            .then(user)
            .then(" AND NOT side.deleted")
    };
    let listed = " AND NOT side.hidden) AND EXISTS (SELECT 1 FROM chats WHERE chats.id = direct_conversations.chat_id \
                  AND chats.status = 'active')";
    Sql::new("UPDATE direct_conversations SET first_visible = ")
        .then(is_member("first_user_id"))
        .then("), second_visible = ")
        .then(is_member("second_user_id"))
        .then("), first_listed = (")
        .then(is_member("first_user_id"))
        .then(listed)
        .then("), second_listed = (")
        .then(is_member("second_user_id"))
        .then(listed)
        .then(") WHERE chat_id = ")
        .then(chat)
        .execute(tx.conn)?;
    Ok(())
}
