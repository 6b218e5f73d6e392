//! PostgreSQL probes against servers that play a script, and against a real one
//! (`cargo test --test probe postgres:: -- --include-ignored`).

use std::sync::OnceLock;
use std::time::Duration;

use probetop_core::clock::Clock;
use probetop_core::sample::{FailureKind, Phase, Word};
use probetop_probe::source::idle::Connection;
use probetop_probe::source::postgres::{Postgres as Probed, Settings};
use probetop_probe::source::{Attempt, Probe};
use url::Url;

use crate::support::attempt::{answer, assert_failed, assert_ok, failure, gauge, phases};
use crate::support::certificates::Authority;
use crate::support::postgres::Postgres;
use crate::support::raw_server::{RawServer, Step};
use crate::support::silence::assert_times_out;
use crate::support::sockets;
use crate::support::waiting::until;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

/// One clock for the probes and their deadlines.
fn clock() -> Clock {
    static CLOCK: OnceLock<Clock> = OnceLock::new();
    CLOCK.get_or_init(Clock::system).clone()
}

fn postgres(url: &str, settings: &Settings) -> Probed {
    Probed::try_new(clock(), &Url::parse(url).unwrap(), settings, 4).unwrap()
}

async fn probe(postgres: &Probed) -> Attempt {
    postgres.probe(clock().now() + PATIENCE).await
}

async fn probe_url(url: &str) -> Attempt {
    probe(&postgres(url, &Settings::default())).await
}

fn asking(query: &str) -> Settings {
    Settings {
        query: query.to_owned(),
        ..Settings::default()
    }
}

/// Connections that may wait for the next probe, and one that is just being closed.
const KEPT: usize = 8;

async fn check(steps: Vec<Step>, kind: FailureKind, message: &str) {
    let server = RawServer::start(vec![steps]).await;
    let attempt = probe_url(&format!("postgres://{}?sslmode=disable", server.address)).await;
    assert_failed(&attempt, kind, Phase::Authenticate, message);
    server.wait_closed(1).await;
}

fn send(bytes: &[u8]) -> Vec<Step> {
    vec![Step::Send(bytes.to_vec()), Step::Silence]
}

#[tokio::test]
async fn what_is_no_message_is_a_protocol_failure() {
    let long = "answer is not PostgreSQL's: a message is too long";
    check(send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), FailureKind::Protocol, long).await;
    check(send(b"\x1b[2J\x1b[2J"), FailureKind::Protocol, long).await;
    check(vec![Step::Flood(vec![b'x'; 4096])], FailureKind::Protocol, long).await;
    let place = "answer is not PostgreSQL's: a message out of place";
    check(send(b"D\0\0\0\x06\0\0"), FailureKind::Protocol, place).await;
    let rounds = b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0";
    let kerberos = "the server asks for a way to authenticate other than a password";
    check(send(b"R\0\0\0\x08\0\0\0\x02"), FailureKind::Auth, kerberos).await;
    let asks = "the server asks for a password; write postgres://USER:PASSWORD@HOST";
    check(send(rounds), FailureKind::Auth, asks).await;
    check(send(b"R\0\0\0\x08\0\0\0\x03"), FailureKind::Auth, asks).await;
    let error = b"E\0\0\0\x17C53300\0M\x1b[1mfull\xff\0\0";
    check(send(error), FailureKind::Status, "[1mfull\u{fffd} (53300)").await;
}

#[tokio::test]
async fn answers_that_come_byte_by_byte_are_answers() {
    let script = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05ID\0\0\0\x0b\0\x01\0\0\0\x011C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I";
    let server = RawServer::start(vec![vec![Step::Drip(script.to_vec()), Step::Silence]]).await;
    let settings = Settings {
        statistics: false,
        ..Settings::default()
    };
    let url = format!("postgres://{}?sslmode=disable", server.address);
    let attempt = probe(&postgres(&url, &settings)).await;
    assert_ok(&attempt);
    assert_eq!(phases(&attempt), [Phase::Connect, Phase::Authenticate, Phase::Query]);
}

