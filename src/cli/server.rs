//! The server as this program starts it.

use tertulia::config::Config;
use tertulia::db::Database;
use tertulia::http::{Api, Running, Server, StartError};
use tertulia::resource::Registry;

use super::failure::Failure;

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Bind { .. } => Self::new(error),
            StartError::Database(error) => error.into(),
        }
    }
}

/// Starts to listen; the database is open and migrated.
pub(crate) fn start(config: &Config, database: Database) -> Result<Running, Failure> {
    Ok(Server::serve(config.clone(), database, api())?)
}

/// LEAD: the chat server's resources, settings and authentication belong here.
fn api() -> Api {
    Api::open(Registry::new())
}
