//! `tertulia serve`: the server, from opening its database to the last request.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use tertulia::config::{Config, Effective, SignUp};
use tertulia::db::{Database, Id, Time};
use tertulia::demo::{self, Demo, DemoError, Guest};
use tertulia::storage::Storage;

use super::failure::{Failure, Outcome};
use super::flags::{ServerFlags, Values};
use super::server;
use super::{logging, print, store};
use tertulia::Running;

const EXAMPLES: &str = "\
Examples:
  tertulia serve
  tertulia serve --demo                    a small world to try, with tokens
  tertulia serve --bind 127.0.0.1:0        a free port, which is printed
  tertulia serve --database-url postgres://tertulia@/tertulia --public-url https://chat.example.com
  TERTULIA_RATE_LIMIT=off TERTULIA_LOG=warn tertulia serve";

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Fill an empty database with a small world, and print tokens to try it with
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    flags: ServerFlags,
}

impl Arguments {
    pub(crate) fn with_flags(flags: ServerFlags) -> Self {
        Self { demo: false, flags }
    }

    /// `tertulia --bind A serve --bind B` binds B.
    pub(crate) fn overridden_by(mut self, later: Self) -> Self {
        self.demo |= later.demo;
        self.flags.values.extend(later.flags.values);
        self
    }

    pub(crate) fn values(&self) -> Values {
        self.flags.values.clone()
    }

    /// A flag that was given, as it is written.
    pub(crate) fn first_flag(&self) -> Option<String> {
        let setting = self.flags.values.keys().next().map(|key| format!("--{}", key.replace('_', "-")));
        if self.demo { Some("--demo".to_owned()) } else { setting }
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Database(error) => error.into(),
            DemoError::NotEmpty(_) => {
                Self::new(format!("{error}\nstart without --demo, or name a new one: --database-url sqlite:demo.db"))
            }
            DemoError::Account(error) => error.into(),
            DemoError::Password(_) | DemoError::Token(_) | DemoError::Picture(_) => Self::new(error),
        }
    }
}

pub(crate) fn run(settings: &Effective, arguments: &Arguments) -> Outcome {
    logging::start(settings, logging::CONFIGURED)?;
    let database = store::connect(settings)?;
    for name in database.migrate()? {
        tracing::info!(migration = name, "migrated");
    }
    if arguments.demo && !settings.config.bind.is_loopback() {
        tracing::warn!("the demo's accounts have a well-known password, and others than this machine can reach them");
    }
    let demo = arguments.demo.then(|| database.write_blocking(|conn| demo::fill(conn, Time::now()))).transpose()?;
    actix_web::rt::System::new().block_on(serve(&settings.config, database, demo))
}

async fn serve(config: &Config, database: Database, demo: Option<Demo>) -> Outcome {
    let guests = match demo {
        Some(demo) => furnished(config, demo).await?,
        None => Vec::new(),
    };
    let running = server::start(config, database)?;
    tracing::info!(address = %running.address, database = %config.database_url, "listening");
    print::line(greeting(config, running.address, &guests))?;
    asked_to_stop().await?;
    stop(config, running).await
}

/// Those who can sign in, once the files are where they belong.
async fn furnished(config: &Config, demo: Demo) -> Result<Vec<Guest>, Failure> {
    let storage = Storage::open(config.storage_url().as_str()).map_err(Failure::new)?;
    for (key, bytes) in demo.files {
        storage.put(key, bytes).await.map_err(Failure::new)?;
    }
    Ok(demo.guests)
}

/// Lets requests in flight finish; a second signal ends them.
async fn stop(config: &Config, running: Running) -> Outcome {
    tracing::info!("stopping; requests in flight are finished");
    let most = config.shutdown_timeout + Duration::from_secs(1);
    tokio::select! {
        stopped = tokio::time::timeout(most, running.stop()) => {
            stopped.map_err(|_| Failure::new("some requests were not finished in time"))
        }
        again = asked_to_stop() => {
            again?;
            Err(Failure::new("stopped at once, as asked twice"))
        }
    }
}

/// SIGINT (Ctrl-C) or SIGTERM.
async fn asked_to_stop() -> Outcome {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = terminate.recv() => Ok(()),
    }
}

/// What a person sees once the server listens: where it is, and what to type next.
fn greeting(config: &Config, address: SocketAddr, guests: &[Guest]) -> String {
    let url = url(address);
    let mut lines = vec![format!("Tertulia listens on {url}")];
    lines.extend(config.public_url.as_ref().map(|url| format!("Links begin with {}", url.as_str())));
    lines.push(format!("The API is described at {url}/docs"));
    lines.push(String::new());
    if !guests.is_empty() {
        lines.push(format!("Try it as one of these; everybody's password is {}", demo::PASSWORD));
        lines.extend(guests.iter().map(|guest| format!("  {:<14} {:<22} {}", guest.name, guest.email, guest.token)));
        lines.push(String::new());
    }
    lines.push(match (guests.first(), config.sign_up) {
        (Some(guest), _) => list_conversations(&url, guest),
        (None, SignUp::Open) => sign_up(&url, Id::new()),
        (None, SignUp::Closed) => format!("curl {url}/readyz"),
    });
    lines.join("\n")
}

/// What this machine can reach the address by.
fn url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

fn list_conversations(url: &str, guest: &Guest) -> String {
    let query = "sort=-chat_updated_at&include=chat,first_user,second_user";
    format!("curl -H 'Authorization: Bearer {}' '{url}/api/v1/direct_conversations?{query}'", guest.token)
}

/// A sign-up that works each time it is printed: the e-mail address is new.
fn sign_up(url: &str, fresh: Id) -> String {
    let tail: String = fresh.to_string().chars().rev().take(6).collect();
    let attributes = format!(r#"{{"name":"Ana","email":"ana-{tail}@example.com","password":"choose-another"}}"#);
    let document = format!(r#"{{"data":{{"type":"user","attributes":{attributes}}}}}"#);
    format!("curl {url}/api/v1/users -H 'Content-Type: application/vnd.api+json' -d '{document}'")
}

#[cfg(test)]
mod tests {
    use super::{sign_up, url};
    use tertulia::db::Id;

    #[test]
    fn the_printed_address_can_be_reached_from_here() {
        for (bound, printed) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:8080", "http://[::1]:8080"),
            ("192.0.2.1:1", "http://192.0.2.1:1"),
        ] {
            assert_eq!(url(bound.parse().unwrap()), printed);
        }
    }

    #[test]
    fn the_printed_sign_up_is_json_with_a_new_address_each_time() {
        let document = |line: String| line.split('\'').nth(3).unwrap().to_owned();
        let (one, other) = (document(sign_up("http://h", Id::new())), document(sign_up("http://h", Id::new())));
        let parsed: serde_json::Value = serde_json::from_str(&one).unwrap();
        assert_eq!(parsed["data"]["type"], "user");
        assert_ne!(one, other);
    }
}
