//! Renaming and removing attachments.

use super::{Attachment, media};
use crate::{
    db::{Conn, Id},
    jsonapi::text::fold,
    resource::{Error, Input, Result, Tx},
    resources::{
        group::{self, later},
        posted::{self, By},
    },
    schema::attachments,
};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};

/// Keeps an attachment's row until the transaction ends, after its chat's, as every write to a message does.
pub(super) fn lock(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let chat: Option<Id> = attachments::table.find(id).select(attachments::chat_id).first(tx.conn).optional()?;
    let Some(chat) = chat else { return Ok(()) };
    group::lock_chat(tx, chat)?;
    if let Conn::Pg(pg) = tx.conn {
        attachments::table.find(id).select(attachments::id).for_update().load::<Id>(pg)?;
    }
    Ok(())
}

/// 403 for whoever didn't write the message, or only reads.
pub(super) fn allow_update(tx: &mut Tx<'_>, row: &Attachment) -> Result<()> {
    posted::hold(tx, row.message_id, By::Author).map(drop)
}

/// The name is all there is to change.
pub(super) fn update(tx: &mut Tx<'_>, row: &Attachment, input: Input<Attachment>) -> Result<()> {
    let Some(name) = input.attributes.name.filter(|name| *name != row.name) else { return Ok(()) };
    posted::hold(tx, row.message_id, By::Author)?.require_open()?;
    diesel::update(attachments::table.find(row.id))
        .set((
            (attachments::name_folded.eq(fold(&name)), attachments::extension.eq(media::extension(&name))),
            attachments::name.eq(name),
            attachments::updated_at.eq(later(tx.viewer.now(), row.updated_at)),
            attachments::version.eq(attachments::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The author takes it away, whatever has become of the chat. Its bytes are swept later.
pub(super) fn delete(tx: &mut Tx<'_>, row: &Attachment) -> Result<()> {
    if row.author_id != Some(tx.viewer.id) {
        return Err(Error::forbidden("Only the author of the message can remove its attachments."));
    }
    diesel::delete(attachments::table.find(row.id)).execute(tx.conn)?;
    Ok(())
}
