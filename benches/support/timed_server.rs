//! A server that knows how long each answer took it: over plain HTTP/1.1, or TLS with HTTP/1.1 or HTTP/2.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// What an answer to `/timed` costs the server on purpose.
const WORK: Duration = Duration::from_millis(10);

/// The stalling target's rhythm.
const CYCLE: Duration = Duration::from_secs(4);
const STALL: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Plain,
    Tls1,
    Tls2,
}

/// How long the newest answer took, by the server's own clock.
#[derive(Clone, Copy)]
pub struct Took {
    /// From the request's head to the answer's head.
    pub head: Duration,
    /// To the end of the answer. The body is in memory: the same.
    pub whole: Duration,
}

pub struct Server {
    address: SocketAddr,
    root: Option<CertificateDer<'static>>,
    last: Arc<Mutex<Option<Took>>>,
}

impl Server {
    /// Serves on a thread of its own until the process ends.
    pub fn start(protocol: Protocol) -> Result<Self> {
        let (acceptor, root) = match protocol {
            Protocol::Plain => (None, None),
            Protocol::Tls1 => tls(b"http/1.1")?,
            Protocol::Tls2 => tls(b"h2")?,
        };
        let last = Arc::default();
        let (report, address) = mpsc::channel();
        let shared = Arc::clone(&last);
        thread::spawn(move || serve(acceptor, &shared, &report));
        let address = address.recv().context("the server did not start")?;
        Ok(Self { address, root, last })
    }

    pub fn url(&self, path: &str) -> String {
        let scheme = if self.root.is_some() { "https" } else { "http" };
        let host = if self.root.is_some() {
            "localhost".to_owned()
        } else {
            self.address.ip().to_string()
        };
        format!("{scheme}://{host}:{}{path}", self.address.port())
    }

    pub fn root(&self) -> Option<CertificateDer<'static>> {
        self.root.clone()
    }

    pub fn last_took(&self) -> Option<Took> {
        *self.last.lock().ok()?
    }
}

type Tls = (Option<TlsAcceptor>, Option<CertificateDer<'static>>);

fn tls(alpn: &[u8]) -> Result<Tls> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)?;
    config.alpn_protocols = vec![alpn.to_vec()];
    Ok((Some(TlsAcceptor::from(Arc::new(config))), Some(certificate)))
}

fn serve(acceptor: Option<TlsAcceptor>, last: &Arc<Mutex<Option<Took>>>, report: &mpsc::Sender<SocketAddr>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let accept = async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        report.send(listener.local_addr()?).map_err(io::Error::other)?;
        let began = Instant::now();
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (acceptor, last) = (acceptor.clone(), Arc::clone(last));
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(request, began, Arc::clone(&last)));
                let server = auto::Builder::new(TokioExecutor::new());
                // A client that goes away is none of a server's business.
                let _ = match acceptor {
                    None => server.serve_connection(TokioIo::new(stream), service).await,
                    Some(acceptor) => match acceptor.accept(stream).await {
                        Ok(stream) => server.serve_connection(TokioIo::new(stream), service).await,
                        Err(_) => Ok(()),
                    },
                };
            });
        }
    };
    let ended: io::Result<Infallible> = runtime.block_on(accept);
    let Err(error) = ended;
    eprintln!("the server has ended: {error}");
}

async fn answer(
    request: Request<Incoming>,
    began: Instant,
    last: Arc<Mutex<Option<Took>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let start = Instant::now();
    match request.uri().path() {
        "/timed" => tokio::time::sleep(WORK).await,
        "/stalling" => {
            let phase = Duration::from_nanos((began.elapsed().as_nanos() % CYCLE.as_nanos()) as u64);
            tokio::time::sleep(STALL.saturating_sub(phase)).await;
        }
        _ => {}
    }
    let took = start.elapsed();
    if let Ok(mut last) = last.lock() {
        *last = Some(Took {
            head: took,
            whole: took,
        });
    }
    Ok(Response::new(Full::new(Bytes::from_static(b"{\"status\":\"ok\"}\n"))))
}
