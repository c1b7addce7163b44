//! `tertulia config`: the settings in force, as a file that could be used, each with its source.

use clap::Args;
use tertulia::config::{Effective, SETTINGS, Setting};

use super::failure::Outcome;
use super::flags::ServerFlags;
use super::{print, serve};

const EXAMPLES: &str = "\
Examples:
  tertulia config                          what `tertulia serve` would use here
  tertulia config > tertulia.toml          a file to start from; passwords are left out
  TERTULIA_RATE_LIMIT=off tertulia config --bind 0.0.0.0:80";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    flags: ServerFlags,
}

impl From<Arguments> for serve::Arguments {
    fn from(arguments: Arguments) -> Self {
        Self::with_flags(arguments.flags)
    }
}

pub(crate) fn run(settings: &Effective) -> Outcome {
    for note in settings.notes() {
        eprintln!("warning: {note}");
    }
    print::line(describe(settings))
}

/// One `key = "value"  # source` for each setting.
pub(crate) fn describe(settings: &Effective) -> String {
    let lines: Vec<(String, &str)> = SETTINGS.iter().map(|setting| assignment(settings, setting)).collect();
    let wide = lines.iter().map(|(text, _)| text.len()).max().unwrap_or_default();
    let described = lines.iter().map(|(text, origin)| format!("{text:wide$}  # {origin}"));
    described.collect::<Vec<_>>().join("\n")
}

fn assignment<'a>(settings: &'a Effective, setting: &Setting) -> (String, &'a str) {
    let value = settings.config.show(setting.key);
    let secret = setting.key == "database_url" && value.contains("***");
    let comment = if secret { "# " } else { "" };
    (format!("{comment}{} = {}", setting.key, quoted(&value)), settings.origin(setting.key))
}

/// A TOML basic string.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
