//! Pieces of SQL that the generic layer puts together: text of ours, columns of diesel, bound values.
//!
//! Nothing that a client sent ever becomes text: a client's value is always a [`Bind`].

use super::{
    dialect::{Dialect, Fragment},
    value::Bind,
};
use crate::db::{Conn, Id, Time};
use diesel::{
    AppearsOnTable, Expression, QueryResult, SelectableExpression,
    expression::{ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::Bool,
};
use std::{mem, slice};

/// A diesel column or expression, e.g. `&users::name`: naming a wrong one does not compile.
pub type Column = &'static dyn Fragment;

/// A piece of a statement.
#[derive(Clone)]
pub struct Sql(Parts);

/// Most pieces are a mere column, which needs no row.
#[derive(Clone)]
enum Parts {
    One(Part),
    Row(Row),
}

/// Parts in their order.
#[derive(Clone, Default)]
pub struct Row(Vec<Part>);

/// Parts that there is room for beyond those that are known of.
const ROOM: usize = 7;

#[derive(Clone)]
enum Part {
    Text(&'static str),
    Column(Column),
    Bind(Bind),
    Among(Box<[Id]>),
}

/// What can be appended to a piece of SQL.
pub trait Piece: Sized {
    /// Appends itself.
    fn append(self, row: &mut Row);

    /// How many parts that will be.
    fn parts(&self) -> usize {
        1
    }

    /// Becomes a piece by itself.
    fn alone(self) -> Sql {
        let mut row = Row(Vec::with_capacity(self.parts()));
        self.append(&mut row);
        Sql(Parts::Row(row))
    }
}

impl Default for Sql {
    fn default() -> Self {
        Self(Parts::Row(Row::default()))
    }
}

impl Sql {
    /// Starts with `first`.
    pub fn new(first: impl Piece) -> Self {
        first.alone()
    }

    /// Nothing, with room for so many parts.
    fn with_room(parts: usize) -> Self {
        Self(Parts::Row(Row(Vec::with_capacity(parts))))
    }

    /// Goes on with `next`: text, a column, a bound value or another piece.
    #[must_use]
    pub fn then(mut self, next: impl Piece) -> Self {
        self.push(next);
        self
    }

    /// Goes on with `next` in place.
    pub fn push(&mut self, next: impl Piece) {
        let more = next.parts();
        if matches!(self.0, Parts::One(_)) {
            let one = mem::replace(self, Self::with_room(1 + more.max(ROOM)));
            self.push(one);
        }
        if let Parts::Row(row) = &mut self.0 {
            if row.0.capacity() - row.0.len() < more {
                row.0.reserve(more.max(ROOM));
            }
            next.append(row);
        }
    }

    fn as_slice(&self) -> &[Part] {
        match &self.0 {
            Parts::One(part) => slice::from_ref(part),
            Parts::Row(row) => &row.0,
        }
    }

    /// `(a AND b AND …)`; true when there are none.
    pub fn all(conditions: impl IntoIterator<Item = Sql>) -> Self {
        Self::joined(conditions, " AND ", "1 = 1")
    }

    /// `(a OR b OR …)`; false when there are none.
    pub fn any(conditions: impl IntoIterator<Item = Sql>) -> Self {
        Self::joined(conditions, " OR ", "1 = 0")
    }

    /// The condition of a type whose rows everybody sees.
    pub fn everything() -> Vec<Sql> {
        vec![Sql::new("1 = 1")]
    }

    /// `(?, ?, …)`, filled up to a power of two with the last value, so that few statements serve all lengths;
    /// `(NULL)`, which nothing is in, when there are none.
    pub fn list(mut values: Vec<Bind>) -> Self {
        let Some(last) = values.last() else { return Self::new("(NULL)") };
        let filled = values.len().next_power_of_two();
        if filled > values.len() {
            values.resize(filled, last.clone());
        }
        let mut sql = Self::with_room(2 * values.len() + 1);
        for (at, value) in values.into_iter().enumerate() {
            sql.push((if at == 0 { "(" } else { ", " }, value));
        }
        sql.then(")")
    }

    /// What follows an expression that is to be one of these ids.
    pub fn among(ids: impl IntoIterator<Item = Id>) -> Self {
        Self(Parts::One(Part::Among(ids.into_iter().collect())))
    }

    /// Runs the piece as a whole statement, for what diesel has no words for; the number of rows it changed.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn execute(self, conn: &mut Conn) -> QueryResult<usize> {
        diesel::RunQueryDsl::execute(self, conn)
    }

    fn joined(conditions: impl IntoIterator<Item = Sql>, by: &'static str, none: &'static str) -> Self {
        let mut conditions = conditions.into_iter();
        let Some(first) = conditions.next() else { return Sql::new(("(", none, ")")) };
        // The others are hardly any longer.
        let each = first.parts() + 1;
        let room = each * (1 + conditions.size_hint().0) + 1;
        let mut sql = Self::with_room(room).then(("(", first));
        for condition in conditions {
            sql.push((by, condition));
        }
        sql.then(")")
    }
}

/// A piece that is one part needs no row of its own.
macro_rules! one_part {
    ($piece:ty, $part:expr) => {
        impl Piece for $piece {
            fn append(self, row: &mut Row) {
                row.0.push($part(self));
            }

            fn alone(self) -> Sql {
                Sql(Parts::One($part(self)))
            }
        }
    };
}

one_part!(&'static str, Part::Text);
one_part!(Column, Part::Column);
one_part!(Bind, Part::Bind);
one_part!(Id, |id| Part::Bind(Bind::Id(id)));
one_part!(Time, |time| Part::Bind(Bind::Time(time)));

impl Piece for Sql {
    fn append(self, row: &mut Row) {
        match self.0 {
            Parts::One(part) => row.0.push(part),
            Parts::Row(parts) => row.0.extend(parts.0),
        }
    }

    fn parts(&self) -> usize {
        self.as_slice().len()
    }

    fn alone(self) -> Sql {
        self
    }
}

impl Piece for &Sql {
    fn append(self, row: &mut Row) {
        row.0.extend_from_slice(self.as_slice());
    }

    fn parts(&self) -> usize {
        self.as_slice().len()
    }
}

impl<P: Piece> Piece for Option<P> {
    fn append(self, row: &mut Row) {
        if let Some(piece) = self {
            piece.append(row);
        }
    }

    fn parts(&self) -> usize {
        self.as_ref().map_or(0, Piece::parts)
    }
}

/// Several pieces in a row are one, for which room is made once.
macro_rules! in_a_row {
    ($($piece:ident)+) => {
        impl<$($piece: Piece),+> Piece for ($($piece,)+) {
            #[expect(non_snake_case, reason = "a value goes by the name of its type")]
            fn append(self, row: &mut Row) {
                let ($($piece,)+) = self;
                $($piece.append(row);)+
            }

            #[expect(non_snake_case, reason = "a value goes by the name of its type")]
            fn parts(&self) -> usize {
                let ($($piece,)+) = self;
                0 $(+ $piece.parts())+
            }
        }
    };
}

in_a_row!(A B);
in_a_row!(A B C);
in_a_row!(A B C D);
in_a_row!(A B C D E);

impl<B: Dialect> QueryFragment<B> for Sql {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, B>) -> QueryResult<()> {
        for part in self.as_slice() {
            match part {
                Part::Text(text) => pass.push_sql(text),
                Part::Column(column) => B::column(*column, &mut pass)?,
                Part::Bind(bind) => B::bind(bind, &mut pass)?,
                Part::Among(ids) => B::among(ids, &mut pass)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Sql {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> diesel::RunQueryDsl<C> for Sql {}

/// A condition of ours in a statement of diesel's.
pub struct Condition(Sql);

/// That the column is one of these ids. Unlike `eq_any` it has few texts for any number of ids, which stay prepared.
pub fn among(column: Column, ids: impl IntoIterator<Item = Id>) -> Condition {
    Condition(Sql::new(column).then(Sql::among(ids)))
}

impl From<Sql> for Condition {
    fn from(sql: Sql) -> Self {
        Self(sql)
    }
}

impl Expression for Condition {
    type SqlType = Bool;
}

impl<Source> SelectableExpression<Source> for Condition {}

impl<Source> AppearsOnTable<Source> for Condition {}

impl<Grouping> ValidGrouping<Grouping> for Condition {
    type IsAggregate = is_aggregate::Never;
}

impl<B: Dialect> QueryFragment<B> for Condition {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, B>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}

impl QueryId for Condition {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
