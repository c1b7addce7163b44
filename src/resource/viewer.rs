//! Whoever asks.

use crate::db::{Id, Time};

/// The signed-in user that a request is made for, and when.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    /// The user; the nil id for nobody, which no row has.
    pub id: Id,
    /// The session, if it was a bearer token that brought the user here.
    pub session: Option<Id>,
    /// The instant of the request: one for all of it.
    pub now: Time,
}

impl Viewer {
    /// A user without a session.
    pub fn user(id: Id) -> Self {
        Self { id, session: None, now: Time::now() }
    }

    /// Nobody.
    pub fn anonymous() -> Self {
        Self { id: Id(uuid::Uuid::nil()), session: None, now: Time::now() }
    }
}
