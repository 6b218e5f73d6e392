//! From the first request over connections and redirects to the last answer.

use std::net::SocketAddr;

use probetop_core::sample::Failure;

use super::Http;
use super::coding;
use super::connection::{Connection, Way};
use super::cookies::Jar;
use super::journey::{Broken, Journey, Reply};
use super::reach::{AddressScope, Reach};
use super::redirect::{self, Next};
use super::request::Request;
use super::route::Route;
use super::settings::Permission;
use crate::source::attempt::Fault;

/// One request on the way from the first.
#[derive(Clone, Copy)]
struct Hop<'a> {
    request: &'a Request,
    /// What the target, or the step of a flow, asks for itself.
    first: &'a Request,
    reach: Reach,
}

impl Http {
    /// From the first request to the answer that sends us nowhere else. Cookies of `jar` go along, and into it.
    pub(super) async fn travel(&self, first: &Request, jar: &mut Jar, journey: &mut Journey) -> Result<Reply, Failure> {
        let mut followed = first.with_cookies(jar, journey.watch.wall());
        let mut reach = Reach::Anywhere;
        let mut held = None;
        loop {
            let request = followed.as_ref().unwrap_or(first);
            let leg = Hop { request, first, reach };
            let (reply, connection) = self.step(leg, held, journey).await?;
            let now = journey.watch.wall();
            jar.keep(&request.url, &reply.head.headers, now);
            let steps = (journey.answer.redirects, self.plan.redirects);
            let next = redirect::next(request, first, &reply.head, steps, &self.plan.redirects_may);
            let stays = |next: &Request| {
                connection
                    .as_ref()
                    .is_some_and(|connection| connection.is_to(&next.origin))
            };
            held = if matches!(&next, Ok(Next::Follow(next)) if stays(next)) {
                connection
            } else {
                self.pool.put(connection);
                None
            };
            match next {
                Ok(Next::Follow(next)) => {
                    reach = self.reach(request, &next, first, journey.answer.address);
                    followed = Some(next.with_cookies(jar, now).unwrap_or(*next));
                }
                Ok(Next::Stay) => return self.arrive(reply, journey).await,
                Ok(Next::Stuck(_)) if self.plan.expectations.mention("status") => {
                    return self.arrive(reply, journey).await;
                }
                Ok(Next::Stuck(fault)) | Err(fault) => return Err(fault.after_all_phases()),
            }
            journey.answer.redirects += 1;
        }
    }

    /// That is the answer.
    async fn arrive(&self, mut reply: Reply, journey: &mut Journey) -> Result<Reply, Failure> {
        if let Some(tally) = &self.pool.tally {
            journey.answer.facts.push(tally.count(&reply.head.headers));
        }
        let undone = coding::undo(&reply.head.headers, &mut reply.body, self.plan.body_limit.limit_bytes).await;
        undone.map_err(Fault::after_all_phases)?;
        journey.answer.truncated = reply.body.truncated;
        Ok(reply)
    }

    /// How far the peer at `address`, who answered `request`, may send us.
    fn reach(&self, request: &Request, next: &Request, first: &Request, address: Option<SocketAddr>) -> Reach {
        if next.origin == first.origin || self.plan.redirects_may.contains(&Permission::ReachLocal) {
            return Reach::Anywhere;
        }
        Reach::From(match (&self.plan.route, address) {
            // The address is the proxy's.
            (Route::Proxy(..), _) => AddressScope::of_host(&request.origin.host),
            (_, Some(address)) => AddressScope::of(address.ip()),
            // A Unix socket.
            (_, None) => AddressScope::Loopback,
        })
    }

    /// One request and its answer, over `held`, an idle connection, or a new one.
    async fn step(
        &self,
        Hop { request, first, reach }: Hop<'_>,
        held: Option<Connection>,
        journey: &mut Journey,
    ) -> Result<(Reply, Option<Connection>), Failure> {
        let own = request.origin == first.origin;
        if let (Some(rotation), None, true) = (&self.pool.rotation, journey.turn, own) {
            let now = self.clock.now();
            journey.turn = Some(rotation.turn(&mut journey.watch, &request.origin, now).await?);
        }
        let wanted = journey.turn.filter(|_| own);
        if let Some(used) = held.or_else(|| self.pool.take(&request.origin, wanted)) {
            match used.exchange(journey, request, self.plan.body_limit).await {
                Ok(done) => return Ok(done),
                // The peer closed it just as we wrote. Every client asks once more on a new connection, and the time
                // that was lost counts, because a caller loses it too.
                Err(broken) if broken.was_stale() && request.is_idempotent() => {}
                Err(Broken { failure, .. }) => return Err(failure),
            }
        }
        let way = Way {
            destination: self.plan.route.to(&request.origin, &first.origin, wanted),
            reach,
        };
        let tls = || self.plan.tls(own);
        let opened = Connection::open(&mut journey.watch, &request.origin, way, self.plan.version, tls);
        // Boxed: opening is rare and its state is large, and every probe would carry room for it.
        let opened = Box::pin(opened).await?;
        let done = opened.exchange(journey, request, self.plan.body_limit).await;
        done.map_err(|broken| broken.failure)
    }
}
