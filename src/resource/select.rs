//! The one shape in which the generic layer reads rows.
//!
//! ```text
//! SELECT columns FROM source WHERE visible AND filters AND seek ORDER BY keys LIMIT n OFFSET m
//! ```
//! Variations: a list whose visibility has several branches is the `UNION ALL` of limited halves, so that each
//! half walks its own index instead of sorting everything the viewer could see; rows of a to-many edge are
//! numbered per parent, so that one statement serves every parent and is capped for each; and where columns are dear,
//! or a list is made of many parts, the ids of the page come first (`picked`).

mod columns;
mod counted;
mod load;
mod picked;

pub use self::{
    columns::{Columns, Texts},
    load::{Hop, Load},
    picked::{PartsOf, Pick},
};
use super::{computed::Spared, describe::Edge, dialect::Dialect, sql::Sql, value::Bind};
use crate::{
    db::{Conn, Id, Uid},
    on_backend,
};
use diesel::{
    QueryResult, RunQueryDsl as _,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};
use std::marker::PhantomData;

/// What to read.
#[derive(Clone, Default)]
pub struct Select {
    /// What follows `FROM`.
    pub source: Sql,
    /// Who sees a row: conditions of which at most one holds.
    pub visible: Vec<Sql>,
    /// All of them must hold.
    pub filters: Vec<Sql>,
    /// The place in the order after (or before) which the page begins.
    pub seek: Option<Sql>,
    /// The order.
    pub order: Vec<Key>,
    /// At most so many rows.
    pub limit: Option<i64>,
    /// Leave out so many rows first.
    pub offset: i64,
    /// Read the rows of these parents only.
    pub edge: Option<EdgeOf>,
    /// Find the ids of the page first.
    pub pick: Option<Pick>,
    /// Columns to do without.
    pub spared: Spared,
    /// Whether the statement's text is one of few, so that keeping it prepared pays.
    pub cached: bool,
}

/// The parents of an edge.
#[derive(Clone)]
pub struct EdgeOf {
    /// How rows join their parents.
    pub edge: Edge,
    /// Whose rows.
    pub parents: Vec<Id>,
    /// At most so many rows for each parent, by the edge's own order unless there is another one.
    pub per_parent: Option<i64>,
}

/// One key of an order.
#[derive(Clone)]
pub struct Key {
    /// What is compared.
    pub expr: Sql,
    /// Greatest first.
    pub descending: bool,
    /// Whether nulls can occur: first ascending, last descending.
    pub nullable: bool,
}

impl Select {
    /// The ids among `ids` that the statement reaches.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn ids(&self, conn: &mut Conn, id: super::sql::Column) -> QueryResult<Vec<Id>> {
        let statement: Typed<'_, Uid, _> = Typed::new(self, Sql::new(id));
        on_backend!(conn, |conn| statement.load(conn))
    }

    fn conditions<'b, B: Dialect>(&'b self, branch: Branch<'b>, pass: &mut AstPass<'_, 'b, B>) -> QueryResult<()> {
        pass.push_sql(" WHERE ");
        match branch {
            Branch::One(condition) => condition.walk_ast(pass.reborrow())?,
            Branch::Any => {
                pass.push_sql("(");
                for (at, condition) in self.visible.iter().enumerate() {
                    pass.push_sql(if at == 0 { "" } else { " OR " });
                    condition.walk_ast(pass.reborrow())?;
                }
                pass.push_sql(")");
            }
        }
        for filter in &self.filters {
            pass.push_sql(" AND ");
            filter.walk_ast(pass.reborrow())?;
        }
        if let Some(EdgeOf { edge, parents, .. }) = &self.edge {
            pass.push_sql(" AND ");
            pass.push_sql(edge.parent);
            B::among(parents, pass)?;
        }
        Ok(())
    }

    fn from<'b, B: Dialect>(&'b self, pass: &mut AstPass<'_, 'b, B>) -> QueryResult<()> {
        pass.push_sql(" FROM ");
        self.source.walk_ast(pass.reborrow())?;
        if let Some(EdgeOf { edge, .. }) = &self.edge {
            pass.push_sql(" ");
            pass.push_sql(edge.join);
        }
        Ok(())
    }

    fn order_by<'b, B: Dialect>(&'b self, pass: &mut AstPass<'_, 'b, B>) -> QueryResult<()> {
        for (at, key) in self.order.iter().enumerate() {
            pass.push_sql(if at == 0 { " ORDER BY " } else { ", " });
            key.expr.walk_ast(pass.reborrow())?;
            pass.push_sql(key.direction());
        }
        Ok(())
    }

    /// SQLite takes an offset only after a limit, so a limit is always given.
    ///
    /// It also looks at a limit that is a bare parameter while it plans, and then plans again for every execution.
    fn window<'b, B: Dialect>(
        &'b self,
        limit: &'b Option<i64>,
        offset: &'b i64,
        pass: &mut AstPass<'_, 'b, B>,
    ) -> QueryResult<()> {
        if let Some(limit) = limit {
            pass.push_sql(" LIMIT 0 + ");
            B::number(limit, pass)?;
            if *offset > 0 {
                pass.push_sql(" OFFSET ");
                B::number(offset, pass)?;
            }
        }
        Ok(())
    }
}

