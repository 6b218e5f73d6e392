//! Servers that try to write to the terminal.

use super::{quit, terminal};
use crate::support::pty::key;
use crate::support::raw_server::{RawServer, keeps_answering};

/// Sets the title, clears, colours, leaves the alternate screen, and asks the terminal to answer.
const ESCAPES: &str = "\x1b]0;stolen\x07\x1b[2J\x1b[31m\x1b[?1049l\x1b[6n\u{9b}31m\u{202e}";

#[test]
fn an_answer_full_of_escape_sequences_writes_nothing_to_the_terminal() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let length = ESCAPES.len();
    let answer = format!("HTTP/1.1 500 {ESCAPES}No\r\nserver: {ESCAPES}\r\ncontent-length: {length}\r\n\r\n{ESCAPES}");
    let server = runtime.block_on(RawServer::start(keeps_answering(&answer)));
    let targets = format!(
        "theme = \"dark\"\nhost = false\n[[target]]\nname = \"hostile\\u001b[31m\\u0007\"\nurl = \"{}\"\nexpect = [\"status == 200\"]\n",
        server.url("/")
    );
    let mut tui = terminal(&targets, 110, 40).probetop(&[]);
    tui.wait_for_text("hostile");
    tui.send(key::ENTER);
    tui.wait_for_text("failed");
    tui.wait_for_frames(2);
    assert!(tui.screen(|screen| screen.alternate_screen()));
    let output = tui.output(0);
    let text = String::from_utf8_lossy(&output);
    for forbidden in ["\x1b]", "\x07", "\x1b[6n", "\u{9b}", "\u{202e}"] {
        assert!(!text.contains(forbidden), "{forbidden:?}");
    }
    assert_eq!(text.matches("\x1b[?1049l").count(), 0);
    quit(tui);
}
