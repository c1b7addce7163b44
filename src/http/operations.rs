//! `POST /operations`: atomic operations on every type.
//!
//! The order of checks is that of single requests; a token is needed whatever the operations are.
//! Spec: <https://jsonapi.org/ext/atomic/> (AO-13, AO-49, AO-50)

use super::{
    admit, answer,
    api::{Known, Shared},
    beside::Beside,
    body, client, handle,
    idempotency::{self, Keyed},
    transact::transact,
};
use crate::{
    jsonapi::{
        atomic::{self, Data, Op, Operation, Target},
        document::Identifier,
        error::{ErrorObject, Errors},
        media_type::{self, ATOMIC, JSON_API_ATOMIC},
    },
    resource::{
        Result, Tx, operations,
        plan::fields::{self, Fields},
        replay::{About, Kept},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{ACCEPT, ALLOW, CONTENT_ENCODING, CONTENT_TYPE},
    },
    web::{self, Bytes, Payload},
};
use std::{net::IpAddr, sync::Arc};

/// Where they are posted to, below the API's base.
const PATH: &str = "/operations";
pub(super) const URLS: [Beside; 1] = [("/api/v1/operations", |at| web::resource(at).to(handle))];
/// What can be done there.
const METHODS: &str = "POST, OPTIONS";

/// Answers whatever is sent to [`PATH`].
async fn handle(request: HttpRequest, payload: Payload, shared: web::Data<Shared>) -> HttpResponse {
    match *request.method() {
        Method::POST => {}
        Method::OPTIONS => return answer::with(StatusCode::NO_CONTENT).insert_header((ALLOW, METHODS)).finish(),
        _ => return answer::not_allowed(request.method().as_str(), METHODS.to_owned()),
    }
    let asked = match Asked::of(&request, payload, &shared).await {
        Ok(asked) => asked,
        Err(error) => return answer::failure(error),
    };
    match tokio::time::timeout(shared.config.request_timeout, carry_out(asked, &shared)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => handle::failed(error),
        Err(_) => answer::unavailable(1),
    }
}

/// A request, taken apart; what is wrong with its parts is judged in its turn.
struct Asked {
    token: Option<String>,
    address: IpAddr,
    base: String,
    query: String,
    content_type: Result<(), ErrorObject>,
    key: Result<Option<Keyed>, ErrorObject>,
    body: Result<Bytes, ErrorObject>,
}

/// The operations and what to show of resources, or what is wrong with them.
type Understood = Result<(Fields, Vec<Operation>), Errors>;

