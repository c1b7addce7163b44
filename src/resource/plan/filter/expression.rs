//! `filter=and(eq(status,'active'),any(members,pre(name,'jo')))`: conditions of any shape, made into SQL.
//!
//! Names become what the resources say of them, with their types; every problem is reported with its place. A step along
//! a relationship is a subquery that the type it leads to has its `visible` in, so that what the viewer can't see
//! counts neither for a condition nor against it. No condition is null in the end: `not` is the exact opposite.
//!
//! ```text
//! author.name            (SELECT users.name FROM (SELECT messages.author_id AS id) AS up CROSS JOIN users
//!                          WHERE users.id = up.id AND visible)
//! any(members,…)         EXISTS (SELECT 1 FROM (SELECT chats.id AS id) AS up CROSS JOIN users JOIN … AS edge
//!                          WHERE edge.chat_id = up.id AND visible AND …)
//! ```
//! `up` carries an id into a scope in which the names of tables mean other rows.

use super::{
    Op, Problem, Target, invalid,
    operand::{Compared, Operand, negated},
    syntax::{self, Literal, MOST_NODES, Node, Path, Quantifier, Written},
    target,
};
use crate::{
    jsonapi::{error::Code, input::Kind, suggest},
    resource::{
        Place,
        describe::Expr,
        plan::include::DEPTH,
        registry::{Entry, Registry, ToManyInfo, ToOneInfo},
        sql::Sql,
        value::Bind,
        viewer::Viewer,
    },
};

/// What the conditions of a request may cost: about the related rows that are looked at for one row of a list.
const MOST_COST: u64 = 256;
/// The rows that a to-many relationship is taken to have.
const MANY: u64 = 10;
/// The greatest number that `count` is compared with.
const MOST_COUNTED: i64 = 10_000;

/// What is left of the bounds of a request.
pub(in crate::resource::plan) struct Budget {
    nodes: usize,
    cost: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { nodes: MOST_NODES, cost: MOST_COST }
    }
}

/// The type that names belong to, and who asks.
#[derive(Clone, Copy)]
pub(in crate::resource::plan) struct Scope<'a> {
    pub(in crate::resource::plan) registry: &'a Registry,
    pub(in crate::resource::plan) viewer: &'a Viewer,
    pub(in crate::resource::plan) entry: &'a Entry,
}

/// An expression, understood.
pub(super) struct Understood {
    /// The condition.
    pub(super) condition: Sql,
    /// What it says of the rows themselves, by name.
    pub(super) named: Vec<&'static str>,
}

pub(super) fn understand(scope: Scope<'_>, text: &str, budget: &mut Budget) -> Result<Understood, Vec<Problem>> {
    let in_characters = |problem: Problem| {
        let at = problem.at.map(|at| text[..at].chars().count());
        Problem { at, ..problem }
    };
    let node = syntax::parse(text, &mut budget.nodes).map_err(|problem| vec![in_characters(problem)])?;
    let mut binder = Binder::new(budget);
    let condition = binder.condition(scope, &node);
    if binder.problems.is_empty() {
        return Ok(Understood { condition, named: binder.named });
    }
    Err(binder.problems.into_iter().map(in_characters).collect())
}

/// What a path in brackets leads to.
pub(super) fn field(scope: Scope<'_>, key: &str, budget: &mut Budget) -> Result<Operand, Problem> {
    let found = Binder::new(budget).field(scope, Path { text: key, at: 0 });
    found.map_err(|problem| Problem { at: None, ..problem })
}

struct Binder<'b> {
    budget: &'b mut Budget,
    /// How many rows the condition is looked at for, for one row of the list.
    weight: u64,
    /// Quantifiers around.
    level: usize,
    named: Vec<&'static str>,
    problems: Vec<Problem>,
}

type Step<'a> = (&'a ToOneInfo, &'a Entry);

impl<'b> Binder<'b> {
    fn new(budget: &'b mut Budget) -> Self {
        Self { budget, weight: 1, level: 0, named: Vec::new(), problems: Vec::new() }
    }

