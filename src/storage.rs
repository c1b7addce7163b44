//! Storage of bytes: a directory, or a bucket of anything that speaks the protocol of S3.
//!
//! ```text
//! file:PATH                                        a directory, made with the first bytes
//! s3://BUCKET/PREFIX?endpoint=URL&region=NAME      keys and what else is missing as the `AWS_…` variables say
//! ```
//! Bytes lie at `AREA/XX/ID`, where `XX` are the last two digits of the id, so that no directory gets too large.
//! They are written and read as streams, never as a whole, and are never changed once they are there.

mod location;
#[cfg(test)]
mod tests;

use crate::db::Id;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream::BoxStream};
use location::Location;
pub(crate) use location::refuse_keys;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, buffered::BufWriter, path::Path};
use std::{io, ops::Range, path::PathBuf, sync::Arc};
use tokio::io::AsyncWriteExt as _;

/// Parts of one upload that are under way at the same time.
const PARTS: usize = 2;

/// The name of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What they are for.
    pub area: &'static str,
    /// Which ones.
    pub id: Id,
}

impl Key {
    fn path(self) -> Path {
        let id = self.id.to_string();
        let (_, tail) = id.split_at(id.len() - 2);
        Path::from_iter([self.area, tail, &id])
    }
}

/// Why bytes can't be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The URL is wrong.
    #[error("{0}")]
    Config(String),
    /// There are no such bytes.
    #[error("there are no such bytes in the storage")]
    Missing,
    /// Anything else.
    #[error("the storage fails: {0}")]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl From<object_store::Error> for StorageError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            error => Self::Failed(error.into()),
        }
    }
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// A storage, shared by cloning.
#[derive(Clone, Debug)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    part: usize,
    directory: Option<PathBuf>,
}

impl Storage {
    /// Opens the storage that `url` names.
    ///
    /// # Errors
    /// [`StorageError::Config`] if the URL is wrong.
    pub fn open(url: &str) -> Result<Self, StorageError> {
        Location::parse(url).and_then(Location::open).map_err(StorageError::Config)
    }

    /// Begins to store bytes. Nothing is there before [`Upload::finish`].
    pub fn upload(&self, key: Key) -> Upload {
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), key.path(), self.part);
        Upload { writer: writer.with_max_concurrency(PARTS) }
    }

    /// How many bytes there are.
    ///
    /// # Errors
    /// [`StorageError`]
    pub async fn size(&self, key: Key) -> Result<u64, StorageError> {
        Ok(self.store.head(&key.path()).await?.size)
    }

    /// The bytes in `range`, which must lie within them.
    ///
    /// # Errors
    /// [`StorageError`]; the stream fails with one too.
    pub async fn read(
        &self,
        key: Key,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Bytes, StorageError>> + Send + use<>, StorageError> {
        let range = (!range.is_empty()).then_some(GetRange::Bounded(range));
        let found = self.store.get_opts(&key.path(), GetOptions { range, ..GetOptions::default() }).await?;
        Ok(found.into_stream().map(|chunk| chunk.map_err(StorageError::from)))
    }

    /// All bytes at once, if there are at most `most`.
    ///
    /// # Errors
    /// [`StorageError`]
    pub async fn whole(&self, key: Key, most: u64) -> Result<Option<Bytes>, StorageError> {
        let found = self.store.get(&key.path()).await?;
        if found.meta.size > most {
            return Ok(None);
        }
        Ok(Some(found.bytes().await?))
    }

    /// Stores a few bytes at once.
    ///
    /// # Errors
    /// [`StorageError`]
    pub async fn put(&self, key: Key, bytes: Vec<u8>) -> Result<(), StorageError> {
        self.store.put(&key.path(), bytes.into()).await?;
        Ok(())
    }

    /// Removes bytes, and what a broken upload of them left; it's no error if there is nothing.
    ///
    /// # Errors
    /// [`StorageError::Failed`]
    pub async fn remove(&self, key: Key) -> Result<(), StorageError> {
        if let Some(directory) = &self.directory {
            let staged = directory.join(key.path().as_ref());
            let removed = tokio::task::spawn_blocking(move || remove_staged(&staged)).await;
            removed.map_err(|error| StorageError::Failed(error.into()))??;
        }
        match self.store.delete(&key.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The names of everything in an area, and when it was stored, in milliseconds since 1970.
    pub fn list(&self, area: &'static str) -> BoxStream<'static, Result<(Key, i64), StorageError>> {
        let found = self.store.list(Some(&Path::from(area)));
        let named = move |found: object_store::Result<object_store::ObjectMeta>| match found {
            Err(error) => Some(Err(error.into())),
            Ok(meta) => {
                let id = meta.location.filename().and_then(|name| name.parse().ok())?;
                let key = Key { area, id };
                (key.path() == meta.location).then_some(Ok((key, meta.last_modified.timestamp_millis())))
            }
        };
        found.filter_map(move |found| std::future::ready(named(found))).boxed()
    }
}

/// A process that ended in the middle of an upload leaves `ID#N` beside where `ID` was to be. Somebody else may remove it
/// at the same time.
fn remove_staged(path: &std::path::Path) -> io::Result<()> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    let Some(entries) = unless_missing(std::fs::read_dir(directory))? else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let is_staged = |found: &str| found.strip_prefix(name).is_some_and(|tail| tail.starts_with('#'));
        if entry.file_name().to_str().is_some_and(is_staged) {
            unless_missing(std::fs::remove_file(entry.path()))?;
        }
    }
    Ok(())
}

fn unless_missing<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        done => done.map(Some),
    }
}

/// Bytes on their way into the storage.
pub struct Upload {
    writer: BufWriter,
}

impl Upload {
    /// Takes the next bytes; waits while too many are under way.
    ///
    /// # Errors
    /// [`StorageError`]
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), StorageError> {
        Ok(self.writer.put(chunk).await?)
    }

    /// Ends the bytes; they are in the storage for good afterwards.
    ///
    /// # Errors
    /// [`StorageError`]
    pub async fn finish(mut self) -> Result<(), StorageError> {
        Ok(self.writer.shutdown().await?)
    }

    /// Throws the bytes away.
    pub async fn abort(mut self) {
        if let Err(error) = self.writer.abort().await {
            tracing::warn!(%error, "an upload was not taken back");
        }
    }
}
