//! What an answer owes to the clock.
//!
//! Nearly everything changes by writes alone, but a mute ends without one. Whoever wants to know for how long an answer
//! stays as it is has the clock [`watched`]:
//!
//! | asked of the [`Viewer`](super::Viewer) | the answer is good |
//! |---|---|
//! | [`is_before`](super::Viewer::is_before) an instant to come | until then |
//! | [`now`](super::Viewer::now), e.g. for a statement | not at all: nobody knows what was compared with it |
//! | nothing | for ever |
//!
//! A read is the work of one thread, so that is where the note is kept: the functions of a type, and copies of the viewer,
//! can't lose it on the way.

use crate::db::Time;
use std::cell::Cell;

/// An answer that doesn't depend on the clock is good until then.
const FOR_EVER: Time = Time(i64::MAX);
/// One of which nothing is known was never good.
const NEVER: Time = Time(i64::MIN);

thread_local! {
    static UNTIL: Cell<Time> = const { Cell::new(FOR_EVER) };
}

/// What `work` gives, and until when it would give the same if nobody wrote anything.
pub fn watched<T>(work: impl FnOnce() -> T) -> (T, Time) {
    UNTIL.set(FOR_EVER);
    let done = work();
    (done, UNTIL.get())
}

/// Notes that something changes at this instant.
pub(super) fn changes_at(instant: Time) {
    UNTIL.set(UNTIL.get().min(instant));
}

/// Notes that something may change at any instant.
pub(super) fn was_read() {
    changes_at(NEVER);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db::Id, resource::Viewer};

    #[test]
    fn an_answer_is_good_until_the_next_instant_that_was_asked_about() {
        let viewer = Viewer::user(Id::new()).at(Time(100));
        let good_until = |work: &dyn Fn()| watched(work).1;
        assert_eq!(good_until(&|| ()), FOR_EVER);
        assert_eq!(good_until(&|| assert!(viewer.is_before(Time(300)) && viewer.is_before(Time(200)))), Time(200));
        assert_eq!(good_until(&|| assert!(!viewer.is_before(Time(100)) && !viewer.is_before(Time(50)))), FOR_EVER);
        let copy = viewer;
        assert_eq!(good_until(&|| assert!(viewer.is_before(Time(300)) && copy.now() == Time(100))), NEVER);
        assert_eq!(good_until(&|| ()), FOR_EVER, "each has its own");
    }
}
