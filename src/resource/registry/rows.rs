//! Rows of a type that is known only by name.

use super::super::{
    Place, Resource,
    computed::Spared,
    cursor::Slot,
    error::Result,
    plan::sort::KeyOf,
    select::{Hop, Load, Select},
    sql::Sql,
    value::Value,
    viewer::Viewer,
};
use crate::{
    db::{Conn, Id, Time},
    jsonapi::text,
};
use std::marker::PhantomData;

/// The typed part of an entry that reads.
pub trait Ops: Send + Sync {
    /// What follows `FROM`.
    fn source(&self, viewer: &Viewer, spared: Spared) -> Sql;
    /// Who sees a row.
    fn visible(&self, viewer: &Viewer, place: Place<'_>) -> Vec<Sql>;
    /// The rows of `select`; with hops where it follows an edge.
    ///
    /// # Errors
    /// Whatever the database says.
    fn load(&self, conn: &mut Conn, select: &Select) -> Result<Box<dyn Rows>>;
}

/// Rows of one type.
pub trait Rows: Send {
    /// How many.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The id of a row.
    fn id(&self, row: usize) -> Id;
    /// An attribute of a row.
    fn attribute(&self, row: usize, attribute: usize, viewer: &Viewer) -> Value<'_>;
    /// A to-one linkage of a row.
    fn one(&self, row: usize, to_one: usize, viewer: &Viewer) -> Option<Id>;
    /// Whether the viewer may know of a to-one relationship of a row.
    fn shows(&self, row: usize, to_one: usize, viewer: &Viewer) -> bool;
    /// How a row was reached.
    fn hop(&self, row: usize) -> Option<Hop>;
    /// The value by which a row is sorted.
    fn slot(&self, row: usize, key: KeyOf, viewer: &Viewer) -> Slot;
    /// What moves by changes that a write to a row can make.
    fn version(&self, row: usize, viewer: &Viewer) -> i64;
    /// When a row last changed, where it says so.
    fn modified(&self, row: usize) -> Option<Time>;
    /// Members of `meta`.
    fn meta(&self, row: usize, viewer: &Viewer) -> Option<String>;
    /// Keeps the first `count` rows.
    fn truncate(&mut self, count: usize);
    /// Turns the order round.
    fn reverse(&mut self);
}

/// [`Ops`] of `R`.
pub(super) struct Of<R>(pub(super) PhantomData<fn() -> R>);

impl<R: Resource> Ops for Of<R> {
    fn source(&self, viewer: &Viewer, spared: Spared) -> Sql {
        if spared.is_none() { R::source(viewer) } else { R::source_without(viewer, spared) }
    }

    fn visible(&self, viewer: &Viewer, place: Place<'_>) -> Vec<Sql> {
        R::visible(viewer, place)
    }

    fn load(&self, conn: &mut Conn, select: &Select) -> Result<Box<dyn Rows>> {
        let (rows, hops) = if select.edge.is_some() {
            <R as Load>::load_edges(conn, select)?.into_iter().unzip()
        } else {
            (<R as Load>::load(conn, select)?, Vec::new())
        };
        Ok(Box::new(Loaded { rows, hops }))
    }
}

struct Loaded<R> {
    rows: Vec<R>,
    hops: Vec<Hop>,
}

impl<R: Resource> Rows for Loaded<R> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn id(&self, row: usize) -> Id {
        self.rows[row].id()
    }

    fn attribute(&self, row: usize, attribute: usize, viewer: &Viewer) -> Value<'_> {
        R::ATTRIBUTES[attribute].read.map_or(Value::Hidden, |read| read(&self.rows[row], viewer))
    }

    fn one(&self, row: usize, to_one: usize, viewer: &Viewer) -> Option<Id> {
        (R::TO_ONE[to_one].id)(&self.rows[row], viewer)
    }

    fn shows(&self, row: usize, to_one: usize, viewer: &Viewer) -> bool {
        R::TO_ONE[to_one].is_shown(&self.rows[row], viewer)
    }

    fn hop(&self, row: usize) -> Option<Hop> {
        self.hops.get(row).copied()
    }

    fn slot(&self, row: usize, key: KeyOf, viewer: &Viewer) -> Slot {
        let resource = &self.rows[row];
        Slot::of(match key {
            KeyOf::Attribute { at, folded: false } => self.attribute(row, at, viewer),
            KeyOf::Attribute { at, folded: true } => folded(self.attribute(row, at, viewer)),
            KeyOf::Sort(at) => (R::SORTS[at].read)(resource, viewer),
            KeyOf::Sequence => R::SEQUENCE.map_or(Value::Null, |(_, read)| Value::Int(read(resource))),
            KeyOf::CreatedAt => Value::Time(resource.created_at()),
            KeyOf::Id => Value::Id(resource.id()),
            KeyOf::HopAt => Value::time(self.hop(row).map(|hop| hop.at)),
            KeyOf::HopId => Value::id(self.hop(row).map(|hop| hop.id)),
        })
    }

    fn version(&self, row: usize, viewer: &Viewer) -> i64 {
        self.rows[row].version(viewer)
    }

    fn modified(&self, row: usize) -> Option<Time> {
        R::MODIFIED.and_then(|modified| modified(&self.rows[row]))
    }

    fn meta(&self, row: usize, viewer: &Viewer) -> Option<String> {
        self.rows[row].meta(viewer)
    }

    fn truncate(&mut self, count: usize) {
        self.rows.truncate(count);
        self.hops.truncate(count);
    }

    fn reverse(&mut self) {
        self.rows.reverse();
        self.hops.reverse();
    }
}

fn folded(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Text(text) => Value::Owned(text::fold(text)),
        Value::Owned(text) => Value::Owned(text::fold(&text)),
        other => other,
    }
}
