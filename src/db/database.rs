//! The handle that everything above asks for a connection.
//!
//! `read` and `write` take a closure that gets the connection; it runs where it may block. One request takes one
//! connection, hands it down and never asks for a second one while it holds it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::Pool;
use tokio::sync::oneshot;

use super::conn::{Conn, Kind};
use super::error::{DbError, Retry, caught};
use super::migrations;
use super::pool::{Manager, Use};
use super::stamp::{Stamp, Watcher};
use super::target::Target;
use super::threads::{Threads, too_late};
use super::writer::{Writer, stopped};

/// How often a write is tried that PostgreSQL refuses for the sake of another one.
const TRIES: u32 = 6;

/// How the database is used.
#[derive(Debug, Clone)]
pub struct Options {
    /// The most connections at once; by default as many as fit the processors and the kind of database.
    pub pool_size: Option<u32>,
    /// How long a request waits for a connection before it is turned away.
    pub acquire_timeout: Duration,
    /// How long SQLite waits for a lock that another process holds.
    pub busy_timeout: Duration,
    /// How many writes may wait for SQLite before the next one is turned away.
    pub write_queue: usize,
    /// The most writes that one commit of SQLite carries. With 0 there are no groups, nor a thread for them: each write
    /// waits for the lock on a connection of the pool, as most programs have it, and commits by itself.
    pub write_group: usize,
    /// Counts statements, see [`Database::statements`]; costs time, so it is for tests.
    pub count_statements: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pool_size: None,
            acquire_timeout: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(5),
            write_queue: 1024,
            write_group: 64,
            count_statements: false,
        }
    }
}

impl Options {
    /// Readers of SQLite are busy all the time they hold a connection; those of PostgreSQL mostly wait.
    pub(super) fn pool_size(&self, kind: Kind) -> u32 {
        let processors = thread::available_parallelism().map_or(2, |n| u32::try_from(n.get()).unwrap_or(2));
        let by_default = match kind {
            Kind::Sqlite => (2 * processors).clamp(4, 16),
            Kind::Postgres => (4 * processors).clamp(8, 32),
        };
        self.pool_size.unwrap_or(by_default).max(1)
    }
}

/// A database, shared by cloning.
///
/// When the last clone is dropped, writes already accepted are finished and the connections closed.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
}

struct Shared {
    manager: Manager,
    /// SQLite only, and not without groups: else any connection of the pool takes writes.
    writer: Option<Writer>,
    pool: Pool<Manager>,
    watcher: Watcher,
    /// One per connection; they start when somebody first needs one.
    threads: OnceLock<Threads>,
    pool_size: u32,
    acquire_timeout: Duration,
    statements: Arc<AtomicU64>,
}

impl Database {
    /// Opens the database that `url` names, and creates the file of SQLite with its directory; doesn't migrate.
    ///
    /// Fails when the URL is wrong or the database can't be reached.
    pub fn open(url: &str, options: &Options) -> Result<Self, DbError> {
        let target = Target::parse(url)?;
        create_directory(&target)?;
        let statements = Arc::new(AtomicU64::new(0));
        let manager = Manager::new(target, options, &statements);
        drop(manager.open(Use::Write)?);
        let shared = Shared {
            writer: start_writer(&manager, options)?,
            pool: manager.clone().pool(options),
            watcher: Watcher::new(manager.clone()),
            threads: OnceLock::new(),
            pool_size: options.pool_size(manager.kind()),
            manager,
            acquire_timeout: options.acquire_timeout,
            statements,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Which database it is.
    pub fn kind(&self) -> Kind {
        self.shared.manager.kind()
    }

    /// Applies the migrations that are missing and returns their names, in order.
    ///
    /// Several processes may do so at once. Fails when the database has migrations of a newer program.
    pub fn migrate(&self) -> Result<Vec<String>, DbError> {
        migrations::apply(self.shared.manager.open(Use::Write)?)
    }

    /// The names of the migrations that are missing, in order.
    pub fn pending(&self) -> Result<Vec<String>, DbError> {
        migrations::pending(self.shared.manager.open(Use::Write)?)
    }

    /// Takes all migrations back, newest first, and everything stored with them.
    pub fn revert_all(&self) -> Result<Vec<String>, DbError> {
        migrations::revert(self.shared.manager.open(Use::Write)?)
    }

    /// Runs `work` on a connection; on SQLite it can only read.
    pub async fn read<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let database = self.clone();
        self.threads()?.run(self.shared.acquire_timeout, move || database.read_blocking(work)).await
    }

    /// [`read`](Self::read) for a look at a row or two, on this thread if a connection is free this moment: with SQLite,
    /// that takes less time than to hand it to another thread.
    pub async fn look<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let free = match self.kind() {
            Kind::Sqlite => self.shared.pool.try_get(),
            Kind::Postgres => None,
        };
        match free {
            Some(mut pooled) => caught(|| work(&mut pooled.conn)),
            None => self.read(work).await,
        }
    }