    fn condition(&mut self, scope: Scope<'_>, node: &Node<'_>) -> Sql {
        match node {
            Node::All(all) => Sql::all(all.iter().map(|node| self.condition(scope, node)).collect::<Vec<_>>()),
            Node::Any(any) => Sql::any(any.iter().map(|node| self.condition(scope, node)).collect::<Vec<_>>()),
            Node::Not(node) => negated(self.condition(scope, node)),
            Node::Blank { path, blank } => {
                let found = self.field(scope, *path).map(|operand| operand.blank(*blank));
                self.kept(found)
            }
            Node::Listed { op, left, values } => {
                let found = self.field(scope, *left).and_then(|operand| listed(&operand, *op, values));
                self.kept(found)
            }
            Node::Compared { op, left, right } => {
                let found = self.compared(scope, *op, left, right);
                self.kept(found)
            }
            Node::Related { how, path, condition } => {
                let found = self.related(scope, *how, *path, condition.as_deref());
                self.kept(found)
            }
        }
    }

    fn kept(&mut self, found: Result<Sql, Problem>) -> Sql {
        found.unwrap_or_else(|problem| {
            self.problems.push(problem);
            Sql::default()
        })
    }

    fn compared(
        &mut self,
        scope: Scope<'_>,
        op: Op,
        left: &syntax::Operand<'_>,
        right: &syntax::Operand<'_>,
    ) -> Result<Sql, Problem> {
        use syntax::Operand as Side;
        match (left, right) {
            (Side::Literal(literal), _) => {
                Err(invalid("A comparison begins with a field or a count.").moved(literal.at))
            }
            (Side::Count(path, condition), Side::Literal(literal)) => {
                let most = counted(literal)?;
                let count = self.count(scope, *path, condition.as_deref(), most)?;
                with_literal(&count, op, literal)
            }
            (Side::Count(path, _), _) | (_, Side::Count(path, _)) => {
                Err(invalid("A count comes first, and is compared with a number.").moved(path.at))
            }
            (Side::Path(path), Side::Literal(literal)) => with_literal(&self.field(scope, *path)?, op, literal),
            (Side::Path(one), Side::Path(other)) => {
                let (one, two) = (self.field(scope, *one)?, self.field(scope, *other)?);
                one.beside(op, &two).map_err(|problem| problem.moved(other.at))
            }
        }
    }

    /// What a path leads to, as a value that is null where the viewer can't see it.
    fn field(&mut self, scope: Scope<'_>, path: Path<'_>) -> Result<Operand, Problem> {
        let (mut steps, last) = self.steps(scope, path)?;
        let end = steps.last().map_or(scope.entry, |(_, entry)| entry);
        let leaf = match target(end, last).map_err(|problem| problem.moved(path.at))? {
            Target::Field(field) => field,
            Target::Search(_) => return Err(invalid(format!("`{last}` can't be compared.")).moved(path.at)),
        };
        let is_own = steps.is_empty() && self.level == 0;
        // Linkage is worth what it leads to: null where the viewer can't see that.
        let linked = leaf.target.and_then(|_| end.to_one.iter().find(|one| one.name == last));
        let leaf = match linked {
            Some(one) => {
                let entry = find(scope.registry, one.target)?;
                steps.push((one, entry));
                Operand { name: one.name, ..Compared::id(Expr::Column(entry.id)).operand(scope.viewer) }
            }
            None => leaf.operand(scope.viewer),
        };
        self.named.extend(is_own.then_some(leaf.name));
        self.pay(steps.len() as u64, path)?;
        let viewer = scope.viewer;
        Ok(steps
            .iter()
            .rev()
            .fold(leaf, |inner, step| inner.wrapped(|sql| behind(viewer, *step, "(SELECT ", sql, None))))
    }

    fn related(
        &mut self,
        scope: Scope<'_>,
        how: Quantifier,
        path: Path<'_>,
        condition: Option<&Node<'_>>,
    ) -> Result<Sql, Problem> {
        let exists = |rows: Sql| Sql::new("EXISTS (SELECT 1").then(rows).then(")");
        match how {
            Quantifier::Some => self.rows(scope, path, condition, |sql| sql, exists),
            Quantifier::Every => {
                // Where a step leads nowhere there is nothing that could fail the condition.
                Ok(negated(self.rows(scope, path, condition, negated, exists)?))
            }
        }
    }

