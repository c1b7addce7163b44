//! A database and a registry for tests that speak to the generic layer directly, without HTTP.

use super::{Settings, registry};
use crate::{
    db::{Conn, Database, DbError, Id, Options, Time},
    jsonapi::{
        document::{Expect, ResourceObject, parse_linkage, parse_resource},
        text::fold,
    },
    resource::{
        Created, Error, Precondition, Registry, Tx, Viewer,
        document::Document,
        plan::{Context, Plan, Shape},
        read::Reader,
        registry::{Entry, Relationship},
        relate::{Change, Verb},
        work::Answers,
    },
    schema::users,
};
use diesel::{ExpressionMethods as _, RunQueryDsl as _};
use serde_json::{Value, json};
use std::sync::Arc;

/// A migrated SQLite database.
pub(super) struct Bench {
    pub(super) database: Database,
    registry: Arc<Registry>,
    // Dropped last.
    _directory: tempfile::TempDir,
}

/// What a create made, and how it is shown to whoever made it.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) id: Id,
    pub(super) fresh: bool,
    pub(super) data: Value,
}

impl Bench {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite:{}", directory.path().join("test.db").display());
        let database = Database::open(&url, &Options::default()).expect("a database");
        database.migrate().expect("migrated");
        Self { database, registry: Arc::new(registry()), _directory: directory }
    }

    /// Users of these names.
    pub(super) fn users<const N: usize>(&self, names: [&str; N]) -> [Id; N] {
        names.map(|name| self.user(name, "open"))
    }

    pub(super) fn user(&self, name: &str, policy: &str) -> Id {
        let (id, now) = (Id::new(), Time::now());
        let row = (
            (users::id.eq(id), users::name.eq(name.to_owned()), users::name_folded.eq(fold(name))),
            (users::email.eq(id.to_string()), users::email_folded.eq(id.to_string()), users::password_hash.eq("")),
            users::direct_message_policy.eq(policy.to_owned()),
            (users::created_at.eq(now), users::updated_at.eq(now)),
        );
        let insert = move |conn: &mut Conn| {
            let users = diesel::insert_into(users::table).values(row.clone());
            users.execute(conn).map_err(DbError::from)
        };
        self.database.write_blocking(insert).expect("a user");
        id
    }

    pub(super) fn write<T: Send + 'static>(
        &self,
        viewer: Id,
        work: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let registry = Arc::clone(&self.registry);
        self.database.write_blocking(move |conn| {
            let (settings, answers) = (Settings::default(), Answers::default());
            let precondition = Precondition::default();
            let viewer = Viewer::user(viewer);
            let mut tx = Tx { conn, registry: &registry, viewer, settings: &settings, answers: &answers, precondition };
            work(&mut tx)
        })
    }

    /// `POST` of `{"data": …}` without the type.
    pub(super) fn create(&self, viewer: Id, kind: &'static str, data: Value) -> Result<Made, Error> {
        let sent = document(kind, data, Expect::Create);
        let Created { id, fresh, .. } = self.write(viewer, move |tx| {
            let entry = Arc::clone(tx.registry.target(kind)?);
            entry.writes.create(tx, &entry, &sent)
        })?;
        let data = self.show(viewer, kind, id).expect("what was made is seen");
        Ok(Made { id, fresh, data })
    }

    /// `PATCH`, and what is shown then.
    pub(super) fn update(&self, viewer: Id, kind: &'static str, id: Id, data: Value) -> Result<Value, Error> {
        let mut data = data;
        data["id"] = id.to_string().into();
        let sent = document(kind, data, Expect::Update);
        self.write(viewer, move |tx| {
            let entry = Arc::clone(tx.registry.target(kind)?);
            entry.writes.update(tx, &entry, id, &sent)
        })?;
        Ok(self.show(viewer, kind, id).expect("what was changed is seen"))
    }

    /// `PATCH` of attributes.
    pub(super) fn set(&self, viewer: Id, kind: &'static str, id: Id, attributes: Value) -> Result<Value, Error> {
        self.update(viewer, kind, id, json!({ "attributes": attributes }))
    }

    pub(super) fn delete(&self, viewer: Id, kind: &'static str, id: Id) -> Result<(), Error> {
        self.write(viewer, move |tx| {
            let entry = Arc::clone(tx.registry.target(kind)?);
            entry.writes.delete(tx, &entry, id)
        })
    }

    /// A write to the members of a chat.
    pub(super) fn members(&self, viewer: Id, chat: Id, verb: Verb, users: &[Id]) -> Result<(), Error> {
        self.relate(viewer, ("chat", chat, "members"), verb, identifiers(users)).map(drop)
    }

    /// A write to the URL of a relationship; `true` where the linkage ends up as sent.
    pub(super) fn relate(
        &self,
        viewer: Id,
        (kind, id, name): (&'static str, Id, &'static str),
        verb: Verb,
        data: Value,
    ) -> Result<bool, Error> {
        let linkage = parse_linkage(json!({ "data": data }).to_string().as_bytes()).expect("linkage");
        self.write(viewer, move |tx| {
            let entry = Arc::clone(tx.registry.target(kind)?);
            let relationship = entry.relationship(name).expect("a relationship");
            entry.writes.relate(tx, &entry, id, Change { relationship, verb, linkage: &linkage })
        })
    }

    /// A new message.
    #[track_caller]
    pub(super) fn say(&self, viewer: Id, chat: Id, content: &str) -> Id {
        self.post(viewer, chat, json!({ "content": content })).expect("a message").id
    }

    /// `POST` of a message.
    pub(super) fn post(&self, viewer: Id, chat: Id, attributes: Value) -> Result<Made, Error> {
        let relationships = json!({ "chat": { "data": { "type": "chat", "id": chat } } });
        self.create(viewer, "message", json!({ "attributes": attributes, "relationships": relationships }))
    }

    /// The `data` of a resource.
    pub(super) fn show(&self, viewer: Id, kind: &str, id: Id) -> Result<Value, Error> {
        self.document(viewer, kind, Some(id), "").map(|mut document| document["data"].take())
    }

    /// The ids of a list.
    pub(super) fn ids(&self, viewer: Id, kind: &str, query: &str) -> Vec<String> {
        ids(&self.document(viewer, kind, None, query).expect("a list"))
    }

    pub(super) fn document(&self, viewer: Id, kind: &str, id: Option<Id>, query: &str) -> Result<Value, Error> {
        let entry = self.registry.target(kind)?;
        let shape = if id.is_some() { Shape::One } else { Shape::Collection(None) };
        self.read(viewer, (entry, shape), query, |reader, conn| match id {
            Some(id) => reader.show(conn, entry, id),
            None => reader.list(conn, entry),
        })
    }

    /// The document of a related URL.
    pub(super) fn related(&self, viewer: Id, (kind, id, name): (&str, Id, &str), query: &str) -> Result<Value, Error> {
        let owner = self.registry.target(kind)?;
        let relationship = owner.relationship(name).expect("a relationship");
        let entry = self.registry.target(owner.relationship_target(relationship))?;
        let shape = match relationship {
            Relationship::One(_) => Shape::One,
            Relationship::Many(at) => Shape::Collection(Some(owner.to_many[at].edge)),
        };
        self.read(viewer, (entry, shape), query, |reader, conn| reader.related(conn, owner, id, relationship))
    }

    fn read(
        &self,
        viewer: Id,
        (entry, shape): (&Entry, Shape),
        query: &str,
        read: impl Fn(&Reader<'_>, &mut Conn) -> Result<Document, Error>,
    ) -> Result<Value, Error> {
        let viewer = Viewer::user(viewer);
        let context =
            Context { registry: &self.registry, entry, shape, viewer: &viewer, path: "/path", cursor_profile: false };
        let plan = Plan::parse(context, query)?;
        let reader = Reader {
            registry: &self.registry,
            viewer: &viewer,
            base: "http://localhost/api/v1",
            path: "/path",
            plan: &plan,
        };
        let document = self.database.read_blocking(|conn| read(&reader, conn))?;
        Ok(serde_json::from_slice(&document.bytes).expect("JSON"))
    }

    /// A direct conversation: its id and its chat's.
    pub(super) fn direct(&self, viewer: Id, peer: Id) -> (Id, Id) {
        let made = self.create(viewer, "direct_conversation", json!({ "attributes": { "user_id": peer } }));
        let made = made.expect("a conversation");
        (made.id, linked(&made.data, "chat"))
    }

    /// A group.
    pub(super) fn group(&self, viewer: Id, others: &[Id]) -> Id {
        let data = json!({ "attributes": { "chat_type": "group" }, "relationships": members(others) });
        self.create(viewer, "chat", data).expect("a group").id
    }

    /// The membership of a user in a chat, found by another member.
    pub(super) fn membership(&self, viewer: Id, chat: Id, user: Id) -> Id {
        let ids = self.ids(viewer, "chat_membership", &format!("filter[chat]={chat}&filter[user]={user}"));
        ids.first().expect("a membership").parse().expect("an id")
    }
}

