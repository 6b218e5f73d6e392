//! A way through a proxy to another host: CONNECT (RFC 9110, section 9.3.6).

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::head::Heads;
use super::origin::Origin;
use super::route::Proxy;
use crate::sample::FailureKind;
use crate::source::attempt::Fault;

/// A proxy's yes is some lines long.
const PIECE_BYTES: usize = 1024;

/// Asks the proxy at the other end of `stream` for a tunnel to `origin`; what is written afterwards goes there.
pub async fn dig(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &Proxy,
    origin: &Origin,
) -> Result<(), Fault> {
    let to = format!("{}:{}", origin.host, origin.port);
    let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n");
    if let Some(credentials) = &proxy.credentials {
        request.push_str("Proxy-Authorization: ");
        request.push_str(credentials);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut heads = Heads::default();
    let mut piece = [0; PIECE_BYTES];
    loop {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Err(Fault::new(
                FailureKind::Closed,
                "proxy closed the connection before its answer was whole",
            ));
        }
        let whole = heads.push(piece.get(..read).unwrap_or_default());
        let whole = whole.map_err(|fault| Fault::new(fault.kind, format!("of the proxy: {fault}")))?;
        if let Some(end) = whole {
            let head = heads.into_bytes();
            // A tunnel's far end speaks when it was spoken to: what comes in one piece with the head was not asked for.
            return accept(&head, head.len() > end);
        }
    }
}

/// The status line decides.
fn accept(head: &[u8], unasked: bool) -> Result<(), Fault> {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let (_version, status) = line.split_once(' ').ok_or_else(not_http)?;
    let code = status.get(..3).and_then(|code| code.parse::<u16>().ok());
    match code.ok_or_else(not_http)? {
        200..300 if unasked => Err(Fault::new(FailureKind::Protocol, "proxy sent more than its answer")),
        200..300 => Ok(()),
        407 => Err(Fault::new(
            FailureKind::Status,
            format!("proxy wants other credentials: {status}"),
        )),
        _ => Err(Fault::new(
            FailureKind::Status,
            format!("proxy refuses the tunnel: {status}"),
        )),
    }
}

fn not_http() -> Fault {
    Fault::new(FailureKind::Protocol, "proxy's answer is not HTTP/1")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::duplex;
    use url::Url;

    use super::*;

    /// What the proxy was asked, and what became of it when it answered `answer` and closed.
    async fn ask(answer: &[u8]) -> (String, Result<(), String>) {
        let proxy = Proxy::parse("http://user:pw@proxy.example:3128").unwrap();
        let origin = Origin::of(&Url::parse("https://a.example/").unwrap()).unwrap();
        let (mut ours, mut theirs) = duplex(1024 * 1024);
        theirs.write_all(answer).await.unwrap();
        theirs.shutdown().await.unwrap();
        let result = dig(&mut ours, &proxy, &origin).await;
        drop(ours);
        let mut asked = String::new();
        theirs.read_to_string(&mut asked).await.unwrap();
        (asked, result.map_err(|fault| format!("{}: {fault}", fault.kind.name())))
    }

    async fn check(answer: &str, expected: Result<(), &str>) {
        let (asked, result) = ask(answer.as_bytes()).await;
        assert_eq!(
            asked,
            "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nProxy-Authorization: Basic dXNlcjpwdw==\r\n\r\n"
        );
        assert_eq!(result, expected.map_err(str::to_owned), "{answer:?}");
    }

    #[tokio::test]
    async fn the_status_of_the_proxy_decides() {
        check("HTTP/1.1 200 Connection established\r\n\r\n", Ok(())).await;
        check("HTTP/1.0 200\r\nVia: x\r\n\r\n", Ok(())).await;
        check(
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            Err("status: proxy wants other credentials: 407 Proxy Authentication Required"),
        )
        .await;
        check(
            "HTTP/1.1 502 Bad\x1b[31m Gateway\r\n\r\nbody",
            Err("status: proxy refuses the tunnel: 502 Bad[31m Gateway"),
        )
        .await;
        check(
            "HTTP/1.1 200 OK\r\n\r\nmore",
            Err("protocol: proxy sent more than its answer"),
        )
        .await;
        check(
            "SSH-2.0",
            Err("protocol: of the proxy: answer is not HTTP: it begins with \"SSH-2.0\""),
        )
        .await;
        check("HTTP/1.1 abc\r\n\r\n", Err("protocol: proxy's answer is not HTTP/1")).await;
        check(
            "HTTP/1.1 200",
            Err("closed: proxy closed the connection before its answer was whole"),
        )
        .await;
        check(
            "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            Ok(()),
        )
        .await;
        let endless = format!("HTTP/1.1 200 {}", "x".repeat(128 * 1024));
        let too_long = "protocol: of the proxy: head of the answer longer than 64 KiB";
        check(&endless, Err(too_long)).await;
        let waiting = "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
        let never = "protocol: of the proxy: more than 32 answers in advance (1xx) and no final one";
        check(&waiting, Err(never)).await;
    }

    proptest! {
        #[test]
        fn no_answer_does_harm(answer in "HTTP/1.[01] \\PC{0,20}(\r\n\r\n)?") {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (_, result) = runtime.block_on(ask(answer.as_bytes()));
            prop_assert!(result.is_err() || answer.contains(" 2"));
        }
    }
}
