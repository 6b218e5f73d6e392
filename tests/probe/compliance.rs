//! What every kind of probe that connects to a peer must hold, whatever its protocol: the registry is the list.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::demo::SharedDemo;
use probetop_probe::source::kind::{Kind, ProbeContext};
use probetop_probe::source::registry::KINDS;
use probetop_probe::source::{Attempt, Probe};
use toml::de::ValueDeserializer;
use url::Url;

use crate::support::attempt::clock;
use crate::support::silence::with_room;

/// Long enough for a busy machine, where something must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// The kinds that open a connection of their own. DNS does so only when a datagram did not do.
fn connecting() -> impl Iterator<Item = &'static Kind> {
    let kinds = KINDS.iter().copied().filter(|kind| kind.name != "dns");
    kinds.filter(|kind| kind.phases.contains(&Phase::Connect) && kind.name != "demo")
}

/// A probe of this kind without any keys, of its example's path on a local port.
fn probe(kind: &Kind, port: u16) -> Arc<dyn Probe> {
    let example = Url::parse(kind.example).unwrap();
    let url = format!("{}://127.0.0.1:{port}{}", kind.schemes[0], example.path());
    let settings = (kind.read)(ValueDeserializer::parse("{}").unwrap()).unwrap();
    let (clock, demo) = (clock(), SharedDemo::default());
    let context = ProbeContext {
        clock: &clock,
        in_flight: 4,
        demo: &demo,
    };
    settings
        .probe(&Url::parse(&url).unwrap(), context)
        .unwrap_or_else(|message| panic!("{}: {message}", kind.name))
}

fn attempt(probe: &dyn Probe, limit: Duration) -> Attempt {
    block_on(probe.probe(clock().now() + limit))
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Serves every connection on a thread of its own, for the rest of the test.
fn serve(answer: impl Fn(TcpStream) + Send + Clone + 'static) -> u16 {
    let (listener, port) = listener();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || answer(stream));
        }
    });
    port
}

#[test]
fn a_port_that_nobody_listens_on_is_refused_while_connecting() {
    for kind in connecting() {
        let (listener, port) = listener();
        drop(listener);
        let attempt = attempt(&*probe(kind, port), PATIENCE);
        let failure = attempt
            .outcome
            .failure()
            .unwrap_or_else(|| panic!("{} connected", kind.name));
        assert_eq!(
            (failure.kind, failure.phase),
            (FailureKind::Refused, Some(Phase::Connect)),
            "{}",
            kind.name
        );
        assert!(attempt.phases.get(Phase::Connect).is_some(), "{}", kind.name);
    }
}

#[test]
fn silence_after_the_connection_is_a_timeout_in_the_phase_that_waits() {
    let port = serve(|stream| {
        thread::sleep(PATIENCE);
        drop(stream);
    });
    for kind in connecting() {
        let probe = probe(kind, port);
        let waits = |attempt: &Attempt, _| {
            let phase = attempt.outcome.failure().and_then(|failure| failure.phase);
            phase.is_none_or(|phase| phase > Phase::Connect)
        };
        let (attempt, _) = block_on(with_room(async |limit| probe.probe(clock().now() + limit).await, waits));
        match attempt.outcome.failure() {
            Some(failure) => {
                assert_eq!(failure.kind, FailureKind::Timeout, "{}: {}", kind.name, failure.message);
                assert!(
                    failure.phase.is_some_and(|phase| phase > Phase::Connect),
                    "{}: {:?}",
                    kind.name,
                    failure.phase
                );
            }
            // Nothing is waited for by a kind that only connects.
            None => assert_eq!(kind.name, "tcp"),
        }
    }
}

#[test]
fn garbage_is_a_failure_and_costs_no_more_than_its_limit() {
    let port = serve(|mut stream| {
        let garbage: Vec<u8> = (0..100_000_u32)
            .map(|n| (n.wrapping_mul(2_654_435_769) >> 11) as u8)
            .collect();
        let _ = stream.write_all(&garbage);
        let _ = stream.read(&mut [0; 4096]);
    });
    for kind in connecting().filter(|kind| kind.name != "tcp") {
        let attempt = attempt(&*probe(kind, port), PATIENCE);
        let failure = attempt
            .outcome
            .failure()
            .unwrap_or_else(|| panic!("{} took garbage for an answer", kind.name));
        assert_ne!(failure.kind, FailureKind::Timeout, "{}: {}", kind.name, failure.message);
        assert_ne!(failure.kind, FailureKind::Local, "{}: {}", kind.name, failure.message);
    }
}

#[test]
fn a_peer_that_closes_at_once_is_a_failure_and_the_next_probe_is_made() {
    let port = serve(drop);
    for kind in connecting().filter(|kind| kind.name != "tcp") {
        let probe = probe(kind, port);
        for _ in 0..3 {
            let attempt = attempt(&*probe, PATIENCE);
            let failure = attempt
                .outcome
                .failure()
                .unwrap_or_else(|| panic!("{} needs no answer", kind.name));
            let expected = [
                FailureKind::Closed,
                FailureKind::Reset,
                FailureKind::Tls,
                FailureKind::Protocol,
            ];
            assert!(
                expected.contains(&failure.kind),
                "{}: {} {}",
                kind.name,
                failure.kind.name(),
                failure.message
            );
        }
    }
}

#[test]
fn a_probe_that_is_dropped_closes_its_connection() {
    for kind in connecting().filter(|kind| kind.name != "tcp") {
        let (listener, port) = listener();
        let (accepted, stream) = mpsc::channel();
        thread::spawn(move || accepted.send(listener.accept().unwrap().0));
        let probe = probe(kind, port);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let stream = runtime.block_on(async {
            let given_up = async {
                loop {
                    match stream.try_recv() {
                        Ok(stream) => return stream,
                        Err(_) => tokio::task::yield_now().await,
                    }
                }
            };
            tokio::select! {
                stream = given_up => stream,
                attempt = probe.probe(clock().now() + PATIENCE) => panic!("{}: {attempt:?}", kind.name),
            }
        });
        // What the probe left to the runtime ends with the turns that follow.
        runtime.block_on(async {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        });
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut rest = Vec::new();
        let ended = (&stream).read_to_end(&mut rest);
        let reset = ended
            .as_ref()
            .is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset);
        assert!(
            ended.is_ok() || reset,
            "{}: the connection is still open: {ended:?}",
            kind.name
        );
    }
}
