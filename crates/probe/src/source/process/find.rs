//! Finds a process by its program, its pid file, the port it listens on, or its control group.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use probetop_core::sample::FailureKind;

use super::Selection;
use crate::file;
use crate::source::attempt::{Fault, reason};
use crate::source::host::files::Files;
use crate::source::host::process::{Life, Stat, read_all};
use crate::source::host::{listener, mount};

/// The kernel keeps so many bytes of a program's name (TASK_COMM_LEN without its end).
const NAME_BYTES: usize = 15;

/// Directories of control groups that are searched at most.
const GROUP_LIMIT: usize = 20_000;

/// Processes that are counted together at most.
pub(super) const PROCESS_LIMIT: usize = 512;

/// The file in which a control group lists its processes.
const MEMBERS: &str = "cgroup.procs";

/// A short id would be found in many names.
const CONTAINER_ID_MIN: usize = 8;

/// What was found: a process, or a group of them.
pub(super) enum Found {
    Process(Stat),
    Group(PathBuf),
}

/// # Errors
/// Says who is not there, or why it cannot be seen.
pub(super) fn find(selection: &Selection, files: &mut Files) -> Result<Found, Fault> {
    match selection {
        Selection::Program(name) => by_name(name, files).map(Found::Process),
        Selection::PidFile(path) => by_pid_file(path).map(Found::Process),
        Selection::Port(port) => by_port(*port).map(Found::Process),
        Selection::Cgroup(name) => group(name, files).map(Found::Group),
    }
}

fn absent(message: impl Into<String>) -> Fault {
    Fault::new(FailureKind::Refused, message.into())
}

fn oldest(candidates: impl Iterator<Item = Stat>) -> Option<Stat> {
    let alive = candidates.filter(|stat| stat.life == Life::Running);
    alive.min_by_key(|stat| (stat.time.started, stat.pid))
}

fn by_name(name: &str, files: &mut Files) -> Result<Stat, Fault> {
    let kept = name.as_bytes().get(..NAME_BYTES).unwrap_or(name.as_bytes());
    let mut is_meant = |stat: &Stat| stat.name == kept && (kept.len() == name.len() || runs(stat.pid, name, files));
    let found = oldest(read_all().into_iter().filter(|stat| is_meant(stat)));
    found.ok_or_else(|| absent(format!("no process named {name:?} runs")))
}

/// Whether the command line begins with the program `name`: for names longer than the kernel keeps.
fn runs(pid: u32, name: &str, files: &mut Files) -> bool {
    let line = files.text(format!("/proc/{pid}/cmdline"));
    let line = line.unwrap_or_default();
    let program = line.split('\0').next().unwrap_or_default();
    program.rsplit('/').next() == Some(name)
}

/// A number, and perhaps a comment.
const PID_FILE_LIMIT_BYTES: u64 = 4 * 1024;

pub(super) fn by_pid_file(path: &Path) -> Result<Stat, Fault> {
    let shown = path.display();
    let text = file::read_text(path, PID_FILE_LIMIT_BYTES);
    let text = text.map_err(|error| absent(format!("pid file {shown}: {}", reason(&error))))?;
    let pid = text
        .split_ascii_whitespace()
        .next()
        .and_then(|pid| pid.parse::<u32>().ok());
    let pid = pid.ok_or_else(|| absent(format!("pid file {shown} holds no process number")))?;
    let stat = Stat::read(pid).filter(|stat| stat.life == Life::Running);
    stat.ok_or_else(|| absent(format!("process {pid} of pid file {shown} does not run")))
}

fn by_port(port: u16) -> Result<Stat, Fault> {
    let nobody = || absent(format!("nobody listens on port {port}"));
    let inodes = listening(port);
    if inodes.is_empty() {
        return Err(nobody());
    }
    let found = oldest(read_all().into_iter().filter(|stat| holds(stat.pid, &inodes)));
    found.ok_or_else(|| {
        // Who has stopped to listen meanwhile is nobody else's.
        if listening(port).iter().all(|inode| !inodes.contains(inode)) {
            return nobody();
        }
        let message = format!("who listens on port {port} belongs to another user; run as root or name the program");
        Fault::new(FailureKind::Permission, message)
    })
}

/// The sockets that listen on the port.
fn listening(port: u16) -> Vec<u64> {
    let listeners = listener::all().into_iter();
    listeners
        .filter(|listener| listener.address.port() == port)
        .map(|listener| listener.inode)
        .collect()
}

/// Whether one of the process' descriptors is one of the sockets. Another user's are hidden.
fn holds(pid: u32, inodes: &[u64]) -> bool {
    sockets(pid).any(|inode| inodes.contains(&inode))
}

/// The sockets among the process' descriptors.
fn sockets(pid: u32) -> impl Iterator<Item = u64> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd"));
    let descriptors = descriptors.into_iter().flatten().flatten();
    descriptors.filter_map(|descriptor| socket_inode(&fs::read_link(descriptor.path()).ok()?))
}

/// Who holds each of the sockets: number and name of the oldest process.
pub(in crate::source) fn owners(inodes: &[u64]) -> HashMap<u64, (u32, Vec<u8>)> {
    let mut processes = read_all();
    processes.sort_by_key(|stat| (stat.time.started, stat.pid));
    let mut owners = HashMap::new();
    for stat in processes {
        for inode in sockets(stat.pid).filter(|inode| inodes.contains(inode)) {
            owners.entry(inode).or_insert_with(|| (stat.pid, stat.name.clone()));
        }
    }
    owners
}

