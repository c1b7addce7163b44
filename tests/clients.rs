//! Published JSON:API clients drive the server: the program itself, started as a user starts it.
//!
//! Each has a directory under `tests/clients/`: a program that takes the root of the API, prints a line per step
//! and fails at the first surprise, beside the pins of what it needs. That is installed under `target/clients/`
//! when it is missing or the pins have changed. `TERTULIA_TEST_CLIENTS=off` leaves the clients out, but not in
//! CI (`CI=true`); a missing interpreter is a failure everywhere.

#[expect(dead_code, reason = "only an empty database is needed of what these files offer")]
#[path = "support"]
mod support {
    pub(crate) mod cluster;
    pub(crate) mod database;
    pub(crate) mod installed;
    pub(crate) mod program;
}

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::database::{Kind, TestDatabase, say};
use support::installed::{finished, locked, must, refresh};
use support::program::Program;

/// A test per client and database.
macro_rules! driven_by {
    ($($name:ident: $client:expr;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn drives_the_server_on_sqlite() {
                drive(&$client, Kind::Sqlite);
            }

            #[test]
            fn drives_the_server_on_postgres() {
                drive(&$client, Kind::Postgres);
            }
        }
    )*};
}

driven_by! {
    coloquent: Client::node("coloquent", &[]);
    datx_jsonapi: Client::node("datx-jsonapi", &[]);
    devour_client: Client::node("devour-client", &[]);
    drupal_jsonapi_params: Client::node("drupal-jsonapi-params", &[]);
    json_api_normalizer: Client::node("json-api-normalizer", &[]);
    jsona: Client::node("jsona", &[]);
    jsonapi_client: Client::python("jsonapi-client");
    jsonapi_pydantic: Client::python("jsonapi-pydantic");
    jsonapi_react: Client::node("jsonapi-react", &[]);
    jsonapi_requests: Client::python("jsonapi-requests");
    jsonapi_serializer: Client::node("jsonapi-serializer", &[]);
    jsonapi_validator: Client::node("jsonapi-validator", &[]);
    kitsu: Client::node("kitsu", &[]);
    orbit_jsonapi: Client::node("orbit-jsonapi", &[]);
    schemathesis: Client { pins: &["requirements.txt", "hooks.py"], ..Client::python("schemathesis") };
    spraypaint: Client::node("spraypaint", &[]);
    warp_drive: Client::node("warp-drive", &["--conditions=unpkg"]);
}

/// A directory of `tests/clients/`.
struct Client {
    name: &'static str,
    program: &'static str,
    /// The files that decide what is installed.
    pins: &'static [&'static str],
    install: fn(&Path),
    /// What runs the program, relative to the place of installation or in `PATH`.
    interpreter: &'static str,
    /// What the interpreter is told before the program's name.
    options: &'static [&'static str],
    /// Files of `tests/clients/` that the program reads.
    shared: &'static [&'static str],
}

fn drive(client: &Client, kind: Kind) {
    if !wanted() || !kind.wanted() {
        return;
    }
    let place = client.installed();
    let database = TestDatabase::empty(kind);
    let server = Program::start(&database.url);

    let output = client.run(&place, &format!("{}/api/v1", server.url));

    print!("{}", String::from_utf8_lossy(&output.stdout));
    let surprise = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} on {kind:?}: {surprise}\nThe server said:\n{}", client.name, server.said());
}

fn wanted() -> bool {
    let off = env::var("TERTULIA_TEST_CLIENTS").as_deref() == Ok("off");
    let wanted = !off || env::var("CI").as_deref() == Ok("true");
    if !wanted {
        say("the published clients are left out: TERTULIA_TEST_CLIENTS=off");
    }
    wanted
}

impl Client {
    fn node(name: &'static str, options: &'static [&'static str]) -> Client {
        Client {
            name,
            program: "drive.mjs",
            pins: &["package.json", "package-lock.json"],
            install: |place| must(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(place)),
            interpreter: "node",
            options,
            shared: &["steps.mjs"],
        }
    }

    fn python(name: &'static str) -> Client {
        Client {
            name,
            program: "drive.py",
            pins: &["requirements.txt"],
            install: |place| {
                must(Command::new("python3").args(["-m", "venv", "--clear", "venv"]).current_dir(place));
                let pip =
                    ["-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", "requirements.txt"];
                must(Command::new(place.join("venv/bin/python")).args(pip).current_dir(place));
            },
            interpreter: "venv/bin/python",
            options: &[],
            shared: &[],
        }
    }

    /// The place where the program and what it needs are, up to date.
    fn installed(&self) -> PathBuf {
        let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
        let source = clients.join(self.name);
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("clients").join(self.name);
        fs::create_dir_all(&place).unwrap_or_else(|e| panic!("{}: {e}", place.display()));
        let _one_at_a_time = locked(&place.join("lock"));
        let done = place.join("installed");
        if refresh(&source, &place, self.pins) {
            // An installation that breaks off must not look like a finished one.
            let _ = fs::remove_file(&done);
        }
        if !done.exists() {
            (self.install)(&place);
            File::create(&done).unwrap_or_else(|e| panic!("{}: {e}", done.display()));
        }
        // Node looks for modules beside the program, so the program comes to them.
        refresh(&source, &place, &[self.program]);
        refresh(&clients, &place, self.shared);
        place
    }

    fn run(&self, place: &Path, api: &str) -> Output {
        let beside = place.join(self.interpreter);
        let interpreter = if beside.exists() { beside } else { PathBuf::from(self.interpreter) };
        let mut command = Command::new(interpreter);
        // A proxy on the way to the registries is none on the way to this machine.
        command
            .args(self.options)
            .arg(self.program)
            .arg(api)
            .current_dir(place)
            .env("NO_PROXY", "127.0.0.1")
            .env("no_proxy", "127.0.0.1");
        finished(&mut command)
    }
}
