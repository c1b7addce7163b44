//! `tertulia migrate`: brings the tables up to date, or says what is missing.

use clap::Args;
use tertulia::config::Effective;

use super::failure::Outcome;
use super::{logging, print, store};

const EXAMPLES: &str = "\
`tertulia serve` migrates by itself when it starts; several processes may do so at once.

Examples:
  tertulia migrate                         apply what is missing
  tertulia migrate --status                only say what is missing
  DATABASE_URL=postgres://owner@db/chat tertulia migrate";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Change nothing; list the migrations that are missing
    #[arg(long)]
    status: bool,
}

pub(crate) fn run(settings: &Effective, arguments: &Arguments) -> Outcome {
    logging::start(settings, logging::QUIET)?;
    let database = store::connect(settings)?;
    if arguments.status {
        return print::line(report("missing", &database.pending()?));
    }
    print::line(report("applied", &database.migrate()?))
}

fn report(what: &str, names: &[String]) -> String {
    if names.is_empty() {
        return "The database is up to date.".to_owned();
    }
    names.iter().map(|name| format!("{what} {name}")).collect::<Vec<_>>().join("\n")
}
