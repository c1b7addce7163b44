//! The generic handler: a request becomes a read or a write of the generic layer.

use super::{
    admit::{self, too_many},
    answer,
    api::{Known, Shared},
    body, client, content,
    transact::transact,
    url::{Action, Refusal, Url},
};
use crate::{
    db::Id,
    jsonapi::{
        document::{self, Expect, Linkage, ResourceObject},
        error::{Code, ErrorObject},
        media_type,
    },
    resource::{
        Error, Registry, Result, Viewer,
        document::Document,
        plan::{Context, Plan, Shape},
        read::{Reader, Top},
        registry::{Entry, Relationship},
        relate::{self, Change},
        write::{Created, Tx},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{ACCEPT, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION},
    },
    web::{self, Bytes, Payload},
};
use std::{net::IpAddr, sync::Arc};

/// The longest query string, in bytes.
pub(super) const LONGEST_QUERY: usize = 8192;

/// A URL of a type.
pub(super) struct Route {
    pub(super) entry: Arc<Entry>,
    pub(super) url: Url,
}

/// Answers a request to a known URL.
pub(super) async fn handle(
    route: Route,
    request: HttpRequest,
    payload: Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    // What signs somebody in, and what tells of it, is kept nowhere.
    let is_secret = route.entry.can.create_anonymously && !route.entry.can.update;
    let mut response = answered(route, request, payload, shared).await;
    if is_secret {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

async fn answered(
    Route { entry, url }: Route,
    request: HttpRequest,
    payload: Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let action = match url.action(&entry, request.method()) {
        Ok(action) => action,
        Err(_) if request.method() == Method::OPTIONS => {
            return answer::with(StatusCode::NO_CONTENT).insert_header((ALLOW, url.allow(&entry))).finish();
        }
        Err(Refusal::NotAllowed) => return answer::not_allowed(request.method().as_str(), url.allow(&entry)),
        Err(Refusal::Forbidden) => {
            return answer::failure(Error::forbidden("What is at this URL can't be changed this way."));
        }
    };
    if let Action::Content(at) | Action::Receive(at) = action {
        return content::handle(Route { entry, url }, (action, at), request, payload, shared).await;
    }
    match Asked::of(entry, action, &request, Some(payload), &shared).await {
        Ok(asked) => carry_out(asked, shared).await.unwrap_or_else(|failed| failed),
        Err(error) => answer::failure(error),
    }
}

/// 404 for a URL that is none.
pub(super) fn no_route(request: &HttpRequest) -> HttpResponse {
    let detail = format!("There is nothing at `{}`.", request.path());
    answer::failure(Error::api(Code::NotFound, detail))
}

/// A request, taken apart. What can be wrong with its parts is judged later, in the right order.
pub(super) struct Asked {
    pub(super) entry: Arc<Entry>,
    action: Action,
    id: Option<Id>,
    token: Option<String>,
    address: IpAddr,
    base: String,
    path: String,
    query: String,
    cursor_profile: bool,
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
        let content_type = request.headers().get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let content_type = match action.takes_document() && sends {
            true => media_type::content_type(content_type.as_deref(), None),
            false => Ok(()),
        };
        Ok(Self {
            id: request.match_info().get("id").and_then(|id| id.parse().ok()),
            token: client::token(request),
            address: client::address(request, config),
            base: client::base(request, config),
            path: own_path(request),
            query: request.query_string().to_owned(),
            cursor_profile: negotiated.cursor_profile,
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

    fn is_anonymous(&self) -> bool {
        self.action == Action::Create && self.entry.can.create_anonymously
    }

    /// What comes before the query and the document: token, rate, media type, size.
    pub(super) fn admit(&self, shared: &Shared, conn: &mut crate::db::Conn) -> Result<Known> {
        let known = if self.is_anonymous() {
            Known { viewer: Viewer::anonymous(), touch: false }
        } else {
            admit::known(self.token.as_deref(), shared, conn)?
        };
        admit::refuse_too_many(self.address, self.is_anonymous(), shared)?;
        self.content_type.clone()?;
        if self.query.len() > LONGEST_QUERY {
            return Err(Error::api(Code::TooLarge, format!("A query string has at most {LONGEST_QUERY} bytes.")));
        }
        if let Err(problem) = &self.body {
            return Err(problem.clone().into());
        }
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

    fn reader<'a>(&'a self, registry: &'a Registry, viewer: &'a Viewer, plan: &'a Plan) -> Reader<'a> {
        Reader { registry, viewer, base: &self.base, path: &self.path, plan }
    }
}

/// The path below the API's base, without a slash at the end.
fn own_path(request: &HttpRequest) -> String {
    let path = request.path();
    path.strip_prefix(super::routes::BASE).unwrap_or(path).trim_end_matches('/').to_ascii_lowercase()
}

/// What a request brings.
enum Sent {
    Nothing,
    Resource(ResourceObject),
    Linkage(Linkage),
}

async fn carry_out(asked: Asked, shared: web::Data<Shared>) -> Result<HttpResponse, HttpResponse> {
    let work = async {
        match asked.action {
            Action::List | Action::Show | Action::Related(_) | Action::Linkage(_) => read(asked, shared.clone()).await,
            _ => write(asked, shared.clone()).await,
        }
    };
    match tokio::time::timeout(shared.config.request_timeout, work).await {
        Ok(done) => done.map_err(failed),
        Err(_) => Err(answer::unavailable(1)),
    }
}

/// An error as a response; the wait of a 429 goes into its header too.
pub(super) fn failed(error: Error) -> HttpResponse {
    if let Error::Api(problems) = &error {
        let first = problems.iter().next();
        let wait = first
            .filter(|problem| problem.code == Code::RateLimited)
            .and_then(|problem| problem.meta.get("retry_after"));
        if let Some(seconds) = wait.and_then(serde_json::Value::as_u64) {
            return answer::retry_later(problems, seconds);
        }
    }
    answer::failure(error)
}

async fn read(asked: Asked, shared: web::Data<Shared>) -> Result<HttpResponse> {
    let app = shared.clone().into_inner();
    let (known, document) = shared
        .database
        .read(move |conn| -> Result<(Known, Document)> {
            let known = asked.admit(&app, conn)?;
            let registry = &app.api.registry;
            let plan = asked.plan(registry, &known.viewer)?;
            let reader = asked.reader(registry, &known.viewer, &plan);
            let document = match asked.action {
                Action::List => reader.list(conn, &asked.entry),
                Action::Related(relationship) => reader.related(conn, &asked.entry, asked.id()?, relationship),
                Action::Linkage(relationship) => reader.linkage(conn, &asked.entry, asked.id()?, relationship),
                _ => reader.show(conn, &asked.entry, asked.id()?),
            }?;
            Ok((known, document))
        })
        .await?;
    note_use(known, &shared);
    Ok(answer::document(StatusCode::OK, document))
}

/// Notes the use of a token behind the answer's back, once in a while.
pub(super) fn note_use(known: Known, shared: &web::Data<Shared>) {
    if !known.touch {
        return;
    }
    let shared = shared.clone();
    actix_web::rt::spawn(async move {
        let api = shared.api.clone();
        let touched = shared.database.write(move |conn| (api.touch)(conn, known.viewer, &*api.settings)).await;
        if let Err(error) = touched {
            tracing::warn!(?error, "the use of a token was not noted");
        }
    });
}

async fn write(asked: Asked, shared: web::Data<Shared>) -> Result<HttpResponse> {
    let app = shared.clone().into_inner();
    // Everything that can be refused without a transaction is.
    let (asked, known, plan, sent) = shared
        .database
        .read(move |conn| -> Result<(Asked, Known, Plan, Sent)> {
            let known = asked.admit(&app, conn)?;
            let plan = asked.plan(&app.api.registry, &known.viewer)?;
            let sent = asked.sent()?;
            Ok((asked, known, plan, sent))
        })
        .await?;
    refuse_name(&asked, &sent, &shared)?;
    note_use(known, &shared);
    let done = transact(&shared, known.viewer, move |tx| act(tx, &asked, &plan, &sent)).await?;
    Ok(done.response())
}

/// Sign-ins are limited by name too, whatever address they come from.
fn refuse_name(asked: &Asked, sent: &Sent, shared: &Shared) -> Result<()> {
    let Sent::Resource(resource) = sent else { return Ok(()) };
    if !asked.is_anonymous() {
        return Ok(());
    }
    let name = (shared.api.limited_as)(asked.entry.kind, &resource.attributes);
    match name.and_then(|name| shared.limits.name(name)) {
        Some(seconds) => Err(too_many(seconds)),
        None => Ok(()),
    }
}

/// What a write has done.
enum Done {
    Created { document: Document, location: String, fresh: bool, authorization: Option<String> },
    Changed(Document),
    Nothing,
}

fn act(tx: &mut Tx<'_>, asked: &Asked, plan: &Plan, sent: &Sent) -> Result<Done> {
    let entry = &*asked.entry;
    match (asked.action, sent) {
        (Action::Create, Sent::Resource(sent)) => {
            let created = entry.writes.create(tx, entry, sent)?;
            answer_created(tx, asked, (entry, plan), created)
        }
        (Action::CreateIn(at), Sent::Resource(sent)) => {
            let many = &entry.to_many[at];
            let target = Arc::clone(tx.registry.target(many.target)?);
            let sent = relate::implied(tx, (entry, asked.id()?), many, sent)?;
            let created = target.writes.create(tx, &target, &sent)?;
            answer_created(tx, asked, (&target, plan), created)
        }
        (Action::Update, Sent::Resource(sent)) => {
            let id = asked.id()?;
            entry.writes.update(tx, entry, id, sent)?;
            let viewer = tx.viewer;
            Ok(Done::Changed(asked.reader(tx.registry, &viewer, plan).show(tx.conn, entry, id)?))
        }
        (Action::Delete, _) => {
            entry.writes.delete(tx, entry, asked.id()?)?;
            Ok(Done::Nothing)
        }
        (Action::Relate(relationship, verb), Sent::Linkage(linkage)) => {
            let id = asked.id()?;
            if entry.writes.relate(tx, entry, id, Change { relationship, verb, linkage })? {
                return Ok(Done::Nothing);
            }
            let viewer = tx.viewer;
            Ok(Done::Changed(asked.reader(tx.registry, &viewer, plan).linkage(tx.conn, entry, id, relationship)?))
        }
        _ => Err(Error::Internal("a read was taken for a write".to_owned())),
    }
}

fn answer_created(tx: &mut Tx<'_>, asked: &Asked, (entry, plan): (&Entry, &Plan), created: Created) -> Result<Done> {
    let viewer = created.viewer.unwrap_or(tx.viewer);
    let location = format!("{}/{}/{}", asked.base, entry.path, created.id);
    let top = Top { this: &location, meta: created.meta.as_deref() };
    let document = asked.reader(tx.registry, &viewer, plan).written(tx.conn, entry, created.id, top)?;
    Ok(Done::Created { document, location, fresh: created.fresh, authorization: created.authorization })
}

impl Done {
    fn response(self) -> HttpResponse {
        match self {
            Done::Nothing => answer::nothing(),
            Done::Changed(document) => answer::document(StatusCode::OK, document),
            Done::Created { document, location, fresh, authorization } => {
                let status = if fresh { StatusCode::CREATED } else { StatusCode::OK };
                let mut response = answer::document(status, document);
                for (name, value) in [(LOCATION, Some(location)), (AUTHORIZATION, authorization)] {
                    if let Some(value) = value.and_then(|value| value.parse().ok()) {
                        response.headers_mut().insert(name, value);
                    }
                }
                response
            }
        }
    }
}
