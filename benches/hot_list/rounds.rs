//! The servers under load, after making sure that their answers are the same.

use crate::support::figures::{self, Figures};
use crate::support::load::{self, Load};
use crate::support::process::Process;
use crate::support::report::Ratio;
use crate::support::target::{Target, take_turns};
use crate::world::{Asker, World};
use crate::{BASE, Effort, Outcome, PAGE, PATH, QUERY, by_hand};
use std::cell::RefCell;
use std::net::SocketAddr;

/// Measures all servers.
pub(crate) fn run(name: &'static str, world: &World, larger: Option<&World>, effort: &Effort) -> Outcome<Vec<Ratio>> {
    let bytes = document_of(world, &world.askers[0])?.len().to_string();
    let start = |world: &World| {
        let log = if effort.log { Some("--log") } else { None };
        let arguments = ["--url", &world.url, "--bytes", &bytes];
        Process::start(&arguments.into_iter().chain(log).collect::<Vec<_>>(), effort.log)
    };
    let process = RefCell::new(start(world)?);
    let [generic, hand, fixed] = process.borrow().addresses[..] else { return Err("a server is missing".into()) };
    let here =
        |name, address| Target::new(name, (&process, &world.database), load(world, address, effort), effort.requests);
    let mut targets = vec![here("generic layer", generic), here("by hand", hand), here("static document", fixed)];
    compare(&targets[0].load, &targets[1].load, world)?;
    let held =
        Target::new("generic layer, 304", (&process, &world.database), conditional(&targets[0].load)?, effort.requests);
    targets.push(held);
    let larger_process = larger.map(start).transpose()?.map(RefCell::new);
    if let (Some(larger), Some(process)) = (larger, &larger_process) {
        let there = process.borrow().addresses[0];
        let at = (process, &larger.database);
        targets.push(here("generic, one user", generic));
        targets.push(Target::new("generic, one user, larger world", at, load(larger, there, effort), effort.requests));
        targets.iter_mut().rev().take(2).for_each(|target| target.load.requests.truncate(1));
        targets.push(Target::new("generic, larger world", at, load(larger, there, effort), effort.requests));
    }
    take_turns(&mut targets, effort.rounds)?;
    figures::print(targets.iter().map(|target| (target.name, &target.figures)));
    Ok(ratios(name, &targets))
}

fn ratios(name: &'static str, targets: &[Target<'_>]) -> Vec<Ratio> {
    let [generic, hand, fixed, held] = [0, 1, 2, 3].map(|at| &targets[at].figures);
    let mut ratios = vec![
        Ratio::between(name, "generic / by hand, server", &generic.server, &hand.server).at_most(1.15),
        Ratio::between(name, "generic / static, server", &generic.server, &fixed.server),
    ];
    let whole = [generic, hand, held].map(Figures::whole);
    ratios.push(Ratio::between(name, "304 / 200", &whole[2], &whole[0]).at_most(0.2));
    if !generic.database.is_empty() {
        ratios.push(Ratio::between(name, "generic / by hand, with the database", &whole[0], &whole[1]).at_most(1.15));
    }
    if let [one, one_larger, larger] = &targets[4..] {
        let [one, one_larger, larger] = [one, one_larger, larger].map(|target| target.figures.whole());
        ratios.push(Ratio::between(name, "larger world / this one, one user", &one_larger, &one).at_most(1.2));
        ratios.push(Ratio::between(name, "larger world / this one, all in turn", &larger, &whole[0]));
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
fn compare(one: &Load, other: &Load, world: &World) -> Outcome<()> {
    for at in 0..world.askers.len() {
        let (a, b) = (one.once(at)?, other.once(at)?);
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

fn load(world: &World, address: SocketAddr, effort: &Effort) -> Load {
    Load { address, requests: world.askers.iter().map(request).collect(), connections: effort.connections }
}

fn request(asker: &Asker) -> Vec<u8> {
    format!(
        "GET {PATH}?{QUERY} HTTP/1.1\r\nHost: bench.example\r\nAccept: application/vnd.api+json\r\n\
         Authorization: Bearer {}\r\nUser-Agent: hot_list\r\n\r\n",
        asker.token
    )
    .into_bytes()
}

/// The same requests by somebody who holds the answers to them, which every one must be 304 to.
fn conditional(load: &Load) -> Outcome<Load> {
    let mut requests = Vec::new();
    for request in &load.requests {
        let (head, _) = load::answer(load.address, request)?;
        let tag = load::header(&head, "etag: ").ok_or("an answer without a tag")?;
        let head = request.strip_suffix(b"\r\n").ok_or("a request without an end")?;
        let request = [head, format!("If-None-Match: {tag}\r\n\r\n").as_bytes()].concat();
        if !load::answer(load.address, &request)?.1.is_empty() {
            return Err("who holds the answer gets it again".into());
        }
        requests.push(request);
    }
    Ok(Load { address: load.address, requests, connections: load.connections })
}
