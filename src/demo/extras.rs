//! What hangs on the messages of the demo, and what became of some of them: files, reactions, an edit, a tombstone.
//!
//! The bytes of files are given back, since they are stored elsewhere than rows are.

use diesel::prelude::*;
use image::{ImageFormat, Rgb, RgbImage};
use sha2::{Digest as _, Sha256};
use std::io::Cursor;

use super::talk::TAKEN_BACK;
use super::{DemoError, MINUTE, id_at};
use crate::db::{Conn, Id, Time};
use crate::images::{self, Seen};
use crate::jsonapi::text::fold;
use crate::resources::attachment::upkeep;
use crate::schema::{attachments, contents, messages, reactions};
use crate::seed::{MessageRow, World};
use crate::storage::Key;

/// Who puts what on which message, by the places of people among the users.
const REACTIONS: &[(&str, usize, &str)] = &[
    ("Thursday at eight", 1, "👍"),
    ("Thursday at eight", 2, "🎉"),
    ("Thursday at eight", 3, "🎉"),
    ("Keep that one for me!", 1, "❤️"),
    ("There is no such thing", 2, "😄"),
    ("There is no such thing", 4, "😄"),
    ("Then you have to go", 6, "❤️"),
];

/// Puts everything on what was said in the world, which is stored.
pub(super) fn add(conn: &mut Conn, world: &World) -> Result<Vec<(Key, Vec<u8>)>, DemoError> {
    for (message, place, emoji) in REACTIONS {
        let (Some(message), Some(user)) = (said(world, message), world.users.get(*place)) else { continue };
        react(conn, message, user.id, emoji)?;
    }
    let mut files = Vec::new();
    if let Some(message) = said(world, "No flash, promised.") {
        files.extend(file(conn, message, &FILES[0], window()?)?);
    }
    if let Some(message) = said(world, "May I read somebody else's") {
        files.extend(file(conn, message, &FILES[1], POEM.as_bytes().to_vec())?);
    }
    if let Some(message) = said(world, "The photos of the last reading") {
        elsewhere(conn, message)?;
    }
    if let Some(message) = said(world, "It was a wonderful day.") {
        let announced = diesel::update(messages::table.find(message.id));
        announced.set(messages::expected_attachment_count.eq(2)).execute(conn)?;
    }
    if let Some(message) = said(world, "Looking for: Pessoa") {
        edit(conn, message, "Looking for: Pessoa's letters, any edition but the abridged one.")?;
    }
    if let Some(message) = said(world, TAKEN_BACK) {
        take_back(conn, message)?;
    }
    Ok(files)
}

fn said<'a>(world: &'a World, beginning: &str) -> Option<&'a MessageRow> {
    let begins = |row: &&MessageRow| row.content.as_deref().is_some_and(|content| content.starts_with(beginning));
    world.messages.iter().find(begins)
}

/// A little later than the message.
fn after(message: &MessageRow, minutes: i64) -> Time {
    Time(message.created_at.0 + minutes * MINUTE / 8)
}

fn react(conn: &mut Conn, message: &MessageRow, author: Id, emoji: &str) -> QueryResult<usize> {
    let at = after(message, 1);
    diesel::insert_into(reactions::table)
        .values((
            (reactions::id.eq(id_at(at)), reactions::message_id.eq(message.id), reactions::chat_id.eq(message.chat_id)),
            (reactions::author_id.eq(author), reactions::emoji.eq(emoji), reactions::created_at.eq(at)),
        ))
        .execute(conn)
}

/// A file that is uploaded: its name, its extension, its media type and its kind.
type File = (&'static str, &'static str, &'static str, &'static str);

const FILES: [File; 2] =
    [("window.png", "png", "image/png", "image"), ("Fenster.txt", "txt", "text/plain", "document")];

const POEM: &str = "Das Fenster steht offen.\nDer Abend kommt herein\nund setzt sich, ohne zu fragen.\n";

