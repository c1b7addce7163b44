//! Configuration: one typed [`Config`], read once, from defaults, a TOML file, the environment and flags.
//!
//! A later source wins over an earlier one, setting by setting. A setting has one key, which is its name in the
//! file (`rate_limit`), its flag with hyphens (`--rate-limit`) and, but for `DATABASE_URL`, its variable in capitals
//! (`TERTULIA_RATE_LIMIT`). An empty variable counts as not set. All problems are reported together, each with its source.

mod database_url;
mod layers;
mod limits;
mod network;
mod storage;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

pub use database_url::DatabaseUrl;
pub use ipnet::IpNet;
pub use limits::{RateLimit, RateLimitError};
pub use network::{BindAddress, CorsOrigins, PublicUrl};
pub use storage::StorageUrl;
pub use value::{Count, LogFilter, LogFormat, SignUp};

use layers::Layers;
use value::Value;

/// A configuration file that is read without being named, if it exists in the current directory.
pub const DEFAULT_FILE: &str = "tertulia.toml";

/// The variable that names the configuration file.
pub const FILE_VARIABLE: &str = "TERTULIA_CONFIG";

/// What is known of one setting without its value: enough for flags, help and tables.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The name in the file and of the field in [`Config`]: `rate_limit`.
    pub key: &'static str,
    /// The environment variable: `TERTULIA_RATE_LIMIT`.
    pub variable: &'static str,
    /// What stands for the value in help: `LIMIT`.
    pub placeholder: &'static str,
    /// Which commands take it.
    pub scope: Scope,
    lines: &'static [&'static str],
}

/// The commands a setting concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every command: the database and the log.
    Everywhere,
    /// Only the running server.
    Server,
}

impl Setting {
    /// The long flag without its hyphens: `rate-limit`.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// What the setting means, in one paragraph.
    pub fn help(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.trim()).collect();
        lines.join(" ")
    }

    /// The default as one would write it, without secrets.
    pub fn default(&self) -> String {
        Config::default().show(self.key)
    }
}

