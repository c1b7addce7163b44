//! The generic handler: a request becomes a read or a write of the generic layer.

use super::{
    answer,
    api::{Known, Shared},
    asked::Asked,
    content,
    read::read,
    url::{Action, Refusal, Url},
    write::write,
};
use crate::resource::{Error, Result, registry::Entry};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{ALLOW, CACHE_CONTROL, HeaderValue},
    },
    web::{self, Payload},
};
use std::sync::Arc;

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
            let (method, allowed) = (request.method(), url.allow(&entry));
            let detail = format!("What is at this URL can't be changed by `{method}`; try {allowed}.");
            return answer::failure(Error::forbidden(detail));
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
