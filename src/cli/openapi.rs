//! `tertulia openapi`: what `/openapi.json` says, and the schema of each type.

use std::path::PathBuf;

use clap::Args;
use tertulia::{app, openapi, resources};

use super::failure::{Failure, Outcome};
use super::print;

const EXAMPLES: &str = "\
Examples:
  tertulia openapi > openapi.json
  tertulia openapi --schemas schemas       writes schemas/chat.json and so on";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Write the JSON Schema of each type into this directory instead
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let registry = resources::registry();
    let Some(directory) = &arguments.schemas else {
        return print::line(format!("{:#}", openapi::describe(&registry, &app::INFO)));
    };
    let failed = |error: std::io::Error| Failure::new(error).because(directory.display());
    std::fs::create_dir_all(directory).map_err(failed)?;
    for entry in registry.entries() {
        let Some(schema) = openapi::schema(&registry, entry.kind) else { continue };
        std::fs::write(directory.join(format!("{}.json", entry.kind)), format!("{schema:#}\n")).map_err(failed)?;
    }
    Ok(())
}
