//! Updates whose statements stay prepared.
//!
//! diesel prepares each of its own anew, since what is set may be another thing each time: on SQLite that took longer
//! than carrying it out. Here the text is the same for as many rows and the same columns.

use diesel::{
    QueryResult, QuerySource,
    backend::Backend,
    expression::AppearsOnTable,
    query_builder::{AsChangeset, AstPass, QueryFragment, QueryId},
    sql_types::Bool,
};

/// An `UPDATE` of the rows of a table for which a condition holds.
pub struct Change<From, Set, Rows> {
    table: From,
    set: Set,
    rows: Rows,
}

/// Sets columns in those rows of a table; what is set must be none that may be left out.
pub fn change<Table, Set, Rows>(table: Table, rows: Rows, set: Set) -> Change<Table::FromClause, Set::Changeset, Rows>
where
    Table: QuerySource,
    Set: AsChangeset<Target = Table>,
    Rows: AppearsOnTable<Table, SqlType = Bool>,
{
    Change { table: table.from_clause(), set: set.as_changeset(), rows }
}

impl<B, From, Set, Rows> QueryFragment<B> for Change<From, Set, Rows>
where
    B: Backend,
    From: QueryFragment<B>,
    Set: QueryFragment<B>,
    Rows: QueryFragment<B>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, B>) -> QueryResult<()> {
        pass.push_sql("UPDATE ");
        self.table.walk_ast(pass.reborrow())?;
        pass.push_sql(" SET ");
        self.set.walk_ast(pass.reborrow())?;
        pass.push_sql(" WHERE ");
        self.rows.walk_ast(pass.reborrow())
    }
}

impl<From, Set, Rows> QueryId for Change<From, Set, Rows> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, From, Set, Rows> diesel::RunQueryDsl<C> for Change<From, Set, Rows> {}