impl Key {
    fn direction(&self) -> &'static str {
        match (self.descending, self.nullable) {
            (false, false) => "",
            (true, false) => " DESC",
            (false, true) => " ASC NULLS FIRST",
            (true, true) => " DESC NULLS LAST",
        }
    }

    /// The condition for rows after `value` in this order.
    pub fn after(&self, value: &Option<Bind>) -> Sql {
        let open = || Sql::new("(").then(&self.expr);
        match (value, self.descending) {
            (None, false) => open().then(" IS NOT NULL)"),
            (None, true) => Sql::new("(1 = 0)"),
            (Some(value), false) => open().then(" > ").then(value.clone()).then(")"),
            (Some(value), true) if self.nullable => {
                open().then(" < ").then(value.clone()).then(" OR ").then(&self.expr).then(" IS NULL)")
            }
            (Some(value), true) => open().then(" < ").then(value.clone()).then(")"),
        }
    }

    /// The condition for rows with just this `value`.
    pub fn equal(&self, value: &Option<Bind>) -> Sql {
        match value {
            None => Sql::new("(").then(&self.expr).then(" IS NULL)"),
            Some(value) => Sql::new("(").then(&self.expr).then(" = ").then(value.clone()).then(")"),
        }
    }
}

#[derive(Clone, Copy)]
enum Branch<'a> {
    One(&'a Sql),
    Any,
}

/// A [`Select`] whose columns have the SQL type `Shape`.
pub struct Typed<'a, Shape, Columns> {
    select: &'a Select,
    columns: Columns,
    halves: Option<i64>,
    shape: PhantomData<Shape>,
}

impl<'a, Shape, Columns> Typed<'a, Shape, Columns> {
    /// Reads `columns` of `select`.
    pub fn new(select: &'a Select, columns: Columns) -> Self {
        let several = select.visible.len() > 1 && select.edge.is_none() && !select.order.is_empty();
        let halves = select.limit.filter(|_| several).and_then(|limit| limit.checked_add(select.offset));
        Self { select, columns, halves, shape: PhantomData }
    }
}

