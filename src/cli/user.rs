//! `tertulia user`: accounts, for whoever runs the server.

use std::io::{BufRead, IsTerminal, Write};

use clap::{Args, Subcommand};
use tertulia::accounts::{self, Account, AccountError};
use tertulia::config::Effective;
use tertulia::jsonapi::text::is_blank;
use tertulia::resources::password;
use tertulia::resources::settings::PasswordCost;
use validator::ValidateEmail;

use super::failure::{Failure, Outcome};
use super::{print, store};

const CREATE_EXAMPLES: &str = "\
Examples:
  tertulia user create --name Ana --email ana@example.com
  tertulia user create --name Ana --email ana@example.com --password-stdin < password.txt";

const LIST_EXAMPLES: &str = "\
Examples:
  tertulia user list
  tertulia user list --containing example.com --limit 500";

const DELETE_EXAMPLES: &str = "\
What the person wrote stays, without its author; chats keep the name among those once involved.

Examples:
  tertulia user delete ana@example.com
  tertulia user delete 0191d2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d --yes";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create an account, also where sign-up is closed
    Create(Create),
    /// List accounts, the oldest first
    List(List),
    /// Remove an account as its owner could
    Delete(Delete),
}

#[derive(Debug, Args)]
#[command(after_help = CREATE_EXAMPLES)]
pub(crate) struct Create {
    /// The name others see
    #[arg(long, value_parser = name)]
    name: String,
    /// The e-mail address to sign in with
    #[arg(long, value_parser = email)]
    email: String,
    /// Read the password from standard input instead of making one up
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    /// Only those whose name or e-mail address contains this
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    containing: String,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
}

#[derive(Debug, Args)]
#[command(after_help = DELETE_EXAMPLES)]
pub(crate) struct Delete {
    /// The account's e-mail address or id
    #[arg(value_name = "EMAIL|ID")]
    account: String,
    /// Don't ask
    #[arg(long, short)]
    yes: bool,
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Database(error) => error.into(),
            _ => Self::new(error),
        }
    }
}

pub(crate) fn run(settings: &Effective, command: Command) -> Outcome {
    match command {
        Command::Create(arguments) => create(settings, arguments),
        Command::List(arguments) => list(settings, arguments),
        Command::Delete(arguments) => delete(settings, &arguments),
    }
}

fn create(settings: &Effective, arguments: Create) -> Outcome {
    let Create { name, email, password_stdin } = arguments;
    let given = if password_stdin { Some(read_password()?) } else { None };
    let password = given.clone().unwrap_or_else(random_password);
    let hash = password::hash(&password, PasswordCost::Default).map_err(Failure::new)?;
    let about = format!("{name} <{email}>");
    let database = store::open(settings)?;
    let id = database.write_blocking(move |conn| accounts::create(conn, &name, &email, &hash))?;
    print::line(format!("Created {about}, id {id}"))?;
    match given {
        Some(_) => Ok(()),
        None => print::line(format!("Password: {password}")),
    }
}

/// A password for somebody who was not asked for one, without letters that look alike.
fn random_password() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";
    let letter = || char::from(LETTERS[rand::random_range(0..LETTERS.len())]);
    std::iter::repeat_with(letter).take(20).collect()
}

fn read_password() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    match password.chars().count() {
        8..=128 => Ok(password.to_owned()),
        length => Err(Failure::usage(format!("the password has {length} characters; it needs 8 to 128"))),
    }
}

fn list(settings: &Effective, arguments: List) -> Outcome {
    let List { containing, limit } = arguments;
    let database = store::open(settings)?;
    let found = database.read_blocking(|conn| accounts::list(conn, &containing, limit.into()))?;
    let row = |account: Account| [account.id.to_string(), account.created_at.to_string(), account.email, account.name];
    let rows: Vec<_> = found.into_iter().map(row).collect();
    print::line(print::table(["ID", "CREATED", "EMAIL", "NAME"], &rows))
}

fn delete(settings: &Effective, arguments: &Delete) -> Outcome {
    let database = store::open(settings)?;
    let account = database.read_blocking(|conn| accounts::find(conn, &arguments.account))?;
    let about = format!("{} <{}>", account.name, account.email);
    if !arguments.yes && !confirmed(&about)? {
        return Err(Failure::new("nothing was removed"));
    }
    let id = account.id;
    database.write_blocking(move |conn| accounts::remove(conn, id))?;
    print::line(format!("Removed {about}"))
}

fn confirmed(about: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("there is nobody to ask; say --yes to remove the account"));
    }
    eprint!("Remove the account of {about}? Type yes: ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn name(text: &str) -> Result<String, String> {
    let fits = text.chars().count() <= 100 && !is_blank(text) && !text.contains('\0');
    if fits { Ok(text.to_owned()) } else { Err("a name has 1 to 100 characters, one of which can be seen".to_owned()) }
}

fn email(text: &str) -> Result<String, String> {
    if text.validate_email() { Ok(text.to_owned()) } else { Err("this is not an e-mail address".to_owned()) }
}