/// `socket:[427696]`
fn socket_inode(link: &Path) -> Option<u64> {
    link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// The directory of a control group that has processes, in any hierarchy.
fn group(name: &str, files: &mut Files) -> Result<PathBuf, Fault> {
    let mountinfo = files.text("/proc/self/mountinfo").unwrap_or_default();
    let mounts = mount::parse(&mountinfo).into_iter();
    let tops = mounts.filter(|mount| mount.file_system.starts_with("cgroup"));
    let mut seen = 0;
    let mut found = tops.filter_map(|top| below(Path::new(&top.point), name, &mut seen));
    found
        .next()
        .ok_or_else(|| absent(format!("there is no control group {name:?}")))
}

/// By its path, from the top or as it stands in the file system, or by a search.
fn below(top: &Path, name: &str, seen: &mut usize) -> Option<PathBuf> {
    let Some(path) = name.strip_prefix('/') else {
        return search(top, name, seen);
    };
    let whole = Path::new(name);
    let group = if whole.starts_with(top) {
        whole.to_owned()
    } else {
        top.join(path)
    };
    group.join(MEMBERS).is_file().then_some(group)
}

/// Level by level, so that of groups of the same name the outermost is found.
fn search(top: &Path, name: &str, seen: &mut usize) -> Option<PathBuf> {
    let mut waiting = VecDeque::from([top.to_owned()]);
    while let Some(directory) = waiting.pop_front() {
        for child in subdirectories(&directory) {
            *seen += 1;
            if *seen > GROUP_LIMIT {
                return None;
            }
            if child.file_name()?.to_str().is_some_and(|child| is_called(child, name)) {
                return Some(child);
            }
            waiting.push_back(child);
        }
    }
    None
}

fn subdirectories(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
}

/// By its whole name, or by how its container's id begins: engines write `ID`, `docker-ID.scope`, `cri-containerd-ID.scope`.
fn is_called(group: &str, name: &str) -> bool {
    let is_id = name.len() >= CONTAINER_ID_MIN && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = group.strip_suffix(".scope").unwrap_or(group);
    let id = id.rsplit('-').next().unwrap_or(id);
    group == name || (is_id && id.starts_with(name))
}

/// The processes of a group and of those below it.
pub(super) fn members(group: &Path, files: &mut Files) -> Vec<u32> {
    let mut pids = Vec::new();
    let mut waiting = vec![group.to_owned()];
    while let Some(directory) = waiting.pop() {
        if let Some(text) = files.text(directory.join(MEMBERS)) {
            pids.extend(text.lines().filter_map(|line| line.parse::<u32>().ok()));
        }
        if pids.len() >= PROCESS_LIMIT {
            break;
        }
        waiting.extend(subdirectories(&directory));
    }
    pids.truncate(PROCESS_LIMIT);
    pids
}

/// The process and those that it started, and they.
pub(super) fn family(pid: u32, files: &mut Files) -> Vec<u32> {
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        next += 1;
        let threads = fs::read_dir(format!("/proc/{parent}/task"))
            .into_iter()
            .flatten()
            .flatten();
        for thread in threads {
            let children = files.text(thread.path().join("children")).unwrap_or_default();
            family.extend(
                children
                    .split_ascii_whitespace()
                    .filter_map(|pid| pid.parse::<u32>().ok()),
            );
        }
        if family.len() >= PROCESS_LIMIT {
            family.truncate(PROCESS_LIMIT);
            break;
        }
    }
    family
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_called_by_its_name_or_its_containers_id() {
        let check = |group: &str, name: &str, expected| assert_eq!(is_called(group, name), expected, "{group} {name}");
        let id = "70863beddc933dc732cdb9c7737e1d9b";
        check("nginx.service", "nginx.service", true);
        check("nginx.service", "nginx", false);
        check(id, "70863beddc93", true);
        check(&format!("docker-{id}.scope"), "70863beddc93", true);
        check(&format!("cri-containerd-{id}.scope"), "70863beddc93", true);
        check(&format!("docker-{id}.scope"), "7086", false);
        check(&format!("docker-{id}.scope"), "863beddc933d", false);
        check("docker", "", false);
    }

    #[test]
    fn a_group_is_found_by_path_and_by_name_and_has_all_below_it() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let group = |path: &str, pids: &str| {
            fs::create_dir_all(top.join(path)).unwrap();
            fs::write(top.join(path).join(MEMBERS), pids).unwrap();
        };
        group("system.slice/docker-70863beddc933dc7.scope", "11\n12\n");
        group("system.slice/docker-70863beddc933dc7.scope/workers", "13\njunk\n");
        let scope = top.join("system.slice/docker-70863beddc933dc7.scope");
        let check = |name: &str, expected| assert_eq!(below(top, name, &mut 0), expected, "{name}");
        check("70863beddc93", Some(scope.clone()));
        check("docker-70863beddc933dc7.scope", Some(scope.clone()));
        check("/system.slice/docker-70863beddc933dc7.scope", Some(scope.clone()));
        check(scope.to_str().unwrap(), Some(scope.clone()));
        check("/system.slice/other", None);
        check("ffffffffffff", None);
        let mut members = members(&scope, &mut Files::default());
        members.sort_unstable();
        assert_eq!(members, [11, 12, 13]);
    }

    #[test]
    fn a_descriptor_names_its_socket() {
        let check = |link: &str, expected| assert_eq!(socket_inode(Path::new(link)), expected, "{link}");
        check("socket:[427696]", Some(427_696));
        check("socket:[x]", None);
        check("pipe:[427696]", None);
        check("/dev/null", None);
    }
}
