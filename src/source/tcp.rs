//! A TCP connection, opened and closed again.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use toml::Table;
use url::{Host, Url};

use super::attempt::Stopwatch;
use super::connect::connect;
use super::kind::{self, Kind, KindSettings, Means, TargetKind};
use super::resolve::{self, resolve};
use super::{AddressFamily, Attempt, Probe};
use crate::clock::{Clock, Timestamp};
use crate::sample::{Answer, Failure, Phase};
use crate::setting::Finding;

/// The keys of a `tcp://` target beside those that every target has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

pub static KIND: Kind = Kind {
    name: "tcp",
    schemes: &["tcp"],
    about: "a TCP connection, opened and closed",
    example: "tcp://db.example:5432",
    phases: &[Phase::Dns, Phase::Connect],
    gauges: &[],
    read: |keys| Settings::deserialize(keys).map(TargetKind::new),
    schema: SchemaGenerator::root_schema_for::<Settings>,
};

impl KindSettings for Settings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn check(&self, url: &Url) -> Vec<Finding> {
        kind::needs_port(url).into_iter().collect()
    }

    fn probe(&self, url: &Url, means: Means<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Tcp::try_new(means.clock.clone(), url, self)?))
    }

    fn table(&self) -> Table {
        kind::table_of(self)
    }
}

/// Connects to one host and port.
#[derive(Debug)]
pub struct Tcp {
    clock: Clock,
    host: Host,
    port: u16,
    family: AddressFamily,
}

impl Tcp {
    /// # Errors
    /// Says what is wrong with `url` and what to write instead: no host, no port, or a path.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings) -> Result<Self, String> {
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or("the URL has no host; write tcp://HOST:PORT")?;
        let port = url.port().filter(|port| *port != 0);
        let port = port.ok_or_else(|| format!("the URL has no port; write tcp://{host}:PORT"))?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err(format!("a TCP connection has no path; write tcp://{host}:{port}"));
        }
        // The url crate takes the host of a scheme it does not know as opaque text: addresses are still to be read.
        let host = Host::parse(host).map_err(|error| format!("{host} is no host: {error}; write tcp://HOST:PORT"))?;
        resolve::check(&host, settings.ip)?;
        Ok(Self {
            clock,
            host,
            port,
            family: settings.ip,
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut watch = Stopwatch::start(&self.clock, deadline);
        match self.connect(&mut watch).await {
            Ok(answer) => watch.finish(Ok(()), Some(Box::new(answer))),
            Err(failure) => watch.finish(Err(failure), None),
        }
    }

    async fn connect(&self, watch: &mut Stopwatch) -> Result<Answer, Failure> {
        let addresses = resolve(watch, &self.host, self.port, self.family).await?;
        let (_closed_here, address) = connect(watch, addresses).await?;
        Ok(Answer {
            address: Some(address),
            ..Answer::default()
        })
    }
}

impl Probe for Tcp {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<&str, &str>) {
        let made = Tcp::try_new(Clock::system(), &Url::parse(url).unwrap(), &Settings::default());
        let made = made.map(|tcp| format!("{}:{}", tcp.host, tcp.port));
        assert_eq!(made, expected.map(str::to_owned).map_err(str::to_owned), "of {url}");
    }

    #[test]
    fn a_target_is_a_host_and_a_port() {
        check("tcp://db.example:5432", Ok("db.example:5432"));
        check("tcp://127.0.0.1:1/", Ok("127.0.0.1:1"));
        check("tcp://[::1]:22", Ok("[::1]:22"));
        check(
            "tcp://db.example",
            Err("the URL has no port; write tcp://db.example:PORT"),
        );
        check(
            "tcp://db.example:0",
            Err("the URL has no port; write tcp://db.example:PORT"),
        );
        check(
            "tcp://db.example:1/x",
            Err("a TCP connection has no path; write tcp://db.example:1"),
        );
    }
}
