//! The control groups this process is in: their limits, and how close to them it is. Versions 1 and 2.
//!
//! A limit on any group above holds as well, so the tightest one counts, with the usage of the group that has it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::CgroupReading;

use super::files::{Files, field};
use super::mount::{self, Mount};
use super::rate::{Previous, per_second};

/// Groups are seldom nested more than six deep; each level costs two small reads a second.
const DEPTH_LIMIT: usize = 16;

/// Version 1 writes "no limit" as the largest number of whole pages.
const UNLIMITED_BYTES: u64 = 1 << 62;

#[derive(Debug, Default)]
pub(in crate::source) struct Reader {
    /// The text of the `/proc/PID/cgroup` that `groups` was made of: a process can be moved.
    membership: String,
    groups: Groups,
    previous: Previous<Counters>,
}

impl Reader {
    /// `None` when nothing limits this process.
    pub(in crate::source) fn read(&mut self, files: &mut Files, now: Timestamp) -> Option<CgroupReading> {
        self.read_of("/proc/self/cgroup", files, now)
    }

    /// The same for the process whose groups `path` tells, a `/proc/PID/cgroup`.
    pub(in crate::source) fn read_of(
        &mut self,
        path: &str,
        files: &mut Files,
        now: Timestamp,
    ) -> Option<CgroupReading> {
        let membership = files.text(path)?.into_owned();
        if membership != self.membership {
            let mounts = files
                .text("/proc/self/mountinfo")
                .map(|text| mount::parse(&text))
                .unwrap_or_default();
            self.groups = Groups::find(&membership, &mounts);
            self.membership = membership;
        }
        let memory = self.groups.memory_limit(files);
        let cpu = self.groups.cpu_limit(files);
        let counters = cpu
            .as_ref()
            .map(|(_, group)| Counters::read(Group::clone(group), files))
            .unwrap_or_default();
        let rates = self.previous.compare(now, counters, rates).unwrap_or_default();
        (memory.is_some() || cpu.is_some()).then(|| CgroupReading {
            cpu_limit_cores: cpu.map(|(cores, _)| cores),
            memory_limit_bytes: memory.as_ref().map(|(bytes, _)| *bytes),
            memory_used_bytes: memory.and_then(|(_, group)| group.memory_used(files)),
            ..rates
        })
    }
}

/// The directories to look into, the process' own group first, then those above it.
#[derive(Debug, Default, PartialEq)]
struct Groups {
    cpu: Vec<Group>,
    memory: Vec<Group>,
}

/// One group of one hierarchy.
#[derive(Clone, Debug, PartialEq)]
enum Group {
    /// Everything is in one directory.
    V2(PathBuf),
    /// Usage may be counted in a hierarchy apart from the one that sets the quota.
    V1Cpu {
        quota: PathBuf,
        usage: Option<PathBuf>,
    },
    V1Memory(PathBuf),
}

impl Groups {
    /// `membership` has lines of `number:controllers:path`; version 2 has the number 0 and no controllers.
    fn find(membership: &str, mounts: &[Mount]) -> Self {
        let paths = |controller| directories(membership, mounts, controller);
        let or_unified = |v1: Vec<Group>| match v1.is_empty() {
            true => paths("").into_iter().map(Group::V2).collect(),
            false => v1,
        };
        Self {
            cpu: or_unified(v1_cpu_groups(paths("cpu"), &paths("cpuacct"))),
            memory: or_unified(paths("memory").into_iter().map(Group::V1Memory).collect()),
        }
    }

    fn memory_limit(&self, files: &mut Files) -> Option<(u64, &Group)> {
        let limits = self
            .memory
            .iter()
            .filter_map(|group| Some((group.memory_limit(files)?, group)));
        limits.min_by_key(|(bytes, _)| *bytes)
    }

    fn cpu_limit(&self, files: &mut Files) -> Option<(f64, &Group)> {
        let limits = self
            .cpu
            .iter()
            .filter_map(|group| Some((group.cpu_limit(files)?, group)));
        limits.min_by(|(a, _), (b, _)| a.total_cmp(b))
    }
}

/// Level by level; where the hierarchies are not equally deep, a process is in groups that do not belong together.
fn v1_cpu_groups(quotas: Vec<PathBuf>, usages: &[PathBuf]) -> Vec<Group> {
    let equally_deep = quotas.len() == usages.len();
    let usage = |level: usize| usages.get(level).filter(|_| equally_deep).cloned();
    let groups = quotas.into_iter().enumerate();
    groups
        .map(|(level, quota)| Group::V1Cpu {
            quota,
            usage: usage(level),
        })
        .collect()
}

/// The group's directory in the hierarchy of `controller` (empty: the unified one) and all above it up to the mount.
fn directories(membership: &str, mounts: &[Mount], controller: &str) -> Vec<PathBuf> {
    let is_its = |controllers: &str| controllers.split(',').any(|candidate| candidate == controller);
    let path = membership.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        is_its(controllers).then_some(path)
    });
    let mount = mounts.iter().find(|mount| match mount.file_system.as_str() {
        "cgroup2" => controller.is_empty(),
        "cgroup" => !controller.is_empty() && is_its(&mount.super_options),
        _ => false,
    });
    let (Some(path), Some(mount)) = (path, mount) else {
        return Vec::new();
    };
    let group = Path::new(&mount.point).join(below_root(path, &mount.root));
    let top = Path::new(&mount.point);
    group
        .ancestors()
        .take_while(|directory| directory.starts_with(top))
        .take(DEPTH_LIMIT)
        .map(Path::to_owned)
        .collect()
}

