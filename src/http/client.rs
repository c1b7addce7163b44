//! The client as the server sees it: its address, its bearer token, and the URL it used.

use super::routes::BASE;
use crate::config::Config;
use actix_web::{
    HttpRequest,
    http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue},
};
use actix_web_httpauth::headers::authorization::{Bearer, Scheme as _};
use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr},
};

/// The address that limits count: the peer's, or the one that a trusted proxy forwards.
pub(super) fn address(request: &HttpRequest, config: &Config) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.ip());
    let trusted = |address: &IpAddr| config.trusted_proxies.iter().any(|network| network.contains(address));
    if !trusted(&peer) {
        return peer;
    }
    // Each proxy appends the address it saw: the last one that is no proxy of ours is the client.
    let client = |seen: Vec<IpAddr>| seen.iter().rev().find(|address| !trusted(address)).or(seen.first()).copied();
    let [standard, customary] = forwarded(request.headers()).map(client);
    match (standard, customary) {
        // A proxy writes the one that it knows, and passes on the other as the client made it up.
        (Some(standard), Some(customary)) if standard != customary => peer,
        _ => standard.or(customary).unwrap_or(peer),
    }
}

/// What `Forwarded` says, and what `X-Forwarded-For`.
fn forwarded(headers: &HeaderMap) -> [Vec<IpAddr>; 2] {
    let values = |name: &str| headers.get_all(name).filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
    let standard = values("forwarded").filter_map(|element| element.split(';').find_map(for_member)).filter_map(node);
    [standard.collect(), values("x-forwarded-for").filter_map(|text| node(text.trim())).collect()]
}

/// The value of `for` in a part of `Forwarded`; names of parameters have no case.
fn for_member(part: &str) -> Option<&str> {
    let (name, value) = part.split_once('=')?;
    name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
}

/// An address with or without a port; IPv6 may be in brackets.
fn node(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split(']').next()?.parse().ok();
    }
    text.rsplit_once(':')?.0.parse().ok()
}

/// All values of a header, as if they had come in one line.
/// Spec: RFC 9110, section 5.3.
pub(super) fn header(request: &HttpRequest, name: HeaderName) -> Option<String> {
    let values = request.headers().get_all(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.map(Cow::into_owned).reduce(|all, value| all + ", " + &value)
}

/// The bearer token, if there is one that can be read. The scheme's case doesn't matter.
pub(super) fn token(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let canonical = HeaderValue::from_str(&format!("Bearer {}", token.trim_start())).ok()?;
    let bearer = scheme.eq_ignore_ascii_case("bearer").then(|| Bearer::parse(&canonical))?;
    bearer.ok().map(|bearer| bearer.token().to_owned())
}

/// Where the API is for this client: what links begin with.
pub(super) fn base(request: &HttpRequest, config: &Config) -> String {
    root(request, config) + BASE
}

/// Where the server is for this client, without a slash at the end.
pub(super) fn root(request: &HttpRequest, config: &Config) -> String {
    if let Some(url) = &config.public_url {
        return url.as_str().to_owned();
    }
    let scheme = if request.app_config().secure() { "https" } else { "http" };
    let named = request.uri().authority().map(|authority| authority.as_str());
    let named = named.or_else(|| request.headers().get(HOST).and_then(|host| host.to_str().ok()));
    let local = request.app_config().local_addr().to_string();
    let host = named.filter(|host| is_host(host)).map_or(local, str::to_owned);
    format!("{scheme}://{host}")
}

/// Host names and addresses only: what a client puts here ends up in links.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 255
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
}

#[cfg(test)]
mod tests {
    use super::{is_host, node};

    #[test]
    fn forwarded_nodes_are_read_in_all_their_forms() {
        for (text, address) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:80", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
        ] {
            assert_eq!(node(text), address.parse().ok(), "{text}");
        }
        assert_eq!(node("unknown"), None);
    }

    #[test]
    fn only_hosts_are_hosts() {
        assert!(is_host("chat.example:8080") && is_host("[::1]:80"));
        assert!(!is_host("") && !is_host("a\"b") && !is_host("a/b") && !is_host("a b"));
    }
}
