//! The four statements of the hand-written list, typed by diesel for SQLite and for PostgreSQL.
//!
//! What the page's rows say already is not asked again: whoever sees a direct conversation sees its chat, and the
//! chat's conversation is the row that led to it.

use diesel::connection::SimpleConnection;
use diesel::dsl::{count_star, not};
use diesel::query_dsl::positional_order_dsl::{OrderColumn, PositionalOrderDsl as _};
use diesel::r2d2::{ConnectionManager, CustomizeConnection, PooledConnection};
use diesel::{
    BoolExpressionMethods as _, CombineDsl as _, Connection, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, OptionalExtension as _, PgConnection, QueryDsl as _, QueryResult, Queryable,
    RunQueryDsl as _, SqliteConnection,
};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use tertulia::db::{Id, Kind, Time};
use tertulia::schema::{chat_memberships, chat_requests, chats, direct_conversations, messages, sessions, users};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

type Manager<C> = ConnectionManager<C>;

/// Connections to one of the databases.
pub(crate) enum Pool {
    Sqlite(diesel::r2d2::Pool<Manager<SqliteConnection>>),
    Postgres(diesel::r2d2::Pool<Manager<PgConnection>>),
}

/// A borrowed connection.
pub(crate) enum Conn {
    Sqlite(PooledConnection<Manager<SqliteConnection>>),
    Postgres(PooledConnection<Manager<PgConnection>>),
}

/// Runs one typed statement on either connection.
macro_rules! on {
    ($conn:expr, |$concrete:ident| $run:expr) => {
        match $conn {
            Conn::Sqlite(pooled) => {
                let $concrete = &mut **pooled;
                $run
            }
            Conn::Postgres(pooled) => {
                let $concrete = &mut **pooled;
                $run
            }
        }
    };
}

impl Pool {
    /// As large and set up as the real server's.
    pub(crate) fn open(kind: Kind, url: &str) -> Result<Self, Failure> {
        let processors = u32::try_from(crate::processors())?;
        Ok(match kind {
            Kind::Sqlite => {
                let manager = Manager::new(url.trim_start_matches("sqlite:"));
                Pool::Sqlite(builder((2 * processors).clamp(4, 16)).build(manager)?)
            }
            Kind::Postgres => Pool::Postgres(builder((4 * processors).clamp(8, 32)).build(Manager::new(url))?),
        })
    }

    pub(crate) fn size(&self) -> usize {
        let size = match self {
            Pool::Sqlite(pool) => pool.max_size(),
            Pool::Postgres(pool) => pool.max_size(),
        };
        size as usize
    }

    pub(crate) fn get(&self) -> Result<Conn, Failure> {
        Ok(match self {
            Pool::Sqlite(pool) => Conn::Sqlite(pool.get()?),
            Pool::Postgres(pool) => Conn::Postgres(pool.get()?),
        })
    }
}

/// Asking a connection whether it lives before each use would cost a statement.
fn builder<C>(size: u32) -> diesel::r2d2::Builder<Manager<C>>
where
    C: diesel::r2d2::R2D2Connection + Connection + SimpleConnection + 'static,
{
    diesel::r2d2::Pool::builder().max_size(size).test_on_check_out(false).connection_customizer(Box::new(Settings))
}

#[derive(Debug)]
struct Settings;

impl<C: Connection + SimpleConnection + 'static> CustomizeConnection<C, diesel::r2d2::Error> for Settings {
    fn on_acquire(&self, conn: &mut C) -> Result<(), diesel::r2d2::Error> {
        if std::any::TypeId::of::<C>() != std::any::TypeId::of::<SqliteConnection>() {
            return Ok(());
        }
        conn.batch_execute(
            "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA mmap_size = 2147418112; \
             PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;",
        )
        .map_err(diesel::r2d2::Error::QueryError)
    }
}

/// A row of the page.
#[derive(Queryable)]
pub(crate) struct Conversation {
    pub(super) id: Id,
    pub(super) chat_id: Id,
    pub(super) first_user_id: Option<Id>,
    pub(super) second_user_id: Option<Id>,
    pub(super) chat_updated_at: Time,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
}

/// An included chat, as the viewer sees it.
#[derive(Queryable)]
pub(crate) struct Chat {
    pub(super) id: Id,
    pub(super) chat_type: String,
    pub(super) status: String,
    pub(super) title: Option<String>,
    pub(super) icon_url: Option<String>,
    pub(super) icon_thumbnail_url: Option<String>,
    pub(super) open: bool,
    pub(super) initiator_id: Option<Id>,
    pub(super) last_sequence: i64,
    pub(super) last_message_at: Option<Time>,
    pub(super) member_count: i32,
    pub(super) past_users_involved: String,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
    pub(super) membership_id: Id,
    pub(super) archived: bool,
    pub(super) hidden: bool,
    pub(super) mute: bool,
    pub(super) mute_until: Option<Time>,
    pub(super) read_until: Option<Time>,
    pub(super) cleared_sequence: i64,
    pub(super) last_message_id: Option<Id>,
    pub(super) unread_message_count: Option<i64>,
    pub(super) chat_request_id: Option<Id>,
}

/// An included user.
#[derive(Queryable)]
pub(crate) struct User {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) title: Option<String>,
    pub(super) avatar_url: Option<String>,
    pub(super) direct_message_policy: String,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
}

