//! Pages, orders and conditions of included to-many relationships, and of linkage.
//!
//! ```text
//! include=members&page[members][size]=5       so many of each parent; links.next of the relationship goes on
//!                &page[members][total]=true   and meta.total
//!                &filter[members]=EXPRESSION  those that an expression holds for
//!                &filter[members][name]=ct:jo the same in brackets
//!                &includeSort[members]=-name  in this order
//! ```
//! What stands in the first brackets is a path of `include` that ends at a to-many relationship. `page` and `filter` are
//! families whose members are the server's to define, and a path is a legal name in brackets; `filter[KEY][OP]` can't be
//! meant, since fields and to-many relationships share their names. `sort` is no family, so that `sort[members]` would
//! have to be 400: a name of our own needs a letter that is none of a-z.
//! Spec: <https://jsonapi.org/format/1.1/#query-parameters-families>

use super::{
    Context, Scope, Shape,
    filter::{self, Asked, Budget},
    include::Node,
    page::MAX_SIZE,
    sort::{self, SortKey},
};
use crate::{
    jsonapi::{
        error::{Code, ErrorObject},
        params::Param,
        suggest,
    },
    resource::{
        include::PER_PARENT,
        registry::{Entry, Registry, Relationship},
        sql::Sql,
    },
};
use std::{
    collections::{BTreeMap, btree_map},
    sync::Arc,
};

/// The custom family that orders included relationships.
pub(super) const SORT: &str = "includeSort";

/// What is asked of a to-many relationship.
#[derive(Default)]
pub struct Scoped {
    /// How many resources of each parent.
    pub size: i64,
    /// Whether all of them are counted.
    pub total: bool,
    /// Conditions on them.
    pub filters: Vec<Sql>,
    /// Their order; empty means that of the edge.
    pub sort: Vec<SortKey>,
    /// The same for the URL of the relationship: names and values of parameters.
    pub params: Vec<(String, String)>,
}

/// The path that a parameter is about, if it leads to a to-many relationship.
pub(super) fn path<'a>(context: Context<'_>, param: &'a Param<'_>) -> Option<&'a str> {
    let keys = match &*param.base {
        "filter" => 1..=3,
        "page" => 2..=2,
        SORT => 1..=1,
        _ => return None,
    };
    let path = param.keys.first().filter(|_| keys.contains(&param.keys.len()))?;
    find(context.registry, context.entry, path).map(|_| &**path)
}

/// The type that a path ends at.
fn find<'a>(registry: &'a Registry, from: &Entry, path: &str) -> Option<&'a Arc<Entry>> {
    if let Some(many) = from.to_many.iter().find(|many| many.name == path) {
        return registry.find(many.target);
    }
    let (step, rest) = path.split_once('.')?;
    let target = registry.find(from.relationship_target(from.relationship(step)?))?;
    find(registry, target, rest)
}

/// The name that was most probably meant by one whose path leads nowhere.
pub(super) fn nearest(context: Context<'_>, param: &Param<'_>) -> Option<String> {
    let is_family = matches!(&*param.base, "filter" | "page" | SORT);
    let mut meant = param.clone();
    let path = meant.keys.first_mut().filter(|_| is_family)?;
    *path = nearest_path(context.registry, context.entry, path)?.into();
    Some(meant.name())
}

fn nearest_path(registry: &Registry, from: &Entry, path: &str) -> Option<String> {
    let Some((step, rest)) = path.split_once('.') else {
        return suggest::closest(path, from.to_many.iter().map(|many| many.name)).map(str::to_owned);
    };
    let name = suggest::closest(step, from.relationship_names())?;
    let target = registry.find(from.relationship_target(from.relationship(name)?))?;
    Some(format!("{name}.{}", nearest_path(registry, target, rest)?))
}

/// What is asked of the linkage that a URL answers with.
#[derive(Default)]
pub(super) struct OfLinkage {
    pub(super) filters: Vec<Sql>,
    pub(super) sort: Option<Vec<SortKey>>,
}

