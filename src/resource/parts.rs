//! Lists that are made of parts: the words in which a resource describes them.

use super::{sql::Sql, viewer::Viewer};

/// Where a walk through a part ends, which is given by its id or by what it is called in the statement.
pub type Floor = fn(&Viewer, Sql) -> Sql;

/// A list that is made of parts, such as the messages of many chats: each part has an index in the order of the list,
/// the whole has none. It is merged of the beginnings of its parts, and paged by cursor only.
#[derive(Clone, Copy)]
pub struct Parts {
    /// A statement whose column `part` says which parts the viewer may see.
    pub all: fn(&Viewer) -> Sql,
    /// The table of the rows, of whose columns all sorts are made.
    pub table: &'static str,
    /// The column that says which part a row is of.
    pub key: &'static str,
    /// A condition that all rows of a part meet which the viewer sees, and that ends a walk through its index.
    pub floor: Floor,
    /// The same for flags, of the rows that have the flag.
    pub floors: &'static [(&'static str, Floor)],
    /// Filters that end the walk as well: it knows only one end.
    pub bounds: &'static [&'static str],
    /// Filters that name a part (the first one), or less: with such a filter pages may be counted, too.
    pub within: &'static [&'static str],
    /// Filters that have to look at every row, so that they need one of those.
    pub narrow: &'static [&'static str],
    /// Filters that have an index of their own when they ask for one value: nothing is merged then.
    pub indexed: &'static [&'static str],
}
