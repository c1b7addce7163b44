//! Medians, ratios, and the tables that show them.

use crate::world::{Size, World};

/// What each round said of one server, in microseconds per request.
#[derive(Default)]
pub(crate) struct Figures {
    /// CPU time of the server's process.
    pub(crate) server: Vec<f64>,
    /// CPU time of the database's processes, where it has any.
    pub(crate) database: Vec<f64>,
    /// Time that passed.
    pub(crate) wall: Vec<f64>,
    /// Size of a body.
    pub(crate) bytes: usize,
}

impl Figures {
    /// CPU time of server and database.
    pub(crate) fn whole(&self) -> Vec<f64> {
        let database = self.database.iter().copied().chain(std::iter::repeat(0.0));
        self.server.iter().zip(database).map(|(server, database)| server + database).collect()
    }
}

/// How much one thing costs of another.
pub(crate) struct Ratio {
    database: &'static str,
    name: &'static str,
    value: f64,
    most: Option<f64>,
}

impl Ratio {
    /// The median of the rounds' ratios: both sides of a round met the same machine.
    pub(crate) fn between(database: &'static str, name: &'static str, one: &[f64], other: &[f64]) -> Self {
        let of_rounds: Vec<f64> = one.iter().zip(other).map(|(one, other)| one / other).collect();
        Self { database, name, value: median(&of_rounds), most: None }
    }

    pub(crate) fn at_most(self, most: f64) -> Self {
        Self { most: Some(most), ..self }
    }

    pub(crate) fn holds(&self) -> bool {
        self.most.is_none_or(|most| self.value <= most)
    }
}

/// The value in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The middle, and between what the middle half lies.
pub(crate) fn spread(values: &[f64]) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |part: usize| sorted.get((sorted.len() - 1) * part / 4).copied().unwrap_or(f64::NAN);
    format!("{:8.1}  ({:.1} to {:.1})", median(values), at(1), at(3))
}

pub(crate) fn title(database: &str, size: Size, world: &World) {
    let Size { users, conversations } = size;
    println!("\n{database}: {users} users, {conversations} conversations, {} of them ask", world.askers.len());
}

pub(crate) fn figures<'a>(rows: impl Iterator<Item = (&'a str, &'a Figures)>) {
    println!(
        "\n  {:30} {:>30}  {:>30} {:>8} {:>8}",
        "per request", "server CPU us", "database CPU us", "req/s", "bytes"
    );
    for (name, figures) in rows {
        let database = if figures.database.is_empty() { String::new() } else { spread(&figures.database) };
        let (server, rate) = (spread(&figures.server), 1e6 / median(&figures.wall));
        println!("  {name:30} {server:>30}  {database:>30} {rate:8.0} {:8}", figures.bytes);
    }
}

pub(crate) fn ratios(ratios: &[Ratio]) {
    println!("\n  ratios");
    for Ratio { database, name, value, most } in ratios {
        let verdict = match most {
            Some(most) if value <= most => format!("at most {most}: holds"),
            Some(most) => format!("at most {most}: MISSED"),
            None => String::new(),
        };
        println!("  {database:11} {name:38} {value:6.2}  {verdict}");
    }
}
