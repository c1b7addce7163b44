//! Messages, replies and reactions.

use super::{FORBIDDEN, Judged, NOT_ACTIVE, NOT_FOUND, Stop};
use crate::operation::{Chat, Message, Role, User};
use crate::world::{Reaction, Said, Status, World};

const MESSAGE_DELETED: Stop = Stop::Refused(&[(409, "message_deleted")]);

impl World {
    /// New content needs a role that writes, and then a chat that takes it.
    fn writes(&self, by: User, chat: Chat) -> Result<(), Stop> {
        let talk = self.talk(chat)?;
        if talk.member(by).is_some_and(|member| member.role == Role::Reader) {
            return Err(FORBIDDEN);
        }
        Ok(())
    }

    fn takes(&self, by: User, chat: Chat) -> Result<(), Stop> {
        let talk = self.talk(chat)?;
        let alone = talk.peer(by).is_some_and(|peer| self.is_gone(peer));
        match (talk.status == Status::Active, talk.closed, alone) {
            (true, false, false) => Ok(()),
            (true, true, _) => Err(Stop::Refused(&[(409, "chat_closed")])),
            (true, _, true) => Err(Stop::Refused(&[(409, "peer_gone")])),
            (false, _, false) => Err(NOT_ACTIVE),
            (false, _, true) => Err(Stop::Refused(&[(409, "peer_gone"), (409, "chat_not_active")])),
        }
    }

    pub(super) fn say(
        &mut self,
        by: User,
        chat: Chat,
        message: Message,
        parent: Option<Message>,
        nested: bool,
    ) -> Judged {
        let answered = parent.map(|parent| self.said(parent).cloned()).transpose()?;
        if self.seen_talk(by, chat).is_err() {
            self.talk(chat)?;
            let both = !nested && answered.is_some();
            return Err(if both { Stop::Refused(&[(404, ""), (400, "")]) } else { NOT_FOUND });
        }
        let hidden = parent.is_some_and(|parent| !self.sees(by, parent));
        // Linkage to what is not there, and a right that isn't: either may be told.
        let either = |stop| if hidden { Stop::Refused(&[(403, "forbidden"), (404, "not_found")]) } else { stop };
        self.writes(by, chat).map_err(either)?;
        if let (Some(parent), Some(said)) = (parent, answered) {
            self.seen_message(by, parent)?;
            if said.chat != chat || said.deleted || said.parent.is_some() {
                return Err(Stop::Refused(&[(422, "parent_invalid")]));
            }
        }
        self.takes(by, chat)?;
        self.append(by, chat, message, parent);
        Ok(201)
    }

    /// A message that is let in brings the chat back to everybody who put it away.
    pub(super) fn append(&mut self, by: User, chat: Chat, message: Message, parent: Option<Message>) {
        self.touch(chat);
        let Some(talk) = self.chats.get_mut(&chat) else { return };
        talk.messages.push(message);
        for member in &mut talk.members {
            member.archived &= !member.hidden;
            member.hidden = false;
            member.deleted = false;
        }
        let said = Said {
            id: String::new(),
            created_at: String::new(),
            chat,
            sequence: talk.messages.len(),
            author: by,
            parent,
            content: message.to_string(),
            edited: false,
            deleted: false,
            reactions: Vec::new(),
        };
        self.messages.insert(message, said);
    }

    pub(super) fn edit(&mut self, by: User, message: Message, text: u16) -> Judged {
        let said = self.seen_message(by, message)?;
        let (chat, deleted) = (said.chat, said.deleted);
        if said.author != by {
            return Err(FORBIDDEN);
        }
        self.writes(by, chat)?;
        self.takes(by, chat).map_err(|stop| if deleted { Stop::Refused(&[(409, "")]) } else { stop })?;
        if deleted {
            return Err(MESSAGE_DELETED);
        }
        let said = self.messages.get_mut(&message).ok_or(Stop::Skip)?;
        said.content = format!("text {text}");
        said.edited = true;
        Ok(200)
    }

    pub(super) fn delete_message(&mut self, by: User, message: Message) -> Judged {
        let said = self.seen_message(by, message)?;
        if said.deleted {
            return Err(NOT_FOUND);
        }
        if said.author != by && !self.rules(by, said.chat) {
            return Err(FORBIDDEN);
        }
        let said = self.messages.get_mut(&message).ok_or(Stop::Skip)?;
        said.deleted = true;
        said.reactions.clear();
        Ok(204)
    }

    pub(super) fn react(&mut self, by: User, message: Message, emoji: &'static str) -> Judged {
        let said = self.seen_message(by, message)?;
        let (chat, deleted) = (said.chat, said.deleted);
        let present = said.reactions.iter().any(|reaction| reaction.by == by && reaction.emoji == emoji);
        self.writes(by, chat)?;
        if present {
            return self.takes(by, chat).map(|()| 200);
        }
        self.takes(by, chat).map_err(|stop| if deleted { Stop::Refused(&[(409, "")]) } else { stop })?;
        if deleted {
            return Err(MESSAGE_DELETED);
        }
        let said = self.messages.get_mut(&message).ok_or(Stop::Skip)?;
        said.reactions.push(Reaction { id: String::new(), by, emoji });
        Ok(201)
    }

    pub(super) fn unreact(&mut self, by: User, message: Message, of: User, emoji: &'static str) -> Judged {
        let said = self.said(message)?;
        let at = said.reactions.iter().position(|reaction| reaction.by == of && reaction.emoji == emoji);
        let at = at.ok_or(Stop::Skip)?;
        self.seen_message(by, message)?;
        if by != of {
            return Err(FORBIDDEN);
        }
        self.messages.get_mut(&message).ok_or(Stop::Skip)?.reactions.remove(at);
        Ok(204)
    }
}
