//! Seeded and demo worlds: complete, consistent with every copied column, and made only where they may be.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use tertulia::db::{Conn, Database, DbError, Time};
use tertulia::demo::{self, DemoError};
use tertulia::jsonapi::text::fold;
use tertulia::resources::{Settings, auth, password};
use tertulia::schema::{direct_conversations, users};
use tertulia::seed::{self, Plan, SeedError};

use super::{on_both_databases, write};

const PLAN: Plan = Plan { users: 120, conversations: 400, groups: 15, messages: 3_000, seed: 9 };

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// What must hold of every world: the count of rows that break each rule is 0.
const RULES: &[&str] = &[
    // The number of members is the number of memberships.
    "SELECT count(*) AS n FROM chats c
     WHERE member_count <> (SELECT count(*) FROM chat_memberships m WHERE m.chat_id = c.id)",
    // Every direct chat has one conversation, and no group has one.
    "SELECT count(*) AS n FROM chats c LEFT JOIN direct_conversations d ON d.chat_id = c.id
     WHERE (c.chat_type = 'direct') <> (d.id IS NOT NULL)",
    // Both sides of a conversation are plain members of its chat, unless the account is gone.
    "SELECT count(*) AS n FROM direct_conversations d
     WHERE (CASE WHEN d.former_peer_folded IS NULL THEN 2 ELSE 1 END) <> (SELECT count(*) FROM chat_memberships m WHERE m.chat_id = d.chat_id AND m.role = 'member'
                 AND m.user_id IN (d.first_user_id, d.second_user_id))",
    // The ordered pair is the pair, and one of the two began.
    "SELECT count(*) AS n FROM direct_conversations d JOIN chats c ON c.id = d.chat_id
     WHERE d.low_user_id NOT IN (d.first_user_id, d.second_user_id)
        OR d.high_user_id NOT IN (d.first_user_id, d.second_user_id)
        OR c.initiator_id <> d.first_user_id",
    // The copies of the memberships' flags are in step with them, on either side.
    "SELECT count(*) AS n FROM direct_conversations d
     JOIN chat_memberships m ON m.chat_id = d.chat_id AND m.user_id = d.first_user_id
     JOIN chats c ON c.id = d.chat_id
     WHERE d.first_visible <> (NOT m.deleted)
        OR d.first_listed <> (NOT m.deleted AND NOT m.hidden AND c.status = 'active')",
    "SELECT count(*) AS n FROM direct_conversations d
     JOIN chat_memberships m ON m.chat_id = d.chat_id AND m.user_id = d.second_user_id
     JOIN chats c ON c.id = d.chat_id
     WHERE d.second_visible <> (NOT m.deleted)
        OR d.second_listed <> (NOT m.deleted AND NOT m.hidden AND c.status = 'active')",
    // A chat goes by its request, which the first sent to the second; without one it is active.
    "SELECT count(*) AS n FROM chats c LEFT JOIN chat_requests r ON r.chat_id = c.id
     WHERE c.status <> coalesce(r.status, 'active')",
    "SELECT count(*) AS n FROM chat_requests r JOIN direct_conversations d ON d.chat_id = r.chat_id
     WHERE r.sender_id <> d.first_user_id OR r.recipient_id <> d.second_user_id
        OR (r.status = 'pending') <> (r.responded_at IS NULL)",
    // The copy of the chat's last change is in step with it.
    "SELECT count(*) AS n FROM direct_conversations d JOIN chats c ON c.id = d.chat_id
     WHERE d.chat_updated_at <> c.updated_at OR c.updated_at < c.created_at",
    // Every group has a title and somebody who looks after it, and no direct chat has either.
    "SELECT count(*) AS n FROM chats c WHERE (c.chat_type = 'group') <> (c.title IS NOT NULL)
        OR (c.chat_type = 'group') <> EXISTS
           (SELECT 1 FROM chat_memberships m WHERE m.chat_id = c.id AND m.role = 'admin')",
    // Nobody is in a chat from before their time.
    "SELECT count(*) AS n FROM chat_memberships m JOIN users u ON u.id = m.user_id WHERE m.created_at < u.created_at",
    // Messages are numbered without gaps, the chat knows the newest, and instants follow the numbers.
    "SELECT count(*) AS n FROM chats c
     WHERE c.last_sequence <> (SELECT count(*) FROM messages m WHERE m.chat_id = c.id)
        OR c.last_sequence <> (SELECT coalesce(max(m.sequence), 0) FROM messages m WHERE m.chat_id = c.id)
        OR c.last_message_at <> (SELECT max(m.created_at) FROM messages m WHERE m.chat_id = c.id)
        OR (c.last_message_at IS NULL) <> (c.last_sequence = 0)",
    "SELECT count(*) AS n FROM messages m JOIN messages n ON n.chat_id = m.chat_id AND n.sequence = m.sequence + 1
     WHERE n.created_at < m.created_at",
    // Who writes is a member and no reader.
    "SELECT count(*) AS n FROM messages m WHERE m.author_id IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM chat_memberships s WHERE s.chat_id = m.chat_id AND s.user_id = m.author_id AND s.role <> 'reader')",
    // Replies answer earlier messages of the chat that are none, and are counted there.
    "SELECT count(*) AS n FROM messages m LEFT JOIN messages p ON p.id = m.parent_id AND p.chat_id = m.chat_id
        AND p.parent_id IS NULL AND p.sequence = m.parent_sequence AND p.sequence < m.sequence
     WHERE (m.parent_id IS NOT NULL) <> (p.id IS NOT NULL)",
    "SELECT count(*) AS n FROM messages m
     WHERE m.reply_count <> (SELECT count(*) FROM messages r WHERE r.parent_id = m.id AND NOT r.deleted)",
    // Without an author there is a name, and a tombstone has nothing on it.
    "SELECT count(*) AS n FROM messages m WHERE (m.author_id IS NULL) <> (m.user_deleted_name IS NOT NULL)",
    "SELECT count(*) AS n FROM messages m WHERE m.deleted AND (m.content IS NOT NULL
        OR EXISTS (SELECT 1 FROM attachments a WHERE a.message_id = m.id)
        OR EXISTS (SELECT 1 FROM reactions r WHERE r.message_id = m.id))",
    // What hangs on a message belongs to its chat, and reacts who is a member or gone.
    "SELECT count(*) AS n FROM attachments a JOIN messages m ON m.id = a.message_id WHERE a.chat_id <> m.chat_id",
    "SELECT count(*) AS n FROM reactions r JOIN messages m ON m.id = r.message_id WHERE r.chat_id <> m.chat_id
        OR r.author_id IS NOT NULL AND NOT EXISTS
           (SELECT 1 FROM chat_memberships s WHERE s.chat_id = r.chat_id AND s.user_id = r.author_id)",
    // A read pointer leads to a message, and knows its instant.
    "SELECT count(*) AS n FROM chat_memberships s
     LEFT JOIN messages m ON m.chat_id = s.chat_id AND m.sequence = s.read_sequence
     WHERE (s.read_sequence > 0) <> (m.id IS NOT NULL) OR (m.id IS NULL) <> (s.read_until IS NULL)
        OR s.read_until <> m.created_at",
];

