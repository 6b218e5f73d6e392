//! How long it takes from an answer to the frame that shows it.

use std::cell::Cell;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{quit, terminal};

/// Probes in half a second, at one every 20 ms.
const HALF_A_SECOND: u32 = 25;

/// A name server that answers each question with the number of the question, as an address.
struct Numbers {
    port: u16,
    answered: Arc<AtomicU32>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Numbers {
    fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = socket.local_addr().unwrap().port();
        let (answered, ends) = (Arc::<AtomicU32>::default(), Arc::<AtomicBool>::default());
        let (count, end) = (Arc::clone(&answered), Arc::clone(&ends));
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let thread = thread::spawn(move || {
            let mut question = [0; 512];
            while !end.load(Ordering::Relaxed) {
                let Ok((length, peer)) = socket.recv_from(&mut question) else {
                    continue;
                };
                let number = count.load(Ordering::Relaxed) + 1;
                count.store(number, Ordering::Relaxed);
                // Whoever asked may be gone.
                let _ = socket.send_to(&answer(&question[..length], number), peer);
            }
        });
        Self {
            port,
            answered,
            ends,
            thread: Some(thread),
        }
    }

    fn answered(&self) -> u32 {
        self.answered.load(Ordering::Relaxed)
    }
}

impl Drop for Numbers {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The question as a response with one address.
fn answer(question: &[u8], number: u32) -> Vec<u8> {
    // The name ends with its root, behind which are type and class.
    let name = question[12..].iter().position(|byte| *byte == 0).unwrap();
    let mut answer = question[..12 + name + 5].to_vec();
    answer[2..4].copy_from_slice(&[0x81, 0]);
    answer[4..12].copy_from_slice(&[0, 1, 0, 1, 0, 0, 0, 0]);
    answer.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04");
    let [_, a, b, c] = number.to_be_bytes();
    answer.extend([10, a, b, c]);
    answer
}

/// The newest number on the screen.
fn shown(screen: &str) -> Option<u32> {
    let (_, behind) = screen.split_once("answers ")?;
    let address: Ipv4Addr = behind.split_whitespace().next()?.parse().ok()?;
    let [ten, a, b, c] = address.octets();
    (ten == 10).then(|| u32::from_be_bytes([0, a, b, c]))
}

/// The clock is that of the probes: on a machine that is busy with other things they come as late as the frames do.
#[test]
fn an_answer_is_on_the_screen_before_half_a_second_of_others_has_come_at_the_median() {
    let server = Numbers::start();
    let text = format!(
        "host = false\n[[target]]\nname = \"numbers\"\nurl = \"dns://127.0.0.1:{}/a.example\"\ninterval = \"20ms\"\n",
        server.port
    );
    let mut tui = terminal(&text, 100, 40).probetop(&[]);
    tui.wait_for_text("? help");
    tui.send("2");
    tui.wait_for("an answer", |screen| shown(&screen.contents()).is_some());
    let newest = Cell::new(server.answered());
    let mut waits = Vec::new();
    while waits.len() < 500 {
        let (before, seen) = (newest.get(), Cell::new(0));
        tui.wait_for("a newer answer", |screen| {
            let number = shown(&screen.contents()).filter(|number| *number > before);
            seen.set(number.unwrap_or_default());
            number.is_some()
        });
        let now = server.answered();
        // What is half drawn may be read as a number that is yet to come.
        if seen.get() <= now {
            waits.extend((before + 1..=seen.get()).map(|number| now - number));
            newest.set(seen.get());
        }
    }
    waits.sort_unstable();
    let median = waits[waits.len() / 2];
    println!("probes between an answer and its frame, at the median: {median}, at 20 ms each");
    assert!(median <= HALF_A_SECOND, "{median}: {waits:?}");
    quit(tui);
}
