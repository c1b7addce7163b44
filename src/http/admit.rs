//! Who may be served at all, and what: the token, then the rate, then the form of what was sent.

use super::api::{Known, Shared};
use crate::{
    db::Conn,
    jsonapi::error::{Code, ErrorObject},
    resource::{Error, Result},
};
use actix_web::web::Bytes;
use std::net::IpAddr;

/// The longest query string, in bytes.
const LONGEST_QUERY: usize = 8192;

/// Whom the token stands for; 401 where that is nobody.
pub(super) fn known(token: Option<&str>, shared: &Shared, conn: &mut Conn) -> Result<Known> {
    let known = (shared.api.authenticate)(conn, token.unwrap_or_default(), &*shared.api.settings)?;
    let detail = if token.is_some() { "The bearer token is not valid." } else { "A bearer token is needed." };
    known.ok_or_else(|| ErrorObject::new(Code::Unauthorized, detail).header("Authorization").into())
}

/// 429 for an address that asks too much, or signs in too often.
pub(super) fn refuse_too_many(address: IpAddr, signs_in: bool, shared: &Shared) -> Result<()> {
    let sign_in = signs_in.then(|| shared.limits.sign_in(address)).flatten();
    match shared.limits.request(address).or(sign_in) {
        Some(seconds) => Err(too_many(seconds)),
        None => Ok(()),
    }
}

/// The body; 415 where it is of another type, 413 where it or the query is too long.
pub(super) fn fit<'a>(
    content_type: &Result<(), ErrorObject>,
    query: &str,
    body: &'a Result<Bytes, ErrorObject>,
) -> Result<&'a Bytes> {
    content_type.clone()?;
    if query.len() > LONGEST_QUERY {
        return Err(Error::api(Code::TooLarge, format!("A query string has at most {LONGEST_QUERY} bytes.")));
    }
    Ok(body.as_ref().map_err(Clone::clone)?)
}

/// 429, made into a response with `Retry-After` by [`super::handle::failed`].
pub(super) fn too_many(seconds: u64) -> Error {
    ErrorObject::new(Code::RateLimited, format!("Too many requests; come back in {seconds} s."))
        .meta("retry_after", seconds)
        .into()
}
