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
use std::{collections::BTreeSet, sync::Arc};

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
    /// [`Error::Internal`] when there is none, which [`Registry::check`] would have told.
    pub fn target(&self, kind: &str) -> Result<&Arc<Entry>> {
        self.find(kind).ok_or_else(|| Error::Internal(format!("no resource of type {kind} is registered")))
    }

    /// Finds what would otherwise be found by a request: types that share a name or a path, relationships that lead to
    /// none of the types, default orders that are none.
    ///
    /// # Errors
    /// A sentence about the first one.
    pub fn check(&self) -> std::result::Result<(), String> {
        let (mut kinds, mut paths) = (BTreeSet::new(), BTreeSet::new());
        for entry in &self.entries {
            let Entry { kind, path, default_sort, .. } = &**entry;
            if !kinds.insert(kind) {
                return Err(format!("the type `{kind}` is registered twice"));
            }
            if !paths.insert(path) {
                return Err(format!("`{kind}` shares the path `{path}` with another type"));
            }
            let mut order =
                default_sort.split(',').map(|word| word.trim_start_matches('-')).filter(|it| !it.is_empty());
            if let Some(word) = order.find(|word| !entry.sort_words().any(|known| known == *word)) {
                return Err(format!("`{kind}` has no sort `{word}` for its default order"));
            }
            self.check_relationships(entry)?;
        }
        Ok(())
    }

    fn check_relationships(&self, entry: &Entry) -> std::result::Result<(), String> {
        let one = entry.to_one.iter().map(|one| (one.name, one.target, None));
        let many = entry.to_many.iter().map(|many| (many.name, many.target, many.creates));
        for (name, target, back) in one.chain(many) {
            let Some(target) = self.find(target) else {
                return Err(format!("`{}.{name}` leads to the type `{target}`, which is not registered", entry.kind));
            };
            if let Some(back) = back.filter(|back| target.to_one.iter().all(|one| one.name != *back)) {
                return Err(format!(
                    "`{}.{name}` makes members by `{}.{back}`, which is not there",
                    entry.kind, target.kind
                ));
            }
        }
        Ok(())
    }

    /// All entries, in the order in which they were added.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }
}
