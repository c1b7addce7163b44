//! All resources of a server, with their row types erased, so that an include can go from any type to any other.

mod entry;
mod info;
mod rows;

pub use self::{
    entry::Entry,
    info::{AttributeInfo, Can, Member, Relationship, SortInfo, ToManyInfo, ToOneInfo},
    rows::{Ops, Rows},
};
use super::{
    Resource, cursor,
    error::{Error, Result},
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Every type that a server knows.
#[derive(Clone, Default)]
pub struct Registry {
    entries: Vec<Arc<Entry>>,
    by_type: FxHashMap<&'static str, usize>,
    cursor_key: cursor::Key,
}

impl Registry {
    /// No types.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `R`.
    #[must_use]
    pub fn with<R: Resource>(mut self) -> Self {
        self.by_type.insert(R::TYPE, self.entries.len());
        let number = self.entries.len();
        self.entries.push(Arc::new(Entry::of::<R>(number)));
        self
    }

    /// Has cursors sealed with a key that outlives this process, and that others share.
    #[must_use]
    pub fn sealed_with(mut self, key: cursor::Key) -> Self {
        self.cursor_key = key;
        self
    }

    /// What cursors are sealed with.
    pub fn cursor_key(&self) -> &cursor::Key {
        &self.cursor_key
    }

    /// The entry of a type.
    pub fn find(&self, kind: &str) -> Option<&Arc<Entry>> {
        self.by_type.get(kind).map(|&at| &self.entries[at])
    }

    /// The entry of a type that a relationship names.
    ///
    /// # Errors
    /// [`Error::Internal`] when the server was put together without it.
    pub fn target(&self, kind: &str) -> Result<&Arc<Entry>> {
        self.find(kind).ok_or_else(|| Error::Internal(format!("no resource of type {kind} is registered")))
    }

    /// All entries, in the order in which they were added.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }
}
