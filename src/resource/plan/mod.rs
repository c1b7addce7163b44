//! Query parameters, understood before any SQL is made.
//!
//! | parameter | becomes |
//! |---|---|
//! | `include=chat.members` | [`include::Node`]s: a tree of relationships |
//! | `fields[chat]=title` | [`fields::Fields`]: a set of members per type |
//! | `filter[created_at]=gt:…` | [`Sql`] conditions |
//! | `sort=-chat_updated_at` | [`sort::SortKey`]s, tie-breaks included |
//! | `page[size]=20` | [`page::Page`] |
//!
//! Every problem of a query string is reported, each with its `source.parameter`.
//! Spec: <https://jsonapi.org/format/1.1/#query-parameters>

pub mod fields;
pub mod filter;
pub mod include;
pub mod page;
mod parts;
pub mod scoped;
pub mod sort;

use self::{
    fields::Fields,
    filter::{Budget, Scope},
    include::Node,
    page::{Page, Paged, Total},
    sort::SortKey,
};
use super::{
    cursor::Seal,
    describe::Edge,
    parts::Floor,
    registry::{Entry, Registry, Relationship},
    sql::Sql,
    viewer::Viewer,
};
use crate::{
    db::Id,
    jsonapi::{
        error::{Code, ErrorObject, Errors},
        params::{self, Param},
        suggest,
    },
};
use rustc_hash::{FxBuildHasher, FxHashSet};
use std::fmt::Display;

/// What a URL answers with, since that decides which parameters mean something there.
#[derive(Clone, Copy)]
pub enum Shape {
    /// A collection; through an edge where it is the related collection of a to-many relationship.
    Collection(Option<Edge>),
    /// One resource.
    One,
    /// The linkage of a relationship.
    Linkage(Relationship),
    /// Nothing.
    Nothing,
}

/// A request's query parameters.
pub struct Plan {
    /// The include tree; `None` if it wasn't asked for, which is not the same as empty.
    pub include: Option<Vec<Node>>,
    /// Sparse fieldsets.
    pub fields: Fields,
    /// Conditions from `filter` and search parameters.
    pub filters: Vec<Sql>,
    /// The names that `filter` mentions.
    pub named: Vec<&'static str>,
    /// Whether the list is merged of its parts.
    pub merged: bool,
    /// The one part that a filter names.
    pub part: Option<Id>,
    /// What ends the walk through a part, if no filter does.
    pub floor: Option<Floor>,
    /// Whether the only filter, if there is one, compares linkage with one value.
    pub plain: bool,
    /// The order.
    pub sort: Vec<SortKey>,
    /// The page.
    pub page: Page,
    /// Whether a total is asked for.
    pub total: Total,
    /// What the cursors of this list are sealed with, if it is paged by cursor.
    pub seal: Option<Seal>,
    /// Whether `sort` or `includeSort` says anything.
    pub sorted: bool,
    /// The query string as sent, for links.
    pub query: String,
}

/// Everything that parsing needs beside the query string.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// All types.
    pub registry: &'a Registry,
    /// The type of the primary data, or the owner's type where it is linkage.
    pub entry: &'a Entry,
    /// What the URL answers with.
    pub shape: Shape,
    /// Who asks.
    pub viewer: &'a Viewer,
    /// The path of the request, which cursors are bound to.
    pub path: &'a str,
    /// Whether the cursor-pagination profile was named in Accept.
    pub cursor_profile: bool,
}

impl Context<'_> {
    /// Whether a list here is paged by cursor when nothing says otherwise.
    fn lists_by_cursor(&self) -> bool {
        self.entry.cursor_by_default && matches!(self.shape, Shape::Collection(_))
    }
}

impl<'a> Scope<'a> {
    /// The type that a request is about.
    fn of(context: Context<'a>) -> Self {
        Self { registry: context.registry, viewer: context.viewer, entry: context.entry }
    }
}

impl Plan {
    /// Understands a query string.
    ///
    /// # Errors
    /// All problems, status 400.
    pub fn parse(context: Context<'_>, query: &str) -> Result<Self, Errors> {
        let mut params = params::parse(query)?;
        let mut problems = misplaced(context, &params);
        if !problems.is_empty() {
            // What is unknown has been said to be so, and isn't judged as something else as well.
            params.retain(|param| is_known(context, param) && is_meant(context, param));
        }
        let mut include = include::parse(context, &params, &mut problems);
        let fields = fields::parse(context, &params, &mut problems);
        let (mut asked, mut of_paths) = (Vec::with_capacity(params.len()), Vec::new());
        for param in &params {
            match scoped::path(context, param) {
                Some(path) => of_paths.push((path, param)),
                None if param.base == "filter" => asked.push(filter::Asked { keys: &param.keys, param }),
                None => {}
            }
        }
        let mut budget = Budget::default();
        let conditions = filter::parse(context, &params, &asked, &mut budget, &mut problems);
        let mut filters = conditions.all;
        let mut sort = sort::parse(context, &params, &mut problems);
        let tree = include.as_deref_mut().unwrap_or_default();
        let linkage = scoped::parse(context, &of_paths, tree, &mut budget, &mut problems);
        filters.extend(linkage.filters);
        sort = linkage.sort.unwrap_or(sort);
        let Paged { page, total, seal } = page::parse(context, &params, &sort, &mut problems);
        parts::check(context, &params, &mut problems);
        Errors::collect(problems)?;
        let merged = parts::is_merged(context, &params);
        let part = parts::named(context, &params);
        let floor = parts::floor(context, &params);
        let plain = filters.is_empty() || filters.len() == 1 && is_linkage(context.entry, &params);
        let sorted = params.iter().any(|param| matches!(&*param.base, "sort" | scoped::SORT));
        let (named, query) = (conditions.named, query.to_owned());
        Ok(Self { include, fields, filters, named, merged, part, floor, plain, sort, page, total, seal, sorted, query })
    }

