//! The columns of a row type, whose text is built once and not for every statement.
//!
//! diesel copies each name to quote it; a page with its chats and users has a hundred and twenty names.

use crate::resource::{
    computed::{self, Spared},
    dialect::Single,
};
use diesel::{
    QueryResult,
    query_builder::{AstPass, QueryBuilder as _, QueryFragment},
};
use std::sync::OnceLock;

/// Columns that bind nothing.
pub struct Columns<C> {
    columns: C,
    texts: &'static Texts,
    spared: Spared,
}

/// As many sets of columns can be spared.
const SETS: usize = 1 << computed::MOST;

/// Their text, for each of the databases, without each set of columns that can be spared.
#[derive(Debug, Default)]
pub struct Texts([[OnceLock<String>; SETS]; 2]);

impl Texts {
    /// None yet.
    pub const fn new() -> Self {
        Self([const { [const { OnceLock::new() }; SETS] }; 2])
    }
}

impl<C> Columns<C> {
    /// These columns; `texts` is theirs alone.
    pub fn new(columns: C, texts: &'static Texts, spared: Spared) -> Self {
        Self { columns, texts, spared }
    }
}

impl<B: Single, C: QueryFragment<B>> QueryFragment<B> for Columns<C> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, B>) -> QueryResult<()> {
        let text = &self.texts.0[B::NUMBER][self.spared.number()];
        if let Some(text) = text.get() {
            pass.push_sql(text);
            return Ok(());
        }
        let mut builder = B::QueryBuilder::default();
        self.columns.to_sql(&mut builder, &B::default())?;
        pass.push_sql(text.get_or_init(|| self.spared.leave_out(builder.finish())));
        Ok(())
    }
}
