//! The test support itself: databases are separate, and none outlives its process.

#[expect(dead_code, unused_macros, unused_imports, reason = "only databases are looked at here")]
mod support;

use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use support::database::{Kind, TestDatabase};

#[test]
fn a_copy_has_the_templates_rows_and_keeps_its_own_on_sqlite() {
    copies_are_separate(Kind::Sqlite);
}

#[test]
fn a_copy_has_the_templates_rows_and_keeps_its_own_on_postgres() {
    copies_are_separate(Kind::Postgres);
}

fn copies_are_separate(kind: Kind) {
    if !kind.wanted() {
        return;
    }
    let original = TestDatabase::empty(kind);
    execute(&original, "CREATE TABLE things (id INTEGER); INSERT INTO things VALUES (1)");
    let template = original.freeze();
    let (one, other) = (template.copy(), template.copy());
    execute(&one, "INSERT INTO things VALUES (2)");
    assert_eq!((things(&one), things(&other), things(&template.copy())), (2, 1, 1));
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn execute(database: &TestDatabase, statements: &str) {
    database.execute(statements, statements);
}

fn things(database: &TestDatabase) -> i64 {
    let query = diesel::sql_query("SELECT count(*) AS count FROM things");
    let counted: Count = match database.url.strip_prefix("sqlite:") {
        Some(path) => query.get_result(&mut SqliteConnection::establish(path).expect("a file")),
        None => query.get_result(&mut PgConnection::establish(&database.url).expect("a server")),
    }
    .expect("a count");
    counted.count
}
