//! Accounts and sign-ins on a database, through the writes that requests call.

mod accounts;
mod bounds;
mod hrefs;
mod registry;
mod removal;
mod sessions;

use super::{Settings, auth, registry, settings::PasswordCost};
use crate::{
    db::{Conn, Database, Id, Options, Time},
    jsonapi::{
        document::ResourceObject,
        error::{Code, Source},
    },
    resource::{
        Created, Error, Precondition, Registry, Result, Tx, Viewer,
        registry::Entry,
        work::{Answer, Answers},
    },
    schema::users,
};
use diesel::{QueryDsl as _, RunQueryDsl as _};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const PASSWORD: &str = "correct horse";

/// A database of its own, and what a server would know.
struct Server {
    database: Database,
    registry: Registry,
    settings: Settings,
    _directory: TempDir,
}

impl Server {
    fn start() -> Self {
        let directory = TempDir::with_prefix("tertulia-test-").expect("a temporary directory");
        let url = format!("sqlite:{}", directory.path().join("tertulia.db").display());
        let database = Database::open(&url, &Options::default()).expect("a database");
        database.migrate().expect("migrations");
        let settings = Settings { password_cost: PasswordCost::Fast, ..Settings::default() };
        Self { database, registry: registry(), settings, _directory: directory }
    }

    fn run<T: Send + 'static>(&self, work: impl Fn(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
        self.database.write_blocking(work)
    }

    /// Runs a write as a request does: each piece of slow work outside of the transaction, then again.
    fn write<T: Send + 'static>(
        &self,
        viewer: Viewer,
        kind: &'static str,
        write: impl Fn(&mut Tx<'_>, &Entry) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let (answers, write) = (Arc::new(Mutex::new(Answers::default())), Arc::new(write));
        loop {
            let (registry, settings) = (self.registry.clone(), self.settings.clone());
            let (known, write) = (Arc::clone(&answers), Arc::clone(&write));
            let done = self.run(move |conn| {
                let answers = &*known.lock().expect("no panic");
                let mut tx = Tx {
                    conn,
                    registry: &registry,
                    viewer,
                    settings: &settings,
                    answers,
                    precondition: Precondition::default(),
                };
                write(&mut tx, registry.find(kind).expect("a type"))
            });
            let Err(Error::Deferred(job)) = done else { return done };
            let answer: Answer = job.run();
            answers.lock().expect("no panic").put(answer);
        }
    }

    fn create(&self, viewer: Viewer, kind: &'static str, attributes: Value) -> Result<Created> {
        let sent = resource(kind, None, attributes);
        self.write(viewer, kind, move |tx, entry| entry.writes.create(tx, entry, &sent))
    }

    fn sign_up(&self, name: &str, email: &str) -> Result<Created> {
        self.create(
            Viewer::anonymous(),
            "user",
            json!({"name": name, "email": email, "password": PASSWORD, "title": "Writer"}),
        )
    }

    /// A new user, signed in.
    fn user(&self, name: &str) -> Viewer {
        let created = self.sign_up(name, &format!("{name}@example.com")).expect("an account");
        created.viewer.expect("the answer is made for the new user")
    }

    fn sign_in(&self, email: &str, password: &str) -> Result<Created> {
        self.create(Viewer::anonymous(), "session", json!({"email": email, "password": password}))
    }

    fn update(&self, viewer: Viewer, id: Id, attributes: Value) -> Result<()> {
        let sent = resource("user", Some(id), attributes);
        self.write(viewer, "user", move |tx, entry| entry.writes.update(tx, entry, id, &sent))
    }

    fn delete(&self, viewer: Viewer, kind: &'static str, id: Id) -> Result<()> {
        self.write(viewer, kind, move |tx, entry| entry.writes.delete(tx, entry, id))
    }

    /// Whom a token stands for.
    fn whose(&self, created: &Created) -> Option<Id> {
        let header = created.authorization.as_deref().expect("a token");
        let token = header.strip_prefix("Bearer ").expect("a bearer token").to_owned();
        let settings = self.settings.clone();
        let found = self.run(move |conn| auth::authenticate(conn, &token, &settings));
        found.expect("an answer").map(|known| known.viewer.id)
    }

    fn updated_at_and_version(&self, user: Id) -> (Time, i64) {
        let columns = (users::updated_at, users::version);
        self.run(move |conn| Ok(users::table.find(user).select(columns).first(conn)?)).expect("the user")
    }
}

fn resource(kind: &str, id: Option<Id>, attributes: Value) -> ResourceObject {
    let Value::Object(attributes) = attributes else { panic!("attributes are an object") };
    ResourceObject {
        kind: kind.to_owned(),
        id: id.map(|id| id.to_string()),
        lid: None,
        attributes,
        relationships: Default::default(),
        has_attributes: true,
        has_relationships: false,
    }
}

/// The codes of a refusal, each with what it points to.
#[track_caller]
fn refusal<T>(result: Result<T>) -> Vec<(Code, String)> {
    let Err(Error::Api(errors)) = result else { panic!("the request is refused") };
    let pointer = |source: Option<Source>| match source {
        Some(Source::Pointer(pointer)) => pointer,
        _ => String::new(),
    };
    errors.into_iter().map(|error| (error.code, pointer(error.source))).collect()
}

fn at(code: Code, pointer: &str) -> Vec<(Code, String)> {
    vec![(code, pointer.to_owned())]
}
