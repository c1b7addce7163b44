//! Rows come back as they were stored, so every column has the type that `schema.rs` says.

use std::collections::BTreeMap;

use diesel::prelude::{ExpressionMethods, RunQueryDsl};
use diesel::{QueryDsl, QueryResult};
use tertulia::db::{Conn, DbError, Id, Time};
use tertulia::schema::{
    chat_memberships, chat_requests, chats, clear_points, direct_conversations, messages, sessions, users,
};

use crate::on_both_databases;
use crate::place::TestDatabase;
use crate::schemas::{Table, schema};

on_both_databases!(every_column_returns_what_was_stored, a_removed_user_takes_along_what_is_theirs_alone,);

/// Stores a row and compares it with the one read back; its columns must be those of the table, in order.
macro_rules! round_trip {
    ($schema:expr, $conn:expr, $table:ident { $($column:ident: $value:expr),+ $(,)? }) => {{
        let columns = $schema[stringify!($table)].columns.iter().map(|column| column.0.as_str());
        assert!(columns.eq([$(stringify!($column)),+]), "the columns of {}", stringify!($table));
        let values = ($($table::$column.eq($value),)+);
        diesel::insert_into($table::table).values(values).execute($conn).unwrap();
        $(is_same($value, $table::table.select($table::$column).first($conn));)+
    }};
}

fn is_same<T: PartialEq + std::fmt::Debug>(stored: T, read: QueryResult<T>) {
    assert_eq!(read, Ok(stored));
}

fn id(n: u128) -> Id {
    Id(uuid::Uuid::from_u128(n))
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn every_column_returns_what_was_stored(test: &TestDatabase) {
    let database = test.migrated();
    let schema = schema(&database);
    let stored = database.write_blocking(move |conn| {
        store(&schema, conn);
        Ok::<_, DbError>(())
    });
    stored.unwrap();
}

fn store(schema: &BTreeMap<String, Table>, conn: &mut Conn) {
    round_trip!(
        schema,
        conn,
        users {
            id: id(1),
            name: text("Ann"),
            name_folded: text("ann"),
            email: text("A@b.c"),
            email_folded: text("a@b.c"),
            password_hash: text("hash"),
            first_name: some("A"),
            first_name_folded: some("a"),
            last_name: None::<String>,
            last_name_folded: None::<String>,
            title: some("\u{1f980}"),
            title_folded: some("t"),
            avatar_url: some("https://b.c/a.png"),
            direct_message_policy: text("request"),
            created_at: Time(-1),
            updated_at: Time(1_735_787_045_678),
            version: i64::MAX,
        }
    );
    round_trip!(
        schema,
        conn,
        sessions {
            id: id(2),
            user_id: id(1),
            token_hash: vec![0_u8, 255, 39],
            created_at: Time(1),
            last_used_at: Time(2),
            expires_at: Time(253_402_300_799_999),
        }
    );
    round_trip!(
        schema,
        conn,
        chats {
            id: id(3),
            chat_type: text("group"),
            status: text("pending"),
            title: some("T"),
            title_folded: some("t"),
            icon_url: some("i"),
            icon_thumbnail_url: None::<String>,
            open: false,
            initiator_id: Some(id(1)),
            last_sequence: 7_i64,
            last_message_at: Some(Time(5)),
            member_count: 2_i32,
            past_users_involved: text("[\"B\"]"),
            created_at: Time(3),
            updated_at: Time(4),
            version: 2_i64,
            direct_conversation_id: Some(id(5)),
        }
    );
    round_trip!(
        schema,
        conn,
        chat_memberships {
            id: id(4),
            chat_id: id(3),
            user_id: id(1),
            role: text("reader"),
            archived: true,
            hidden: false,
            deleted: true,
            mute: true,
            mute_until: None::<Time>,
            joined_sequence: 1_i64,
            read_sequence: 2_i64,
            read_until: Some(Time(9)),
            created_at: Time(5),
            updated_at: Time(6),
            version: 3_i64,
            cleared_sequence: 4_i64,
        }
    );
    round_trip!(schema, conn, clear_points { user_id: id(1), chat_id: id(3), sequence: 6_i64, cleared_at: Time(0) });
    round_trip!(
        schema,
        conn,
        direct_conversations {
            id: id(5),
            chat_id: id(3),
            first_user_id: None::<Id>,
            second_user_id: Some(id(1)),
            low_user_id: Some(id(1)),
            high_user_id: None::<Id>,
            former_peer_folded: some("bob"),
            first_visible: false,
            second_visible: true,
            first_listed: true,
            second_listed: false,
            chat_updated_at: Time(4),
            created_at: Time(3),
            updated_at: Time(3),
            version: 1_i64,
        }
    );
    round_trip!(
        schema,
        conn,
        messages {
            id: id(7),
            chat_id: id(3),
            sequence: 7_i64,
            author_id: Some(id(1)),
            user_deleted_name: some("Bob"),
            parent_id: None::<Id>,
            content: some("Hi"),
            content_folded: some("hi"),
            image_url: some("u"),
            link_preview_url: None::<String>,
            expected_attachment_count: 50_i32,
            deleted: true,
            edited_at: Some(Time(8)),
            created_at: Time(7),
            updated_at: Time(8),
            version: 2_i64,
            reply_count: 3_i32,
            parent_sequence: Some(6_i64),
            user_deleted_name_folded: some("bob"),
        }
    );
    round_trip!(
        schema,
        conn,
        chat_requests {
            id: id(6),
            chat_id: id(3),
            sender_id: Some(id(1)),
            recipient_id: None::<Id>,
            status: text("declined"),
            responded_at: Some(Time(8)),
            created_at: Time(3),
            updated_at: Time(8),
            version: 2_i64,
        }
    );
}

fn a_removed_user_takes_along_what_is_theirs_alone(test: &TestDatabase) {
    let database = test.migrated();
    let schema = schema(&database);
    let done = database.write_blocking(move |conn| {
        store(&schema, conn);
        diesel::delete(users::table).execute(conn)?;
        assert_eq!(sessions::table.count().get_result(conn), Ok(0_i64));
        assert_eq!(chat_memberships::table.count().get_result(conn), Ok(0_i64));
        assert_eq!(clear_points::table.count().get_result(conn), Ok(0_i64));
        assert_eq!(chats::table.select(chats::initiator_id).load(conn), Ok(vec![None::<Id>]));
        let sides = (direct_conversations::second_user_id, direct_conversations::low_user_id);
        let sides = direct_conversations::table.select(sides).load(conn);
        assert_eq!(sides, Ok(vec![(None::<Id>, None::<Id>)]));
        assert_eq!(messages::table.select(messages::author_id).load(conn), Ok(vec![None::<Id>]));
        assert_eq!(chat_requests::table.select(chat_requests::sender_id).load(conn), Ok(vec![None::<Id>]));
        Ok::<_, DbError>(())
    });
    done.unwrap();
}
