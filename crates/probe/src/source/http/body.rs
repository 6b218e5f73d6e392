//! The body of an answer, up to a limit.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

/// How much of a body is read, and whether it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BodyLimit {
    pub limit_bytes: u64,
    pub keep: Keep,
    /// Of a body that has no end: after so long without more of it, it is taken as it is.
    pub pause: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// A condition looks at the body.
    Bytes,
    /// Only its length counts.
    Length,
}

/// A body as far as it was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    /// Empty unless kept.
    pub bytes: Vec<u8>,
    pub length: u64,
    /// There was more than the limit, or it paused.
    pub truncated: bool,
}

impl Body {
    /// Takes in what came, up to the limit.
    pub(super) fn take(&mut self, data: &[u8], body_limit: BodyLimit) {
        let wanted = body_limit.limit_bytes - self.length;
        let taken = wanted.min(data.len() as u64);
        self.length += taken;
        if body_limit.keep == Keep::Bytes {
            self.bytes.extend_from_slice(&data[..taken as usize]);
        }
        self.truncated |= (data.len() as u64) > wanted;
    }
}

/// Reads `incoming` to its end or to the limit, into `body`, which shows how far it came when that fails.
pub(super) async fn read(mut incoming: Incoming, body_limit: BodyLimit, body: &mut Body) -> hyper::Result<()> {
    while !incoming.is_end_stream() {
        let frame = match body_limit.pause {
            None => incoming.frame().await,
            Some(pause) => match timeout(pause, incoming.frame()).await {
                Ok(frame) => frame,
                Err(_) => {
                    body.truncated = true;
                    break;
                }
            },
        };
        let Some(frame) = frame else { break };
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        body.take(&data, body_limit);
        if body.truncated {
            break;
        }
    }
    Ok(())
}
