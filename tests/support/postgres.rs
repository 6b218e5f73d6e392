//! A real PostgreSQL with a cluster of its own, in a temporary folder, stopped when dropped.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::nginx::Ports;
use super::waiting::{output, until};

pub struct Postgres {
    process: Option<Child>,
    pub folder: TempDir,
    pub port: u16,
    _claim: Ports<1>,
}

impl Postgres {
    /// Starts with `settings`, lines of postgresql.conf, and `access`, lines of pg_hba.conf. The superuser `postgres`
    /// comes in by the socket without a password.
    pub fn start(prepare: impl FnOnce(&Path), settings: &str, access: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let data = path.join("data");
        std::fs::create_dir(&data).unwrap();
        prepare(path);
        give_away(path);
        let mut initialise = command("initdb");
        initialise
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "-D",
            ])
            .arg(&data);
        let initialised = output(&mut initialise);
        assert!(initialised.status.success(), "initdb: {initialised:?}");
        let claim = Ports::claim();
        let port = claim.numbers[0];
        let socket = path.display();
        let own = format!(
            "\nlisten_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{socket}'\nfsync = off\n{settings}\n"
        );
        let configuration = std::fs::read_to_string(data.join("postgresql.conf")).unwrap() + &own;
        std::fs::write(data.join("postgresql.conf"), configuration).unwrap();
        std::fs::write(
            data.join("pg_hba.conf"),
            format!("local all postgres trust\n{access}\n"),
        )
        .unwrap();
        give_away(path);
        let mut server = Self {
            process: None,
            folder,
            port,
            _claim: claim,
        };
        server.restart();
        server
    }

    /// Starts the server on the same port.
    pub fn restart(&mut self) {
        let process = command("postgres")
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(self.folder.path().join("log")).unwrap())
            .spawn()
            .expect("postgres starts");
        self.process = Some(process);
        until("postgres answers", || {
            if let Some(status) = self.process.as_mut().unwrap().try_wait().unwrap() {
                let log = std::fs::read_to_string(self.folder.path().join("log"));
                panic!("postgres ended with {status}: {log:?}");
            }
            TcpStream::connect(("127.0.0.1", self.port)).is_ok() && self.try_run("select 1").is_some()
        });
    }

    /// Stops it at once, as a crash of the machine would not be kinder.
    pub fn kill(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        // SIGQUIT: immediate shutdown, which takes the sessions along.
        let id = rustix::process::Pid::from_child(&process);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::QUIT);
        let _ = process.wait();
    }

    /// Runs `sql` as the superuser.
    pub fn run(&self, sql: &str) -> String {
        self.try_run(sql).unwrap_or_else(|| panic!("psql runs {sql}"))
    }

    fn try_run(&self, sql: &str) -> Option<String> {
        let mut psql = Command::new(binary("psql"));
        psql.args([
            "-X",
            "-A",
            "-t",
            "-U",
            "postgres",
            "-d",
            "postgres",
            "-p",
            &self.port.to_string(),
            "-h",
        ]);
        let told = output(psql.arg(self.folder.path()).args(["-c", sql]));
        told.status
            .success()
            .then(|| String::from_utf8_lossy(&told.stdout).trim().to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// PostgreSQL refuses to run as root: there it runs as the user that its package makes.
fn command(name: &str) -> Command {
    if !rustix::process::getuid().is_root() {
        return Command::new(binary(name));
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(binary(name));
    command.current_dir("/");
    command
}

fn give_away(folder: &Path) {
    if rustix::process::getuid().is_root() {
        let given = output(Command::new("chown").args(["-R", "postgres:postgres"]).arg(folder));
        assert!(given.status.success(), "{given:?}");
        // Keys are for their owner alone, or the server refuses them.
        for key in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if key.extension().is_some_and(|extension| extension == "key") {
                std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).unwrap();
            }
        }
    }
}

/// Debian keeps the server's programs out of the path, in a folder by version.
fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<_> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin").join(name)))
        .filter(|file| file.is_file())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from(name))
}
