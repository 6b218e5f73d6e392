//! A real nginx with a configuration of its own, in a temporary folder, stopped when dropped.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::waiting::until;

pub struct Nginx {
    process: Child,
    folder: TempDir,
}

impl Nginx {
    /// Starts with `servers`, the `server` blocks, which listen on `ports`. Returns when all of them answer.
    pub fn start(folder: TempDir, servers: &str, ports: &[u16]) -> Self {
        let path = folder.path();
        let configuration = path.join("nginx.conf");
        std::fs::write(&configuration, wrap(path, servers)).unwrap();
        let process = Command::new(binary())
            .arg("-p")
            .arg(path)
            .arg("-c")
            .arg(&configuration)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx starts");
        let mut nginx = Self { process, folder };
        ports.iter().for_each(|port| nginx.wait_for(*port));
        nginx
    }

    fn wait_for(&mut self, port: u16) {
        until("nginx answers", || {
            if let Some(status) = self.process.try_wait().unwrap() {
                let log = std::fs::read_to_string(self.folder.path().join("error.log"));
                panic!("nginx ended with {status}: {log:?}");
            }
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Ports on 127.0.0.1 that are ours until dropped.
pub struct Ports<const N: usize> {
    pub numbers: [u16; N],
    _claims: [TcpListener; N],
}

impl<const N: usize> Ports<N> {
    /// Claims each port by taking it on 127.0.0.2, where nobody else listens, so that tests that run at the same time
    /// never start servers on the same one. They lie below those that the system gives out by itself.
    pub fn claim() -> Self {
        let mut candidates = 20_000..32_000;
        let claims = std::array::from_fn(|_| {
            let free = candidates.find_map(|port| {
                let claim = TcpListener::bind(("127.0.0.2", port)).ok()?;
                TcpListener::bind(("127.0.0.1", port)).ok().map(|_| claim)
            });
            free.expect("some port is free")
        });
        Self {
            numbers: claims.each_ref().map(|claim| claim.local_addr().unwrap().port()),
            _claims: claims,
        }
    }
}

fn binary() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    places
        .find_map(|place| Some(place.join("nginx")).filter(|file| file.is_file()))
        .expect("nginx is installed")
}

fn wrap(folder: &Path, servers: &str) -> String {
    let folder = folder.display();
    format!(
        "daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
         events {{ worker_connections 512; }}
         http {{
             access_log off; keepalive_timeout 60s; default_type text/plain; server_tokens off;
             client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
             uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
             {servers}
         }}"
    )
}
