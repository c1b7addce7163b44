//! The program itself, started as a user starts it.

use std::env;
use std::fs::{self, File};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// `tertulia serve`, in an empty directory and with nothing configured but its database and its limits.
pub(crate) struct Program {
    pub(crate) child: Child,
    directory: TempDir,
    /// `http://127.0.0.1:port`
    pub(crate) url: String,
}

impl Program {
    pub(crate) fn start(database_url: &str) -> Program {
        Program::configured(database_url, &[])
    }

    /// With some variables more.
    pub(crate) fn configured(database_url: &str, variables: &[(&str, &str)]) -> Program {
        let directory = TempDir::with_prefix("tertulia-clients-").expect("a temporary directory");
        let file = |name| File::create(directory.path().join(name)).expect("a file in a new directory");
        let mut command = Command::new(env!("CARGO_BIN_EXE_tertulia"));
        for (name, _) in env::vars_os() {
            if name == "DATABASE_URL" || name.to_string_lossy().starts_with("TERTULIA_") {
                command.env_remove(name);
            }
        }
        let child = command
            .args(["serve", "--bind", "127.0.0.1:0", "--database-url", database_url])
            .envs([("TERTULIA_RATE_LIMIT", "off"), ("TERTULIA_SIGN_IN_LIMIT", "off")])
            .envs(variables.iter().copied())
            .current_dir(directory.path())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .expect("the server's program");
        let mut program = Program { child, directory, url: String::new() };
        program.url = program.printed_url();
        program
    }

    fn printed_url(&mut self) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            if let Some(url) = url_in(&self.output("stdout")) {
                return url;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the server ended with {status}:\n{}", self.said());
            }
            sleep(Duration::from_millis(20));
        }
        panic!("the server printed no address:\n{}", self.said());
    }

    pub(crate) fn said(&self) -> String {
        self.output("stdout") + &self.output("stderr")
    }

    fn output(&self, name: &str) -> String {
        fs::read_to_string(self.directory.path().join(name)).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in a line that is already whole.
fn url_in(stdout: &str) -> Option<String> {
    let (lines, _unfinished) = stdout.rsplit_once('\n')?;
    let (_, rest) = lines.split_once("http://127.0.0.1:")?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(format!("http://127.0.0.1:{port}"))
}
