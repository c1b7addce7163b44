//! What the server shows, brought into the short form of [`crate::view`], and compared with it.

use crate::look::{Look, Reading};
use crate::operation::{Chat, User};
use crate::server::{Answer, Request, Server};
use crate::view::{View, membership_name};
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is compared of a type: its attributes, and the to-one relationships whose linkage is.
const SHAPES: &[(&str, &[&str], &[&str])] = &[
    ("user", &["name"], &[]),
    (
        "chat",
        &[
            "chat_type",
            "status",
            "title",
            "open",
            "created_at",
            "updated_at",
            "last_message_at",
            "member_count",
            "past_users_involved",
            "unread_message_count",
            "has_unread_messages",
            "read_until",
            "archived",
            "hidden",
            "muted",
        ],
        &["direct_conversation", "initiator", "viewer_membership", "last_message", "chat_request"],
    ),
    (
        "direct_conversation",
        &["user_id", "first_user_id", "second_user_id", "chat_updated_at"],
        &["chat", "first_user", "second_user"],
    ),
    (
        "chat_membership",
        &[
            "role",
            "created_at",
            "archived",
            "hidden",
            "mute_rule",
            "muted",
            "read_until",
            "unread_message_count",
            "has_unread_messages",
        ],
        &["chat", "user", "last_read_message"],
    ),
    (
        "message",
        &[
            "content",
            "is_reply",
            "reply_count",
            "is_new",
            "deleted",
            "edited_at",
            "user_deleted_name",
            "reaction_counts",
            "created_at",
        ],
        &["chat", "author", "parent"],
    ),
    ("reaction", &["emoji"], &["message", "author"]),
    ("chat_request", &["user_id", "status", "created_at"], &["sender", "recipient", "chat"]),
    (
        "inbox",
        &["unread_message_count", "unread_chat_count", "pending_chat_request_count", "outgoing_chat_request_count"],
        &["user"],
    ),
];

/// Nobody needs to see the whole of a resource; what a write answers is whole.
fn fields(kind: &str) -> String {
    let shape = SHAPES.iter().find(|shape| shape.0 == kind).expect("a type");
    format!("fields[{kind}]={}", [shape.1, shape.2].concat().join(","))
}

impl World {
    /// Where a look goes.
    pub(crate) fn path(&self, by: User, look: &Look) -> Option<String> {
        let list = |kind: &str, path: &str, rest: &str| format!("/{path}?{}{rest}", fields(kind));
        let all = "&page[size]=100";
        Some(match look {
            Look::Chats(filter) => list("chat", "chats", &format!("{all}{}", filter.query())),
            Look::Conversations(filter) => {
                list("direct_conversation", "direct_conversations", &format!("{all}{}", filter.query()))
            }
            Look::Requests(None) => list("chat_request", "chat_requests", all),
            Look::Requests(Some(incoming)) => {
                let direction = if *incoming { "incoming" } else { "outgoing" };
                list("chat_request", "chat_requests", &format!("{all}&filter[direction]={direction}"))
            }
            Look::Inbox(of) => list("inbox", &format!("inboxes/{}", self.user_id(*of)?), ""),
            Look::Memberships => list("chat_membership", "chat_memberships", all),
            Look::Messages(chat, reading) => self.messages_path(*chat, *reading)?,
            Look::AllMessages => list("message", "messages", all),
            Look::Chat(chat) => list("chat", &format!("chats/{}", self.chat_id(*chat)?), ""),
            Look::Conversation(chat) => {
                let talk = self.chats.get(chat).filter(|talk| !talk.is_group())?;
                list("direct_conversation", &format!("direct_conversations/{}", talk.conversation), "")
            }
            Look::Request(chat) => {
                let request = self.chats.get(chat)?.request.as_ref()?;
                list("chat_request", &format!("chat_requests/{}", request.id), "")
            }
            Look::Members(chat) => list("user", &format!("chats/{}/members", self.chat_id(*chat)?), all),
            Look::Membership(chat, of) => {
                let of = if self.people.contains_key(of) { *of } else { by };
                list("chat_membership", &format!("chat_memberships/{}", self.membership_id(*chat, of)?), "")
            }
            Look::Message(message) => list("message", &format!("messages/{}", self.message_id(*message)?), ""),
            Look::Replies(message) => list("message", &format!("messages/{}/replies", self.message_id(*message)?), all),
            Look::Reactions(message) => {
                list("reaction", &format!("messages/{}/reactions", self.message_id(*message)?), all)
            }
        })
    }

