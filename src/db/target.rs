//! What a database URL names: `sqlite:PATH`, `sqlite://PATH`, `postgres://…` or `postgresql://…`.
//!
//! The path of SQLite is taken as it is: no percent-encoding, no parameters, relative to the working directory.
//! No message made here contains the password, and [`Target::redact`] takes it out of those of libpq. libpq quotes
//! what it can't read, so a URL whose user information could be read in two ways is refused before it sees it.

use std::path::PathBuf;

use super::conn::Kind;
use super::error::DbError;

/// Seconds until a silent PostgreSQL host counts as unreachable, where the URL says nothing else.
const CONNECT_TIMEOUT: &str = "connect_timeout=5";

/// A database to connect to.
#[derive(Clone)]
pub(super) enum Target {
    Sqlite(PathBuf),
    Postgres { url: String, secrets: Vec<String> },
}

impl Target {
    /// Reads a database URL.
    pub(super) fn parse(url: &str) -> Result<Self, DbError> {
        let Some((scheme, rest)) = url.trim().split_once(':') else {
            return Err(config("the database URL must start with `sqlite:` or `postgres://`"));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" => sqlite(rest.strip_prefix("//").unwrap_or(rest)),
            "postgres" | "postgresql" => postgres(rest.strip_prefix("//").unwrap_or_default()),
            _ => Err(config("the database URL has an unknown scheme; use `sqlite:PATH` or `postgres://…`")),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Target::Sqlite(_) => Kind::Sqlite,
            Target::Postgres { .. } => Kind::Postgres,
        }
    }

    /// Takes the passwords of the URL out of a message.
    pub(super) fn redact(&self, message: impl ToString) -> String {
        let message = message.to_string();
        match self {
            Target::Sqlite(_) => message,
            Target::Postgres { secrets, .. } => {
                secrets.iter().fold(message, |text, secret| text.replace(secret, "***"))
            }
        }
    }
}

fn config(message: impl Into<String>) -> DbError {
    DbError::Config(message.into())
}

fn sqlite(path: &str) -> Result<Target, DbError> {
    if path.is_empty() {
        return Err(config("the database URL names no file; write `sqlite:PATH`"));
    }
    if path == ":memory:" || path.starts_with("file:") {
        return Err(config("the database must be a file, since every connection would have a memory of its own"));
    }
    if let Some((path, _)) = path.split_once('?') {
        return Err(config(format!("a SQLite URL takes no parameters; write `sqlite:{path}`")));
    }
    // An absolute path survives a change of directory, and SQLite can't take it for a `file:` URI.
    let absolute = std::path::absolute(path).map_err(|error| config(format!("`{path}` is no path: {error}")))?;
    Ok(Target::Sqlite(absolute))
}

fn postgres(rest: &str) -> Result<Target, DbError> {
    if rest.is_empty() {
        return Err(config("the database URL names no server; write `postgres://USER@HOST/DATABASE`"));
    }
    let (user_info, place) = match rest.split_once('@') {
        Some((user_info, place)) if !user_info.contains('/') => (user_info, place),
        _ => ("", rest),
    };
    if place.contains('@') {
        return Err(config("percent-encode `@` (%40), `/` (%2F) and `?` (%3F) inside the parts of the database URL"));
    }
    let query = place.split_once('?').map_or("", |(_, query)| query);
    let mut secrets = Vec::new();
    for password in passwords(user_info, query) {
        secrets.extend([decode(password)?, password.to_owned()]);
    }
    Ok(Target::Postgres { url: with_timeout(rest, query), secrets })
}

fn passwords<'u>(user_info: &'u str, query: &'u str) -> impl Iterator<Item = &'u str> {
    let of_user = user_info.split_once(':').map(|(_, password)| password);
    let parameters = query.split('&').filter_map(|pair| pair.split_once('='));
    let others = parameters.filter(|(name, _)| name.contains("password")).map(|(_, value)| value);
    of_user.into_iter().chain(others).filter(|password| !password.is_empty())
}

fn with_timeout(rest: &str, query: &str) -> String {
    match query {
        "" => format!("postgres://{}?{CONNECT_TIMEOUT}", rest.trim_end_matches('?')),
        set if set.contains("connect_timeout=") => format!("postgres://{rest}"),
        _ => format!("postgres://{rest}&{CONNECT_TIMEOUT}"),
    }
}

/// Undoes percent-encoding as libpq does, which leaves `+` alone.
fn decode(text: &str) -> Result<String, DbError> {
    let bad = || config("the password in the database URL is not percent-encoded: write `%25` for `%`");
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or_else(bad)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(bad());
        }
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| bad())?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> PathBuf {
        match Target::parse(url).unwrap() {
            Target::Sqlite(path) => path,
            Target::Postgres { .. } => panic!("{url} is SQLite"),
        }
    }

    fn url(url: &str) -> String {
        match Target::parse(url).unwrap() {
            Target::Postgres { url, .. } => url,
            Target::Sqlite(_) => panic!("{url} is PostgreSQL"),
        }
    }

    fn refusal(url: &str) -> String {
        match Target::parse(url) {
            Err(DbError::Config(message)) => message,
            _ => panic!("{url} is refused"),
        }
    }

    #[test]
    fn a_sqlite_path_is_absolute_or_relative_to_the_working_directory() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(path("sqlite:chat.db"), here.join("chat.db"));
        assert_eq!(path("sqlite://var/chat.db"), here.join("var/chat.db"));
        assert_eq!(path("sqlite:///var/chat.db"), PathBuf::from("/var/chat.db"));
        assert_eq!(path("sqlite:/var/chat.db"), PathBuf::from("/var/chat.db"));
        assert_eq!(path("SQLite:a b%20c.db"), here.join("a b%20c.db"));
    }

    #[test]
    fn a_postgres_url_is_handed_on_with_a_connect_timeout() {
        assert_eq!(url("postgres://u:p@h/d"), "postgres://u:p@h/d?connect_timeout=5");
        assert_eq!(url("postgresql:///d?host=/run"), "postgres:///d?host=/run&connect_timeout=5");
        assert_eq!(url("postgres://h/d?connect_timeout=9"), "postgres://h/d?connect_timeout=9");
    }

    #[test]
    fn what_names_no_database_is_refused() {
        let wrong = [
            "",
            "chat.db",
            ":",
            "mysql://u:hunter2@h/d",
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "sqlite:file:x?mode=memory",
            "sqlite:x.db?mode=rwc",
            "postgres:",
            "postgres://",
            "postgres:h/d",
        ];
        for url in wrong {
            assert!(!refusal(url).is_empty());
        }
    }

    #[test]
    fn an_ambiguous_password_is_refused_without_being_shown() {
        for url in [
            "postgres://u:hun@ter2@h/d",
            "postgres://u:hun/ter2@h/d",
            "postgres://u:hun%zzter2@h/d",
            "postgres://u:hunter2%4@h/d",
            "mysql://u:hunter2@h/d",
        ] {
            let message = refusal(url);
            assert!(!message.contains("hun") && !message.contains("ter2"), "{message}");
        }
    }

    #[test]
    fn passwords_are_taken_out_of_messages() {
        let target = Target::parse("postgres://u:hunter%202@h/d?sslpassword=swordfish").unwrap();
        assert_eq!(target.redact("`hunter%202` or `hunter 2` or `swordfish`"), "`***` or `***` or `***`");
    }
}
