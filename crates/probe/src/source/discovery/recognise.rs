//! Which question to ask, and what its answer says about who gave it. No I/O.

use probetop_core::sample::Text;

/// A greeting is shown up to this.
const SHOWN: usize = 60;

/// What a listener turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Service {
    Http {
        status: u16,
        /// What it calls itself.
        server: Option<Text>,
    },
    Https,
    /// TLS, with who knows what inside.
    Tls,
    Postgres,
    Redis,
    /// It spoke first, in a protocol we have no question for.
    Greeting(Text),
    /// It took the connection, and what it said means nothing to us.
    Unknown,
    /// No connection, or nothing was said.
    NoAnswer,
}

/// What is said to a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// A request that Redis and servers of TLS answer in a way that tells, too. Without `Host`, which Redis takes for
    /// an attack; HTTP/1.0 does not need it.
    Http,
    /// SSLRequest of the PostgreSQL protocol: whether it would talk over TLS.
    Postgres,
    Redis,
    None,
}

impl Question {
    /// By the name of the program where it is known, and by the usual port.
    pub(super) fn for_listener(port: u16, program: Option<&str>) -> Self {
        match (program, port) {
            (Some("postgres" | "postmaster" | "pgbouncer"), _) => Self::Postgres,
            (Some("redis-server" | "valkey-server" | "keydb-server"), _) => Self::Redis,
            (_, 5432 | 6432) => Self::Postgres,
            (_, 6379) => Self::Redis,
            _ => Self::Http,
        }
    }

    /// Where it is not known who it is, it may be one that speaks first.
    pub(super) fn waits_for_greeting(self) -> bool {
        self == Self::Http
    }

    pub(super) const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Http => b"GET / HTTP/1.0\r\n\r\n",
            // Length 8 and the code 80877103.
            Self::Postgres => &[0, 0, 0, 8, 4, 210, 22, 47],
            Self::Redis => b"PING\r\n",
            Self::None => b"",
        }
    }

    /// Whether more would tell no more.
    pub(super) fn is_answered_by(self, answer: &[u8]) -> bool {
        match self {
            // The body of an error says whether TLS was wanted.
            Self::Http => !answer.is_empty() && !answer.starts_with(b"HTTP/"),
            Self::Postgres => !answer.is_empty(),
            Self::Redis => answer.contains(&b'\n'),
            Self::None => true,
        }
    }
}

/// Who gives `answer` to `question` on `port`.
pub(super) fn recognise(answer: &[u8], question: Question, port: u16) -> Service {
    match (question, answer) {
        // Servers that only know TLS close when they are spoken to in clear.
        (Question::Http, []) if is_usual_for_https(port) => Service::Https,
        (_, []) => Service::NoAnswer,
        (Question::Postgres, [b'S' | b'N']) => Service::Postgres,
        // An alert or a handshake of TLS 1.x or SSL 3.
        (_, [0x15 | 0x16, 3, ..]) if is_usual_for_https(port) => Service::Https,
        (_, [0x15 | 0x16, 3, ..]) => Service::Tls,
        (Question::Http, answer) => http(answer).unwrap_or_else(|| redis_or_unknown(answer)),
        (Question::Postgres | Question::Redis, answer) => redis_or_unknown(answer),
        (Question::None, answer) => match shown(answer) {
            greeting if greeting.as_str().is_empty() => Service::Unknown,
            greeting => Service::Greeting(greeting),
        },
    }
}

fn is_usual_for_https(port: u16) -> bool {
    port % 1000 == 443
}

fn redis_or_unknown(answer: &[u8]) -> Service {
    let is_redis = [&b"+PONG"[..], b"-ERR", b"-NOAUTH", b"-DENIED", b"-LOADING"];
    match is_redis.iter().any(|start| answer.starts_with(start)) {
        true => Service::Redis,
        false => Service::Unknown,
    }
}

