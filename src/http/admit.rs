//! Who may be served at all: the token, then the rate.

use super::api::{Known, Shared};
use crate::{
    db::Conn,
    jsonapi::error::{Code, ErrorObject},
    resource::{Error, Result},
};
use std::net::IpAddr;

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

/// 429, made into a response with `Retry-After` by [`super::handle::failed`].
pub(super) fn too_many(seconds: u64) -> Error {
    ErrorObject::new(Code::RateLimited, format!("Too many requests; come back in {seconds} s."))
        .meta("retry_after", seconds)
        .into()
}
