//! A receiver of notifications that plays a script, request by request, and keeps what it was sent.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::server::Server;
use super::waiting::PATIENCE;

/// What a request is met with.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    /// Status line and headers.
    Status(&'static str),
    /// Status 400, and head and body of the request.
    Echo,
    /// The connection is broken off.
    Hangup,
    /// Nothing, ever.
    Silence,
    /// Status 200 after so many milliseconds, as one that is well and slow.
    Late(u64),
    /// Status 200 once so many requests have come together, the next after these.
    Together(usize),
}

pub const WELL: Reply = Reply::Status("200 OK\r\n");

/// Stops when dropped, and breaks off every connection.
pub struct Receiver {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    _server: Server,
}

struct Shared {
    /// Requests that are being answered, now and at most so far.
    busy: Mutex<(usize, usize)>,
    /// The last one stands for all that follow.
    script: Vec<Reply>,
    received: Mutex<Vec<Request>>,
    came: Condvar,
}

#[derive(Clone, Debug)]
pub struct Request {
    pub head: String,
    pub body: String,
}

impl Request {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Receiver {
    pub fn start(script: &[Reply]) -> Self {
        Self::start_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), script)
    }

    pub fn start_at(address: SocketAddr, script: &[Reply]) -> Self {
        let shared = Arc::new(Shared {
            busy: Mutex::default(),
            script: script.to_vec(),
            received: Mutex::default(),
            came: Condvar::new(),
        });
        let serving = Arc::clone(&shared);
        let server = Server::start(address, move |connection| serve(connection, &serving));
        Self {
            address: server.address,
            shared,
            _server: server,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The first `count` requests, once they came.
    #[track_caller]
    pub fn wait(&self, count: usize) -> Vec<Request> {
        let received = self.shared.received.lock().unwrap();
        let (received, waited) = self
            .shared
            .came
            .wait_timeout_while(received, PATIENCE, |received| received.len() < count)
            .unwrap();
        assert!(!waited.timed_out(), "{} of {count} came", received.len());
        received.clone()
    }

    /// How many requests were under way at once, at most.
    pub fn at_once(&self) -> usize {
        self.shared.busy.lock().unwrap().1
    }

    pub fn count(&self) -> usize {
        self.shared.received.lock().unwrap().len()
    }
}

impl Shared {
    fn begin(&self) {
        let mut busy = self.busy.lock().unwrap();
        busy.0 += 1;
        busy.1 = busy.1.max(busy.0);
    }
}

fn serve(mut connection: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    loop {
        let request = read(&mut reader)?;
        let (nth, reply) = {
            let mut received = shared.received.lock().unwrap();
            let nth = received.len();
            received.push(request.clone());
            (nth, shared.script[nth.min(shared.script.len() - 1)])
        };
        shared.begin();
        shared.came.notify_all();
        match reply {
            Reply::Status(head) => write!(connection, "HTTP/1.1 {head}content-length: 2\r\n\r\nok")?,
            Reply::Echo => {
                let Request { head, body } = &request;
                let length = head.len() + body.len();
                write!(
                    connection,
                    "HTTP/1.1 400 Bad Request\r\ncontent-length: {length}\r\n\r\n{head}{body}"
                )?;
            }
            Reply::Hangup => connection.shutdown(Shutdown::Both)?,
            Reply::Silence => {}
            Reply::Late(millis) => {
                thread::sleep(Duration::from_millis(millis));
                write!(connection, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")?;
            }
            Reply::Together(many) => {
                let received = shared.received.lock().unwrap();
                let last = (nth / many + 1) * many;
                let is_alone = |received: &mut Vec<Request>| received.len() < last;
                let waited = shared.came.wait_timeout_while(received, PATIENCE, is_alone);
                let is_late = waited.unwrap().1.timed_out();
                if is_late {
                    connection.shutdown(Shutdown::Both)?;
                }
                write!(connection, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")?;
            }
        }
        shared.busy.lock().unwrap().0 -= 1;
        shared.came.notify_all();
    }
}

fn read(reader: &mut impl BufRead) -> io::Result<Request> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body)?;
    Ok(Request {
        head,
        body: String::from_utf8(body).unwrap(),
    })
}
