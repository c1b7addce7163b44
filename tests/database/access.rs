//! Reads and writes through [`Database`], alike on both databases.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use tertulia::db::{Conn, Database, DbError, Kind, Options, violates};

use crate::on_both_databases;
use crate::place::TestDatabase;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

type Done = Result<(), DbError>;

/// A database with the rows 1 and 2, each counted from 0.
fn counters(test: &TestDatabase, options: &Options) -> Database {
    let database = test.open_with(options);
    let table = "CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT NOT NULL);
        INSERT INTO counters VALUES (1, 0); INSERT INTO counters VALUES (2, 0)";
    database.write_blocking(move |conn| execute(conn, table)).unwrap();
    database
}

fn execute(conn: &mut Conn, statement: &str) -> Done {
    Ok(conn.batch_execute(statement)?)
}

fn increment(conn: &mut Conn, id: i64) -> Done {
    execute(conn, &format!("UPDATE counters SET n = n + 1 WHERE id = {id}"))
}

fn count(conn: &mut Conn, id: i64) -> Result<i64, DbError> {
    Ok(sql_query(format!("SELECT n FROM counters WHERE id = {id}")).get_result::<Number>(conn)?.n)
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

on_both_databases!(
    concurrent_writes_are_all_stored,
    without_groups_each_write_commits_by_itself,
    a_look_is_a_read_that_may_fail_or_panic,
    an_error_or_a_panic_takes_a_write_back,
    a_write_is_tried_again_only_where_another_one_is_in_the_way,
    statements_are_counted_without_those_of_transactions,
    who_waits_too_long_for_a_connection_is_turned_away,
    a_broken_unique_constraint_is_recognised,
    a_database_answers_a_ping,
);

fn concurrent_writes_are_all_stored(test: &TestDatabase) {
    let database = counters(test, &Options::default());
    let increments = (0..200).map(|_| database.write(|conn| increment(conn, 1)));
    let done = run(futures_util::future::join_all(increments));
    assert!(done.iter().all(Result::is_ok));
    assert_eq!(run(database.read(|conn| count(conn, 1))).unwrap(), 200);
}

fn without_groups_each_write_commits_by_itself(test: &TestDatabase) {
    let database = counters(test, &Options { write_group: 0, ..Options::default() });
    let increments = (0..50).map(|_| database.write(|conn| increment(conn, 1)));
    let failing = database.write(|conn| {
        increment(conn, 1)?;
        execute(conn, "INSERT INTO counters VALUES (1, 5)")
    });
    let (done, failed) = run(async { tokio::join!(futures_util::future::join_all(increments), failing) });
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    assert!(matches!(failed, Err(DbError::Query(_))));
    assert_eq!(database.read_blocking(|conn| count(conn, 1)).unwrap(), 50);
}

/// With SQLite it runs on the thread that asks, unless all connections are busy.
fn a_look_is_a_read_that_may_fail_or_panic(test: &TestDatabase) {
    let database = counters(test, &Options { pool_size: Some(1), ..Options::default() });
    database.read_blocking(|conn| count(conn, 1)).unwrap();
    let here = std::thread::current().id();
    let look = || database.look(move |conn| Ok::<_, DbError>((count(conn, 2)?, std::thread::current().id() == here)));
    let is_sqlite = database.kind() == Kind::Sqlite;
    assert_eq!(run(look()).unwrap(), (0, is_sqlite));
    assert!(matches!(run(database.look(|conn| count(conn, 3))), Err(DbError::Query(Error::NotFound))));
    let panicked = run(database.look(|_| -> Done { panic!("on purpose") }));
    assert!(matches!(panicked, Err(DbError::Panicked(why)) if why == "on purpose"));
    let (held, taken) = channel();
    let (release, released) = channel::<()>();
    let other = database.clone();
    let busy = std::thread::spawn(move || {
        other.read_blocking(|_| {
            held.send(()).unwrap();
            let _ = released.recv();
            Ok::<_, DbError>(())
        })
    });
    taken.recv().unwrap();
    let looked = run(async {
        let free = async { drop(release) };
        tokio::join!(look(), free).0
    });
    assert_eq!(looked.unwrap(), (0, false));
    busy.join().unwrap().unwrap();
    let written = run(database.look(|conn| increment(conn, 1)));
    assert_eq!(written.is_err(), is_sqlite, "a look at SQLite can only read");
}

fn an_error_or_a_panic_takes_a_write_back(test: &TestDatabase) {
    let database = counters(test, &Options::default());
    let failed = run(database.write(|conn| {
        increment(conn, 1)?;
        execute(conn, "INSERT INTO counters VALUES (1, 5)")
    }));
    assert!(matches!(failed, Err(DbError::Query(_))));
    let panicked = run(database.write(|conn| -> Done {
        increment(conn, 1)?;
        panic!("on purpose")
    }));
    assert!(matches!(panicked, Err(DbError::Panicked(why)) if why == "on purpose"));
    assert_eq!(database.read_blocking(|conn| count(conn, 1)).unwrap(), 0);
    run(database.write(|conn| increment(conn, 1))).unwrap();
    assert_eq!(database.read_blocking(|conn| count(conn, 1)).unwrap(), 1);
}

fn a_write_is_tried_again_only_where_another_one_is_in_the_way(test: &TestDatabase) {
    let database = counters(test, &Options::default());
    let tries = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&tries);
    let written = database.write_blocking(move |conn| {
        increment(conn, 1)?;
        if counter.fetch_add(1, Ordering::Relaxed) < 2 {
            let message = Box::new("could not serialize access".to_owned());
            return Err(DbError::from(Error::DatabaseError(DatabaseErrorKind::SerializationFailure, message)));
        }
        Ok(())
    });
    let expected = match test.kind {
        Kind::Postgres => (true, 3, 1),
        Kind::Sqlite => (false, 1, 0),
    };
    let n = database.read_blocking(|conn| count(conn, 1)).unwrap();
    assert_eq!((written.is_ok(), tries.load(Ordering::Relaxed), n), expected);
}