#[tokio::test]
async fn silence_times_out_in_the_phase_it_fell_in() {
    for (mode, phase, message) in [
        ("prefer", Phase::Tls, "TLS handshake not finished within LIMIT"),
        ("disable", Phase::Authenticate, "not authenticated within LIMIT"),
    ] {
        let server = RawServer::start(vec![vec![Step::Silence]]).await;
        let postgres = postgres(
            &format!("postgres://{}?sslmode={mode}", server.address),
            &Settings::default(),
        );
        let probe = async |limit| postgres.probe(clock().now() + limit).await;
        assert_times_out(phase, message, probe).await;
        server.wait_closed(1).await;
    }
}

const ACCESS: &str =
    "host all app 127.0.0.1/32 scram-sha-256\nhost all old 127.0.0.1/32 md5\nhost all all 127.0.0.1/32 trust";

fn plain() -> Postgres {
    let server = Postgres::start(|_| {}, "max_connections = 10", ACCESS);
    server.run("create user app password 's3cret'");
    server.run("set password_encryption = 'md5'; create user old password 's3cret'");
    server
}

#[tokio::test]
#[ignore = "needs postgres"]
async fn a_query_is_asked_warm_and_fresh() {
    let server = plain();
    let url = format!("postgres://app:s3cret@localhost:{}/postgres", server.port);
    for connection in [Connection::Reuse, Connection::Fresh] {
        let settings = Settings {
            connection,
            ..Settings::default()
        };
        let postgres = postgres(&url, &settings);
        for round in 0..4 {
            let attempt = probe(&postgres).await;
            assert_ok(&attempt);
            let warm = connection == Connection::Reuse && round > 0;
            let opening = [
                Phase::Dns,
                Phase::Connect,
                Phase::Tls,
                Phase::Authenticate,
                Phase::Query,
            ];
            assert_eq!(phases(&attempt), if warm { &opening[4..] } else { &opening[..] });
            assert_eq!((answer(&attempt).reused, answer(&attempt).tls.clone()), (warm, None));
        }
    }
    let socket = format!("postgres:///postgres?host={}", server.folder.path().display());
    // The port is part of the socket's name, and a URL without host has none.
    std::os::unix::fs::symlink(
        server.folder.path().join(format!(".s.PGSQL.{}", server.port)),
        server.folder.path().join(".s.PGSQL.5432"),
    )
    .unwrap();
    let attempt = probe_url(&socket).await;
    assert_ok(&attempt);
    assert_eq!(phases(&attempt), [Phase::Connect, Phase::Authenticate, Phase::Query]);
}

#[tokio::test]
#[ignore = "needs postgres"]
async fn who_asks_is_checked() {
    let server = plain();
    let place = format!("127.0.0.1:{}/postgres", server.port);
    for user in ["app", "old"] {
        assert_ok(&probe_url(&format!("postgres://{user}:s3cret@{place}")).await);
        let wrong = probe_url(&format!("postgres://{user}:wrong@{place}")).await;
        let message = format!("password authentication failed for user \"{user}\" (28P01)");
        assert_failed(&wrong, FailureKind::Auth, Phase::Authenticate, &message);
        let without = probe_url(&format!("postgres://{user}@{place}")).await;
        let message = "the server asks for a password; write postgres://USER:PASSWORD@HOST";
        assert_failed(&without, FailureKind::Auth, Phase::Authenticate, message);
    }
    let nowhere = probe_url(&format!("postgres://app:s3cret@127.0.0.1:{}/nowhere", server.port)).await;
    let message = "database \"nowhere\" does not exist (3D000)";
    assert_failed(&nowhere, FailureKind::Status, Phase::Authenticate, message);
}

