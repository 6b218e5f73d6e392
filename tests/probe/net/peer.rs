//! A UDP peer that answers each datagram with what a test makes of it.

use std::net::SocketAddr;

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

pub(super) struct Peer {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Peer {
    /// `answers` gives the datagrams to send back, in order.
    pub(super) async fn start(answers: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        Self::serve(socket, answers)
    }

    pub(super) fn serve(socket: UdpSocket, answers: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        let address = socket.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut buffer = vec![0; 65_535];
            loop {
                // An error is the word of a peer that is gone.
                let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
                    continue;
                };
                for answer in answers(&buffer[..length]) {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        Self { address, task }
    }

    /// Returns once nobody listens there any more.
    pub(super) async fn stop(mut self) -> SocketAddr {
        self.task.abort();
        let _ = (&mut self.task).await;
        self.address
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
