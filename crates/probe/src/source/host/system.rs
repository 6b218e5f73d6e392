//! What this machine is: its system, its kernel and its processors, as the crate `sysinfo` tells them. Read once.

use probetop_core::sample::{SystemReading, Text};
use sysinfo::{CpuRefreshKind, System};

/// Takes as long as the system needs to describe every processor: some milliseconds where there are many.
pub(super) fn read() -> SystemReading {
    SystemReading {
        os: os().map(|os| Text::clean(&os)),
        kernel: System::kernel_version().ok().map(|kernel| Text::clean(&kernel)),
        cpu_brand: cpu_brand().map(|brand| Text::clean(&brand)),
    }
}

/// `Ubuntu 24.04`, `macOS 15.1`.
fn os() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return System::long_os_version().ok();
    }
    let (name, version) = (System::name().ok()?, System::os_version().ok());
    Some(version.map_or_else(|| name.clone(), |version| format!("{name} {version}")))
}

fn cpu_brand() -> Option<String> {
    let mut system = System::new().ok()?;
    system.refresh_cpu_specifics(CpuRefreshKind::nothing());
    let brand = system.cpus().first()?.brand().trim();
    (!brand.is_empty()).then(|| brand.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_kernel_is_the_one_that_runs() {
        let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").expect("the kernel tells");
        let system = read();
        assert_eq!(system.kernel.as_ref().map(Text::as_str), Some(release.trim()));
        assert!(system.os.is_none_or(|os| !os.as_str().is_empty()));
    }
}
