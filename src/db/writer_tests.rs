//! The writer under success, failure, panics and full queues, on a real file.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use tempfile::TempDir;

use super::{Conn, DbError};
use crate::db::Options;
use crate::db::pool::{Manager, Use};
use crate::db::target::Target;
use crate::db::writer::Writer;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

type Outcome = Result<i64, DbError>;

/// A file with `numbers (n UNIQUE)` and `parts (whole REFERENCES numbers)`, its writer, and a count of commits.
struct Fixture {
    writer: Option<Writer>,
    commits: Arc<AtomicU64>,
    manager: Manager,
    directory: TempDir,
}

impl Fixture {
    fn new(queue: usize) -> Self {
        Self::with(Options { write_queue: queue, ..Options::default() })
    }

    fn with(options: Options) -> Self {
        let directory = TempDir::new().unwrap();
        let url = format!("sqlite:{}", directory.path().join("test.db").display());
        let target = Target::parse(&url).unwrap();
        let options = Options { busy_timeout: Duration::from_millis(300), ..options };
        let manager = Manager::new(target, &options, &Arc::default());
        let tables = "CREATE TABLE numbers (n INTEGER NOT NULL PRIMARY KEY);
            CREATE TABLE parts (whole INTEGER NOT NULL REFERENCES numbers (n));";
        manager.open(Use::Write).unwrap().batch_execute(tables).unwrap();
        let commits = Arc::new(AtomicU64::new(0));
        let (opener, counter) = (manager.clone(), Arc::clone(&commits));
        let writer = Writer::start(move || count_commits(opener.open(Use::Write)?, &counter), &options);
        Self { writer: Some(writer.unwrap()), commits, manager, directory }
    }

    fn writer(&self) -> &Writer {
        self.writer.as_ref().unwrap()
    }

    fn submit(&self, work: impl FnMut(&mut Conn) -> Outcome + Send + 'static) -> Receiver<Outcome> {
        let (sender, answer) = channel();
        self.writer().submit(work, Box::new(move |outcome| drop(sender.send(outcome)))).unwrap();
        answer
    }

    /// Keeps the writer busy until the sender is used, so that what is queued meanwhile is one group with it.
    fn block(&self) -> (Sender<()>, Receiver<Outcome>) {
        let (go, gone) = channel::<()>();
        let (started, running) = channel();
        let mut is_first = true;
        let answer = self.submit(move |_| {
            // It runs again after another one failed.
            if std::mem::take(&mut is_first) {
                started.send(()).unwrap();
                gone.recv().unwrap();
            }
            Ok(0)
        });
        running.recv().unwrap();
        (go, answer)
    }

    fn stored(&self) -> Vec<i64> {
        let mut conn = self.manager.open(Use::Read).unwrap();
        let rows = sql_query("SELECT n FROM numbers ORDER BY n").load::<Row>(&mut conn);
        rows.unwrap().into_iter().map(|row| row.n).collect()
    }
}

fn count_commits(mut conn: Conn, commits: &Arc<AtomicU64>) -> Result<Conn, DbError> {
    let commits = Arc::clone(commits);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::CommitTransaction { depth, .. } = event
            && depth.get() == 1
        {
            commits.fetch_add(1, Ordering::Relaxed);
        }
    });
    Ok(conn)
}

fn insert(n: i64) -> impl FnMut(&mut Conn) -> Outcome + Send + 'static {
    move |conn| {
        conn.batch_execute(&format!("INSERT INTO numbers VALUES ({n})"))?;
        Ok(n)
    }
}

fn wait(answer: &Receiver<Outcome>) -> Outcome {
    answer.recv_timeout(Duration::from_secs(20)).unwrap()
}

#[test]
fn jobs_that_wait_together_share_one_commit_and_are_all_stored() {
    let fixture = Fixture::new(64);
    let (go, first) = fixture.block();
    let answers: Vec<_> = (1..=40).map(|n| fixture.submit(insert(n))).collect();
    assert!(first.try_recv().is_err(), "nothing is answered before the commit");
    go.send(()).unwrap();
    wait(&first).unwrap();
    let numbers: Vec<i64> = answers.iter().map(|answer| wait(answer).unwrap()).collect();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    assert_eq!(fixture.stored(), numbers);
    assert_eq!(fixture.commits.load(Ordering::Relaxed), 1);
}

