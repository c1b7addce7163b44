//! Databases for tests: each test has its own, copied from one that was prepared once.
//!
//! `TERTULIA_TEST_DATABASES=sqlite` is the only way to leave PostgreSQL out, and it is said on standard error.

use super::cluster::cluster;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, Once, OnceLock};
use tempfile::TempDir;

/// The two databases every sentence is tested on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// Whether tests on this database are to run.
    pub(crate) fn wanted(self) -> bool {
        let wanted = self == Kind::Sqlite || std::env::var("TERTULIA_TEST_DATABASES").as_deref() != Ok("sqlite");
        if !wanted {
            static SAY: Once = Once::new();
            SAY.call_once(|| say("PostgreSQL is left out: TERTULIA_TEST_DATABASES=sqlite"));
        }
        wanted
    }
}

/// Past the capture of the test harness, which hides the output of tests that pass.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A database of its own; it is gone when this is dropped.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    place: Place,
}

enum Place {
    File { directory: TempDir },
    Server { name: String },
}

impl TestDatabase {
    /// A database without a single table.
    pub(crate) fn empty(kind: Kind) -> TestDatabase {
        match kind {
            Kind::Sqlite => TestDatabase::file(|_| ()),
            Kind::Postgres => TestDatabase::on_server("TEMPLATE template0 ENCODING 'UTF8'"),
        }
    }

    fn file(fill: impl FnOnce(&PathBuf)) -> TestDatabase {
        let directory = TempDir::new_in(scratch()).expect("a temporary directory");
        let path = directory.path().join("tertulia.db");
        fill(&path);
        TestDatabase { url: format!("sqlite:{}", path.display()), place: Place::File { directory } }
    }

    fn on_server(options: &str) -> TestDatabase {
        static SERIAL: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}{}", prefix(), SERIAL.fetch_add(1, Ordering::Relaxed));
        administer(&format!("CREATE DATABASE {name} {options}"));
        let mut url = url::Url::parse(&cluster().url).expect("TEST_POSTGRES_URL is a URL");
        url.set_path(&name);
        TestDatabase { url: url.into(), place: Place::Server { name } }
    }

    pub(crate) fn execute(&self, on_sqlite: &str, on_postgres: &str) {
        let (result, statements) = match self.url.strip_prefix("sqlite:") {
            Some(path) => {
                let mut connection = SqliteConnection::establish(path).expect("the database");
                (connection.batch_execute(&format!("PRAGMA busy_timeout = 5000; {on_sqlite}")), on_sqlite)
            }
            None => (PgConnection::establish(&self.url).expect("the database").batch_execute(on_postgres), on_postgres),
        };
        result.unwrap_or_else(|e| panic!("{statements}: {e}"));
    }

    /// Makes this the pattern of further databases. Nobody may be connected to it any more.
    pub(crate) fn freeze(self) -> Template {
        match &self.place {
            Place::File { directory } => vacuum_into(&self.url, directory.path().join("template.db")),
            Place::Server { name } => administer(&format!(
                "ALTER DATABASE {name} ALLOW_CONNECTIONS false; \
                 SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )),
        }
        Template { original: self }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Place::Server { name } = &self.place
            && !std::thread::panicking()
        {
            administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// A prepared database; every test gets a copy.
pub(crate) struct Template {
    original: TestDatabase,
}

impl Template {
    pub(crate) fn copy(&self) -> TestDatabase {
        match &self.original.place {
            Place::File { directory } => TestDatabase::file(|path| {
                std::fs::copy(directory.path().join("template.db"), path).expect("a copy of the template");
            }),
            Place::Server { name } => TestDatabase::on_server(&format!("TEMPLATE {name}")),
        }
    }
}

/// What lies in the write-ahead log comes along, whoever still has the file open or is just closing it.
fn vacuum_into(url: &str, template: PathBuf) {
    let path = url.strip_prefix("sqlite:").expect("an SQLite URL");
    SqliteConnection::establish(path)
        .expect("the database to copy")
        .batch_execute(&format!("PRAGMA busy_timeout = 20000; VACUUM INTO '{}'", template.display()))
        .expect("a copy of the database");
}

/// Reads until the process that writes is gone. A Ctrl-C is for that process only.
const WATCH: &str = r#"trap '' INT HUP TERM; while read -r _; do :; done; rm -rf "$1""#;

/// The directory for this process's files; it is removed when the process is gone, however it went.
fn scratch() -> &'static Path {
    static SCRATCH: OnceLock<(TempDir, ChildStdin)> = OnceLock::new();
    let (directory, _) = SCRATCH.get_or_init(|| {
        let directory = TempDir::with_prefix("tertulia-test-").expect("a temporary directory");
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "sh"]).arg(directory.path()).current_dir("/").process_group(0);
        watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let alive = watch.spawn().expect("a shell").stdin.take().expect("its standard input");
        (directory, alive)
    });
    directory.path()
}

fn administer(statements: &str) {
    administration().batch_execute(statements).unwrap_or_else(|e| panic!("{statements}: {e}"));
}

fn administration() -> PgConnection {
    PgConnection::establish(&cluster().url).unwrap_or_else(|e| panic!("PostgreSQL at {}: {e}", cluster().url))
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    datname: String,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// What the names of this process's databases begin with.
///
/// The number in it is locked on the server for as long as the process lives. On a server that outlives its
/// tests, databases with a number that nobody holds are what a killed process left, and are dropped.
fn prefix() -> &'static str {
    static PREFIX: OnceLock<String> = OnceLock::new();
    static LOCK: Mutex<Option<PgConnection>> = Mutex::new(None);
    PREFIX.get_or_init(|| {
        let mut connection = administration();
        let number = uuid::Uuid::new_v4().as_u128() as u32;
        assert!(lock(&mut connection, number.into()), "nobody else has this number");
        drop_abandoned(&mut connection);
        *LOCK.lock().expect("the only place that locks") = Some(connection);
        format!("tertulia_test_{number}_")
    })
}

fn lock(connection: &mut PgConnection, number: i64) -> bool {
    diesel::sql_query("SELECT pg_try_advisory_lock($1) AS taken")
        .bind::<BigInt, _>(number)
        .get_result::<Taken>(connection)
        .expect("an advisory lock")
        .taken
}

fn drop_abandoned(connection: &mut PgConnection) {
    let names: Vec<Name> =
        diesel::sql_query(r"SELECT datname::text FROM pg_database WHERE datname LIKE 'tertulia\_test\_%'")
            .load(connection)
            .expect("the names of the databases");
    for Name { datname } in names {
        let number = datname.split('_').nth(2).and_then(|number| number.parse().ok());
        if number.is_some_and(|number| lock(connection, number)) {
            // Somebody else who starts at the same moment may drop it first.
            let _ = connection.batch_execute(&format!("DROP DATABASE IF EXISTS {datname} WITH (FORCE)"));
        }
    }
}
