//! `fields[chat]=title,members`: sparse fieldsets.
//!
//! Names are members of `attributes` and of `relationships`; `type` and `id` always stay.
//! Spec: <https://jsonapi.org/format/1.1/#fetching-sparse-fieldsets> (FETCH-31 to FETCH-37)

use super::{
    Context,
    include::Node,
    sort::{KeyOf, SortKey},
};
use crate::{
    jsonapi::{
        error::{Code, ErrorObject, Errors},
        params::{self, Param},
        suggest,
    },
    resource::{
        computed::Spared,
        registry::{Entry, Member, Registry, Relationship},
    },
};
use std::collections::BTreeSet;

/// Which members of each type are shown: a bit each, attributes first, then to-one, then to-many.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<Option<u64>>);

impl Fields {
    /// Whether an attribute is shown.
    pub fn attribute(&self, entry: &Entry, at: usize) -> bool {
        self.has(entry, at)
    }

    /// Whether a relationship is shown.
    pub fn relationship(&self, entry: &Entry, relationship: Relationship) -> bool {
        self.has(entry, entry.bit(relationship))
    }

    /// What need not be computed for rows that are shown with these fields, in this order, and followed to these.
    pub fn spared(&self, entry: &Entry, sort: &[SortKey], tree: &[Node]) -> Spared {
        match self.0.get(entry.number) {
            Some(Some(shown)) => entry.spared(shown | read(entry, sort, tree)),
            _ => Spared::default(),
        }
    }

    fn has(&self, entry: &Entry, bit: usize) -> bool {
        match self.0.get(entry.number) {
            Some(Some(mask)) => mask & (1 << bit) != 0,
            _ => true,
        }
    }
}

/// What need not be computed for rows of which only identifiers are shown.
pub(in crate::resource) fn spared_by_identifiers(entry: &Entry, sort: &[SortKey]) -> Spared {
    entry.spared(read(entry, sort, &[]))
}

/// The members that are read of rows though they need not be shown: for cursors, and to go on from there.
fn read(entry: &Entry, sort: &[SortKey], tree: &[Node]) -> u64 {
    let of_sort = sort.iter().filter_map(|key| match key.of {
        KeyOf::Attribute { at, .. } => Some(at),
        KeyOf::Sort(at) => Some(entry.sort_bit(at)),
        _ => None,
    });
    let linked = tree.iter().map(|node| entry.bit(node.relationship));
    of_sort.chain(linked).fold(0, |read, bit| read | 1 << bit)
}

/// Understands a query string that can only have sparse fieldsets.
///
/// # Errors
/// All problems, status 400.
pub fn only(registry: &Registry, query: &str) -> Result<Fields, Errors> {
    let params = params::parse(query)?;
    let (mut problems, mut seen) = (Vec::new(), BTreeSet::new());
    for param in &params {
        let detail = if param.base != "fields" || param.keys.len() != 1 {
            format!("`{}` is no parameter of this URL: it takes `fields` only.", param.name())
        } else if !seen.insert((&param.base, &param.keys)) {
            format!("`{}` is given twice.", param.name())
        } else {
            continue;
        };
        problems.push(ErrorObject::new(Code::ParameterUnknown, detail).parameter(param.name()));
    }
    let fields = sets(registry, &params, &mut problems);
    Errors::collect(problems)?;
    Ok(fields)
}

pub(super) fn parse(context: Context<'_>, params: &[Param<'_>], problems: &mut Vec<ErrorObject>) -> Fields {
    sets(context.registry, params, problems)
}

fn sets(registry: &Registry, params: &[Param<'_>], problems: &mut Vec<ErrorObject>) -> Fields {
    let mut fields = Fields(vec![None; registry.entries().len()]);
    for param in params.iter().filter(|param| param.base == "fields" && param.keys.len() == 1) {
        match registry.find(&param.keys[0]) {
            Some(entry) => fields.0[entry.number] = Some(mask(entry, param, problems)),
            None => {
                let kinds = registry.entries().iter().map(|entry| entry.kind);
                let hint = suggest::choice(&param.keys[0], kinds);
                let detail = format!("There is no type `{}`.{hint}", param.keys[0]);
                problems.push(ErrorObject::new(Code::FieldSetUnknown, detail).parameter(param.name()));
            }
        }
    }
    fields
}

fn mask(entry: &Entry, param: &Param<'_>, problems: &mut Vec<ErrorObject>) -> u64 {
    let mut mask = 0;
    for name in params::split(b',', &param.value).filter(|name| !name.is_empty()) {
        match entry.member(name) {
            Some(Member::Attribute(at)) => mask |= 1 << at,
            Some(Member::Relationship(found)) => mask |= 1 << entry.bit(found),
            None => {
                let shown = entry.attributes.iter().filter(|attribute| attribute.readable);
                let names = shown.map(|attribute| attribute.field.name).chain(entry.relationship_names());
                let hint = suggest::choice(name, names);
                let detail = format!("`{}` has no field `{name}`.{hint}", entry.kind);
                problems.push(ErrorObject::new(Code::FieldSetUnknown, detail).parameter(param.name()));
            }
        }
    }
    mask
}
