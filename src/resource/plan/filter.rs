//! `filter[created_at]=gt:2025-01-01T00:00:00Z`: conditions on attributes, relationships and searches.
//!
//! ```text
//! filter[KEY]=VALUE              the same as eq:VALUE
//! filter[KEY]=OP:VALUE           eq !eq gt gte lt lte pre suf ct !ct in !in
//! filter[KEY][OP]=VALUE          the same; VALUE is taken literally
//! filter[KEY][]=A&filter[KEY][]=B  the same as in:A,B
//! filter[KEY_blank]=1            null or "";  0 negates
//! filter[KEY_present]=1          the opposite
//! ```
//! Lists are comma-separated; `\,` and `\\` stand for the characters themselves. All conditions must hold.
//! null is never greater, less, or like anything, and is always other than a value: `!eq`, `!in`, `!ct` match it.

use super::{Context, Shape};
use crate::{
    db::{Id, Time},
    jsonapi::{
        error::{Code, ErrorObject},
        input::Kind,
        params::Param,
        suggest, text,
    },
    resource::{
        Place,
        describe::{Expr, Field, Search},
        registry::{Entry, ToOneInfo},
        sql::{Column, Sql},
        value::Bind,
        viewer::Viewer,
    },
};
use std::collections::BTreeMap;

/// The most values of a list.
const MOST_VALUES: usize = 500;

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

/// The names that `filter` mentions, without `_blank` and `_present`.
pub(super) fn named(params: &[Param]) -> Vec<String> {
    let filters = params.iter().filter(|param| param.base == "filter");
    filters.filter_map(|param| param.keys.first()).map(|key| plain(key).to_owned()).collect()
}

/// The names of filters that ask for one value.
pub(super) fn fixed(params: &[Param]) -> Vec<String> {
    let is_eq = |value: &str| value.split_once(':').and_then(|(word, _)| op(word)).is_none_or(|op| op == Op::Eq);
    let fixed = params.iter().filter(|param| param.base == "filter").filter_map(|param| match param.keys.as_slice() {
        [key] if is_eq(&param.value) && plain(key) == key => Some(key.clone()),
        [key, word] if op(word) == Some(Op::Eq) => Some(key.clone()),
        _ => None,
    });
    fixed.collect()
}

