//! Who looks after a group when its admins go.

use super::group::later;
use crate::{
    db::{Id, Time},
    resource::{Result, Tx},
    schema::chat_memberships,
};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};

/// Makes the member who is there longest an admin, or else such a reader, if the group has no admin any more.
///
/// The caller holds the lock of the chat.
///
/// # Errors
/// Whatever the database says.
pub fn promote_next_admin(tx: &mut Tx<'_>, chat: Id) -> Result<()> {
    // The roles in the order of the alphabet are those in the order of succession: admin, member, reader.
    let next: Option<(Id, String, Time)> = chat_memberships::table
        .filter(chat_memberships::chat_id.eq(chat))
        .order((chat_memberships::role, chat_memberships::created_at, chat_memberships::id))
        .select((chat_memberships::id, chat_memberships::role, chat_memberships::updated_at))
        .first(tx.conn)
        .optional()?;
    let Some((id, _, before)) = next.filter(|(_, role, _)| role != "admin") else { return Ok(()) };
    diesel::update(chat_memberships::table.find(id))
        .set((
            chat_memberships::role.eq("admin"),
            chat_memberships::updated_at.eq(later(tx.viewer.now(), before)),
            chat_memberships::version.eq(chat_memberships::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}
