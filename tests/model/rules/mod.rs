//! What each operation does to the model, and how it is answered.

mod accounts;
mod conversations;
mod groups;
mod messages;
mod own;

use crate::operation::{Chat, Message, Operation, Role, User};
use crate::world::{Said, Talk, World};

/// The status of an answer, or why there is no success. A refusal changes nothing.
pub(crate) type Judged = Result<u16, Stop>;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Stop {
    /// A name in it was never given.
    Skip,
    /// One of these; several where the rules leave the order open.
    Refused(&'static [(u16, &'static str)]),
}

const UNAUTHORIZED: Stop = Stop::Refused(&[(401, "unauthorized")]);
const NOT_FOUND: Stop = Stop::Refused(&[(404, "not_found")]);
const FORBIDDEN: Stop = Stop::Refused(&[(403, "forbidden")]);
const READ_ONLY: Stop = Stop::Refused(&[(403, "field_read_only")]);
const REQUEST_REQUIRED: Stop = Stop::Refused(&[(403, "chat_request_required")]);
const REQUEST_CLOSED: Stop = Stop::Refused(&[(409, "request_closed")]);
const NOT_ACTIVE: Stop = Stop::Refused(&[(409, "chat_not_active")]);
const SELF_CONVERSATION: Stop = Stop::Refused(&[(422, "self_conversation")]);

impl World {
    pub(crate) fn judge(&mut self, operation: &Operation) -> Judged {
        use Operation as O;
        if let O::SignUp { user } = operation {
            return Ok(self.sign_up(*user));
        }
        if self.people.get(&operation.by()).ok_or(Stop::Skip)?.removed {
            // Somebody who is gone is told so whatever they ask.
            return self.request_of(operation).map_or(Err(Stop::Skip), |_| Err(UNAUTHORIZED));
        }
        match operation.clone() {
            O::SignUp { .. } => Err(Stop::Skip),
            O::Policy { by, on_request } => self.set_policy(by, on_request),
            O::RemoveAccount { by } => self.remove_account(by),
            O::Direct { by, peer, chat, through } => self.direct(by, peer, chat, through),
            O::Group { by, others, chat, first } => self.group(by, &others, chat, first),
            O::Request { by, peer, chat } => self.request(by, peer, chat),
            O::Respond { by, chat, yes } => self.respond(by, chat, yes),
            O::Withdraw { by, chat } => self.withdraw(by, chat),
            O::Say { by, chat, message, parent, nested } => self.say(by, chat, message, parent, nested),
            O::Edit { by, message, text } => self.edit(by, message, text),
            O::Delete { by, message } => self.delete_message(by, message),
            O::React { by, message, emoji } => self.react(by, message, emoji),
            O::Unreact { by, message, of, emoji } => self.unreact(by, message, of, emoji),
            O::Seen { by, chat, message, by_linkage } => self.seen(by, chat, message, by_linkage),
            O::ReadUntil { by, chat, until } => self.read_to(by, chat, until),
            O::Flag { by, chat, of, flag } => self.flag(by, chat, of, flag),
            O::DeleteChat { by, chat } => self.delete_chat(by, chat),
            O::RemoveMember { by, chat, of, by_linkage } => self.remove_member(by, chat, of, by_linkage),
            O::AddMember { by, chat, user, role } => self.add_member(by, chat, user, role),
            O::Link { by, chat, user } => self.link(by, chat, user),
            O::SetRole { by, chat, of, role } => self.set_role(by, chat, of, role),
            O::Open { by, chat, open } => self.set_open(by, chat, open),
            O::Title { by, chat, text } => self.set_title(by, chat, text),
            O::Look { .. } => Ok(200),
        }
    }

    fn talk(&self, chat: Chat) -> Result<&Talk, Stop> {
        self.chats.get(&chat).ok_or(Stop::Skip)
    }

    fn talk_mut(&mut self, chat: Chat) -> Result<&mut Talk, Stop> {
        self.chats.get_mut(&chat).ok_or(Stop::Skip)
    }

    /// A chat that is there for somebody.
    fn seen_talk(&self, by: User, chat: Chat) -> Result<&Talk, Stop> {
        self.talk(chat)?.seen_by(by).ok_or(NOT_FOUND)?;
        self.talk(chat)
    }

    /// Whether somebody is an admin of a group.
    fn rules(&self, by: User, chat: Chat) -> bool {
        let group = self.chats.get(&chat).filter(|talk| talk.is_group());
        group.and_then(|talk| talk.member(by)).is_some_and(|member| member.role == Role::Admin)
    }

    fn said(&self, message: Message) -> Result<&Said, Stop> {
        self.messages.get(&message).ok_or(Stop::Skip)
    }

    /// A message that is there for somebody.
    fn seen_message(&self, by: User, message: Message) -> Result<&Said, Stop> {
        let said = self.said(message)?;
        if self.sees(by, message) { Ok(said) } else { Err(NOT_FOUND) }
    }

    fn person(&self, user: User) -> Result<(), Stop> {
        self.people.get(&user).map(|_| ()).ok_or(Stop::Skip)
    }

    /// Something that everybody sees has changed.
    fn touch(&mut self, chat: Chat) {
        let since = self.now.clone();
        if let Some(talk) = self.chats.get_mut(&chat) {
            talk.moved.changes += 1;
            talk.moved.since = since;
        }
    }
}
