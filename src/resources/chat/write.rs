//! Changes of a chat: title, icon, openness, members; and its deletion, which is the viewer's own matter.
//!
//! The chat's row is held by the generic layer's call of `lock` before any of this runs.

use super::Chat;
use crate::{
    db::Id,
    jsonapi::text::fold,
    on_backend,
    resource::{Input, Result, Tx, relate::Verb},
    resources::{
        conversation::refresh_listing,
        group::{self, later},
    },
    schema::{chat_memberships, chats, clear_points},
};
use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};

/// Whoever may not set a field has been told so by the description.
pub(super) fn update(tx: &mut Tx<'_>, chat: &Chat, input: Input<Chat>) -> Result<()> {
    let sent = input.attributes;
    let title = sent.title.unwrap_or_else(|| chat.title.clone());
    let icon = sent.icon_url.unwrap_or_else(|| chat.icon_url.clone());
    let thumbnail = sent.icon_thumbnail_url.unwrap_or_else(|| chat.icon_thumbnail_url.clone());
    let open = sent.open.unwrap_or(chat.open);
    if (&title, &icon, &thumbnail, open) == (&chat.title, &chat.icon_url, &chat.icon_thumbnail_url, chat.open) {
        return Ok(());
    }
    diesel::update(chats::table.find(chat.id))
        .set((
            (chats::title_folded.eq(title.as_deref().map(fold)), chats::title.eq(title)),
            (chats::icon_url.eq(icon), chats::icon_thumbnail_url.eq(thumbnail)),
            chats::open.eq(open),
            chats::updated_at.eq(later(tx.viewer.now(), chat.updated_at)),
            chats::version.eq(chats::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Clears the chat for the viewer and puts it away. Everybody else keeps it, and the viewer stays a member.
pub(super) fn delete(tx: &mut Tx<'_>, chat: &Chat) -> Result<()> {
    let point = (
        clear_points::user_id.eq(tx.viewer.id),
        clear_points::chat_id.eq(chat.id),
        clear_points::sequence.eq(chat.last_sequence),
        clear_points::cleared_at.eq(tx.viewer.now()),
    );
    on_backend!(tx.conn, |conn| {
        diesel::insert_into(clear_points::table)
            .values(point)
            .on_conflict((clear_points::user_id, clear_points::chat_id))
            .do_update()
            .set((clear_points::sequence.eq(chat.last_sequence), clear_points::cleared_at.eq(tx.viewer.now())))
            .execute(conn)
    })?;
    diesel::update(chat_memberships::table.find(chat.membership_id))
        .set((
            (chat_memberships::deleted.eq(true), chat_memberships::archived.eq(false)),
            (chat_memberships::hidden.eq(false), chat_memberships::read_sequence.eq(0)),
            chat_memberships::read_until.eq(None::<crate::db::Time>),
            chat_memberships::cleared_sequence.eq(chat.last_sequence),
            chat_memberships::version.eq(chat_memberships::version + 1),
        ))
        .execute(tx.conn)?;
    refresh_listing(tx, chat.id)
}

/// Admins of a group decide who is in it; any member may be about to leave.
pub(super) fn allow_members(_tx: &Tx<'_>, chat: &Chat, verb: Verb) -> Result<()> {
    let standing = chat.standing();
    if verb == Verb::Add { standing.require_admin() } else { standing.require_group() }
}

/// `POST /chats/:id/relationships/members`; who is a member already stays one.
pub(super) fn add_members(tx: &mut Tx<'_>, chat: &Chat, users: &[Id]) -> Result<()> {
    let present = group::members_among(tx, chat.id, users)?;
    let new: Vec<(Id, &str)> = users.iter().filter(|id| !present.contains(id)).map(|id| (*id, "member")).collect();
    if !new.is_empty() {
        group::add(tx, chat.id, &chat.standing(), &new, "/data")?;
    }
    Ok(())
}

/// `DELETE /chats/:id/relationships/members`; others than oneself, only an admin can remove.
pub(super) fn remove_members(tx: &mut Tx<'_>, chat: &Chat, users: &[Id]) -> Result<()> {
    if users.iter().any(|user| *user != tx.viewer.id) {
        chat.standing().require_admin()?;
    }
    group::remove(tx, chat.id, chat.updated_at, users)
}