#[tokio::test]
#[ignore = "needs postgres"]
async fn tls_is_used_as_sslmode_says() {
    let authority = Authority::new();
    let prepare = |folder: &std::path::Path| {
        authority.good(folder);
        authority.wrong_name(folder);
        std::fs::write(folder.join("ca.pem"), authority.root_pem()).unwrap();
        std::fs::write(folder.join("other.pem"), Authority::new().root_pem()).unwrap();
    };
    for (name, full) in [("good", true), ("wrong", false)] {
        let settings = format!("ssl = on\nssl_cert_file = '../{name}.pem'\nssl_key_file = '../{name}.key'");
        let server = Postgres::start(prepare, &settings, "host all all 127.0.0.1/32 trust");
        let ca = server.folder.path().join("ca.pem");
        let probe_mode = async |mode: &str, ca: &str| {
            let url = format!("postgres://localhost:{}/postgres?sslmode={mode}{ca}", server.port);
            probe_url(&url).await
        };
        let ca = format!("&sslrootcert={}", ca.display());
        let other = format!("&sslrootcert={}", server.folder.path().join("other.pem").display());
        for (mode, ca, holds) in [
            ("prefer", "", true),
            ("require", "", true),
            ("require", &ca, true),
            ("prefer", &ca, true),
            // Another authority's file: whoever names one has certificates held against it, whatever the mode.
            ("require", &other, false),
            ("prefer", &other, false),
            ("verify-ca", &other, false),
            ("verify-ca", &ca, true),
            ("verify-full", &ca, full),
            ("verify-full", "", false),
            ("verify-ca", "", false),
        ] {
            let attempt = probe_mode(mode, ca).await;
            assert_eq!(attempt.outcome.is_ok(), holds, "{name} {mode} {ca} {attempt:?}");
            if holds {
                assert_eq!(answer(&attempt).tls, Some("TLS 1.3".into()));
            } else {
                assert_eq!(
                    (failure(&attempt).kind, failure(&attempt).phase),
                    (FailureKind::Tls, Some(Phase::Tls))
                );
            }
        }
    }
    let server = plain();
    let attempt = probe_url(&format!("postgres://127.0.0.1:{}?sslmode=require", server.port)).await;
    let message = "the server has no TLS; use sslmode=disable, or switch ssl on there";
    assert_failed(&attempt, FailureKind::Tls, Phase::Tls, message);
}

#[tokio::test]
#[ignore = "needs postgres"]
async fn a_mode_that_leaves_the_choice_takes_what_the_server_lets_in() {
    let authority = Authority::new();
    let settings = "ssl = on\nssl_cert_file = '../good.pem'\nssl_key_file = '../good.key'";
    for (access, allow, prefer) in [
        ("host", None, Some("TLS 1.3")),
        ("hostssl", Some("TLS 1.3"), Some("TLS 1.3")),
        ("hostnossl", None, None),
    ] {
        let access = format!("{access} all all 127.0.0.1/32 trust");
        let server = Postgres::start(|folder| drop(authority.good(folder)), settings, &access);
        for (mode, expected) in [("allow", allow), ("prefer", prefer)] {
            let url = format!("postgres://127.0.0.1:{}/postgres?sslmode={mode}", server.port);
            let attempt = probe_url(&url).await;
            assert_ok(&attempt);
            assert_eq!(answer(&attempt).tls, expected.map(Word::of), "{access} {mode}");
        }
    }
}

#[tokio::test]
#[ignore = "needs postgres"]
async fn an_error_of_the_query_is_told_and_the_connection_kept() {
    let server = plain();
    let url = format!("postgres://app:s3cret@127.0.0.1:{}/postgres", server.port);
    let broken = postgres(&url, &asking("select nope"));
    for round in 0..3 {
        let attempt = probe(&broken).await;
        let message = "column \"nope\" does not exist (42703)";
        assert_failed(&attempt, FailureKind::Status, Phase::Query, message);
        assert_eq!(answer(&attempt).reused, round > 0);
    }
    let limited = format!("{url}?options=-c%20statement_timeout%3D50");
    let attempt = probe(&postgres(&limited, &asking("select pg_sleep(20)"))).await;
    let message = "canceling statement due to statement timeout (57014)";
    assert_failed(&attempt, FailureKind::Status, Phase::Query, message);
    let copying = probe(&postgres(&url, &asking("copy pg_class from stdin"))).await;
    assert_eq!(failure(&copying).phase, Some(Phase::Query), "{copying:?}");
    let open = postgres(&url, &asking("begin"));
    for _ in 0..2 {
        let attempt = probe(&open).await;
        assert_ok(&attempt);
        assert!(!answer(&attempt).reused, "a transaction is nobody else's");
    }
    let large = probe(&postgres(
        &url,
        &asking("select repeat('x', 1000000) from generate_series(1, 20)"),
    ))
    .await;
    assert_ok(&large);
}

