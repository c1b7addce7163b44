//! Prepared databases: made once by `tertulia::seed`, kept in `target/bench`, and who asks for lists in them.
//!
//! The name of a database holds its sizes and a digest of what it is made by, so that a changed migration or seed
//! makes a new one. It is filled under another name: one that broke off is never taken for a whole one.

use crate::{Outcome, postgres::Cluster};
use diesel::connection::SimpleConnection;
use diesel::{ExpressionMethods as _, QueryableByName, RunQueryDsl as _};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use tertulia::db::{Conn, Database, DbError, Id, Kind, Options, Time, Uid};
use tertulia::schema::sessions;
use tertulia::{accounts, seed};

/// Where prepared databases are kept.
pub(crate) fn directory() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target")).join("bench")
}

/// Which database, and how large.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) users: u64,
    pub(crate) conversations: u64,
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

/// A prepared database.
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) database: Database,
    pub(crate) askers: Vec<Asker>,
}

/// A user with many conversations, and a token.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) user: Id,
    pub(crate) token: String,
}

impl World {
    /// Opens the database of that size, and makes it first if it isn't there.
    pub(crate) fn of(host: &Host, size: Size) -> Outcome<Self> {
        let name = format!("tertulia_bench_{}_{}_{}", size.users, size.conversations, recipe()?);
        let url = match host {
            Host::Files => in_file(&name, size)?,
            Host::Server { url, .. } => on_server(url, &name, size)?,
        };
        let database = open(&url)?;
        database.migrate()?;
        let askers = database.write_blocking(askers)?;
        if askers.is_empty() {
            return Err(format!("nobody has {CONVERSATIONS} conversations among {} users", size.users).into());
        }
        Ok(Self { url, database, askers })
    }
}

fn open(url: &str) -> Outcome<Database> {
    Ok(Database::open(url, &Options { pool_size: Some(1), ..Options::default() })?)
}

/// A digest of the migrations and the seed.
fn recipe() -> Outcome<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut digest = Sha256::new();
    for place in ["migrations", "src/seed", "src/seed.rs"] {
        add(&mut digest, &root.join(place))?;
    }
    Ok(digest.finalize()[..4].iter().map(|byte| format!("{byte:02x}")).collect())
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

fn in_file(name: &str, size: Size) -> Outcome<String> {
    let directory = directory();
    std::fs::create_dir_all(&directory)?;
    let (whole, part) = (directory.join(format!("{name}.db")), directory.join(format!("{name}.part")));
    if !whole.exists() {
        for ending in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(format!("{}{ending}", part.display())));
        }
        fill(&format!("sqlite:{}", part.display()), size)?;
        std::fs::rename(&part, &whole)?;
    }
    Ok(format!("sqlite:{}", whole.display()))
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    known: bool,
}

fn on_server(server: &str, name: &str, size: Size) -> Outcome<String> {
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
        fill(&at(&part)?, size)?;
        administer(format!("ALTER DATABASE {part} RENAME TO {name}"))?;
    }
    at(name)
}

fn fill(url: &str, Size { users, conversations }: Size) -> Outcome<()> {
    let plan = seed::Plan { users, conversations, groups: 0, messages: conversations, seed: 1 };
    eprintln!("making a world of {users} users and {conversations} conversations");
    let bar = indicatif::ProgressBar::new(plan.steps());
    let database = open(url)?;
    database.migrate()?;
    seed::fill(&database, &plan, |added| bar.inc(added))?;
    bar.finish_and_clear();
    // The first reader of a row would write down that it is committed, and nobody else is there to do it.
    if database.kind() == Kind::Postgres {
        database.read_blocking(|conn| conn.batch_execute("VACUUM ANALYZE").map_err(DbError::from))?;
    }
    Ok(())
}

/// So many conversations has a user who asks.
const CONVERSATIONS: i64 = 100;
/// So many users ask.
const ASKERS: i64 = 250;
/// Days that a token lives.
const DAYS: u32 = 365;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Uid)]
    id: Id,
}

/// Users with just so many conversations in their lists, each with a new token.
fn askers(conn: &mut Conn) -> Result<Vec<Asker>, accounts::AccountError> {
    let found: Vec<Found> = diesel::sql_query(format!(
        "SELECT id FROM (SELECT first_user_id AS id FROM direct_conversations WHERE first_listed \
         UNION ALL SELECT second_user_id FROM direct_conversations WHERE second_listed) AS sides \
         GROUP BY id HAVING count(*) = {CONVERSATIONS} ORDER BY id LIMIT {ASKERS}"
    ))
    .load(conn)?;
    diesel::delete(sessions::table).execute(conn)?;
    let mut askers = Vec::new();
    for Found { id } in found {
        let token = accounts::create_token(conn, id, DAYS)?;
        askers.push(Asker { user: id, token });
    }
    // The server would note the use of a token after a minute: no write may fall into somebody's figures.
    let ahead = Time(Time::now().0 + 24 * 60 * 60 * 1000);
    diesel::update(sessions::table).set(sessions::last_used_at.eq(ahead)).execute(conn)?;
    Ok(askers)
}
