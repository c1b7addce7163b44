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
use smallvec::{SmallVec, smallvec};

/// A diesel column or expression, e.g. `&users::name`: naming a wrong one does not compile.
pub type Column = &'static dyn Fragment;

/// A piece of a statement.
#[derive(Clone, Default)]
pub struct Sql(SmallVec<[Part; 1]>);

/// Parts that there is room for beyond those that are known of.
const ROOM: usize = 7;

#[derive(Clone)]
enum Part {
    Text(&'static str),
    Column(Column),
    Bind(Bind),
    Among(Vec<Id>),
}

/// What can be appended to a piece of SQL.
pub trait Piece {
    /// Appends itself.
    fn append(self, sql: &mut Sql);

    /// How many parts that will be.
    fn parts(&self) -> usize {
        1
    }
}

impl Sql {
    /// Starts with `first`.
    pub fn new(first: impl Piece) -> Self {
        Self(SmallVec::with_capacity(first.parts())).then(first)
    }

    /// Goes on with `next`: text, a column, a bound value or another piece.
    #[must_use]
    pub fn then(mut self, next: impl Piece) -> Self {
        self.push(next);
        self
    }

    /// Goes on with `next` in place.
    pub fn push(&mut self, next: impl Piece) {
        let (parts, free) = (next.parts(), self.0.capacity() - self.0.len());
        if parts > free {
            self.0.reserve(parts.max(ROOM));
        }
        next.append(self);
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
        if let Some(last) = values.last().cloned() {
            values.resize(values.len().next_power_of_two(), last);
        }
        let mut sql =
            Self(SmallVec::with_capacity(2 * values.len() + 2)).then(if values.is_empty() { "(NULL" } else { "(" });
        for (at, value) in values.into_iter().enumerate() {
            sql.push(if at == 0 { "" } else { ", " });
            sql.push(value);
        }
        sql.then(")")
    }

    /// What follows an expression that is to be one of these ids.
    pub fn among(ids: impl IntoIterator<Item = Id>) -> Self {
        Self(smallvec![Part::Among(ids.into_iter().collect())])
    }

    /// Runs the piece as a whole statement, for what diesel has no words for; the number of rows it changed.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn execute(self, conn: &mut Conn) -> QueryResult<usize> {
        diesel::RunQueryDsl::execute(self, conn)
    }

    fn joined(conditions: impl IntoIterator<Item = Sql>, by: &'static str, none: &'static str) -> Self {
        let mut sql = Sql::new("(");
        for (at, condition) in conditions.into_iter().enumerate() {
            sql.push(if at == 0 { "" } else { by });
            sql.push(condition);
        }
        if sql.0.len() == 1 {
            sql.push(none);
        }
        sql.then(")")
    }
}

impl Piece for &'static str {
    fn append(self, sql: &mut Sql) {
        sql.0.push(Part::Text(self));
    }
}

impl Piece for Column {
    fn append(self, sql: &mut Sql) {
        sql.0.push(Part::Column(self));
    }
}

impl Piece for Bind {
    fn append(self, sql: &mut Sql) {
        sql.0.push(Part::Bind(self));
    }
}

impl Piece for Id {
    fn append(self, sql: &mut Sql) {
        Bind::Id(self).append(sql);
    }
}

impl Piece for Time {
    fn append(self, sql: &mut Sql) {
        Bind::Time(self).append(sql);
    }
}

impl Piece for Sql {
    fn append(self, sql: &mut Sql) {
        sql.0.extend(self.0);
    }

    fn parts(&self) -> usize {
        self.0.len()
    }
}

impl Piece for &Sql {
    fn append(self, sql: &mut Sql) {
        sql.0.extend(self.0.iter().cloned());
    }

    fn parts(&self) -> usize {
        self.0.len()
    }
}

impl<P: Piece> Piece for Option<P> {
    fn append(self, sql: &mut Sql) {
        if let Some(piece) = self {
            piece.append(sql);
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
            fn append(self, sql: &mut Sql) {
                let ($($piece,)+) = self;
                $($piece.append(sql);)+
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
        for part in &self.0 {
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
