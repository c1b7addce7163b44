//! `chat_membership`: who is in a chat, in which role, and how that user sees it.
//!
//! Members of a chat see each other's memberships; everything but `role` and the instants is the member's own, left
//! out for others and null to compare with. One's own membership stays readable, and deletable, after deleting the
//! chat for oneself: without its `chat`, and in no list.
//! Spec: <https://jsonapi.org/format/1.1/#crud>

mod create;
mod read;
#[cfg(test)]
mod tests;
mod write;

use super::{patch, unread};
use crate::{
    db::{Id, Time, Uid},
    jsonapi::input::Kind,
    loadable,
    resource::{
        Attribute, Column, Computed, Create, Delete, Fixed, Place, Resource, Sort, Sql, ToOne, Update, Value, Viewer,
        fixed,
    },
    schema::{chat_memberships, chats, messages},
};
use diesel::{
    prelude::{Queryable, Selectable},
    query_source::AliasedField,
    sql_types::{BigInt, Nullable},
};
use serde::Deserialize;
use serde_json::Value as Json;
use validator::{Validate, ValidationError};

/// The viewer's own membership of the same chat.
mod own {
    use crate::schema::chat_memberships;
    diesel::alias!(pub const OWN: Alias<Own> = chat_memberships as own);
}
use own::{OWN, Own};

/// A row of `chat_memberships`, with what the viewer's own row of the same chat says.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = chat_memberships)]
pub struct ChatMembership {
    /// The id.
    pub id: Id,
    /// The chat.
    pub chat_id: Id,
    /// The member.
    pub user_id: Id,
    /// `admin`, `member` or `reader`.
    pub role: String,
    /// Whether the member archived the chat.
    pub archived: bool,
    /// Whether the member hid the chat.
    pub hidden: bool,
    /// Whether the member muted the chat at all.
    pub mute: bool,
    /// When the mute ends.
    pub mute_until: Option<Time>,
    /// The last message that the member has read.
    pub read_sequence: i64,
    /// When that message was made.
    pub read_until: Option<Time>,
    /// The last message that the member cleared.
    pub cleared_sequence: i64,
    /// When the member joined.
    pub created_at: Time,
    /// When the role last changed.
    pub updated_at: Time,
    /// Moves by every change of the role, and of what is the member's own.
    pub version: i64,
    /// `direct` or `group`.
    #[diesel(select_expression = chats::chat_type)]
    pub chat_type: String,
    /// The viewer's role in the chat.
    #[diesel(select_expression = OWN.field(chat_memberships::role))]
    #[diesel(select_expression_type = AliasedField<Own, chat_memberships::role>)]
    pub own_role: String,
    /// The last message that the viewer has read, in the viewer's own row.
    #[diesel(select_expression = fixed(LAST_READ))]
    #[diesel(select_expression_type = Fixed<Nullable<Uid>>)]
    pub last_read_message_id: Option<Id>,
    /// How many messages the viewer hasn't read, in the viewer's own row.
    #[diesel(select_expression = fixed(unread::OWN_COUNT))]
    #[diesel(select_expression_type = Fixed<Nullable<BigInt>>)]
    pub unread_message_count: Option<i64>,
    /// Whether the viewer deleted the chat.
    #[diesel(select_expression = OWN.field(chat_memberships::deleted))]
    #[diesel(select_expression_type = AliasedField<Own, chat_memberships::deleted>)]
    pub own_deleted: bool,
}
loadable!(ChatMembership);

