//! Lists that find the ids of their page before they read a column.
//!
//! ```text
//! SELECT columns FROM source WHERE id IN (ids) ORDER BY keys
//!
//! ids:     SELECT id FROM source WHERE … ORDER BY keys LIMIT n OFFSET m
//! merged:  SELECT id FROM parts, table WHERE id IN (first n of the part) ORDER BY keys LIMIT n OFFSET m
//! ```
//! The first form keeps the databases from computing columns for rows that the order then leaves out. The second one
//! merges parts (the messages of many chats), each of which has an index in the order of the list where the whole has
//! none. Only the parts whose first rows are the n foremost can contribute to a page, so no more of them are walked.

use super::{Branch, Typed};
use crate::resource::{
    dialect::Dialect,
    sql::{Column, Sql},
};
use diesel::{
    QueryResult,
    query_builder::{AstPass, QueryFragment},
};

/// How the ids of a page are found.
#[derive(Clone)]
pub struct Pick {
    /// The column of the ids.
    pub id: Column,
    /// The parts to merge; without them the source is read as a whole.
    pub parts: Option<PartsOf>,
}

/// The parts of a list.
#[derive(Clone)]
pub struct PartsOf {
    /// A statement whose column `part` says which parts there are.
    pub all: Sql,
    /// The table of the rows; the keys of the order are made of its columns.
    pub table: &'static str,
    /// The column that says which part a row is of.
    pub key: &'static str,
    /// What ends the walk through a part, which is called `parts.part`.
    pub floor: Option<Sql>,
    /// Whether ids are compared with an array: PostgreSQL looks up each id in the index only then.
    pub by_array: bool,
    /// As many rows of each part, and as many parts, as the page and what lies before it need.
    pub most: i64,
}

/// One row of a part tells where the part stands among the others.
const FIRST: i64 = 1;

impl<Shape, Columns> Typed<'_, Shape, Columns> {
    pub(super) fn picked<'b, B: Dialect>(&'b self, pick: &'b Pick, pass: &mut AstPass<'_, 'b, B>) -> QueryResult<()>
    where
        Columns: QueryFragment<B>,
    {
        let select = self.select;
        self.columns(pass)?;
        select.from(pass)?;
        pass.push_sql(" WHERE ");
        B::column(pick.id, pass)?;
        pass.push_sql(" IN (SELECT ");
        B::column(pick.id, pass)?;
        match &pick.parts {
            Some(parts) => self.merged(pick, parts, pass)?,
            None => {
                select.from(pass)?;
                select.conditions(Branch::Any, pass)?;
                self.seek(pass)?;
            }
        }
        select.order_by(pass)?;
        select.window(&select.limit, &select.offset, pass)?;
        pass.push_sql(")");
        select.order_by(pass)
    }

    /// `FROM` and `WHERE` of the ids of all parts that matter.
    fn merged<'b, B: Dialect>(
        &'b self,
        pick: &'b Pick,
        parts: &'b PartsOf,
        pass: &mut AstPass<'_, 'b, B>,
    ) -> QueryResult<()> {
        pass.push_sql(" FROM (SELECT parts.part AS part FROM (");
        parts.all.walk_ast(pass.reborrow())?;
        pass.push_sql(") AS parts CROSS JOIN ");
        pass.push_sql(parts.table);
        pass.push_sql(" WHERE ");
        B::column(pick.id, pass)?;
        pass.push_sql(" = (");
        self.part(pick, parts, &FIRST, pass)?;
        pass.push_sql(")");
        self.select.order_by(pass)?;
        pass.push_sql(" LIMIT 0 + ");
        B::number(&parts.most, pass)?;
        pass.push_sql(") AS parts CROSS JOIN ");
        pass.push_sql(parts.table);
        pass.push_sql(" WHERE ");
        B::column(pick.id, pass)?;
        pass.push_sql(if parts.by_array { " = ANY (ARRAY(" } else { " IN (" });
        self.part(pick, parts, &parts.most, pass)?;
        pass.push_sql(if parts.by_array { "))" } else { ")" });
        Ok(())
    }

    /// The foremost ids of one part.
    fn part<'b, B: Dialect>(
        &'b self,
        pick: &'b Pick,
        parts: &'b PartsOf,
        most: &'b i64,
        pass: &mut AstPass<'_, 'b, B>,
    ) -> QueryResult<()> {
        pass.push_sql("SELECT ");
        B::column(pick.id, pass)?;
        self.select.from(pass)?;
        self.select.conditions(Branch::Any, pass)?;
        self.seek(pass)?;
        pass.push_sql(" AND ");
        pass.push_sql(parts.key);
        pass.push_sql(" = parts.part");
        if let Some(floor) = &parts.floor {
            pass.push_sql(" AND ");
            floor.walk_ast(pass.reborrow())?;
        }
        self.select.order_by(pass)?;
        pass.push_sql(" LIMIT 0 + ");
        B::number(most, pass)
    }
}
