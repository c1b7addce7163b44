//! What changed between two descriptions, and whether a client of the older one can tell.
//!
//! | Of | Breaks | Doesn't |
//! |---|---|---|
//! | URLs, verbs, parameters, bodies' media types, answers of success | one is gone | one is new, unless it must be sent |
//! | what is sent | it is narrower, or more of it must be there | it is wider |
//! | what is answered | it is wider, or less of it is always there | it is narrower, or there is more of it |
//!
//! Refusals (4xx and 5xx) may come and go: clients meet all of them with one errors document. So may alternatives of what is
//! answered: a client passes over resources of types that it doesn't know.
//! Spec: <https://jsonapi.org/format/1.1/#overview> (changes are additive)

mod schemas;
#[cfg(test)]
mod tests;

use self::schemas::Schemas;
use serde_json::{Map, Value};
use std::{collections::BTreeSet, fmt};

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Whether a client that worked may work no more.
    pub breaks: bool,
    /// Where: the verb and the URL, and the way down from there.
    pub place: String,
    /// What is otherwise.
    pub what: String,
}

/// `breaking  GET /chats, parameter sort: takes no "title" any more`
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.breaks { "breaking" } else { "additive" };
        write!(f, "{kind}  {}: {}", self.place, self.what)
    }
}

/// Who writes what a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    /// Clients: a server may not want more of them.
    Sent,
    /// The server: it may not give less.
    Shown,
}

/// Two OpenAPI documents side by side.
#[derive(Clone, Copy)]
struct Pair<'a> {
    old: &'a Value,
    new: &'a Value,
}

/// All changes from `old` to `new`, what breaks first.
pub fn difference(old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = Changes { documents: Pair { old, new }, found: BTreeSet::new(), seen: BTreeSet::new() };
    let paths = members(Pair { old: &old["paths"], new: &new["paths"] });
    for (path, pair) in paths {
        changes.path(&path, pair);
    }
    let mut found: Vec<Change> = changes.found.into_iter().collect();
    found.sort_by_key(|change| !change.breaks);
    found
}

/// What is on both sides, or on one.
type Sides<'a> = (Option<&'a Value>, Option<&'a Value>);

struct Changes<'a> {
    documents: Pair<'a>,
    found: BTreeSet<Change>,
    /// Schemas that have been compared, so that those which contain themselves come to an end.
    seen: BTreeSet<(String, String, Direction)>,
}

impl<'a> Changes<'a> {
    fn note(&mut self, breaks: bool, place: &str, what: impl Into<String>) {
        self.found.insert(Change { breaks, place: place.to_owned(), what: what.into() });
    }

    /// Both sides of what may have come or gone, if it did neither.
    fn kept(&mut self, place: &str, sides: Sides<'a>, comes: bool, goes: bool) -> Option<Pair<'a>> {
        match sides {
            (Some(old), Some(new)) => return Some(Pair { old, new }),
            (Some(_), None) => self.note(goes, place, "is gone"),
            (None, Some(_)) => self.note(comes, place, "is new"),
            (None, None) => {}
        }
        None
    }

    fn path(&mut self, path: &str, sides: Sides<'a>) {
        let Some(pair) = self.kept(path, sides, false, true) else { return };
        for (verb, sides) in members(pair) {
            let place = format!("{} {path}", verb.to_uppercase());
            if let Some(pair) = self.kept(&place, sides, false, true) {
                self.operation(&place, pair);
            }
        }
    }

    fn operation(&mut self, place: &str, pair: Pair<'a>) {
        let anonymous = |operation: &Value| operation["security"].as_array().is_some_and(Vec::is_empty);
        if anonymous(pair.old) != anonymous(pair.new) {
            let breaks = anonymous(pair.old);
            self.note(breaks, place, if breaks { "needs a token" } else { "needs no token any more" });
        }
        self.parameters(place, pair);
        self.body(place, pair);
        self.answers(place, pair);
    }

    fn parameters(&mut self, place: &str, pair: Pair<'a>) {
        let (old, new) = (self.named(pair.old, self.documents.old), self.named(pair.new, self.documents.new));
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let place = format!("{place}, parameter {name}");
            let sides = (old.get(name).copied(), new.get(name).copied());
            let must = |side: Option<&Value>| side.is_some_and(|side| side["required"] == true);
            let Some(pair) = self.kept(&place, sides, must(sides.1), true) else { continue };
            if must(sides.0) != must(sides.1) {
                let breaks = must(sides.1);
                self.note(breaks, &place, if breaks { "must be there" } else { "may be left out" });
            }
            let schemas = Pair { old: &pair.old["schema"], new: &pair.new["schema"] };
            Schemas { changes: self, direction: Direction::Sent }.compare(&place, schemas);
        }
    }

    /// The parameters of an operation, by what they are called and where they are.
    fn named(&self, operation: &'a Value, document: &'a Value) -> std::collections::BTreeMap<String, &'a Value> {
        let all = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let name = |parameter: &Value| {
            let text = |member: &str| parameter[member].as_str().unwrap_or_default().to_owned();
            format!("{} ({})", text("name"), text("in"))
        };
        all.iter().map(|parameter| resolved(parameter, document)).map(|found| (name(found), found)).collect()
    }

    fn body(&mut self, place: &str, pair: Pair<'a>) {
        let place = format!("{place}, body");
        let side = |operation: &'a Value| operation.get("requestBody");
        let sides = (side(pair.old), side(pair.new));
        let must = sides.1.is_some_and(|body| body["required"] == true);
        if let Some(pair) = self.kept(&place, sides, must, true) {
            self.contents(&place, pair, Direction::Sent);
        }
    }

    fn answers(&mut self, place: &str, pair: Pair<'a>) {
        for (status, sides) in members(Pair { old: &pair.old["responses"], new: &pair.new["responses"] }) {
            let place = format!("{place}, answer {status}");
            let succeeds = status.starts_with(['2', '3']);
            let Some(pair) = self.kept(&place, sides, false, succeeds) else { continue };
            let pair =
                Pair { old: resolved(pair.old, self.documents.old), new: resolved(pair.new, self.documents.new) };
            for (name, sides) in members(Pair { old: &pair.old["headers"], new: &pair.new["headers"] }) {
                self.kept(&format!("{place}, header {name}"), sides, false, true);
            }
            self.contents(&place, pair, Direction::Shown);
        }
    }

    fn contents(&mut self, place: &str, pair: Pair<'a>, direction: Direction) {
        for (kind, sides) in members(Pair { old: &pair.old["content"], new: &pair.new["content"] }) {
            if let Some(pair) = self.kept(&format!("{place}, {kind}"), sides, false, true) {
                let schemas = Pair { old: &pair.old["schema"], new: &pair.new["schema"] };
                Schemas { changes: self, direction }.compare(place, schemas);
            }
        }
    }
}

/// The members of two objects by name; what is no object has none.
fn members(pair: Pair<'_>) -> Vec<(String, Sides<'_>)> {
    let none = &Map::new();
    let names: BTreeSet<String> =
        [pair.old, pair.new].into_iter().flat_map(|side| side.as_object().unwrap_or(none).keys().cloned()).collect();
    names
        .into_iter()
        .map(|name| (pair.old.get(&name), pair.new.get(&name), name))
        .map(|(a, b, name)| (name, (a, b)))
        .collect()
}

/// What a reference leads to, or the value itself.
fn resolved<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    let reference = value.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
    reference.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}
