//! A small world for sentences about who sees what: a group, two conversations, and everybody who may know of them.

use crate::support::answer::Answer;
use crate::support::app::{PASSWORD, TestApp, User};
use crate::world::{Asked, answered, attach, direct, group, membership, react, request, say_this, update};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const UNKNOWN: &str = "01900000-0000-7000-8000-00000000dead";
pub(crate) const TITLE: &str = "Xanadu";

/// A group and a conversation, with somebody in every relation to them.
pub(crate) struct World {
    /// Of the group, and one side of the conversation.
    pub(crate) admin: User,
    pub(crate) member: User,
    pub(crate) reader: User,
    /// Was a member once.
    pub(crate) former: User,
    /// A member who deleted the group for themselves.
    pub(crate) deleter: User,
    /// A reader who did so too, and came back by the next message: what was before stays cleared.
    pub(crate) returner: User,
    /// Was a member, and removed the account.
    pub(crate) removed: User,
    /// The other side of the conversation.
    pub(crate) peer: User,
    /// Had a conversation with the admin too, and deleted it.
    pub(crate) ex: User,
    pub(crate) stranger: User,
    pub(crate) group: String,
    pub(crate) conversation: String,
    pub(crate) its_chat: String,
    pub(crate) deleted_conversation: String,
    pub(crate) its_deleted_chat: String,
    /// Of the admin, member, reader and deleter in the group.
    pub(crate) memberships: [String; 4],
    pub(crate) of_returner: String,
    pub(crate) session: String,
    pub(crate) said: Said,
    /// By the member of the peer.
    pub(crate) asked: Asked,
    /// By the former member of the one who then deleted the chat.
    pub(crate) put_away: Asked,
}

/// What was said, and hung on to it.
pub(crate) struct Said {
    /// By the admin to the group, with everything there is.
    pub(crate) message: String,
    /// The member's answer.
    pub(crate) reply: String,
    /// By the account that is gone.
    pub(crate) of_removed: String,
    /// By the former member.
    pub(crate) of_former: String,
    /// By the peer to the admin.
    pub(crate) in_direct: String,
    /// By the admin to the one who deleted the conversation then.
    pub(crate) cleared: String,
    /// With its bytes.
    pub(crate) file: String,
    /// Without.
    pub(crate) waiting: String,
    /// In the conversation that was deleted.
    pub(crate) cleared_file: String,
    /// The member's.
    pub(crate) reaction: String,
    /// Of the former member.
    pub(crate) old_reaction: String,
}

