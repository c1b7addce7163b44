//! Whoever asks.

use super::clock;
use crate::db::{Id, Time};

/// The signed-in user that a request is made for, and when.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    /// The user; the nil id for nobody, which no row has.
    pub id: Id,
    /// The session, if it was a bearer token that brought the user here.
    pub session: Option<Id>,
    /// Asked for by the methods alone, which note that an answer depends on it.
    now: Time,
}

impl Viewer {
    /// A user without a session.
    pub fn user(id: Id) -> Self {
        Self { id, session: None, now: Time::now() }
    }

    /// Nobody.
    pub fn anonymous() -> Self {
        Self::user(Id(uuid::Uuid::nil()))
    }

    /// The same user, brought here by a bearer token.
    #[must_use]
    pub fn in_session(self, session: Id) -> Self {
        Self { session: Some(session), ..self }
    }

    /// The same user at another instant.
    #[must_use]
    pub fn at(self, now: Time) -> Self {
        Self { now, ..self }
    }

    /// The instant of the request: one for all of it.
    ///
    /// What a type shows had better ask [`is_before`](Self::is_before): an answer that rests on this is not
    /// remembered.
    pub fn now(&self) -> Time {
        clock::was_read();
        self.now
    }

    /// Whether this instant is still to come.
    pub fn is_before(&self, instant: Time) -> bool {
        let is_before = self.now < instant;
        if is_before {
            clock::changes_at(instant);
        }
        is_before
    }
}
