//! What an expression means, said a second time: over resource objects as the viewer gets them, without a database.

use serde_json::Value as Json;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use tertulia::jsonapi::{input::Kind, text::fold};
use tertulia::resource::{Registry, describe::Field, registry::Entry};

/// An expression, before it is written down.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Compared(&'static str, Side, Side),
    Listed(&'static str, String, Vec<Json>),
    Blank(String, bool),
    Related(&'static str, String, Option<Box<Filter>>),
}

#[derive(Clone, Debug)]
pub(super) enum Side {
    Path(String),
    Count(String, Option<Box<Filter>>),
    Value(Json),
}

/// Everything that one viewer sees: resource objects by type and id.
#[derive(Default)]
pub(super) struct World(pub(super) BTreeMap<String, BTreeMap<String, Json>>);

/// What is known of an attribute or of linkage.
#[derive(Clone, Copy)]
struct Known {
    kind: Kind,
    folds: bool,
    folds_always: bool,
}

impl Known {
    const ID: Known = Known { kind: Kind::Uuid, folds: false, folds_always: false };

    fn of(field: &Field) -> Self {
        Self { kind: field.kind, folds: field.folded.is_some(), folds_always: field.folded_eq }
    }
}

impl World {
    pub(super) fn resource(&self, kind: &str, id: &str) -> Option<&Json> {
        self.0.get(kind)?.get(id)
    }

    /// Whether `filter` holds for a resource.
    pub(super) fn holds(&self, registry: &Registry, resource: &Json, filter: &Filter) -> bool {
        let holds = |filter: &Filter| self.holds(registry, resource, filter);
        match filter {
            Filter::And(all) => all.iter().all(holds),
            Filter::Or(any) => any.iter().any(holds),
            Filter::Not(filter) => !holds(filter),
            Filter::Blank(path, blank) => {
                let (value, known) = self.value(registry, resource, path);
                let is_text = matches!(known.kind, Kind::Text | Kind::Email | Kind::Uri);
                (value.is_null() || is_text && value == "") == *blank
            }
            Filter::Listed(op, path, values) => {
                let (value, known) = self.value(registry, resource, path);
                let among = values.iter().any(|other| compare("eq", &value, known, other, known));
                among == (*op == "in")
            }
            Filter::Compared(op, Side::Path(path), Side::Value(Json::Null)) => {
                self.value(registry, resource, path).0.is_null() == (*op == "eq")
            }
            Filter::Compared(op, left, right) => {
                let (left, known) = self.side(registry, resource, left, None);
                let (right, other) = self.side(registry, resource, right, Some(known));
                compare(op, &left, known, &right, other)
            }
            Filter::Related(how, path, condition) => {
                let related = self.related(resource, path);
                let mut meets = related.iter().map(|related| self.meets(registry, related, condition.as_deref()));
                if *how == "all" { meets.all(|meets| meets) } else { meets.any(|meets| meets) }
            }
        }
    }

    /// A value that is compared, and what it is: a literal is what it's compared with.
    fn side(&self, registry: &Registry, resource: &Json, side: &Side, with: Option<Known>) -> (Json, Known) {
        match side {
            Side::Path(path) => self.value(registry, resource, path),
            Side::Value(value) => (value.clone(), with.expect("a literal comes second")),
            Side::Count(path, condition) => {
                let related = self.related(resource, path);
                let meets = |related: &&&Json| self.meets(registry, related, condition.as_deref());
                let count = related.iter().filter(meets).count();
                (count.into(), Known { kind: Kind::Integer, folds: false, folds_always: false })
            }
        }
    }

    fn meets(&self, registry: &Registry, resource: &Json, condition: Option<&Filter>) -> bool {
        condition.is_none_or(|condition| self.holds(registry, resource, condition))
    }

    fn value(&self, registry: &Registry, resource: &Json, path: &str) -> (Json, Known) {
        let (steps, name) = path.rsplit_once('.').unwrap_or(("", path));
        let mut entry = entry(registry, resource);
        for step in steps.split('.').filter(|step| !step.is_empty()) {
            let one = entry.to_one.iter().find(|one| one.name == step).expect("a to-one relationship");
            entry = registry.find(one.target).expect("a type");
        }
        let attribute = entry.attributes.iter().find(|attribute| attribute.field.name == name);
        let known = attribute.map_or(Known::ID, |attribute| Known::of(&attribute.field));
        let mut end = Some(resource);
        for step in steps.split('.').filter(|step| !step.is_empty()) {
            end = end.and_then(|resource| self.linked(&resource["relationships"][step]["data"]));
        }
        let value = end.map_or(Json::Null, |end| match (name, attribute) {
            ("id", _) => end["id"].clone(),
            (_, Some(_)) => end["attributes"][name].clone(),
            _ => self.linked(&end["relationships"][name]["data"]).map_or(Json::Null, |linked| linked["id"].clone()),
        });
        (value, known)
    }

    /// The resources that the viewer sees of a relationship at the end of to-one steps.
    fn related(&self, resource: &Json, path: &str) -> Vec<&Json> {
        let (step, rest) = path.split_once('.').unwrap_or((path, ""));
        match &resource["relationships"][step]["data"] {
            Json::Array(all) => all.iter().filter_map(|one| self.linked(one)).collect(),
            one => match self.linked(one) {
                Some(linked) if rest.is_empty() => vec![linked],
                Some(linked) => self.related(linked, rest),
                None => Vec::new(),
            },
        }
    }

    fn linked(&self, identifier: &Json) -> Option<&Json> {
        self.resource(identifier["type"].as_str()?, identifier["id"].as_str()?)
    }
}

pub(super) fn entry<'a>(registry: &'a Registry, resource: &Json) -> &'a Entry {
    registry.find(resource["type"].as_str().expect("a type")).expect("a known type")
}

