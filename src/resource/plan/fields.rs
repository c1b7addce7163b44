//! `fields[chat]=title,members`: sparse fieldsets.
//!
//! Names are members of `attributes` and of `relationships`; `type` and `id` always stay.
//! Spec: <https://jsonapi.org/format/1.1/#fetching-sparse-fieldsets> (FETCH-31 to FETCH-37)

use super::Context;
use crate::{
    jsonapi::{
        error::{Code, ErrorObject, Errors},
        params::{self, Param},
        suggest,
    },
    resource::registry::{Entry, Member, Registry, Relationship},
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
        self.has(entry, bit(entry, relationship))
    }

    fn has(&self, entry: &Entry, bit: usize) -> bool {
        match self.0.get(entry.number) {
            Some(Some(mask)) => mask & (1 << bit) != 0,
            _ => true,
        }
    }
}

fn bit(entry: &Entry, relationship: Relationship) -> usize {
    match relationship {
        Relationship::One(at) => entry.attributes.len() + at,
        Relationship::Many(at) => entry.attributes.len() + entry.to_one.len() + at,
    }
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
                let hint = suggest::hint(&param.keys[0], kinds);
                let detail = format!("There is no type `{}`.{hint}", param.keys[0]);
                problems.push(ErrorObject::new(Code::FieldSetUnknown, detail).parameter(param.name()));
            }
        }
    }
    fields
}

fn mask(entry: &Entry, param: &Param<'_>, problems: &mut Vec<ErrorObject>) -> u64 {
    let mut mask = 0;
    for name in param.value.split(',').filter(|name| !name.is_empty()) {
        match entry.member(name) {
            Some(Member::Attribute(at)) => mask |= 1 << at,
            Some(Member::Relationship(found)) => mask |= 1 << bit(entry, found),
            None => {
                let shown = entry.attributes.iter().filter(|attribute| attribute.readable);
                let names = shown.map(|attribute| attribute.field.name).chain(entry.relationship_names());
                let hint = suggest::hint(name, names);
                let detail = format!("`{}` has no field `{name}`.{hint}", entry.kind);
                problems.push(ErrorObject::new(Code::FieldSetUnknown, detail).parameter(param.name()));
            }
        }
    }
    mask
}
