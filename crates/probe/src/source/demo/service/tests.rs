//! The demo service answers real requests on real sockets; a manual clock puts it at any point of its schedule.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::SystemTime;

use super::*;

/// A service that has run for `seconds`.
fn service_at(seconds: u64) -> Service {
    let clock = Clock::manual(SystemTime::UNIX_EPOCH);
    let service = Service::start(clock.clone()).unwrap();
    clock.advance(Duration::from_secs(seconds));
    service
}

/// Sends a request and reads until the service closes the connection.
fn get(service: &Service, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(service.address())?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: demo\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8(answer).unwrap())
}

fn check(seconds: u64, path: &str, status_line: &str, body: &str) {
    let answer = get(&service_at(seconds), path).unwrap();
    let (head, found) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(head.lines().next(), Some(status_line), "{path} at {seconds} s");
    assert_eq!(found, body, "{path} at {seconds} s");
}

#[test]
fn each_reply_arrives_as_http() {
    check(0, "/health", "HTTP/1.1 200 OK", "{\"status\":\"ok\"}\n");
    check(20, "/inventory", "HTTP/1.1 200 OK", "{\"status\":\"degraded\"}\n");
    check(
        9,
        "/profile",
        "HTTP/1.1 503 Service Unavailable",
        "{\"status\":\"unavailable\"}\n",
    );
}

#[test]
fn unknown_paths_list_the_known_ones() {
    let list = "/health\n/login\n/search\n/checkout\n/profile\n/payment\n/report\n/inventory\n/catalog\n";
    check(0, "/", "HTTP/1.1 200 OK", list);
    check(0, "/nowhere", "HTTP/1.1 404 Not Found", list);
}

#[test]
fn a_large_answer_is_as_long_as_it_says() {
    let answer = get(&service_at(0), "/catalog").unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {LARGE_BODY_BYTES}")), "{head}");
    assert_eq!(body.len(), LARGE_BODY_BYTES);
}

#[test]
fn one_payment_in_ten_is_reset_and_the_others_are_not() {
    let service = service_at(3);
    let answers: Vec<_> = (0..10).map(|_| get(&service, "/payment")).collect();
    let resets = answers
        .iter()
        .filter_map(|answer| answer.as_ref().err())
        .map(io::Error::kind);
    assert_eq!(resets.collect::<Vec<_>>(), [ErrorKind::ConnectionReset]);
}

#[test]
fn a_dropped_service_listens_no_more_and_drops_its_connections() {
    let service = service_at(4);
    let address = service.address();
    let mut waiting = TcpStream::connect(address).unwrap();
    waiting
        .write_all(b"GET /report HTTP/1.1\r\nhost: demo\r\n\r\n")
        .unwrap();
    drop(service);
    assert!(matches!(waiting.read(&mut [0; 16]), Ok(0) | Err(_)));
    assert_eq!(
        TcpStream::connect(address).unwrap_err().kind(),
        ErrorKind::ConnectionRefused
    );
}
