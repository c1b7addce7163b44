//! What a statement is written for: either database, or the enum over both.
//!
//! Rows are read on the concrete connection. Through [`Db`] diesel writes the text of a statement three
//! times for each execution and looks twice at each value of a row, which is a fifth of what a list costs the server.

use super::{sql::Column, value::Bind};
use crate::db::{Db, Id, Instant, Uid};
use diesel::{
    QueryResult,
    backend::Backend,
    pg::Pg,
    query_builder::{AstPass, QueryFragment},
    sql_types::{Array, BigInt, Bool, Text},
    sqlite::Sqlite,
};

/// A column or expression that can be written for each of them.
pub trait Fragment: QueryFragment<Db> + QueryFragment<Pg> + QueryFragment<Sqlite> + Send + Sync {}

impl<T> Fragment for T where T: QueryFragment<Db> + QueryFragment<Pg> + QueryFragment<Sqlite> + Send + Sync {}

/// A backend that statements of the generic layer are written for.
pub trait Dialect: Backend {
    /// Writes a column.
    ///
    /// # Errors
    /// Whatever diesel says.
    fn column<'b>(column: Column, pass: &mut AstPass<'_, 'b, Self>) -> QueryResult<()>;

    /// Writes a placeholder and binds a value.
    ///
    /// # Errors
    /// Whatever diesel says.
    fn bind<'b>(bind: &'b Bind, pass: &mut AstPass<'_, 'b, Self>) -> QueryResult<()>;

    /// Writes a placeholder and binds a number.
    ///
    /// # Errors
    /// Whatever diesel says.
    fn number<'b>(number: &'b i64, pass: &mut AstPass<'_, 'b, Self>) -> QueryResult<()>;

    /// Writes the condition that what stands before is one of `ids`, with few texts for any number of them.
    ///
    /// # Errors
    /// Whatever diesel says.
    fn among<'b>(ids: &'b [Id], pass: &mut AstPass<'_, 'b, Self>) -> QueryResult<()>;
}

macro_rules! dialect {
    ($backend:ty, $among:expr) => {
        impl Dialect for $backend {
            fn column<'b>(column: Column, pass: &mut AstPass<'_, 'b, Self>) -> QueryResult<()> {
                QueryFragment::<$backend>::walk_ast(column, pass.reborrow())
            }

            fn bind<'b>(bind: &'b Bind, pass: &mut AstPass<'_, 'b, Self>) -> QueryResult<()> {
                match bind {
                    Bind::Id(id) => pass.push_bind_param::<Uid, _>(id),
                    Bind::Time(time) => pass.push_bind_param::<Instant, _>(time),
                    Bind::Text(text) => pass.push_bind_param::<Text, _>(text),
                    Bind::Bool(flag) => pass.push_bind_param::<Bool, _>(flag),
                    Bind::Int(number) => pass.push_bind_param::<BigInt, _>(number),
                }
            }

            fn number<'b>(number: &'b i64, pass: &mut AstPass<'_, 'b, Self>) -> QueryResult<()> {
                pass.push_bind_param::<BigInt, _>(number)
            }

            fn among<'b>(ids: &'b [Id], pass: &mut AstPass<'_, 'b, Self>) -> QueryResult<()> {
                $among(ids, pass)
            }
        }
    };
}

dialect!(Pg, as_array);
dialect!(Sqlite, one_by_one);
dialect!(Db, one_by_one);

/// One of the databases themselves.
pub trait Single: Dialect<QueryBuilder: Default> + Default {
    /// Which of the two it is, counted from 0.
    const NUMBER: usize;
}

impl Single for Pg {
    const NUMBER: usize = 0;
}

impl Single for Sqlite {
    const NUMBER: usize = 1;
}

/// One value, however many ids.
fn as_array<'b>(ids: &'b [Id], pass: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    pass.push_sql(" = ANY(");
    pass.push_bind_param::<Array<Uid>, _>(ids)?;
    pass.push_sql(")");
    Ok(())
}

/// `(?, ?, …)`, filled up to a power of two with the last id; `(NULL)`, which nothing is in, when there are none.
fn one_by_one<'b, B>(ids: &'b [Id], pass: &mut AstPass<'_, 'b, B>) -> QueryResult<()>
where
    B: Backend + diesel::sql_types::HasSqlType<Uid>,
    Id: diesel::serialize::ToSql<Uid, B>,
{
    pass.push_sql(if ids.is_empty() { " IN (NULL" } else { " IN (" });
    let filling = ids.last().into_iter().cycle().take(ids.len().next_power_of_two() - ids.len());
    for (at, id) in ids.iter().chain(filling).enumerate() {
        pass.push_sql(if at == 0 { "" } else { ", " });
        pass.push_bind_param::<Uid, _>(id)?;
    }
    pass.push_sql(")");
    Ok(())
}
