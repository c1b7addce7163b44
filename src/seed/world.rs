//! What a [`Plan`] becomes: rows in parts, drawn from one stream of random numbers, so that the same plan gives the same rows.

use std::collections::HashSet;

use rand::seq::{IndexedRandom, SliceRandom, index};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Builder;

use super::rows::{Group, Person, Seat, Span, UserRow, World};
use super::{Line, Plan, email, names};
use crate::db::{Id, Time};

/// 2023-01-01: the first user signs up.
const START: i64 = 1_672_531_200_000;
/// 2024-01-01: everybody is there, and conversations begin.
const MIDDLE: i64 = 1_704_067_200_000;
/// 2025-01-01: the last change.
const END: i64 = 1_735_689_600_000;

/// Users, conversations or groups of one part, and so of one transaction.
const PART: u64 = 10_000;
/// Messages of one part, or those of one chat if they are more.
const MESSAGES: u64 = 50_000;
/// The most messages that a member hasn't read.
const UNREAD: usize = 9;
/// Conversations of a user who has many.
const MANY: u64 = 100;
/// The most members of a made-up group.
const LARGEST_GROUP: usize = 40;

/// Some rows of the world, and how many of the things asked for they are.
pub(super) struct Part {
    pub(super) world: World,
    pub(super) added: u64,
}

/// The whole world, a part at a time: users, then conversations, then groups.
pub(super) fn parts(plan: &Plan, password_hash: String) -> impl Iterator<Item = Part> + use<> {
    let mut maker = Maker::new(*plan, password_hash);
    std::iter::from_fn(move || maker.part())
}

struct Maker {
    plan: Plan,
    password_hash: String,
    random: ChaCha8Rng,
    users: Vec<Id>,
    pairs: Pairs,
    conversations: u64,
    groups: u64,
}

impl Maker {
    fn new(plan: Plan, password_hash: String) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(plan.seed);
        let pairs = Pairs::new(&plan, &mut random);
        Self { plan, password_hash, random, users: Vec::new(), pairs, conversations: 0, groups: 0 }
    }

    fn part(&mut self) -> Option<Part> {
        let mut world = World::default();
        let users = (self.plan.users - self.users.len() as u64).min(PART);
        if users > 0 {
            (0..users).for_each(|_| self.user(&mut world));
            return Some(Part { world, added: users });
        }
        let at_once = MESSAGES / self.plan.messages_of(0).max(1);
        let conversations = (self.plan.conversations - self.conversations).min(PART.min(at_once.max(1)));
        if conversations > 0 {
            (0..conversations).for_each(|_| self.conversation(&mut world));
            return Some(Part { added: conversations + world.messages.len() as u64, world });
        }
        let groups = (self.plan.groups - self.groups).min((PART / 10).min(at_once.max(1)));
        (0..groups).for_each(|_| self.group(&mut world));
        (groups > 0).then(|| Part { added: groups + world.messages.len() as u64, world })
    }

    fn user(&mut self, world: &mut World) {
        let n = self.users.len() as u64;
        let at = moment(START, MIDDLE, n, self.plan.users);
        let id = new_id(&mut self.random, at);
        let address = email(self.plan.seed, n + 1);
        let person = person(&mut self.random);
        world.users.push(UserRow::new(id, &person, address, self.password_hash.clone(), at));
        self.users.push(id);
    }

    fn conversation(&mut self, world: &mut World) {
        let span = self.span(self.conversations, self.plan.conversations);
        let pair = self.pairs.next(&mut self.random);
        let seats = pair.map(|place| seat(&mut self.random, self.users[place], "member"));
        world.direct(seats, span, &mut |at| new_id(&mut self.random, at));
        self.talk(world, self.conversations, &seats);
        self.conversations += 1;
    }

    fn group(&mut self, world: &mut World) {
        let span = self.span(self.groups, self.plan.groups);
        let title = names::group_title(&mut self.random);
        let seats = self.seats();
        let group = Group { title: &title, open: true, seats: &seats };
        world.group(group, span, &mut |at| new_id(&mut self.random, at));
        self.talk(world, self.plan.conversations + self.groups, &seats);
        self.groups += 1;
    }

    /// Whoever may speak does so; now and then the one before is answered.
    fn talk(&mut self, world: &mut World, n: u64, seats: &[Seat]) {
        let speakers: Vec<Id> = seats.iter().filter(|seat| seat.role != "reader").map(|seat| seat.user).collect();
        let mut lines: Vec<Line<'_>> = Vec::new();
        for _ in 0..self.plan.messages_of(n) {
            let by = *speakers.choose(&mut self.random).unwrap_or(&seats[0].user);
            let text = names::SAYINGS.choose(&mut self.random).copied().unwrap_or("…");
            let before = lines.len().checked_sub(1).filter(|before| lines[*before].answers.is_none());
            let answers = before.filter(|_| self.random.random_ratio(1, 8));
            lines.push(Line { by, text, answers });
        }
        if lines.is_empty() {
            return;
        }
        let unread: Vec<_> = seats.iter().map(|seat| (seat.user, self.random.random_range(0..=UNREAD))).collect();
        world.talk(&lines, &unread, &mut |at| new_id(&mut self.random, at));
    }

    /// An admin, and others of whom a few only read.
    fn seats(&mut self) -> Vec<Seat> {
        let size = self.random.random_range(2..=LARGEST_GROUP.min(self.users.len()));
        let places = index::sample(&mut self.random, self.users.len(), size);
        let mut admin_first = std::iter::once("admin");
        let mut role = |random: &mut ChaCha8Rng| {
            let other = if random.random_ratio(1, 12) { "reader" } else { "member" };
            admin_first.next().unwrap_or(other)
        };
        let mut seats = Vec::with_capacity(size);
        for place in places {
            let role = role(&mut self.random);
            seats.push(seat(&mut self.random, self.users[place], role));
        }
        seats
    }

    /// Chats begin one after the other, and more of them changed lately than long ago.
    fn span(&mut self, n: u64, of: u64) -> Span {
        let created_at = moment(MIDDLE, END, n, of);
        let age = END - created_at.0;
        let quiet = self.random.random_range(0..=age).min(self.random.random_range(0..=age));
        Span { created_at, updated_at: Time(END - quiet) }
    }
}

