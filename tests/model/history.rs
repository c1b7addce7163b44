//! A history: operations one after the other, each sent to the server and judged by the model.

use crate::look::Look;
use crate::operation::{Chat, Direct, Message, Operation, User};
use crate::requests::sign_in;
use crate::rules::Stop;
use crate::server::{Answer, Request, Server};
use crate::world::World;
use chrono::{SecondsFormat, Utc};
use serde_json::Value;
use std::collections::BTreeMap;

/// The model and the server, side by side.
pub(crate) struct History<'a> {
    pub(crate) world: World,
    server: &'a mut Server,
    /// How often each kind of operation was answered with which status.
    pub(crate) tally: BTreeMap<(String, u16), usize>,
}

impl<'a> History<'a> {
    pub(crate) fn new(server: &'a mut Server) -> History<'a> {
        History { world: World::default(), server, tally: BTreeMap::new() }
    }

    /// Plays operations; the number of the first whose answer differs, and how.
    pub(crate) fn play(operations: &[Operation], server: &mut Server) -> Option<(usize, String)> {
        let mut history = History::new(server);
        let mut outcomes = operations.iter().map(|operation| history.apply(operation)).enumerate();
        outcomes.find_map(|(at, outcome)| outcome.err().map(|difference| (at, difference)))
    }

    /// Sends one operation. An error says how the answer differs from what the model says.
    pub(crate) fn apply(&mut self, operation: &Operation) -> Result<(), String> {
        self.world.now = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let request = self.world.request_of(operation);
        if let Operation::Look { by, at } = operation {
            let known = self.world.people.contains_key(by);
            let request = request.filter(|_| known);
            return request.map_or(Ok(()), |request| self.world.look(*by, at, &request, self.server));
        }
        let judged = self.world.judge(operation);
        if judged == Err(Stop::Skip) {
            return Ok(());
        }
        let request = request.ok_or_else(|| format!("{operation} is judged, but has no request"))?;
        let by = operation.by();
        let token = self.world.people[&by].token.clone();
        let answer = self.server.ask(&token, &request);
        *self.tally.entry((operation.kind(), answer.status)).or_default() += 1;
        let told = || format!("{} {}: {}", request.method, request.path, answer.document);
        match judged {
            Ok(status) if status != answer.status => {
                return Err(format!("expected {status}, got {}\n{}", answer.status, told()));
            }
            Ok(_) => self.learn(operation, &request, &answer).map_err(|problem| format!("{problem}\n{}", told()))?,
            Err(Stop::Refused(refusals)) => {
                let fits = |(status, code): &(u16, &str)| {
                    *status == answer.status && (code.is_empty() || *code == answer.code())
                };
                if !refusals.iter().any(fits) {
                    return Err(format!("expected {refusals:?}, got {}\n{}", answer.status, told()));
                }
                self.check_conflict(operation, &answer)?;
            }
            Err(Stop::Skip) => (),
        }
        Ok(())
    }

    /// A conflict tells the newest message that was missed.
    fn check_conflict(&self, operation: &Operation, answer: &Answer) -> Result<(), String> {
        let Operation::Seen { by, chat, message, .. } = operation else { return Ok(()) };
        if answer.code() != "read_conflict" {
            return Ok(());
        }
        let seen = self.world.messages[message].sequence;
        let newest = self.world.missed(*by, *chat, seen).and_then(|newest| self.world.message_id(newest));
        let told = answer.document["errors"][0]["meta"]["last_message_id"].as_str();
        if told == newest { Ok(()) } else { Err(format!("expected the newest to be {newest:?}, got {told:?}")) }
    }

    /// Takes over what only the server can know, and compares what the answer shows of it.
    fn learn(&mut self, operation: &Operation, request: &Request, answer: &Answer) -> Result<(), String> {
        use Operation as O;
        match operation {
            O::SignUp { user } => self.learn_person(*user, request, answer),
            O::Direct { by, peer, chat, through } => {
                let of_chat = if *through == Direct::Conversation { answer.linked("chat") } else { answer.id() };
                let first = if let Direct::Chat(first) = through { *first } else { None };
                self.learn_chat(*by, (*peer, *chat), of_chat, answer, first)
            }
            O::Group { by, chat, first, .. } => self.learn_new(*by, *chat, answer.id(), *first),
            O::Request { by, peer, chat } => {
                self.learn_chat(*by, (*peer, *chat), answer.linked("chat"), answer, None)?;
                let made = self.world.conversation(*by, *peer).ok_or("no request")?;
                self.world.compare_item(*by, &Look::Request(made), answer)
            }
            O::Respond { by, chat, .. } => self.world.compare_item(*by, &Look::Request(*chat), answer),
            O::Say { by, message, .. } => {
                self.learn_message(*message, &answer.document["data"])?;
                self.world.compare_item(*by, &Look::Message(*message), answer)
            }
            O::Edit { by, message, .. } => self.world.compare_item(*by, &Look::Message(*message), answer),
            O::React { by, message, emoji } => {
                let said = self.world.messages.get_mut(message).ok_or("no message")?;
                let reaction = said.reactions.iter_mut().find(|it| it.by == *by && it.emoji == *emoji);
                learn_id(&mut reaction.ok_or("no reaction")?.id, answer.id())
            }
            O::Seen { by, chat, by_linkage: true, .. } if answer.status == 200 => {
                let newest = self.world.last_read(*by, *chat).and_then(|newest| self.world.message_id(newest));
                if newest == Some(answer.id()) { Ok(()) } else { Err(format!("expected {newest:?}")) }
            }
            O::Seen { by, chat, by_linkage: false, .. } | O::ReadUntil { by, chat, .. } => {
                self.world.compare_item(*by, &Look::Membership(*chat, *by), answer)
            }
            O::Flag { by, chat, of, .. } | O::SetRole { by, chat, of, .. } => {
                self.world.compare_item(*by, &Look::Membership(*chat, *of), answer)
            }
            O::AddMember { by, chat, user, .. } => {
                self.learn_membership(*chat, *user, &answer.document["data"])?;
                self.world.compare_item(*by, &Look::Membership(*chat, *user), answer)
            }
            O::Link { by, chat, .. } => self.learn_members(*by, *chat).map(drop),
            O::Open { by, chat, .. } | O::Title { by, chat, .. } => {
                self.world.compare_item(*by, &Look::Chat(*chat), answer)
            }
            _ => Ok(()),
        }
    }

    fn learn_person(&mut self, user: User, request: &Request, answer: &Answer) -> Result<(), String> {
        let session = self.server.ask("", &sign_in(request));
        let token = session.document["meta"]["token"].as_str().ok_or("no token")?;
        let person = self.world.people.get_mut(&user).ok_or("nobody")?;
        person.id = answer.id().to_owned();
        person.token = token.to_owned();
        Ok(())
    }

    /// A chat of two, which was there already or is new.
    fn learn_chat(
        &mut self,
        by: User,
        (peer, chat): (User, Chat),
        id: &str,
        answer: &Answer,
        first: Option<Message>,
    ) -> Result<(), String> {
        let fresh = answer.status == 201;
        if answer.document["meta"]["created"] != fresh {
            return Err(format!("meta.created should be {fresh}"));
        }
        if fresh {
            return self.learn_new(by, chat, id, first);
        }
        let existing = self.world.conversation(by, peer).ok_or("no conversation")?;
        let shown = if self.world.chat_sees(by, existing) { self.world.chat_id(existing) } else { Some("") };
        if shown != Some(id) {
            return Err(format!("expected {existing}, {shown:?}"));
        }
        first.map_or(Ok(()), |first| self.learn_first(by, existing, first))
    }

    fn learn_new(&mut self, by: User, chat: Chat, id: &str, first: Option<Message>) -> Result<(), String> {
        self.world.chats.get_mut(&chat).ok_or("no chat")?.id = id.to_owned();
        let answer = self.learn_members(by, chat)?;
        let talk = self.world.chats.get_mut(&chat).ok_or("no chat")?;
        talk.created_at = answer.attribute("created_at").to_owned();
        talk.conversation = answer.linked("direct_conversation").to_owned();
        if let Some(request) = &mut talk.request {
            request.id = answer.linked("chat_request").to_owned();
            let found = answer.included().iter().find(|it| it["type"] == "chat_request").ok_or("no request")?;
            request.created_at = found["attributes"]["created_at"].as_str().unwrap_or_default().to_owned();
        }
        first.map_or(Ok(()), |first| self.learn_first(by, chat, first))
    }

    /// The message that came with a chat.
    fn learn_first(&mut self, by: User, chat: Chat, first: Message) -> Result<(), String> {
        let id = self.world.chat_id(chat).unwrap_or_default();
        let found = self.get(by, format!("/chats/{id}?include=last_message"))?;
        let message = found.included().first().ok_or("the message that was sent is not there")?;
        self.learn_message(first, message)
    }

    /// Instants never go back within a chat.
    fn learn_message(&mut self, message: Message, resource: &Value) -> Result<(), String> {
        let created_at = resource["attributes"]["created_at"].as_str().unwrap_or_default().to_owned();
        let said = self.world.messages.get_mut(&message).ok_or("no message")?;
        said.created_at.clone_from(&created_at);
        learn_id(&mut said.id, resource["id"].as_str().unwrap_or_default())?;
        let (chat, before) = (said.chat, said.sequence - 1);
        let before = before.checked_sub(1).map(|at| self.world.chats[&chat].messages[at]);
        let before = before.map_or("", |before| &self.world.messages[&before].created_at);
        if *before <= *created_at { Ok(()) } else { Err(format!("created before the last message, {before}")) }
    }

    /// Takes over the memberships that are new.
    fn learn_members(&mut self, by: User, chat: Chat) -> Result<Answer, String> {
        let id = self.world.chat_id(chat).unwrap_or_default();
        let found = self.get(by, format!("/chats/{id}?include=chat_memberships,chat_request"))?;
        for resource in found.included().iter().filter(|it| it["type"] == "chat_membership") {
            let user = resource["relationships"]["user"]["data"]["id"].as_str();
            let user = self.world.people.iter().find(|(_, person)| Some(person.id.as_str()) == user);
            let user = *user.ok_or("a membership of nobody")?.0;
            self.learn_membership(chat, user, resource)?;
        }
        Ok(found)
    }

    fn learn_membership(&mut self, chat: Chat, user: User, resource: &Value) -> Result<(), String> {
        let id = resource["id"].as_str().unwrap_or_default();
        if self.world.ended.get(&(chat, user)).is_some_and(|ended| ended == id) {
            return Err(format!("the membership of {user} in {chat} is the old one"));
        }
        let talk = self.world.chats.get_mut(&chat).ok_or("no chat")?;
        let member = talk.member_mut(user).ok_or_else(|| format!("{user} should not be in {chat}"))?;
        member.created_at = resource["attributes"]["created_at"].as_str().unwrap_or_default().to_owned();
        learn_id(&mut member.id, id)
    }

    fn get(&mut self, by: User, path: String) -> Result<Answer, String> {
        let answer = self.server.ask(&self.world.people[&by].token, &Request::get(path.clone()));
        if answer.status == 200 { Ok(answer) } else { Err(format!("GET {path}: {}", answer.status)) }
    }
}

/// What has an id keeps it.
fn learn_id(known: &mut String, id: &str) -> Result<(), String> {
    if id.is_empty() || !(known.is_empty() || known == id) {
        return Err(format!("expected the id {known:?}, got {id:?}"));
    }
    *known = id.to_owned();
    Ok(())
}
