//! Tertulia: a chat backend that any [JSON:API 1.1](https://jsonapi.org/format/1.1/) client can use as published, and
//! underneath it a generic JSON:API server layer over [diesel](https://diesel.rs), on SQLite and PostgreSQL alike.
//!
//! A resource is one declaration: its fields, who sees a row, what a write does. Compound documents, sparse fieldsets,
//! sorts, filters, three styles of pages, linkage, entity tags, atomic operations, the errors of all of these, an
//! OpenAPI description and TypeScript types come with it.
//!
//! # A resource
//!
//! ```no_run
//! use diesel::prelude::*;
//! use tertulia::config::Config;
//! use tertulia::db::{Database, Id, Options, Time};
//! use tertulia::jsonapi::input::Kind;
//! use tertulia::resource::{
//!     Attribute, Create, Created, Input, Place, Registry, Resource, Result, Sql, Tx, Value, Viewer,
//! };
//! use tertulia::{from_table, http, loadable};
//!
//! diesel::table! {
//!     use diesel::sql_types::Text;
//!     use tertulia::db::{Instant, Uid};
//!     notes (id) { id -> Uid, author_id -> Uid, content -> Text, created_at -> Instant, }
//! }
//!
//! #[derive(Queryable, Selectable)]
//! #[diesel(table_name = notes)]
//! struct Note {
//!     id: Id,
//!     author_id: Id,
//!     content: String,
//!     created_at: Time,
//! }
//!
//! loadable!(Note);
//!
//! impl Resource for Note {
//!     from_table!(notes as "note"); // type, path, id, where rows come from
//!     type Attributes = NewNote; // what a write may set
//!
//!     const ATTRIBUTES: &'static [Attribute<Self>] = &[
//!         Attribute::new("content", Kind::Text, |row: &Self, _| Value::Text(&row.content))
//!             .column(&notes::content) // lists are sorted and filtered by it
//!             .required(), // on create
//!     ];
//!     const CREATE: Option<Create<Self>> = Some(Create::new(create));
//!
//!     // Part of every statement that reads notes: lists, includes, linkage, filters, counts.
//!     fn visible(viewer: &Viewer, _: Place<'_>) -> Vec<Sql> {
//!         vec![Sql::new("notes.author_id = ").then(viewer.id)]
//!     }
//! }
//!
//! // Checked before `create` is called; each problem is told with its pointer.
//! #[derive(Default, serde::Deserialize, validator::Validate)]
//! #[serde(default)]
//! struct NewNote {
//!     #[validate(length(min = 1, max = 1000))]
//!     content: Option<String>,
//! }
//!
//! fn create(tx: &mut Tx<'_>, sent: Input<Note>) -> Result<Created> {
//!     let row = (notes::id.eq(sent.id), notes::author_id.eq(tx.viewer.id), notes::created_at.eq(tx.viewer.now()));
//!     let content = notes::content.eq(sent.attributes.content.unwrap_or_default());
//!     diesel::insert_into(notes::table).values((row, content)).execute(tx.conn)?;
//!     Ok(Created::fresh(sent.id))
//! }
//!
//! #[actix_web::main]
//! async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
//!     let database = Database::open("sqlite:notes.db", &Options::default())?;
//!     // `Api` also says whom a token stands for; here nobody needs one.
//!     let api = http::Api::open(Registry::new().with::<Note>());
//!     let running = http::serve(Config::default(), database, api)?;
//!     println!("{}/api/v1/notes?filter[content]=ct:milk&sort=-content", running.url);
//!     tokio::signal::ctrl_c().await?;
//!     running.stop().await;
//!     Ok(())
//! }
//! ```
//!
//! [`resource::Resource`] has all that can be declared. `examples/articles.rs` serves three types that are related to
//! each other; the types of the chat, in [`resources`], use nearly everything.
//!
//! # Where things are
//!
//! Each layer knows only those above it, which `tests/layers.rs` checks.
//!
//! | Layer | Is |
//! |---|---|
//! | [`jsonapi`] | JSON:API without a server: documents, parameters, media types, errors |
//! | [`db`] | one connection over two databases, its types, pool, migrations, the writer |
//! | [`storage`] | bytes in a directory or a bucket |
//! | [`resource`] | the generic layer: descriptions, plans, statements, documents, writes |
//! | [`openapi`] | a registry described: OpenAPI, JSON Schemas, TypeScript |
//! | [`http`] | handlers for whatever is in a registry |
//! | [`resources`], [`schema`] | the chat: its types, its rules, its tables |
//! | [`upkeep`], [`images`], [`accounts`], [`seed`], [`demo`] | what is done without a request |
//! | [`app`], [`config`] | the chat server, put together |
//!
//! # Units
//!
//! Instants are [`db::Time`], milliseconds since 1970 in UTC, and ids [`db::Id`], UUIDs, on both databases. Lengths of
//! texts count Unicode scalar values, sizes count bytes, and pages begin with 1.
//!
//! # Errors
//!
//! What a client is to blame for is [`jsonapi::error::Errors`]: never empty, every problem of a request at once, each
//! with a code of a closed catalogue and its source. Resources fail with [`resource::Error`], which is that, or a
//! failure of the database, or a fault of ours; [`http`] makes an answer of any of them, and logs what is no client's
//! business.
#![warn(missing_docs)]

pub mod accounts;
pub mod app;
pub mod config;
#[expect(missing_docs, reason = "`Conn` derives types that have no documentation")]
pub mod db;
pub mod demo;
pub mod http;
pub mod images;
pub mod jsonapi;
pub mod openapi;
pub mod resource;
pub mod resources;
pub mod schema;
pub mod seed;
pub mod storage;
pub mod upkeep;

pub use app::{Server, Settings};
pub use http::{Running, StartError};
