//! A PostgreSQL server of the benchmark's own, whose data stays in `target/bench` from one run to the next.
//!
//! The programs are searched in `PATH` and in `/usr/lib/postgresql`. PostgreSQL refuses to run as root, so root
//! starts it as `postgres` or `nobody`.

use super::Outcome;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

const SCRIPT: &str = include_str!("cluster.sh");

/// A running server; it stops when this is dropped, or when this process ends in any other way.
pub(crate) struct Cluster {
    /// `postgres://user@host:port/postgres`
    pub(crate) url: String,
    stdin: Option<ChildStdin>,
    script: Child,
}

impl Cluster {
    /// Starts the server whose data is below `directory`, and makes the data first if there is none.
    pub(crate) fn start(directory: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(directory)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "cluster.sh"]).arg(binaries()?).arg(port.to_string()).arg(directory);
        if id(&[])? == 0 {
            let (user, group) = somebody_else()?;
            std::os::unix::fs::chown(directory, Some(user), Some(group))?;
            command.uid(user).gid(group);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut script = command.spawn()?;
        wait_until_ready(&mut script)?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Ok(Self { url, stdin: script.stdin.take(), script })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.stdin.take());
        drop(self.script.wait());
    }
}

fn wait_until_ready(script: &mut Child) -> Outcome<()> {
    let mut line = String::new();
    if let Some(output) = script.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    if line.trim() == "ready" {
        return Ok(());
    }
    let mut reason = String::new();
    if let Some(mut errors) = script.stderr.take() {
        errors.read_to_string(&mut reason)?;
    }
    Err(format!("PostgreSQL did not start: {}", reason.trim()).into())
}

fn binaries() -> Outcome<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let packaged = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    std::env::split_paths(&path)
        .chain(packaged.map(|version| version.path().join("bin")))
        .find(|directory| directory.join("initdb").is_file() && directory.join("postgres").is_file())
        .ok_or_else(|| "no PostgreSQL found: install it, name one with --postgres, or say --only sqlite".into())
}

/// User and group to become instead of root.
fn somebody_else() -> Outcome<(u32, u32)> {
    let user = if id(&["postgres"]).is_ok() { "postgres" } else { "nobody" };
    Ok((id(&[user])?, id(&["-g", user])?))
}

/// A number that the program `id` tells.
fn id(arguments: &[&str]) -> Outcome<u32> {
    let kind = if arguments.first() == Some(&"-g") { None } else { Some("-u") };
    let output = Command::new("id").args(kind).args(arguments).output()?;
    Ok(std::str::from_utf8(&output.stdout)?.trim().parse()?)
}
