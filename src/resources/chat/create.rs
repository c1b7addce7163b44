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
    resource::{Created, Input, Result, Tx},
    resources::{
        consent,
        conversation::{self, Wanted, refuse_taken},
        group::{self, NewChat},
        message,
        posting::{self, Seat},
    },
};

const MEMBERS: &str = "/data/relationships/members";

/// What is wrong with the message to begin with.
pub(super) fn check(_sent: &ResourceObject, attributes: &Attributes) -> Vec<ErrorObject> {
    attributes.initial_message.as_ref().map(message::refuse_initial).unwrap_or_default()
}

pub(super) fn create(tx: &mut Tx<'_>, input: Input<Chat>) -> Result<Created> {
    let client_id = input.id_is_client_made.then_some(input.id);
    let sent = input.to_many.get("members");
    let others: Vec<Id> = sent.into_iter().flatten().copied().filter(|id| *id != tx.viewer.id).collect();
    let chat_type = input.attributes.chat_type.as_deref();
    match (chat_type, others.as_slice()) {
        (Some("group"), _) | (None, [_, _, ..]) => group(tx, &input.attributes, (input.id, client_id), &others),
        (_, [peer]) => {
            Errors::collect(no_design(&input.attributes))?;
            let direct = conversation::open(tx, *peer, Wanted::Chat(client_id), MEMBERS)?;
            if let Some(sent) = &input.attributes.initial_message {
                let seat = match direct.fresh {
                    true => Seat::in_new_chat(direct.chat, "direct", tx.viewer.now()),
                    false => posting::may_post(tx, direct.chat)?,
                };
                posting::append(tx, &seat, Id::new(), &message::initial(sent)?)?;
            }
            Ok(Created::natural(direct.chat, direct.fresh))
        }
        (chat_type, _) => {
            let mut problems = vec![wrong_count(chat_type.is_some(), sent.is_some())];
            problems.extend(no_design(&input.attributes).into_iter().filter(|_| chat_type.is_some()));
            Errors::collect(problems)?;
            Err(crate::resource::Error::Internal("the wrong number of members passed".to_owned()))
        }
    }
}

fn group(tx: &mut Tx<'_>, sent: &Attributes, (id, client_id): (Id, Option<Id>), others: &[Id]) -> Result<Created> {
    group::refuse_too_many(others.len() + 1, MEMBERS)?;
    consent::refuse_unasked(tx, others, MEMBERS)?;
    refuse_taken(tx, "chat", client_id)?;
    let viewer = [(tx.viewer.id, "admin")];
    let members: Vec<(Id, &str)> = viewer.into_iter().chain(others.iter().map(|id| (*id, "member"))).collect();
    let chat = NewChat {
        id,
        chat_type: "group",
        status: consent::ACTIVE,
        title: sent.title.as_ref().and_then(Option::as_deref),
        icon_url: sent.icon_url.as_ref().and_then(Option::as_deref),
        icon_thumbnail_url: sent.icon_thumbnail_url.as_ref().and_then(Option::as_deref),
        members: &members,
        direct_conversation: None,
    };
    group::insert_chat(tx, &chat)?;
    group::insert_members(tx, id, 0, &members)?;
    if let Some(sent) = &sent.initial_message {
        let seat = Seat::in_new_chat(id, "group", tx.viewer.now());
        posting::append(tx, &seat, Id::new(), &message::initial(sent)?)?;
    }
    Ok(Created::fresh(id))
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
