//! `message`: something said in a chat, as one of the chat's members sees it.
//!
//! The members see the messages after what they cleared. Within a chat a sequence decides what is newer; instants
//! never contradict it. A deleted message stays as a tombstone, since lists and replies link to it.
//!
//! A list over all chats is merged of them, newest first, and paged by cursor; with `filter[chat]` or `filter[parent]`
//! it is one walk through an index, however deep the page. Reading marks nothing as read.
//! Spec: <https://jsonapi.org/format/1.1/#crud>, <https://jsonapi.org/profiles/ethanresnick/cursor-pagination/>

mod create;
mod draft;
#[cfg(test)]
mod tests;
mod write;

pub(super) use self::draft::{initial, refuse_initial};
use super::{attachment, patch, reaction};
use crate::{
    db::{Id, Time},
    jsonapi::input::Kind,
    loadable,
    resource::{
        Attribute, Column, Computed, Create, Delete, Edge, Fixed, Parts, Place, Resource, Sequence, Sql, ToMany, ToOne,
        Update, Value, Viewer, fixed,
    },
    schema::{chat_memberships, messages},
};
use diesel::{
    prelude::{Queryable, Selectable},
    sql_types::{BigInt, Nullable, Text},
};
use serde::Deserialize;
use validator::Validate;

/// A row of `messages` with the viewer's row of `chat_memberships`.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = messages)]
pub struct Message {
    /// The id.
    pub id: Id,
    /// The chat.
    pub chat_id: Id,
    /// The place in the chat, from 1.
    pub sequence: i64,
    /// Who wrote it; `None` once that account is removed.
    pub author_id: Option<Id>,
    /// The author's name at the removal of the account.
    pub user_deleted_name: Option<String>,
    /// The message that it answers.
    pub parent_id: Option<Id>,
    /// That message's place.
    pub parent_sequence: Option<i64>,
    /// The text.
    pub content: Option<String>,
    /// An image.
    pub image_url: Option<String>,
    /// A page to show a preview of.
    pub link_preview_url: Option<String>,
    /// How many attachments its author announced.
    pub expected_attachment_count: i32,
    /// How many replies it has that are not deleted.
    pub reply_count: i32,
    /// Whether it is a tombstone.
    pub deleted: bool,
    /// When it was last edited.
    pub edited_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// When it was last edited or deleted, else when it was made.
    pub updated_at: Time,
    /// Moves by every edit, and by the deletion.
    pub version: i64,
    /// The viewer's role in the chat.
    #[diesel(select_expression = chat_memberships::role)]
    pub role: String,
    /// How many of the announced attachments are still to come.
    #[diesel(select_expression = fixed(attachment::UPLOADING_COUNT))]
    #[diesel(select_expression_type = Fixed<BigInt>)]
    pub uploading_attachment_count: i64,
    /// The emoji on it; see [`reaction`].
    #[diesel(select_expression = fixed(reaction::USED))]
    #[diesel(select_expression_type = Fixed<Nullable<Text>>)]
    pub reactions: Option<String>,
    /// The last message that the viewer has read.
    #[diesel(select_expression = chat_memberships::read_sequence)]
    pub read_sequence: i64,
    /// The last message before the viewer joined.
    #[diesel(select_expression = chat_memberships::joined_sequence)]
    pub joined_sequence: i64,
    /// The last message that the viewer cleared.
    #[diesel(select_expression = chat_memberships::cleared_sequence)]
    pub cleared_sequence: i64,
}
loadable!(Message);

