//! Posting many messages at once: some statements for each chat, however many messages there are.
//!
//! What comes out is what posting them one after the other comes to; of what is wrong, the first problem is told.

use super::{
    Message,
    write::{self, not_answerable},
};
use crate::{
    db::Id,
    resource::{Created, Error, Input, Place, Result, Tx},
    resources::{
        conversation::id_taken,
        posting::{self, Draft, Parent},
    },
    schema::messages,
};
use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A message to be, and its place among all that were sent.
type Sent = (usize, Input<Message>);
/// A failure, and whose it is.
type Failed = (usize, Error);

pub(super) fn create_all(tx: &mut Tx<'_>, inputs: Vec<Input<Message>>) -> Result<Vec<Created>, Failed> {
    refuse_taken(tx, &inputs)?;
    let created = inputs.iter().map(|input| Created::fresh(input.id)).collect();
    let mut chats: BTreeMap<Id, Vec<Sent>> = BTreeMap::new();
    for (place, input) in inputs.into_iter().enumerate() {
        let chat = input.linked("chat").map_err(|error| (place, error))?;
        chats.entry(chat).or_default().push((place, input));
    }
    // Always in the order of the ids, so that two requests don't wait for each other.
    for (chat, sent) in chats {
        post(tx, chat, sent)?;
    }
    Ok(created)
}

/// Posts what was sent into one chat.
fn post(tx: &mut Tx<'_>, chat: Id, sent: Vec<Sent>) -> Result<(), Failed> {
    let first = sent.first().map_or(0, |(place, _)| *place);
    let blame = |error| (first, error);
    let seat = posting::take_seat(tx, chat).map_err(blame)?;
    seat.require_writer().map_err(blame)?;
    let parents = parents(tx, chat, &sent).map_err(blame)?;
    let mut drafts: Vec<(Id, Draft)> = Vec::with_capacity(sent.len());
    for (place, input) in sent {
        let parent = write::parent(&input).map(|parent| match parents.get(&parent) {
            Some(&sequence) => Ok(Parent { id: parent, sequence }),
            None => Err((place, Error::from(not_answerable()))),
        });
        drafts.push((input.id, input.attributes.draft(parent.transpose()?)));
    }
    seat.require_open().map_err(blame)?;
    let drafts: Vec<(Id, &Draft)> = drafts.iter().map(|(id, draft)| (*id, draft)).collect();
    posting::append_all(tx, &seat, &drafts).map_err(blame)
}

/// The places in the chat of those messages that can be answered.
fn parents(tx: &mut Tx<'_>, chat: Id, sent: &[Sent]) -> Result<HashMap<Id, i64>> {
    let asked: BTreeSet<Id> = sent.iter().filter_map(|(_, input)| write::parent(input)).collect();
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let found = write::answerable(chat).filter(messages::id.eq_any(asked));
    Ok(found.select((messages::id, messages::sequence)).load(tx.conn)?.into_iter().collect())
}

/// 409 for an id made by the client that is in use, or that two messages have.
fn refuse_taken(tx: &mut Tx<'_>, inputs: &[Input<Message>]) -> Result<(), Failed> {
    let ours = || inputs.iter().enumerate().filter(|(_, input)| input.id_is_client_made);
    let ids: BTreeSet<Id> = ours().map(|(_, input)| input.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let of_all = |error: Error| (0, error);
    let used = messages::table.filter(messages::id.eq_any(&ids)).select(messages::id).load::<Id>(tx.conn);
    let mut used: BTreeSet<Id> = used.map_err(|error| of_all(error.into()))?.into_iter().collect();
    let entry = tx.registry.target("message").map_err(of_all)?;
    let select = entry.select_ids(&tx.viewer, Place::One, ids);
    let mut seen: BTreeSet<Id> =
        select.ids(tx.conn, entry.id).map_err(|error| of_all(error.into()))?.into_iter().collect();
    for (place, input) in ours() {
        if !used.insert(input.id) {
            let error = id_taken();
            let error = if seen.contains(&input.id) { error.meta("id", input.id.to_string()) } else { error };
            return Err((place, error.into()));
        }
        seen.insert(input.id);
    }
    Ok(())
}
