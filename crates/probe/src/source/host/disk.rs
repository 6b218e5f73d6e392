//! Space of each mounted disk and what its device does, from mountinfo, statvfs(3) and `/proc/diskstats`.

use std::collections::HashMap;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{DiskReading, LeftOut, Text};
use rustix::fs::StatVfs;

use super::files::Files;
use super::mount::{self, Mount};
use super::rate::{Previous, per_second};
use super::space::Spaces;

/// A storage server may mount hundreds; the screen shows a handful, and each costs a system call a second.
const DISKS_LIMIT: usize = 32;

/// `/proc/diskstats` counts in these whatever the device's own sectors are.
const SECTOR_BYTES: u64 = 512;

#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The text that `disks` was made of; mounts seldom change.
    mountinfo: String,
    disks: Vec<Disk>,
    left_out: Vec<LeftOut>,
    previous: Previous<Devices>,
    spaces: Spaces,
}

#[derive(Debug)]
struct Disk {
    mount: Mount,
    /// The name of the device itself: `/dev/mapper/vg-root` is a link to `/dev/dm-0`.
    device_name: Option<String>,
}

impl Reader {
    pub(super) fn read(&mut self, files: &mut Files, now: Timestamp) -> Vec<DiskReading> {
        self.follow_mounts(&files.text("/proc/self/mountinfo").unwrap_or_default());
        let devices = files
            .text("/proc/diskstats")
            .map(|text| parse(&text))
            .unwrap_or_default();
        let disks = &self.disks;
        let activities = self
            .previous
            .compare(now, devices, |before, after, elapsed| {
                disks.iter().map(|disk| disk.activity(before, after, elapsed)).collect()
            })
            .unwrap_or_else(|| vec![Activity::default(); disks.len()]);
        let spaces = &mut self.spaces;
        let readings = disks.iter().zip(activities);
        readings
            .filter_map(|(disk, activity)| disk.reading(spaces.of(&disk.mount.point)?.space?, activity))
            .collect()
    }

    /// File systems that the last reading did not look at.
    pub(super) fn left_out(&self) -> Vec<LeftOut> {
        let silent = u32::try_from(self.spaces.silent()).unwrap_or(u32::MAX);
        let silent = (silent > 0).then_some(LeftOut {
            why: "no answer".into(),
            count: silent,
        });
        self.left_out.iter().cloned().chain(silent).collect()
    }

    fn follow_mounts(&mut self, mountinfo: &str) {
        if self.mountinfo == mountinfo {
            return;
        }
        mountinfo.clone_into(&mut self.mountinfo);
        let mounts = mount::parse(mountinfo);
        self.spaces
            .keep(|point| mounts.iter().any(|mount| mount.point == point));
        let spaces = &mut self.spaces;
        // One that does not answer stays among them, so that it is counted, and read when it is back.
        let mut disks = mount::disks(&mounts, |point| {
            spaces.of(point).is_none_or(|answer| answer.is_directory)
        });
        self.left_out = mount::left_out(&mounts);
        if let Some(count) = disks.len().checked_sub(DISKS_LIMIT).filter(|count| *count > 0) {
            disks.truncate(DISKS_LIMIT);
            self.left_out.push(LeftOut {
                why: "too many".into(),
                count: u32::try_from(count).unwrap_or(u32::MAX),
            });
        }
        self.disks = disks.into_iter().map(Disk::new).collect();
    }
}

impl Disk {
    fn new(mount: Mount) -> Self {
        let device = std::fs::canonicalize(&mount.source).ok();
        let device_name = device.and_then(|device| Some(device.file_name()?.to_str()?.to_owned()));
        Self { mount, device_name }
    }

    /// `None` when the mount has no space of its own.
    fn reading(&self, space: StatVfs, activity: Activity) -> Option<DiskReading> {
        // Without what only root may fill, so that the share is the one that df(1) tells.
        let usable = space
            .f_blocks
            .saturating_sub(space.f_bfree)
            .saturating_add(space.f_bavail);
        let total_bytes = usable.saturating_mul(space.f_frsize);
        (total_bytes > 0).then(|| DiskReading {
            mount: Text::clean(&self.mount.point),
            device: Text::clean(&self.mount.source),
            total_bytes,
            available_bytes: space.f_bavail.saturating_mul(space.f_frsize),
            inodes_total: (space.f_files > 0).then_some(space.f_files),
            inodes_available: (space.f_files > 0).then_some(space.f_favail),
            read_bytes_per_s: activity.read_bytes_per_s,
            write_bytes_per_s: activity.write_bytes_per_s,
            busy_ratio: activity.busy_ratio,
        })
    }

    fn activity(&self, before: &Devices, after: &Devices, elapsed: Duration) -> Activity {
        let key = [Some(&self.mount.device_number), self.device_name.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| after.contains_key(key.as_str()));
        key.and_then(|key| Some(Activity::between(before.get(key)?, after.get(key)?, elapsed)))
            .unwrap_or_default()
    }
}