#[test]
fn two_writes_that_lock_each_other_out_both_succeed_on_postgres() {
    TestDatabase::with(Kind::Postgres, |test| {
        let database = counters(test, &Options::default());
        let tries = Arc::new(AtomicU32::new(0));
        // Both hold their first row before either asks for its second.
        let met = Arc::new(Barrier::new(2));
        let crossed = [(1, 2), (2, 1)].map(|(first, second)| {
            let (tries, met) = (Arc::clone(&tries), Arc::clone(&met));
            database.write(move |conn| {
                let is_first = tries.fetch_add(1, Ordering::Relaxed) < 2;
                increment(conn, first)?;
                if is_first {
                    met.wait();
                }
                increment(conn, second)
            })
        });
        let done = run(futures_util::future::join_all(crossed));
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        assert_eq!(database.read_blocking(|conn| count(conn, 1)).unwrap(), 2);
        assert_eq!(tries.load(Ordering::Relaxed), 3, "one of them was a victim once");
    });
}

fn statements_are_counted_without_those_of_transactions(test: &TestDatabase) {
    let database = counters(test, &Options { count_statements: true, ..Options::default() });
    run(database.ping()).unwrap();
    let before = database.statements();
    run(database.write(|conn| increment(conn, 1))).unwrap();
    assert_eq!(database.statements() - before, 1);
    run(database.read(|conn| Ok::<_, DbError>(count(conn, 1)? + count(conn, 2)?))).unwrap();
    assert_eq!(database.statements() - before, 3);
    assert_eq!(test.open().statements(), 0);
}

fn who_waits_too_long_for_a_connection_is_turned_away(test: &TestDatabase) {
    let acquire_timeout = Duration::from_millis(200);
    let database = counters(test, &Options { pool_size: Some(1), acquire_timeout, ..Options::default() });
    let (go, gone) = channel::<()>();
    let (started, running) = channel();
    let holder = database.clone();
    let holder = std::thread::spawn(move || {
        holder.read_blocking(|conn| {
            started.send(()).unwrap();
            gone.recv().unwrap();
            count(conn, 1)
        })
    });
    running.recv().unwrap();
    assert!(matches!(run(database.read(|conn| count(conn, 1))), Err(DbError::Unavailable(_))));
    assert!(matches!(database.read_blocking(|conn| count(conn, 1)), Err(DbError::Unavailable(_))));
    go.send(()).unwrap();
    assert_eq!(holder.join().unwrap().unwrap(), 0);
    assert_eq!(run(database.read(|conn| count(conn, 1))).unwrap(), 0);
}

