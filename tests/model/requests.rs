//! The request that an operation is.

use crate::operation::{Chat, Direct, Flag, Message, Operation, User};
use crate::server::Request;
use crate::world::World;
use serde_json::{Value, json};

/// An identifier, as linkage has it.
fn identifier(kind: &str, id: &str) -> Value {
    json!({ "type": kind, "id": id })
}

fn to_one(kind: &str, id: &str) -> Value {
    json!({ "data": identifier(kind, id) })
}

fn resource(kind: &str, attributes: Value, relationships: Value) -> Value {
    json!({ "data": { "type": kind, "attributes": attributes, "relationships": relationships } })
}

fn update(kind: &str, id: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "id": id, "attributes": attributes } })
}

impl World {
    pub(crate) fn user_id(&self, user: User) -> Option<&str> {
        Some(&self.people.get(&user)?.id)
    }

    pub(crate) fn chat_id(&self, chat: Chat) -> Option<&str> {
        Some(&self.chats.get(&chat)?.id)
    }

    pub(crate) fn message_id(&self, message: Message) -> Option<&str> {
        Some(&self.messages.get(&message)?.id)
    }

    /// Of the membership, or of the last one that ended.
    pub(crate) fn membership_id(&self, chat: Chat, user: User) -> Option<&str> {
        let present = self.chats.get(&chat)?.member(user).map(|member| member.id.as_str());
        present.or_else(|| self.ended.get(&(chat, user)).map(String::as_str))
    }

    /// What is sent for an operation; `None` where a name in it was never given.
    pub(crate) fn request_of(&self, operation: &Operation) -> Option<Request> {
        use Operation as O;
        Some(match operation {
            O::SignUp { user } => sign_up(*user),
            O::Policy { by, on_request } => {
                let policy = if *on_request { "request" } else { "open" };
                let id = self.user_id(*by)?;
                Request::patch(format!("/users/{id}"), update("user", id, json!({ "direct_message_policy": policy })))
            }
            O::RemoveAccount { by } => Request::delete(format!("/users/{}", self.user_id(*by)?)),
            O::Direct { peer, through, .. } => self.direct_request(*peer, *through)?,
            O::Group { others, first, .. } => {
                let others: Option<Vec<_>> = others.iter().map(|other| self.user_id(*other)).collect();
                new_chat(&others?, *first, Some("group"))
            }
            O::Request { peer, .. } => {
                let document = resource("chat_request", json!({ "user_id": self.user_id(*peer)? }), json!({}));
                Request::post("/chat_requests", document)
            }
            O::Respond { chat, yes, .. } => {
                let id = &self.chats.get(chat)?.request.as_ref()?.id;
                let status = if *yes { "active" } else { "declined" };
                Request::patch(format!("/chat_requests/{id}"), update("chat_request", id, json!({ "status": status })))
            }
            O::Withdraw { chat, .. } => {
                Request::delete(format!("/chat_requests/{}", self.chats.get(chat)?.request.as_ref()?.id))
            }
            O::Say { .. } | O::Edit { .. } | O::Delete { .. } | O::React { .. } | O::Unreact { .. } => {
                self.message_request(operation)?
            }
            O::Seen { .. } | O::ReadUntil { .. } | O::Flag { .. } => self.own_request(operation)?,
            O::DeleteChat { chat, .. } => Request::delete(format!("/chats/{}", self.chat_id(*chat)?)),
            O::RemoveMember { .. } | O::AddMember { .. } | O::Link { .. } | O::SetRole { .. } => {
                self.member_request(operation)?
            }
            O::Open { chat, open, .. } => self.chat_update(*chat, json!({ "open": open }))?,
            O::Title { chat, text, .. } => self.chat_update(*chat, json!({ "title": format!("text {text}") }))?,
            O::Look { by, at } => Request::get(self.path(*by, at)?),
        })
    }

    fn direct_request(&self, peer: User, through: Direct) -> Option<Request> {
        let peer = self.user_id(peer)?;
        Some(match through {
            Direct::Conversation => {
                let document = resource("direct_conversation", json!({ "user_id": peer }), json!({}));
                Request::post("/direct_conversations", document)
            }
            Direct::Chat(first) => new_chat(&[peer], first, None),
        })
    }

    fn message_request(&self, operation: &Operation) -> Option<Request> {
        use Operation as O;
        Some(match operation {
            O::Say { chat, message, parent, nested, .. } => {
                let chat = self.chat_id(*chat)?;
                let mut relationships = json!({});
                if let Some(parent) = parent {
                    relationships["parent"] = to_one("message", self.message_id(*parent)?);
                }
                let path = if *nested { format!("/chats/{chat}/messages") } else { "/messages".to_owned() };
                if !nested {
                    relationships["chat"] = to_one("chat", chat);
                }
                Request::post(path, resource("message", json!({ "content": message.to_string() }), relationships))
            }
            O::Edit { message, text, .. } => {
                let id = self.message_id(*message)?;
                let document = update("message", id, json!({ "content": format!("text {text}") }));
                Request::patch(format!("/messages/{id}"), document)
            }
            O::Delete { message, .. } => Request::delete(format!("/messages/{}", self.message_id(*message)?)),
            O::React { message, emoji, .. } => {
                let relationships = json!({ "message": to_one("message", self.message_id(*message)?) });
                Request::post("/reactions", resource("reaction", json!({ "emoji": emoji }), relationships))
            }
            O::Unreact { message, of, emoji, .. } => {
                let reactions = &self.messages.get(message)?.reactions;
                let reaction = reactions.iter().find(|it| it.by == *of && it.emoji == *emoji)?;
                Request::delete(format!("/reactions/{}", reaction.id))
            }
            _ => return None,
        })
    }

