//! Random operations: mostly what people do, now and then what they may not, or what is gone.

use crate::look::{Filter, Look, Reading};
use crate::operation::{Chat, Direct, Flag, Message, Operation, Role, Until, User};
use crate::world::World;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const EMOJIS: [&str; 3] = ["👍", "🎉", "❤\u{FE0F}"];
const AT_FIRST: u16 = 5;
const MOST_PEOPLE: u16 = 8;

/// The source of operations for one history.
pub(crate) struct Dice {
    rng: ChaCha8Rng,
    names: u16,
    people: u16,
    /// Few chats have long histories, many have more of everything else.
    most_chats: usize,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let most_chats = rng.random_range(2..24);
        Dice { rng, names: 0, people: 0, most_chats }
    }

    fn name(&mut self) -> u16 {
        self.names += 1;
        self.names
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_ratio(percent, 100)
    }

    /// The next thing that somebody does.
    pub(crate) fn operation(&mut self, world: &World) -> Operation {
        if self.people < AT_FIRST {
            self.people += 1;
            return Operation::SignUp { user: User(self.people) };
        }
        loop {
            if let Some(operation) = self.try_operation(world) {
                return operation;
            }
        }
    }

    fn try_operation(&mut self, world: &World) -> Option<Operation> {
        let by = self.somebody(world)?;
        let weight = self.rng.random_range(0..1000);
        Some(match weight {
            0..230 => self.say(world, by)?,
            230..430 => self.about_message(world, by)?,
            430..580 => self.read(world, by)?,
            580..730 => self.put_away(world, by)?,
            730..880 => self.about_group(world, by)?,
            880..985 => self.begin(world, by)?,
            985..988 if self.people < MOST_PEOPLE => {
                self.people += 1;
                Operation::SignUp { user: User(self.people) }
            }
            988..991 if world.people.values().filter(|person| !person.removed).count() > 3 => {
                Operation::RemoveAccount { by }
            }
            _ => Operation::Policy { by, on_request: self.chance(40) },
        })
    }

    fn somebody(&mut self, world: &World) -> Option<User> {
        let gone = self.chance(2);
        let people: Vec<User> = world.people.keys().copied().filter(|user| world.is_gone(*user) == gone).collect();
        people.choose(&mut self.rng).copied()
    }

    fn anybody(&mut self, world: &World) -> Option<User> {
        if self.chance(4) {
            world.people.keys().copied().collect::<Vec<_>>().choose(&mut self.rng).copied()
        } else {
            self.somebody(world)
        }
    }

    /// Mostly one that is there for them.
    fn chat(&mut self, world: &World, by: User) -> Option<Chat> {
        let any = self.chance(10);
        let seen = world.chats.keys().copied().filter(|chat| any || world.chat_sees(by, *chat));
        seen.collect::<Vec<_>>().choose(&mut self.rng).copied()
    }

    fn group(&mut self, world: &World, by: User) -> Option<Chat> {
        if self.chance(10) {
            return self.chat(world, by);
        }
        let groups = world.chats.iter().filter(|(_, talk)| talk.is_group() && talk.member(by).is_some());
        groups.map(|(chat, _)| *chat).collect::<Vec<_>>().choose(&mut self.rng).copied()
    }

    /// Somebody who was in it at some time.
    fn member(&mut self, world: &World, chat: Chat) -> Option<User> {
        let ended = self.chance(10);
        let talk = &world.chats[&chat];
        let of: Vec<User> = if ended {
            world.ended.keys().filter(|it| it.0 == chat).map(|it| it.1).collect()
        } else {
            talk.members.iter().map(|member| member.user).collect()
        };
        of.choose(&mut self.rng).copied()
    }

    fn message(&mut self, world: &World, by: User) -> Option<Message> {
        if self.chance(8) {
            return world.messages.keys().copied().collect::<Vec<_>>().choose(&mut self.rng).copied();
        }
        let chat = self.chat(world, by)?;
        self.message_in(world, by, chat)
    }

    /// Mostly one of the newest.
    fn message_in(&mut self, world: &World, by: User, chat: Chat) -> Option<Message> {
        let seen = if self.chance(5) { world.chats[&chat].messages.clone() } else { world.messages_of(by, chat) };
        let newest = if self.chance(70) { seen.len().saturating_sub(4) } else { 0 };
        seen[newest..].choose(&mut self.rng).copied()
    }

    fn say(&mut self, world: &World, by: User) -> Option<Operation> {
        let chat = self.chat(world, by)?;
        let parent = match self.rng.random_range(0..20) {
            0..5 => self.message_in(world, by, chat),
            5 => self.message(world, by),
            _ => None,
        };
        let (message, nested) = (Message(self.name()), self.chance(50));
        Some(Operation::Say { by, chat, message, parent, nested })
    }

    fn about_message(&mut self, world: &World, by: User) -> Option<Operation> {
        let mut message = self.message(world, by)?;
        if self.chance(50) {
            let own = world.messages.iter().filter(|(_, said)| said.author == by).map(|(message, _)| *message);
            message = own.collect::<Vec<_>>().choose(&mut self.rng).copied().unwrap_or(message);
        }
        let emoji = EMOJIS[self.rng.random_range(0..EMOJIS.len())];
        Some(match self.rng.random_range(0..20) {
            0..3 => Operation::Edit { by, message, text: self.name() },
            3..7 => Operation::Delete { by, message },
            7..16 => Operation::React { by, message: self.message(world, by)?, emoji },
            _ => self.unreact(world, by)?,
        })
    }

    fn unreact(&mut self, world: &World, by: User) -> Option<Operation> {
        let any = self.chance(20);
        let reactions =
            world.messages.iter().flat_map(|(message, said)| said.reactions.iter().map(|it| (*message, it)));
        let reactions: Vec<_> = reactions.filter(|(_, reaction)| any || reaction.by == by).collect();
        let (message, reaction) = reactions.choose(&mut self.rng)?;
        Some(Operation::Unreact { by, message: *message, of: reaction.by, emoji: reaction.emoji })
    }

    fn read(&mut self, world: &World, by: User) -> Option<Operation> {
        let chat = self.chat(world, by)?;
        let message = if self.chance(95) { self.message_in(world, by, chat) } else { self.message(world, by) };
        let message = if self.chance(40) { world.last_message(by, chat).or(message) } else { message };
        let until = match (self.rng.random_range(0..4), message) {
            (0, Some(message)) => Until::At(message),
            (1, Some(message)) => Until::Before(message),
            (2, _) => Until::Now,
            _ => Until::Always,
        };
        Some(match message {
            Some(message) if self.chance(60) => Operation::Seen { by, chat, message, by_linkage: self.chance(50) },
            _ => Operation::ReadUntil { by, chat, until },
        })
    }

    fn put_away(&mut self, world: &World, by: User) -> Option<Operation> {
        let chat = self.chat(world, by)?;
        let of = if self.chance(8) { self.member(world, chat)? } else { by };
        let on = self.chance(70);
        let flag = match self.rng.random_range(0..10) {
            0..3 => Flag::Archived(on),
            3..7 => Flag::Hidden(on),
            7 => Flag::Muted(on),
            _ => return Some(Operation::DeleteChat { by, chat }),
        };
        Some(Operation::Flag { by, chat, of, flag })
    }

    fn about_group(&mut self, world: &World, by: User) -> Option<Operation> {
        let chat = self.group(world, by)?;
        let role = *[Role::Admin, Role::Admin, Role::Member, Role::Member, Role::Reader].choose(&mut self.rng)?;
        Some(match self.rng.random_range(0..20) {
            0..4 => Operation::AddMember { by, chat, user: self.anybody(world)?, role },
            4..7 => Operation::Link { by, chat, user: self.anybody(world)? },
            7..9 => Operation::RemoveMember { by, chat, of: by, by_linkage: self.chance(40) },
            9..11 => Operation::RemoveMember { by, chat, of: self.member(world, chat)?, by_linkage: self.chance(40) },
            11..16 => Operation::SetRole { by, chat, of: self.member(world, chat)?, role },
            16..18 => Operation::Open { by, chat, open: self.chance(70) },
            _ => Operation::Title { by, chat, text: self.rng.random_range(0..3) },
        })
    }

    fn begin(&mut self, world: &World, by: User) -> Option<Operation> {
        let room = world.chats.len() < self.most_chats;
        let peer = self.anybody(world)?;
        if peer == by && !self.chance(10) {
            return None;
        }
        let chat = Chat(self.name());
        let first = if self.chance(40) { Some(Message(self.name())) } else { None };
        Some(match self.rng.random_range(0..10) {
            0..2 if room => {
                let mut others: Vec<User> = world.people.keys().copied().filter(|user| !world.is_gone(*user)).collect();
                others.shuffle(&mut self.rng);
                others.truncate(self.rng.random_range(0..5));
                Operation::Group { by, others, chat, first }
            }
            0..7 if !room && world.conversation(by, peer).is_none() => return None,
            0..2 => Operation::Direct { by, peer, chat, through: Direct::Conversation },
            2..4 => Operation::Direct { by, peer, chat, through: Direct::Chat(first) },
            4..7 => Operation::Request { by, peer, chat },
            7..9 => Operation::Respond { by, chat: self.requested(world, by, false)?, yes: self.chance(60) },
            _ => Operation::Withdraw { by, chat: self.requested(world, by, true)? },
        })
    }

    /// The chat of a request, mostly one that is theirs to change.
    fn requested(&mut self, world: &World, by: User, sent: bool) -> Option<Chat> {
        let any = self.chance(20);
        let requested = world.chats.iter().filter(|(_, talk)| {
            let side = talk.pair.is_some_and(|(first, second)| by == if sent { first } else { second });
            talk.request.is_some() && (any || side)
        });
        requested.map(|(chat, _)| *chat).collect::<Vec<_>>().choose(&mut self.rng).copied()
    }

    /// Some looks after a few operations.
    pub(crate) fn looks(&mut self, world: &World) -> Vec<Operation> {
        let number = self.rng.random_range(1..4);
        (0..number).filter_map(|_| self.look(world)).collect()
    }

    fn look(&mut self, world: &World) -> Option<Operation> {
        let by = self.somebody(world)?;
        let filter = *Filter::ALL.choose(&mut self.rng)?;
        let at = match self.rng.random_range(0..24) {
            0..4 => Look::Chats(Filter::Default),
            4..6 => Look::Chats(filter),
            6..8 => Look::Conversations(Filter::Default),
            8 if filter != Filter::Muted => Look::Conversations(filter),
            9 => Look::Requests([None, Some(true), Some(false)][self.rng.random_range(0..3)]),
            10 => Look::Inbox(if self.chance(90) { by } else { self.anybody(world)? }),
            11 => Look::Memberships,
            12..17 => Look::Messages(self.chat(world, by)?, self.reading(world)?),
            17 => Look::AllMessages,
            18 => Look::Chat(self.chat(world, by)?),
            19 => Look::Members(self.chat(world, by)?),
            20 => Look::Replies(self.message(world, by)?),
            21 => Look::Reactions(self.message(world, by)?),
            22 => Look::Message(self.message(world, by)?),
            _ => {
                let chat = self.chat(world, by)?;
                Look::Membership(chat, self.member(world, chat)?)
            }
        };
        Some(Operation::Look { by, at })
    }

    fn reading(&mut self, world: &World) -> Option<Reading> {
        Some(match self.rng.random_range(0..8) {
            0..3 => Reading::ByFilter,
            3..5 => Reading::ByUrl,
            5 => Reading::InPagesOf(self.rng.random_range(2..9)),
            6 => Reading::Unread,
            _ => Reading::From(self.anybody(world)?),
        })
    }
}

