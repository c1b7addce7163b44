//! Posting, editing and deleting messages.
//!
//! | | who | when |
//! |---|---|---|
//! | post | who is no reader | the chat is active and open, its peer is there |
//! | edit | the author, as long as no reader | as above, and it isn't deleted |
//! | delete | the author, an admin of the group | always |
//!
//! The row of the chat is held on PostgreSQL, as in every write that has to do with the order of messages.

use super::{Attributes, Message, draft};
use crate::{
    db::{Conn, Id},
    jsonapi::{
        document::ResourceObject,
        error::{Code, ErrorObject},
        text::fold,
    },
    resource::{Created, Error, Input, Result, Tx},
    resources::{
        conversation::refuse_taken,
        patch::changed,
        posting::{self, Parent},
    },
    schema::{attachments, chats, messages, reactions},
};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _, prelude::AsChangeset};

/// `content` is required where nothing else says something.
pub(super) fn says_something(sent: &ResourceObject, _attributes: &Attributes) -> Vec<ErrorObject> {
    if !draft::is_empty(&sent.attributes) {
        return Vec::new();
    }
    let detail = "`content` is required where there is no image, no link and no attachment.";
    vec![match sent.attributes.get("content") {
        Some(_) => ErrorObject::attribute(Code::FieldRequired, "content", detail),
        None => sent.missing_attribute("content", detail),
    }]
}

pub(super) fn create(tx: &mut Tx<'_>, input: Input<Message>) -> Result<Created> {
    let chat = input.linked("chat")?;
    let parent = parent(&input);
    let seat = posting::take_seat(tx, chat)?;
    seat.require_writer()?;
    let parent = parent.map(|parent| answered(tx, chat, parent)).transpose()?;
    seat.require_open()?;
    refuse_taken(tx, "message", input.id_is_client_made.then_some(input.id))?;
    posting::append(tx, &seat, input.id, &input.attributes.draft(parent))?;
    Ok(Created::fresh(input.id))
}

/// The message to be answered.
pub(super) fn parent(input: &Input<Message>) -> Option<Id> {
    input.to_one.get("parent").copied().flatten()
}

fn answered(tx: &mut Tx<'_>, chat: Id, parent: Id) -> Result<Parent> {
    let fitting = answerable(chat).filter(messages::id.eq(parent));
    let sequence = fitting.select(messages::sequence).first(tx.conn).optional()?;
    Ok(Parent { id: parent, sequence: sequence.ok_or_else(not_answerable)? })
}

/// The messages that can be answered: those of the same chat, not deleted, and no answer themselves.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn answerable(chat: Id) -> _ {
    messages::table
        .filter(messages::chat_id.eq(chat))
        .filter(messages::parent_id.is_null())
        .filter(diesel::dsl::not(messages::deleted))
}

pub(super) fn not_answerable() -> ErrorObject {
    let detail = "A reply answers a message of the same chat that is neither deleted nor a reply itself.";
    ErrorObject::relationship(Code::ParentInvalid, "parent", detail)
}

/// Keeps the row of the message's chat until the transaction ends.
pub(super) fn lock(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    if let Conn::Pg(pg) = tx.conn {
        let chat = messages::table.find(id).select(messages::chat_id);
        chats::table.filter(chats::id.eq_any(chat)).select(chats::id).for_no_key_update().load::<Id>(pg)?;
    }
    Ok(())
}

pub(super) fn allow_update(tx: &mut Tx<'_>, message: &Message) -> Result<()> {
    if message.author_id != Some(tx.viewer.id) {
        return Err(Error::forbidden("Only the author can edit a message."));
    }
    if message.role == "reader" {
        return Err(Error::forbidden("A reader of the chat can't write in it."));
    }
    Ok(())
}

/// The columns that an edit sets; `None` leaves one as it is.
#[derive(Default, PartialEq, AsChangeset)]
#[diesel(table_name = messages)]
struct Changes {
    content: Option<Option<String>>,
    content_folded: Option<Option<String>>,
    image_url: Option<Option<String>>,
    link_preview_url: Option<Option<String>>,
}

pub(super) fn update(tx: &mut Tx<'_>, message: &Message, input: Input<Message>) -> Result<()> {
    let sent = input.attributes;
    if message.deleted {
        return Err(Error::api(Code::MessageDeleted, "A deleted message can't be edited."));
    }
    refuse_nothing(message, &sent)?;
    let content = changed(sent.content, &message.content);
    let changes = Changes {
        content_folded: content.as_ref().map(|content| content.as_deref().map(fold)),
        content,
        image_url: changed(sent.image_url, &message.image_url),
        link_preview_url: changed(sent.link_preview_url, &message.link_preview_url),
    };
    if changes == Changes::default() {
        return Ok(());
    }
    posting::may_post(tx, message.chat_id)?;
    let at = tx.viewer.now().max(message.updated_at);
    diesel::update(messages::table.find(message.id))
        .set((
            changes,
            messages::edited_at.eq(at),
            messages::updated_at.eq(at),
            messages::version.eq(messages::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// 422 for an edit that leaves nothing said; it blames what the request takes away.
fn refuse_nothing(message: &Message, sent: &Attributes) -> Result<()> {
    let fields = [
        ("content", &sent.content, &message.content),
        ("image_url", &sent.image_url, &message.image_url),
        ("link_preview_url", &sent.link_preview_url, &message.link_preview_url),
    ];
    let stays = |sent: &Option<Option<String>>, present: &Option<String>| match sent {
        Some(sent) => sent.is_some(),
        None => present.is_some(),
    };
    let says_something =
        message.expected_attachment_count > 0 || fields.iter().any(|(_, sent, present)| stays(sent, present));
    let taken = fields.iter().find(|(_, sent, _)| matches!(sent, Some(None)));
    match taken {
        Some((name, ..)) if !says_something => {
            let detail = "A message keeps its text, an image or a link; to take it back, delete it.";
            Err(ErrorObject::attribute(Code::FieldRequired, name, detail).into())
        }
        _ => Ok(()),
    }
}

/// Leaves a tombstone. What was deleted before is as good as gone: 404.
pub(super) fn delete(tx: &mut Tx<'_>, message: &Message) -> Result<()> {
    if message.deleted {
        return Err(Error::not_found("message"));
    }
    if message.author_id != Some(tx.viewer.id) && message.role != "admin" {
        return Err(Error::forbidden("Only the author, or an admin of the group, can delete a message."));
    }
    diesel::update(messages::table.find(message.id))
        .set((
            (messages::deleted.eq(true), messages::expected_attachment_count.eq(0)),
            (messages::content.eq(None::<String>), messages::content_folded.eq(None::<String>)),
            (messages::image_url.eq(None::<String>), messages::link_preview_url.eq(None::<String>)),
            messages::updated_at.eq(tx.viewer.now().max(message.updated_at)),
            messages::version.eq(messages::version + 1),
        ))
        .execute(tx.conn)?;
    diesel::delete(reactions::table.filter(reactions::message_id.eq(message.id))).execute(tx.conn)?;
    diesel::delete(attachments::table.filter(attachments::message_id.eq(message.id))).execute(tx.conn)?;
    if let Some(parent) = message.parent_id {
        diesel::update(messages::table.find(parent))
            .set(messages::reply_count.eq(messages::reply_count - 1))
            .execute(tx.conn)?;
    }
    Ok(())
}
