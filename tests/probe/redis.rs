//! Redis probes against servers that play a script, and against a real one
//! (`cargo test --test probe redis:: -- --include-ignored`).

use std::sync::OnceLock;
use std::time::Duration;

use probetop_core::clock::Clock;
use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::idle::Connection;
use probetop_probe::source::redis::{Redis as Probed, Settings};
use probetop_probe::source::{Attempt, Probe};
use url::Url;

use crate::support::attempt::{answer, assert_failed, assert_ok, failure, gauge, phases};
use crate::support::certificates::Authority;
use crate::support::raw_server::{RawServer, Step};
use crate::support::redis::{Redis, words};
use crate::support::silence::assert_times_out;
use crate::support::sockets;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

/// One clock for the probes and their deadlines.
fn clock() -> Clock {
    static CLOCK: OnceLock<Clock> = OnceLock::new();
    CLOCK.get_or_init(Clock::system).clone()
}

fn redis(url: &str, settings: Settings) -> Probed {
    Probed::try_new(clock(), &Url::parse(url).unwrap(), &settings, 4).unwrap()
}

async fn probe(redis: &Probed) -> Attempt {
    redis.probe(clock().now() + PATIENCE).await
}

async fn probe_within(url: &str, limit: Duration) -> Attempt {
    redis(url, quiet()).probe(clock().now() + limit).await
}

/// Without INFO, which scripts do not play.
fn quiet() -> Settings {
    Settings {
        statistics: false,
        ..Settings::default()
    }
}

fn asking(command: &[&str]) -> Settings {
    Settings {
        command: command.iter().map(ToString::to_string).collect(),
        ..Settings::default()
    }
}

/// Connections that may wait for the next probe, and one that is just being closed.
const KEPT: usize = 8;

async fn check(steps: Vec<Step>, kind: FailureKind, message: &str) {
    let server = RawServer::start(vec![steps]).await;
    let attempt = probe(&redis(&format!("redis://{}", server.address), quiet())).await;
    assert_failed(&attempt, kind, Phase::Query, message);
    server.wait_closed(1).await;
}

fn send(bytes: &str) -> Vec<Step> {
    vec![Step::Send(bytes.into()), Step::Silence]
}

#[tokio::test]
async fn what_is_no_reply_is_a_protocol_failure() {
    let junk = "answer is not Redis's: it begins as no reply does";
    check(send("HTTP/1.1 400 Bad Request\r\n\r\n"), FailureKind::Protocol, junk).await;
    check(send("\x1b[2J"), FailureKind::Protocol, junk).await;
    let length = "answer is not Redis's: a length is none";
    check(send("$99999999999999\r\n"), FailureKind::Protocol, length).await;
    let endless = vec![Step::Send(b"+".to_vec()), Step::Flood(vec![b'x'; 4096])];
    check(
        endless,
        FailureKind::Protocol,
        "answer is not Redis's: a line does not end",
    )
    .await;
    check(send("-ERR \x1b[31mno\r\n"), FailureKind::Status, "ERR [31mno").await;
}

#[tokio::test]
async fn a_reply_that_comes_byte_by_byte_is_a_reply() {
    let server = RawServer::start(vec![vec![Step::Drip(b"$4\r\nPONG\r\n".to_vec()), Step::Silence]]).await;
    let attempt = probe(&redis(&format!("redis://{}", server.address), quiet())).await;
    assert_ok(&attempt);
    assert_eq!(phases(&attempt), [Phase::Connect, Phase::Query]);
}

#[tokio::test]
async fn silence_times_out_in_the_phase_it_fell_in() {
    for (login, phase, message) in [
        ("", Phase::Query, "no answer within LIMIT"),
        (":pw@", Phase::Authenticate, "not authenticated within LIMIT"),
    ] {
        let server = RawServer::start(vec![vec![Step::Silence]]).await;
        let url = format!("redis://{login}{}", server.address);
        assert_times_out(phase, message, async |limit| probe_within(&url, limit).await).await;
        server.wait_closed(1).await;
    }
}

