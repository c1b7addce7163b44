//! Bytes beside a resource, at `/{path}/{id}/{name}`: who may read and send them, and what becomes of them.
//!
//! ```text
//! GET  find ─────────────────────────────► bytes out of the storage
//! PUT  begin ──► bytes into the storage ──► end
//! ```
//! `begin` and `end` are transactions of their own, since bytes take their time. What was true in `begin` may have
//! changed by `end`. Moving the bytes is not the business of this layer.

use super::{error::Result, registry::Entry, viewer::Viewer, write::Tx};
use crate::{
    db::{Conn, Id, Time},
    jsonapi::error::Errors,
    storage::Key,
};

/// How many of the first bytes are kept for a look.
pub const HEAD: usize = 8 << 10;

/// Bytes of a resource.
#[derive(Clone, Copy)]
pub struct Content {
    /// The last segment of their URL, and the area of the storage where `PUT` has them stored.
    pub name: &'static str,
    /// What this viewer may read now.
    ///
    /// # Errors
    /// 404 if the viewer doesn't see the resource, or it has no bytes.
    pub find: fn(&mut Conn, &Viewer, &Entry, Id) -> Result<Stored>,
    /// How `PUT` is carried out; without it the answer is 405.
    pub receive: Option<Receive>,
}

/// Judges a sender; the length is known where it was announced.
pub type Begin = fn(&mut Tx<'_>, &Entry, Id, Option<u64>) -> Result<Verdict<Id>>;

/// How bytes are taken.
#[derive(Clone, Copy)]
pub struct Receive {
    /// Whether the viewer may send bytes, of this length if it is known; gives the name to store them by.
    pub begin: Begin,
    /// Judges the bytes, and keeps them or not.
    pub end: fn(&mut Tx<'_>, &Entry, Id, &Arrived) -> Result<Verdict<()>>,
}

/// A decision that is kept in either case: a refusal of bytes leaves a trace on the resource.
pub type Verdict<T> = std::result::Result<T, Errors>;

/// Bytes that can be read.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Where they are in the storage.
    pub key: Key,
    /// What they are, as a media type.
    pub media_type: String,
    /// The name of the file for whoever saves it.
    pub file_name: String,
    /// How many, if it is known without looking.
    pub size: Option<u64>,
    /// A strong entity tag without its quotes.
    pub tag: String,
    /// When they came.
    pub modified: Time,
}

/// Bytes that arrived in the storage, and are not yet anybody's.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The name by which `begin` had them stored.
    pub id: Id,
    /// How many.
    pub size: u64,
    /// Their SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// The first [`HEAD`] of them.
    pub head: Vec<u8>,
}