/// Hangs what is asked of relationships into the include tree.
pub(super) fn parse(
    context: Context<'_>,
    asked: &[(&str, &Param<'_>)],
    tree: &mut [Node],
    budget: &mut Budget,
    problems: &mut Vec<ErrorObject>,
) -> OfLinkage {
    let mut of_linkage = OfLinkage::default();
    let mut by_path: BTreeMap<&str, Vec<&Param<'_>>> = BTreeMap::new();
    for &(path, param) in asked {
        by_path.entry(path).or_default().push(param);
    }
    if by_path.is_empty() {
        return of_linkage;
    }
    for (path, params) in &by_path {
        let Some(entry) = find(context.registry, context.entry, path) else { continue };
        let scope = Scope { entry, ..Scope::of(context) };
        if is_of_linkage(context, path) {
            let scoped = understand(scope, params, true, budget, problems);
            of_linkage = OfLinkage { filters: scoped.filters, sort: Some(scoped.sort).filter(|sort| !sort.is_empty()) };
            continue;
        }
        match node(context.entry, tree, path) {
            Some(node) => node.scoped = Some(Arc::new(understand(scope, params, false, budget, problems))),
            None => problems.extend(params.iter().map(|param| {
                let detail = format!("`{path}` is nothing that `include` asks for.");
                ErrorObject::new(code(param), detail).parameter(param.name())
            })),
        }
    }
    if let Some(name) = disagreement(context.entry, tree, &mut BTreeMap::new()) {
        let asked = by_path.iter().find(|(path, _)| path.rsplit('.').next() == Some(name));
        let detail = format!("`{name}` of the same type is included by another path as well, but not alike.");
        let param =
            asked.and_then(|(_, params)| params.first()).map_or_else(|| "include".to_owned(), |param| param.name());
        problems.push(ErrorObject::new(Code::IncludeUnknown, detail).parameter(param));
    }
    of_linkage
}

fn is_of_linkage(context: Context<'_>, path: &str) -> bool {
    matches!(context.shape, Shape::Linkage(found) if context.entry.relationship_name(found) == path)
}

fn node<'a>(from: &Entry, tree: &'a mut [Node], path: &str) -> Option<&'a mut Node> {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let relationship = from.relationship(step)?;
    let found = tree.iter_mut().find(|node| node.relationship == relationship)?;
    match rest {
        Some(rest) => {
            let target = Arc::clone(&found.target);
            node(&target, &mut found.children, rest)
        }
        None => Some(found),
    }
}

fn understand(
    scope: Scope<'_>,
    params: &[&Param<'_>],
    of_linkage: bool,
    budget: &mut Budget,
    problems: &mut Vec<ErrorObject>,
) -> Scoped {
    let mut scoped = Scoped { size: PER_PARENT, ..Scoped::default() };
    let mut asked = Vec::new();
    for &param in params {
        match &*param.base {
            "filter" => asked.push(Asked { keys: &param.keys[1..], param }),
            SORT => {
                scoped.sort = sort::total(scope, (&param.name(), &param.value), problems);
                sort::refuse_unkept(scope.entry, &scoped.sort, &param.name(), problems);
            }
            _ if of_linkage => {
                let detail = format!("This is a page of that relationship: say `page[{}]`.", param.keys[1]);
                problems.push(ErrorObject::new(Code::PageInvalid, detail).parameter(param.name()));
            }
            _ => page(&mut scoped, param, problems),
        }
    }
    scoped.filters = filter::understand(scope, &asked, budget, problems).all;
    scoped.params = params.iter().filter(|param| param.base != "page").map(|param| of_relationship(param)).collect();
    scoped
}

fn page(scoped: &mut Scoped, param: &Param<'_>, problems: &mut Vec<ErrorObject>) {
    let detail = match (&*param.keys[1], &*param.value) {
        ("size", value) => match super::page::whole(value) {
            Some(size) if (1..=MAX_SIZE).contains(&size) => {
                scoped.size = size;
                return;
            }
            Some(size) if size > MAX_SIZE => {
                problems.push(super::page::too_large(&param.name()));
                return;
            }
            _ => format!("`{}` is a whole number from 1.", param.name()),
        },
        ("total", "true" | "1") => {
            scoped.total = true;
            return;
        }
        ("total", "false" | "0") => return,
        ("total", _) => format!("`{}` is `true` or `false`.", param.name()),
        (key, _) => {
            let hint = suggest::hint(key, ["size", "total"]);
            format!(
                "An included relationship takes no `{key}`: it begins with the first page, and `links.next` goes on.{hint}"
            )
        }
    };
    problems.push(ErrorObject::new(Code::PageInvalid, detail).parameter(param.name()));
}

/// The parameter as the URL of the relationship takes it, where the path is but one step.
fn of_relationship(param: &Param<'_>) -> (String, String) {
    let mut param = param.clone();
    if let Some(path) = param.keys.first_mut() {
        *path = path.rsplit('.').next().unwrap_or_default().to_owned().into();
    }
    (param.name(), param.value.into_owned())
}

fn code(param: &Param<'_>) -> Code {
    match &*param.base {
        "filter" => Code::FilterUnknown,
        "page" => Code::PageInvalid,
        _ => Code::SortUnknown,
    }
}

type Known = BTreeMap<(usize, usize), Option<*const Scoped>>;

/// A relationship that is included twice, but not alike: its resource object could show only one of them.
fn disagreement(from: &Entry, tree: &[Node], known: &mut Known) -> Option<&'static str> {
    for node in tree {
        if let Relationship::Many(at) = node.relationship {
            let scoped = node.scoped.as_ref().map(Arc::as_ptr);
            match known.entry((from.number, at)) {
                btree_map::Entry::Occupied(other) if *other.get() != scoped => return Some(from.to_many[at].name),
                btree_map::Entry::Occupied(_) => {}
                btree_map::Entry::Vacant(place) => drop(place.insert(scoped)),
            }
        }
        if let Some(name) = disagreement(&node.target, &node.children, known) {
            return Some(name);
        }
    }
    None
}
