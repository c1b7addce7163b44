//! Two JSON Schemas side by side.

use super::{Changes, Direction, Pair, members, resolved};
use serde_json::Value;
use std::collections::BTreeSet;

/// Bounds from above, and those from below.
const MOST: [&str; 3] = ["maximum", "maxLength", "maxItems"];
const LEAST: [&str; 3] = ["minimum", "minLength", "minItems"];

pub(super) struct Schemas<'c, 'a> {
    pub(super) changes: &'c mut Changes<'a>,
    pub(super) direction: Direction,
}

impl<'a> Schemas<'_, 'a> {
    pub(super) fn compare(&mut self, place: &str, pair: Pair<'a>) {
        let reference = |side: &Value| side.get("$ref").and_then(Value::as_str).unwrap_or_default().to_owned();
        let (old, new) = (reference(pair.old), reference(pair.new));
        // The same two schemas are told of once, wherever else they appear.
        if !old.is_empty() && !new.is_empty() && !self.changes.seen.insert((old, new.clone(), self.direction)) {
            return;
        }
        let documents = self.changes.documents;
        let pair = Pair { old: resolved(pair.old, documents.old), new: resolved(pair.new, documents.new) };
        let place = new.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(place);
        self.values(place, pair, types, "the type");
        self.values(place, pair, listed, "the value");
        self.bounds(place, pair);
        self.form(place, pair);
        self.properties(place, pair);
        self.alternatives(place, pair);
        self.below(&format!("{place}[]"), pair, "items");
    }

    fn note(&mut self, breaks: bool, place: &str, what: impl Into<String>) {
        self.changes.note(breaks, place, what);
    }

    /// `true` where the narrower of two breaks: what is sent fits no more.
    fn narrower_breaks(&self) -> bool {
        self.direction == Direction::Sent
    }

    /// Compares what is allowed; `None` is everything.
    fn values(&mut self, place: &str, pair: Pair<'a>, of: fn(&Value) -> Option<BTreeSet<String>>, what: &str) {
        let narrower = self.narrower_breaks();
        match (of(pair.old), of(pair.new)) {
            (Some(old), Some(new)) => {
                for gone in old.difference(&new) {
                    self.note(narrower, place, format!("{what} {gone} is gone"));
                }
                for come in new.difference(&old) {
                    self.note(!narrower, place, format!("{what} {come} is new"));
                }
            }
            (None, Some(_)) => self.note(narrower, place, format!("{what} is one of few now")),
            (Some(_), None) => self.note(!narrower, place, format!("{what} can be any now")),
            (None, None) => {}
        }
    }

    fn bounds(&mut self, place: &str, pair: Pair<'a>) {
        for (name, is_most) in MOST.map(|name| (name, true)).into_iter().chain(LEAST.map(|name| (name, false))) {
            let number = |side: &Value| side[name].as_f64();
            let (old, new) = (number(pair.old), number(pair.new));
            if old == new {
                continue;
            }
            let (none, sign) = if is_most { (f64::INFINITY, 1.0) } else { (f64::NEG_INFINITY, -1.0) };
            let is_narrower = sign * new.unwrap_or(none) < sign * old.unwrap_or(none);
            let shown = |bound: Option<f64>| bound.map_or_else(|| "none".to_owned(), |bound| bound.to_string());
            // Nobody relies on texts being short.
            let breaks = is_narrower && self.narrower_breaks();
            self.note(breaks, place, format!("`{name}` was {} and is {}", shown(old), shown(new)));
        }
    }

    fn form(&mut self, place: &str, pair: Pair<'a>) {
        for name in ["format", "pattern"] {
            let (old, new) = (pair.old.get(name), pair.new.get(name));
            if old != new {
                let narrower = self.narrower_breaks();
                let breaks = if narrower { new.is_some() } else { old.is_some() };
                self.note(breaks, place, format!("`{name}` is another"));
            }
        }
    }

    fn properties(&mut self, place: &str, pair: Pair<'a>) {
        let required = |side: &Value, name: &str| {
            side["required"].as_array().is_some_and(|names| names.iter().any(|known| known == name))
        };
        for (name, sides) in members(Pair { old: &pair.old["properties"], new: &pair.new["properties"] }) {
            let below = format!("{place}.{name}");
            let (was, is) = (required(pair.old, &name), required(pair.new, &name));
            let comes = is && self.direction == Direction::Sent;
            let Some(pair) = self.changes.kept(&below, sides, comes, true) else { continue };
            match (was, is) {
                (false, true) => self.note(self.narrower_breaks(), &below, "must be there"),
                (true, false) => self.note(!self.narrower_breaks(), &below, "may be left out"),
                _ => {}
            }
            self.compare(&below, pair);
        }
        self.below(&format!("{place}.*"), pair, "additionalProperties");
        let (was_open, is_open) =
            (&pair.old["additionalProperties"] != false, &pair.new["additionalProperties"] != false);
        if was_open != is_open && self.direction == Direction::Sent {
            self.note(was_open, place, if is_open { "takes other members" } else { "takes no other members" });
        }
    }

    /// Alternatives by what they refer to or hold.
    fn alternatives(&mut self, place: &str, pair: Pair<'a>) {
        let all = |side: &'a Value| side["oneOf"].as_array().map_or(&[][..], Vec::as_slice);
        let (old, new) = (all(pair.old), all(pair.new));
        let inline = |side: &&'a Value| side.get("$ref").is_none();
        let (old_inline, new_inline): (Vec<_>, Vec<_>) =
            (old.iter().filter(inline).collect(), new.iter().filter(inline).collect());
        if old_inline.len() == new_inline.len() {
            for (at, (old, new)) in old_inline.into_iter().zip(new_inline).enumerate() {
                self.compare(&format!("{place}|{at}"), Pair { old, new });
            }
        } else {
            self.note(true, place, "has other alternatives");
        }
        let references =
            |all: &'a [Value]| all.iter().filter_map(|side| side.get("$ref")?.as_str()).collect::<BTreeSet<_>>();
        let (old, new) = (references(old), references(new));
        for gone in old.difference(&new) {
            self.note(self.narrower_breaks(), place, format!("the alternative {} is gone", last(gone)));
        }
        for come in new.difference(&old) {
            self.note(false, place, format!("the alternative {} is new", last(come)));
        }
    }

    fn below(&mut self, place: &str, pair: Pair<'a>, member: &str) {
        if let (Some(old @ Value::Object(_)), Some(new @ Value::Object(_))) =
            (pair.old.get(member), pair.new.get(member))
        {
            self.compare(place, Pair { old, new });
        }
    }
}

fn last(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

fn types(schema: &Value) -> Option<BTreeSet<String>> {
    match schema.get("type")? {
        Value::Array(types) => Some(types.iter().map(Value::to_string).collect()),
        one => Some([one.to_string()].into()),
    }
}

fn listed(schema: &Value) -> Option<BTreeSet<String>> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(one), _) => Some([one.to_string()].into()),
        (None, Some(Value::Array(values))) => Some(values.iter().map(Value::to_string).collect()),
        _ => None,
    }
}
