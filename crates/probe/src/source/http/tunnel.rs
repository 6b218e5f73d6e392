//! A way through a proxy to another host: CONNECT (RFC 9110, section 9.3.6).

use probetop_core::sample::FailureKind;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::head::Head;
use super::origin::Origin;
use super::route::Proxy;
use crate::source::attempt::Fault;

/// Asks the proxy at the other end of `stream` for a tunnel to `origin`; what is written afterwards goes there.
pub(super) async fn dig(
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
    let head = Head::read(stream).await;
    match head.map_err(|fault| Fault::new(fault.kind, format!("of the proxy: {fault}")))? {
        Some(head) => accept(&head),
        None => Err(Fault::new(
            FailureKind::Closed,
            "proxy closed the connection before its answer was whole",
        )),
    }
}

/// The status decides.
fn accept(head: &Head) -> Result<(), Fault> {
    let refuse = |why: &str| Err(Fault::new(FailureKind::Status, format!("{why}: {}", head.words())));
    match head.status {
        // A tunnel's far end speaks when it was spoken to: what comes in one piece with the head was not asked for.
        200..300 if !head.rest.is_empty() => Err(Fault::new(FailureKind::Protocol, "proxy sent more than its answer")),
        200..300 => Ok(()),
        407 => refuse("proxy wants other credentials"),
        _ => refuse("proxy refuses the tunnel"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, duplex};
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
            "HTTP/1.1 502 Bad Gateway\r\n\r\nbody",
            Err("status: proxy refuses the tunnel: 502 Bad Gateway"),
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
        let not_http = "protocol: of the proxy: answer is not HTTP: invalid response status";
        check("HTTP/1.1 abc\r\n\r\n", Err(not_http)).await;
        check("HTTP/1.1 502 Bad\x1b[31m Gateway\r\n\r\n", Err(not_http)).await;
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
