//! Accounts and their sign-ins, as whoever runs the server looks after them: without a viewer, without HTTP.

use std::time::Duration;

use diesel::prelude::*;

use crate::db::{Conn, DbError, Id, Retry, Time, violates};
use crate::jsonapi::text::fold;
use crate::resource::{self, Precondition, Tx, Viewer, work::Answers};
use crate::resources::{self, Settings, User, account, auth};
use crate::schema::{sessions, users};
use crate::seed::{UserRow, World};

/// What can go wrong besides the database.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Somebody has this e-mail address, compared without case.
    #[error("there is an account with the e-mail address `{0}` already")]
    EmailTaken(String),
    /// Neither an id nor an e-mail address of anybody.
    #[error("there is no account `{0}`; `tertulia user list` shows them all")]
    UnknownAccount(String),
    /// No session has this id.
    #[error("there is no token with the id `{0}`; `tertulia token list` shows them all")]
    UnknownToken(Id),
    /// A rule of the chat says no, in these words.
    #[error("{0}")]
    Refused(String),
    /// The database said no.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<diesel::result::Error> for AccountError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<resource::Error> for AccountError {
    fn from(error: resource::Error) -> Self {
        match error {
            resource::Error::Db(error) => Self::Database(error),
            resource::Error::Api(errors) => {
                let details: Vec<String> = errors.into_iter().map(|error| error.detail).collect();
                Self::Refused(details.join(" "))
            }
            other => Self::Refused(format!("{other:?}")),
        }
    }
}

impl Retry for AccountError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_retryable())
    }
}

/// An account as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Account {
    /// The user's id.
    pub id: Id,
    /// The name that others see.
    pub name: String,
    /// The e-mail address, as it was written.
    pub email: String,
    /// When the user signed up.
    pub created_at: Time,
}

/// A sign-in as a list shows it; the token itself is not known to anybody but its owner.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Session {
    /// The session's id, which is not the token.
    pub id: Id,
    /// Whose it is.
    pub email: String,
    /// When they signed in.
    pub created_at: Time,
    /// When the token was last used, to the minute or so.
    pub last_used_at: Time,
    /// When it ends unless it is used.
    pub expires_at: Time,
}

const ACCOUNT: (users::id, users::name, users::email, users::created_at) =
    (users::id, users::name, users::email, users::created_at);

/// Stores a new account.
///
/// # Errors
/// [`AccountError::EmailTaken`], also if it differs in case only.
pub fn create(conn: &mut Conn, name: &str, email: &str, password_hash: &str) -> Result<Id, AccountError> {
    let id = Id::new();
    let row = UserRow::named(id, name, email.to_owned(), password_hash.to_owned(), Time::now());
    World { users: vec![row], ..World::default() }.insert(conn).map_err(|error| {
        match violates(&error, "users_email_folded_key", "users.email_folded") {
            true => AccountError::EmailTaken(email.to_owned()),
            false => error.into(),
        }
    })?;
    Ok(id)
}

/// Removes an account just as its owner would.
///
/// # Errors
/// [`AccountError::UnknownAccount`], or what the database says.
pub fn remove(conn: &mut Conn, id: Id) -> Result<(), AccountError> {
    remove_at(conn, id, Time::now())
}

/// The same, as if it had happened then.
pub(crate) fn remove_at(conn: &mut Conn, id: Id, now: Time) -> Result<(), AccountError> {
    let (registry, settings, answers) = (resources::registry(), Settings::default(), Answers::default());
    let viewer = Viewer::user(id).at(now);
    let tx = &mut Tx {
        conn,
        registry: &registry,
        viewer,
        settings: &settings,
        answers: &answers,
        precondition: Precondition::default(),
    };
    account::lock(tx, id)?;
    let user = users::table.find(id).select(User::as_select()).first(tx.conn).optional()?;
    let user = user.ok_or_else(|| AccountError::UnknownAccount(id.to_string()))?;
    Ok(account::remove(tx, &user)?)
}

/// At most `limit` accounts whose name or e-mail address contains a text, in any case; the oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn list(conn: &mut Conn, containing: &str, limit: i64) -> Result<Vec<Account>, AccountError> {
    let pattern = format!("%{}%", escape(&fold(containing)));
    let matches = users::name_folded.like(&pattern).escape('\\').or(users::email_folded.like(&pattern).escape('\\'));
    let found = users::table.select(ACCOUNT).filter(matches).order((users::created_at, users::id)).limit(limit);
    Ok(found.load(conn)?)
}

/// Takes `%`, `_` and `\` for themselves.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// The account with an id or an e-mail address.
///
/// # Errors
/// [`AccountError::UnknownAccount`], or what the database says.
pub fn find(conn: &mut Conn, id_or_email: &str) -> Result<Account, AccountError> {
    let all = users::table.select(ACCOUNT);
    let found = match id_or_email.parse::<Id>() {
        Ok(id) => all.filter(users::id.eq(id)).first(conn).optional()?,
        Err(_) => all.filter(users::email_folded.eq(fold(id_or_email))).first(conn).optional()?,
    };
    found.ok_or_else(|| AccountError::UnknownAccount(id_or_email.to_owned()))
}

/// A new token for an account, good for so many days after its last use.
///
/// # Errors
/// [`AccountError::Refused`] if there is no such account, or what the database says.
pub fn create_token(conn: &mut Conn, user: Id, days: u32) -> Result<String, AccountError> {
    let session_life = Duration::from_secs(u64::from(days) * 24 * 60 * 60);
    let settings = Settings { session_life, ..Settings::default() };
    let (_, token) = auth::issue_token(conn, user, &settings)?;
    Ok(token)
}

/// At most `limit` sign-ins of one account, or of all, that have not ended at `now`; the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn sessions(conn: &mut Conn, user: Option<Id>, now: Time, limit: i64) -> Result<Vec<Session>, AccountError> {
    let columns = (sessions::id, users::email, sessions::created_at, sessions::last_used_at, sessions::expires_at);
    let mut found = sessions::table.inner_join(users::table).select(columns).into_boxed();
    if let Some(user) = user {
        found = found.filter(sessions::user_id.eq(user));
    }
    let live = found.filter(sessions::expires_at.gt(now));
    Ok(live.order((sessions::created_at.desc(), sessions::id)).limit(limit).load(conn)?)
}

/// Ends one sign-in at once.
///
/// # Errors
/// [`AccountError::UnknownToken`], or what the database says.
pub fn revoke(conn: &mut Conn, session: Id) -> Result<(), AccountError> {
    let gone = diesel::delete(sessions::table.filter(sessions::id.eq(session))).execute(conn)?;
    if gone == 0 { Err(AccountError::UnknownToken(session)) } else { Ok(()) }
}

/// Ends all sign-ins of an account at once, and says how many there were.
///
/// # Errors
/// Whatever the database says.
pub fn revoke_all(conn: &mut Conn, user: Id) -> Result<usize, AccountError> {
    Ok(diesel::delete(sessions::table.filter(sessions::user_id.eq(user))).execute(conn)?)
}
