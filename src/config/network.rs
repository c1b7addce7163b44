//! Addresses: where to listen, how clients reach the server, which origins and proxies to believe.

use std::fmt;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use url::{Origin, Url};

use super::value::Value;

/// A host (name, IPv4 address or `[IPv6]`) and a port; 0 picks a free one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindAddress {
    host: String,
    port: u16,
}

impl BindAddress {
    /// This machine only.
    pub fn local(port: u16) -> Self {
        Self { host: "127.0.0.1".to_owned(), port }
    }

    /// The host without brackets, as the resolver takes it.
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port; 0 picks a free one.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether only this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host().parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

impl fmt::Display for BindAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Value for BindAddress {
    fn read(text: &str) -> Result<Self, String> {
        read_address(text)
            .ok_or_else(|| format!("`{text}` is not an address; write host:port, like `127.0.0.1:8080` or `[::]:8080`"))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

fn read_address(text: &str) -> Option<BindAddress> {
    let (host, port) = text.rsplit_once(':')?;
    let host = url::Host::parse(host).ok()?.to_string();
    Some(BindAddress { host, port: port.parse().ok()? })
}

/// What absolute links begin with: http or https, no trailing slash, no credentials, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The URL, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for Option<PublicUrl> {
    fn read(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(None);
        }
        let url = Url::parse(text).ok().filter(is_public).ok_or_else(|| {
            "this is not a public URL; write what clients use, like `https://chat.example.com`, with neither credentials nor query".to_owned()
        })?;
        Ok(Some(PublicUrl(url.as_str().trim_end_matches('/').to_owned())))
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), |url| url.0.clone())
    }
}

fn is_public(url: &Url) -> bool {
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    is_web(url) && bare
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// The web origins whose pages may read answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorsOrigins {
    /// `*`
    Any,
    /// These only, each as a browser sends it: `https://app.example.com`, `http://localhost:3000`. Empty: none.
    List(Vec<String>),
}

impl Value for CorsOrigins {
    fn read(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        items(text).map(origin).collect::<Result<_, _>>().map(Self::List)
    }

    fn show(&self) -> String {
        match self {
            Self::Any => "*".to_owned(),
            Self::List(origins) => joined(origins),
        }
    }
}

fn origin(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| is_public(url) && url.path() == "/");
    match url.map(|url| url.origin()) {
        Some(origin @ Origin::Tuple(..)) => Ok(origin.ascii_serialization()),
        _ => Err(format!(
            "`{text}` is not an origin; write `https://app.example.com`, several with commas, or `*` alone"
        )),
    }
}

/// Networks; a single address is a network of one.
impl Value for Vec<IpNet> {
    fn read(text: &str) -> Result<Self, String> {
        items(text).map(network).collect()
    }

    fn show(&self) -> String {
        let shown: Vec<String> = self.iter().map(show_network).collect();
        joined(&shown)
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let address = |text: &str| text.parse::<IpAddr>().ok().map(IpNet::from);
    let network = text.parse::<IpNet>().ok().or_else(|| address(text)).map(|network| canonical(network.trunc()));
    network.ok_or_else(|| format!("`{text}` is neither an IP address nor a network like `10.0.0.0/8`"))
}

/// A network of IPv4 addresses that are written as IPv6 ones (`::ffff:10.0.0.0/104`), as what it is.
fn canonical(network: IpNet) -> IpNet {
    let IpAddr::V4(address) = network.addr().to_canonical() else { return network };
    let prefix = network.prefix_len().checked_sub(network.max_prefix_len() - 32);
    prefix.and_then(|prefix| Ipv4Net::new(address, prefix).ok()).map_or(network, IpNet::V4)
}

fn show_network(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() { network.addr().to_string() } else { network.to_string() }
}

/// The items of a comma-separated list; `none` and an empty text have none.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let text = if text == "none" { "" } else { text };
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn joined(items: &[String]) -> String {
    if items.is_empty() { "none".to_owned() } else { items.join(",") }
}

#[cfg(test)]
mod tests {
    use super::{IpNet, Value};

    #[test]
    fn a_network_is_shown_as_what_it_is() {
        for (text, shown) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("192.0.2.1, 2001:db8::/32", "192.0.2.1,2001:db8::/32"),
            ("::ffff:10.0.0.0/104, ::ffff:192.0.2.1", "10.0.0.0/8,192.0.2.1"),
            ("::ffff:0:0/90", "::ffc0:0:0/90"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(Vec::<IpNet>::read(text).map(|networks| networks.show()).as_deref(), Ok(shown));
        }
    }
}
