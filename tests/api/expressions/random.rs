//! Random expressions about a type, mostly with values that occur.

use super::evaluate::{Filter, Side, World};
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};
use tertulia::jsonapi::input::Kind;
use tertulia::resource::{Registry, registry::Entry};

pub(super) struct Dice<'a> {
    pub(super) random: ChaCha8Rng,
    pub(super) registry: &'a Registry,
    pub(super) world: &'a World,
}

/// What a path leads to.
struct Leaf {
    path: String,
    kind: Kind,
    holder: &'static str,
    name: &'static str,
}

const ORDER: [&str; 6] = ["eq", "!eq", "gt", "gte", "lt", "lte"];
const SEARCH: [&str; 4] = ["pre", "suf", "ct", "!ct"];
const TEXTS: [&str; 9] = ["", "a", "Ö", "it's", "50%", "_", "\\", "ß", "group"];

impl<'a> Dice<'a> {
    pub(super) fn filter(&mut self, entry: &'a Entry, depth: usize) -> Filter {
        let quantifiable = entry.quantified_names().count() > 0;
        match self.random.random_range(0..if depth == 0 { 6 } else { 11 }) {
            0..=2 => self.compared(entry),
            3 => self.beside(entry),
            4 => {
                let leaf = self.leaf(entry, 2);
                let values = (0..self.random.random_range(1..4)).map(|_| self.value(&leaf)).collect();
                Filter::Listed(if self.toss() { "in" } else { "!in" }, leaf.path, values)
            }
            5 => {
                let leaf = self.leaf(entry, 2);
                if self.toss() {
                    Filter::Blank(leaf.path, self.toss())
                } else {
                    let op = if self.toss() { "eq" } else { "!eq" };
                    Filter::Compared(op, Side::Path(leaf.path), Side::Value(Json::Null))
                }
            }
            6 => Filter::And(self.several(entry, depth)),
            7 => Filter::Or(self.several(entry, depth)),
            8 => Filter::Not(Box::new(self.filter(entry, depth - 1))),
            _ if quantifiable => self.quantified(entry, depth),
            _ => self.compared(entry),
        }
    }

    fn several(&mut self, entry: &'a Entry, depth: usize) -> Vec<Filter> {
        (0..self.random.random_range(1..4)).map(|_| self.filter(entry, depth - 1)).collect()
    }

    fn quantified(&mut self, entry: &'a Entry, depth: usize) -> Filter {
        let (prefix, from) = match self.walk(entry, 1) {
            (prefix, from) if from.quantified_names().count() > 0 => (prefix, from),
            _ => (String::new(), entry),
        };
        let names: Vec<&str> = from.quantified_names().collect();
        let name = *names.choose(&mut self.random).expect("a relationship");
        let relationship = from.relationship(name).expect("it is one");
        let target = self.find(from.relationship_target(relationship));
        let is_many = from.to_many.iter().any(|many| many.name == name);
        let path = format!("{prefix}{name}");
        let condition = self.random.random_bool(0.8).then(|| Box::new(self.filter(target, depth.min(2) - 1)));
        match self.random.random_range(0..4) {
            0 if is_many => {
                let op = *ORDER.choose(&mut self.random).expect("one");
                Filter::Compared(op, Side::Count(path, condition), Side::Value(json!(self.random.random_range(0..5))))
            }
            1 if condition.is_some() => Filter::Related("all", path, condition),
            _ if condition.is_some() => Filter::Related("any", path, condition),
            _ => Filter::Related("has", path, None),
        }
    }

    fn compared(&mut self, entry: &'a Entry) -> Filter {
        let leaf = self.leaf(entry, 2);
        let is_text = matches!(leaf.kind, Kind::Text | Kind::Email | Kind::Uri | Kind::OneOf(_));
        if is_text && self.toss() {
            let op = *SEARCH.choose(&mut self.random).expect("one");
            let text = self.part(&leaf);
            return Filter::Compared(op, Side::Path(leaf.path), Side::Value(json!(text)));
        }
        let op = *ORDER.choose(&mut self.random).expect("one");
        let value = self.value(&leaf);
        Filter::Compared(op, Side::Path(leaf.path), Side::Value(value))
    }

