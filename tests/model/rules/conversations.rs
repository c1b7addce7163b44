//! Direct conversations and the requests that may come before them.

use super::{FORBIDDEN, Judged, NOT_ACTIVE, NOT_FOUND, REQUEST_CLOSED, REQUEST_REQUIRED, SELF_CONVERSATION, Stop};
use crate::operation::{Chat, Direct, Message, Role, User};
use crate::world::{Member, Moved, Request, Status, Talk, World};
use std::collections::BTreeMap;

impl World {
    pub(super) fn direct(&mut self, by: User, peer: User, chat: Chat, through: Direct) -> Judged {
        self.person(peer)?;
        if by == peer {
            return if through == Direct::Conversation { Err(SELF_CONVERSATION) } else { Err(Stop::Skip) };
        }
        if self.is_gone(peer) {
            return Err(NOT_FOUND);
        }
        let first = if let Direct::Chat(first) = through { first } else { None };
        match self.conversation(by, peer) {
            Some(existing) => self.open_again(by, existing, first),
            None if self.people[&peer].on_request => Err(REQUEST_REQUIRED),
            None => {
                self.begin(by, Some(peer), chat, Status::Active);
                self.add_first(by, chat, first);
                Ok(201)
            }
        }
    }

    /// Whoever was asked says yes by it; what was put away comes back.
    fn open_again(&mut self, by: User, chat: Chat, first: Option<Message>) -> Judged {
        let talk = self.talk_mut(chat)?;
        let asked = talk.pair.is_some_and(|(_, second)| second == by);
        if talk.status != Status::Active && !asked && first.is_some() {
            return Err(NOT_ACTIVE);
        }
        let answers = asked && talk.status != Status::Active;
        if answers {
            talk.status = Status::Active;
        }
        talk.show_again(by);
        if answers {
            self.touch(chat);
        }
        self.add_first(by, chat, first);
        Ok(200)
    }

    fn add_first(&mut self, by: User, chat: Chat, first: Option<Message>) {
        if let Some(message) = first {
            self.append(by, chat, message, None);
        }
    }

    /// A new chat of two, or a group of one.
    pub(super) fn begin(&mut self, by: User, peer: Option<User>, chat: Chat, status: Status) {
        let role = if peer.is_some() { Role::Member } else { Role::Admin };
        let members = [Some(by), peer].into_iter().flatten().map(|user| Member::new(user, role, 0)).collect();
        let talk = Talk {
            id: String::new(),
            created_at: String::new(),
            pair: peer.map(|peer| (by, peer)),
            conversation: String::new(),
            initiator: by,
            status,
            title: None,
            closed: false,
            members,
            past: Vec::new(),
            cleared: BTreeMap::new(),
            messages: Vec::new(),
            request: None,
            withdrawn: false,
            moved: Moved::default(),
        };
        self.chats.insert(chat, talk);
        self.touch(chat);
    }

    pub(super) fn request(&mut self, by: User, peer: User, chat: Chat) -> Judged {
        self.person(peer)?;
        if by == peer {
            return Err(SELF_CONVERSATION);
        }
        if self.is_gone(peer) {
            return Err(NOT_FOUND);
        }
        let Some(existing) = self.conversation(by, peer) else {
            self.begin(by, Some(peer), chat, Status::Pending);
            self.talk_mut(chat)?.request = Some(Request { id: String::new(), created_at: String::new() });
            return Ok(201);
        };
        let talk = self.talk_mut(existing)?;
        let asked = talk.pair.is_some_and(|(_, second)| second == by);
        match talk.status {
            Status::Active => Err(REQUEST_CLOSED),
            Status::Declined if !asked => Err(REQUEST_CLOSED),
            _ => {
                if asked {
                    talk.status = Status::Active;
                }
                talk.show_again(by);
                if asked {
                    self.touch(existing);
                }
                Ok(200)
            }
        }
    }

    pub(super) fn respond(&mut self, by: User, chat: Chat, yes: bool) -> Judged {
        self.asked(by, chat)?;
        let alone = self.is_gone(self.talk(chat)?.initiator);
        let talk = self.talk_mut(chat)?;
        if talk.pair.is_none_or(|(_, second)| second != by) {
            return Err(FORBIDDEN);
        }
        match (talk.status, yes) {
            (Status::Active, true) | (Status::Declined, false) => return Ok(200),
            (Status::Active, false) => return Err(REQUEST_CLOSED),
            (Status::Declined, true) if alone => return Err(Stop::Refused(&[(409, "peer_gone")])),
            (Status::Pending | Status::Declined, true) => {
                talk.status = Status::Active;
                talk.show_again(by);
            }
            (Status::Pending, false) => talk.status = Status::Declined,
        }
        self.touch(chat);
        Ok(200)
    }

    pub(super) fn withdraw(&mut self, by: User, chat: Chat) -> Judged {
        self.asked(by, chat)?;
        let talk = self.talk_mut(chat)?;
        if talk.initiator != by {
            return Err(FORBIDDEN);
        }
        if talk.status != Status::Pending {
            return Err(REQUEST_CLOSED);
        }
        talk.withdrawn = true;
        Ok(204)
    }

    /// A request is there for its two sides, whatever they have done with its chat.
    fn asked(&self, by: User, chat: Chat) -> Result<(), Stop> {
        let talk = self.talk(chat)?;
        talk.request.as_ref().ok_or(Stop::Skip)?;
        if self.sees_request(by, chat) { Ok(()) } else { Err(NOT_FOUND) }
    }

    pub(crate) fn sees_request(&self, user: User, chat: Chat) -> bool {
        let talk = &self.chats[&chat];
        let side = talk.pair.is_some_and(|(first, second)| first == user || second == user);
        talk.request.is_some() && side && !talk.withdrawn
    }
}

impl Talk {
    /// Whoever asks for a conversation, or says yes to it, wants to see it.
    fn show_again(&mut self, user: User) {
        if let Some(member) = self.member_mut(user) {
            member.deleted = false;
            member.hidden = false;
        }
    }
}

impl Member {
    pub(super) fn new(user: User, role: Role, joined: usize) -> Member {
        let (id, created_at) = Default::default();
        let (archived, hidden, muted, deleted) = Default::default();
        Member { user, id, created_at, role, archived, hidden, muted, deleted, read: 0, joined }
    }
}
