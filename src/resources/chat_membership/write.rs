//! Joining and leaving groups, roles, and what members set for themselves.
//!
//! All of it holds the chat's row on PostgreSQL: the number of members, the last admin and the flags of a direct
//! conversation's two sides all depend on more than one membership.

use super::{
    ChatMembership,
    read::{self, Sent},
};
use crate::{
    db::{Conn, Id, Time},
    jsonapi::error::{Code, ErrorObject},
    resource::{Created, Error, Input, Result, Tx},
    resources::{
        conversation::refresh_listing,
        group::{self, later},
    },
    schema::{chat_memberships, chats},
};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};

/// Keeps the row of the membership's chat until the transaction ends.
pub(super) fn lock(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    if let Conn::Pg(pg) = tx.conn {
        let chat = chat_memberships::table.find(id).select(chat_memberships::chat_id);
        chats::table.filter(chats::id.eq_any(chat)).select(chats::id).for_no_key_update().load::<Id>(pg)?;
    }
    Ok(())
}

/// Locks; and one's own membership of a chat that one deleted can be left, but not changed: 404.
pub(super) fn lock_for_update(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    lock(tx, id)?;
    let own = chat_memberships::user_id.eq(tx.viewer.id).and(chat_memberships::deleted);
    let put_away = chat_memberships::table.find(id).filter(own).select(chat_memberships::id);
    if put_away.load::<Id>(tx.conn)?.is_empty() { Ok(()) } else { Err(Error::not_found("chat_membership")) }
}

/// Members set what is their own; admins of a group set roles.
pub(super) fn allow_update(tx: &mut Tx<'_>, row: &ChatMembership) -> Result<()> {
    if row.is_own(&tx.viewer) || (row.chat_type == "group" && row.own_role == "admin") {
        return Ok(());
    }
    Err(Error::forbidden("Only the member, or an admin of the group, may change a membership."))
}

pub(super) fn create(tx: &mut Tx<'_>, input: Input<ChatMembership>) -> Result<Created> {
    let (chat, user) = (input.linked("chat")?, input.linked("user")?);
    group::lock_chat(tx, chat)?;
    let standing = group::standing(tx, chat)?;
    standing.require_admin()?;
    let pointer = "/data/relationships/user";
    refuse_member(tx, chat, user, pointer)?;
    let role = input.attributes.role.as_deref().unwrap_or("member");
    let joined = group::add(tx, chat, &standing, &[(user, role)], pointer)?;
    let id = joined.first().copied();
    Ok(Created::fresh(id.ok_or_else(|| Error::Internal("nobody joined".to_owned()))?))
}

/// 409 with the membership that is there.
fn refuse_member(tx: &mut Tx<'_>, chat: Id, user: Id, pointer: &str) -> Result<()> {
    let present = chat_memberships::table
        .filter(chat_memberships::chat_id.eq(chat))
        .filter(chat_memberships::user_id.eq(user))
        .select(chat_memberships::id)
        .load::<Id>(tx.conn)?;
    let Some(id) = present.first() else { return Ok(()) };
    let error = ErrorObject::new(Code::AlreadyMember, "This user is a member of the chat already.");
    Err(error.pointer(pointer).meta("id", id.to_string()).into())
}

/// Whoever may not set a field has been told so by the description.
pub(super) fn update(tx: &mut Tx<'_>, row: &ChatMembership, input: Input<ChatMembership>) -> Result<()> {
    let last_read_message = input.to_one.get("last_read_message").copied();
    let sent = input.attributes;
    read::mark(tx, row, &Sent { read_until: sent.read_until, last_read_message })?;
    if let Some(role) = sent.role.filter(|role| *role != row.role) {
        change_role(tx, row, &role)?;
    }
    let archived = sent.archived.unwrap_or(row.archived);
    let hidden = sent.hidden.unwrap_or(row.hidden);
    let (mute, until) = match &sent.mute_rule {
        None => (row.mute, row.mute_until),
        Some(None) => (false, None),
        Some(Some(rule)) => (true, rule.get("until").and_then(|until| Time::parse(until.as_str()?))),
    };
    if (archived, hidden, mute, until) == (row.archived, row.hidden, row.mute, row.mute_until) {
        return Ok(());
    }
    diesel::update(chat_memberships::table.find(row.id))
        .set((
            (chat_memberships::archived.eq(archived), chat_memberships::hidden.eq(hidden)),
            (chat_memberships::mute.eq(mute), chat_memberships::mute_until.eq(until)),
            chat_memberships::version.eq(chat_memberships::version + 1),
        ))
        .execute(tx.conn)?;
    if hidden != row.hidden && row.chat_type == "direct" {
        refresh_listing(tx, row.chat_id)?;
    }
    Ok(())
}

fn change_role(tx: &mut Tx<'_>, row: &ChatMembership, role: &str) -> Result<()> {
    if row.role == "admin" && admins(tx, row.chat_id)? == 1 {
        let detail = "The last admin of a group can't step down: make somebody else an admin first.";
        return Err(ErrorObject::attribute(Code::LastAdmin, "role", detail).into());
    }
    diesel::update(chat_memberships::table.find(row.id))
        .set((
            chat_memberships::role.eq(role),
            chat_memberships::updated_at.eq(later(tx.viewer.now(), row.updated_at)),
            chat_memberships::version.eq(chat_memberships::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn admins(tx: &mut Tx<'_>, chat: Id) -> Result<i64> {
    let admins =
        chat_memberships::table.filter(chat_memberships::chat_id.eq(chat)).filter(chat_memberships::role.eq("admin"));
    Ok(admins.count().get_result(tx.conn)?)
}

/// Leaves a group, or removes somebody from it.
pub(super) fn delete(tx: &mut Tx<'_>, row: &ChatMembership) -> Result<()> {
    let standing = group::standing(tx, row.chat_id)?;
    standing.require_group()?;
    if !row.is_own(&tx.viewer) {
        standing.require_admin()?;
    }
    group::remove(tx, row.chat_id, standing.updated_at, &[row.user_id])
}
