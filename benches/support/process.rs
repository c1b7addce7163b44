//! The process under load, from inside and from outside.
//!
//! It is this same program, started with the word `serve`. It prints its addresses, then its own CPU time for every
//! line it reads, and ends with its standard input.

use super::{Outcome, cpu, prepared};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;
use tertulia::config::{BindAddress, Config, DatabaseUrl, RateLimit};
use tertulia::db::{Database, DbError, Kind, Options};
use tertulia::{Running, Server, Settings};

/// The real server, as in production, but no client is ever turned away. Needs an actix runtime.
pub(crate) fn real(url: &str, options: &Options) -> Outcome<Running> {
    let most = RateLimit::new(NonZeroU32::MAX, Duration::from_secs(1));
    let config = Config {
        database_url: DatabaseUrl::parse(url)?,
        bind: BindAddress::local(0),
        rate_limit: Some(most),
        ..Config::default()
    };
    Ok(Server::start_on(Settings::new(config), Database::open(url, options)?)?)
}

/// Says where the servers of this process are, and answers until standard input ends.
pub(crate) async fn answer(addresses: &[SocketAddr]) -> Outcome<()> {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    say(&addresses.join(" "))?;
    let answers = || {
        for line in std::io::stdin().lines() {
            line?;
            say(&cpu::of_process().as_nanos().to_string())?;
        }
        Ok(())
    };
    actix_web::rt::task::spawn_blocking(answers).await?
}

fn say(line: &str) -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// The process, seen from outside.
pub(crate) struct Process {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// Where it serves.
    pub(crate) addresses: Vec<SocketAddr>,
}

impl Process {
    /// Starts this same program as the process under load; `log` sends its log to a file.
    pub(crate) fn start(arguments: &[&str], log: bool) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").args(arguments);
        if log {
            std::fs::create_dir_all(prepared::directory())?;
            command.stderr(std::fs::File::create(prepared::directory().join("server.log"))?);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let questions = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().ok_or("the server has no standard output")?);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        let addresses: Vec<SocketAddr> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        if addresses.is_empty() {
            return Err("the server did not start".into());
        }
        Ok(Self { child, questions, answers, addresses })
    }

    /// CPU time that the process has used so far.
    pub(crate) fn cpu(&mut self) -> Outcome<Duration> {
        let questions = self.questions.as_mut().ok_or("the server has no standard input")?;
        questions.write_all(b"cpu\n")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(Duration::from_nanos(line.trim().parse()?))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.questions.take());
        drop(self.child.wait());
    }
}

/// Process ids of the database's servers, where they are on this machine; without that of our own
/// connection, or with it.
pub(crate) fn backends(database: &Database, with_ours: bool) -> Outcome<Vec<i32>> {
    #[derive(diesel::QueryableByName)]
    struct Backend {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        pid: i32,
    }
    if database.kind() == Kind::Sqlite {
        return Ok(Vec::new());
    }
    let but_ours = if with_ours { "" } else { "AND pid <> pg_backend_pid()" };
    let sql = format!("SELECT pid FROM pg_stat_activity WHERE datname = current_database() {but_ours}");
    let sql = diesel::sql_query(sql);
    let found: Vec<Backend> =
        database.read_blocking(|conn| diesel::RunQueryDsl::load(sql, conn).map_err(DbError::from))?;
    let is_here = |pid: &i32| {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
        name.is_ok_and(|name| name.starts_with("postgres"))
    };
    Ok(found.into_iter().map(|backend| backend.pid).filter(is_here).collect())
}
