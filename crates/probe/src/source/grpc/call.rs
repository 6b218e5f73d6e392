//! One connection to a gRPC server (HTTP/2), and one call at a time over it.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::{HeaderMap, Request, Response, StatusCode};
use probetop_core::sample::{FailureKind, Text};

use super::message::{self, MESSAGE_LIMIT_BYTES, ServingStatus};
use super::status;
use crate::source::attempt::Fault;
use crate::source::http::fault;
use crate::source::http::http2::{Http2, Limits};
use crate::source::idle::Kept;
use crate::source::link::Link;

/// What a peer may send ahead of us: far more than the answer there is to give.
const WINDOW_BYTES: u32 = 64 * 1024;

/// Headers and trailers together.
const HEAD_LIMIT_BYTES: u32 = 16 * 1024;

const LIMITS: Limits = Limits {
    head_bytes: HEAD_LIMIT_BYTES,
    window_bytes: Some(WINDOW_BYTES),
};

/// A connection that speaks HTTP/2.
pub struct Line {
    pub address: SocketAddr,
    pub tls: Option<&'static str>,
    http2: Http2,
}

impl Kept for Line {
    fn is_alive(&mut self) -> bool {
        !self.is_gone()
    }
}

impl Line {
    /// Begins to speak HTTP/2.
    pub async fn open(link: Link, address: SocketAddr) -> Result<Self, Fault> {
        let tls = link.tls_version();
        if tls.is_some() && !link.agreed_on(b"h2") {
            return Err(Fault::new(
                FailureKind::Protocol,
                "peer does not offer HTTP/2 (ALPN h2)",
            ));
        }
        Ok(Self {
            address,
            tls,
            http2: Http2::open(link, LIMITS).await?,
        })
    }

    /// Calls, and reads the answer to its end. `http_status` is set where it is not 200.
    pub async fn call(
        &mut self,
        request: Request<Full<Bytes>>,
        http_status: &mut Option<u16>,
    ) -> Result<ServingStatus, Fault> {
        let answer = self.http2.sender.send_request(request).await;
        let answer = answer.map_err(|error| fault::of_head(&error))?;
        if answer.status() != StatusCode::OK {
            *http_status = Some(answer.status().as_u16());
        }
        read(answer).await
    }

    /// Whether the connection failed, and not only the call.
    pub fn is_gone(&self) -> bool {
        self.http2.is_gone()
    }
}

async fn read(answer: Response<Incoming>) -> Result<ServingStatus, Fault> {
    let (head, mut body) = answer.into_parts();
    if status::is_told_in(&head.headers) {
        // An answer without a message tells how the call ended at once.
        status::judge(&head.headers)?;
    }
    if head.status != StatusCode::OK {
        let reason = head.status.canonical_reason().unwrap_or_default();
        let message = format!("{} {reason}", head.status.as_u16());
        return Err(Fault::new(FailureKind::Status, message));
    }
    speaks_grpc(&head.headers)?;
    let mut frame = Vec::new();
    while let Some(part) = body.frame().await {
        let part = part.map_err(|error| fault::of_body(&error, frame.len() as u64))?;
        match part.into_data() {
            Ok(data) if frame.len().saturating_add(data.len()) > MESSAGE_LIMIT_BYTES => {
                let message = format!("answer longer than {} KiB", MESSAGE_LIMIT_BYTES / 1024);
                return Err(Fault::new(FailureKind::Protocol, message));
            }
            Ok(data) => frame.extend_from_slice(&data),
            Err(other) => {
                if let Ok(trailers) = other.into_trailers() {
                    status::judge(&trailers)?;
                    return message::read(&frame).map_err(|message| Fault::new(FailureKind::Protocol, message));
                }
            }
        }
    }
    status::judge(&HeaderMap::new())?;
    message::read(&frame).map_err(|message| Fault::new(FailureKind::Protocol, message))
}

fn speaks_grpc(headers: &HeaderMap) -> Result<(), Fault> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .map(|value| Text::clean_bytes(value.as_bytes()));
    match content_type {
        Some(value) if value.as_str().starts_with("application/grpc") => Ok(()),
        Some(other) => Err(Fault::new(
            FailureKind::Protocol,
            format!("answer is not gRPC but {other}"),
        )),
        None => Err(Fault::new(FailureKind::Protocol, "answer is not gRPC")),
    }
}
