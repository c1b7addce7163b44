//! Keys in brackets, and the values that they are compared with: `filter[KEY][OP]=VALUE`, `filter[KEY]=OP:VALUE`.

use super::{
    Budget, OPS, Op, Problem, Scope, Target, expression, find, invalid, op,
    operand::{Operand, flag},
    searched, unknown,
};
use crate::{
    db::Id,
    jsonapi::{error::Code, params, suggest},
    resource::{Place, Spared, describe::Search, sql::Sql},
};
use std::borrow::Cow;

/// What a key in brackets stands for.
pub(super) enum Keyed {
    Search(&'static Search),
    /// With the type that it is linkage to.
    Operand(Operand, Option<&'static str>),
}

/// Understands what stands in brackets.
pub(super) struct Keys<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) budget: &'a mut Budget,
    /// Which of the rows' own fields were found.
    pub(super) named: Vec<&'static str>,
}

impl Keys<'_> {
    pub(super) fn condition(&mut self, key: &str, word: Option<&str>, value: &str) -> Result<Option<Sql>, Problem> {
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

    pub(super) fn find(&mut self, key: &str) -> Result<Keyed, Problem> {
        let Some(found) = find(self.scope.entry, key) else {
            return if key.contains('.') {
                expression::field(self.scope, key, self.budget).map(|operand| Keyed::Operand(operand, None))
            } else {
                Err(unknown(self.scope.entry, key))
            };
        };
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

/// `VALUE` or `OP:VALUE`; a prefix that is no operator belongs to the value.
fn condition(
    scope: Scope<'_>,
    operand: &Operand,
    target: Option<&'static str>,
    word: Option<&str>,
    value: &str,
) -> Result<Sql, Problem> {
    let Some(word) = word else {
        let (prefix, rest) = value.split_once(':').unwrap_or(("", value));
        return match op(prefix) {
            Some(op) => compared(scope, operand, target, (op, rest)),
            None => compared(scope, operand, target, (Op::Eq, value)).map_err(|problem| problem.with(op_hint(prefix))),
        };
    };
    let op = op(word).ok_or_else(|| unknown_op(word))?;
    compared(scope, operand, target, (op, value))
}

fn compared(
    scope: Scope<'_>,
    operand: &Operand,
    target: Option<&'static str>,
    (op, value): (Op, &str),
) -> Result<Sql, Problem> {
    match op {
        Op::In | Op::NotIn => operand.listed(op, &split(value)),
        Op::Pre | Op::Suf | Op::Ct | Op::NotCt => operand.like(op, value),
        Op::Eq => {
            let condition = operand.ordered(op, value)?;
            Ok(match seen(scope, target, value) {
                Some(seen) => Sql::new(("(", seen, " AND ", condition, ")")),
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
    let (source, visible) =
        (target.rows.source(scope.viewer, Spared::default()), target.rows.visible(scope.viewer, Place::One));
    let which = (" AND ", target.id, " = ", id, ") = 1");
    Some(Sql::new(("(SELECT 1 FROM ", source, " WHERE ", Sql::any(visible), which)))
}

fn unknown_op(word: &str) -> Problem {
    let (words, hint) = (OPS.map(|(name, _)| name).join("`, `"), op_hint(word));
    Problem::new(Code::FilterUnknown, format!("`{word}` is no operator; there are `{words}`.{hint}"))
}

fn op_hint(word: &str) -> String {
    suggest::hint(word, OPS.iter().map(|(name, _)| *name))
}

/// Splits at commas; `\,` and `\\` stand for the characters themselves.
fn split(list: &str) -> Vec<Cow<'_, str>> {
    if !list.contains('\\') {
        return params::split(b',', list).map(Cow::Borrowed).collect();
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