/// Each device twice: by `major:minor` as mountinfo names it, and by its name for file systems that span devices and
/// have a number of their own (btrfs).
type Devices = HashMap<String, Counters>;

/// Since boot.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Counters {
    sectors_read: u64,
    sectors_written: u64,
    busy_ms: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Activity {
    read_bytes_per_s: Option<f64>,
    write_bytes_per_s: Option<f64>,
    busy_ratio: Option<f64>,
}

impl Activity {
    fn between(before: &Counters, after: &Counters, elapsed: Duration) -> Self {
        let bytes = |before, after| per_second(before, after, elapsed).map(|sectors| sectors * SECTOR_BYTES as f64);
        Self {
            read_bytes_per_s: bytes(before.sectors_read, after.sectors_read),
            write_bytes_per_s: bytes(before.sectors_written, after.sectors_written),
            // The kernel rounds to its own ticks, so that a busy device may seem busy for longer than there was time.
            busy_ratio: per_second(before.busy_ms, after.busy_ms, elapsed).map(|ms| (ms / 1000.0).min(1.0)),
        }
    }
}

fn parse(diskstats: &str) -> Devices {
    let lines = diskstats.lines().filter_map(parse_line);
    lines
        .flat_map(|(number, name, counters)| [(number, counters), (name, counters)])
        .collect()
}

/// Major, minor, name, and the figures of the kernel's `Documentation/admin-guide/iostats.rst`, of which newer
/// kernels have more and partitions of 2.6 fewer.
fn parse_line(line: &str) -> Option<(String, String, Counters)> {
    let mut words = line.split_ascii_whitespace();
    let (major, minor, name) = (words.next()?, words.next()?, words.next()?);
    let mut figure = |skipped: usize| words.nth(skipped)?.parse::<u64>().ok();
    let counters = Counters {
        sectors_read: figure(2)?,
        sectors_written: figure(3)?,
        busy_ms: figure(2)?,
    };
    Some((format!("{major}:{minor}"), name.to_owned(), counters))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DISKSTATS: &str = include_str!("../../../fixtures/host/diskstats-6.18");
    const DISKSTATS_LATER: &str = include_str!("../../../fixtures/host/diskstats-6.18-later");

    fn disk(device_number: &str, device_name: Option<&str>) -> Disk {
        let mountinfo = format!("1 0 {device_number} / /data rw - ext4 /dev/x rw");
        Disk {
            mount: mount::parse(&mountinfo).remove(0),
            device_name: device_name.map(str::to_owned),
        }
    }

    #[track_caller]
    fn check(disk: Disk, expected: [Option<f64>; 3]) {
        let found = disk.activity(&parse(DISKSTATS), &parse(DISKSTATS_LATER), Duration::from_secs(2));
        assert_eq!(
            [found.read_bytes_per_s, found.write_bytes_per_s, found.busy_ratio],
            expected
        );
    }

    #[test]
    fn a_mount_finds_its_device_by_number() {
        check(disk("254:0", None), [Some(51_200.0), Some(102_400.0), Some(0.25)]);
        check(disk("253:0", None), [Some(0.0), Some(512.0), Some(1.0)]);
    }

    #[test]
    fn a_mount_with_a_number_of_its_own_finds_its_device_by_name() {
        check(disk("0:25", Some("nvme0n1p2")), [Some(256.0), Some(0.0), Some(0.001)]);
    }

    #[test]
    fn no_device_or_a_reset_counter_is_no_figure() {
        check(disk("0:99", None), [None; 3]);
        check(disk("0:99", Some("gone")), [None; 3]);
        check(disk("8:16", None), [None, Some(0.0), Some(0.0)]);
        check(disk("8:32", None), [None; 3]);
    }

    #[test]
    fn lines_of_other_kernels_are_read_or_left_out() {
        let check = |line, expected: Option<(u64, u64, u64)>| {
            let found = parse_line(line).map(|(_, _, c)| (c.sectors_read, c.sectors_written, c.busy_ms));
            assert_eq!(found, expected, "{line:?}");
        };
        check("8 0 sda 10 1 80 5 20 2 160 7 0 9 12", Some((80, 160, 9)));
        check("8 0 sda 10 1 80 5 20 2 160 7 0 9 12 0 0 0 0 0 0", Some((80, 160, 9)));
        check("8 1 sda1 10 80 20 160", None);
        check("8 1 sda1 10 1 80 5 20 2 x 7 0 9 12", None);
        check("8 0", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "([0-9 ]{0,9}[a-z0-9]{0,5}( [0-9]{0,21}){0,12}\n){0,4}.*") {
            parse(&text);
        }
    }
}
