//! What the writes of chats and memberships share: locks, rights, members coming and going.
//!
//! Everything that counts or changes the members of a chat holds that chat's row, so that two of them come one after
//! the other. On SQLite the writer is alone anyway.

use super::{consent, conversation::id_taken, roles::promote_next_admin};
use crate::{
    db::{Conn, Id, Time, violates},
    jsonapi::{
        error::{Code, ErrorObject},
        text::fold,
    },
    on_backend,
    resource::{Error, Result, Tx},
    schema::{chat_memberships, chats, clear_points},
};
use diesel::{ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};

/// A group has no more members than this.
pub(super) const MOST_MEMBERS: usize = 5_000;
/// Rows and values of one statement.
pub(super) const CHUNK: usize = 500;

/// Keeps a chat's row until the transaction ends.
pub(super) fn lock_chat(tx: &mut Tx<'_>, chat: Id) -> Result<()> {
    if let Conn::Pg(pg) = tx.conn {
        chats::table.find(chat).select(chats::id).for_no_key_update().load::<Id>(pg)?;
    }
    Ok(())
}

/// What the members of a chat may do depends on this.
pub(super) struct Standing {
    /// `direct` or `group`.
    pub(super) chat_type: String,
    /// The viewer's role.
    pub(super) role: String,
    /// The sequence of the newest message.
    pub(super) last_sequence: i64,
    /// How many members there are.
    pub(super) member_count: i32,
    /// When the chat last changed.
    pub(super) updated_at: Time,
}

/// The viewer's standing in a chat, read after locking it.
pub(super) fn standing(tx: &mut Tx<'_>, chat: Id) -> Result<Standing> {
    let found: Option<(String, String, i64, i32, Time)> = chat_memberships::table
        .inner_join(chats::table)
        .filter(chat_memberships::chat_id.eq(chat))
        .filter(chat_memberships::user_id.eq(tx.viewer.id))
        .select((
            chats::chat_type,
            chat_memberships::role,
            chats::last_sequence,
            chats::member_count,
            chats::updated_at,
        ))
        .first(tx.conn)
        .optional()?;
    let (chat_type, role, last_sequence, member_count, updated_at) = found.ok_or_else(|| Error::not_found("chat"))?;
    Ok(Standing { chat_type, role, last_sequence, member_count, updated_at })
}

impl Standing {
    /// 403 unless the viewer may decide who is in the chat.
    pub(super) fn require_admin(&self) -> Result<()> {
        self.require_group()?;
        if self.role == "admin" { Ok(()) } else { Err(Error::forbidden("Only an admin of the group may do this.")) }
    }

    /// 403 unless members can come and go.
    pub(super) fn require_group(&self) -> Result<()> {
        let is_group = self.chat_type == "group";
        if is_group { Ok(()) } else { Err(Error::forbidden("A direct chat always has its two participants.")) }
    }
}

/// A later instant than `before`, also where the clock stepped back.
pub(super) fn later(now: Time, before: Time) -> Time {
    now.max(Time(before.0 + 1))
}

/// A chat that the viewer begins.
pub(super) struct NewChat<'a> {
    pub(super) id: Id,
    pub(super) chat_type: &'a str,
    /// `pending` where the other side is asked first, else `active`.
    pub(super) status: &'a str,
    pub(super) title: Option<&'a str>,
    pub(super) icon_url: Option<&'a str>,
    pub(super) icon_thumbnail_url: Option<&'a str>,
    /// The user and role of each member, in the order in which they join.
    pub(super) members: &'a [(Id, &'a str)],
    /// The other half of a direct chat.
    pub(super) direct_conversation: Option<Id>,
}

impl<'a> NewChat<'a> {
    /// The chat of two, and of this conversation.
    pub(super) fn direct((conversation, id): (Id, Id), status: &'a str, members: &'a [(Id, &'a str)]) -> Self {
        let direct_conversation = Some(conversation);
        let (title, icon_url, icon_thumbnail_url) = (None, None, None);
        Self { id, chat_type: "direct", status, title, icon_url, icon_thumbnail_url, members, direct_conversation }
    }
}

/// Inserts a chat, but not yet its members.
pub(super) fn insert_chat(tx: &mut Tx<'_>, chat: &NewChat<'_>) -> Result<()> {
    let now = tx.viewer.now();
    let member_count = i32::try_from(chat.members.len()).unwrap_or(i32::MAX);
    diesel::insert_into(chats::table)
        .values((
            (chats::id.eq(chat.id), chats::chat_type.eq(chat.chat_type), chats::status.eq(chat.status)),
            (chats::title.eq(chat.title), chats::title_folded.eq(chat.title.map(fold))),
            (chats::icon_url.eq(chat.icon_url), chats::icon_thumbnail_url.eq(chat.icon_thumbnail_url)),
            (chats::initiator_id.eq(tx.viewer.id), chats::member_count.eq(member_count)),
            (chats::created_at.eq(now), chats::updated_at.eq(now)),
            chats::direct_conversation_id.eq(chat.direct_conversation),
        ))
        .execute(tx.conn)
        .map_err(|error| {
            let taken = violates(&error, "chats_pkey", "chats.id");
            if taken { id_taken().into() } else { Error::from(error) }
        })?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = chat_memberships)]
struct NewMember<'a> {
    id: Id,
    chat_id: Id,
    user_id: Id,
    role: &'a str,
    joined_sequence: i64,
    created_at: Time,
    updated_at: Time,
}

