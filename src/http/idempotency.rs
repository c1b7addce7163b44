//! `Idempotency-Key`: the key of a request, what makes it that request, and how long to wait for the same one.
//!
//! A request that is carried out elsewhere at this moment is waited for without a connection; most are done in no time.
//! Spec: <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>

use super::{answer, api::Shared, client, pages, tell, transact::transact};
use crate::{
    config::Config,
    jsonapi::{
        error::{Code, ErrorObject, Errors, Telling},
        language::Language,
    },
    resource::{
        Error, Result as Outcome, Tx, Viewer,
        replay::{self, About, HEADER, Kept, Key, Once},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION},
    },
    web,
};
use sha2::{Digest as _, Sha256};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The most characters of a key.
const LONGEST: usize = 255;
/// So long the same request is waited for.
const PATIENCE: Duration = Duration::from_secs(4);
/// Between two looks: soon at first, for what is done in no time.
const PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_millis(128);

/// The header of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request, and how its client is told of a refusal.
#[derive(Clone, Debug)]
pub(super) struct Keyed {
    key: Key,
    language: Language,
    pages: String,
}

/// The key of a request, if it has one, with the hash of what else was sent.
pub(super) fn key(
    request: &HttpRequest,
    (path, body): (&str, &[u8]),
    config: &Config,
) -> Result<Option<Keyed>, ErrorObject> {
    let mut lines = request.headers().get_all(HEADER);
    let Some(line) = lines.next() else { return Ok(None) };
    let name = line.to_str().ok().filter(|name| is_key(name) && lines.next().is_none());
    let detail = format!("`Idempotency-Key` is one word of 1 to {LONGEST} visible ASCII characters.");
    let name = name.ok_or_else(|| ErrorObject::new(Code::HeaderInvalid, detail).header(HEADER))?;
    let media_type = request.headers().get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let method = request.method().as_str();
    let parts = [method.as_bytes(), path.as_bytes(), request.query_string().as_bytes(), media_type, body];
    let key = Key { name: name.to_owned(), fingerprint: fingerprint(&parts) };
    let pages = client::root(request, config) + pages::PATH;
    Ok(Some(Keyed { key, language: tell::language(request), pages }))
}

