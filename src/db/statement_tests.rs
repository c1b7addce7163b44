//! Proof that statements may be written by hand over [`Db`]: own SQL text, binds of all kinds, rows by `AsSelect`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};
use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::prelude::{ExpressionMethods, QueryDsl, Queryable, RunQueryDsl, Selectable};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
use diesel::{QueryResult, SelectableHelper, SqliteConnection};

use super::{Conn, Db, Id, Instant, Time, Uid};

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::db::{Instant, Uid};

    notes (id) {
        id -> Uid,
        written_at -> Instant,
        seen_at -> Nullable<Instant>,
        pinned -> Bool,
        size -> BigInt,
        priority -> Integer,
        text -> Text,
    }
}

/// Its fields are not in the order of the columns, as `AsSelect` allows.
#[derive(Queryable, Selectable, Debug, Clone, PartialEq)]
#[diesel(table_name = notes)]
struct Note {
    text: String,
    id: Id,
    seen_at: Option<Time>,
    written_at: Time,
    priority: i32,
    pinned: bool,
    size: i64,
}

/// `INSERT INTO notes VALUES (…)`.
struct Insert(Note);

/// `SELECT … FROM notes WHERE …`, all columns compared with those of a note.
struct Find {
    columns: AsSelect<Note, Db>,
    like: Note,
}

impl Find {
    fn like(note: &Note) -> Self {
        Self { columns: Note::as_select(), like: note.clone() }
    }
}

fn push_values<'b>(mut out: AstPass<'_, 'b, Db>, note: &'b Note) -> QueryResult<()> {
    out.push_bind_param::<Uid, Id>(&note.id)?;
    out.push_sql(", ");
    out.push_bind_param::<Instant, Time>(&note.written_at)?;
    out.push_sql(", ");
    out.push_bind_param::<Nullable<Instant>, Option<Time>>(&note.seen_at)?;
    out.push_sql(", ");
    out.push_bind_param::<Bool, bool>(&note.pinned)?;
    out.push_sql(", ");
    out.push_bind_param::<BigInt, i64>(&note.size)?;
    out.push_sql(", ");
    out.push_bind_param::<Integer, i32>(&note.priority)?;
    out.push_sql(", ");
    out.push_bind_param::<Text, String>(&note.text)
}

impl QueryFragment<Db> for Insert {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.push_sql("INSERT INTO notes VALUES (");
        push_values(out.reborrow(), &self.0)?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryFragment<Db> for Find {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(" FROM notes WHERE (id, written_at, seen_at, pinned, size, priority, text) IS (");
        push_values(out.reborrow(), &self.like)?;
        out.push_sql(")");
        Ok(())
    }
}

impl Query for Find {
    type SqlType = SqlTypeOf<AsSelect<Note, Db>>;
}

/// Without an id of its type a statement is cached by its text.
macro_rules! cached_by_text {
    ($($statement:ty),*) => {$(
        impl QueryId for $statement {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl RunQueryDsl<Conn> for $statement {}
    )*};
}
cached_by_text!(Insert, Find);

fn open() -> Conn {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let table = "CREATE TABLE notes (id BLOB NOT NULL, written_at INTEGER NOT NULL, seen_at INTEGER,
        pinned INTEGER NOT NULL, size INTEGER NOT NULL, priority INTEGER NOT NULL, text TEXT NOT NULL) STRICT";
    conn.batch_execute(table).unwrap();
    Conn::Sqlite(conn)
}

fn note(seen_at: Option<Time>) -> Note {
    Note {
        text: "it's \u{1f980}".to_owned(),
        id: Id::new(),
        seen_at,
        written_at: Time(-1),
        priority: -7,
        pinned: true,
        size: i64::MAX,
    }
}

#[test]
fn a_hand_written_statement_binds_and_loads_every_type() {
    let mut conn = open();
    for seen_at in [None, Some(Time(1_735_787_045_678))] {
        let note = note(seen_at);
        assert_eq!(Insert(note.clone()).execute(&mut conn), Ok(1));
        let found: Vec<Note> = Find::like(&note).load(&mut conn).unwrap();
        assert_eq!(found.first(), Some(&note));
        let other = Note { written_at: Time(0), ..note };
        assert_eq!(Find::like(&other).load::<Note>(&mut conn).unwrap(), []);
    }
}

#[test]
fn a_hand_written_statement_is_prepared_once() {
    let mut conn = open();
    let prepared = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&prepared);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::CacheQuery { .. } = event {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    for _ in 0..3 {
        Find::like(&note(None)).load::<Note>(&mut conn).unwrap();
        Find::like(&note(Some(Time(1)))).load::<Note>(&mut conn).unwrap();
    }
    assert_eq!(prepared.load(Ordering::Relaxed), 1, "NULL and values share one prepared statement");
}

#[test]
fn a_boxed_query_of_diesel_compares_and_sorts_ids_and_instants() {
    let mut conn = open();
    let notes: Vec<_> = [Some(Time(2)), None, Some(Time(1))].map(note).to_vec();
    for note in &notes {
        Insert(note.clone()).execute(&mut conn).unwrap();
    }
    let ids: Vec<Id> = notes.iter().map(|note| note.id).collect();
    let query = notes::table.select(Note::as_select()).into_boxed::<Db>();
    let query = query.filter(notes::id.eq_any(ids)).filter(notes::seen_at.gt(Time(0)));
    let seen: Vec<Note> = query.then_order_by(notes::seen_at.asc()).load(&mut conn).unwrap();
    assert_eq!(seen, [notes[2].clone(), notes[0].clone()]);
}