    fn own_request(&self, operation: &Operation) -> Option<Request> {
        use Operation as O;
        Some(match operation {
            O::Seen { by, chat, message, by_linkage } => {
                let id = self.membership_id(*chat, *by)?;
                let linkage = to_one("message", self.message_id(*message)?);
                if *by_linkage {
                    Request::patch(format!("/chat_memberships/{id}/relationships/last_read_message"), linkage)
                } else {
                    let mut document = update("chat_membership", id, json!({}));
                    document["data"]["relationships"] = json!({ "last_read_message": linkage });
                    Request::patch(format!("/chat_memberships/{id}"), document)
                }
            }
            O::ReadUntil { by, chat, until } => {
                let until = self.instant(*until).ok()?;
                self.membership_update(*chat, *by, json!({ "read_until": until }))?
            }
            O::Flag { chat, of, flag, .. } => {
                let attributes = match flag {
                    Flag::Archived(archived) => json!({ "archived": archived }),
                    Flag::Hidden(hidden) => json!({ "hidden": hidden }),
                    Flag::Muted(true) => json!({ "mute_rule": { "until": null } }),
                    Flag::Muted(false) => json!({ "mute_rule": null }),
                };
                self.membership_update(*chat, *of, attributes)?
            }
            _ => return None,
        })
    }

    fn member_request(&self, operation: &Operation) -> Option<Request> {
        use Operation as O;
        Some(match operation {
            O::RemoveMember { chat, of, by_linkage: false, .. } => {
                Request::delete(format!("/chat_memberships/{}", self.membership_id(*chat, *of)?))
            }
            O::RemoveMember { chat, of, by_linkage: true, .. } => {
                let document = json!({ "data": [identifier("user", self.user_id(*of)?)] });
                let path = format!("/chats/{}/relationships/members", self.chat_id(*chat)?);
                Request { method: "DELETE", path, document: Some(document) }
            }
            O::AddMember { chat, user, role, .. } => {
                let chat = to_one("chat", self.chat_id(*chat)?);
                let relationships = json!({ "chat": chat, "user": to_one("user", self.user_id(*user)?) });
                let document = resource("chat_membership", json!({ "role": role.word() }), relationships);
                Request::post("/chat_memberships", document)
            }
            O::Link { chat, user, .. } => {
                let document = json!({ "data": [identifier("user", self.user_id(*user)?)] });
                Request::post(format!("/chats/{}/relationships/members", self.chat_id(*chat)?), document)
            }
            O::SetRole { chat, of, role, .. } => self.membership_update(*chat, *of, json!({ "role": role.word() }))?,
            _ => return None,
        })
    }

    fn membership_update(&self, chat: Chat, of: User, attributes: Value) -> Option<Request> {
        let id = self.membership_id(chat, of)?;
        Some(Request::patch(format!("/chat_memberships/{id}"), update("chat_membership", id, attributes)))
    }

    fn chat_update(&self, chat: Chat, attributes: Value) -> Option<Request> {
        let id = self.chat_id(chat)?;
        Some(Request::patch(format!("/chats/{id}"), update("chat", id, attributes)))
    }
}

/// The address has to be one that no other history uses.
fn sign_up(user: User) -> Request {
    let email = format!("{}@model.example", uuid::Uuid::new_v4());
    let attributes = json!({ "name": World::name(user), "email": email, "password": PASSWORD });
    Request::post("/users", resource("user", attributes, json!({})))
}

/// A session of whoever has just signed up.
pub(crate) fn sign_in(sign_up: &Request) -> Request {
    let email = &sign_up.document.as_ref().expect("a document")["data"]["attributes"]["email"];
    Request::post("/sessions", resource("session", json!({ "email": email, "password": PASSWORD }), json!({})))
}

const PASSWORD: &str = "correct horse battery";

fn new_chat(others: &[&str], first: Option<Message>, kind: Option<&str>) -> Request {
    let mut attributes = json!({});
    if let Some(kind) = kind {
        attributes["chat_type"] = kind.into();
    }
    if let Some(first) = first {
        attributes["initial_message"] = json!({ "content": first.to_string() });
    }
    let others: Vec<_> = others.iter().map(|other| identifier("user", other)).collect();
    Request::post("/chats", resource("chat", attributes, json!({ "members": { "data": others } })))
}
