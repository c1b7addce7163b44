//! Attaching files to one's own messages.

use super::{Attachment, SUCCESS, UPLOADING, media};
use crate::{
    db::{Id, Time},
    jsonapi::{
        error::{Code, ErrorObject},
        text::fold,
    },
    resource::{Created, Error, Failed, Input, Result, Tx, among},
    resources::{
        Settings,
        batch::{Ids, each, insert, of_all},
        posted::{self, By, Holds},
    },
    schema::attachments,
};
use diesel::{QueryDsl as _, RunQueryDsl as _, dsl::count_star, prelude::Insertable};
use std::collections::{BTreeSet, HashMap};

/// A message has no more, announced or not; the chat's row is held, so that nobody adds another one meanwhile.
const MOST: i64 = 50;

#[derive(Insertable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false)]
struct NewAttachment {
    id: Id,
    message_id: Id,
    chat_id: Id,
    name_folded: String,
    extension: Option<String>,
    mime_type: String,
    kind: &'static str,
    upload_status: &'static str,
    name: String,
    size: Option<i64>,
    source_url: Option<String>,
    created_at: Time,
    updated_at: Time,
}

/// What is there.
struct Scene {
    held: Holds,
    /// How many each message has.
    counts: HashMap<Id, i64>,
    ids: Ids,
}

pub(super) fn create(tx: &mut Tx<'_>, inputs: Vec<Input<Attachment>>) -> Result<Vec<Created>, Failed> {
    let mut scene = gather(tx, &inputs).map_err(of_all)?;
    let rows = each(inputs, |input| decide(tx, &mut scene, input))?;
    let created = rows.iter().map(|row| Created::fresh(row.id)).collect();
    insert!(tx, attachments, rows).map_err(of_all)?;
    Ok(created)
}

fn gather(tx: &mut Tx<'_>, inputs: &[Input<Attachment>]) -> Result<Scene> {
    let messages: BTreeSet<Id> = inputs.iter().map(|input| input.linked("message")).collect::<Result<_>>()?;
    let held = posted::hold_all(tx, &messages)?;
    let counts: Vec<(Id, i64)> = attachments::table
        .filter(among(&attachments::message_id, messages))
        .group_by(attachments::message_id)
        .select((attachments::message_id, count_star()))
        .load(tx.conn)?;
    Ok(Scene { held, counts: counts.into_iter().collect(), ids: Ids::of(tx, inputs)? })
}

fn decide(tx: &Tx<'_>, scene: &mut Scene, input: Input<Attachment>) -> Result<NewAttachment> {
    let (message, client_id) = (input.linked("message")?, input.client_id());
    let held = scene.held.held(message, By::Author)?;
    let sent = input.attributes;
    let lost = || Error::Internal("a required attribute was lost".to_owned());
    let name = sent.name.ok_or_else(lost)?;
    let media_type = sent.mime_type.as_deref().and_then(media::parse).ok_or_else(lost)?;
    let (size, source_url) = (sent.size.flatten(), sent.source_url.flatten());
    if source_url.is_none() {
        refuse_too_large(tx, size)?;
    }
    let count = scene.counts.entry(message).or_default();
    refuse_too_many(*count)?;
    held.require_open()?;
    scene.ids.take(client_id)?;
    *count += 1;
    Ok(NewAttachment {
        id: input.id,
        message_id: message,
        chat_id: held.chat,
        name_folded: fold(&name),
        extension: media::extension(&name),
        mime_type: media_type.as_ref().to_owned(),
        kind: media::kind(&media_type),
        upload_status: if source_url.is_some() { SUCCESS } else { UPLOADING },
        name,
        size,
        source_url,
        created_at: tx.viewer.now(),
        updated_at: tx.viewer.now(),
    })
}

fn refuse_too_many(present: i64) -> Result<()> {
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
