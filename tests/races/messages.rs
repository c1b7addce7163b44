//! A message that is sent while somebody reads, reacts, puts the chat away, or goes for good.

use crate::people::{ROUNDS, number, statuses, text};
use crate::support::app::{TestApp, User};
use crate::support::on_both_databases;
use crate::world::{assert_consistent, count, direct, group, membership, new_direct, say, update};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

/// A chat of two, as one of them sees it.
struct Pair {
    reader: User,
    writer: User,
    chat: String,
    /// The membership of the reader.
    own: String,
}

impl Pair {
    async fn new(app: &TestApp, direct_chat: bool) -> Pair {
        let (reader, writer) = (app.user("reader").await, app.user("writer").await);
        let chat = match direct_chat {
            true => direct(app, &writer, &reader.id).await.chat,
            false => group(app, &writer, None, &[&reader]).await,
        };
        let own = membership(app, &reader, &chat, &reader).await;
        Pair { reader, writer, chat, own }
    }

    fn path(&self) -> String {
        format!("/chats/{}", self.chat)
    }

    async fn unread(&self, app: &TestApp) -> u64 {
        number(app, &self.reader, &self.path(), "unread_message_count").await
    }

    /// The ids of what the reader sees, newest first.
    async fn seen(&self, app: &TestApp) -> Vec<String> {
        app.as_user(&self.reader).get(&format!("{}/messages", self.path())).await.assert_status(200).ids()
    }

    async fn set(&self, app: &TestApp, attributes: Value) -> crate::support::answer::Answer {
        let document = update("chat_membership", &self.own, attributes);
        app.as_user(&self.reader).patch(&format!("/chat_memberships/{}", self.own), &document).await
    }
}

async fn a_message_that_was_not_seen_is_never_marked_as_read(app: &TestApp) {
    let pair = Pair::new(app, true).await;
    let (mut conflicts, mut successes) = (0, 0);
    for _ in 0..2 * ROUNDS {
        let seen = say(app, &pair.writer, &pair.chat).await;
        let path = format!("/chat_memberships/{}/relationships/last_read_message", pair.own);
        let document = json!({ "data": { "type": "message", "id": seen } });
        let reader = app.as_user(&pair.reader);
        let before = pair.unread(app).await;
        let (marked, (one, other)) = join(reader.patch(&path, &document), join_pair(app, &pair)).await;
        match marked.status {
            204 => {
                successes += 1;
                assert_eq!(pair.unread(app).await, 2);
            }
            409 => {
                conflicts += 1;
                assert_eq!(pair.unread(app).await, before + 2);
                let newest = marked.document()["errors"][0]["meta"]["last_message_id"].clone();
                assert!(newest == one.as_str() || newest == other.as_str(), "{marked}");
            }
            _ => panic!("{marked}"),
        }
        for message in [&one, &other] {
            let found = app.as_user(&pair.reader).get(&format!("/messages/{message}")).await;
            assert_eq!(*found.attribute("is_new"), true, "{found}");
        }
    }
    assert_eq!(conflicts + successes, 2 * ROUNDS);
    assert_consistent(app).await;
}

async fn join_pair(app: &TestApp, pair: &Pair) -> (String, String) {
    join(say(app, &pair.writer, &pair.chat), say(app, &pair.writer, &pair.chat)).await
}

async fn what_comes_after_an_instant_is_not_read_by_it(app: &TestApp) {
    let pair = Pair::new(app, false).await;
    for _ in 0..ROUNDS {
        let seen = say(app, &pair.writer, &pair.chat).await;
        let seen = app.as_user(&pair.reader).get(&format!("/messages/{seen}")).await;
        let until = seen.attribute("created_at").clone();
        let (marked, new) =
            join(pair.set(app, json!({ "read_until": until })), say(app, &pair.writer, &pair.chat)).await;
        marked.assert_status(200);
        let new = app.as_user(&pair.reader).get(&format!("/messages/{new}")).await;
        // Two messages of one millisecond are read together.
        if new.attribute("created_at").as_str() > until.as_str() {
            assert_eq!(*new.attribute("is_new"), true, "{new}");
            assert_eq!(pair.unread(app).await, 1);
        }
    }
}

/// Hidden before the message, the chat is back with it; hidden after it, it stays away with the message in it.
async fn a_message_brings_back_what_was_hidden_before_it(app: &TestApp) {
    let pairs = [Pair::new(app, true).await, Pair::new(app, false).await];
    for round in 0..2 * ROUNDS {
        let pair = &pairs[round % 2];
        let before = pair.unread(app).await;
        let hide = pair.set(app, json!({ "hidden": true, "archived": round % 4 < 2 }));
        let (hidden, message) = join(hide, say(app, &pair.writer, &pair.chat)).await;
        let hidden = hidden.assert_status(200);
        let had_it = *hidden.attribute("unread_message_count") != before;
        let found = app.as_user(&pair.reader).get(&pair.path()).await.assert_status(200);
        assert_eq!(*found.attribute("hidden"), had_it, "{found}");
        assert_eq!(*found.attribute("archived"), had_it && round % 4 < 2, "{found}");
        assert_eq!(*found.attribute("unread_message_count"), before + 1);
        assert_eq!(pair.seen(app).await[0], message);
        for list in ["/chats", "/direct_conversations?include=chat"] {
            let listed = app.as_user(&pair.reader).get(list).await.assert_status(200);
            let listed = listed.document().to_string().contains(&pair.chat);
            assert_eq!(listed, !had_it && (list == "/chats" || round % 2 == 0), "{list}");
        }
        pair.set(app, json!({ "hidden": false, "archived": false })).await.assert_status(200);
    }
    assert_consistent(app).await;
}