    /// How many rows, counted no further than it matters.
    fn count(
        &mut self,
        scope: Scope<'_>,
        path: Path<'_>,
        condition: Option<&Node<'_>>,
        most: i64,
    ) -> Result<Operand, Problem> {
        let (steps, last) = self.steps(scope, path)?;
        let end = steps.last().map_or(scope.entry, |(_, entry)| entry);
        if end.to_many.iter().all(|many| many.name != last) {
            return Err(not_many(end, last).moved(path.at));
        }
        let count = |rows: Sql| {
            let limited = Sql::new("(SELECT count(*) FROM (SELECT 1").then(rows).then(" LIMIT 0 + ");
            limited.then(Bind::Int(most + 1)).then(") AS counted)")
        };
        let found = self.rows(scope, path, condition, |sql| sql, count)?;
        Ok(Operand::number("count", Sql::new("coalesce(").then(found).then(", 0)")))
    }

    /// `whole(FROM … WHERE …)` of the related rows that meet a condition.
    fn rows(
        &mut self,
        scope: Scope<'_>,
        path: Path<'_>,
        condition: Option<&Node<'_>>,
        turn: fn(Sql) -> Sql,
        whole: impl Fn(Sql) -> Sql,
    ) -> Result<Sql, Problem> {
        let (steps, last) = self.steps(scope, path)?;
        let from = steps.last().map_or(scope.entry, |(_, entry)| entry);
        let viewer = scope.viewer;
        let one = from.to_one.iter().find(|one| one.name == last && one.expr.is_some());
        let many = from.to_many.iter().find(|many| many.name == last);
        let (kind, weight) = match (one, many) {
            (Some(one), _) => (one.target, 1),
            (None, Some(many)) if many.includable => (many.target, MANY),
            (None, Some(_)) => {
                let detail =
                    format!("`{last}` of `{}` has no bounds, so that nothing can be said of all of it.", from.kind);
                return Err(invalid(detail).moved(path.at));
            }
            (None, None) => return Err(no_relationship(from, last).moved(path.at)),
        };
        let entry = find(scope.registry, kind)?;
        self.pay(steps.len() as u64 + weight, path)?;
        let inner = condition.map(|node| turn(self.within(Scope { entry, ..scope }, weight, node)));
        let rows = match (one, many) {
            (Some(one), _) => one_row(viewer, (one, entry), inner),
            (None, Some(many)) => many_rows(viewer, from, many, entry, inner),
            (None, None) => Sql::default(),
        };
        Ok(steps.iter().rev().fold(whole(rows), |inner, step| behind(viewer, *step, "(SELECT ", inner, None)))
    }

    fn within(&mut self, scope: Scope<'_>, weight: u64, node: &Node<'_>) -> Sql {
        self.weight = self.weight.saturating_mul(weight);
        self.level += 1;
        let condition = self.condition(scope, node);
        self.level -= 1;
        self.weight /= weight;
        condition
    }

    /// The to-one steps of a path, and its last name.
    fn steps<'a, 'p>(&mut self, scope: Scope<'a>, path: Path<'p>) -> Result<(Vec<Step<'a>>, &'p str), Problem> {
        let mut steps = Vec::new();
        let (mut entry, mut rest) = (scope.entry, path.text);
        while let Some((name, behind)) = rest.split_once('.') {
            let found = entry.to_one.iter().find(|one| one.name == name && one.expr.is_some());
            let one = found.ok_or_else(|| no_step(entry, name).moved(path.at))?;
            entry = find(scope.registry, one.target)?;
            steps.push((one, entry));
            rest = behind;
        }
        if steps.len() > DEPTH {
            return Err(invalid(format!("A path has at most {DEPTH} steps.")).moved(path.at));
        }
        Ok((steps, rest))
    }

    fn pay(&mut self, rows: u64, path: Path<'_>) -> Result<(), Problem> {
        let cost = rows.saturating_mul(self.weight);
        if cost > self.budget.cost {
            let detail = "The expressions of this request look at too many related resources.";
            return Err(invalid(detail).moved(path.at).limited(MOST_COST));
        }
        self.budget.cost -= cost;
        Ok(())
    }
}

/// `inner` as seen from the other end of a to-one relationship: null, or no row, where the viewer can't see that.
fn behind(viewer: &Viewer, step: Step<'_>, select: &'static str, inner: Sql, condition: Option<Sql>) -> Sql {
    Sql::new(select).then(inner).then(one_row(viewer, step, condition)).then(")")
}

