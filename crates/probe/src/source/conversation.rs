//! A question and its answer over a connection that is kept for the next: how a probe goes about it, whatever the protocol.
//!
//! A kind says by [`Service`] how to connect and how to ask. What the server tells of itself is read now and then over
//! the same connection, when the attempt is over, so that it is no part of the latency.

use std::future::{Future, ready};

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Failure, Text};
use tokio::time::{Instant, timeout_at};

use super::Attempt;
use super::attempt::{Fault, Stopwatch};
use super::every::Every;
use super::idle::{Idle, Kept};

/// A server that is asked one thing at a time.
pub trait Service: Sync {
    type Session: Kept + Send;

    fn clock(&self) -> &Clock;

    fn idle(&self) -> &Idle<Self::Session>;

    /// Goes through the phases before a question. What should be known of the peer even if a later one of them fails is
    /// put into `answer`.
    fn open(
        &self,
        watch: &mut Stopwatch,
        answer: &mut Option<Answer>,
    ) -> impl Future<Output = Result<Self::Session, Failure>> + Send;

    /// What is known of a session before it is asked anything.
    fn describe(&self, session: &Self::Session) -> Answer;

    /// Asks. What is learnt on the way is noted in `answer`, whether or not it succeeds.
    ///
    /// # Errors
    /// The session cannot be used any more.
    fn ask(
        &self,
        watch: &mut Stopwatch,
        session: &mut Self::Session,
        answer: &mut Answer,
    ) -> impl Future<Output = Result<Reply, Failure>> + Send;

    /// Whether what failed over an idle connection is asked once more over a new one: the peer closed it just as we
    /// asked, and asking again changes nothing.
    fn may_ask_again(&self, _session: &Self::Session, _failure: &Failure) -> bool {
        false
    }

    /// When the server's own figures are read. `None`: never.
    fn statistics(&self) -> Option<&Every> {
        None
    }

    /// Reads them.
    ///
    /// # Errors
    /// The session cannot be used any more.
    fn read_statistics(&self, _session: &mut Self::Session) -> impl Future<Output = Result<(), Fault>> + Send {
        ready(Ok(()))
    }

    /// They could not be read: old ones would be taken for new.
    fn forget_statistics(&self, _why: Text) {}

    /// Adds them to an answer.
    fn tell_statistics(&self, _answer: &mut Answer) {}

    /// Closes a session that could be used again and is not to be, as far as that takes no time.
    fn hang_up(&self, session: Self::Session) {
        drop(session);
    }
}

/// What came of a question, over a session that still stands.
pub struct Reply {
    /// What the server, or the target's own expectations, say of it.
    pub verdict: Result<(), Failure>,
    /// Whether another probe may use the session.
    pub is_usable: bool,
}

/// One attempt, by `deadline`.
pub async fn attempt<S: Service>(service: &S, deadline: Timestamp) -> Attempt {
    let mut watch = Stopwatch::start(service.clock(), deadline);
    let mut answer = None;
    let (verdict, session) = match converse(service, &mut watch, &mut answer).await {
        Ok((session, reply)) => (reply.verdict, reply.is_usable.then_some(session)),
        Err(failure) => (Err(failure), None),
    };
    let mut attempt = watch.finish(verdict, None);
    if let Some(session) = session {
        part(service, session, deadline).await;
    }
    attempt.answer = answer.map(|mut answer| {
        service.tell_statistics(&mut answer);
        Box::new(answer)
    });
    attempt
}

async fn converse<S: Service>(
    service: &S,
    watch: &mut Stopwatch,
    answer: &mut Option<Answer>,
) -> Result<(S::Session, Reply), Failure> {
    let mut idle = service.idle().take();
    loop {
        let reused = idle.is_some();
        let mut session = match idle.take() {
            Some(session) => session,
            // Boxed: opening is rare and its state is large, and every probe would carry room for it.
            None => Box::pin(service.open(watch, answer)).await?,
        };
        let known = answer.insert(Answer {
            reused,
            ..service.describe(&session)
        });
        match service.ask(watch, &mut session, known).await {
            Ok(reply) => return Ok((session, reply)),
            Err(failure) if reused && service.may_ask_again(&session, &failure) => {}
            Err(failure) => return Err(failure),
        }
    }
}

/// Reads the statistics when it is time, and keeps the session for the next probe.
async fn part<S: Service>(service: &S, mut session: S::Session, deadline: Timestamp) {
    let clock = service.clock();
    if service.statistics().is_some_and(|every| every.is_due(clock.now())) {
        let limit = Instant::from_std(clock.instant(deadline));
        match timeout_at(limit, service.read_statistics(&mut session)).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => return service.forget_statistics(fault.message),
            Err(_elapsed) => return service.forget_statistics(Text::clean("not answered in time")),
        }
    }
    if let Some(session) = service.idle().put(session) {
        service.hang_up(session);
    }
}
