//! URLs beside those of resources: all of them, each with what is mounted there.
//!
//! A URL is mounted by being in this list, so that whoever asks for [`paths`] misses none.

use super::{answer, described, health, operations, pages, root, routes::BASE};
use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder,
    http::{Method, StatusCode, header::ALLOW},
    web,
};

const METHODS: &str = "GET, HEAD, OPTIONS";

/// A URL, and what makes the resource that answers there from its patterns.
pub(super) type Beside = (&'static str, fn(Vec<String>) -> Resource);

fn all() -> impl Iterator<Item = Beside> {
    [&root::URLS[..], &operations::URLS, &described::URLS, &pages::URLS, &health::URLS].concat().into_iter()
}

/// The paths of all of them, as patterns: `/errors/{code}`.
pub fn paths() -> impl Iterator<Item = &'static str> {
    all().map(|(path, _)| path)
}

/// Those below the API's base, with and without a slash at the end, as the API's other URLs.
pub(super) fn below_base() -> impl Iterator<Item = Resource> {
    let tails = all().filter_map(|(path, resource)| Some((path.strip_prefix(BASE)?, resource)));
    tails.map(|(tail, resource)| resource(vec![tail.to_owned(), format!("{tail}/")]))
}

/// All others.
pub(super) fn elsewhere() -> impl Iterator<Item = Resource> {
    all().filter(|(path, _)| !path.starts_with(BASE)).map(|(path, resource)| resource(vec![path.to_owned()]))
}

/// What takes GET and HEAD only.
pub(super) fn read_only<F, Args>(patterns: Vec<String>, handler: F) -> Resource
where
    F: Handler<Args> + Clone,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(patterns)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .default_service(web::to(other_method))
}

async fn other_method(request: HttpRequest) -> HttpResponse {
    match *request.method() {
        Method::OPTIONS => answer::with(StatusCode::NO_CONTENT).insert_header((ALLOW, METHODS)).finish(),
        _ => answer::not_allowed(request.method().as_str(), METHODS.to_owned()),
    }
}
