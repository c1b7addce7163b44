//! The model: who and what is there, in plain vectors and maps, and what follows from it for one viewer.
//!
//! Written from the rules, not from the server. Of the server it knows only what nobody can foretell, ids and instants,
//! which it is told when the operation that made them has been answered.

use crate::operation::{Chat, Message, Role, User};
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct World {
    pub(crate) people: BTreeMap<User, Person>,
    pub(crate) chats: BTreeMap<Chat, Talk>,
    pub(crate) messages: BTreeMap<Message, Said>,
    /// The ids that memberships had before they ended.
    pub(crate) ended: BTreeMap<(Chat, User), String>,
    /// When the operation began that is looked at.
    pub(crate) now: String,
}

#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) on_request: bool,
    pub(crate) removed: bool,
}

/// A chat, with its direct conversation and its request.
#[derive(Clone)]
pub(crate) struct Talk {
    pub(crate) id: String,
    pub(crate) created_at: String,
    /// Who began it, and with whom; `None` is a group.
    pub(crate) pair: Option<(User, User)>,
    pub(crate) conversation: String,
    pub(crate) initiator: User,
    pub(crate) status: Status,
    pub(crate) title: Option<String>,
    pub(crate) closed: bool,
    /// By joining.
    pub(crate) members: Vec<Member>,
    pub(crate) past: Vec<String>,
    /// The highest sequence that each has cleared, whether a member or not.
    pub(crate) cleared: BTreeMap<User, usize>,
    /// In the order of the sequence, which begins with 1.
    pub(crate) messages: Vec<Message>,
    pub(crate) request: Option<Request>,
    /// The request was withdrawn, or its sender or recipient went before the answer.
    pub(crate) withdrawn: bool,
    pub(crate) moved: Moved,
}

/// The changes that `updated_at` has to show: how many, when the last one began, and which instant was seen after which.
#[derive(Clone, Default)]
pub(crate) struct Moved {
    pub(crate) changes: usize,
    pub(crate) since: String,
    pub(crate) seen: Option<(usize, String)>,
}

#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) created_at: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Status {
    Pending,
    Active,
    Declined,
}

#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) user: User,
    pub(crate) id: String,
    pub(crate) created_at: String,
    pub(crate) role: Role,
    pub(crate) archived: bool,
    pub(crate) hidden: bool,
    pub(crate) muted: bool,
    pub(crate) deleted: bool,
    /// Sequences; 0 is before everything.
    pub(crate) read: usize,
    pub(crate) joined: usize,
}

#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) id: String,
    pub(crate) created_at: String,
    pub(crate) chat: Chat,
    pub(crate) sequence: usize,
    pub(crate) author: User,
    pub(crate) parent: Option<Message>,
    pub(crate) content: String,
    pub(crate) edited: bool,
    pub(crate) deleted: bool,
    /// By time.
    pub(crate) reactions: Vec<Reaction>,
}

#[derive(Clone)]
pub(crate) struct Reaction {
    pub(crate) id: String,
    pub(crate) by: User,
    pub(crate) emoji: &'static str,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Active => "active",
            Status::Declined => "declined",
        }
    }
}

impl Talk {
    pub(crate) fn member(&self, user: User) -> Option<&Member> {
        self.members.iter().find(|member| member.user == user)
    }

    pub(crate) fn member_mut(&mut self, user: User) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.user == user)
    }

    pub(crate) fn is_group(&self) -> bool {
        self.pair.is_none()
    }

    pub(crate) fn is_between(&self, one: User, other: User) -> bool {
        self.pair == Some((one, other)) || self.pair == Some((other, one))
    }

    /// Who else is in the pair.
    pub(crate) fn peer(&self, of: User) -> Option<User> {
        self.pair.map(|(first, second)| if first == of { second } else { first })
    }

    pub(crate) fn cleared(&self, by: User) -> usize {
        self.cleared.get(&by).copied().unwrap_or_default()
    }

    /// The membership of somebody for whom the chat is there.
    pub(crate) fn seen_by(&self, user: User) -> Option<&Member> {
        self.member(user).filter(|member| !member.deleted && !self.withdrawn)
    }
}

impl World {
    pub(crate) fn name(user: User) -> String {
        user.to_string()
    }

    pub(crate) fn is_gone(&self, user: User) -> bool {
        self.people.get(&user).is_none_or(|person| person.removed)
    }

    pub(crate) fn chat_sees(&self, user: User, chat: Chat) -> bool {
        self.chats.get(&chat).is_some_and(|talk| talk.seen_by(user).is_some())
    }

    /// The chats that are there for somebody, however they are listed.
    pub(crate) fn chats_of(&self, user: User) -> impl Iterator<Item = (Chat, &Talk, &Member)> {
        self.chats.iter().filter_map(move |(chat, talk)| Some((*chat, talk, talk.seen_by(user)?)))
    }

    pub(crate) fn sees(&self, user: User, message: Message) -> bool {
        let said = &self.messages[&message];
        let talk = &self.chats[&said.chat];
        talk.seen_by(user).is_some() && said.sequence > talk.cleared(user)
    }

    /// What somebody sees of a chat, oldest first.
    pub(crate) fn messages_of(&self, user: User, chat: Chat) -> Vec<Message> {
        let talk = &self.chats[&chat];
        let from = if talk.seen_by(user).is_some() { talk.cleared(user) } else { talk.messages.len() };
        talk.messages[from..].to_vec()
    }

    /// Whether a message is unread: new to them, of somebody else, and still there.
    pub(crate) fn is_new(&self, user: User, message: Message) -> bool {
        let said = &self.messages[&message];
        let talk = &self.chats[&said.chat];
        let Some(member) = talk.member(user) else { return false };
        let known = member.read.max(member.joined).max(talk.cleared(user));
        talk.status == Status::Active && said.author != user && !said.deleted && said.sequence > known
    }

    pub(crate) fn unread(&self, user: User, chat: Chat) -> usize {
        self.chats[&chat].messages.iter().filter(|message| self.is_new(user, **message)).count()
    }

    /// The newest message that is still there.
    pub(crate) fn last_message(&self, user: User, chat: Chat) -> Option<Message> {
        self.messages_of(user, chat).into_iter().rev().find(|message| !self.messages[message].deleted)
    }

    pub(crate) fn last_message_at(&self, user: User, chat: Chat) -> Option<&str> {
        self.messages_of(user, chat).last().map(|message| self.messages[message].created_at.as_str())
    }

    /// The instant that the read pointer stands for.
    pub(crate) fn read_until(&self, user: User, chat: Chat) -> Option<&str> {
        self.last_read(user, chat).map(|message| self.messages[&message].created_at.as_str())
    }

    pub(crate) fn last_read(&self, user: User, chat: Chat) -> Option<Message> {
        let talk = &self.chats[&chat];
        let read = talk.member(user)?.read;
        read.checked_sub(1).map(|at| talk.messages[at])
    }

    pub(crate) fn replies(&self, user: User, message: Message) -> Vec<Message> {
        let chat = self.messages[&message].chat;
        let seen = self.messages_of(user, chat).into_iter();
        seen.filter(|reply| self.messages[reply].parent == Some(message)).collect()
    }

    pub(crate) fn conversation(&self, one: User, other: User) -> Option<Chat> {
        let found = self.chats.iter().find(|(_, talk)| talk.is_between(one, other) && !talk.withdrawn);
        found.map(|(chat, _)| *chat)
    }
}
