//! What a viewer should see where they look, in a short form: names in place of ids, and no more than the rules decide.

use crate::look::{Filter, Look, Reading};
use crate::operation::{Chat, Message, User};
use crate::world::{Member, Status, Talk, World};
use serde_json::{Value, json};

/// What should be answered to a look.
#[derive(Debug)]
pub(crate) enum View {
    NotFound,
    Item(Value),
    /// In this order.
    Items(Vec<Value>),
    /// Sorted by what it says of them, newest first; the order of equals is left open.
    Newest(Vec<Value>, &'static [&'static str]),
    /// In any order.
    Set(Vec<Value>),
}

impl World {
    pub(crate) fn view(&self, by: User, look: &Look) -> View {
        match *look {
            Look::Chats(filter) => self.chat_list(by, filter),
            Look::Conversations(filter) => self.conversation_list(by, filter),
            Look::Requests(incoming) => self.request_list(by, incoming),
            Look::Inbox(of) if of == by => View::Item(self.inbox(by)),
            Look::Inbox(_) => View::NotFound,
            Look::Memberships => {
                View::Set(self.chats_of(by).flat_map(|(chat, ..)| self.memberships(by, chat)).collect())
            }
            Look::Messages(chat, reading) => self.message_list(by, chat, reading),
            Look::AllMessages => {
                let chats = self.chats_of(by).flat_map(|(chat, ..)| self.messages_of(by, chat));
                View::Newest(chats.map(|message| self.message(by, message)).collect(), &["created_at"])
            }
            Look::Chat(chat) => found(self.chat_sees(by, chat), || self.chat(by, chat)),
            Look::Conversation(chat) => {
                let direct = !self.chats[&chat].is_group();
                found(direct && self.chat_sees(by, chat), || self.direct_conversation(by, chat))
            }
            Look::Request(chat) => found(self.sees_request(by, chat), || self.chat_request(by, chat)),
            Look::Members(chat) if self.chat_sees(by, chat) => {
                let members = self.chats[&chat].members.iter();
                View::Set(
                    members.map(|it| json!({ "is": it.user.to_string(), "name": World::name(it.user) })).collect(),
                )
            }
            Look::Members(_) => View::NotFound,
            Look::Membership(chat, of) => {
                let talk = &self.chats[&chat];
                let there = talk.seen_by(by).is_some() || (by == of && !talk.withdrawn);
                found(there && talk.member(of).is_some(), || self.membership(by, chat, of))
            }
            Look::Message(message) => found(self.sees(by, message), || self.message(by, message)),
            Look::Replies(message) if self.sees(by, message) => {
                let replies = self.replies(by, message).into_iter().rev();
                View::Items(replies.map(|reply| self.message(by, reply)).collect())
            }
            Look::Reactions(message) if self.sees(by, message) => View::Set(self.reactions(message)),
            Look::Replies(_) | Look::Reactions(_) => View::NotFound,
        }
    }

    fn chat_list(&self, by: User, filter: Filter) -> View {
        let chats = self.chats_of(by).filter(|it| self.is_listed(it, filter));
        View::Newest(chats.map(|(chat, ..)| self.chat(by, chat)).collect(), &["last_message_at", "created_at"])
    }

    fn conversation_list(&self, by: User, filter: Filter) -> View {
        let direct = self.chats_of(by).filter(|it| !it.1.is_group() && self.is_listed(it, filter));
        View::Newest(direct.map(|(chat, ..)| self.direct_conversation(by, chat)).collect(), &["chat_updated_at"])
    }

    fn is_listed(&self, (chat, talk, member): &(Chat, &Talk, &Member), filter: Filter) -> bool {
        let unread = || self.unread(member.user, *chat) > 0;
        let (status, hidden, rest) = match filter {
            Filter::Default => (Status::Active, false, true),
            Filter::Archived(archived) => (Status::Active, false, member.archived == archived),
            Filter::Hidden => (Status::Active, true, true),
            Filter::Muted => (Status::Active, false, member.muted),
            Filter::Unread(wanted) => (Status::Active, false, unread() == wanted),
            Filter::Pending => (Status::Pending, false, true),
            Filter::Declined => (Status::Declined, false, true),
        };
        talk.status == status && member.hidden == hidden && rest
    }

