//! A small believable world to try the server with: six people who meet on Thursdays.
//!
//! It has direct conversations and groups, archived, hidden and muted ones, a reader, a group that is closed, and what
//! they have said to each other, some of which nobody has read yet; and requests in every state, as Elif wants to be
//! asked first. There are files, reactions, an edit, a tombstone, and what Gil wrote before he removed his account.

mod extras;
mod talk;

use std::fmt;
use std::time::Duration;

use diesel::prelude::*;

use crate::accounts::{self, AccountError};
use crate::db::{Conn, DbError, Id, Retry, Time};
use crate::jsonapi::text::fold;
use crate::resource;
use crate::resources::settings::{PasswordCost, Settings};
use crate::resources::{auth, password};
use crate::schema::users;
use crate::seed::{Group, Person, Seat, Span, UserRow, World};
use crate::storage::Key;

/// The password of all six. A database with them is for trying things out, never for people.
pub const PASSWORD: &str = "tertulia-demo";

/// How long the printed tokens live.
const TOKEN_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Somebody of the world, and a token that signs them in, which [`fmt::Debug`] hides.
#[derive(Clone)]
pub struct Guest {
    /// The user.
    pub id: Id,
    /// The name that others see.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// Their bearer token, told only here.
    pub token: String,
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest").field("id", &self.id).field("email", &self.email).finish_non_exhaustive()
    }
}

/// A world to try.
#[derive(Debug)]
pub struct Demo {
    /// Those who can sign in.
    pub guests: Vec<Guest>,
    /// Bytes of its files, which are still to be stored.
    pub files: Vec<(Key, Vec<u8>)>,
}

/// Why there is no world to try.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// There are so many accounts that are not of a demo.
    #[error("the demo fills only an empty database, and this one has {0} account(s)")]
    NotEmpty(i64),
    /// Argon2 said no.
    #[error("the password cannot be hashed: {0}")]
    Password(argon2::password_hash::Error),
    /// No session could be opened.
    #[error("a token cannot be made: {0}")]
    Token(String),
    /// The picture of an attachment could not be encoded.
    #[error("a picture cannot be drawn: {0}")]
    Picture(#[from] image::ImageError),
    /// Whoever is to have left could not be removed.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The database said no.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<diesel::result::Error> for DemoError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<resource::Error> for DemoError {
    fn from(error: resource::Error) -> Self {
        match error {
            resource::Error::Db(error) => Self::Database(error),
            other => Self::Token(format!("{other:?}")),
        }
    }
}

impl Retry for DemoError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_retryable())
    }
}

/// Fills an empty database, in the transaction it is called in, and signs everybody in.
///
/// Where the six are there already, from an earlier start, they only get new tokens.
///
/// # Errors
/// [`DemoError::NotEmpty`] if the database is somebody else's.
pub fn fill(conn: &mut Conn, now: Time) -> Result<Demo, DemoError> {
    let mut people = present(conn)?;
    let mut files = Vec::new();
    if people.is_empty() {
        let count: i64 = users::table.count().get_result(conn)?;
        if count > 0 {
            return Err(DemoError::NotEmpty(count));
        }
        let world = world(now, &password::hash(PASSWORD, PasswordCost::Default).map_err(DemoError::Password)?);
        world.insert(conn)?;
        files = extras::add(conn, &world)?;
        people = present(conn)?;
        if let Some(gil) = world.users.last() {
            accounts::remove_at(conn, gil.id, ago(now, 9 * DAY))?;
        }
    }
    Ok(Demo { guests: sign_in(conn, people)?, files })
}

/// The six, in the order of [`PEOPLE`], or nobody.
fn present(conn: &mut Conn) -> QueryResult<Vec<(Id, String, String)>> {
    let emails: Vec<String> = PEOPLE.iter().map(|person| fold(&email(person))).collect();
    let columns = (users::id, users::name, users::email);
    let found: Vec<_> = users::table
        .select(columns)
        .filter(users::email_folded.eq_any(emails))
        .order((users::created_at, users::id))
        .load(conn)?;
    Ok(if found.len() == PEOPLE.len() { found } else { Vec::new() })
}

fn sign_in(conn: &mut Conn, people: Vec<(Id, String, String)>) -> Result<Vec<Guest>, DemoError> {
    let settings = Settings { session_life: TOKEN_LIFE, ..Settings::default() };
    let mut guests = Vec::new();
    for (id, name, email) in people {
        let (_, token) = auth::issue_token(conn, id, &settings)?;
        guests.push(Guest { id, name, email, token });
    }
    Ok(guests)
}

const PEOPLE: [Person<'static>; 6] = [
    Person::new("Ana", "Lopes", "Poet"),
    Person::new("Bruno", "Castro", "Bookseller"),
    Person::new("Clara", "Weiß", "Translator"),
    Person::new("Daniel", "Okafor", "Luthier"),
    Person::new("Elif", "Yılmaz", "Photographer"),
    Person::new("Farid", "Haddad", "Cook"),
];

fn email(person: &Person<'_>) -> String {
    format!("{}@demo.example", person.first_name.to_lowercase())
}

/// Everybody and everything, a few weeks old.
fn world(now: Time, password_hash: &str) -> World {
    let mut world = World::default();
    let joined = [60, 59, 58, 57, 56, 55].map(|days| ago(now, days * DAY));
    let ids = joined.map(id_at);
    for ((person, id), at) in PEOPLE.iter().zip(ids).zip(joined) {
        let user = UserRow::new(id, person, email(person), password_hash.to_owned(), at);
        world.users.push(if person.first_name == "Elif" { user.asked_first() } else { user });
    }
    let gil = gil(&mut world, now, password_hash);
    conversations(&mut world, ids, now);
    with_gil(&mut world, gil, ids, now);
    requests(&mut world, ids, now);
    groups(&mut world, ids, now);
    world
}

