//! From addresses to a TCP connection: happy eyeballs (RFC 8305).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use probetop_core::sample::{Failure, FailureKind, Phase};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::attempt::{Fault, Stopwatch};

/// RFC 8305, section 5: the recommended connection attempt delay.
const STAGGER: Duration = Duration::from_millis(250);

/// The first connection that stands, and whom it is to.
pub async fn connect(watch: &mut Stopwatch, addresses: Vec<SocketAddr>) -> Result<(TcpStream, SocketAddr), Failure> {
    watch.phase(Phase::Connect, race(addresses)).await
}

/// Starts one attempt after the other, the next when the last has failed or has taken [`STAGGER`]; the first to stand
/// wins and the others are given up.
async fn race(addresses: Vec<SocketAddr>) -> Result<(TcpStream, SocketAddr), Fault> {
    if let [only] = addresses[..] {
        return open(only).await;
    }
    let mut waiting = interleave(addresses);
    let mut running = JoinSet::new();
    let mut best: Option<Fault> = None;
    loop {
        if let Some(address) = waiting.pop_front() {
            running.spawn(open(address));
        }
        let finished = tokio::select! {
            finished = running.join_next() => finished,
            () = sleep(STAGGER), if !waiting.is_empty() => continue,
        };
        match finished {
            Some(Ok(Ok(connection))) => return Ok(connection),
            Some(Ok(Err(fault))) => best = Some(better(best, fault)),
            Some(Err(_)) => {}
            None => {
                return Err(best.unwrap_or_else(|| Fault::new(FailureKind::Unreachable, "no address to connect to")));
            }
        }
    }
}

async fn open(address: SocketAddr) -> Result<(TcpStream, SocketAddr), Fault> {
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| Fault::connecting(&error, address))?;
    // A request is one small write: waiting for more to send would be measured as the peer's latency.
    stream.set_nodelay(true)?;
    Ok((stream, address))
}

/// RFC 8305, section 4: the families take turns, beginning with the one the system prefers.
fn interleave(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let prefers_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, others): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == prefers_v6);
    let (mut preferred, mut others) = (preferred.into_iter(), others.into_iter());
    let mut order = VecDeque::new();
    loop {
        let pair = [preferred.next(), others.next()];
        if pair == [None, None] {
            return order;
        }
        order.extend(pair.into_iter().flatten());
    }
}

/// The failure that tells most: of a host that answered before that of one that did not.
fn better(so_far: Option<Fault>, fault: Fault) -> Fault {
    match so_far {
        Some(so_far) if closeness(so_far.kind) >= closeness(fault.kind) => so_far,
        _ => fault,
    }
}

fn closeness(kind: FailureKind) -> Option<usize> {
    const FARTHEST_FIRST: [FailureKind; 4] = [
        FailureKind::Unreachable,
        FailureKind::Timeout,
        FailureKind::Reset,
        FailureKind::Refused,
    ];
    FARTHEST_FIRST.iter().position(|known| *known == kind)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|address| address.parse().unwrap()).collect()
    }

    fn check_order(given: &[&str], expected: &[&str]) {
        assert_eq!(Vec::from(interleave(addresses(given))), addresses(expected));
    }

    #[test]
    fn families_take_turns_from_the_preferred_one_on() {
        check_order(
            &["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"],
            &["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"],
        );
        check_order(
            &["1.1.1.1:1", "[::1]:1", "[::2]:1"],
            &["1.1.1.1:1", "[::1]:1", "[::2]:1"],
        );
        check_order(&["1.1.1.1:1", "1.1.1.2:1"], &["1.1.1.1:1", "1.1.1.2:1"]);
        check_order(&[], &[]);
    }

    /// An address of a listener that is gone: connecting is refused.
    async fn refused(ip: &str) -> SocketAddr {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        listener.local_addr().unwrap()
    }

    #[tokio::test]
    async fn a_refused_address_gives_way_to_the_next_one() {
        let dead = refused("127.0.0.1").await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alive = listener.local_addr().unwrap();
        let dead_v6 = SocketAddr::new("::1".parse().unwrap(), dead.port());
        for first in [dead, dead_v6] {
            let (stream, address) = race(vec![first, alive]).await.unwrap();
            assert_eq!(address, alive);
            assert!(stream.nodelay().unwrap());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_swallows_packets_does_not_hold_up_the_next_one() {
        // A full accept queue drops further handshakes, as a firewall that swallows packets does.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let full = socket.listen(0).unwrap();
        let silent = full.local_addr().unwrap();
        let _fills_the_queue = TcpStream::connect(silent).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alive = listener.local_addr().unwrap();
        let (_stream, address) = race(vec![silent, alive]).await.unwrap();
        assert_eq!(address, alive);
    }

    #[tokio::test]
    async fn of_several_failures_the_one_that_came_closest_is_told() {
        let dead = refused("127.0.0.1").await;
        let other = refused("127.0.0.1").await;
        let fault = race(vec![dead, other]).await.unwrap_err();
        assert_eq!(fault.kind, FailureKind::Refused);
        assert_eq!(fault.message.as_str(), format!("connection refused by {dead}"));
        let unreachable = Fault::new(FailureKind::Unreachable, "no route");
        assert_eq!(better(Some(unreachable), fault.clone()), fault);
    }
}
