//! Empty databases to test on: a file in a directory that isn't there yet, or one on the tests' own PostgreSQL.

use crate::support::database as support;
use tempfile::TempDir;
use tertulia::db::{Database, Kind, Options};

/// A database without a single table; it is gone when this is dropped.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    pub(crate) kind: Kind,
    place: Place,
}

enum Place {
    File(TempDir),
    Server { _database: support::TestDatabase },
}

impl TestDatabase {
    /// Tells `sentence` about an empty database of that kind, where tests on it are wanted.
    pub(crate) fn with(kind: Kind, sentence: impl FnOnce(&TestDatabase)) {
        if kind == Kind::Sqlite || support::Kind::Postgres.wanted() {
            sentence(&Self::empty(kind));
        }
    }

    pub(crate) fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::file(),
            Kind::Postgres => Self::on_server(),
        }
    }

    fn file() -> Self {
        let directory = TempDir::new().unwrap();
        // In a directory that doesn't exist, which opening has to create.
        let path = directory.path().join("deep/er/test.db");
        Self { url: format!("sqlite:{}", path.display()), kind: Kind::Sqlite, place: Place::File(directory) }
    }

    fn on_server() -> Self {
        let database = support::TestDatabase::empty(support::Kind::Postgres);
        Self { url: database.url.clone(), kind: Kind::Postgres, place: Place::Server { _database: database } }
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
        let Place::File(directory) = &self.place else { return Vec::new() };
        let entries = std::fs::read_dir(directory.path().join("deep/er")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}
