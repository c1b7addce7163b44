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
    page::{Page, Total},
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
    },
};
use std::collections::BTreeSet;

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
    pub named: Vec<String>,
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
    /// What the cursors of this list are sealed with.
    pub seal: Seal,
    /// The parameters as sent, for links.
    pub params: Vec<Param>,
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
        // What is unknown has been said to be so, and isn't judged as something else as well.
        params.retain(|param| is_known(context, param) && is_meant(context, param));
        let mut include = include::parse(context, &params, &mut problems);
        let fields = fields::parse(context, &params, &mut problems);
        let asked: Vec<filter::Asked<'_>> = params
            .iter()
            .filter(|param| param.base == "filter" && scoped::path(context, param).is_none())
            .map(|param| filter::Asked { keys: &param.keys, param })
            .collect();
        let mut budget = Budget::default();
        let conditions = filter::parse(context, &params, &asked, &mut budget, &mut problems);
        let mut filters = conditions.all;
        let mut sort = sort::parse(context, &params, &mut problems);
        let tree = include.as_deref_mut().unwrap_or_default();
        let linkage = scoped::parse(context, &params, tree, &mut budget, &mut problems);
        filters.extend(linkage.filters);
        sort = linkage.sort.unwrap_or(sort);
        let seal = Seal::new(context.registry.cursor_key(), context.viewer, &list(context.path, &params));
        let (page, total) = page::parse(context, &params, &sort, &seal, &mut problems);
        let (named, fixed) = (filter::named(&params), filter::fixed(&params));
        parts::check(context, &params, &filter::chosen(&params), &mut problems);
        Errors::collect(problems)?;
        let merged = parts::is_merged(context, &fixed);
        let part = parts::named(context, &params, &fixed);
        let floor = parts::floor(context, &params, &named);
        let plain = filters.is_empty() || filters.len() == 1 && is_linkage(context.entry, &fixed);
        let named = named.into_iter().chain(conditions.named).collect();
        Ok(Self { include, fields, filters, named, merged, part, floor, plain, sort, page, total, seal, params })
    }

    /// Whether the statement's text is one of few.
    pub fn is_common(&self) -> bool {
        let in_usual_order = self.params.iter().all(|param| !matches!(param.base.as_str(), "sort" | scoped::SORT));
        self.plain && (in_usual_order || self.sort.len() <= 3 && !self.page.is_beyond_first())
    }
}

/// Whether the one fixed filter is by linkage.
fn is_linkage(entry: &Entry, fixed: &[String]) -> bool {
    matches!(fixed, [name] if entry.to_one.iter().any(|one| one.name == name))
}

/// Parameters that are unknown, mean nothing at this URL, or are given twice.
fn misplaced(context: Context<'_>, params: &[Param]) -> Vec<ErrorObject> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for param in params {
        let detail = if !is_known(context, param) {
            unknown(context, param)
        } else if !is_meant(context, param) {
            format!("`{}` means nothing at this URL.", param.base)
        } else if param.base != "filter" && !seen.insert(&param.name) {
            format!("`{}` is given twice.", param.name)
        } else {
            continue;
        };
        problems.push(ErrorObject::new(Code::ParameterUnknown, detail).parameter(&param.name));
    }
    problems
}

fn is_known(context: Context<'_>, param: &Param) -> bool {
    match param.base.as_str() {
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

fn is_meant(context: Context<'_>, param: &Param) -> bool {
    let scoped = !matches!(context.shape, Shape::Nothing) && scoped::path(context, param).is_some();
    scoped || is_meant_for(context.shape, param)
}

fn is_meant_for(shape: Shape, param: &Param) -> bool {
    match shape {
        Shape::Collection(_) => true,
        Shape::One => matches!(param.base.as_str(), "include" | "fields"),
        Shape::Linkage(Relationship::One(_)) => matches!(param.base.as_str(), "include" | "fields"),
        Shape::Linkage(Relationship::Many(_)) => matches!(param.base.as_str(), "include" | "fields" | "page"),
        Shape::Nothing => false,
    }
}

fn unknown(context: Context<'_>, param: &Param) -> String {
    let own = context.entry.searches.iter().filter(|search| search.parameter).map(|search| search.name);
    let words = ["include", "fields", "filter", "sort", "page"].into_iter().chain(own);
    // Whose brackets are wrong was spelt well.
    let words: Vec<&str> = words.filter(|word| *word != param.base).collect();
    format!("`{}` is no parameter of this URL.{}", param.name, crate::jsonapi::suggest::hint(&param.base, words))
}

/// What a list is, whatever its page: cursors of another list are not good for it.
fn list(path: &str, params: &[Param]) -> String {
    let kept = params.iter().filter(|param| !matches!(param.base.as_str(), "page" | "include" | "fields"));
    list_of(path, kept.map(|param| (param.name.as_str(), param.value.as_str())))
}

/// The same of a URL that is yet to be made.
pub(super) fn list_of<'a>(path: &str, params: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut parts: Vec<String> = params.map(|(name, value)| format!("{name}={value}")).collect();
    parts.sort();
    format!("{path}?{}", parts.join("&"))
}

/// The only parameter of that name.
fn single<'a>(params: &'a [Param], base: &str) -> Option<&'a Param> {
    params.iter().find(|param| param.base == base && param.keys.is_empty())
}
