//! Who may add to a chat.

use crate::{
    db::Id,
    jsonapi::error::{Code, ErrorObject},
    resource::{Error, Result, Tx},
    schema::{chat_memberships, chats},
};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};

/// 403 for readers, 409 where the chat takes nothing new.
pub(super) fn may_post(tx: &mut Tx<'_>, chat: Id) -> Result<()> {
    super::group::lock_chat(tx, chat)?;
    let found: Option<(String, String, String, bool, i32)> = chat_memberships::table
        .inner_join(chats::table)
        .filter(chat_memberships::chat_id.eq(chat))
        .filter(chat_memberships::user_id.eq(tx.viewer.id))
        .select((chat_memberships::role, chats::chat_type, chats::status, chats::open, chats::member_count))
        .first(tx.conn)
        .optional()?;
    let (role, chat_type, status, open, members) = found.ok_or_else(|| Error::not_found("chat"))?;
    if role == "reader" {
        return Err(Error::forbidden("A reader only reads."));
    }
    let problem = match (status.as_str(), open, chat_type.as_str(), members) {
        (status, ..) if status != "active" => ErrorObject::new(Code::ChatNotActive, "The chat is not active."),
        (_, false, ..) => ErrorObject::new(Code::ChatClosed, "The chat is closed."),
        (_, _, "direct", members) if members < 2 => ErrorObject::new(Code::PeerGone, "The other one is gone."),
        _ => return Ok(()),
    };
    Err(problem.into())
}
