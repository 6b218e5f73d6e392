//! What is mounted where, from `/proc/self/mountinfo`: for the disks, and to find the control groups.

use std::collections::{BTreeMap, BTreeSet};

use probetop_core::sample::LeftOut;

/// One line of mountinfo, as proc_pid_mountinfo(5) names the fields.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::source) struct Mount {
    /// `major:minor` of the device.
    pub device_number: String,
    /// The directory of the file system that is mounted.
    pub root: String,
    pub point: String,
    pub file_system: String,
    pub source: String,
    pub super_options: String,
}

/// In the order of the file; lines that say something else are left out.
pub(in crate::source) fn parse(mountinfo: &str) -> Vec<Mount> {
    mountinfo.lines().filter_map(parse_line).collect()
}

/// `27 1 254:0 / /mnt rw,relatime shared:1 - ext4 /dev/vda rw`: any number of optional fields stands before the dash.
fn parse_line(line: &str) -> Option<Mount> {
    let (mount, file_system) = line.split_once(" - ")?;
    let mut mount = mount.split(' ').skip(2);
    let mut file_system = file_system.split(' ');
    Some(Mount {
        device_number: mount.next()?.to_owned(),
        root: unescape(mount.next()?),
        point: unescape(mount.next()?),
        file_system: file_system.next()?.to_owned(),
        source: unescape(file_system.next()?),
        super_options: file_system.next().unwrap_or_default().to_owned(),
    })
}

