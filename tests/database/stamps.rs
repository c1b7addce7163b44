//! Stamps: equal ones mean that nothing was written between, whoever wrote.

use std::thread;

use diesel::connection::SimpleConnection;
use diesel::{QueryResult, RunQueryDsl, sql_query};
use tertulia::db::{Conn, Database, DbError, Kind, Options, Stamp};

use crate::on_both_databases;
use crate::place::TestDatabase;

fn counter(test: &TestDatabase) -> Database {
    let database = test.open_with(&Options::default());
    let table = "CREATE TABLE counters (n BIGINT NOT NULL); INSERT INTO counters VALUES (0)";
    database.write_blocking(move |conn| Ok::<_, DbError>(conn.batch_execute(table)?)).unwrap();
    database
}

fn increment(conn: &mut Conn) -> QueryResult<usize> {
    sql_query("UPDATE counters SET n = n + 1").execute(conn)
}

fn write(database: &Database) -> Result<usize, DbError> {
    database.write_blocking(|conn| Ok(increment(conn)?))
}

fn stamp(database: &Database) -> Stamp {
    database.read_blocking(|conn| database.stamp(conn)).unwrap().unwrap()
}

on_both_databases!(
    a_stamp_stays_while_nobody_writes,
    every_commit_makes_another_stamp,
    what_is_not_committed_makes_no_stamp_that_comes_again,
);

fn a_stamp_stays_while_nobody_writes(test: &TestDatabase) {
    let database = counter(test);
    let stays = || {
        let before = stamp(&database);
        let read = database.read_blocking(|conn| Ok::<_, DbError>(sql_query("SELECT n FROM counters").execute(conn)?));
        read.unwrap();
        database.write_blocking(|_| Ok::<_, DbError>(())).unwrap();
        stamp(&database) == before
    };
    // Transactions are counted by the server, and other tests write to other databases of it.
    let tries = if test.kind == Kind::Sqlite { 1 } else { 10_000 };
    assert!((0..tries).any(|_| stays()));
}

fn every_commit_makes_another_stamp(test: &TestDatabase) {
    let (database, elsewhere) = (counter(test), test.open_with(&Options::default()));
    let mut seen = vec![stamp(&database)];
    for turn in 0..30 {
        write(if turn % 2 == 0 { &database } else { &elsewhere }).unwrap();
        let now = stamp(&database);
        assert!(!seen.contains(&now), "{turn}: {now:?}");
        seen.push(now);
    }
}

fn what_is_not_committed_makes_no_stamp_that_comes_again(test: &TestDatabase) {
    let (database, watching) = (counter(test), test.open_with(&Options::default()));
    let (before, watched) = (stamp(&database), watching.clone());
    let within = database.write_blocking(move |conn| {
        increment(conn)?;
        Ok::<_, DbError>(stamp(&watched))
    });
    assert!(![before, within.unwrap()].contains(&stamp(&database)));
    let ours = stamp(&watching);
    write(&database).unwrap();
    assert_ne!(stamp(&watching), ours);
}

#[test]
fn threads_that_ask_at_once_are_told_the_same() {
    TestDatabase::with(Kind::Sqlite, |test| {
        let database = counter(test);
        let first = stamp(&database);
        thread::scope(|scope| {
            let asking: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..50).all(|_| stamp(&database) == first))).collect();
            assert!(asking.into_iter().all(|thread| thread.join().unwrap()));
        });
    });
}
