//! Routes: the URLs of every resource in the registry, and those beside them. Nothing is mounted anywhere else.

use super::{
    answer,
    api::Shared,
    beside,
    handle::{self, Route},
    url::Url,
};
use crate::{
    jsonapi::{error::Code, suggest},
    openapi,
    resource::{
        Error, nearest,
        registry::{Entry, Registry},
    },
};
use actix_web::{HttpRequest, HttpResponse, Scope, web};
use std::sync::Arc;

/// Where the API is.
pub(super) const BASE: &str = openapi::SERVER;

/// Mounts the URLs of every resource, and those beside them.
///
/// A scope for each type, and collections with and without a slash apart: all of that is compared as text, where
/// trying the patterns of one type after the other was a tenth of what an answer cost the server.
pub(super) fn mount(shared: &Shared, app: &mut web::ServiceConfig) {
    let types = shared.api.registry.entries().iter();
    let base = types.fold(web::scope(BASE), |base, entry| base.service(scope(entry)));
    app.service(beside::below_base().fold(base, Scope::service));
    beside::elsewhere().for_each(|resource| {
        app.service(resource);
    });
}

/// The URLs of a type.
fn scope(entry: &Arc<Entry>) -> Scope {
    let at = |tail: &str| [format!("/{{id}}{tail}"), format!("/{{id}}{tail}/")];
    let mut scope = web::scope(&format!("/{}", entry.path));
    for (position, content) in entry.contents.iter().enumerate() {
        let tail = format!("/{}", content.name);
        scope = scope.service(web::resource(at(&tail)).to(handler(entry, move |_, _| Some(Url::Content(position)))));
    }
    scope
        .service(web::resource("").to(handler(entry, |_, _| Some(Url::Collection))))
        .service(web::resource("/").to(handler(entry, |_, _| Some(Url::Collection))))
        .service(web::resource(at("")).to(handler(entry, |_, _| Some(Url::One))))
        .service(
            web::resource(at("/relationships/{name}"))
                .to(handler(entry, |entry, name| entry.relationship(name).map(Url::Linkage))),
        )
        .service(
            web::resource(at("/{name}")).to(handler(entry, |entry, name| entry.relationship(name).map(Url::Related))),
        )
}

/// The handler of one of a type's URLs.
fn handler(
    entry: &Arc<Entry>,
    url: impl Fn(&Entry, &str) -> Option<Url> + Clone + 'static,
) -> impl Fn(HttpRequest, web::Payload, web::Data<Shared>) -> futures_util::future::LocalBoxFuture<'static, HttpResponse>
+ Clone
+ 'static {
    let entry = Arc::clone(entry);
    move |request, payload, shared| {
        let name = request.match_info().get("name").unwrap_or_default();
        let url = url(&entry, name);
        let route = url.map(|url| Route { entry: Arc::clone(&entry), url });
        Box::pin(async move {
            match route {
                Some(route) => handle::handle(route, request, payload, shared).await,
                None => no_route(&request),
            }
        })
    }
}

/// 404 for a URL that is none.
pub(super) fn no_route(request: &HttpRequest) -> HttpResponse {
    let path = request.path();
    let shared = request.app_data::<web::Data<Shared>>();
    let meant = shared.and_then(|shared| meant(&shared.api.registry, path));
    let hint = meant.map(suggest::said).unwrap_or_default();
    let detail = format!("There is nothing at `{path}`.{hint}");
    answer::failure(Error::api(Code::NotFound, detail))
}

/// The path that was most probably meant: a misspelt one of ours, or one of the API without its base.
fn meant(registry: &Registry, path: &str) -> Option<String> {
    let (below, elsewhere): (Vec<_>, Vec<_>) =
        beside::paths().filter(|path| !path.contains('{')).partition(|path| path.starts_with(BASE));
    let below: Vec<&str> = below.iter().filter_map(|path| path.strip_prefix(BASE)?.strip_prefix('/')).collect();
    if let Some(path) = path.strip_prefix(BASE) {
        return nearest::path(registry, path, &below).map(|meant| format!("{BASE}/{meant}"));
    }
    if BASE.starts_with(path.trim_end_matches('/')) {
        return Some(BASE.to_owned());
    }
    let outside = suggest::closest(path, elsewhere).map(str::to_owned);
    outside.or_else(|| nearest::known(registry, path, &below).map(|meant| format!("{BASE}/{meant}")))
}
