//! The world that messages are sent in: a made-up one of [`seed`], and some chats of unusual size in it.
//!
//! ```text
//! pairs    chats of two                                          crowds   chats of 1,000
//! hot      one chat of 1,000, into which everybody sends         deep     one chat of 1,000,000 messages
//! inbox    chats of somebody who is behind with all of them, and of somebody who has read them all
//! ```
//! All of those are groups, so that sends differ by their number of members alone. They are made by statements that
//! count, inside the database: a million messages take seconds. Sends of a run stay, and change nothing.

use crate::Outcome;
use crate::support::prepared::{Host, Recipe, tokens};
use diesel::connection::SimpleConnection;
use diesel::{QueryDsl as _, RunQueryDsl as _};
use std::fmt;
use tertulia::db::{Conn, Database, DbError, Id, Kind};
use tertulia::schema::users;
use tertulia::seed;

/// How much there is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Messages of the long chat.
    messages: usize,
    /// How far down its deep page is.
    pub(crate) depth: usize,
    /// Chats of an inbox.
    inbox: usize,
    /// Users of the made-up world; it has twice as many conversations, and twenty times as many messages.
    users: usize,
}

impl Size {
    pub(crate) const WHOLE: Size = Size { messages: 1_000_000, depth: 100_000, inbox: 5_000, users: 10_000 };
    pub(crate) const QUICK: Size = Size { messages: 100_000, depth: 10_000, inbox: 500, users: 2_000 };
}

impl fmt::Display for Size {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Size { messages, depth, inbox, users } = self;
        write!(
            to,
            "a chat of {messages} messages, its page at {depth}, inboxes of {inbox} chats, among {} messages of \
             {users} users",
            20 * users
        )
    }
}

/// Members of a chat of many.
const CROWD: usize = 1_000;
/// Users who send, and read the long chat; each has a chat of two and one of many.
const SENDERS: usize = 64;
/// Inboxes of either kind.
const INBOXES: usize = 4;
/// Messages of a chat in an inbox, all unread by one of the two.
const UNREAD: usize = 10;

/// Somebody with a token.
pub(crate) struct Member {
    pub(crate) token: String,
}

/// A prepared database.
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) database: Database,
    pub(crate) size: Size,
    pub(crate) senders: Vec<Member>,
    pub(crate) pairs: Vec<Id>,
    pub(crate) crowds: Vec<Id>,
    pub(crate) hot: Id,
    pub(crate) deep: Id,
    /// Who has unread messages in every chat.
    pub(crate) behind: Vec<Member>,
    /// Who has read them all.
    pub(crate) up_to_date: Vec<Member>,
}

impl World {
    /// Opens the world of that size, and makes it first if it isn't there.
    pub(crate) fn of(host: &Host, size: Size) -> Outcome<Self> {
        let recipe = Recipe {
            name: format!("tertulia_messaging_{}", size.messages),
            sources: &["src/seed", "src/seed.rs", "benches/messaging/world.rs"],
            fill: &|database| fill(database, size),
        };
        let (url, database) = recipe.open(host)?;
        let signed_in = database.write_blocking(|conn| {
            let users = people(conn, SENDERS + 2 * INBOXES)?;
            tokens(conn, &users)
        })?;
        let mut members = signed_in.into_iter().map(|token| Member { token });
        let mut some = |count| members.by_ref().take(count).collect::<Vec<_>>();
        let all = |kind| (0..SENDERS).map(|number| id(kind, number)).collect();
        Ok(Self {
            url,
            database,
            size,
            senders: some(SENDERS),
            behind: some(INBOXES),
            up_to_date: some(INBOXES),
            pairs: all(PAIR),
            crowds: all(MANY),
            hot: id(HOT, 0),
            deep: id(DEEP, 0),
        })
    }
}

/// The first users, in the order in which everything here numbers them.
fn people(conn: &mut Conn, count: usize) -> diesel::QueryResult<Vec<Id>> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    users::table.order((users::created_at, users::id)).select(users::id).limit(count).load(conn)
}

/// Kinds of chats, as their ids tell.
const PAIR: u16 = 1;
const MANY: u16 = 2;
const HOT: u16 = 3;
const DEEP: u16 = 4;
const INBOX: u16 = 5;

/// The id of the nth thing of a kind, in the form of version 7.
fn id(kind: u16, number: usize) -> Id {
    let kind = u128::from(kind);
    Id(uuid::Uuid::from_u128(EARLY << 80 | 7 << 76 | kind << 64 | 2 << 62 | number as u128))
}

/// The time in those ids.
const EARLY: u128 = 0x0190_0000_0000;
/// 2025-01-01, in milliseconds: the first message of every chat.
const BEGIN: &str = "1735689600000";

fn fill(database: &Database, size: Size) -> Outcome<()> {
    let users = size.users as u64;
    let plan = seed::Plan { users, conversations: 2 * users, groups: 0, messages: 20 * users, seed: 1 };
    eprintln!("making a world with {size}");
    seed::fill(database, &plan, |_| ())?;
    let words = Words(database.kind());
    let statements = words.statements(size);
    database.write_blocking(move |conn| conn.batch_execute(&statements).map_err(DbError::from))?;
    Ok(())
}

