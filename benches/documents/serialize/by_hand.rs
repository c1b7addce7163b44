//! The same document as somebody would write it with serde: structs of borrowed values, and `collect_str` for what is
//! put together, so that nothing is allocated but the document.

use super::BASE;
use crate::alone::Outcome;
use crate::world::World;
use diesel::{ExpressionMethods as _, QueryDsl as _, Queryable, RunQueryDsl as _};
use serde::{Serialize, Serializer, ser::SerializeSeq as _};
use std::fmt::Display;
use tertulia::db::{DbError, Id, Time};
use tertulia::schema::{direct_conversations, users};

#[derive(Queryable)]
struct Conversation {
    id: Id,
    chat_id: Id,
    first_user_id: Option<Id>,
    second_user_id: Option<Id>,
    chat_updated_at: Time,
    created_at: Time,
    updated_at: Time,
}

#[derive(Queryable)]
struct User {
    id: Id,
    name: String,
    first_name: Option<String>,
    last_name: Option<String>,
    title: Option<String>,
    avatar_url: Option<String>,
    created_at: Time,
    updated_at: Time,
}

/// The rows of the document.
pub(super) struct Loaded {
    viewer: Id,
    conversations: Vec<Conversation>,
    users: Vec<User>,
}

impl Loaded {
    pub(super) fn of(world: &World) -> Outcome<Self> {
        use direct_conversations as t;
        let viewer = world.viewer;
        Ok(world.database.read_blocking(|conn| {
            let columns = (
                t::id,
                t::chat_id,
                t::first_user_id,
                t::second_user_id,
                t::chat_updated_at,
                t::created_at,
                t::updated_at,
            );
            let conversations = t::table.select(columns).order(t::id).load(conn)?;
            let columns = (
                users::id,
                users::name,
                users::first_name,
                users::last_name,
                users::title,
                users::avatar_url,
                users::created_at,
                users::updated_at,
            );
            let users = users::table.select(columns).filter(users::id.ne(viewer)).order(users::id).load(conn)?;
            Ok::<_, DbError>(Self { viewer, conversations, users })
        })?)
    }

    pub(super) fn document(&self) -> Outcome<Vec<u8>> {
        let mut out = Vec::with_capacity(2048 * self.conversations.len());
        serde_json::to_writer(&mut out, &self.whole())?;
        Ok(out)
    }

    fn whole(&self) -> impl Serialize {
        Document {
            jsonapi: Version { version: "1.1" },
            links: SelfLink { this: Url("/direct_conversations", None, "") },
            data: Each(&self.conversations, |row: &Conversation| row.object(self.viewer)),
            included: Each(&self.users, User::object),
        }
    }
}

#[derive(Serialize)]
struct Document<D, I> {
    jsonapi: Version,
    links: SelfLink,
    data: D,
    included: I,
}

#[derive(Serialize)]
struct Version {
    version: &'static str,
}

#[derive(Serialize)]
struct SelfLink {
    #[serde(rename = "self")]
    this: Url,
}

/// A path, an id, and what follows.
struct Url(&'static str, Option<Id>, &'static str);

impl Serialize for Url {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Url(path, None, tail) => serializer.collect_str(&format_args!("{BASE}{path}{tail}")),
            Url(path, Some(id), tail) => serializer.collect_str(&format_args!("{BASE}{path}{id}{tail}")),
        }
    }
}

/// Anything that displays.
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// An array of what is made of each.
struct Each<'a, T, F>(&'a [T], F);

impl<'a, T, O: Serialize, F: Fn(&'a T) -> O> Serialize for Each<'a, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            array.serialize_element(&(self.1)(item))?;
        }
        array.end()
    }
}

#[derive(Serialize)]
struct Object<A, R> {
    r#type: &'static str,
    id: Shown<Id>,
    attributes: A,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationships: Option<R>,
    links: SelfLink,
}

#[derive(Serialize)]
struct Identifier {
    r#type: &'static str,
    id: Shown<Id>,
}

#[derive(Serialize)]
struct ToOne {
    links: Links,
    data: Option<Identifier>,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    this: Url,
    related: Url,
}

#[derive(Serialize)]
struct ConversationAttributes {
    user_id: Option<Shown<Id>>,
    first_user_id: Option<Shown<Id>>,
    second_user_id: Option<Shown<Id>>,
    chat_updated_at: Shown<Time>,
    created_at: Shown<Time>,
    updated_at: Shown<Time>,
}

#[derive(Serialize)]
struct ConversationRelationships {
    chat: ToOne,
    first_user: ToOne,
    second_user: ToOne,
}

impl Conversation {
    fn object(&self, viewer: Id) -> Object<ConversationAttributes, ConversationRelationships> {
        let path = "/direct_conversations/";
        let to_one = |this, related, kind, id: Option<Id>| ToOne {
            links: Links { this: Url(path, Some(self.id), this), related: Url(path, Some(self.id), related) },
            data: id.map(|id| Identifier { r#type: kind, id: Shown(id) }),
        };
        let is_first = self.first_user_id == Some(viewer);
        let (first, second) = (self.first_user_id, self.second_user_id);
        Object {
            r#type: "direct_conversation",
            id: Shown(self.id),
            attributes: ConversationAttributes {
                user_id: if is_first { second } else { first }.map(Shown),
                first_user_id: first.map(Shown),
                second_user_id: second.map(Shown),
                chat_updated_at: Shown(self.chat_updated_at),
                created_at: Shown(self.created_at),
                updated_at: Shown(self.updated_at),
            },
            relationships: Some(ConversationRelationships {
                chat: to_one("/relationships/chat", "/chat", "chat", Some(self.chat_id)),
                first_user: to_one("/relationships/first_user", "/first_user", "user", first),
                second_user: to_one("/relationships/second_user", "/second_user", "user", second),
            }),
            links: SelfLink { this: Url(path, Some(self.id), "") },
        }
    }
}

#[derive(Serialize)]
struct UserAttributes<'a> {
    name: &'a str,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    title: Option<&'a str>,
    avatar_url: Option<&'a str>,
    active: bool,
    created_at: Shown<Time>,
    updated_at: Shown<Time>,
}

impl User {
    fn object(&self) -> Object<UserAttributes<'_>, ()> {
        Object {
            r#type: "user",
            id: Shown(self.id),
            attributes: UserAttributes {
                name: &self.name,
                first_name: self.first_name.as_deref(),
                last_name: self.last_name.as_deref(),
                title: self.title.as_deref(),
                avatar_url: self.avatar_url.as_deref(),
                active: true,
                created_at: Shown(self.created_at),
                updated_at: Shown(self.updated_at),
            },
            relationships: None,
            links: SelfLink { this: Url("/users/", Some(self.id), "") },
        }
    }
}
