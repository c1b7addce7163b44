//! `chat`: a conversation of two (`direct`) or of any number (`group`), as one of its members sees it.
//!
//! Half of a chat is shared (title, members), half is the viewer's own (`archived`, `unread_message_count`); the
//! second half mirrors the viewer's membership, where it's written. So the source is the chat joined with that one
//! membership, and who has none, or deleted the chat, sees nothing.
//!
//! Sorts: every attribute, `-last_message_at` unless asked otherwise, where a chat without messages counts by its
//! creation. Searches: `filter[search]` in title and names, `filter[member]`.
//! Spec: <https://jsonapi.org/format/1.1/#crud>

mod create;
mod search;
mod sent;
#[cfg(test)]
mod tests;
mod write;

pub use self::sent::Attributes;
use super::{attachment, consent::STATUSES, group::Standing, message, unread};
use crate::{
    db::{Id, Time, Uid},
    jsonapi::input::Kind,
    loadable,
    resource::{
        Attribute, Column, Computed, Create, Delete, Edge, Field, Fixed, Place, Resource, Search, Sort, Sql, ToMany,
        ToOne, Update, Value, Viewer, fixed,
    },
    schema::{chat_memberships, chat_requests, chats, messages},
};
use diesel::{
    NullableExpressionMethods as _,
    prelude::{Queryable, Selectable},
    sql_types::{BigInt, Nullable},
};

/// A row of `chats` with the viewer's row of `chat_memberships`.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = chats)]
pub struct Chat {
    /// The id.
    pub id: Id,
    /// `direct` or `group`.
    pub chat_type: String,
    /// `pending`, `active` or `declined`.
    pub status: String,
    /// The title of a group.
    pub title: Option<String>,
    /// The icon of a group.
    pub icon_url: Option<String>,
    /// A small form of it.
    pub icon_thumbnail_url: Option<String>,
    /// Whether messages are taken.
    pub open: bool,
    /// Who began it; `None` once that account is removed.
    pub initiator_id: Option<Id>,
    /// The sequence of the newest message.
    pub last_sequence: i64,
    /// When that message was made, whether or not the viewer sees it.
    pub last_message_at: Option<Time>,
    /// How many members there are.
    pub member_count: i32,
    /// Names of removed accounts, as a JSON array.
    pub past_users_involved: String,
    /// When it was begun.
    pub created_at: Time,
    /// When a message was posted, or title, icon, openness or members changed.
    pub updated_at: Time,
    /// Moves by every change of title, icons, openness and members.
    pub version: i64,
    /// The viewer's membership.
    #[diesel(select_expression = chat_memberships::id)]
    pub membership_id: Id,
    /// The viewer's role.
    #[diesel(select_expression = chat_memberships::role)]
    pub role: String,
    /// Whether the viewer archived it.
    #[diesel(select_expression = chat_memberships::archived)]
    pub archived: bool,
    /// Whether the viewer hid it.
    #[diesel(select_expression = chat_memberships::hidden)]
    pub hidden: bool,
    /// Whether the viewer muted it at all.
    #[diesel(select_expression = chat_memberships::mute)]
    pub mute: bool,
    /// When the mute ends.
    #[diesel(select_expression = chat_memberships::mute_until)]
    pub mute_until: Option<Time>,
    /// Up to when the viewer has read.
    #[diesel(select_expression = chat_memberships::read_until)]
    pub read_until: Option<Time>,
    /// The last message that the viewer cleared.
    #[diesel(select_expression = chat_memberships::cleared_sequence)]
    pub cleared_sequence: i64,
    /// The newest message that the viewer sees and that isn't deleted.
    #[diesel(select_expression = fixed(LAST_MESSAGE))]
    #[diesel(select_expression_type = Fixed<Nullable<Uid>>)]
    pub last_message_id: Option<Id>,
    /// How many messages the viewer hasn't read.
    #[diesel(select_expression = fixed(unread::COUNT))]
    #[diesel(select_expression_type = Fixed<BigInt>)]
    pub unread_message_count: i64,
    /// The other half of a direct chat.
    pub direct_conversation_id: Option<Id>,
    /// The request that it goes by.
    #[diesel(select_expression = chat_requests::id.nullable())]
    pub chat_request_id: Option<Id>,
}
loadable!(Chat);