    fn messages_path(&self, chat: Chat, reading: Reading) -> Option<String> {
        let (fields, chat) = (fields("message"), self.chat_id(chat)?);
        let rest = match reading {
            Reading::ByUrl => return Some(format!("/chats/{chat}/messages?{fields}&page[size]=100")),
            Reading::ByFilter => "&page[size]=100".to_owned(),
            Reading::InPagesOf(size) => format!("&page[size]={size}"),
            Reading::Unread => "&page[size]=100&filter[is_new]=true".to_owned(),
            Reading::From(author) => format!("&page[size]=100&filter[author]={}", self.user_id(author)?),
        };
        Some(format!("/messages?{fields}&filter[chat]={chat}{rest}"))
    }

    /// The names that the short form has in place of ids.
    fn names(&self) -> BTreeMap<&str, String> {
        let mut names: BTreeMap<&str, String> = BTreeMap::new();
        names.extend(self.people.iter().map(|(user, person)| (person.id.as_str(), user.to_string())));
        for (chat, talk) in &self.chats {
            names.insert(&talk.id, chat.to_string());
            names.insert(&talk.conversation, format!("conversation of {chat}"));
            names.extend(talk.request.iter().map(|request| (request.id.as_str(), format!("request of {chat}"))));
            let members = talk.members.iter();
            names.extend(members.map(|member| (member.id.as_str(), membership_name(*chat, member.user))));
        }
        for (message, said) in &self.messages {
            names.insert(&said.id, message.to_string());
            let reactions = said.reactions.iter();
            names.extend(reactions.map(|it| (it.id.as_str(), format!("{} of {} on {message}", it.emoji, it.by))));
        }
        names
    }

    /// Resources in the short form.
    fn shapes(&self, resources: &[Value]) -> Result<Vec<Value>, String> {
        let names = self.names();
        resources.iter().map(|resource| shape(resource, &names)).collect()
    }

    /// Takes the instants of changes out of the short form of a chat or a conversation, and judges them by the model.
    fn judge_moves(&mut self, shape: &mut Value) -> Result<(), String> {
        let name = shape["is"].as_str().unwrap_or_default().to_owned();
        for attribute in ["updated_at", "chat_updated_at"] {
            let Some(Value::String(instant)) = shape.as_object_mut().and_then(|shape| shape.remove(attribute)) else {
                continue;
            };
            let chat = self.chats.iter_mut().find(|(chat, _)| name.rsplit(' ').next() == Some(&chat.to_string()));
            let Some((_, talk)) = chat else { continue };
            let moved = &mut talk.moved;
            match &moved.seen {
                Some((changes, seen)) if *changes == moved.changes && *seen != instant => {
                    return Err(format!("{attribute} of {name} moved from {seen} to {instant} without a change"));
                }
                _ if instant < moved.since => {
                    return Err(format!(
                        "{attribute} of {name} is {instant}, before its last change at {}",
                        moved.since
                    ));
                }
                _ => moved.seen = Some((moved.changes, instant)),
            }
        }
        Ok(())
    }

    /// Compares the only resource of an answer.
    pub(crate) fn compare_item(&mut self, by: User, look: &Look, answer: &Answer) -> Result<(), String> {
        let View::Item(expected) = self.view(by, look) else { return Err("it should not be there".to_owned()) };
        let mut shape = shape(&answer.document["data"], &self.names())?;
        self.judge_moves(&mut shape)?;
        if shape == expected { Ok(()) } else { Err(difference(&expected, &shape)) }
    }

    /// Looks, and compares what is seen.
    pub(crate) fn look(&mut self, by: User, look: &Look, request: &Request, server: &mut Server) -> Result<(), String> {
        let token = self.people[&by].token.clone();
        let mut answer = server.ask(&token, request);
        let expected = self.view(by, look);
        let status = match (&expected, self.people[&by].removed) {
            (_, true) => 401,
            (View::NotFound, _) => 404,
            _ => 200,
        };
        if answer.status != status {
            return Err(format!("expected {status}, got {}: {}", answer.status, answer.document));
        }
        if status != 200 {
            return Ok(());
        }
        if let View::Item(_) = expected {
            return self.compare_item(by, look, &answer);
        }
        let mut shapes = Vec::new();
        loop {
            shapes.extend(self.shapes(answer.document["data"].as_array().ok_or("no list")?)?);
            let Some(next) = next_page(&answer) else { break };
            answer = server.ask(&token, &Request::get(next));
        }
        self.compare_items(expected, shapes)
    }

