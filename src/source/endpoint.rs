//! Host and port of a URL whose scheme only we know, and the way there.

use std::net::SocketAddr;

use tokio::net::TcpStream;
use url::{Host, Url};

use super::AddressFamily;
use super::attempt::Stopwatch;
use super::connect::connect;
use super::resolve::{self, resolve};
use crate::sample::Failure;

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
        let scheme = url.scheme();
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| format!("the URL has no host; write {scheme}://HOST:PORT"))?;
        let port = url.port_or_known_default().filter(|port| *port != 0);
        let port = port.ok_or_else(|| format!("the URL has no port; write {scheme}://{host}:PORT"))?;
        // The url crate takes the host of a scheme it does not know as opaque text: addresses are still to be read.
        let host =
            Host::parse(host).map_err(|error| format!("{host} is no host: {error}; write {scheme}://HOST:PORT"))?;
        resolve::check(&host, family)?;
        Ok(Self { host, port, family })
    }

    /// Goes through the phases DNS and connect.
    pub async fn connect(&self, watch: &mut Stopwatch) -> Result<(TcpStream, SocketAddr), Failure> {
        let addresses = resolve(watch, &self.host, self.port, self.family).await?;
        connect(watch, addresses).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<&str, &str>) {
        let made = Endpoint::try_new(&Url::parse(url).unwrap(), AddressFamily::Any);
        let made = made.map(|made| format!("{}:{}", made.host, made.port));
        assert_eq!(made, expected.map(str::to_owned).map_err(str::to_owned), "of {url}");
    }

    #[test]
    fn an_endpoint_is_a_host_and_a_port() {
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
}
