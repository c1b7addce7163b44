//! What documents cost without a server and a database: writing 1,000 resources with 1,000 included ones against a
//! hand-written `Serialize`, and the allocations of that.
//!
//! ```text
//! cargo bench --bench documents
//! cargo bench --bench documents -- --check        fails when a bound is missed
//! ```
//! `benches/README.md` tells what each figure means.

#[path = "../support/alone.rs"]
mod alone;
#[path = "../support/report.rs"]
mod report;
mod serialize;
#[path = "../support/thread.rs"]
mod thread;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    alone::measure(serialize::run)
}
