//! JSON read into a tree, in which no object may have a member twice: which of the two is meant nobody can tell.
//!
//! Where a value stands is a chain on the stack, which costs nothing until a name comes again.
//! Spec: RFC 8259, section 4 (names within an object should be unique).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, map::Entry};

use super::error::{Errors, token};

/// How many bytes of pointers are enough.
const KEPT: usize = 1 << 16;

/// A tree, and the members that are there twice: their names and JSON pointers.
pub(super) struct Tree {
    pub(super) value: Value,
    pub(super) twice: Vec<(String, String)>,
}

/// Reads a whole body.
pub(super) fn read(body: &[u8]) -> serde_json::Result<Tree> {
    let mut twice = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = Reader { place: Place::Root, twice: &mut twice }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(Tree { value, twice })
}

/// Where a value stands.
#[derive(Clone, Copy)]
enum Place<'a> {
    Root,
    Member(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    /// Whether it is in an @-member, whatever is in which means nothing here.
    fn means_nothing(&self) -> bool {
        match self {
            Place::Root => false,
            Place::Member(parent, name) => name.starts_with('@') || parent.means_nothing(),
            Place::Item(parent, _) => parent.means_nothing(),
        }
    }

    fn pointer(&self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Member(parent, name) => parent.pointer() + "/" + &token(name),
            Place::Item(parent, at) => format!("{}/{at}", parent.pointer()),
        }
    }
}

/// Reads the value at a place.
struct Reader<'a> {
    place: Place<'a>,
    twice: &'a mut Vec<(String, String)>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) =
            items.next_element_seed(Reader { place: Place::Item(&self.place, values.len()), twice: self.twice })?
        {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value =
                members.next_value_seed(Reader { place: Place::Member(&self.place, &name), twice: self.twice })?;
            match map.entry(name) {
                Entry::Vacant(free) => drop(free.insert(value)),
                Entry::Occupied(taken) => note(&Place::Member(&self.place, taken.key()), taken.key(), self.twice),
            }
        }
        Ok(Value::Object(map))
    }
}

/// Names and places may be long, and there may be many: what nobody would be shown isn't kept.
fn note(place: &Place<'_>, name: &str, twice: &mut Vec<(String, String)>) {
    let is_enough =
        twice.len() >= Errors::SHOWN || twice.iter().map(|(_, pointer)| pointer.len()).sum::<usize>() > KEPT;
    if !is_enough && !place.means_nothing() {
        twice.push((name.to_owned(), place.pointer()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_oneof, proptest};
    use proptest::strategy::{Just, Strategy};

    fn twice(body: &str) -> Vec<(String, String)> {
        read(body.as_bytes()).expect("JSON").twice
    }

    #[track_caller]
    fn check(body: &str, expected: &[&str]) {
        let pointers: Vec<String> = twice(body).into_iter().map(|(_, pointer)| pointer).collect();
        assert_eq!(pointers, expected, "{body}");
    }

    #[test]
    fn a_member_that_is_there_twice_is_told_with_its_pointer() {
        check(r#"{"a":1,"b":{"a":1}}"#, &[]);
        check(r#"{"a":1,"a":1}"#, &["/a"]);
        check(r#"{"a":[{"b":1},{"x/~":1,"b":2,"x/~":3}]}"#, &["/a/1/x~1~0"]);
        check(r#"{"a":{"b":1,"b":2},"a":{"c":1,"\u0063":2}}"#, &["/a/b", "/a/c", "/a"]);
        assert_eq!(twice(r#"{"x/~":1,"x/~":1}"#), [("x/~".to_owned(), "/x~1~0".to_owned())]);
    }

    #[test]
    fn at_members_may_be_there_twice() {
        check(r#"{"@a":1,"@a":{"b":1,"b":2},"c":[{"@d":[{"e":1,"e":2}]}]}"#, &[]);
    }

    #[test]
    fn of_many_only_some_are_kept() {
        assert_eq!(twice(&format!("{{{}\"a\":1}}", "\"a\":1,".repeat(1000))).len(), Errors::SHOWN);
        let long = format!("{{\"{}\":{{{}\"a\":1}}}}", "x".repeat(KEPT), "\"a\":1,".repeat(1000));
        assert_eq!(twice(&long).len(), 1);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_tree_is_that_of_serde_json(value in value()) {
            let body = value.to_string();
            let tree = read(body.as_bytes()).expect("JSON");
            assert_eq!((Ok(tree.value), tree.twice), (serde_json::from_str(&body).map_err(|_| ()), vec![]));
        }

        #[test]
        fn what_is_no_json_is_told_as_by_serde_json(body in r#"[\[\]{}",:a1 .eE+-]{0,20}"#) {
            let told = |result: serde_json::Result<Value>| result.map_err(|error| error.to_string());
            let tree = read(body.as_bytes()).map(|tree| tree.value);
            assert_eq!(told(tree), told(serde_json::from_str(&body)), "{body}");
        }
    }
}
