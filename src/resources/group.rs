//! What the writes of chats and memberships share: locks, rights, members coming and going.
//!
//! Everything that counts or changes the members of a chat holds that chat's row, so that two of them come one after
//! the other. On SQLite the writer is alone anyway.

use super::{
    batch::{CHUNK, insert},
    consent::Consent,
    roles::promote_next_admin,
};
use crate::{
    db::{Conn, Id, Time},
    jsonapi::{
        error::{Code, ErrorObject},
        text::fold,
    },
    resource::{Error, Result, Tx, among},
    schema::{chat_memberships, chats, clear_points},
};
use diesel::{ExpressionMethods as _, Insertable, QueryDsl as _, RunQueryDsl as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A group has no more members than this.
const MOST_MEMBERS: usize = 5_000;

/// Keeps a chat's row until the transaction ends.
pub(super) fn lock_chat(tx: &mut Tx<'_>, chat: Id) -> Result<()> {
    lock_chats(tx, [chat])
}

/// Keeps the rows of chats until the transaction ends. Everybody takes them in the order of the ids, so that nobody
/// waits for each other.
pub(super) fn lock_chats(tx: &mut Tx<'_>, chats: impl IntoIterator<Item = Id>) -> Result<()> {
    if let Conn::Pg(pg) = tx.conn {
        let ids: Vec<Id> = chats.into_iter().collect();
        let rows = chats::table.filter(chats::id.eq_any(ids)).order(chats::id);
        rows.select(chats::id).for_no_key_update().load::<Id>(pg)?;
    }
    Ok(())
}

/// What the members of a chat may do depends on this.
#[derive(Clone)]
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
    standings(tx, [chat])?.remove(&chat).ok_or_else(|| Error::not_found("chat"))
}

/// The chat, and what the viewer's standing there is.
type StandingRow = (Id, (String, String, i64, i32, Time));

/// The viewer's standings in those chats that have the viewer as a member, read after locking them.
pub(super) fn standings(tx: &mut Tx<'_>, chats: impl IntoIterator<Item = Id>) -> Result<BTreeMap<Id, Standing>> {
    let found: Vec<StandingRow> = chat_memberships::table
        .inner_join(chats::table)
        .filter(among(&chat_memberships::chat_id, chats))
        .filter(chat_memberships::user_id.eq(tx.viewer.id))
        .select((
            chats::id,
            (chats::chat_type, chat_memberships::role, chats::last_sequence, chats::member_count, chats::updated_at),
        ))
        .load(tx.conn)?;
    let standings = found.into_iter().map(|(chat, (chat_type, role, last_sequence, member_count, updated_at))| {
        (chat, Standing { chat_type, role, last_sequence, member_count, updated_at })
    });
    Ok(standings.collect())
}

impl Standing {
    /// 403 unless the viewer may decide who is in the chat.
    pub(super) fn require_admin(&self) -> Result<()> {
        self.require_group()?;
        if self.role == "admin" { Ok(()) } else { Err(Error::forbidden("Only an admin of the group may do this.")) }
    }

    /// 422 if the group would get larger than it may.
    pub(super) fn refuse_too_many(&self, more: usize, pointer: &str) -> Result<()> {
        refuse_too_many(usize::try_from(self.member_count).unwrap_or(0) + more, pointer)
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

#[derive(Insertable)]
#[diesel(table_name = chats, treat_none_as_default_value = false)]
struct ChatRow<'a> {
    id: Id,
    chat_type: &'a str,
    status: &'a str,
    title: Option<&'a str>,
    title_folded: Option<String>,
    icon_url: Option<&'a str>,
    icon_thumbnail_url: Option<&'a str>,
    initiator_id: Id,
    member_count: i32,
    created_at: Time,
    updated_at: Time,
    direct_conversation_id: Option<Id>,
}

/// Inserts chats with their members.
pub(super) fn begin(tx: &mut Tx<'_>, new: &[NewChat<'_>]) -> Result<()> {
    let (viewer, now) = (tx.viewer.id, tx.viewer.now());
    let rows = new.iter().map(|chat| ChatRow {
        id: chat.id,
        chat_type: chat.chat_type,
        status: chat.status,
        title: chat.title,
        title_folded: chat.title.map(fold),
        icon_url: chat.icon_url,
        icon_thumbnail_url: chat.icon_thumbnail_url,
        initiator_id: viewer,
        member_count: i32::try_from(chat.members.len()).unwrap_or(i32::MAX),
        created_at: now,
        updated_at: now,
        direct_conversation_id: chat.direct_conversation,
    });
    insert!(tx, chats, rows.collect::<Vec<_>>())?;
    let mut members = Vec::new();
    for &NewChat { id: chat, members: users, .. } in new {
        members.extend(users.iter().map(|&(user, role)| Membership { id: Id::new(), chat, user, role }));
    }
    insert!(tx, chat_memberships, members.iter().map(|new| new.row(now, 0, 0)).collect::<Vec<_>>())
}

