//! `reaction`: an emoji that a member puts on a message, each emoji once.
//!
//! (message, author, emoji) is a natural key: putting the same emoji there again answers 200 with the one that is
//! there. A reaction is never updated. The author of a removed account is null; the reaction stays.
//! Spec: <https://jsonapi.org/format/1.1/#crud>

pub(crate) mod emoji;
#[cfg(test)]
mod tests;

use super::{
    conversation::{id_taken, refuse_taken},
    posted::{self, By},
};
use crate::{
    db::{Id, Time, violates},
    jsonapi::{
        error::{Code, ErrorObject},
        input::Kind,
    },
    loadable, on_backend,
    resource::{
        Attribute, Column, Create, Created, Delete, Edge, Error, Input, Place, Resource, Result, Sql, ToOne, Tx, Value,
        Viewer,
    },
    schema::reactions,
};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _,
    prelude::{Queryable, Selectable},
};
use serde::Deserialize;
use validator::{Validate, ValidationError};

/// A row of `reactions`.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = reactions)]
pub struct Reaction {
    /// The id.
    pub id: Id,
    /// What it is on.
    pub message_id: Id,
    /// Whose it is; `None` once that account is removed.
    pub author_id: Option<Id>,
    /// The emoji.
    pub emoji: String,
    /// When it was put there.
    pub created_at: Time,
}
loadable!(Reaction);

/// How reactions belong to their message.
pub(super) const OF_MESSAGE: Edge =
    Edge { join: "", parent: "reactions.message_id", at: "reactions.created_at", id: "reactions.id", order: None };

/// The emoji on the row of `messages` in scope, seen by the row of `chat_memberships` in scope: by first use, each
/// with how often it is there and whether once by the viewer: `👍 2 1,🎉 1 0`.
pub(super) const USED: &str = "(SELECT string_agg(used.emoji || ' ' || CAST(used.uses AS text) || ' ' || \
     CAST(used.mine AS text), ',' ORDER BY used.first_at, used.emoji) FROM (SELECT reacted.emoji AS emoji, \
     count(*) AS uses, max(CASE WHEN reacted.author_id = chat_memberships.user_id THEN 1 ELSE 0 END) AS mine, \
     min(reacted.created_at) AS first_at FROM reactions AS reacted WHERE reacted.message_id = messages.id \
     GROUP BY reacted.emoji) AS used)";

/// What [`USED`] says, as a message shows it.
pub(super) fn counts(used: Option<&str>) -> Value<'static> {
    let Some(used) = used else { return Value::Raw("[]") };
    let counts = used.split(',').filter_map(|one| {
        let mut words = one.split(' ');
        let (emoji, count, mine) = (words.next()?, words.next()?.parse::<i64>().ok()?, words.next()? == "1");
        Some(serde_json::json!({ "emoji": emoji, "count": count, "mine": mine }))
    });
    Value::RawOwned(serde_json::Value::from_iter(counts).to_string())
}

impl Resource for Reaction {
    const TYPE: &'static str = "reaction";
    const PATH: &'static str = "reactions";
    const ABOUT: &'static str = "One emoji of one user on one message.";
    type Attributes = Attributes;

    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::new("emoji", Kind::Text, |row: &Self, _| Value::Text(&row.emoji))
            .column(&reactions::emoji)
            .required()
            .about("One emoji; those that look alike are one.")
            .example("👍"),
        Attribute::new("created_at", Kind::Instant, |row: &Self, _| Value::Time(row.created_at))
            .column(&reactions::created_at)
            .moving()
            .about("When it was given."),
    ];
    const TO_ONE: &'static [ToOne<Self>] = &[
        ToOne::new("message", "message", |row: &Self, _| Some(row.message_id), &reactions::message_id)
            .required()
            .about("The message."),
        ToOne::new("author", "user", |row: &Self, _| row.author_id, &reactions::author_id)
            .about("Whose it is; null once removed."),
    ];

    const ID: Column = &reactions::id;
    const CREATED_AT: Column = &reactions::created_at;

    const CLIENT_IDS: bool = true;
    const CREATE: Option<Create<Self>> = Some(Create::new(create).finds());
    const DELETE: Option<Delete<Self>> = Some(Delete { lock: |_, _| Ok(()), apply: delete });

    fn id(&self) -> Id {
        self.id
    }

    fn created_at(&self) -> Time {
        self.created_at
    }

    fn source(viewer: &Viewer) -> Sql {
        posted::source!("reactions", viewer)
    }

    fn visible(_viewer: &Viewer, _place: Place<'_>) -> Vec<Sql> {
        vec![posted::is_seen()]
    }
}

