//! The servers under load, in turns.

use crate::report::{self, Figures, Ratio};
use crate::serve::{self, Process, backends};
use crate::world::{Asker, World};
use crate::{BASE, Effort, Outcome, PAGE, PATH, QUERY, by_hand, cpu};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

/// A server to be measured.
struct Target<'a> {
    name: String,
    process: &'a RefCell<Process>,
    world: &'a World,
    load: crate::load::Load,
    next: AtomicUsize,
    figures: Figures,
}

/// Measures all servers, after making sure that their answers are the same.
pub(crate) fn run(name: &'static str, world: &World, larger: Option<&World>, effort: &Effort) -> Outcome<Vec<Ratio>> {
    let bytes = document_of(world, &world.askers[0])?.len();
    let start = |world: &World| Process::start(&serve::Arguments::new(&world.url, bytes, effort.log));
    let process = RefCell::new(start(world)?);
    let (generic, hand, fixed) = {
        let process = process.borrow();
        (process.generic, process.by_hand, process.fixed)
    };
    let mut targets = vec![
        Target::new("generic layer", &process, world, generic, effort),
        Target::new("by hand", &process, world, hand, effort),
        Target::new("static document", &process, world, fixed, effort),
    ];
    compare(&targets[0], &targets[1], world)?;
    let larger_process = larger.map(start).transpose()?.map(RefCell::new);
    if let (Some(larger), Some(process)) = (larger, &larger_process) {
        let address = process.borrow().generic;
        targets.push(Target::new("generic layer, larger world", process, larger, address, effort));
    }
    for round in 0..=effort.rounds {
        let count = targets.len();
        for at in 0..count {
            targets[(round + at) % count].turn(effort.requests, round == 0)?;
        }
    }
    report::figures(targets.iter().map(|target| (target.name.as_str(), &target.figures)));
    Ok(ratios(name, &targets))
}

fn ratios(name: &'static str, targets: &[Target<'_>]) -> Vec<Ratio> {
    let [generic, hand, fixed] = [0, 1, 2].map(|at| &targets[at].figures);
    let mut ratios = vec![
        Ratio::between(name, "generic / by hand, server", &generic.server, &hand.server).at_most(1.15),
        Ratio::between(name, "generic / static, server", &generic.server, &fixed.server),
    ];
    let whole = [generic, hand].map(Figures::whole);
    if !generic.database.is_empty() {
        ratios.push(Ratio::between(name, "generic / by hand, with the database", &whole[0], &whole[1]).at_most(1.15));
    }
    if let Some(larger) = targets.get(3) {
        let larger = larger.figures.whole();
        ratios.push(Ratio::between(name, "larger world / this one", &larger, &whole[0]).at_most(1.2));
    }
    ratios
}

/// What the hand-written list answers.
fn document_of(world: &World, asker: &Asker) -> Outcome<Vec<u8>> {
    let pool = by_hand::Pool::open(world.database.kind(), &world.url)?;
    let loaded = by_hand::load(&mut pool.get()?, asker.user, PAGE)?;
    Ok(by_hand::write(&loaded, asker.user, BASE, PAGE))
}

/// Fails unless both answer everybody with the same bytes.
fn compare(one: &Target<'_>, other: &Target<'_>, world: &World) -> Outcome<()> {
    for at in 0..world.askers.len() {
        let (a, b) = (one.load.once(at)?, other.load.once(at)?);
        if a != b {
            let differs = a.iter().zip(&b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
            let near = |bytes: &[u8]| {
                let range = differs.saturating_sub(80)..bytes.len().min(differs + 80);
                String::from_utf8_lossy(&bytes[range]).into_owned()
            };
            return Err(format!("the answers differ at byte {differs}:\n{}\n{}", near(&a), near(&b)).into());
        }
    }
    Ok(())
}

impl<'a> Target<'a> {
    fn new(
        name: &str,
        process: &'a RefCell<Process>,
        world: &'a World,
        address: SocketAddr,
        effort: &Effort,
    ) -> Target<'a> {
        let requests = world.askers.iter().map(request).collect();
        let load = crate::load::Load { address, requests, connections: effort.connections };
        let (next, figures) = (AtomicUsize::new(0), Figures::default());
        Target { name: name.to_owned(), process, world, load, next, figures }
    }

    fn turn(&mut self, requests: usize, is_warm_up: bool) -> Outcome<()> {
        let read = || -> Outcome<(Duration, cpu::Processes)> {
            let database = cpu::Processes::now(&backends(&self.world.database)?);
            Ok((self.process.borrow_mut().cpu()?, database))
        };
        let (run, before, after) = self.load.run(requests, read, &self.next)?;
        if is_warm_up {
            return Ok(());
        }
        let each = |time: Duration| time.as_secs_f64() * 1e6 / requests as f64;
        self.figures.server.push(each(after.0.saturating_sub(before.0)));
        self.figures.wall.push(each(run.wall));
        self.figures.bytes = run.bytes / requests;
        if self.world.database.kind() == tertulia::db::Kind::Postgres {
            self.figures.database.push(each(after.1.since(&before.1)));
        }
        Ok(())
    }
}

fn request(asker: &Asker) -> Vec<u8> {
    format!(
        "GET {PATH}?{QUERY} HTTP/1.1\r\nHost: bench.example\r\nAccept: application/vnd.api+json\r\n\
         Authorization: Bearer {}\r\nUser-Agent: hot_list\r\n\r\n",
        asker.token
    )
    .into_bytes()
}
