//! What is said on a connection that stands, and what must come back.

use probetop_core::sample::{Failure, FailureKind, Phase, Text};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::source::attempt::{Fault, Stopwatch};
use crate::source::payload;

/// Bytes asked of the system at once: what a service greets with fits many times over.
const CHUNK_BYTES: usize = 4096;

/// One message out, and an answer that is waited for.
pub(super) struct Exchange {
    /// May be empty: many services speak first.
    pub send: Vec<u8>,
    /// What the answer must hold. Empty: any answer will do.
    pub expect: Vec<u8>,
    /// Bytes of the answer that are read at most, at least one.
    pub limit_bytes: usize,
}

impl Exchange {
    /// Sends, and reads into `answer` until it holds what is expected.
    ///
    /// # Errors
    /// Silence, an end or an answer of another kind, with what came so far.
    pub(super) async fn hold<S>(
        &self,
        watch: &mut Stopwatch,
        stream: &mut S,
        answer: &mut Vec<u8>,
    ) -> Result<(), Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let first = async {
            stream.write_all(&self.send).await?;
            stream.flush().await?;
            self.read(stream, answer).await
        };
        let mut is_met = watch.phase(Phase::FirstByte, first).await?;
        let rest = async {
            while !is_met {
                is_met = self.read(stream, answer).await?;
            }
            Ok(())
        };
        let result = watch.phase(Phase::Transfer, rest).await;
        result.map_err(|failure| with_answer(failure, answer))
    }

    /// Reads once; whether the answer holds what is expected now.
    async fn read<S: AsyncRead + Unpin>(&self, stream: &mut S, answer: &mut Vec<u8>) -> Result<bool, Fault> {
        let room = self.limit_bytes.saturating_sub(answer.len()).min(CHUNK_BYTES);
        let had = answer.len();
        answer.reserve(room);
        let read = (&mut *stream).take(room as u64).read_buf(answer).await?;
        // What is expected may have begun in what was there before.
        let fresh = answer.get(had.saturating_sub(self.expect.len())..).unwrap_or_default();
        match (read, payload::contains(fresh, &self.expect)) {
            (0, _) if answer.is_empty() => Err(Fault::new(FailureKind::Closed, "closed by the peer without an answer")),
            (0, _) => Err(unexpected(answer)),
            (_, true) => Ok(true),
            (_, false) if answer.len() >= self.limit_bytes => Err(unexpected(answer)),
            (_, false) => Ok(false),
        }
    }
}

/// An answer that is over, or as long as we read, without what it should hold.
pub(super) fn unexpected(answer: &[u8]) -> Fault {
    let message = format!("not the answer expected: '{}'", payload::shown(answer));
    Fault::new(FailureKind::Expect, message)
}

/// A time limit that passes says what came instead of the rest: often it is an error in the peer's own words.
fn with_answer(mut failure: Failure, answer: &[u8]) -> Failure {
    if failure.kind == FailureKind::Timeout {
        failure.message = Text::from(format!("{}: '{}'", failure.message, payload::shown(answer)));
    }
    failure
}