/// An attachment with its bytes, and the thumbnail if it is a picture.
fn file(conn: &mut Conn, message: &MessageRow, file: &File, bytes: Vec<u8>) -> QueryResult<Vec<(Key, Vec<u8>)>> {
    let (name, extension, media_type, kind) = *file;
    let seen = if kind == "image" { images::look(bytes.clone().into()) } else { Seen::default() };
    let pixels = |side: u32| i32::try_from(side).ok();
    let at = after(message, 2);
    let (id, content) = (id_at(at), id_at(at));
    diesel::insert_into(attachments::table)
        .values((
            (attachments::id.eq(id), attachments::message_id.eq(message.id), attachments::chat_id.eq(message.chat_id)),
            (attachments::name.eq(name), attachments::name_folded.eq(fold(name)), attachments::kind.eq(kind)),
            (attachments::extension.eq(extension), attachments::mime_type.eq(media_type)),
            (attachments::size.eq(i64::try_from(bytes.len()).unwrap_or(i64::MAX)), attachments::sha256.eq(hex(&bytes))),
            attachments::upload_status.eq("success"),
            attachments::width.eq(seen.pixels.and_then(|(width, _)| pixels(width))),
            attachments::height.eq(seen.pixels.and_then(|(_, height)| pixels(height))),
            attachments::thumbnail_type.eq(seen.thumbnail.as_ref().map(|thumbnail| thumbnail.media_type)),
            (attachments::created_at.eq(at), attachments::updated_at.eq(at)),
        ))
        .execute(conn)?;
    diesel::insert_into(contents::table)
        .values((contents::id.eq(content), contents::attachment_id.eq(id), contents::expires_at.eq(at)))
        .execute(conn)?;
    let thumbnail = seen.thumbnail.map(|thumbnail| (upkeep::thumbnail(content), thumbnail.bytes));
    Ok([(upkeep::file(content), bytes)].into_iter().chain(thumbnail).collect())
}

/// A page that is not ours, as an attachment and as the preview of the message.
fn elsewhere(conn: &mut Conn, message: &MessageRow) -> QueryResult<usize> {
    const PAGE: &str = "https://example.com/readings/12";
    let at = after(message, 1);
    diesel::insert_into(attachments::table)
        .values((
            (attachments::id.eq(id_at(at)), attachments::message_id.eq(message.id)),
            (attachments::chat_id.eq(message.chat_id), attachments::kind.eq("video")),
            (attachments::name.eq("The twelfth reading"), attachments::name_folded.eq(fold("The twelfth reading"))),
            (attachments::mime_type.eq("video/mp4"), attachments::source_url.eq(format!("{PAGE}.mp4"))),
            (attachments::upload_status.eq("success"), attachments::created_at.eq(at), attachments::updated_at.eq(at)),
        ))
        .execute(conn)?;
    diesel::update(messages::table.find(message.id)).set(messages::link_preview_url.eq(PAGE)).execute(conn)
}

fn edit(conn: &mut Conn, message: &MessageRow, content: &str) -> QueryResult<usize> {
    let at = after(message, 4);
    diesel::update(messages::table.find(message.id))
        .set((
            (messages::content.eq(content), messages::content_folded.eq(fold(content))),
            (messages::edited_at.eq(at), messages::updated_at.eq(at)),
        ))
        .execute(conn)
}

fn take_back(conn: &mut Conn, message: &MessageRow) -> QueryResult<usize> {
    diesel::update(messages::table.find(message.id))
        .set((
            (messages::deleted.eq(true), messages::updated_at.eq(after(message, 1))),
            (messages::content.eq(None::<String>), messages::content_folded.eq(None::<String>)),
        ))
        .execute(conn)
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The evening, seen through a window.
fn window() -> image::ImageResult<Vec<u8>> {
    const WIDTH: u32 = 640;
    const HEIGHT: u32 = 480;
    let shade = |from: u32, to: u32, y: u32| u8::try_from((from * (HEIGHT - y) + to * y) / HEIGHT).unwrap_or(u8::MAX);
    let picture = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let is_frame = x % 300 < 40 || y % 220 < 40;
        if is_frame { Rgb([70, 45, 30]) } else { Rgb([shade(40, 250, y), shade(60, 160, y), shade(140, 90, y)]) }
    });
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    Ok(bytes)
}