/// What a create sets.
#[derive(Clone, Default, Deserialize, Validate)]
#[serde(default)]
pub struct Attributes {
    #[validate(custom(function = is_emoji))]
    emoji: Option<String>,
}

fn is_emoji(text: &str) -> Result<(), ValidationError> {
    let is_one = emoji::normalized(text).is_some();
    if is_one { Ok(()) } else { Err(ValidationError::new("emoji").with_message("Must be one emoji.".into())) }
}

fn create(tx: &mut Tx<'_>, input: Input<Reaction>) -> Result<Created> {
    let client_id = input.id_is_client_made.then_some(input.id);
    let message = input.linked("message")?;
    let held = posted::hold(tx, message, By::Anybody)?;
    held.require_open()?;
    let emoji = input.attributes.emoji.as_deref().and_then(emoji::normalized);
    let emoji = emoji.ok_or_else(|| Error::Internal("the emoji was lost".to_owned()))?;
    if let Some(present) = find(tx, message, emoji)? {
        return repeated(present, client_id);
    }
    refuse_taken(tx, "reaction", client_id)?;
    if insert(tx, input.id, (held.chat, message), emoji)? {
        return Ok(Created::natural(input.id, true));
    }
    // The same user was faster in another request, and has committed: the insert waited for that.
    let present = find(tx, message, emoji)?;
    repeated(present.ok_or_else(|| Error::Internal("a reaction came and went".to_owned()))?, client_id)
}

fn find(tx: &mut Tx<'_>, message: Id, emoji: &str) -> Result<Option<Id>> {
    let present = reactions::table
        .filter(reactions::message_id.eq(message))
        .filter(reactions::author_id.eq(tx.viewer.id))
        .filter(reactions::emoji.eq(emoji));
    Ok(present.select(reactions::id).first(tx.conn).optional()?)
}

fn repeated(present: Id, client_id: Option<Id>) -> Result<Created> {
    if client_id.is_none() {
        return Ok(Created::natural(present, false));
    }
    let error = ErrorObject::new(Code::AlreadyExists, "You have put this emoji on the message already.");
    Err(error.pointer("/data/attributes/emoji").meta("id", present.to_string()).into())
}

/// Whether it was there to be inserted.
fn insert(tx: &mut Tx<'_>, id: Id, (chat, message): (Id, Id), emoji: &str) -> Result<bool> {
    let row = (
        (reactions::id.eq(id), reactions::message_id.eq(message), reactions::chat_id.eq(chat)),
        (reactions::author_id.eq(tx.viewer.id), reactions::emoji.eq(emoji), reactions::created_at.eq(tx.viewer.now())),
    );
    let inserted = on_backend!(tx.conn, |conn| {
        diesel::insert_into(reactions::table)
            .values(row)
            .on_conflict((reactions::message_id, reactions::author_id, reactions::emoji))
            .do_nothing()
            .execute(conn)
    });
    let inserted = inserted.map_err(|error| {
        let taken = violates(&error, "reactions_pkey", "reactions.id");
        if taken { id_taken().into() } else { Error::from(error) }
    })?;
    Ok(inserted == 1)
}

/// One's own, and as long as one sees it: neither a role nor an open chat is needed for taking something away.
fn delete(tx: &mut Tx<'_>, row: &Reaction) -> Result<()> {
    if row.author_id != Some(tx.viewer.id) {
        return Err(Error::forbidden("Only whoever put a reaction there can take it away."));
    }
    diesel::delete(reactions::table.find(row.id)).execute(tx.conn)?;
    Ok(())
}