    fn request_list(&self, by: User, incoming: Option<bool>) -> View {
        let mine = self.chats.iter().filter(|(chat, talk)| {
            let received = talk.pair.is_some_and(|(_, second)| second == by);
            self.sees_request(by, **chat) && incoming.is_none_or(|incoming| incoming == received)
        });
        View::Newest(mine.map(|(chat, _)| self.chat_request(by, *chat)).collect(), &["created_at"])
    }

    fn message_list(&self, by: User, chat: Chat, reading: Reading) -> View {
        if !self.chat_sees(by, chat) {
            return if reading == Reading::ByUrl { View::NotFound } else { View::Items(Vec::new()) };
        }
        let messages = self.messages_of(by, chat).into_iter().rev().filter(|message| match reading {
            Reading::Unread => self.is_new(by, *message),
            Reading::From(author) => self.messages[message].author == author && !self.is_gone(author),
            _ => true,
        });
        View::Items(messages.map(|message| self.message(by, message)).collect())
    }

    fn chat(&self, by: User, chat: Chat) -> Value {
        let talk = &self.chats[&chat];
        let Some(member) = talk.seen_by(by) else { return Value::Null };
        let unread = self.unread(by, chat);
        json!({
            "is": chat.to_string(),
            "chat_type": if talk.is_group() { "group" } else { "direct" },
            "status": talk.status.word(),
            "title": talk.title,
            "open": !talk.closed,
            "created_at": talk.created_at,
            "last_message_at": self.last_message_at(by, chat),
            "member_count": talk.members.len(),
            "past_users_involved": talk.past,
            "unread_message_count": unread,
            "has_unread_messages": unread > 0,
            "read_until": self.read_until(by, chat),
            "archived": member.archived,
            "hidden": member.hidden,
            "muted": member.muted,
            "direct_conversation": (!talk.is_group()).then(|| format!("conversation of {chat}")),
            "initiator": self.named(talk.initiator),
            "viewer_membership": membership_name(chat, by),
            "last_message": self.last_message(by, chat).map(|message| message.to_string()),
            "chat_request": talk.request.as_ref().map(|_| format!("request of {chat}")),
        })
    }

    fn direct_conversation(&self, by: User, chat: Chat) -> Value {
        let talk = &self.chats[&chat];
        let (first, second) = talk.pair.unwrap_or((by, by));
        json!({
            "is": format!("conversation of {chat}"),
            "user_id": talk.peer(by).and_then(|peer| self.named(peer)),
            "first_user_id": self.named(first),
            "second_user_id": self.named(second),
            "chat": chat.to_string(),
            "first_user": self.named(first),
            "second_user": self.named(second),
        })
    }

    fn memberships(&self, by: User, chat: Chat) -> Vec<Value> {
        self.chats[&chat].members.iter().map(|member| self.membership(by, chat, member.user)).collect()
    }

    fn membership(&self, by: User, chat: Chat, of: User) -> Value {
        let talk = &self.chats[&chat];
        let Some(member) = talk.member(of) else { return Value::Null };
        let mut view = json!({
            "is": membership_name(chat, of),
            "role": member.role.word(),
            "created_at": member.created_at,
            "chat": talk.seen_by(by).map(|_| chat.to_string()),
            "user": self.named(of),
        });
        if by == of {
            let unread = self.unread(by, chat);
            view["archived"] = member.archived.into();
            view["hidden"] = member.hidden.into();
            view["mute_rule"] = if member.muted { json!({ "until": null }) } else { Value::Null };
            view["muted"] = member.muted.into();
            view["read_until"] = self.read_until(by, chat).into();
            view["unread_message_count"] = unread.into();
            view["has_unread_messages"] = (unread > 0).into();
            view["last_read_message"] = self.last_read(by, chat).map(|message| message.to_string()).into();
        }
        view
    }