/// The nth of so many moments that divide a time evenly.
fn moment(from: i64, to: i64, n: u64, of: u64) -> Time {
    let passed = i128::from(to - from) * i128::from(n) / i128::from(of.max(1));
    Time(from + i64::try_from(passed).unwrap_or_default())
}

/// A UUIDv7 of that moment.
fn new_id(random: &mut ChaCha8Rng, at: Time) -> Id {
    let mut bits = [0; 10];
    random.fill_bytes(&mut bits);
    Id(Builder::from_unix_timestamp_millis(at.0.unsigned_abs(), &bits).into_uuid())
}

fn person(random: &mut ChaCha8Rng) -> Person<'static> {
    let pick = |random: &mut ChaCha8Rng, list: &[&'static str]| *list.choose(random).unwrap_or(&"");
    let (first_name, last_name) = (pick(random, names::FIRST), pick(random, names::LAST));
    let title = random.random_ratio(1, 3).then(|| pick(random, names::TITLES));
    Person { first_name, last_name, title }
}

/// A few chats are archived, hidden or muted by one of their members.
fn seat(random: &mut ChaCha8Rng, user: Id, role: &'static str) -> Seat {
    Seat {
        archived: random.random_ratio(1, 12),
        hidden: random.random_ratio(1, 40),
        mute: random.random_ratio(1, 25),
        ..Seat::new(user, role)
    }
}

/// Pairs of places in the list of users, none of them twice in either order.
enum Pairs {
    /// Most pairs are wanted: all of them in random order.
    All(Vec<[usize; 2]>),
    /// Few are: drawn, the first users in turn, and again where a pair was drawn before.
    Drawn { users: usize, busy: usize, turn: usize, seen: HashSet<[usize; 2]> },
}

impl Pairs {
    fn new(plan: &Plan, random: &mut ChaCha8Rng) -> Self {
        let users = usize::try_from(plan.users).unwrap_or(usize::MAX);
        if plan.conversations > plan.pairs() / 2 {
            let mut all: Vec<_> = (0..users).flat_map(|high| (0..high).map(move |low| [low, high])).collect();
            all.shuffle(random);
            return Self::All(all);
        }
        let busy = usize::try_from(plan.conversations / MANY).unwrap_or(usize::MAX).clamp(1, users.max(1));
        Self::Drawn { users, busy, turn: 0, seen: HashSet::new() }
    }

    /// The initiator's place and the peer's, which are as often one way round as the other.
    fn next(&mut self, random: &mut ChaCha8Rng) -> [usize; 2] {
        let [one, other] = match self {
            Self::All(pairs) => pairs.pop().unwrap_or_default(),
            Self::Drawn { users, busy, turn, seen } => {
                *turn += 1;
                draw(random, *users, *turn % *busy, seen)
            }
        };
        if random.random() { [one, other] } else { [other, one] }
    }
}

fn draw(random: &mut ChaCha8Rng, users: usize, owner: usize, seen: &mut HashSet<[usize; 2]>) -> [usize; 2] {
    /// After so many tries the owner may know everybody, and somebody else takes the turn.
    const TRIES: usize = 64;
    let mut owner = owner;
    loop {
        for _ in 0..TRIES {
            let peer = random.random_range(0..users);
            let pair = [owner.min(peer), owner.max(peer)];
            if owner != peer && seen.insert(pair) {
                return pair;
            }
        }
        owner = random.random_range(0..users);
    }
}
