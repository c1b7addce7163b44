//! What the creates of all types share. A create is always one of many, and mostly the only one.
//!
//! ```text
//! gather   what the rules ask for, in one statement for each kind of thing; locks in the order of ids
//! decide   one after the other, in memory, as if those before it were carried out; the first failure is told
//! insert   all rows of a table in one statement
//! ```

use crate::{
    db::{DbError, Id},
    jsonapi::error::{Code, ErrorObject},
    resource::{Error, Failed, Input, Place, Resource, Result, Sql, Tx, select::Select},
};
use diesel::result::{DatabaseErrorKind, Error as QueryError};
use std::collections::BTreeSet;

/// Rows and values of one statement.
pub(super) const CHUNK: usize = 500;

/// Decides one after the other, up to the first that fails.
pub(super) fn each<T, U>(
    inputs: impl IntoIterator<Item = T>,
    mut decide: impl FnMut(T) -> Result<U>,
) -> Result<Vec<U>, Failed> {
    let inputs = inputs.into_iter().enumerate();
    inputs.map(|(place, input)| decide(input).map_err(|error| (place, error))).collect()
}

/// A failure that is about none of them in particular.
pub(super) fn of_all(error: Error) -> Failed {
    (0, error)
}

/// Ids made by clients, and which of them can't be taken any more.
pub(super) struct Ids {
    used: BTreeSet<Id>,
    /// Of these, those that the viewer may be told of.
    seen: BTreeSet<Id>,
}

impl Ids {
    /// What is known of the ids of these creates.
    pub(super) fn of<R: Resource>(tx: &mut Tx<'_>, inputs: &[Input<R>]) -> Result<Self> {
        let ids: Vec<Id> = inputs.iter().filter_map(Input::client_id).collect();
        let mut known = Self { used: BTreeSet::new(), seen: BTreeSet::new() };
        if ids.is_empty() {
            return Ok(known);
        }
        let rows = Select {
            // Tables are named as the paths of their types.
            source: Sql::new(R::PATH),
            visible: Sql::everything(),
            filters: vec![Sql::new(R::ID).then(Sql::among(ids))],
            cached: true,
            ..Select::default()
        };
        known.used.extend(rows.ids(tx.conn, R::ID)?);
        if !known.used.is_empty() {
            let entry = tx.registry.target(R::TYPE)?;
            let select = entry.select_ids(&tx.viewer, Place::One, known.used.iter().copied());
            known.seen.extend(select.ids(tx.conn, entry.id)?);
        }
        Ok(known)
    }

    /// Takes the id that a client made; 409 if it is in use.
    pub(super) fn take(&mut self, id: Option<Id>) -> Result<()> {
        let Some(id) = id else { return Ok(()) };
        if self.used.insert(id) {
            self.seen.insert(id);
            return Ok(());
        }
        let taken = ErrorObject::new(Code::IdTaken, "This id is in use.").pointer("/data/id");
        Err(if self.seen.contains(&id) { taken.meta("id", id.to_string()) } else { taken }.into())
    }
}

/// Inserts rows into a table. One by itself keeps its statement prepared; for several of them SQLite wants structs that
/// say `treat_none_as_default_value = false`, else it takes a statement for each.
///
/// What must be there once only was looked for before. If it is there by now, somebody else was faster: the transaction
/// runs again, and finds it.
macro_rules! insert {
    ($tx:expr, $table:ident, $rows:expr) => {{
        let inserted = |conn: &mut $crate::db::Conn| -> diesel::QueryResult<()> {
            let mut rows = $rows;
            if rows.len() == 1
                && let Some(row) = rows.pop()
            {
                $crate::on_backend!(conn, |conn| diesel::insert_into($table::table).values(row).execute(conn))?;
            }
            for rows in rows.chunks($crate::resources::batch::CHUNK) {
                $crate::on_backend!(conn, |conn| diesel::insert_into($table::table).values(rows).execute(conn))?;
            }
            Ok(())
        };
        inserted($tx.conn).map_err($crate::resources::batch::overtaken)
    }};
}
pub(super) use insert;

/// What an insert failed with.
pub(super) fn overtaken(error: QueryError) -> Error {
    match error {
        QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => DbError::overtaken().into(),
        other => other.into(),
    }
}
