//! Where a URL leads: a host and port, or the path of a Unix socket.
//!
//! Takes URLs whose scheme only we know, gives whom to connect to, and the way there by TCP.

use std::net::SocketAddr;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use probetop_core::sample::Failure;
use probetop_core::setting::Finding;
use tokio::net::TcpStream;
use url::{Host, Url};

use super::AddressFamily;
use super::attempt::Stopwatch;
use super::connect::connect;
use super::resolve::{self, resolve};

/// Whom a probe connects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub host: Host,
    pub port: u16,
    pub family: AddressFamily,
}

impl Endpoint {
    /// # Errors
    /// Says what `url` lacks and what to write instead, or that its address is of another family.
    pub fn try_new(url: &Url, family: AddressFamily) -> Result<Self, String> {
        let host = host_in(url, "HOST:PORT")?;
        let port = url.port_or_known_default().filter(|port| *port != 0);
        let port = port.ok_or_else(|| format!("the URL has no port; write {}://{host}:PORT", url.scheme()))?;
        resolve::check(&host, family)?;
        Ok(Self { host, port, family })
    }

    /// Of a URL that has nothing else to say.
    ///
    /// # Errors
    /// Says what is missing or too much, and what to write.
    pub fn bare(url: &Url, family: AddressFamily) -> Result<Self, String> {
        let endpoint = Self::try_new(url, family)?;
        if has_more(url) {
            let scheme = url.scheme();
            let Self { host, port, .. } = endpoint;
            return Err(format!(
                "{scheme}:// takes no path and no query; write {scheme}://{host}:{port}"
            ));
        }
        Ok(endpoint)
    }

    /// Goes through the phase DNS.
    pub async fn resolve(&self, watch: &mut Stopwatch) -> Result<Vec<SocketAddr>, Failure> {
        resolve(watch, &self.host, self.port, self.family).await
    }

    /// Goes through the phases DNS and connect.
    pub async fn connect(&self, watch: &mut Stopwatch) -> Result<(TcpStream, SocketAddr), Failure> {
        let addresses = self.resolve(watch).await?;
        connect(watch, addresses).await
    }
}

/// Where a server is met that may also listen on this machine's own sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Network(Endpoint),
    Socket(PathBuf),
}

impl Place {
    /// The host and port of `url`, or the path of a Unix socket: percent-encoded in place of the host
    /// (`%2Frun%2Fserver.sock`), or as `host=/run/server.sock` in the query.
    ///
    /// # Errors
    /// Says what is wrong and what to write instead.
    pub fn of(url: &Url, default_port: u16, family: AddressFamily) -> Result<Self, String> {
        let scheme = url.scheme();
        if let Some((_, path)) = url.query_pairs().find(|(key, _)| key == "host") {
            return socket(&path).ok_or_else(|| format!("host={path} is not a path; write {scheme}://{path}"));
        }
        let form = format!("HOST:{default_port}");
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| format!("has no host; write {scheme}://{form}"))?;
        if let Some(place) = socket(&percent_decode_str(host).decode_utf8_lossy()) {
            return Ok(place);
        }
        let port = match url.port() {
            Some(0) => return Err("port 0 cannot be connected to; use 1 to 65535".to_owned()),
            Some(port) => port,
            None => default_port,
        };
        let host = host_in(url, &form)?;
        resolve::check(&host, family)?;
        Ok(Self::Network(Endpoint { host, port, family }))
    }
}

fn socket(path: &str) -> Option<Place> {
    path.starts_with('/').then(|| Place::Socket(PathBuf::from(path)))
}

/// What a URL lacks that must name a host and a port.
pub fn needs_port(url: &Url) -> Option<Finding> {
    let scheme = url.scheme();
    match (url.host_str(), url.port()) {
        (Some(host), None) => Some(format!("has no port; write {scheme}://{host}:PORT")),
        (None, _) => Some(format!("has no host; write {scheme}://HOST:PORT")),
        (Some(_), Some(0)) => Some("port 0 cannot be connected to; use 1 to 65535".to_owned()),
        (Some(_), Some(_)) => None,
    }
    .map(|message| Finding::new("url", message))
}

