//! `filter[created_at]=gt:2025-01-01T00:00:00Z`: conditions on attributes, relationships and searches.
//!
//! ```text
//! filter[KEY]=VALUE              the same as eq:VALUE
//! filter[KEY]=OP:VALUE           eq !eq gt gte lt lte pre suf ct !ct in !in
//! filter[KEY][OP]=VALUE          the same; VALUE is taken literally
//! filter[KEY][]=A&filter[KEY][]=B  the same as in:A,B
//! filter[KEY_blank]=1            null or "";  0 negates
//! filter[KEY_present]=1          the opposite
//! filter=EXPRESSION              and, or, not, relationships: see [`expression`]
//! ```
//! A key is a name, or a path along to-one relationships to one. Lists are comma-separated; `\,` and `\\` stand for the
//! characters themselves. All conditions must hold.

mod brackets;
mod expression;
mod operand;
mod syntax;

pub(super) use self::expression::{Budget, Scope};
pub use self::operand::literal;
use self::{
    brackets::{Keyed, Keys},
    operand::{Compared, flag},
};
use super::{Context, Shape};
use crate::{
    jsonapi::{
        error::{Code, ErrorObject},
        params::Param,
        suggest,
    },
    resource::{
        describe::{Expr, Search},
        registry::{Entry, Member, Relationship},
        sql::Sql,
        viewer::Viewer,
    },
};
use std::{borrow::Cow, collections::BTreeMap};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Eq,
    NotEq,
    Gt,
    Gte,
    Lt,
    Lte,
    Pre,
    Suf,
    Ct,
    NotCt,
    In,
    NotIn,
}

const OPS: [(&str, Op); 12] = [
    ("eq", Op::Eq),
    ("!eq", Op::NotEq),
    ("gt", Op::Gt),
    ("gte", Op::Gte),
    ("lt", Op::Lt),
    ("lte", Op::Lte),
    ("pre", Op::Pre),
    ("suf", Op::Suf),
    ("ct", Op::Ct),
    ("!ct", Op::NotCt),
    ("in", Op::In),
    ("!in", Op::NotIn),
];

fn op(word: &str) -> Option<Op> {
    OPS.iter().find(|(name, _)| *name == word).map(|(_, op)| *op)
}

