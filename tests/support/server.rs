//! A TCP server of a test, on threads of its own, whose stop cannot fail and never waits.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long the listener waits for a connection before it looks whether it shall stop.
const LOOK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};

/// Serves each connection on a thread of its own until it is dropped; then the port is free and every connection broken
/// off, as by a server that was killed.
pub struct Server {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
}

impl Server {
    /// An error of `serve` is the peer's doing, and the peer is what a test looks at.
    pub fn start(address: SocketAddr, serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        listener.set_nonblocking(true).expect("a listener of our own");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::<Shared>::default();
        let (serve, sharing) = (Arc::new(serve), Arc::clone(&shared));
        let listening = thread::spawn(move || {
            while !sharing.stopped.load(Ordering::SeqCst) {
                // Woken by a connection or by time: never by whoever stops it, which might fail.
                let _ = poll(&mut [PollFd::new(&listener, PollFlags::IN)], Some(&LOOK));
                while let Ok((connection, _)) = listener.accept() {
                    sharing.begin(connection, &serve);
                }
            }
        });
        Self {
            address,
            shared,
            listening: Some(listening),
        }
    }
}

impl Shared {
    fn begin(&self, connection: TcpStream, serve: &Arc<impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static>) {
        let prepared = connection
            .set_nonblocking(false)
            .and_then(|()| connection.set_nodelay(true))
            .and_then(|()| connection.try_clone());
        // One that is gone already is nobody's.
        let Ok(copy) = prepared else { return };
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(copy);
        let serve = Arc::clone(serve);
        let serving = thread::Builder::new().stack_size(128 * 1024);
        // Without a thread the connection is closed, and the test says what it missed.
        let _ = serving.spawn(move || serve(connection));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
        let connections = self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner);
        for connection in connections.iter() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}