#[test]
fn a_group_has_no_more_jobs_than_it_may() {
    let fixture = Fixture::with(Options { write_group: 1, ..Options::default() });
    let (go, _first) = fixture.block();
    let answers: Vec<_> = (1..=5).map(|n| fixture.submit(insert(n))).collect();
    go.send(()).unwrap();
    answers.iter().for_each(|answer| assert!(wait(answer).is_ok()));
    assert_eq!(fixture.commits.load(Ordering::Relaxed), 6);
}

#[test]
fn a_group_has_at_most_64_jobs() {
    let fixture = Fixture::new(128);
    let (go, _first) = fixture.block();
    let answers: Vec<_> = (1..=100).map(|n| fixture.submit(insert(n))).collect();
    go.send(()).unwrap();
    answers.iter().for_each(|answer| assert!(wait(answer).is_ok()));
    assert_eq!(fixture.commits.load(Ordering::Relaxed), 2);
}

#[test]
fn an_error_takes_back_only_its_own_job() {
    let fixture = Fixture::new(64);
    let (go, _first) = fixture.block();
    let before = fixture.submit(insert(1));
    let failed = fixture.submit(|conn| {
        conn.batch_execute("INSERT INTO numbers VALUES (2)")?;
        Ok(conn.batch_execute("INSERT INTO numbers VALUES (1)").map(|()| 2)?)
    });
    let after = fixture.submit(insert(3));
    go.send(()).unwrap();
    assert!(matches!(wait(&failed), Err(DbError::Query(_))));
    assert_eq!((wait(&before).unwrap(), wait(&after).unwrap()), (1, 3));
    assert_eq!(fixture.stored(), [1, 3]);
}

#[test]
fn a_panic_takes_back_only_its_own_job_even_inside_nested_transactions() {
    let fixture = Fixture::new(64);
    let (go, _first) = fixture.block();
    let before = fixture.submit(insert(1));
    let failed = fixture.submit(|conn| {
        conn.batch_execute("INSERT INTO numbers VALUES (2)")?;
        conn.transaction::<i64, DbError, _>(|conn| {
            conn.batch_execute("INSERT INTO numbers VALUES (3)")?;
            panic!("on purpose")
        })
    });
    let after = fixture.submit(insert(4));
    go.send(()).unwrap();
    assert!(matches!(wait(&failed), Err(DbError::Panicked(why)) if why == "on purpose"));
    assert_eq!((wait(&before).unwrap(), wait(&after).unwrap()), (1, 4));
    assert_eq!(fixture.stored(), [1, 4]);
    assert_eq!(fixture.commits.load(Ordering::Relaxed), 1);
}

#[test]
fn what_a_job_has_read_before_another_one_failed_is_read_again() {
    let fixture = Fixture::new(64);
    let (go, first) = fixture.block();
    // As a sequence within a chat: it rests on what the jobs before it wrote, and the failed one is none of them.
    let next = || {
        |conn: &mut Conn| {
            let newest = sql_query("SELECT coalesce(max(n), 0) AS n FROM numbers").get_result::<Row>(conn)?.n;
            insert(newest + 1)(conn)
        }
    };
    let before = [fixture.submit(next()), fixture.submit(next())];
    let failed = fixture.submit(|conn| {
        insert(7)(conn)?;
        Err(DbError::Config("on purpose".to_owned()))
    });
    let after = [fixture.submit(next()), fixture.submit(next())];
    go.send(()).unwrap();
    assert_eq!(wait(&first).unwrap(), 0);
    assert!(matches!(wait(&failed), Err(DbError::Config(why)) if why == "on purpose"));
    let numbers: Vec<i64> = before.iter().chain(&after).map(|answer| wait(answer).unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert_eq!(fixture.stored(), numbers);
    assert_eq!(fixture.commits.load(Ordering::Relaxed), 1);
}

#[test]
fn a_job_that_fails_by_itself_runs_once_and_leaves_nothing() {
    let fixture = Fixture::new(64);
    let runs = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&runs);
    let failed = fixture.submit(move |conn| {
        counter.fetch_add(1, Ordering::Relaxed);
        insert(1)(conn)?;
        Err(DbError::Config("on purpose".to_owned()))
    });
    assert!(matches!(wait(&failed), Err(DbError::Config(_))));
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert!(fixture.stored().is_empty());
    assert_eq!(wait(&fixture.submit(insert(1))).unwrap(), 1);
}