    /// Two fields of one class.
    fn beside(&mut self, entry: &'a Entry) -> Filter {
        let op = *ORDER.choose(&mut self.random).expect("one");
        let one = self.leaf(entry, 2);
        for _ in 0..20 {
            let other = self.leaf(entry, 2);
            if class(one.kind) == class(other.kind) {
                return Filter::Compared(op, Side::Path(one.path), Side::Path(other.path));
            }
        }
        self.compared(entry)
    }

    fn leaf(&mut self, entry: &'a Entry, steps: usize) -> Leaf {
        let (prefix, end) = self.walk(entry, steps);
        let fields = end.attributes.iter().filter(|attribute| attribute.readable && attribute.field.expr.is_some());
        let mut leaves: Vec<(&'static str, Kind)> = fields.map(|a| (a.field.name, a.field.kind)).collect();
        leaves.push(("id", Kind::Uuid));
        leaves.extend(end.to_one.iter().filter(|one| one.expr.is_some()).map(|one| (one.name, Kind::Uuid)));
        let (name, kind) = *leaves.choose(&mut self.random).expect("an id");
        Leaf { path: format!("{prefix}{name}"), kind, holder: end.kind, name }
    }

    /// Some to-one steps, and where they lead.
    fn walk(&mut self, entry: &'a Entry, steps: usize) -> (String, &'a Entry) {
        let (mut prefix, mut at) = (String::new(), entry);
        for _ in 0..steps {
            let ones: Vec<_> = at.to_one.iter().filter(|one| one.expr.is_some()).collect();
            if ones.is_empty() || self.random.random_bool(0.6) {
                break;
            }
            let one = ones.choose(&mut self.random).expect("one");
            prefix += one.name;
            prefix += ".";
            at = self.find(one.target);
        }
        (prefix, at)
    }

    fn value(&mut self, leaf: &Leaf) -> Json {
        match leaf.kind {
            Kind::Bool => json!(self.toss()),
            Kind::OneOf(words) => json!(words.choose(&mut self.random).expect("a word")),
            kind => match self.occurring(leaf) {
                Some(value) if self.random.random_bool(0.9) => value,
                _ => match kind {
                    Kind::Integer => json!(self.random.random_range(-1..4)),
                    Kind::Instant => json!("2026-01-01T00:00:00.000Z"),
                    Kind::Uuid => json!("00000000-0000-7000-8000-000000000000"),
                    _ => json!(TEXTS.choose(&mut self.random).expect("a text")),
                },
            },
        }
    }

    /// A value that some resource has there.
    fn occurring(&mut self, leaf: &Leaf) -> Option<Json> {
        let all: Vec<&Json> = self.world.0.get(leaf.holder)?.values().collect();
        let resource = all.choose(&mut self.random)?;
        let value = match leaf.name {
            "id" => &resource["id"],
            name if resource["relationships"].get(name).is_some() => &resource["relationships"][name]["data"]["id"],
            name => &resource["attributes"][name],
        };
        (!value.is_null()).then(|| value.clone())
    }

    /// A piece of a text that occurs, perhaps in the other case.
    fn part(&mut self, leaf: &Leaf) -> String {
        let value = self.occurring(leaf);
        let Some(text) = value.as_ref().and_then(Json::as_str).filter(|_| self.random.random_bool(0.8)) else {
            return (*TEXTS.choose(&mut self.random).expect("a text")).to_owned();
        };
        let characters: Vec<char> = text.chars().collect();
        let from = self.random.random_range(0..=characters.len());
        let to = self.random.random_range(from..=characters.len());
        let part: String = characters[from..to].iter().collect();
        if self.toss() { part.to_uppercase() } else { part }
    }

    fn find(&self, kind: &str) -> &'a Entry {
        self.registry.find(kind).expect("a type")
    }

    fn toss(&mut self) -> bool {
        self.random.random_bool(0.5)
    }
}

fn class(kind: Kind) -> u8 {
    match kind {
        Kind::Text | Kind::Email | Kind::Uri | Kind::OneOf(_) => 0,
        Kind::Uuid => 1,
        Kind::Instant => 2,
        Kind::Bool => 3,
        Kind::Integer => 4,
        Kind::Object => 5,
    }
}
