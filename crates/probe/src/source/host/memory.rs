//! Memory and swap, from `/proc/meminfo`, and the cache of ZFS, which the kernel counts as used.

use probetop_core::sample::MemoryReading;

use super::files::{Files, field};

pub(super) fn read(files: &mut Files) -> MemoryReading {
    let memory = files.text("/proc/meminfo").map(|text| parse(&text)).unwrap_or_default();
    let cache = files
        .text("/proc/spl/kstat/zfs/arcstats")
        .and_then(|text| ZfsCache::parse(&text));
    match cache {
        Some(cache) => with_cache(memory, &cache),
        None => memory,
    }
}

/// The cache of ZFS (ARC).
struct ZfsCache {
    bytes: u64,
    /// The least it is made to keep: all beyond it is given back when memory is wanted.
    least_bytes: u64,
}

impl ZfsCache {
    /// `arcstats` has lines of name, type and number.
    fn parse(arcstats: &str) -> Option<Self> {
        let number = |name: &str| {
            arcstats.lines().find_map(|line| {
                let mut words = line.split_ascii_whitespace();
                (words.next()? == name).then(|| words.nth(1)?.parse::<u64>().ok())?
            })
        };
        Some(Self {
            bytes: number("size")?,
            least_bytes: number("c_min")?,
        })
    }
}

fn with_cache(memory: MemoryReading, cache: &ZfsCache) -> MemoryReading {
    let available_bytes = memory
        .available_bytes
        .saturating_add(cache.bytes.saturating_sub(cache.least_bytes))
        .min(memory.total_bytes);
    MemoryReading {
        available_bytes,
        arc_bytes: Some(cache.bytes),
        used_bytes: memory.total_bytes - available_bytes,
        ..memory
    }
}

/// Used is what is not available: caches that the kernel would give back are not used.
fn parse(meminfo: &str) -> MemoryReading {
    let bytes = |key| field(meminfo, key).map(|kib| kib.saturating_mul(1024));
    let total_bytes = bytes("MemTotal").unwrap_or(0);
    // Before Linux 3.14 nobody estimates: free memory and caches come close.
    let available = bytes("MemAvailable").unwrap_or_else(|| {
        ["MemFree", "Buffers", "Cached"]
            .into_iter()
            .filter_map(bytes)
            .fold(0, u64::saturating_add)
    });
    let available_bytes = available.min(total_bytes);
    let swap_total_bytes = bytes("SwapTotal").unwrap_or(0);
    MemoryReading {
        total_bytes,
        used_bytes: total_bytes - available_bytes,
        available_bytes,
        free_bytes: bytes("MemFree"),
        cached_bytes: cached(meminfo),
        arc_bytes: None,
        swap_total_bytes,
        swap_used_bytes: swap_total_bytes.saturating_sub(bytes("SwapFree").unwrap_or(0)),
    }
}

/// Files and what the kernel knows of them. What programs share by memory (`Shmem`, tmpfs) counts among `Cached`, but is given
/// back only to swap.
fn cached(meminfo: &str) -> Option<u64> {
    let bytes = |key| field(meminfo, key).map(|kib| kib.saturating_mul(1024));
    let others = ["Buffers", "SReclaimable"].into_iter().filter_map(bytes);
    let cached = others.fold(bytes("Cached")?, u64::saturating_add);
    Some(cached.saturating_sub(bytes("Shmem").unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(meminfo: &str, [total, used, available, swap_total, swap_used]: [u64; 5]) {
        let expected = MemoryReading {
            total_bytes: total * 1024,
            used_bytes: used * 1024,
            available_bytes: available * 1024,
            swap_total_bytes: swap_total * 1024,
            swap_used_bytes: swap_used * 1024,
            ..parse(meminfo)
        };
        assert_eq!(parse(meminfo), expected, "from {meminfo:?}");
    }

    #[test]
    fn used_memory_is_what_is_not_available() {
        check(
            include_str!("../../../fixtures/host/meminfo-6.18"),
            [24_683_656, 479_612, 24_204_044, 2_097_148, 97_148],
        );
    }

    #[test]
    fn what_is_free_and_what_is_cached_is_told_apart() {
        let memory = parse(include_str!("../../../fixtures/host/meminfo-6.18"));
        let parts = (memory.free_bytes, memory.cached_bytes, memory.arc_bytes);
        assert_eq!(parts, (Some(21_834_480 << 10), Some(2_479_976 << 10), None));
        let memory =
            parse("MemTotal: 100 kB\nMemFree: 9 kB\nBuffers: 2 kB\nCached: 30 kB\nShmem: 4 kB\nSReclaimable: 5 kB\n");
        assert_eq!(
            (memory.free_bytes, memory.cached_bytes),
            (Some(9 << 10), Some(33 << 10))
        );
    }

    #[test]
    fn old_kernels_have_free_memory_and_caches_instead() {
        check(
            include_str!("../../../fixtures/host/meminfo-2.6"),
            [1000, 400, 600, 0, 0],
        );
    }

    #[test]
    fn what_the_cache_of_zfs_would_give_back_is_not_used() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("folders");
            std::fs::write(path, text).expect("a file");
        };
        let gib = |count: u64| count << 30;
        let read = || {
            let memory = read(&mut Files::at(root.path()));
            (
                memory.total_bytes,
                memory.used_bytes,
                memory.available_bytes,
                memory.arc_bytes,
            )
        };
        write("proc/meminfo", "MemTotal: 33554432 kB\nMemAvailable: 4194304 kB\n");
        assert_eq!(read(), (gib(32), gib(28), gib(4), None), "without ZFS");
        let arcstats = "13 1 0x01 147 39984 4095871934 1218471342117000\nname                            type data\n\
                        hits                            4    98117\nc_min                           4    1073741824\n\
                        size                            4    21474836480\nhdr_size                        4    1234\n";
        write("proc/spl/kstat/zfs/arcstats", arcstats);
        assert_eq!(
            read(),
            (gib(32), gib(9), gib(23), Some(gib(20))),
            "19 of 20 GiB can be given back"
        );
        write("proc/spl/kstat/zfs/arcstats", "size 4 junk\n");
        assert_eq!(read(), (gib(32), gib(28), gib(4), None));
    }

    #[test]
    fn junk_is_no_memory_rather_than_wrong_memory() {
        check("", [0; 5]);
        check("MemTotal: many kB\nMemAvailable: 5 kB", [0; 5]);
        check("MemTotal: 5 kB\nMemAvailable: 9 kB", [5, 0, 5, 0, 0]);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "((MemTotal|MemAvailable|Cached|SwapFree): *[0-9]{0,25} kB\n){0,5}.*") {
            let memory = parse(&text);
            prop_assert_eq!(memory.used_bytes + memory.available_bytes, memory.total_bytes);
        }
    }
}
