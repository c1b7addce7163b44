//! Stamps: whether anything was written since.
//!
//! | | stamp | why equal ones mean equal data |
//! |---|---|---|
//! | PostgreSQL | the current snapshot, and when the server started | a commit ends a transaction that the snapshot before it lists as running, or that is none of those it knows |
//! | SQLite | `data_version` of one connection, and which one | it moves by every commit of any other connection, of other processes too, and that one never writes |
//!
//! Two equal stamps mean that nothing was committed between; two that differ may mean nothing, e.g. after a checkpoint or
//! a transaction that was rolled back.
//! Spec: <https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT>,
//! <https://www.sqlite.org/pragma.html#pragma_data_version>

use std::sync::{Mutex, PoisonError};

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};

use super::conn::Conn;
use super::error::DbError;
use super::pool::{Manager, Use};

/// A state of a database; equal to another one only if nothing was written between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(Box<str>);

#[cfg(test)]
impl Stamp {
    pub(crate) fn of_tests(text: &str) -> Self {
        Self(text.into())
    }
}

/// The connection of SQLite whose versions are compared: those of two connections have nothing to do with each other.
pub(super) struct Watcher {
    manager: Manager,
    state: Mutex<State>,
}

struct State {
    conn: Option<SqliteConnection>,
    /// How many there were.
    opened: u64,
}

impl Watcher {
    /// Opens nothing before the first stamp.
    pub(super) fn new(manager: Manager) -> Self {
        Self { manager, state: Mutex::new(State { conn: None, opened: 0 }) }
    }

    /// The stamp of the database that `conn` leads to.
    ///
    /// None on a standby, whose snapshots don't list what runs on the primary.
    pub(super) fn stamp(&self, conn: &mut Conn) -> Result<Option<Stamp>, DbError> {
        match conn {
            Conn::Pg(pg) => {
                let snapshot: Option<String> = Snapshot.get_result(pg)?;
                Ok(snapshot.map(|snapshot| Stamp(snapshot.into())))
            }
            Conn::Sqlite(_) => self.version().map(Some),
        }
    }

    fn version(&self) -> Result<Stamp, DbError> {
        // Whoever panicked here left a connection or none.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut conn = match state.conn.take() {
            Some(conn) => conn,
            None => self.open(&mut state.opened)?,
        };
        let version: i64 = DataVersion.get_result(&mut conn)?;
        state.conn = Some(conn);
        Ok(Stamp(format!("{} {version}", state.opened).into()))
    }

    fn open(&self, opened: &mut u64) -> Result<SqliteConnection, DbError> {
        *opened += 1;
        match self.manager.open(Use::Read)? {
            Conn::Sqlite(conn) => Ok(conn),
            Conn::Pg(_) => Err(DbError::Config("a file of SQLite has become a server".to_owned())),
        }
    }
}

/// A statement that is prepared once for each connection.
macro_rules! statement {
    ($name:ident, $type:ty, $sql:literal) => {
        #[derive(QueryId)]
        struct $name;

        impl Query for $name {
            type SqlType = $type;
        }

        impl<C> RunQueryDsl<C> for $name {}

        impl<B: Backend> QueryFragment<B> for $name {
            fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, B>) -> QueryResult<()> {
                pass.push_sql($sql);
                Ok(())
            }
        }
    };
}

statement!(
    Snapshot,
    Nullable<Text>,
    "SELECT CASE WHEN NOT pg_is_in_recovery() \
     THEN concat(extract(epoch FROM pg_postmaster_start_time()), ' ', pg_current_snapshot()) END"
);
statement!(DataVersion, BigInt, "PRAGMA data_version");