/// What the databases have different words for.
#[derive(Clone, Copy)]
struct Words(Kind);

/// Some chats alike: which, how many, with how many members and messages.
struct Chats {
    kind: u16,
    count: usize,
    members: usize,
    messages: usize,
}

impl Words {
    /// The id of what an expression numbers; see [`id`].
    fn id(self, kind: u16, number: &str) -> String {
        match self.0 {
            Kind::Sqlite => format!("unhex('{EARLY:012x}7{kind:03x}8000' || printf('%012x', {number}))"),
            Kind::Postgres => {
                format!("('{EARLY:012x}7{kind:03x}8000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid")
            }
        }
    }

    /// So many seconds after the beginning.
    fn time(self, seconds: &str) -> String {
        match self.0 {
            Kind::Sqlite => format!("({BEGIN} + 1000 * ({seconds}))"),
            Kind::Postgres => format!("(to_timestamp({BEGIN} / 1000) + ({seconds}) * interval '1 second')"),
        }
    }

    fn statements(self, size: Size) -> String {
        let pairs = Chats { kind: PAIR, count: SENDERS, members: 2, messages: 0 };
        let crowds = Chats { kind: MANY, count: SENDERS, members: CROWD, messages: 0 };
        let hot = Chats { kind: HOT, count: 1, members: CROWD, messages: 0 };
        let deep = Chats { kind: DEEP, count: 1, members: SENDERS, messages: size.messages };
        let inbox = Chats { kind: INBOX, count: INBOXES * size.inbox, members: 2, messages: UNREAD };
        let numbered = "CREATE TABLE person AS SELECT row_number() OVER (ORDER BY created_at, id) - 1 AS n, id FROM \
                        users;\nCREATE UNIQUE INDEX person_n ON person (n);";
        // The nth pair is the nth sender and somebody else; crowds are the first users, senders among them.
        let first = [(pairs, "m.n * 100 + c.n"), (crowds, "m.n"), (hot, "m.n"), (deep, "m.n")];
        let mut statements: Vec<String> = first.iter().map(|(chats, person)| self.chats(chats, person)).collect();
        let person = format!("{SENDERS} + {INBOXES} * m.n + c.n / {}", size.inbox);
        statements.push(self.chats(&inbox, &person));
        // The first member of each is behind, the second wrote it all.
        let caught_up = format!(
            "UPDATE chat_memberships SET read_sequence = {UNREAD}, read_until = updated_at WHERE user_id IN \
             (SELECT id FROM person WHERE n >= {} AND n < {}) AND chat_id >= {} AND chat_id < {};",
            SENDERS + INBOXES,
            SENDERS + 2 * INBOXES,
            self.id(INBOX, "0"),
            self.id(INBOX + 1, "0")
        );
        let analyze = match self.0 {
            Kind::Sqlite => "PRAGMA analysis_limit = 1000; ANALYZE; PRAGMA analysis_limit = 0;",
            Kind::Postgres => "ANALYZE;",
        };
        format!("{numbered}\n{}\n{caught_up}\nDROP TABLE person;\n{analyze}", statements.join("\n"))
    }

    /// Chats, their members, of whom the mth is the user numbered `person`, and their messages by the last member.
    fn chats(self, chats: &Chats, person: &str) -> String {
        let Chats { kind, count, members, messages } = *chats;
        let numbers =
            |name, count| format!("{name}(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM {name} WHERE n < {count} - 1)");
        let (c, m) = (numbers("c", count), numbers("m", members));
        let chat = self.id(kind, "c.n");
        let begin = self.time("c.n");
        let last = self.time(&format!("c.n + {messages}"));
        let last_at = if messages > 0 { last.as_str() } else { "NULL" };
        let membership = self.id(0x20 + kind, &format!("c.n * {CROWD} + m.n"));
        let mut statements = format!(
            "INSERT INTO chats (id, chat_type, status, title, title_folded, last_sequence, last_message_at, \
             member_count, created_at, updated_at) WITH RECURSIVE {c} SELECT {chat}, 'group', 'active', 'Chat', \
             'chat', {messages}, {last_at}, {members}, {begin}, {last} FROM c;\n\
             INSERT INTO chat_memberships (id, chat_id, user_id, role, created_at, updated_at) \
             WITH RECURSIVE {c}, {m} SELECT {membership}, {chat}, person.id, 'member', {begin}, {begin} \
             FROM c CROSS JOIN m JOIN person ON person.n = {person};\n"
        );
        if messages > 0 {
            let s = numbers("s", messages);
            let message = self.id(0x10 + kind, &format!("c.n * {messages} + s.n"));
            let author = person.replace("m.n", &format!("{}", members - 1));
            let at = self.time("c.n + s.n + 1");
            statements += &format!(
                "INSERT INTO messages (id, chat_id, sequence, author_id, content, content_folded, created_at, \
                 updated_at) WITH RECURSIVE {c}, {s} SELECT {message}, {chat}, s.n + 1, person.id, \
                 'The second page, line ' || s.n, 'the second page, line ' || s.n, {at}, {at} \
                 FROM c CROSS JOIN s JOIN person ON person.n = {author};\n"
            );
        }
        statements
    }
}
