//! What a filter compares, and the conditions that come of it.
//!
//! null is never equal to, greater, less or like anything, and is always other than a value: `!eq`, `!in`, `!ct` match
//! it. Order and search compare the folded form of what people write; equality is exact, but for e-mail addresses.

use super::{Op, Problem, invalid};
use crate::{
    db::{Id, Time},
    jsonapi::{input::Kind, suggest, text},
    resource::{
        describe::{Expr, Field},
        registry::ToOneInfo,
        sql::{Column, Piece, Sql},
        value::Bind,
        viewer::Viewer,
    },
};

/// The most values of a list.
const MOST_VALUES: usize = 500;

/// A field or a to-one linkage, as its resource describes it.
#[derive(Clone, Copy)]
pub(super) struct Compared {
    pub(super) name: &'static str,
    kind: Kind,
    expr: Expr,
    /// Has the value of `expr` wherever that isn't null.
    column: Option<Column>,
    /// The type that linkage leads to.
    pub(super) target: Option<&'static str>,
    folded: Option<Expr>,
    folded_eq: bool,
}

impl Compared {
    pub(super) fn field(field: &Field) -> Option<Self> {
        let expr = field.expr?;
        let (folded, folded_eq) = (field.folded, field.folded_eq);
        Some(Self { name: field.name, kind: field.kind, expr, column: None, target: None, folded, folded_eq })
    }

    pub(super) fn id(expr: Expr) -> Self {
        Self { name: "id", kind: Kind::Uuid, expr, column: None, target: None, folded: None, folded_eq: false }
    }

    pub(super) fn linkage(one: &ToOneInfo) -> Option<Self> {
        Some(Self { name: one.name, column: one.column, target: Some(one.target), ..Self::id(one.expr?) })
    }

    /// The same as a piece of a statement for this viewer.
    pub(super) fn operand(self, viewer: &Viewer) -> Operand {
        Operand {
            name: self.name,
            kind: self.kind,
            raw: self.expr.sql(viewer),
            folded: self.folded.map(|folded| folded.sql(viewer)),
            folded_eq: self.folded_eq,
            column: self.column,
        }
    }
}

/// Something with a value in every row, or null.
pub(super) struct Operand {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) raw: Sql,
    pub(super) folded: Option<Sql>,
    pub(super) folded_eq: bool,
    pub(super) column: Option<Column>,
}

impl Operand {
    /// A number that is computed.
    pub(super) fn number(name: &'static str, raw: Sql) -> Self {
        Self { name, kind: Kind::Integer, raw, folded: None, folded_eq: false, column: None }
    }

    /// The operand where `wrap` puts it, e.g. behind a relationship.
    pub(super) fn wrapped(self, wrap: impl Fn(Sql) -> Sql) -> Self {
        Self { raw: wrap(self.raw), folded: self.folded.map(wrap), column: None, ..self }
    }

    /// Compares with a value.
    pub(super) fn ordered(&self, op: Op, value: &str) -> Result<Sql, Problem> {
        let exact = matches!(op, Op::Eq | Op::NotEq) && !self.folded_eq;
        let (expr, value) = match &self.folded {
            Some(folded) if !exact => (folded, Bind::Text(text::fold(value))),
            _ => (&self.raw, self.value(value)?),
        };
        Ok(match op {
            // The bare condition is one that an index can serve.
            Op::Eq if value == Bind::Bool(true) => expr.clone(),
            Op::Eq => self.found(expr, " = ", value),
            Op::NotEq => Sql::new(("(", expr, " <> ", value, or_null(expr))),
            _ => Sql::new(("(", expr, sign(op), value, ")")),
        })
    }

