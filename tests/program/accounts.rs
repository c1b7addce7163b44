//! Accounts and tokens, as whoever runs the server makes and ends them.

use diesel::prelude::*;
use tertulia::accounts::{self, AccountError};
use tertulia::db::{Database, DbError, Id, Time};
use tertulia::demo;
use tertulia::schema::chats;

use super::on_both_databases;

fn create(database: &Database, name: &'static str, email: &'static str) -> Result<Id, AccountError> {
    database.write_blocking(move |conn| accounts::create(conn, name, email, "hash"))
}

fn names(database: &Database, containing: &str) -> Vec<String> {
    let found = database.read_blocking(|conn| accounts::list(conn, containing, 10)).expect("a list");
    found.into_iter().map(|account| account.name).collect()
}

#[test]
fn an_account_is_found_by_its_id_and_by_its_address_in_any_case() {
    on_both_databases(|database| {
        let id = create(database, "Ana", "Ana@example.com").unwrap();
        for name in ["ana@EXAMPLE.com".to_owned(), id.to_string(), id.to_string().to_uppercase()] {
            let found = database.read_blocking(|conn| accounts::find(conn, &name)).unwrap();
            assert_eq!((found.id, found.email.as_str()), (id, "Ana@example.com"));
        }
        let missing = database.read_blocking(|conn| accounts::find(conn, "bruno@example.com"));
        assert!(matches!(missing, Err(AccountError::UnknownAccount(_))), "{missing:?}");
    });
}

#[test]
fn an_address_belongs_to_one_account_whatever_its_case() {
    on_both_databases(|database| {
        create(database, "Ana", "ana@example.com").unwrap();
        let taken = create(database, "Ana", "ANA@example.com");
        assert!(matches!(taken, Err(AccountError::EmailTaken(_))), "{taken:?}");
    });
}

#[test]
fn a_list_matches_names_and_addresses_and_takes_wildcards_for_themselves() {
    on_both_databases(|database| {
        create(database, "Ana 100%", "ana@example.com").unwrap();
        create(database, "Bruno_B", "bruno@example.org").unwrap();
        assert_eq!(names(database, ""), ["Ana 100%", "Bruno_B"]);
        assert_eq!(names(database, "ANA"), ["Ana 100%"]);
        assert_eq!(names(database, "example.org"), ["Bruno_B"]);
        assert_eq!(names(database, "%"), ["Ana 100%"]);
        assert_eq!(names(database, "o_b"), ["Bruno_B"]);
        assert_eq!(names(database, "o?b"), [""; 0]);
    });
}

#[test]
fn a_token_lives_for_its_days_and_ends_when_it_is_revoked() {
    on_both_databases(|database| {
        let user = create(database, "Ana", "ana@example.com").unwrap();
        database.write_blocking(move |conn| accounts::create_token(conn, user, 2)).unwrap();
        let live = |at: Time| {
            let of_user = database.read_blocking(|conn| accounts::sessions(conn, Some(user), at, 10)).unwrap();
            let of_all = database.read_blocking(|conn| accounts::sessions(conn, None, at, 10)).unwrap();
            assert_eq!(of_user, of_all);
            of_all
        };
        let expires_at = live(Time::now())[0].expires_at;
        let two_days = 2 * 24 * 60 * 60 * 1000;
        assert!((expires_at.0 - Time::now().0 - two_days).abs() < 60_000);
        assert_eq!(live(Time(expires_at.0 - 1)).len(), 1);
        assert_eq!(live(expires_at).len(), 0);

        let session = live(Time::now())[0].id;
        let revoke = move |database: &Database| database.write_blocking(move |conn| accounts::revoke(conn, session));
        revoke(database).unwrap();
        assert_eq!(live(Time::now()).len(), 0);
        assert!(matches!(revoke(database), Err(AccountError::UnknownToken(_))));
    });
}

#[test]
fn all_tokens_of_one_account_end_and_those_of_another_do_not() {
    on_both_databases(|database| {
        let ana = create(database, "Ana", "ana@example.com").unwrap();
        let bruno = create(database, "Bruno", "bruno@example.com").unwrap();
        for user in [ana, ana, bruno] {
            database.write_blocking(move |conn| accounts::create_token(conn, user, 1)).unwrap();
        }
        assert_eq!(database.write_blocking(move |conn| accounts::revoke_all(conn, ana)).unwrap(), 2);
        let left = database.read_blocking(|conn| accounts::sessions(conn, None, Time::now(), 10)).unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].email, "bruno@example.com");
    });
}

#[test]
fn a_removed_account_is_gone_and_its_chats_remember_the_name() {
    on_both_databases(|database| {
        let guests = database.write_blocking(|conn| demo::fill(conn, Time::now())).unwrap().guests;
        let ana = guests[0].id;
        database.write_blocking(move |conn| accounts::remove(conn, ana)).unwrap();
        let gone = database.read_blocking(|conn| accounts::find(conn, "ana@demo.example"));
        assert!(matches!(gone, Err(AccountError::UnknownAccount(_))), "{gone:?}");
        let remembered = chats::table.filter(chats::past_users_involved.eq(r#"["Ana Lopes"]"#)).count();
        assert_eq!(database.read_blocking::<i64, AccountError>(|conn| Ok(remembered.first(conn)?)).unwrap(), 7);
        let again = database.write_blocking(move |conn| accounts::remove(conn, ana));
        assert!(matches!(again, Err(AccountError::UnknownAccount(_))), "{again:?}");
    });
}

#[test]
fn an_unreachable_database_is_told_apart_from_a_wrong_account() {
    let error = AccountError::from(DbError::Unavailable("busy".to_owned()));
    assert_eq!(error.to_string(), "the database is unavailable: busy");
}