pub(crate) async fn world(app: &TestApp) -> World {
    let user = async |name: &str| app.user(name).await;
    let (admin, member, reader) = (user("admin").await, user("member").await, user("reader").await);
    let (former, deleter, removed) = (user("former").await, user("deleter").await, user("removed").await);
    let (peer, ex, stranger) = (user("peer").await, user("ex").await, user("stranger").await);
    let returner = user("returner").await;
    let group = group(app, &admin, Some(TITLE), &[&member, &reader, &former, &deleter, &removed, &returner]).await;
    let of_reader = membership(app, &admin, &group, &reader).await;
    let of_returner = membership(app, &admin, &group, &returner).await;
    for id in [&of_reader, &of_returner] {
        let demoted = update("chat_membership", id, json!({ "role": "reader" }));
        app.as_user(&admin).patch(&format!("/chat_memberships/{id}"), &demoted).await.assert_status(200);
    }
    let of_removed = say_this(app, &removed, &group, "Unobtainium").await;
    let of_former_message = say_this(app, &former, &group, "Formerly").await;
    let message = say_this(app, &admin, &group, "Kryptonite").await;
    let old_reaction = react(app, &former, &message, "👋").await;
    let of_former = membership(app, &admin, &group, &former).await;
    app.as_user(&former).delete(&format!("/chat_memberships/{of_former}")).await.assert_status(204);
    app.as_user(&returner).delete(&format!("/chats/{group}")).await.assert_status(204);
    let mut memberships = Vec::new();
    for user in [&admin, &member, &reader, &deleter] {
        memberships.push(membership(app, &admin, &group, user).await);
    }
    let reply = answered(app, &member, &group, &message, "Vibranium").await;
    let reaction = react(app, &member, &message, "🎉").await;
    let file = attach(app, &admin, &message, json!({ "name": "Mithril.txt", "mime_type": "text/plain" })).await;
    let bytes = app.as_user(&admin).request(Method::PUT, &format!("/attachments/{file}/content"));
    bytes.bytes(b"Adamantium".to_vec()).header("content-type", "text/plain").send().await.assert_status(204);
    let waiting = attach(app, &admin, &message, json!({ "name": "Orichalcum", "mime_type": "text/plain" })).await;
    app.as_user(&deleter).delete(&format!("/chats/{group}")).await.assert_status(204);
    app.as_user(&removed).delete(&format!("/users/{}", removed.id)).await.assert_status(204);
    let kept = direct(app, &admin, &peer.id).await;
    let deleted = direct(app, &admin, &ex.id).await;
    let in_direct = say_this(app, &peer, &kept.chat, "Octarine").await;
    let cleared = say_this(app, &admin, &deleted.chat, "Beskar").await;
    let elsewhere = json!({ "name": "Duranium", "mime_type": "video/mp4", "source_url": "https://example.com/v" });
    let cleared_file = attach(app, &admin, &cleared, elsewhere).await;
    let asked = request(app, &member, &peer).await;
    let put_away = request(app, &former, &ex).await;
    for chat in [&deleted.chat, &put_away.chat] {
        app.as_user(&ex).delete(&format!("/chats/{chat}")).await.assert_status(204);
    }
    let session = app.sign_in(&admin.email, PASSWORD).await.assert_status(201).id();
    World {
        admin,
        member,
        reader,
        former,
        deleter,
        returner,
        removed,
        peer,
        ex,
        stranger,
        group,
        conversation: kept.id,
        its_chat: kept.chat,
        deleted_conversation: deleted.id,
        its_deleted_chat: deleted.chat,
        memberships: memberships.try_into().expect("four"),
        of_returner,
        session,
        said: Said {
            message,
            reply,
            of_removed,
            of_former: of_former_message,
            in_direct,
            cleared,
            file,
            waiting,
            cleared_file,
            reaction,
            old_reaction,
        },
        asked,
        put_away,
    }
}

impl World {
    /// Those who sign in, by their relation to the group.
    pub(crate) fn actors(&self) -> Vec<(&'static str, &User)> {
        vec![
            ("admin", &self.admin),
            ("member", &self.member),
            ("reader", &self.reader),
            ("former", &self.former),
            ("deleter", &self.deleter),
            ("returner", &self.returner),
            ("peer", &self.peer),
            ("ex", &self.ex),
            ("stranger", &self.stranger),
        ]
    }

    pub(crate) fn outsiders(&self) -> Vec<(&'static str, &User)> {
        let insiders = ["admin", "member", "reader", "returner"];
        self.actors().into_iter().filter(|(name, _)| !insiders.contains(name)).collect()
    }
}

pub(crate) const OF_CHAT: &[&str] =
    &["initiator", "viewer_membership", "direct_conversation", "members", "chat_memberships"];

/// The URL of a resource, of what it is related to, and of its linkages.
pub(crate) fn around(url: &str, relationships: &[&str]) -> Vec<String> {
    let both = relationships.iter().flat_map(|name| [format!("{url}/{name}"), format!("{url}/relationships/{name}")]);
    [url.to_owned()].into_iter().chain(both).collect()
}

/// A request that would change something: its method, URL and document.
pub(crate) type Write = (Method, String, Option<Value>);

pub(crate) async fn send(app: &TestApp, user: Option<&User>, (method, url, document): &Write) -> Answer {
    let client = user.map_or_else(|| app.as_nobody(), |user| app.as_user(user));
    let request = client.request(method.clone(), url);
    let request = if let Some(document) = document { request.document(document) } else { request };
    request.send().await
}