    /// Compares with what another operand is in the same row.
    pub(super) fn beside<'a>(&'a self, op: Op, other: &'a Self) -> Result<Sql, Problem> {
        if matches!(op, Op::Pre | Op::Suf | Op::Ct | Op::NotCt) {
            return Err(invalid("Only a text in quotes can be searched for."));
        }
        if class(self.kind) != class(other.kind) {
            let (one, two) = (self.name, other.name);
            return Err(invalid(format!("`{one}` and `{two}` are of different types: they can't be compared.")));
        }
        let exact = matches!(op, Op::Eq | Op::NotEq) && !self.folded_eq && !other.folded_eq;
        let form = |operand: &'a Self| match &operand.folded {
            Some(folded) if !exact => folded,
            _ => &operand.raw,
        };
        let compared = ("(", form(self), sign(op), form(other), ")");
        Ok(if op == Op::NotEq { negated(compared) } else { Sql::new(compared) })
    }

    /// Looks for a text in it.
    pub(super) fn like(&self, op: Op, value: &str) -> Result<Sql, Problem> {
        if class(self.kind) != Class::Text {
            return Err(invalid(format!("`{}` is no text: it can't be searched in.", self.name)));
        }
        // URIs and words are ASCII in practice: their case is folded by the database itself.
        let (expr, folded) = match &self.folded {
            Some(folded) => (("", folded, ""), text::fold(value)),
            None => (("lower(", &self.raw, ")"), value.to_ascii_lowercase()),
        };
        let literal = literal(&folded);
        let pattern = Bind::Text(match op {
            Op::Pre => [&literal, "%"].concat(),
            Op::Suf => ["%", &literal].concat(),
            _ => ["%", &literal, "%"].concat(),
        });
        Ok(match op {
            Op::NotCt => Sql::new(("(", expr, " NOT LIKE ", pattern, (" ESCAPE '\\'", or_null(expr)))),
            _ => Sql::new(("(", expr, " LIKE ", pattern, " ESCAPE '\\')")),
        })
    }

    /// Looks for it in a list.
    pub(super) fn listed<T: AsRef<str>>(&self, op: Op, values: &[T]) -> Result<Sql, Problem> {
        if values.len() > MOST_VALUES {
            return Err(invalid(format!("A list has at most {MOST_VALUES} values.")));
        }
        let folds = self.folded.as_ref().filter(|_| self.folded_eq);
        let expr = folds.unwrap_or(&self.raw);
        let bind = |value: &T| match folds {
            Some(_) => Ok(Bind::Text(text::fold(value.as_ref()))),
            None => self.value(value.as_ref()),
        };
        let list = values.iter().map(bind).collect::<Result<Vec<Bind>, Problem>>()?;
        let list = Sql::list(list);
        Ok(match op {
            Op::NotIn => Sql::new(("(", expr, " NOT IN ", list, or_null(expr))),
            _ => self.found(expr, " IN ", list),
        })
    }

    /// The condition, and the same for the column, in whose index the rows are found.
    fn found(&self, expr: &Sql, by: &'static str, value: impl Piece + Clone) -> Sql {
        let of_column = self.column.map(|column| (column, by, value.clone(), " AND "));
        Sql::new(("(", of_column, expr, by, (value, ")")))
    }

    /// Whether it is null.
    pub(super) fn null(&self, is: bool) -> Sql {
        Sql::new(("(", &self.raw, if is { " IS NULL)" } else { " IS NOT NULL)" }))
    }

    /// Whether it is null or an empty text.
    pub(super) fn blank(&self, blank: bool) -> Sql {
        let is_text = matches!(self.kind, Kind::Text | Kind::Email | Kind::Uri);
        let empty = is_text.then_some((" OR ", &self.raw, " = ''"));
        let condition = ("(", &self.raw, " IS NULL", empty, ")");
        if blank { Sql::new(condition) } else { negated(condition) }
    }

    fn value(&self, value: &str) -> Result<Bind, Problem> {
        let wrong = |what: &str| invalid(format!("`{value}` is no {what}."));
        match self.kind {
            Kind::Uuid => value.parse::<Id>().map(Bind::Id).map_err(|_| wrong("UUID")),
            Kind::Instant => {
                let parsed = Time::parse(value).map(Bind::Time);
                parsed.ok_or_else(|| wrong("instant as in RFC 3339").with(instant_meant(value)))
            }
            Kind::Bool => flag(value).map(Bind::Bool).ok_or_else(|| wrong("`true` or `false`")),
            Kind::Integer => value.parse().map(Bind::Int).map_err(|_| wrong("whole number")),
            Kind::OneOf(words) if !words.contains(&value) => {
                let hint = suggest::hint(value, words.iter().copied());
                Err(invalid(format!("`{value}` is none of `{}`.{hint}", words.join("`, `"))))
            }
            _ => Ok(Bind::Text(value.to_owned())),
        }
    }
}

/// What a `+` that a URL made a space of was to be, and the beginning of a day that has no time.
fn instant_meant(value: &str) -> String {
    let meant = [value.replace(' ', "+"), format!("{value}T00:00:00Z")];
    let meant = meant.iter().find(|meant| Time::parse(meant).is_some());
    meant.map(|meant| suggest::said(meant.replace('+', "%2B"))).unwrap_or_default()
}

/// Kinds of one class can be compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Text,
    Id,
    Instant,
    Bool,
    Number,
    Object,
}

pub(super) fn class(kind: Kind) -> Class {
    match kind {
        Kind::Text | Kind::Email | Kind::Uri | Kind::OneOf(_) => Class::Text,
        Kind::Uuid => Class::Id,
        Kind::Instant => Class::Instant,
        Kind::Bool => Class::Bool,
        Kind::Integer => Class::Number,
        Kind::Object => Class::Object,
    }
}

fn sign(op: Op) -> &'static str {
    match op {
        Op::Gt => " > ",
        Op::Gte => " >= ",
        Op::Lt => " < ",
        Op::Lte => " <= ",
        _ => " = ",
    }
}

/// The exact opposite: what is null counts as false, so that either a condition holds or its negation.
pub(super) fn negated(condition: impl Piece) -> Sql {
    Sql::new(("(NOT coalesce(", condition, ", 1 = 0))"))
}

/// The end of a condition that holds for null as well.
fn or_null(expr: impl Piece) -> impl Piece {
    (" OR ", expr, " IS NULL)")
}

pub(super) fn flag(value: &str) -> Option<bool> {
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

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn wildcards_are_literals() {
        assert_eq!(literal(r"50%_\a"), r"50\%\_\\a");
    }
}
