//! `user`: a person with an account. Everybody signed in sees everybody; only oneself is changed.
//!
//! Sorts and filters: every attribute that all can see, and by one's own `email` and `direct_message_policy`, which
//! are null for everybody else. `password` and `current_password` go in and never come out.
//! Spec: <https://jsonapi.org/format/1.1/#crud>

use super::{
    account, password,
    patch::{self, changed},
    settings::Settings,
};
use crate::{
    db::{Conn, Id, Time, violates},
    from_table,
    jsonapi::{
        error::{Code, ErrorObject},
        input::Kind,
        text::{fold, is_blank},
    },
    loadable,
    resource::{
        Attribute, Column, Create, Created, Delete, Error, Input, Place, Resource, Result, Sql, ToOne, Tx, Update,
        Value, Viewer,
    },
    schema::{sessions, users},
};
use diesel::{
    ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _,
    prelude::{AsChangeset, Queryable, Selectable},
};
use serde::Deserialize;
use validator::{Validate, ValidationError};

/// A row of `users`, without the password's hash.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// The id.
    pub id: Id,
    /// How others see the user.
    pub name: String,
    /// Where to reach the user, and what to sign in with.
    pub email: String,
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
    /// What the user is.
    pub title: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// `open` or `request`.
    pub direct_message_policy: String,
    /// When the account was made.
    pub created_at: Time,
    /// When something changed that others can see.
    pub updated_at: Time,
    /// Moves by every change that the user makes.
    pub version: i64,
}
loadable!(User);

impl Resource for User {
    from_table!(users as "user");
    const ABOUT: &'static str = "A person with an account.";
    type Attributes = Attributes;

    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::new("name", Kind::Text, |row: &Self, _| Value::Text(&row.name))
            .column(&users::name)
            .folded(&users::name_folded)
            .required()
            .update()
            .about("How others see the user.")
            .example("Ana")
            .length(1, 100),
        Attribute::new("email", Kind::Email, |row: &Self, viewer| row.own(viewer, &row.email))
            .expr(|viewer| if_own(viewer, &users::email))
            .folded_always(|viewer| if_own(viewer, &users::email_folded))
            .hidden_from_some()
            .required()
            .update()
            .about("What to sign in with; only the user sees it.")
            .example("ana@example.com")
            .length(0, 254),
        Attribute::write_only("password", Kind::Text)
            .required()
            .update()
            .about("What to sign in with; never shown.")
            .example("correct horse battery")
            .length(8, 128),
        Attribute::write_only("current_password", Kind::Text)
            .update()
            .about("Needed to change `email` or `password`; never shown.")
            .example("correct horse battery"),
        Attribute::new("first_name", Kind::Text, |row: &Self, _| Value::text(row.first_name.as_ref()))
            .nullable()
            .column(&users::first_name)
            .folded(&users::first_name_folded)
            .create()
            .update()
            .about("The given name.")
            .example("Ana")
            .length(0, 100),
        Attribute::new("last_name", Kind::Text, |row: &Self, _| Value::text(row.last_name.as_ref()))
            .nullable()
            .column(&users::last_name)
            .folded(&users::last_name_folded)
            .create()
            .update()
            .about("The family name.")
            .example("Silva")
            .length(0, 100),
        Attribute::new("title", Kind::Text, |row: &Self, _| Value::text(row.title.as_ref()))
            .nullable()
            .column(&users::title)
            .folded(&users::title_folded)
            .create()
            .update()
            .about("What the user is.")
            .example("Gardener")
            .length(0, 250),
        Attribute::new("avatar_url", Kind::Uri, |row: &Self, _| Value::text(row.avatar_url.as_ref()))
            .nullable()
            .column(&users::avatar_url)
            .create()
            .update()
            .about("A picture.")
            .example("https://example.com/ana.png"),
        Attribute::new("direct_message_policy", Kind::OneOf(&["open", "request"]), |row: &Self, viewer| {
            row.own(viewer, &row.direct_message_policy)
        })
        .expr(|viewer| if_own(viewer, &users::direct_message_policy))
        .hidden_from_some()
        .create()
        .update()
        .about("Whether others may write unasked, or send a chat request first; only the user sees it.")
        .example("open"),
        // A removed account has no row, so there is nothing to store.
        Attribute::new("active", Kind::Bool, |_: &Self, _| Value::Bool(true))
            .expr(|_| Sql::new("(1 = 1)"))
            .about("Always true: removed accounts are gone."),
        Attribute::new("created_at", Kind::Instant, |row: &Self, _| Value::Time(row.created_at))
            .column(&users::created_at)
            .moving()
            .about("When the account was made."),
        Attribute::new("updated_at", Kind::Instant, |row: &Self, _| Value::Time(row.updated_at))
            .column(&users::updated_at)
            .moving()
            .about("When something changed that others see."),
    ];

    const TO_ONE: &'static [ToOne<Self>] = &[ToOne::new("inbox", "inbox", |row: &Self, _| Some(row.id), &users::id)
        .expr(|viewer| if_own(viewer, &users::id))
        .shown_if(Self::is_own)
        .about("What waits for the user; only for oneself.")];

    const CREATE: Option<Create<Self>> = Some(Create::anonymous(allow_sign_up, sign_up));
    const UPDATE: Option<Update<Self>> = Some(Update { lock, allow: allow_update, apply: update });
    const DELETE: Option<Delete<Self>> = Some(Delete { lock: account::lock, apply: account::remove });

    fn visible(_viewer: &Viewer, _place: Place<'_>) -> Vec<Sql> {
        Sql::everything()
    }

    /// Others are not told that an e-mail address or a password was changed.
    fn version(&self, viewer: &Viewer) -> i64 {
        if self.is_own(viewer) { self.version } else { self.updated_at.0 }
    }
}

