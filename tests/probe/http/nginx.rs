//! The same against a real server.

use std::time::Duration;

use probetop_core::sample::{FailureKind, Phase, Word};
use probetop_probe::source::http::{Auth, Basic, HttpVersion, Settings};
use probetop_probe::source::idle::Connection;
use probetop_probe::source::tls::Roots;
use probetop_probe::source::tls::options::Options;

use super::routes::ForwardProxy;
use super::*;
use crate::support::certificates::{Authority, Files, self_signed};
use crate::support::nginx::{Nginx, Ports};
use crate::support::raw_server::{RawServer, Step, answer as script};

/// What is asked of every server of ours.
fn locations(elsewhere: u16, upstream: &RawServer) -> String {
    let upstream = upstream.address;
    format!(
        "location /ok {{ return 200 'ok'; }}
         location /busy {{ return 503; }}
         location /echo {{ return 200 '[$http_authorization][$host][$request_method][$http2]'; }}
         location /loop {{ return 302 /loop; }}
         location /chain {{ return 301 /chained; }}
         location /chained {{ return 307 /ok; }}
         location /elsewhere {{ return 302 http://127.0.0.1:{elsewhere}/echo; }}
         location /dropped {{ reset_timedout_connection on; return 444; }}
         location /second {{ if ($connection_requests = 2) {{ return 444; }} return 200 'ok'; }}
         location /once {{ keepalive_requests 1; return 200 'ok'; }}
         location /connections {{ stub_status; }}
         location /slow {{ limit_rate 64k; }}
         location /cut {{ proxy_pass http://{upstream}; proxy_buffering off; }}"
    )
}

fn server(listen: &str, files: Option<&Files>, locations: &str) -> String {
    let tls = files.map_or(String::new(), |files| {
        let (certificate, key) = (files.certificate.display(), files.key.display());
        format!("ssl_certificate {certificate}; ssl_certificate_key {key};")
    });
    format!("server {{ listen 127.0.0.1:{listen}; server_name localhost; root html; {tls} {locations} }}\n")
}

/// nginx with plain HTTP, HTTP/1.1 and HTTP/2 over TLS, and every bad certificate.
struct Site {
    ports: [u16; 8],
    roots: Roots,
    _nginx: Nginx,
    /// Released after nginx has stopped.
    _claim: Ports<8>,
    _upstream: RawServer,
}

const PLAIN: usize = 0;
const TLS_HTTP1: usize = 1;
const TLS_HTTP2: usize = 2;
const EXPIRED: usize = 3;
const SELF_SIGNED: usize = 4;
const WRONG_NAME: usize = 5;
const EARLY: usize = 6;
/// HTTP/2 with one request per connection.
const LIMITED: usize = 7;

impl Site {
    async fn start() -> Self {
        let upstream = RawServer::start(vec![
            script("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"),
            vec![Step::Reset],
        ])
        .await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::create_dir(path.join("html")).unwrap();
        std::fs::write(path.join("html/slow"), vec![b'x'; 1024 * 1024]).unwrap();
        // A sparse file: as good as endless.
        std::fs::File::create(path.join("html/endless"))
            .unwrap()
            .set_len(1 << 40)
            .unwrap();
        let authority = Authority::new();
        let claim = Ports::claim();
        let ports = claim.numbers;
        let locations = locations(ports[PLAIN], &upstream);
        let good = authority.good(path);
        let old = format!("ssl_protocols TLSv1.2; {locations}");
        let new = format!("ssl_protocols TLSv1.3; {locations}");
        let tls = |port: usize, files: &Files| server(&format!("{} ssl", ports[port]), Some(files), &old);
        let servers = [
            server(&ports[PLAIN].to_string(), None, &locations),
            tls(TLS_HTTP1, &good),
            server(&format!("{} ssl http2", ports[TLS_HTTP2]), Some(&good), &new),
            tls(EXPIRED, &authority.expired(path)),
            tls(SELF_SIGNED, &self_signed(path)),
            tls(WRONG_NAME, &authority.wrong_name(path)),
            tls(EARLY, &authority.not_yet_valid(path)),
            server(
                &format!("{} ssl http2", ports[LIMITED]),
                Some(&good),
                &format!("keepalive_requests 1; {new}"),
            ),
        ];
        Self {
            ports,
            roots: Roots::only([authority.root()]),
            _nginx: Nginx::start(folder, &servers.concat(), &ports),
            _claim: claim,
            _upstream: upstream,
        }
    }

    fn http(&self, port: usize, path: &str, settings: Settings) -> Http {
        let scheme = if port == PLAIN { "http" } else { "https" };
        let url = format!("{scheme}://localhost:{}{path}", self.ports[port]);
        http(&url, settings).trusting(self.roots.clone())
    }
}

const SERVERS: [(usize, &str, Option<&str>); 3] = [
    (PLAIN, "HTTP/1.1", None),
    (TLS_HTTP1, "HTTP/1.1", Some("TLS 1.2")),
    (TLS_HTTP2, "HTTP/2", Some("TLS 1.3")),
];

#[tokio::test]
#[ignore = "needs nginx"]
async fn every_protocol_is_probed_warm_and_fresh() {
    let site = Site::start().await;
    for (port, protocol, tls) in SERVERS {
        for connection in [Connection::Reuse, Connection::Fresh] {
            let settings = Settings {
                connection,
                expect: vec!["body == 'ok'".to_owned()],
                ..Settings::default()
            };
            let http = site.http(port, "/ok", settings);
            let mut opening = vec![Phase::Dns, Phase::Connect];
            opening.extend(tls.map(|_| Phase::Tls));
            opening.extend(WARM);
            for round in 0..5 {
                let attempt = probe(&http).await;
                assert_ok(&attempt);
                let warm = connection == Connection::Reuse && round > 0;
                assert_eq!(phases(&attempt), if warm { WARM.to_vec() } else { opening.clone() });
                let answer = answer(&attempt);
                assert_eq!(
                    (answer.protocol.clone(), answer.tls.clone(), answer.reused),
                    (Some(protocol.into()), tls.map(Word::of), warm)
                );
                assert_eq!((answer.status, answer.body_bytes), (Some(200), 2));
                let told: Vec<_> = answer.gauges.iter().map(|gauge| gauge.name.as_str()).collect();
                assert_eq!(told, tls.map(|_| "certificate_expires_days").as_slice());
            }
        }
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn certificates_that_do_not_hold_are_told_in_words() {
    let site = Site::start().await;
    for (port, message) in [
        (EXPIRED, "certificate expired "),
        (
            SELF_SIGNED,
            "certificate issued by an unknown authority, or by itself (self-signed)",
        ),
        (WRONG_NAME, "certificate is for other.example, not for localhost"),
        (EARLY, "certificate becomes valid in "),
    ] {
        let attempt = probe(&site.http(port, "/ok", Settings::default())).await;
        let failure = failure(&attempt);
        assert_eq!((failure.kind, failure.phase), (FailureKind::Tls, Some(Phase::Tls)));
        assert!(failure.message.as_str().starts_with(message), "{failure:?}");
    }
    let stranger = http(
        &format!("https://localhost:{}/ok", site.ports[TLS_HTTP1]),
        Settings::default(),
    );
    let attempt = probe(&stranger).await;
    assert!(
        failure(&attempt).message.as_str().contains("unknown authority"),
        "this machine does not trust our tests"
    );
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn requests_carry_method_body_credentials_and_host() {
    let site = Site::start().await;
    for (port, ..) in SERVERS {
        let settings = Settings {
            method: "POST".to_owned(),
            body: Some("{}".to_owned()),
            headers: headers(&[("host", "virtual.example")]),
            expect: vec!["body.startsWith('[Basic dTpw][virtual.example][POST]')".to_owned()],
            ..Settings::default()
        };
        let scheme = if port == PLAIN { "http" } else { "https" };
        let url = format!("{scheme}://u:p@localhost:{}/echo", site.ports[port]);
        let attempt = probe(&http(&url, settings).trusting(site.roots.clone())).await;
        assert_ok(&attempt);
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn redirects_are_followed_and_lose_their_secrets_on_the_way() {
    let site = Site::start().await;
    for (port, ..) in SERVERS {
        let chain = probe(&site.http(port, "/chain", Settings::default())).await;
        assert_ok(&chain);
        assert_eq!(answer(&chain).redirects, 2);
        let endless = probe(&site.http(port, "/loop", Settings::default())).await;
        assert_eq!(failure(&endless).kind, FailureKind::Redirect);
        let settings = Settings {
            headers: headers(&[("authorization", "Bearer t")]),
            expect: vec!["body == '[][127.0.0.1][GET][]'".to_owned()],
            ..Settings::default()
        };
        assert_ok(&probe(&site.http(port, "/elsewhere", settings)).await);
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn trouble_on_the_way_is_told_by_kind_and_phase() {
    let site = Site::start().await;
    for (port, ..) in SERVERS {
        let busy = probe(&site.http(port, "/busy", Settings::default())).await;
        // nginx has words of its own for it, which HTTP/2 does not transmit.
        let words = if port == TLS_HTTP2 {
            "503 Service Unavailable"
        } else {
            "503 Service Temporarily Unavailable"
        };
        assert_failed(&busy, FailureKind::Status, None, words);
        let dropped = probe(&site.http(port, "/dropped", Settings::default())).await;
        let dropped = failure(&dropped);
        assert_eq!(dropped.phase, Some(Phase::FirstByte));
        assert!(
            matches!(dropped.kind, FailureKind::Reset | FailureKind::Closed),
            "{dropped:?}"
        );
        let slow = probe_within(&site.http(port, "/slow", Settings::default()), Duration::from_secs(1)).await;
        assert_failed(
            &slow,
            FailureKind::Timeout,
            Some(Phase::Transfer),
            "answer not complete within 1s",
        );
        assert!(answer(&slow).body_bytes > 0);
        let endless = probe(&site.http(port, "/endless", Settings::default())).await;
        assert_ok(&endless);
        assert_eq!(
            (answer(&endless).body_bytes, answer(&endless).truncated),
            (1024 * 1024, true)
        );
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn a_body_cut_short_behind_nginx_is_seen_as_such() {
    for (port, ..) in SERVERS {
        let site = Site::start().await;
        let attempt = probe(&site.http(port, "/cut", Settings::default())).await;
        let failure = failure(&attempt);
        assert_eq!(failure.phase, Some(Phase::Transfer), "{failure:?}");
        assert!(
            matches!(failure.kind, FailureKind::Closed | FailureKind::Reset),
            "{failure:?}"
        );
        assert_eq!(failure.message.as_str(), "body cut short after 2 bytes");
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn tls_to_a_plain_port_says_so() {
    let site = Site::start().await;
    let url = format!("https://localhost:{}/ok", site.ports[PLAIN]);
    let attempt = probe(&http(&url, Settings::default())).await;
    assert_failed(&attempt, FailureKind::Tls, Some(Phase::Tls), "peer does not speak TLS");
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn a_stream_that_is_reset_is_no_connection_gone_stale() {
    let site = Site::start().await;
    let http = site.http(TLS_HTTP2, "/second", Settings::default());
    assert_ok(&probe(&http).await);
    let second = probe(&http).await;
    assert_eq!(
        (failure(&second).kind, failure(&second).phase),
        (FailureKind::Reset, Some(Phase::FirstByte))
    );
    assert!(answer(&second).reused);
    assert_ok(&probe(&http).await);
    // Over HTTP/1.1 nobody can tell it from a connection that was closed while idle.
    let http = site.http(PLAIN, "/second", Settings::default());
    assert_ok(&probe(&http).await);
    assert_ok(&probe(&http).await);
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn a_server_that_limits_requests_per_connection_is_met_anew() {
    let site = Site::start().await;
    for (port, path) in [(PLAIN, "/once"), (TLS_HTTP1, "/once"), (LIMITED, "/ok")] {
        let http = site.http(port, path, Settings::default());
        for _ in 0..5 {
            let attempt = probe(&http).await;
            assert_ok(&attempt);
            assert!(!answer(&attempt).reused);
        }
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn a_probe_that_is_given_up_leaves_no_connection_behind() {
    let site = Site::start().await;
    let alone = Settings {
        expect: vec!["body.startsWith('Active connections: 1 ')".to_owned()],
        ..Settings::default()
    };
    let status = site.http(PLAIN, "/connections", alone);
    for (port, ..) in SERVERS {
        let slow = site.http(port, "/slow", Settings::default());
        let idle = site.http(port, "/ok", Settings::default());
        assert_ok(&probe(&idle).await);
        let given_up = tokio::time::timeout(Duration::from_millis(200), probe(&slow)).await;
        assert!(given_up.is_err());
        drop((slow, idle));
        let left_alone = async { while !probe(&status).await.outcome.is_ok() {} };
        tokio::time::timeout(PATIENCE, left_alone)
            .await
            .expect("nginx sees them close");
    }
}

/// nginx that asks for a client certificate and for a password, listens on a socket, and speaks HTTP/2 without TLS.
#[tokio::test]
#[ignore = "needs nginx"]
async fn who_we_are_and_whom_we_trust_is_said_in_tls() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    std::fs::create_dir(path.join("html")).unwrap();
    let (authority, claim) = (Authority::new(), Ports::<1>::claim());
    let [port] = claim.numbers;
    let (ours, theirs) = (authority.wrong_name(&path), authority.good(&path));
    let ca = path.join("ca.pem");
    std::fs::write(&ca, authority.root_pem()).unwrap();
    let locations = format!(
        "ssl_verify_client optional; ssl_client_certificate {};
         location / {{ if ($ssl_client_verify != SUCCESS) {{ return 403; }} return 200 '$ssl_server_name'; }}",
        ca.display()
    );
    let nginx = server(&format!("{port} ssl http2"), Some(&theirs), &locations);
    let _nginx = Nginx::start(folder, &nginx, &[port]);
    let url = format!("https://127.0.0.1:{port}/");
    let trusting = Options {
        ca: Some(ca),
        server_name: Some("localhost".to_owned()),
        ..Options::default()
    };
    let identified = Options {
        client_certificate: Some(ours.certificate.clone()),
        client_key: Some(ours.key.clone()),
        ..trusting.clone()
    };
    let with = |tls: Options, version| Settings {
        tls,
        http_version: version,
        expect: vec!["status == 200 && body == 'localhost'".to_owned()],
        ..Settings::default()
    };
    for (version, protocol) in [
        (HttpVersion::Auto, "HTTP/2"),
        (HttpVersion::Http1, "HTTP/1.1"),
        (HttpVersion::Http2, "HTTP/2"),
    ] {
        let attempt = probe(&http(&url, with(identified.clone(), version))).await;
        assert_ok(&attempt);
        assert_eq!(answer(&attempt).protocol, Some(protocol.into()));
        assert_eq!(answer(&attempt).facts, []);
    }
    let stranger = probe(&http(&url, with(trusting, HttpVersion::Auto))).await;
    assert_eq!(answer(&stranger).status, Some(403), "{stranger:?}");
    let unknown = probe(&http(&url, Settings::default())).await;
    assert_eq!(failure(&unknown).kind, FailureKind::Tls);
    let insecure = Options {
        insecure: true,
        ..Options::default()
    };
    let settings = Settings {
        tls: insecure,
        expect: vec!["status == 403".to_owned()],
        ..Settings::default()
    };
    let blind = probe(&http(&url, settings)).await;
    assert_ok(&blind);
    assert_eq!(answer(&blind).facts[0].name, "insecure");
    let tunnelled = ForwardProxy::start().await;
    let settings = Settings {
        proxy: tunnelled.settings().proxy,
        ..with(identified, HttpVersion::Auto)
    };
    let through = http(&url, settings);
    for warm in [false, true] {
        let attempt = probe(&through).await;
        assert_ok(&attempt);
        assert_eq!(answer(&attempt).reused, warm);
    }
    let heads = tunnelled.heads();
    assert_eq!(heads.len(), 1, "the tunnel was kept");
    assert!(heads[0].starts_with(&format!("CONNECT 127.0.0.1:{port} HTTP/1.1\r\n")));
    assert!(heads[0].contains("Proxy-Authorization: Basic dXNlcjpwdw=="));
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn passwords_sockets_and_http2_without_tls_are_understood() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let claim = Ports::<2>::claim();
    let [plain, http2] = claim.numbers;
    std::fs::create_dir(path.join("html")).unwrap();
    std::fs::write(path.join("html/ok"), "ok").unwrap();
    std::fs::write(path.join("users"), "me:{PLAIN}secret\n").unwrap();
    let socket = path.join("web.sock");
    let guard = format!(
        "auth_basic us; auth_basic_user_file {}; location / {{ }}",
        path.join("users").display()
    );
    let unix = format!("listen unix:{};", socket.display());
    let echo = "location / { return 200 '$server_protocol $host'; }";
    let servers = [
        server(&plain.to_string(), None, &guard),
        server(&format!("{http2} http2"), None, &format!("{unix} {echo}")),
    ];
    let servers = servers.concat();
    let _nginx = Nginx::start(folder, &servers, &[plain, http2]);
    let user = |password: &str| Settings {
        auth: Some(Auth {
            basic: Some(Basic {
                user: "me".to_owned(),
                password: password.to_owned(),
            }),
            bearer: None,
        }),
        ..Settings::default()
    };
    let url = format!("http://127.0.0.1:{plain}/ok");
    assert_ok(&probe(&http(&url, user("secret"))).await);
    let refused = probe(&http(&url, user("wrong"))).await;
    assert_eq!(answer(&refused).status, Some(401));
    let expecting = |body: &str| Settings {
        expect: vec![format!("body == '{body}'")],
        ..Settings::default()
    };
    let settings = Settings {
        http_version: HttpVersion::Http2,
        ..expecting("HTTP/2.0 127.0.0.1")
    };
    let prior = http(&format!("http://127.0.0.1:{http2}/"), settings);
    let first = probe(&prior).await;
    assert_ok(&first);
    assert_eq!(
        (phases(&first), answer(&first).protocol.clone()),
        (FRESH.to_vec(), Some("HTTP/2".into()))
    );
    assert_eq!(phases(&probe(&prior).await), WARM);
    let settings = Settings {
        unix: Some(socket),
        ..expecting("HTTP/1.1 service.example")
    };
    let through = http("http://service.example/", settings);
    assert_ok(&probe(&through).await);
    assert_eq!(phases(&probe(&through).await), WARM);
}
