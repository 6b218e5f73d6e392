//! A receiver of notifications that plays a script, request by request, and keeps what it was sent.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use crate::PATIENCE;

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
}

pub const WELL: Reply = Reply::Status("200 OK\r\n");

/// Stops when dropped, and breaks off every connection.
pub struct Receiver {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    /// The last one stands for all that follow.
    script: Vec<Reply>,
    received: Mutex<Vec<Request>>,
    came: Condvar,
    connections: Mutex<Vec<TcpStream>>,
    stopped: AtomicBool,
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
        let listener = TcpListener::bind(address).expect("a free port");
        let shared = Arc::new(Shared {
            script: script.to_vec(),
            received: Mutex::default(),
            came: Condvar::new(),
            connections: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let address = listener.local_addr().unwrap();
        let accepting = Arc::clone(&shared);
        Self {
            address,
            shared,
            thread: Some(thread::spawn(move || accept(&listener, &accepting))),
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

    pub fn count(&self) -> usize {
        self.shared.received.lock().unwrap().len()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
        for connection in self.shared.connections.lock().unwrap().iter() {
            let _ = connection.shutdown(Shutdown::Both);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for connection in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let connection = connection.unwrap();
        shared.connections.lock().unwrap().push(connection.try_clone().unwrap());
        let shared = Arc::clone(shared);
        // A peer that goes away ends its thread.
        thread::spawn(move || serve(connection, &shared));
    }
}

fn serve(mut connection: TcpStream, shared: &Shared) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    loop {
        let request = read(&mut reader)?;
        let reply = {
            let mut received = shared.received.lock().unwrap();
            let at = received.len().min(shared.script.len() - 1);
            received.push(request.clone());
            shared.script[at]
        };
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
        }
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
