//! The real server, started in the test's process on a port of its own.

use super::answer::Answer;
use super::client::Client;
use super::database::{Kind, Template, TestDatabase};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, Once, OnceLock};
use tempfile::TempDir;
use tertulia::config::StorageUrl;
use tertulia::{Running, Server, Settings};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A running server with a database of its own.
pub(crate) struct TestApp {
    pub(crate) running: Running,
    client: Client,
    users: Mutex<BTreeMap<String, User>>,
    files: TempDir,
    // Dropped last: the server has closed its connections by then.
    database: TestDatabase,
}

/// Somebody who signed up and in.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) token: String,
}

impl TestApp {
    /// Tells `sentence` about a fresh server on `kind`, where tests on it are wanted.
    pub(crate) async fn run<F: AsyncFnOnce(&TestApp)>(kind: Kind, sentence: F) {
        if kind.wanted() {
            let app = TestApp::spawn(kind).await;
            sentence(&app).await;
            app.stop().await;
        }
    }

    /// A server on an empty, migrated database.
    pub(crate) async fn spawn(kind: Kind) -> TestApp {
        TestApp::on(migrated(kind).copy()).await
    }

    /// A server configured in its own way, on an empty, migrated database.
    pub(crate) async fn configured(kind: Kind, change: impl FnOnce(&mut Settings)) -> TestApp {
        TestApp::configured_on(migrated(kind).copy(), change).await
    }

    pub(crate) async fn on(database: TestDatabase) -> TestApp {
        TestApp::configured_on(database, |_| ()).await
    }

    pub(crate) async fn configured_on(database: TestDatabase, change: impl FnOnce(&mut Settings)) -> TestApp {
        let files = TempDir::with_prefix("tertulia-test-").expect("a temporary directory");
        let storage = StorageUrl::directory(files.path().display());
        let change = |settings: &mut Settings| {
            settings.config.storage = Some(storage);
            change(settings);
        };
        let running = start_configured(&database.url, change).await;
        let client = Client::new(format!("{}/api/v1", running.url), None);
        TestApp { running, client, users: Mutex::default(), files, database }
    }

    /// Stops the server and removes its database.
    pub(crate) async fn stop(self) {
        drop(self.stopped().await);
    }

    /// Stops the server and keeps its database.
    pub(crate) async fn stopped(self) -> TestDatabase {
        self.running.stop().await;
        self.database
    }

    /// Runs SQL behind the server's back, for what would take too long to wait for.
    pub(crate) fn execute(&self, on_sqlite: &str, on_postgres: &str) {
        self.database.execute(on_sqlite, on_postgres);
    }

    /// The URL of the database.
    pub(crate) fn url(&self) -> &str {
        &self.database.url
    }

    /// The directory that uploads are stored in.
    pub(crate) fn files(&self) -> &Path {
        self.files.path()
    }

    /// `http://127.0.0.1:port`
    pub(crate) fn origin(&self) -> &str {
        &self.running.url
    }

    /// Signs `name` up and in, once.
    pub(crate) async fn user(&self, name: &str) -> User {
        let known = self.users.lock().expect("no panic while it is held").get(name).cloned();
        if let Some(user) = known {
            return user;
        }
        let user = self.sign_up(name).await;
        self.users.lock().expect("no panic while it is held").insert(name.to_owned(), user.clone());
        user
    }

    async fn sign_up(&self, name: &str) -> User {
        let email = format!("{name}@example.com");
        let attributes = json!({ "name": name, "email": email, "password": PASSWORD });
        let document = json!({ "data": { "type": "user", "attributes": attributes } });
        let id = self.as_nobody().post("/users", &document).await.assert_status(201).id();
        let token = token_of(&self.sign_in(&email, PASSWORD).await.assert_status(201));
        User { id, email, token }
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Answer {
        let attributes = json!({ "email": email, "password": password });
        self.as_nobody().post("/sessions", &json!({ "data": { "type": "session", "attributes": attributes } })).await
    }

    pub(crate) fn as_user(&self, user: &User) -> Client {
        self.client.with_token(Some(&user.token))
    }

    pub(crate) fn as_nobody(&self) -> Client {
        self.client.with_token(None)
    }
}

/// The token that a sign-in was answered with.
#[track_caller]
pub(crate) fn token_of(answer: &Answer) -> String {
    answer.document()["meta"]["token"].as_str().unwrap_or_else(|| panic!("no token in {answer}")).to_owned()
}

/// A server as tests want it: rate limits off, passwords hashed cheaply.
pub(crate) async fn start(database_url: &str) -> Running {
    start_configured(database_url, |_| ()).await
}

/// The only place that knows how a server is started.
async fn start_configured(database_url: &str, change: impl FnOnce(&mut Settings)) -> Running {
    show_failures();
    let mut settings = Settings::for_tests(database_url).expect("a database URL");
    change(&mut settings);
    Server::start(settings).await.unwrap_or_else(|e| panic!("the server on {database_url}: {e}"))
}

/// The cause of a 500 is only in the log; the test harness shows it beside the test that failed.
fn show_failures() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_test_writer();
        subscriber.init();
    });
}

fn migrated(kind: Kind) -> &'static Template {
    static SQLITE: OnceLock<Template> = OnceLock::new();
    static POSTGRES: OnceLock<Template> = OnceLock::new();
    let template = match kind {
        Kind::Sqlite => &SQLITE,
        Kind::Postgres => &POSTGRES,
    };
    template.get_or_init(|| {
        let database = TestDatabase::empty(kind);
        migrate(&database.url);
        database.freeze()
    })
}

fn migrate(url: &str) {
    let database =
        tertulia::db::Database::open(url, &tertulia::db::Options::default()).unwrap_or_else(|e| panic!("{url}: {e}"));
    database.migrate().unwrap_or_else(|e| panic!("{url}: {e}"));
}
