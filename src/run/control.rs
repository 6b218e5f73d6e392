//! How other programs of the same user reach a running probetop: a Unix socket in the user's runtime folder.
//!
//! One line in, one line out. `mark LABEL` sets a mark; the answer is `ok`, or what is wrong. `who` asks where it was
//! started: the answer is the folder and, behind a tab, the configuration file.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use probetop_core::sample::{MarkOrigin, Text};
use probetop_core::snapshot::Request;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// A label is read at a glance; what is longer is not a request.
const REQUEST_LIMIT_BYTES: u64 = 4 * 1024;

/// Who connects says at once what it wants.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(1);

/// One that has not answered by then is stopped, or hangs.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// Marks that wait to be set; a script that sets more within a drain is told to wait.
const WAITING_LIMIT: usize = 64;

/// The open socket; removed when dropped.
#[derive(Debug)]
pub struct Control {
    path: PathBuf,
    requests: mpsc::Receiver<Request>,
}

impl Control {
    /// Opens the socket of this process; needs a runtime with its I/O driver on, and serves on it.
    ///
    /// # Errors
    /// The folder is not the user's own, or the socket cannot be made.
    pub fn open(place: &Place) -> io::Result<Self> {
        let folder = own_folder()?;
        let path = folder.join(format!("{}.sock", std::process::id()));
        // Left by a process with the same number that was killed.
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path)?;
        let (sender, requests) = mpsc::channel(WAITING_LIMIT);
        tokio::spawn(serve(listener, place.line().into(), sender));
        Ok(Self { path, requests })
    }

    /// The next request.
    pub async fn next(&mut self) -> Request {
        match self.requests.recv().await {
            Some(request) => request,
            // The task that listens ended with its runtime: nothing comes any more.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // Somebody may have tidied up before.
        let _ = fs::remove_file(&self.path);
    }
}

async fn serve(listener: UnixListener, place: Arc<str>, requests: mpsc::Sender<Request>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let answer = answer(stream, Arc::clone(&place), requests.clone());
                drop(tokio::spawn(timeout(REQUEST_TIMEOUT, answer)));
            }
            // Without descriptors for a moment; who calls waits in the socket's queue meanwhile.
            Err(_) => sleep(REQUEST_TIMEOUT).await,
        }
    }
}

async fn answer(mut stream: UnixStream, place: Arc<str>, requests: mpsc::Sender<Request>) -> io::Result<()> {
    let (read, mut write) = stream.split();
    let mut line = String::new();
    tokio::io::BufReader::new(read.take(REQUEST_LIMIT_BYTES))
        .read_line(&mut line)
        .await?;
    let reply = match parse(&line) {
        _ if line.trim_end() == WHO => place.to_string(),
        Err(wrong) => wrong,
        Ok(request) => match requests.try_send(request) {
            Ok(()) => "ok".to_owned(),
            Err(_full) => "too many marks at once; try again".to_owned(),
        },
    };
    write.write_all(format!("{reply}\n").as_bytes()).await
}

fn parse(line: &str) -> Result<Request, String> {
    let label = line.trim_end().strip_prefix("mark ").map(Text::clean);
    match label.filter(|label| !label.as_str().is_empty()) {
        Some(label) => Ok(Request::Mark {
            at: None,
            label,
            origin: MarkOrigin::Script,
        }),
        None => Err("not understood; send: mark LABEL".to_owned()),
    }
}

/// The request that asks where a program was started.
const WHO: &str = "who";

/// Where a program was started, as its user sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub folder: String,
    /// The configuration file, if there is one.
    pub configuration: Option<String>,
}

impl Place {
    /// Of this process, with the configuration that it reads. Looks at both in the file system, which may take long.
    pub fn of(configuration: Option<&Path>) -> Self {
        // Neither a line break nor a tab may stand in an answer.
        let shown = |path: &Path| path.display().to_string().escape_debug().to_string();
        let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        Self {
            folder: std::env::current_dir().map_or_else(|_| String::new(), |folder| shown(&whole(&folder))),
            configuration: configuration.map(|path| shown(&whole(path))),
        }
    }

    fn line(&self) -> String {
        format!("{}\t{}", self.folder, self.configuration.as_deref().unwrap_or_default())
    }

    /// `None`: that is not an answer to the question.
    fn parse(line: &str) -> Option<Self> {
        let (folder, configuration) = line.split_once('\t')?;
        Some(Self {
            folder: folder.to_owned(),
            configuration: Some(configuration.to_owned()).filter(|path| !path.is_empty()),
        })
    }

    /// Whether both are about the same: they share the configuration, or were started in one folder.
    fn is_like(&self, other: &Self) -> bool {
        let same_file = self.configuration.is_some() && self.configuration == other.configuration;
        same_file || (!self.folder.is_empty() && self.folder == other.folder)
    }

    /// For messages.
    fn shown(&self) -> Text {
        Text::clean(self.configuration.as_deref().unwrap_or(&self.folder))
    }
}

/// Whom a request is for.
#[derive(Clone, Debug)]
pub enum Recipients {
    All,
    Process(u32),
    /// Those that were started here, or have the same configuration.
    Like(Place),
}

/// What became of a request, by process id.
#[derive(Debug, Default)]
pub struct Told {
    /// Those that run elsewhere, and where.
    pub elsewhere: Vec<(u32, Text)>,
    /// Those that did as asked.
    pub done: Vec<u32>,
    /// Those that did not, and why.
    pub failed: Vec<(u32, io::Error)>,
}