/// Somebody who left again.
fn gil(world: &mut World, now: Time, password_hash: &str) -> Id {
    let at = ago(now, 54 * DAY);
    let gil = Person::new("Gil", "Moreira", "Actor");
    let row = UserRow::new(id_at(at), &gil, email(&gil), password_hash.to_owned(), at);
    let id = row.id;
    world.users.push(row);
    id
}

fn with_gil(world: &mut World, gil: Id, [ana, bruno, _, daniel, ..]: [Id; 6], now: Time) {
    let seat = |user| Seat::new(user, "member");
    world.direct([seat(gil), seat(ana)], span(now, 40 * DAY, 10 * DAY), &mut id_at);
    world.talk(&talk::lines(&[gil, ana], talk::GIL_ANA), &[], &mut id_at);
    let seats = [Seat::new(bruno, "admin"), seat(gil), seat(daniel)];
    let stage = Group { title: "A stage for one night", open: true, seats: &seats };
    world.group(stage, span(now, 39 * DAY, 12 * DAY), &mut id_at);
    world.talk(&talk::lines(&[bruno, gil, daniel], talk::STAGE), &[(daniel, 1)], &mut id_at);
}

fn conversations(world: &mut World, [ana, bruno, clara, daniel, elif, farid]: [Id; 6], now: Time) {
    let seat = |user| Seat::new(user, "member");
    let archived = |user| Seat { archived: true, ..seat(user) };
    let hidden = |user| Seat { hidden: true, ..seat(user) };
    let muted = |user| Seat { mute: true, ..seat(user) };
    let mut direct = |seats: [Seat; 2], days, minutes, said, unread: &[(Id, usize)]| {
        world.direct(seats, span(now, days * DAY, minutes * MINUTE), &mut id_at);
        world.talk(&talk::lines(&seats.map(|seat| seat.user), said), unread, &mut id_at);
    };
    direct([seat(ana), seat(bruno)], 54, 4, talk::ANA_BRUNO, &[(ana, 1)]);
    direct([seat(clara), seat(ana)], 50, 95, talk::CLARA_ANA, &[]);
    direct([archived(ana), seat(daniel)], 43, 9 * 24 * 60, talk::ANA_DANIEL, &[(ana, 1)]);
    direct([seat(elif), hidden(ana)], 29, 3 * 24 * 60, talk::ELIF_ANA, &[(elif, 1)]);
    direct([seat(bruno), muted(clara)], 48, 36 * 60, talk::BRUNO_CLARA, &[(clara, 1)]);
    direct([seat(daniel), archived(farid)], 20, 26 * 60, talk::DANIEL_FARID, &[]);
    direct([seat(farid), seat(bruno)], 19, 12, talk::FARID_BRUNO, &[(bruno, 1)]);
}

/// Elif has asked, was asked, and has said yes and no; one request waits for Ana too.
fn requests(world: &mut World, [ana, bruno, clara, daniel, elif, farid]: [Id; 6], now: Time) {
    let mut request = |sender, recipient, status, days, minutes| {
        let seats = [sender, recipient].map(|user| Seat::new(user, "member"));
        world.request(seats, status, span(now, days * DAY, minutes * MINUTE), &mut id_at);
    };
    request(farid, ana, "pending", 2, 2 * 24 * 60);
    request(bruno, elif, "pending", 3, 3 * 24 * 60);
    request(elif, clara, "pending", 5, 5 * 24 * 60);
    request(farid, elif, "declined", 18, 17 * 24 * 60);
    request(daniel, elif, "active", 22, 21 * 24 * 60);
}

fn groups(world: &mut World, [ana, bruno, clara, daniel, elif, farid]: [Id; 6], now: Time) {
    let (admin, member, reader) =
        (|user| Seat::new(user, "admin"), |user| Seat::new(user, "member"), |user| Seat::new(user, "reader"));
    let mut group = |title, open, seats: &[Seat], (days, minutes), said, unread: &[(Id, usize)]| {
        world.group(Group { title, open, seats }, span(now, days * DAY, minutes * MINUTE), &mut id_at);
        let members: Vec<Id> = seats.iter().map(|seat| seat.user).collect();
        world.talk(&talk::lines(&members, said), unread, &mut id_at);
    };
    let everybody = [admin(ana), admin(bruno), member(clara), member(daniel), member(elif), reader(farid)];
    let behind = [(ana, 4), (bruno, 3), (elif, 2), (farid, 9)];
    group("Thursday tertulia", true, &everybody, (54, 1), talk::THURSDAY, &behind);
    let swap = [admin(bruno), Seat { mute: true, ..member(ana) }, member(clara)];
    group("Book swap", true, &swap, (40, 6 * 60), talk::BOOK_SWAP, &[(bruno, 1)]);
    let picnic =
        [admin(elif), Seat { archived: true, ..member(ana) }, Seat { hidden: true, ..member(daniel) }, member(farid)];
    group("Picnic in May", false, &picnic, (25, 11 * 24 * 60), talk::PICNIC, &[(farid, 1)]);
}

fn span(now: Time, created: i64, updated: i64) -> Span {
    Span { created_at: ago(now, created), updated_at: ago(now, updated) }
}

fn ago(now: Time, millis: i64) -> Time {
    Time(now.0 - millis)
}

/// A fresh id as of that moment.
fn id_at(at: Time) -> Id {
    let bits = rand::random();
    Id(uuid::Builder::from_unix_timestamp_millis(at.0.unsigned_abs(), &bits).into_uuid())
}