/// A membership to be.
pub(super) struct Membership<'a> {
    pub(super) id: Id,
    pub(super) chat: Id,
    pub(super) user: Id,
    pub(super) role: &'a str,
}

#[derive(Insertable)]
#[diesel(table_name = chat_memberships, treat_none_as_default_value = false)]
struct MembershipRow<'a> {
    id: Id,
    chat_id: Id,
    user_id: Id,
    role: &'a str,
    joined_sequence: i64,
    cleared_sequence: i64,
    created_at: Time,
    updated_at: Time,
}

impl<'a> Membership<'a> {
    fn row(&self, now: Time, joined_sequence: i64, cleared_sequence: i64) -> MembershipRow<'a> {
        let Self { id, chat: chat_id, user: user_id, role } = *self;
        MembershipRow {
            id,
            chat_id,
            user_id,
            role,
            joined_sequence,
            cleared_sequence,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Lets users join groups whose rows are held, and who may do so: in this order.
pub(super) fn join(tx: &mut Tx<'_>, standings: &BTreeMap<Id, Standing>, joining: &[Membership<'_>]) -> Result<()> {
    let cleared = cleared(tx, joining)?;
    let mut rows = Vec::with_capacity(joining.len());
    let mut come: BTreeMap<Id, i32> = BTreeMap::new();
    for new in joining {
        let standing = standings.get(&new.chat).ok_or_else(|| Error::not_found("chat"))?;
        let cleared = cleared.get(&(new.chat, new.user)).copied().unwrap_or(0);
        rows.push(new.row(tx.viewer.now(), standing.last_sequence, cleared));
        *come.entry(new.chat).or_default() += 1;
    }
    insert!(tx, chat_memberships, rows)?;
    let mut alike: BTreeMap<(Time, i32), Vec<Id>> = BTreeMap::new();
    for (chat, difference) in come {
        let changed =
            standings.get(&chat).map_or(tx.viewer.now(), |standing| later(tx.viewer.now(), standing.updated_at));
        alike.entry((changed, difference)).or_default().push(chat);
    }
    alike.into_iter().try_for_each(|((changed, difference), chats)| count(tx, chats, changed, difference))
}

/// What those cleared who were members before: it stays cleared.
fn cleared(tx: &mut Tx<'_>, joining: &[Membership<'_>]) -> Result<HashMap<(Id, Id), i64>> {
    let chats: BTreeSet<Id> = joining.iter().map(|new| new.chat).collect();
    let mut cleared = HashMap::new();
    for new in joining.chunks(CHUNK) {
        let points: Vec<(Id, Id, i64)> = clear_points::table
            .filter(among(&clear_points::user_id, new.iter().map(|new| new.user)))
            .filter(among(&clear_points::chat_id, chats.iter().copied()))
            .select((clear_points::chat_id, clear_points::user_id, clear_points::sequence))
            .load(tx.conn)?;
        cleared.extend(points.into_iter().map(|(chat, user, sequence)| ((chat, user), sequence)));
    }
    Ok(cleared)
}

/// Says on the rows of groups that so many members came or went.
fn count(tx: &mut Tx<'_>, chats: Vec<Id>, changed: Time, difference: i32) -> Result<()> {
    diesel::update(chats::table.filter(among(&chats::id, chats)))
        .set((
            chats::member_count.eq(chats::member_count + difference),
            chats::updated_at.eq(changed),
            chats::version.eq(chats::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Adds members to a group; the caller holds its lock and has checked the viewer's right. `pointer` is where the
/// request names them.
pub(super) fn add(tx: &mut Tx<'_>, chat: Id, standing: Standing, users: &[Id], pointer: &str) -> Result<()> {
    standing.refuse_too_many(users.len(), pointer)?;
    Consent::of(tx, users.iter().copied())?.require(users, pointer)?;
    let joining = users.iter().map(|&user| Membership { id: Id::new(), chat, user, role: "member" });
    join(tx, &[(chat, standing)].into(), &joining.collect::<Vec<_>>())
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
    count(tx, vec![chat], later(tx.viewer.now(), before), -i32::try_from(gone).unwrap_or(i32::MAX))
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
