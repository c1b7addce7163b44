//! `tertulia token`: sign-ins made and ended without a password.

use clap::{ArgGroup, Args, Subcommand};
use tertulia::accounts::{self, Session};
use tertulia::config::Effective;
use tertulia::db::{Database, Id, Time};

use super::failure::{Failure, Outcome};
use super::{print, store};

const CREATE_EXAMPLES: &str = "\
The token alone goes to standard output, and is shown this once: only its hash is stored.

Examples:
  tertulia token create --email ana@example.com
  TOKEN=$(tertulia token create --email ana@example.com --days 1)
  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8080/api/v1/direct_conversations";

const LIST_EXAMPLES: &str = "\
Examples:
  tertulia token list
  tertulia token list --email ana@example.com";

const REVOKE_EXAMPLES: &str = "\
Examples:
  tertulia token revoke 0191d2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d
  tertulia token revoke --email ana@example.com        all of that account";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign an account in and print its token
    Create(Create),
    /// List the tokens that are good, the newest first
    List(List),
    /// End a token, or all of an account, at once
    Revoke(Revoke),
}

#[derive(Debug, Args)]
#[command(after_help = CREATE_EXAMPLES, group = ArgGroup::new("whose").required(true))]
pub(crate) struct Create {
    /// The account's e-mail address
    #[arg(long, group = "whose")]
    email: Option<String>,
    /// The account's id
    #[arg(long, value_name = "ID", group = "whose")]
    user: Option<Id>,
    /// Days that the token lives [default: the setting session_days]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: Option<u32>,
}

#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    /// Only those of the account with this e-mail address
    #[arg(long, group = "whose")]
    email: Option<String>,
    /// Only those of the account with this id
    #[arg(long, value_name = "ID", group = "whose")]
    user: Option<Id>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
}

#[derive(Debug, Args)]
#[command(after_help = REVOKE_EXAMPLES, group = ArgGroup::new("which").required(true))]
pub(crate) struct Revoke {
    /// The id of one token, as `tertulia token list` shows it
    #[arg(value_name = "ID", group = "which")]
    id: Option<Id>,
    /// All tokens of the account with this e-mail address
    #[arg(long, group = "which")]
    email: Option<String>,
    /// All tokens of the account with this id
    #[arg(long, value_name = "ID", group = "which")]
    user: Option<Id>,
}

pub(crate) fn run(settings: &Effective, command: Command) -> Outcome {
    match command {
        Command::Create(arguments) => create(settings, &arguments),
        Command::List(arguments) => list(settings, &arguments),
        Command::Revoke(arguments) => revoke(settings, &arguments),
    }
}

fn create(settings: &Effective, arguments: &Create) -> Outcome {
    let database = store::open(settings)?;
    let days = arguments.days.unwrap_or(settings.config.session_days.get());
    let user = account(&database, arguments.email.as_deref(), arguments.user)?
        .ok_or_else(|| Failure::usage("say whose token: --email or --user"))?;
    print::line(database.write_blocking(move |conn| accounts::create_token(conn, user, days))?)
}

fn list(settings: &Effective, arguments: &List) -> Outcome {
    let database = store::open(settings)?;
    let user = account(&database, arguments.email.as_deref(), arguments.user)?;
    let limit = arguments.limit.into();
    let found = database.read_blocking(|conn| accounts::sessions(conn, user, Time::now(), limit))?;
    let row = |session: Session| {
        let Session { id, email, created_at, last_used_at, expires_at } = session;
        [id.to_string(), created_at.to_string(), last_used_at.to_string(), expires_at.to_string(), email]
    };
    let rows: Vec<_> = found.into_iter().map(row).collect();
    print::line(print::table(["ID", "CREATED", "LAST USED", "EXPIRES", "EMAIL"], &rows))
}

fn revoke(settings: &Effective, arguments: &Revoke) -> Outcome {
    let database = store::open(settings)?;
    if let Some(id) = arguments.id {
        database.write_blocking(move |conn| accounts::revoke(conn, id))?;
        return print::line(format!("Revoked {id}"));
    }
    let user = account(&database, arguments.email.as_deref(), arguments.user)?
        .ok_or_else(|| Failure::usage("say which token: its id, --email or --user"))?;
    let count = database.write_blocking(move |conn| accounts::revoke_all(conn, user))?;
    print::line(format!("Revoked {count}"))
}

/// The account that was named, which must exist; nobody, if none was.
fn account(database: &Database, email: Option<&str>, user: Option<Id>) -> Result<Option<Id>, Failure> {
    let Some(name) = email.map(str::to_owned).or_else(|| user.map(|id| id.to_string())) else {
        return Ok(None);
    };
    let account = database.read_blocking(|conn| accounts::find(conn, &name))?;
    Ok(Some(account.id))
}
