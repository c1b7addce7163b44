//! The place in an order where a page begins: behind an item, as its cursor tells.

use super::Reader;
use crate::resource::{cursor::Slot, plan::page::Page, select::Key, sql::Sql, value::Bind};

impl Reader<'_> {
    /// The condition that makes the page begin where its cursors say.
    pub(super) fn seek(&self) -> Option<Sql> {
        let Page::Cursor { after, before, .. } = &self.plan.page else { return None };
        let ends = [(after, false), (before, true)];
        let seeks: Vec<Sql> = ends
            .into_iter()
            .filter_map(|(slots, reverse)| slots.as_ref().map(|slots| self.behind(slots, reverse)))
            .collect();
        (!seeks.is_empty()).then(|| Sql::all(seeks))
    }

    fn behind(&self, slots: &[Slot], reverse: bool) -> Sql {
        let keys = self.plan.sort.iter().map(|key| {
            let mut key = key.key.clone();
            key.descending ^= reverse;
            key
        });
        behind(&keys.zip(slots.iter().map(Slot::bind)).collect::<Vec<_>>())
    }
}

/// Rows behind the item with these values: behind it in the first key, or equal there and behind it in the next, …
///
/// The first keys that go in one direction are compared as one row, so that a walk through an index begins just there.
/// PostgreSQL, which takes each bound of a column for one that leaves few rows, also guesses better what is left.
fn behind(keys: &[(Key, Option<Bind>)]) -> Sql {
    let same = |(key, value): &&(Key, Option<Bind>)| {
        value.is_some() && !key.nullable && keys.first().is_some_and(|(first, _)| first.descending == key.descending)
    };
    let (first, rest) = keys.split_at(keys.iter().take_while(same).count());
    let nested = rest.iter().rev().fold(None, |inner: Option<Sql>, (key, value)| {
        let behind = key.after(value);
        Some(match inner {
            None => behind,
            Some(inner) => Sql::any([behind, Sql::all([key.equal(value), inner])]),
        })
    });
    match nested {
        None if first.is_empty() => Sql::new("1 = 1"),
        None => row(first, (" < ", " > ")),
        Some(nested) if first.is_empty() => nested,
        Some(nested) => {
            let others = first.iter().map(|(key, value)| other(key, value));
            Sql::all([row(first, (" <= ", " >= ")), Sql::any(others.chain([nested]))])
        }
    }
}

/// `(a, b) < (?, ?)`: keys in one direction, none of which can be null.
fn row(keys: &[(Key, Option<Bind>)], (descending, ascending): (&'static str, &'static str)) -> Sql {
    let is_descending = keys.first().is_some_and(|(key, _)| key.descending);
    let mut sql = Sql::new("((");
    for (at, (key, _)) in keys.iter().enumerate() {
        sql.push(if at == 0 { "" } else { ", " });
        sql.push(&key.expr);
    }
    sql.push(")");
    sql.push(if is_descending { descending } else { ascending });
    sql.push("(");
    for (at, value) in keys.iter().filter_map(|(_, value)| value.clone()).enumerate() {
        sql.push(if at == 0 { "" } else { ", " });
        sql.push(value);
    }
    sql.then("))")
}

/// Rows that have another value there; none is null.
fn other(key: &Key, value: &Option<Bind>) -> Sql {
    let open = Sql::new("(").then(&key.expr);
    open.then(" <> ").then(value.clone()).then(")")
}
