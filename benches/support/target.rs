//! Servers under load, in turns.

use super::figures::Figures;
use super::load::Load;
use super::process::{Process, backends};
use super::{Outcome, cpu};
use std::cell::RefCell;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tertulia::db::{Database, Kind};

/// One kind of request to one server.
pub(crate) struct Target<'a> {
    pub(crate) name: &'static str,
    pub(crate) load: Load,
    pub(crate) figures: Figures,
    process: &'a RefCell<Process>,
    database: &'a Database,
    requests: usize,
    next: AtomicUsize,
}

impl<'a> Target<'a> {
    /// So many requests a turn.
    pub(crate) fn new(
        name: &'static str,
        (process, database): (&'a RefCell<Process>, &'a Database),
        load: Load,
        requests: usize,
    ) -> Self {
        Self { name, load, figures: Figures::default(), process, database, requests, next: AtomicUsize::new(0) }
    }

    fn turn(&mut self, is_warm_up: bool) -> Outcome<()> {
        let read = || -> Outcome<(Duration, cpu::Processes)> {
            let database = cpu::Processes::now(&backends(self.database, false)?);
            Ok((self.process.borrow_mut().cpu()?, database))
        };
        let (run, before, after) = self.load.run(self.requests, read, &self.next)?;
        if is_warm_up {
            return Ok(());
        }
        let each = |time: Duration| time.as_secs_f64() * 1e6 / self.requests as f64;
        self.figures.server.push(each(after.0.saturating_sub(before.0)));
        self.figures.wall.push(each(run.wall));
        self.figures.bytes = run.bytes / self.requests;
        if self.database.kind() == Kind::Postgres {
            self.figures.database.push(each(after.1.since(&before.1)));
        }
        Ok(())
    }
}

/// So many rounds after one to warm up, each begun by another target.
pub(crate) fn take_turns(targets: &mut [Target<'_>], rounds: usize) -> Outcome<()> {
    for round in 0..=rounds {
        let count = targets.len();
        for at in 0..count {
            targets[(round + at) % count].turn(round == 0)?;
        }
    }
    Ok(())
}
