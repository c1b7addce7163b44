//! A throw-away PostgreSQL server: one per test process, gone when the process is.
//!
//! `TEST_POSTGRES_URL` names a server to use instead. Without it the server's programs are searched in
//! `PATH`, beside `pg_config`, and in `/usr/lib/postgresql`. Where neither works, tests fail and say why:
//! a skipped test looks like a passed one.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

const SCRIPT: &str = include_str!("cluster.sh");

/// A server that accepts connections, and the URL of a database on it to administer it from.
pub(crate) struct Cluster {
    /// `postgres://user@host:port/postgres`
    pub(crate) url: String,
    /// The script stops the server when this end closes, however the process ends.
    _alive: Option<ChildStdin>,
}

/// The server of this test process; the reason there is none is the same for every test.
pub(crate) fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    match CLUSTER.get_or_init(find) {
        Ok(cluster) => cluster,
        Err(reason) => panic!("no PostgreSQL to test on: {reason}"),
    }
}

fn find() -> Result<Cluster, String> {
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(url) => Ok(Cluster { url, _alive: None }),
        Err(_) => start(&binaries()?),
    }
}

fn binaries() -> Result<PathBuf, String> {
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&in_path)
        .chain(pg_config())
        .chain(packaged())
        .find(|directory| directory.join("initdb").is_file() && directory.join("postgres").is_file())
        .ok_or_else(|| {
            "neither `initdb` and `postgres` (in PATH, beside pg_config or in /usr/lib/postgresql) nor \
             TEST_POSTGRES_URL were found; install PostgreSQL 15 or newer, or leave it out knowingly with \
             TERTULIA_TEST_DATABASES=sqlite"
                .to_owned()
        })
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// `/usr/lib/postgresql/<version>/bin`, newest first.
fn packaged() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, path)| path).collect()
}

/// Another process may take the free port before the server does, so a start is tried a few times.
fn start(binaries: &Path) -> Result<Cluster, String> {
    let mut problem = String::new();
    for _ in 0..3 {
        let port = free_port()?;
        match run(binaries, port) {
            Ok(alive) => {
                let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
                return Ok(Cluster { url, _alive: Some(alive) });
            }
            Err(reason) => problem = reason,
        }
    }
    Err(problem)
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("no free port: {e}"))?;
    Ok(listener.local_addr().map_err(|e| format!("no free port: {e}"))?.port())
}

fn run(binaries: &Path, port: u16) -> Result<ChildStdin, String> {
    let mut script = shell(&format!("{} {port}", quoted(binaries)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .current_dir("/")
        .process_group(0)
        .spawn()
        .map_err(|e| format!("could not run a shell: {e}"))?;
    let alive = script.stdin.take().ok_or("the script has no standard input")?;
    wait_until_ready(&mut script).map(|()| alive)
}

/// `initdb` refuses to run as root, so root becomes somebody else first.
fn shell(arguments: &str) -> Command {
    let words = format!("set -- {arguments}\n{SCRIPT}");
    if !is_root() {
        let mut command = Command::new("sh");
        command.args(["-c", &words]);
        return command;
    }
    let user = if is_user("postgres") { "postgres" } else { "nobody" };
    let mut command = Command::new("su");
    command.args(["-s", "/bin/sh", user, "-c", &words]);
    command
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn is_user(name: &str) -> bool {
    Command::new("id").arg(name).output().is_ok_and(|output| output.status.success())
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn wait_until_ready(script: &mut Child) -> Result<(), String> {
    let output = script.stdout.take().ok_or("the script has no standard output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).map_err(|e| e.to_string())?;
    if line.trim() == "ready" {
        return Ok(());
    }
    let mut reason = String::new();
    if let Some(mut errors) = script.stderr.take() {
        errors.read_to_string(&mut reason).map_err(|e| e.to_string())?;
    }
    Err(format!("PostgreSQL did not start: {}", reason.trim()))
}
