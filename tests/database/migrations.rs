//! Migrations go up, down and up again, once only, whoever starts them.

use std::sync::Barrier;

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use tertulia::db::{Conn, Database, DbError, Kind};

use crate::on_both_databases;
use crate::place::TestDatabase;
use crate::schemas::schema;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn execute(database: &Database, statement: &'static str) {
    let done = database.write_blocking(move |conn: &mut Conn| Ok::<_, DbError>(conn.batch_execute(statement)?));
    done.unwrap();
}

fn applied(database: &Database) -> i64 {
    let count = sql_query("SELECT count(*) AS number FROM __diesel_schema_migrations");
    let count = database.read_blocking(|conn| Ok::<_, DbError>(count.get_result::<Count>(conn)?));
    count.unwrap().number
}

/// Names of the directories under `migrations/<database>`, in order.
fn directories(database: &str) -> Vec<String> {
    let path = format!("{}/migrations/{database}", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(path).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert_eq!(directories("sqlite"), directories("postgres"));
}

on_both_databases!(
    every_migration_goes_up_down_and_up_again,
    every_migration_is_applied_once_in_order,
    several_that_start_at_once_share_the_work,
    a_database_of_a_newer_program_is_refused,
    a_failing_migration_is_reported,
);

fn every_migration_goes_up_down_and_up_again(test: &TestDatabase) {
    let database = test.migrated();
    let once = schema(&database);
    assert!(!once.is_empty());
    let mut names = database.revert_all().unwrap();
    names.reverse();
    assert_eq!(names, directories("sqlite"));
    assert!(schema(&database).is_empty(), "nothing is left behind");
    assert_eq!(database.migrate().unwrap(), names);
    assert_eq!(schema(&database), once);
}

fn every_migration_is_applied_once_in_order(test: &TestDatabase) {
    let database = test.open();
    assert_eq!(database.pending().unwrap(), directories("sqlite"));
    assert_eq!(database.migrate().unwrap(), directories("sqlite"));
    assert!(database.pending().unwrap().is_empty());
    assert!(database.migrate().unwrap().is_empty());
}

fn several_that_start_at_once_share_the_work(test: &TestDatabase) {
    const STARTERS: usize = 6;
    let together = Barrier::new(STARTERS);
    let start = || {
        together.wait();
        test.open().migrate().unwrap()
    };
    let mut names: Vec<String> = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..STARTERS).map(|_| scope.spawn(start)).collect();
        starters.into_iter().flat_map(|starter| starter.join().unwrap()).collect()
    });
    names.sort();
    assert_eq!(names, directories("sqlite"), "each was applied by one of them");
    assert_eq!(applied(&test.open()), names.len() as i64);
}

fn a_database_of_a_newer_program_is_refused(test: &TestDatabase) {
    let database = test.migrated();
    execute(&database, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')");
    for refused in [database.migrate(), database.pending(), database.revert_all()] {
        let Err(DbError::Migration(why)) = refused else { panic!("it is refused") };
        assert!(why.contains("99991231000000"), "{why}");
    }
    assert!(!schema(&database).is_empty(), "nothing was reverted");
}

fn a_failing_migration_is_reported(test: &TestDatabase) {
    let database = test.open();
    execute(&database, "CREATE TABLE chats (id INTEGER)");
    let Err(DbError::Migration(why)) = database.migrate() else { panic!("there is such a table already") };
    assert!(why.contains("create_chats"), "{why}");
    // PostgreSQL keeps those before it, each in a transaction of its own; SQLite keeps all or none.
    let kept = match test.kind {
        Kind::Postgres => 2,
        Kind::Sqlite => 0,
    };
    assert_eq!(database.pending().unwrap().len(), directories("sqlite").len() - kept);
    execute(&database, "DROP TABLE chats");
    database.migrate().unwrap();
    assert!(database.pending().unwrap().is_empty());
}
