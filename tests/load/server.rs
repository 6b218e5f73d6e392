//! Servers to put load on. One numbers its requests: the body of its n-th answer, from 0 on, has n bytes, and its log says when that
//! request came and when it was answered.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};

use crate::support::server::Server;

/// One request, by the clock of the test.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub number: u64,
    pub came: Timestamp,
    pub answered: Timestamp,
}

pub struct LoggedServer {
    pub address: SocketAddr,
    log: Arc<Mutex<Vec<Entry>>>,
    _server: Server,
}

/// When the server does nothing: from the beginning of each period for so long.
#[derive(Clone, Copy, Debug)]
pub struct Freeze {
    pub since: Timestamp,
    pub period: Duration,
    pub length: Duration,
}

impl Freeze {
    /// When the server does something again, at or behind `now`.
    pub fn over_at(self, now: Timestamp) -> Timestamp {
        let gone = now.since(self.since);
        let into = Duration::from_nanos((gone.as_nanos() % self.period.as_nanos()) as u64);
        now + self.length.saturating_sub(into)
    }
}

impl LoggedServer {
    pub fn start(clock: &Clock, freeze: Option<Freeze>) -> Self {
        let log = Arc::<Mutex<Vec<Entry>>>::default();
        let (logging, clock) = (Arc::clone(&log), clock.clone());
        let numbers = AtomicU64::new(0);
        let server = Server::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), move |connection| {
            serve(connection, &clock, freeze, &numbers, &logging)
        });
        Self {
            address: server.address,
            log,
            _server: server,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The requests that were answered, by number.
    pub fn log(&self) -> Vec<Entry> {
        let mut log = self.log.lock().unwrap().clone();
        log.sort_by_key(|entry| entry.number);
        log
    }
}

fn serve(
    mut connection: TcpStream,
    clock: &Clock,
    freeze: Option<Freeze>,
    numbers: &AtomicU64,
    log: &Mutex<Vec<Entry>>,
) -> io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    loop {
        if !head_comes(&mut reader)? {
            return Ok(());
        }
        let came = clock.now();
        if let Some(freeze) = freeze {
            thread::sleep(freeze.over_at(came).since(clock.now()));
        }
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        // Before the answer, which may be read before anything else is done here.
        let answered = clock.now();
        log.lock().unwrap().push(Entry { number, came, answered });
        let body = "x".repeat(usize::try_from(number).unwrap_or_default());
        write!(connection, "HTTP/1.1 200 OK\r\ncontent-length: {number}\r\n\r\n{body}")?;
    }
}

/// A server of so many places, at each of which a request takes so long: its capacity is one by the other, at most.
pub struct QueueServer {
    pub address: SocketAddr,
    _server: Server,
}

impl QueueServer {
    pub fn start(places: usize, service: Duration) -> Self {
        let free = Arc::new((Mutex::new(places), Condvar::new()));
        let server = Server::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), move |connection| {
            queue(connection, &free, service)
        });
        Self {
            address: server.address,
            _server: server,
        }
    }
}

fn queue(mut connection: TcpStream, free: &(Mutex<usize>, Condvar), service: Duration) -> io::Result<()> {
    let (places, freed) = free;
    let mut reader = BufReader::new(connection.try_clone()?);
    while head_comes(&mut reader)? {
        let taken = freed.wait_while(places.lock().unwrap(), |free| *free == 0);
        *taken.unwrap() -= 1;
        thread::sleep(service);
        *places.lock().unwrap() += 1;
        freed.notify_one();
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")?;
    }
    Ok(())
}

/// Whether another request came: its head, which has no body behind it.
fn head_comes(reader: &mut impl BufRead) -> io::Result<bool> {
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    Ok(!line.is_empty())
}
