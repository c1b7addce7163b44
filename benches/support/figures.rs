//! What servers under load cost, and the table that shows it.

use super::report::{median, spread};

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

/// Prints them.
pub(crate) fn print<'a>(rows: impl Iterator<Item = (&'a str, &'a Figures)>) {
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
