//! `direct_conversation`: a chat between exactly two users, seen from one of them.
//!
//! Sorts: every attribute, `-chat_updated_at` unless asked otherwise. Searched by `search_peer=…`, the peer's name.
//! A list shows what is active, not hidden and not deleted; `filter[hidden]` and `filter[status]` widen that.
//!
//! The two sides are two columns, so a list is the union of two halves. Each half is one walk through the partial
//! index of its side, whose flags and `chat_updated_at` are copies: no join, no sort.
//! Spec: <https://jsonapi.org/format/1.1/#fetching-resources>

#[cfg(test)]
mod tests;

use super::{
    batch::{Ids, each, of_all},
    consent::STATUSES,
    conversation::{Conversations, Wanted},
    unread,
};
use crate::{
    db::{Id, Time},
    jsonapi::{
        error::{Code, ErrorObject},
        input::Kind,
        text::fold,
    },
    loadable,
    resource::{
        Attribute, Column, Create, Created, Expr, Failed, Field, Input, Place, Resource, Result, Search, Sql, ToOne,
        Tx, Value, Viewer, plan::filter::literal, value::Bind,
    },
    schema::direct_conversations,
};
use diesel::prelude::{Queryable, Selectable};
use serde::Deserialize;
use validator::Validate;

/// A row of `direct_conversations`.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = direct_conversations)]
pub struct DirectConversation {
    /// The id.
    pub id: Id,
    /// The chat that goes with it.
    pub chat_id: Id,
    /// Who began it; `None` once that account is removed.
    pub first_user_id: Option<Id>,
    /// Whom it was begun with; `None` once that account is removed.
    pub second_user_id: Option<Id>,
    /// `updated_at` of the chat.
    pub chat_updated_at: Time,
    /// When it was begun.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}
loadable!(DirectConversation);

impl Resource for DirectConversation {
    const TYPE: &'static str = "direct_conversation";
    const PATH: &'static str = "direct_conversations";
    const ABOUT: &'static str = "A chat between exactly two users, seen from one of them.";
    type Attributes = Attributes;

    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::new("user_id", Kind::Uuid, |row: &Self, viewer| Value::id(row.peer(viewer)))
            .nullable()
            .expr(peer)
            .required()
            .about("The other user; null once that account is removed."),
        Attribute::new("first_user_id", Kind::Uuid, |row: &Self, _| Value::id(row.first_user_id))
            .nullable()
            .column(&direct_conversations::first_user_id)
            .about("Who began it; null once removed."),
        Attribute::new("second_user_id", Kind::Uuid, |row: &Self, _| Value::id(row.second_user_id))
            .nullable()
            .column(&direct_conversations::second_user_id)
            .about("Who was written to; null once removed."),
        Attribute::new("chat_updated_at", Kind::Instant, |row: &Self, _| Value::Time(row.chat_updated_at))
            .column(&direct_conversations::chat_updated_at)
            .moving()
            .about("When the chat last changed or got a message."),
        Attribute::new("created_at", Kind::Instant, |row: &Self, _| Value::Time(row.created_at))
            .column(&direct_conversations::created_at)
            .moving()
            .about("When it was begun."),
        Attribute::new("updated_at", Kind::Instant, |row: &Self, _| Value::Time(row.updated_at))
            .column(&direct_conversations::updated_at)
            .moving()
            .about("When one of its users changed."),
    ];
    const TO_ONE: &'static [ToOne<Self>] = &[
        ToOne::new("chat", "chat", |row: &Self, _| Some(row.chat_id), &direct_conversations::chat_id)
            .about("Its chat."),
        ToOne::new("first_user", "user", |row: &Self, _| row.first_user_id, &direct_conversations::first_user_id)
            .about("Who began it."),
        ToOne::new("second_user", "user", |row: &Self, _| row.second_user_id, &direct_conversations::second_user_id)
            .about("Who was written to."),
    ];

    const FILTERS: &'static [Field] = &[
        Field::filter("archived", Kind::Bool, Expr::Made(|viewer| own_membership(viewer, "archived")))
            .about("Whether the viewer archived the chat."),
        Field::filter("hidden", Kind::Bool, Expr::Made(|viewer| own_membership(viewer, "hidden")))
            .about("Whether the viewer hid the chat."),
        Field::filter("has_unread_messages", Kind::Bool, Expr::Made(has_unread_messages))
            .about("Whether the viewer has messages to read."),
        Field::filter("status", Kind::OneOf(STATUSES), Expr::Made(|_| status())).about("The status of the chat."),
    ];
    const SEARCHES: &'static [Search] = &[Search {
        name: "search_peer",
        about: "Part of the name of the other user.",
        parameter: true,
        condition: search_peer,
    }];
    const DEFAULT_SORT: &'static str = "-chat_updated_at";

    const ID: Column = &direct_conversations::id;
    const CREATED_AT: Column = &direct_conversations::created_at;

    const CLIENT_IDS: bool = true;
    const CREATE: Option<Create<Self>> = Some(Create::many(create).finds());

    fn id(&self) -> Id {
        self.id
    }

    fn created_at(&self) -> Time {
        self.created_at
    }

    fn source(_viewer: &Viewer) -> Sql {
        Sql::new("direct_conversations")
    }

    /// Nobody is on both sides, so the two conditions never hold together.
    fn visible(viewer: &Viewer, place: Place<'_>) -> Vec<Sql> {
        let first = Side { user: "first_user_id", visible: "first_visible", listed: "first_listed" };
        let second = Side { user: "second_user_id", visible: "second_visible", listed: "second_listed" };
        [first, second].into_iter().map(|side| side.seen(viewer, place)).collect()
    }
}

