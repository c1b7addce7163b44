//! What the server does about attachments by itself: thumbnails to make, leftovers to remove.
//!
//! ```text
//! rows without bytes   attachments that nobody sent bytes for are removed after a while; those whose bytes are gone
//!                      from the storage are in error, so that they can be sent again
//! bytes without rows   every row of `contents` without an attachment, once it has expired
//! ```

use super::{ERROR, SUCCESS, content};
use crate::{
    db::{Conn, Id, Time},
    resource::Result,
    schema::{attachments, contents},
    storage::Key,
};
use diesel::{ExpressionMethods as _, NullableExpressionMethods as _, QueryDsl as _, RunQueryDsl as _, dsl::exists};

/// An attachment whose bytes were never sent is kept so long, in milliseconds.
pub const PATIENCE: i64 = 7 * 24 * 60 * 60 * 1000;

/// A picture that takes the process down with it, or that the storage doesn't give, is tried so often.
const TRIES: i32 = 3;

/// Where bytes are stored: files first, then what is made of them.
pub const AREAS: &[&str] = &[content::FILES, content::THUMBNAILS];

/// A picture whose thumbnail is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Picture {
    /// The attachment.
    pub attachment: Id,
    /// Its bytes.
    pub content: Id,
}

impl Picture {
    /// Where the picture is stored.
    pub fn file(&self) -> Key {
        file(self.content)
    }

    /// Where its thumbnail goes.
    pub fn thumbnail(&self) -> Key {
        thumbnail(self.content)
    }
}

/// Where the bytes of this name are stored.
pub fn file(content: Id) -> Key {
    Key { area: content::FILES, id: content }
}

/// Where the thumbnail of the bytes of this name is stored.
pub fn thumbnail(content: Id) -> Key {
    Key { area: content::THUMBNAILS, id: content }
}

/// The next picture that waits for its thumbnail; a try is counted before it is made.
///
/// # Errors
/// Whatever the database says.
pub fn next_picture(conn: &mut Conn) -> Result<Option<Picture>> {
    diesel::update(attachments::table.filter(attachments::processing).filter(attachments::processing_tries.ge(TRIES)))
        .set(attachments::processing.eq(false))
        .execute(conn)?;
    let next: Vec<(Id, Id)> = contents::table
        .inner_join(attachments::table)
        .filter(attachments::processing)
        .order((attachments::processing_tries, attachments::id))
        .select((attachments::id, contents::id))
        .limit(1)
        .load(conn)?;
    let Some(&(attachment, content)) = next.first() else { return Ok(None) };
    diesel::update(attachments::table.find(attachment))
        .set(attachments::processing_tries.eq(attachments::processing_tries + 1))
        .execute(conn)?;
    Ok(Some(Picture { attachment, content }))
}

/// What is known of a picture now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Width and height in pixels, as it is shown.
    pub pixels: Option<(u32, u32)>,
    /// The media type of its thumbnail, if that is stored.
    pub thumbnail_type: Option<&'static str>,
}

/// Says what became of a picture, unless the attachment has other bytes by now.
///
/// # Errors
/// Whatever the database says.
pub fn processed(conn: &mut Conn, picture: Picture, seen: Seen) -> Result<()> {
    let pixels = |number: u32| i32::try_from(number).ok();
    let present = contents::table.find(picture.content).filter(contents::attachment_id.eq(picture.attachment));
    diesel::update(attachments::table.find(picture.attachment).filter(exists(present)))
        .set((
            attachments::processing.eq(false),
            attachments::thumbnail_type.eq(seen.thumbnail_type),
            attachments::width.eq(seen.pixels.and_then(|(width, _)| pixels(width))),
            attachments::height.eq(seen.pixels.and_then(|(_, height)| pixels(height))),
        ))
        .execute(conn)?;
    Ok(())
}

/// Removes some of the attachments whose bytes nobody sent since `before`; how many.
///
/// # Errors
/// Whatever the database says.
pub fn give_up(conn: &mut Conn, before: Time, most: i64) -> Result<usize> {
    let waiting =
        attachments::table.filter(attachments::upload_status.ne(SUCCESS)).filter(attachments::updated_at.lt(before));
    let some: Vec<Id> = waiting.order(attachments::updated_at).select(attachments::id).limit(most).load(conn)?;
    Ok(diesel::delete(waiting.filter(attachments::id.eq_any(some))).execute(conn)?)
}

/// Names of bytes that are nobody's.
///
/// # Errors
/// Whatever the database says.
pub fn orphans(conn: &mut Conn, now: Time, most: i64) -> Result<Vec<Id>> {
    let orphans = contents::table.filter(contents::attachment_id.is_null()).filter(contents::expires_at.le(now));
    Ok(orphans.order(contents::expires_at).select(contents::id).limit(most).load(conn)?)
}

/// Forgets bytes that have been removed.
///
/// # Errors
/// Whatever the database says.
pub fn forget(conn: &mut Conn, orphans: &[Id]) -> Result<()> {
    let gone = contents::table.filter(contents::id.eq_any(orphans)).filter(contents::attachment_id.is_null());
    diesel::delete(gone).execute(conn)?;
    Ok(())
}

/// Leaves bytes alone that could not be removed, so that they don't stand before all others.
///
/// # Errors
/// Whatever the database says.
pub fn postpone(conn: &mut Conn, orphan: Id, until: Time) -> Result<()> {
    let orphan = contents::table.find(orphan).filter(contents::attachment_id.is_null());
    diesel::update(orphan).set(contents::expires_at.eq(until)).execute(conn)?;
    Ok(())
}

/// Names of bytes that should be in the storage, in order, from behind `after` on.
///
/// # Errors
/// Whatever the database says.
pub fn kept(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<Id>> {
    let nil = Id(uuid::Uuid::nil());
    let kept = contents::table.filter(contents::attachment_id.is_not_null());
    let kept = kept.filter(contents::id.gt(after.unwrap_or(nil)));
    Ok(kept.order(contents::id).select(contents::id).limit(most).load(conn)?)
}

/// Which of these names the database knows, whether anybody's or not.
///
/// # Errors
/// Whatever the database says.
pub fn known(conn: &mut Conn, names: Vec<Id>) -> Result<Vec<Id>> {
    Ok(contents::table.filter(contents::id.eq_any(names)).select(contents::id).load(conn)?)
}

/// Puts attachments whose bytes are gone into error, so that their authors can send them again.
///
/// # Errors
/// Whatever the database says.
pub fn lose(conn: &mut Conn, lost: &[Id], now: Time) -> Result<()> {
    let of_lost = contents::table.filter(contents::id.eq_any(lost)).select(contents::attachment_id);
    diesel::update(attachments::table.filter(attachments::id.nullable().eq_any(of_lost)))
        .set((
            attachments::upload_status.eq(ERROR),
            (attachments::processing.eq(false), attachments::thumbnail_type.eq(None::<String>)),
            attachments::updated_at.eq(now),
        ))
        .execute(conn)?;
    diesel::update(contents::table.filter(contents::id.eq_any(lost)))
        .set(contents::attachment_id.eq(None::<Id>))
        .execute(conn)?;
    Ok(())
}
