//! `sort=-chat_updated_at,created_at`: several keys, `-` for descending.
//!
//! The order is always total: instant of creation, then id, settle what the keys leave equal. Nulls come first
//! ascending and last descending. Texts that people write are compared in their folded form.
//! Spec: <https://jsonapi.org/format/1.1/#fetching-sorting> (FETCH-38 to FETCH-46)

use super::{Context, Scope, Shape, single};
use crate::{
    jsonapi::{
        error::{Code, ErrorObject},
        input::Kind,
        params::{self, Param},
        suggest,
    },
    resource::{
        describe::Edge,
        registry::{Entry, Relationship},
        select::Key,
        sql::Sql,
        viewer::Viewer,
    },
};

const UNSUPPORTED: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/unsupported-sort";

/// The most keys that `sort` takes.
pub const MOST_KEYS: usize = 8;

/// One key of an order.
#[derive(Clone)]
pub struct SortKey {
    /// What it reads of a row.
    pub of: KeyOf,
    /// The type of its values.
    pub kind: Kind,
    /// How a statement orders by it.
    pub key: Key,
}

/// What a sort key reads of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOf {
    /// An attribute, in its folded form where it has one.
    Attribute {
        /// Its position.
        at: usize,
        /// Whether it is the folded form.
        folded: bool,
    },
    /// A sort that is no attribute.
    Sort(usize),
    /// The instant of creation.
    CreatedAt,
    /// The number that settles equal instants of creation.
    Sequence,
    /// The id.
    Id,
    /// The instant of the edge by which the row was reached.
    HopAt,
    /// The id of that edge.
    HopId,
}

pub(super) fn parse(context: Context<'_>, params: &[Param<'_>], problems: &mut Vec<ErrorObject>) -> Vec<SortKey> {
    let edge = match context.shape {
        Shape::Collection(edge) => edge,
        Shape::Linkage(Relationship::Many(at)) => return linked(context, at, problems),
        _ => return Vec::new(),
    };
    let order = match (single(params, "sort"), edge) {
        (Some(param), _) => &param.value,
        (None, Some(Edge { order: Some(order), .. })) => order,
        (None, Some(edge)) => return joined(edge),
        (None, None) if context.entry.default_sort.is_empty() => return by_creation(context.entry),
        (None, None) => context.entry.default_sort,
    };
    total(Scope::of(context), ("sort", order), problems)
}

/// The total order that begins with the keys of `value`.
pub(super) fn total(scope: Scope<'_>, asked_by: (&str, &str), problems: &mut Vec<ErrorObject>) -> Vec<SortKey> {
    let mut keys = asked(scope, asked_by, problems);
    tie_break(scope.entry, &mut keys);
    keys
}

fn asked(scope: Scope<'_>, (parameter, value): (&str, &str), problems: &mut Vec<ErrorObject>) -> Vec<SortKey> {
    let mut keys: Vec<SortKey> = Vec::new();
    for word in params::split(b',', value) {
        let (name, descending) = word.strip_prefix('-').map_or((word, false), |name| (name, true));
        match find(scope.entry, scope.viewer, name, descending) {
            Some(key) if keys.iter().any(|known| known.of == key.of) => {}
            Some(key) => keys.push(key),
            None => {
                let hint = suggest::choice(name, scope.entry.sort_words());
                let detail = format!("`{name}` is no sort field of `{}`.{hint}", scope.entry.kind);
                problems.push(ErrorObject::new(Code::SortUnknown, detail).parameter(parameter));
            }
        }
    }
    if keys.len() > MOST_KEYS {
        let detail = format!("`{parameter}` takes at most {MOST_KEYS} fields.");
        problems.push(ErrorObject::new(Code::SortUnknown, detail).parameter(parameter));
        keys.truncate(MOST_KEYS);
    }
    keys
}

fn find(entry: &Entry, viewer: &Viewer, name: &str, descending: bool) -> Option<SortKey> {
    if let Some(at) = entry.sorts.iter().position(|sort| sort.name == name) {
        let sort = &entry.sorts[at];
        let key = Key { expr: (sort.expr)(viewer), descending, nullable: sort.nullable };
        return Some(SortKey { of: KeyOf::Sort(at), kind: sort.kind, key });
    }
    let at = entry.attribute(name)?;
    let field = entry.attributes[at].field;
    let expr = field.folded.or(field.expr).filter(|_| field.sortable)?;
    let of = KeyOf::Attribute { at, folded: field.folded.is_some() };
    let nullable = field.nullable || field.hidden_from_some;
    Some(SortKey { of, kind: field.kind, key: Key { expr: expr.sql(viewer), descending, nullable } })
}

/// Sorts whose place no cursor can keep.
pub(super) fn refuse_unkept(entry: &Entry, keys: &[SortKey], parameter: &str, problems: &mut Vec<ErrorObject>) {
    for key in keys {
        if let KeyOf::Sort(at) = key.of
            && !entry.sorts[at].cursor
        {
            let detail = format!("`{}` can't be paged by cursor; use `page[number]`.", entry.sorts[at].name);
            problems.push(ErrorObject::new(Code::SortUnknown, detail).parameter(parameter).kind(UNSUPPORTED));
        }
    }
}

/// The order of what nothing else orders.
fn by_creation(entry: &Entry) -> Vec<SortKey> {
    let mut keys = Vec::new();
    tie_break(entry, &mut keys);
    keys
}

fn tie_break(entry: &Entry, keys: &mut Vec<SortKey>) {
    let by_creation = |key: &&SortKey| match key.of {
        KeyOf::Attribute { at, .. } => entry.attributes[at].field.name == "created_at",
        _ => false,
    };
    let asked = keys.iter().find(by_creation).map(|key| key.key.descending);
    if asked.is_none() {
        keys.push(ascending(KeyOf::CreatedAt, Kind::Instant, Sql::new(entry.created_at)));
    }
    if let Some(sequence) = entry.sequence {
        let mut key = ascending(KeyOf::Sequence, Kind::Integer, Sql::new(sequence));
        key.key.descending = asked.unwrap_or(false);
        keys.push(key);
    }
    keys.push(ascending(KeyOf::Id, Kind::Uuid, Sql::new(entry.id)));
}

/// The order of linkage: that of the related collection, or where it is included as well, that of the edge, in which a
/// resource object shows the beginning.
fn linked(context: Context<'_>, at: usize, problems: &mut Vec<ErrorObject>) -> Vec<SortKey> {
    let many = &context.entry.to_many[at];
    match (many.edge.order.filter(|_| !many.includable), context.registry.find(many.target)) {
        (Some(order), Some(target)) => total(Scope { entry: target, ..Scope::of(context) }, ("sort", order), problems),
        _ => joined(many.edge),
    }
}

/// The default order of a related collection: as its members joined.
fn joined(edge: Edge) -> Vec<SortKey> {
    vec![
        ascending(KeyOf::HopAt, Kind::Instant, Sql::new(edge.at)),
        ascending(KeyOf::HopId, Kind::Uuid, Sql::new(edge.id)),
    ]
}

fn ascending(of: KeyOf, kind: Kind, expr: Sql) -> SortKey {
    SortKey { of, kind, key: Key { expr, descending: false, nullable: false } }
}
