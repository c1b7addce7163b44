//! The process under load: the real server, the hand-written list and a static document, all in one.
//!
//! It prints the three addresses, then its own CPU time for every line it reads, and ends with its standard input.

use crate::{Outcome, by_hand, cpu, world};
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;
use tertulia::config::{BindAddress, Config, DatabaseUrl, RateLimit};
use tertulia::db::{Database, DbError, Kind, Options};
use tertulia::{Server, Settings};

/// What the process is told.
#[derive(clap::Args, Clone)]
pub(crate) struct Arguments {
    /// The prepared database
    #[arg(long)]
    url: String,
    /// How large the static document is
    #[arg(long)]
    bytes: usize,
    /// Logs every request, as the server does unless it is told otherwise
    #[arg(long)]
    log: bool,
}

impl Arguments {
    pub(crate) fn new(url: &str, bytes: usize, log: bool) -> Self {
        Self { url: url.to_owned(), bytes, log }
    }
}

/// Serves until standard input ends.
pub(crate) fn run(arguments: Arguments) -> Outcome<()> {
    if arguments.log {
        tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    }
    rt::System::new().block_on(async move {
        let database = Database::open(&arguments.url, &Options::default())?;
        let kind = database.kind();
        let real = Server::start_on(Settings::new(config(&arguments.url)?), database)?;
        let by_hand = by_hand::serve(by_hand::Pool::open(kind, &arguments.url)?)?;
        let fixed = fixed(arguments.bytes)?;
        say(&format!("{} {by_hand} {fixed}", real.address))?;
        rt::task::spawn_blocking(answer).await?
    })
}

/// That of a production server, but no client is ever turned away.
fn config(url: &str) -> Outcome<Config> {
    let most = RateLimit::new(NonZeroU32::MAX, Duration::from_secs(1));
    Ok(Config {
        database_url: DatabaseUrl::parse(url)?,
        bind: BindAddress::local(0),
        rate_limit: Some(most),
        ..Config::default()
    })
}

/// A document that costs nothing to make.
fn fixed(bytes: usize) -> Outcome<SocketAddr> {
    let document = web::Bytes::from("x".repeat(bytes));
    let app = move || {
        let document = document.clone();
        let answer = move || {
            let document = document.clone();
            async move { HttpResponse::Ok().insert_header(("content-type", "application/vnd.api+json")).body(document) }
        };
        App::new().route(crate::PATH, web::get().to(answer))
    };
    let server = HttpServer::new(app).disable_signals().bind(("127.0.0.1", 0))?;
    let address = server.addrs()[0];
    rt::spawn(server.run());
    Ok(address)
}

fn answer() -> Outcome<()> {
    for line in std::io::stdin().lines() {
        line?;
        say(&cpu::of_process().as_nanos().to_string())?;
    }
    Ok(())
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
    pub(crate) generic: SocketAddr,
    pub(crate) by_hand: SocketAddr,
    pub(crate) fixed: SocketAddr,
}

impl Process {
    /// Starts this same program as the process under load.
    pub(crate) fn start(arguments: &Arguments) -> Outcome<Self> {
        let Arguments { url, bytes, log } = arguments;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--url", url, "--bytes", &bytes.to_string()]);
        if *log {
            std::fs::create_dir_all(world::directory())?;
            let file = std::fs::File::create(world::directory().join("server.log"))?;
            command.arg("--log").stderr(file);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let questions = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().ok_or("the server has no standard output")?);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        let addresses: Vec<SocketAddr> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [generic, by_hand, fixed] = addresses[..] else { return Err("the server did not start".into()) };
        Ok(Self { child, questions, answers, generic, by_hand, fixed })
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

/// Process ids of the database's servers for everybody but us, where they are on this machine.
pub(crate) fn backends(database: &Database) -> Outcome<Vec<i32>> {
    pids(database, "datname = current_database() AND pid <> pg_backend_pid()")
}

/// That of our own connection.
pub(crate) fn own_backend(database: &Database) -> Outcome<Vec<i32>> {
    pids(database, "pid = pg_backend_pid()")
}

fn pids(database: &Database, condition: &str) -> Outcome<Vec<i32>> {
    #[derive(diesel::QueryableByName)]
    struct Backend {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        pid: i32,
    }
    if database.kind() == Kind::Sqlite {
        return Ok(Vec::new());
    }
    let sql = diesel::sql_query(format!("SELECT pid FROM pg_stat_activity WHERE {condition}"));
    let found: Vec<Backend> =
        database.read_blocking(|conn| diesel::RunQueryDsl::load(sql, conn).map_err(DbError::from))?;
    let is_here = |pid: &i32| {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
        name.is_ok_and(|name| name.starts_with("postgres"))
    };
    Ok(found.into_iter().map(|backend| backend.pid).filter(is_here).collect())
}
