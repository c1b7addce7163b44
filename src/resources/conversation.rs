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
    batch::{Ids, insert},
    consent::{self, ACTIVE, Accounts, NewRequest, Request},
    group::{self, NewChat},
};
use crate::{
    db::{DbError, Id, Time},
    jsonapi::error::{Code, ErrorObject},
    resource::{Condition, Error, Result, Sql, Tx, among},
    schema::{chat_memberships, chats, direct_conversations},
};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, Insertable, QueryDsl as _, RunQueryDsl as _};
use std::collections::{BTreeSet, HashMap};

/// What a create comes to.
pub(super) struct Direct {
    /// The conversation's id.
    pub(super) id: Id,
    /// Its chat's id.
    pub(super) chat: Id,
    /// Whether it wasn't there before.
    pub(super) fresh: bool,
}

/// A direct conversation that is there, or is about to be.
pub(super) struct Found {
    id: Id,
    /// Its chat's id.
    pub(super) chat: Id,
    /// Its chat's status.
    pub(super) status: String,
    /// The request, where the status is still to become active.
    pub(super) request: Option<Request>,
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

/// The viewer's conversations with some peers: as they are, and what becomes of them.
pub(super) struct Conversations {
    viewer: Id,
    /// By peer, as if all that was decided so far were carried out.
    found: HashMap<Id, Found>,
    /// Of those with whom there is none.
    accounts: Accounts,
    begun: Vec<Begun>,
    asked: Vec<NewRequest>,
    accepted: Vec<Id>,
    shown: Vec<Id>,
}

/// A conversation to be.
struct Begun {
    id: Id,
    chat: Id,
    peer: Id,
    status: &'static str,
}

impl Conversations {
    /// Looks for the conversations with these peers. Those that wait for an answer are held.
    pub(super) fn with(tx: &mut Tx<'_>, peers: &BTreeSet<Id>) -> Result<Self> {
        let mut found = find(tx, peers)?;
        let open: Vec<Id> = found.values().filter(|found| found.status != ACTIVE).map(|found| found.chat).collect();
        let mut requests = consent::lock(tx, &open)?;
        for found in found.values_mut().filter(|found| found.status != ACTIVE) {
            // Withdrawn meanwhile, with the conversation.
            let request = requests.remove(&found.chat).ok_or_else(DbError::overtaken)?;
            found.status.clone_from(&request.status);
            found.request = Some(request);
        }
        let unknown: Vec<Id> = peers.iter().copied().filter(|peer| !found.contains_key(peer)).collect();
        let accounts = if unknown.is_empty() { Accounts::default() } else { Accounts::keep(tx, unknown)? };
        let (begun, asked, accepted, shown) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Self { viewer: tx.viewer.id, found, accounts, begun, asked, accepted, shown })
    }

    /// The one with a peer.
    pub(super) fn get(&self, peer: Id) -> Option<&Found> {
        self.found.get(&peer)
    }

    /// The one with `peer`, which is to be if there is none. `pointer` is where the request names the peer.
    ///
    /// One that is there is shown again to the viewer, whatever its peer's policy has become; and whoever was asked
    /// for it has now said yes. Whoever asked gets it as it is, and can't write in it yet.
    pub(super) fn open(&mut self, peer: Id, wanted: Wanted, ids: &mut Ids, pointer: &str) -> Result<Direct> {
        let Some(found) = self.found.get(&peer) else {
            if self.accounts.policy(peer, pointer)? != "open" {
                let detail = "This user wants to be asked first: send a chat request.";
                return Err(ErrorObject::new(Code::ChatRequestRequired, detail).pointer(pointer).into());
            }
            ids.take(wanted.client_id())?;
            let (id, chat) = wanted.new_ids();
            self.begin(peer, (id, chat), ACTIVE, None);
            return Ok(Direct { id, chat, fresh: true });
        };
        if wanted.client_id().is_some() {
            let detail = "You have a direct conversation with this user already.";
            return Err(already_exists(detail, wanted.of(found), pointer));
        }
        let direct = Direct { id: found.id, chat: found.chat, fresh: false };
        let asks_viewer = |request: &Request| request.sender != Some(self.viewer);
        if found.status != ACTIVE && found.request.as_ref().is_some_and(asks_viewer) {
            self.accept(peer);
        } else {
            self.show(direct.chat);
        }
        Ok(direct)
    }

    /// 404 if there is no such peer to ask.
    pub(super) fn require_peer(&self, peer: Id, pointer: &str) -> Result<()> {
        self.accounts.policy(peer, pointer).map(drop)
    }

    /// The viewer begins one with `peer`; with a request of this id where the peer is asked first.
    pub(super) fn begin(&mut self, peer: Id, (id, chat): (Id, Id), status: &'static str, request: Option<Id>) {
        self.begun.push(Begun { id, chat, peer, status });
        self.asked.extend(request.map(|id| NewRequest { id, chat, recipient: peer }));
        let request = request.map(|id| Request { id, sender: Some(self.viewer), status: status.to_owned() });
        self.found.insert(peer, Found { id, chat, status: status.to_owned(), request });
    }

    /// The viewer says yes to a peer who asked.
    pub(super) fn accept(&mut self, peer: Id) {
        if let Some(found) = self.found.get_mut(&peer) {
            ACTIVE.clone_into(&mut found.status);
            self.accepted.push(found.chat);
        }
    }

    /// The viewer wants to see a chat again.
    pub(super) fn show(&mut self, chat: Id) {
        self.shown.push(chat);
    }

