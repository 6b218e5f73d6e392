//! Redis over its own protocol: connect, log in, and a command, each timed apart; and what `INFO` tells.

mod reply;
mod info;
mod session;

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use info::Info;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Fact, Failure, Phase, Text, Word};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use session::{Address, Session};
use url::Url;

use super::attempt::{Fault, Stopwatch};
use super::conversation::{self, Reply, Service};
use super::every::Every;
use super::idle::{Connection, Idle};
use super::kind::{Kind, KindGauge, KindSettings, Levels, ProbeContext};
use super::tls::{self, Check, Roots};
use super::{AddressFamily, Attempt, Probe};

/// The keys of a `redis://` or `rediss://` target beside those that every target has.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What is asked: a command and its arguments.
    pub command: Vec<String>,
    /// Whether the connection is kept for the next probe or made anew each time.
    pub connection: Connection,
    /// Whether `INFO` is read every 10 s, on the connection of a probe and outside its latency.
    pub statistics: bool,
    /// File (PEM) of the issuers that `rediss://` trusts instead of this machine's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Takes any certificate, from whomever.
    pub insecure: bool,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            command: vec!["PING".to_owned()],
            connection: Connection::default(),
            statistics: true,
            ca: None,
            insecure: false,
            ip: AddressFamily::default(),
        }
    }
}

impl fmt::Debug for Settings {
    /// The arguments of a command may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("command", &self.command.first())
            .field("connection", &self.connection)
            .field("statistics", &self.statistics)
            .field("ca", &self.ca)
            .field("insecure", &self.insecure)
            .field("ip", &self.ip)
            .finish()
    }
}

/// A cache that is slower than that is no faster than what it stands before.
const LATENCY: [Duration; 3] = [
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(50),
];

pub static KIND: Kind = Kind {
    name: "redis",
    schemes: &["redis", "rediss"],
    about: "a Redis command, with connect, TLS, login and command timed apart",
    example: "redis://cache.example",
    rate: Some("operations_per_s"),
    latency: Some(LATENCY),
    phases: &[
        Phase::Dns,
        Phase::Connect,
        Phase::Tls,
        Phase::Authenticate,
        Phase::Query,
    ],
    gauges: &[
        KindGauge::judged(
            "hit_ratio",
            "keys found, of those asked for: of the last 100 and more within five minutes; none of fewer",
            Levels::with_target(0.95, 0.85, 0.70),
        ),
        KindGauge::told("operations_per_s", "commands a second since the last reading"),
        KindGauge::told("evicted_per_s", "keys a second thrown out for want of memory"),
        KindGauge::told("memory_used_bytes", "memory in use"),
        KindGauge::judged(
            "memory_used_ratio",
            "memory in use, of `maxmemory`, of a server that refuses writes when it is full (`noeviction`)",
            Levels::with_target(0.80, 0.90, 0.95),
        ),
        KindGauge::told(
            "memory_filled_ratio",
            "memory in use, of `maxmemory`, of a server that evicts keys by policy: full by design",
        ),
        KindGauge::told(
            "memory_fragmentation_ratio",
            "memory the system gave to the server, of what it uses: 1.5 is a half more",
        ),
        KindGauge::told("connected_clients", "clients that are connected"),
        KindGauge::told(
            "blocked_clients",
            "clients that wait in a blocking command, such as BLPOP",
        ),
        KindGauge::told(
            "rejected_per_s",
            "connections a second that were refused because of `maxclients`",
        ),
        KindGauge::told(
            "replication_lag_s",
            "time since the replica that is farthest behind was heard",
        ),
        KindGauge::told(
            "replication_lag_bytes",
            "what the replica that is farthest behind has not yet read",
        ),
    ],
    ..Kind::of::<Settings>()
};

/// After these a connection no longer gives one answer to one command, or belongs to somebody else.
const REFUSED: [&str; 14] = [
    "auth",
    "client",
    "hello",
    "monitor",
    "multi",
    "psubscribe",
    "psync",
    "quit",
    "reset",
    "select",
    "shutdown",
    "ssubscribe",
    "subscribe",
    "sync",
];

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let address = Address::of(url, self.ip);
        let mut findings: Vec<_> = address.err().map(|why| Finding::new("url", why)).into_iter().collect();
        match self.command.first() {
            None => findings.push(Finding::new("command", "command is empty; leave it out to ask PING")),
            Some(name) if REFUSED.contains(&name.to_ascii_lowercase().as_str()) => {
                let name = name.to_ascii_uppercase();
                let message =
                    format!("{name} changes the connection; ask something that is answered once, such as PING");
                findings.push(Finding::new("command", message).item(0));
            }
            Some(_) => {}
        }
        let tls_keys = [("ca", self.ca.is_some()), ("insecure", self.insecure)];
        for (key, _) in tls_keys.iter().filter(|(_, is_set)| *is_set && url.scheme() == "redis") {
            findings.push(Finding::new(
                key,
                format!("{key} is about TLS; write rediss:// in the URL"),
            ));
        }
        findings
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Redis::try_new(
            context.clock.clone(),
            url,
            self,
            context.in_flight,
        )?))
    }
}

