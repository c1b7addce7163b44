//! Posting messages.
//!
//! Who is no reader may post, as long as the chat is active and open and its peer is there.

use super::{Attributes, Message, draft};
use crate::{
    db::Id,
    jsonapi::{
        document::ResourceObject,
        error::{Code, ErrorObject},
    },
    resource::{Created, Failed, Input, Result, Tx, among},
    resources::{
        batch::{Ids, each, of_all},
        posting::{self, New, Parent, Seats},
    },
    schema::messages,
};
use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};
use std::collections::{BTreeSet, HashMap};

/// `content` is required where nothing else says something.
pub(super) fn says_something(sent: &ResourceObject, _attributes: &Attributes) -> Vec<ErrorObject> {
    if !draft::is_empty(&sent.attributes) {
        return Vec::new();
    }
    let detail = "`content` is required where there is no image, no link and no attachment.";
    vec![match sent.attributes.get("content") {
        Some(_) => ErrorObject::attribute(Code::FieldRequired, "content", detail),
        None => sent.missing_attribute("content", detail),
    }]
}

/// What is there.
struct Scene {
    seats: Seats,
    /// The chat and the sequence of those messages that can be answered.
    parents: HashMap<Id, (Id, i64)>,
    ids: Ids,
}

pub(super) fn create(tx: &mut Tx<'_>, inputs: Vec<Input<Message>>) -> Result<Vec<Created>, Failed> {
    let mut scene = gather(tx, &inputs).map_err(of_all)?;
    let new = each(inputs, |input| decide(&mut scene, input))?;
    posting::append(tx, &scene.seats, &new).map_err(of_all)?;
    Ok(new.into_iter().map(|(_, id, _)| Created::fresh(id)).collect())
}

fn gather(tx: &mut Tx<'_>, inputs: &[Input<Message>]) -> Result<Scene> {
    let chats: BTreeSet<Id> = inputs.iter().map(|input| input.linked("chat")).collect::<Result<_>>()?;
    let seats = Seats::take(tx, &chats)?;
    let parents: BTreeSet<Id> = inputs.iter().filter_map(parent).collect();
    let parents = if parents.is_empty() { HashMap::new() } else { answerable(tx, parents)? };
    Ok(Scene { seats, parents, ids: Ids::of(tx, inputs)? })
}

/// The messages that can be answered in their chat: those not deleted, and no answer themselves.
fn answerable(tx: &mut Tx<'_>, asked: BTreeSet<Id>) -> Result<HashMap<Id, (Id, i64)>> {
    let found: Vec<(Id, Id, i64)> = messages::table
        .filter(among(&messages::id, asked))
        .filter(messages::parent_id.is_null())
        .filter(diesel::dsl::not(messages::deleted))
        .select((messages::id, messages::chat_id, messages::sequence))
        .load(tx.conn)?;
    Ok(found.into_iter().map(|(id, chat, sequence)| (id, (chat, sequence))).collect())
}

fn decide(scene: &mut Scene, input: Input<Message>) -> Result<New> {
    let chat = input.linked("chat")?;
    let seat = scene.seats.of(chat)?;
    seat.require_writer()?;
    let parent = parent(&input).map(|parent| answered(scene, chat, parent)).transpose()?;
    seat.require_open()?;
    scene.ids.take(input.client_id())?;
    Ok((chat, input.id, input.attributes.draft(parent)))
}

/// The message to be answered.
fn parent(input: &Input<Message>) -> Option<Id> {
    input.to_one.get("parent").copied().flatten()
}

fn answered(scene: &Scene, chat: Id, id: Id) -> Result<Parent> {
    match scene.parents.get(&id) {
        Some(&(of, sequence)) if of == chat => Ok(Parent { id, sequence }),
        _ => {
            let detail = "A reply answers a message of the same chat that is neither deleted nor a reply itself.";
            Err(ErrorObject::relationship(Code::ParentInvalid, "parent", detail).into())
        }
    }
}
