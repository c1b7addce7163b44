//! The database, as the configuration names it, with its tables up to date.

use std::num::NonZeroUsize;

use tertulia::config::{Config, Effective};
use tertulia::db::{Database, DbError, Options};

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
    Database::open(settings.config.database_url.expose(), &options(&settings.config)).map_err(named)
}

pub(crate) fn options(config: &Config) -> Options {
    Options {
        pool_size: config.database_pool.map(number),
        acquire_timeout: config.database_timeout,
        ..Options::default()
    }
}

fn number(size: NonZeroUsize) -> u32 {
    u32::try_from(size.get()).unwrap_or(u32::MAX)
}
