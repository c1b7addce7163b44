//! What it costs to understand query strings, without a server and a database; in the allocator of the program, which the
//! benchmark of documents gives up to count what is allocated.
//!
//! ```text
//! cargo bench --bench queries
//! cargo bench --bench queries -- --check        fails when the bound is missed
//! ```
//! `benches/README.md` tells what each figure means.

#[path = "../support/alone.rs"]
mod alone;
mod query;
#[path = "../support/report.rs"]
mod report;
#[path = "../support/thread.rs"]
mod thread;

use std::process::ExitCode;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    alone::measure(query::run)
}