fn one_row(viewer: &Viewer, (one, entry): Step<'_>, condition: Option<Sql>) -> Sql {
    let id = one.expr.map(|expr| expr.sql(viewer)).unwrap_or_default();
    let select = entry.select(viewer, Place::One);
    let rows = Sql::new(" FROM (SELECT ").then(id).then(" AS id) AS up CROSS JOIN ").then(select.source);
    let rows = rows.then(" WHERE ").then(entry.id).then(" = up.id AND ").then(Sql::any(select.visible));
    condition.into_iter().fold(rows, |rows, condition| rows.then(" AND ").then(condition))
}

fn many_rows(viewer: &Viewer, from: &Entry, many: &ToManyInfo, entry: &Entry, condition: Option<Sql>) -> Sql {
    let select = entry.select(viewer, Place::Many);
    let rows = Sql::new(" FROM (SELECT ").then(from.id).then(" AS id) AS up CROSS JOIN ").then(select.source);
    let rows = rows.then(" ").then(many.edge.join).then(" WHERE ").then(many.edge.parent).then(" = up.id AND ");
    let rows = rows.then(Sql::any(select.visible));
    condition.into_iter().fold(rows, |rows, condition| rows.then(" AND ").then(condition))
}

fn listed(operand: &Operand, op: Op, values: &[Literal<'_>]) -> Result<Sql, Problem> {
    for value in values {
        fits(operand, value)?;
    }
    let texts: Vec<&str> = values.iter().map(|value| &*value.text).collect();
    let at = values.first().map_or(0, |value| value.at);
    operand.listed(op, &texts).map_err(|problem| problem.moved(at))
}

fn with_literal(operand: &Operand, op: Op, literal: &Literal<'_>) -> Result<Sql, Problem> {
    if literal.written == Written::Null {
        return match op {
            Op::Eq | Op::NotEq => Ok(operand.null(op == Op::Eq)),
            _ => Err(invalid("Nothing is greater, less or like null.").moved(literal.at)),
        };
    }
    fits(operand, literal)?;
    let condition = match op {
        Op::Pre | Op::Suf | Op::Ct | Op::NotCt => operand.like(op, &literal.text),
        _ => operand.ordered(op, &literal.text),
    };
    condition.map_err(|problem| problem.moved(literal.at))
}

/// A value is written as its type is: `'3'` is a text, `3` is a number.
fn fits(operand: &Operand, literal: &Literal<'_>) -> Result<(), Problem> {
    let wanted = match operand.kind {
        Kind::Bool => Written::Bool,
        Kind::Integer => Written::Number,
        _ => Written::Quoted,
    };
    if literal.written == wanted {
        return Ok(());
    }
    let name = operand.name;
    let detail = match wanted {
        Written::Bool => format!("`{name}` is compared with `true` or `false`."),
        Written::Number => format!("`{name}` is compared with a whole number without quotes."),
        _ => format!("`{name}` is compared with a text in single quotes."),
    };
    Err(invalid(detail).moved(literal.at))
}

fn counted(literal: &Literal<'_>) -> Result<i64, Problem> {
    let number = literal.text.parse().ok().filter(|_| literal.written == Written::Number);
    let number = number.filter(|number| (-1..=MOST_COUNTED).contains(number));
    number.map(|number: i64| number.max(0)).ok_or_else(|| {
        invalid(format!("A count is compared with a whole number up to {MOST_COUNTED}.")).moved(literal.at)
    })
}

fn find<'a>(registry: &'a Registry, kind: &str) -> Result<&'a Entry, Problem> {
    registry.find(kind).map(|entry| &**entry).ok_or_else(|| invalid(format!("There is no type `{kind}`.")))
}

fn no_step(entry: &Entry, name: &str) -> Problem {
    if entry.to_many.iter().any(|many| many.name == name) {
        return to_many(name);
    }
    no_relationship(entry, name)
}

/// What is wrong with a to-many relationship where a field is expected.
pub(super) fn to_many(name: &str) -> Problem {
    invalid(format!("`{name}` leads to any number of resources: say `any`, `all` or `count` of it."))
}

fn not_many(entry: &Entry, name: &str) -> Problem {
    if entry.to_one.iter().any(|one| one.name == name) {
        return invalid(format!("`{name}` leads to one resource at most: say `has` of it."));
    }
    no_relationship(entry, name)
}

fn no_relationship(entry: &Entry, name: &str) -> Problem {
    let hint = suggest::choice(name, entry.relationship_names());
    Problem::new(Code::FilterUnknown, format!("`{name}` is no relationship of `{}`.{hint}", entry.kind))
}
