//! Marking as read: how a member's read pointer moves, always forwards.
//!
//! | sent | means | if there is more |
//! |---|---|---|
//! | `last_read_message` X | "X is the last that I have seen" | 409 with the newest of somebody else; else all is read |
//! | `read_until` T | "I have seen what was made until T" | that stays unread |
//!
//! In a `PATCH` of the membership a value that doesn't move the pointer is what a client sends back that fetched the
//! membership before, and is ignored. On the relationship's own URL it is meant as it stands.
//! The chat's row is held on PostgreSQL, so that no message comes between the look and the write.

#[cfg(test)]
mod tests;

use super::ChatMembership;
use crate::{
    db::{Id, Time},
    jsonapi::error::{Code, ErrorObject},
    resource::{Error, Result, Tx},
    schema::{chat_memberships, chats, messages},
};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _,
};

/// The sequence of a message, and when that was made.
type Place = (i64, Time);

const NAME: &str = "last_read_message";
const FOR_GOOD: &str = "What was read can't be made unread.";

/// What a `PATCH` of the membership says of the pointer.
pub(super) struct Sent {
    pub(super) read_until: Option<Option<Time>>,
    pub(super) last_read_message: Option<Option<Id>>,
}

/// Carries out what really moves the pointer.
pub(super) fn mark(tx: &mut Tx<'_>, row: &ChatMembership, sent: &Sent) -> Result<()> {
    let until = place_until(tx, row, sent.read_until);
    let seen = newly_seen(tx, row, sent.last_read_message);
    match both(until, seen)? {
        (Some(_), Some(_)) => {
            let detail = format!("Either `read_until` or `{NAME}` moves the pointer, not both at once.");
            Err(ErrorObject::attribute(Code::FieldInvalid, "read_until", detail).into())
        }
        (Some(place), None) => move_to(tx, row, place),
        (None, Some(sequence)) => see(tx, row, sequence, &pointer()),
        (None, None) => Ok(()),
    }
}

fn pointer() -> String {
    format!("/data/relationships/{NAME}")
}

/// Both results, or the problems of both.
fn both<A, B>(a: Result<A>, b: Result<B>) -> Result<(A, B)> {
    match (a, b) {
        (Err(Error::Api(mut problems)), Err(Error::Api(others))) => {
            problems.extend(others);
            Err(Error::Api(problems))
        }
        (a, b) => Ok((a?, b?)),
    }
}

/// Where the pointer moves by `read_until`, if it does: to the newest message made until then.
fn place_until(tx: &mut Tx<'_>, row: &ChatMembership, sent: Option<Option<Time>>) -> Result<Option<Place>> {
    let until = match sent {
        Some(None) if row.read_until.is_some() => {
            return Err(ErrorObject::attribute(Code::FieldReadOnly, "read_until", FOR_GOOD).into());
        }
        Some(Some(until)) if row.read_until.is_none_or(|present| until > present) => until,
        _ => return Ok(None),
    };
    let newest = messages::table
        .filter(messages::chat_id.eq(row.chat_id))
        .filter(messages::created_at.le(until))
        .order((messages::created_at.desc(), messages::sequence.desc()))
        .select((messages::sequence, messages::created_at));
    let newest: Option<Place> = newest.first(tx.conn).optional()?;
    Ok(newest.filter(|(sequence, _)| *sequence > row.read_sequence.max(row.cleared_sequence)))
}

/// The sequence of the message that was seen last, if the pointer isn't there yet.
fn newly_seen(tx: &mut Tx<'_>, row: &ChatMembership, sent: Option<Option<Id>>) -> Result<Option<i64>> {
    match sent {
        None => Ok(None),
        Some(None) => Err(ErrorObject::relationship(Code::FieldReadOnly, NAME, FOR_GOOD).into()),
        Some(Some(message)) => {
            let sequence = sequence_of(tx, row, message, &pointer())?;
            Ok(Some(sequence).filter(|sequence| *sequence > row.read_sequence))
        }
    }
}

/// `PATCH` of the relationship's URL; the result is the linkage as it is then.
pub(super) fn replace(tx: &mut Tx<'_>, row: &ChatMembership, sent: Option<Id>) -> Result<Option<Id>> {
    let Some(message) = sent else {
        let problem = || ErrorObject::field(Code::FieldReadOnly, NAME, FOR_GOOD).pointer("/data").into();
        return if row.last_read_message_id.is_none() { Ok(None) } else { Err(problem()) };
    };
    let sequence = sequence_of(tx, row, message, "/data")?;
    see(tx, row, sequence, "/data")?;
    let read: i64 = chat_memberships::table.find(row.id).select(chat_memberships::read_sequence).first(tx.conn)?;
    let linked = messages::table
        .filter(messages::chat_id.eq(row.chat_id))
        .filter(messages::sequence.eq(read))
        .select(messages::id);
    Ok(linked.first(tx.conn).optional()?)
}

/// The sequence of a message that the viewer sees; 422 if it is one of another chat.
fn sequence_of(tx: &mut Tx<'_>, row: &ChatMembership, message: Id, pointer: &str) -> Result<i64> {
    let of_chat = messages::table.find(message).filter(messages::chat_id.eq(row.chat_id)).select(messages::sequence);
    let sequence = of_chat.first(tx.conn).optional()?;
    let detail = "This is a message of another chat.";
    let problem = || ErrorObject::field(Code::MessageNotInChat, NAME, detail).pointer(pointer);
    Ok(sequence.ok_or_else(problem)?)
}

/// Everything is read, unless somebody else wrote something newer than what was seen: then 409 with the newest of that.
fn see(tx: &mut Tx<'_>, row: &ChatMembership, seen: i64, pointer: &str) -> Result<()> {
    let unseen = messages::table
        .filter(messages::chat_id.eq(row.chat_id))
        .filter(messages::sequence.gt(seen.max(row.read_sequence)))
        .filter(diesel::dsl::not(messages::deleted))
        .filter(messages::author_id.is_null().or(messages::author_id.ne(tx.viewer.id)))
        .order(messages::sequence.desc())
        .select(messages::id);
    let unseen: Option<Id> = unseen.first(tx.conn).optional()?;
    if let Some(unseen) = unseen {
        let error = ErrorObject::field(Code::ReadConflict, NAME, "There are messages that are newer than this one.");
        return Err(error.pointer(pointer).meta("last_message_id", unseen.to_string()).into());
    }
    let newest: (i64, Option<Time>) =
        chats::table.find(row.chat_id).select((chats::last_sequence, chats::last_message_at)).first(tx.conn)?;
    match newest {
        (sequence, Some(at)) if sequence > row.read_sequence => move_to(tx, row, (sequence, at)),
        _ => Ok(()),
    }
}

fn move_to(tx: &mut Tx<'_>, row: &ChatMembership, (sequence, at): Place) -> Result<()> {
    diesel::update(chat_memberships::table.find(row.id))
        .set((
            chat_memberships::read_sequence.eq(sequence),
            chat_memberships::read_until.eq(at),
            chat_memberships::version.eq(chat_memberships::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}