impl Resource for ChatMembership {
    const TYPE: &'static str = "chat_membership";
    const PATH: &'static str = "chat_memberships";
    const ABOUT: &'static str = "A user's place in a chat; what is theirs alone is shown only to them.";
    type Attributes = Attributes;

    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::new("role", Kind::OneOf(&["admin", "member", "reader"]), |row: &Self, _| Value::Text(&row.role))
            .column(&chat_memberships::role)
            .create()
            .update_if(|row, _| row.chat_type == "group" && row.own_role == "admin")
            .about("What the member may do: admins add and remove members, readers only read."),
        Attribute::new("archived", Kind::Bool, |row: &Self, viewer| row.own(viewer, Value::Bool(row.archived)))
            .expr(|viewer| if_own(viewer, &chat_memberships::archived))
            .hidden_from_some()
            .update_if(Self::is_own)
            .about("Whether the member put the chat away."),
        Attribute::new("hidden", Kind::Bool, |row: &Self, viewer| row.own(viewer, Value::Bool(row.hidden)))
            .expr(|viewer| if_own(viewer, &chat_memberships::hidden))
            .hidden_from_some()
            .update_if(Self::is_own)
            .about("Whether the member hid the chat until the next message."),
        Attribute::new("mute_rule", Kind::Object, |row: &Self, viewer| row.own(viewer, row.mute_rule(viewer)))
            .nullable()
            .hidden_from_some()
            .update_if(Self::is_own)
            .about("Whether the chat is mute: null is no, `until` null is for ever.")
            .schema(MUTE_RULE),
        Attribute::new("muted", Kind::Bool, |row: &Self, viewer| row.own(viewer, Value::Bool(row.is_muted(viewer))))
            .expr(|viewer| if_own_sql(viewer, muted(viewer)))
            .hidden_from_some()
            .moving()
            .about("Whether the chat is mute now."),
        Attribute::new("read_until", Kind::Instant, |row: &Self, viewer| row.own(viewer, Value::time(row.read_until)))
            .nullable()
            .expr(|viewer| if_own(viewer, &chat_memberships::read_until))
            .hidden_from_some()
            .update_if(Self::is_own)
            .about("Up to when the member has read; any instant from now on marks all as read."),
        Attribute::new("unread_message_count", Kind::Integer, |row: &Self, viewer| {
            row.own(viewer, Value::Int(row.unread()))
        })
        .expr(|_| Sql::new(unread::OWN_COUNT))
        .hidden_from_some()
        .moving()
        .about("How many messages the member has not read."),
        Attribute::new("has_unread_messages", Kind::Bool, |row: &Self, viewer| {
            row.own(viewer, Value::Bool(row.unread() > 0))
        })
        .expr(|viewer| if_own_sql(viewer, unread::any()))
        .hidden_from_some()
        .moving()
        .about("Whether there are any."),
        Attribute::new("created_at", Kind::Instant, |row: &Self, _| Value::Time(row.created_at))
            .column(&chat_memberships::created_at)
            .moving()
            .about("When the member joined."),
        Attribute::new("updated_at", Kind::Instant, |row: &Self, _| Value::Time(row.updated_at))
            .column(&chat_memberships::updated_at)
            .moving()
            .about("When the role last changed."),
    ];
    const TO_ONE: &'static [ToOne<Self>] = &[
        ToOne::new(
            "chat",
            "chat",
            |row: &Self, _| (!row.own_deleted).then_some(row.chat_id),
            &chat_memberships::chat_id,
        )
        .required().about("The chat."),
        ToOne::new("user", "user", |row: &Self, _| Some(row.user_id), &chat_memberships::user_id).required().about("The member."),
        ToOne::new("last_read_message", "message", |row: &Self, _| row.last_read_message_id, &messages::id)
            .expr(|_| Sql::new(LAST_READ))
            .shown_if(Self::is_own)
            .update(read::replace).about("The last message that the member has seen; a write says so, and is refused where there are newer ones."),
    ];

    const SORTS: &'static [Sort<Self>] = &[Sort {
        name: "unread_message_count",
        kind: Kind::Integer,
        expr: |_| Sql::new(unread::OWN_COUNT),
        read: |row, _| row.unread_message_count.map_or(Value::Null, Value::Int),
        nullable: true,
        cursor: false,
    }];
    const COMPUTED: &'static [Computed] = &[
        Computed::nullable(LAST_READ, &["last_read_message"]),
        Computed::nullable(unread::OWN_COUNT, &["unread_message_count", "has_unread_messages"]),
    ];
    const COLUMNS_ARE_DEAR: bool = true;

    const ID: Column = &chat_memberships::id;
    const CREATED_AT: Column = &chat_memberships::created_at;

    const CREATE: Option<Create<Self>> = Some(Create::many(create::create));
    const UPDATE: Option<Update<Self>> =
        Some(Update { lock: write::lock_for_update, allow: write::allow_update, apply: write::update });
    const DELETE: Option<Delete<Self>> = Some(Delete { lock: write::lock, apply: write::delete });

    fn id(&self) -> Id {
        self.id
    }

    fn created_at(&self) -> Time {
        self.created_at
    }

    /// Others are not told that the member read, archived or muted: what they see moves with the role alone.
    fn version(&self, viewer: &Viewer) -> i64 {
        if self.is_own(viewer) { self.version } else { self.updated_at.0 }
    }

    /// The viewer's own membership is joined for the rights that it gives; who has none sees nothing.
    fn source(viewer: &Viewer) -> Sql {
        Sql::new("chat_memberships JOIN chat_memberships AS own ON own.chat_id = chat_memberships.chat_id")
            .then(" AND own.user_id = ")
            .then(viewer.id)
            .then(" JOIN chats ON chats.id = chat_memberships.chat_id")
    }

    fn visible(viewer: &Viewer, place: Place<'_>) -> Vec<Sql> {
        if !matches!(place, Place::One) {
            return vec![Sql::new("NOT own.deleted")];
        }
        let user = |by: &'static str| Sql::new("(chat_memberships.user_id").then(by).then(viewer.id);
        vec![user(" = ").then(")"), user(" <> ").then(" AND NOT own.deleted)")]
    }
}