impl Resource for Message {
    const TYPE: &'static str = "message";
    const PATH: &'static str = "messages";
    const ABOUT: &'static str = "What somebody wrote in a chat.";
    type Attributes = Attributes;

    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        // No order: a cursor would have to hold the whole text.
        Attribute::new("content", Kind::Text, |row: &Self, _| Value::text(row.content.as_ref()))
            .nullable()
            .column(&messages::content)
            .folded(&messages::content_folded)
            .unsortable()
            .create()
            .update()
            .about("The text; null where only an image, a link or files were sent, and once deleted.")
            .example("Hello!")
            .length(1, 10000),
        Attribute::new("image_url", Kind::Uri, |row: &Self, _| Value::text(row.image_url.as_ref()))
            .nullable()
            .column(&messages::image_url)
            .create()
            .update()
            .about("A picture elsewhere.")
            .example("https://example.com/cat.png"),
        Attribute::new("link_preview_url", Kind::Uri, |row: &Self, _| Value::text(row.link_preview_url.as_ref()))
            .nullable()
            .column(&messages::link_preview_url)
            .create()
            .update()
            .about("A link to show a preview of.")
            .example("https://example.com/"),
        Attribute::new("expected_attachment_count", Kind::Integer, |row: &Self, _| {
            Value::Int(row.expected_attachment_count.into())
        })
        .column(&messages::expected_attachment_count)
        .create()
        .about("How many files will follow.")
        .range(0, 50),
        Attribute::new("uploading_attachment_count", Kind::Integer, |row: &Self, _| {
            Value::Int(row.uploading_attachment_count)
        })
        .expr(|_| Sql::new(attachment::UPLOADING_COUNT))
        .moving()
        .about("How many of them are not there yet."),
        Attribute::new("is_reply", Kind::Bool, |row: &Self, _| Value::Bool(row.parent_id.is_some()))
            .expr(|_| Sql::new("(messages.parent_id IS NOT NULL)"))
            .about("Whether it replies to another message."),
        Attribute::new("reply_count", Kind::Integer, |row: &Self, _| Value::Int(row.reply_count.into()))
            .column(&messages::reply_count)
            .moving()
            .about("How many replies it has."),
        Attribute::new("is_new", Kind::Bool, |row: &Self, viewer| Value::Bool(row.is_new(viewer)))
            .expr(is_new)
            .unsortable()
            .moving()
            .about("Whether the viewer has not read it."),
        Attribute::new("deleted", Kind::Bool, |row: &Self, _| Value::Bool(row.deleted))
            .column(&messages::deleted)
            .moving()
            .about("Whether only its place is left."),
        Attribute::new("edited_at", Kind::Instant, |row: &Self, _| Value::time(row.edited_at))
            .nullable()
            .column(&messages::edited_at)
            .moving()
            .about("When the text was last changed."),
        Attribute::new("user_deleted_name", Kind::Text, |row: &Self, _| Value::text(row.user_deleted_name.as_ref()))
            .nullable()
            .column(&messages::user_deleted_name)
            .folded(&messages::user_deleted_name_folded)
            .moving()
            .about("The author's last name to be seen, once that account is removed."),
        Attribute::new("reaction_counts", Kind::Object, |row: &Self, _| reaction::counts(row.reactions.as_deref()))
            .moving()
            .about("How often each emoji was used, and whether by the viewer too.")
            .schema(REACTION_COUNTS),
        Attribute::new("created_at", Kind::Instant, |row: &Self, _| Value::Time(row.created_at))
            .column(&messages::created_at)
            .moving()
            .about("When it was sent."),
        Attribute::new("updated_at", Kind::Instant, |row: &Self, _| Value::Time(row.updated_at))
            .column(&messages::updated_at)
            .moving()
            .about("When it last changed."),
    ];
    const TO_ONE: &'static [ToOne<Self>] = &[
        ToOne::new("chat", "chat", |row: &Self, _| Some(row.chat_id), &messages::chat_id)
            .required()
            .about("The chat that it is in."),
        ToOne::new("author", "user", |row: &Self, _| row.author_id, &messages::author_id)
            .about("Who wrote it; null once removed."),
        ToOne::new("parent", "message", |row: &Self, _| row.parent(), &messages::parent_id)
            .seen_as(&messages::parent_id, |_| parent())
            .create()
            .about("The message that it replies to."),
    ];
    const TO_MANY: &'static [ToMany<Self>] = &[
        ToMany::new("replies", "message", edge("messages.parent_id"))
            .links_only()
            .about("The messages that reply to it."),
        ToMany::new("reactions", "reaction", reaction::OF_MESSAGE).about("Reactions to it."),
        ToMany::new("attachments", "attachment", attachment::OF_MESSAGE).about("Its files."),
    ];

    const DEFAULT_SORT: &'static str = NEWEST_FIRST;
    const SEQUENCE: Option<Sequence<Self>> = Some((&messages::sequence, |row| row.sequence));
    const CURSOR_BY_DEFAULT: bool = true;
    const COMPUTED: &'static [Computed] = &[
        Computed::number(attachment::UPLOADING_COUNT, &["uploading_attachment_count"]),
        Computed::nullable(reaction::USED, &["reaction_counts"]),
    ];
    const PARTS: Option<Parts> = Some(Parts {
        all: |viewer| {
            Sql::new("SELECT chat_memberships.chat_id AS part FROM chat_memberships WHERE chat_memberships.user_id = ")
                .then(viewer.id)
                .then(" AND NOT chat_memberships.deleted")
        },
        table: "messages",
        key: "messages.chat_id",
        floor: seen_since,
        floors: &[("is_new", new_since)],
        bounds: &["created_at"],
        within: &["chat", "parent"],
        narrow: &["content"],
        indexed: &["chat", "parent", "author", "id"],
    });

    const ID: Column = &messages::id;
    const CREATED_AT: Column = &messages::created_at;

    const CLIENT_IDS: bool = true;
    const CREATE: Option<Create<Self>> = Some(Create::many(create::create).checked(create::says_something));
    const UPDATE: Option<Update<Self>> =
        Some(Update { lock: write::lock, allow: write::allow_update, apply: write::update });
    const DELETE: Option<Delete<Self>> = Some(Delete { lock: write::lock, apply: write::delete });

    fn id(&self) -> Id {
        self.id
    }

    fn created_at(&self) -> Time {
        self.created_at
    }

    fn version(&self, _viewer: &Viewer) -> i64 {
        self.version
    }

    fn source(viewer: &Viewer) -> Sql {
        Sql::new("messages JOIN chat_memberships ON chat_memberships.chat_id = messages.chat_id")
            .then(" AND chat_memberships.user_id = ")
            .then(viewer.id)
    }

    /// The plus keeps SQLite from walking the index of the sequences, which is not in the order of lists; see `seen_since`.
    fn visible(_viewer: &Viewer, _place: Place<'_>) -> Vec<Sql> {
        vec![Sql::new("NOT chat_memberships.deleted AND +messages.sequence > chat_memberships.cleared_sequence")]
    }
}

