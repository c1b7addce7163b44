//! What the hot list costs: CPU time per request through the generic layer, by hand, and of a static document.
//!
//! ```text
//! cargo bench --bench hot_list                    both databases, 100,000 users, 200,000 conversations
//! cargo bench --bench hot_list -- --quick         a tenth of everything
//! cargo bench --bench hot_list -- --check         fails when a ratio is missed
//! ```
//! The three servers are one process; the load comes from another, and is not counted. Rounds take turns, and what is
//! reported are medians: a figure moves with the machine, a ratio of one run hardly. `benches/README.md` has more.

mod by_hand;
mod parts;
mod queries;
mod rounds;
mod serve;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/thread.rs"]
mod thread;
mod world;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use support::prepared::Host;
use support::report::{self, Ratio};
use support::{Only, Outcome};
use world::{Size, World};

/// A failure of the generic layer, which is no `std::error::Error`.
pub(crate) fn told(error: tertulia::resource::Error) -> String {
    format!("{error:?}")
}

/// The list's path.
pub(crate) const PATH: &str = "/api/v1/direct_conversations";
/// Its parameters.
pub(crate) const QUERY: &str = "sort=-chat_updated_at&include=chat,first_user,second_user&page%5Bsize%5D=20";
/// Conversations on a page.
pub(crate) const PAGE: i64 = 20;
/// What links begin with.
pub(crate) const BASE: &str = "http://bench.example/api/v1";

pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Measures what the list of direct conversations costs")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// A tenth of the data and a few rounds: shows that it works, not how fast
    #[arg(long)]
    quick: bool,
    /// Users of the world [default: 100000]
    #[arg(long, value_name = "N")]
    users: Option<u64>,
    /// Direct conversations between them [default: 200000]
    #[arg(long, value_name = "N")]
    conversations: Option<u64>,
    /// How often every server has its turn [default: 15]
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Requests of one turn [default: 2000]
    #[arg(long, value_name = "N")]
    requests: Option<usize>,
    /// Connections in a closed loop
    #[arg(long, value_name = "N", default_value_t = 16)]
    connections: usize,
    /// Measures a world so many times larger too; 1 for none
    #[arg(long, value_name = "N", default_value_t = 10)]
    times: u64,
    /// One database alone
    #[arg(long)]
    only: Option<Only>,
    /// A PostgreSQL server to make databases on, instead of one of our own
    #[arg(long, value_name = "URL", env = "TEST_POSTGRES_URL")]
    postgres: Option<String>,
    /// Logs every request, as a server does that is not told otherwise
    #[arg(long)]
    log: bool,
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
    Serve(serve::Arguments),
}

/// How much is measured.
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    pub(crate) requests: usize,
    pub(crate) connections: usize,
    pub(crate) log: bool,
}

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    let outcome = match arguments.command.take() {
        Some(Command::Serve(arguments)) => serve::run(arguments).map(|()| true),
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

/// Whether all ratios are as they should be, or nobody asked.
fn measure(arguments: Arguments) -> Outcome<bool> {
    let part = if arguments.quick { 10 } else { 1 };
    let size = Size {
        users: arguments.users.unwrap_or(100_000 / part),
        conversations: arguments.conversations.unwrap_or(200_000 / part),
    };
    let effort = Effort {
        rounds: arguments.rounds.unwrap_or(if arguments.quick { 5 } else { 15 }),
        requests: arguments.requests.unwrap_or(if arguments.quick { 500 } else { 2000 }),
        connections: arguments.connections,
        log: arguments.log,
    };
    let mut ratios = Vec::new();
    if arguments.only != Some(Only::Postgres) {
        ratios.extend(on(&Host::Files, "SQLite", size, arguments.times, &effort)?);
    }
    if arguments.only != Some(Only::Sqlite) {
        let host = Host::server(arguments.postgres)?;
        ratios.extend(on(&host, "PostgreSQL", size, arguments.times, &effort)?);
    }
    report::ratios(&ratios);
    Ok(!arguments.check || ratios.iter().all(Ratio::holds))
}

fn on(host: &Host, name: &'static str, size: Size, times: u64, effort: &Effort) -> Outcome<Vec<Ratio>> {
    let world = World::of(host, size)?;
    let larger = Size { users: size.users * times, conversations: size.conversations * times };
    let larger = if times > 1 { Some(World::of(host, larger)?) } else { None };
    println!("\n{name}: {size}, {} of the users ask", world.askers.len());
    let mut ratios = rounds::run(name, &world, larger.as_ref(), effort)?;
    ratios.extend(queries::run(name, &world, effort)?);
    parts::run(&world, effort)?;
    Ok(ratios)
}
