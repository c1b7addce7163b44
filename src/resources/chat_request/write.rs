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
    resource::{Created, Error, Input, Result, Tx},
    resources::{
        consent::{self, ACTIVE, DECLINED, PENDING},
        conversation::{self, Found, Pair, already_exists, begin, find_or_begin, refuse_taken},
    },
    schema::{chat_requests, chats},
};
use diesel::{ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _};

const USER_ID: &str = "/data/attributes/user_id";

pub(super) fn create(tx: &mut Tx<'_>, input: Input<ChatRequest>) -> Result<Created> {
    let blame = |code, detail: &str| ErrorObject::attribute(code, "user_id", detail);
    let peer = input.attributes.user_id;
    let peer = peer.ok_or_else(|| blame(Code::FieldInvalid, "Must not be null."))?;
    if peer == tx.viewer.id {
        return Err(blame(Code::SelfConversation, "A request goes to somebody else: this is your own id.").into());
    }
    let client_id = input.id_is_client_made.then_some(input.id);
    let ask = |tx: &mut Tx<'_>, pair: &Pair| ask(tx, peer, pair, (input.id, client_id));
    find_or_begin(tx, peer, |tx, found| ask_again(tx, found, client_id), ask)
}

/// The peer's policy doesn't matter: who could just write may ask instead.
fn ask(tx: &mut Tx<'_>, peer: Id, pair: &Pair, (id, client_id): (Id, Option<Id>)) -> Result<Option<Created>> {
    consent::policy(tx, peer, USER_ID)?;
    refuse_taken(tx, "chat_request", client_id)?;
    let Some(direct) = begin(tx, pair, (Id::new(), Id::new()), PENDING)? else { return Ok(None) };
    consent::ask(tx, id, direct.chat, peer)?;
    Ok(Some(Created::natural(id, true)))
}

fn ask_again(tx: &mut Tx<'_>, found: &Found, client_id: Option<Id>) -> Result<Option<Created>> {
    if found.status == ACTIVE {
        return Err(closed("You have an active conversation with this user."));
    }
    let Some(request) = consent::lock(tx, found.chat)? else { return Ok(None) };
    let is_own = request.sender == Some(tx.viewer.id);
    match request.status.as_str() {
        ACTIVE => return Err(closed("You have an active conversation with this user.")),
        DECLINED if is_own => return Err(closed("This user has declined your request.")),
        _ => {}
    }
    if client_id.is_some() {
        return Err(already_exists("There is a request between you and this user already.", request.id, USER_ID));
    }
    if is_own {
        conversation::show_again(tx, found.chat)?;
    } else {
        consent::answer(tx, found.chat, ACTIVE)?;
    }
    Ok(Some(Created::natural(request.id, false)))
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
    consent::answer(tx, row.chat_id, answer)
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
