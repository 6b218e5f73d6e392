//! Mail to a real server (`cargo test --test alerting notify_mail:: -- --include-ignored`), and to what only claims to be
//! one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use probetop::notify::channel::{Channel as _, Fault};
use probetop::notify::email::{Email, Encryption, Settings};
use probetop::notify::message::Message;
use probetop_core::clock::Timestamp;
use probetop_core::snapshot::AnnouncementReason;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::certificates::Authority;
use crate::support::messages::{announcement, firing, message};
use crate::support::raw_server::{RawServer, Step};
use crate::support::smtp::{Mail, Smtp};
use crate::support::waiting::PATIENCE;

fn settings(port: u16) -> Settings {
    Settings {
        server: Some(format!("localhost:{port}")),
        tls: Encryption::None,
        from: Some("probetop <probetop@example.com>".to_owned()),
        to: vec!["Ops <ops@example.com>".to_owned()],
        ..Settings::default()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn deliver(settings: &Settings, message: &Message) -> Result<(), Fault> {
    let channel = Email::try_new(settings).unwrap();
    let outcome = timeout(PATIENCE, channel.deliver(message)).await;
    outcome.expect("the server answers")
}

/// Sends over a plain connection and gives what arrived.
fn sent(messages: &[Message]) -> Vec<Mail> {
    let server = Smtp::plain();
    for message in messages {
        deliver(&settings(server.port), message).unwrap();
    }
    server.mails()
}

/// An encrypting server that wants a password, and how to talk to it.
fn guarded(tls: &str, encryption: Encryption) -> (Smtp, Settings, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let files = authority.good(folder.path());
    let server = Smtp::start(&json!({
        "tls": tls, "certificate": files.certificate, "key": files.key, "user": "probe", "password": "hunter2",
    }));
    let ca = folder.path().join("ca.pem");
    fs::write(&ca, authority.root_pem()).unwrap();
    let settings = Settings {
        tls: encryption,
        ca: Some(ca),
        user: Some("probe".to_owned()),
        password: Some("hunter2".to_owned()),
        ..settings(server.port)
    };
    (server, settings, folder)
}

#[test]
#[ignore = "needs aiosmtpd"]
fn a_letter_says_what_where_and_how_much_first() {
    let [mail] = sent(&[firing()]).try_into().ok().unwrap();
    assert_eq!(mail.from, "probetop@example.com");
    assert_eq!(mail.to, ["ops@example.com"]);
    assert!(
        is_literal(&mail.hello),
        "a bare name is refused by many: {}",
        mail.hello
    );
    assert_eq!(mail.header("From"), "probetop <probetop@example.com>");
    assert_eq!(mail.header("To"), "Ops <ops@example.com>");
    assert_eq!(mail.header("Subject"), "critical: slow on checkout [db-1]");
    assert_eq!(mail.header("Date"), "Sat, 21 Nov 2026 03:02:10 +0000");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.header("Content-Type"), "text/plain; charset=utf-8");
    let expected = [
        "critical: slow on checkout, 812ms",
        "",
        "since: 2026-11-21 03:01:40 UTC (30s)",
        "reason: p95 812ms > 500ms",
        "worst: 1.4s",
        "action: add a replica",
        "",
        "03:01:40 pending p95 612ms > 500ms",
        "03:02:10 fired",
        "",
        "-- ",
        "probetop on db-1",
    ];
    assert_eq!(mail.body.trim_end().split("\r\n").collect::<Vec<_>>(), expected);
}

#[test]
#[ignore = "needs aiosmtpd"]
fn letters_about_one_thing_are_a_thread_and_each_has_an_id_of_its_own() {
    let told = |occasion, second| message(vec![announcement(occasion, second)]);
    let mut other = told(AnnouncementReason::Firing, 130);
    other.group = "errors".into();
    let mut later = told(AnnouncementReason::Firing, 200_130);
    later.announcements[0].alert.since = Timestamp::from_secs(200_100);
    let mails = sent(&[
        told(AnnouncementReason::Firing, 130),
        told(AnnouncementReason::Reminder(2), 430),
        told(AnnouncementReason::Resolved, 760),
        told(AnnouncementReason::Resolved, 760),
        other,
        later,
    ]);
    let threads: Vec<_> = mails.iter().map(|mail| mail.header("References")).collect();
    assert!(threads[..4].iter().all(|thread| *thread == threads[0]), "{threads:?}");
    assert!(threads[4..].iter().all(|thread| *thread != threads[0]), "{threads:?}");
    assert!(
        mails
            .iter()
            .all(|mail| mail.header("In-Reply-To") == mail.header("References"))
    );
    let ids: Vec<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids[2], ids[3], "the same letter, sent twice, is known again");
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != threads[0], "{ids:?}");
    assert!(ids[0].starts_with('<') && ids[0].ends_with("@example.com>"), "{ids:?}");
    let subjects: Vec<_> = mails[..3].iter().map(|mail| mail.header("Subject")).collect();
    assert_eq!(
        subjects,
        [
            "critical: slow on checkout [db-1]",
            "still critical: slow on checkout [db-1]",
            "resolved: slow on checkout [db-1]"
        ]
    );
    assert!(
        mails[2].body.contains("until: 2026-11-21 03:12:40 UTC\r\n"),
        "{}",
        mails[2].body
    );
}

