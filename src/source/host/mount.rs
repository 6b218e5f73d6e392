//! What is mounted where, from `/proc/self/mountinfo`: for the disks, and to find the control groups.

use std::collections::BTreeMap;

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

/// The mounts whose space is worth watching, by mount point: those of a local device, each device once, and the root
/// whatever it is. Network file systems are left out: asking a server that is gone for its free space blocks for ever.
/// So are single files, which container engines mount from the disk below.
pub(in crate::source) fn disks(mounts: &[Mount], is_directory: impl Fn(&str) -> bool) -> Vec<Mount> {
    let mut by_device: BTreeMap<&str, &Mount> = BTreeMap::new();
    for (index, mount) in mounts.iter().enumerate() {
        let is_wanted = mount.point == "/" || (is_local_disk(mount) && is_directory(&mount.point));
        if !is_wanted || is_hidden(mount, &mounts[index + 1..]) {
            continue;
        }
        by_device
            .entry(&mount.source)
            .and_modify(|kept| {
                if preference(mount) < preference(kept) {
                    *kept = mount;
                }
            })
            .or_insert(mount);
    }
    let mut disks: Vec<Mount> = by_device.into_values().cloned().collect();
    disks.sort_by(|a, b| a.point.cmp(&b.point));
    disks
}

/// A later mount on the same point covers the earlier one.
fn is_hidden(mount: &Mount, later: &[Mount]) -> bool {
    later.iter().any(|later| later.point == mount.point)
}

fn is_local_disk(mount: &Mount) -> bool {
    let image = mount.source.starts_with("/dev/loop");
    match mount.file_system.as_str() {
        "zfs" => true,
        // What programs present as files; `fuseblk` is a disk.
        "devtmpfs" | "fuse" | "squashfs" | "iso9660" | "erofs" => false,
        _ => mount.source.starts_with("/dev/") && !image,
    }
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
            include_str!("../../../tests/fixtures/host/mountinfo-server"),
            &[
                ("/", "/dev/mapper/vg0-root"),
                ("/boot/efi", "/dev/nvme0n1p1"),
                ("/mnt/my disk", "/dev/sdb1"),
                ("/srv/tank", "tank/data"),
            ],
        );
    }

    #[test]
    fn a_container_keeps_its_overlay_root_and_its_volumes() {
        check(
            include_str!("../../../tests/fixtures/host/mountinfo-container"),
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
