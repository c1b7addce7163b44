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

mod expression;
mod operand;
mod syntax;

pub(super) use self::expression::{Budget, Scope};
pub use self::operand::literal;
use self::operand::{Compared, Operand, flag};
use super::{Context, Shape};
use crate::{
    db::Id,
    jsonapi::{
        error::{Code, ErrorObject},
        params::Param,
        suggest,
    },
    resource::{
        Place,
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
pub(super) struct Asked<'a> {
    pub(super) keys: &'a [Cow<'a, str>],
    pub(super) param: &'a Param<'a>,
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
    asked: &[Asked<'_>],
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
    asked: &[Asked<'_>],
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
            Ok(condition) => self.all.extend(condition),
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

/// What a key in brackets stands for.
enum Keyed {
    Search(&'static Search),
    /// With the type that it is linkage to.
    Operand(Operand, Option<&'static str>),
}

/// Understands what stands in brackets.
struct Keys<'a> {
    scope: Scope<'a>,
    budget: &'a mut Budget,
    /// Which of the rows' own fields were found.
    named: Vec<&'static str>,
}

impl Keys<'_> {
    fn condition(&mut self, key: &str, word: Option<&str>, value: &str) -> Result<Option<Sql>, Problem> {
        let scope = self.scope;
        if word.is_none()
            && let Some((operand, blank)) = self.blankness(key)
        {
            let wanted = flag(value).ok_or_else(|| invalid("The value is `1` or `0`."))?;
            return Ok(Some(operand.blank(wanted == blank)));
        }
        match self.find(key)? {
            Keyed::Operand(operand, target) => condition(scope, &operand, target, word, value).map(Some),
            Keyed::Search(search) if word.is_none() => searched(scope.viewer, search, value),
            Keyed::Search(_) => Err(invalid(format!("`{key}` takes no operator."))),
        }
    }

    fn find(&mut self, key: &str) -> Result<Keyed, Problem> {
        if key.contains('.') {
            return expression::field(self.scope, key, self.budget).map(|operand| Keyed::Operand(operand, None));
        }
        let found = target(self.scope.entry, key)?;
        self.named.push(found.name());
        Ok(match found {
            Target::Search(search) => Keyed::Search(search),
            Target::Field(field) => Keyed::Operand(field.operand(self.scope.viewer), field.target),
        })
    }

    fn blankness(&mut self, key: &str) -> Option<(Operand, bool)> {
        let (name, blank) = match (key.strip_suffix("_blank"), key.strip_suffix("_present")) {
            (Some(name), _) => (name, true),
            (None, Some(name)) => (name, false),
            (None, None) => return None,
        };
        if find(self.scope.entry, key).is_some() {
            return None;
        }
        match self.find(name) {
            Ok(Keyed::Operand(operand, _)) => Some((operand, blank)),
            _ => None,
        }
    }
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
    let hint = suggest::hint(plain(key), entry.filter_keys());
    Problem::new(Code::FilterUnknown, format!("`{key}` is no filter of `{}`.{hint}", entry.kind))
}

fn searched(viewer: &Viewer, search: &Search, value: &str) -> Result<Option<Sql>, Problem> {
    (search.condition)(viewer, value).map_err(invalid)
}

/// `VALUE` or `OP:VALUE`; a prefix that is no operator belongs to the value.
fn condition(
    scope: Scope<'_>,
    operand: &Operand,
    target: Option<&'static str>,
    word: Option<&str>,
    value: &str,
) -> Result<Sql, Problem> {
    let (op, value) = match word {
        Some(word) => (op(word).ok_or_else(|| unknown_op(word))?, value),
        None => match value.split_once(':').and_then(|(word, rest)| Some((op(word)?, rest))) {
            Some(found) => found,
            None => (Op::Eq, value),
        },
    };
    match op {
        Op::In | Op::NotIn => operand.listed(op, &split(value)),
        Op::Pre | Op::Suf | Op::Ct | Op::NotCt => operand.like(op, value),
        Op::Eq => {
            let condition = operand.ordered(op, value)?;
            Ok(match seen(scope, target, value) {
                Some(seen) => Sql::all([seen, condition]),
                None => condition,
            })
        }
        _ => operand.ordered(op, value),
    }
}

/// Whether the viewer sees what linkage is compared with. It's said beforehand, and not only of each row, so that
/// nothing is looked for that can't be found.
fn seen(scope: Scope<'_>, target: Option<&'static str>, value: &str) -> Option<Sql> {
    let (target, id) = (scope.registry.find(target?)?, value.parse::<Id>().ok()?);
    let (source, visible) = (target.rows.source(scope.viewer), target.rows.visible(scope.viewer, Place::One));
    let which = (" AND ", target.id, " = ", id, ") = 1");
    Some(Sql::new(("(SELECT 1 FROM ", source, " WHERE ", Sql::any(visible), which)))
}

fn unknown_op(word: &str) -> Problem {
    let words: Vec<&str> = OPS.iter().map(|(name, _)| *name).collect();
    let hint = suggest::hint(word, words);
    Problem::new(Code::FilterUnknown, format!("`{word}` is no operator.{hint}"))
}

/// Splits at commas; `\,` and `\\` stand for the characters themselves.
fn split(list: &str) -> Vec<Cow<'_, str>> {
    if !list.contains('\\') {
        return list.split(',').map(Cow::Borrowed).collect();
    }
    let mut values = vec![String::new()];
    let mut characters = list.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = character == '\\' && matches!(characters.peek(), Some(',' | '\\'));
        let taken = if escaped { characters.next() } else { None };
        let Some(value) = values.last_mut() else { break };
        match (taken, character) {
            (Some(taken), _) => value.push(taken),
            (None, ',') => values.push(String::new()),
            (None, character) => value.push(character),
        }
    }
    values.into_iter().map(Cow::Owned).collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn lists_split_at_commas_that_are_not_escaped() {
        assert_eq!(split("a,b"), ["a", "b"]);
        assert_eq!(split(r"a\,b,c"), ["a,b", "c"]);
        assert_eq!(split(r"a\\,b"), [r"a\", "b"]);
        assert_eq!(split(r"a\b"), [r"a\b"]);
        assert_eq!(split(""), [""]);
        assert_eq!(split("a,"), ["a", ""]);
    }
}