/// The names that `filter[…]` mentions, without `_blank` and `_present`.
pub(super) fn named<'a>(params: &'a [Param<'_>]) -> impl Iterator<Item = &'a str> {
    let filters = params.iter().filter(|param| param.base == "filter");
    filters.filter_map(|param| param.keys.first()).map(|key| plain(key))
}

/// The names of filters that ask for one value.
pub(super) fn fixed<'a>(params: &'a [Param<'_>]) -> impl Iterator<Item = &'a str> {
    asking(params, |op| op == Op::Eq)
}

/// The names of filters that ask for one value or for some, and not for all but some.
pub(super) fn chosen<'a>(params: &'a [Param<'_>]) -> impl Iterator<Item = &'a str> {
    asking(params, |op| matches!(op, Op::Eq | Op::In))
}

fn asking<'a>(params: &'a [Param<'_>], by: fn(Op) -> bool) -> impl Iterator<Item = &'a str> {
    let of_value = |value: &str| value.split_once(':').and_then(|(word, _)| op(word)).unwrap_or(Op::Eq);
    let filters = params.iter().filter(|param| param.base == "filter");
    filters.filter_map(move |param| match param.keys.as_slice() {
        [key] if by(of_value(&param.value)) && plain(key) == key => Some(&**key),
        // What is no operator is a place in a list.
        [key, word] if by(op(word).unwrap_or(Op::In)) => Some(&**key),
        _ => None,
    })
}

/// Whether a parameter asks for the rows that have this flag.
pub(super) fn is_true(param: &Param<'_>, name: &str) -> bool {
    let value = match param.keys.as_slice() {
        [key] if key == name => param.value.strip_prefix("eq:").unwrap_or(&param.value),
        [key, word] if key == name && op(word) == Some(Op::Eq) => &param.value,
        _ => return false,
    };
    param.base == "filter" && flag(value) == Some(true)
}

/// The field that a key is about.
pub(super) fn plain(key: &str) -> &str {
    key.strip_suffix("_blank").or_else(|| key.strip_suffix("_present")).unwrap_or(key)
}

/// A parameter about the rows of some type, and the keys behind those that say which type.
pub(super) struct Asked<'a, 'q> {
    pub(super) keys: &'a [Cow<'q, str>],
    pub(super) param: &'a Param<'q>,
}

/// Conditions, all of which must hold.
#[derive(Default)]
pub(super) struct Conditions {
    pub(super) all: Vec<Sql>,
    /// What they say of the rows themselves, by name.
    pub(super) named: Vec<&'static str>,
}

/// The conditions on the primary data; `asked` are those of `filter`.
pub(super) fn parse(
    context: Context<'_>,
    params: &[Param<'_>],
    asked: &[Asked<'_, '_>],
    budget: &mut Budget,
    problems: &mut Vec<ErrorObject>,
) -> Conditions {
    if !matches!(context.shape, Shape::Collection(_)) {
        return Conditions::default();
    }
    let Context { entry, viewer, .. } = context;
    let mut conditions = understand(Scope::of(context), asked, budget, problems);
    for param in params.iter().filter(|param| param.keys.is_empty()) {
        if let Some(search) = search(entry, &param.base, true) {
            conditions.keep(searched(viewer, search, &param.value), param, problems);
        }
    }
    conditions
}

/// The conditions on rows of the type of `scope`.
pub(super) fn understand(
    scope: Scope<'_>,
    asked: &[Asked<'_, '_>],
    budget: &mut Budget,
    problems: &mut Vec<ErrorObject>,
) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.all.reserve(asked.len());
    let mut keys = Keys { scope, budget, named: Vec::with_capacity(asked.len()) };
    let mut lists: BTreeMap<&str, (&Param<'_>, Vec<&str>)> = BTreeMap::new();
    for Asked { keys: asked, param } in asked {
        match asked {
            [] => match expression::understand(scope, &param.value, keys.budget) {
                Ok(found) => {
                    conditions.all.push(found.condition);
                    conditions.named.extend(found.named);
                }
                Err(found) => problems.extend(found.into_iter().map(|problem| problem.about(param))),
            },
            [key, index] if index.is_empty() || index.bytes().all(|byte| byte.is_ascii_digit()) => {
                lists.entry(key).or_insert((param, Vec::new())).1.push(&param.value);
            }
            [key, word @ ..] => {
                let word = word.first().map(|word| &**word);
                conditions.keep(keys.condition(key, word, &param.value), param, problems);
            }
        }
    }
    for (key, (param, values)) in lists {
        let found = keys.find(key).and_then(|found| match found {
            Keyed::Search(_) => Err(invalid(format!("`{key}` takes no list."))),
            Keyed::Operand(operand, _) => operand.listed(Op::In, &values),
        });
        conditions.keep(found.map(Some), param, problems);
    }
    conditions.named.append(&mut keys.named);
    conditions
}

impl Conditions {
    fn keep(&mut self, found: Result<Option<Sql>, Problem>, param: &Param<'_>, problems: &mut Vec<ErrorObject>) {
        match found {
            Ok(Some(condition)) => self.all.push(condition),
            Ok(None) => {}
            Err(problem) => problems.push(problem.about(param)),
        }
    }
}

/// What is wrong with a filter.
#[derive(Debug)]
struct Problem {
    code: Code,
    detail: String,
    /// Where in the value, if it is an expression.
    at: Option<usize>,
    limit: Option<u64>,
}

impl Problem {
    fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), at: None, limit: None }
    }

    fn at(code: Code, detail: impl Into<String>, at: usize) -> Self {
        Self { at: Some(at), ..Self::new(code, detail) }
    }

    fn moved(self, at: usize) -> Self {
        Self { at: Some(at), ..self }
    }

    fn with(mut self, hint: String) -> Self {
        self.detail += &hint;
        self
    }

    fn limited(self, limit: u64) -> Self {
        Self { limit: Some(limit), ..self }
    }

    fn about(self, param: &Param<'_>) -> ErrorObject {
        let error = ErrorObject::new(self.code, self.detail).parameter(param.name());
        let error = self.at.into_iter().fold(error, |error, at| error.meta("position", at as u64));
        self.limit.into_iter().fold(error, |error, limit| error.meta("limit", limit))
    }
}

fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(Code::FilterInvalid, detail)
}

/// What a name stands for.
enum Target {
    Field(Compared),
    Search(&'static Search),
}

impl Target {
    fn name(&self) -> &'static str {
        match self {
            Target::Field(field) => field.name,
            Target::Search(search) => search.name,
        }
    }
}

fn target(entry: &Entry, key: &str) -> Result<Target, Problem> {
    find(entry, key).ok_or_else(|| unknown(entry, key))
}

fn find(entry: &Entry, key: &str) -> Option<Target> {
    if key == "id" {
        return Some(Target::Field(Compared::id(Expr::Column(entry.id))));
    }
    if let Some(search) = search(entry, key, false) {
        return Some(Target::Search(search));
    }
    if let Some(found) = entry.filters.iter().find(|field| field.name == key) {
        return Compared::field(found).map(Target::Field);
    }
    let compared = match entry.member(key)? {
        Member::Attribute(at) => Compared::field(&entry.attributes[at].field),
        Member::Relationship(Relationship::One(at)) => Compared::linkage(&entry.to_one[at]),
        Member::Relationship(Relationship::Many(_)) => None,
    };
    compared.map(Target::Field)
}

fn search(entry: &Entry, name: &str, parameter: bool) -> Option<&'static Search> {
    entry.searches.iter().find(|search| search.parameter == parameter && search.name == name)
}

fn unknown(entry: &Entry, key: &str) -> Problem {
    let to_many = entry.to_many.iter().map(|many| many.name);
    if to_many.clone().any(|name| name == key) {
        return expression::to_many(key);
    }
    let meant = suggest::closest(plain(key), entry.filter_keys().chain(to_many));
    let hint = meant.map_or_else(|| suggest::all(entry.filter_keys()), suggest::said);
    Problem::new(Code::FilterUnknown, format!("`{key}` is no filter of `{}`.{hint}", entry.kind))
}

fn searched(viewer: &Viewer, search: &Search, value: &str) -> Result<Option<Sql>, Problem> {
    (search.condition)(viewer, value).map_err(invalid)
}
