//! Sentences about the running server that are more than requests and answers: several clients at once, many rows,
//! the passage of time, what it costs. Plain requests and answers are cases below `spec/`.

mod creating;
mod limits;
mod settings;
mod statements;
mod time;
mod together;
mod walking;

#[expect(dead_code, reason = "the contract uses the rest")]
#[path = "../support/mod.rs"]
mod support;
