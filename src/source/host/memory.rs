//! Memory and swap, from `/proc/meminfo`.

use super::files::{Files, field};
use crate::sample::MemoryReading;

pub(super) fn read(files: &mut Files) -> MemoryReading {
    files.text("/proc/meminfo").map(|text| parse(&text)).unwrap_or_default()
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
        swap_total_bytes,
        swap_used_bytes: swap_total_bytes.saturating_sub(bytes("SwapFree").unwrap_or(0)),
    }
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
        };
        assert_eq!(parse(meminfo), expected, "from {meminfo:?}");
    }

    #[test]
    fn used_memory_is_what_is_not_available() {
        check(
            include_str!("../../../tests/fixtures/host/meminfo-6.18"),
            [24_683_656, 479_612, 24_204_044, 2_097_148, 97_148],
        );
    }

    #[test]
    fn old_kernels_have_free_memory_and_caches_instead() {
        check(
            include_str!("../../../tests/fixtures/host/meminfo-2.6"),
            [1000, 400, 600, 0, 0],
        );
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