/// Members who have something to read.
const UNREAD: &str = "SELECT count(*) AS n FROM chat_memberships s WHERE EXISTS (SELECT 1 FROM messages m
    WHERE m.chat_id = s.chat_id AND m.sequence > s.read_sequence AND m.author_id <> s.user_id)";

#[track_caller]
fn assert_consistent(database: &Database) {
    for rule in RULES {
        let broken = write(database, |conn| diesel::sql_query(*rule).get_result::<Count>(conn).expect("a count").n);
        assert_eq!(broken, 0, "{rule}");
    }
    let columns = (users::name, users::name_folded, users::email, users::email_folded);
    let texts =
        write(database, move |conn| users::table.select(columns).load::<(String, String, String, String)>(conn));
    for (name, name_folded, email, email_folded) in texts.expect("names") {
        assert_eq!((fold(&name), fold(&email)), (name_folded, email_folded));
    }
}

fn count(database: &Database, sql: &'static str) -> i64 {
    write(database, move |conn| diesel::sql_query(sql).get_result::<Count>(conn).expect("a count").n)
}

#[test]
fn a_seeded_world_is_complete_and_consistent() {
    on_both_databases(|database| {
        let mut heard = 0;
        seed::fill(database, &PLAN, |added| heard += added).unwrap();
        assert_eq!(heard, PLAN.steps());
        assert_eq!(count(database, "SELECT count(*) AS n FROM users"), 120);
        assert_eq!(count(database, "SELECT count(*) AS n FROM direct_conversations"), 400);
        assert_eq!(count(database, "SELECT count(*) AS n FROM chats WHERE chat_type = 'group'"), 15);
        assert_eq!(count(database, "SELECT count(*) AS n FROM messages"), 3_000);
        assert_consistent(database);
    });
}

