//! What the demo service does when: pure functions from endpoint, time and request number to a [`Behaviour`].
//!
//! The schedule repeats every [`CYCLE`]. In its first 15 seconds a level turns warning and another critical, an alert
//! fires, and probes fail in three ways; all of it recovers and comes back.
//!
//! ```text
//!              0         10        20        30        40        50        60 s
//! /login       .........~~~~~~~~~~~~~~~~~~~~~~~............................  drifts from 30 to 100 ms and back
//! /checkout    .....#######......................######....................  20 ms, in a spike 400 ms
//! /profile     ........xxx.................................xx..............  503 for most of a burst
//! /payment     ..xxxxxxxxx..................................xxxxxxxxxx.....  one request in ten reset
//! /report      ...xx......................xxx..............................  stalls beyond its time limit
//! /inventory   ..................xxxxx...........................xxx.......  answers that it is degraded
//! /search      one request in 40 takes 300 ms, always;  /health, /catalog: steady
//! ```

use std::ops::Range;
use std::time::Duration;

/// The schedule starts over after this long: twice the time that an alert needs to fire and clear, so that whoever
/// watches for a minute has seen both.
pub const CYCLE: Duration = Duration::from_secs(60);

/// Stretches of a cycle, in seconds from its start.
type Episodes = &'static [Range<u64>];

const CHECKOUT_SPIKES: Episodes = &[5..12, 34..40];
const PROFILE_OUTAGES: Episodes = &[8..11, 44..46];
const PAYMENT_RESETS: Episodes = &[2..11, 45..55];
const REPORT_STALLS: Episodes = &[3..5, 27..30];
const INVENTORY_DEGRADED: Episodes = &[18..23, 50..53];

/// The second of the cycle in which `/login` is slowest.
const LOGIN_PEAK_S: f64 = 20.0;

/// Longer than anybody's patience with a demo, short enough that no request outlives it for long.
const STALL: Duration = Duration::from_secs(10);

/// A path of the demo service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    Health,
    Login,
    Search,
    Checkout,
    Profile,
    Payment,
    Report,
    Inventory,
    Catalog,
}

impl Endpoint {
    pub const ALL: [Self; 9] = [
        Self::Health,
        Self::Login,
        Self::Search,
        Self::Checkout,
        Self::Profile,
        Self::Payment,
        Self::Report,
        Self::Inventory,
        Self::Catalog,
    ];

    /// The path without its slash, and the host part of a `demo://` URL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Login => "login",
            Self::Search => "search",
            Self::Checkout => "checkout",
            Self::Profile => "profile",
            Self::Payment => "payment",
            Self::Report => "report",
            Self::Inventory => "inventory",
            Self::Catalog => "catalog",
        }
    }

    /// What is the matter with it, in a few words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Health => "steady, quick",
            Self::Login => "drifts from 30 to 100 ms and back",
            Self::Search => "one request in 40 takes 300 ms",
            Self::Checkout => "20 ms, in a spike 400 ms",
            Self::Profile => "503 for most of a burst",
            Self::Payment => "one request in ten is reset",
            Self::Report => "stalls beyond its time limit",
            Self::Inventory => "answers at times that it is degraded",
            Self::Catalog => "steady, large answers",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.name() == name)
    }
}

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// How long the answer takes.
    pub delay: Duration,
    pub reply: Reply,
}

/// How a request is answered after its delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// 200, `{"status":"ok"}`.
    Ok,
    /// 200, `{"status":"degraded"}`: only who looks into the body notices.
    Degraded,
    /// 503, `{"status":"unavailable"}`.
    Unavailable,
    /// The connection is reset instead of an answer.
    Reset,
    /// 200 with a body of [`super::LARGE_BODY_BYTES`] bytes.
    Large,
}

/// What becomes of an endpoint's request number `request` (counted from 0) when the service has run for `since_start`.
pub fn behaviour(endpoint: Endpoint, since_start: Duration, request: u64) -> Behaviour {
    let at = Duration::from_nanos((since_start.as_nanos() % CYCLE.as_nanos()) as u64);
    let noise = noise(endpoint as u64, request);
    let jitter = |base_ms: f64| jittered(base_ms, noise);
    let (delay, reply) = match endpoint {
        Endpoint::Health => (jitter(1.5), Reply::Ok),
        Endpoint::Login => (jitter(login_ms(at)), Reply::Ok),
        Endpoint::Search if one_in(40, endpoint, request) => (jitter(300.0), Reply::Ok),
        Endpoint::Search => (jitter(20.0), Reply::Ok),
        Endpoint::Checkout if during(CHECKOUT_SPIKES, at) => (jitter(400.0), Reply::Ok),
        Endpoint::Checkout => (jitter(20.0), Reply::Ok),
        Endpoint::Profile if during(PROFILE_OUTAGES, at) && noise < 0.8 => (jitter(5.0), Reply::Unavailable),
        Endpoint::Profile => (jitter(35.0), Reply::Ok),
        Endpoint::Payment if during(PAYMENT_RESETS, at) && one_in(10, endpoint, request) => (jitter(8.0), Reply::Reset),
        Endpoint::Payment => (jitter(60.0), Reply::Ok),
        Endpoint::Report if during(REPORT_STALLS, at) => (STALL, Reply::Ok),
        Endpoint::Report => (jitter(250.0), Reply::Ok),
        Endpoint::Inventory if during(INVENTORY_DEGRADED, at) => (jitter(15.0), Reply::Degraded),
        Endpoint::Inventory => (jitter(12.0), Reply::Ok),
        Endpoint::Catalog => (jitter(3.0), Reply::Large),
    };
    Behaviour { delay, reply }
}