impl ChatMembership {
    fn is_own(&self, viewer: &Viewer) -> bool {
        self.user_id == viewer.id
    }

    fn own<'a>(&self, viewer: &Viewer, value: Value<'a>) -> Value<'a> {
        if self.is_own(viewer) { value } else { Value::Hidden }
    }

    fn unread(&self) -> i64 {
        self.unread_message_count.unwrap_or(0)
    }

    fn is_muted(&self, viewer: &Viewer) -> bool {
        self.mute && self.mute_until.is_none_or(|until| viewer.is_before(until))
    }

    fn mute_rule(&self, viewer: &Viewer) -> Value<'static> {
        match self.mute_until {
            _ if !self.is_muted(viewer) => Value::Null,
            None => Value::Raw(r#"{"until":null}"#),
            Some(until) => Value::RawOwned(format!(r#"{{"until":"{until}"}}"#)),
        }
    }
}

/// Looked for in the viewer's own row alone: nobody else's may be told.
const LAST_READ: &str = "(CASE WHEN chat_memberships.user_id = own.user_id THEN (SELECT read.id FROM messages AS read \
     WHERE read.chat_id = chat_memberships.chat_id AND read.sequence = chat_memberships.read_sequence) END)";

/// The column in the viewer's own row, else null: nobody can find out by comparing.
fn if_own(viewer: &Viewer, column: Column) -> Sql {
    if_own_sql(viewer, Sql::new(column))
}

fn if_own_sql(viewer: &Viewer, sql: Sql) -> Sql {
    Sql::new("(CASE WHEN chat_memberships.user_id = ").then(viewer.id).then(" THEN ").then(sql).then(" END)")
}

/// Whether a row of `chat_memberships` has a rule that mutes now.
pub(super) fn muted(viewer: &Viewer) -> Sql {
    Sql::new("(chat_memberships.mute AND (chat_memberships.mute_until IS NULL OR chat_memberships.mute_until > ")
        .then(viewer.now())
        .then("))")
}

/// What a write may set.
#[derive(Clone, Default, Deserialize, Validate)]
#[serde(default)]
pub struct Attributes {
    role: Option<String>,
    archived: Option<bool>,
    hidden: Option<bool>,
    #[serde(deserialize_with = "patch::nullable")]
    read_until: Option<Option<Time>>,
    #[serde(deserialize_with = "patch::nullable")]
    #[validate(custom(function = is_mute_rule))]
    mute_rule: Option<Option<Json>>,
}

/// `{"until": null}` or `{"until": "2025-01-02T03:04:05.678Z"}`.
fn is_mute_rule(rule: &Json) -> Result<(), ValidationError> {
    let members = rule.as_object().filter(|members| members.len() == 1);
    let is_rule = match members.and_then(|members| members.get("until")) {
        Some(Json::Null) => true,
        Some(Json::String(until)) => Time::parse(until).is_some(),
        _ => false,
    };
    let message = "Must be null, or have just the member `until`: null for ever, or an RFC 3339 instant.";
    if is_rule { Ok(()) } else { Err(ValidationError::new("mute_rule").with_message(message.into())) }
}

/// The JSON Schema of `mute_rule`.
const MUTE_RULE: &str = r#"{
    "type": "object", "additionalProperties": false, "required": ["until"],
    "properties": {"until": {"type": ["string", "null"], "format": "date-time"}}
}"#;
