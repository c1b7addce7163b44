//! `session`: one sign-in. Its token is told once, by the create; its id is no secret.
//!
//! Sorts and filters: the three instants; filter by `user`. Includes: `user`. Deleting one signs out.

use super::{auth, password, settings::Settings};
use crate::{
    db::{Conn, Id, Time},
    from_table,
    jsonapi::{error::Code, input::Kind, text::fold},
    loadable,
    resource::{
        Attribute, Create, Created, Delete, Error, Field, Input, Place, Resource, Result, Sql, ToOne, Tx, Value, Viewer,
    },
    schema::{sessions, users},
};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, QueryResult, RunQueryDsl as _,
    prelude::{Queryable, Selectable},
};
use serde::Deserialize;
use validator::Validate;

/// A row of `sessions`, without the token's hash.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// The id.
    pub id: Id,
    /// Who signed in.
    pub user_id: Id,
    /// When.
    pub created_at: Time,
    /// When a request was last made with it, to the minute.
    pub last_used_at: Time,
    /// When it ends if it isn't used again.
    pub expires_at: Time,
}
loadable!(Session);

impl Resource for Session {
    from_table!(sessions as "session");
    const ABOUT: &'static str = "A sign-in: its token is told once, when it is made.";
    type Attributes = Attributes;

    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::write_only("email", Kind::Text)
            .required()
            .about("The e-mail address of the account.")
            .example("ana@example.com"),
        Attribute::write_only("password", Kind::Text)
            .required()
            .about("The password of the account.")
            .example("correct horse battery"),
        Attribute::new("created_at", Kind::Instant, |row: &Self, _| Value::Time(row.created_at))
            .column(&sessions::created_at)
            .moving()
            .about("When the user signed in."),
        Attribute::new("last_used_at", Kind::Instant, |row: &Self, _| Value::Time(row.last_used_at))
            .column(&sessions::last_used_at)
            .moving()
            .about("When the token was last used, to the minute or so."),
        Attribute::new("expires_at", Kind::Instant, |row: &Self, _| Value::Time(row.expires_at))
            .column(&sessions::expires_at)
            .moving()
            .about("When the token ends unless it is used."),
    ];
    const TO_ONE: &'static [ToOne<Self>] =
        &[ToOne::new("user", "user", |row: &Self, _| Some(row.user_id), &sessions::user_id).about("Who signed in.")];

    const CREATED_META: &'static [Field] =
        &[Field::meta("token", Kind::Text).about("The bearer token; also in the header `Authorization`.")];
    const CREATE: Option<Create<Self>> = Some(Create::anonymous(|_| Ok(()), sign_in));
    const DELETE: Option<Delete<Self>> = Some(Delete { lock: |_, _| Ok(()), apply: sign_out });

    fn visible(viewer: &Viewer, _place: Place<'_>) -> Vec<Sql> {
        vec![
            Sql::new("(sessions.user_id = ")
                .then(viewer.id)
                .then(" AND sessions.expires_at > ")
                .then(viewer.now())
                .then(")"),
        ]
    }
}

/// What a sign-in sends.
#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct Attributes {
    email: Option<String>,
    password: Option<String>,
}

fn sign_in(tx: &mut Tx<'_>, input: Input<Session>) -> Result<Created> {
    let settings = tx.settings::<Settings>()?.clone();
    let email = fold(&input.attributes.email.unwrap_or_default());
    let password = input.attributes.password.unwrap_or_default();
    let account = account(tx.conn, &email)?;
    let hash = account.as_ref().map_or_else(|| password::decoy(settings.password_cost), |(_, hash)| hash.clone());
    // Named after the hash: if another request changes the password meanwhile, the answer doesn't count.
    let fits = tx.slow(format!("verify {hash}"), move || password::verify(&password, &hash).to_string())?;
    let Some((user, _)) = account.filter(|_| fits == "true") else {
        // One message for both cases, which tells nobody who has an account.
        return Err(Error::api(Code::InvalidCredentials, "No account has this e-mail address and password."));
    };
    forget_ended(tx, user)?;
    let (id, token) = auth::open_session(tx.conn, user, tx.viewer.now(), &settings)?;
    Ok(Created {
        viewer: Some(Viewer::user(user).in_session(id).at(tx.viewer.now())),
        meta: Some(format!("\"token\":\"{token}\"")),
        authorization: Some(format!("Bearer {token}")),
        ..Created::fresh(id)
    })
}

/// The account of a folded e-mail address.
///
/// On PostgreSQL it is kept from changing, else a session could outlive the change of password that should end it.
fn account(conn: &mut Conn, email: &str) -> QueryResult<Option<(Id, String)>> {
    let found = users::table.filter(users::email_folded.eq(email)).select((users::id, users::password_hash));
    match conn {
        Conn::Pg(pg) => found.for_share().first(pg).optional(),
        Conn::Sqlite(sqlite) => found.first(sqlite).optional(),
    }
}

/// Those that nobody ended are forgotten at the next sign-in, so that whoever signs in often leaves no pile.
fn forget_ended(tx: &mut Tx<'_>, user: Id) -> Result<()> {
    let own = sessions::table.filter(sessions::user_id.eq(user));
    diesel::delete(own.filter(sessions::expires_at.le(tx.viewer.now()))).execute(tx.conn)?;
    Ok(())
}

/// Removes some of the sessions that ended, of users who may never come back; how many.
///
/// # Errors
/// Whatever the database says.
pub fn sweep(conn: &mut Conn, now: Time, most: i64) -> Result<usize> {
    let ended = sessions::table.filter(sessions::expires_at.le(now));
    let some: Vec<Id> = ended.order(sessions::expires_at).select(sessions::id).limit(most).load(conn)?;
    Ok(diesel::delete(ended.filter(sessions::id.eq_any(some))).execute(conn)?)
}

fn sign_out(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    diesel::delete(sessions::table.find(session.id)).execute(tx.conn)?;
    Ok(())
}
