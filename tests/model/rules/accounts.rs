//! Signing up, the policy about direct messages, and going for good.

use super::{Judged, Stop};
use crate::operation::{Chat, Role, User};
use crate::world::{Person, Status, World};

impl World {
    pub(super) fn sign_up(&mut self, user: User) -> u16 {
        let person = Person { id: String::new(), token: String::new(), on_request: false, removed: false };
        self.people.insert(user, person);
        201
    }

    pub(super) fn set_policy(&mut self, by: User, on_request: bool) -> Judged {
        self.people.get_mut(&by).ok_or(Stop::Skip)?.on_request = on_request;
        Ok(200)
    }

    /// Requests that wait go with either side; the name stays wherever they were in, or had written.
    pub(super) fn remove_account(&mut self, by: User) -> Judged {
        self.people.get_mut(&by).ok_or(Stop::Skip)?.removed = true;
        for chat in self.chats.keys().copied().collect::<Vec<_>>() {
            let wrote = self.chats[&chat].messages.iter().any(|message| self.messages[message].author == by);
            let talk = self.talk_mut(chat)?;
            let belongs = talk.member(by).is_some();
            if talk.status == Status::Pending && talk.pair.is_some_and(|(one, other)| one == by || other == by) {
                talk.withdrawn = true;
            }
            if belongs || wrote {
                talk.past.push(World::name(by));
            }
            if belongs {
                self.end_membership(chat, by)?;
            }
        }
        Ok(204)
    }

    /// A group whose last admin goes is left to whoever has been in it longest and may write.
    pub(super) fn end_membership(&mut self, chat: Chat, user: User) -> Result<(), Stop> {
        self.touch(chat);
        let talk = self.talk_mut(chat)?;
        let at = talk.members.iter().position(|member| member.user == user).ok_or(Stop::Skip)?;
        let ended = talk.members.remove(at);
        let is_group = talk.is_group();
        self.ended.insert((chat, user), ended.id);
        let members = &mut self.talk_mut(chat)?.members;
        if is_group && members.iter().all(|member| member.role != Role::Admin) {
            let rank = |role| if role == Role::Member { 0 } else { 1 };
            let next = members.iter_mut().min_by_key(|it| (rank(it.role), it.created_at.clone(), it.id.clone()));
            if let Some(next) = next {
                next.role = Role::Admin;
            }
        }
        Ok(())
    }
}
