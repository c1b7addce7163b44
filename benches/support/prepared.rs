//! Prepared databases: made once, and kept in `target/bench`.
//!
//! The name of a database ends with a digest of what it is made by, so that a changed migration or seed makes a new
//! one. It is filled under another name: one that broke off is never taken for a whole one.

use super::{Outcome, postgres::Cluster};
use diesel::connection::SimpleConnection;
use diesel::{ExpressionMethods as _, QueryableByName, RunQueryDsl as _};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use tertulia::accounts;
use tertulia::db::{Conn, Database, DbError, Id, Kind, Options, Time};
use tertulia::schema::sessions;

/// Where prepared databases are kept.
pub(crate) fn directory() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target")).join("bench")
}

/// Where a database can be.
pub(crate) enum Host {
    Files,
    /// A server, and its programs if it is ours.
    Server {
        url: String,
        _cluster: Option<Cluster>,
    },
}

impl Host {
    /// The server that is named, or one of our own.
    pub(crate) fn server(named: Option<String>) -> Outcome<Self> {
        if let Some(url) = named {
            return Ok(Host::Server { url, _cluster: None });
        }
        let cluster = Cluster::start(&directory().join("postgres"))?;
        Ok(Host::Server { url: cluster.url.clone(), _cluster: Some(cluster) })
    }
}

/// How a database is made.
pub(crate) struct Recipe<'a> {
    /// What its name begins with.
    pub(crate) name: String,
    /// The sources of what `fill` does, beside the migrations; below the crate's root.
    pub(crate) sources: &'a [&'a str],
    /// Fills a migrated database.
    pub(crate) fill: &'a dyn Fn(&Database) -> Outcome<()>,
}

impl Recipe<'_> {
    /// Opens the database that is made so, and makes it first if it isn't there; its URL comes along.
    pub(crate) fn open(&self, host: &Host) -> Outcome<(String, Database)> {
        let name = format!("{}_{}", self.name, self.digest()?);
        let url = match host {
            Host::Files => self.in_file(&name)?,
            Host::Server { url, .. } => self.on_server(url, &name)?,
        };
        let database = open(&url)?;
        database.migrate()?;
        Ok((url, database))
    }

    fn digest(&self) -> Outcome<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut digest = Sha256::new();
        for place in ["migrations"].iter().chain(self.sources) {
            add(&mut digest, &root.join(place))?;
        }
        Ok(digest.finalize()[..4].iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn in_file(&self, name: &str) -> Outcome<String> {
        let directory = directory();
        std::fs::create_dir_all(&directory)?;
        let (whole, part) = (directory.join(format!("{name}.db")), directory.join(format!("{name}.part")));
        if !whole.exists() {
            for ending in ["", "-wal", "-shm"] {
                drop(std::fs::remove_file(format!("{}{ending}", part.display())));
            }
            self.make(&format!("sqlite:{}", part.display()))?;
            std::fs::rename(&part, &whole)?;
        }
        Ok(format!("sqlite:{}", whole.display()))
    }

    fn on_server(&self, server: &str, name: &str) -> Outcome<String> {
        let administration = open(server)?;
        let known = format!("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = '{name}') AS known");
        let known: Known =
            administration.read_blocking(|conn| diesel::sql_query(known).get_result(conn).map_err(DbError::from))?;
        let at = |name: &str| -> Outcome<String> {
            let mut url = url::Url::parse(server)?;
            url.set_path(name);
            Ok(url.into())
        };
        if !known.known {
            let administer =
                |sql: String| administration.read_blocking(|conn| conn.batch_execute(&sql).map_err(DbError::from));
            let part = format!("{name}_part");
            administer(format!("DROP DATABASE IF EXISTS {part} WITH (FORCE)"))?;
            administer(format!("CREATE DATABASE {part} TEMPLATE template0 ENCODING 'UTF8'"))?;
            self.make(&at(&part)?)?;
            administer(format!("ALTER DATABASE {part} RENAME TO {name}"))?;
        }
        at(name)
    }

    fn make(&self, url: &str) -> Outcome<()> {
        let database = open(url)?;
        database.migrate()?;
        if database.kind() == Kind::Sqlite {
            // Pages are written once, at the end, rather than with every part of the world.
            let patience = "PRAGMA cache_size = -1500000; PRAGMA wal_autocheckpoint = 500000";
            database.write_blocking(|conn| conn.batch_execute(patience).map_err(DbError::from))?;
        }
        (self.fill)(&database)?;
        // The first reader of a row would write down that it is committed, and nobody else is there to do it.
        if database.kind() == Kind::Postgres {
            database.read_blocking(|conn| conn.batch_execute("VACUUM ANALYZE").map_err(DbError::from))?;
            // Else the pages are written while somebody measures. Not everybody may ask for it.
            drop(database.read_blocking(|conn| conn.batch_execute("CHECKPOINT").map_err(DbError::from)));
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    known: bool,
}

fn open(url: &str) -> Outcome<Database> {
    Ok(Database::open(url, &Options { pool_size: Some(1), ..Options::default() })?)
}

fn add(digest: &mut Sha256, path: &Path) -> Outcome<()> {
    if path.is_file() {
        digest.update(std::fs::read(path)?);
        return Ok(());
    }
    let mut inside: Vec<PathBuf> = std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Outcome<_>>()?;
    inside.sort();
    inside.iter().try_for_each(|path| add(digest, path))
}

/// Days that a token lives.
const DAYS: u32 = 365;

/// A new token for each of `users`, and no others.
pub(crate) fn tokens(conn: &mut Conn, users: &[Id]) -> Result<Vec<String>, accounts::AccountError> {
    diesel::delete(sessions::table).execute(conn)?;
    let tokens = users.iter().map(|id| accounts::create_token(conn, *id, DAYS)).collect::<Result<_, _>>()?;
    // The server would note the use of a token after a minute: no write may fall into somebody's figures.
    let ahead = Time(Time::now().0 + 24 * 60 * 60 * 1000);
    diesel::update(sessions::table).set(sessions::last_used_at.eq(ahead)).execute(conn)?;
    Ok(tokens)
}
