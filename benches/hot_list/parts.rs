//! What a request is made of, on one thread and without HTTP: CPU time of each part, generic and by hand.

use crate::queries::{plan, shipped};
use crate::support::process::backends;
use crate::support::{cpu, report};
use crate::world::World;
use crate::{BASE, Effort, Outcome, PAGE, by_hand, thread, told};
use std::time::Duration;
use tertulia::resource::document::{Meta, Writer};
use tertulia::resource::include::Included;
use tertulia::resource::read::Reader;
use tertulia::resource::{Error, Result, Viewer};
use tertulia::resources::{Settings, auth};

/// Parts, and what each round said of this thread and of the database's processes.
#[derive(Default)]
struct Parts {
    backends: Vec<i32>,
    rows: Vec<(&'static str, Vec<f64>, Vec<f64>)>,
}

impl Parts {
    /// Runs `work` once for every asker.
    fn time<T, E>(
        &mut self,
        name: &'static str,
        askers: usize,
        mut work: impl FnMut(usize) -> Result<T, E>,
    ) -> Result<(), E> {
        let (before, began) = (cpu::Processes::now(&self.backends), thread::used());
        for asker in 0..askers {
            std::hint::black_box(work(asker)?);
        }
        let here = thread::used() - began;
        let there = cpu::Processes::now(&self.backends).since(&before);
        let each = |time: Duration| time.as_secs_f64() * 1e6 / askers as f64;
        if !self.rows.iter().any(|row| row.0 == name) {
            self.rows.push((name, Vec::new(), Vec::new()));
        }
        for row in self.rows.iter_mut().filter(|row| row.0 == name) {
            row.1.push(each(here));
            row.2.push(each(there));
        }
        Ok(())
    }
}

/// Measures and prints them.
pub(crate) fn run(world: &World, effort: &Effort) -> Outcome<()> {
    let mut pooled = by_hand::Pool::open(world.database.kind(), &world.url)?.get()?;
    let backends = backends(&world.database, true)?;
    let mut parts = Parts { backends, ..Parts::default() };
    for _ in 0..effort.rounds {
        world.database.read_blocking(|conn| generic(&mut parts, conn, world)).map_err(told)?;
        manual(&mut parts, &mut pooled, world)?;
    }
    let database = if parts.backends.is_empty() { "" } else { "database CPU us" };
    println!("\n  {:30} {:>30}  {database:>30}", "parts of a request", "CPU us of this thread");
    for (name, here, there) in &parts.rows {
        let there = if parts.backends.is_empty() { String::new() } else { report::spread(there) };
        println!("  {name:30} {:>30}  {there:>30}", report::spread(here));
    }
    Ok(())
}

fn generic(parts: &mut Parts, conn: &mut tertulia::db::Conn, world: &World) -> Result<()> {
    let registry = tertulia::resources::registry();
    let entry = registry.target("direct_conversation")?;
    let askers = world.askers.len();
    let viewers: Vec<Viewer> = world.askers.iter().map(|asker| Viewer::user(asker.user)).collect();
    let settings = Settings::default();
    parts.time("generic: token", askers, |at| auth::authenticate(conn, &world.askers[at].token, &settings))?;
    parts.time("generic: query to plan", askers, |at| plan(&registry, entry, &viewers[at]))?;
    let plans: Vec<_> = viewers.iter().map(|viewer| plan(&registry, entry, viewer)).collect::<Result<_, _>>()?;
    parts.time("generic: conversations", askers, |at| {
        entry.rows.load(conn, &shipped(entry, &viewers[at], &plans[at]))
    })?;
    let mut pages = Vec::new();
    for (viewer, plan) in viewers.iter().zip(&plans) {
        let mut rows = entry.rows.load(conn, &shipped(entry, viewer, plan))?;
        rows.truncate(usize::try_from(PAGE).unwrap_or(0));
        pages.push(rows);
    }
    let mut included = Vec::new();
    let tree = |at: usize| plans[at].include.as_deref().unwrap_or_default();
    parts.time("generic: chats", askers, |at| {
        Included::follow(conn, (&viewers[at], &plans[at].fields), (entry, &*pages[at]), &tree(at)[..1])
    })?;
    parts.time("generic: users", askers, |at| {
        Included::follow(conn, (&viewers[at], &plans[at].fields), (entry, &*pages[at]), &tree(at)[1..])
    })?;
    for at in 0..askers {
        included.push(Included::follow(conn, (&viewers[at], &plans[at].fields), (entry, &*pages[at]), tree(at))?);
    }
    parts.time("generic: document", askers, |at| {
        let mut out = Vec::with_capacity(64 * 1024);
        let writer = Writer {
            base: BASE,
            viewer: &viewers[at],
            fields: &plans[at].fields,
            included: &included[at],
            by_cursor: false,
            cursor_key: registry.cursor_key(),
        };
        for row in 0..pages[at].len() {
            writer.resource(&mut out, entry, &*pages[at], row, Meta::default());
        }
        writer.included(&mut out);
        Ok::<_, Error>(out)
    })?;
    parts.time("generic: all but the token", askers, |at| {
        let plan = plan(&registry, entry, &viewers[at])?;
        let reader = Reader {
            registry: &registry,
            viewer: &viewers[at],
            base: BASE,
            path: "/direct_conversations",
            plan: &plan,
        };
        reader.list(conn, entry)
    })
}

fn manual(parts: &mut Parts, conn: &mut by_hand::Conn, world: &World) -> Outcome<()> {
    let (askers, who) = (world.askers.len(), |at: usize| world.askers[at].user);
    parts.time("by hand: token", askers, |at| by_hand::authenticate(conn, &world.askers[at].token))?;
    parts.time("by hand: conversations", askers, |at| by_hand::conversations(conn, who(at), PAGE + 1))?;
    let mut loaded = Vec::new();
    for at in 0..askers {
        loaded.push(by_hand::load(conn, who(at), PAGE)?);
    }
    parts.time("by hand: chats", askers, |at| by_hand::chats(conn, who(at), &loaded[at].conversations))?;
    parts.time("by hand: users", askers, |at| by_hand::users(conn, &loaded[at].conversations))?;
    parts.time("by hand: document", askers, |at| Outcome::Ok(by_hand::write(&loaded[at], who(at), BASE, PAGE)))?;
    parts.time("by hand: all but the token", askers, |at| {
        let loaded = by_hand::load(conn, who(at), PAGE)?;
        Outcome::Ok(by_hand::write(&loaded, who(at), BASE, PAGE))
    })
}
