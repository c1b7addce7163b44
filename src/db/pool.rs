//! Opening connections, and the pool that lends them.
//!
//! SQLite has a pool of connections that only read, besides the one of `writer.rs`; PostgreSQL has one pool for all, and
//! so has SQLite without groups of writes.
//! Settings of SQLite belong to a connection, so each one gets them when it is opened.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{Connection, Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::r2d2::{HandleError, ManageConnection, Pool, R2D2Connection};
use diesel::{PgConnection, SqliteConnection};

use super::conn::{Conn, Kind};
use super::database::Options;
use super::error::{DbError, is_lock};
use super::target::Target;

/// How long a connection to PostgreSQL is lent without asking again whether it still lives.
///
/// Counted from the last time it was asked, however busy it is: a server that restarts is missed for no longer.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Opens connections to one database.
#[derive(Clone)]
pub(super) struct Manager {
    target: Target,
    busy_timeout: Duration,
    /// What the pool's connections to SQLite are for.
    pooled: Use,
    counter: Option<Counter>,
}

/// What a connection may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write,
}

impl Manager {
    pub(super) fn new(target: Target, options: &Options, statements: &Arc<AtomicU64>) -> Self {
        let counter = options.count_statements.then(|| Counter(Arc::clone(statements)));
        let pooled = if options.write_group == 0 { Use::Write } else { Use::Read };
        Self { target, busy_timeout: options.busy_timeout, pooled, counter }
    }

    pub(super) fn kind(&self) -> Kind {
        self.target.kind()
    }

    /// Opens one connection, and creates the file of SQLite where it is missing.
    pub(super) fn open(&self, purpose: Use) -> Result<Conn, DbError> {
        let opened = match &self.target {
            Target::Sqlite(path) => self.open_sqlite(path, purpose).map(Conn::Sqlite),
            Target::Postgres { url, .. } => PgConnection::establish(url).map(Conn::Pg).map_err(|e| e.to_string()),
        };
        let mut conn = opened.map_err(|error| DbError::Unavailable(self.target.redact(error)))?;
        if let Some(counter) = &self.counter {
            conn.set_instrumentation(counter.clone());
        }
        Ok(conn)
    }

    fn open_sqlite(&self, path: &Path, purpose: Use) -> Result<SqliteConnection, String> {
        let place = |error: &dyn std::fmt::Display| format!("can't open `{}`: {error}", path.display());
        let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| place(&error))?;
        let patience = self.busy_timeout.as_millis();
        conn.batch_execute(&format!("PRAGMA busy_timeout = {patience}")).map_err(|error| place(&error))?;
        self.switch_to_wal(&mut conn).map_err(|error| place(&error))?;
        conn.batch_execute(SETTINGS).map_err(|error| place(&error))?;
        if purpose == Use::Write {
            conn.batch_execute(WRITER_SETTINGS).map_err(|error| place(&error))?;
        }
        if purpose == Use::Read {
            conn.batch_execute("PRAGMA query_only = ON").map_err(|error| place(&error))?;
        }
        Ok(conn)
    }

    /// Several processes that create one file at once can meet here; SQLite then fails without waiting.
    fn switch_to_wal(&self, conn: &mut SqliteConnection) -> diesel::QueryResult<()> {
        let deadline = Instant::now() + self.busy_timeout;
        loop {
            match conn.batch_execute("PRAGMA journal_mode = WAL") {
                Err(error) if is_lock(&error) && Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                result => return result,
            }
        }
    }

    /// A pool of connections, which are opened when they are needed.
    pub(super) fn pool(self, options: &Options) -> Pool<Manager> {
        let kind = self.kind();
        let builder = Pool::builder()
            .max_size(options.pool_size(kind))
            .min_idle(Some(1))
            .connection_timeout(options.acquire_timeout)
            .error_handler(Box::new(LogOpening))
            .test_on_check_out(kind == Kind::Postgres);
        match kind {
            // A file doesn't go away, and a new connection would start with a cold cache.
            Kind::Sqlite => builder.idle_timeout(None).max_lifetime(None).build_unchecked(self),
            Kind::Postgres => builder.build_unchecked(self),
        }
    }
}

/// Settings of every SQLite connection, after `busy_timeout` and the write-ahead log.
///
/// `synchronous = FULL`: a write that was acknowledged survives a loss of power. The log is copied into the file every
/// 32 MiB, so that a busy page is written there once for many commits.
const SETTINGS: &str = "\
    PRAGMA foreign_keys = ON;
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = 1099511627776;
    PRAGMA cache_size = -32768;
    PRAGMA wal_autocheckpoint = 8000;
    PRAGMA journal_size_limit = 67108864;";

/// Settings of the writer on top. It finds most of its pages in its own cache, where they have to be to be changed; for
/// each that could be mapped instead, it would look through the log first.
const WRITER_SETTINGS: &str = "PRAGMA mmap_size = 0;";

/// A connection of the pool, and when it was last known to live.
pub(super) struct Pooled {
    pub(super) conn: Conn,
    proved: Instant,
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = DbError;

    fn connect(&self) -> Result<Pooled, DbError> {
        Ok(Pooled { conn: self.open(self.pooled)?, proved: Instant::now() })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), DbError> {
        if pooled.proved.elapsed() > TRUSTED_FOR {
            pooled.conn.ping()?;
            pooled.proved = Instant::now();
        }
        Ok(())
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        std::thread::panicking() || pooled.conn.is_broken()
    }
}

/// Logs why the pool could not open a connection; the one who waits for it learns only that none came.
#[derive(Debug)]
struct LogOpening;

impl HandleError<DbError> for LogOpening {
    fn handle_error(&self, error: DbError) {
        tracing::warn!(%error, "no new database connection");
    }
}

/// Counts statements, so that tests can bound them.
#[derive(Clone)]
struct Counter(Arc<AtomicU64>);

impl Instrumentation for Counter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event
            && !is_overhead(&query.to_string())
        {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// True for what the pool and the transactions add to the statements that somebody wrote.
fn is_overhead(sql: &str) -> bool {
    ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SELECT 1 --"]
        .iter()
        .any(|own| sql.starts_with(own))
        || sql == "SELECT 1"
}
