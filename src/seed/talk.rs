//! What is said in made-up chats.

use diesel::prelude::*;

use super::rows::World;
use crate::db::{Id, Time};
use crate::jsonapi::text::fold;
use crate::schema::messages;

/// Between two messages passes so much time, or less where the chat is young.
const PACE: i64 = 7 * 60_000;

/// Something that a member says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) by: Id,
    pub(crate) text: &'a str,
    /// The line that it answers, from 0.
    pub(crate) answers: Option<usize>,
}

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = messages, treat_none_as_default_value = false)]
pub(crate) struct MessageRow {
    pub(crate) id: Id,
    pub(crate) chat_id: Id,
    sequence: i64,
    author_id: Option<Id>,
    parent_id: Option<Id>,
    parent_sequence: Option<i64>,
    reply_count: i32,
    pub(crate) content: Option<String>,
    content_folded: Option<String>,
    pub(crate) created_at: Time,
    updated_at: Time,
}

impl World {
    /// Fills the chat that was made last: its last change is its last message.
    ///
    /// Each of `unread` hasn't read so many of the last lines; everybody else has read them all.
    pub(crate) fn talk(&mut self, lines: &[Line<'_>], unread: &[(Id, usize)], new_id: &mut impl FnMut(Time) -> Id) {
        let (Some(chat), false) = (self.chats.last_mut(), lines.is_empty()) else { return };
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        let pace = PACE.min((chat.updated_at.0 - chat.created_at.0) / (count + 1));
        let at = |sequence: i64| Time(chat.updated_at.0 - (count - sequence) * pace);
        let mut rows: Vec<MessageRow> = Vec::with_capacity(lines.len());
        for (sequence, line) in (1..).zip(lines) {
            let parent = line.answers.and_then(|place| rows.get_mut(place));
            let parent = parent.map(|parent| {
                parent.reply_count += 1;
                (parent.id, parent.sequence)
            });
            rows.push(row(line, (new_id(at(sequence)), chat.id), (sequence, at(sequence)), parent));
        }
        chat.last_sequence = count;
        chat.last_message_at = Some(chat.updated_at);
        let chat_id = chat.id;
        for member in self.memberships.iter_mut().rev().take_while(|member| member.chat_id == chat_id) {
            let ignored = unread.iter().find(|(user, _)| *user == member.user_id).map_or(0, |(_, count)| *count);
            let read = lines.len().saturating_sub(ignored);
            let last = read.checked_sub(1).map(|place| &rows[place]);
            member.read_sequence = last.map_or(0, |row| row.sequence);
            member.read_until = last.map(|row| row.created_at);
        }
        self.messages.extend(rows);
    }
}

fn row(line: &Line<'_>, (id, chat_id): (Id, Id), (sequence, at): (i64, Time), parent: Option<(Id, i64)>) -> MessageRow {
    MessageRow {
        id,
        chat_id,
        sequence,
        author_id: Some(line.by),
        parent_id: parent.map(|(id, _)| id),
        parent_sequence: parent.map(|(_, sequence)| sequence),
        reply_count: 0,
        content: Some(line.text.to_owned()),
        content_folded: Some(fold(line.text)),
        created_at: at,
        updated_at: at,
    }
}
