//! Sign-ins and their tokens.

use super::{PASSWORD, Server, at, refusal};
use crate::{
    db::{Id, Time},
    jsonapi::error::Code,
    resource::{Error, Viewer},
    resources::auth,
    schema::sessions,
};
use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};
use std::time::Duration;

#[test]
fn whoever_signs_up_can_sign_in_however_the_address_is_written() {
    let server = Server::start();
    let ada = server.user("Ada");
    let session = server.sign_in("ADA@Example.COM", PASSWORD).expect("a session");
    assert_eq!(server.whose(&session), Some(ada.id));
    assert_eq!(session.viewer.map(|viewer| viewer.id), Some(ada.id));
    let token = session.authorization.expect("a token").replace("Bearer ", "");
    assert_eq!(session.meta, Some(format!("\"token\":\"{token}\"")));
}

#[test]
fn a_token_is_stored_as_a_hash_only_and_dies_with_its_session() {
    let server = Server::start();
    let ada = server.user("Ada");
    let session = server.sign_in("Ada@example.com", PASSWORD).expect("a session");
    let stored: Vec<u8> =
        server.run(|conn| Ok(sessions::table.select(sessions::token_hash).first(conn)?)).expect("a session");
    assert_eq!(stored.len(), 32);
    server.delete(ada, "session", session.id).expect("signing out");
    assert_eq!(server.whose(&session), None);
}

#[test]
fn nobody_learns_from_a_refused_sign_in_whether_the_account_exists() {
    let server = Server::start();
    server.user("Ada");
    let wrong = server.sign_in("Ada@example.com", "wrong horse").map(drop);
    let unknown = server.sign_in("Bob@example.com", PASSWORD).map(drop);
    let (Err(Error::Api(wrong)), Err(Error::Api(unknown))) = (wrong, unknown) else { panic!("both are refused") };
    assert_eq!(wrong, unknown);
    assert_eq!(wrong.iter().map(|error| error.code).collect::<Vec<_>>(), [Code::InvalidCredentials]);
}

#[test]
fn nobody_sees_or_ends_the_session_of_somebody_else() {
    let server = Server::start();
    server.user("Ada");
    let bob = server.user("Bob");
    let session = server.sign_in("Ada@example.com", PASSWORD).expect("a session");
    assert_eq!(refusal(server.delete(bob, "session", session.id)), at(Code::NotFound, ""));
    assert!(server.whose(&session).is_some());
}

#[test]
fn a_session_ends_a_life_after_its_last_use_and_is_swept_at_the_next_sign_in() {
    let mut server = Server::start();
    let ada = server.user("Ada");
    server.settings.session_life = Duration::from_secs(3600);
    let session = server.sign_in("Ada@example.com", PASSWORD).expect("a session");
    let used = server.run(move |conn| {
        let long_ago = sessions::last_used_at.eq(Time(Time::now().0 - 600_000));
        let soon = sessions::expires_at.eq(Time(Time::now().0 + 3_000_000));
        diesel::update(sessions::table.find(session.id)).set((long_ago, soon)).execute(conn)?;
        auth::touch(conn, session.id)?;
        let columns = (sessions::last_used_at, sessions::expires_at);
        Ok(sessions::table.find(session.id).select(columns).first::<(Time, Time)>(conn)?)
    });
    let (last_used_at, expires_at) = used.expect("the session");
    assert!((3_600_000..3_600_100).contains(&(expires_at.0 - last_used_at.0)));

    server.settings.session_life = Duration::ZERO;
    let ended = server.sign_in("Ada@example.com", PASSWORD).expect("a session that ends at once");
    assert_eq!(server.whose(&ended), None);
    let later = Viewer::user(ada.id);
    assert_eq!(refusal(server.delete(later, "session", ended.id)), at(Code::NotFound, ""));
    server.settings.session_life = Duration::from_secs(60);
    server.sign_in("Ada@example.com", PASSWORD).expect("a session");
    let left: Vec<Id> = server.run(|conn| Ok(sessions::table.select(sessions::id).load(conn)?)).expect("sessions");
    assert_eq!(left.len(), 2);
    assert!(left.contains(&session.id) && !left.contains(&ended.id));
}