/// Every look of everybody at everything.
pub(crate) fn all_looks(world: &World) -> Vec<Operation> {
    let mut looks = Vec::new();
    for by in world.people.keys().copied().filter(|by| !world.is_gone(*by)) {
        let mut at = vec![Look::Memberships, Look::AllMessages, Look::Inbox(by), Look::Requests(None)];
        at.extend(Filter::ALL.map(Look::Chats));
        at.extend(Filter::ALL.into_iter().filter(|filter| *filter != Filter::Muted).map(Look::Conversations));
        for chat in world.chats.keys().copied() {
            at.push(Look::Chat(chat));
            at.push(Look::Membership(chat, by));
            let seen = world.chat_sees(by, chat);
            at.extend(seen.then_some(Look::Messages(chat, Reading::ByFilter)));
            at.extend((!seen).then_some(Look::Messages(chat, Reading::ByUrl)));
            let talk = &world.chats[&chat];
            at.extend((!talk.is_group()).then_some(Look::Conversation(chat)));
            at.extend(talk.request.is_some().then_some(Look::Request(chat)));
            let newest = talk.messages.iter().rev().copied().find(|message| !world.sees(by, *message));
            at.extend(newest.map(Look::Message));
        }
        looks.extend(at.into_iter().map(|at| Operation::Look { by, at }));
    }
    looks
}