impl DirectConversation {
    fn peer(&self, viewer: &Viewer) -> Option<Id> {
        if self.first_user_id == Some(viewer.id) { self.second_user_id } else { self.first_user_id }
    }
}

/// The columns of one side.
struct Side {
    user: &'static str,
    visible: &'static str,
    listed: &'static str,
}

impl Side {
    /// A filter by `hidden` or `status` replaces that part of what `listed` stands for, and no other.
    fn seen(&self, viewer: &Viewer, place: Place<'_>) -> Sql {
        let column = |name: &'static str| Sql::new("direct_conversations.").then(name);
        let own = column(self.user).then(" = ").then(viewer.id);
        let Place::List(named) = place else { return Sql::all([own, column(self.visible)]) };
        let is_named = |name| named.contains(&name);
        let (hidden, status_named) = (is_named("hidden"), is_named("status"));
        if !hidden && !status_named {
            return Sql::all([own, column(self.listed)]);
        }
        let not_hidden = (!hidden).then(|| Sql::new("NOT ").then(own_membership(viewer, "hidden")));
        let active = (!status_named).then(|| status().then(" = 'active'"));
        Sql::all([own, column(self.visible)].into_iter().chain(not_hidden).chain(active))
    }
}

/// The other participant's id.
fn peer(viewer: &Viewer) -> Sql {
    Sql::new("(CASE WHEN direct_conversations.first_user_id = ")
        .then(viewer.id)
        .then(" THEN direct_conversations.second_user_id ELSE direct_conversations.first_user_id END)")
}

/// A column of the viewer's own membership.
fn own_membership(viewer: &Viewer, column: &'static str) -> Sql {
    Sql::new("(SELECT mine.")
        .then(column)
        .then(" FROM chat_memberships AS mine WHERE mine.chat_id = direct_conversations.chat_id AND mine.user_id = ")
        .then(viewer.id)
        .then(")")
}

fn has_unread_messages(viewer: &Viewer) -> Sql {
    Sql::new("EXISTS (SELECT 1 FROM chat_memberships JOIN chats ON chats.id = chat_memberships.chat_id")
        .then(" WHERE chat_memberships.chat_id = direct_conversations.chat_id AND chat_memberships.user_id = ")
        .then(viewer.id)
        .then(" AND ")
        .then(unread::any())
        .then(")")
}

fn status() -> Sql {
    Sql::new("(SELECT chats.status FROM chats WHERE chats.id = direct_conversations.chat_id)")
}

/// Only the peer's name counts: one's own would find everything. A removed peer is found by the name kept.
fn search_peer(viewer: &Viewer, text: &str) -> Result<Option<Sql>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let pattern = Bind::Text(format!("%{}%", literal(&fold(text))));
    let condition = Sql::new("(EXISTS (SELECT 1 FROM users AS peer WHERE peer.id = ")
        .then(peer(viewer))
        .then(" AND peer.name_folded LIKE ")
        .then(pattern.clone())
        .then(" ESCAPE '\\') OR direct_conversations.former_peer_folded LIKE ")
        .then(pattern)
        .then(" ESCAPE '\\')");
    Ok(Some(condition))
}

/// What a create sends.
#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct Attributes {
    user_id: Option<Id>,
}

const USER_ID: &str = "/data/attributes/user_id";

fn create(tx: &mut Tx<'_>, inputs: Vec<Input<DirectConversation>>) -> Result<Vec<Created>, Failed> {
    let peers = inputs.iter().filter_map(|input| input.attributes.user_id).collect();
    let mut conversations = Conversations::with(tx, &peers).map_err(of_all)?;
    let mut ids = Ids::of(tx, &inputs).map_err(of_all)?;
    let created = each(inputs, |input| {
        let blame = |code, detail: &str| ErrorObject::attribute(code, "user_id", detail);
        let peer = input.attributes.user_id;
        let peer = peer.ok_or_else(|| blame(Code::FieldInvalid, "Must not be null."))?;
        if peer == tx.viewer.id {
            return Err(blame(Code::SelfConversation, "A direct conversation takes two: this is your own id.").into());
        }
        let direct = conversations.open(peer, Wanted::Conversation(input.client_id()), &mut ids, USER_ID)?;
        Ok(Created::natural(direct.id, direct.fresh))
    })?;
    conversations.carry_out(tx).map_err(of_all)?;
    Ok(created)
}