impl User {
    fn own<'a>(&self, viewer: &Viewer, value: &'a str) -> Value<'a> {
        if self.is_own(viewer) { Value::Text(value) } else { Value::Hidden }
    }

    fn is_own(&self, viewer: &Viewer) -> bool {
        self.id == viewer.id
    }
}

/// The column where the row is the viewer's own, else null: nobody can find out by comparing.
fn if_own(viewer: &Viewer, column: Column) -> Sql {
    Sql::new("(CASE WHEN users.id = ").then(viewer.id).then(" THEN ").then(column).then(" END)")
}

/// What a write may set.
#[derive(Clone, Default, Deserialize, Validate)]
#[serde(default)]
pub struct Attributes {
    /// How others see the user.
    #[validate(length(max = 100, message = "Must have at most 100 characters."), custom(function = not_blank))]
    pub name: Option<String>,
    /// What to sign in with.
    #[validate(length(max = 254, message = "Must have at most 254 characters."))]
    pub email: Option<String>,
    /// The new password.
    #[validate(length(min = 8, max = 128, message = "Must have 8 to 128 characters."))]
    pub password: Option<String>,
    /// The present password, for changes of `email` and `password`.
    pub current_password: Option<String>,
    /// The given name.
    #[serde(deserialize_with = "patch::nullable")]
    #[validate(length(max = 100, message = "Must have at most 100 characters."))]
    pub first_name: Option<Option<String>>,
    /// The family name.
    #[serde(deserialize_with = "patch::nullable")]
    #[validate(length(max = 100, message = "Must have at most 100 characters."))]
    pub last_name: Option<Option<String>>,
    /// What the user is.
    #[serde(deserialize_with = "patch::nullable")]
    #[validate(length(max = 250, message = "Must have at most 250 characters."))]
    pub title: Option<Option<String>>,
    /// A picture.
    #[serde(deserialize_with = "patch::nullable")]
    pub avatar_url: Option<Option<String>>,
    /// Who may write to the user unasked.
    pub direct_message_policy: Option<String>,
}

fn not_blank(text: &str) -> Result<(), ValidationError> {
    if is_blank(text) { Err(ValidationError::new("blank").with_message("Must not be blank.".into())) } else { Ok(()) }
}

fn allow_sign_up(tx: &mut Tx<'_>) -> Result<()> {
    let open = tx.settings::<Settings>()?.sign_up_open;
    if open { Ok(()) } else { Err(Error::forbidden("Nobody can sign up here by themselves: ask the operator.")) }
}

fn sign_up(tx: &mut Tx<'_>, input: Input<User>) -> Result<Created> {
    let hash = slow_hash(tx, input.attributes.password.clone().unwrap_or_default())?;
    insert(tx.conn, input.id, &input.attributes, &hash, tx.viewer.now())?;
    // The answer shows what only the new user can see.
    let viewer = Viewer::user(input.id).at(tx.viewer.now());
    Ok(Created { viewer: Some(viewer), ..Created::fresh(input.id) })
}

fn insert(conn: &mut Conn, id: Id, attributes: &Attributes, hash: &str, now: Time) -> Result<()> {
    let name = attributes.name.as_deref().unwrap_or_default();
    let email = attributes.email.as_deref().unwrap_or_default();
    let [first_name, last_name, title, avatar_url] =
        [&attributes.first_name, &attributes.last_name, &attributes.title, &attributes.avatar_url]
            .map(|value| value.as_ref().and_then(Option::as_deref));
    diesel::insert_into(users::table)
        .values((
            (users::id.eq(id), users::password_hash.eq(hash), users::created_at.eq(now), users::updated_at.eq(now)),
            (users::name.eq(name), users::name_folded.eq(fold(name))),
            (users::email.eq(email), users::email_folded.eq(fold(email))),
            (users::first_name.eq(first_name), users::first_name_folded.eq(first_name.map(fold))),
            (users::last_name.eq(last_name), users::last_name_folded.eq(last_name.map(fold))),
            (users::title.eq(title), users::title_folded.eq(title.map(fold))),
            users::avatar_url.eq(avatar_url),
            users::direct_message_policy.eq(attributes.direct_message_policy.as_deref().unwrap_or("open")),
            users::version.eq(1),
        ))
        .execute(conn)
        .map_err(taken)?;
    Ok(())
}