#[test]
#[ignore = "needs aiosmtpd"]
fn many_alerts_are_one_letter() {
    let mut second = announcement(AnnouncementReason::Firing, 130);
    second.alert.subject = "search".into();
    let mut many = message(vec![announcement(AnnouncementReason::Firing, 130), second]);
    many.left_out = 12;
    let [mail] = sent(&[many]).try_into().ok().unwrap();
    assert_eq!(mail.header("Subject"), "critical: slow on checkout, and 13 more [db-1]");
    for expected in [
        "critical: slow on checkout, 812ms\r\n",
        "critical: slow on search, 812ms\r\n",
        "and 12 more\r\n",
    ] {
        assert!(mail.body.contains(expected), "{expected:?} in {}", mail.body);
    }
}

#[test]
#[ignore = "needs aiosmtpd"]
fn no_text_of_a_message_becomes_a_header_or_ends_the_letter() {
    let mut hostile = announcement(AnnouncementReason::Firing, 130);
    hostile.alert.name = "slow\r\nBcc: all@example.com\r\n\r\nhello".into();
    hostile.alert.subject = "büro ☂ =?utf-8?q?x?=".into();
    hostile.alert.reason = "\r\n.\r\nMAIL FROM:<evil@example.com>".into();
    hostile.alert.action = Some(".".into());
    let mut hostile = message(vec![hostile]);
    hostile.machine = "a\r\nRCPT TO:<evil@example.com>".into();
    hostile.group = ">\r\nX-Evil: yes".into();
    let [mail] = sent(&[hostile]).try_into().ok().unwrap();
    assert_eq!(mail.to, ["ops@example.com"]);
    assert!(
        is_literal(&mail.hello),
        "no such name stands in a greeting: {}",
        mail.hello
    );
    let mut names: Vec<_> = mail.head.iter().map(|line| line.split(':').next().unwrap()).collect();
    names.sort_unstable();
    let expected = [
        "Auto-Submitted",
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "In-Reply-To",
        "MIME-Version",
        "Message-ID",
        "References",
        "Subject",
        "To",
    ];
    assert_eq!(names, expected, "{:#?}", mail.head);
    assert!(mail.header("Subject").is_ascii());
}

#[test]
#[ignore = "needs aiosmtpd"]
fn a_letter_goes_encrypted_and_with_a_login() {
    for (tls, encryption) in [("starttls", Encryption::Starttls), ("implicit", Encryption::Implicit)] {
        let (server, settings, _folder) = guarded(tls, encryption);
        deliver(&settings, &firing()).unwrap();
        let [mail] = server.mails().try_into().ok().unwrap();
        assert_eq!((mail.encrypted, mail.login.as_deref()), (true, Some("probe")), "{tls}");
    }
}

