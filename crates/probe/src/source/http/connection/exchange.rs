//! One request and its answer over a connection, in HTTP/1.1 or HTTP/2.

use hyper::body::Incoming;
use hyper::http::response;
use probetop_core::sample::{Answer, Phase, Word};

use super::{Carrier, Connection};
use crate::source::attempt::Fault;
use crate::source::http::body::{self, Body, BodyLimit};
use crate::source::http::fault;
use crate::source::http::http1::Exchange;
use crate::source::http::http2::Http2;
use crate::source::http::journey::{Broken, Journey, Reached, Reply};
use crate::source::http::request::Request;

impl Connection {
    /// Sends `request` and reads the answer. What is learnt on the way is noted in `journey`, whether or not it
    /// succeeds; the connection comes back if it can be used again.
    pub(crate) async fn exchange(
        self,
        journey: &mut Journey,
        request: &Request,
        body_limit: BodyLimit,
    ) -> Result<(Reply, Option<Self>), Broken> {
        let Self { reused, peer, carrier } = self;
        let session = peer.tls.as_ref();
        let chain = session.and_then(|session| session.chain.as_ref());
        journey.reached = Reached::Yes;
        journey.answer = Answer {
            address: peer.address,
            reused,
            tls: session.and_then(|session| session.version).map(Word::of),
            redirects: journey.answer.redirects,
            facts: peer.facts.clone(),
            gauges: chain
                .map(|chain| chain.gauge(journey.watch.wall()))
                .into_iter()
                .collect(),
            ..Answer::default()
        };
        let (reply, carrier) = match carrier {
            Carrier::Http1(link) => {
                let written = match &peer.forwarder {
                    Some(proxy) => request.forwarded(proxy),
                    None => request.http1(),
                };
                let exchange = Exchange::begin(link, &request.method, written);
                over_http1(exchange, journey, body_limit).await?
            }
            Carrier::Http2(http2) => over_http2(http2, journey, request, body_limit).await?,
        };
        let connection = carrier.map(|carrier| Self { reused, peer, carrier });
        Ok((reply, connection))
    }
}

type Carried = Result<(Reply, Option<Carrier>), Broken>;

async fn over_http1(mut exchange: Exchange, journey: &mut Journey, body_limit: BodyLimit) -> Carried {
    let head = journey.watch.phase(Phase::FirstByte, exchange.head()).await;
    let head = match head {
        Ok(head) => head,
        Err(failure) if exchange.answered() => return Err(Broken::answered(failure)),
        Err(failure) => return Err(Broken::unanswered(failure)),
    };
    note_head(&mut journey.answer, &head);
    let mut body = Body::default();
    let read = exchange.body(body_limit, &mut body);
    let read = journey.watch.phase(Phase::Transfer, read).await;
    note_body(&mut journey.answer, &body);
    read.map_err(Broken::answered)?;
    let link = if body.truncated { None } else { exchange.finish() };
    Ok((Reply { head, body }, link.map(Carrier::Http1)))
}

async fn over_http2(mut http2: Http2, journey: &mut Journey, request: &Request, body_limit: BodyLimit) -> Carried {
    let head = http2.sender.send_request(request.http2());
    let head = journey.watch.phase(Phase::FirstByte, named(head)).await;
    let (head, incoming) = match head {
        Ok(response) => response.into_parts(),
        Err(failure) if http2.is_gone() => return Err(Broken::unanswered(failure)),
        // A stream that is reset while its connection stands is the peer's answer to this request.
        Err(failure) => return Err(Broken::answered(failure)),
    };
    note_head(&mut journey.answer, &head);
    let body = transfer(journey, incoming, body_limit).await?;
    let reusable = !body.truncated && !http2.is_gone();
    Ok((Reply { head, body }, reusable.then_some(Carrier::Http2(http2))))
}

async fn named<T>(head: impl Future<Output = hyper::Result<T>>) -> Result<T, Fault> {
    head.await.map_err(|error| fault::of_head(&error))
}

/// Reads the body as the last phase.
async fn transfer(journey: &mut Journey, incoming: Incoming, body_limit: BodyLimit) -> Result<Body, Broken> {
    let mut body = Body::default();
    let read = async {
        let read = body::read(incoming, body_limit, &mut body).await;
        read.map_err(|error| fault::of_body(&error, body.length))
    };
    let result = journey.watch.phase(Phase::Transfer, read).await;
    note_body(&mut journey.answer, &body);
    result.map(|()| body).map_err(Broken::answered)
}

fn note_head(answer: &mut Answer, head: &response::Parts) {
    answer.status = Some(head.status.as_u16());
    answer.protocol = protocol(head.version).map(Word::of);
}

fn note_body(answer: &mut Answer, body: &Body) {
    answer.body_bytes = body.length;
    answer.truncated = body.truncated;
}

fn protocol(version: hyper::Version) -> Option<&'static str> {
    match version {
        hyper::Version::HTTP_10 => Some("HTTP/1.0"),
        hyper::Version::HTTP_11 => Some("HTTP/1.1"),
        hyper::Version::HTTP_2 => Some("HTTP/2"),
        _ => None,
    }
}
