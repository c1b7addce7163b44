//! The resources of a chat server, one declarative file each, and what their writes share.
//!
//! A resource file reads from the top like a declaration: row, attributes, relationships, who sees it, writes.
//! What is deliberately absent: HTTP. Everything here gets a connection, and answers with rows or error objects.

pub mod account;
pub mod attachment;
pub mod auth;
mod batch;
#[cfg(test)]
mod bench;
pub mod chat;
pub mod chat_membership;
pub mod chat_request;
mod consent;
mod conversation;
pub mod direct_conversation;
mod group;
pub mod idempotency;
pub mod inbox;
pub mod keys;
pub mod message;
pub mod password;
pub mod patch;
mod posted;
mod posting;
pub mod reaction;
pub mod roles;
pub mod session;
pub mod settings;
#[cfg(test)]
mod tests;
mod unread;
pub mod user;

pub use self::{
    attachment::Attachment, chat::Chat, chat_membership::ChatMembership, chat_request::ChatRequest,
    direct_conversation::DirectConversation, inbox::Inbox, message::Message, reaction::Reaction, session::Session,
    settings::Settings, user::User,
};
use crate::resource::Registry;

/// Every type that the server knows.
pub fn registry() -> Registry {
    Registry::new()
        .with::<User>()
        .with::<Session>()
        .with::<DirectConversation>()
        .with::<Chat>()
        .with::<Message>()
        .with::<ChatMembership>()
        .with::<Attachment>()
        .with::<Reaction>()
        .with::<ChatRequest>()
        .with::<Inbox>()
}