impl Resource for Chat {
    const TYPE: &'static str = "chat";
    const PATH: &'static str = "chats";
    const ABOUT: &'static str = "A conversation of two or of a group, with what the viewer made of it.";
    type Attributes = Attributes;

    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::new("chat_type", Kind::OneOf(&["direct", "group"]), |row: &Self, _| Value::Text(&row.chat_type))
            .column(&chats::chat_type)
            .create()
            .about("`direct` has two members for ever, `group` any number."),
        Attribute::new("status", Kind::OneOf(STATUSES), |row: &Self, _| Value::Text(&row.status))
            .column(&chats::status)
            .moving()
            .about("Whether messages are taken: a chat by request is pending until the recipient answers."),
        Attribute::new("title", Kind::Text, |row: &Self, _| Value::text(row.title.as_ref()))
            .nullable()
            .column(&chats::title)
            .folded(&chats::title_folded)
            .create()
            .update_if(Self::is_designed_by)
            .about("The title of a group.")
            .example("Garden")
            .length(0, 250),
        Attribute::new("icon_url", Kind::Uri, |row: &Self, _| Value::text(row.icon_url.as_ref()))
            .nullable()
            .column(&chats::icon_url)
            .create()
            .update_if(Self::is_designed_by)
            .about("The icon of a group.")
            .example("https://example.com/garden.png"),
        Attribute::new("icon_thumbnail_url", Kind::Uri, |row: &Self, _| Value::text(row.icon_thumbnail_url.as_ref()))
            .nullable()
            .column(&chats::icon_thumbnail_url)
            .create()
            .update_if(Self::is_designed_by)
            .about("A small form of the icon.")
            .example("https://example.com/garden-small.png"),
        Attribute::new("open", Kind::Bool, |row: &Self, _| Value::Bool(row.open))
            .column(&chats::open)
            .update_if(|row, _| row.is_administered())
            .about("Whether messages are taken."),
        Attribute::write_only("initial_message", Kind::Object)
            .nullable()
            .create()
            .about("The first message, sent along with a create; never shown.")
            .schema(sent::INITIAL_MESSAGE),
        Attribute::new("created_at", Kind::Instant, |row: &Self, _| Value::Time(row.created_at))
            .column(&chats::created_at)
            .moving()
            .about("When it was begun."),
        Attribute::new("updated_at", Kind::Instant, |row: &Self, _| Value::Time(row.updated_at))
            .column(&chats::updated_at)
            .moving()
            .about("When a message was posted, or title, icon, openness or members changed."),
        Attribute::new("last_message_at", Kind::Instant, |row: &Self, _| Value::time(row.seen_message_at()))
            .nullable()
            .expr(|_| last_message_at())
            .moving()
            .about("When the newest message was made that the viewer sees."),
        Attribute::new("member_count", Kind::Integer, |row: &Self, _| Value::Int(row.member_count.into()))
            .column(&chats::member_count)
            .moving()
            .about("How many members there are."),
        Attribute::new("past_users_involved", Kind::Object, |row: &Self, _| Value::Raw(&row.past_users_involved))
            .moving()
            .about("Names of removed accounts that were in, or wrote in, this chat.")
            .schema(r#"{"type":"array","items":{"type":"string"}}"#),
        Attribute::new("unread_message_count", Kind::Integer, |row: &Self, _| Value::Int(row.unread_message_count))
            .expr(|_| unread::count())
            .moving()
            .about("How many messages the viewer has not read."),
        Attribute::new("has_unread_messages", Kind::Bool, |row: &Self, _| Value::Bool(row.unread_message_count > 0))
            .expr(|_| unread::any())
            .moving()
            .about("Whether there are any."),
        Attribute::new("read_until", Kind::Instant, |row: &Self, _| Value::time(row.read_until))
            .nullable()
            .column(&chat_memberships::read_until)
            .moving()
            .about("Up to when the viewer has read."),
        Attribute::new("archived", Kind::Bool, |row: &Self, _| Value::Bool(row.archived))
            .column(&chat_memberships::archived)
            .set_by("viewer_membership")
            .about("Whether the viewer archived it; set on the membership."),
        Attribute::new("hidden", Kind::Bool, |row: &Self, _| Value::Bool(row.hidden))
            .column(&chat_memberships::hidden)
            .set_by("viewer_membership")
            .about("Whether the viewer hid it; set on the membership."),
        Attribute::new("muted", Kind::Bool, |row: &Self, viewer| Value::Bool(row.is_muted(viewer)))
            .expr(super::chat_membership::muted)
            .set_by("viewer_membership")
            .about("Whether it is mute for the viewer now; set by `mute_rule` on the membership."),
    ];
    const TO_ONE: &'static [ToOne<Self>] = &[
        ToOne::new(
            "direct_conversation",
            "direct_conversation",
            |row: &Self, _| row.direct_conversation_id,
            &chats::direct_conversation_id,
        )
        .about("The other half of a direct chat."),
        ToOne::new("initiator", "user", |row: &Self, _| row.initiator_id, &chats::initiator_id).about("Who began it."),
        ToOne::new(
            "viewer_membership",
            "chat_membership",
            |row: &Self, _| Some(row.membership_id),
            &chat_memberships::id,
        )
        .moving()
        .about("The viewer's own membership."),
        ToOne::new("last_message", "message", |row: &Self, _| row.last_message_id, &messages::id)
            .expr(|_| Sql::new(LAST_MESSAGE))
            .moving()
            .about("The newest message that the viewer sees and that is not deleted."),
        ToOne::new("chat_request", "chat_request", |row: &Self, _| row.chat_request_id, &chat_requests::id)
            .moving()
            .about("The request that it goes by."),
    ];
    const TO_MANY: &'static [ToMany<Self>] = &[
        ToMany::new(
            "members",
            "user",
            Edge {
                join: "JOIN chat_memberships AS edge ON edge.user_id = users.id",
                parent: "edge.chat_id",
                at: "edge.created_at",
                id: "edge.id",
                order: None,
            },
        )
        .create()
        .relate(write::add_members, write::remove_members)
        .allow(write::allow_members)
        .about("The users in it, in the order of their joining."),
        ToMany::new(
            "chat_memberships",
            "chat_membership",
            Edge {
                join: "",
                parent: "chat_memberships.chat_id",
                at: "chat_memberships.created_at",
                id: "chat_memberships.id",
                order: None,
            },
        )
        .about("The memberships, in the order of joining."),
        ToMany::new("messages", "message", message::edge("messages.chat_id"))
            .links_only()
            .creates("chat")
            .about("All messages that the viewer sees."),
        ToMany::new("attachments", "attachment", attachment::OF_CHAT).links_only().about("The files of its messages."),
    ];

    const SORTS: &'static [Sort<Self>] = &[
        Sort {
            name: "last_message_at",
            kind: Kind::Instant,
            expr: |_| Sql::new("coalesce(").then(last_message_at()).then(", chats.created_at)"),
            read: |row, _| Value::Time(row.seen_message_at().unwrap_or(row.created_at)),
            nullable: false,
            cursor: true,
        },
        Sort {
            name: "unread_message_count",
            kind: Kind::Integer,
            expr: |_| unread::count(),
            read: |row, _| Value::Int(row.unread_message_count),
            nullable: false,
            cursor: false,
        },
    ];
    const SEARCHES: &'static [Search] = &[
        Search {
            name: "search",
            about: "Words of the title, or of the names of other members.",
            parameter: false,
            condition: search::search,
        },
        Search {
            name: "member",
            about: "The id of a user who is in the chat.",
            parameter: false,
            condition: search::member,
        },
    ];
    const DEFAULT_SORT: &'static str = "-last_message_at";

    const META: &'static [Field] =
        &[Field::meta("permissions", Kind::Object).about("What the viewer may do here.").schema(PERMISSIONS)];
    const COMPUTED: &'static [Computed] = &[
        Computed::nullable(LAST_MESSAGE, &["last_message"]),
        Computed::number(unread::COUNT, &["unread_message_count", "has_unread_messages"]),
    ];
    const COLUMNS_ARE_DEAR: bool = true;

    const ID: Column = &chats::id;
    // PostgreSQL would read all memberships of the viewer to find the few of these chats.
    const KEY: Column = &chat_memberships::chat_id;
    const CREATED_AT: Column = &chats::created_at;

    const CLIENT_IDS: bool = true;
    const CREATE: Option<Create<Self>> = Some(Create::many(create::create).finds().checked(create::check));
    const UPDATE: Option<Update<Self>> =
        Some(Update { lock: super::group::lock_chat, allow: |_, _| Ok(()), apply: write::update });
    const DELETE: Option<Delete<Self>> = Some(Delete { lock: super::group::lock_chat, apply: write::delete });

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
        Sql::new("chats JOIN chat_memberships ON chat_memberships.chat_id = chats.id AND chat_memberships.user_id = ")
            .then(viewer.id)
            .then(" LEFT JOIN chat_requests ON chat_requests.chat_id = chats.id")
    }

    fn visible(_viewer: &Viewer, place: Place<'_>) -> Vec<Sql> {
        let kept = Sql::new("NOT chat_memberships.deleted");
        let Place::List(named) = place else { return vec![kept] };
        let scope = [("hidden", "NOT chat_memberships.hidden"), ("status", "chats.status = 'active'")];
        let narrower = scope.into_iter().filter(|(name, _)| !named.contains(name));
        vec![Sql::all([kept].into_iter().chain(narrower.map(|(_, condition)| Sql::new(condition))))]
    }

    fn meta(&self, _viewer: &Viewer) -> Option<String> {
        let (manage, write) = (self.is_administered(), self.takes_messages());
        Some(format!("\"permissions\":{{\"manage_members\":{manage},\"create_message\":{write}}}"))
    }
}

