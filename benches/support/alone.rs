//! Benchmarks of what needs neither a server nor a database: one thread, and its CPU time.

use super::report::{self, Ratio};
use super::thread;
use clap::Parser;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

/// Whatever goes wrong ends the benchmark.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "Measures, without a server and a database, what this program is named for")]
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

/// Runs so many rounds as the command line says, and prints what they found.
pub(crate) fn measure(run: impl FnOnce(usize) -> Outcome<Vec<Ratio>>) -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.rounds) {
        Ok(ratios) => {
            report::ratios(&ratios);
            let holds = ratios.iter().all(Ratio::holds);
            if holds || !arguments.check { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// CPU microseconds of one of `times` runs.
pub(crate) fn each<T>(times: u32, mut work: impl FnMut() -> T) -> f64 {
    let began = thread::used();
    for _ in 0..times {
        black_box(work());
    }
    let used: Duration = thread::used() - began;
    used.as_secs_f64() * 1e6 / f64::from(times)
}