/// What is wrong with a URL that must be a host and a port of `family`, if anything.
pub fn check_bare(url: &Url, family: AddressFamily) -> Option<Finding> {
    needs_port(url).or_else(|| Some(Finding::new("url", Endpoint::bare(url, family).err()?)))
}

/// The host of a URL.
///
/// # Errors
/// Says that there is none, or that it is none, and what to write.
pub fn host_of(url: &Url) -> Result<Host, String> {
    host_in(url, "HOST")
}

/// Whether a URL says more than a host and a port.
pub fn has_more(url: &Url) -> bool {
    !matches!(url.path(), "" | "/") || url.query().is_some()
}

/// `form` is what to write behind the scheme. The url crate takes the host of a scheme it does not know as opaque text:
/// addresses are still to be read.
fn host_in(url: &Url, form: &str) -> Result<Host, String> {
    let scheme = url.scheme();
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| format!("the URL has no host; write {scheme}://{form}"))?;
    Host::parse(host).map_err(|error| format!("{host} is not a host: {error}; write {scheme}://{form}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Make = fn(&Url, AddressFamily) -> Result<Endpoint, String>;

    fn check(make: Make, url: &str, expected: Result<&str, &str>) {
        let made = make(&Url::parse(url).unwrap(), AddressFamily::Any);
        let made = made.map(|made| format!("{}:{}", made.host, made.port));
        assert_eq!(made, expected.map(str::to_owned).map_err(str::to_owned), "of {url}");
    }

    #[test]
    fn an_endpoint_is_a_host_and_a_port() {
        let check = |url, expected| check(Endpoint::try_new, url, expected);
        check("tls://db.example:5432", Ok("db.example:5432"));
        check("grpc://[::1]:22/service", Ok("[::1]:22"));
        check("wss://db.example/path", Ok("db.example:443"));
        check(
            "tls://db.example",
            Err("the URL has no port; write tls://db.example:PORT"),
        );
        check(
            "tls://db.example:0",
            Err("the URL has no port; write tls://db.example:PORT"),
        );
        check("tls://", Err("the URL has no host; write tls://HOST:PORT"));
    }

    #[test]
    fn a_bare_url_is_a_host_and_a_port_and_no_more() {
        let check = |url, expected| check(Endpoint::bare, url, expected);
        check("tcp://db.example:5432", Ok("db.example:5432"));
        check("tcp://127.0.0.1:1/", Ok("127.0.0.1:1"));
        check("udp://[::1]:22", Ok("[::1]:22"));
        check(
            "tcp://db.example",
            Err("the URL has no port; write tcp://db.example:PORT"),
        );
        let too_much = "tcp:// takes no path and no query; write tcp://db.example:1";
        check("tcp://db.example:1/x", Err(too_much));
        check("tcp://db.example:1?x", Err(too_much));
    }

    #[test]
    fn a_place_is_a_host_and_port_or_the_path_of_a_socket() {
        let network = |host, port| {
            let host = Host::parse(host).unwrap();
            let family = AddressFamily::V6;
            Ok(Place::Network(Endpoint { host, port, family }))
        };
        let check = |url: &str, expected: Result<Place, &str>| {
            let place = Place::of(&Url::parse(url).unwrap(), 6379, AddressFamily::V6);
            assert_eq!(place, expected.map_err(str::to_owned), "of {url}");
        };
        check("redis://cache.example", network("cache.example", 6379));
        check("redis://u:p@[::1]:1/0", network("[::1]", 1));
        check("redis://%2Frun%2Fr.sock/2", Ok(Place::Socket("/run/r.sock".into())));
        check("redis:///2?host=/run/r.sock", Ok(Place::Socket("/run/r.sock".into())));
        check("redis:///2", Err("has no host; write redis://HOST:6379"));
        check("redis://x:0", Err("port 0 cannot be connected to; use 1 to 65535"));
        check("redis:///?host=x", Err("host=x is not a path; write redis://x"));
        check(
            "redis://127.0.0.1",
            Err("127.0.0.1 is not an IPv6 address; change the URL or `ip`"),
        );
    }
}
