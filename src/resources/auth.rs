//! Bearer tokens: `ter_` and 32 random bytes in base64url, whom they stand for, how their life is prolonged, and what
//! sign-ins are limited by. Only their SHA-256 is stored, without a salt: nobody guesses 256 random bits.
//!
//! A token finds its session by hash, in one statement; a session without a use for its whole life finds nobody.
//! Spec: RFC 6750

use super::{Session, Settings, User};
use crate::{
    db::{Conn, Id, Time},
    jsonapi::text::fold,
    on_backend,
    resource::{Error, Resource as _, Result, Viewer},
    schema::{sessions, users},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _,
    dsl::{exists, select},
};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

const PREFIX: &str = "ter_";

/// Noting each use would make every read a write.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// Whom a token belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated {
    /// The user and the session.
    pub viewer: Viewer,
    /// Whether [`touch`] should be called: the last noted use is a while ago.
    pub touch: bool,
}

/// Finds the living session of a token, in one statement.
///
/// # Errors
/// Whatever the database says.
pub fn authenticate(conn: &mut Conn, token: &str, settings: &Settings) -> Result<Option<Authenticated>> {
    let now = Time::now();
    let living = sessions::table
        .filter(sessions::token_hash.eq(hash(token)))
        .filter(sessions::expires_at.gt(now))
        .select((sessions::id, sessions::user_id, sessions::last_used_at));
    // Every request comes through here. Not `first`: SQLite plans a statement with a bound limit each time.
    let found: Option<(Id, Id, Time)> = on_backend!(conn, |conn| living.get_result(conn).optional())?;
    Ok(found.map(|(session, user, last_used_at)| Authenticated {
        viewer: Viewer::user(user).in_session(session).at(now),
        touch: now >= after(last_used_at, NOTED_EVERY.min(settings.session_life / 10)),
    }))
}

/// Notes that a session is used now: its life, however long it was given, counts from here.
///
/// # Errors
/// Whatever the database says.
pub fn touch(conn: &mut Conn, session: Id) -> Result<()> {
    let row = sessions::table.find(session);
    let found: Option<(Time, Time)> =
        row.select((sessions::last_used_at, sessions::expires_at)).first(conn).optional()?;
    let Some((last_used_at, expires_at)) = found else { return Ok(()) };
    let now = Time::now();
    let expires_at = Time(expires_at.0.saturating_add((now.0 - last_used_at.0).max(0)));
    diesel::update(row).set((sessions::last_used_at.eq(now), sessions::expires_at.eq(expires_at))).execute(conn)?;
    Ok(())
}

/// Opens a session for a user who is trusted otherwise; the token is told only here.
///
/// # Errors
/// 404 if there is no such user.
pub fn issue_token(conn: &mut Conn, user: Id, settings: &Settings) -> Result<(Id, String)> {
    let known: bool = select(exists(users::table.find(user))).get_result(conn)?;
    if known { open_session(conn, user, Time::now(), settings) } else { Err(Error::not_found("user")) }
}

/// Opens a session of a user who exists.
pub(super) fn open_session(conn: &mut Conn, user: Id, now: Time, settings: &Settings) -> Result<(Id, String)> {
    let (id, token) = (Id::new(), new_token());
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::user_id.eq(user),
            sessions::token_hash.eq(hash(&token)),
            sessions::created_at.eq(now),
            sessions::last_used_at.eq(now),
            sessions::expires_at.eq(after(now, settings.session_life)),
        ))
        .execute(conn)?;
    Ok((id, token))
}

fn new_token() -> String {
    format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// The name by which sign-ins and sign-ups are limited: the account's, however it is written.
pub fn limited_as(kind: &str, attributes: &Map<String, Value>) -> Option<String> {
    let is_limited = [User::TYPE, Session::TYPE].contains(&kind);
    attributes.get("email").filter(|_| is_limited)?.as_str().map(fold)
}

fn after(instant: Time, span: Duration) -> Time {
    Time(instant.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_random_and_fits_a_header() {
        let (a, b) = (new_token(), new_token());
        assert_ne!(a, b);
        assert_eq!(a.len(), PREFIX.len() + 43);
        assert!(a.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    }

    #[test]
    fn sign_ins_and_sign_ups_are_limited_by_the_folded_email() {
        let attributes = serde_json::json!({"email": "ADA@example.com"});
        let attributes = attributes.as_object().expect("an object");
        assert_eq!(limited_as("session", attributes).as_deref(), Some("ada@example.com"));
        assert_eq!(limited_as("user", attributes).as_deref(), Some("ada@example.com"));
        assert_eq!(limited_as("chat", attributes), None);
        assert_eq!(limited_as("session", &Map::new()), None);
    }

    #[test]
    fn an_instant_far_away_is_cut() {
        assert_eq!(after(Time(5), Duration::from_millis(7)), Time(12));
        assert_eq!(after(Time(5), Duration::MAX), Time(i64::MAX));
    }
}
