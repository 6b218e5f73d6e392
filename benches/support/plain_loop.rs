//! The baseline: one thread that sends the same requests over as many kept-alive connections, and does nothing else.
//!
//! It knows when each request is due, writes it, waits for the answer with epoll and looks at its status. What it costs
//! is mostly the system's own price for that many requests; what probetop costs beyond it is probetop's.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::time::{ClockId, clock_gettime};

/// Starts fall on a grid of a millisecond, as probetop's do.
const GRID: Duration = Duration::from_millis(1);
const INTERVAL: Duration = Duration::from_secs(1);

/// The answers of the benchmark's server have some 130 bytes.
const ANSWER_LIMIT_BYTES: usize = 4 * 1024;

/// Answers taken at once.
const EVENTS: usize = 1024;

/// One target: its connection, and what is asked over it.
struct Target {
    stream: TcpStream,
    request: Vec<u8>,
}

/// What the loop saw.
struct Seen {
    answers: u64,
    failed: u64,
    lag_us: Histogram<u64>,
}

/// What the loop cost, while it was asking.
pub struct Cost {
    pub cpu_ratio: f64,
    pub lag_p99_ms: f64,
}

impl FromStr for Cost {
    type Err = anyhow::Error;

    fn from_str(line: &str) -> Result<Self> {
        let (cpu_ratio, lag_p99_ms) = line.trim().split_once(' ').context("two figures")?;
        Ok(Self {
            cpu_ratio: cpu_ratio.parse()?,
            lag_p99_ms: lag_p99_ms.parse()?,
        })
    }
}

/// Asks each of `targets` once a second for `length`, and prints as one line what that cost.
pub fn run(server: SocketAddr, targets: u32, length: Duration) -> Result<()> {
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    let mut targets: Vec<_> = (0..targets)
        .map(|number| connect(&epoll, server, number))
        .collect::<Result<_>>()?;
    let (began, cpu) = (Instant::now(), cpu_so_far()?);
    let seen = ask_all(&epoll, &mut targets, length)?;
    let cpu_ratio = (cpu_so_far()? - cpu).as_secs_f64() / began.elapsed().as_secs_f64();
    ensure!(seen.failed == 0, "{} of {} answers say no", seen.failed, seen.answers);
    let expected = length.as_secs_f64() * targets.len() as f64;
    ensure!(
        seen.answers as f64 > 0.9 * expected,
        "{} answers instead of {expected}",
        seen.answers
    );
    let lag_p99_ms = seen.lag_us.value_at_quantile(0.99) as f64 / 1000.0;
    println!("{cpu_ratio} {lag_p99_ms}");
    Ok(())
}

/// The process's own count.
fn cpu_so_far() -> Result<Duration> {
    Ok(clock_gettime(ClockId::ProcessCPUTime).try_into()?)
}

fn connect(epoll: &OwnedFd, server: SocketAddr, number: u32) -> Result<Target> {
    let stream = TcpStream::connect(server).context("connecting to the benchmark's server")?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    epoll::add(epoll, &stream, EventData::new_u64(number.into()), EventFlags::IN)?;
    let request = format!(
        "GET /{number} HTTP/1.1\r\nhost: {server}\r\nuser-agent: probetop\r\naccept: */*\r\naccept-encoding: identity\r\n\r\n"
    );
    Ok(Target {
        stream,
        request: request.into_bytes(),
    })
}

fn ask_all(epoll: &OwnedFd, targets: &mut [Target], length: Duration) -> Result<Seen> {
    let began = Instant::now();
    let mut seen = Seen {
        answers: 0,
        failed: 0,
        lag_us: Histogram::new(3)?,
    };
    let mut events: Vec<Event> = Vec::with_capacity(EVENTS);
    let count = targets.len();
    let (mut round, mut next) = (0, 0);
    while began.elapsed() < length {
        let at = due(round, next, count);
        let elapsed = began.elapsed();
        if elapsed >= at {
            seen.lag_us.saturating_record((elapsed - at).as_micros() as u64);
            let Target { stream, request } = &mut targets[next];
            ensure!(stream.write(request)? == request.len(), "a request found no room");
            next += 1;
            if next == count {
                (round, next) = (round + 1, 0);
            }
            continue;
        }
        let left = Timespec::try_from(at - elapsed)?;
        events.clear();
        epoll::wait(epoll, rustix::buffer::spare_capacity(&mut events), Some(&left))?;
        for event in &events {
            let target = &mut targets[event.data.u64() as usize];
            seen.take(&mut target.stream)?;
        }
    }
    Ok(seen)
}

/// When the target is asked in this round, of so many.
fn due(round: u32, target: usize, count: usize) -> Duration {
    let offset = INTERVAL.mul_f64(target as f64 / count as f64);
    let on_grid = offset.as_nanos() / GRID.as_nanos() * GRID.as_nanos();
    INTERVAL * round + Duration::from_nanos(on_grid as u64)
}

impl Seen {
    fn take(&mut self, stream: &mut TcpStream) -> Result<()> {
        let mut answer = [0; ANSWER_LIMIT_BYTES];
        let length = stream.read(&mut answer)?;
        ensure!(length > 0, "the benchmark's server closed a connection");
        self.answers += 1;
        self.failed += u64::from(!answer.starts_with(b"HTTP/1.1 200 "));
        Ok(())
    }
}