#[tokio::test]
async fn a_connection_that_ends_early_is_closed_or_refused() {
    // Ends as a head of HTTP does, which is what scripts read.
    let echo = Settings {
        statistics: false,
        ..asking(&["ECHO", ""])
    };
    let server = RawServer::start(vec![vec![Step::Read, Step::Send(b"$5\r\nab".to_vec())]]).await;
    let attempt = probe(&redis(&format!("redis://{}", server.address), echo)).await;
    let message = "connection closed by the server";
    assert_failed(&attempt, FailureKind::Closed, Phase::Query, message);
    let server = RawServer::start(vec![vec![]]).await;
    let address = server.address;
    drop(server);
    tokio::task::yield_now().await;
    let attempt = probe(&redis(&format!("redis://{address}"), quiet())).await;
    let message = format!("connection refused by {address}");
    assert_failed(&attempt, FailureKind::Refused, Phase::Connect, &message);
    let nowhere = probe(&redis("redis://%2Fnowhere%2Fredis.sock", quiet())).await;
    let message = "nobody listens at /nowhere/redis.sock";
    assert_failed(&nowhere, FailureKind::Refused, Phase::Connect, message);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_command_is_asked_warm_and_fresh() {
    let server = Redis::plain();
    for connection in [Connection::Reuse, Connection::Fresh] {
        let settings = Settings {
            connection,
            ..Settings::default()
        };
        let redis = redis(&format!("redis://localhost:{}/2", server.port), settings);
        for round in 0..4 {
            let attempt = probe(&redis).await;
            assert_ok(&attempt);
            let warm = connection == Connection::Reuse && round > 0;
            let opening = [Phase::Dns, Phase::Connect, Phase::Authenticate, Phase::Query];
            assert_eq!(phases(&attempt), if warm { &opening[3..] } else { &opening[..] });
            assert_eq!(answer(&attempt).reused, warm);
        }
    }
    let unknown = probe(&redis(&format!("redis://127.0.0.1:{}", server.port), asking(&["NOPE"]))).await;
    assert_eq!(
        (failure(&unknown).kind, failure(&unknown).phase),
        (FailureKind::Status, Some(Phase::Query))
    );
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn who_asks_is_checked() {
    let users = "--user default on >root ~* +@all --user app on >s3cret ~* +ping";
    let server = Redis::start(|_, port| words(&format!("--port {port} {users}")));
    let place = format!("127.0.0.1:{}", server.port);
    assert_ok(&probe(&redis(&format!("redis://:root@{place}"), Settings::default())).await);
    let app = probe(&redis(&format!("redis://app:s3cret@{place}"), Settings::default())).await;
    assert_ok(&app);
    assert!(answer(&app).gauges.is_empty(), "it may not ask INFO");
    assert!(answer(&app).facts.iter().any(|fact| fact.name == "statistics"));
    let wrong = probe(&redis(&format!("redis://app:wrong@{place}"), Settings::default())).await;
    let refused = "WRONGPASS invalid username-password pair or user is disabled.";
    assert_failed(&wrong, FailureKind::Auth, Phase::Authenticate, refused);
    let nobody = probe(&redis(&format!("redis://{place}"), Settings::default())).await;
    assert_failed(
        &nobody,
        FailureKind::Auth,
        Phase::Query,
        "NOAUTH Authentication required.",
    );
    let forbidden = probe(&redis(&format!("redis://app:s3cret@{place}"), asking(&["GET", "x"]))).await;
    assert_eq!(failure(&forbidden).kind, FailureKind::Auth);
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn tls_and_sockets_carry_commands() {
    let authority = Authority::new();
    let server = Redis::start(|folder, port| {
        let files = authority.good(folder);
        std::fs::write(folder.join("ca.pem"), authority.root_pem()).unwrap();
        let (certificate, key, folder) = (files.certificate.display(), files.key.display(), folder.display());
        words(&format!(
            "--port 0 --tls-port {port} --tls-cert-file {certificate} --tls-key-file {key} \
             --tls-auth-clients no --tls-ca-cert-file {folder}/ca.pem --unixsocket {folder}/redis.sock"
        ))
    });
    let url = format!("rediss://localhost:{}", server.port);
    let settings = Settings {
        ca: Some(server.folder.path().join("ca.pem")),
        ..Settings::default()
    };
    let attempt = probe(&redis(&url, settings)).await;
    assert_ok(&attempt);
    assert_eq!(phases(&attempt), [Phase::Dns, Phase::Connect, Phase::Tls, Phase::Query]);
    assert_eq!(answer(&attempt).tls, Some("TLS 1.3".into()));
    let stranger = probe(&redis(&url, Settings::default())).await;
    assert_eq!(
        (failure(&stranger).kind, failure(&stranger).phase),
        (FailureKind::Tls, Some(Phase::Tls))
    );
    let insecure = Settings {
        insecure: true,
        ..Settings::default()
    };
    assert_ok(&probe(&redis(&url, insecure)).await);
    let socket = format!("redis:///0?host={}/redis.sock", server.folder.path().display());
    let attempt = probe(&redis(&socket, Settings::default())).await;
    assert_ok(&attempt);
    assert_eq!(
        (phases(&attempt), answer(&attempt).address),
        (vec![Phase::Connect, Phase::Query], None)
    );
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn the_server_tells_of_memory_and_clients() {
    let server = Redis::start(|_, port| words(&format!("--port {port} --maxmemory 100mb")));
    let redis = redis(
        &format!("redis://127.0.0.1:{}", server.port),
        asking(&["SET", "a", "1"]),
    );
    let attempt = probe(&redis).await;
    assert_ok(&attempt);
    assert_eq!(gauge(&attempt, "connected_clients"), Some(1.0));
    let used = gauge(&attempt, "memory_used_bytes").unwrap();
    assert_eq!(
        gauge(&attempt, "memory_used_ratio"),
        Some(used / (100.0 * 1024.0 * 1024.0))
    );
    assert_eq!(gauge(&attempt, "hit_ratio"), None, "nothing to compare with yet");
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_server_that_evicts_by_policy_is_full_by_design() {
    for (policy, told, not_told) in [
        ("noeviction", "memory_used_ratio", "memory_filled_ratio"),
        ("allkeys-lru", "memory_filled_ratio", "memory_used_ratio"),
    ] {
        let options = |port| words(&format!("--port {port} --maxmemory 1kb --maxmemory-policy {policy}"));
        let server = Redis::start(|_, port| options(port));
        let redis = redis(&format!("redis://127.0.0.1:{}", server.port), Settings::default());
        let attempt = probe(&redis).await;
        assert_ok(&attempt);
        assert!(gauge(&attempt, told).is_some_and(|ratio| ratio > 1.0), "{attempt:?}");
        assert_eq!(gauge(&attempt, not_told), None);
    }
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn few_keys_make_no_hit_ratio_and_counters_become_rates() {
    let server = Redis::plain();
    let url = Url::parse(&format!("redis://127.0.0.1:{}", server.port)).unwrap();
    let clock = Clock::manual(std::time::SystemTime::UNIX_EPOCH);
    let redis = Probed::try_new(clock.clone(), &url, &asking(&["GET", "nothing"]), 1).unwrap();
    let mut attempt = redis.probe(clock.now() + PATIENCE).await;
    for reads in [1, 150] {
        clock.advance(Duration::from_secs(10));
        for _ in 0..reads {
            attempt = redis.probe(clock.now() + PATIENCE).await;
            assert_ok(&attempt);
        }
        assert_eq!(gauge(&attempt, "hit_ratio"), None, "{attempt:?}");
    }
    clock.advance(Duration::from_secs(10));
    let attempt = redis.probe(clock.now() + PATIENCE).await;
    assert_eq!(gauge(&attempt, "hit_ratio"), Some(0.0), "{attempt:?}");
    assert!(
        gauge(&attempt, "operations_per_s").is_some_and(|rate| (15.0..17.0).contains(&rate)),
        "{attempt:?}"
    );
    assert_eq!(gauge(&attempt, "rejected_per_s"), Some(0.0));
    assert_eq!(gauge(&attempt, "blocked_clients"), Some(0.0));
    assert!(gauge(&attempt, "memory_fragmentation_ratio").is_some_and(|ratio| ratio > 0.0));
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_server_that_dies_is_missed_at_once_and_met_again() {
    let mut server = Redis::plain();
    let redis = redis(&format!("redis://127.0.0.1:{}", server.port), Settings::default());
    assert_ok(&probe(&redis).await);
    for _ in 0..3 {
        server.kill();
        // The runtime learns of what happened meanwhile.
        tokio::task::yield_now().await;
        let attempt = probe(&redis).await;
        assert_eq!(failure(&attempt).kind, FailureKind::Refused, "{attempt:?}");
        server.restart();
        assert_ok(&probe(&redis).await);
    }
    let fresh = Settings {
        connection: Connection::Fresh,
        ..Settings::default()
    };
    let fresh = self::redis(&format!("redis://127.0.0.1:{}", server.port), fresh);
    for _ in 0..200 {
        assert_ok(&probe(&redis).await);
        assert_ok(&probe(&fresh).await);
    }
    let open = sockets::open_to(server.port);
    assert!(open <= KEPT, "{open} connections after 400 probes");
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn a_server_that_is_full_says_so() {
    let server = Redis::start(|_, port| words(&format!("--port {port} --maxclients 1")));
    let url = format!("redis://127.0.0.1:{}", server.port);
    let first = redis(&url, Settings::default());
    // Whoever came before us may not have left yet.
    let alone = async { while !probe(&first).await.outcome.is_ok() {} };
    tokio::time::timeout(PATIENCE, alone).await.expect("the place is free");
    let second = probe(&redis(&url, Settings::default())).await;
    let failure = failure(&second);
    assert_eq!(failure.phase, Some(Phase::Query));
    // The server says why and closes at once; what comes first is a race it loses now and then.
    let kinds = [FailureKind::Status, FailureKind::Reset, FailureKind::Closed];
    assert!(kinds.contains(&failure.kind), "{failure:?}");
}
