//! Direct conversations as they are stored: one row for the pair, one chat, two memberships.
//!
//! ```text
//! direct_conversations   unique by the unordered pair, which alone settles who was first
//! chats                  chat_type direct
//! chat_memberships       one per side
//! ```
//! Both `POST /direct_conversations` and `POST /chats` for one other user end here. What a list shows of each side is
//! a copy of that side's membership and of the chat's status; [`refresh_listing`] alone writes it.

use super::{
    consent::{self, ACTIVE},
    group::{self, NewChat},
};
use crate::{
    db::{Conn, Id, violates},
    jsonapi::error::{Code, ErrorObject},
    on_backend,
    resource::{Error, Result, Sql, Tx},
    schema::{chat_memberships, chats, direct_conversations},
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, QueryResult,
    RunQueryDsl as _,
};

/// How often somebody else may be faster, in a row, until we give up.
const TRIES: usize = 8;

/// A direct conversation.
pub(super) struct Direct {
    /// Its id.
    pub(super) id: Id,
    /// Its chat's id.
    pub(super) chat: Id,
    /// Whether it wasn't there before.
    pub(super) fresh: bool,
}

/// A direct conversation that is there.
pub(super) struct Found {
    /// Its id.
    pub(super) id: Id,
    /// Its chat's id.
    pub(super) chat: Id,
    /// Its chat's status, which may change until the chat is locked; an active one stays active.
    pub(super) status: String,
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

    /// The conversation's id and the chat's.
    fn new_ids(self) -> (Id, Id) {
        match self {
            Wanted::Conversation(id) => (id.unwrap_or_else(Id::new), Id::new()),
            Wanted::Chat(chat) => (Id::new(), chat.unwrap_or_else(Id::new)),
        }
    }

    fn of(self, found: &Found) -> Id {
        match self {
            Wanted::Conversation(_) => found.id,
            Wanted::Chat(_) => found.chat,
        }
    }
}

/// The viewer's conversation with `peer`, made if there is none. `pointer` is where the request names the peer.
///
/// One that is there is shown again to the viewer, whatever its peer's policy has become; and whoever was asked for
/// it has now said yes. Whoever asked gets it as it is, and can't write in it yet.
pub(super) fn open(tx: &mut Tx<'_>, peer: Id, wanted: Wanted, pointer: &str) -> Result<Direct> {
    let unknown = |tx: &mut Tx<'_>, pair: &Pair| {
        if consent::policy(tx, peer, pointer)? != "open" {
            let detail = "This user wants to be asked first: send a chat request.";
            return Err(ErrorObject::new(Code::ChatRequestRequired, detail).pointer(pointer).into());
        }
        refuse_taken(tx, wanted.kind(), wanted.client_id())?;
        begin(tx, pair, wanted.new_ids(), ACTIVE)
    };
    find_or_begin(tx, peer, |tx, found| reopen(tx, found, wanted, pointer), unknown)
}

