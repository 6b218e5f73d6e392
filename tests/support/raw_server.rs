//! A TCP server that plays a script: what no well-behaved server would send.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is done with a connection, one after the other; at the end it is closed.
#[derive(Clone)]
pub enum Step {
    /// Reads to the end of a request without body.
    Read,
    Send(Vec<u8>),
    /// Sends one byte at a time, each in a packet of its own.
    Drip(Vec<u8>),
    /// Sends it again and again until the peer has enough.
    Flood(Vec<u8>),
    /// Waits until a test calls [`RawServer::release`].
    Hold,
    /// Says nothing until the peer closes.
    Silence,
    /// Breaks the connection off with a reset.
    Reset,
}

/// Reads a request and sends `answer`.
pub fn answer(answer: impl AsRef<[u8]>) -> Vec<Step> {
    vec![Step::Read, Step::Send(answer.as_ref().to_vec())]
}

pub const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Reads a request and sends `answer`, several times.
pub fn answers(times: usize, with: &str) -> Vec<Step> {
    std::iter::repeat_n(answer(with), times).flatten().collect()
}

/// Answers every request on every connection.
pub fn keeps_answering(with: &str) -> Vec<Vec<Step>> {
    vec![answers(1000, with)]
}

pub struct RawServer {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    closed: watch::Receiver<usize>,
    hold: watch::Sender<bool>,
    task: JoinHandle<()>,
}

#[derive(Clone, Default)]
pub struct Seen {
    pub connections: usize,
    pub requests: Vec<String>,
}

impl RawServer {
    /// The first connection is played the first script and so on; those that come later are played the last one.
    pub async fn start(scripts: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (closes, closed) = watch::channel(0);
        let (hold, held) = watch::channel(true);
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                shared.lock().unwrap().connections += 1;
                let script = scripts[number.min(scripts.len() - 1)].clone();
                let (seen, closes, held) = (Arc::clone(&shared), closes.clone(), held.clone());
                tokio::spawn(async move {
                    // An error is the peer's doing, and the peer is what the test looks at.
                    let _ = play(stream, script, &seen, held).await;
                    closes.send_modify(|closed| *closed += 1);
                });
            }
        });
        Self {
            address,
            seen,
            closed,
            hold,
            task,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    pub fn release(&self) {
        self.hold.send_replace(false);
    }

    /// Returns when `count` connections have ended.
    pub async fn wait_closed(&self, count: usize) {
        let mut closed = self.closed.clone();
        let enough = closed.wait_for(|closed| *closed >= count);
        timeout(PATIENCE, enough).await.expect("connections end").unwrap();
    }

    /// Returns when `count` requests have come.
    pub async fn wait_requests(&self, count: usize) {
        self.wait_seen("requests come", |seen| seen.requests.len() >= count)
            .await;
    }

    /// Returns when `count` connections have been opened.
    pub async fn wait_connections(&self, count: usize) {
        self.wait_seen("connections come", |seen| seen.connections >= count)
            .await;
    }

    async fn wait_seen(&self, what: &str, is_enough: impl Fn(&Seen) -> bool) {
        let enough = async {
            while !is_enough(&self.seen()) {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, enough).await.expect(what);
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn play(
    mut stream: TcpStream,
    script: Vec<Step>,
    seen: &Mutex<Seen>,
    mut held: watch::Receiver<bool>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    for step in script {
        match step {
            Step::Read => {
                let request = read_head(&mut stream).await?;
                seen.lock().unwrap().requests.push(request);
            }
            Step::Send(bytes) => stream.write_all(&bytes).await?,
            Step::Drip(bytes) => {
                for byte in bytes {
                    stream.write_all(&[byte]).await?;
                    tokio::task::yield_now().await;
                }
            }
            Step::Flood(bytes) => loop {
                stream.write_all(&bytes).await?;
            },
            Step::Hold => drop(held.wait_for(|held| !held).await.unwrap()),
            Step::Silence => while stream.read(&mut [0; 1024]).await? > 0 {},
            Step::Reset => stream.set_zero_linger()?,
        }
    }
    Ok(())
}

async fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