/// `HTTP/1.1 200 OK`, headers, a body.
fn http(answer: &[u8]) -> Option<Service> {
    let text = String::from_utf8_lossy(answer);
    let mut lines = text.lines();
    let mut words = lines.next()?.strip_prefix("HTTP/")?.split(' ');
    let status = words.nth(1)?.parse().ok()?;
    if status == 400 && (text.contains("HTTPS port") || text.contains("HTTPS server")) {
        return Some(Service::Https);
    }
    let server = lines.take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("server").then(|| shown(value.as_bytes()))
    });
    Some(Service::Http { status, server })
}

/// The first line, as far as it is text.
fn shown(bytes: &[u8]) -> Text {
    let text = String::from_utf8_lossy(bytes);
    let readable = text.chars().filter(|c| *c != '\u{fffd}');
    let line: String = readable.take_while(|c| *c != '\n').take(SHOWN).collect();
    Text::clean(line.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(answer: impl AsRef<[u8]>, question: Question, port: u16, expected: Service) {
        assert_eq!(recognise(answer.as_ref(), question, port), expected);
    }

    fn http_of(status: u16, server: Option<&str>) -> Service {
        let server = server.map(Text::from);
        Service::Http { status, server }
    }

    #[test]
    fn an_answer_tells_who_gave_it() {
        let nginx = "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n\r\nServer: other";
        check(nginx, Question::Http, 80, http_of(200, Some("nginx/1.22.1")));
        check(
            "HTTP/1.0 404 Not Found\r\n\r\n",
            Question::Http,
            8080,
            http_of(404, None),
        );
        let tls_wanted = "HTTP/1.1 400 Bad Request\r\n\r\n<p>The plain HTTP request was sent to HTTPS port</p>";
        check(tls_wanted, Question::Http, 8080, Service::Https);
        let tls_wanted = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
        check(tls_wanted, Question::Http, 8080, Service::Https);
        check([0x15, 3, 1, 0, 2, 2, 22], Question::Http, 993, Service::Tls);
        check([0x15, 3, 1, 0, 2, 2, 22], Question::Http, 8443, Service::Https);
        check([], Question::Http, 443, Service::Https);
        check([], Question::Http, 80, Service::NoAnswer);
        check("N", Question::Postgres, 5432, Service::Postgres);
        check("SS", Question::Postgres, 5432, Service::Unknown);
        check("+PONG\r\n", Question::Redis, 6379, Service::Redis);
        check(
            "-NOAUTH Authentication required.\r\n",
            Question::Redis,
            6379,
            Service::Redis,
        );
        let refused = "-ERR wrong number of arguments for 'get' command\r\n";
        check(refused, Question::Http, 7000, Service::Redis);
        check("HTTP/", Question::Http, 80, Service::Unknown);
        check("hello\n", Question::Http, 80, Service::Unknown);
    }

    #[test]
    fn a_greeting_is_shown_as_far_as_it_is_text() {
        let check = |greeting: &[u8], expected| {
            assert_eq!(recognise(greeting, Question::None, 22), expected);
        };
        check(
            b"SSH-2.0-OpenSSH_9.2\r\nmore",
            Service::Greeting("SSH-2.0-OpenSSH_9.2".into()),
        );
        check(
            b"\x1b[31m220 mail\r\n",
            Service::Greeting(Text::clean("\u{1b}[31m220 mail")),
        );
        check(b"\xff\xff", Service::Unknown);
    }

    #[test]
    fn the_program_decides_the_question_before_the_port_does() {
        let check = |port, program, expected| assert_eq!(Question::for_listener(port, program), expected);
        check(80, None, Question::Http);
        check(5432, None, Question::Postgres);
        check(6379, Some("postgres"), Question::Postgres);
        check(7777, Some("redis-server"), Question::Redis);
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "HTTP/1.1 [0-9]{0,6}( OK)?\r\n(Server:.{0,5}\r\n)?.{0,9}") {
            for question in [Question::Http, Question::Postgres, Question::Redis, Question::None] {
                recognise(&bytes, question, 443);
                recognise(text.as_bytes(), question, 80);
            }
        }
    }
}
