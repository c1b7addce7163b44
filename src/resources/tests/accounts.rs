//! Sign-up, and changes of an account.

use super::{PASSWORD, Server, at, refusal};
use crate::{db::Time, jsonapi::error::Code, resource::Viewer, schema::users};
use diesel::{QueryDsl as _, RunQueryDsl as _};
use serde_json::json;

#[test]
fn an_email_address_has_one_account_however_it_is_written() {
    let server = Server::start();
    let ada = server.user("Ada");
    let taken = at(Code::EmailTaken, "/data/attributes/email");
    assert_eq!(refusal(server.sign_up("Eve", "aDa@EXAMPLE.com")), taken);
    let bob = server.user("Bob");
    let change = json!({"email": "ADA@example.com", "current_password": PASSWORD});
    assert_eq!(refusal(server.update(bob, bob.id, change)), taken);
    server.update(ada, ada.id, json!({"email": "ADA@example.com", "current_password": PASSWORD})).expect("a change");
}

#[test]
fn all_problems_of_a_sign_up_are_told_at_once() {
    let server = Server::start();
    let attributes = json!({
        "name": " \u{a0}", "email": "nobody", "password": "1234567", "first_name": "é".repeat(101),
        "avatar_url": "ftp://example.com", "direct_message_policy": "closed", "current_password": PASSWORD,
    });
    let mut found = refusal(server.create(Viewer::anonymous(), "user", attributes));
    found.sort_by(|a, b| a.1.cmp(&b.1));
    let invalid = |name: &str| (Code::FieldInvalid, format!("/data/attributes/{name}"));
    let read_only = (Code::FieldReadOnly, "/data/attributes/current_password".to_owned());
    assert_eq!(
        found,
        [
            invalid("avatar_url"),
            read_only,
            invalid("direct_message_policy"),
            invalid("email"),
            invalid("first_name"),
            invalid("name"),
            invalid("password"),
        ]
    );
}

#[test]
fn lengths_count_characters_and_nullable_fields_take_null() {
    let server = Server::start();
    let attributes = json!({
        "name": "é".repeat(100), "email": "ada@example.com", "password": "🙂".repeat(8),
        "first_name": null, "direct_message_policy": null,
    });
    let created = server.create(Viewer::anonymous(), "user", attributes).expect("an account");
    let policy: String = server
        .run(move |conn| Ok(users::table.find(created.id).select(users::direct_message_policy).first(conn)?))
        .expect("the user");
    assert_eq!(policy, "open");
}

#[test]
fn nobody_signs_up_where_sign_up_is_closed() {
    let mut server = Server::start();
    server.settings.sign_up_open = false;
    assert_eq!(refusal(server.sign_up("Ada", "ada@example.com")), at(Code::Forbidden, ""));
}

#[test]
fn only_oneself_is_changed_or_removed() {
    let server = Server::start();
    let (ada, bob) = (server.user("Ada"), server.user("Bob"));
    assert_eq!(refusal(server.update(bob, ada.id, json!({"name": "Eve"}))), at(Code::Forbidden, ""));
    assert_eq!(refusal(server.delete(bob, "user", ada.id)), at(Code::Forbidden, ""));
}

#[test]
fn email_and_password_change_only_with_the_current_password() {
    let server = Server::start();
    let ada = server.user("Ada");
    for change in [json!({"email": "ada@example.org"}), json!({"password": "battery staple"})] {
        let refused = server.update(ada, ada.id, change.clone());
        assert_eq!(refusal(refused), at(Code::PasswordRequired, "/data/attributes"));
        let mut guess = change;
        guess["current_password"] = json!("wrong horse");
        let refused = server.update(ada, ada.id, guess);
        assert_eq!(refusal(refused), at(Code::PasswordRequired, "/data/attributes/current_password"));
    }
    server.update(ada, ada.id, json!({"email": "Ada@example.com", "name": "Ada L."})).expect("an echo is no change");
}

#[test]
fn a_new_password_ends_all_other_sessions() {
    let server = Server::start();
    let ada = server.user("Ada");
    let here = server.sign_in("Ada@example.com", PASSWORD).expect("a session");
    let there = server.sign_in("Ada@example.com", PASSWORD).expect("a session");
    let viewer = here.viewer.expect("a viewer");
    let change = json!({"password": "battery staple", "current_password": PASSWORD});
    server.update(viewer, ada.id, change).expect("a change");
    assert_eq!(server.whose(&here), Some(ada.id));
    assert_eq!(server.whose(&there), None);
    assert_eq!(refusal(server.sign_in("Ada@example.com", PASSWORD)), at(Code::InvalidCredentials, ""));
    server.sign_in("Ada@example.com", "battery staple").expect("a session");
}

#[test]
fn updated_at_tells_others_nothing_of_what_they_cannot_see() {
    let server = Server::start();
    let mut ada = server.user("Ada");
    let (made, first) = server.updated_at_and_version(ada.id);
    ada = ada.at(Time(made.0 + 1000));
    server.update(ada, ada.id, json!({"name": "Ada", "title": "Writer", "avatar_url": null})).expect("an echo");
    assert_eq!(server.updated_at_and_version(ada.id), (made, first));
    server.update(ada, ada.id, json!({"direct_message_policy": "request"})).expect("a change");
    let change = json!({"email": "a@example.com", "password": PASSWORD, "current_password": PASSWORD});
    server.update(ada, ada.id, change).expect("a change");
    assert_eq!(server.updated_at_and_version(ada.id), (made, first + 2));
    server.update(ada, ada.id, json!({"title": null})).expect("a change");
    assert_eq!(server.updated_at_and_version(ada.id), (ada.now(), first + 3));
}
