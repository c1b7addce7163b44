//! Who runs a race, and what both answers have in common.

use crate::support::answer::Answer;
use crate::support::app::{TestApp, User};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// How often a race is run at least.
pub(crate) const ROUNDS: usize = 200;

/// So many people that there are [`ROUNDS`] pairs of them.
pub(crate) async fn people(app: &TestApp) -> Vec<User> {
    let names: Vec<String> = (0..21).map(|at| format!("user{at}")).collect();
    join_all(names.iter().map(|name| app.user(name))).await
}

/// Every two of them, once.
pub(crate) fn pairs(people: &[User]) -> Vec<(&User, &User)> {
    let pairs = people.iter().enumerate().flat_map(|(at, one)| people[..at].iter().map(move |other| (one, other)));
    let pairs: Vec<_> = pairs.collect();
    assert!(pairs.len() >= ROUNDS);
    pairs
}

/// The statuses, lowest first.
pub(crate) fn statuses<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.into_iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

/// A message with a text.
pub(crate) fn text(content: &str) -> Value {
    json!({ "data": { "type": "message", "attributes": { "content": content } } })
}

/// The attribute of a resource that is there, as a number.
pub(crate) async fn number(app: &TestApp, viewer: &User, path: &str, attribute: &str) -> u64 {
    let found = app.as_user(viewer).get(path).await.assert_status(200);
    found.attribute(attribute).as_u64().unwrap_or_else(|| panic!("{attribute} in {found}"))
}
