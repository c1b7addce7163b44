//! Expressions of fixed text among the columns of a row.
//!
//! diesel's own `sql` would do, if it didn't keep the whole statement from staying prepared: its text may differ each
//! time. This one can't.

use diesel::{
    QueryResult,
    backend::Backend,
    expression::{AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
};
use std::marker::PhantomData;

/// An expression of the SQL type `ST`.
#[derive(Clone, Copy, Debug)]
pub struct Fixed<ST> {
    text: &'static str,
    kind: PhantomData<ST>,
}

/// The expression that `text` is; what it names must be in scope where it is used.
pub const fn fixed<ST>(text: &'static str) -> Fixed<ST> {
    Fixed { text, kind: PhantomData }
}

impl<ST: TypedExpressionType> Expression for Fixed<ST> {
    type SqlType = ST;
}

impl<ST, QS> AppearsOnTable<QS> for Fixed<ST> where Self: Expression {}
impl<ST, QS> SelectableExpression<QS> for Fixed<ST> where Self: AppearsOnTable<QS> {}

impl<ST, GroupBy> ValidGrouping<GroupBy> for Fixed<ST> {
    type IsAggregate = is_aggregate::Never;
}

impl<ST> QueryId for Fixed<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, B: Backend> QueryFragment<B> for Fixed<ST> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, B>) -> QueryResult<()> {
        pass.push_sql(self.text);
        Ok(())
    }
}