/// Deleted before the message, the chat is there with just it; deleted after it, neither is.
async fn a_message_is_never_lost_in_a_chat_that_is_deleted_for_oneself(app: &TestApp) {
    let pairs = [Pair::new(app, true).await, Pair::new(app, false).await];
    for round in 0..2 * ROUNDS {
        let pair = &pairs[round % 2];
        let delete = async { app.as_user(&pair.reader).delete(&pair.path()).await };
        let (deleted, message) = join(delete, say(app, &pair.writer, &pair.chat)).await;
        deleted.assert_status(204);
        let found = app.as_user(&pair.reader).get(&pair.path()).await;
        let next = match found.status {
            200 => {
                assert_eq!(pair.seen(app).await, [message.as_str()]);
                assert_eq!(pair.unread(app).await, 1);
                say(app, &pair.writer, &pair.chat).await
            }
            404 => {
                let next = say(app, &pair.writer, &pair.chat).await;
                assert_eq!(pair.seen(app).await, [next.as_str()]);
                next
            }
            _ => panic!("{found}"),
        };
        assert_eq!(pair.seen(app).await[0], next);
    }
    assert_consistent(app).await;
}

async fn the_same_reaction_at_once_is_one(app: &TestApp) {
    let pair = Pair::new(app, false).await;
    for _ in 0..ROUNDS {
        let message = say(app, &pair.writer, &pair.chat).await;
        let linkage = json!({ "message": { "data": { "type": "message", "id": message } } });
        let reaction = json!({ "type": "reaction", "attributes": { "emoji": "👍" }, "relationships": linkage });
        let document = json!({ "data": reaction });
        let react = async |_| app.as_user(&pair.reader).post("/reactions", &document).await;
        let answers = join_all((0..4).map(react)).await;
        assert_eq!(statuses(&answers), [200, 200, 200, 201]);
        assert!(answers.iter().all(|answer| answer.id() == answers[0].id()));
        let found = app.as_user(&pair.writer).get(&format!("/messages/{message}")).await;
        assert_eq!(*found.attribute("reaction_counts"), json!([{ "emoji": "👍", "count": 1, "mine": false }]));
    }
    assert_eq!(count(app, "SELECT count(*) AS n FROM reactions").await, ROUNDS as i64);
}

/// What was sent stays, with the name; what was not is not there.
async fn whoever_goes_while_writing_has_written_or_not(app: &TestApp) {
    let stays = app.user("stays").await;
    for round in 0..ROUNDS {
        let name = format!("goes{round}");
        let goes = app.user(&name).await;
        let talk = direct(app, &goes, &stays.id).await;
        let group = group(app, &stays, None, &[&goes]).await;
        let send = async |from: &User, chat: &str| {
            app.as_user(from).post(&format!("/chats/{chat}/messages"), &text("Goodbye")).await
        };
        let removal = async { app.as_user(&goes).delete(&format!("/users/{}", goes.id)).await };
        let own = join(send(&goes, &talk.chat), send(&goes, &group));
        let (removed, ((direct, in_group), others)) = join(removal, join(own, send(&stays, &talk.chat))).await;
        removed.assert_status(204);
        for (chat, own) in [(&talk.chat, &direct), (&group, &in_group)] {
            // The token may still have been good when the chat was not theirs any more.
            assert!(matches!(own.status, 201 | 401 | 404), "{own}");
            let path = format!("/messages?filter[chat]={chat}");
            let listed = app.as_user(&stays).get(&path).await.assert_status(200);
            let of_them = |it: &&Value| it["attributes"]["user_deleted_name"] == name.as_str();
            assert_eq!(listed.items().iter().filter(of_them).count(), usize::from(own.status == 201), "{listed}");
            let author = |it: &Value| it["relationships"]["author"]["data"].is_null();
            assert!(listed.items().iter().all(|it| author(it) == of_them(&it)), "{listed}");
            let found = app.as_user(&stays).get(&format!("/chats/{chat}")).await.assert_status(200);
            assert_eq!(*found.attribute("past_users_involved"), json!([name]));
            assert_eq!(*found.attribute("member_count"), 1);
        }
        assert!(matches!(others.status, 201 | 409), "{others}");
        if others.status == 409 {
            assert_eq!(others.document()["errors"][0]["code"], "peer_gone");
        }
        let again = app.as_user(&stays).post("/direct_conversations", &new_direct(&goes.id)).await;
        again.assert_status(404);
    }
    assert_consistent(app).await;
}

on_both_databases![
    a_message_that_was_not_seen_is_never_marked_as_read,
    what_comes_after_an_instant_is_not_read_by_it,
    a_message_brings_back_what_was_hidden_before_it,
    a_message_is_never_lost_in_a_chat_that_is_deleted_for_oneself,
    the_same_reaction_at_once_is_one,
    whoever_goes_while_writing_has_written_or_not,
];
