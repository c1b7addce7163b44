//! The world every case starts from: `spec/world.json`, built once per database by requests.

use super::case::{Step, spec};
use super::runner::Stage;
use super::support::answer::Answer;
use super::support::app::{PASSWORD, TestApp, token_of};
use super::support::database::{Kind, Template, TestDatabase};
use super::words::Words;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::OnceCell;

/// A database to copy, and the words that name what is in it.
pub(crate) struct World {
    template: Template,
    words: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    /// Attributes by the name that cases use; e-mail and password are made up where they are missing.
    users: BTreeMap<String, Map<String, Value>>,
    conversations: Vec<Conversation>,
    /// What happens after that.
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Conversation {
    Direct { name: String, by: String, with: String },
    Group { name: String, by: String, members: Vec<String>, attributes: Map<String, Value> },
}

impl World {
    pub(crate) async fn on(kind: Kind) -> &'static World {
        static SQLITE: OnceCell<World> = OnceCell::const_new();
        static POSTGRES: OnceCell<World> = OnceCell::const_new();
        let world = match kind {
            Kind::Sqlite => &SQLITE,
            Kind::Postgres => &POSTGRES,
        };
        world.get_or_init(|| build(kind)).await
    }

    /// A server on a copy of the world.
    pub(crate) async fn app(&self) -> TestApp {
        TestApp::on(self.template.copy()).await
    }

    pub(crate) fn words(&self, app: &TestApp) -> Words {
        let mut words = self.words.clone();
        words.set("server", app.origin());
        words.set("base", format!("{}/api/v1", app.origin()));
        words
    }
}

async fn build(kind: Kind) -> World {
    let path = spec().join("world.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let plan: Plan = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));

    let app = TestApp::on(TestDatabase::empty(kind)).await;
    let mut stage = Stage { app: &app, words: Words::default() };
    stage.words.set("unknown", "01890000-0000-7000-8000-000000000000");
    stage.words.set("password", PASSWORD);
    for (name, attributes) in plan.users {
        sign_up(&mut stage, &name, attributes).await;
        distinct_instants().await;
    }
    for conversation in &plan.conversations {
        start(&mut stage, conversation).await;
        distinct_instants().await;
    }
    for step in &plan.steps {
        let problems = stage.step(step).await.unwrap_or_else(|problem| vec![problem]);
        assert!(problems.is_empty(), "the world: {}: {}", step.request, problems.join("\n"));
        distinct_instants().await;
    }
    let words = stage.words;
    World { template: app.stopped().await.freeze(), words }
}

/// Instants have milliseconds; a sort by one is to have no ties.
async fn distinct_instants() {
    tokio::time::sleep(Duration::from_millis(3)).await;
}

async fn sign_up(stage: &mut Stage<'_>, name: &str, mut attributes: Map<String, Value>) {
    let email = format!("{name}@example.com");
    attributes.entry("email").or_insert_with(|| email.clone().into());
    attributes.insert("password".to_owned(), PASSWORD.into());
    let document = json!({ "data": { "type": "user", "attributes": attributes } });
    let user = stage.app.as_nobody().post("/users", &document).await.assert_status(201);
    let session = stage.app.sign_in(&email, PASSWORD).await.assert_status(201);
    stage.words.set(name, user.id());
    stage.words.set(format!("email.{name}"), email);
    stage.words.set(format!("session.{name}"), session.id());
    stage.words.set(format!("token.{name}"), token_of(&session));
}

async fn start(stage: &mut Stage<'_>, conversation: &Conversation) {
    let (name, by) = match conversation {
        Conversation::Direct { name, by, .. } | Conversation::Group { name, by, .. } => (name, by),
    };
    let viewer = client(stage, by);
    let chat = match conversation {
        Conversation::Direct { with, .. } => {
            let attributes = json!({ "user_id": word(stage, with) });
            let document = json!({ "data": { "type": "direct_conversation", "attributes": attributes } });
            let answer = viewer.post("/direct_conversations", &document).await.assert_status(201);
            stage.words.set(format!("dc.{name}"), answer.id());
            answer.data()["relationships"]["chat"]["data"]["id"].clone()
        }
        Conversation::Group { members, attributes, .. } => {
            viewer.post("/chats", &group(stage, members, attributes)).await.assert_status(201).id().into()
        }
    };
    let path = format!("/chats/{}/chat_memberships", chat.as_str().unwrap_or_default());
    name_memberships(stage, name, &viewer.get(&path).await.assert_status(200));
    stage.words.set(format!("chat.{name}"), chat);
}

fn group(stage: &Stage<'_>, members: &[String], attributes: &Map<String, Value>) -> Value {
    let members: Vec<Value> = members.iter().map(|name| json!({ "type": "user", "id": word(stage, name) })).collect();
    let mut attributes = attributes.clone();
    attributes.insert("chat_type".to_owned(), "group".into());
    json!({ "data": {
        "type": "chat", "attributes": attributes, "relationships": { "members": { "data": members } },
    } })
}

/// `{{membership.walkers.bert}}`
fn name_memberships(stage: &mut Stage<'_>, conversation: &str, memberships: &Answer) {
    for membership in memberships.items() {
        let user = &membership["relationships"]["user"]["data"]["id"];
        let owner = stage.words.names_of(user).next().unwrap_or_else(|| panic!("nobody is {user}")).to_owned();
        stage.words.set(format!("membership.{conversation}.{owner}"), membership["id"].clone());
    }
}

fn client(stage: &Stage<'_>, name: &str) -> super::support::client::Client {
    let token = word(stage, &format!("token.{name}"));
    stage.app.as_nobody().with_token(token.as_str())
}

fn word(stage: &Stage<'_>, name: &str) -> Value {
    stage.words.get(name).unwrap_or_else(|| panic!("the world has no {name}")).clone()
}
