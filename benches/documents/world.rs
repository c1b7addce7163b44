//! A database in a temporary file: one user with many direct conversations, each with somebody else.

use crate::alone::Outcome;
use diesel::connection::SimpleConnection;
use tertulia::db::{Database, DbError, Id, Options};

/// The world, and its directory.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) viewer: Id,
    _directory: tempfile::TempDir,
}

/// So many conversations there are.
pub(crate) const MOST: usize = 1_000;

impl World {
    pub(crate) fn new() -> Outcome<Self> {
        let directory = tempfile::tempdir()?;
        let url = format!("sqlite:{}", directory.path().join("documents.db").display());
        let database = Database::open(&url, &Options { pool_size: Some(1), ..Options::default() })?;
        database.migrate()?;
        let statements = statements();
        database.write_blocking(move |conn| conn.batch_execute(&statements).map_err(DbError::from))?;
        Ok(Self { database, viewer: Id(uuid::Uuid::from_u128(1 << 96)), _directory: directory })
    }
}

/// Users 0 to [`MOST`]; the first has a conversation with each of the others.
fn statements() -> String {
    let id = |kind: u8| format!("unhex(printf('{kind:08x}%024x', n))");
    let at = "1735689600123 + n * 1000";
    let numbers =
        |first| format!("WITH RECURSIVE c(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM c WHERE n < {MOST})");
    let (user, chat, direct) = (id(1), id(2), id(3));
    let first = "unhex(printf('00000001%024x', 0))";
    let (everybody, others) = (numbers(0), numbers(1));
    format!(
        "INSERT INTO users (id, name, name_folded, email, email_folded, password_hash, first_name, last_name, title, \
         created_at, updated_at) {everybody} SELECT {user}, 'Zoë Núñez ' || n, '', 'user' || n || '@example.org', \
         'user' || n, '', 'Zoë', 'Núñez', 'Head of \"things\"', {at}, {at} FROM c;\n\
         INSERT INTO chats (id, chat_type, status, member_count, created_at, updated_at) {others} \
         SELECT {chat}, 'direct', 'active', 2, {at}, {at} FROM c;\n\
         INSERT INTO direct_conversations (id, chat_id, first_user_id, second_user_id, low_user_id, high_user_id, \
         chat_updated_at, created_at, updated_at) {others} SELECT {direct}, {chat}, {first}, {user}, {first}, {user}, \
         {at}, {at}, {at} FROM c;"
    )
}
