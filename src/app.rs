//! The chat server: its resources, its settings and its database, put together and served.

use crate::{
    config::{Config, DatabaseUrl, SignUp},
    db::{Database, DbError, Options},
    http::{self, Api, Known, Running, StartError},
    openapi,
    resource::cursor::Key,
    resources::{self, auth, keys, settings::PasswordCost},
    storage::Storage,
    upkeep::Upkeep,
};
use std::{any::Any, sync::Arc, time::Duration};

/// What the description of the API begins with.
pub const INFO: openapi::Info = openapi::Info {
    title: "Tertulia",
    version: env!("CARGO_PKG_VERSION"),
    description: include_str!("app/description.md"),
};

/// Everything that a server is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The configuration.
    pub config: Config,
    /// What hashing a password costs.
    pub password_cost: PasswordCost,
    /// Whether statements are counted; see [`Database::statements`].
    pub count_statements: bool,
}

impl Settings {
    /// The settings of a production server.
    pub fn new(config: Config) -> Self {
        Self { config, password_cost: PasswordCost::Default, count_statements: false }
    }

    /// Those of a server under test: no rate limits, cheap passwords, counted statements, any free port.
    ///
    /// # Errors
    /// A sentence about the URL.
    pub fn for_tests(database_url: &str) -> Result<Self, String> {
        let config = Config {
            database_url: DatabaseUrl::parse(database_url)?,
            bind: crate::config::BindAddress::local(0),
            rate_limit: None,
            sign_in_limit: None,
            ..Config::default()
        };
        Ok(Self { config, password_cost: PasswordCost::Fast, count_statements: true })
    }

    /// How the database is opened.
    pub fn options(&self) -> Options {
        let pool_size = self.config.database_pool.and_then(|size| u32::try_from(size.get()).ok());
        Options {
            pool_size,
            acquire_timeout: self.config.database_timeout,
            count_statements: self.count_statements,
            ..Options::default()
        }
    }

    fn of_resources(&self) -> resources::Settings {
        resources::Settings {
            sign_up_open: self.config.sign_up == SignUp::Open,
            session_life: Duration::from_secs(u64::from(self.config.session_days.get()) * 24 * 60 * 60),
            password_cost: self.password_cost,
            max_upload_bytes: self.config.max_upload_bytes as u64,
        }
    }
}

/// The chat server.
pub struct Server;

impl Server {
    /// Opens and migrates the database, and listens. Needs an actix runtime.
    ///
    /// # Errors
    /// [`StartError`] if the database or the address can't be had.
    pub async fn start(settings: Settings) -> Result<Running, StartError> {
        let (url, options) = (settings.config.database_url.clone(), settings.options());
        let opened = actix_web::rt::task::spawn_blocking(move || {
            let database = Database::open(url.expose(), &options)?;
            for name in database.migrate()? {
                tracing::info!(migration = name, "migrated");
            }
            Ok::<_, DbError>(database)
        });
        let database = opened.await.map_err(|error| DbError::Panicked(error.to_string()))??;
        Self::start_on(settings, database)
    }

    /// Listens, with a database that is open and migrated.
    ///
    /// # Errors
    /// [`StartError`] if the address can't be had.
    pub fn start_on(settings: Settings, database: Database) -> Result<Running, StartError> {
        let storage = Storage::open(settings.config.storage_url().as_str())?;
        let upkeep = Upkeep::new(database.clone(), storage.clone());
        let api = Api {
            registry: resources::registry().sealed_with(cursor_key(&database)?),
            info: INFO,
            settings: Arc::new(settings.of_resources()),
            authenticate: |conn, token, settings| {
                let known = auth::authenticate(conn, token, of(settings)?)?;
                Ok(known.map(|known| Known { viewer: known.viewer, touch: known.touch }))
            },
            touch: |conn, viewer, _| viewer.session.map_or(Ok(()), |session| auth::touch(conn, session)),
            storage: Some(storage),
            arrived: upkeep.bell(),
            answers: Some(resources::idempotency::STORE),
            limited_as: auth::limited_as,
        };
        let running = http::serve(settings.config, database, api)?;
        Ok(running.beside(actix_web::rt::spawn(upkeep.run())))
    }
}

/// Written only where it is missing: a start needs no other write.
fn cursor_key(database: &Database) -> Result<Key, DbError> {
    match database.read_blocking(keys::find_cursor_key)? {
        Some(key) => Ok(key),
        None => database.write_blocking(keys::cursor_key),
    }
}

fn of(settings: &(dyn Any + Send + Sync)) -> crate::resource::Result<&resources::Settings> {
    let missing = || crate::resource::Error::Internal("the settings are of another type".to_owned());
    settings.downcast_ref().ok_or_else(missing)
}
