//! The connection: one enum over both databases, and what it can't express.
//!
//! [`Conn`] runs boxed filters, joins, keyset pages, `RETURNING all_columns`, nested transactions. Upserts, row
//! locks and batch inserts are written once and run on the concrete connection by [`on_backend!`](crate::on_backend).
//! Connections are opened by `pool.rs` according to the URL, never by `Conn::establish`: that one tries each
//! database in turn, and would open a SQLite file named like the URL of a PostgreSQL server that is down.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager, TransactionManagerStatus};
use diesel::result::{Error, QueryResult};
use diesel::{PgConnection, SqliteConnection};

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL 15 or newer.
    Pg(PgConnection),
    /// The bundled SQLite.
    Sqlite(SqliteConnection),
}

/// The backend of [`Conn`], the one that statements are written for.
pub type Db = MultiBackend;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Postgres,
    Sqlite,
}

impl Conn {
    /// Which database it is.
    pub fn kind(&self) -> Kind {
        match self {
            Conn::Pg(_) => Kind::Postgres,
            Conn::Sqlite(_) => Kind::Sqlite,
        }
    }

    /// Opens the transaction of a write.
    ///
    /// On SQLite it takes the write lock at once: a transaction that reads first and writes later fails as soon
    /// as another one wrote in between, without waiting for the busy timeout.
    pub(super) fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            Conn::Pg(pg) => AnsiTransactionManager::begin_transaction(pg),
            Conn::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        }
    }

    /// Opens a transaction inside the present one.
    pub(super) fn savepoint(&mut self) -> QueryResult<()> {
        Self::begin_transaction(self)
    }

    /// Fails unless the innermost transaction is the one at `depth`, and is still open.
    ///
    /// SQLite ends one by itself on a full disk, for instance. It then lets another one begin, and else it doesn't.
    pub(super) fn require_at(&mut self, depth: u32) -> QueryResult<()> {
        let is_open = self.depth()? == depth && self.batch_execute("BEGIN").is_err();
        if is_open { Ok(()) } else { Err(Error::BrokenTransactionManager) }
    }

    /// Commits the innermost transaction, which must be the one at `depth`.
    pub(super) fn commit_at(&mut self, depth: u32) -> QueryResult<()> {
        if self.depth()? != depth {
            return Err(Error::BrokenTransactionManager);
        }
        Self::commit_transaction(self)
    }

    /// Rolls back the transaction at `depth` and all inside it, also those that a panic left open.
    pub(super) fn roll_back_at(&mut self, depth: u32) -> QueryResult<()> {
        while self.depth()? >= depth {
            Self::rollback_transaction(self)?;
        }
        Ok(())
    }

    /// How many transactions are open, each inside the one before.
    fn depth(&mut self) -> QueryResult<u32> {
        match Self::transaction_manager_status_mut(self) {
            TransactionManagerStatus::Valid(status) => Ok(status.transaction_depth().map_or(0, u32::from)),
            TransactionManagerStatus::InError => Err(Error::BrokenTransactionManager),
        }
    }
}

/// Runs the same diesel expression on the concrete connection, for what [`Db`] can't express.
///
/// ```
/// # use tertulia::db::Conn;
/// use diesel::connection::SimpleConnection;
///
/// fn nothing(conn: &mut Conn) -> diesel::QueryResult<()> {
///     tertulia::on_backend!(conn, |conn| conn.batch_execute("SELECT 1"))
/// }
/// ```
#[macro_export]
macro_rules! on_backend {
    ($conn:expr, |$concrete:ident| $run:expr) => {
        match $conn {
            $crate::db::Conn::Pg($concrete) => $run,
            $crate::db::Conn::Sqlite($concrete) => $run,
        }
    };
}