/// Whether a parameter asks for the rows that have this flag.
pub(super) fn is_true(param: &Param, name: &str) -> bool {
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

pub(super) fn parse(context: Context<'_>, params: &[Param], problems: &mut Vec<ErrorObject>) -> Vec<Sql> {
    if !matches!(context.shape, Shape::Collection(_)) {
        return Vec::new();
    }
    let mut conditions = Vec::new();
    let mut lists: BTreeMap<&str, (&Param, Vec<String>)> = BTreeMap::new();
    for param in params {
        let found = match (param.base.as_str(), param.keys.as_slice()) {
            ("filter", [key, index]) if index.is_empty() || index.bytes().all(|byte| byte.is_ascii_digit()) => {
                lists.entry(key).or_insert((param, Vec::new())).1.push(param.value.clone());
                continue;
            }
            ("filter", [key]) => keyed(context, key, None, &param.value),
            ("filter", [key, word]) => keyed(context, key, Some(word), &param.value),
            (name, []) => match search(context.entry, name, true) {
                Some(search) => searched(context.viewer, search, &param.value),
                None => continue,
            },
            _ => continue,
        };
        collect(found, param, &mut conditions, problems);
    }
    for (key, (param, values)) in lists {
        let found = target(context.entry, key).and_then(|target| match target {
            Target::Search(_) => Err(invalid(format!("`{key}` takes no list."))),
            Target::Field(target) => target.listed(context.viewer, Op::In, &values),
        });
        collect(found.map(Some), param, &mut conditions, problems);
    }
    conditions
}

fn collect(
    found: Result<Option<Sql>, Problem>,
    param: &Param,
    conditions: &mut Vec<Sql>,
    problems: &mut Vec<ErrorObject>,
) {
    match found {
        Ok(condition) => conditions.extend(condition),
        Err(Problem(code, detail)) => problems.push(ErrorObject::new(code, detail).parameter(&param.name)),
    }
}

struct Problem(Code, String);

fn invalid(detail: impl Into<String>) -> Problem {
    Problem(Code::FilterInvalid, detail.into())
}

fn keyed(context: Context<'_>, key: &str, word: Option<&str>, value: &str) -> Result<Option<Sql>, Problem> {
    match find(context.entry, key) {
        Some(Target::Field(field)) => field.compared(context, word, value).map(Some),
        Some(Target::Search(search)) if word.is_none() => searched(context.viewer, search, value),
        Some(Target::Search(_)) => Err(invalid(format!("`{key}` takes no operator."))),
        None => match (blankness(context.entry, key), word) {
            (Some((field, blank)), None) => field.blank(context.viewer, blank, value).map(Some),
            _ => Err(unknown(context.entry, key)),
        },
    }
}

/// What `filter[key]` compares.
enum Target {
    Field(Compared),
    Search(&'static Search),
}

/// A field or a to-one linkage, ready to be compared.
#[derive(Clone, Copy)]
struct Compared {
    name: &'static str,
    kind: Kind,
    expr: Expr,
    /// Has the value of `expr` wherever that isn't null.
    column: Option<Column>,
    /// The type that linkage leads to.
    target: Option<&'static str>,
    folded: Option<Expr>,
    folded_eq: bool,
}

impl Compared {
    fn field(field: &Field) -> Option<Self> {
        let expr = field.expr?;
        let (folded, folded_eq) = (field.folded, field.folded_eq);
        Some(Self { name: field.name, kind: field.kind, expr, column: None, target: None, folded, folded_eq })
    }

    fn id(expr: Expr) -> Self {
        Self { name: "id", kind: Kind::Uuid, expr, column: None, target: None, folded: None, folded_eq: false }
    }

    fn linkage(one: &ToOneInfo) -> Option<Self> {
        Some(Self { name: one.name, column: one.column, target: Some(one.target), ..Self::id(one.expr?) })
    }
}

fn target(entry: &Entry, key: &str) -> Result<Target, Problem> {
    find(entry, key).ok_or_else(|| unknown(entry, key))
}

/// Looks no further than the names: a word to suggest costs more than a whole plan.
fn find(entry: &Entry, key: &str) -> Option<Target> {
    if key == "id" {
        return Some(Target::Field(Compared::id(Expr::Column(entry.id))));
    }
    if let Some(search) = search(entry, key, false) {
        return Some(Target::Search(search));
    }
    let readable = entry.attributes.iter().filter(|attribute| attribute.readable).map(|attribute| &attribute.field);
    if let Some(found) = entry.filters.iter().chain(readable).find(|field| field.name == key) {
        return Compared::field(found).map(Target::Field);
    }
    let linkage = entry.to_one.iter().find(|one| one.name == key).and_then(Compared::linkage);
    linkage.map(Target::Field)
}

fn search(entry: &Entry, name: &str, parameter: bool) -> Option<&'static Search> {
    entry.searches.iter().find(|search| search.parameter == parameter && search.name == name)
}

fn unknown(entry: &Entry, key: &str) -> Problem {
    let attributes = entry.attributes.iter().filter(|attribute| attribute.readable).map(|attribute| attribute.field);
    let fields = attributes.chain(entry.filters.iter().copied()).filter(|field| field.expr.is_some());
    let searches = entry.searches.iter().filter(|search| !search.parameter).map(|search| search.name);
    let linkages = entry.to_one.iter().map(|one| one.name);
    let names = fields.map(|field| field.name).chain(searches).chain(linkages).chain(["id"]);
    let hint = suggest::hint(plain(key), names);
    Problem(Code::FilterUnknown, format!("`{key}` is no filter of `{}`.{hint}", entry.kind))
}

fn blankness(entry: &Entry, key: &str) -> Option<(Compared, bool)> {
    let (name, blank) = match (key.strip_suffix("_blank"), key.strip_suffix("_present")) {
        (Some(name), _) => (name, true),
        (None, Some(name)) => (name, false),
        (None, None) => return None,
    };
    match find(entry, name)? {
        Target::Field(field) => Some((field, blank)),
        Target::Search(_) => None,
    }
}

fn searched(viewer: &Viewer, search: &Search, value: &str) -> Result<Option<Sql>, Problem> {
    (search.condition)(viewer, value).map_err(invalid)
}

impl Compared {
    /// `VALUE` or `OP:VALUE`; a prefix that is no operator belongs to the value.
    fn compared(self, context: Context<'_>, word: Option<&str>, value: &str) -> Result<Sql, Problem> {
        let viewer = context.viewer;
        let (op, value) = match word {
            Some(word) => (op(word).ok_or_else(|| unknown_op(word))?, value),
            None => match value.split_once(':').and_then(|(word, rest)| Some((op(word)?, rest))) {
                Some(found) => found,
                None => (Op::Eq, value),
            },
        };
        match op {
            Op::In | Op::NotIn => self.listed(viewer, op, &split(value)),
            Op::Pre | Op::Suf | Op::Ct | Op::NotCt => self.like(viewer, op, value),
            Op::Eq => {
                let condition = self.ordered(viewer, op, value)?;
                Ok(match self.seen(context, value) {
                    Some(seen) => Sql::all([seen, condition]),
                    None => condition,
                })
            }
            _ => self.ordered(viewer, op, value),
        }
    }

    /// Whether the viewer sees what linkage is compared with. It's said beforehand, and not only of each row, so that
    /// nothing is looked for that can't be found.
    fn seen(self, context: Context<'_>, value: &str) -> Option<Sql> {
        let (target, id) = (context.registry.find(self.target?)?, value.parse::<Id>().ok()?);
        let select = target.select(context.viewer, Place::One);
        let seen = Sql::new("(SELECT 1 FROM ").then(select.source).then(" WHERE ").then(Sql::any(select.visible));
        Some(seen.then(" AND ").then(target.id).then(" = ").then(id).then(") = 1"))
    }

    fn ordered(self, viewer: &Viewer, op: Op, value: &str) -> Result<Sql, Problem> {
        let exact = matches!(op, Op::Eq | Op::NotEq) && !self.folded_eq;
        let (expr, value) = match self.folded {
            Some(folded) if !exact => (folded, Bind::Text(text::fold(value))),
            _ => (self.expr, self.value(value)?),
        };
        let expr = expr.sql(viewer);
        let compare = |by: &'static str| Sql::new("(").then(&expr).then(by).then(value.clone()).then(")");
        Ok(match op {
            // The bare condition is one that an index can serve.
            Op::Eq if value == Bind::Bool(true) => expr,
            Op::Eq => self.found(compare(" = "), Sql::new("= ").then(value.clone())),
            Op::NotEq => Sql::any([compare(" <> "), is_null(&expr)]),
            Op::Gt => compare(" > "),
            Op::Gte => compare(" >= "),
            Op::Lt => compare(" < "),
            _ => compare(" <= "),
        })
    }

    fn like(self, viewer: &Viewer, op: Op, value: &str) -> Result<Sql, Problem> {
        if !matches!(self.kind, Kind::Text | Kind::Email | Kind::Uri | Kind::OneOf(_)) {
            return Err(invalid(format!("`{}` is no text: it can't be searched in.", self.name)));
        }
        // URIs and words are ASCII in practice: their case is folded by the database itself.
        let (expr, folded) = match self.folded {
            Some(folded) => (folded.sql(viewer), text::fold(value)),
            None => (Sql::new("lower(").then(self.expr.sql(viewer)).then(")"), value.to_ascii_lowercase()),
        };
        let literal = literal(&folded);
        let pattern = match op {
            Op::Pre => format!("{literal}%"),
            Op::Suf => format!("%{literal}"),
            _ => format!("%{literal}%"),
        };
        let condition = |by: &'static str| {
            Sql::new("(").then(&expr).then(by).then(Bind::Text(pattern.clone())).then(" ESCAPE '\\')")
        };
        Ok(match op {
            Op::NotCt => Sql::any([condition(" NOT LIKE "), is_null(&expr)]),
            _ => condition(" LIKE "),
        })
    }

    fn listed(self, viewer: &Viewer, op: Op, values: &[String]) -> Result<Sql, Problem> {
        if values.len() > MOST_VALUES {
            return Err(invalid(format!("A list has at most {MOST_VALUES} values.")));
        }
        let folds = self.folded.filter(|_| self.folded_eq);
        let expr = folds.unwrap_or(self.expr).sql(viewer);
        let bind = |value: &String| match folds {
            Some(_) => Ok(Bind::Text(text::fold(value))),
            None => self.value(value),
        };
        let list = values.iter().map(bind).collect::<Result<Vec<Bind>, Problem>>()?;
        let list = Sql::list(list);
        let compare = |by: &'static str| Sql::new("(").then(&expr).then(by).then(&list).then(")");
        Ok(match op {
            Op::NotIn => Sql::any([compare(" NOT IN "), is_null(&expr)]),
            _ => self.found(compare(" IN "), Sql::new("IN ").then(&list)),
        })
    }

    /// The condition, and the same for the column, in whose index the rows are found.
    fn found(self, condition: Sql, compared: Sql) -> Sql {
        match self.column {
            Some(column) => Sql::all([Sql::new(column).then(" ").then(compared), condition]),
            None => condition,
        }
    }

    fn blank(self, viewer: &Viewer, blank: bool, value: &str) -> Result<Sql, Problem> {
        let wanted = flag(value).ok_or_else(|| invalid("The value is `1` or `0`."))?;
        let expr = self.expr.sql(viewer);
        let is_text = matches!(self.kind, Kind::Text | Kind::Email | Kind::Uri);
        let empty = is_text.then(|| Sql::new("(").then(&expr).then(" = '')"));
        let condition = Sql::any([is_null(&expr)].into_iter().chain(empty));
        // "x IS NULL OR x = ''" is never null itself, so that NOT is its exact opposite.
        Ok(if wanted == blank { condition } else { Sql::new("(NOT coalesce(").then(condition).then(", 1 = 0))") })
    }

    fn value(self, value: &str) -> Result<Bind, Problem> {
        let wrong = |what: &str| invalid(format!("`{value}` is no {what}."));
        match self.kind {
            Kind::Uuid => value.parse::<Id>().map(Bind::Id).map_err(|_| wrong("UUID")),
            Kind::Instant => Time::parse(value).map(Bind::Time).ok_or_else(|| wrong("instant as in RFC 3339")),
            Kind::Bool => flag(value).map(Bind::Bool).ok_or_else(|| wrong("`true` or `false`")),
            Kind::Integer => value.parse().map(Bind::Int).map_err(|_| wrong("whole number")),
            Kind::OneOf(words) if !words.contains(&value) => {
                Err(invalid(format!("`{value}` is none of `{}`.", words.join("`, `"))))
            }
            _ => Ok(Bind::Text(value.to_owned())),
        }
    }
}