/// The unique index alone settles who gets an e-mail address.
fn taken(error: diesel::result::Error) -> Error {
    if !violates(&error, "users_email_folded_key", "users.email_folded") {
        return error.into();
    }
    ErrorObject::attribute(Code::EmailTaken, "email", "This e-mail address already has an account.").into()
}

fn slow_hash(tx: &Tx<'_>, password: String) -> Result<String> {
    let cost = tx.settings::<Settings>()?.password_cost;
    let hash = tx.slow("hash", move || password::hash(&password, cost).unwrap_or_default())?;
    if hash.is_empty() { Err(Error::Internal("a password can't be hashed".to_owned())) } else { Ok(hash) }
}

/// Keeps the row, so that two updates of one account, or an update and a sign-in, come one after the other.
fn lock(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    if let Conn::Pg(pg) = tx.conn
        && id == tx.viewer.id
    {
        users::table.find(id).select(users::id).for_no_key_update().load::<Id>(pg)?;
    }
    Ok(())
}

fn allow_update(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    let is_own = user.id == tx.viewer.id;
    if is_own { Ok(()) } else { Err(Error::forbidden("Only the user can change the account.")) }
}

/// The columns that an update sets; `None` leaves one as it is.
#[derive(Default, PartialEq, AsChangeset)]
#[diesel(table_name = users)]
struct Changes {
    name: Option<String>,
    name_folded: Option<String>,
    email: Option<String>,
    email_folded: Option<String>,
    password_hash: Option<String>,
    first_name: Option<Option<String>>,
    first_name_folded: Option<Option<String>>,
    last_name: Option<Option<String>>,
    last_name_folded: Option<Option<String>>,
    title: Option<Option<String>>,
    title_folded: Option<Option<String>>,
    avatar_url: Option<Option<String>>,
    direct_message_policy: Option<String>,
    updated_at: Option<Time>,
}

fn update(tx: &mut Tx<'_>, user: &User, input: Input<User>) -> Result<()> {
    let sent = input.attributes;
    let current_password = sent.current_password.clone();
    let new_password = sent.password.clone();
    let mut changes = Changes::between(user, sent, tx.viewer.now());
    if changes.email.is_some() || new_password.is_some() {
        prove_identity(tx, user, current_password)?;
    }
    if let Some(password) = new_password {
        changes.password_hash = Some(slow_hash(tx, password)?);
        end_other_sessions(tx, user)?;
    }
    if changes == Changes::default() {
        return Ok(());
    }
    diesel::update(users::table.find(user.id))
        .set((changes, users::version.eq(users::version + 1)))
        .execute(tx.conn)
        .map_err(taken)?;
    Ok(())
}

impl Changes {
    /// What was sent and isn't there already; `updated_at` tells only of what others can see.
    fn between(user: &User, sent: Attributes, now: Time) -> Self {
        let mut changes = Self {
            name: changed(sent.name, &user.name),
            first_name: changed(sent.first_name, &user.first_name),
            last_name: changed(sent.last_name, &user.last_name),
            title: changed(sent.title, &user.title),
            avatar_url: changed(sent.avatar_url, &user.avatar_url),
            ..Self::default()
        };
        if changes != Self::default() {
            changes.updated_at = Some(now.max(user.updated_at));
        }
        let folded = |text: &Option<Option<String>>| text.as_ref().map(|text| text.as_deref().map(fold));
        changes.name_folded = changes.name.as_deref().map(fold);
        changes.first_name_folded = folded(&changes.first_name);
        changes.last_name_folded = folded(&changes.last_name);
        changes.title_folded = folded(&changes.title);
        changes.email = changed(sent.email, &user.email);
        changes.email_folded = changes.email.as_deref().map(fold);
        changes.direct_message_policy = changed(sent.direct_message_policy, &user.direct_message_policy);
        changes
    }
}

/// A token may be stolen; whoever takes over an account for good has to know the password too.
fn prove_identity(tx: &mut Tx<'_>, user: &User, current_password: Option<String>) -> Result<()> {
    let refused = |detail: &str| ErrorObject::field(Code::PasswordRequired, "current_password", detail);
    let Some(sent) = current_password else {
        let error = refused("`current_password` is needed to change `email` or `password`.");
        return Err(error.pointer("/data/attributes").into());
    };
    let hash: String = users::table.find(user.id).select(users::password_hash).first(tx.conn)?;
    // Named after the hash: if another request changes the password meanwhile, the answer doesn't count.
    let fits = tx.slow(format!("verify {hash}"), move || password::verify(&sent, &hash).to_string())?;
    if fits == "true" {
        return Ok(());
    }
    Err(refused("This is not the present password.").pointer("/data/attributes/current_password").into())
}

fn end_other_sessions(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    let kept = tx.viewer.session.unwrap_or(tx.viewer.id);
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user.id)).filter(sessions::id.ne(kept)))
        .execute(tx.conn)?;
    Ok(())
}
