//! Making, renaming and removing attachments.

use super::{Attachment, SUCCESS, UPLOADING, media};
use crate::{
    db::{Conn, Id, violates},
    jsonapi::{
        error::{Code, ErrorObject},
        text::fold,
    },
    resource::{Created, Error, Input, Result, Tx},
    resources::{
        Settings,
        conversation::{id_taken, refuse_taken},
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

pub(super) fn create(tx: &mut Tx<'_>, input: Input<Attachment>) -> Result<Created> {
    let message = input.linked("message")?;
    let held = posted::hold(tx, message, By::Author)?;
    let sent = input.attributes;
    let lost = || Error::Internal("a required attribute was lost".to_owned());
    let name = sent.name.ok_or_else(lost)?;
    let media_type = sent.mime_type.as_deref().and_then(media::parse).ok_or_else(lost)?;
    let (size, source_url) = (sent.size.flatten(), sent.source_url.flatten());
    if source_url.is_none() {
        refuse_too_large(tx, size)?;
    }
    refuse_too_many(tx, message)?;
    held.require_open()?;
    refuse_taken(tx, "attachment", input.id_is_client_made.then_some(input.id))?;
    let now = tx.viewer.now();
    diesel::insert_into(attachments::table)
        .values((
            (attachments::id.eq(input.id), attachments::message_id.eq(message), attachments::chat_id.eq(held.chat)),
            (attachments::name_folded.eq(fold(&name)), attachments::extension.eq(media::extension(&name))),
            (attachments::mime_type.eq(media_type.as_ref()), attachments::kind.eq(media::kind(&media_type))),
            attachments::upload_status.eq(if source_url.is_some() { SUCCESS } else { UPLOADING }),
            (attachments::name.eq(name), attachments::size.eq(size), attachments::source_url.eq(source_url)),
            (attachments::created_at.eq(now), attachments::updated_at.eq(now)),
        ))
        .execute(tx.conn)
        .map_err(|error| {
            let taken = violates(&error, "attachments_pkey", "attachments.id");
            if taken { id_taken().into() } else { Error::from(error) }
        })?;
    Ok(Created::fresh(input.id))
}

/// A message has no more, announced or not; the chat's row is held, so that nobody adds another one meanwhile.
const MOST: i64 = 50;

fn refuse_too_many(tx: &mut Tx<'_>, message: Id) -> Result<()> {
    let present: i64 = attachments::table.filter(attachments::message_id.eq(message)).count().get_result(tx.conn)?;
    if present < MOST {
        return Ok(());
    }
    let detail = format!("A message has at most {MOST} attachments.");
    Err(ErrorObject::relationship(Code::FieldInvalid, "message", detail).into())
}

/// 422 before anybody sends bytes that would be refused.
fn refuse_too_large(tx: &Tx<'_>, size: Option<i64>) -> Result<()> {
    let most = tx.settings::<Settings>()?.max_upload_bytes;
    if size.is_none_or(|size| u64::try_from(size).is_ok_and(|size| size <= most)) {
        return Ok(());
    }
    let detail = format!("An upload has at most {most} bytes.");
    Err(ErrorObject::attribute(Code::FieldInvalid, "size", detail).into())
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