#[test]
fn a_seeded_world_has_chats_of_every_kind() {
    on_both_databases(|database| {
        seed::fill(database, &PLAN, |_| ()).unwrap();
        for kind in [
            "SELECT count(*) AS n FROM chat_memberships WHERE archived",
            "SELECT count(*) AS n FROM chat_memberships WHERE hidden",
            "SELECT count(*) AS n FROM chat_memberships WHERE mute",
            "SELECT count(*) AS n FROM chat_memberships WHERE role = 'reader'",
            "SELECT count(*) AS n FROM messages WHERE parent_id IS NOT NULL",
            UNREAD,
        ] {
            assert!(count(database, kind) > 0, "{kind}");
        }
    });
}

#[test]
fn every_seeded_user_has_the_documented_password() {
    on_both_databases(|database| {
        seed::fill(database, &Plan::of(3, 4), |_| ()).unwrap();
        let hashes = write(database, |conn| users::table.select(users::password_hash).load::<String>(conn).unwrap());
        assert!(hashes.iter().all(|hash| *hash == hashes[0]));
        assert!(password::verify(seed::PASSWORD, &hashes[0]));
        let address = seed::email(4, 3);
        let third = users::table.filter(users::email.eq(address)).count();
        assert_eq!(write(database, move |conn| third.clone().get_result::<i64>(conn).unwrap()), 1);
    });
}

#[test]
fn a_seed_is_sown_once_and_another_beside_it() {
    on_both_databases(|database| {
        seed::fill(database, &Plan::of(5, 1), |_| ()).unwrap();
        let again = seed::fill(database, &Plan::of(5, 1), |_| ());
        assert!(matches!(again, Err(SeedError::AlreadySeeded(1))), "{again:?}");
        seed::fill(database, &Plan::of(5, 2), |_| ()).unwrap();
        assert_eq!(count(database, "SELECT count(*) AS n FROM users"), 10);
    });
}

