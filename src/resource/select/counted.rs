//! How many rows a statement reaches: all of them, no more than matter, or those of each parent.

use super::{Branch, EdgeOf, Select, Typed};
use crate::{
    db::{Conn, Id, Uid},
    on_backend,
    resource::{dialect::Dialect, sql::Sql},
};
use diesel::{
    QueryResult, RunQueryDsl as _,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::BigInt,
};
use std::{collections::HashMap, marker::PhantomData};

impl Select {
    /// How many rows there are without seek, limit and offset.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn count(&self, conn: &mut Conn) -> QueryResult<i64> {
        on_backend!(conn, |conn| Counted::<BigInt>::of(self, Among::All).get_result(conn))
    }

    /// The same, but no further than `most`: what lies beyond isn't looked at.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn count_up_to(&self, most: i64, conn: &mut Conn) -> QueryResult<i64> {
        on_backend!(conn, |conn| Counted::<BigInt>::of(self, Among::First(most)).get_result(conn))
    }

    /// How many rows each parent of the edge has; those that have none are left out.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn count_by_parent(&self, conn: &mut Conn) -> QueryResult<HashMap<Id, i64>> {
        let counts: Vec<(Id, i64)> =
            on_backend!(conn, |conn| Counted::<(Uid, BigInt)>::of(self, Among::EachParent).load(conn))?;
        Ok(counts.into_iter().collect())
    }
}

#[derive(Clone, Copy)]
enum Among {
    All,
    First(i64),
    EachParent,
}

/// A count: no order, no page.
struct Counted<'a, Shape> {
    rows: Typed<'a, Shape, Sql>,
    among: Among,
    shape: PhantomData<Shape>,
}

impl<'a, Shape> Counted<'a, Shape> {
    fn of(select: &'a Select, among: Among) -> Self {
        Self { rows: Typed::new(select, Sql::default()), among, shape: PhantomData }
    }
}

impl<B: Dialect, Shape> QueryFragment<B> for Counted<'_, Shape> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, B>) -> QueryResult<()> {
        let select = self.rows.select;
        if !select.cached {
            pass.unsafe_to_cache_prepared();
        }
        let parent = select.edge.as_ref().map_or("", |EdgeOf { edge, .. }| edge.parent);
        let head = match self.among {
            Among::All => ["SELECT count(*)", "", ""],
            Among::First(_) => ["SELECT count(*) FROM (SELECT 1", "", ""],
            Among::EachParent => ["SELECT ", parent, ", count(*)"],
        };
        head.into_iter().for_each(|text| pass.push_sql(text));
        select.from(&mut pass)?;
        select.conditions(Branch::Any, &mut pass)?;
        match &self.among {
            Among::All => {}
            Among::First(most) => {
                pass.push_sql(" LIMIT 0 + ");
                B::number(most, &mut pass)?;
                pass.push_sql(") AS counted");
            }
            Among::EachParent => [" GROUP BY ", parent].into_iter().for_each(|text| pass.push_sql(text)),
        }
        Ok(())
    }
}

impl<Shape> QueryId for Counted<'_, Shape> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Shape> Query for Counted<'_, Shape> {
    type SqlType = Shape;
}

impl<C, Shape> diesel::RunQueryDsl<C> for Counted<'_, Shape> {}