/// Everything that the document shows.
pub(crate) struct Loaded {
    pub(crate) conversations: Vec<Conversation>,
    pub(super) more: bool,
    pub(super) chats: Vec<Chat>,
    pub(super) users: Vec<User>,
}

/// Whose token it is.
pub(crate) fn authenticate(conn: &mut Conn, token: &str) -> QueryResult<Option<Id>> {
    let hash = Sha256::digest(token);
    let living = sessions::table
        .filter(sessions::token_hash.eq(hash.as_slice()))
        .filter(sessions::expires_at.gt(Time::now()))
        .select((sessions::user_id, sessions::last_used_at));
    let found: Option<(Id, Time)> = on!(conn, |conn| living.get_result(conn).optional())?;
    // The last use would be noted here, once a minute.
    Ok(found.map(|(user, _)| user))
}

/// All of the page.
pub(crate) fn load(conn: &mut Conn, viewer: Id, size: i64) -> QueryResult<Loaded> {
    let mut conversations = conversations(conn, viewer, size + 1)?;
    let page = usize::try_from(size).unwrap_or(usize::MAX);
    let more = conversations.len() > page;
    conversations.truncate(page);
    let chats = chats(conn, viewer, &conversations)?;
    let users = users(conn, &conversations)?;
    Ok(Loaded { conversations, more, chats, users })
}

/// The newest of both sides: each half is one walk through its index.
pub(crate) fn conversations(conn: &mut Conn, viewer: Id, most: i64) -> QueryResult<Vec<Conversation>> {
    use direct_conversations as t;
    let columns =
        (t::id, t::chat_id, t::first_user_id, t::second_user_id, t::chat_updated_at, t::created_at, t::updated_at);
    let order = (t::chat_updated_at.desc(), t::created_at, t::id);
    let first = t::table.filter(t::first_user_id.eq(viewer)).filter(t::first_listed);
    let second = t::table.filter(t::second_user_id.eq(viewer)).filter(t::second_listed);
    let first = first.select(columns).order(order).limit(most);
    let second = second.select(columns).order(order).limit(most);
    let page = first.union_all(second).positional_order_by((OrderColumn(5).desc(), 6, 1)).limit(most);
    on!(conn, |conn| page.load(conn))
}

/// Their chats with the viewer's memberships, the newest message and the number of unread ones.
pub(crate) fn chats(conn: &mut Conn, viewer: Id, conversations: &[Conversation]) -> QueryResult<Vec<Chat>> {
    use chat_memberships as own;
    let ids: Vec<Id> = conversations.iter().map(|row| row.chat_id).collect();
    let newest = messages::table
        .filter(messages::chat_id.eq(chats::id))
        .filter(messages::sequence.gt(own::cleared_sequence))
        .filter(not(messages::deleted))
        .order(messages::sequence.desc())
        .select(messages::id)
        .limit(1);
    // What only the chat's row decides comes first, and spares the chats that are read a look at their messages.
    let unread = messages::table
        .filter(chats::status.eq("active"))
        .filter(chats::last_sequence.gt(own::read_sequence))
        .filter(messages::chat_id.eq(chats::id))
        .filter(messages::sequence.gt(own::read_sequence))
        .filter(messages::sequence.gt(own::cleared_sequence))
        .filter(messages::sequence.gt(own::joined_sequence))
        .filter(not(messages::deleted))
        .filter(messages::author_id.is_null().or(messages::author_id.ne(viewer)))
        .select(count_star());
    let found = chats::table
        .inner_join(own::table.on(own::chat_id.eq(chats::id).and(own::user_id.eq(viewer))))
        .left_join(chat_requests::table.on(chat_requests::chat_id.eq(chats::id)))
        .filter(chats::id.eq_any(ids))
        .select((
            chats::id,
            chats::chat_type,
            chats::status,
            chats::title,
            chats::icon_url,
            chats::icon_thumbnail_url,
            chats::open,
            chats::initiator_id,
            chats::last_sequence,
            chats::last_message_at,
            chats::member_count,
            chats::past_users_involved,
            chats::created_at,
            chats::updated_at,
            own::id,
            own::archived,
            own::hidden,
            own::mute,
            own::mute_until,
            own::read_until,
            own::cleared_sequence,
            newest.single_value(),
            unread.single_value(),
            chat_requests::id.nullable(),
        ));
    let mut found: Vec<Chat> = on!(conn, |conn| found.load(conn))?;
    found.sort_unstable_by_key(|chat| chat.id);
    Ok(found)
}

/// Both sides of all of them, each user once.
pub(crate) fn users(conn: &mut Conn, conversations: &[Conversation]) -> QueryResult<Vec<User>> {
    let sides = conversations.iter().flat_map(|row| [row.first_user_id, row.second_user_id]);
    let ids: BTreeSet<Id> = sides.flatten().collect();
    let found = users::table.filter(users::id.eq_any(ids)).select((
        users::id,
        users::name,
        users::email,
        users::first_name,
        users::last_name,
        users::title,
        users::avatar_url,
        users::direct_message_policy,
        users::created_at,
        users::updated_at,
    ));
    let mut found: Vec<User> = on!(conn, |conn| found.load(conn))?;
    found.sort_unstable_by_key(|user| user.id);
    Ok(found)
}