impl Asked {
    async fn of(request: &HttpRequest, payload: Payload, shared: &Shared) -> Result<Self> {
        let accept = request.headers().get_all(ACCEPT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        media_type::accept(accept, Some(ATOMIC))?;
        let config = &shared.config;
        let body = body::read(request, payload, config.max_body_bytes, config.request_timeout).await;
        let key = match &body {
            Ok(body) if shared.api.answers.is_some() => idempotency::key(request, (PATH, body), config),
            _ => Ok(None),
        };
        Ok(Self {
            token: client::token(request),
            address: client::address(request, config),
            base: client::base(request, config),
            query: request.query_string().to_owned(),
            content_type: media_type::content_type(client::header(request, CONTENT_TYPE).as_deref(), Some(ATOMIC))
                .and_then(|()| media_type::content_coding(client::header(request, CONTENT_ENCODING).as_deref())),
            key,
            body,
        })
    }

    /// Everything that can be refused without a transaction is.
    fn admit(&self, shared: &Shared, conn: &mut crate::db::Conn) -> Result<(Known, Understood)> {
        let known = admit::known(self.token.as_deref(), shared, conn)?;
        admit::refuse_too_many(self.address, false, shared)?;
        let body = admit::fit(&self.content_type, &self.query, &self.body)?;
        Ok((known, idempotency::judged(&self.key, self.understood(shared, body))?))
    }

    fn understood(&self, shared: &Shared, body: &[u8]) -> Result<(Fields, Vec<Operation>)> {
        let registry = &shared.api.registry;
        let fields = fields::only(registry, &self.query)?;
        let locate = |href: &str| operations::locate(registry, &self.base, href);
        Ok((fields, atomic::parse(body, shared.config.max_operations.get(), &locate)?))
    }
}

async fn carry_out(asked: Asked, shared: &web::Data<Shared>) -> Result<HttpResponse> {
    let app = shared.clone().into_inner();
    let admitted = shared.database.read(move |conn| -> Result<_> {
        let (known, understood) = asked.admit(&app, conn)?;
        Ok((known, understood, asked.base, asked.key?))
    });
    let (known, understood, base, key) = admitted.await?;
    handle::note_use(known, shared);
    let understood = Arc::new(understood);
    let asked = Arc::clone(&understood);
    let work = move |tx: &mut Tx<'_>| match &*understood {
        Ok((fields, operations)) => operations::carry_out(tx, operations, &base, fields),
        Err(problems) => Err(problems.clone().into()),
    };
    match key {
        None => Ok(answer::results(transact(shared, known.viewer, work).await?)),
        Some(key) => {
            let work = move |tx: &mut Tx<'_>| Ok(kept(work(tx)?));
            let told = move |kept: &Kept| told(kept, asked.as_ref().as_ref().map_or(&[][..], |(_, asked)| asked));
            idempotency::once(shared, known.viewer, (key, None), work, told).await
        }
    }
}

/// What an answer tells of: the resources in its results and the targets of operations, but those that the request itself
/// removed; of a refusal, the target of the operation that failed.
fn told(kept: &Kept, operations: &[Operation]) -> Vec<About> {
    let about = |one: &Identifier| Some(About { kind: one.kind.clone(), id: one.id.as_deref()?.parse().ok()? });
    if let Some(problems) = Errors::read(&kept.body).filter(|_| kept.status >= 400) {
        let failed = operations.iter().filter(|operation| problems.point_into(&operation.at()));
        return failed.filter_map(target).filter_map(about).collect();
    }
    // What is removed from a relationship is the members.
    let removed = operations.iter().filter(|one| one.op == Op::Remove && matches!(one.target, Target::Resource(_)));
    let removed: Vec<&Identifier> = removed.filter_map(target).collect();
    let results = atomic::told(&kept.body).into_iter().zip(operations).filter_map(|(result, operation)| {
        let lid = match &operation.data {
            Data::Resource(sent) => sent.lid.clone(),
            _ => None,
        };
        Some(Identifier { lid, ..result? })
    });
    let targets = operations.iter().filter(|operation| operation.op != Op::Remove).filter_map(target).cloned();
    let stays = |one: &Identifier| !removed.iter().any(|gone| names(gone, one));
    targets.chain(results).filter(stays).filter_map(|one| about(&one)).collect()
}

/// Whether two identifiers are of one resource of the request.
fn names(one: &Identifier, other: &Identifier) -> bool {
    let id = |one: &Identifier| one.id.as_deref().map(str::to_ascii_lowercase);
    let has_id = one.id.is_some() && id(one) == id(other);
    one.kind == other.kind && (has_id || one.lid.is_some() && one.lid == other.lid)
}

/// The resource that an operation is about, if there was one before it.
fn target(operation: &Operation) -> Option<&Identifier> {
    match &operation.target {
        Target::Collection(_) => None,
        Target::Resource(one) | Target::Relationship(one, _) | Target::Related(one, _) => Some(one),
    }
}

/// It tells of many resources; see [`told`].
fn kept(document: Option<Vec<u8>>) -> Kept {
    let (status, media_type) = match &document {
        Some(_) => (StatusCode::OK, Some(JSON_API_ATOMIC.to_owned())),
        None => (StatusCode::NO_CONTENT, None),
    };
    let body = document.unwrap_or_default();
    Kept { status: status.as_u16(), media_type, language: None, location: None, tag: None, body, about: None }
}
