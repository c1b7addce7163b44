//! Account removal: the row really goes, and every chat keeps the name.
//!
//! ```text
//! chat_requests         pending ones vanish with their chats; an answered one loses a side
//! chats                 name appended to past_users_involved; one member less
//! messages              stay, without an author, but with the name
//! chat_memberships      deleted; a group without an admin gets the next one
//! direct_conversations  the side and the pair are null, the folded name stays to be searched for
//! users                 deleted; sessions and clear points go along, chats lose their initiator
//! ```

use super::{consent::PENDING, roles, user::User};
use crate::{
    db::{Conn, Id, Instant},
    jsonapi::text::fold,
    resource::{Error, Result, Tx},
    schema::{chat_memberships, chat_requests, chats, direct_conversations, messages, users},
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, PgConnection, QueryDsl as _, QueryResult, RunQueryDsl as _,
    dsl::sql, sql_types::Text,
};

/// Takes the locks of a removal on PostgreSQL; on SQLite the writer is alone anyway.
///
/// # Errors
/// Whatever the database says.
pub fn lock(tx: &mut Tx<'_>, user: Id) -> Result<()> {
    if user != tx.viewer.id {
        return Ok(());
    }
    if let Conn::Pg(pg) = tx.conn {
        lock_chats(pg, user)?;
        users::table.find(user).select(users::id).for_update().load::<Id>(pg)?;
        // Nobody can add the user to a chat from here on; somebody may have done so just before.
        lock_chats(pg, user)?;
    }
    Ok(())
}

/// Always in the order of the ids, so that two removals don't wait for each other.
fn lock_chats(pg: &mut PgConnection, user: Id) -> QueryResult<()> {
    let joined = chat_memberships::table.filter(chat_memberships::user_id.eq(user));
    let wrote = messages::table.filter(messages::author_id.eq(user));
    let is_in = chats::id.eq_any(joined.select(chat_memberships::chat_id));
    chats::table
        .filter(is_in.or(chats::id.eq_any(wrote.select(messages::chat_id))))
        .order(chats::id)
        .select(chats::id)
        .for_no_key_update()
        .load::<Id>(pg)
        .map(drop)
}

/// Removes the viewer's own account.
///
/// # Errors
/// 403 for anybody else's.
pub fn remove(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    if user.id != tx.viewer.id {
        return Err(Error::forbidden("Only the user can remove the account."));
    }
    drop_pending_requests(tx, user)?;
    leave_name(tx, user)?;
    let administered = leave_chats(tx, user)?;
    for chat in administered {
        roles::promote_next_admin(tx, chat)?;
    }
    leave_direct_conversations(tx, user)?;
    diesel::delete(users::table.find(user.id)).execute(tx.conn)?;
    Ok(())
}

/// Nothing was ever written in a chat that waits for an answer, so it goes along.
fn drop_pending_requests(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    let own = chat_requests::sender_id.eq(user.id).or(chat_requests::recipient_id.eq(user.id));
    let pending = chat_requests::table.filter(chat_requests::status.eq(PENDING)).filter(own);
    let chats = chats::table.filter(chats::id.eq_any(pending.select(chat_requests::chat_id)));
    diesel::delete(chats).execute(tx.conn)?;
    Ok(())
}

/// Says in every chat where the user is or wrote, and in every message, who that was.
fn leave_name(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    let own = chat_memberships::table.filter(chat_memberships::user_id.eq(user.id));
    let wrote = messages::table.filter(messages::author_id.eq(user.id)).select(messages::chat_id).distinct();
    let involved = chats::id.eq_any(own.select(chat_memberships::chat_id)).or(chats::id.eq_any(wrote));
    let name = serde_json::Value::from(user.name.as_str()).to_string();
    // Appends to the text of the array, so that one statement serves every chat.
    let names = sql::<Text>("CASE past_users_involved WHEN '[]' THEN '[' ELSE ")
        .sql("substr(past_users_involved, 1, length(past_users_involved) - 1) || ',' END || ")
        .bind::<Text, _>(name)
        .sql(" || ']'");
    diesel::update(chats::table.filter(involved)).set(chats::past_users_involved.eq(names)).execute(tx.conn)?;
    diesel::update(messages::table.filter(messages::author_id.eq(user.id)))
        .set((
            messages::author_id.eq(None::<Id>),
            messages::user_deleted_name.eq(&user.name),
            messages::user_deleted_name_folded.eq(fold(&user.name)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends the memberships, and answers with the chats whose admin the user was.
fn leave_chats(tx: &mut Tx<'_>, user: &User) -> Result<Vec<Id>> {
    let own = || chat_memberships::table.filter(chat_memberships::user_id.eq(user.id));
    let administered = own()
        .filter(chat_memberships::role.eq("admin"))
        .order(chat_memberships::chat_id)
        .select(chat_memberships::chat_id)
        .load(tx.conn)?;
    let now = tx.viewer.now();
    diesel::update(chats::table.filter(chats::id.eq_any(own().select(chat_memberships::chat_id))))
        .set((
            chats::member_count.eq(chats::member_count - 1),
            // The clock may step back, but what was changed last must not.
            chats::updated_at.eq(sql::<Instant>("CASE WHEN updated_at > ")
                .bind::<Instant, _>(now)
                .sql(" THEN updated_at ELSE ")
                .bind::<Instant, _>(now)
                .sql(" END")),
            chats::version.eq(chats::version + 1),
        ))
        .execute(tx.conn)?;
    diesel::update(
        direct_conversations::table
            .filter(direct_conversations::chat_id.eq_any(own().select(chat_memberships::chat_id))),
    )
    .set(
        direct_conversations::chat_updated_at
            .eq(sql::<Instant>("(SELECT chats.updated_at FROM chats WHERE chats.id = direct_conversations.chat_id)")),
    )
    .execute(tx.conn)?;
    diesel::delete(own()).execute(tx.conn)?;
    Ok(administered)
}

/// Empties the user's side of every direct conversation.
fn leave_direct_conversations(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    let gone = (
        direct_conversations::low_user_id.eq(None::<Id>),
        direct_conversations::high_user_id.eq(None::<Id>),
        direct_conversations::former_peer_folded.eq(fold(&user.name)),
        direct_conversations::updated_at.eq(tx.viewer.now()),
    );
    diesel::update(direct_conversations::table.filter(direct_conversations::first_user_id.eq(user.id)))
        .set((
            gone.clone(),
            direct_conversations::first_user_id.eq(None::<Id>),
            direct_conversations::first_visible.eq(false),
            direct_conversations::first_listed.eq(false),
        ))
        .execute(tx.conn)?;
    diesel::update(direct_conversations::table.filter(direct_conversations::second_user_id.eq(user.id)))
        .set((
            gone,
            direct_conversations::second_user_id.eq(None::<Id>),
            direct_conversations::second_visible.eq(false),
            direct_conversations::second_listed.eq(false),
        ))
        .execute(tx.conn)?;
    Ok(())
}
