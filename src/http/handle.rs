//! The generic handler: a request becomes a read or a write of the generic layer.

use super::{
    admit::{self, too_many},
    answer,
    api::{Known, Shared},
    body, client,
    conditions::{self, Conditions},
    content,
    done::{Done, Made},
    idempotency::{self, Keyed},
    transact::transact,
    url::{Action, Refusal, Url},
};
use crate::{
    db::Id,
    jsonapi::{
        document::{self, Expect, Linkage, ResourceObject},
        error::{Code, ErrorObject, Errors},
        media_type,
    },
    resource::{
        Error, Registry, Result, Viewer,
        document::Document,
        plan::{Context, Plan, Shape},
        read::{Reader, Top},
        registry::{Entry, Relationship},
        relate::{self, Change},
        replay::About,
        write::{Created, Tx},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
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
    conditions: Conditions,
    key: Result<Option<Keyed>, ErrorObject>,
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

    fn is_anonymous(&self) -> bool {
        is_anonymous(self.action, &self.entry)
    }

    /// What the URL names.
    fn owner(&self) -> Option<About> {
        self.id.map(|id| About { kind: self.entry.kind.to_owned(), id })
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

    /// The query and the document, or what is wrong with them: an answer like any other.
    fn understood(&self, registry: &Registry, viewer: &Viewer) -> Result<Understood> {
        idempotency::judged(&self.key, self.plan(registry, viewer).and_then(|plan| Ok((plan, self.sent()?))))
    }

    fn reader<'a>(&'a self, registry: &'a Registry, viewer: &'a Viewer, plan: &'a Plan) -> Reader<'a> {
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

/// An error as a response; the wait of one that says when to come back goes into its header too.
pub(super) fn failed(error: Error) -> HttpResponse {
    if let Error::Api(problems) = &error {
        let wait = problems.iter().next().and_then(|problem| problem.meta.get("retry_after"));
        if let Some(seconds) = wait.and_then(serde_json::Value::as_u64) {
            return answer::retry_later(problems, seconds);
        }
    }
    answer::failure(error)
}

async fn read(asked: Asked, shared: web::Data<Shared>) -> Result<HttpResponse> {
    let app = shared.clone().into_inner();
    let (known, document, is_known) = shared
        .database
        .read(move |conn| -> Result<(Known, Document, bool)> {
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
            asked.conditions.precondition.check_read(&document.tag)?;
            let is_known = asked.conditions.is_known(&document);
            Ok((known, document, is_known))
        })
        .await?;
    note_use(known, &shared);
    if is_known {
        return Ok(conditions::not_modified(&document));
    }
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

/// What a request asks to be written, or what is wrong with it.
type Understood = Result<(Plan, Sent), Errors>;

async fn write(asked: Asked, shared: web::Data<Shared>) -> Result<HttpResponse> {
    let app = shared.clone().into_inner();
    // Everything that can be refused without a transaction is; with a key, the refusal has to be kept.
    let (asked, known, understood) = shared
        .database
        .read(move |conn| -> Result<(Asked, Known, Understood)> {
            let known = asked.admit(&app, conn)?;
            let understood = asked.understood(&app.api.registry, &known.viewer)?;
            Ok((asked, known, understood))
        })
        .await?;
    if let Ok((_, sent)) = &understood {
        refuse_name(&asked, sent, &shared)?;
    }
    note_use(known, &shared);
    let (key, owner) = (asked.key.clone()?, asked.owner());
    let work = move |tx: &mut Tx<'_>| {
        tx.precondition = asked.conditions.precondition.clone();
        match &understood {
            Ok((plan, sent)) => act(tx, &asked, plan, sent),
            Err(problems) => Err(problems.clone().into()),
        }
    };
    let Some(key) = key else {
        return Ok(transact(&shared, known.viewer, work).await?.response());
    };
    let about = owner.clone();
    let work = move |tx: &mut Tx<'_>| Ok(work(tx)?.kept(about.clone()));
    idempotency::once(&shared, known.viewer, (key, owner), work).await
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
            Ok(Done::Nothing(None))
        }
        (Action::Relate(relationship, verb), Sent::Linkage(linkage)) => {
            let id = asked.id()?;
            let as_sent = entry.writes.relate(tx, entry, id, Change { relationship, verb, linkage })?;
            let is_conditional = !asked.conditions.precondition.is_none();
            if as_sent && !is_conditional {
                return Ok(Done::Nothing(None));
            }
            let viewer = tx.viewer;
            match asked.reader(tx.registry, &viewer, plan).linkage(tx.conn, entry, id, relationship) {
                Ok(now) if as_sent => Ok(Done::Nothing(Some(now.tag))),
                // Whoever leaves doesn't see what they left.
                Err(Error::Api(_)) if as_sent => Ok(Done::Nothing(None)),
                now => now.map(Done::Changed),
            }
        }
        _ => Err(Error::Internal("a read was taken for a write".to_owned())),
    }
}

fn answer_created(tx: &mut Tx<'_>, asked: &Asked, (entry, plan): (&Entry, &Plan), created: Created) -> Result<Done> {
    let viewer = created.viewer.unwrap_or(tx.viewer);
    let location = format!("{}/{}/{}", asked.base, entry.path, created.id);
    let top = Top { this: &location, meta: created.meta.as_deref() };
    let document = asked.reader(tx.registry, &viewer, plan).written(tx.conn, entry, created.id, top)?;
    let about = About { kind: entry.kind.to_owned(), id: created.id };
    let (fresh, authorization) = (created.fresh, created.authorization);
    Ok(Done::Created(Made { document, location, fresh, authorization, about }))
}
