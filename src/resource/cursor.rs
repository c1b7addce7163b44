//! Cursors: opaque, and bound to the list, sort and filter they were made for.
//!
//! ```text
//! base64url( digest[8] , JSON array of slots )
//! ```
//! The digest covers the binding and the slots, so that a cursor of another list, or a damaged one, is refused
//! rather than misread. It is no secret: a cursor tells its reader nothing that the item itself doesn't show.
//!
//! Profile: <https://jsonapi.org/profiles/ethanresnick/cursor-pagination/>

use super::value::{Bind, Value};
use crate::{
    db::{Id, Time},
    jsonapi::input::Kind,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The value of one sort key of an item; `None` is null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot(Option<Content>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Content {
    #[serde(rename = "u")]
    Id(Id),
    #[serde(rename = "t")]
    Time(i64),
    #[serde(rename = "s")]
    Text(String),
    #[serde(rename = "b")]
    Bool(bool),
    #[serde(rename = "i")]
    Int(i64),
}

impl Slot {
    /// The slot that keeps `value`.
    pub fn of(value: Value<'_>) -> Self {
        Self(value.bind().map(|bind| match bind {
            Bind::Id(id) => Content::Id(id),
            Bind::Time(time) => Content::Time(time.0),
            Bind::Text(text) => Content::Text(text),
            Bind::Bool(flag) => Content::Bool(flag),
            Bind::Int(number) => Content::Int(number),
        }))
    }

    /// What a statement binds; `None` is null.
    pub fn bind(&self) -> Option<Bind> {
        self.0.as_ref().map(|content| match content {
            Content::Id(id) => Bind::Id(*id),
            Content::Time(time) => Bind::Time(Time(*time)),
            Content::Text(text) => Bind::Text(text.clone()),
            Content::Bool(flag) => Bind::Bool(*flag),
            Content::Int(number) => Bind::Int(*number),
        })
    }

    fn fits(&self, kind: Kind, nullable: bool) -> bool {
        match &self.0 {
            None => nullable,
            Some(Content::Id(_)) => matches!(kind, Kind::Uuid),
            Some(Content::Time(_)) => matches!(kind, Kind::Instant),
            Some(Content::Bool(_)) => matches!(kind, Kind::Bool),
            Some(Content::Int(_)) => matches!(kind, Kind::Integer),
            Some(Content::Text(text)) => {
                matches!(kind, Kind::Text | Kind::Email | Kind::Uri | Kind::OneOf(_)) && !text.contains('\0')
            }
        }
    }
}

/// The cursor of an item with these slots in the list that `binding` describes.
pub fn encode(binding: &str, slots: &[Slot]) -> String {
    let content = serde_json::to_vec(slots).unwrap_or_default();
    let mut bytes = digest(binding, &content).to_vec();
    bytes.extend_from_slice(&content);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The slots of a cursor; `None` if it isn't one of the list that `binding` describes.
pub fn decode(binding: &str, cursor: &str, keys: &[(Kind, bool)]) -> Option<Vec<Slot>> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (sum, content) = bytes.split_at_checked(DIGEST)?;
    if sum != digest(binding, content) {
        return None;
    }
    let slots: Vec<Slot> = serde_json::from_slice(content).ok()?;
    let fits = slots.len() == keys.len() && slots.iter().zip(keys).all(|(slot, (kind, null))| slot.fits(*kind, *null));
    fits.then_some(slots)
}

const DIGEST: usize = 8;

fn digest(binding: &str, content: &[u8]) -> [u8; DIGEST] {
    let mut hash = Sha256::new();
    hash.update((binding.len() as u64).to_be_bytes());
    hash.update(binding);
    hash.update(content);
    let mut short = [0; DIGEST];
    short.copy_from_slice(&hash.finalize()[..DIGEST]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_list_only() {
        let slots = [Slot::of(Value::Text("ä")), Slot::of(Value::Null), Slot::of(Value::Int(3))];
        let keys = [(Kind::Text, false), (Kind::Instant, true), (Kind::Integer, false)];
        let cursor = encode("users?sort=name", &slots);
        assert_eq!(decode("users?sort=name", &cursor, &keys), Some(slots.to_vec()));
        assert_eq!(decode("users?sort=-name", &cursor, &keys), None);
        assert_eq!(decode("users?sort=name", &cursor, &keys[..2]), None);
        assert_eq!(decode("users?sort=name", &cursor, &[keys[0], (Kind::Instant, false), keys[2]]), None);
        assert_eq!(decode("users?sort=name", "", &keys), None);
        assert_eq!(decode("users?sort=name", "AAAA", &keys), None);
        assert_eq!(decode("users?sort=name", &cursor[1..], &keys), None);
    }
}