/// Probes one server.
pub struct Redis {
    clock: Clock,
    address: Address,
    /// `None`: without TLS.
    tls: Option<tls::Client>,
    command: Vec<u8>,
    /// `None`: not asked for.
    statistics: Option<Statistics>,
    idle: Idle<Session>,
}

/// When `INFO` is read, and what it said last.
struct Statistics {
    every: Every,
    info: Mutex<Info>,
}

impl Redis {
    /// # Errors
    /// Says what in `url` or `settings` cannot be used, and what to do about it.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings, in_flight: u16) -> Result<Self, String> {
        let address = Address::of(url, settings.ip)?;
        let tls = (url.scheme() == "rediss").then(|| client(settings)).transpose()?;
        Ok(Self {
            clock,
            address,
            tls,
            command: reply::command(&settings.command),
            statistics: settings.statistics.then(|| Statistics {
                every: Every::new(info::EVERY),
                info: Mutex::default(),
            }),
            idle: Idle::new(settings.connection, usize::from(in_flight.max(1))),
        })
    }

    fn info(&self) -> Option<MutexGuard<'_, Info>> {
        let info = self.statistics.as_ref().map(|statistics| &statistics.info);
        // A panic elsewhere leaves the figures as good as they were.
        info.map(|info| info.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Service for Redis {
    type Session = Session;

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn idle(&self) -> &Idle<Session> {
        &self.idle
    }

    async fn open(&self, watch: &mut Stopwatch, _answer: &mut Option<Answer>) -> Result<Session, Failure> {
        Session::open(watch, &self.address, self.tls.as_ref()).await
    }

    fn describe(&self, session: &Session) -> Answer {
        Answer {
            address: session.link.address(),
            tls: session.link.tls_version().map(Word::of),
            ..Answer::default()
        }
    }

    async fn ask(&self, watch: &mut Stopwatch, session: &mut Session, answer: &mut Answer) -> Result<Reply, Failure> {
        let reply = watch.phase(Phase::Query, session.ask(&self.command)).await?;
        answer.body_bytes = reply.bytes;
        let refused = session::refusal(&reply).map(|fault| fault.during(Phase::Query));
        Ok(Reply {
            verdict: refused.map_or(Ok(()), Err),
            is_usable: true,
        })
    }

    fn statistics(&self) -> Option<&Every> {
        self.statistics.as_ref().map(|statistics| &statistics.every)
    }

    async fn read_statistics(&self, session: &mut Session) -> Result<(), Fault> {
        let reply = session.ask(&reply::command(&["INFO"])).await?;
        if let Some(mut info) = self.info() {
            match session::refusal(&reply) {
                None => info.take(&String::from_utf8_lossy(&reply.text), self.clock.now()),
                Some(fault) => info.fail(fault.message),
            }
        }
        Ok(())
    }

    fn forget_statistics(&self, why: Text) {
        if let Some(mut info) = self.info() {
            info.fail(why);
        }
    }

    fn tell_statistics(&self, answer: &mut Answer) {
        let Some(known) = self.info() else { return };
        answer.gauges.clone_from(&known.gauges);
        let facts = [
            ("server_version", &known.version),
            ("role", &known.role),
            ("statistics", &known.trouble),
        ];
        let said = facts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)));
        answer
            .facts
            .extend(said.map(|(name, value): (_, Text)| Fact::new(name, value)));
    }
}

fn client(settings: &Settings) -> Result<tls::Client, String> {
    let roots = settings
        .ca
        .as_deref()
        .map_or_else(|| Ok(Roots::system()), Roots::from_file)?;
    let check = if settings.insecure { Check::Nothing } else { Check::Full };
    Ok(tls::Client::checking(roots, check))
}

impl Probe for Redis {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(conversation::attempt(self, deadline))
    }
}