/// Space, tab, newline and backslash are written as a backslash and three octal digits.
fn unescape(field: &str) -> String {
    const ESCAPES: [(&str, &str); 4] = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    if !field.contains('\\') {
        return field.to_owned();
    }
    ESCAPES
        .iter()
        .fold(field.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// The mounts whose space is worth watching, those of disks before those in memory, each by mount point: those of a local
/// device, each device once, memory that can be written to, and the root whatever it is. Single files, which container
/// engines mount from the disk below, are left out.
pub(in crate::source) fn disks(mounts: &[Mount], mut is_directory: impl FnMut(&str) -> bool) -> Vec<Mount> {
    let mut by_device: BTreeMap<(Space, &str), &Mount> = BTreeMap::new();
    for (index, mount) in mounts.iter().enumerate() {
        let space = match space_of(mount) {
            _ if mount.point == "/" => Space::Disk,
            Some(space @ (Space::Disk | Space::Memory)) if is_directory(&mount.point) => space,
            Some(_) | None => continue,
        };
        if is_hidden(mount, &mounts[index + 1..]) {
            continue;
        }
        // All that is in memory has the same source.
        let device = match space {
            Space::Memory => &mount.device_number,
            Space::Disk | Space::LeftOut(_) => &mount.source,
        };
        by_device
            .entry((space, device))
            .and_modify(|kept| {
                if preference(mount) < preference(kept) {
                    *kept = mount;
                }
            })
            .or_insert(mount);
    }
    let mut disks: Vec<_> = by_device
        .into_iter()
        .map(|((space, _), mount)| (space, mount))
        .collect();
    disks.sort_by(|(a, one), (b, other)| (a, &one.point).cmp(&(b, &other.point)));
    disks.into_iter().map(|(_, mount)| mount.clone()).collect()
}

/// How many file systems that have space are not looked at, each once, by why.
pub(in crate::source) fn left_out(mounts: &[Mount]) -> Vec<LeftOut> {
    let mut devices: BTreeSet<(&'static str, &str)> = BTreeSet::new();
    for (index, mount) in mounts.iter().enumerate().filter(|(_, mount)| mount.point != "/") {
        if let Some(Space::LeftOut(why)) = space_of(mount)
            && !is_hidden(mount, &mounts[index + 1..])
        {
            devices.insert((why, &mount.device_number));
        }
    }
    let mut found: Vec<LeftOut> = Vec::new();
    for (why, _) in devices {
        match found.last_mut() {
            Some(last) if last.why == why => last.count += 1,
            Some(_) | None => found.push(LeftOut {
                why: why.into(),
                count: 1,
            }),
        }
    }
    found
}

/// A later mount on the same point covers the earlier one.
fn is_hidden(mount: &Mount, later: &[Mount]) -> bool {
    later.iter().any(|later| later.point == mount.point)
}

/// Where a file system has its space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    Disk,
    /// In memory, up to a size.
    Memory,
    LeftOut(&'static str),
}

/// `None`: it has no space, such as `/proc`.
fn space_of(mount: &Mount) -> Option<Space> {
    let is_writable = mount.super_options.split(',').any(|option| option == "rw");
    match mount.file_system.as_str() {
        "zfs" => Some(Space::Disk),
        // What is made to be read is always full.
        "squashfs" | "iso9660" | "erofs" | "cramfs" | "udf" => Some(Space::LeftOut("image")),
        // Asking a server that is gone for its free space blocks for ever.
        "nfs" | "nfs4" | "cifs" | "smb3" | "smbfs" | "ceph" | "9p" | "virtiofs" | "lustre" | "glusterfs" | "afs"
        | "beegfs" | "gpfs" | "ocfs2" | "gfs2" => Some(Space::LeftOut("network")),
        // What programs present as files, and answer for; `fuseblk` is a disk.
        fuse if fuse == "fuse" || fuse.starts_with("fuse.") => Some(Space::LeftOut("program")),
        // The space is that of the disk below, which is there by itself.
        "overlay" | "aufs" => Some(Space::LeftOut("container")),
        "tmpfs" => (is_writable && !is_kernels(&mount.point)).then_some(Space::Memory),
        "devtmpfs" => None,
        _ if mount.source.starts_with("/dev/loop") && !is_writable => Some(Space::LeftOut("image")),
        _ => mount.source.starts_with("/dev/").then_some(Space::Disk),
    }
}

/// Container engines cover parts of these with empty memory; `/dev` itself holds devices.
fn is_kernels(point: &str) -> bool {
    point == "/dev"
        || ["/proc/", "/sys/", "/run/credentials/"]
            .iter()
            .any(|folder| point.starts_with(folder))
}

/// Of the mounts of one device, the lowest is shown: the whole file system before a directory of it, then the
/// shortest path.
fn preference(mount: &Mount) -> (bool, bool, usize) {
    (mount.point != "/", mount.root != "/", mount.point.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(mountinfo: &str, expected: &[(&str, &str)]) {
        let disks = disks(&parse(mountinfo), |point| !point.starts_with("/etc/"));
        let found: Vec<_> = disks
            .iter()
            .map(|disk| (disk.point.as_str(), disk.source.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_server_shows_its_partitions_and_nothing_else() {
        check(
            include_str!("../../../fixtures/host/mountinfo-server"),
            &[
                ("/", "/dev/mapper/vg0-root"),
                ("/boot/efi", "/dev/nvme0n1p1"),
                ("/mnt/image", "/dev/loop1"),
                ("/mnt/my disk", "/dev/sdb1"),
                ("/srv/tank", "tank/data"),
                ("/dev/shm", "tmpfs"),
                ("/run", "tmpfs"),
            ],
        );
    }

    #[test]
    fn what_is_left_out_is_counted_by_why() {
        let check = |mountinfo: &str, expected: &[(&str, u32)]| {
            let left_out = left_out(&parse(mountinfo));
            let found: Vec<_> = left_out.iter().map(|left| (left.why.as_str(), left.count)).collect();
            assert_eq!(found, expected);
        };
        check(
            include_str!("../../../fixtures/host/mountinfo-server"),
            &[("container", 1), ("image", 1), ("network", 1)],
        );
        check(
            include_str!("../../../fixtures/host/mountinfo-container"),
            &[("program", 1)],
        );
        check(
            "1 0 7:1 / /a rw - ext4 /dev/loop1 ro\n2 0 7:2 / /b ro - iso9660 /dev/loop2 ro\n3 0 7:2 / /c ro - iso9660 /dev/loop2 ro\n",
            &[("image", 2)],
        );
    }

    #[test]
    fn memory_counts_where_it_can_be_filled() {
        check(
            "1 0 0:5 / /tmp rw - tmpfs tmpfs rw,size=1024k\n2 0 0:6 / /ro ro - tmpfs tmpfs ro\n\
             3 0 0:7 / /proc/acpi rw - tmpfs tmpfs rw\n4 0 0:8 / /dev rw - tmpfs tmpfs rw\n",
            &[("/tmp", "tmpfs")],
        );
    }

    #[test]
    fn a_container_keeps_its_overlay_root_and_its_volumes() {
        check(
            include_str!("../../../fixtures/host/mountinfo-container"),
            &[("/", "overlay"), ("/var/lib/database", "/dev/vda1")],
        );
    }

    #[test]
    fn subvolumes_of_one_device_are_one_disk() {
        check(
            "1 0 0:25 /@home /home rw - btrfs /dev/sda2 rw\n2 0 0:25 /@ / rw - btrfs /dev/sda2 rw\n",
            &[("/", "/dev/sda2")],
        );
    }

    #[test]
    fn a_mount_that_is_covered_by_another_is_not_shown() {
        check(
            "1 0 8:1 / /data rw - ext4 /dev/sda1 rw\n2 0 8:2 / /data rw - ext4 /dev/sdb1 rw\n",
            &[("/data", "/dev/sdb1")],
        );
    }

    #[test]
    fn cut_and_junk_lines_are_left_out() {
        check("27 1 254:0 / / rw,relatime - ext4\n27 1 254:0 /\n - \n\nx - y z\n", &[]);
    }

    #[test]
    fn escapes_are_undone_once() {
        assert_eq!(unescape("my\\040disk"), "my disk");
        assert_eq!(unescape("plain"), "plain");
        assert_eq!(unescape("a\\134040"), "a\\040");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "([0-9 ]{0,6}[0-9:]{0,4} / /[a-z\\\\0-9]{0,6} - [a-z0-9]{0,5} /?(dev/)?[a-z]{0,3}\n?){0,4}.*") {
            disks(&parse(&text), |_| true);
        }
    }
}
