//! Where a storage is, and how that place is reached.

use super::Storage;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
    prefix::PrefixStore,
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use url::Url;

/// The smallest part that S3 takes.
const S3_PART: usize = 5 << 20;
/// A file is written in pieces of this size.
const FILE_PART: usize = 256 << 10;

/// A URL, taken apart.
#[derive(Debug, PartialEq)]
pub(super) enum Location {
    Directory(PathBuf),
    Bucket { name: String, prefix: String, endpoint: Option<String>, region: Option<String> },
}

impl Location {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("file", path)) if !path.trim_start_matches('/').is_empty() => {
                // Both `file:PATH` and `file:///PATH`.
                Ok(Self::Directory(path.strip_prefix("//").unwrap_or(path).into()))
            }
            Some(("s3", _)) => Self::bucket(text),
            _ => Err(format!("`{text}` is no storage; write `file:PATH` or `s3://BUCKET/PREFIX`")),
        }
    }

    fn bucket(text: &str) -> Result<Self, String> {
        refuse_keys(text)?;
        let url = Url::parse(text).map_err(|error| format!("`{text}` is no storage: {error}"))?;
        let name = url.host_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| format!("`{text}` lacks a bucket, like `s3://BUCKET`"))?.to_owned();
        let (mut endpoint, mut region) = (None, None);
        for (key, value) in url.query_pairs() {
            match &*key {
                "endpoint" if !is_web(&value) => {
                    return Err(format!("`{value}` is no endpoint; write `https://HOST:PORT`"));
                }
                "endpoint" => endpoint = Some(value.into_owned()),
                "region" => region = Some(value.into_owned()),
                _ => return Err(format!("`{key}` is no part of a storage; there are `endpoint` and `region`")),
            }
        }
        Ok(Self::Bucket { name, prefix: url.path().trim_matches('/').to_owned(), endpoint, region })
    }

    pub(super) fn open(self) -> Result<Storage, String> {
        match self {
            Self::Directory(path) => directory(path),
            Self::Bucket { name, prefix, endpoint, region } => {
                let mut builder = AmazonS3Builder::from_env()
                    .with_bucket_name(name)
                    .with_client_options(client_options())
                    .with_retry(retry());
                if let Some(endpoint) = endpoint {
                    let insecure = endpoint.starts_with("http://");
                    builder = builder.with_endpoint(endpoint).with_allow_http(insecure);
                }
                if let Some(region) = region {
                    builder = builder.with_region(region);
                }
                let bucket = builder.build().map_err(|error| format!("the bucket can't be used: {error}"))?;
                let store: Arc<dyn ObjectStore> = match prefix.as_str() {
                    "" => Arc::new(bucket),
                    prefix => Arc::new(PrefixStore::new(bucket, prefix)),
                };
                Ok(Storage { store, part: S3_PART, directory: None })
            }
        }
    }
}

/// Keys before the bucket's name, which would be shown wherever the URL is.
///
/// # Errors
/// Says so, and not which.
pub(crate) fn refuse_keys(text: &str) -> Result<(), String> {
    let bucket = text.strip_prefix("s3://").and_then(|place| place.split(['/', '?']).next());
    match bucket {
        Some(bucket) if bucket.contains(['@', ':']) => {
            Err("keys are no part of a storage; they go into the `AWS_…` variables".to_owned())
        }
        _ => Ok(()),
    }
}

fn is_web(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The directory is made with the first upload, so that a server without uploads leaves nothing behind.
fn directory(path: PathBuf) -> Result<Storage, String> {
    let cannot = |error: &dyn std::fmt::Display| format!("can't use the directory `{}`: {error}", path.display());
    if path.exists() && !path.is_dir() {
        return Err(cannot(&"it is a file"));
    }
    let path = std::path::absolute(&path).map_err(|error| cannot(&error))?;
    let prefix = Path::from_absolute_path(&path).map_err(|error| cannot(&error))?;
    // An upload is acknowledged only once it would outlive a loss of power.
    let store = PrefixStore::new(LocalFileSystem::new().with_fsync(true), prefix);
    Ok(Storage { store: Arc::new(store), part: FILE_PART, directory: Some(path) })
}

/// A body may take long, as its reader does; silence may not.
fn client_options() -> ClientOptions {
    ClientOptions::new()
        .with_timeout_disabled()
        .with_connect_timeout(Duration::from_secs(5))
        .with_read_timeout(Duration::from_secs(20))
}

/// Somebody waits for the answer.
fn retry() -> RetryConfig {
    RetryConfig { backoff: BackoffConfig::default(), max_retries: 3, retry_timeout: Duration::from_secs(20) }
}

#[cfg(test)]
mod tests {
    use super::Location;

    #[test]
    fn a_directory_has_a_path() {
        for (text, path) in
            [("file:a/b", "a/b"), ("file:/a", "/a"), ("file:///a", "/a"), ("file://a", "a"), ("file:./a b", "./a b")]
        {
            assert_eq!(Location::parse(text), Ok(Location::Directory(path.into())), "{text}");
        }
        for text in ["file:", "file://", "a/b", "", "ftp://a/b", "C:\\a"] {
            assert!(Location::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_in_the_url_are_refused_and_not_repeated() {
        for text in ["s3://AKIA:s3cret@files/a", "s3://AKIA:s3cret@fi les", "s3://s3cret@files"] {
            let problem = Location::parse(text).expect_err(text);
            assert!(!problem.contains("s3cret"), "{problem}");
        }
    }

    #[test]
    fn a_bucket_has_a_name_and_perhaps_a_prefix_an_endpoint_and_a_region() {
        let bucket = |name: &str, prefix: &str, endpoint: Option<&str>, region: Option<&str>| Location::Bucket {
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            endpoint: endpoint.map(str::to_owned),
            region: region.map(str::to_owned),
        };
        assert_eq!(Location::parse("s3://files"), Ok(bucket("files", "", None, None)));
        assert_eq!(Location::parse("s3://files/a/b/"), Ok(bucket("files", "a/b", None, None)));
        let text = "s3://files/a?endpoint=http://localhost:9000&region=eu-central-1";
        assert_eq!(
            Location::parse(text),
            Ok(bucket("files", "a", Some("http://localhost:9000"), Some("eu-central-1")))
        );
        for text in ["s3://", "s3:///a", "s3:a", "s3://files?secret=x"] {
            assert!(Location::parse(text).is_err(), "{text}");
        }
        for endpoint in ["", "localhost:9000", "ftp://localhost", "http://"] {
            assert!(Location::parse(&format!("s3://files?endpoint={endpoint}")).is_err(), "{endpoint}");
        }
    }
}
