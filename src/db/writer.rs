//! The one writer of SQLite: a thread that commits the waiting writes in groups.
//!
//! ```text
//! BEGIN IMMEDIATE;  job;  job;  job;  …  COMMIT;  then all are answered
//! BEGIN IMMEDIATE;  job;  job fails;  ROLLBACK;  and again, each by itself:
//! BEGIN IMMEDIATE;  SAVEPOINT; job; RELEASE;  SAVEPOINT; job; ROLLBACK TO;  …  COMMIT;  then all are answered
//! ```
//!
//! SQLite lets one connection write at a time, and a durable commit waits for the disk. Sharing that wait among the
//! jobs that are there anyway gives several times the throughput, and no job waits for a lock. A job that fails takes
//! back only its own changes. Nobody is answered before the commit; when it fails, nobody has written.
//!
//! A savepoint has SQLite copy every page that changes in it, for the case that a job fails. Most don't, so jobs go
//! without until one does; then the group begins anew, and for a while each job has its savepoint.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use diesel::connection::SimpleConnection;

use super::conn::Conn;
use super::database::Options;
use super::error::{DbError, caught};

/// Depths of the transaction of the group, and of the one of a job inside it.
const GROUP_DEPTH: u32 = 1;
const JOB_DEPTH: u32 = 2;

/// So many jobs have a savepoint after one that failed: who fails often has no groups begin anew each time.
const WARY: usize = 1024;

/// Takes the outcome of a job; called once.
pub(super) type Answer<T, E> = Box<dyn FnOnce(Result<T, E>) + Send>;

/// The way to the thread. Dropping it finishes the jobs already taken, and closes the connection.
pub(super) struct Writer {
    jobs: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, which opens its connection at the first job, and again after a failure of the connection.
    pub(super) fn start<O>(open: O, options: &Options) -> Result<Self, DbError>
    where
        O: Fn() -> Result<Conn, DbError> + Send + 'static,
    {
        let (jobs, queued) = sync_channel(options.write_queue);
        let waiting = Waiting { jobs: queued, at_once: options.write_group };
        let work = move || outlive_panics(|connection| serve(&waiting, &open, connection));
        let thread = thread::Builder::new().name("sqlite-writer".to_owned()).spawn(work);
        let thread = thread.map_err(|error| DbError::Unavailable(format!("no thread for the writer: {error}")))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Queues a job; `answer` hears of it after the commit.
    pub(super) fn submit<T, E, F>(&self, work: F, answer: Answer<T, E>) -> Result<(), DbError>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, E> + Send + 'static,
    {
        let job = Box::new(Write { work, outcome: None, answer });
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => DbError::Unavailable("too many writes are waiting".to_owned()),
            TrySendError::Disconnected(_) => stopped(),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        let Some(thread) = self.thread.take() else {
            return;
        };
        // The last owner may be a job, whose own thread can't wait for itself.
        if thread.thread().id() != thread::current().id() {
            drop(thread.join());
        }
    }
}

/// What somebody hears whose job was not run.
pub(super) fn stopped() -> DbError {
    DbError::Unavailable("the writer has stopped".to_owned())
}

/// A write, whatever it returns.
trait Job: Send {
    /// Runs it, and tells whether it succeeded: else what it changed is there still. An error here is one of the whole
    /// group.
    fn run(&mut self, conn: &mut Conn) -> Result<bool, DbError>;

    /// Runs it in a savepoint; an error here is one of the whole group.
    fn run_alone(&mut self, conn: &mut Conn) -> Result<(), DbError>;