/// Inserts memberships in this order, and gives their ids.
pub(super) fn insert_members(
    tx: &mut Tx<'_>,
    chat: Id,
    joined_sequence: i64,
    members: &[(Id, &str)],
) -> Result<Vec<Id>> {
    let now = tx.viewer.now();
    let rows: Vec<NewMember<'_>> = members
        .iter()
        .map(|&(user_id, role)| NewMember {
            id: Id::new(),
            chat_id: chat,
            user_id,
            role,
            joined_sequence,
            created_at: now,
            updated_at: now,
        })
        .collect();
    for rows in rows.chunks(CHUNK) {
        on_backend!(tx.conn, |conn| diesel::insert_into(chat_memberships::table).values(rows).execute(conn))
            .map_err(already_member)?;
    }
    Ok(rows.iter().map(|row| row.id).collect())
}

/// What somebody cleared who was a member before stays cleared.
fn keep_cleared(tx: &mut Tx<'_>, chat: Id, users: &[Id]) -> Result<()> {
    for users in users.chunks(CHUNK) {
        let points = clear_points::table
            .filter(clear_points::chat_id.eq(chat))
            .filter(clear_points::user_id.eq_any(users.to_vec()))
            .select((clear_points::user_id, clear_points::sequence))
            .load::<(Id, i64)>(tx.conn)?;
        for (user, sequence) in points {
            let member = chat_memberships::table
                .filter(chat_memberships::chat_id.eq(chat))
                .filter(chat_memberships::user_id.eq(user));
            diesel::update(member).set(chat_memberships::cleared_sequence.eq(sequence)).execute(tx.conn)?;
        }
    }
    Ok(())
}

fn already_member(error: diesel::result::Error) -> Error {
    let pair = "chat_memberships.chat_id, chat_memberships.user_id";
    if !violates(&error, "chat_memberships_chat_id_user_id_key", pair) {
        return error.into();
    }
    Error::api(Code::AlreadyMember, "This user is a member of the chat already.")
}

/// Says on the row of a group that so many members came or went.
fn count(tx: &mut Tx<'_>, chat: Id, before: Time, difference: i32) -> Result<()> {
    diesel::update(chats::table.find(chat))
        .set((
            chats::member_count.eq(chats::member_count + difference),
            chats::updated_at.eq(later(tx.viewer.now(), before)),
            chats::version.eq(chats::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Adds members to a group; the caller holds its lock and has checked the viewer's right. `pointer` is where the
/// request names them.
pub(super) fn add(
    tx: &mut Tx<'_>,
    chat: Id,
    standing: &Standing,
    members: &[(Id, &str)],
    pointer: &str,
) -> Result<Vec<Id>> {
    let present = usize::try_from(standing.member_count).unwrap_or(0);
    refuse_too_many(present + members.len(), pointer)?;
    let users: Vec<Id> = members.iter().map(|(user, _)| *user).collect();
    consent::refuse_unasked(tx, &users, pointer)?;
    let ids = insert_members(tx, chat, standing.last_sequence, members)?;
    keep_cleared(tx, chat, &users)?;
    count(tx, chat, standing.updated_at, i32::try_from(ids.len()).unwrap_or(i32::MAX))?;
    Ok(ids)
}

/// 422 if a group would get larger than it may.
pub(super) fn refuse_too_many(members: usize, pointer: &str) -> Result<()> {
    if members <= MOST_MEMBERS {
        return Ok(());
    }
    let detail = format!("A group has at most {MOST_MEMBERS} members.");
    Err(ErrorObject::new(Code::FieldInvalid, detail).pointer(pointer).into())
}

/// Removes members from a group; the caller holds its lock and has checked the viewer's right.
pub(super) fn remove(tx: &mut Tx<'_>, chat: Id, before: Time, users: &[Id]) -> Result<()> {
    let mut gone = 0;
    for users in users.chunks(CHUNK) {
        let members = chat_memberships::table
            .filter(chat_memberships::chat_id.eq(chat))
            .filter(chat_memberships::user_id.eq_any(users.to_vec()));
        gone += diesel::delete(members).execute(tx.conn)?;
    }
    if gone == 0 {
        return Ok(());
    }
    promote_next_admin(tx, chat)?;
    count(tx, chat, before, -i32::try_from(gone).unwrap_or(i32::MAX))
}

/// Those of the users who are members.
pub(super) fn members_among(tx: &mut Tx<'_>, chat: Id, users: &[Id]) -> Result<Vec<Id>> {
    let mut present = Vec::new();
    for users in users.chunks(CHUNK) {
        let members = chat_memberships::table
            .filter(chat_memberships::chat_id.eq(chat))
            .filter(chat_memberships::user_id.eq_any(users.to_vec()));
        present.extend(members.select(chat_memberships::user_id).load::<Id>(tx.conn)?);
    }
    Ok(present)
}
