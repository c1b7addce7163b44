//! A request, taken apart: what it says is read here, and judged in the order of checks.

use super::{
    admit,
    api::{Known, Shared},
    body, client,
    conditions::Conditions,
    idempotency::{self, Keyed},
    url::Action,
};
use crate::{
    db::{Conn, Id},
    jsonapi::{
        document::{self, Expect, Linkage, ResourceObject},
        error::{ErrorObject, Errors},
        media_type,
    },
    resource::{
        Error, Registry, Result, Viewer,
        plan::{Context, Plan, Shape},
        read::Reader,
        registry::{Entry, Relationship},
        replay::About,
    },
};
use actix_web::{
    HttpRequest,
    http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE},
    web::{Bytes, Payload},
};
use std::{net::IpAddr, sync::Arc};

/// A request, taken apart. What can be wrong with its parts is judged later, in the right order.
pub(super) struct Asked {
    pub(super) entry: Arc<Entry>,
    pub(super) action: Action,
    id: Option<Id>,
    token: Option<String>,
    address: IpAddr,
    pub(super) base: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) cursor_profile: bool,
    pub(super) conditions: Conditions,
    pub(super) key: Result<Option<Keyed>, ErrorObject>,
    pub(super) content_type: Result<(), ErrorObject>,
    pub(super) body: Result<Bytes, ErrorObject>,
}

impl Asked {
    /// Reads the body too, unless it is nothing that can be read as a whole.
    pub(super) async fn of(
        entry: Arc<Entry>,
        action: Action,
        request: &HttpRequest,
        payload: Option<Payload>,
        shared: &Shared,
    ) -> Result<Self> {
        let accept = request.headers().get_all(ACCEPT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let negotiated = media_type::accept(accept, None)?;
        let config = &shared.config;
        let body = match payload.filter(|_| action.takes_document()) {
            Some(payload) => body::read(request, payload, config.max_body_bytes, config.request_timeout).await,
            None => Ok(Bytes::new()),
        };
        let sends = body.as_ref().map_or(true, |body| !body.is_empty());
        let content_type = match action.takes_document() && sends {
            true => media_type::content_type(client::header(request, CONTENT_TYPE).as_deref(), None)
                .and_then(|()| media_type::content_coding(client::header(request, CONTENT_ENCODING).as_deref())),
            false => Ok(()),
        };
        let path = own_path(request);
        let takes_key = shared.api.answers.is_some() && action.is_post() && !is_anonymous(action, &entry);
        let key = match &body {
            Ok(body) if takes_key => idempotency::key(request, (&path, body), config),
            _ => Ok(None),
        };
        Ok(Self {
            id: request.match_info().get("id").and_then(|id| id.parse().ok()),
            token: client::token(request),
            address: client::address(request, config),
            base: client::base(request, config),
            path,
            query: request.query_string().to_owned(),
            cursor_profile: negotiated.cursor_profile,
            conditions: Conditions::of(request),
            key,
            entry,
            action,
            content_type,
            body,
        })
    }

    /// The id in the URL; one that is no UUID names nothing.
    pub(super) fn id(&self) -> Result<Id> {
        self.id.ok_or_else(|| Error::not_found(self.entry.kind))
    }

    pub(super) fn is_anonymous(&self) -> bool {
        is_anonymous(self.action, &self.entry)
    }

    /// What the URL names.
    pub(super) fn owner(&self) -> Option<About> {
        self.id.map(|id| About { kind: self.entry.kind.to_owned(), id })
    }

    /// What comes before the query and the document: token, rate, media type, size.
    pub(super) fn admit(&self, shared: &Shared, conn: &mut Conn) -> Result<Known> {
        let known = if self.is_anonymous() {
            Known { viewer: Viewer::anonymous(), touch: false }
        } else {
            admit::known(self.token.as_deref(), shared, conn)?
        };
        admit::refuse_too_many(self.address, self.is_anonymous(), shared)?;
        admit::fit(&self.content_type, &self.query, &self.body)?;
        Ok(known)
    }

    pub(super) fn plan(&self, registry: &Registry, viewer: &Viewer) -> Result<Plan> {
        let (entry, shape) = match self.action {
            Action::List => (&self.entry, Shape::Collection(None)),
            Action::Related(Relationship::Many(at)) => {
                let many = &self.entry.to_many[at];
                (registry.target(many.target)?, Shape::Collection(Some(many.edge)))
            }
            Action::CreateIn(at) => (registry.target(self.entry.to_many[at].target)?, Shape::One),
            Action::Related(Relationship::One(at)) => (registry.target(self.entry.to_one[at].target)?, Shape::One),
            Action::Show | Action::Create | Action::Update => (&self.entry, Shape::One),
            Action::Linkage(relationship) | Action::Relate(relationship, _) => {
                (&self.entry, Shape::Linkage(relationship))
            }
            Action::Delete | Action::Content(_) | Action::Receive(_) => (&self.entry, Shape::Nothing),
        };
        let (path, cursor_profile) = (self.path.as_str(), self.cursor_profile);
        Ok(Plan::parse(Context { registry, entry, shape, viewer, path, cursor_profile }, &self.query)?)
    }

    fn sent(&self) -> Result<Sent> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        Ok(match self.action {
            Action::Create | Action::CreateIn(_) => Sent::Resource(document::parse_resource(body, Expect::Create)?),
            Action::Update => Sent::Resource(document::parse_resource(body, Expect::Update)?),
            Action::Relate(..) => Sent::Linkage(document::parse_linkage(body)?),
            _ => Sent::Nothing,
        })
    }

    /// The query and the document, or what is wrong with them: an answer like any other.
    pub(super) fn understood(&self, registry: &Registry, viewer: &Viewer) -> Result<Understood> {
        idempotency::judged(&self.key, self.plan(registry, viewer).and_then(|plan| Ok((plan, self.sent()?))))
    }

    pub(super) fn reader<'a>(&'a self, registry: &'a Registry, viewer: &'a Viewer, plan: &'a Plan) -> Reader<'a> {
        Reader { registry, viewer, base: &self.base, path: &self.path, plan }
    }
}

/// Whether nobody in particular may ask for this.
fn is_anonymous(action: Action, entry: &Entry) -> bool {
    action == Action::Create && entry.can.create_anonymously
}

/// The path below the API's base, without a slash at the end.
fn own_path(request: &HttpRequest) -> String {
    let path = request.path();
    path.strip_prefix(super::routes::BASE).unwrap_or(path).trim_end_matches('/').to_ascii_lowercase()
}

/// What a request brings.
pub(super) enum Sent {
    Nothing,
    Resource(ResourceObject),
    Linkage(Linkage),
}

/// What a request asks to be written, or what is wrong with it.
pub(super) type Understood = Result<(Plan, Sent), Errors>;
