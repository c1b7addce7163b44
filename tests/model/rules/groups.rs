//! Groups: who is in, who may add whom, and what everybody sees of them.

use super::{FORBIDDEN, Judged, NOT_FOUND, READ_ONLY, REQUEST_REQUIRED, Stop};
use crate::operation::{Chat, Message, Role, User};
use crate::world::{Member, Status, World};

impl World {
    pub(super) fn group(&mut self, by: User, others: &[User], chat: Chat, first: Option<Message>) -> Judged {
        others.iter().try_for_each(|other| self.person(*other))?;
        let others: Vec<User> = others.iter().copied().filter(|other| *other != by).collect();
        let unknown = others.iter().any(|other| self.is_gone(*other));
        let unwilling = others.iter().any(|other| !self.is_gone(*other) && !self.consents(*other, by));
        match (unknown, unwilling) {
            (true, true) => return Err(Stop::Refused(&[(404, "not_found"), (400, ""), (403, "")])),
            (true, false) => return Err(NOT_FOUND),
            (false, true) => return Err(REQUEST_REQUIRED),
            (false, false) => (),
        }
        self.begin(by, None, chat, Status::Active);
        for other in others {
            self.join(chat, other, Role::Member)?;
        }
        if let Some(message) = first {
            self.append(by, chat, message, None);
        }
        Ok(201)
    }

    /// Whether somebody may be put into groups by `by`.
    fn consents(&self, user: User, by: User) -> bool {
        let refused = self.conversation(by, user).is_some_and(|chat| {
            let talk = &self.chats[&chat];
            talk.initiator == by && talk.status != Status::Active
        });
        let known = || {
            let talks = self.conversation(by, user).is_some_and(|chat| self.chats[&chat].status == Status::Active);
            let groups = self.chats.values().filter(|talk| talk.is_group());
            talks || groups.into_iter().any(|group| group.member(by).is_some() && group.member(user).is_some())
        };
        !refused && (!self.people[&user].on_request || known())
    }

    fn join(&mut self, chat: Chat, user: User, role: Role) -> Result<(), Stop> {
        let talk = self.talk_mut(chat)?;
        if talk.member(user).is_none() {
            let joined = talk.messages.len();
            talk.members.push(Member::new(user, role, joined));
        }
        Ok(())
    }

    pub(super) fn add_member(&mut self, by: User, chat: Chat, user: User, role: Role) -> Judged {
        self.person(user)?;
        let talk = self.seen_talk(by, chat)?;
        let already = talk.member(user).is_some();
        if !self.rules(by, chat) {
            // Whom it is about, and whether they may, are told apart by nobody.
            return Err(if self.is_gone(user) {
                Stop::Refused(&[(403, "forbidden"), (404, "not_found")])
            } else {
                FORBIDDEN
            });
        }
        if self.is_gone(user) {
            return Err(NOT_FOUND);
        }
        if already {
            return Err(Stop::Refused(&[(409, "already_member"), (403, "chat_request_required")]));
        }
        if !self.consents(user, by) {
            return Err(REQUEST_REQUIRED);
        }
        self.join(chat, user, role)?;
        self.touch(chat);
        Ok(201)
    }

    /// Linkage that is there already is fine.
    pub(super) fn link(&mut self, by: User, chat: Chat, user: User) -> Judged {
        match self.add_member(by, chat, user, Role::Member) {
            Ok(_) | Err(Stop::Refused([(409, _), ..])) => Ok(204),
            Err(Stop::Refused([(403, "forbidden"), ..])) => Err(FORBIDDEN),
            refused => refused,
        }
    }

    pub(super) fn remove_member(&mut self, by: User, chat: Chat, of: User, by_linkage: bool) -> Judged {
        let talk = self.talk(chat)?;
        let is_group = talk.is_group();
        let member = talk.member(of).is_some();
        if !by_linkage && !member && !self.ended.contains_key(&(chat, of)) {
            return Err(Stop::Skip);
        }
        // One's own membership is there even when the chat is deleted.
        let own = by == of && member && !talk.withdrawn;
        if talk.seen_by(by).is_none() && (by_linkage || !own) {
            return Err(NOT_FOUND);
        }
        if !by_linkage && !member {
            return Err(NOT_FOUND);
        }
        if !is_group || (by != of && !self.rules(by, chat)) {
            return Err(FORBIDDEN);
        }
        if by_linkage && self.is_gone(of) {
            return Err(Stop::Skip);
        }
        if member {
            self.end_membership(chat, of)?;
        }
        Ok(204)
    }

    pub(super) fn set_role(&mut self, by: User, chat: Chat, of: User, role: Role) -> Judged {
        self.seen_membership(by, chat, of)?;
        let rules = self.rules(by, chat);
        let talk = self.talk_mut(chat)?;
        let admins = talk.members.iter().filter(|member| member.role == Role::Admin).count();
        let is_group = talk.is_group();
        let member = talk.member_mut(of).ok_or(Stop::Skip)?;
        if by != of && !rules {
            return Err(if is_group { FORBIDDEN } else { Stop::Refused(&[(403, "")]) });
        }
        if member.role == role {
            return Ok(200);
        }
        if !rules {
            return Err(READ_ONLY);
        }
        if member.role == Role::Admin && admins == 1 {
            return Err(Stop::Refused(&[(409, "last_admin")]));
        }
        member.role = role;
        Ok(200)
    }

    pub(super) fn set_open(&mut self, by: User, chat: Chat, open: bool) -> Judged {
        let talk = self.seen_talk(by, chat)?;
        if talk.closed != open {
            return Ok(200);
        }
        if !self.rules(by, chat) {
            return Err(Stop::Refused(&[(403, "")]));
        }
        self.talk_mut(chat)?.closed = !open;
        self.touch(chat);
        Ok(200)
    }

    pub(super) fn set_title(&mut self, by: User, chat: Chat, text: u16) -> Judged {
        let talk = self.seen_talk(by, chat)?;
        let reads_only = talk.member(by).is_some_and(|member| member.role == Role::Reader);
        let title = Some(format!("text {text}"));
        if talk.title == title {
            return Ok(200);
        }
        if !talk.is_group() || reads_only {
            return Err(Stop::Refused(&[(403, "")]));
        }
        self.talk_mut(chat)?.title = title;
        self.touch(chat);
        Ok(200)
    }
}
