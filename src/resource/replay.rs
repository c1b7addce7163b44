//! Requests that are sent again: the first answer is kept with the write, and given again.
//!
//! ```text
//! begin   nobody else carries out the same request; is there an answer?
//! work    in a savepoint: a refusal takes back all of it, and is an answer as well
//! keep    the answer, in the same transaction: it is there if, and only if, what it tells of is
//! ```
//! What may be otherwise next time (401, 408, 412, 429, and every failure of ours) is no answer to keep. Where answers
//! are kept is not known here: [`Store`] says it.

use super::{
    error::{Error, Result},
    registry::Registry,
    relate,
    write::Tx,
};
use crate::{
    db::Id,
    jsonapi::error::{Code, ErrorObject, Errors},
};
use diesel::Connection as _;
use std::collections::{BTreeMap, BTreeSet};

/// The header that makes a request one that can be sent again.
pub const HEADER: &str = "Idempotency-Key";

/// What a client calls a request, and what the request was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The client's word, unique for its user.
    pub name: String,
    /// A hash of everything that makes it this request.
    pub fingerprint: Vec<u8>,
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The HTTP status.
    pub status: u16,
    /// The media type of the body, if there is a body.
    pub media_type: Option<String>,
    /// The language of the body, if it has one.
    pub language: Option<String>,
    /// Where what was made is.
    pub location: Option<String>,
    /// The entity tag, without the quotes.
    pub tag: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    /// What it tells of, if that is one resource: only who still sees that may be told again.
    pub about: Option<About>,
}

/// A resource by type and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The type.
    pub kind: String,
    /// The id.
    pub id: Id,
}

/// What is known of a key.
#[derive(Debug)]
pub enum Begun {
    /// Nothing, and nobody else will know more until this transaction ends.
    Fresh,
    /// Another transaction is carrying out a request with this key.
    InFlight,
    /// A request with this fingerprint was answered so.
    Answered(Vec<u8>, Kept),
}

/// Where answers are kept, each for its user and key.
#[derive(Clone, Copy)]
pub struct Store {
    /// Looks for the viewer's answer to a key, and keeps others from beginning with the same one.
    pub begin: fn(&mut Tx<'_>, &Key) -> Result<Begun>,
    /// Keeps an answer.
    pub keep: fn(&mut Tx<'_>, &Key, &Kept) -> Result<()>,
}

/// How a request with a key ended.
#[derive(Debug)]
pub enum Once {
    /// It was carried out.
    First(Kept),
    /// It was carried out before.
    Again(Kept),
    /// It is being carried out: the same may be asked again a little later.
    InFlight,
}

/// Carries out `work` unless it was already; `refused` makes an answer of its refusal. `told` says of an answer what else
/// it tells of.
///
/// # Errors
/// 422 if the key belongs to another request; 404 if the viewer sees no more what the answer tells of; whatever `work`
/// fails with that is not to be kept.
pub fn once(
    tx: &mut Tx<'_>,
    store: Store,
    key: &Key,
    work: impl FnOnce(&mut Tx<'_>) -> Result<Kept>,
    refused: impl FnOnce(&Errors) -> Kept,
    told: impl FnOnce(&Kept) -> Vec<About>,
) -> Result<Once> {
    match (store.begin)(tx, key)? {
        Begun::InFlight => Ok(Once::InFlight),
        Begun::Answered(fingerprint, _) if fingerprint != key.fingerprint => Err(mismatch()),
        Begun::Answered(_, kept) => {
            let abouts = kept.about.iter().cloned().chain(told(&kept));
            refuse_unseen(tx, abouts)?;
            Ok(Once::Again(kept))
        }
        Begun::Fresh => {
            let kept = first(tx, work, refused)?;
            (store.keep)(tx, key, &kept)?;
            Ok(Once::First(kept))
        }
    }
}

fn first(
    tx: &mut Tx<'_>,
    work: impl FnOnce(&mut Tx<'_>) -> Result<Kept>,
    refused: impl FnOnce(&Errors) -> Kept,
) -> Result<Kept> {
    let (registry, viewer, settings, answers) = (tx.registry, tx.viewer, tx.settings, tx.answers);
    let precondition = std::mem::take(&mut tx.precondition);
    let done = tx.conn.transaction(|conn| work(&mut Tx { conn, registry, viewer, settings, answers, precondition }));
    match done {
        Err(Error::Api(problems)) if is_answer(problems.status()) => Ok(refused(&problems)),
        done => done,
    }
}

/// Whether it would be the same next time.
fn is_answer(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 401 | 408 | 412 | 429)
}

/// In one statement per type.
fn refuse_unseen(tx: &mut Tx<'_>, abouts: impl Iterator<Item = About>) -> Result<()> {
    let registry: &Registry = tx.registry;
    let mut ids: BTreeMap<String, BTreeSet<Id>> = BTreeMap::new();
    for About { kind, id } in abouts {
        ids.entry(kind).or_default().insert(id);
    }
    for (kind, ids) in ids {
        let entry = registry.find(&kind).ok_or_else(|| Error::not_found(&kind))?;
        let ids: Vec<Id> = ids.into_iter().collect();
        if relate::visible(tx, entry, &ids)?.len() < ids.len() {
            return Err(Error::not_found(&kind));
        }
    }
    Ok(())
}

fn mismatch() -> Error {
    let detail = format!("This `{HEADER}` belongs to another request: make a new one for each.");
    ErrorObject::new(Code::IdempotencyMismatch, detail).header(HEADER).into()
}

/// 409 for who asks again too early.
pub fn in_flight() -> ErrorObject {
    let detail = "A request with this key is still being carried out; ask again a little later.";
    ErrorObject::new(Code::IdempotencyInFlight, detail).header(HEADER).meta("retry_after", 1)
}

#[cfg(test)]
mod tests {
    use super::is_answer;

    #[test]
    fn what_may_be_otherwise_next_time_is_not_kept() {
        for status in [400, 403, 404, 409, 415, 422] {
            assert!(is_answer(status), "{status}");
        }
        for status in [200, 401, 408, 412, 429, 500, 503] {
            assert!(!is_answer(status), "{status}");
        }
    }
}
