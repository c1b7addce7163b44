//! What messaging costs: sends into chats of two and of a thousand, pages of a chat of a million messages, and the
//! inbox of somebody with thousands of chats.
//!
//! ```text
//! cargo bench --bench messaging                   both databases
//! cargo bench --bench messaging -- --quick        a tenth of everything
//! cargo bench --bench messaging -- --check        fails when a ratio is missed
//! ```
//! `benches/README.md` tells what each figure means.

mod rounds;
#[path = "../support/mod.rs"]
mod support;
mod world;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use support::prepared::Host;
use support::report::{self, Ratio};
use support::{Only, Outcome, process};
use tertulia::db::Options;
use world::{Size, World};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Measures what sending and reading messages costs")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// A tenth of the data and a few rounds: shows that it works, not how fast
    #[arg(long)]
    quick: bool,
    /// How often every kind of request has its turn [default: 15]
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Connections in a closed loop: by default every sender has one
    #[arg(long, value_name = "N", default_value_t = 64)]
    connections: usize,
    /// One database alone
    #[arg(long)]
    only: Option<Only>,
    /// A PostgreSQL server to make databases on, instead of one of our own
    #[arg(long, value_name = "URL", env = "TEST_POSTGRES_URL")]
    postgres: Option<String>,
    /// Fails when a ratio is worse than it may be
    #[arg(long)]
    check: bool,
    /// Said by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum Command {
    /// The process under load
    #[command(hide = true)]
    Serve(Serve),
}

#[derive(clap::Args)]
struct Serve {
    /// The prepared database
    #[arg(long)]
    url: String,
    /// The most sends that one commit carries; 0 for commits by the pool's connections
    #[arg(long)]
    together: Option<usize>,
}

/// How much is measured.
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    pub(crate) connections: usize,
    /// Of the cheapest kind in one turn.
    pub(crate) requests: usize,
}

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    let outcome = match arguments.command.take() {
        Some(Command::Serve(arguments)) => serve(arguments).map(|()| true),
        None => measure(arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(Serve { url, together }: Serve) -> Outcome<()> {
    let by_default = Options::default();
    let options = Options { write_group: together.unwrap_or(by_default.write_group), ..by_default };
    actix_web::rt::System::new().block_on(async move {
        let real = process::real(&url, &options)?;
        process::answer(&[real.address]).await
    })
}

/// Whether all ratios are as they should be, or nobody asked.
fn measure(arguments: Arguments) -> Outcome<bool> {
    let (size, effort) = if arguments.quick { (Size::QUICK, (5, 500)) } else { (Size::WHOLE, (15, 2000)) };
    let effort =
        Effort { rounds: arguments.rounds.unwrap_or(effort.0), connections: arguments.connections, requests: effort.1 };
    let mut ratios = Vec::new();
    if arguments.only != Some(Only::Postgres) {
        ratios.extend(rounds::run("SQLite", &World::of(&Host::Files, size)?, &effort)?);
    }
    if arguments.only != Some(Only::Sqlite) {
        let host = Host::server(arguments.postgres)?;
        ratios.extend(rounds::run("PostgreSQL", &World::of(&host, size)?, &effort)?);
    }
    report::ratios(&ratios);
    Ok(!arguments.check || ratios.iter().all(Ratio::holds))
}
