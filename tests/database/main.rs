//! The database layer on both databases: migrations, schemas, reads and writes.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

mod access;
mod migrations;
mod place;
mod rows;
mod schemas;
mod stamps;
#[expect(dead_code, reason = "only an empty database is needed of what these files offer")]
#[path = "../support"]
mod support {
    pub(crate) mod cluster;
    pub(crate) mod database;
}

/// Makes two test cases of one sentence: `sentence::sqlite` and `sentence::postgres`.
macro_rules! on_both_databases {
    ($($sentence:ident),+ $(,)?) => {$(
        mod $sentence {
            use crate::place::TestDatabase;
            use tertulia::db::Kind;

            #[test]
            fn sqlite() {
                TestDatabase::with(Kind::Sqlite, super::$sentence);
            }

            #[test]
            fn postgres() {
                TestDatabase::with(Kind::Postgres, super::$sentence);
            }
        }
    )+};
}
pub(crate) use on_both_databases;
