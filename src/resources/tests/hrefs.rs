//! Where the `href` of an operation leads.

use crate::{
    jsonapi::{atomic::Target, document::Identifier},
    resource::operations::locate,
    resources::registry,
};

const BASE: &str = "https://chat.example/under/api/v1";

#[track_caller]
fn check(href: &str, expected: Option<Target>) {
    assert_eq!(locate(&registry(), BASE, href).ok(), expected, "{href}");
}

fn one(id: &str) -> Identifier {
    Identifier { kind: "chat".to_owned(), id: Some(id.to_owned()), lid: None }
}

#[test]
fn hrefs_are_relative_to_the_operations_or_absolute() {
    for start in
        [BASE, "/under/api/v1", "//chat.example/under/api/v1", ".", "../v1", "HTTPS://CHAT.example:443/under/api/v1"]
    {
        check(&format!("{start}/chats"), Some(Target::Collection("chat".to_owned())));
        check(&format!("{start}/chats/1/"), Some(Target::Resource(one("1"))));
        let relationship = Target::Relationship(one("1"), "members".to_owned());
        check(&format!("{start}/chats/1/relationships/members"), Some(relationship));
        check(&format!("{start}/chats/1/messages"), Some(Target::Related(one("1"), "messages".to_owned())));
    }
    check("chats/1", Some(Target::Resource(one("1"))));
    check("%63hats/%31/", Some(Target::Resource(one("1"))));
    let relationship = Target::Relationship(one("a b"), "members".to_owned());
    check("chats/a%20b/%72elationships/member%73", Some(relationship));
    check("chats%2F1", None);
}

#[test]
fn hrefs_lead_nowhere_else() {
    for href in [
        "",
        "/",
        "/chats",
        "/api/v1/chats/1",
        "https://other.example/under/api/v1/chats/1",
        "http://chat.example/under/api/v1/chats/1",
        "https://chat.example:8443/under/api/v1/chats",
        "https://user@chat.example/under/api/v1/chats",
        "chats?sort=title",
        "chats#1",
        "chat",
        "chats/1/nothing",
        "chats/1/relationships/members/2",
        "chats/1/2/3",
        "../../chats",
        "urn:chats",
        "operations",
        "http://[",
        "chats//1",
    ] {
        check(href, None);
    }
}
