//! `POST /chats`: a group, or the direct chat with the one other member, which may be there already.
//!
//! | `chat_type` | other members | |
//! |---|---|---|
//! | absent | 1 | direct: 201, or 200 with the one that is there |
//! | absent | 2 and more | group: always a new one |
//! | `direct` | 1 | as above; no title, no icon |
//! | `group` | 0 and more | group |
//!
//! `initial_message` is the first message of a new chat; to one that is there it is appended, as any other message.

use super::{Attributes, Chat};
use crate::{
    db::Id,
    jsonapi::{
        document::ResourceObject,
        error::{Code, ErrorObject, Errors},
    },
    resource::{Created, Error, Failed, Input, Result, Tx, Viewer},
    resources::{
        batch::{Ids, each, of_all},
        consent::{self, Consent},
        conversation::{Conversations, Wanted},
        group::{self, NewChat},
        message,
        posting::{self, New, Seats},
    },
};
use std::collections::BTreeSet;

const MEMBERS: &str = "/data/relationships/members";

/// What is wrong with the message to begin with.
pub(super) fn check(_sent: &ResourceObject, attributes: &Attributes) -> Vec<ErrorObject> {
    attributes.initial_message.as_ref().map(message::refuse_initial).unwrap_or_default()
}

/// What a chat is to become.
enum Kind {
    Group(Vec<Id>),
    Direct(Id),
    /// Neither; whether a direct chat was asked for.
    Neither(bool),
}

fn kind(input: &Input<Chat>, viewer: Id) -> Kind {
    let sent = input.to_many.get("members");
    let others: Vec<Id> = sent.into_iter().flatten().copied().filter(|id| *id != viewer).collect();
    match (input.attributes.chat_type.as_deref(), others.as_slice()) {
        (Some("group"), _) | (None, [_, _, ..]) => Kind::Group(others),
        (_, [peer]) => Kind::Direct(*peer),
        (chat_type, _) => Kind::Neither(chat_type.is_some()),
    }
}

/// What is there, and what was decided so far.
struct Scene {
    conversations: Conversations,
    consent: Consent,
    ids: Ids,
    /// The viewer's places in chats that are to begin with a message, or go on with one.
    seats: Seats,
    groups: Vec<Group>,
    messages: Vec<New>,
}

