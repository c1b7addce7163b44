//! Consent: who may begin a chat with whom, whom one may add to a group, and the answers to requests.
//!
//! ```text
//! users.direct_message_policy   open, or request: ask first
//! chat_requests                 at most one for a chat, and so for a pair of users
//! chats.status                  follows the request; without one it is active
//! ```
//! A request is read and answered under the lock of its chat, so that of two answers one comes first.

use super::{
    batch::{CHUNK, insert},
    conversation::{refresh_listings, show_again},
    group::{self, later},
};
use crate::{
    db::{Conn, Id, Time},
    jsonapi::error::{Code, ErrorObject},
    resource::{Error, Result, Sql, Tx, among, select::Select, value::Bind},
    schema::{chat_requests, chats, direct_conversations, users},
};
use diesel::{ExpressionMethods as _, Insertable, QueryDsl as _, RunQueryDsl as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Nobody has answered yet.
pub(super) const PENDING: &str = "pending";
/// The two may write to each other.
pub(super) const ACTIVE: &str = "active";
/// The recipient said no.
pub(super) const DECLINED: &str = "declined";
/// The values of `status`, of chats and of requests.
pub(super) const STATUSES: &[&str] = &[PENDING, ACTIVE, DECLINED];

/// A request as it is stored.
pub(super) struct Request {
    /// Its id.
    pub(super) id: Id,
    /// Who asks; `None` once that account is removed.
    pub(super) sender: Option<Id>,
    /// `pending`, `active` or `declined`.
    pub(super) status: String,
}

/// The requests of chats, by chat, read after locking the chats.
pub(super) fn lock(tx: &mut Tx<'_>, chats: &[Id]) -> Result<HashMap<Id, Request>> {
    if chats.is_empty() {
        return Ok(HashMap::new());
    }
    group::lock_chats(tx, chats.iter().copied())?;
    let found: Vec<(Id, Id, Option<Id>, String)> = chat_requests::table
        .filter(among(&chat_requests::chat_id, chats.iter().copied()))
        .select((chat_requests::chat_id, chat_requests::id, chat_requests::sender_id, chat_requests::status))
        .load(tx.conn)?;
    Ok(found.into_iter().map(|(chat, id, sender, status)| (chat, Request { id, sender, status })).collect())
}

/// A request of the viewer's to be.
pub(super) struct NewRequest {
    pub(super) id: Id,
    pub(super) chat: Id,
    pub(super) recipient: Id,
}

#[derive(Insertable)]
#[diesel(table_name = chat_requests, treat_none_as_default_value = false)]
struct RequestRow {
    id: Id,
    chat_id: Id,
    sender_id: Id,
    recipient_id: Id,
    status: &'static str,
    created_at: Time,
    updated_at: Time,
}

/// Stores the viewer's requests.
pub(super) fn ask(tx: &mut Tx<'_>, new: &[NewRequest]) -> Result<()> {
    let (viewer, now) = (tx.viewer.id, tx.viewer.now());
    let rows = new.iter().map(|new| RequestRow {
        id: new.id,
        chat_id: new.chat,
        sender_id: viewer,
        recipient_id: new.recipient,
        status: PENDING,
        created_at: now,
        updated_at: now,
    });
    insert!(tx, chat_requests, rows.collect::<Vec<_>>())
}

/// Gives the requests of locked chats their answer, which the chats follow.
pub(super) fn answer(tx: &mut Tx<'_>, chats: &[Id], status: &'static str) -> Result<()> {
    if chats.is_empty() {
        return Ok(());
    }
    let of_chats = || among(&chat_requests::chat_id, chats.iter().copied());
    let asked = chat_requests::table.filter(of_chats()).select((chat_requests::chat_id, chat_requests::updated_at));
    for (answered, chats) in moved(tx.viewer.now(), asked.load(tx.conn)?) {
        diesel::update(chat_requests::table.filter(among(&chat_requests::chat_id, chats)))
            .set((
                chat_requests::status.eq(status),
                chat_requests::responded_at.eq(answered),
                chat_requests::updated_at.eq(answered),
                chat_requests::version.eq(chat_requests::version + 1),
            ))
            .execute(tx.conn)?;
    }
    follow(tx, chats, status)?;
    refresh_listings(tx, chats.iter().copied())?;
    // Whoever says yes wants to see the chat, even after having put it away.
    if status == ACTIVE { show_again(tx, chats) } else { Ok(()) }
}

/// The status is what both sides see of the chat, so the chat has changed.
fn follow(tx: &mut Tx<'_>, chats: &[Id], status: &'static str) -> Result<()> {
    let rows = chats::table.filter(among(&chats::id, chats.iter().copied())).select((chats::id, chats::updated_at));
    for (changed, chats) in moved(tx.viewer.now(), rows.load(tx.conn)?) {
        diesel::update(chats::table.filter(among(&chats::id, chats.iter().copied())))
            .set((chats::status.eq(status), chats::updated_at.eq(changed)))
            .execute(tx.conn)?;
        diesel::update(direct_conversations::table.filter(among(&direct_conversations::chat_id, chats)))
            .set(direct_conversations::chat_updated_at.eq(changed))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// When rows change now that last changed at these instants; nearly always all of them at one.
fn moved(now: Time, before: Vec<(Id, Time)>) -> BTreeMap<Time, Vec<Id>> {
    let mut moved: BTreeMap<Time, Vec<Id>> = BTreeMap::new();
    for (id, before) in before {
        moved.entry(later(now, before)).or_default().push(id);
    }
    moved
}

/// Accounts as they stay until the transaction ends: on PostgreSQL they, and the viewer's own, can't be removed before.
#[derive(Default)]
pub(super) struct Accounts {
    /// The viewer's own may be gone by now: the token was looked at before the transaction began.
    viewer_is_there: bool,
    policies: BTreeMap<Id, String>,
}

impl Accounts {
    /// Keeps those that are there.
    pub(super) fn keep(tx: &mut Tx<'_>, accounts: impl IntoIterator<Item = Id>) -> Result<Self> {
        // One order for all, so that nobody waits for each other.
        let wanted: BTreeSet<Id> = accounts.into_iter().chain([tx.viewer.id]).collect();
        let mut policies = BTreeMap::new();
        for ids in wanted.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
            let found = users::table
                .filter(among(&users::id, ids.iter().copied()))
                .order(users::id)
                .select((users::id, users::direct_message_policy));
            let found: Vec<(Id, String)> = match tx.conn {
                Conn::Pg(pg) => found.for_key_share().load(pg)?,
                Conn::Sqlite(sqlite) => found.load(sqlite)?,
            };
            policies.extend(found);
        }
        Ok(Self { viewer_is_there: policies.contains_key(&tx.viewer.id), policies })
    }

    /// The peer's policy; 404 if there is no such account.
    pub(super) fn policy(&self, peer: Id, pointer: &str) -> Result<&str> {
        self.require_viewer()?;
        let policy = self.policies.get(&peer).map(String::as_str);
        policy.ok_or_else(|| gone("There is no such `user`.", pointer))
    }

    fn require_viewer(&self) -> Result<()> {
        if self.viewer_is_there { Ok(()) } else { Err(Error::api(Code::Unauthorized, "Your account is gone.")) }
    }
}

fn gone(detail: &str, pointer: &str) -> Error {
    ErrorObject::new(Code::NotFound, detail).pointer(pointer).into()
}

/// Whom of some users the viewer may add to groups.
#[derive(Default)]
pub(super) struct Consent {
    accounts: Accounts,
    unasked: BTreeSet<Id>,
}

impl Consent {
    /// What these users have consented to.
    pub(super) fn of(tx: &mut Tx<'_>, users: impl IntoIterator<Item = Id>) -> Result<Self> {
        let users: BTreeSet<Id> = users.into_iter().collect();
        let accounts = Accounts::keep(tx, users.iter().copied())?;
        let mut unasked = BTreeSet::new();
        for ids in users.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
            let ids = ids.iter().copied().map(Bind::Id).collect();
            let select = Select {
                source: Sql::new("users"),
                visible: vec![has_not_consented(tx.viewer.id)],
                filters: vec![Sql::new("users.id IN ").then(Sql::list(ids))],
                cached: true,
                ..Select::default()
            };
            unasked.extend(select.ids(tx.conn, &users::id)?);
        }
        Ok(Self { accounts, unasked })
    }

    /// This user has said yes by now.
    pub(super) fn is_given_by(&mut self, user: Id) {
        self.unasked.remove(&user);
    }

    /// 403 if one of these may not be added; 404 if one is gone.
    pub(super) fn require(&self, members: &[Id], pointer: &str) -> Result<()> {
        self.accounts.require_viewer()?;
        if members.iter().any(|member| !self.accounts.policies.contains_key(member)) {
            return Err(gone("One of these users is gone.", pointer));
        }
        let unasked: Vec<String> = members.iter().filter(|id| self.unasked.contains(id)).map(Id::to_string).collect();
        if unasked.is_empty() {
            return Ok(());
        }
        let detail = "Some of these users want to be asked first, or haven't said yes.";
        Err(ErrorObject::new(Code::ChatRequestRequired, detail).pointer(pointer).meta("user_ids", unasked).into())
    }
}

/// The condition for users whom the viewer asked without a yes, and for those who want to be asked and have nothing in
/// common with the viewer: neither an active direct conversation nor a group.
fn has_not_consented(viewer: Id) -> Sql {
    let asked = Sql::new("EXISTS (SELECT 1 FROM chat_requests WHERE chat_requests.recipient_id = users.id")
        .then(" AND chat_requests.sender_id = ")
        .then(viewer)
        .then(" AND chat_requests.status <> 'active')");
    let nothing_in_common =
        Sql::new("NOT EXISTS (SELECT 1 FROM chat_memberships AS theirs JOIN chats ON chats.id = theirs.chat_id")
            .then(" JOIN chat_memberships AS mine ON mine.chat_id = theirs.chat_id AND mine.user_id = ")
            .then(viewer)
            .then(" WHERE theirs.user_id = users.id AND (chats.chat_type = 'group' OR chats.status = 'active'))");
    let wants_requests = Sql::new("users.direct_message_policy = 'request'");
    Sql::any([asked, Sql::all([wants_requests, nothing_in_common])])
}
