//! Where uploads are stored: `file:PATH` or `s3://BUCKET/PREFIX`. Keys are no part of it.

use std::fmt;

use super::{database_url::DatabaseUrl, value::Value};
use crate::storage::refuse_keys;

/// The URL of a storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageUrl(String);

impl StorageUrl {
    /// A directory; a relative path is taken from the current directory.
    pub fn directory(path: impl fmt::Display) -> Self {
        Self(format!("file:{path}"))
    }

    /// The directory that goes with a database: named after its file, or `tertulia-files` where that is none.
    pub(super) fn beside(database: &DatabaseUrl) -> Self {
        match database.file() {
            Some(path) => Self::directory(format_args!("{path}-files")),
            None => Self::directory("tertulia-files"),
        }
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StorageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A storage, or the one that goes with the database.
impl Value for Option<StorageUrl> {
    fn read(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(None);
        }
        refuse_keys(text)?;
        let place = text.strip_prefix("file:").or_else(|| text.strip_prefix("s3://"));
        if place.is_some_and(|place| !place.trim_matches('/').is_empty()) {
            return Ok(Some(StorageUrl(text.to_owned())));
        }
        Err(format!("`{text}` is no storage; write `file:PATH`, `s3://BUCKET/PREFIX` or `auto`"))
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "auto".to_owned(), StorageUrl::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::{DatabaseUrl, StorageUrl, Value};

    #[test]
    fn a_storage_goes_with_its_database() {
        for (database, storage) in [
            ("sqlite:tertulia.db", "file:tertulia.db-files"),
            ("sqlite:///var/lib/tertulia.db", "file:/var/lib/tertulia.db-files"),
            ("postgres://ana:secret@db/chat", "file:tertulia-files"),
        ] {
            assert_eq!(StorageUrl::beside(&DatabaseUrl::parse(database).unwrap()).as_str(), storage);
        }
    }

    #[test]
    fn keys_in_the_url_are_refused_and_not_repeated() {
        for text in ["s3://AKIA:s3cret@files/a", "s3://AKIA:s/3cret@files", "s3://s3cret@files?region=x"] {
            let problem = Option::<StorageUrl>::read(text).expect_err(text);
            assert!(!problem.contains("3cret"), "{problem}");
        }
        assert!(Option::<StorageUrl>::read("s3://files/a@b").is_ok());
    }

    #[test]
    fn a_storage_is_a_directory_or_a_bucket() {
        for text in ["auto", "file:a", "file:///a/b", "s3://files", "s3://files/a?endpoint=http://localhost:9000"] {
            assert_eq!(Option::<StorageUrl>::read(text).unwrap().show(), text);
        }
        for text in ["", "a/b", "file:", "file:///", "s3://", "s3:a", "http://files"] {
            assert!(Option::<StorageUrl>::read(text).is_err(), "{text}");
        }
    }
}
