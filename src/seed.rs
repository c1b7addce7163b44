//! A large made-up world: users, direct conversations and groups, the same for the same [`Plan`].
//!
//! User 17 of seed 1 is `user17@seed1.example`, and everybody's password is [`PASSWORD`]. Conversations crowd on the
//! first users: each of them has about 100, everybody else a few. Messages are shared out evenly among all chats.

mod names;
mod rows;
mod talk;
mod world;

use crate::db::{Conn, Database, DbError, Kind, Retry};
use crate::resources::password;
use crate::resources::settings::PasswordCost;

pub(crate) use rows::{Group, Person, Seat, Span, UserRow, World};
pub(crate) use talk::{Line, MessageRow};

/// The password of every made-up user. A seeded database is for tests, never for people.
pub const PASSWORD: &str = "tertulia-seed";

/// The domain of every made-up e-mail address of one seed.
fn domain(seed: u64) -> String {
    format!("seed{seed}.example")
}

/// The e-mail address of the nth made-up user, from 1.
pub fn email(seed: u64, n: u64) -> String {
    format!("user{n}@{}", domain(seed))
}

/// How much to make, and which variant of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Users, among whom all the rest is.
    pub users: u64,
    /// Direct conversations, each of another pair of users.
    pub conversations: u64,
    /// Groups of 2 to 40 members.
    pub groups: u64,
    /// Messages in all the chats together.
    pub messages: u64,
    /// Another number gives other names, pairs and times, and other e-mail addresses.
    pub seed: u64,
}

/// Why a world can't be made.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// Two people have at most one direct conversation.
    #[error("{users} users make only {pairs} pairs, too few for {conversations} direct conversations")]
    TooFewPairs {
        /// How many users were asked for.
        users: u64,
        /// How many pairs of them there are.
        pairs: u64,
        /// How many conversations were asked for.
        conversations: u64,
    },
    /// Nobody can be in the groups that were asked for.
    #[error("a group needs at least two users")]
    NoMembers,
    /// This world is here already, or another one of the same seed.
    #[error("the users of seed {0} are in this database already; take another seed or another database")]
    AlreadySeeded(u64),
    /// Argon2 said no.
    #[error("the password cannot be hashed: {0}")]
    Password(argon2::password_hash::Error),
    /// The database said no.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<diesel::result::Error> for SeedError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Retry for SeedError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_retryable())
    }
}

impl Plan {
    /// Five conversations a user, but never more than half the pairs there are, and no groups.
    pub fn of(users: u64, seed: u64) -> Self {
        let plan = Self { users, conversations: 0, groups: 0, messages: 0, seed };
        Self { conversations: users.saturating_mul(5).min(plan.pairs() / 2), ..plan }
    }

    /// The rows that [`fill`] reports progress in: users, conversations, groups and messages together.
    pub fn steps(&self) -> u64 {
        self.users + self.chats() + if self.chats() > 0 { self.messages } else { 0 }
    }

    fn chats(&self) -> u64 {
        self.conversations + self.groups
    }

    /// How many messages the nth chat has, from 0.
    fn messages_of(&self, n: u64) -> u64 {
        let chats = self.chats().max(1);
        self.messages / chats + u64::from(n < self.messages % chats)
    }

    /// How many pairs of different users there are.
    fn pairs(&self) -> u64 {
        (u128::from(self.users) * u128::from(self.users.saturating_sub(1)) / 2).try_into().unwrap_or(u64::MAX)
    }

    fn check(&self) -> Result<(), SeedError> {
        let Self { users, conversations, .. } = *self;
        let pairs = self.pairs();
        if conversations > pairs {
            return Err(SeedError::TooFewPairs { users, pairs, conversations });
        }
        if self.groups > 0 && users < 2 { Err(SeedError::NoMembers) } else { Ok(()) }
    }
}

/// Makes the world of a plan in a migrated database, which may hold others already.
///
/// `progress` hears how many users, conversations, groups and messages were just added. Each part is a transaction of its own:
/// a world that is broken off stays where it stopped.
///
/// # Errors
/// [`SeedError`], before anything is written unless the database fails.
pub fn fill(database: &Database, plan: &Plan, mut progress: impl FnMut(u64)) -> Result<(), SeedError> {
    plan.check()?;
    let seed = plan.seed;
    let taken = |conn: &mut Conn| rows::has_email(conn, &email(seed, 1)).map_err(SeedError::from);
    if database.read_blocking(taken)? {
        return Err(SeedError::AlreadySeeded(seed));
    }
    let password_hash = password::hash(PASSWORD, PasswordCost::Default).map_err(SeedError::Password)?;
    for part in world::parts(plan, password_hash) {
        let added = part.added;
        database.write_blocking(move |conn| part.world.insert(conn).map_err(SeedError::from))?;
        progress(added);
    }
    database.write_blocking(|conn| tell_planner(conn).map_err(SeedError::from))
}

/// The databases plan by statistics, which a bulk load leaves behind.
///
/// Without a limit SQLite would also keep samples of values. Statements it plans by them are planned again whenever
/// another value is bound, which costs more than it can save.
fn tell_planner(conn: &mut Conn) -> diesel::QueryResult<()> {
    use diesel::connection::SimpleConnection;
    conn.batch_execute(match conn.kind() {
        Kind::Sqlite => "PRAGMA analysis_limit = 1000; ANALYZE; PRAGMA analysis_limit = 0",
        Kind::Postgres => "ANALYZE",
    })
}

#[cfg(test)]
mod tests;
