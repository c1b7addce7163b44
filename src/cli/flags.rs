//! A flag for every setting, made from the list of settings, so that names, help and defaults can't differ.
//!
//! Values stay text here: they are judged with those of the other sources, in one way and with one wording.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};
use tertulia::config::{DEFAULT_FILE, FILE_VARIABLE, SETTINGS, Scope, Setting};

const CONFIG: &str = "config";
const FILE_HELP: &str = "Read settings from this TOML file";

/// What flags said, under the settings' keys.
pub(crate) type Values = BTreeMap<&'static str, String>;

/// The flags of every command: the configuration file, the database and the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommonFlags {
    file: Option<PathBuf>,
    values: Values,
}

impl CommonFlags {
    pub(crate) fn into_parts(self) -> (Option<PathBuf>, Values) {
        (self.file, self.values)
    }
}

/// The flags of the running server.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerFlags {
    pub(crate) values: Values,
}

impl Args for CommonFlags {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new(CONFIG)
            .long(CONFIG)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help(FILE_HELP)
            .long_help(format!("{FILE_HELP}\n[env: {FILE_VARIABLE}] [default: ./{DEFAULT_FILE}, if it is there]"))
            .help_heading("Settings")
            .display_order(0)
            .global(true);
        flags(Scope::Everywhere).fold(command.arg(file), |command, flag| command.arg(flag.global(true)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for CommonFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { file: matches.get_one(CONFIG).cloned(), values: values(matches, Scope::Everywhere) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for ServerFlags {
    fn augment_args(command: Command) -> Command {
        flags(Scope::Server).fold(command, Command::arg)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ServerFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { values: values(matches, Scope::Server) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn in_scope(scope: Scope) -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(move |setting| setting.scope == scope)
}

fn flags(scope: Scope) -> impl Iterator<Item = Arg> {
    // Without an order of their own, global flags and those of a command would be mixed by their places.
    in_scope(scope).map(|setting| {
        let place = SETTINGS.iter().position(|one| one.key == setting.key);
        flag(setting).display_order(1 + place.unwrap_or(SETTINGS.len()))
    })
}

fn flag(setting: &'static Setting) -> Arg {
    let help = setting.help().trim_end_matches('.').to_owned();
    let facts = format!("[env: {}] [default: {}]", setting.variable, setting.default());
    Arg::new(setting.key)
        .long(setting.flag())
        .value_name(setting.placeholder)
        .long_help(format!("{help}\n{facts}"))
        .help(help)
        .help_heading("Settings")
}

fn values(matches: &ArgMatches, scope: Scope) -> Values {
    let given = |setting: &Setting| Some((setting.key, matches.get_one::<String>(setting.key)?.clone()));
    in_scope(scope).filter_map(given).collect()
}