    /// Whether the statement's text is one of few.
    pub fn is_common(&self) -> bool {
        self.plain && (!self.sorted || self.sort.len() <= 3 && !self.page.is_beyond_first())
    }
}

/// Whether the one fixed filter is by linkage.
fn is_linkage(entry: &Entry, params: &[Param<'_>]) -> bool {
    let mut fixed = filter::fixed(params);
    let is_to_one = |name| matches!(entry.relationship(name), Some(Relationship::One(_)));
    fixed.next().is_some_and(is_to_one) && fixed.next().is_none()
}

/// Hardly any request has more parameters beside its filters.
const USUAL_COUNT: usize = 24;

/// Parameters that are unknown, mean nothing at this URL, or are given twice.
fn misplaced(context: Context<'_>, params: &[Param<'_>]) -> Vec<ErrorObject> {
    let mut seen = FxHashSet::with_capacity_and_hasher(USUAL_COUNT, FxBuildHasher);
    let mut problems = Vec::new();
    for param in params {
        let detail = if !is_known(context, param) {
            unknown(context, param)
        } else if !is_meant(context, param) {
            format!("`{}` means nothing at this URL.", param.base)
        } else if param.base != "filter" && !seen.insert((&param.base, &param.keys)) {
            format!("`{}` is given twice.", param.name())
        } else {
            continue;
        };
        problems.push(ErrorObject::new(Code::ParameterUnknown, detail).parameter(param.name()));
    }
    problems
}

fn is_known(context: Context<'_>, param: &Param<'_>) -> bool {
    match &*param.base {
        "include" | "sort" => param.keys.is_empty(),
        "fields" => param.keys.len() == 1,
        "filter" => param.keys.len() <= 2 || scoped::path(context, param).is_some(),
        "page" => param.keys.len() == 1 || scoped::path(context, param).is_some(),
        scoped::SORT => scoped::path(context, param).is_some(),
        name => {
            param.keys.is_empty()
                && matches!(context.shape, Shape::Collection(_))
                && context.entry.searches.iter().any(|search| search.parameter && search.name == name)
        }
    }
}

fn is_meant(context: Context<'_>, param: &Param<'_>) -> bool {
    let is_scoped = || !matches!(context.shape, Shape::Nothing) && scoped::path(context, param).is_some();
    is_meant_for(context.shape, &param.base) || is_scoped()
}

fn is_meant_for(shape: Shape, base: &str) -> bool {
    match shape {
        Shape::Collection(_) => true,
        Shape::One => matches!(base, "include" | "fields"),
        Shape::Linkage(Relationship::One(_)) => matches!(base, "include" | "fields"),
        Shape::Linkage(Relationship::Many(_)) => matches!(base, "include" | "fields" | "page"),
        Shape::Nothing => false,
    }
}

fn unknown(context: Context<'_>, param: &Param<'_>) -> String {
    let is_list = matches!(context.shape, Shape::Collection(_));
    let own = context.entry.searches.iter().filter(|search| search.parameter && is_list).map(|search| search.name);
    let words = ["include", "fields", "filter", "sort", "page", scoped::SORT].into_iter().chain(own);
    let meant = words.clone().filter(|word| is_meant_for(context.shape, word));
    let hint = match (scoped::nearest(context, param), &*param.base) {
        (Some(meant), _) => suggest::said(meant),
        // Spelt well, and only the brackets are missing or too many.
        (None, base @ ("include" | "sort")) => suggest::said(base),
        (None, "fields") => suggest::said(format_args!("fields[{}]", context.entry.kind)),
        (None, "page") if param.keys.is_empty() => suggest::said("page[number]"),
        (None, base) if words.clone().any(|word| word == base) => String::new(),
        (None, base) => suggest::closest(base, words).map_or_else(|| suggest::all(meant), suggest::said),
    };
    format!("`{}` is no parameter of this URL.{hint}", param.name())
}

/// What a list is, whatever its page: cursors of another list are not good for it.
fn list(path: &str, params: &[Param<'_>]) -> String {
    let kept = params.iter().filter(|param| !matches!(&*param.base, "page" | "include" | "fields"));
    list_of(path, kept.map(|param| (param.name(), &param.value)))
}

/// The same of a URL that is yet to be made.
pub(super) fn list_of(path: &str, params: impl Iterator<Item = (impl Display, impl Display)>) -> String {
    let mut parts: Vec<String> = params.map(|(name, value)| format!("{name}={value}")).collect();
    parts.sort();
    format!("{path}?{}", parts.join("&"))
}

/// The only parameter of that name.
fn single<'a, 'q>(params: &'a [Param<'q>], base: &str) -> Option<&'a Param<'q>> {
    params.iter().find(|param| param.base == base && param.keys.is_empty())
}