    fn compare_items(&mut self, expected: View, mut shapes: Vec<Value>) -> Result<(), String> {
        if let View::Newest(_, keys) = &expected {
            let key = |shape: &Value| keys.iter().find_map(|key| shape[*key].as_str().map(str::to_owned));
            let sorted = shapes.windows(2).all(|pair| key(&pair[0]) >= key(&pair[1]));
            if !sorted {
                return Err(format!("not by {}, newest first: {}", keys.join(" or "), list(&shapes)));
            }
        }
        shapes.iter_mut().try_for_each(|shape| self.judge_moves(shape))?;
        let expected = match expected {
            View::Items(expected) => expected,
            View::Newest(expected, _) | View::Set(expected) => {
                shapes.sort_by_key(|shape| shape["is"].to_string());
                let mut expected = expected;
                expected.sort_by_key(|view| view["is"].to_string());
                expected
            }
            View::Item(_) | View::NotFound => return Err(format!("a list: {}", list(&shapes))),
        };
        if names_of(&expected) != names_of(&shapes) {
            return Err(format!("expected {}\n     got {}", list(&expected), list(&shapes)));
        }
        let differs = expected.iter().zip(&shapes).find(|(expected, shape)| expected != shape);
        differs.map_or(Ok(()), |(expected, shape)| Err(difference(expected, shape)))
    }
}

/// One resource in the short form.
fn shape(resource: &Value, names: &BTreeMap<&str, String>) -> Result<Value, String> {
    let named = |id: &Value| id.as_str().map(|id| names.get(id).cloned().unwrap_or_else(|| format!("unknown {id}")));
    let kind = resource["type"].as_str().unwrap_or_default();
    let found = SHAPES.iter().find(|shape| shape.0 == kind);
    let (_, attributes, relationships) = found.ok_or_else(|| format!("unexpected: {resource}"))?;
    let is = named(&resource["id"]).unwrap_or_default();
    let is = if kind == "inbox" { format!("inbox of {is}") } else { is };
    let mut shape = Map::from_iter([("is".to_owned(), json!(is))]);
    for name in *attributes {
        // What only its owner sees is not there for others.
        let Some(value) = resource["attributes"].get(name) else { continue };
        let value = if name.ends_with("user_id") { named(value).into() } else { value.clone() };
        match *name {
            "edited_at" => shape.insert("edited".to_owned(), (!value.is_null()).into()),
            _ => shape.insert((*name).to_owned(), value),
        };
    }
    for name in *relationships {
        if let Some(linkage) = resource["relationships"][name].get("data") {
            shape.insert((*name).to_owned(), named(&linkage["id"]).into());
        }
    }
    Ok(Value::Object(shape))
}

fn next_page(answer: &Answer) -> Option<String> {
    let next = answer.document["links"].get("next")?;
    let next = next.as_str().or_else(|| next["href"].as_str())?;
    next.split_once("/api/v1").map(|(_, path)| path.to_owned())
}

fn names_of(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["is"].as_str().unwrap_or_default()).collect()
}

fn list(items: &[Value]) -> String {
    format!("[{}]", names_of(items).join(", "))
}

/// The members in which two short forms differ.
fn difference(expected: &Value, shape: &Value) -> String {
    let (Value::Object(expected), Value::Object(shape)) = (expected, shape) else {
        return format!("expected {expected}, got {shape}");
    };
    let names: std::collections::BTreeSet<&String> = expected.keys().chain(shape.keys()).collect();
    let differing = names.into_iter().filter(|name| expected.get(*name) != shape.get(*name));
    let told = differing.map(|name| {
        let show = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
        format!("{name}: expected {}, got {}", show(expected.get(name)), show(shape.get(name)))
    });
    format!("{}: {}", expected.get("is").unwrap_or(&Value::Null), told.collect::<Vec<_>>().join("; "))
}