#[tokio::test]
#[ignore = "needs postgres"]
async fn a_query_that_is_given_up_is_broken_off_on_the_server() {
    let server = plain();
    let url = format!("postgres://app:s3cret@127.0.0.1:{}/postgres", server.port);
    let slow = postgres(&url, &asking("select pg_sleep(600)"));
    let probe = async |limit| slow.probe(clock().now() + limit).await;
    assert_times_out(Phase::Query, "no answer within LIMIT", probe).await;
    until("the server forgets it", || {
        server.run("select count(*) from pg_stat_activity where query like '%pg_sleep(600)' and usename = 'app'") == "0"
    });
}

#[tokio::test]
#[ignore = "needs postgres"]
async fn the_server_tells_of_connections_and_the_cache() {
    let server = Postgres::start(
        |_| {},
        "max_connections = 10\nshared_preload_libraries = 'pg_stat_statements'",
        ACCESS,
    );
    server.run("create extension pg_stat_statements");
    server.run("create user plain");
    let url = |user: &str| format!("postgres://{user}@127.0.0.1:{}/postgres", server.port);
    let attempt = probe_url(&url("postgres")).await;
    assert_ok(&attempt);
    assert_eq!(gauge(&attempt, "connections_max"), Some(10.0), "{attempt:?}");
    assert_eq!(gauge(&attempt, "connections_active"), Some(0.0));
    assert_eq!(gauge(&attempt, "connections_used_ratio"), Some(0.1));
    assert_eq!(gauge(&attempt, "connections_waiting"), Some(0.0));
    assert_eq!(gauge(&attempt, "longest_transaction_s"), Some(0.0));
    assert_eq!(gauge(&attempt, "slow_queries_per_hour"), Some(0.0));
    let attempt = probe_url(&url("plain")).await;
    assert_ok(&attempt);
    assert_eq!(gauge(&attempt, "connections_active"), None, "it may not see others");
    assert!(gauge(&attempt, "connections_used_ratio").unwrap() > 0.0);
    let off = Settings {
        statistics: false,
        ..Settings::default()
    };
    let attempt = probe(&postgres(&url("postgres"), &off)).await;
    assert!(answer(&attempt).gauges.is_empty());
}

#[tokio::test]
#[ignore = "needs postgres"]
async fn slow_queries_are_single_calls_and_not_all_of_a_statement() {
    let server = Postgres::start(|_| {}, "shared_preload_libraries = 'pg_stat_statements'", ACCESS);
    let url = Url::parse(&format!("postgres://postgres@127.0.0.1:{}/postgres", server.port)).unwrap();
    let clock = Clock::manual(std::time::SystemTime::UNIX_EPOCH);
    let postgres = Probed::try_new(clock.clone(), &url, &Settings::default(), 1).unwrap();
    let read = async || {
        clock.advance(Duration::from_secs(10));
        let attempt = postgres.probe(clock.now() + PATIENCE).await;
        assert_ok(&attempt);
        attempt
    };
    let told = |attempt: &Attempt| {
        let facts = &answer(attempt).facts;
        facts.iter().any(|fact| fact.name == "slow_queries")
    };
    let attempt = read().await;
    assert!(told(&attempt), "why there are no slow queries: {attempt:?}");
    assert_eq!(gauge(&attempt, "slow_queries_per_hour"), None);

    server.run("create extension pg_stat_statements");
    let fast = "select pg_sleep(0.001);".repeat(50);
    server.run(&format!("{fast} select pg_sleep(0.7)"));
    let attempt = read().await;
    assert!(!told(&attempt));
    let slow = gauge(&attempt, "slow_queries_per_hour");
    assert_eq!(slow, Some(0.0), "what was before the first reading: {attempt:?}");

    // Longer than any before: so much is certain, however long the fast ones take on a busy machine.
    server.run(&format!("{fast} select pg_sleep(0.9)"));
    let attempt = read().await;
    assert_eq!(
        gauge(&attempt, "slow_queries_per_hour"),
        Some(6.0),
        "one in ten minutes: {attempt:?}"
    );
    assert!(
        gauge(&attempt, "query_mean_us").is_some_and(|mean| mean < 100_000.0),
        "{attempt:?}"
    );
    assert_eq!(gauge(&attempt, "deadlocks_per_s"), Some(0.0));
    assert!(
        gauge(&attempt, "commits_per_s").is_some_and(|rate| rate > 0.0),
        "{attempt:?}"
    );
    assert!(gauge(&attempt, "transactions_per_s") >= gauge(&attempt, "commits_per_s"));
    assert_eq!(gauge(&attempt, "cache_hit_ratio"), None, "too few blocks to tell");
}

