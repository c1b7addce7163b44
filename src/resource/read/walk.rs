//! How a list walks to its page: through one part, or through the beginnings of many; see [`Parts`].
//!
//! [`Parts`]: crate::resource::Parts

use super::Reader;
use crate::{
    db::Conn,
    resource::{
        parts::Floor,
        plan::page::Page,
        registry::Entry,
        select::{EdgeOf, PartsOf, Pick, Select},
        sql::Sql,
    },
};

impl Reader<'_> {
    /// How to find the ids of the page, where that comes first.
    pub(super) fn pick(&self, conn: &Conn, entry: &Entry, select: &Select) -> Option<Pick> {
        let parts = entry.parts.filter(|_| self.plan.merged).map(|parts| PartsOf {
            all: (parts.all)(self.viewer),
            table: parts.table,
            key: parts.key,
            floor: self.end_of_walk().map(|floor| floor(self.viewer, Sql::new("parts.part"))),
            by_array: matches!(conn, Conn::Pg(_)),
            most: select.limit.unwrap_or(i64::MAX).saturating_add(select.offset),
        });
        let first = parts.is_some() || entry.columns_are_dear;
        (first && select.edge.is_none()).then_some(Pick { id: entry.id, parts })
    }

    /// What ends the walk through the one part that a list is of.
    pub(super) fn floor(&self, entry: &Entry, select: &Select) -> Option<Sql> {
        let (parts, floor) = (entry.parts?, self.end_of_walk()?);
        let part = match &select.edge {
            Some(EdgeOf { edge, parents, .. }) if edge.parent == parts.key => *parents.first()?,
            Some(_) => return None,
            None => self.plan.part?,
        };
        Some(floor(self.viewer, Sql::new(part)))
    }

    /// What ends a walk through a part, unless a cursor does: a walk knows only one end.
    fn end_of_walk(&self) -> Option<Floor> {
        let goes_up = self.plan.sort.first().is_some_and(|key| !key.key.descending);
        let from_cursor = match &self.plan.page {
            Page::Cursor { after, .. } if goes_up => after.is_some(),
            Page::Cursor { before, .. } => before.is_some(),
            _ => false,
        };
        self.plan.floor.filter(|_| !from_cursor)
    }
}
