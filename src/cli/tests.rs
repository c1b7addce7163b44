//! The command line as a whole: help, conflicts, and that flags and settings are one list.

use std::collections::BTreeMap;

use clap::{CommandFactory, Parser};
use tertulia::config::{Config, SETTINGS, Scope, Sources};

use super::{Cli, Command, config};

/// The whole help of `tertulia …`.
fn help(path: &[&str]) -> String {
    let arguments = ["tertulia"].iter().chain(path).chain(&["--help"]);
    Cli::try_parse_from(arguments).unwrap_err().to_string()
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_explains_itself_with_examples() {
    let mut paths: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(path) = paths.pop() {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut command = Cli::command();
        for word in &words {
            command = command.find_subcommand(word).unwrap().clone();
        }
        let below: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
        if below.is_empty() || path.is_empty() {
            assert!(help(&words).contains("Examples:\n  "), "{words:?}");
        }
        paths.extend(below.into_iter().map(|name| [path.clone(), vec![name]].concat()));
    }
}

#[test]
fn serve_takes_every_setting_and_says_its_variable_and_default() {
    for text in [help(&[]), help(&["serve"]), help(&["config"])] {
        for setting in SETTINGS {
            assert!(text.contains(&format!("--{} <{}>", setting.flag(), setting.placeholder)), "{setting:?}");
            let facts = format!("[env: {}] [default: {}]", setting.variable, setting.default());
            assert!(text.contains(&facts), "{facts}");
        }
        assert!(text.contains("[env: TERTULIA_CONFIG]"));
        let places: Vec<_> = SETTINGS
            .iter()
            .map(|setting| text.find(&format!("--{} <{}>", setting.flag(), setting.placeholder)))
            .collect();
        assert!(places.is_sorted(), "in the order of the list: {places:?}");
    }
}

#[test]
fn other_commands_take_only_what_concerns_them() {
    for path in [&["migrate"][..], &["seed"], &["user", "list"], &["token", "create"]] {
        let text = help(path);
        for setting in SETTINGS {
            let there = text.contains(&format!("--{} <", setting.flag()));
            assert_eq!(there, setting.scope == Scope::Everywhere, "{path:?} {setting:?}");
        }
    }
}

#[test]
fn a_flag_after_the_command_wins_over_one_before_it() {
    let cli = Cli::try_parse_from(["tertulia", "--bind", "a:1", "--workers", "1", "serve", "--bind", "b:2"]).unwrap();
    let Some(Command::Serve(arguments)) = cli.command else { panic!("{cli:?}") };
    let values = cli.serve.overridden_by(arguments).values();
    assert_eq!(values["bind"], "b:2");
    assert_eq!(values["workers"], "1");
}

#[test]
fn a_flag_of_every_command_may_stand_before_or_after_it() {
    for words in [["--database-url", "sqlite:x", "migrate"], ["migrate", "--database-url", "sqlite:x"]] {
        let cli = Cli::try_parse_from(["tertulia"].iter().chain(&words)).unwrap();
        let (_, values) = cli.common.into_parts();
        assert_eq!(values["database_url"], "sqlite:x");
    }
}

#[test]
fn what_config_prints_is_a_file_with_the_same_values() {
    let flags = BTreeMap::from([("bind", "[::1]:1".to_owned()), ("cors_origins", "https://a.example".to_owned())]);
    let loaded = Config::load(&Sources { flags, ..Sources::default() }).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tertulia.toml");
    std::fs::write(&path, config::describe(&loaded)).unwrap();
    let again = Config::load(&Sources { file: Some(path), ..Sources::default() }).unwrap();
    for setting in SETTINGS {
        assert_eq!(again.config.show(setting.key), loaded.config.show(setting.key));
        assert!(again.origin(setting.key).contains("tertulia.toml, key"), "{}", again.origin(setting.key));
    }
}

#[test]
fn what_config_prints_holds_no_password() {
    let flags = BTreeMap::from([("database_url", "postgres://ana:s3cret@db/chat".to_owned())]);
    let loaded = Config::load(&Sources { flags, ..Sources::default() }).unwrap();
    let printed = config::describe(&loaded);
    let first = printed.lines().next().unwrap();
    assert!(first.starts_with("# database_url = \"postgres://ana:***@db/chat\"  # flag --database-url"), "{first}");
}