fn compare(op: &str, left: &Json, known: Known, right: &Json, other: Known) -> bool {
    let negated = op.strip_prefix('!');
    if let Some(op) = negated {
        return !compare(op, left, known, right, other);
    }
    if left.is_null() || right.is_null() {
        return false;
    }
    if let (Json::Number(left), Json::Number(right)) = (left, right) {
        return fits(op, left.as_i64().cmp(&right.as_i64()));
    }
    if let (Json::Bool(left), Json::Bool(right)) = (left, right) {
        return fits(op, left.cmp(right));
    }
    let (left, right) = (left.as_str().expect("a text"), right.as_str().expect("a text"));
    match op {
        "pre" => searchable(left, known).starts_with(&searchable(right, known)),
        "suf" => searchable(left, known).ends_with(&searchable(right, known)),
        "ct" => searchable(left, known).contains(&searchable(right, known)),
        "eq" if !known.folds_always && !other.folds_always => left == right,
        _ => {
            let form = |text: &str, folds: bool| if folds { fold(text) } else { text.to_owned() };
            fits(op, form(left, known.folds).cmp(&form(right, other.folds)))
        }
    }
}

fn searchable(text: &str, known: Known) -> String {
    if known.folds { fold(text) } else { text.to_ascii_lowercase() }
}

fn fits(op: &str, order: Ordering) -> bool {
    match op {
        "eq" => order.is_eq(),
        "gt" => order.is_gt(),
        "gte" => order.is_ge(),
        "lt" => order.is_lt(),
        "lte" => order.is_le(),
        _ => panic!("no such operator: {op}"),
    }
}

impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let join = |all: &[Filter]| all.iter().map(Filter::to_string).collect::<Vec<_>>().join(",");
        match self {
            Filter::And(all) => write!(f, "and({})", join(all)),
            Filter::Or(any) => write!(f, "or({})", join(any)),
            Filter::Not(filter) => write!(f, "not({filter})"),
            Filter::Compared(op, left, right) => write!(f, "{op}({left},{right})"),
            Filter::Listed(op, path, values) => {
                let values: Vec<String> = values.iter().map(written).collect();
                write!(f, "{op}({path},{})", values.join(","))
            }
            Filter::Blank(path, true) => write!(f, "blank({path})"),
            Filter::Blank(path, false) => write!(f, "present({path})"),
            Filter::Related(how, path, None) => write!(f, "{how}({path})"),
            Filter::Related(how, path, Some(condition)) => write!(f, "{how}({path},{condition})"),
        }
    }
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Side::Path(path) => f.write_str(path),
            Side::Count(path, None) => write!(f, "count({path})"),
            Side::Count(path, Some(condition)) => write!(f, "count({path},{condition})"),
            Side::Value(value) => f.write_str(&written(value)),
        }
    }
}

fn written(value: &Json) -> String {
    match value {
        Json::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    }
}
