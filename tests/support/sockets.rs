//! Sockets that this process holds open: those of one test, whatever others open beside it.

use std::collections::BTreeSet;
use std::fs;

/// Sockets of this process whose peer is at this port, over TCP or UDP. A leak of a test that probes 200 times is 200.
pub fn open_to(port: u16) -> usize {
    open(&["tcp", "tcp6", "udp", "udp6"], |peer| {
        let (_, peers) = peer.split_once(':').expect("an address has a port");
        u16::from_str_radix(peers, 16) == Ok(port)
    })
}

/// Sockets of this process that echoes are sent from.
pub fn open_for_icmp() -> usize {
    open(&["icmp", "icmp6", "raw", "raw6"], |_| true)
}

/// How many of the kernel's entries with a peer as wanted are open here (proc(5), `/proc/net/tcp`).
fn open(tables: &[&str], is_wanted: impl Fn(&str) -> bool) -> usize {
    let ours = inodes();
    let tables = tables
        .iter()
        .map(|table| fs::read_to_string(format!("/proc/net/{table}")));
    let texts: Vec<_> = tables.map(Result::unwrap_or_default).collect();
    let entries = texts.iter().flat_map(|text| text.lines().skip(1));
    let counted = entries.filter(|entry| {
        let fields: Vec<_> = entry.split_whitespace().collect();
        is_wanted(fields[2]) && ours.contains(fields[9])
    });
    counted.count()
}

/// What `/proc/net` calls the sockets of this process.
fn inodes() -> BTreeSet<String> {
    let descriptors = fs::read_dir("/proc/self/fd").expect("this process has descriptors");
    let links = descriptors.filter_map(|descriptor| fs::read_link(descriptor.ok()?.path()).ok());
    let inode = |link: std::path::PathBuf| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned());
    links.filter_map(inode).collect()
}
