//! What watching costs: each pane of probetop with 20 HTTP targets beside htop, btop and bottom, in terminals of their own.
//!
//! `cargo bench --bench compare [-- probetop|htop|timeline …]`. Each runs for 20 s after a warm-up of 3 s;
//! PROBETOP_BENCH_SECONDS sets another time. Programs that are not installed are skipped with a note.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock itself")]

#[path = "support/process.rs"]
mod process;
#[path = "../tests/support/pty/mod.rs"]
#[allow(dead_code, reason = "tests share this folder and use all of it")]
mod pty;
#[path = "support/server.rs"]
mod server;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use process::Usage;
use pty::{Terminal, Tui};
use vt100::Screen;

const SIZES: [(u16, u16); 2] = [(200, 50), (80, 24)];
const TARGETS: usize = 20;
const WARM_UP: Duration = Duration::from_secs(3);

/// The median of this many starts is the time to the first paint.
const STARTS: usize = 5;

/// A program, the arguments that make it refresh every second, and the key that shows what is measured.
struct Contender {
    name: &'static str,
    program: &'static str,
    args: &'static [&'static str],
    key: &'static str,
}

const fn program(name: &'static str, args: &'static [&'static str]) -> Contender {
    Contender {
        name,
        program: name,
        args,
        key: "",
    }
}

/// A pane of probetop.
const fn pane(name: &'static str, key: &'static str) -> Contender {
    Contender {
        name,
        program: env!("CARGO_BIN_EXE_probetop"),
        args: &["-c", "probetop.toml"],
        key,
    }
}

const CONTENDERS: [Contender; 13] = [
    pane("probetop", ""),
    program("htop", &["-d", "10"]),
    program("btop", &["--utf-force"]),
    program("btm", &["-r", "1s"]),
    pane("target", "2"),
    pane("machine", "3"),
    pane("alerts", "4"),
    pane("objectives", "5"),
    pane("health", "6"),
    pane("analysis", "7"),
    pane("compare", "8"),
    pane("timeline", "9"),
    pane("heat", "0"),
];

/// What one program costs at one size.
struct Cost {
    first_paint_ms: f64,
    bytes_per_s: f64,
    cpu_percent: f64,
    rss_mib: f64,
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let config = config(start_server());
    let length = length();
    println!(
        "{TARGETS} HTTP targets at 1 s on loopback, this machine included; {length:?} each; (ratio to the first line)"
    );
    for (cols, rows) in SIZES {
        println!(
            "\n{:<18}{:>20}{:>22}{:>20}{:>20}",
            format!("{cols}x{rows}"),
            "first paint",
            "to terminal",
            "CPU",
            "RSS"
        );
        let mut first = None;
        for contender in &CONTENDERS {
            if !wanted.is_empty() && !wanted.iter().any(|name| name == contender.name) {
                continue;
            }
            if !installed(contender.program) {
                println!("{:<18}{:>20}", contender.name, "not installed");
                continue;
            }
            let cost = measure(contender, &config, (cols, rows), length);
            println!(
                "{:<18}{}",
                contender.name,
                line(&cost, first.get_or_insert(values(&cost)))
            );
        }
    }
}

/// How long each program is measured.
fn length() -> Duration {
    let seconds = std::env::var("PROBETOP_BENCH_SECONDS")
        .ok()
        .and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(20).max(1))
}

fn start_server() -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || server::serve(|address| sender.send(address).expect("main waits for it")));
    receiver.recv().expect("a server on a loopback port")
}

fn config(server: SocketAddr) -> String {
    let mut config = String::from("interval = \"1s\"\n");
    for number in 1..=TARGETS {
        let target = format!("\n[[target]]\nname = \"endpoint-{number:02}\"\nurl = \"http://{server}/{number}\"\n");
        config.push_str(&target);
    }
    config
}

fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

fn measure(contender: &Contender, config: &str, size: (u16, u16), length: Duration) -> Cost {
    let mut paints: Vec<f64> = (0..STARTS).map(|_| start(contender, config, size).1).collect();
    paints.sort_by(f64::total_cmp);
    let (mut tui, _) = start(contender, config, size);
    tui.send(contender.key);
    thread::sleep(WARM_UP);
    let (since, bytes, before) = (Instant::now(), tui.bytes(), usage(&tui));
    thread::sleep(length);
    let (seconds, bytes, after) = (since.elapsed().as_secs_f64(), tui.bytes() - bytes, usage(&tui));
    Cost {
        first_paint_ms: paints[STARTS / 2],
        bytes_per_s: bytes as f64 / seconds,
        cpu_percent: (after.cpu - before.cpu).as_secs_f64() / seconds * 100.0,
        rss_mib: after.rss_bytes as f64 / 1024.0 / 1024.0,
    }
}

/// Starts the program and waits for its first full paint; gives the milliseconds it took.
fn start(contender: &Contender, config: &str, (cols, rows): (u16, u16)) -> (Tui, f64) {
    let terminal = Terminal::new(cols, rows);
    write(&terminal.home().join("probetop.toml"), config);
    // Two seconds unless told otherwise, and no argument tells it.
    write(&terminal.home().join(".config/btop/btop.conf"), "update_ms = 1000\n");
    let since = Instant::now();
    let tui = terminal.run(contender.program, contender.args);
    tui.wait_for("the first paint", painted);
    (tui, since.elapsed().as_secs_f64() * 1000.0)
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("it is below the home of the terminal");
    std::fs::create_dir_all(folder).expect("the temporary directory can be written");
    std::fs::write(path, text).expect("the temporary directory can be written");
}

/// Whether a full-screen program has drawn: something at the top and something in the lower half.
fn painted(screen: &Screen) -> bool {
    let contents = screen.contents();
    let written = |line: &&str| !line.trim().is_empty();
    let lower_half = usize::from(screen.size().0.get()) / 2;
    screen.alternate_screen()
        && contents.lines().take(3).any(|line| written(&line))
        && contents.lines().skip(lower_half).any(|line| written(&line))
}

fn usage(tui: &Tui) -> Usage {
    Usage::of_tree(tui.pid().as_raw_nonzero().get()).expect("the program still runs, and there is a /proc")
}

fn values(cost: &Cost) -> [f64; 4] {
    [cost.first_paint_ms, cost.bytes_per_s, cost.cpu_percent, cost.rss_mib]
}

/// The figures, each with its ratio to the same figure of the first program.
fn line(cost: &Cost, first: &[f64; 4]) -> String {
    let units = [("ms", 20, 1), ("B/s", 22, 0), ("%", 20, 2), ("MiB", 20, 1)];
    let mut line = String::new();
    for ((value, first), (unit, width, digits)) in values(cost).iter().zip(first).zip(units) {
        let cell = format!("{value:.digits$} {unit} ({:.1}x)", value / first);
        write!(line, "{cell:>width$}").expect("a string takes it");
    }
    line
}