fn is_key(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// With the lengths, so that no two requests are one text.
fn fingerprint(parts: &[&[u8]]) -> Vec<u8> {
    let hash = parts.iter().fold(Sha256::new(), |hash, part| {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hash.chain_update(length.to_be_bytes()).chain_update(part)
    });
    hash.finalize().to_vec()
}

/// What a request was understood to be. Without a key it fails where it isn't understood; with one, that is an answer
/// to be kept.
pub(super) fn judged<T>(
    key: &Result<Option<Keyed>, ErrorObject>,
    understood: Outcome<T>,
) -> Outcome<Result<T, Errors>> {
    match (key, understood) {
        (Err(key), Err(Error::Api(mut problems))) => {
            problems.extend([key.clone()]);
            Err(problems.into())
        }
        (Err(key), _) => Err(key.clone().into()),
        (Ok(Some(_)), Err(Error::Api(problems))) => Ok(Err(problems)),
        (Ok(_), understood) => understood.map(Ok),
    }
}

/// Runs `work` in a transaction, unless a request with this key ran before; a refusal is about what the URL names, if it
/// names something, and `told` says what an answer tells of beside that.
pub(super) async fn once(
    shared: &web::Data<Shared>,
    viewer: Viewer,
    (keyed, owner): (Keyed, Option<About>),
    work: impl Fn(&mut Tx<'_>) -> Outcome<Kept> + Send + Sync + 'static,
    told: impl Fn(&Kept) -> Vec<About> + Send + Sync + 'static,
) -> Outcome<HttpResponse> {
    let missing = || Error::Internal("there is nowhere to keep answers".to_owned());
    let store = shared.api.answers.ok_or_else(missing)?;
    let request = Arc::new((keyed, owner, work, told));
    let (until, mut pause) = (Instant::now() + PATIENCE, PAUSE);
    loop {
        let request = Arc::clone(&request);
        let ended = transact(shared, viewer, move |tx| {
            let (keyed, owner, work, told) = &*request;
            replay::once(tx, store, &keyed.key, work, |problems| keyed.refusal(problems, owner.clone()), told)
        });
        match ended.await? {
            Once::First(kept) => return Ok(response(kept, false)),
            Once::Again(kept) => return Ok(response(kept, true)),
            Once::InFlight if Instant::now() > until => return Err(replay::in_flight().into()),
            Once::InFlight => tokio::time::sleep(pause).await,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl Keyed {
    /// A refusal as it is told this time, and so each time.
    fn refusal(&self, problems: &Errors, about: Option<About>) -> Kept {
        Kept {
            status: problems.status(),
            media_type: Some(answer::media_type_of(problems).to_owned()),
            language: Some(self.language.tag().to_owned()),
            location: None,
            tag: None,
            body: problems.told(Telling { language: self.language, pages: Some(&self.pages) }),
            about,
        }
    }
}

/// A kept answer as a response.
fn response(kept: Kept, again: bool) -> HttpResponse {
    let mut response = answer::with(StatusCode::from_u16(kept.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in [(CONTENT_TYPE, kept.media_type), (CONTENT_LANGUAGE, kept.language), (LOCATION, kept.location)]
    {
        if let Some(value) = value {
            response.insert_header((name, value));
        }
    }
    if let Some(tag) = kept.tag {
        answer::tag(&mut response, &tag);
    }
    if again {
        response.insert_header((REPLAYED, "true"));
    }
    if let Some(problems) = (kept.status >= 400).then(|| Errors::read(&kept.body)).flatten() {
        // They are told in the language of this request, which may not be that of the first one.
        response.extensions_mut().insert(problems);
        return response.finish();
    }
    if kept.body.is_empty() { response.finish() } else { response.body(kept.body) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[track_caller]
    fn check(name: &str, is_one: bool) {
        let request = TestRequest::post().append_header((HEADER, name)).to_http_request();
        assert_eq!(key(&request, ("/chats", b""), &Config::default()).is_ok(), is_one, "{name}");
    }

    #[test]
    fn a_key_is_a_word_of_visible_ascii() {
        for name in ["1", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "~!@#", &"k".repeat(255)] {
            check(name, true);
        }
        for name in ["", "a b", "é", "a\tb", &"k".repeat(256)] {
            check(name, false);
        }
    }

    #[test]
    fn no_key_is_no_problem_and_two_are() {
        let none = TestRequest::post().to_http_request();
        assert!(key(&none, ("/chats", b""), &Config::default()).is_ok_and(|key| key.is_none()));
        let two = TestRequest::post().append_header((HEADER, "a")).append_header((HEADER, "a")).to_http_request();
        assert!(key(&two, ("/chats", b""), &Config::default()).is_err());
    }

    #[test]
    fn every_part_of_a_request_makes_it_another_one() {
        let of = |uri: &str, path: &str, media_type: &str, body: &[u8]| {
            let request = TestRequest::post().uri(uri).append_header((HEADER, "a"));
            let request = request.append_header((CONTENT_TYPE, media_type)).to_http_request();
            let keyed = key(&request, (path, body), &Config::default());
            keyed.expect("a key").expect("a key").key.fingerprint
        };
        let one = of("/?a=b", "/chats", "x/y", b"{}");
        assert_eq!(one, of("/?a=b", "/chats", "x/y", b"{}"));
        for other in [
            of("/?a=c", "/chats", "x/y", b"{}"),
            of("/?a=b", "/chat", "x/y", b"{}"),
            of("/?a=b", "/chats", "x/z", b"{}"),
            of("/?a=b", "/chats", "x/y", b"{ }"),
            of("/?a=b", "/chats", "x/y{", b"}"),
        ] {
            assert_ne!(one, other);
        }
    }
}
