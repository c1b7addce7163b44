//! Whom a bearer token stands for, how its life is prolonged, and what sign-ins are limited by.
//!
//! A token finds its session by hash, in one statement; a session without a use for its whole life finds nobody.
//! Spec: RFC 6750

use super::{Session, Settings, User};
use crate::{
    credentials::Token,
    db::{Conn, Id, Time},
    jsonapi::text::fold,
    resource::{Resource as _, Result, Viewer},
    schema::sessions,
};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};
use serde_json::{Map, Value};
use std::time::Duration;

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
    let found: Option<(Id, Id, Time)> = sessions::table
        .filter(sessions::token_hash.eq(Token::hash_of(token)))
        .filter(sessions::expires_at.gt(now))
        .select((sessions::id, sessions::user_id, sessions::last_used_at))
        .first(conn)
        .optional()?;
    Ok(found.map(|(session, user, last_used_at)| Authenticated {
        viewer: Viewer { id: user, session: Some(session), now },
        touch: now >= after(last_used_at, NOTED_EVERY.min(settings.session_life / 10)),
    }))
}

/// Notes that a session is used now, from when on its life counts.
///
/// # Errors
/// Whatever the database says.
pub fn touch(conn: &mut Conn, session: Id, settings: &Settings) -> Result<()> {
    let now = Time::now();
    diesel::update(sessions::table.find(session))
        .set((sessions::last_used_at.eq(now), sessions::expires_at.eq(after(now, settings.session_life))))
        .execute(conn)?;
    Ok(())
}

/// Opens a session of a user who exists.
pub(super) fn open_session(conn: &mut Conn, user: Id, now: Time, settings: &Settings) -> Result<(Id, Token)> {
    let (id, token) = (Id::new(), Token::random());
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::user_id.eq(user),
            sessions::token_hash.eq(token.hash()),
            sessions::created_at.eq(now),
            sessions::last_used_at.eq(now),
            sessions::expires_at.eq(after(now, settings.session_life)),
        ))
        .execute(conn)?;
    Ok((id, token))
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
