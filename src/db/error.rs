//! Everything that the database can fail with.
//!
//! A caller distinguishes two cases: come again later ([`DbError::Unavailable`]), and the rest.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::result::{DatabaseErrorKind, Error};

/// A failure of the database. No message contains the password of the URL.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection, lock or place in the queue in time; trying again may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A statement failed.
    #[error("a statement failed: {0}")]
    Query(#[source] Error),
    /// The URL is wrong, or its directory can't be made.
    #[error("{0}")]
    Config(String),
    /// The migrations can't be applied.
    #[error("{0}")]
    Migration(String),
    /// The work given to the database panicked; nothing of it was kept.
    #[error("a database job panicked: {0}")]
    Panicked(String),
}

impl DbError {
    /// The error of a job that was lost together with others, which all need one of their own.
    pub(super) fn shared(&self) -> Self {
        match self {
            DbError::Unavailable(why) => DbError::Unavailable(why.clone()),
            other => DbError::Unavailable(format!("the group of writes was not committed: {other}")),
        }
    }

    /// Somebody else was faster: in a new transaction we see what they made. On SQLite a write is alone.
    pub fn overtaken() -> Self {
        let what = "somebody else made the same meanwhile".to_owned();
        DbError::Query(Error::DatabaseError(DatabaseErrorKind::SerializationFailure, Box::new(what)))
    }

    /// Whether a row that the statement refers to is gone.
    pub fn is_dangling(&self) -> bool {
        matches!(self, DbError::Query(Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)))
    }

    /// What a caught panic said.
    pub(super) fn panicked(panic: &(dyn std::any::Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        DbError::Panicked(text.unwrap_or("without a message").to_owned())
    }
}

/// Runs work that may panic.
pub(super) fn caught<T, E: From<DbError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(DbError::panicked(&*panic).into()))
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        if is_passing(&error) { DbError::Unavailable(error.to_string()) } else { DbError::Query(error) }
    }
}

/// Says whether a failed write is worth another try, as it is, in a new transaction.
pub trait Retry {
    /// True for a serialization failure or a deadlock.
    fn is_retryable(&self) -> bool;
}

impl Retry for DbError {
    fn is_retryable(&self) -> bool {
        matches!(self, DbError::Query(error) if error.is_retryable())
    }
}

impl Retry for Error {
    fn is_retryable(&self) -> bool {
        match self {
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
            // diesel hands on no SQLSTATE, and has no kind for 40P01.
            Error::DatabaseError(DatabaseErrorKind::Unknown, info) => {
                info.message().to_lowercase().contains("deadlock")
            }
            _ => false,
        }
    }
}

/// Locks of SQLite and lost connections go away by themselves.
fn is_passing(error: &Error) -> bool {
    is_lock(error) || is_lost(error)
}

/// What PostgreSQL and its library say when a connection ended; diesel has a kind for some of it only.
const LOST: [&str; 4] =
    ["no connection to the server", "server closed the connection", "terminating connection", "could not receive data"];

/// True when the connection ended, of itself or because the server is stopped.
fn is_lost(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => true,
        Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::Unknown, info) => {
            LOST.iter().any(|text| info.message().contains(text))
        }
        _ => false,
    }
}

/// True when SQLite did not get a lock in time; diesel hands on no result code, only its text.
pub(super) fn is_lock(error: &Error) -> bool {
    let Error::DatabaseError(DatabaseErrorKind::Unknown, info) = error else {
        return false;
    };
    ["database is locked", "database table is locked"].iter().any(|text| info.message().starts_with(text))
}

/// Tells whether a statement broke one certain unique constraint.
///
/// PostgreSQL names the constraint (`users_email_folded_key`); SQLite only lists the columns as
/// `users.email_folded`, or `chat_memberships.chat_id, chat_memberships.user_id`.
pub fn violates(error: &Error, pg_constraint: &str, sqlite_columns: &str) -> bool {
    let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = error else {
        return false;
    };
    match info.constraint_name() {
        Some(name) => name == pg_constraint,
        None => info.message().strip_prefix("UNIQUE constraint failed: ") == Some(sqlite_columns),
    }
}