fn a_broken_unique_constraint_is_recognised(test: &TestDatabase) {
    let database = counters(test, &Options::default());
    let again = database.write_blocking(|conn| execute(conn, "INSERT INTO counters VALUES (1, 0)"));
    let Err(DbError::Query(error)) = again else { panic!("there is such a row already") };
    assert!(violates(&error, "counters_pkey", "counters.id"));
    assert!(!violates(&error, "counters_n_key", "counters.n"));
    let missing = database.write_blocking(|conn| execute(conn, "INSERT INTO counters VALUES (3, NULL)"));
    let Err(DbError::Query(error)) = missing else { panic!("the column is not null") };
    assert!(!violates(&error, "counters_pkey", "counters.id"));
}

fn a_database_answers_a_ping(test: &TestDatabase) {
    run(test.open().ping()).unwrap();
}

#[test]
fn a_read_can_not_write_on_sqlite() {
    TestDatabase::with(Kind::Sqlite, |test| {
        let database = counters(test, &Options::default());
        assert!(database.read_blocking(|conn| increment(conn, 1)).is_err());
        assert_eq!(database.read_blocking(|conn| count(conn, 1)).unwrap(), 0);
    });
}

#[test]
fn sqlite_has_foreign_keys_durable_commits_and_a_write_ahead_log() {
    TestDatabase::with(Kind::Sqlite, |test| {
        let settings = "SELECT (SELECT foreign_keys FROM pragma_foreign_keys) * 10
            + (SELECT synchronous FROM pragma_synchronous) * (SELECT journal_mode = 'wal' FROM pragma_journal_mode) AS n";
        let read = move |conn: &mut Conn| Ok::<_, DbError>(sql_query(settings).get_result::<Number>(conn)?.n);
        const ON_AND_FULL: i64 = 12;
        assert_eq!(test.open().read_blocking(read).unwrap(), ON_AND_FULL);
        assert_eq!(test.open().write_blocking(read).unwrap(), ON_AND_FULL);
    });
}

#[test]
fn dropping_the_last_handle_closes_the_file_of_sqlite() {
    TestDatabase::with(Kind::Sqlite, |test| {
        let database = counters(test, &Options::default());
        database.clone().read_blocking(|conn| count(conn, 1)).unwrap();
        drop(database);
        assert!(is_closed(test));
    });
}

/// SQLite removes its write-ahead log when the last connection closes; the pool may be opening a spare one just now.
fn is_closed(test: &TestDatabase) -> bool {
    (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        test.files() == ["test.db"]
    })
}

#[test]
fn a_write_may_own_the_last_handle() {
    TestDatabase::with(Kind::Sqlite, |test| {
        let database = counters(test, &Options::default());
        let (go, gone) = channel::<()>();
        let inner = database.clone();
        let mut write = Box::pin(database.write(move |conn| {
            gone.recv().unwrap();
            assert_eq!(inner.kind(), Kind::Sqlite);
            increment(conn, 1)
        }));
        let started = async { tokio::time::timeout(Duration::ZERO, &mut write).await };
        assert!(run(started).is_err(), "it waits to be let go");
        drop(write);
        drop(database);
        go.send(()).unwrap();
        assert!(is_closed(test));
        assert_eq!(test.open().read_blocking(|conn| count(conn, 1)).unwrap(), 1, "accepted is done");
    });
}

#[test]
fn what_can_not_be_opened_is_said_without_the_password() {
    let refused = Database::open("postgres://u:hunter2@127.0.0.1:1/d", &Options::default());
    let Err(error) = refused else { panic!("nobody listens there") };
    let message = error.to_string();
    assert!(matches!(error, DbError::Unavailable(_)) && !message.contains("hunter2"), "{message}");
    let directory = tempfile::TempDir::new().unwrap();
    let refused = Database::open(&format!("sqlite:{}", directory.path().display()), &Options::default());
    let Err(error) = refused else { panic!("a directory is no database") };
    assert!(error.to_string().contains(directory.path().to_str().unwrap()), "{error}");
}
