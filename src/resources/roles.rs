//! Who looks after a group when its admins go.

use crate::{
    db::Id,
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
    let next: Option<(Id, String)> = chat_memberships::table
        .filter(chat_memberships::chat_id.eq(chat))
        .order((chat_memberships::role, chat_memberships::created_at, chat_memberships::id))
        .select((chat_memberships::id, chat_memberships::role))
        .first(tx.conn)
        .optional()?;
    let Some((id, _)) = next.filter(|(_, role)| role != "admin") else { return Ok(()) };
    diesel::update(chat_memberships::table.find(id))
        .set((
            chat_memberships::role.eq("admin"),
            chat_memberships::updated_at.eq(tx.viewer.now),
            chat_memberships::version.eq(chat_memberships::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}