#[track_caller]
fn check_fault(outcome: Result<(), Fault>, is_lasting: bool, expected: &str) {
    let (found, message) = match outcome.unwrap_err() {
        Fault::Lasting { message } => (true, message),
        Fault::Passing { message, wait } => {
            assert_eq!(wait, None);
            (false, message)
        }
    };
    assert!(message.as_str().contains(expected), "{message} says {expected}");
    assert_eq!(found, is_lasting, "{message}");
    assert!(!message.as_str().contains("hunter2"), "{message}");
}

#[test]
#[ignore = "needs aiosmtpd"]
fn what_a_server_refuses_for_now_is_tried_again_and_what_it_refuses_for_good_is_not() {
    let check = |command: &str, reply: &str, is_lasting, expected: &str| {
        let server = Smtp::start(&json!({ "tls": "none", "replies": { command: reply } }));
        check_fault(deliver(&settings(server.port), &firing()), is_lasting, expected);
        assert!(server.mails().is_empty());
    };
    check("MAIL", "451 try later", false, "the sender is refused: 451 try later");
    check("MAIL", "550 not you", true, "the sender is refused: 550 not you");
    check(
        "RCPT",
        "450 greylisted",
        false,
        "ops@example.com is refused: 450 greylisted",
    );
    check("RCPT", "550 unknown", true, "ops@example.com is refused: 550 unknown");
    check("DATA", "452 disk full", false, "the letter is refused: 452 disk full");
    check("DATA", "554 spam", true, "the letter is refused: 554 spam");
}

#[test]
#[ignore = "needs aiosmtpd"]
fn one_wrong_mailbox_keeps_nobody_else_from_theirs() {
    let server = Smtp::start(&json!({ "tls": "none", "replies": { "gone@example.com": "550 gone" } }));
    let to = ["gone@example.com", "ops@example.com"].map(str::to_owned).to_vec();
    let settings = Settings {
        to,
        ..settings(server.port)
    };
    let expected = "delivered to the others, but gone@example.com is refused: 550 gone";
    check_fault(deliver(&settings, &firing()), true, expected);
    let [mail] = server.mails().try_into().ok().unwrap();
    assert_eq!(mail.to, ["ops@example.com"]);
}

#[test]
#[ignore = "needs aiosmtpd"]
fn a_server_that_cannot_be_trusted_or_does_not_know_us_gets_nothing() {
    let (server, sound, _folder) = guarded("starttls", Encryption::Starttls);
    let wrong = Settings {
        password: Some("hunter22".to_owned()),
        ..sound.clone()
    };
    check_fault(deliver(&wrong, &firing()), true, "cannot log in: 535");
    let nobody = Settings {
        user: None,
        password: None,
        ..sound.clone()
    };
    check_fault(deliver(&nobody, &firing()), true, "the sender is refused: 530");
    let strict = Settings {
        ca: None,
        ..sound.clone()
    };
    check_fault(
        deliver(&strict, &firing()),
        false,
        "cannot encrypt: certificate issued by an unknown authority, or by itself (self-signed)",
    );
    let plain = Settings {
        tls: Encryption::None,
        ..sound
    };
    check_fault(deliver(&plain, &firing()), true, "cannot log in");
    assert!(server.mails().is_empty());
    let open = Smtp::plain();
    let careful = Settings {
        tls: Encryption::Starttls,
        ..settings(open.port)
    };
    check_fault(
        deliver(&careful, &firing()),
        true,
        "cannot encrypt: STARTTLS is not supported",
    );
}

/// The form of RFC 5321 for a machine without a name, by which it is reached on this machine.
fn is_literal(hello: &str) -> bool {
    ["[127.0.0.1]", "[IPv6:::1]"].contains(&hello)
}

#[test]
#[ignore = "needs aiosmtpd"]
fn a_machine_is_called_as_it_is_told_to_or_by_its_full_name() {
    let server = Smtp::plain();
    let mut full = firing();
    full.machine = "db-1.shop.example".into();
    deliver(&settings(server.port), &full).unwrap();
    for name in ["monitor.example.com", "[192.0.2.1]"] {
        let settings = Settings {
            hello: Some(name.to_owned()),
            ..settings(server.port)
        };
        deliver(&settings, &full).unwrap();
    }
    let hellos: Vec<_> = server.mails().into_iter().map(|mail| mail.hello).collect();
    assert_eq!(hellos, ["db-1.shop.example", "monitor.example.com", "[192.0.2.1]"]);
}

