//! The log: structured events on standard error, as text or as one JSON object a line.

use std::io::IsTerminal;

use tertulia::config::{Config, LogFormat};
use tracing_subscriber::EnvFilter;

use super::failure::{Failure, Outcome};

/// Starts logging for the rest of the program's life.
pub(crate) fn start(config: &Config) -> Outcome {
    let filter = EnvFilter::try_new(config.log.as_str()).map_err(Failure::usage)?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|e| Failure::new(format!("the log cannot be started: {e}")))
}