/// The order of every list of messages that asks for none.
const NEWEST_FIRST: &str = "-created_at";

/// How messages belong to a parent.
pub(super) const fn edge(parent: &'static str) -> Edge {
    Edge { join: "", parent, at: "messages.created_at", id: "messages.id", order: Some(NEWEST_FIRST) }
}

impl Message {
    /// What the message answers, unless the viewer cleared that.
    fn parent(&self) -> Option<Id> {
        self.parent_id.filter(|_| self.parent_sequence.is_some_and(|parent| parent > self.cleared_sequence))
    }

    /// Unread by the viewer. There are messages in active chats only, so that its status need not be looked at.
    fn is_new(&self, viewer: &Viewer) -> bool {
        let is_own = self.author_id == Some(viewer.id);
        self.sequence > self.read_sequence.max(self.joined_sequence) && !self.deleted && !is_own
    }
}

/// Nothing that the viewer sees of a chat is older than what they cleared last, and nothing at all is there to see for
/// who is no member.
fn seen_since(viewer: &Viewer, chat: Sql) -> Sql {
    since("member.cleared_sequence", viewer, chat)
}

/// Nothing is new that is older than what the viewer has read, or cleared, or found when joining.
fn new_since(viewer: &Viewer, chat: Sql) -> Sql {
    let known = "(CASE WHEN member.read_sequence >= member.cleared_sequence \
                 AND member.read_sequence >= member.joined_sequence THEN member.read_sequence \
                 WHEN member.cleared_sequence >= member.joined_sequence THEN member.cleared_sequence \
                 ELSE member.joined_sequence END)";
    since(known, viewer, chat)
}

fn since(sequence: &'static str, viewer: &Viewer, chat: Sql) -> Sql {
    Sql::new("messages.created_at >= (SELECT coalesce(known.created_at, ")
        .then(Time(0))
        .then(") FROM chat_memberships AS member LEFT JOIN messages AS known ON known.chat_id = member.chat_id")
        .then(" AND known.sequence = ")
        .then(sequence)
        .then(" WHERE member.chat_id = ")
        .then(chat)
        .then(" AND member.user_id = ")
        .then(viewer.id)
        .then(")")
}

fn parent() -> Sql {
    Sql::new("(CASE WHEN messages.parent_sequence > chat_memberships.cleared_sequence THEN messages.parent_id END)")
}

/// See [`Message::is_new`].
fn is_new(viewer: &Viewer) -> Sql {
    Sql::new("(+messages.sequence > chat_memberships.read_sequence")
        .then(" AND +messages.sequence > chat_memberships.joined_sequence")
        .then(" AND NOT messages.deleted AND messages.author_id IS DISTINCT FROM ")
        .then(viewer.id)
        .then(")")
}

/// What a write may set.
#[derive(Clone, Default, Deserialize, Validate)]
#[serde(default)]
pub struct Attributes {
    #[serde(deserialize_with = "patch::nullable")]
    #[validate(length(max = 10_000, message = "Must have at most 10000 characters."), custom(function = draft::not_blank))]
    content: Option<Option<String>>,
    #[serde(deserialize_with = "patch::nullable")]
    image_url: Option<Option<String>>,
    #[serde(deserialize_with = "patch::nullable")]
    link_preview_url: Option<Option<String>>,
    #[validate(range(min = 0, max = 50, message = "Must be from 0 to 50."))]
    expected_attachment_count: Option<i64>,
}

/// The JSON Schema of `reaction_counts`.
const REACTION_COUNTS: &str = r#"{
    "type": "array",
    "items": {
        "type": "object", "additionalProperties": false, "required": ["emoji", "count", "mine"],
        "properties": {
            "emoji": {"type": "string"}, "count": {"type": "integer", "minimum": 1}, "mine": {"type": "boolean"}
        }
    }
}"#;
