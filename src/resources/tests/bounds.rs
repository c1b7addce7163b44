//! Lengths and ranges: those that are described are those that `validator` checks.

use crate::{
    jsonapi::input::Kind,
    resource::{Resource, describe::Field},
    resources::{
        Attachment, Chat, ChatMembership, ChatRequest, DirectConversation, Inbox, Message, Reaction, Session, User,
    },
};
use serde_json::json;
use validator::Validate as _;

#[test]
fn bounds_are_described_as_they_are_checked() {
    check::<User>();
    check::<Session>();
    check::<DirectConversation>();
    check::<Chat>();
    check::<Message>();
    check::<ChatMembership>();
    check::<Attachment>();
    check::<Reaction>();
    check::<ChatRequest>();
    check::<Inbox>();
}

fn check<R: Resource>() {
    for field in R::ATTRIBUTES.iter().map(|attribute| &attribute.field) {
        let name = format!("{}.{}", R::TYPE, field.name);
        match field.kind {
            Kind::Text | Kind::Email => check_length::<R>(field, &name),
            Kind::Integer => check_range::<R>(field, &name),
            _ => assert!(field.note.length.is_none() && field.note.range.is_none(), "{name}"),
        }
    }
}

fn check_length<R: Resource>(field: &Field, name: &str) {
    let refuses = |length: usize| refuses::<R>(field, &json!("x".repeat(length)), "length");
    match field.note.length {
        Some((least, most)) => {
            assert!(!refuses(most) && refuses(most + 1), "{name}");
            assert!(!refuses(least), "{name}");
            // A blank text is refused by a rule of its own.
            assert!(least <= 1 || refuses(least - 1), "{name}");
        }
        None => assert!(!refuses(100_000), "{name} has a length that isn't described"),
    }
}

fn check_range<R: Resource>(field: &Field, name: &str) {
    let refuses = |number: i64| refuses::<R>(field, &json!(number), "range");
    match field.note.range {
        Some((least, most)) => {
            assert!(!refuses(least) && !refuses(most), "{name}");
            assert!(least == i64::MIN || refuses(least - 1), "{name}");
            assert!(most == i64::MAX || refuses(most + 1), "{name}");
        }
        None => assert!(!refuses(i64::MIN) && !refuses(i64::MAX), "{name} has a range that isn't described"),
    }
}

fn refuses<R: Resource>(field: &Field, value: &serde_json::Value, rule: &str) -> bool {
    let sent = serde_json::from_value::<R::Attributes>(json!({ field.name: value }));
    let Ok(Err(problems)) = sent.map(|attributes| attributes.validate()) else { return false };
    problems.field_errors().iter().any(|(_, errors)| errors.iter().any(|error| error.code == rule))
}
