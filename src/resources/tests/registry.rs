//! Types that belong together, and some that don't.

use crate::{
    resource::Registry,
    resources::{Inbox, Session, User},
};

#[track_caller]
fn check(registry: Registry, expected: &str) {
    assert_eq!(registry.check(), Err(expected.to_owned()));
}

#[test]
fn the_types_of_the_chat_belong_together() {
    assert_eq!(super::registry().check(), Ok(()));
    assert_eq!(Registry::new().check(), Ok(()));
}

#[test]
fn a_relationship_leads_to_a_type_that_is_there() {
    let user = || Registry::new().with::<User>();
    check(user(), "`user.inbox` leads to the type `inbox`, which is not registered");
    assert_eq!(user().with::<Inbox>().check(), Ok(()));
    check(Registry::new().with::<Session>(), "`session.user` leads to the type `user`, which is not registered");
}

#[test]
fn a_type_is_registered_once() {
    check(Registry::new().with::<User>().with::<Inbox>().with::<User>(), "the type `user` is registered twice");
}
