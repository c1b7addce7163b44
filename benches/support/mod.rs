//! What the benchmarks that put servers under load have in common.
//!
//! The server is a process of its own, and so is its database; the load comes from this one, whose time is in nobody's
//! figures. Servers take turns, and what is reported are medians of rounds and of their ratios.

pub(crate) mod cpu;
pub(crate) mod figures;
pub(crate) mod load;
pub(crate) mod postgres;
pub(crate) mod prepared;
pub(crate) mod process;
pub(crate) mod report;
pub(crate) mod target;

/// Whatever goes wrong ends the benchmark.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// One database of the two.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Only {
    Sqlite,
    Postgres,
}
