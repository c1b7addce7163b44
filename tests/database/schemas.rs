//! The two schemas are the same: tables, columns, defaults, constraints and indexes by name and definition.
//!
//! A type of SQLite stands for several of PostgreSQL; `rows.rs` tells those apart.

use std::collections::BTreeMap;

use diesel::prelude::RunQueryDsl;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use tertulia::db::{Conn, Database, DbError, Kind};

use crate::place::TestDatabase;

/// What a table is made of, in words that both databases share.
#[derive(Debug, PartialEq)]
pub(crate) struct Table {
    /// Name, type, whether it may be null, default; in order.
    pub(crate) columns: Vec<(String, String, bool, Option<String>)>,
    constraints: BTreeMap<String, String>,
    indexes: BTreeMap<String, String>,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Nullable<Text>)]
    preset: Option<String>,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

/// The tables of the database, but for the one that lists the migrations.
pub(crate) fn schema(database: &Database) -> BTreeMap<String, Table> {
    database.read_blocking(|conn| Ok::<_, DbError>(tables(conn))).unwrap()
}

fn tables(conn: &mut Conn) -> BTreeMap<String, Table> {
    let list = match conn.kind() {
        Kind::Postgres => {
            "SELECT table_name::text AS name, '' AS definition FROM information_schema.tables WHERE table_schema = 'public'"
        }
        Kind::Sqlite => "SELECT name, sql AS definition FROM sqlite_schema WHERE type = 'table'",
    };
    let named = sql_query(list).load::<Named>(conn).unwrap();
    let named = named.into_iter().filter(|table| !table.name.starts_with(['_', 's']) || table.name == "sessions");
    named.map(|table| (table.name.clone(), read(conn, &table))).collect()
}

fn read(conn: &mut Conn, table: &Named) -> Table {
    match conn.kind() {
        Kind::Postgres => read_postgres(conn, &table.name),
        Kind::Sqlite => read_sqlite(conn, table),
    }
}

fn read_postgres(conn: &mut Conn, table: &str) -> Table {
    let columns = format!(
        "SELECT column_name::text AS name, data_type || coalesce(' ' || collation_name, '') AS kind, is_nullable = 'YES' AS nullable,
            column_default::text AS preset
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
    );
    // PostgreSQL 18 lists NOT NULL as a constraint too.
    let constraints = format!(
        "SELECT conname::text AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
        WHERE conrelid = '{table}'::regclass AND contype <> 'n'"
    );
    let indexes = format!(
        "SELECT indexname::text AS name, split_part(indexdef, ' USING btree ', 2) AS definition FROM pg_indexes
        WHERE tablename = '{table}' AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    );
    let columns = sql_query(columns).load::<Column>(conn).unwrap();
    Table {
        columns: columns
            .into_iter()
            .map(|column| {
                let preset = column.preset.map(|preset| match preset.split("::").next() {
                    Some("true") => "1".to_owned(),
                    Some("false") => "0".to_owned(),
                    other => other.unwrap().to_owned(),
                });
                (column.name, sqlite_type(&column.kind).to_owned(), column.nullable, preset)
            })
            .collect(),
        constraints: by_name(sql_query(constraints).load(conn).unwrap()),
        indexes: by_name(sql_query(indexes).load(conn).unwrap()),
    }
}

/// What SQLite stores a type of PostgreSQL as.
fn sqlite_type(kind: &str) -> &str {
    match kind {
        "uuid" | "bytea" => "BLOB",
        "timestamp with time zone" | "bigint" | "integer" | "boolean" => "INTEGER",
        // Texts must compare bytewise, as those of SQLite do.
        "text C" => "TEXT",
        other => other,
    }
}

fn read_sqlite(conn: &mut Conn, table: &Named) -> Table {
    let name = &table.name;
    let columns = format!(
        "SELECT name, type AS kind, NOT \"notnull\" AS nullable, dflt_value AS preset FROM pragma_table_info('{name}')"
    );
    let indexes = format!(
        "SELECT name, substr(sql, instr(sql, ' ON {name} ') + length(' ON {name} ')) AS definition
        FROM sqlite_schema WHERE type = 'index' AND tbl_name = '{name}' AND sql IS NOT NULL"
    );
    let columns = sql_query(columns).load::<Column>(conn).unwrap();
    let lines = table.definition.lines().filter_map(|line| line.trim().strip_prefix("CONSTRAINT "));
    let constraints = lines.map(|line| {
        let (name, definition) = line.trim_end_matches(',').split_once(' ').unwrap();
        Named { name: name.to_owned(), definition: definition.to_owned() }
    });
    Table {
        columns: columns.into_iter().map(|column| (column.name, column.kind, column.nullable, column.preset)).collect(),
        constraints: by_name(constraints.collect()),
        indexes: by_name(sql_query(indexes).load(conn).unwrap()),
    }
}

fn by_name(definitions: Vec<Named>) -> BTreeMap<String, String> {
    definitions.into_iter().map(|one| (one.name, essence(&one.definition))).collect()
}

/// A definition without spaces, and without what PostgreSQL adds to conditions of indexes; of a check, which it
/// rewrites, only the texts it names.
fn essence(definition: &str) -> String {
    if let Some(check) = definition.strip_prefix("CHECK ") {
        return check.split('\'').skip(1).step_by(2).collect::<Vec<_>>().join(" or ");
    }
    let plain = definition.split_whitespace().collect::<String>().replace("::text", "");
    match plain.split_once("WHERE(") {
        Some((columns, condition)) => format!("{columns}WHERE{}", condition.trim_end_matches(')')),
        None => plain,
    }
}

#[test]
fn the_schemas_of_both_databases_are_the_same() {
    TestDatabase::with(Kind::Postgres, |postgres| {
        let sqlite = TestDatabase::empty(Kind::Sqlite);
        let (ours, theirs) = (schema(&sqlite.migrated()), schema(&postgres.migrated()));
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
        for (name, table) in &ours {
            assert_eq!(table, &theirs[name], "{name}");
        }
    });
}
