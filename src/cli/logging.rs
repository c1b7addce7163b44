//! The log: structured events on standard error, as text or as one JSON object a line.

use std::io::IsTerminal;

use tertulia::config::{Effective, LogFormat};
use tracing_subscriber::EnvFilter;

use super::failure::{Failure, Outcome};

/// What commands log that only look after the database, unless the configuration says more.
pub(crate) const QUIET: Option<&str> = Some("warn");

/// What the server logs: as configured.
pub(crate) const CONFIGURED: Option<&str> = None;

/// What the HTTP library itself tells of connections: each one that sends no HTTP would be an error, and anybody can make
/// those.
const NOISE: &str = "actix_http::h1::dispatcher";

/// Starts logging for the rest of the program's life. `instead` stands in for the default filter.
pub(crate) fn start(settings: &Effective, instead: Option<&str>) -> Outcome {
    let config = &settings.config;
    let by_default = settings.origin("log") == "default";
    let filter = instead.filter(|_| by_default).unwrap_or(config.log.as_str());
    let filter = EnvFilter::try_new(without_noise(filter)).map_err(Failure::usage)?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|e| Failure::new(format!("the log cannot be started: {e}")))?;
    for note in settings.notes() {
        tracing::warn!("{note}");
    }
    Ok(())
}

/// Nothing of the noise is logged unless the filter names the library.
fn without_noise(filter: &str) -> String {
    if filter.contains("actix_http") { filter.to_owned() } else { format!("{NOISE}=off,{filter}") }
}