    /// Does all that was decided.
    pub(super) fn carry_out(&self, tx: &mut Tx<'_>) -> Result<()> {
        let member = |begun: &Begun| [(self.viewer, "member"), (begun.peer, "member")];
        let members: Vec<_> = self.begun.iter().map(member).collect();
        let chats = self.begun.iter().zip(&members);
        let chats: Vec<_> =
            chats.map(|(begun, members)| NewChat::direct((begun.id, begun.chat), begun.status, members)).collect();
        group::begin(tx, &chats)?;
        let rows: Vec<_> = self.begun.iter().map(|begun| Row::of(begun, self.viewer, tx.viewer.now())).collect();
        insert!(tx, direct_conversations, rows)?;
        consent::ask(tx, &self.asked)?;
        consent::answer(tx, &self.accepted, ACTIVE)?;
        show_again(tx, &self.shown)
    }
}

#[derive(Insertable)]
#[diesel(table_name = direct_conversations, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    chat_id: Id,
    first_user_id: Id,
    second_user_id: Id,
    low_user_id: Id,
    high_user_id: Id,
    first_listed: bool,
    second_listed: bool,
    chat_updated_at: Time,
    created_at: Time,
    updated_at: Time,
}

impl Row {
    fn of(begun: &Begun, viewer: Id, now: Time) -> Self {
        let listed = begun.status == ACTIVE;
        Self {
            id: begun.id,
            chat_id: begun.chat,
            first_user_id: viewer,
            second_user_id: begun.peer,
            low_user_id: viewer.min(begun.peer),
            high_user_id: viewer.max(begun.peer),
            first_listed: listed,
            second_listed: listed,
            chat_updated_at: now,
            created_at: now,
            updated_at: now,
        }
    }
}

/// The conversation, its chat, that one's status, and the pair.
type FoundRow = (Id, Id, String, Option<Id>, Option<Id>);

/// The conversations of the viewer with these peers, by peer.
fn find(tx: &mut Tx<'_>, peers: &BTreeSet<Id>) -> Result<HashMap<Id, Found>> {
    let viewer = tx.viewer.id;
    let (low, high): (Vec<Id>, Vec<Id>) =
        peers.iter().filter(|peer| **peer != viewer).partition(|peer| **peer < viewer);
    if low.is_empty() && high.is_empty() {
        return Ok(HashMap::new());
    }
    let side = |own: &'static str, peers: &'static str, ids: Vec<Id>| {
        let pair = Sql::new("(").then(own).then(" = ").then(viewer).then(" AND ").then(peers);
        (!ids.is_empty()).then(|| pair.then(Sql::among(ids)).then(")"))
    };
    let (low_column, high_column) = ("direct_conversations.low_user_id", "direct_conversations.high_user_id");
    let pairs = [side(low_column, high_column, high), side(high_column, low_column, low)];
    let found: Vec<FoundRow> = direct_conversations::table
        .inner_join(chats::table)
        .filter(Condition::from(Sql::any(pairs.into_iter().flatten())))
        .select((
            direct_conversations::id,
            direct_conversations::chat_id,
            chats::status,
            direct_conversations::low_user_id,
            direct_conversations::high_user_id,
        ))
        .load(tx.conn)?;
    let found = found.into_iter().filter_map(|(id, chat, status, low, high)| {
        let peer = if low == Some(viewer) { high } else { low };
        Some((peer?, Found { id, chat, status, request: None }))
    });
    Ok(found.collect())
}

/// 409 for a client that made an id for what is there under another one.
pub(super) fn already_exists(detail: &str, id: Id, pointer: &str) -> Error {
    ErrorObject::new(Code::AlreadyExists, detail).pointer(pointer).meta("id", id.to_string()).into()
}

/// Brings direct chats back to the viewer who deleted or hid them.
pub(super) fn show_again(tx: &mut Tx<'_>, chats: &[Id]) -> Result<()> {
    if chats.is_empty() {
        return Ok(());
    }
    let away: Vec<(Id, Id)> = chat_memberships::table
        .filter(among(&chat_memberships::chat_id, chats.iter().copied()))
        .filter(chat_memberships::user_id.eq(tx.viewer.id))
        .filter(chat_memberships::deleted.or(chat_memberships::hidden))
        .select((chat_memberships::id, chat_memberships::chat_id))
        .load(tx.conn)?;
    // Nearly always there is nothing to show again, and nothing to lock.
    if away.is_empty() {
        return Ok(());
    }
    group::lock_chats(tx, away.iter().map(|(_, chat)| *chat))?;
    diesel::update(chat_memberships::table.filter(among(&chat_memberships::id, away.iter().map(|(id, _)| *id))))
        .set((
            chat_memberships::deleted.eq(false),
            chat_memberships::hidden.eq(false),
            chat_memberships::version.eq(chat_memberships::version + 1),
        ))
        .execute(tx.conn)?;
    refresh_listings(tx, away.into_iter().map(|(_, chat)| chat))
}

/// Copies what decides the two sides' lists from the memberships and the chat. Nothing happens for a group.
///
/// To be called after every change of `deleted`, `hidden` or `status`.
pub(super) fn refresh_listing(tx: &mut Tx<'_>, chat: Id) -> Result<()> {
    refresh_listings(tx, [chat])
}

/// The same for several chats.
pub(super) fn refresh_listings(tx: &mut Tx<'_>, chats: impl IntoIterator<Item = Id>) -> Result<()> {
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
        .then(") WHERE chat_id")
        .then(Sql::among(chats))
        .execute(tx.conn)?;
    Ok(())
}
