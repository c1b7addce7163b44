//! What a viewer may look at: lists, single resources, related ones.

use crate::operation::{Chat, Message, User};
use std::fmt::{Display, Formatter, Result};

/// One GET.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Look {
    Chats(Filter),
    Conversations(Filter),
    Requests(Option<bool>),
    Inbox(User),
    Memberships,
    /// Of one chat, by the filter or by the URL of the chat, in pages of so many.
    Messages(Chat, Reading),
    /// Over all chats.
    AllMessages,
    Chat(Chat),
    Conversation(Chat),
    Request(Chat),
    Members(Chat),
    Membership(Chat, User),
    Message(Message),
    Replies(Message),
    Reactions(Message),
}

/// Which messages of a chat, and how.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Reading {
    ByFilter,
    ByUrl,
    InPagesOf(u8),
    Unread,
    From(User),
}

/// The scope of a list of chats or of direct conversations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Filter {
    Default,
    Archived(bool),
    Hidden,
    Muted,
    Unread(bool),
    Pending,
    Declined,
}

impl Filter {
    pub(crate) const ALL: [Filter; 9] = [
        Filter::Default,
        Filter::Archived(true),
        Filter::Archived(false),
        Filter::Hidden,
        Filter::Muted,
        Filter::Unread(true),
        Filter::Unread(false),
        Filter::Pending,
        Filter::Declined,
    ];

    /// As the query says it.
    pub(crate) fn query(self) -> String {
        match self {
            Filter::Default => String::new(),
            Filter::Archived(archived) => format!("&filter[archived]={archived}"),
            Filter::Hidden => "&filter[hidden]=true".to_owned(),
            Filter::Muted => "&filter[muted]=true".to_owned(),
            Filter::Unread(unread) => format!("&filter[has_unread_messages]={unread}"),
            Filter::Pending => "&filter[status]=pending".to_owned(),
            Filter::Declined => "&filter[status]=declined".to_owned(),
        }
    }
}

impl Display for Look {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Look::Chats(filter) => write!(f, "the list of chats ({filter:?})"),
            Look::Conversations(filter) => write!(f, "the list of direct conversations ({filter:?})"),
            Look::Requests(None) => f.write_str("the list of requests"),
            Look::Requests(Some(incoming)) => write!(f, "the list of requests (incoming: {incoming})"),
            Look::Inbox(of) => write!(f, "the inbox of {of}"),
            Look::Memberships => f.write_str("the list of memberships"),
            Look::Messages(chat, reading) => write!(f, "the messages of {chat} ({reading:?})"),
            Look::AllMessages => f.write_str("the list of messages"),
            Look::Chat(chat) => write!(f, "{chat}"),
            Look::Conversation(chat) => write!(f, "the direct conversation of {chat}"),
            Look::Request(chat) => write!(f, "the request of {chat}"),
            Look::Members(chat) => write!(f, "the members of {chat}"),
            Look::Membership(chat, of) => write!(f, "the membership of {of} in {chat}"),
            Look::Message(message) => write!(f, "{message}"),
            Look::Replies(message) => write!(f, "the replies to {message}"),
            Look::Reactions(message) => write!(f, "the reactions to {message}"),
        }
    }
}
