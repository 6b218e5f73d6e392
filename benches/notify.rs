//! What a thousand alerts of one tick cost: the tick itself, and the time until a receiver that is well has them all.
//!
//! `cargo bench --bench notify` prints each beside its limit, and fails beyond one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, SystemTime};

use divan::Bencher;
use probetop::config::{Config, Overrides};
use probetop::notify::dispatcher::Dispatcher;
use probetop::notify::kind::{ChannelContext, Reader};
use probetop::notify::lane::Offer;
use probetop::notify::message::Message;
use probetop::notify::outbox::{Next, Outbox};
use probetop::notify::settings::Pace;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::AlertId;
use probetop_core::snapshot::Announcement;

const ALERTS: u64 = 1000;

/// Of what a second has room for; the tick of 10,000 targets takes 20 ms of it.
const OFFER_LIMIT: Duration = Duration::from_millis(50);

const DELIVERY_LIMIT: Duration = Duration::from_secs(2);

fn main() {
    divan::main();
    let address = serve(Duration::ZERO);
    print("webhook", &format!("kind = \"webhook\"\nurl = \"http://{address}/\""));
    let many = "at_most = { messages = 5000, per = \"1m\" }";
    print(
        "slack, a message each",
        &format!("kind = \"slack\"\nurl = \"http://{address}/\"\n{many}"),
    );
    print(
        "slack, 20 in a minute",
        &format!("kind = \"slack\"\nurl = \"http://{address}/\""),
    );
    print(
        "pagerduty, an event each",
        &format!("kind = \"pagerduty\"\nrouting_key = \"0123456789\"\nurl = \"http://{address}/\""),
    );
    let slow = serve(Duration::from_millis(50));
    print(
        "pagerduty, 50 ms for each",
        &format!("kind = \"pagerduty\"\nrouting_key = \"0123456789\"\nurl = \"http://{slow}/\""),
    );
}

/// Taken and made into messages, without anybody to send them to.
#[divan::bench]
fn a_thousand_through_an_outbox(bencher: Bencher<'_, '_>) {
    let pace = Pace {
        gather: Duration::ZERO,
        timeout: Duration::from_secs(10),
        give_up_after: Duration::from_secs(600),
        at_most: None,
    };
    let now = Timestamp::from_secs(1);
    bencher
        .with_inputs(|| announcements(&Clock::system()))
        .bench_local_values(|announcements| {
            let mut outbox = Outbox::new(Reader::People, pace, None, 1);
            for announcement in announcements {
                outbox.take(announcement, now);
            }
            while let Next::Send(batch) = outbox.next(now) {
                outbox.delivered(batch.number, now);
            }
        });
}

fn print(what: &str, keys: &str) {
    let clock = Clock::system();
    let mut dispatcher = Dispatcher::start(clock.clone(), "bench".into(), 1).expect("a thread can be had");
    let channels = config(keys).channels;
    let made = probetop::notify::dispatcher::make(&channels, &[], &ChannelContext::default())
        .expect("the channel can be made");
    dispatcher.follow(&channels, made);
    let offer = Offer {
        announcements: announcements(&clock),
        targets: example().targets,
        wall_origin: SystemTime::UNIX_EPOCH,
    };
    let begin = clock.now();
    dispatcher.offer(&offer);
    let offered = clock.now().since(begin);
    loop {
        let delivered = dispatcher.reports().map(|reports| reports[0].delivered_total);
        if delivered == Some(ALERTS) {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    let delivered = clock.now().since(begin);
    println!(
        "{what:26} {ALERTS} alerts: offered in {offered:.1?} (limit {OFFER_LIMIT:?}), delivered in {delivered:.0?} \
         (limit {DELIVERY_LIMIT:?})"
    );
    assert!(
        offered <= OFFER_LIMIT,
        "{what}: offering held up the tick for {offered:?}"
    );
    assert!(delivered <= DELIVERY_LIMIT, "{what}: delivered in {delivered:?}");
}

fn config(keys: &str) -> Config {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("probetop.toml");
    std::fs::write(&path, format!("[[notify]]\nname = \"bench\"\n{keys}\n")).expect("it can be written to");
    let overrides = Overrides {
        file: Some(path),
        ..Overrides::default()
    };
    Config::load(&overrides, &|_| None).unwrap_or_else(|problems| panic!("{problems}"))
}

fn example() -> Message {
    Message::example(Timestamp::ZERO, SystemTime::UNIX_EPOCH)
}

fn announcements(clock: &Clock) -> Vec<Announcement> {
    let example = example().announcements.remove(0);
    let announcement = |id| {
        let mut announcement = example.clone();
        announcement.at = clock.now();
        announcement.alert.id = AlertId(id);
        announcement.group = format!("cause {id}").into();
        announcement
    };
    (0..ALERTS).map(announcement).collect()
}

/// A receiver that is well and takes so long for each request, on threads of its own.
fn serve(takes: Duration) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || answer(connection, takes));
        }
    });
    address
}

fn answer(mut connection: TcpStream, takes: Duration) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(bytes) = line.strip_prefix("content-length: ") {
                length = bytes.trim().parse().unwrap_or_default();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        thread::sleep(takes);
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
    }
}