#[test]
fn when_the_commit_fails_every_job_hears_of_it_and_the_next_one_succeeds() {
    let fixture = Fixture::new(64);
    let (go, first) = fixture.block();
    let good = fixture.submit(insert(1));
    let bad = fixture.submit(|conn| {
        conn.batch_execute("PRAGMA defer_foreign_keys = ON; INSERT INTO parts VALUES (9)")?;
        Ok(9)
    });
    // Its own error rests on a row that is never stored.
    let misled = fixture.submit(insert(1));
    go.send(()).unwrap();
    for answer in [&first, &good, &bad, &misled] {
        assert!(matches!(wait(answer), Err(DbError::Unavailable(_))));
    }
    assert!(fixture.stored().is_empty());
    assert_eq!(wait(&fixture.submit(insert(2))).unwrap(), 2);
    assert_eq!(fixture.stored(), [2]);
}

#[test]
fn when_sqlite_ends_the_transaction_by_itself_the_whole_group_fails() {
    let fixture = Fixture::new(64);
    let (go, first) = fixture.block();
    let good = fixture.submit(insert(1));
    // What SQLite does on a full disk, for one: the savepoint of the job is gone with the rest.
    let bad = fixture.submit(|conn| Ok(conn.batch_execute("ROLLBACK").map(|()| 0)?));
    let of_the_next_group = fixture.submit(insert(2));
    go.send(()).unwrap();
    for answer in [&first, &good, &bad] {
        assert!(matches!(wait(answer), Err(DbError::Unavailable(_))));
    }
    assert_eq!(wait(&of_the_next_group).unwrap(), 2);
    assert_eq!(fixture.stored(), [2]);
}

#[test]
fn when_sqlite_ends_the_transaction_of_a_job_that_minds_no_errors_the_whole_group_fails() {
    let fixture = Fixture::new(64);
    let (go, first) = fixture.block();
    let good = fixture.submit(insert(1));
    let bad = fixture.submit(|conn| {
        // diesel looks whether a transaction is there still only after `batch_execute`.
        drop(sql_query("INSERT OR ROLLBACK INTO numbers VALUES (1)").execute(conn));
        Ok(0)
    });
    let of_the_next_group = fixture.submit(insert(2));
    go.send(()).unwrap();
    for answer in [&first, &good, &bad] {
        assert!(matches!(wait(answer), Err(DbError::Unavailable(_))));
    }
    assert_eq!(wait(&of_the_next_group).unwrap(), 2);
    assert_eq!(fixture.stored(), [2]);
}

#[test]
fn a_full_queue_turns_the_next_job_away() {
    let fixture = Fixture::new(2);
    let (go, _first) = fixture.block();
    let queued = [fixture.submit(insert(1)), fixture.submit(insert(2))];
    let refused = fixture.writer().submit(insert(3), Box::new(|_| {}));
    assert!(matches!(refused, Err(DbError::Unavailable(_))));
    go.send(()).unwrap();
    queued.iter().for_each(|answer| assert!(wait(answer).is_ok()));
    assert_eq!(fixture.stored(), [1, 2]);
}

#[test]
fn a_lock_that_another_process_keeps_turns_the_jobs_away_until_it_is_gone() {
    let fixture = Fixture::new(64);
    let mut other = fixture.manager.open(Use::Write).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let jobs = [fixture.submit(insert(1)), fixture.submit(insert(2))];
    // The first waits for the busy timeout; the second, queued meanwhile, doesn't wait for another one.
    for answer in &jobs {
        assert!(matches!(wait(answer), Err(DbError::Unavailable(_))));
    }
    other.batch_execute("COMMIT").unwrap();
    assert_eq!(wait(&fixture.submit(insert(3))).unwrap(), 3);
}

#[test]
fn dropping_the_writer_finishes_its_jobs_and_closes_the_file() {
    let mut fixture = Fixture::new(64);
    let answers: Vec<_> = (1..=20).map(|n| fixture.submit(insert(n))).collect();
    fixture.writer = None;
    answers.iter().for_each(|answer| assert!(answer.try_recv().unwrap().is_ok()));
    let left = std::fs::read_dir(fixture.directory.path()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["test.db"], "the last connection takes the write-ahead log away");
}
