//! What can be done in a history: one request each, by names that mean the same on every replay.
//!
//! A name is given where something is made. An operation whose names were never given, as what made them was left out
//! by the search for a shorter history, or was refused, is skipped.

use crate::look::Look;
use std::fmt::{Display, Formatter, Result};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident $letter:literal),+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub(crate) struct $name(pub(crate) u16);

        impl Display for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                write!(f, "{}{}", $letter, self.0)
            }
        }
    )+};
}

names! {
    User "U",
    /// Also of its direct conversation and of its request.
    Chat "C",
    Message "M"
}

/// A request and whose it is.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    SignUp {
        user: User,
    },
    Policy {
        by: User,
        on_request: bool,
    },
    RemoveAccount {
        by: User,
    },
    Direct {
        by: User,
        peer: User,
        chat: Chat,
        through: Direct,
    },
    Group {
        by: User,
        others: Vec<User>,
        chat: Chat,
        first: Option<Message>,
    },
    Request {
        by: User,
        peer: User,
        chat: Chat,
    },
    Respond {
        by: User,
        chat: Chat,
        yes: bool,
    },
    Withdraw {
        by: User,
        chat: Chat,
    },
    Say {
        by: User,
        chat: Chat,
        message: Message,
        parent: Option<Message>,
        nested: bool,
    },
    Edit {
        by: User,
        message: Message,
        text: u16,
    },
    Delete {
        by: User,
        message: Message,
    },
    React {
        by: User,
        message: Message,
        emoji: &'static str,
    },
    Unreact {
        by: User,
        message: Message,
        of: User,
        emoji: &'static str,
    },
    /// The checked form: `last_read_message`, by its own URL or in an update.
    Seen {
        by: User,
        chat: Chat,
        message: Message,
        by_linkage: bool,
    },
    ReadUntil {
        by: User,
        chat: Chat,
        until: Until,
    },
    Flag {
        by: User,
        chat: Chat,
        of: User,
        flag: Flag,
    },
    DeleteChat {
        by: User,
        chat: Chat,
    },
    /// A leave where both are the same.
    RemoveMember {
        by: User,
        chat: Chat,
        of: User,
        by_linkage: bool,
    },
    AddMember {
        by: User,
        chat: Chat,
        user: User,
        role: Role,
    },
    /// By the relationship `members`.
    Link {
        by: User,
        chat: Chat,
        user: User,
    },
    SetRole {
        by: User,
        chat: Chat,
        of: User,
        role: Role,
    },
    Open {
        by: User,
        chat: Chat,
        open: bool,
    },
    Title {
        by: User,
        chat: Chat,
        text: u16,
    },
    Look {
        by: User,
        at: Look,
    },
}

/// By which resource a direct conversation is begun; a chat may bring a message.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Direct {
    Conversation,
    Chat(Option<Message>),
}

/// An instant, told by messages.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Until {
    Always,
    Now,
    At(Message),
    /// A millisecond earlier.
    Before(Message),
}

/// What one keeps about a chat for oneself.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Flag {
    Archived(bool),
    Hidden(bool),
    Muted(bool),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Admin,
    Member,
    Reader,
}

impl Role {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Member => "member",
            Role::Reader => "reader",
        }
    }
}

impl Operation {
    /// Who sends the request.
    pub(crate) fn by(&self) -> User {
        use Operation as O;
        match self {
            O::SignUp { user: by }
            | O::Policy { by, .. }
            | O::RemoveAccount { by }
            | O::Direct { by, .. }
            | O::Group { by, .. }
            | O::Request { by, .. }
            | O::Respond { by, .. }
            | O::Withdraw { by, .. }
            | O::Say { by, .. }
            | O::Edit { by, .. }
            | O::Delete { by, .. }
            | O::React { by, .. }
            | O::Unreact { by, .. }
            | O::Seen { by, .. }
            | O::ReadUntil { by, .. }
            | O::Flag { by, .. }
            | O::DeleteChat { by, .. }
            | O::RemoveMember { by, .. }
            | O::AddMember { by, .. }
            | O::Link { by, .. }
            | O::SetRole { by, .. }
            | O::Open { by, .. }
            | O::Title { by, .. }
            | O::Look { by, .. } => *by,
        }
    }

    pub(crate) fn is_look(&self) -> bool {
        matches!(self, Operation::Look { .. })
    }

    /// The first word of how it is written, by which it is counted.
    pub(crate) fn kind(&self) -> String {
        let debug = format!("{self:?}");
        debug.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
    }
}

impl Display for Operation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        use Operation as O;
        match self {
            O::SignUp { user } => write!(f, "{user} signs up"),
            O::Policy { by, on_request } => write!(f, "{by} is open to messages: {}", !on_request),
            O::RemoveAccount { by } => write!(f, "{by} removes the account"),
            O::Direct { by, peer, chat, through } => write!(f, "{by} opens {chat} with {peer} through {through:?}"),
            O::Group { by, others, chat, first } => {
                let others: Vec<_> = others.iter().map(User::to_string).collect();
                write!(f, "{by} makes the group {chat} with [{}]", others.join(" "))?;
                first.map_or(Ok(()), |first| write!(f, " saying {first}"))
            }
            O::Request { by, peer, chat } => write!(f, "{by} requests {chat} of {peer}"),
            O::Respond { by, chat, yes } => write!(f, "{by} {} {chat}", if *yes { "accepts" } else { "declines" }),
            O::Withdraw { by, chat } => write!(f, "{by} withdraws {chat}"),
            O::Say { by, chat, message, parent, nested } => {
                write!(f, "{by} says {message} in {chat}")?;
                parent.map_or(Ok(()), |parent| write!(f, " in reply to {parent}"))?;
                if *nested { f.write_str(" by its URL") } else { Ok(()) }
            }
            O::Edit { by, message, text } => write!(f, "{by} edits {message} to \"text {text}\""),
            O::Delete { by, message } => write!(f, "{by} deletes {message}"),
            O::React { by, message, emoji } => write!(f, "{by} puts {emoji} on {message}"),
            O::Unreact { by, message, of, emoji } => write!(f, "{by} takes {of}'s {emoji} off {message}"),
            O::Seen { by, chat, message, by_linkage } => {
                write!(f, "{by} has seen {message}, of {chat}, by {}", if *by_linkage { "linkage" } else { "update" })
            }
            O::ReadUntil { by, chat, until } => write!(f, "{by} has read {chat} until {until:?}"),
            O::Flag { by, chat, of, flag } => write!(f, "{by} sets {flag:?} on the membership of {of} in {chat}"),
            O::DeleteChat { by, chat } => write!(f, "{by} deletes {chat} for themselves"),
            O::RemoveMember { by, chat, of, by_linkage } => {
                write!(f, "{by} takes {of} out of {chat}{}", if *by_linkage { " by linkage" } else { "" })
            }
            O::AddMember { by, chat, user, role } => write!(f, "{by} adds {user} to {chat} as {}", role.word()),
            O::Link { by, chat, user } => write!(f, "{by} adds {user} to {chat} by linkage"),
            O::SetRole { by, chat, of, role } => write!(f, "{by} makes {of} {} of {chat}", role.word()),
            O::Open { by, chat, open } => write!(f, "{by} sets {chat} open: {open}"),
            O::Title { by, chat, text } => write!(f, "{by} calls {chat} \"text {text}\""),
            O::Look { by, at } => write!(f, "{by} looks at {at}"),
        }
    }
}
