//! The same list as somebody would write it for this one URL: actix-web, diesel's typed statements on the concrete
//! connections, a document written straight into bytes. It is what the generic layer is measured against.
//!
//! It does the same work: the bearer token is looked up, only what the viewer may see is read, the page is the union
//! of two limited halves, and the answer is the same to the byte. It doesn't do what only a generic layer must:
//! any other sort, filter, include, fieldset, page style, negotiation beyond `Accept`, CORS, rate limits, logs.

mod document;
mod rows;

use crate::Outcome;
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST, VARY},
    web,
};
use serde::Deserialize;
use std::net::SocketAddr;

pub(crate) use document::write;
pub(crate) use rows::{Conn, Pool, authenticate, chats, conversations, load, users};

const MEDIA_TYPE: &str = "application/vnd.api+json";
const INCLUDE: &str = "chat,first_user,second_user";

/// Serves the list at the same path as the real server. Needs an actix runtime.
pub(crate) fn serve(pool: Pool) -> Outcome<SocketAddr> {
    let blocking_threads = pool.size().div_ceil(crate::processors());
    let pool = web::Data::new(pool);
    let app = move || App::new().app_data(pool.clone()).route(crate::PATH, web::get().to(list));
    let server = HttpServer::new(app).worker_max_blocking_threads(blocking_threads).disable_signals();
    let server = server.bind(("127.0.0.1", 0))?;
    let address = server.addrs()[0];
    actix_web::rt::spawn(server.run());
    Ok(address)
}

/// The parameters that this URL takes.
#[derive(Deserialize)]
struct Query {
    sort: Option<String>,
    include: Option<String>,
    #[serde(rename = "page[number]", default = "first")]
    number: i64,
    #[serde(rename = "page[size]", default = "by_default")]
    size: i64,
}

fn first() -> i64 {
    1
}

fn by_default() -> i64 {
    25
}

impl Query {
    fn is_known(&self) -> bool {
        let sort_is_known = self.sort.as_deref().is_none_or(|sort| sort == "-chat_updated_at");
        sort_is_known && self.include.as_deref() == Some(INCLUDE) && self.number == 1 && (1..=100).contains(&self.size)
    }
}

async fn list(request: HttpRequest, query: web::Query<Query>, pool: web::Data<Pool>) -> HttpResponse {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if header(ACCEPT).is_some_and(|accepted| accepted != MEDIA_TYPE && accepted != "*/*") {
        return HttpResponse::NotAcceptable().finish();
    }
    if !query.is_known() {
        return HttpResponse::BadRequest().finish();
    }
    let Some(token) = header(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned) else {
        return HttpResponse::Unauthorized().finish();
    };
    let base = format!("http://{}/api/v1", header(HOST).unwrap_or("localhost"));
    let size = query.size;
    let document = web::block(move || answer(&pool, &token, &base, size)).await;
    match document {
        Ok(Ok(Some(document))) => HttpResponse::Ok()
            .insert_header((VARY, "Accept, Authorization, Accept-Language"))
            .insert_header((CACHE_CONTROL, "private, no-cache"))
            .insert_header((CONTENT_TYPE, MEDIA_TYPE))
            .body(document),
        Ok(Ok(None)) => HttpResponse::Unauthorized().finish(),
        _ => HttpResponse::InternalServerError().finish(),
    }
}

/// The document, or nothing for a token that nobody has.
fn answer(pool: &Pool, token: &str, base: &str, size: i64) -> Result<Option<Vec<u8>>, rows::Failure> {
    let mut conn = pool.get()?;
    let Some(viewer) = authenticate(&mut conn, token)? else { return Ok(None) };
    let loaded = load(&mut conn, viewer, size)?;
    Ok(Some(write(&loaded, viewer, base, size)))
}
