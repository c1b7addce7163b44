//! What a removed account leaves behind.

use super::{PASSWORD, Server};
use crate::{
    db::{Conn, Id, Time},
    resource::Result,
    schema::{chat_memberships, chats, direct_conversations},
};
use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};
use serde_json::json;

fn chat(conn: &mut Conn, kind: &str, members: &[(Id, &str)], past: &str) -> Result<Id> {
    let (chat, now) = (Id::new(), Time(1_000));
    diesel::insert_into(chats::table)
        .values((
            (chats::id.eq(chat), chats::chat_type.eq(kind), chats::status.eq("active")),
            chats::initiator_id.eq(members[0].0),
            chats::member_count.eq(i32::try_from(members.len()).expect("few members")),
            chats::past_users_involved.eq(past),
            (chats::created_at.eq(now), chats::updated_at.eq(now)),
        ))
        .execute(conn)?;
    for (order, (user, role)) in members.iter().enumerate() {
        let joined = Time(now.0 + i64::try_from(order).expect("few members"));
        diesel::insert_into(chat_memberships::table)
            .values((
                chat_memberships::id.eq(Id::new()),
                chat_memberships::chat_id.eq(chat),
                chat_memberships::user_id.eq(*user),
                chat_memberships::role.eq(*role),
                (chat_memberships::created_at.eq(joined), chat_memberships::updated_at.eq(joined)),
            ))
            .execute(conn)?;
    }
    Ok(chat)
}

fn direct(conn: &mut Conn, first: Id, second: Id) -> Result<(Id, Id)> {
    let chat = chat(conn, "direct", &[(first, "member"), (second, "member")], "[]")?;
    let (id, now) = (Id::new(), Time(1_000));
    diesel::insert_into(direct_conversations::table)
        .values((
            (direct_conversations::id.eq(id), direct_conversations::chat_id.eq(chat)),
            (direct_conversations::first_user_id.eq(first), direct_conversations::second_user_id.eq(second)),
            direct_conversations::low_user_id.eq(first.min(second)),
            direct_conversations::high_user_id.eq(first.max(second)),
            direct_conversations::chat_updated_at.eq(now),
            (direct_conversations::created_at.eq(now), direct_conversations::updated_at.eq(now)),
        ))
        .execute(conn)?;
    Ok((chat, id))
}

fn roles(conn: &mut Conn, chat: Id) -> Result<Vec<(Id, String)>> {
    Ok(chat_memberships::table
        .filter(chat_memberships::chat_id.eq(chat))
        .order(chat_memberships::created_at)
        .select((chat_memberships::user_id, chat_memberships::role))
        .load(conn)?)
}

#[test]
fn a_removed_account_leaves_its_name_in_its_chats_and_nothing_else() {
    let server = Server::start();
    let (ada, bob) = (server.user("Ada"), server.user("Bob"));
    let session = server.sign_in("Bob@example.com", PASSWORD).expect("a session");
    let gone = bob.id;
    server.update(bob, gone, json!({"name": "B\"ob ẞ"})).expect("a change");
    let (group, (chat, conversation)) = server
        .run(move |conn| {
            let group = chat(conn, "group", &[(ada.id, "admin"), (gone, "member")], r#"["Eve"]"#)?;
            Ok((group, direct(conn, gone, ada.id)?))
        })
        .expect("chats");
    let bob = bob.at(Time(2_000));
    server.delete(bob, "user", gone).expect("a removal");

    assert_eq!(server.whose(&session), None);
    let columns = (chats::past_users_involved, chats::member_count, chats::updated_at, chats::initiator_id);
    let seen = |id: Id| {
        let row = server.run(move |conn| Ok(chats::table.find(id).select(columns).first(conn)?));
        row.expect("the chat")
    };
    let in_direct: (String, i32, Time, Option<Id>) = seen(chat);
    assert_eq!(in_direct, (r#"["B\"ob ẞ"]"#.to_owned(), 1, Time(2_000), None));
    let in_group: (String, i32, Time, Option<Id>) = seen(group);
    assert_eq!(in_group, (r#"["Eve","B\"ob ẞ"]"#.to_owned(), 1, Time(2_000), Some(ada.id)));
    type Sides = (Option<Id>, Option<Id>, Option<Id>, Option<Id>, Option<String>, bool, bool, Time);
    let sides: Sides = server
        .run(move |conn| {
            use direct_conversations as dc;
            let columns = (
                (dc::first_user_id, dc::second_user_id, dc::low_user_id, dc::high_user_id),
                (dc::former_peer_folded, dc::first_listed, dc::second_listed, dc::chat_updated_at),
            );
            let (a, b): ((_, _, _, _), (_, _, _, _)) = dc::table.find(conversation).select(columns).first(conn)?;
            Ok((a.0, a.1, a.2, a.3, b.0, b.1, b.2, b.3))
        })
        .expect("the conversation");
    let name = Some("b\"ob ss".to_owned());
    assert_eq!(sides, (None, Some(ada.id), None, None, name, false, true, Time(2_000)));
    server.sign_up("Bob", "Bob@example.com").expect("the address is free again");
}

#[test]
fn the_last_admin_to_go_is_followed_by_the_oldest_member_or_else_reader() {
    let server = Server::start();
    let [ada, bob, cem, dan] = ["Ada", "Bob", "Cem", "Dan"].map(|name| server.user(name));
    let (a, b, c, d) = (ada.id, bob.id, cem.id, dan.id);
    let (group, pair) = server
        .run(move |conn| {
            let members = [(a, "admin"), (b, "reader"), (c, "member"), (d, "member")];
            Ok((chat(conn, "group", &members, "[]")?, direct(conn, a, b)?.0))
        })
        .expect("chats");
    let left = |chat: Id| server.run(move |conn| roles(conn, chat)).expect("members");
    let role = |user: Id, role: &str| (user, role.to_owned());

    server.delete(ada, "user", a).expect("a removal");
    assert_eq!(left(group), [role(b, "reader"), role(c, "admin"), role(d, "member")]);
    assert_eq!(left(pair), [role(b, "member")]);
    server.delete(dan, "user", d).expect("a removal");
    assert_eq!(left(group), [role(b, "reader"), role(c, "admin")]);
    server.delete(cem, "user", c).expect("a removal");
    assert_eq!(left(group), [role(b, "admin")]);
    server.delete(bob, "user", b).expect("a removal");
    assert_eq!(left(group), []);
}
