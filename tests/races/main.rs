//! Races of the chat, each run a few hundred times on both databases: two requests at the same moment, and what is there
//! afterwards.
//!
//! Which of two answers somebody gets may differ between rounds. That both are answers which one order of the two
//! explains, that the state is the one of that order, and that none is a 5xx, may not. Nothing waits for a time.

#[expect(dead_code, reason = "of the sentences in `api`, whose requests `world` makes")]
#[path = "../api/cast.rs"]
mod cast;
mod conversations;
mod groups;
mod messages;
mod people;
#[expect(dead_code, reason = "the contract uses the rest")]
#[path = "../support/mod.rs"]
mod support;
#[expect(dead_code, reason = "the sentences in `api` use the rest")]
#[path = "../api/world.rs"]
mod world;
