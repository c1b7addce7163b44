//! The database, as the configuration names it, with its tables up to date.

use tertulia::Settings;
use tertulia::config::Effective;
use tertulia::db::{Database, DbError};

use super::failure::Failure;
use super::logging;

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Config(_) => Self::usage(error),
            _ => Self::new(error),
        }
    }
}

/// Opens the database for a command that looks after it: quietly, and migrated.
pub(crate) fn open(settings: &Effective) -> Result<Database, Failure> {
    logging::start(settings, logging::QUIET)?;
    let database = connect(settings)?;
    database.migrate()?;
    Ok(database)
}

/// Opens the database as it is.
pub(crate) fn connect(settings: &Effective) -> Result<Database, Failure> {
    let named = |error| Failure::from(error).because(settings.origin("database_url"));
    Database::open(settings.config.database_url.expose(), &Settings::new(settings.config.clone()).options())
        .map_err(named)
}
