//! Secrets of the server: made once, kept in the database, shared by all processes on it.

use crate::{
    db::{Conn, DbError, Time},
    on_backend,
    resource::cursor::Key,
    schema::keys,
};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};

const CURSORS: &str = "cursors";

/// What cursors are sealed with, if some process has made it already.
///
/// # Errors
/// Whatever the database says.
pub fn find_cursor_key(conn: &mut Conn) -> Result<Option<Key>, DbError> {
    let bytes: Option<Vec<u8>> = keys::table.find(CURSORS).select(keys::bytes).first(conn).optional()?;
    let read = |bytes: Vec<u8>| match <[u8; Key::LENGTH]>::try_from(bytes) {
        Ok(bytes) => Ok(Key::new(bytes)),
        Err(_) => Err(DbError::Config(format!("the key `{CURSORS}` hasn't {} bytes", Key::LENGTH))),
    };
    bytes.map(read).transpose()
}

/// What cursors are sealed with. Of several processes that make it at once, the first one prevails.
///
/// # Errors
/// Whatever the database says.
pub fn cursor_key(conn: &mut Conn) -> Result<Key, DbError> {
    let bytes: [u8; Key::LENGTH] = rand::random();
    let row = (keys::name.eq(CURSORS), keys::bytes.eq(bytes.to_vec()), keys::created_at.eq(Time::now()));
    on_backend!(conn, |conn| {
        diesel::insert_into(keys::table).values(row).on_conflict(keys::name).do_nothing().execute(conn)
    })?;
    let missing = || DbError::Config(format!("the key `{CURSORS}` is not there"));
    find_cursor_key(conn)?.ok_or_else(missing)
}
