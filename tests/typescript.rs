//! The TypeScript client: it compiles as strictly as can be, mistakes in `test/types.ts` don't, and it drives the
//! server on both databases. Installed under `target/clients/`, as the clients of others are (`tests/clients.rs`).

#[expect(dead_code, reason = "only an empty database is needed of what these files offer")]
#[path = "support"]
mod support {
    pub(crate) mod cluster;
    pub(crate) mod database;
    pub(crate) mod installed;
    pub(crate) mod program;
}

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::database::{Kind, TestDatabase, say};
use support::installed::{finished, locked, must, refresh};
use support::program::Program;

const PINS: &[&str] = &["package.json", "package-lock.json"];
const SOURCES: &[&str] = &[
    "tsconfig.json",
    "src/index.ts",
    "src/client.ts",
    "src/documents.ts",
    "src/query.ts",
    "src/types.ts",
    "test/drive.ts",
    "test/types.ts",
];

#[test]
fn the_types_are_up_to_date() {
    let path = source().join("src/types.ts");
    let types = tertulia::openapi::typescript(&tertulia::resources::registry());
    if std::env::var_os("TERTULIA_ACCEPT").is_some() {
        fs::write(&path, types).expect("written types");
    } else {
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == types, "{} is stale: run this test with TERTULIA_ACCEPT=1", path.display());
    }
}

#[test]
fn the_typescript_client_drives_the_server_on_sqlite() {
    drive(Kind::Sqlite);
}

#[test]
fn the_typescript_client_drives_the_server_on_postgres() {
    drive(Kind::Postgres);
}

fn drive(kind: Kind) {
    let off = std::env::var("TERTULIA_TEST_CLIENTS").as_deref() == Ok("off");
    if off && std::env::var("CI").as_deref() != Ok("true") {
        return say("the TypeScript client is left out: TERTULIA_TEST_CLIENTS=off");
    }
    if !kind.wanted() {
        return;
    }
    let place = compiled();
    let database = TestDatabase::empty(kind);
    let server = Program::start(&database.url);
    let mut command = Command::new("node");
    let output = finished(command.arg("built/test/drive.js").arg(&server.url).current_dir(place));
    print!("{}", String::from_utf8_lossy(&output.stdout));
    let surprise = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "on {kind:?}: {surprise}\nThe server said:\n{}", server.said());
}

/// The client with its compiler beside it, compiled.
fn compiled() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("clients").join("typescript");
    for directory in ["src", "test"] {
        fs::create_dir_all(place.join(directory)).unwrap_or_else(|e| panic!("{}: {e}", place.display()));
    }
    let _one_at_a_time = locked(&place.join("lock"));
    let (installed, built) = (place.join("installed"), place.join("compiled"));
    if refresh(&source(), &place, PINS) || !installed.exists() {
        let _ = fs::remove_file(&installed);
        must(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&place));
        fs::write(&installed, "").expect("a note");
    }
    if refresh(&source(), &place, SOURCES) || !built.exists() {
        let _ = fs::remove_file(&built);
        must(Command::new("node").args(["node_modules/typescript/bin/tsc", "-p", "."]).current_dir(&place));
        fs::write(&built, "").expect("a note");
    }
    place
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/typescript")
}
