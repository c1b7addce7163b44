//! What a write has done, on its way to becoming an answer: at once, or by way of being kept for a second one.

use super::answer;
use crate::resource::{
    Tag,
    document::Document,
    replay::{About, Kept},
};
use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{AUTHORIZATION, LOCATION},
    },
};

/// What a write has done.
pub(super) enum Done {
    Created(Made),
    Changed(Document),
    /// With the tag of what is there now, where that is of use.
    Nothing(Option<Tag>),
}

/// What a create has made, or found.
pub(super) struct Made {
    pub(super) document: Document,
    pub(super) location: String,
    pub(super) fresh: bool,
    pub(super) authorization: Option<String>,
    pub(super) about: About,
}

impl Made {
    fn status(&self) -> StatusCode {
        if self.fresh { StatusCode::CREATED } else { StatusCode::OK }
    }
}

impl Done {
    pub(super) fn response(self) -> HttpResponse {
        match self {
            Done::Nothing(now) => answer::nothing(now.as_ref()),
            Done::Changed(document) => answer::document(StatusCode::OK, document),
            Done::Created(made) => {
                let mut response = answer::document(made.status(), made.document);
                for (name, value) in [(LOCATION, Some(made.location)), (AUTHORIZATION, made.authorization)] {
                    if let Some(value) = value.and_then(|value| value.parse().ok()) {
                        response.headers_mut().insert(name, value);
                    }
                }
                response
            }
        }
    }

    /// The answer to keep; `owner` is what the URL names, if it names something.
    ///
    /// An `Authorization` is never kept: what gives one out takes no keys.
    pub(super) fn kept(self, owner: Option<About>) -> Kept {
        match self {
            Done::Created(made) => {
                let status = made.status();
                Kept { location: Some(made.location), ..of(status, made.document, Some(made.about)) }
            }
            Done::Changed(document) => of(StatusCode::OK, document, owner),
            Done::Nothing(now) => Kept {
                status: StatusCode::NO_CONTENT.as_u16(),
                media_type: None,
                language: None,
                location: None,
                tag: now.map(|now| now.to_string()),
                body: Vec::new(),
                about: owner,
            },
        }
    }
}

fn of(status: StatusCode, document: Document, about: Option<About>) -> Kept {
    Kept {
        status: status.as_u16(),
        media_type: Some(answer::media_type(&document).to_owned()),
        language: None,
        location: None,
        tag: Some(document.tag.to_string()),
        body: document.bytes,
        about,
    }
}