/// A group to be.
struct Group {
    id: Id,
    sent: Attributes,
    members: Vec<(Id, &'static str)>,
}

pub(super) fn create(tx: &mut Tx<'_>, inputs: Vec<Input<Chat>>) -> Result<Vec<Created>, Failed> {
    let mut scene = gather(tx, &inputs).map_err(of_all)?;
    let created = each(inputs, |input| decide(tx.viewer, &mut scene, input))?;
    carry_out(tx, &scene).map_err(of_all)?;
    Ok(created)
}

fn gather(tx: &mut Tx<'_>, inputs: &[Input<Chat>]) -> Result<Scene> {
    let (mut peers, mut spoken_to, mut members) = (BTreeSet::new(), BTreeSet::new(), None);
    for input in inputs {
        match kind(input, tx.viewer.id) {
            Kind::Group(others) => members.get_or_insert_with(BTreeSet::new).extend(others),
            Kind::Direct(peer) => {
                peers.insert(peer);
                spoken_to.extend(input.attributes.initial_message.is_some().then_some(peer));
            }
            Kind::Neither(_) => {}
        }
    }
    let conversations = Conversations::with(tx, &peers)?;
    let present = spoken_to.into_iter().filter_map(|peer| conversations.get(peer)).map(|found| found.chat);
    let seats = Seats::take(tx, &present.collect())?;
    let consent = members.map_or_else(|| Ok(Consent::default()), |members| Consent::of(tx, members))?;
    let ids = Ids::of(tx, inputs)?;
    Ok(Scene { conversations, consent, ids, seats, groups: Vec::new(), messages: Vec::new() })
}

fn decide(viewer: Viewer, scene: &mut Scene, input: Input<Chat>) -> Result<Created> {
    match kind(&input, viewer.id) {
        Kind::Group(others) => group(viewer, scene, input, &others),
        Kind::Direct(peer) => direct(viewer, scene, &input, peer),
        Kind::Neither(is_direct) => {
            let mut problems = vec![wrong_count(is_direct, input.to_many.contains_key("members"))];
            problems.extend(no_design(&input.attributes).into_iter().filter(|_| is_direct));
            Errors::collect(problems)?;
            Err(Error::Internal("the wrong number of members passed".to_owned()))
        }
    }
}

fn direct(viewer: Viewer, scene: &mut Scene, input: &Input<Chat>, peer: Id) -> Result<Created> {
    Errors::collect(no_design(&input.attributes))?;
    let wanted = Wanted::Chat(input.client_id());
    let direct = scene.conversations.open(peer, wanted, &mut scene.ids, MEMBERS)?;
    // Who has now said yes to the peer has something in common with them.
    if scene.conversations.get(peer).is_some_and(|found| found.status == consent::ACTIVE) {
        scene.consent.is_given_by(peer);
        scene.seats.open(direct.chat);
    }
    if direct.fresh {
        scene.seats.begin(direct.chat, "direct", viewer.now());
    }
    if let Some(sent) = &input.attributes.initial_message {
        scene.seats.of(direct.chat)?.require_open()?;
        scene.messages.push((direct.chat, Id::new(), message::initial(sent)?));
    }
    Ok(Created::natural(direct.chat, direct.fresh))
}

fn group(viewer: Viewer, scene: &mut Scene, input: Input<Chat>, others: &[Id]) -> Result<Created> {
    group::refuse_too_many(others.len() + 1, MEMBERS)?;
    scene.consent.require(others, MEMBERS)?;
    scene.ids.take(input.client_id())?;
    let id = input.id;
    if let Some(sent) = &input.attributes.initial_message {
        scene.seats.begin(id, "group", viewer.now());
        scene.messages.push((id, Id::new(), message::initial(sent)?));
    }
    let members = [(viewer.id, "admin")].into_iter().chain(others.iter().map(|id| (*id, "member"))).collect();
    scene.groups.push(Group { id, sent: input.attributes, members });
    Ok(Created::fresh(id))
}

fn carry_out(tx: &mut Tx<'_>, scene: &Scene) -> Result<()> {
    scene.conversations.carry_out(tx)?;
    let groups = scene.groups.iter().map(|Group { id, sent, members }| NewChat {
        id: *id,
        chat_type: "group",
        status: consent::ACTIVE,
        title: sent.title.as_ref().and_then(Option::as_deref),
        icon_url: sent.icon_url.as_ref().and_then(Option::as_deref),
        icon_thumbnail_url: sent.icon_thumbnail_url.as_ref().and_then(Option::as_deref),
        members,
        direct_conversation: None,
    });
    group::begin(tx, &groups.collect::<Vec<_>>())?;
    posting::append(tx, &scene.seats, &scene.messages)
}

/// A problem for each of title and icons, which only a group has.
fn no_design(sent: &Attributes) -> Vec<ErrorObject> {
    let design =
        [("title", &sent.title), ("icon_url", &sent.icon_url), ("icon_thumbnail_url", &sent.icon_thumbnail_url)];
    let given = design.into_iter().filter(|(_, value)| matches!(value, Some(Some(_))));
    given
        .map(|(name, _)| ErrorObject::attribute(Code::FieldInvalid, name, "Only a group has one: this chat is direct."))
        .collect()
}

/// Neither a direct chat, which has one other member, nor a group, which would have to be asked for.
fn wrong_count(is_direct: bool, members_are_sent: bool) -> ErrorObject {
    let detail = if is_direct {
        "A direct chat has exactly one other member."
    } else {
        "Name the other members; a group of nobody else needs `chat_type` `group`."
    };
    let pointer = match (members_are_sent, is_direct) {
        (true, _) => MEMBERS,
        (false, true) => "/data/attributes/chat_type",
        (false, false) => "/data",
    };
    let code = if is_direct { Code::FieldInvalid } else { Code::FieldRequired };
    ErrorObject::field(code, "members", detail).pointer(pointer)
}