impl<Shape, Columns> Typed<'_, Shape, Columns> {
    fn columns<'b, B: Dialect>(&'b self, pass: &mut AstPass<'_, 'b, B>) -> QueryResult<()>
    where
        Columns: QueryFragment<B>,
    {
        pass.push_sql("SELECT ");
        self.columns.walk_ast(pass.reborrow())?;
        if let Some(EdgeOf { edge, .. }) = &self.select.edge {
            for column in [edge.parent, edge.at, edge.id] {
                pass.push_sql(", ");
                pass.push_sql(column);
            }
        }
        Ok(())
    }

    fn plain<'b, B: Dialect>(&'b self, pass: &mut AstPass<'_, 'b, B>) -> QueryResult<()>
    where
        Columns: QueryFragment<B>,
    {
        let select = self.select;
        self.columns(pass)?;
        select.from(pass)?;
        select.conditions(Branch::Any, pass)?;
        self.seek(pass)?;
        select.order_by(pass)?;
        select.window(&select.limit, &select.offset, pass)
    }

    fn seek<'b, B: Dialect>(&'b self, pass: &mut AstPass<'_, 'b, B>) -> QueryResult<()> {
        if let Some(seek) = &self.select.seek {
            pass.push_sql(" AND ");
            seek.walk_ast(pass.reborrow())?;
        }
        Ok(())
    }

    /// Each half is ordered and limited by itself; the keys go along as columns for the order of the whole.
    fn union<'b, B: Dialect>(&'b self, pass: &mut AstPass<'_, 'b, B>) -> QueryResult<()>
    where
        Columns: QueryFragment<B>,
    {
        let select = self.select;
        for (at, branch) in select.visible.iter().enumerate() {
            pass.push_sql(if at == 0 { "SELECT * FROM (SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
            self.columns(pass)?;
            for (at, key) in select.order.iter().enumerate() {
                pass.push_sql(", ");
                key.expr.walk_ast(pass.reborrow())?;
                pass.push_sql(" AS ");
                pass.push_sql(SORT_KEYS[at]);
            }
            select.from(pass)?;
            select.conditions(Branch::One(branch), pass)?;
            self.seek(pass)?;
            select.order_by(pass)?;
            select.window(&self.halves, &0, pass)?;
            pass.push_sql(") AS half");
        }
        pass.push_sql(") AS page");
        for (at, key) in select.order.iter().enumerate() {
            pass.push_sql(if at == 0 { " ORDER BY " } else { ", " });
            pass.push_sql(SORT_KEYS[at]);
            pass.push_sql(key.direction());
        }
        select.window(&select.limit, &select.offset, pass)
    }

    fn ranked<'b, B: Dialect>(
        &'b self,
        edge: &'b EdgeOf,
        most: &'b i64,
        pass: &mut AstPass<'_, 'b, B>,
    ) -> QueryResult<()>
    where
        Columns: QueryFragment<B>,
    {
        let Edge { parent, at, id, .. } = edge.edge;
        pass.push_sql("SELECT * FROM (");
        self.columns(pass)?;
        pass.push_sql(", row_number() OVER (PARTITION BY ");
        pass.push_sql(parent);
        if self.select.order.is_empty() {
            [" ORDER BY ", at, ", ", id].into_iter().for_each(|text| pass.push_sql(text));
        }
        self.select.order_by(pass)?;
        pass.push_sql(") AS edge_rank");
        self.select.from(pass)?;
        self.select.conditions(Branch::Any, pass)?;
        pass.push_sql(") AS ranked WHERE edge_rank <= ");
        B::number(most, pass)?;
        pass.push_sql(" ORDER BY edge_rank");
        Ok(())
    }
}

/// The most sort keys a statement can have, the tie-breaks included.
pub const MOST_KEYS: usize = 12;
const SORT_KEYS: [&str; MOST_KEYS] = [
    "sort_key_0",
    "sort_key_1",
    "sort_key_2",
    "sort_key_3",
    "sort_key_4",
    "sort_key_5",
    "sort_key_6",
    "sort_key_7",
    "sort_key_8",
    "sort_key_9",
    "sort_key_10",
    "sort_key_11",
];

impl<B: Dialect, Shape, Columns: QueryFragment<B>> QueryFragment<B> for Typed<'_, Shape, Columns> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, B>) -> QueryResult<()> {
        if !self.select.cached {
            pass.unsafe_to_cache_prepared();
        }
        match &self.select.edge {
            Some(edge) if let Some(most) = &edge.per_parent => self.ranked(edge, most, &mut pass),
            _ if self.halves.is_some() => self.union(&mut pass),
            None if let Some(pick) = &self.select.pick => self.picked(pick, &mut pass),
            _ => self.plain(&mut pass),
        }
    }
}

impl<Shape, Columns> QueryId for Typed<'_, Shape, Columns> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Shape, Columns> Query for Typed<'_, Shape, Columns> {
    type SqlType = Shape;
}

impl<C, Shape, Columns> diesel::RunQueryDsl<C> for Typed<'_, Shape, Columns> {}
