//! The layers point one way: what a folder below `src/` may `use`.
//!
//! Sources are read as text, so that a layer that does not exist yet is simply empty.

use std::path::{Path, PathBuf};

/// A layer and the words that nothing in it may name: crates, and modules of this crate.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "jsonapi",
        &[
            "diesel",
            "diesel_migrations",
            "actix_web",
            "actix_web_httpauth",
            "tracing_actix_web",
            "crate::db",
            "crate::schema",
            "crate::resource",
            "crate::resources",
            "crate::http",
            "crate::openapi",
            "crate::cli",
            "crate::config",
        ],
    ),
    (
        "db",
        &[
            "actix_web",
            "actix_web_httpauth",
            "tracing_actix_web",
            "crate::jsonapi",
            "crate::schema",
            "crate::resource",
            "crate::resources",
            "crate::http",
            "crate::openapi",
            "crate::cli",
            "crate::config",
        ],
    ),
    (
        "resource",
        &[
            "actix_web",
            "actix_web_httpauth",
            "tracing_actix_web",
            "crate::schema",
            "crate::resources",
            "crate::http",
            "crate::openapi",
            "crate::cli",
            "crate::config",
        ],
    ),
    (
        "resources",
        &[
            "actix_web",
            "actix_web_httpauth",
            "tracing_actix_web",
            "crate::http",
            "crate::openapi",
            "crate::cli",
            "crate::config",
        ],
    ),
    (
        "storage",
        &[
            "diesel",
            "diesel_migrations",
            "actix_web",
            "crate::jsonapi",
            "crate::schema",
            "crate::resource",
            "crate::resources",
            "crate::http",
            "crate::openapi",
            "crate::cli",
            "crate::config",
        ],
    ),
    (
        "openapi",
        &[
            "diesel",
            "diesel_migrations",
            "actix_web",
            "crate::db",
            "crate::schema",
            "crate::http",
            "crate::cli",
            "crate::config",
        ],
    ),
    ("http", &["diesel", "diesel_migrations", "crate::schema", "crate::cli"]),
];

#[test]
fn every_layer_uses_only_what_lies_below_it() {
    let mut problems = Vec::new();
    for (layer, forbidden) in LAYERS {
        for file in sources(layer) {
            let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            problems.extend(violations(&text, forbidden).into_iter().map(|it| format!("{}: {it}", file.display())));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_use_that_points_upwards_is_found_however_it_is_written() {
    let forbidden = &["diesel", "crate::http"];
    for text in [
        "use diesel::prelude::Connection;",
        "    pub(crate) use crate::http::error;",
        "let id = diesel::insert_into(users);",
        "fn f(error: &crate::http::Error) {}",
        "use crate::{\n    db::Id,\n    http::{error, Viewer},\n};",
        "use {diesel::Connection, std::fmt};",
        "use diesel as d;",
    ] {
        assert!(!violations(text, forbidden).is_empty(), "{text}");
    }
    for text in [
        "//! Knows nothing of diesel::Connection.",
        "use crate::db::Id; // not crate::http::Viewer",
        "use crate::httpish::Thing;",
        "use crate::{db::Id, resource::http_like};",
        "let my_diesel = 1;",
    ] {
        assert_eq!(violations(text, forbidden), Vec::<String>::new(), "{text}");
    }
}

/// Answers that a clock changes behind the back of `resource::clock` would be taken for what they no longer are.
#[test]
fn what_resources_show_asks_the_viewer_for_the_time() {
    // Tokens are looked at before anything is shown; the key of cursors says when it was made; whether a date is old
    // enough to be told is judged for each answer, remembered or not.
    let apart = ["auth.rs", "keys.rs", "bench.rs", "viewer.rs", "tag.rs"];
    let clocks = ["Time::now", "Utc::now", "Local::now", "SystemTime::now", "Instant::now"];
    for file in ["resource", "resources"].into_iter().flat_map(sources) {
        let is_apart = apart.iter().any(|name| file.ends_with(name)) || file.iter().any(|part| part == "tests");
        let text = std::fs::read_to_string(&file).expect("a source");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let told = code.lines().map(without_comment).find(|line| clocks.iter().any(|clock| line.contains(clock)));
        assert!(is_apart || file.ends_with("tests.rs") || told.is_none(), "{}: {told:?}", file.display());
    }
}

/// `src/<layer>.rs` and everything in `src/<layer>/`.
fn sources(layer: &str) -> Vec<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<PathBuf> =
        Some(source.join(format!("{layer}.rs"))).into_iter().filter(|it| it.is_file()).collect();
    collect(&source.join(layer), &mut files);
    files
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Paths in code that begin with a forbidden one. Groups in braces are written out first.
fn violations(text: &str, forbidden: &[&str]) -> Vec<String> {
    let code: String = text.lines().map(without_comment).collect::<Vec<_>>().join("\n");
    let paths = written_out(&code);
    paths.into_iter().filter(|path| forbidden.iter().any(|it| begins_with(path, it))).collect()
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

fn begins_with(path: &str, forbidden: &str) -> bool {
    path.strip_prefix(forbidden).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Every path in the code: those of `use` with their groups resolved, and those in expressions and types.
fn written_out(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut rest = String::new();
    for (i, statement) in code.split_inclusive(';').enumerate() {
        match use_tree(statement) {
            Some((before, tree)) => {
                rest.push_str(before);
                expand("", tree, &mut paths);
            }
            None if i == 0 || !statement.is_empty() => rest.push_str(statement),
            None => (),
        }
    }
    let words = rest.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    paths.extend(words.filter(|word| word.contains("::")).map(str::to_owned));
    paths
}

/// What stands before a `use` in the statement, and its tree.
fn use_tree(statement: &str) -> Option<(&str, &str)> {
    let at = statement.match_indices("use ").map(|(at, _)| at).find(|at| {
        let before = statement[..*at].trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with(['\n', '{', '}', ')', ']']) || before.ends_with("pub")
    })?;
    Some((&statement[..at], statement[at + 4..].trim_end_matches(';')))
}

/// `crate::{db::Id, http}` -> `crate::db::Id`, `crate::http`
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    for branch in branches(tree) {
        let branch = branch.trim();
        match branch.split_once('{') {
            Some((start, group)) => {
                expand(&format!("{prefix}{}", start.trim()), group.trim_end().trim_end_matches('}'), paths);
            }
            None if branch.is_empty() => (),
            None => paths.push(format!("{prefix}{}", branch.split(" as ").next().unwrap_or_default())),
        }
    }
}

/// Splits at the commas outside braces.
fn branches(tree: &str) -> Vec<&str> {
    let mut depth = 0;
    tree.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => (),
        }
        c == ',' && depth == 0
    })
    .collect()
}