/// Does one thing with the viewer's conversation with `peer`, or the other if there is none.
///
/// Either answers with nothing if that isn't true any more: somebody else began the conversation, or withdrew the
/// request for it, and has committed. Then we look again.
pub(super) fn find_or_begin<T>(
    tx: &mut Tx<'_>,
    peer: Id,
    mut with: impl FnMut(&mut Tx<'_>, &Found) -> Result<Option<T>>,
    mut without: impl FnMut(&mut Tx<'_>, &Pair) -> Result<Option<T>>,
) -> Result<T> {
    let pair = Pair::of(tx.viewer.id, peer);
    for _ in 0..TRIES {
        let done = match pair.find(tx.conn)? {
            Some(found) => with(tx, &found)?,
            None => without(tx, &pair)?,
        };
        if let Some(done) = done {
            return Ok(done);
        }
    }
    Err(Error::Internal("a conversation came and went".to_owned()))
}

/// The viewer and a peer, and the order in which the pair is unique.
pub(super) struct Pair {
    viewer: Id,
    peer: Id,
}

impl Pair {
    fn of(viewer: Id, peer: Id) -> Self {
        Self { viewer, peer }
    }

    fn low(&self) -> Id {
        self.viewer.min(self.peer)
    }

    fn high(&self) -> Id {
        self.viewer.max(self.peer)
    }

    fn find(&self, conn: &mut Conn) -> QueryResult<Option<Found>> {
        let found = direct_conversations::table
            .inner_join(chats::table)
            .filter(direct_conversations::low_user_id.eq(self.low()))
            .filter(direct_conversations::high_user_id.eq(self.high()))
            .select((direct_conversations::id, direct_conversations::chat_id, chats::status))
            .first(conn)
            .optional()?;
        Ok(found.map(|(id, chat, status)| Found { id, chat, status }))
    }
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
pub(super) fn begin(tx: &mut Tx<'_>, pair: &Pair, (id, chat): (Id, Id), status: &str) -> Result<Option<Direct>> {
    let now = tx.viewer.now();
    let members = [(pair.viewer, "member"), (pair.peer, "member")];
    group::insert_chat(tx, &NewChat::direct((id, chat), status, &members))?;
    let listed = status == ACTIVE;
    let row = (
        (direct_conversations::id.eq(id), direct_conversations::chat_id.eq(chat)),
        (direct_conversations::first_user_id.eq(pair.viewer), direct_conversations::second_user_id.eq(pair.peer)),
        (direct_conversations::low_user_id.eq(pair.low()), direct_conversations::high_user_id.eq(pair.high())),
        (direct_conversations::first_listed.eq(listed), direct_conversations::second_listed.eq(listed)),
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
        // Somebody was faster, and has committed: the insert waited for that.
        diesel::delete(chats::table.find(chat)).execute(tx.conn)?;
        return Ok(None);
    }
    group::insert_members(tx, chat, 0, &members)?;
    Ok(Some(Direct { id, chat, fresh: true }))
}

/// Shows a conversation again to the viewer who asks for it; what was cleared stays cleared. Nothing if a request that
/// it went by was withdrawn.
fn reopen(tx: &mut Tx<'_>, found: &Found, wanted: Wanted, pointer: &str) -> Result<Option<Direct>> {
    let mut is_answer = false;
    if found.status != ACTIVE {
        let Some(request) = consent::lock(tx, found.chat)? else { return Ok(None) };
        is_answer = request.status != ACTIVE && request.sender != Some(tx.viewer.id);
    }
    if wanted.client_id().is_some() {
        let detail = "You have a direct conversation with this user already.";
        return Err(already_exists(detail, wanted.of(found), pointer));
    }
    if is_answer {
        consent::answer(tx, found.chat, ACTIVE)?;
    } else {
        show_again(tx, found.chat)?;
    }
    Ok(Some(Direct { id: found.id, chat: found.chat, fresh: false }))
}

/// 409 for a client that made an id for what is there under another one.
pub(super) fn already_exists(detail: &str, id: Id, pointer: &str) -> Error {
    ErrorObject::new(Code::AlreadyExists, detail).pointer(pointer).meta("id", id.to_string()).into()
}

/// Brings a direct chat back to the viewer who deleted or hid it.
pub(super) fn show_again(tx: &mut Tx<'_>, chat: Id) -> Result<()> {
    let away = chat_memberships::table
        .filter(chat_memberships::chat_id.eq(chat))
        .filter(chat_memberships::user_id.eq(tx.viewer.id))
        .filter(chat_memberships::deleted.or(chat_memberships::hidden));
    // Nearly always there is nothing to show again, and nothing to lock.
    let is_away: Option<Id> = away.select(chat_memberships::id).first(tx.conn).optional()?;
    let Some(membership) = is_away else { return Ok(()) };
    group::lock_chat(tx, chat)?;
    diesel::update(chat_memberships::table.find(membership))
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
