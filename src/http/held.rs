//! Answers that clients hold: which tag a URL had, at which stamp of the database, and until when that can be said.
//!
//! Only tags are kept, so that a client who asks whether its answer is still the present one learns it without the
//! statements, the document and the digest. It is never guessed: with another [`Stamp`], or beyond the next instant at
//! which the answer changes by itself, whoever asks has it made again.

use super::conditions::Validators;
use crate::{
    db::{Stamp, Time},
    resource::Viewer,
};
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

/// The most that are remembered, 300 bytes each; those that nobody asks for go first.
const MOST: usize = 16_384;

/// What an answer depends on beside the database and the clock. Two questions under one name would have each other's
/// answers, so it is a digest that nobody can make collide.
pub(super) type Name = [u8; 32];

/// What an answer was.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) validators: Validators,
    /// Read before the answer was.
    pub(super) stamp: Stamp,
    /// From when on. A clock can be set back.
    pub(super) since: Time,
    /// The first instant at which it may be another one without a write.
    pub(super) until: Time,
}

/// The memory.
pub(super) struct Memory(Cache<Name, Held>);

impl Memory {
    pub(super) fn new() -> Self {
        Self(Cache::new(MOST))
    }

    /// What the answer is now, if that is known.
    pub(super) fn find(&self, name: &Name, stamp: &Stamp, now: Time) -> Option<Validators> {
        let held = self.0.get(name)?;
        (held.stamp == *stamp && held.since <= now && now < held.until).then_some(held.validators)
    }

    pub(super) fn keep(&self, name: Name, held: Held) {
        if held.since < held.until {
            self.0.insert(name, held);
        }
    }
}

/// Names what `viewer` asks for: a URL of the API at `base`, in two parts, with or without the cursor profile.
///
/// The language is none of it: only errors are told in one.
pub(super) fn name(viewer: &Viewer, base: &str, (path, query): (&str, &str), cursor_profile: bool) -> Name {
    let mut digest = Sha256::new();
    digest.update(viewer.id.0);
    digest.update(viewer.session.map_or(uuid::Uuid::nil(), |session| session.0));
    digest.update([u8::from(cursor_profile)]);
    for text in [base, path, query] {
        digest.update(text.len().to_le_bytes());
        digest.update(text);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db::Id, resource::Tag};

    fn named(viewer: &Viewer) -> Name {
        name(viewer, "http://here/api/v1", ("/chats", "sort=title"), false)
    }

    #[test]
    fn all_that_an_answer_depends_on_is_in_its_name() {
        let viewer = Viewer::user(Id::new());
        let names = [
            named(&viewer),
            named(&Viewer::user(Id::new())),
            named(&viewer.in_session(Id::new())),
            name(&viewer, "http://there/api/v1", ("/chats", "sort=title"), false),
            name(&viewer, "http://here/api/v1", ("/chat", "ssort=title"), false),
            name(&viewer, "http://here/api/v1", ("/chats", "sort=-title"), false),
            name(&viewer, "http://here/api/v1", ("/chats", "sort=title"), true),
        ];
        for (at, name) in names.iter().enumerate() {
            assert!(!names[..at].contains(name), "{at}");
        }
        assert_eq!(named(&viewer), named(&viewer.at(Time(0))));
    }

    #[test]
    fn an_answer_is_known_for_one_stamp_and_one_span_of_time() {
        let (memory, name) = (Memory::new(), named(&Viewer::anonymous()));
        let [one, other] = ["1", "2"].map(Stamp::of_tests);
        let keep = |since, until| {
            let validators = Validators { tag: Tag::of(None, b"bytes"), modified: None };
            memory.keep(name, Held { validators, stamp: one.clone(), since: Time(since), until: Time(until) });
        };
        let is_known = |stamp, now| memory.find(&name, stamp, Time(now)).is_some();
        keep(5, i64::MIN);
        assert!(!is_known(&one, 5), "it was never good");
        keep(5, 9);
        assert!(is_known(&one, 5) && is_known(&one, 8));
        assert!(!is_known(&one, 4) && !is_known(&one, 9) && !is_known(&other, 5));
    }
}
