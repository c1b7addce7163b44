//! LEAD: the seam to the HTTP server. Replace this file's body by `tertulia::Server::start(Settings)`.
//!
//! It answers `/healthz` only, so that this branch runs alone.

use std::net::SocketAddr;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use tertulia::config::Config;
use tertulia::db::Database;

use super::failure::Failure;

/// A server that listens.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    ended: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// Starts to listen; the database is open and migrated.
pub(crate) async fn start(config: &Config, _database: Database) -> Result<Running, Failure> {
    let app = || App::new().route("/healthz", web::get().to(|| async { HttpResponse::Ok().body("ok") }));
    let cannot = |e: std::io::Error| Failure::new(format!("cannot listen on {}: {e}", config.bind));
    let mut server = HttpServer::new(app)
        .disable_signals()
        .shutdown_timeout(config.shutdown_timeout.as_secs())
        .bind((config.bind.host(), config.bind.port()))
        .map_err(cannot)?;
    if let Some(workers) = config.workers {
        server = server.workers(workers.get());
    }
    let address = server.addrs()[0];
    let server = server.run();
    Ok(Running { address, handle: server.handle(), ended: tokio::task::spawn_local(server) })
}

impl Running {
    /// Takes no more connections, finishes requests in flight, and returns.
    pub(crate) async fn stop(self) {
        self.handle.stop(true).await;
        drop(self.ended.await);
    }
}
