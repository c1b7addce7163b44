//! Consent: who may begin a chat with whom, whom one may add to a group, and the answers to requests.
//!
//! ```text
//! users.direct_message_policy   open, or request: ask first
//! chat_requests                 at most one for a chat, and so for a pair of users
//! chats.status                  follows the request; without one it is active
//! ```
//! A request is read and answered under the lock of its chat, so that of two answers one comes first.

use super::{
    conversation::{id_taken, refresh_listing, show_again},
    group::{self, CHUNK, later},
};
use crate::{
    db::{Conn, Id, Time, violates},
    jsonapi::error::{Code, ErrorObject},
    resource::{Error, Result, Sql, Tx, select::Select, value::Bind},
    schema::{chat_requests, chats, direct_conversations, users},
};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};
use std::collections::BTreeMap;

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

/// The request of a chat, read after locking the chat.
pub(super) fn lock(tx: &mut Tx<'_>, chat: Id) -> Result<Option<Request>> {
    group::lock_chat(tx, chat)?;
    let found = chat_requests::table
        .filter(chat_requests::chat_id.eq(chat))
        .select((chat_requests::id, chat_requests::sender_id, chat_requests::status))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|(id, sender, status)| Request { id, sender, status }))
}

/// Stores the viewer's request to `peer`.
pub(super) fn ask(tx: &mut Tx<'_>, id: Id, chat: Id, peer: Id) -> Result<()> {
    let now = tx.viewer.now();
    diesel::insert_into(chat_requests::table)
        .values((
            (chat_requests::id.eq(id), chat_requests::chat_id.eq(chat)),
            (chat_requests::sender_id.eq(tx.viewer.id), chat_requests::recipient_id.eq(peer)),
            chat_requests::status.eq(PENDING),
            (chat_requests::created_at.eq(now), chat_requests::updated_at.eq(now)),
        ))
        .execute(tx.conn)
        .map_err(|error| {
            let taken = violates(&error, "chat_requests_pkey", "chat_requests.id");
            if taken { id_taken().into() } else { Error::from(error) }
        })?;
    Ok(())
}

/// Gives the request of a locked chat its answer, which the chat follows.
pub(super) fn answer(tx: &mut Tx<'_>, chat: Id, status: &'static str) -> Result<()> {
    let requests = chat_requests::table.filter(chat_requests::chat_id.eq(chat));
    let asked: Time = requests.select(chat_requests::updated_at).first(tx.conn)?;
    let answered = later(tx.viewer.now(), asked);
    diesel::update(requests)
        .set((
            chat_requests::status.eq(status),
            chat_requests::responded_at.eq(answered),
            chat_requests::updated_at.eq(answered),
            chat_requests::version.eq(chat_requests::version + 1),
        ))
        .execute(tx.conn)?;
    follow(tx, chat, status)?;
    refresh_listing(tx, chat)?;
    // Whoever says yes wants to see the chat, even after having put it away.
    if status == ACTIVE { show_again(tx, chat) } else { Ok(()) }
}

/// The status is what both sides see of the chat, so the chat has changed.
fn follow(tx: &mut Tx<'_>, chat: Id, status: &'static str) -> Result<()> {
    let before: Time = chats::table.find(chat).select(chats::updated_at).first(tx.conn)?;
    let changed = later(tx.viewer.now(), before);
    diesel::update(chats::table.find(chat))
        .set((chats::status.eq(status), chats::updated_at.eq(changed)))
        .execute(tx.conn)?;
    diesel::update(direct_conversations::table.filter(direct_conversations::chat_id.eq(chat)))
        .set(direct_conversations::chat_updated_at.eq(changed))
        .execute(tx.conn)?;
    Ok(())
}

/// The peer's policy; 404 if there is no such account.
pub(super) fn policy(tx: &mut Tx<'_>, peer: Id, pointer: &str) -> Result<String> {
    let mut policies = keep_accounts(tx, &[peer])?;
    policies.remove(&peer).ok_or_else(|| gone("There is no such `user`.", pointer))
}

fn gone(detail: &str, pointer: &str) -> Error {
    ErrorObject::new(Code::NotFound, detail).pointer(pointer).into()
}

/// The policies of those accounts that are there. On PostgreSQL they, and the viewer's own, can't be removed before
/// this transaction ends.
///
/// The viewer's own may be gone by now: the token was looked at before the transaction began.
fn keep_accounts(tx: &mut Tx<'_>, accounts: &[Id]) -> Result<BTreeMap<Id, String>> {
    let mut kept = BTreeMap::new();
    let mut wanted: Vec<Id> = accounts.iter().copied().chain([tx.viewer.id]).collect();
    // One order for all, so that nobody waits for each other.
    wanted.sort_unstable();
    for ids in wanted.chunks(CHUNK) {
        let found = users::table
            .filter(users::id.eq_any(ids.to_vec()))
            .order(users::id)
            .select((users::id, users::direct_message_policy));
        let found: Vec<(Id, String)> = match tx.conn {
            Conn::Pg(pg) => found.for_key_share().load(pg)?,
            Conn::Sqlite(sqlite) => found.load(sqlite)?,
        };
        kept.extend(found);
    }
    let viewer_is_there = kept.contains_key(&tx.viewer.id);
    if viewer_is_there { Ok(kept) } else { Err(Error::api(Code::Unauthorized, "Your account is gone.")) }
}

/// 403 if one of these users may not be added to a group by the viewer; 404 if one is gone.
pub(super) fn refuse_unasked(tx: &mut Tx<'_>, members: &[Id], pointer: &str) -> Result<()> {
    let kept = keep_accounts(tx, members)?;
    if members.iter().any(|member| !kept.contains_key(member)) {
        return Err(gone("One of these users is gone.", pointer));
    }
    let mut unasked = Vec::new();
    for ids in members.chunks(CHUNK) {
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
    if unasked.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = unasked.iter().map(Id::to_string).collect();
    let detail = "Some of these users want to be asked first, or haven't said yes.";
    Err(ErrorObject::new(Code::ChatRequestRequired, detail).pointer(pointer).meta("user_ids", ids).into())
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