    /// Tells how it ended, the fate of its group included.
    fn answer(self: Box<Self>, group: Result<(), &DbError>);
}

struct Write<T, E, F> {
    work: F,
    outcome: Option<Result<T, E>>,
    answer: Answer<T, E>,
}

impl<T, E, F> Write<T, E, F>
where
    E: From<DbError>,
    F: FnMut(&mut Conn) -> Result<T, E>,
{
    /// Whether it succeeded.
    fn work(&mut self, conn: &mut Conn) -> bool {
        self.outcome.insert(caught(|| (self.work)(conn))).is_ok()
    }
}

impl<T, E, F> Job for Write<T, E, F>
where
    T: Send,
    E: From<DbError> + Send,
    F: FnMut(&mut Conn) -> Result<T, E> + Send,
{
    fn run(&mut self, conn: &mut Conn) -> Result<bool, DbError> {
        let succeeded = self.work(conn);
        if succeeded {
            conn.require_at(GROUP_DEPTH)?;
        }
        Ok(succeeded)
    }

    fn run_alone(&mut self, conn: &mut Conn) -> Result<(), DbError> {
        conn.savepoint()?;
        let succeeded = self.work(conn);
        let ended = if succeeded { conn.commit_at(JOB_DEPTH) } else { conn.roll_back_at(JOB_DEPTH) };
        Ok(ended?)
    }

    fn answer(self: Box<Self>, group: Result<(), &DbError>) {
        // Its own error may rest on what others of the group wrote, so that of the group comes first.
        (self.answer)(match group {
            Ok(()) => self.outcome.unwrap_or_else(|| Err(stopped().into())),
            Err(error) => Err(error.shared().into()),
        });
    }
}

/// Runs `serve` again after a panic outside of a job, with a new connection.
fn outlive_panics(serve: impl Fn(&mut Option<Conn>)) {
    let served = || {
        let mut connection = None;
        serve(&mut connection);
        if let Some(mut conn) = connection {
            tidy(&mut conn);
        }
    };
    while let Err(panic) = catch_unwind(AssertUnwindSafe(&served)) {
        tracing::error!(error = %DbError::panicked(&*panic), "the writer starts again");
    }
}

/// Refreshes the statistics that have gone stale, as SQLite advises before closing.
fn tidy(conn: &mut Conn) {
    if let Err(error) = conn.batch_execute("PRAGMA optimize") {
        tracing::debug!(%error, "the statistics were not refreshed");
    }
}

/// The jobs that wait.
struct Waiting {
    jobs: Receiver<Box<dyn Job>>,
    /// The most that one commit carries.
    at_once: usize,
}

/// Commits group after group, until no one is left to send a job.
fn serve(waiting: &Waiting, open: &impl Fn() -> Result<Conn, DbError>, connection: &mut Option<Conn>) {
    let mut wary = 0;
    while let Ok(first) = waiting.jobs.recv() {
        let mut group = vec![first];
        let committed = commit(&mut group, waiting, &mut wary, open, connection);
        if let Err(error) = &committed {
            tracing::warn!(%error, jobs = group.len(), "a group of writes failed");
            // Closing takes back whatever the failure left open.
            *connection = None;
        }
        for job in group {
            job.answer(committed.as_ref().copied());
        }
    }
}

/// Runs the group, which takes in what arrives meanwhile, and commits it.
fn commit(
    group: &mut Vec<Box<dyn Job>>,
    Waiting { jobs, at_once }: &Waiting,
    wary: &mut usize,
    open: &impl Fn() -> Result<Conn, DbError>,
    connection: &mut Option<Conn>,
) -> Result<(), DbError> {
    let begun = begin(open, connection);
    if begun.is_err() {
        // The others would only wait for the same lock in turn.
        group.extend(jobs.try_iter().take(at_once.saturating_sub(1)));
    }
    let conn = begun?;
    let mut done = 0;
    while done < group.len() {
        run_last(conn, &mut group[..=done], wary)?;
        done += 1;
        if done == group.len() && done < *at_once {
            group.extend(jobs.try_recv());
        }
    }
    Ok(conn.commit_at(GROUP_DEPTH)?)
}

/// Runs the last job. If it fails without a savepoint, those before it run again, too.
fn run_last(conn: &mut Conn, jobs: &mut [Box<dyn Job>], wary: &mut usize) -> Result<(), DbError> {
    let Some((last, before)) = jobs.split_last_mut() else { return Ok(()) };
    if *wary > 0 {
        *wary -= 1;
        return last.run_alone(conn);
    }
    if last.run(conn)? {
        return Ok(());
    }
    *wary = WARY;
    conn.roll_back_at(GROUP_DEPTH)?;
    conn.begin_write()?;
    // By itself it has failed for good. Among others, it failed on top of what is gone.
    if !before.is_empty() {
        jobs.iter_mut().try_for_each(|job| job.run_alone(conn))?;
    }
    Ok(())
}

/// The connection, with its transaction open.
fn begin<'c>(
    open: &impl Fn() -> Result<Conn, DbError>,
    connection: &'c mut Option<Conn>,
) -> Result<&'c mut Conn, DbError> {
    let conn = match connection {
        Some(conn) => conn,
        empty => empty.insert(open()?),
    };
    conn.begin_write()?;
    Ok(conn)
}
