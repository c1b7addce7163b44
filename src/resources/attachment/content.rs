//! The bytes of an attachment: who reads and sends them, and whether they are what was announced.
//!
//! A row of `contents` is made before the bytes are stored, and names its attachment only once they are kept; so
//! bytes of an upload that broke off are nobody's, and are found by that.

use super::{Attachment, ERROR, SUCCESS, media, write};
use crate::{
    db::{Conn, Id, Time},
    jsonapi::error::{Code, ErrorObject, Errors},
    resource::{
        Error, Load as _, Place, Result, Tx, Viewer,
        content::{Arrived, Content, Receive, Stored, Verdict},
        registry::Entry,
    },
    resources::posted::{self, By},
    schema::{attachments, contents},
    storage::Key,
};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};

/// Where files are stored.
pub(super) const FILES: &str = "content";
/// Where thumbnails are stored, each by the name of its file.
pub(super) const THUMBNAILS: &str = "thumbnail";

/// `/attachments/{id}/content`
pub(super) const CONTENT: Content = Content { name: "content", find: find_file, receive: Some(Receive { begin, end }) };
/// `/attachments/{id}/thumbnail`
pub(super) const THUMBNAIL: Content = Content { name: "thumbnail", find: find_thumbnail, receive: None };

/// Bytes may take this long to arrive; what is nobody's then has been left behind.
const LEASE: i64 = 24 * 60 * 60 * 1000;

fn find_file(conn: &mut Conn, viewer: &Viewer, entry: &Entry, id: Id) -> Result<Stored> {
    let row = visible(conn, viewer, entry, id)?;
    let stored = content_of(conn, id)?.zip(row.sha256);
    let (content, tag) = stored.ok_or_else(|| Error::api(Code::NotFound, "There are no bytes of this attachment."))?;
    Ok(Stored {
        key: Key { area: FILES, id: content },
        media_type: row.mime_type,
        file_name: row.name,
        size: row.size.and_then(|size| u64::try_from(size).ok()),
        tag,
        modified: row.updated_at,
    })
}

fn find_thumbnail(conn: &mut Conn, viewer: &Viewer, entry: &Entry, id: Id) -> Result<Stored> {
    let row = visible(conn, viewer, entry, id)?;
    let stored = content_of(conn, id)?.zip(row.thumbnail_type);
    let none = || Error::api(Code::NotFound, "There is no thumbnail of this attachment.");
    let (content, media_type) = stored.ok_or_else(none)?;
    Ok(Stored {
        key: Key { area: THUMBNAILS, id: content },
        file_name: format!("{}.thumbnail.{}", row.name, media_type.trim_start_matches("image/")),
        media_type,
        size: None,
        tag: format!("{content}.thumbnail"),
        modified: row.updated_at,
    })
}

fn visible(conn: &mut Conn, viewer: &Viewer, entry: &Entry, id: Id) -> Result<Attachment> {
    let rows = Attachment::load(conn, &entry.select_ids(viewer, Place::One, [id]))?;
    rows.into_iter().next().ok_or_else(|| Error::not_found("attachment"))
}

fn content_of(conn: &mut Conn, attachment: Id) -> Result<Option<Id>> {
    let content = contents::table.filter(contents::attachment_id.eq(attachment)).select(contents::id);
    Ok(content.first(conn).optional()?)
}

fn begin(tx: &mut Tx<'_>, entry: &Entry, id: Id, announced: Option<u64>) -> Verdict<Id> {
    let row = awaited(tx, entry, id)?;
    if let Some(problem) = announced.and_then(|length| wrong_length(&row, length)) {
        fail(tx, id)?;
        return Ok(Err(problem.into()));
    }
    let content = Id::new();
    let expires_at = Time(tx.viewer.now().0 + LEASE);
    diesel::insert_into(contents::table)
        .values((contents::id.eq(content), contents::expires_at.eq(expires_at)))
        .execute(tx.conn)?;
    Ok(Ok(content))
}

fn end(tx: &mut Tx<'_>, entry: &Entry, id: Id, arrived: &Arrived) -> Verdict<()> {
    let row = awaited(tx, entry, id)?;
    let media_type = media::parse(&row.mime_type);
    let media_type = media_type.ok_or_else(|| Error::Internal("a stored media type is none".to_owned()))?;
    let problems = [wrong_length(&row, arrived.size), wrong_type(&media_type, &arrived.head)];
    if let Err(problems) = Errors::collect(problems.into_iter().flatten().collect()) {
        fail(tx, id)?;
        return Ok(Err(problems));
    }
    let size = i64::try_from(arrived.size).unwrap_or(i64::MAX);
    diesel::update(attachments::table.find(id))
        .set((
            (attachments::upload_status.eq(SUCCESS), attachments::size.eq(size)),
            attachments::sha256.eq(&arrived.sha256),
            (attachments::processing.eq(media::is_picture(&media_type)), attachments::processing_tries.eq(0)),
            attachments::updated_at.eq(tx.viewer.now()),
        ))
        .execute(tx.conn)?;
    let named = diesel::update(contents::table.find(arrived.id))
        .set((contents::attachment_id.eq(id), contents::expires_at.eq(tx.viewer.now())))
        .execute(tx.conn)?;
    // Whatever took longer than the lease may have been swept.
    if named == 1 { Ok(Ok(())) } else { Err(Error::Internal("the bytes came too late".to_owned())) }
}

/// The attachment, if the viewer may send its bytes now.
fn awaited(tx: &mut Tx<'_>, entry: &Entry, id: Id) -> Result<Attachment> {
    write::lock(tx, id)?;
    let row = visible(tx.conn, &tx.viewer, entry, id)?;
    posted::hold(tx, row.message_id, By::Author)?.require_open()?;
    if row.upload_status == SUCCESS {
        return Err(Error::api(Code::ContentExists, "The content of this attachment is there already."));
    }
    Ok(row)
}

fn fail(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::update(attachments::table.find(id))
        .set((attachments::upload_status.eq(ERROR), attachments::updated_at.eq(tx.viewer.now())))
        .execute(tx.conn)?;
    Ok(())
}

/// The request has no document to point into: what is wrong is told in `meta`.
fn wrong_length(row: &Attachment, length: u64) -> Option<ErrorObject> {
    let declared = row.size.and_then(|size| u64::try_from(size).ok())?;
    let detail = format!("The content has {length} bytes; `size` says {declared}.");
    (declared != length).then(|| ErrorObject::field(Code::FieldInvalid, "size", detail))
}

fn wrong_type(declared: &mime::Mime, head: &[u8]) -> Option<ErrorObject> {
    let found = media::contradiction(declared, head)?;
    let detail = format!("The content is `{found}`; `mime_type` says `{declared}`.");
    Some(ErrorObject::field(Code::FieldInvalid, "mime_type", detail))
}
