//! What documents cost without a server and a database: writing 1,000 resources with 1,000 included ones against a
//! hand-written `Serialize`, the allocations of that, and understanding the most complicated query.
//!
//! ```text
//! cargo bench --bench documents
//! cargo bench --bench documents -- --check        fails when a bound is missed
//! ```
//! `benches/README.md` tells what each figure means.

mod query;
#[path = "../support/report.rs"]
mod report;
mod serialize;
#[path = "../support/thread.rs"]
mod thread;
mod world;

use clap::Parser;
use report::Ratio;
use std::process::ExitCode;
use std::time::Duration;

/// Whatever goes wrong ends the benchmark.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "Measures what documents and query strings cost")]
struct Arguments {
    /// How often each thing has its turn
    #[arg(long, value_name = "N", default_value_t = 25)]
    rounds: usize,
    /// Fails when a figure is worse than it may be
    #[arg(long)]
    check: bool,
    /// Said by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure(&arguments) {
        Ok(holds) if holds || !arguments.check => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Outcome<bool> {
    let mut ratios = serialize::run(arguments.rounds)?;
    ratios.extend(query::run(arguments.rounds)?);
    report::ratios(&ratios);
    Ok(ratios.iter().all(Ratio::holds))
}

/// CPU microseconds of one of `times` runs.
pub(crate) fn each<T>(times: u32, mut work: impl FnMut() -> T) -> f64 {
    let began = thread::used();
    for _ in 0..times {
        std::hint::black_box(work());
    }
    let used: Duration = thread::used() - began;
    used.as_secs_f64() * 1e6 / f64::from(times)
}
