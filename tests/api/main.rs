//! Sentences about the running server that are more than requests and answers.

mod adds;
mod alike;
mod bytes;
mod cast;
mod conditions;
mod cursors;
mod documents;
mod errors;
mod expressions;
mod held;
mod http;
mod leaks;
mod limits;
mod linkage;
mod matrix;
mod operations;
mod order;
mod queries;
mod races;
mod raw;
mod reactions;
mod requests;
mod retries;
mod sessions;
mod settings;
mod sparse;
mod statements;
mod suggestions;
#[expect(dead_code, reason = "the contract uses the rest")]
#[path = "../support/mod.rs"]
mod support;
mod texts;
mod time;
mod upkeep;
mod visibility;
mod walks;
mod wire;
mod world;