#[test]
fn both_databases_get_the_same_world() {
    let worlds = std::cell::RefCell::new(Vec::new());
    on_both_databases(|database| {
        seed::fill(database, &PLAN, |_| ()).unwrap();
        worlds.borrow_mut().push(write(database, conversations));
    });
    let worlds = worlds.into_inner();
    assert!(worlds.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(worlds[0].len(), 400);
}

fn conversations(conn: &mut Conn) -> Vec<String> {
    use direct_conversations::{chat_updated_at, created_at, first_listed, first_user_id, id, second_user_id};
    type Row = (tertulia::db::Id, Option<tertulia::db::Id>, Option<tertulia::db::Id>, bool, Time, Time);
    let columns = (id, first_user_id, second_user_id, first_listed, chat_updated_at, created_at);
    let rows = direct_conversations::table.select(columns).order(id).load::<Row>(conn).expect("conversations");
    rows.iter().map(|row| format!("{row:?}")).collect()
}

fn fill_demo(database: &Database) -> Result<Vec<demo::Guest>, DemoError> {
    Ok(database.write_blocking(|conn| demo::fill(conn, Time::now()))?.guests)
}

#[test]
fn the_demo_world_is_consistent_and_its_tokens_and_password_sign_in() {
    on_both_databases(|database| {
        let guests = fill_demo(database).unwrap();
        assert_eq!(guests.len(), 6);
        assert_consistent(database);
        for guest in guests {
            let token = guest.token.clone();
            let signed_in =
                write(database, move |conn| auth::authenticate(conn, &token, &Settings::default()).expect("an answer"));
            assert_eq!(signed_in.expect("a session").viewer.id, guest.id);
            let hash = users::table.find(guest.id).select(users::password_hash);
            let hash = write(database, move |conn| hash.first::<String>(conn).expect("a user"));
            assert!(password::verify(demo::PASSWORD, &hash));
            assert!(!format!("{guest:?}").contains(&guest.token));
        }
    });
}

#[test]
fn the_demo_world_shows_what_there_is_to_see() {
    on_both_databases(|database| {
        fill_demo(database).unwrap();
        for (kind, least) in [
            ("SELECT count(*) AS n FROM direct_conversations", 6),
            ("SELECT count(*) AS n FROM chats WHERE chat_type = 'group'", 2),
            ("SELECT count(*) AS n FROM chats WHERE NOT open", 1),
            ("SELECT count(*) AS n FROM chat_memberships WHERE archived", 1),
            ("SELECT count(*) AS n FROM chat_memberships WHERE hidden", 1),
            ("SELECT count(*) AS n FROM chat_memberships WHERE mute", 1),
            ("SELECT count(*) AS n FROM chat_memberships WHERE role = 'reader'", 1),
            ("SELECT count(*) AS n FROM messages", 30),
            ("SELECT count(*) AS n FROM messages WHERE parent_id IS NOT NULL", 3),
            ("SELECT count(*) AS n FROM messages WHERE edited_at IS NOT NULL", 1),
            ("SELECT count(*) AS n FROM messages WHERE deleted", 1),
            ("SELECT count(*) AS n FROM messages WHERE user_deleted_name IS NOT NULL", 2),
            ("SELECT count(*) AS n FROM messages WHERE expected_attachment_count > 0", 1),
            ("SELECT count(*) AS n FROM messages WHERE link_preview_url IS NOT NULL", 1),
            ("SELECT count(*) AS n FROM chats WHERE past_users_involved <> '[]'", 2),
            ("SELECT count(*) AS n FROM reactions", 6),
            ("SELECT count(*) AS n FROM reactions WHERE author_id IS NULL", 1),
            ("SELECT count(*) AS n FROM contents JOIN attachments ON attachments.id = contents.attachment_id", 2),
            ("SELECT count(*) AS n FROM attachments WHERE source_url IS NOT NULL", 1),
            ("SELECT count(*) AS n FROM attachments WHERE thumbnail_type IS NOT NULL AND width > height", 1),
            (UNREAD, 6),
            ("SELECT count(*) AS n FROM users WHERE direct_message_policy = 'request'", 1),
            // Somebody finds a request in each state: sent, received, refused.
            (
                "SELECT count(*) AS n FROM users u
                 WHERE EXISTS (SELECT 1 FROM chat_requests r WHERE r.sender_id = u.id AND r.status = 'pending')
                   AND EXISTS (SELECT 1 FROM chat_requests r WHERE r.recipient_id = u.id AND r.status = 'pending')
                   AND EXISTS (SELECT 1 FROM chat_requests r WHERE r.recipient_id = u.id AND r.status = 'declined')
                   AND EXISTS (SELECT 1 FROM chat_requests r WHERE r.recipient_id = u.id AND r.status = 'active')",
                1,
            ),
        ] {
            assert!(count(database, kind) >= least, "{kind}");
        }
    });
}

#[test]
fn a_second_demo_keeps_the_world_and_gives_new_tokens() {
    on_both_databases(|database| {
        let first = fill_demo(database).unwrap();
        let second = fill_demo(database).unwrap();
        assert_eq!(count(database, "SELECT count(*) AS n FROM users"), 6);
        let ids = |guests: &[demo::Guest]| guests.iter().map(|guest| guest.id).collect::<Vec<_>>();
        assert_eq!(ids(&first), ids(&second));
        assert_ne!(first[0].token, second[0].token);
    });
}

#[test]
fn the_demo_leaves_a_database_alone_that_is_not_empty() {
    on_both_databases(|database| {
        seed::fill(database, &Plan::of(2, 1), |_| ()).unwrap();
        let refused = fill_demo(database);
        assert!(matches!(refused, Err(DemoError::NotEmpty(2))), "{refused:?}");
        assert_eq!(count(database, "SELECT count(*) AS n FROM users"), 2);
    });
}

#[test]
fn a_seed_that_is_too_crowded_writes_nothing() {
    on_both_databases(|database| {
        let crowded = Plan { users: 2, conversations: 2, groups: 0, messages: 0, seed: 1 };
        assert!(seed::fill(database, &crowded, |_| ()).is_err());
        let all = database.read_blocking::<i64, DbError>(|conn| Ok(users::table.count().get_result(conn)?));
        assert_eq!(all.unwrap(), 0);
    });
}