fn unknown_op(word: &str) -> Problem {
    let words: Vec<&str> = OPS.iter().map(|(name, _)| *name).collect();
    let hint = suggest::hint(word, words);
    Problem(Code::FilterUnknown, format!("`{word}` is no operator.{hint}"))
}

fn is_null(expr: &Sql) -> Sql {
    Sql::new("(").then(expr).then(" IS NULL)")
}

fn flag(value: &str) -> Option<bool> {
    match value {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// Takes `%`, `_` and `\` for themselves.
pub fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal
}

/// Splits at commas; `\,` and `\\` stand for the characters themselves.
fn split(list: &str) -> Vec<String> {
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
    values
}

#[cfg(test)]
mod tests {
    use super::{literal, split};

    #[test]
    fn lists_split_at_commas_that_are_not_escaped() {
        assert_eq!(split("a,b"), ["a", "b"]);
        assert_eq!(split(r"a\,b,c"), ["a,b", "c"]);
        assert_eq!(split(r"a\\,b"), [r"a\", "b"]);
        assert_eq!(split(r"a\b"), [r"a\b"]);
        assert_eq!(split(""), [""]);
        assert_eq!(split("a,"), ["a", ""]);
    }

    #[test]
    fn wildcards_are_literals() {
        assert_eq!(literal(r"50%_\a"), r"50\%\_\\a");
    }
}
