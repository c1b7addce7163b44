use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Config, Effective, SETTINGS, Sources};

/// Sources with a file of this text, these variables and these flags.
fn load(
    file: Option<&str>,
    variables: &[(&str, &str)],
    flags: &[(&'static str, &str)],
) -> Result<Effective, Vec<String>> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tertulia.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).unwrap();
    }
    let sources = Sources {
        file: None,
        default_file: Some(path.clone()),
        environment: variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        flags: flags.iter().map(|(key, value)| (*key, value.to_string())).collect(),
    };
    let place = path.display().to_string();
    Config::load(&sources).map_err(|e| e.problems().iter().map(|problem| problem.replace(&place, "FILE")).collect())
}

fn problems(file: Option<&str>, variables: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Vec<String> {
    load(file, variables, flags).unwrap_err()
}

#[test]
fn nothing_said_gives_the_defaults() {
    let loaded = load(None, &[], &[]).unwrap();
    let shown: BTreeMap<&str, String> = SETTINGS.iter().map(|s| (s.key, loaded.config.show(s.key))).collect();
    let expected = BTreeMap::from([
        ("bind", "127.0.0.1:8080"),
        ("cors_origins", "*"),
        ("database_pool", "auto"),
        ("database_timeout", "5s"),
        ("database_url", "sqlite:tertulia.db"),
        ("log", "info"),
        ("log_format", "text"),
        ("max_body_bytes", "1MiB"),
        ("max_operations", "1000"),
        ("max_upload_bytes", "10MiB"),
        ("storage", "auto"),
        ("public_url", "none"),
        ("rate_limit", "300/60s"),
        ("request_timeout", "30s"),
        ("session_days", "30"),
        ("shutdown_timeout", "30s"),
        ("sign_in_limit", "5/20s"),
        ("sign_up", "open"),
        ("trusted_proxies", "none"),
        ("workers", "auto"),
    ]);
    let expected: BTreeMap<&str, String> = expected.into_iter().map(|(key, value)| (key, value.to_owned())).collect();
    assert_eq!(shown, expected);
    assert!(SETTINGS.iter().all(|setting| loaded.origin(setting.key) == "default"));
}

#[test]
fn what_a_setting_shows_is_what_it_reads() {
    for setting in SETTINGS {
        let loaded = load(None, &[], &[(setting.key, &setting.default())]).unwrap();
        assert_eq!(loaded.config.show(setting.key), setting.default());
        assert_eq!(loaded.origin(setting.key), format!("flag --{}", setting.flag()));
    }
}

#[test]
fn a_later_source_wins_over_an_earlier_one() {
    let file = Some("bind = \"127.0.0.1:1\"\nworkers = 1\nsession_days = 1\n");
    let variables = [("TERTULIA_WORKERS", "2"), ("TERTULIA_SESSION_DAYS", "2")];
    let loaded = load(file, &variables, &[("session_days", "3")]).unwrap();
    assert_eq!(loaded.config.bind.port(), 1);
    assert_eq!(loaded.config.show("workers"), "2");
    assert_eq!(loaded.config.session_days.get(), 3);
    assert!(loaded.origin("bind").ends_with("tertulia.toml, key `bind`"));
    assert_eq!(loaded.origin("workers"), "variable TERTULIA_WORKERS");
    assert_eq!(loaded.origin("session_days"), "flag --session-days");
    assert_eq!(loaded.origin("rate_limit"), "default");
}

#[test]
fn the_file_takes_numbers_and_lists_as_toml_writes_them() {
    let file = "max_body_bytes = 4096\ncors_origins = [\"https://a.example\", \"http://localhost:3000\"]\n\
        trusted_proxies = [\"10.1.2.3/8\", \"::1\"]\nrate_limit = \"off\"\n";
    let loaded = load(Some(file), &[], &[]).unwrap();
    assert_eq!(loaded.config.max_body_bytes, 4096);
    assert_eq!(loaded.config.show("cors_origins"), "https://a.example,http://localhost:3000");
    assert_eq!(loaded.config.show("trusted_proxies"), "10.0.0.0/8,::1");
    assert_eq!(loaded.config.rate_limit, None);
}

#[test]
fn an_empty_variable_is_not_set() {
    let loaded = load(None, &[("TERTULIA_BIND", ""), ("TERTULIA_CONFIG", ""), ("DATABASE_URL", "")], &[]).unwrap();
    assert_eq!(loaded.origin("bind"), "default");
    assert_eq!(loaded.config.database_url.expose(), "sqlite:tertulia.db");
}

#[test]
fn a_wrong_value_names_its_source() {
    let wrong = |file, variables: &[_], flags: &[_]| problems(file, variables, flags).join("; ");
    assert_eq!(
        wrong(None, &[("TERTULIA_RATE_LIMIT", "300")], &[]),
        "variable TERTULIA_RATE_LIMIT: `300` is not a rate limit; write how many in which time, like `300/60s`, or `off`"
    );
    assert_eq!(
        wrong(Some("request_timeout = 30"), &[], &[]),
        "FILE, key `request_timeout`: `30` is not a time; write a number and a unit, like `30s`, `500ms` or `2m`"
    );
    assert_eq!(wrong(None, &[], &[("sign_up", "maybe")]), "flag --sign-up: `maybe` is neither `open` nor `closed`");
    assert_eq!(wrong(Some("bind = { port = 1 }"), &[], &[]), "FILE, key `bind`: a table is no value here");
}

#[test]
fn a_value_of_no_setting_is_accepted_wrong() {
    let wrong = [
        ("bind", "8080"),
        ("bind", "localhost"),
        ("bind", "localhost:99999"),
        ("public_url", "chat.example.com"),
        ("public_url", "ftp://chat.example.com"),
        ("public_url", "https://ana:secret@chat.example.com"),
        ("public_url", "https://chat.example.com?x=1"),
        ("cors_origins", "https://a.example/path"),
        ("cors_origins", "https://a.example,*"),
        ("cors_origins", "null"),
        ("trusted_proxies", "proxy.example"),
        ("trusted_proxies", "10.0.0.0/33"),
        ("log", "loud"),
        ("log", "tertulia=loud"),
        ("log_format", "xml"),
        ("session_days", "0"),
        ("session_days", "-1"),
        ("max_body_bytes", "0"),
        ("max_body_bytes", "1MB"),
        ("max_operations", "0"),
        ("max_operations", "10001"),
        ("workers", "0"),
        ("database_pool", "many"),
        ("database_timeout", "0s"),
        ("sign_in_limit", "0/20s"),
        ("database_url", "mysql://db/chat"),
    ];
    for (key, value) in wrong {
        let problems = problems(None, &[], &[(key, value)]);
        assert_eq!(problems.len(), 1, "{key}={value}: {problems:?}");
        assert!(problems[0].starts_with(&format!("flag --{}: ", key.replace('_', "-"))), "{problems:?}");
    }
}

#[test]
fn all_problems_are_reported_together() {
    let file = Some("bund = \"127.0.0.1:1\"\nsign_up = \"no\"\n");
    let problems = problems(file, &[("TERTULIA_BIND", "x")], &[("workers", "0")]);
    assert_eq!(problems.len(), 4, "{problems:?}");
}

#[test]
fn an_unknown_key_is_an_error_with_a_suggestion() {
    let problems = problems(Some("rate-limit = \"off\"\nzzz = 1\n"), &[], &[]);
    assert_eq!(problems[0], "FILE: there is no setting `rate-limit`; did you mean `rate_limit`?");
    assert_eq!(problems[1], "FILE: there is no setting `zzz`; `tertulia config` lists them all");
}

#[test]
fn a_misspelt_variable_is_noted_and_a_platforms_own_is_not() {
    let loaded = load(None, &[("TERTULIA_RATELIMIT", "off"), ("TERTULIA_SERVICE_HOST", "10.0.0.1")], &[]).unwrap();
    assert_eq!(loaded.notes(), ["variable TERTULIA_RATELIMIT is no setting; did you mean TERTULIA_RATE_LIMIT?"]);
}

#[test]
fn a_named_file_must_exist_and_a_default_one_need_not() {
    let missing = PathBuf::from("surely/missing.toml");
    let named = Sources { file: Some(missing.clone()), ..Sources::default() };
    assert!(
        Config::load(&named)
            .unwrap_err()
            .to_string()
            .starts_with("surely/missing.toml: the configuration file cannot be read")
    );
    let by_variable = BTreeMap::from([("TERTULIA_CONFIG".to_owned(), "surely/missing.toml".to_owned())]);
    assert!(Config::load(&Sources { environment: by_variable, ..Sources::default() }).is_err());
    assert!(Config::load(&Sources { default_file: Some(missing), ..Sources::default() }).is_ok());
}

#[test]
fn a_file_that_is_not_toml_is_refused_by_line_without_its_text() {
    let problems = problems(Some("bind = \"127.0.0.1:1\"\ndatabase_url = postgres://ana:s3cret@db/chat\n"), &[], &[]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("FILE: line 2 is not TOML"), "{problems:?}");
    assert!(!problems[0].contains("s3cret"), "{problems:?}");
}

#[test]
fn no_password_shows_in_debug_in_the_table_or_in_an_error() {
    let secret = "postgres://ana:s3cret@db.example/chat";
    let loaded = load(None, &[("DATABASE_URL", secret)], &[]).unwrap();
    assert_eq!(loaded.config.database_url.expose(), secret);
    assert!(!format!("{loaded:?}").contains("s3cret"));
    assert_eq!(loaded.config.show("database_url"), "postgres://ana:***@db.example/chat");
    let problems = problems(None, &[("DATABASE_URL", "mysql://ana:s3cret@db/chat")], &[]);
    assert!(problems[0].starts_with("variable DATABASE_URL: "), "{problems:?}");
    assert!(!problems[0].contains("s3cret"));
}

#[test]
fn addresses_are_kept_as_links_and_sockets_need_them() {
    let flags = [
        ("public_url", "https://Chat.example.com/base/"),
        ("bind", "[::1]:0"),
        ("cors_origins", "HTTPS://App.example.com:443"),
    ];
    let config = load(None, &[], &flags).unwrap().config;
    assert_eq!(config.show("public_url"), "https://chat.example.com/base");
    assert_eq!((config.bind.host(), config.bind.port()), ("::1", 0));
    assert_eq!(config.bind.to_string(), "[::1]:0");
    assert!(config.bind.is_loopback());
    for (bind, loopback) in [("localhost:1", true), ("127.0.0.2:1", true), ("0.0.0.0:1", false), ("[::]:1", false)] {
        assert_eq!(load(None, &[], &[("bind", bind)]).unwrap().config.bind.is_loopback(), loopback, "{bind}");
    }
    assert_eq!(config.show("cors_origins"), "https://app.example.com");
}