    fn message(&self, by: User, message: Message) -> Value {
        let said = &self.messages[&message];
        let author = self.named(said.author);
        json!({
            "is": message.to_string(),
            "content": (!said.deleted).then_some(&said.content),
            "is_reply": said.parent.is_some(),
            "reply_count": self.replies(by, message).iter().filter(|reply| !self.messages[reply].deleted).count(),
            "is_new": self.is_new(by, message),
            "deleted": said.deleted,
            "edited": said.edited,
            "user_deleted_name": author.is_none().then(|| World::name(said.author)),
            "reaction_counts": self.reaction_counts(by, message),
            "created_at": said.created_at,
            "chat": said.chat.to_string(),
            "author": author,
            "parent": said.parent.filter(|parent| self.sees(by, *parent)).map(|parent| parent.to_string()),
        })
    }

    fn reaction_counts(&self, by: User, message: Message) -> Value {
        let reactions = &self.messages[&message].reactions;
        let mut emojis = Vec::new();
        for reaction in reactions {
            if !emojis.contains(&reaction.emoji) {
                emojis.push(reaction.emoji);
            }
        }
        let counted = emojis.into_iter().map(|emoji| {
            let of_it: Vec<User> = reactions.iter().filter(|it| it.emoji == emoji).map(|it| it.by).collect();
            json!({ "emoji": emoji, "count": of_it.len(), "mine": of_it.contains(&by) })
        });
        counted.collect()
    }

    fn reactions(&self, message: Message) -> Vec<Value> {
        let reactions = self.messages[&message].reactions.iter();
        let view = reactions.map(|reaction| {
            let author = self.named(reaction.by);
            let name = format!("{} of {} on {message}", reaction.emoji, reaction.by);
            json!({ "is": name, "emoji": reaction.emoji, "message": message.to_string(), "author": author })
        });
        view.collect()
    }

    fn chat_request(&self, by: User, chat: Chat) -> Value {
        let talk = &self.chats[&chat];
        let (sender, recipient) = talk.pair.unwrap_or((by, by));
        json!({
            "is": format!("request of {chat}"),
            "user_id": self.named(recipient),
            "status": talk.status.word(),
            "created_at": talk.request.as_ref().map(|request| &request.created_at),
            "sender": self.named(sender),
            "recipient": self.named(recipient),
            "chat": talk.seen_by(by).map(|_| chat.to_string()),
        })
    }

    fn inbox(&self, by: User) -> Value {
        let shown = self.chats_of(by).filter(|(_, talk, member)| talk.status == Status::Active && !member.hidden);
        let unread: Vec<usize> = shown.map(|(chat, ..)| self.unread(by, chat)).collect();
        let asked = |sent: bool| {
            let waiting = self.chats.iter().filter(|(chat, talk)| {
                self.sees_request(by, **chat) && talk.status == Status::Pending && (talk.initiator == by) == sent
            });
            waiting.count()
        };
        json!({
            "is": format!("inbox of {by}"),
            "unread_message_count": unread.iter().sum::<usize>(),
            "unread_chat_count": unread.iter().filter(|unread| **unread > 0).count(),
            "pending_chat_request_count": asked(false),
            "outgoing_chat_request_count": asked(true),
            "user": by.to_string(),
        })
    }

    /// How linkage names somebody; nobody, once they are gone.
    fn named(&self, user: User) -> Option<String> {
        (!self.is_gone(user)).then(|| user.to_string())
    }
}

pub(crate) fn membership_name(chat: Chat, user: User) -> String {
    format!("membership of {user} in {chat}")
}

fn found(there: bool, item: impl FnOnce() -> Value) -> View {
    if there { View::Item(item()) } else { View::NotFound }
}
