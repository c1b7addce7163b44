//! How rows of a type are loaded by a [`Select`]: with the edge by which each was reached, or without.

use super::Select;
use crate::db::{Conn, Id, Time};
use diesel::QueryResult;

/// A row that the generic layer can load; [`loadable!`](crate::loadable) implements it for a `Queryable` and `Selectable` struct.
pub trait Load: Sized {
    /// The rows of `select`, in its order.
    fn load(conn: &mut Conn, select: &Select) -> QueryResult<Vec<Self>>;
    /// The rows of `select` with the edge by which each was reached.
    fn load_edges(conn: &mut Conn, select: &Select) -> QueryResult<Vec<(Self, Hop)>>;
}

/// How a row was reached from its parent.
#[derive(Clone, Copy, Debug)]
pub struct Hop {
    /// The parent's id.
    pub parent: Id,
    /// The instant that orders the rows of this parent.
    pub at: Time,
    /// The id that settles equal instants.
    pub id: Id,
}

/// Implements [`Load`] for a row type.
#[macro_export]
macro_rules! loadable {
    ($row:ty) => {
        impl $crate::resource::Load for $row {
            fn load(
                conn: &mut $crate::db::Conn,
                select: &$crate::resource::select::Select,
            ) -> diesel::QueryResult<Vec<Self>> {
                use diesel::{RunQueryDsl as _, Selectable};
                type Columns = <$row as Selectable<$crate::db::Db>>::SelectExpression;
                type Shape = diesel::dsl::SqlTypeOf<Columns>;
                static TEXTS: $crate::resource::select::Texts = $crate::resource::select::Texts::new();
                let columns = <$row as Selectable<$crate::db::Db>>::construct_selection();
                let columns = $crate::resource::select::Columns::new(columns, &TEXTS, select.spared);
                let statement: $crate::resource::select::Typed<'_, Shape, _> =
                    $crate::resource::select::Typed::new(select, columns);
                $crate::on_backend!(conn, |conn| statement.load(conn))
            }

            fn load_edges(
                conn: &mut $crate::db::Conn,
                select: &$crate::resource::select::Select,
            ) -> diesel::QueryResult<Vec<(Self, $crate::resource::select::Hop)>> {
                use diesel::{RunQueryDsl as _, Selectable};
                type Columns = <$row as Selectable<$crate::db::Db>>::SelectExpression;
                type Shape = (diesel::dsl::SqlTypeOf<Columns>, $crate::db::Uid, $crate::db::Instant, $crate::db::Uid);
                static TEXTS: $crate::resource::select::Texts = $crate::resource::select::Texts::new();
                let columns = <$row as Selectable<$crate::db::Db>>::construct_selection();
                let columns = $crate::resource::select::Columns::new(columns, &TEXTS, select.spared);
                let statement: $crate::resource::select::Typed<'_, Shape, _> =
                    $crate::resource::select::Typed::new(select, columns);
                let rows: Vec<($row, $crate::db::Id, $crate::db::Time, $crate::db::Id)> =
                    $crate::on_backend!(conn, |conn| statement.load(conn))?;
                Ok(rows
                    .into_iter()
                    .map(|(row, parent, at, id)| (row, $crate::resource::select::Hop { parent, at, id }))
                    .collect())
            }
        }
    };
}
