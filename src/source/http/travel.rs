//! From the first request over connections and redirects to the last answer.

use std::net::SocketAddr;

use super::Http;
use super::clients::system_tls;
use super::connection::Connection;
use super::cookies::Jar;
use super::journey::{Broken, Journey, Reply};
use super::origin::Origin;
use super::redirect;
use super::request::Request;
use super::route::Route;
use super::settings;
use crate::sample::Failure;
use crate::source::tls;

impl Http {
    /// From the first request to the answer that sends us nowhere else. Cookies of `jar` go along, and into it.
    pub(super) async fn travel(
        &self,
        first: &Request,
        mut jar: Option<&mut Jar>,
        journey: &mut Journey,
    ) -> Result<Reply, Failure> {
        let mut followed = jar.as_ref().map(|jar| first.clone().with_cookies(jar));
        let mut held = None;
        loop {
            let request = followed.as_ref().unwrap_or(first);
            let (reply, connection) = self.step(request, held, journey).await?;
            if let Some(jar) = jar.as_mut() {
                jar.keep(&request.url, &reply.head.headers);
            }
            let steps = (journey.answer.redirects, self.redirects);
            let next = redirect::next(request, first, &reply.head, steps);
            let stays = |next: &Request| {
                connection
                    .as_ref()
                    .is_some_and(|connection| connection.is_to(&next.origin))
            };
            held = if matches!(&next, Ok(Some(next)) if stays(next)) {
                connection
            } else {
                self.keep(connection);
                None
            };
            match next {
                Ok(Some(next)) => {
                    followed = Some(match &jar {
                        Some(jar) => next.with_cookies(jar),
                        None => next,
                    });
                }
                Ok(None) => {
                    if let Some(tally) = &self.tally {
                        journey.answer.facts.push(tally.count(&reply.head.headers));
                    }
                    return Ok(reply);
                }
                Err(fault) => return Err(fault.after_all_phases()),
            }
            journey.answer.redirects += 1;
        }
    }

    /// One request and its answer, over `held`, an idle connection, or a new one.
    async fn step(
        &self,
        request: &Request,
        held: Option<Connection>,
        journey: &mut Journey,
    ) -> Result<(Reply, Option<Connection>), Failure> {
        let own = request.origin == self.request.origin;
        if let (Route::Each(rotation), None, true) = (&self.route, journey.turn, own) {
            let now = self.clock.now();
            journey.turn = Some(rotation.turn(&mut journey.watch, &request.origin, now).await?);
        }
        let wanted = journey.turn.filter(|_| own);
        if let Some(used) = held.or_else(|| self.idle(&request.origin, wanted)) {
            match used.exchange(journey, request, self.appetite).await {
                Ok(done) => return Ok(done),
                // The peer closed it just as we wrote. Every client asks once more on a new connection, and the time
                // that was lost counts, because a caller loses it too.
                Err(broken) if broken.was_stale() && request.is_idempotent() => {}
                Err(Broken { failure, .. }) => return Err(failure),
            }
        }
        let destination = self.route.to(&request.origin, &self.request.origin, wanted);
        let tls = || self.tls(own);
        let opened = Connection::open(&mut journey.watch, &request.origin, destination, self.version, tls);
        // Boxed: opening is rare and its state is large, and every probe would carry room for it.
        let opened = Box::pin(opened).await?;
        let done = opened.exchange(journey, request, self.appetite).await;
        done.map_err(|broken| broken.failure)
    }

    fn idle(&self, origin: &Origin, address: Option<SocketAddr>) -> Option<Connection> {
        match self.connection {
            settings::Connection::Reuse => self.idle.take(origin, address),
            settings::Connection::Fresh => None,
        }
    }

    fn keep(&self, connection: Option<Connection>) {
        match (self.connection, connection) {
            (settings::Connection::Reuse, Some(connection)) => self.idle.put(connection),
            (settings::Connection::Reuse, None) | (settings::Connection::Fresh, _) => {}
        }
    }

    fn tls(&self, own: bool) -> tls::Client {
        match &self.tls {
            Some(clients) if own => clients.own.clone(),
            Some(clients) => clients.strangers.clone(),
            None => system_tls().clone(),
        }
    }
}
