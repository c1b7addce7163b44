//! The command line: `tertulia [serve]`, and the commands that look after its database.
//!
//! Exit status: 0 done, 1 it failed, 2 the command line or the configuration is wrong.

mod completions;
mod config;
mod failure;
mod flags;
mod logging;
mod migrate;
mod openapi;
mod print;
mod seed;
mod serve;
mod server;
mod store;
mod sweep;
mod token;
mod typescript;
mod user;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use tertulia::config::{Config, DEFAULT_FILE, Effective, Sources};

use failure::{Failure, Outcome};
use flags::CommonFlags;

const EXAMPLES: &str = "\
Examples:
  tertulia                                 serve http://127.0.0.1:8080 from ./tertulia.db
  tertulia --demo                          the same, with a small world to try
  tertulia serve --bind 0.0.0.0:80 --public-url https://chat.example.com
  DATABASE_URL=postgres://tertulia@/tertulia tertulia
  tertulia user create --name Ana --email ana@example.com
  tertulia token create --email ana@example.com

Every setting can stand in a file (`tertulia config > tertulia.toml`), in a variable or in a flag;
a flag wins over a variable, a variable over the file. `tertulia serve --help` lists them all.";

/// A chat backend that any JSON:API client can use.
#[derive(Debug, Parser)]
#[command(name = "tertulia", version, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    common: CommonFlags,
    #[command(flatten)]
    serve: serve::Arguments,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API: what happens without a command
    Serve(serve::Arguments),
    /// Fill the database with a large made-up world
    Seed(seed::Arguments),
    /// Bring the database's tables up to date
    Migrate(migrate::Arguments),
    /// Remove what uploads have left behind
    Sweep(sweep::Arguments),
    /// Create, list and delete accounts
    #[command(subcommand)]
    User(user::Command),
    /// Create, list and revoke the tokens that accounts sign in with
    #[command(subcommand)]
    Token(token::Command),
    /// Print the configuration in force, and where each value comes from
    Config(config::Arguments),
    /// Print the OpenAPI description of the API
    Openapi(openapi::Arguments),
    /// Print the types of the TypeScript client
    Typescript(typescript::Arguments),
    /// Print a completion script for a shell
    Completions(completions::Arguments),
}

/// Reads the command line, does it, and says how it went.
pub(crate) fn run() -> ExitCode {
    match dispatch(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn dispatch(cli: Cli) -> Outcome {
    let Cli { common, serve, command } = cli;
    match command {
        None => serve::run(&load(common, serve.values())?, &serve),
        Some(Command::Serve(arguments)) => {
            let arguments = serve.overridden_by(arguments);
            serve::run(&load(common, arguments.values())?, &arguments)
        }
        Some(Command::Config(arguments)) => {
            let server = serve.overridden_by(serve::Arguments::from(arguments));
            config::run(&load(common, server.values())?)
        }
        Some(command) => {
            refuse_serve_flags(&serve, &command);
            tend(command, &load(common, BTreeMap::new())?)
        }
    }
}

/// The commands that look after the database, and those that need nothing.
fn tend(command: Command, settings: &Effective) -> Outcome {
    match command {
        Command::Seed(arguments) => seed::run(settings, &arguments),
        Command::Migrate(arguments) => migrate::run(settings, &arguments),
        Command::Sweep(arguments) => sweep::run(settings, &arguments),
        Command::User(command) => user::run(settings, command),
        Command::Token(command) => token::run(settings, command),
        Command::Openapi(arguments) => openapi::run(&arguments),
        Command::Typescript(_) => typescript::run(),
        Command::Completions(arguments) => completions::run(&arguments, &mut Cli::command()),
        Command::Serve(_) | Command::Config(_) => Ok(()),
    }
}

fn load(common: CommonFlags, server: BTreeMap<&'static str, String>) -> Result<Effective, Failure> {
    let (file, mut flags) = common.into_parts();
    flags.extend(server);
    let sources = Sources { file, default_file: Some(DEFAULT_FILE.into()), environment: environment()?, flags };
    Ok(Config::load(&sources)?)
}

fn environment() -> Result<BTreeMap<String, String>, Failure> {
    let mut variables = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else {
            continue;
        };
        match value.into_string() {
            Ok(value) => _ = variables.insert(name, value),
            Err(_) if Config::names_variable(&name) => {
                return Err(Failure::usage(format!("variable {name}: its value is not UTF-8")));
            }
            Err(_) => (),
        }
    }
    Ok(variables)
}

/// `tertulia --bind … migrate` would leave the flag without effect, silently.
fn refuse_serve_flags(serve: &serve::Arguments, command: &Command) {
    let Some(flag) = serve.first_flag() else {
        return;
    };
    let name = command.name();
    let message = format!("`{flag}` is for `tertulia serve`; `tertulia {name}` does not take it");
    Cli::command().error(ErrorKind::ArgumentConflict, message).exit()
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Serve(_) => "serve",
            Self::Seed(_) => "seed",
            Self::Migrate(_) => "migrate",
            Self::Sweep(_) => "sweep",
            Self::User(_) => "user",
            Self::Token(_) => "token",
            Self::Config(_) => "config",
            Self::Openapi(_) => "openapi",
            Self::Typescript(_) => "typescript",
            Self::Completions(_) => "completions",
        }
    }
}
