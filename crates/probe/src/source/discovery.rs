//! What listens on this machine, and what it speaks: for a first configuration.
//!
//! Each listener is asked once, over one connection, with a question that is harmless to whoever gets it. Nothing
//! beyond this machine is asked.

mod recognise;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use probetop_core::sample::Text;
use recognise::{Question, recognise};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

pub use recognise::Service;

/// Listeners asked at once.
const AT_ONCE: usize = 8;

/// Machines have some tens; more would make a file that nobody reads.
pub const LISTENER_LIMIT: usize = 256;

/// For a connection, and for the whole of an answer.
const PATIENCE: Duration = Duration::from_millis(700);

/// Servers that speak first do so at once.
const GREETING: Duration = Duration::from_millis(150);

/// Of an answer; who it is stands in its first lines.
const ANSWER_LIMIT: usize = 4096;

/// One port that takes connections, before it was asked anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// As it listens; unspecified when on every address.
    pub address: SocketAddr,
    pub process: Option<Program>,
}

/// Who listens, where the system tells: another user's processes are hidden from all but root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub name: Text,
    pub pid: u32,
}

/// A listener, and what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Discovered {
    pub listening: Listening,
    pub service: Service,
}

impl Listening {
    /// Where a client on this machine connects to.
    pub fn reachable(&self) -> SocketAddr {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            // Mostly it takes IPv4, too, but only IPv6 is sure.
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        SocketAddr::new(ip, self.address.port())
    }
}

/// Every port that is listened on, lowest first, each once, with its process. Nobody is asked anything.
///
/// # Errors
/// Says that this system does not tell.
#[cfg(target_os = "linux")]
pub fn listening() -> Result<Vec<Listening>, String> {
    use super::host::listener;
    use super::process::find::owners;

    let mut listeners = listener::all();
    listeners.retain(|listener| listener.address.port() != 0);
    // Loopback first, then every address, then single ones; IPv4 before IPv6.
    listeners.sort_by_key(|listener| {
        let ip = listener.address.ip();
        (listener.address.port(), !ip.is_loopback(), !ip.is_unspecified(), ip)
    });
    listeners.dedup_by_key(|listener| listener.address.port());
    listeners.truncate(LISTENER_LIMIT);
    let inodes: Vec<_> = listeners.iter().map(|listener| listener.inode).collect();
    let owners = owners(&inodes);
    let found = listeners.into_iter().map(|listener| Listening {
        address: listener.address,
        process: owners.get(&listener.inode).map(|(pid, name)| Program {
            name: Text::clean(&String::from_utf8_lossy(name)),
            pid: *pid,
        }),
    });
    Ok(found.collect())
}

/// # Errors
/// Always, here.
#[cfg(not(target_os = "linux"))]
pub fn listening() -> Result<Vec<Listening>, String> {
    Err("what listens is known on Linux only; leave --discover out".to_owned())
}

/// Asks each of them what it is; takes a second or two. In the order of `listening`.
pub async fn discover(listening: Vec<Listening>) -> Vec<Discovered> {
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for (index, listening) in listening.into_iter().enumerate() {
        let permits = Arc::clone(&permits);
        running.spawn(async move {
            let _permit = permits.acquire().await;
            let service = ask(&listening).await;
            (index, Discovered { listening, service })
        });
    }
    let mut found: Vec<_> = running.join_all().await;
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, discovered)| discovered).collect()
}

async fn ask(listening: &Listening) -> Service {
    let name = listening.process.as_ref().map(|process| process.name.as_str());
    let question = Question::for_listener(listening.address.port(), name);
    let connected = timeout(PATIENCE, TcpStream::connect(listening.reachable())).await;
    let Ok(Ok(mut stream)) = connected else {
        return Service::NoAnswer;
    };
    let mut answer = Vec::new();
    if question.waits_for_greeting() {
        let mut buffer = [0; 512];
        if let Ok(Ok(length)) = timeout(GREETING, stream.read(&mut buffer)).await {
            return match buffer.get(..length) {
                Some(greeting) if length > 0 => recognise(greeting, Question::None, listening.address.port()),
                _ => Service::NoAnswer,
            };
        }
    }
    // What came before the time was over counts.
    let _ = timeout(PATIENCE, converse(&mut stream, question, &mut answer)).await;
    recognise(&answer, question, listening.address.port())
}

async fn converse(stream: &mut TcpStream, question: Question, answer: &mut Vec<u8>) -> std::io::Result<()> {
    stream.write_all(question.bytes()).await?;
    let mut buffer = [0; 1024];
    while answer.len() < ANSWER_LIMIT && !question.is_answered_by(answer) {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            break;
        }
        answer.extend_from_slice(buffer.get(..length).unwrap_or_default());
    }
    Ok(())
}
