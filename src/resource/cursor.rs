//! Cursors: opaque, and sealed for the list, sort, filter and viewer they were made for.
//!
//! ```text
//! base64url( seal[16] , JSON array of slots )        seal: HMAC-SHA-256( key, viewer list slots )
//! ```
//! A cursor that this server didn't make, for this list and viewer, is refused: nobody can ask what lies beyond values
//! of their own choice. The key is the server's secret; all processes on one database share it.
//!
//! Profile: <https://jsonapi.org/profiles/ethanresnick/cursor-pagination/>

use super::{
    value::{Bind, Value},
    viewer::Viewer,
};
use crate::{
    db::{Id, Time},
    jsonapi::input::Kind,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// The secret that cursors are sealed with.
#[derive(Clone)]
pub struct Key([u8; Key::LENGTH]);

impl Key {
    /// Bytes of a key.
    pub const LENGTH: usize = 32;

    /// A key that is kept somewhere.
    pub fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }
}

impl Default for Key {
    /// A key of this process alone: its cursors end with it.
    fn default() -> Self {
        Self(rand::random())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

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

/// Makes and reads the cursors of one list for one viewer.
#[derive(Clone)]
pub struct Seal(Hmac<Sha256>);

/// As many bytes of the code as nobody guesses.
const SEAL: usize = 16;

impl Seal {
    /// The seal of the list that `list` describes.
    pub fn new(Key(key): &Key, viewer: &Viewer, list: &str) -> Self {
        // A key of the hash's block length needs no check: ours is shorter, and filled up with zeros.
        let mut block = [0; 64];
        block[..key.len()].copy_from_slice(key);
        let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block.into());
        mac.update(viewer.id.0.as_bytes());
        mac.update(&(list.len() as u64).to_be_bytes());
        mac.update(list.as_bytes());
        Self(mac)
    }

    /// The cursor of an item with these slots.
    pub fn encode(&self, slots: &[Slot]) -> String {
        let content = serde_json::to_vec(slots).unwrap_or_default();
        let mut bytes = self.over(&content).finalize().into_bytes()[..SEAL].to_vec();
        bytes.extend_from_slice(&content);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The slots of a cursor; `None` if it isn't one of this list in the order of `keys`.
    pub fn decode(&self, cursor: &str, keys: &[(Kind, bool)]) -> Option<Vec<Slot>> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (seal, content) = bytes.split_at_checked(SEAL)?;
        self.over(content).verify_truncated_left(seal).ok()?;
        let slots: Vec<Slot> = serde_json::from_slice(content).ok()?;
        let fits =
            slots.len() == keys.len() && slots.iter().zip(keys).all(|(slot, (kind, null))| slot.fits(*kind, *null));
        fits.then_some(slots)
    }

    fn over(&self, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(content);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(key: u8, viewer: u128, list: &str) -> Seal {
        Seal::new(&Key::new([key; 32]), &Viewer::user(Id(uuid::Uuid::from_u128(viewer))), list)
    }

    #[test]
    fn a_cursor_is_good_for_its_own_list_and_viewer_only() {
        let slots = [Slot::of(Value::Text("ä")), Slot::of(Value::Null), Slot::of(Value::Int(3))];
        let keys = [(Kind::Text, false), (Kind::Instant, true), (Kind::Integer, false)];
        let cursor = seal(1, 1, "users?sort=name").encode(&slots);
        let read = |seal: Seal, cursor: &str, keys: &[(Kind, bool)]| seal.decode(cursor, keys);
        let own = || seal(1, 1, "users?sort=name");
        assert_eq!(read(own(), &cursor, &keys), Some(slots.to_vec()));
        assert_eq!(read(seal(2, 1, "users?sort=name"), &cursor, &keys), None);
        assert_eq!(read(seal(1, 2, "users?sort=name"), &cursor, &keys), None);
        assert_eq!(read(seal(1, 1, "users?sort=-name"), &cursor, &keys), None);
        assert_eq!(read(own(), &cursor, &keys[..2]), None);
        assert_eq!(read(own(), &cursor, &[keys[0], (Kind::Instant, false), keys[2]]), None);
        for strange in ["", "AAAA", &cursor[1..], &cursor[..cursor.len() - 4]] {
            assert_eq!(read(own(), strange, &keys), None, "{strange}");
        }
    }

    #[test]
    fn no_byte_of_a_cursor_can_be_changed() {
        let seal = seal(1, 1, "users?");
        let cursor = seal.encode(&[Slot::of(Value::Int(3))]);
        let bytes = URL_SAFE_NO_PAD.decode(cursor).expect("base64");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(seal.decode(&changed, &[(Kind::Integer, false)]), None, "byte {at}");
        }
    }

    #[test]
    fn a_key_is_not_shown() {
        assert_eq!(format!("{:?}", Key::new([7; 32])), "Key(…)");
    }
}
