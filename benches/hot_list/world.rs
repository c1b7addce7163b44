//! Worlds of users and conversations, made by `tertulia::seed`, and who asks for lists in them.

use crate::Outcome;
use crate::support::prepared::{Host, Recipe, tokens};
use diesel::{QueryableByName, RunQueryDsl as _};
use std::fmt;
use tertulia::db::{Conn, Database, DbError, Id, Uid};
use tertulia::seed;

/// How much there is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) users: u64,
    pub(crate) conversations: u64,
}

impl fmt::Display for Size {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} users and {} conversations", self.users, self.conversations)
    }
}

/// A prepared database.
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) database: Database,
    pub(crate) askers: Vec<Asker>,
}

/// A user with many conversations, and a token.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) user: Id,
    pub(crate) token: String,
}

impl World {
    /// Opens the database of that size, and makes it first if it isn't there.
    pub(crate) fn of(host: &Host, size: Size) -> Outcome<Self> {
        let recipe = Recipe {
            name: format!("tertulia_bench_{}_{}", size.users, size.conversations),
            sources: &["src/seed", "src/seed.rs"],
            fill: &|database| fill(database, size),
        };
        let (url, database) = recipe.open(host)?;
        let users = database.read_blocking(askers)?;
        if users.is_empty() {
            return Err(format!("nobody has {CONVERSATIONS} conversations among {} users", size.users).into());
        }
        let signed_in = users.clone();
        let tokens = database.write_blocking(move |conn| tokens(conn, &signed_in))?;
        let askers = users.into_iter().zip(tokens).map(|(user, token)| Asker { user, token }).collect();
        Ok(Self { url, database, askers })
    }
}

fn fill(database: &Database, size: Size) -> Outcome<()> {
    let Size { users, conversations } = size;
    let plan = seed::Plan { users, conversations, groups: 0, messages: conversations, seed: 1 };
    eprintln!("making a world of {size}");
    let bar = indicatif::ProgressBar::new(plan.steps());
    seed::fill(database, &plan, |added| bar.inc(added))?;
    bar.finish_and_clear();
    Ok(())
}

/// So many conversations has a user who asks.
const CONVERSATIONS: i64 = 100;
/// So many users ask.
const ASKERS: i64 = 250;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Uid)]
    id: Id,
}

/// Users with just so many conversations in their lists.
fn askers(conn: &mut Conn) -> Result<Vec<Id>, DbError> {
    let found: Vec<Found> = diesel::sql_query(format!(
        "SELECT id FROM (SELECT first_user_id AS id FROM direct_conversations WHERE first_listed \
         UNION ALL SELECT second_user_id FROM direct_conversations WHERE second_listed) AS sides \
         GROUP BY id HAVING count(*) = {CONVERSATIONS} ORDER BY id LIMIT {ASKERS}"
    ))
    .load(conn)?;
    Ok(found.into_iter().map(|found| found.id).collect())
}
