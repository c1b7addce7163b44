//! The URLs of resources, and what each of them can be asked.
//!
//! ```text
//! /chats                             collection
//! /chats/{id}                        resource
//! /chats/{id}/members                related resources
//! /chats/{id}/relationships/members  linkage
//! /attachments/{id}/content          bytes
//! ```
//! A slash at the end changes nothing.

use crate::resource::{
    registry::{Entry, Relationship},
    relate::{self, Verb},
};
use actix_web::http::Method;

/// Which URL of a type a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Url {
    Collection,
    One,
    Related(Relationship),
    Linkage(Relationship),
    /// Bytes beside the resource, by their position.
    Content(usize),
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    List,
    Show,
    Related(Relationship),
    Linkage(Relationship),
    Create,
    /// A member of a to-many relationship, whose relationship back is implied.
    CreateIn(usize),
    Update,
    Delete,
    Relate(Relationship, Verb),
    /// Sends bytes.
    Content(usize),
    /// Takes bytes.
    Receive(usize),
}

/// Why a method is not for this URL.
pub(super) enum Refusal {
    /// 405.
    NotAllowed,
    /// 403: JSON:API wants it where a resource or relationship can't be updated.
    Forbidden,
}

impl Url {
    /// What `method` means here.
    pub(super) fn action(self, entry: &Entry, method: &Method) -> Result<Action, Refusal> {
        let read = matches!(*method, Method::GET | Method::HEAD);
        match (self, method.as_str()) {
            (Url::Collection, _) if read && entry.can.list => Ok(Action::List),
            (Url::Collection, "POST") if entry.can.create => Ok(Action::Create),
            (Url::One, _) if read => Ok(Action::Show),
            (Url::One, "PATCH") if entry.can.update => Ok(Action::Update),
            (Url::One, "PATCH") => Err(Refusal::Forbidden),
            (Url::One, "DELETE") if entry.can.delete => Ok(Action::Delete),
            (Url::Related(relationship), _) if read => Ok(Action::Related(relationship)),
            (Url::Related(Relationship::Many(at)), "POST") if entry.to_many[at].creates.is_some() => {
                Ok(Action::CreateIn(at))
            }
            (Url::Linkage(relationship), _) if read => Ok(Action::Linkage(relationship)),
            (Url::Linkage(relationship), _) => {
                let verb = verb(method).ok_or(Refusal::NotAllowed)?;
                let allowed = relate::is_allowed(entry, relationship, verb);
                if allowed { Ok(Action::Relate(relationship, verb)) } else { Err(Refusal::Forbidden) }
            }
            (Url::Content(at), _) if read => Ok(Action::Content(at)),
            (Url::Content(at), "PUT") if entry.contents[at].receive.is_some() => Ok(Action::Receive(at)),
            _ => Err(Refusal::NotAllowed),
        }
    }

    /// The value of `Allow`.
    pub(super) fn allow(self, entry: &Entry) -> String {
        let methods = [Method::GET, Method::HEAD, Method::POST, Method::PATCH, Method::PUT, Method::DELETE];
        let allowed = methods.iter().filter(|method| self.action(entry, method).is_ok()).map(Method::as_str);
        allowed.chain(["OPTIONS"]).collect::<Vec<_>>().join(", ")
    }
}

fn verb(method: &Method) -> Option<Verb> {
    match method.as_str() {
        "PATCH" => Some(Verb::Replace),
        "POST" => Some(Verb::Add),
        "DELETE" => Some(Verb::Remove),
        _ => None,
    }
}

impl Action {
    /// Whether it is asked for by `POST`.
    pub(super) fn is_post(self) -> bool {
        matches!(self, Action::Create | Action::CreateIn(_) | Action::Relate(_, Verb::Add))
    }

    /// Whether a request document belongs to it.
    pub(super) fn takes_document(self) -> bool {
        matches!(self, Action::Create | Action::CreateIn(_) | Action::Update | Action::Relate(..))
    }
}