/// Declares every setting once: its documentation, field, type, default, variable, placeholder and scope.
macro_rules! settings {
    ($( $(#[doc = $line:literal])+ $key:ident: $type:ty = $default:expr, $variable:literal, $placeholder:literal, $scope:ident; )+) => {
        /// Every value the program can be told, checked and typed.
        ///
        /// `Debug` and the `show` forms never hold a password.
        #[derive(Clone, Debug)]
        pub struct Config {
            $( $(#[doc = $line])+ pub $key: $type, )+
        }

        impl Default for Config {
            fn default() -> Self {
                Self { $( $key: $default, )+ }
            }
        }

        /// Every setting, in the order of [`Config`].
        pub const SETTINGS: &[Setting] = &[ $( Setting {
            key: stringify!($key),
            variable: $variable,
            placeholder: $placeholder,
            scope: Scope::$scope,
            lines: &[$($line),+],
        } ),+ ];

        impl Config {
            fn set(&mut self, key: &str, text: &str) -> Result<(), String> {
                match key {
                    $( stringify!($key) => self.$key = Value::read(text)?, )+
                    _ => return Err(format!("there is no setting `{key}`")),
                }
                Ok(())
            }

            /// The value of a setting as one would write it, with secrets replaced; empty for an unknown key.
            pub fn show(&self, key: &str) -> String {
                match key {
                    $( stringify!($key) => self.$key.show(), )+
                    _ => String::new(),
                }
            }
        }
    };
}

settings! {
    /// Where everything is stored: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    database_url: DatabaseUrl = DatabaseUrl::sqlite("tertulia.db"), "DATABASE_URL", "URL", Everywhere;
    /// Connections kept to the database; `auto` fits the processors and the kind of database.
    database_pool: Option<NonZeroUsize> = None, "TERTULIA_DATABASE_POOL", "NUMBER", Everywhere;
    /// How long a request waits for a connection before it is answered with 503.
    database_timeout: Duration = Duration::from_secs(5), "TERTULIA_DATABASE_TIMEOUT", "TIME", Everywhere;
    /// Where uploads are stored: `file:PATH`, or `s3://BUCKET/PREFIX?endpoint=URL&region=NAME` with keys in the usual
    /// `AWS_…` variables; `auto` is a directory beside the database, or `tertulia-files`.
    storage: Option<StorageUrl> = None, "TERTULIA_STORAGE", "URL", Everywhere;
    /// What is logged to standard error: `error`, `warn`, `info`, `debug`, `trace`, also per module
    /// (`info,tertulia::http=debug`), or `off`.
    log: LogFilter = LogFilter::info(), "TERTULIA_LOG", "FILTER", Everywhere;
    /// The form of the log: `text` for people or `json`, one object a line, for collectors.
    log_format: LogFormat = LogFormat::Text, "TERTULIA_LOG_FORMAT", "FORMAT", Everywhere;
    /// The address to listen on, host:port; port 0 picks a free one, which is printed.
    bind: BindAddress = BindAddress::local(8080), "TERTULIA_BIND", "HOST:PORT", Server;
    /// What links in answers begin with, as clients reach the server (`https://chat.example.com`); without it the
    /// `Host` of each request.
    public_url: Option<PublicUrl> = None, "TERTULIA_PUBLIC_URL", "URL", Server;
    /// Requests allowed per client address and time (`300/60s`), or `off`.
    rate_limit: Option<RateLimit> = Some(RateLimit::REQUESTS), "TERTULIA_RATE_LIMIT", "LIMIT", Server;
    /// Sign-ins and sign-ups allowed per client address, and per e-mail address (`5/20s`), or `off`.
    sign_in_limit: Option<RateLimit> = Some(RateLimit::SIGN_INS), "TERTULIA_SIGN_IN_LIMIT", "LIMIT", Server;
    /// Whether anybody may create an account: `open` or `closed`. Closed, `tertulia user create` still does.
    sign_up: SignUp = SignUp::Open, "TERTULIA_SIGN_UP", "POLICY", Server;
    /// Days that a token lives after its last use.
    session_days: NonZeroU32 = value::THIRTY, "TERTULIA_SESSION_DAYS", "DAYS", Server;
    /// Web origins whose pages may call the server, comma-separated (`https://app.example.com`), `*` for all, or `none`.
    cors_origins: CorsOrigins = CorsOrigins::Any, "TERTULIA_CORS_ORIGINS", "ORIGINS", Server;
    /// Addresses or networks (`10.0.0.0/8`) of proxies, comma-separated, whose `X-Forwarded-For` and `Forwarded` headers
    /// are believed where they don't disagree, or `none`.
    trusted_proxies: Vec<IpNet> = Vec::new(), "TERTULIA_TRUSTED_PROXIES", "ADDRESSES", Server;
    /// The largest request body, in bytes or as `512KiB`, `1MiB`.
    max_body_bytes: usize = 1024 * 1024, "TERTULIA_MAX_BODY_BYTES", "SIZE", Server;
    /// The most operations of one atomic request, from 1 to 10000.
    max_operations: Count = Count::THOUSAND, "TERTULIA_MAX_OPERATIONS", "NUMBER", Server;
    /// The largest upload, in bytes or as `512KiB`, `10MiB`.
    max_upload_bytes: usize = 10 * 1024 * 1024, "TERTULIA_MAX_UPLOAD_BYTES", "SIZE", Server;
    /// How long a client may take to send its request headers, and the server to answer.
    request_timeout: Duration = Duration::from_secs(30), "TERTULIA_REQUEST_TIMEOUT", "TIME", Server;
    /// How long a shutdown waits for requests in flight.
    shutdown_timeout: Duration = Duration::from_secs(30), "TERTULIA_SHUTDOWN_TIMEOUT", "TIME", Server;
    /// Threads that handle requests; `auto` is one per processor.
    workers: Option<NonZeroUsize> = None, "TERTULIA_WORKERS", "NUMBER", Server;
}

/// Where values come from. Everything is passed in, so that a test needs no process environment.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file named by `--config`. It must exist.
    pub file: Option<PathBuf>,
    /// The file that is read if it exists and no other one is named.
    pub default_file: Option<PathBuf>,
    /// The environment; variables that name no setting are passed over.
    pub environment: BTreeMap<String, String>,
    /// Values given by flags, under the setting's key.
    pub flags: BTreeMap<&'static str, String>,
}

/// A [`Config`] and, for each setting, the source that decided it.
#[derive(Clone, Debug)]
pub struct Effective {
    /// The values.
    pub config: Config,
    origins: BTreeMap<&'static str, String>,
    notes: Vec<String>,
}

impl Effective {
    /// `default`, `tertulia.toml, key bind`, `variable TERTULIA_BIND` or `flag --bind`.
    pub fn origin(&self, key: &str) -> &str {
        self.origins.get(key).map_or("default", String::as_str)
    }

    /// Things worth a warning that are no errors: variables whose names nearly are those of settings.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Config {
    /// Where uploads are stored.
    pub fn storage_url(&self) -> StorageUrl {
        self.storage.clone().unwrap_or_else(|| StorageUrl::beside(&self.database_url))
    }

    /// Whether a variable of the environment belongs to the configuration.
    pub fn names_variable(name: &str) -> bool {
        name == FILE_VARIABLE || SETTINGS.iter().any(|setting| setting.variable == name)
    }

    /// Reads all sources, the strongest last: defaults, file, environment, flags.
    ///
    /// # Errors
    /// Every wrong value and unknown key at once, each with the source it came from.
    pub fn load(sources: &Sources) -> Result<Effective, ConfigError> {
        let (layers, mut problems) = Layers::read(sources);
        let mut config = Config::default();
        let mut origins = BTreeMap::new();
        for setting in SETTINGS {
            let Some((text, origin)) = layers.value(setting) else {
                continue;
            };
            if let Err(problem) = text.and_then(|text| config.set(setting.key, &text)) {
                problems.push(format!("{origin}: {problem}"));
            }
            origins.insert(setting.key, origin);
        }
        ConfigError::collect(problems)?;
        Ok(Effective { config, origins, notes: layers::near_misses(sources) })
    }
}

/// Everything that is wrong with the configuration; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<String>,
}

impl ConfigError {
    fn collect(problems: Vec<String>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }

    /// One sentence for each problem.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

#[cfg(test)]
mod tests;
