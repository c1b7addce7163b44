//! The contract: every case below `spec/` on both databases, and the conformance matrix they add up to.
//!
//! `TERTULIA_CASE=sorting/` plays only cases whose name contains that.
//! `TERTULIA_ACCEPT=1` writes `spec/CONFORMANCE.md`, `spec/openapi.json` and the like anew.

mod case;
mod conformance;
mod crawl;
mod decisions;
mod declared;
mod described;
mod exchange;
mod expect;
mod families;
mod features;
mod rules;
mod runner;
mod schemas;
mod strictness;
mod tables;
mod vocabulary;
mod words;
mod world;

#[expect(
    dead_code,
    unused_macros,
    unused_imports,
    reason = "cases are data and need little of what sentences in Rust do"
)]
#[path = "../support/mod.rs"]
mod support;
