//! What one keeps about a chat for oneself: flags, the read pointer, the clear point.

use super::{Judged, NOT_FOUND, Stop};
use crate::operation::{Chat, Flag, Message, Until, User};
use crate::world::{Member, World};
use chrono::{DateTime, SecondsFormat, TimeDelta};

pub(crate) const ALWAYS: &str = "2999-12-31T23:59:59.999Z";

/// Some milliseconds later.
pub(crate) fn shifted(instant: &str, milliseconds: i64) -> String {
    let instant = DateTime::parse_from_rfc3339(instant).expect("an instant").to_utc();
    (instant + TimeDelta::milliseconds(milliseconds)).to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl World {
    /// The membership of somebody, as it is there for an update by `by`.
    pub(super) fn seen_membership(&self, by: User, chat: Chat, of: User) -> Result<(), Stop> {
        let talk = self.talk(chat)?;
        if talk.member(of).is_none() && !self.ended.contains_key(&(chat, of)) {
            return Err(Stop::Skip);
        }
        talk.seen_by(by).and(talk.member(of)).map(|_| ()).ok_or(NOT_FOUND)
    }

    fn own(&mut self, by: User, chat: Chat) -> Result<&mut Member, Stop> {
        self.seen_membership(by, chat, by)?;
        self.talk_mut(chat)?.member_mut(by).ok_or(Stop::Skip)
    }

    pub(super) fn flag(&mut self, by: User, chat: Chat, of: User, flag: Flag) -> Judged {
        self.seen_membership(by, chat, of)?;
        if by != of {
            // What isn't shown reads as null, which an admin may send back; it changes nothing.
            let echo = flag == Flag::Muted(false) && self.rules(by, chat);
            return if echo { Ok(200) } else { Err(Stop::Refused(&[(403, "")])) };
        }
        let member = self.own(by, chat)?;
        match flag {
            Flag::Archived(archived) => member.archived = archived,
            Flag::Hidden(hidden) => member.hidden = hidden,
            Flag::Muted(muted) => member.muted = muted,
        }
        Ok(200)
    }

    /// Everything up to now is gone for them, for ever.
    pub(super) fn delete_chat(&mut self, by: User, chat: Chat) -> Judged {
        let newest = self.seen_talk(by, chat)?.messages.len();
        self.talk_mut(chat)?.cleared.insert(by, newest);
        let member = self.own(by, chat)?;
        member.deleted = true;
        member.archived = false;
        member.hidden = false;
        member.read = 0;
        Ok(204)
    }

    /// "The last message I have seen is this": refused when somebody else has said more since.
    pub(super) fn seen(&mut self, by: User, chat: Chat, message: Message, by_linkage: bool) -> Judged {
        let said = self.said(message)?.clone();
        let pointer = self.own(by, chat)?.read;
        if !self.sees(by, message) {
            return Err(NOT_FOUND);
        }
        if said.chat != chat {
            return Err(Stop::Refused(&[(422, "message_not_in_chat")]));
        }
        if !by_linkage && said.sequence <= pointer {
            return Ok(200);
        }
        if self.missed(by, chat, said.sequence).is_some() {
            return Err(Stop::Refused(&[(409, "read_conflict")]));
        }
        let newest = self.talk(chat)?.messages.len();
        self.own(by, chat)?.read = newest;
        Ok(if by_linkage && self.last_read(by, chat) == Some(message) { 204 } else { 200 })
    }

    /// The newest message of somebody else that is newer than what they have seen, and than their pointer.
    pub(crate) fn missed(&self, by: User, chat: Chat, seen: usize) -> Option<Message> {
        let pointer = self.chats[&chat].member(by)?.read;
        self.messages_of(by, chat).into_iter().rev().find(|message| {
            let said = &self.messages[message];
            said.sequence > seen.max(pointer) && said.author != by && !said.deleted
        })
    }

    /// "Read until then": up to the newest message of that time, never backwards.
    pub(super) fn read_to(&mut self, by: User, chat: Chat, until: Until) -> Judged {
        let instant = self.instant(until)?;
        self.own(by, chat)?;
        // What is sent back as it was is no mark, even where several messages share the instant.
        if self.read_until(by, chat).is_some_and(|present| instant.as_str() <= present) {
            return Ok(200);
        }
        let until = self.messages_of(by, chat).into_iter().rev();
        let newest = until.map(|message| &self.messages[&message]).find(|said| said.created_at <= instant);
        let newest = newest.map_or(0, |said| said.sequence);
        let member = self.own(by, chat)?;
        member.read = member.read.max(newest);
        Ok(200)
    }

    pub(crate) fn instant(&self, until: Until) -> Result<String, Stop> {
        match until {
            Until::Always => Ok(ALWAYS.to_owned()),
            Until::Now => Ok(self.now.clone()),
            Until::At(message) => Ok(self.said(message)?.created_at.clone()),
            Until::Before(message) => Ok(shifted(&self.said(message)?.created_at, -1)),
        }
    }
}
