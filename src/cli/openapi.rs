//! `tertulia openapi`: what `/openapi.json` says, the schema of each type, and what changed since another description.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::Value;
use tertulia::{app, openapi, resources};

use super::failure::{Failure, Outcome};
use super::print;

const EXAMPLES: &str = "\
Examples:
  tertulia openapi > openapi.json
  tertulia openapi --schemas schemas       writes schemas/chat.json and so on
  tertulia openapi diff old.json           what this program changes, with status 1 if clients of the old one may break";

const DIFF_EXAMPLES: &str = "\
Examples:
  tertulia openapi diff released.json             what this program changes
  tertulia openapi diff released.json next.json";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    /// Write the JSON Schema of each type into this directory instead
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tell additive from breaking changes between two descriptions
    ///
    /// Ends with status 1 if a change may break clients of the older one.
    #[command(after_help = DIFF_EXAMPLES)]
    Diff {
        /// The older description
        old: PathBuf,
        /// The newer one [default: what this program describes]
        new: Option<PathBuf>,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    match (&arguments.command, &arguments.schemas) {
        (Some(Command::Diff { old, new }), _) => compare(old, new.as_deref()),
        (None, Some(directory)) => write_schemas(directory),
        (None, None) => print::line(format!("{:#}", own())),
    }
}

fn own() -> Value {
    openapi::describe(&resources::registry(), &app::INFO)
}

fn write_schemas(directory: &Path) -> Outcome {
    let registry = resources::registry();
    let failed = |error: std::io::Error| Failure::new(error).because(directory.display());
    std::fs::create_dir_all(directory).map_err(failed)?;
    for entry in registry.entries() {
        let Some(schema) = openapi::schema(&registry, entry.kind) else { continue };
        std::fs::write(directory.join(format!("{}.json", entry.kind)), format!("{schema:#}\n")).map_err(failed)?;
    }
    Ok(())
}

/// Prints all changes; fails if one of them breaks.
fn compare(old: &Path, new: Option<&Path>) -> Outcome {
    let new = new.map_or_else(|| Ok(own()), read)?;
    let changes = openapi::difference(&read(old)?, &new);
    for change in &changes {
        print::line(change.to_string())?;
    }
    match changes.iter().filter(|change| change.breaks).count() {
        0 => Ok(()),
        1 => Err(Failure::new("1 change breaks clients")),
        many => Err(Failure::new(format!("{many} changes break clients"))),
    }
}

/// An OpenAPI document in a file.
fn read(path: &Path) -> Result<Value, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::usage(error).because(path.display());
    let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
    let document: Value = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    if document.get("openapi").is_none() || document.get("paths").is_none() {
        return Err(failed(&"no OpenAPI document"));
    }
    Ok(document)
}
