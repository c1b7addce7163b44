//! The running server, as `serve` sees it.

use tertulia::{Running, Server, Settings, config::Config, db::Database};

use super::failure::Failure;

/// Starts to listen; the database is open and migrated.
pub(crate) fn start(config: &Config, database: Database) -> Result<Running, Failure> {
    Server::start_on(Settings::new(config.clone()), database).map_err(Failure::new)
}
