//! The program from outside: its commands, and the worlds and accounts they make on both databases.

mod accounts;
mod commands;
mod starting;
mod worlds;

#[path = "../support"]
mod support {
    #[expect(dead_code, reason = "this binary copies no prepared database")]
    pub(crate) mod database;

    pub(crate) mod cluster;
}

use support::database::{Kind, TestDatabase};
use tertulia::db::{Conn, Database, DbError, Options};

/// Runs a test on a migrated database of each kind.
fn on_both_databases(test: impl Fn(&Database)) {
    for kind in [Kind::Sqlite, Kind::Postgres].into_iter().filter(|kind| kind.wanted()) {
        let place = TestDatabase::empty(kind);
        let database = Database::open(&place.url, &Options::default()).expect("the database opens");
        database.migrate().expect("the tables");
        test(&database);
    }
}

/// Runs reading or writing work, and gives what came out.
fn write<T: Send + 'static>(database: &Database, mut work: impl FnMut(&mut Conn) -> T + Send + 'static) -> T {
    database.write_blocking::<T, DbError>(move |conn| Ok(work(conn))).expect("a transaction")
}