impl Chat {
    fn is_group(&self) -> bool {
        self.chat_type == "group"
    }

    fn is_administered(&self) -> bool {
        self.is_group() && self.role == "admin"
    }

    fn is_designed_by(&self, _viewer: &Viewer) -> bool {
        self.is_group() && self.role != "reader"
    }

    /// When the newest message was made that the viewer sees, a tombstone included.
    fn seen_message_at(&self) -> Option<Time> {
        self.last_message_at.filter(|_| self.last_sequence > self.cleared_sequence)
    }

    fn is_muted(&self, viewer: &Viewer) -> bool {
        self.mute && self.mute_until.is_none_or(|until| viewer.is_before(until))
    }

    fn takes_messages(&self) -> bool {
        let peer_is_there = self.is_group() || self.member_count == 2;
        self.role != "reader" && self.status == "active" && self.open && peer_is_there
    }

    fn standing(&self) -> Standing {
        Standing {
            chat_type: self.chat_type.clone(),
            role: self.role.clone(),
            last_sequence: self.last_sequence,
            member_count: self.member_count,
            updated_at: self.updated_at,
        }
    }
}

const LAST_MESSAGE: &str = "(SELECT newest.id FROM messages AS newest \
     WHERE newest.chat_id = chat_memberships.chat_id AND newest.sequence > chat_memberships.cleared_sequence \
     AND NOT newest.deleted ORDER BY newest.sequence DESC LIMIT 1)";

fn last_message_at() -> Sql {
    Sql::new("(CASE WHEN chats.last_sequence > chat_memberships.cleared_sequence THEN chats.last_message_at END)")
}

/// The JSON Schema of `permissions`.
const PERMISSIONS: &str = r#"{
    "type": "object", "additionalProperties": false, "required": ["manage_members", "create_message"],
    "properties": {"manage_members": {"type": "boolean"}, "create_message": {"type": "boolean"}}
}"#;
