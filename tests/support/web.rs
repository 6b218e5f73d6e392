//! A small HTTP/1.1 server on threads of its own: the path says how it answers, and a test can stop it and start
//! another one in its place.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::server::Server;

/// A server that stalls holds every request that comes in the first second of every four.
const STALL: Duration = Duration::from_secs(1);
const STALL_PERIOD: Duration = Duration::from_secs(4);

/// What `/login` gives and `/orders` wants back.
pub const TOKEN: &str = "t0ken-of-one-login/and=more";

/// What `/slow` takes.
const SLOW: Duration = Duration::from_millis(700);

/// Answers by path: `/ok` at once, `/slow` after [`SLOW`], `/fail` with 500, `/silent` never, `/stall` as it stalls, `/echo` with 500 and the
/// request's head in the reason and the body. `/login` gives a POST a cookie and a [`TOKEN`] in body and header, on a
/// detour by `/hop`; `/orders` wants both.
pub struct Web {
    pub address: SocketAddr,
    _server: Server,
    /// The path of every request.
    paths: Arc<Mutex<Vec<String>>>,
}

impl Web {
    pub fn start() -> Self {
        Self::start_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// At an address that an earlier one had.
    #[allow(clippy::disallowed_methods, reason = "a server's time is its own")]
    pub fn start_at(address: SocketAddr) -> Self {
        let started = Instant::now();
        let paths = Arc::<Mutex<Vec<String>>>::default();
        let asked = Arc::clone(&paths);
        let server = Server::start(address, move |connection| serve(connection, started, &asked));
        Self {
            address: server.address,
            _server: server,
            paths,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was asked for so far, in order.
    pub fn paths(&self) -> Vec<String> {
        self.paths.lock().unwrap().clone()
    }
}

fn serve(mut connection: TcpStream, started: Instant, paths: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    loop {
        let head = head(&mut reader)?;
        let path = head.split(' ').nth(1).unwrap_or_default();
        paths.lock().unwrap().push(path.to_owned());
        match path.split('?').next().unwrap_or_default() {
            "/ok" => answer(&mut connection, "200 OK", "ok")?,
            "/silent" => continue,
            "/slow" => {
                thread::sleep(SLOW);
                answer(&mut connection, "200 OK", "ok")?;
            }
            "/stall" => {
                hold(started);
                answer(&mut connection, "200 OK", "ok")?;
            }
            "/echo" => answer(&mut connection, &format!("500 {}", head.replace("\r\n", " ")), &head)?,
            "/login" if head.starts_with("POST") => answer_with(
                &mut connection,
                "200 OK",
                &format!("set-cookie: sid=c00kie; path=/\r\nx-token: {TOKEN}\r\n"),
                &format!(r#"{{"token":"{TOKEN}","user":{{"id":7}},"none":null}}"#),
            )?,
            "/hop" => answer_with(
                &mut connection,
                "303 See Other",
                "set-cookie: hop=1; path=/\r\nlocation: /echo-cookie\r\n",
                "",
            )?,
            "/echo-cookie" => {
                let cookie = head
                    .lines()
                    .find(|line| line.starts_with("cookie: "))
                    .unwrap_or_default();
                answer(&mut connection, "200 OK", cookie)?;
            }
            "/orders" => {
                let wanted = [
                    format!("authorization: Bearer {TOKEN}\r\n"),
                    "cookie: sid=c00kie\r\n".to_owned(),
                ];
                let known = wanted.iter().all(|line| head.contains(line));
                answer(&mut connection, if known { "200 OK" } else { "401 Unauthorized" }, "[]")?;
            }
            _ => answer(&mut connection, "500 Internal Server Error", "no")?,
        }
    }
}

/// A request's head; its body is read and dropped.
fn head(reader: &mut impl BufRead) -> io::Result<String> {
    let mut head = String::new();
    loop {
        let before = head.len();
        if reader.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if head.get(before..) == Some("\r\n") {
            break;
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    reader.read_exact(&mut vec![0; length])?;
    Ok(head)
}

fn answer(connection: &mut TcpStream, status: &str, body: &str) -> io::Result<()> {
    answer_with(connection, status, "", body)
}

fn answer_with(connection: &mut TcpStream, status: &str, headers: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}");
    connection.write_all(answer.as_bytes())
}

fn hold(started: Instant) {
    let passed = started.elapsed().as_millis() % STALL_PERIOD.as_millis();
    if let Some(left) = STALL.as_millis().checked_sub(passed) {
        thread::sleep(Duration::from_millis(left as u64));
    }
}
