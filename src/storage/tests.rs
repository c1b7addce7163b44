//! A storage in a directory.

use super::{Key, Storage, StorageError};
use crate::db::Id;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tempfile::TempDir;

const AREA: &str = "content";

fn storage() -> (Storage, TempDir) {
    let directory = TempDir::with_prefix("tertulia-test-").expect("a temporary directory");
    let storage = Storage::open(&format!("file:{}/files", directory.path().display())).expect("a storage");
    (storage, directory)
}

async fn store(storage: &Storage, chunks: &[Bytes]) -> Key {
    let key = Key { area: AREA, id: Id::new() };
    let mut upload = storage.upload(key);
    for chunk in chunks {
        upload.write(chunk.clone()).await.expect("a write");
    }
    upload.finish().await.expect("an end");
    key
}

async fn read(storage: &Storage, key: Key, range: std::ops::Range<u64>) -> Vec<u8> {
    let chunks: Vec<Bytes> = storage.read(key, range).await.expect("bytes").try_collect().await.expect("all of them");
    chunks.concat()
}

#[tokio::test]
async fn what_was_stored_is_read_whole_and_in_ranges() {
    let (storage, _directory) = storage();
    let chunks: Vec<Bytes> = (0..40_u8).map(|byte| Bytes::from(vec![byte; 16 << 10])).collect();
    let key = store(&storage, &chunks).await;
    let all = chunks.concat();
    assert_eq!(storage.size(key).await.expect("a size"), 40 << 14);
    assert_eq!(read(&storage, key, 0..40 << 14).await, all);
    assert_eq!(read(&storage, key, 300_000..300_001).await, all[300_000..300_001]);
    assert_eq!(storage.whole(key, 40 << 14).await.expect("bytes").as_deref(), Some(all.as_slice()));
    assert_eq!(storage.whole(key, (40 << 14) - 1).await.expect("an answer"), None);
}

#[tokio::test]
async fn nothing_at_all_can_be_stored() {
    let (storage, _directory) = storage();
    let key = store(&storage, &[]).await;
    assert_eq!(storage.size(key).await.expect("a size"), 0);
    assert_eq!(read(&storage, key, 0..0).await, b"");
}

#[tokio::test]
async fn nothing_is_there_before_the_end_or_after_taking_it_back() {
    let (storage, _directory) = storage();
    for chunk in [1 << 10, 1 << 20] {
        let key = Key { area: AREA, id: Id::new() };
        let mut upload = storage.upload(key);
        upload.write(Bytes::from(vec![1; chunk])).await.expect("a write");
        assert!(matches!(storage.size(key).await, Err(StorageError::Missing)));
        upload.abort().await;
        assert!(matches!(storage.size(key).await, Err(StorageError::Missing)));
    }
    assert_eq!(storage.list(AREA).count().await, 0);
}

#[tokio::test]
async fn removing_takes_away_what_broken_uploads_left() {
    let (storage, directory) = storage();
    let key = store(&storage, &[Bytes::from_static(b"a")]).await;
    let other = store(&storage, &[Bytes::from_static(b"b")]).await;
    let path = directory.path().join("files").join(key.path().as_ref());
    let staged = path.with_file_name(format!("{}#1", key.id));
    std::fs::write(&staged, b"half").expect("a file");

    storage.remove(key).await.expect("gone");
    storage.remove(key).await.expect("gone already");

    assert!(!path.exists() && !staged.exists());
    let listed: Vec<_> = storage.list(AREA).try_collect().await.expect("a list");
    assert_eq!(listed.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [other]);
}

#[tokio::test]
async fn what_is_not_ours_is_not_listed() {
    let (storage, directory) = storage();
    let key = store(&storage, &[Bytes::from_static(b"a")]).await;
    let files = directory.path().join("files").join(AREA);
    std::fs::write(files.join("notes.txt"), b"x").expect("a file");
    std::fs::write(files.join(Id::new().to_string()), b"x").expect("a file");
    let listed: Vec<_> = storage.list(AREA).try_collect().await.expect("a list");
    assert_eq!(listed.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [key]);
}
