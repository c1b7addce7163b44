//! Asking, answering, withdrawing.
//!
//! What a `POST` does depends on what is there between the two:
//!
//! | there is | |
//! |---|---|
//! | nothing | 201: a request, and its chat pending |
//! | one's own request, pending | 200 with it |
//! | the other's request, pending or declined | 200: accepted |
//! | one's own request, declined; an active chat | 409 |
//!
//! Requests that cross meet in the unique pair of the conversation: the second finds the first, and accepts it.

use super::ChatRequest;
use crate::{
    db::{Conn, Id},
    jsonapi::error::{Code, ErrorObject},
    resource::{Created, Error, Failed, Input, Result, Tx},
    resources::{
        batch::{Ids, each, of_all},
        consent::{self, ACTIVE, DECLINED, PENDING},
        conversation::{Conversations, already_exists},
    },
    schema::{chat_requests, chats},
};
use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};

const USER_ID: &str = "/data/attributes/user_id";

pub(super) fn create(tx: &mut Tx<'_>, inputs: Vec<Input<ChatRequest>>) -> Result<Vec<Created>, Failed> {
    let peers = inputs.iter().filter_map(|input| input.attributes.user_id).collect();
    let mut conversations = Conversations::with(tx, &peers).map_err(of_all)?;
    let mut ids = Ids::of(tx, &inputs).map_err(of_all)?;
    let created = each(inputs, |input| decide(tx.viewer.id, &mut conversations, &mut ids, &input))?;
    conversations.carry_out(tx).map_err(of_all)?;
    Ok(created)
}

fn decide(viewer: Id, conversations: &mut Conversations, ids: &mut Ids, input: &Input<ChatRequest>) -> Result<Created> {
    let blame = |code, detail: &str| ErrorObject::attribute(code, "user_id", detail);
    let peer = input.attributes.user_id;
    let peer = peer.ok_or_else(|| blame(Code::FieldInvalid, "Must not be null."))?;
    if peer == viewer {
        return Err(blame(Code::SelfConversation, "A request goes to somebody else: this is your own id.").into());
    }
    if conversations.get(peer).is_some() {
        return ask_again(viewer, conversations, peer, input.client_id());
    }
    // The peer's policy doesn't matter: who could just write may ask instead.
    conversations.require_peer(peer, USER_ID)?;
    ids.take(input.client_id())?;
    conversations.begin(peer, (Id::new(), Id::new()), PENDING, Some(input.id));
    Ok(Created::natural(input.id, true))
}

fn ask_again(viewer: Id, conversations: &mut Conversations, peer: Id, client_id: Option<Id>) -> Result<Created> {
    let active = || closed("You have an active conversation with this user.");
    let found = conversations.get(peer).filter(|found| found.status != ACTIVE).ok_or_else(active)?;
    let (chat, request) = (found.chat, found.request.as_ref().ok_or_else(active)?);
    let (id, is_own) = (request.id, request.sender == Some(viewer));
    if is_own && found.status == DECLINED {
        return Err(closed("This user has declined your request."));
    }
    if client_id.is_some() {
        return Err(already_exists("There is a request between you and this user already.", id, USER_ID));
    }
    if is_own {
        conversations.show(chat);
    } else {
        conversations.accept(peer);
    }
    Ok(Created::natural(id, false))
}

fn closed(detail: &str) -> Error {
    ErrorObject::attribute(Code::RequestClosed, "user_id", detail).into()
}

/// Keeps the row of the request's chat until the transaction ends.
pub(super) fn lock(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    if let Conn::Pg(pg) = tx.conn {
        chat_of(id).for_no_key_update().load::<Id>(pg)?;
    }
    Ok(())
}

/// Keeps the same row, which is about to go.
pub(super) fn lock_for_withdrawal(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    if let Conn::Pg(pg) = tx.conn {
        chat_of(id).for_update().load::<Id>(pg)?;
    }
    Ok(())
}

#[diesel::dsl::auto_type]
fn chat_of(id: Id) -> _ {
    let chat = chat_requests::table.find(id).select(chat_requests::chat_id);
    chats::table.filter(chats::id.eq_any(chat)).select(chats::id)
}

pub(super) fn allow_answer(tx: &mut Tx<'_>, row: &ChatRequest) -> Result<()> {
    let is_recipient = row.recipient_id == Some(tx.viewer.id);
    if is_recipient { Ok(()) } else { Err(Error::forbidden("Only the recipient can answer a request.")) }
}

pub(super) fn answer(tx: &mut Tx<'_>, row: &ChatRequest, input: Input<ChatRequest>) -> Result<()> {
    let Some(wanted) = input.attributes.status.filter(|status| *status != row.status) else { return Ok(()) };
    let answer = match (row.status.as_str(), wanted.as_str()) {
        (PENDING | DECLINED, ACTIVE) => ACTIVE,
        (PENDING, DECLINED) => DECLINED,
        (present, _) => {
            let detail = format!("A request that is `{present}` can't become `{wanted}`.");
            return Err(ErrorObject::attribute(Code::RequestClosed, "status", detail).into());
        }
    };
    if row.sender_id.is_none() {
        return Err(Error::api(Code::PeerGone, "The account of whoever asked is gone."));
    }
    consent::answer(tx, &[row.chat_id], answer)
}

/// Takes back a request, with the chat in which nobody could write yet.
pub(super) fn withdraw(tx: &mut Tx<'_>, row: &ChatRequest) -> Result<()> {
    if row.sender_id != Some(tx.viewer.id) {
        return Err(Error::forbidden("Only the sender can withdraw a request."));
    }
    if row.status != PENDING {
        return Err(Error::api(Code::RequestClosed, "This request has been answered: it can't be withdrawn."));
    }
    diesel::delete(chats::table.find(row.chat_id)).execute(tx.conn)?;
    Ok(())
}
