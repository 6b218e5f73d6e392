//! What a thousand alerts of one tick cost: the tick itself, and the time until a receiver that is well has them all.
//!
//! `cargo bench --bench notify` prints each beside other work of the same run: offering beside making messages of them,
//! delivery beside a plain client that sends the same number of requests to the same receiver, one after the other. It fails
//! beyond a ratio.

#[path = "support/cost.rs"]
mod cost;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, SystemTime};

use cost::{Cost, median, spent};
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

/// Requests that the plain client really sends; a thousand take as many times longer.
const PLAIN_REQUESTS: u32 = 20;

fn main() {
    divan::main();
    let address = serve(Duration::ZERO);
    let well = Receiver {
        address,
        most: 30.0,
        why: "a burst is through within a second or two",
    };
    let print = |what: &str, keys: &str| measure(what, keys, &well);
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
    let address = serve(Duration::from_millis(50));
    let slow = Receiver {
        address,
        most: 0.2,
        why: "several are on their way at once",
    };
    let keys = format!("kind = \"pagerduty\"\nrouting_key = \"0123456789\"\nurl = \"http://{address}/\"");
    measure("pagerduty, 50 ms for each", &keys, &slow);
}

/// Who takes the messages, and how many times as long as a plain client delivery may take.
struct Receiver {
    address: SocketAddr,
    most: f64,
    why: &'static str,
}

/// Taken and made into messages, without anybody to send them to.
#[divan::bench]
fn a_thousand_through_an_outbox(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| announcements(&Clock::system()))
        .bench_local_values(through_an_outbox);
}

fn through_an_outbox(announcements: Vec<Announcement>) {
    let pace = Pace {
        gather: Duration::ZERO,
        timeout: Duration::from_secs(10),
        give_up_after: Duration::from_secs(600),
        at_most: None,
    };
    let now = Timestamp::from_secs(1);
    let mut outbox = Outbox::new(Reader::People, pace, None, 1);
    for announcement in announcements {
        outbox.take(announcement, now);
    }
    while let Next::Send(batch) = outbox.next(now) {
        outbox.delivered(batch.number, now);
    }
}

fn measure(what: &str, keys: &str, receiver: &Receiver) {
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
    let made = median(|| {
        let announcements = announcements(&clock);
        spent(|| through_an_outbox(announcements))
    });
    let plain = plain_client(receiver.address, &clock) * ALERTS as u32;
    let begin = clock.now();
    let offered = spent(|| dispatcher.offer(&offer));
    loop {
        let delivered = dispatcher.reports().map(|reports| reports[0].delivered_total);
        if delivered == Some(ALERTS) {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    let delivered = clock.now().since(begin);
    let made = Cost::of("making messages of them", made);
    Cost::of(&format!("{what}: offering {ALERTS} alerts"), offered).within(
        2.0,
        &made,
        "who judges does not wait for who tells",
    );
    let plain = Cost::of("a plain client, one after the other", plain);
    Cost::of(&format!("{what}: delivering them"), delivered).within(receiver.most, &plain, receiver.why);
}

/// What a request takes that is sent over a kept connection by nothing but a socket.
fn plain_client(address: SocketAddr, clock: &Clock) -> Duration {
    let mut connection = TcpStream::connect(address).expect("the receiver listens");
    connection.set_nodelay(true).expect("it is a TCP socket");
    let body = vec![b'x'; 400];
    let mut request = format!(
        "POST / HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend(body);
    let begin = clock.now();
    for _ in 0..PLAIN_REQUESTS {
        connection.write_all(&request).expect("the receiver reads");
        let mut answer = [0; 256];
        assert!(connection.read(&mut answer).expect("the receiver answers") > 0);
    }
    clock.now().since(begin) / PLAIN_REQUESTS
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