/// The ids of a document's primary data.
pub(super) fn ids(document: &Value) -> Vec<String> {
    let data = document["data"].as_array().expect("an array");
    data.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

fn document(kind: &str, mut data: Value, expect: Expect) -> ResourceObject {
    data["type"] = kind.into();
    parse_resource(json!({ "data": data }).to_string().as_bytes(), expect).expect("a document")
}

fn identifiers(users: &[Id]) -> Value {
    users.iter().map(|id| json!({ "type": "user", "id": id })).collect()
}

/// The member `relationships` that names these members.
pub(super) fn members(users: &[Id]) -> Value {
    json!({ "members": { "data": identifiers(users) } })
}

/// The id in a to-one linkage.
#[track_caller]
pub(super) fn linked(data: &Value, name: &str) -> Id {
    let id = data["relationships"][name]["data"]["id"].as_str();
    id.unwrap_or_else(|| panic!("{name} of {data}")).parse().expect("an id")
}

/// The codes and pointers of what a request failed with.
#[track_caller]
pub(super) fn problems<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    let errors = match result {
        Err(Error::Api(errors)) => errors,
        other => panic!("{other:?} is no refusal"),
    };
    let document: Value = serde_json::from_slice(&errors.to_bytes()).expect("JSON");
    let errors = document["errors"].as_array().expect("errors");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors.iter().map(|error| [text(&error["code"]), text(&error["source"]["pointer"])].join(" ")).collect()
}
