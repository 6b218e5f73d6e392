//! `probetop init --discover` against listeners of the test: what is found, what is asked, and what is written.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;

use probetop_probe::source::discovery::{Discovered, Listening, Service, discover, listening};

use crate::support::nginx::{Nginx, Ports};
use crate::support::waiting::{PATIENCE, output};

/// A listener that serves its first connection with `serve`, and what that gives.
fn serving(serve: impl FnOnce(TcpStream) -> Vec<u8> + Send + 'static) -> (SocketAddr, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (served, asked) = mpsc::channel();
    std::thread::spawn(move || served.send(serve(listener.accept().unwrap().0)));
    (address, asked)
}

/// A listener that answers its first connection and tells what it was asked.
fn answering(answer: &'static [u8]) -> (SocketAddr, mpsc::Receiver<Vec<u8>>) {
    serving(move |mut stream| {
        let mut question = vec![0; 512];
        let length = stream.read(&mut question).unwrap();
        question.truncate(length);
        stream.write_all(answer).unwrap();
        question
    })
}

async fn service_of(address: SocketAddr) -> Service {
    let process = None;
    let found = discover(vec![Listening { address, process }]).await;
    found.into_iter().next().unwrap().service
}

#[tokio::test]
async fn a_server_is_known_by_its_answer_to_one_harmless_question() {
    let (address, asked) = answering(b"HTTP/1.1 503 Busy\r\nserver: shop\r\n\r\n");
    let expected = Service::Http {
        status: 503,
        server: Some("shop".into()),
    };
    assert_eq!(service_of(address).await, expected);
    assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), b"GET / HTTP/1.0\r\n\r\n");
    let (address, _served) = answering(b"-ERR wrong number of arguments for 'get' command\r\n");
    assert_eq!(service_of(address).await, Service::Redis);
    let (address, _served) = answering(b"\x15\x03\x01\x00\x02\x02\x16");
    assert_eq!(service_of(address).await, Service::Tls);
}

#[tokio::test]
async fn silence_junk_and_a_flood_end_in_time_and_are_unknown() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    assert_eq!(service_of(silent.local_addr().unwrap()).await, Service::NoAnswer);
    let (address, _served) = answering(&[0xff; 100_000]);
    assert_eq!(service_of(address).await, Service::Unknown);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(service_of(closed).await, Service::NoAnswer);
}

#[tokio::test]
async fn one_that_speaks_first_is_listened_to_and_not_asked() {
    let (address, asked) = serving(|mut stream| {
        stream.write_all(b"SSH-2.0-Test\r\n").unwrap();
        let mut asked = Vec::new();
        stream.read_to_end(&mut asked).unwrap();
        asked
    });
    assert_eq!(service_of(address).await, Service::Greeting("SSH-2.0-Test".into()));
    assert_eq!(asked.recv_timeout(PATIENCE).unwrap(), b"");
}

#[test]
fn what_listens_is_told_with_its_process_and_without_a_word_to_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let found = listening().unwrap();
    let own = found.iter().find(|listening| listening.address == address).unwrap();
    assert_eq!(own.process.as_ref().unwrap().pid, std::process::id());
    assert!(listener.accept().is_err(), "nobody connected");
}

#[test]
#[ignore = "needs nginx"]
fn a_real_web_server_is_found_and_written_into_a_configuration_that_works() {
    let ports = Ports::<1>::claim();
    let [port] = ports.numbers;
    let servers = format!("server {{ listen 127.0.0.1:{port}; location / {{ return 200 'ok'; }} }}");
    let _nginx = Nginx::start(tempfile::tempdir().unwrap(), &servers, &ports.numbers);
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_probetop"));
        output(command.args(arguments).current_dir(folder.path()))
    };
    let init = run(&["init", "--discover"]);
    assert!(init.status.success(), "{init:?}");
    let text = std::fs::read_to_string(folder.path().join("probetop.toml")).unwrap();
    let target = format!(
        "on 127.0.0.1:{port}: answers HTTP with status 200 as nginx.\n[[target]]\nname = \"nginx {port}\"\n\
         url = \"http://127.0.0.1:{port}/\"\nprocess = {{ port = {port} }}\n"
    );
    assert!(text.contains(&target), "{text}");
    let check = run(&["config", "check"]);
    assert!(check.status.success(), "{check:?}\n{text}");
}

/// The parts of what is found can be put together by whoever writes something else than a configuration.
#[test]
fn a_client_reaches_what_listens_everywhere_by_loopback() {
    let check = |address: &str, expected: &str| {
        let listening = Listening {
            address: address.parse().unwrap(),
            process: None,
        };
        let service = Service::Unknown;
        let found = Discovered { listening, service };
        assert_eq!(found.listening.reachable().to_string(), expected);
    };
    check("0.0.0.0:80", "127.0.0.1:80");
    check("[::]:80", "[::1]:80");
    check("127.0.0.53:53", "127.0.0.53:53");
}