    /// Runs `work` in one transaction, which an error takes back.
    ///
    /// `work` may run several times, each time in a new transaction: on PostgreSQL after a lost race, see [`Retry`], on
    /// SQLite after the failure of another write that was to be committed with it.
    pub async fn write<T, E>(&self, work: impl FnMut(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Retry + Send + 'static,
    {
        let Some(writer) = &self.shared.writer else {
            let database = self.clone();
            return self.threads()?.run(self.shared.acquire_timeout, move || database.write_pooled(work)).await;
        };
        let (sender, answer) = oneshot::channel();
        writer.submit(work, Box::new(move |outcome| drop(sender.send(outcome))))?;
        answer.await.unwrap_or_else(|_| Err(stopped().into()))
    }

    /// [`read`](Self::read) for threads that may block.
    pub fn read_blocking<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DbError>,
    {
        let mut pooled = self.shared.pool.get().map_err(|_| too_late())?;
        work(&mut pooled.conn)
    }

    /// [`write`](Self::write) for threads that may block.
    pub fn write_blocking<T, E>(&self, work: impl FnMut(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Retry + Send + 'static,
    {
        let Some(writer) = &self.shared.writer else {
            return self.write_pooled(work);
        };
        let (sender, answer) = std::sync::mpsc::sync_channel(1);
        writer.submit(work, Box::new(move |outcome| drop(sender.send(outcome))))?;
        answer.recv().unwrap_or_else(|_| Err(stopped().into()))
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.read(|conn| Ok(conn.batch_execute("SELECT 1")?)).await
    }

    /// The state of the database, where equal ones can be told from others; `conn` is the one that is held already.
    ///
    /// What is read afterwards, on any connection, is at least as new.
    pub fn stamp(&self, conn: &mut Conn) -> Result<Option<Stamp>, DbError> {
        self.shared.watcher.stamp(conn)
    }

    /// How many statements ran so far, without those that begin and end transactions; 0 unless they are counted.
    pub fn statements(&self) -> u64 {
        self.shared.statements.load(Ordering::Relaxed)
    }

    fn threads(&self) -> Result<&Threads, DbError> {
        if let Some(threads) = self.shared.threads.get() {
            return Ok(threads);
        }
        let threads = Threads::start(self.shared.pool_size)?;
        // If somebody else was faster, ours end.
        Ok(self.shared.threads.get_or_init(|| threads))
    }

    fn write_pooled<T, E>(&self, mut work: impl FnMut(&mut Conn) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DbError> + Retry,
    {
        let mut pooled = self.shared.pool.get().map_err(|_| too_late())?;
        let mut tries = 1;
        loop {
            match transaction(&mut pooled.conn, &mut work) {
                Err(error) if tries < TRIES && error.is_retryable() => back_off(tries),
                outcome => return outcome,
            }
            tries += 1;
        }
    }
}

fn create_directory(target: &Target) -> Result<(), DbError> {
    let Target::Sqlite(path) = target else {
        return Ok(());
    };
    let Some(directory) = path.parent() else {
        return Ok(());
    };
    std::fs::create_dir_all(directory)
        .map_err(|error| DbError::Config(format!("can't create the directory `{}`: {error}", directory.display())))
}

fn start_writer(manager: &Manager, options: &Options) -> Result<Option<Writer>, DbError> {
    match manager.kind() {
        Kind::Sqlite if options.write_group > 0 => {
            let manager = manager.clone();
            Writer::start(move || manager.open(Use::Write), options).map(Some)
        }
        _ => Ok(None),
    }
}

fn transaction<T, E>(conn: &mut Conn, work: &mut impl FnMut(&mut Conn) -> Result<T, E>) -> Result<T, E>
where
    E: From<DbError>,
{
    conn.begin_write().map_err(DbError::from)?;
    let outcome = work(conn);
    match &outcome {
        Ok(_) => conn.commit_at(1).map_err(DbError::from)?,
        // What failed first tells more than a lost connection that can't roll back; the pool drops that one.
        Err(_) => drop(conn.roll_back_at(1)),
    }
    outcome
}

/// Waits a random while, so that two transactions don't meet again at once.
fn back_off(tries: u32) {
    let most = 4_u64 << tries;
    thread::sleep(Duration::from_millis(rand::random_range(1..=most)));
}
