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
///
/// A proxy may write one of the two headers and pass on the other as its client sent it. So where both are there and
/// disagree, neither is believed, and what the proxy forwards counts as its own.
pub(super) fn address(request: &HttpRequest, config: &Config) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.ip().to_canonical());
    let trusted = |address: IpAddr| config.trusted_proxies.iter().any(|network| network.contains(&address));
    if !trusted(peer) {
        return peer;
    }
    // Each proxy appends the address it saw: the last one that is no proxy of ours is the client. One that can't be read
    // may be anybody's, and what stands in front of it may be made up.
    let client = |nodes: Vec<Option<IpAddr>>| {
        let last = nodes.iter().rev().find(|node| !node.is_some_and(trusted));
        last.or(nodes.first()).copied().flatten()
    };
    let (standard, common) = (standard(request.headers()), common(request.headers()));
    if standard.is_empty() || common.is_empty() {
        return client([standard, common].concat()).unwrap_or(peer);
    }
    client(standard).filter(|address| client(common) == Some(*address)).unwrap_or(peer)
}

/// The nodes of `Forwarded`, as they are in RFC 7239; names of parameters are compared without case.
fn standard(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let client_of = |element: &str| {
        let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
        let (_, text) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
        node(text.trim().trim_matches('"'))
    };
    elements(headers, "forwarded").map(client_of).collect()
}

/// The nodes of `X-Forwarded-For`.
fn common(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    elements(headers, "x-forwarded-for").map(|element| node(element.trim())).collect()
}

fn elements<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).map(|line| line.to_str().unwrap_or_default());
    lines.flat_map(|line| line.split(','))
}

/// An address with or without a port; IPv6 may be in brackets.
fn node(text: &str) -> Option<IpAddr> {
    let bare = || match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => text.rsplit_once(':').map(|(address, _)| address),
    };
    let address: Option<IpAddr> = text.parse().ok().or_else(|| bare()?.parse().ok());
    address.map(|address| address.to_canonical())
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
    use super::{address, is_host, node};
    use crate::config::Config;
    use actix_web::test::TestRequest;

    #[track_caller]
    fn check(peer: &str, headers: &[(&str, &str)], client: &str) {
        let request = TestRequest::get().peer_addr(peer.parse().expect("a socket address"));
        let request = headers.iter().fold(request, |request, header| request.append_header(*header));
        let trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")];
        let config = Config { trusted_proxies, ..Config::default() };
        assert_eq!(address(&request.to_http_request(), &config).to_string(), client, "{peer} {headers:?}");
    }

    #[test]
    fn the_client_is_the_last_one_who_is_no_proxy() {
        for name in ["x-forwarded-for", "X-Forwarded-For"] {
            check("10.0.0.1:1", &[(name, "192.0.2.1")], "192.0.2.1");
            check("10.0.0.1:1", &[(name, "192.0.2.9, 192.0.2.1, 10.0.0.2")], "192.0.2.1");
            check("10.0.0.1:1", &[(name, "192.0.2.9"), (name, "192.0.2.1")], "192.0.2.1");
            check("10.0.0.1:1", &[(name, "10.0.0.3, 10.0.0.2")], "10.0.0.3");
            check("192.0.2.7:1", &[(name, "192.0.2.1")], "192.0.2.7");
        }
        check("10.0.0.1:1", &[], "10.0.0.1");
    }

    #[test]
    fn an_ipv4_address_is_the_same_on_a_socket_of_ipv6() {
        check("[::ffff:10.0.0.1]:1", &[("x-forwarded-for", "::ffff:192.0.2.1")], "192.0.2.1");
        check("[::ffff:192.0.2.7]:1", &[("x-forwarded-for", "192.0.2.1")], "192.0.2.7");
    }

    #[test]
    fn names_of_the_standard_header_are_compared_without_case() {
        for text in ["for=192.0.2.1", "For=\"192.0.2.1:80\";Proto=https", "proto=https; FOR=192.0.2.1"] {
            check("10.0.0.1:1", &[("forwarded", text)], "192.0.2.1");
        }
    }

    /// Else whoever sends the header that the proxy doesn't write would be somebody else with each request.
    #[test]
    fn of_two_headers_that_disagree_none_is_believed() {
        let appended = ("x-forwarded-for", "192.0.2.1");
        check("10.0.0.1:1", &[appended, ("forwarded", "for=198.51.100.1")], "10.0.0.1");
        check("10.0.0.1:1", &[appended, ("forwarded", "for=unknown")], "10.0.0.1");
        check("10.0.0.1:1", &[appended, ("forwarded", "for=192.0.2.1;proto=https")], "192.0.2.1");
    }

    #[test]
    fn what_stands_before_a_node_that_can_not_be_read_is_not_believed() {
        for (name, text) in [
            ("x-forwarded-for", "192.0.2.9, unknown"),
            ("x-forwarded-for", "192.0.2.9,"),
            ("forwarded", "for=192.0.2.9, for=_hidden"),
            ("forwarded", "for=192.0.2.9, proto=https"),
        ] {
            check("10.0.0.1:1", &[(name, text)], "10.0.0.1");
        }
    }

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
