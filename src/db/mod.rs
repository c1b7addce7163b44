//! The database: one connection type over SQLite and PostgreSQL, its types, pool, writer and migrations.
//!
//! Everything above this layer writes one SQL text or one diesel expression over [`Conn`] and never asks which
//! database it is, except through [`on_backend!`](crate::on_backend).
//!
//! What is deliberately absent: JSON:API, HTTP, chats and users.

mod conn;
mod database;
mod error;
mod migrations;
mod pool;
mod stamp;
#[cfg(test)]
mod statement_tests;
mod target;
mod threads;
mod types;
mod writer;
#[cfg(test)]
mod writer_tests;

pub use conn::{Conn, Db, Kind, MultiBackend, MultiField, MultiRawValue, MultiRow};
pub use database::{Database, Options};
pub use error::{DbError, Retry, violates};
pub use stamp::Stamp;
pub use types::{Id, Instant, NotAnId, Time, Uid};
