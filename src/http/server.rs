//! The server: from settings to a socket that listens, and back.

use super::{
    api::{Api, Shared},
    cors, described, held,
    limit::Limits,
    log::RequestSpan,
    routes, tell,
};
use crate::{
    config::Config,
    db::{Database, DbError},
    storage::StorageError,
};
use actix_web::{App, HttpServer, dev::ServerHandle, middleware, web};
use std::{net::SocketAddr, num::NonZeroUsize};
use tracing_actix_web::TracingLogger;

/// Why a server doesn't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address can't be listened on.
    #[error("cannot listen on {address}: {cause}")]
    Bind {
        /// The address as configured.
        address: String,
        /// Why not.
        cause: std::io::Error,
    },
    /// The database can't be opened or migrated.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The resources don't fit together; see [`Registry::check`](crate::resource::Registry::check).
    #[error("the resources don't fit together: {0}")]
    Registry(String),
    /// The storage can't be opened.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A server that listens.
pub struct Running {
    /// The address, with the port that was picked.
    pub address: SocketAddr,
    /// Where to reach it, without a slash at the end.
    pub url: String,
    /// Its database.
    pub database: Database,
    handle: ServerHandle,
    ended: actix_web::rt::task::JoinHandle<std::io::Result<()>>,
    beside: Vec<actix_web::rt::task::JoinHandle<()>>,
}

/// Serves `api` from a database that is open and migrated. Needs an actix runtime.
///
/// # Errors
/// [`StartError::Registry`] if the resources don't fit together, [`StartError::Bind`] if the address can't be listened on.
pub fn serve(config: Config, database: Database, api: Api) -> Result<Running, StartError> {
    api.registry.check().map_err(StartError::Registry)?;
    let bind = (config.bind.host().to_owned(), config.bind.port());
    let cannot = |cause| StartError::Bind { address: config.bind.to_string(), cause };
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let shared = web::Data::new(Shared {
        held: held::Memory::new(),
        limits: Limits::new(&config),
        slow: tokio::sync::Semaphore::new(processors),
        database: database.clone(),
        descriptions: described::Descriptions::default(),
        api,
        config: config.clone(),
    });
    let app = move || {
        let routes = shared.clone();
        App::new()
            .app_data(shared.clone())
            .wrap(middleware::from_fn(tell::tell))
            .wrap(middleware::from_fn(cors::cors))
            .wrap(TracingLogger::<RequestSpan>::new())
            .configure(move |app| routes::mount(&routes, app))
            .default_service(web::to(|request: actix_web::HttpRequest| async move { routes::no_route(&request) }))
    };
    let mut server = HttpServer::new(app)
        .disable_signals()
        .client_request_timeout(config.request_timeout)
        .shutdown_timeout(config.shutdown_timeout.as_secs().max(1))
        .bind(bind)
        .map_err(cannot)?;
    if let Some(workers) = config.workers {
        server = server.workers(workers.get());
    }
    let address = server.addrs().first().copied().unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
    let server = server.run();
    let handle = server.handle();
    let ended = actix_web::rt::spawn(server);
    Ok(Running { address, url: format!("http://{address}"), database, handle, ended, beside: Vec::new() })
}

impl Running {
    /// Ends `work` with the server.
    #[must_use]
    pub(crate) fn beside(mut self, work: actix_web::rt::task::JoinHandle<()>) -> Self {
        self.beside.push(work);
        self
    }

    /// Takes no more connections, finishes requests in flight, and returns.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        if let Ok(Err(error)) = self.ended.await {
            tracing::error!(%error, "the server ended badly");
        }
        for work in self.beside {
            work.abort();
            // Only now has it let go of the database.
            if let Err(error) = work.await
                && error.is_panic()
            {
                tracing::error!(%error, "work beside the server had ended long before");
            }
        }
    }
}