#[tokio::test]
async fn a_server_that_turns_us_away_is_no_server_that_is_not_reached() {
    let check = async |said: &[u8], lasting: bool, expected: &str| {
        let server = RawServer::start(vec![vec![Step::Send(said.to_vec())]]).await;
        let settings = Settings {
            hello: Some("db-1".to_owned()),
            ..settings(server.address.port())
        };
        let port = server.address.port();
        let expected = expected.replace("SERVER", &format!("localhost:{port}"));
        let channel = Email::try_new(&settings).unwrap();
        let outcome = timeout(PATIENCE, channel.deliver(&firing())).await;
        check_fault(outcome.expect("the server has hung up"), lasting, &expected);
    };
    let advice = "SERVER refuses our EHLO db-1; write hello = \"a full name of this machine\": ";
    let refusal = b"220 mail\r\n504 5.5.2 <db-1>: Helo command rejected: need fully-qualified hostname\r\n";
    check(
        refusal,
        true,
        &format!("{advice}504 5.5.2 <db-1>: Helo command rejected"),
    )
    .await;
    check(b"220 mail\r\n450 wait\r\n", false, &format!("{advice}450 wait")).await;
    check(b"554 no\r\n", true, "SERVER takes no mail: 554 no").await;
    check(b"421 later\r\n", false, "SERVER takes no mail: 421 later").await;
}

#[tokio::test]
async fn what_is_no_mail_server_is_tried_again_later() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let channel = Email::try_new(&settings(closed)).unwrap();
    check_fault(channel.deliver(&firing()).await, false, "Connection refused");
    for said in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"\xff\xfe\x00\r\n",
        b"2",
        b"220-\x1b[2J\r\n",
        b"",
    ] {
        let server = RawServer::start(vec![vec![Step::Send(said.to_vec())]]).await;
        let channel = Email::try_new(&settings(server.address.port())).unwrap();
        check_fault(channel.deliver(&firing()).await, false, "localhost:");
    }
}

/// What a server says to each of our commands, without waiting for any of them.
async fn told(said: Vec<u8>) -> Result<(), Fault> {
    let server = RawServer::start(vec![vec![Step::Send(said), Step::Silence]]).await;
    let channel = Email::try_new(&settings(server.address.port())).unwrap();
    let outcome = timeout(PATIENCE, channel.deliver(&firing())).await;
    outcome.expect("the session comes to an end")
}

#[tokio::test]
async fn only_the_digits_of_an_answer_decide_whatever_its_text_is_made_of() {
    for latin in 0..6 {
        let mut said = Vec::new();
        for (number, code) in ["220", "250", "250", "250", "354", "250"].into_iter().enumerate() {
            said.extend_from_slice(code.as_bytes());
            said.extend_from_slice(if number == latin {
                b" gr\xfc\xdfe\r\n"
            } else {
                b" ok\r\n"
            });
        }
        assert_eq!(told(said).await, Ok(()), "answer {latin}");
    }
    let refusal = b"220 hi\r\n250 hi\r\n250 ok\r\n550 unzul\xe4ssig\r\n".to_vec();
    check_fault(
        told(refusal).await,
        true,
        "ops@example.com is refused: 550 unzul\u{fffd}ssig",
    );
}

#[tokio::test]
async fn a_receipt_that_did_not_come_is_no_refusal() {
    let until_data = "220 hi\r\n250 hi\r\n250 ok\r\n250 ok\r\n354 go on\r\n";
    for said in ["", "hm\r\n"] {
        let said = format!("{until_data}{said}").into_bytes();
        // It takes the letter's head, and is gone.
        let server = RawServer::start(vec![vec![Step::Send(said), Step::Read]]).await;
        let channel = Email::try_new(&settings(server.address.port())).unwrap();
        let expected = "the letter was sent, but no receipt came for it: ";
        let outcome = channel.deliver(&firing()).await;
        check_fault(outcome, false, expected);
    }
}