/// Sets a mark in those that are meant. All are asked at once, and one that does not answer holds up nobody.
///
/// # Errors
/// The folder cannot be used.
pub fn send(label: &str, whom: &Recipients) -> io::Result<Told> {
    let sockets = sockets(&own_folder()?)?;
    let only = |pid: u32| !matches!(whom, Recipients::Process(only) if *only != pid);
    let wanted = sockets.into_iter().filter(|(pid, _)| only(*pid));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let asked: Vec<_> = wanted
            .map(|(pid, path)| (pid, tokio::spawn(ask(path, label.to_owned(), whom.clone()))))
            .collect();
        let mut told = Told::default();
        for (pid, answer) in asked {
            match answer.await.map_err(io::Error::other).flatten() {
                Ok(Answer::Done) => told.done.push(pid),
                Ok(Answer::Elsewhere(place)) => told.elsewhere.push((pid, place)),
                Ok(Answer::Gone) => {}
                Err(error) => told.failed.push((pid, error)),
            }
        }
        Ok(told)
    })
}

enum Answer {
    Done,
    /// It is not meant, and runs there.
    Elsewhere(Text),
    /// Its program was killed; what it left is removed.
    Gone,
}

async fn ask(path: PathBuf, label: String, whom: Recipients) -> io::Result<Answer> {
    match timeout(ANSWER_TIMEOUT, mark(&path, &label, &whom)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            // Somebody may have tidied up before.
            let _ = fs::remove_file(&path);
            Ok(Answer::Gone)
        }
        Ok(Err(error)) => Err(error),
        Err(_late) => {
            let message = format!("no answer within {} s", ANSWER_TIMEOUT.as_secs());
            Err(io::Error::new(io::ErrorKind::TimedOut, message))
        }
    }
}

/// Marks it if it is meant.
async fn mark(path: &Path, label: &str, whom: &Recipients) -> io::Result<Answer> {
    if let Recipients::Like(here) = whom {
        // One of an earlier version does not understand the question.
        let place = Place::parse(&talk(path, WHO).await?);
        if place.as_ref().is_none_or(|place| !place.is_like(here)) {
            return Ok(Answer::Elsewhere(
                place.map_or("an unknown place".into(), |place| place.shown()),
            ));
        }
    }
    // A line break would be a second request.
    match talk(path, &format!("mark {}", Text::clean(label))).await?.as_str() {
        "ok" => Ok(Answer::Done),
        other => Err(io::Error::other(Text::clean(other).to_string())),
    }
}

/// The answer to one request.
async fn talk(path: &Path, request: &str) -> io::Result<String> {
    let mut stream = UnixStream::connect(path).await?;
    stream.write_all(format!("{request}\n").as_bytes()).await?;
    let mut reply = String::new();
    let answer = stream.take(REQUEST_LIMIT_BYTES);
    tokio::io::BufReader::new(answer).read_line(&mut reply).await?;
    match reply.trim_end_matches(['\r', '\n']) {
        "" => Err(io::Error::other("hung up without an answer")),
        reply => Ok(reply.to_owned()),
    }
}

fn sockets(folder: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let mut sockets = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let pid = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        sockets.extend(pid.map(|pid| (pid, path)));
    }
    sockets.sort();
    Ok(sockets)
}

/// `$XDG_RUNTIME_DIR/probetop`, or else a folder of the user's own among the temporary ones; made when it is missing.
fn own_folder() -> io::Result<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| Path::new(folder).is_dir());
    let folder = match runtime {
        Some(runtime) => PathBuf::from(runtime).join("probetop"),
        None => std::env::temp_dir().join(format!("probetop-{user}")),
    };
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let found = fs::symlink_metadata(&folder)?;
    if !found.is_dir() || found.uid() != user || found.mode() & 0o077 != 0 {
        let message = format!("{} is not a folder of this user alone", folder.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_alike_by_their_configuration_or_their_folder() {
        let place = |folder: &str, file: Option<&str>| Place {
            folder: folder.to_owned(),
            configuration: file.map(str::to_owned),
        };
        let check = |a: &Place, b: &Place, expected| {
            assert_eq!(a.is_like(b), expected, "{a:?} {b:?}");
            assert_eq!(Place::parse(&a.line()).as_ref(), Some(a));
        };
        check(&place("/a", Some("/etc/x")), &place("/b", Some("/etc/x")), true);
        check(&place("/a", Some("/etc/x")), &place("/a", None), true);
        check(&place("/a", None), &place("/b", None), false);
        check(&place("/a", Some("/a/x")), &place("/b", Some("/b/x")), false);
        check(&place("", None), &place("", None), false);
        assert_eq!(Place::parse("not understood; send: mark LABEL"), None);
    }

    #[test]
    fn a_request_is_a_word_and_a_label() {
        let check = |line: &str, expected: Option<&str>| {
            let expected = expected.map(|label| Request::Mark {
                at: None,
                label: label.into(),
                origin: MarkOrigin::Script,
            });
            assert_eq!(parse(line).ok(), expected, "{line:?}");
        };
        check("mark stage 2\n", Some("stage 2"));
        check("mark \u{1b}[31mred\n", Some("[31mred"));
        check("mark \n", None);
        check("mark", None);
        check("stop\n", None);
        check("", None);
    }
}
