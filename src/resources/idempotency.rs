//! Answers to requests with an `Idempotency-Key`, kept for a day, each for its user.
//!
//! One row is one answer; it is written by the transaction of the write that it tells of, so that both are there or
//! neither. On SQLite the writer is alone. On PostgreSQL an advisory lock on user and key keeps two of the same request
//! apart; who doesn't get it waits outside, where it holds no connection.

use crate::{
    db::{Conn, Id, Time},
    on_backend,
    resource::{
        Result, Sql, Tx,
        replay::{About, Begun, Kept, Key, Store},
        value::Bind,
    },
    schema::{idempotency_keys as keys, users},
};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _, SelectableHelper as _,
    dsl::{exists, select, sql},
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
    sql_types::{BigInt, Bool},
};
use sha2::{Digest as _, Sha256};

/// Answers are kept for so long, in milliseconds.
const LIFE: i64 = 24 * 60 * 60 * 1000;

/// The table, as the generic layer uses it.
pub const STORE: Store = Store { begin, keep };

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = keys, treat_none_as_null = true)]
struct Row {
    fingerprint: Vec<u8>,
    status: i32,
    media_type: Option<String>,
    language: Option<String>,
    location: Option<String>,
    tag: Option<String>,
    body: Vec<u8>,
    about_type: Option<String>,
    about_id: Option<Id>,
    created_at: Time,
}

fn begin(tx: &mut Tx<'_>, key: &Key) -> Result<Begun> {
    let number = number(tx.viewer.id, key);
    if let Conn::Pg(pg) = tx.conn {
        let lock = sql::<Bool>("pg_try_advisory_xact_lock(").bind::<BigInt, _>(number).sql(")");
        if !diesel::select(lock).get_result::<bool>(pg)? {
            return Ok(Begun::InFlight);
        }
    }
    // A statement of its own: it has to see what the last one who held the lock has committed.
    let row: Option<Row> = keys::table
        .find((tx.viewer.id, &key.name))
        .filter(keys::created_at.gt(Time(tx.viewer.now().0 - LIFE)))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row.map_or(Begun::Fresh, Row::answered))
}

/// What the lock is named by.
fn number(user: Id, key: &Key) -> i64 {
    let hash = Sha256::new().chain_update(user.0.as_bytes()).chain_update(&key.name).finalize();
    let mut number = [0; 8];
    number.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(number)
}

impl Row {
    fn answered(self) -> Begun {
        let about = self.about_type.zip(self.about_id).map(|(kind, id)| About { kind, id });
        let kept = Kept {
            status: u16::try_from(self.status).unwrap_or(500),
            media_type: self.media_type,
            language: self.language,
            location: self.location,
            tag: self.tag,
            body: self.body,
            about,
        };
        Begun::Answered(self.fingerprint, kept)
    }
}

/// An older answer to the same key has expired: it is replaced. Whoever removed their own account, which only operations
/// can, has none.
fn keep(tx: &mut Tx<'_>, key: &Key, kept: &Kept) -> Result<()> {
    if kept.about.is_none() && !select(exists(users::table.find(tx.viewer.id))).get_result(tx.conn)? {
        return Ok(());
    }
    let row = || Row {
        fingerprint: key.fingerprint.clone(),
        status: kept.status.into(),
        media_type: kept.media_type.clone(),
        language: kept.language.clone(),
        location: kept.location.clone(),
        tag: kept.tag.clone(),
        body: kept.body.clone(),
        about_type: kept.about.as_ref().map(|about| about.kind.clone()),
        about_id: kept.about.as_ref().map(|about| about.id),
        created_at: tx.viewer.now(),
    };
    let (user, name) = (keys::user_id.eq(tx.viewer.id), keys::key.eq(&key.name));
    on_backend!(tx.conn, |conn| {
        diesel::insert_into(keys::table)
            .values((user, name, row()))
            .on_conflict((keys::user_id, keys::key))
            .do_update()
            .set(row())
            .execute(conn)
    })?;
    Ok(())
}

/// Removes some of the answers that have expired; how many.
///
/// # Errors
/// Whatever the database says.
pub fn sweep(conn: &mut Conn, now: Time, most: i64) -> Result<usize> {
    let swept = Sql::new("DELETE FROM idempotency_keys WHERE (user_id, key) IN (SELECT user_id, key FROM ")
        .then("idempotency_keys WHERE created_at <= ")
        .then(Time(now.0 - LIFE))
        .then(" LIMIT 0 + ")
        .then(Bind::Int(most))
        .then(")");
    Ok(swept.execute(conn)?)
}