#[tokio::test]
async fn a_server_that_never_comes_to_an_end_is_left() {
    for (before, flood) in [("", "220-x\r\n"), ("220 hi\r\n", "250-x\r\n"), ("", "x")] {
        let flood = flood.repeat(1000).into_bytes();
        let script = vec![Step::Send(before.as_bytes().to_vec()), Step::Flood(flood)];
        let server = RawServer::start(vec![script]).await;
        let channel = Email::try_new(&settings(server.address.port())).unwrap();
        let outcome = timeout(PATIENCE, channel.deliver(&firing())).await;
        let outcome = outcome.expect("the session comes to an end");
        check_fault(outcome, false, "more than 256 lines or 64 KiB");
    }
}

#[tokio::test]
async fn a_server_that_knows_no_ehlo_is_greeted_as_in_the_old_days() {
    for code in ["500", "502"] {
        let said = format!("220 hi\r\n{code} what?\r\n250 hi\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 taken\r\n");
        assert_eq!(told(said.into_bytes()).await, Ok(()), "{code}");
        let neither = format!("220 hi\r\n{code} what?\r\n{code} no\r\n");
        let expected = format!("understands neither EHLO nor HELO: {code} no");
        check_fault(told(neither.into_bytes()).await, true, &expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_say_goodbye_has_taken_or_refused_the_letter_nevertheless() {
    let deliver = async |end: &str| {
        let said = format!("220 mail\r\n250 mail\r\n250 ok\r\n250 ok\r\n354 go on\r\n{end}\r\n");
        let server = RawServer::start(vec![vec![Step::Send(said.into_bytes()), Step::Silence]]).await;
        let channel = Email::try_new(&settings(server.address.port())).unwrap();
        channel.deliver(&firing()).await
    };
    assert_eq!(deliver("250 taken").await, Ok(()));
    check_fault(deliver("554 no").await, true, "the letter is refused: 554 no");
}

/// A server that encrypts from the first byte, and then says one line without end.
async fn endless_behind_tls(folder: &Path, authority: &Authority) -> u16 {
    let files = authority.good(folder);
    let chain = CertificateDer::pem_file_iter(files.certificate)
        .unwrap()
        .map(Result::unwrap);
    let key = PrivateKeyDer::from_pem_file(files.key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.collect(), key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
        while stream.write_all(&[b'2'; 16 * 1024]).await.is_ok() {}
    });
    port
}

#[tokio::test]
async fn a_server_behind_tls_that_says_one_line_without_end_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let port = endless_behind_tls(folder.path(), &authority).await;
    let ca = folder.path().join("ca.pem");
    fs::write(&ca, authority.root_pem()).unwrap();
    let settings = Settings {
        tls: Encryption::Implicit,
        ca: Some(ca),
        ..settings(port)
    };
    let channel = Email::try_new(&settings).unwrap();
    let outcome = timeout(PATIENCE, channel.deliver(&firing())).await;
    let expected = format!("localhost:{port} is not a mail server: its answer has more than 256 lines or 64 KiB");
    check_fault(outcome.expect("it is left"), false, &expected);
}

#[test]
fn a_file_that_holds_no_issuers_is_found_before_the_first_letter() {
    let settings = |ca: &str| Settings {
        tls: Encryption::Starttls,
        ca: Some(PathBuf::from(ca)),
        ..settings(25)
    };
    let missing = Email::try_new(&settings("/nonexistent/ca.pem")).err().unwrap();
    assert!(
        missing.starts_with("certificates in /nonexistent/ca.pem cannot be read: No such file"),
        "{missing}"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, "").unwrap();
    let empty = Email::try_new(&settings(path.to_str().unwrap())).err().unwrap();
    assert!(empty.contains("write a PEM file of the issuers to trust"), "{empty}");
    let endless = Email::try_new(&settings("/dev/zero")).err().unwrap();
    assert!(
        endless.ends_with("cannot be read: it is not a regular file"),
        "{endless}"
    );
}
