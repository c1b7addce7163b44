//! The document of the hand-written list, written straight into bytes, member by member.

use super::rows::{Chat, Conversation, Loaded, User};
use tertulia::db::{Id, Time};
use tertulia::jsonapi::json;

/// The compound document.
pub(crate) fn write(loaded: &Loaded, viewer: Id, base: &str, size: i64) -> Vec<u8> {
    let mut out = Out { bytes: Vec::with_capacity(96 * 1024), base, viewer };
    out.head(loaded, size);
    for (at, row) in loaded.conversations.iter().enumerate() {
        out.text(if at == 0 { "" } else { "," });
        out.conversation(row);
    }
    out.text("],\"included\":[");
    for (at, chat) in loaded.chats.iter().enumerate() {
        out.text(if at == 0 { "" } else { "," });
        let direct = loaded.conversations.iter().find(|row| row.chat_id == chat.id);
        out.chat(chat, direct.map(|row| row.id));
    }
    for user in &loaded.users {
        out.text(",");
        out.user(user);
    }
    out.text("]}");
    out.bytes
}

struct Out<'a> {
    bytes: Vec<u8>,
    base: &'a str,
    viewer: Id,
}

impl Out<'_> {
    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn id(&mut self, id: Id) {
        let mut text = [0; 36];
        self.text(id.0.hyphenated().encode_lower(&mut text));
    }

    fn id_or_null(&mut self, id: Option<Id>) {
        match id {
            Some(id) => {
                self.text("\"");
                self.id(id);
                self.text("\"");
            }
            None => self.text("null"),
        }
    }

    fn time(&mut self, time: Time) {
        json::plain(&mut self.bytes, time);
    }

    fn time_or_null(&mut self, time: Option<Time>) {
        match time {
            Some(time) => self.time(time),
            None => self.text("null"),
        }
    }

    fn string(&mut self, text: &str) {
        json::string(&mut self.bytes, text);
    }

    fn string_or_null(&mut self, text: Option<&String>) {
        match text {
            Some(text) => self.string(text),
            None => self.text("null"),
        }
    }

    fn flag(&mut self, flag: bool) {
        self.text(if flag { "true" } else { "false" });
    }

    fn head(&mut self, loaded: &Loaded, size: i64) {
        let query = "sort=-chat_updated_at&include=chat%2Cfirst_user%2Csecond_user";
        let here = format!("{}/direct_conversations?{query}", self.base);
        self.text(&format!(
            "{{\"jsonapi\":{{\"version\":\"1.1\"}},\"links\":{{\"self\":\"{here}&page%5Bsize%5D={size}\",\
             \"describedby\":\"{}/schemas/direct_conversation.json\",\"first\":\"{here}&page%5Bnumber%5D=1&page%5Bsize%5D={size}\"",
            self.base
        ));
        if loaded.more {
            self.text(&format!(",\"next\":\"{here}&page%5Bnumber%5D=2&page%5Bsize%5D={size}\""));
        }
        self.text("},\"data\":[");
    }

    fn begin(&mut self, kind: &str, id: Id) {
        self.text("{\"type\":\"");
        self.text(kind);
        self.text("\",\"id\":\"");
        self.id(id);
        self.text("\",\"attributes\":{");
    }

    fn own_url(&mut self, path: &str, id: Id) {
        self.text("\"");
        let base = self.base;
        self.text(base);
        self.text(path);
        self.id(id);
    }

    /// A relationship's links; the object stays open.
    fn relationship(&mut self, (path, id): (&str, Id), name: &str) {
        self.text("\"");
        self.text(name);
        self.text("\":{\"links\":{\"self\":");
        self.own_url(path, id);
        self.text("/relationships/");
        self.text(name);
        self.text("\",\"related\":");
        self.own_url(path, id);
        self.text("/");
        self.text(name);
        self.text("\"}");
    }

    fn link_one(&mut self, owner: (&str, Id), name: &str, kind: &str, id: Option<Id>) {
        self.relationship(owner, name);
        match id {
            Some(id) => {
                self.text(",\"data\":{\"type\":\"");
                self.text(kind);
                self.text("\",\"id\":\"");
                self.id(id);
                self.text("\"}}");
            }
            None => self.text(",\"data\":null}"),
        }
    }

    fn end(&mut self, path: &str, id: Id) {
        self.text(",\"links\":{\"self\":");
        self.own_url(path, id);
        self.text("\"}}");
    }

    fn conversation(&mut self, row: &Conversation) {
        let owner = ("/direct_conversations/", row.id);
        let is_first = row.first_user_id == Some(self.viewer);
        self.begin("direct_conversation", row.id);
        self.text("\"user_id\":");
        self.id_or_null(if is_first { row.second_user_id } else { row.first_user_id });
        self.text(",\"first_user_id\":");
        self.id_or_null(row.first_user_id);
        self.text(",\"second_user_id\":");
        self.id_or_null(row.second_user_id);
        self.text(",\"chat_updated_at\":");
        self.time(row.chat_updated_at);
        self.text(",\"created_at\":");
        self.time(row.created_at);
        self.text(",\"updated_at\":");
        self.time(row.updated_at);
        self.text("},\"relationships\":{");
        self.link_one(owner, "chat", "chat", Some(row.chat_id));
        self.text(",");
        self.link_one(owner, "first_user", "user", row.first_user_id);
        self.text(",");
        self.link_one(owner, "second_user", "user", row.second_user_id);
        self.text("}");
        self.end(owner.0, row.id);
    }

    fn chat(&mut self, chat: &Chat, direct: Option<Id>) {
        let owner = ("/chats/", chat.id);
        self.begin("chat", chat.id);
        self.text("\"chat_type\":");
        self.string(&chat.chat_type);
        self.text(",\"status\":");
        self.string(&chat.status);
        self.text(",\"title\":");
        self.string_or_null(chat.title.as_ref());
        self.text(",\"icon_url\":");
        self.string_or_null(chat.icon_url.as_ref());
        self.text(",\"icon_thumbnail_url\":");
        self.string_or_null(chat.icon_thumbnail_url.as_ref());
        self.text(",\"open\":");
        self.flag(chat.open);
        self.chat_state(chat);
        self.text("},\"relationships\":{");
        self.link_one(owner, "direct_conversation", "direct_conversation", direct);
        self.text(",");
        self.link_one(owner, "initiator", "user", chat.initiator_id);
        self.text(",");
        self.link_one(owner, "viewer_membership", "chat_membership", Some(chat.membership_id));
        self.text(",");
        self.link_one(owner, "last_message", "message", chat.last_message_id);
        self.text(",");
        self.link_one(owner, "chat_request", "chat_request", chat.chat_request_id);
        for name in ["members", "chat_memberships", "messages", "attachments"] {
            self.text(",");
            self.relationship(owner, name);
            self.text("}");
        }
        self.text("}");
        self.end(owner.0, chat.id);
    }

    fn chat_state(&mut self, chat: &Chat) {
        self.text(",\"created_at\":");
        self.time(chat.created_at);
        self.text(",\"updated_at\":");
        self.time(chat.updated_at);
        self.text(",\"last_message_at\":");
        self.time_or_null(chat.last_message_at.filter(|_| chat.last_sequence > chat.cleared_sequence));
        self.text(",\"member_count\":");
        json::integer(&mut self.bytes, chat.member_count.into());
        self.text(",\"past_users_involved\":");
        self.text(&chat.past_users_involved);
        self.text(",\"unread_message_count\":");
        let unread = chat.unread_message_count.unwrap_or(0);
        json::integer(&mut self.bytes, unread);
        self.text(",\"has_unread_messages\":");
        self.flag(unread > 0);
        self.text(",\"read_until\":");
        self.time_or_null(chat.read_until);
        self.text(",\"archived\":");
        self.flag(chat.archived);
        self.text(",\"hidden\":");
        self.flag(chat.hidden);
        self.text(",\"muted\":");
        self.flag(chat.mute && chat.mute_until.is_none_or(|until| until > Time::now()));
    }

    fn user(&mut self, user: &User) {
        let is_own = user.id == self.viewer;
        self.begin("user", user.id);
        self.text("\"name\":");
        self.string(&user.name);
        if is_own {
            self.text(",\"email\":");
            self.string(&user.email);
        }
        let texts = [
            (",\"first_name\":", &user.first_name),
            (",\"last_name\":", &user.last_name),
            (",\"title\":", &user.title),
            (",\"avatar_url\":", &user.avatar_url),
        ];
        for (name, text) in texts {
            self.text(name);
            self.string_or_null(text.as_ref());
        }
        if is_own {
            self.text(",\"direct_message_policy\":");
            self.string(&user.direct_message_policy);
        }
        self.text(",\"active\":true,\"created_at\":");
        self.time(user.created_at);
        self.text(",\"updated_at\":");
        self.time(user.updated_at);
        self.text("}");
        if is_own {
            self.text(",\"relationships\":{");
            self.link_one(("/users/", user.id), "inbox", "inbox", Some(user.id));
            self.text("}");
        }
        self.end("/users/", user.id);
    }
}