/// The group's path seen from what is mounted. A container without a namespace of its own sees the host's path and has
/// only that subtree mounted; a path outside of the mount (`/..`) leaves the mount itself.
fn below_root(path: &str, root: &str) -> PathBuf {
    let below = Path::new(path).strip_prefix(root).unwrap_or(Path::new(""));
    if below.components().any(|part| part == std::path::Component::ParentDir) {
        return PathBuf::new();
    }
    below.to_owned()
}

impl Group {
    fn memory_limit(&self, files: &mut Files) -> Option<u64> {
        let bytes = match self {
            Self::V2(directory) => files.number(directory.join("memory.max")),
            Self::V1Memory(directory) => files.number(directory.join("memory.limit_in_bytes")),
            Self::V1Cpu { .. } => None,
        };
        bytes.filter(|bytes| *bytes < UNLIMITED_BYTES)
    }

    /// Without the cache of files not used lately: the kernel drops it before it refuses memory (as Kubernetes counts
    /// its working set).
    fn memory_used(&self, files: &mut Files) -> Option<u64> {
        let (directory, usage, inactive) = match self {
            Self::V2(directory) => (directory, "memory.current", "inactive_file"),
            Self::V1Memory(directory) => (directory, "memory.usage_in_bytes", "total_inactive_file"),
            Self::V1Cpu { .. } => return None,
        };
        let used = files.number(directory.join(usage))?;
        let stat = files.text(directory.join("memory.stat")).unwrap_or_default();
        Some(used.saturating_sub(field(&stat, inactive).unwrap_or(0)))
    }

    /// In cores.
    fn cpu_limit(&self, files: &mut Files) -> Option<f64> {
        match self {
            Self::V2(directory) => quota_cores(&files.text(directory.join("cpu.max"))?),
            Self::V1Cpu { quota, .. } => {
                // -1, no limit, is not a number here.
                let quota_us = files.number(quota.join("cpu.cfs_quota_us"))?;
                cores(quota_us, files.number(quota.join("cpu.cfs_period_us"))?)
            }
            Self::V1Memory(_) => None,
        }
    }
}

/// `cpu.max` reads `150000 100000`, quota and period in microseconds, or `max 100000`.
fn quota_cores(cpu_max: &str) -> Option<f64> {
    let mut words = cpu_max.split_ascii_whitespace();
    cores(words.next()?.parse().ok()?, words.next()?.parse().ok()?)
}

fn cores(quota_us: u64, period_us: u64) -> Option<f64> {
    (quota_us > 0 && period_us > 0).then(|| quota_us as f64 / period_us as f64)
}

/// What the group with the tightest processor limit has used since it was made.
#[derive(Debug, Default)]
struct Counters {
    group: Option<Group>,
    used_ns: Option<u64>,
    periods: Option<u64>,
    throttled: Option<u64>,
}

impl Counters {
    fn read(group: Group, files: &mut Files) -> Self {
        let (stat, used_ns) = match &group {
            Group::V2(directory) => {
                let stat = files.text(directory.join("cpu.stat")).unwrap_or_default().into_owned();
                let used_ns = field(&stat, "usage_usec").map(|us| us.saturating_mul(1000));
                (stat, used_ns)
            }
            Group::V1Cpu { quota, usage } => {
                let used_ns = usage
                    .as_ref()
                    .and_then(|usage| files.number(usage.join("cpuacct.usage")));
                (
                    files.text(quota.join("cpu.stat")).unwrap_or_default().into_owned(),
                    used_ns,
                )
            }
            Group::V1Memory(_) => (String::new(), None),
        };
        let (periods, throttled) = (field(&stat, "nr_periods"), field(&stat, "nr_throttled"));
        Self {
            group: Some(group),
            used_ns,
            periods,
            throttled,
        }
    }
}

fn rates(before: &Counters, after: &Counters, elapsed: Duration) -> CgroupReading {
    if before.group != after.group {
        return CgroupReading::default();
    }
    let used = before.used_ns.zip(after.used_ns);
    CgroupReading {
        cpu_used_cores: used
            .and_then(|(before, after)| per_second(before, after, elapsed))
            .map(|ns| ns / 1e9),
        cpu_throttled_ratio: throttled_ratio(before, after),
        ..CgroupReading::default()
    }
}

/// No period passes while the group is idle; then it was not held back.
fn throttled_ratio(before: &Counters, after: &Counters) -> Option<f64> {
    let periods = after.periods?.checked_sub(before.periods?)?;
    let throttled = after.throttled?.checked_sub(before.throttled?)?;
    Some(if periods == 0 {
        0.0
    } else {
        (throttled as f64 / periods as f64).min(1.0)
    })
}

#[cfg(test)]
mod tests;
