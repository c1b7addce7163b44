//! Putting emoji on messages.
//!
//! | | |
//! |---|---|
//! | the viewer may post in the chat, and the message is no tombstone | else 403, 409 |
//! | the viewer's same emoji is there already | 200 with it; 409 for a client that made an id |
//! | nothing is there | 201 |

use super::Reaction;
use crate::{
    db::{Id, Time},
    jsonapi::error::{Code, ErrorObject},
    resource::{Created, Error, Failed, Input, Result, Tx, among},
    resources::{
        batch::{Ids, each, insert, of_all},
        posted::{self, By, Holds},
        reaction::emoji,
    },
    schema::reactions,
};
use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _, prelude::Insertable};
use std::collections::{BTreeSet, HashMap};

#[derive(Insertable)]
#[diesel(table_name = reactions, treat_none_as_default_value = false)]
struct NewReaction {
    id: Id,
    message_id: Id,
    chat_id: Id,
    author_id: Id,
    emoji: &'static str,
    created_at: Time,
}

/// What is there.
struct Scene {
    held: Holds,
    /// The viewer's reactions, by message and emoji.
    present: HashMap<(Id, String), Id>,
    ids: Ids,
}

pub(super) fn create(tx: &mut Tx<'_>, inputs: Vec<Input<Reaction>>) -> Result<Vec<Created>, Failed> {
    let mut scene = gather(tx, &inputs).map_err(of_all)?;
    let mut rows = Vec::with_capacity(inputs.len());
    let created = each(inputs, |input| decide(tx, &mut scene, &input, &mut rows))?;
    insert!(tx, reactions, rows).map_err(of_all)?;
    Ok(created)
}

fn gather(tx: &mut Tx<'_>, inputs: &[Input<Reaction>]) -> Result<Scene> {
    let messages: BTreeSet<Id> = inputs.iter().map(|input| input.linked("message")).collect::<Result<_>>()?;
    let held = posted::hold_all(tx, &messages)?;
    let present: Vec<(Id, String, Id)> = reactions::table
        .filter(among(&reactions::message_id, messages))
        .filter(reactions::author_id.eq(tx.viewer.id))
        .select((reactions::message_id, reactions::emoji, reactions::id))
        .load(tx.conn)?;
    let present = present.into_iter().map(|(message, emoji, id)| ((message, emoji), id)).collect();
    Ok(Scene { held, present, ids: Ids::of(tx, inputs)? })
}

fn decide(tx: &Tx<'_>, scene: &mut Scene, input: &Input<Reaction>, rows: &mut Vec<NewReaction>) -> Result<Created> {
    let message = input.linked("message")?;
    let held = scene.held.held(message, By::Anybody)?;
    held.require_open()?;
    let emoji = input.attributes.emoji.as_deref().and_then(emoji::normalized);
    let emoji = emoji.ok_or_else(|| Error::Internal("the emoji was lost".to_owned()))?;
    let key = (message, emoji.to_owned());
    if let Some(present) = scene.present.get(&key) {
        return repeated(*present, input.client_id());
    }
    scene.ids.take(input.client_id())?;
    scene.present.insert(key, input.id);
    let (id, chat_id, author_id, created_at) = (input.id, held.chat, tx.viewer.id, tx.viewer.now());
    rows.push(NewReaction { id, message_id: message, chat_id, author_id, emoji, created_at });
    Ok(Created::natural(input.id, true))
}

fn repeated(present: Id, client_id: Option<Id>) -> Result<Created> {
    if client_id.is_none() {
        return Ok(Created::natural(present, false));
    }
    let error = ErrorObject::new(Code::AlreadyExists, "You have put this emoji on the message already.");
    Err(error.pointer("/data/attributes/emoji").meta("id", present.to_string()).into())
}
