//! Empty databases to test on: a file, or one made on the server that `TEST_POSTGRES_URL` names.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use tempfile::TempDir;
use tertulia::db::{Database, Id, Kind, Options};

/// A database without a single table; it is gone when this is dropped.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    pub(crate) kind: Kind,
    directory: Option<TempDir>,
}

impl TestDatabase {
    /// Tells `sentence` about an empty database of that kind, where there is one to have.
    pub(crate) fn with(kind: Kind, sentence: impl FnOnce(&TestDatabase)) {
        match Self::empty(kind) {
            Some(database) => sentence(&database),
            None => eprintln!("left out: TEST_POSTGRES_URL is not set"),
        }
    }

    pub(crate) fn empty(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Sqlite => Some(Self::file()),
            Kind::Postgres => server().map(|url| Self::on_server(&url)),
        }
    }

    fn file() -> Self {
        let directory = TempDir::new().unwrap();
        // In a directory that doesn't exist, which opening has to create.
        let path = directory.path().join("deep/er/test.db");
        Self { url: format!("sqlite:{}", path.display()), kind: Kind::Sqlite, directory: Some(directory) }
    }

    fn on_server(server: &str) -> Self {
        let name = format!("tertulia_{}", Id::new().0.simple());
        administer(server, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
        let mut url = url::Url::parse(server).unwrap();
        url.set_path(&name);
        Self { url: url.into(), kind: Kind::Postgres, directory: None }
    }

    /// Opened as it is by default.
    pub(crate) fn open(&self) -> Database {
        self.open_with(&Options::default())
    }

    pub(crate) fn open_with(&self, options: &Options) -> Database {
        Database::open(&self.url, options).unwrap()
    }

    /// Opened, with all tables.
    pub(crate) fn migrated(&self) -> Database {
        let database = self.open();
        database.migrate().unwrap();
        database
    }

    /// The files of SQLite that exist now, by name.
    pub(crate) fn files(&self) -> Vec<String> {
        let directory = self.directory.as_ref().unwrap().path().join("deep/er");
        let entries = std::fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (Kind::Postgres, Some(server)) = (self.kind, server()) else {
            return;
        };
        let name = self.url.split('?').next().and_then(|url| url.rsplit('/').next());
        administer(&server, &format!("DROP DATABASE {} WITH (FORCE)", name.unwrap()));
    }
}

fn server() -> Option<String> {
    std::env::var("TEST_POSTGRES_URL").ok()
}

fn administer(server: &str, statement: &str) {
    PgConnection::establish(server).unwrap().batch_execute(statement).unwrap();
}
