//! The process under load: the real server, the hand-written list and a static document, all in one.

use crate::support::process::{answer, real};
use crate::{Outcome, by_hand};
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use std::net::SocketAddr;
use tertulia::db::{Kind, Options};

/// What the process is told.
#[derive(clap::Args, Clone)]
pub(crate) struct Arguments {
    /// The prepared database
    #[arg(long)]
    url: String,
    /// How large the static document is
    #[arg(long)]
    bytes: usize,
    /// Logs every request, as the server does unless it is told otherwise
    #[arg(long)]
    log: bool,
}

/// Serves until standard input ends.
pub(crate) fn run(arguments: Arguments) -> Outcome<()> {
    if arguments.log {
        tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    }
    rt::System::new().block_on(async move {
        let real = real(&arguments.url, &Options::default())?;
        let kind = if arguments.url.starts_with("sqlite:") { Kind::Sqlite } else { Kind::Postgres };
        let by_hand = by_hand::serve(by_hand::Pool::open(kind, &arguments.url)?)?;
        let fixed = fixed(arguments.bytes)?;
        answer(&[real.address, by_hand, fixed]).await
    })
}

/// A document that costs nothing to make.
fn fixed(bytes: usize) -> Outcome<SocketAddr> {
    let document = web::Bytes::from("x".repeat(bytes));
    let app = move || {
        let document = document.clone();
        let answer = move || {
            let document = document.clone();
            async move { HttpResponse::Ok().insert_header(("content-type", "application/vnd.api+json")).body(document) }
        };
        App::new().route(crate::PATH, web::get().to(answer))
    };
    let server = HttpServer::new(app).disable_signals().bind(("127.0.0.1", 0))?;
    let address = server.addrs()[0];
    rt::spawn(server.run());
    Ok(address)
}
