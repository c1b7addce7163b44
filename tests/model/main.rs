//! The rules of the chat as a plain model, and random histories that are played to the server and to the model.
//!
//! What every answer should be is said by the model (`rules`, `view`), which knows nothing of the server's code. The
//! first difference ends the test; it prints the seed and a short history that still shows it. See CONTRIBUTING.md for
//! the variables that make it longer or repeat a seed.

mod draw;
mod history;
mod look;
mod operation;
mod requests;
mod rules;
mod seen;
mod server;
mod shrink;
#[expect(dead_code, unused_macros, unused_imports, reason = "histories have a client and people of their own")]
#[path = "../support/mod.rs"]
mod support;
mod view;
mod world;

use draw::{Dice, all_looks};
use history::History;
use operation::Operation;
use server::Server;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use support::app::TestApp;
use support::database::Kind;

/// Operations of a history, looks not counted; and of a default run on one database.
const LENGTH: usize = 500;
const OPERATIONS: u64 = 50_000;

/// Histories at a time: one waits for the disk while others are served.
const THREADS: usize = 6;

#[actix_web::test]
async fn every_answer_is_the_models_on_sqlite() {
    run(Kind::Sqlite).await;
}

#[actix_web::test]
async fn every_answer_is_the_models_on_postgres() {
    run(Kind::Postgres).await;
}

async fn run(kind: Kind) {
    if !kind.wanted() {
        return;
    }
    let app = TestApp::spawn(kind).await;
    let address = app.running.address;
    let played = actix_web::rt::task::spawn_blocking(move || Run::of(kind, address)).await.expect("the histories");
    app.stop().await;
    if let Some(failure) = played.failure.into_inner().expect("no panic while it is held") {
        panic!("{failure}");
    }
    let tally = played.tally.into_inner().expect("no panic while it is held");
    if played.histories >= OPERATIONS / LENGTH as u64 {
        assert_everything_happened(&tally);
    }
}

/// Histories of one database, played by several threads.
struct Run {
    kind: Kind,
    address: SocketAddr,
    seed: u64,
    next: AtomicU64,
    histories: u64,
    stop: AtomicBool,
    failure: Mutex<Option<String>>,
    tally: Mutex<BTreeMap<(String, u16), usize>>,
}

impl Run {
    fn of(kind: Kind, address: SocketAddr) -> Run {
        let operations = variable("TERTULIA_MODEL_OPERATIONS").map_or(OPERATIONS, |both| both.div_ceil(2));
        let run = Run {
            kind,
            address,
            seed: variable("TERTULIA_MODEL_SEED").unwrap_or(1),
            next: AtomicU64::new(0),
            histories: operations.div_ceil(LENGTH as u64),
            stop: AtomicBool::new(false),
            failure: Mutex::default(),
            tally: Mutex::default(),
        };
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| run.work());
            }
        });
        run
    }

    fn work(&self) {
        let mut server = Server::connect(self.address);
        while !self.stop.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.histories {
                break;
            }
            self.play(self.seed + number, &mut server);
        }
    }

    fn play(&self, seed: u64, server: &mut Server) {
        let mut dice = Dice::new(seed);
        let mut history = History::new(server);
        let mut operations = Vec::new();
        let ended = random_history(&mut dice, &mut history, &mut operations);
        let mut tally = self.tally.lock().expect("no panic while it is held");
        history.tally.into_iter().for_each(|(key, count)| *tally.entry(key).or_default() += count);
        drop(tally);
        let Err(difference) = ended else { return };
        if !self.stop.swap(true, Ordering::Relaxed) {
            let failed = operations.len() - 1;
            let told = self.tell(seed, &operations, &difference, shrink::shrink(&operations, failed, server));
            *self.failure.lock().expect("no panic while it is held") = Some(told);
        }
    }

    /// What is printed of a difference.
    fn tell(
        &self,
        seed: u64,
        operations: &[Operation],
        first: &str,
        short: Option<(Vec<Operation>, String)>,
    ) -> String {
        let mut told = format!(
            "the server on {:?} and the model differ; repeat with TERTULIA_MODEL_SEED={seed} TERTULIA_MODEL_OPERATIONS=1\n",
            self.kind
        );
        let (operations, difference) = match &short {
            Some((short, difference)) => (short.as_slice(), difference.as_str()),
            None => {
                told.push_str("The difference does not show when it is played again.\n");
                (operations, first)
            }
        };
        for operation in operations {
            let _ = writeln!(told, "  {operation}");
        }
        told.push_str(difference);
        told
    }
}

/// Draws and plays operations, with looks in between and, at the end, all of them.
fn random_history(dice: &mut Dice, history: &mut History, operations: &mut Vec<Operation>) -> Result<(), String> {
    let mut apply = |operation: Operation, history: &mut History| {
        operations.push(operation);
        history.apply(&operations[operations.len() - 1])
    };
    for number in 0..LENGTH {
        apply(dice.operation(&history.world), history)?;
        if number % 5 == 4 {
            for look in dice.looks(&history.world) {
                apply(look, history)?;
            }
        }
    }
    all_looks(&history.world).into_iter().try_for_each(|look| apply(look, history))
}

fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|e| panic!("{name}={value}: {e}")))
}

/// What has to have happened often, or the histories prove nothing of it.
const OFTEN: &[(&str, &[u16])] = &[
    ("SignUp", &[201]),
    ("Policy", &[200]),
    ("RemoveAccount", &[204]),
    ("Direct", &[200, 201, 403]),
    ("Group", &[201, 403]),
    ("Request", &[200, 201, 409]),
    ("Respond", &[200, 403, 404]),
    ("Withdraw", &[204, 409]),
    ("Say", &[201, 403, 404, 409, 422]),
    ("Edit", &[200, 403, 404, 409]),
    ("Delete", &[204, 403, 404]),
    ("React", &[200, 201, 403, 404, 409]),
    ("Unreact", &[204, 403, 404]),
    ("Seen", &[200, 204, 409, 422]),
    ("ReadUntil", &[200, 404]),
    ("Flag", &[200, 403, 404]),
    ("DeleteChat", &[204, 404]),
    ("AddMember", &[201, 403, 404, 409]),
    ("Link", &[204, 403, 404]),
    ("RemoveMember", &[204, 403, 404]),
    ("SetRole", &[200, 403, 404, 409]),
    ("Open", &[200, 403]),
    ("Title", &[200, 403]),
];

fn assert_everything_happened(tally: &BTreeMap<(String, u16), usize>) {
    for (kind, statuses) in OFTEN {
        for status in *statuses {
            let times = tally.get(&((*kind).to_owned(), *status)).copied().unwrap_or_default();
            assert!(times >= 5, "{kind} was answered {status} only {times} times: {tally:#?}");
        }
    }
}