fn during(episodes: Episodes, at: Duration) -> bool {
    episodes.iter().any(|episode| episode.contains(&at.as_secs()))
}

/// From 30 ms up to 100 ms and back once per cycle, on a cosine.
fn login_ms(at: Duration) -> f64 {
    let turn = (at.as_secs_f64() - LOGIN_PEAK_S) / CYCLE.as_secs_f64();
    65.0 + 35.0 * (turn * std::f64::consts::TAU).cos()
}

/// Most answers near `base_ms`, few up to a third slower: latencies lean to one side. `noise` is in 0..1.
fn jittered(base_ms: f64, noise: f64) -> Duration {
    Duration::from_secs_f64(base_ms * (0.95 + 0.35 * noise.powi(4)) / 1000.0)
}

/// Exactly one of each `n` requests in a row, at a place that looks random: a share drawn freely would wander across
/// a threshold that lies near it.
fn one_in(n: u64, endpoint: Endpoint, request: u64) -> bool {
    request % n == mix(endpoint as u64, request / n) % n
}

/// Evenly spread over 0..1 and the same for the same request, so that every demo looks alike.
fn noise(seed: u64, request: u64) -> f64 {
    const UNIT: f64 = 1.0 / (1u64 << 53) as f64;
    (mix(seed, request) >> 11) as f64 * UNIT
}

/// SplitMix64's finalizer (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014) over both numbers.
fn mix(seed: u64, n: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(n).wrapping_add(1);
    z = z.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(endpoint: Endpoint, at_ms: u64, replies: &[Reply], delays_ms: Range<u128>) {
        for request in 0..200 {
            let Behaviour { delay, reply } = behaviour(endpoint, Duration::from_millis(at_ms), request);
            assert!(replies.contains(&reply), "{endpoint:?} at {at_ms} ms: {reply:?}");
            assert!(
                delays_ms.contains(&delay.as_millis()),
                "{endpoint:?} at {at_ms} ms: {delay:?}"
            );
        }
    }

    #[test]
    fn every_endpoint_keeps_to_its_timeline() {
        check(Endpoint::Health, 0, &[Reply::Ok], 1..3);
        check(Endpoint::Login, 0, &[Reply::Ok], 40..66);
        check(Endpoint::Login, 20_000, &[Reply::Ok], 95..131);
        check(Endpoint::Login, 50_000, &[Reply::Ok], 28..40);
        check(Endpoint::Checkout, 4_999, &[Reply::Ok], 19..27);
        check(Endpoint::Checkout, 5_000, &[Reply::Ok], 380..521);
        check(Endpoint::Checkout, 11_999, &[Reply::Ok], 380..521);
        check(Endpoint::Checkout, 12_000, &[Reply::Ok], 19..27);
        check(Endpoint::Profile, 7_000, &[Reply::Ok], 33..46);
        check(Endpoint::Profile, 9_000, &[Reply::Ok, Reply::Unavailable], 4..46);
        check(Endpoint::Payment, 1_000, &[Reply::Ok], 57..79);
        check(Endpoint::Payment, 3_000, &[Reply::Ok, Reply::Reset], 7..79);
        check(Endpoint::Report, 2_000, &[Reply::Ok], 237..326);
        check(Endpoint::Report, 4_000, &[Reply::Ok], 10_000..10_001);
        check(Endpoint::Inventory, 17_000, &[Reply::Ok], 11..16);
        check(Endpoint::Inventory, 20_000, &[Reply::Degraded], 14..20);
        check(Endpoint::Catalog, 30_000, &[Reply::Large], 2..5);
    }

    #[test]
    fn the_schedule_repeats_every_cycle() {
        for endpoint in Endpoint::ALL {
            for second in 0..CYCLE.as_secs() {
                let at = Duration::from_secs(second);
                assert_eq!(behaviour(endpoint, at, 7), behaviour(endpoint, at + 3 * CYCLE, 7));
            }
        }
    }

    #[test]
    fn exactly_one_in_n_requests_of_each_block_stands_out() {
        for block in 0..40 {
            let slow = (block * 40..(block + 1) * 40).filter(|request| one_in(40, Endpoint::Search, *request));
            assert_eq!(slow.count(), 1, "block {block}");
        }
    }

    #[test]
    fn noise_is_spread_evenly() {
        let mut tenths = [0; 10];
        for request in 0..10_000 {
            tenths[(noise(3, request) * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (850..1150).contains(count)), "{tenths:?}");
    }

    #[test]
    fn the_end_of_time_is_answered_too() {
        for endpoint in Endpoint::ALL {
            assert!(behaviour(endpoint, Duration::MAX, u64::MAX).delay <= STALL);
        }
    }

    #[test]
    fn names_lead_back_to_their_endpoints() {
        for endpoint in Endpoint::ALL {
            assert_eq!(Endpoint::from_name(endpoint.name()), Some(endpoint));
        }
        assert_eq!(Endpoint::from_name("nowhere"), None);
    }
}