#[test]
#[ignore = "needs postgres"]
fn who_waits_for_a_lock_is_no_long_transaction_of_its_own() {
    let server = Postgres::start(|_| {}, "", ACCESS);
    server.run("create table t()");
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port);
    std::thread::scope(|scope| {
        scope.spawn(|| server.run("begin; lock t; select pg_sleep(8); commit"));
        let holds = "select count(*) from pg_locks where relation = 't'::regclass and granted";
        let until = |condition: &str| until(condition, || server.run(condition) != "0");
        until(holds);
        scope.spawn(|| server.run("begin; lock t; commit"));
        let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
        until(waits);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let attempt = runtime.block_on(probe_url(&url));
        assert_eq!(gauge(&attempt, "connections_waiting"), Some(1.0), "{attempt:?}");
        let longest = gauge(&attempt, "longest_transaction_s").unwrap();
        assert!(longest > 0.0, "of who holds it: {attempt:?}");
    });
}

#[tokio::test]
#[ignore = "needs postgres"]
async fn a_server_that_dies_is_missed_at_once_and_met_again() {
    let mut server = plain();
    let url = format!("postgres://app:s3cret@127.0.0.1:{}/postgres", server.port);
    let warm = postgres(&url, &Settings::default());
    assert_ok(&probe(&warm).await);
    for _ in 0..2 {
        server.kill();
        // The runtime learns of what happened meanwhile.
        tokio::task::yield_now().await;
        let attempt = probe(&warm).await;
        assert_eq!(failure(&attempt).kind, FailureKind::Refused, "{attempt:?}");
        server.restart();
        assert_ok(&probe(&warm).await);
    }
    let settings = Settings {
        connection: Connection::Fresh,
        statistics: false,
        ..Settings::default()
    };
    let fresh = postgres(&url.replace("app:s3cret", "postgres"), &settings);
    for _ in 0..200 {
        assert_ok(&probe(&warm).await);
        // The server counts a connection until its process has ended, and has few.
        let is_full = |attempt: &Attempt| {
            let failure = attempt.outcome.failure();
            failure.is_some_and(|failure| failure.message.as_str().contains("53300"))
        };
        let has_room = async { while is_full(&probe(&fresh).await) {} };
        tokio::time::timeout(PATIENCE, has_room)
            .await
            .expect("the place is free");
    }
    let open = sockets::open_to(server.port);
    assert!(open <= KEPT, "{open} connections after 400 probes");
}

#[tokio::test]
#[ignore = "needs postgres"]
async fn a_server_that_is_full_says_so() {
    let server = Postgres::start(
        |_| {},
        "max_connections = 2\nsuperuser_reserved_connections = 0\nmax_wal_senders = 0",
        "host all all 127.0.0.1/32 trust",
    );
    let url = format!("postgres://127.0.0.1:{}/postgres", server.port);
    let held = [
        postgres(&url, &Settings::default()),
        postgres(&url, &Settings::default()),
    ];
    for holder in &held {
        // Whoever came before us may not have left yet.
        let alone = async { while !probe(holder).await.outcome.is_ok() {} };
        tokio::time::timeout(PATIENCE, alone).await.expect("the place is free");
    }
    let attempt = probe_url(&url).await;
    let message = "sorry, too many clients already (53300)";
    assert_failed(&attempt, FailureKind::Status, Phase::Authenticate, message);
}
