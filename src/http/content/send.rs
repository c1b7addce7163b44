//! `GET`: bytes, or a range of them.
//!
//! | asked | answer |
//! |---|---|
//! | `If-Match` with another tag | 412 |
//! | `If-None-Match` with the present tag | 304 |
//! | one range that there is | 206 |
//! | one range that there isn't | 416 |
//! | several ranges, no bytes, another tag in `If-Range` | 200, all of it |
//!
//! A file is something to be saved, whatever it claims to be: it never runs in the name of this server.

use super::{Refused, storage};
use crate::{
    http::{
        answer,
        api::Shared,
        asked::Asked,
        conditions,
        handle::{failed, note_use},
    },
    jsonapi::error::{Code, ErrorObject},
    resource::{
        Error,
        content::{Content, Stored},
    },
    storage::StorageError,
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    http::{
        Method, StatusCode,
        header::{
            self, ACCEPT_RANGES, ByteRangeSpec, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, Charset, ContentDisposition, DispositionParam, DispositionType, ETAG, EntityTag,
            ExtendedValue, Header as _, HeaderValue, HttpDate, IF_NONE_MATCH, IF_RANGE, IfNoneMatch, IfRange,
            LAST_MODIFIED, RANGE, X_CONTENT_TYPE_OPTIONS,
        },
    },
    web,
};
use futures_util::TryStreamExt as _;
use std::ops::Range;

pub(super) async fn send(
    asked: Asked,
    content: Content,
    request: &HttpRequest,
    shared: &web::Data<Shared>,
) -> Result<HttpResponse, Refused> {
    let precondition = asked.conditions.precondition.clone();
    let stored = find(asked, content, shared).await?;
    precondition.check_bytes(&stored.tag, Some(stored.modified))?;
    let tag = EntityTag::new_strong(stored.tag.clone());
    if is_known(request, &tag) {
        return Ok(started(StatusCode::NOT_MODIFIED, &tag).finish());
    }
    let size = size(&stored, shared).await?;
    let (status, range) = match wanted(request, &tag, size) {
        Wanted::All => (StatusCode::OK, 0..size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => return Err(Refused::Range(size)),
    };
    let mut response = started(status, &tag);
    describe(&mut response, &stored);
    if status == StatusCode::PARTIAL_CONTENT {
        response.insert_header((CONTENT_RANGE, format!("bytes {}-{}/{size}", range.start, range.end - 1)));
    }
    let length = range.end - range.start;
    if request.method() == Method::HEAD {
        return Ok(response.body(SizedStream::new(length, futures_util::stream::empty::<Result<_, StorageError>>())));
    }
    let key = stored.key;
    let bytes = storage(shared)?.read(key, range).await.map_err(|error| lost(&stored, error))?;
    // The answer has begun: all that is left is to break it off, and to say so here.
    let broken = move |error: &StorageError| tracing::error!(area = key.area, id = %key.id, %error, "bytes broke off");
    Ok(response.body(SizedStream::new(length, Box::pin(bytes.inspect_err(broken)))))
}

async fn find(asked: Asked, content: Content, shared: &web::Data<Shared>) -> Result<Stored, Refused> {
    let app = shared.clone().into_inner();
    let found = shared.database.read(move |conn| {
        let known = asked.admit(&app, conn)?;
        asked.plan(&app.api.registry, &known.viewer)?;
        let stored = (content.find)(conn, &known.viewer, &asked.entry, asked.id()?)?;
        Ok::<_, Error>((known, stored))
    });
    let (known, stored) = found.await?;
    note_use(known, shared);
    Ok(stored)
}

async fn size(stored: &Stored, shared: &Shared) -> Result<u64, Refused> {
    match stored.size {
        Some(size) => Ok(size),
        None => storage(shared)?.size(stored.key).await.map_err(|error| lost(stored, error)),
    }
}

/// Where the database speaks of bytes that the storage doesn't have, there are none.
fn lost(stored: &Stored, error: StorageError) -> Refused {
    if !matches!(error, StorageError::Missing) {
        return Refused::Storage(error);
    }
    tracing::error!(area = stored.key.area, id = %stored.key.id, "bytes are gone from the storage");
    Refused::Error(Error::api(Code::NotFound, "The bytes are gone."))
}

fn started(status: StatusCode, tag: &EntityTag) -> HttpResponseBuilder {
    let mut response = answer::with(status);
    response.insert_header((ETAG, tag.to_string()));
    response.insert_header((ACCEPT_RANGES, "bytes"));
    response.insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}

fn describe(response: &mut HttpResponseBuilder, stored: &Stored) {
    let media_type = HeaderValue::from_str(&stored.media_type);
    let unknown = HeaderValue::from_static("application/octet-stream");
    response.insert_header((CONTENT_TYPE, media_type.unwrap_or(unknown)));
    response.insert_header((CONTENT_DISPOSITION, disposition(&stored.file_name)));
    if let Some(modified) = conditions::settled(Some(stored.modified)) {
        response.insert_header((LAST_MODIFIED, HttpDate::from(modified)));
    }
    response.insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
}

/// A name in ASCII for old clients, and the true one where that differs.
fn disposition(name: &str) -> ContentDisposition {
    let plain = |c: char| if c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\' | '%') { c } else { '_' };
    let fallback: String = name.chars().map(plain).collect();
    let differs = fallback != name;
    let mut parameters = vec![DispositionParam::Filename(fallback)];
    if differs {
        parameters.push(DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: name.as_bytes().to_vec(),
        }));
    }
    ContentDisposition { disposition: DispositionType::Attachment, parameters }
}

fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    if !request.headers().contains_key(IF_NONE_MATCH) {
        return false;
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

#[derive(Debug, PartialEq)]
enum Wanted {
    All,
    Part(Range<u64>),
    Nothing,
}

fn wanted(request: &HttpRequest, tag: &EntityTag, size: u64) -> Wanted {
    let headers = request.headers();
    if !headers.contains_key(RANGE) || headers.contains_key(IF_RANGE) && !is_of(request, tag) {
        return Wanted::All;
    }
    let Ok(header::Range::Bytes(ranges)) = header::Range::parse(request) else { return Wanted::All };
    match ranges.as_slice() {
        [ByteRangeSpec::FromTo(from, to)] if from > to => Wanted::All,
        [range] => match range.to_satisfiable_range(size) {
            Some((from, to)) => Wanted::Part(from..to + 1),
            None => Wanted::Nothing,
        },
        _ => Wanted::All,
    }
}

/// Whether the client's part is of these bytes. They have no date to compare with.
fn is_of(request: &HttpRequest, tag: &EntityTag) -> bool {
    matches!(IfRange::parse(request), Ok(IfRange::EntityTag(known)) if known.strong_eq(tag))
}

/// 416.
pub(super) fn unsatisfiable(size: u64) -> HttpResponse {
    let detail = format!("There are {size} bytes; the range lies outside of them.");
    let mut response = failed(ErrorObject::new(Code::RangeNotSatisfiable, detail).header("Range").into());
    let range = HeaderValue::from_str(&format!("bytes */{size}"));
    if let Ok(range) = range {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{Wanted, disposition, wanted};
    use actix_web::{http::header::EntityTag, test::TestRequest};

    #[track_caller]
    fn check(headers: &[(&str, &str)], size: u64, expected: Wanted) {
        let mut request = TestRequest::get();
        for header in headers {
            request = request.append_header(*header);
        }
        let tag = EntityTag::new_strong("abc".to_owned());
        assert_eq!(wanted(&request.to_http_request(), &tag, size), expected, "{headers:?}");
    }

    #[test]
    fn one_range_is_a_part() {
        check(&[("range", "bytes=0-0")], 10, Wanted::Part(0..1));
        check(&[("range", "bytes=2-")], 10, Wanted::Part(2..10));
        check(&[("range", "bytes=-3")], 10, Wanted::Part(7..10));
        check(&[("range", "bytes=-30")], 10, Wanted::Part(0..10));
        check(&[("range", "bytes=5-100")], 10, Wanted::Part(5..10));
    }

    #[test]
    fn a_range_outside_is_nothing() {
        check(&[("range", "bytes=10-")], 10, Wanted::Nothing);
        check(&[("range", "bytes=-0")], 10, Wanted::Nothing);
        check(&[("range", "bytes=0-0")], 0, Wanted::Nothing);
    }

    #[test]
    fn what_is_no_single_range_of_bytes_is_all() {
        check(&[], 10, Wanted::All);
        for range in ["bytes=0-1,3-4", "bytes=5-2", "lines=0-1", "bytes", "bytes=a-b", ""] {
            check(&[("range", range)], 10, Wanted::All);
        }
    }

    #[test]
    fn a_part_of_other_bytes_is_not_continued() {
        let range = ("range", "bytes=5-");
        check(&[range, ("if-range", "\"abc\"")], 10, Wanted::Part(5..10));
        for other in ["\"abd\"", "W/\"abc\"", "Thu, 02 Jan 2025 03:04:05 GMT", "abc"] {
            check(&[range, ("if-range", other)], 10, Wanted::All);
        }
    }

    #[test]
    fn a_file_name_survives_in_any_language_and_never_breaks_the_header() {
        for (name, expected) in [
            ("a b.pdf", "attachment; filename=\"a b.pdf\""),
            ("ü.png", "attachment; filename=\"_.png\"; filename*=UTF-8''%C3%BC.png"),
            ("a\"b", "attachment; filename=\"a_b\"; filename*=UTF-8''a%22b"),
            ("50%41.txt", "attachment; filename=\"50_41.txt\"; filename*=UTF-8''50%2541.txt"),
            ("a\r\nb", "attachment; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab"),
        ] {
            assert_eq!(disposition(name).to_string(), expected);
        }
    }
}
