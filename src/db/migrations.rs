//! Migrations, embedded in the program: twin directories with the same names, one per database.
//!
//! They run under a lock of the database, so several processes may start at once: the second one waits and finds
//! nothing to do. A database with migrations that this program doesn't know is refused: a newer program wrote it.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use diesel::backend::Backend;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::MigrationSource;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::BigInt};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::Conn;
use super::error::{DbError, is_lock};

static POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
static SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// The key of the advisory lock, the ASCII codes of `tertulia`.
const LOCK: i64 = 0x7465_7274_756c_6961;

/// How long a process waits for another one that migrates the same file.
const PATIENCE: Duration = Duration::from_secs(600);

type Names = Result<Vec<String>, Box<dyn Error + Send + Sync>>;

/// Applies what is missing.
pub(super) fn apply(conn: Conn) -> Result<Vec<String>, DbError> {
    run(conn, Step::Apply)
}

/// Says what is missing.
pub(super) fn pending(conn: Conn) -> Result<Vec<String>, DbError> {
    run(conn, Step::List)
}

/// Takes everything back.
pub(super) fn revert(conn: Conn) -> Result<Vec<String>, DbError> {
    run(conn, Step::Revert)
}

#[derive(Clone, Copy)]
enum Step {
    List,
    Apply,
    Revert,
}

/// Consumes the connection, since its end is what releases the lock for certain.
fn run(conn: Conn, step: Step) -> Result<Vec<String>, DbError> {
    let names = match conn {
        Conn::Pg(mut pg) => in_postgres(&mut pg, step),
        Conn::Sqlite(mut sqlite) => in_sqlite(&mut sqlite, step),
    };
    names.map_err(|error| match error.downcast::<diesel::result::Error>() {
        Ok(error) => DbError::from(*error),
        Err(error) => DbError::Migration(error.to_string()),
    })
}

fn in_postgres(conn: &mut PgConnection, step: Step) -> Names {
    conn.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
    take(conn, &POSTGRES, step)
}

/// Foreign keys are off meanwhile, because rebuilding a table, the only way to change one, would cascade.
fn in_sqlite(conn: &mut SqliteConnection, step: Step) -> Names {
    conn.batch_execute("PRAGMA foreign_keys = OFF")?;
    lock(conn)?;
    let names = take(conn, &SQLITE, step)?;
    let broken = sql_query("SELECT count(*) AS number FROM pragma_foreign_key_check").get_result::<Count>(conn)?;
    if broken.number > 0 {
        return Err(format!("the migrations leave {} broken foreign keys, so none was applied", broken.number).into());
    }
    AnsiTransactionManager::commit_transaction(conn)?;
    Ok(names)
}

/// Migrating a large file takes another process longer than a write may take, so this waits beyond the busy timeout.
fn lock(conn: &mut SqliteConnection) -> diesel::QueryResult<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN EXCLUSIVE") {
            Err(error) if is_lock(&error) && Instant::now() < deadline => thread::sleep(Duration::from_millis(20)),
            result => return result,
        }
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn take<C, DB>(conn: &mut C, source: &EmbeddedMigrations, step: Step) -> Names
where
    C: MigrationHarness<DB>,
    DB: Backend,
{
    let applied = conn.applied_migrations()?;
    let mut known = MigrationSource::<DB>::migrations(source)?;
    known.sort_by(|a, b| a.name().version().cmp(&b.name().version()));
    if let Some(version) = applied.iter().find(|version| known.iter().all(|one| one.name().version() != **version)) {
        return Err(format!("the database has the migration {version}, of a newer program than this one").into());
    }
    let (mut done, mut missing): (Vec<_>, Vec<_>) =
        known.into_iter().partition(|one| applied.contains(&one.name().version().as_owned()));
    done.reverse();
    match step {
        Step::List => {}
        Step::Apply => missing.iter().try_for_each(|one| conn.run_migration(one).map(drop))?,
        Step::Revert => done.iter().try_for_each(|one| conn.revert_migration(one).map(drop))?,
    }
    let named = if matches!(step, Step::Revert) { &mut done } else { &mut missing };
    Ok(named.iter().map(|one| one.name().to_string()).collect())
}
