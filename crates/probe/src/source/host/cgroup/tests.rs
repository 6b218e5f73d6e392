//! Where the groups of real hosts and containers are, and a hierarchy made of files to read limits from.

use super::*;
use proptest::prelude::*;

const V2_SERVICE: &str = include_str!("../../../../fixtures/host/cgroup-v2-service");
const V2_SERVICE_MOUNTS: &str = include_str!("../../../../fixtures/host/mountinfo-server");
const V1_DOCKER: &str = include_str!("../../../../fixtures/host/cgroup-v1-docker");
const V1_DOCKER_MOUNTS: &str = include_str!("../../../../fixtures/host/mountinfo-container-v1");

#[track_caller]
fn check_directories(membership: &str, mountinfo: &str, controller: &str, expected: &[&str]) {
    let found = directories(membership, &mount::parse(mountinfo), controller);
    assert_eq!(found, expected.iter().map(PathBuf::from).collect::<Vec<_>>());
}

#[test]
fn a_service_is_limited_by_its_slice_too() {
    check_directories(
        V2_SERVICE,
        V2_SERVICE_MOUNTS,
        "",
        &[
            "/sys/fs/cgroup/system.slice/probetop.service",
            "/sys/fs/cgroup/system.slice",
            "/sys/fs/cgroup",
        ],
    );
    check_directories(V2_SERVICE, V2_SERVICE_MOUNTS, "memory", &[]);
}

#[test]
fn a_container_that_sees_the_hosts_path_finds_its_own_subtree() {
    check_directories(V1_DOCKER, V1_DOCKER_MOUNTS, "memory", &["/sys/fs/cgroup/memory"]);
    check_directories(V1_DOCKER, V1_DOCKER_MOUNTS, "cpu", &["/sys/fs/cgroup/cpu,cpuacct"]);
    check_directories(V1_DOCKER, V1_DOCKER_MOUNTS, "cpuacct", &["/sys/fs/cgroup/cpu,cpuacct"]);
    check_directories(V1_DOCKER, V1_DOCKER_MOUNTS, "", &[]);
}

#[test]
fn a_namespace_hides_the_way_above_it() {
    let mounts = "5 4 0:29 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
    check_directories("0::/\n", mounts, "", &["/sys/fs/cgroup"]);
    check_directories("0::/../../other\n", mounts, "", &["/sys/fs/cgroup"]);
    check_directories("0::/\n", "", "", &[]);
    check_directories("junk\n1:\n::\n", mounts, "", &["/sys/fs/cgroup"]);
}

#[test]
fn each_controller_is_looked_up_in_the_version_that_has_it() {
    let v1 = Groups::find(V1_DOCKER, &mount::parse(V1_DOCKER_MOUNTS));
    let cpu = PathBuf::from("/sys/fs/cgroup/cpu,cpuacct");
    let expected = Groups {
        cpu: vec![Group::V1Cpu {
            quota: cpu.clone(),
            usage: Some(cpu),
        }],
        memory: vec![Group::V1Memory("/sys/fs/cgroup/memory".into())],
    };
    assert_eq!(v1, expected);

    let mounts = "5 4 0:28 / /cg/unified rw - cgroup2 cgroup2 rw\n6 4 0:29 / /cg/memory rw - cgroup cgroup rw,memory\n";
    let hybrid = Groups::find("4:memory:/box\n0::/\n", &mount::parse(mounts));
    let expected = Groups {
        cpu: vec![Group::V2("/cg/unified".into())],
        memory: vec![
            Group::V1Memory("/cg/memory/box".into()),
            Group::V1Memory("/cg/memory".into()),
        ],
    };
    assert_eq!(hybrid, expected);
}

#[test]
fn hierarchies_of_unequal_depth_make_no_pairs() {
    let groups = v1_cpu_groups(vec!["/cpu/box".into(), "/cpu".into()], &["/cpuacct".into()]);
    assert!(
        groups
            .iter()
            .all(|group| matches!(group, Group::V1Cpu { usage: None, .. })),
        "{groups:?}"
    );
}

#[test]
fn a_quota_is_cores() {
    let check = |cpu_max, expected| assert_eq!(quota_cores(cpu_max), expected, "{cpu_max:?}");
    check("150000 100000\n", Some(1.5));
    check("max 100000\n", None);
    check("0 100000", None);
    check("150000 0", None);
    check("150000", None);
    check("", None);
}

#[test]
fn throttling_is_a_share_of_periods() {
    let counters = |periods, throttled| Counters {
        periods,
        throttled,
        ..Counters::default()
    };
    let check = |before, after, expected| assert_eq!(throttled_ratio(&before, &after), expected);
    check(counters(Some(10), Some(1)), counters(Some(20), Some(6)), Some(0.5));
    check(counters(Some(10), Some(1)), counters(Some(10), Some(1)), Some(0.0));
    check(counters(Some(10), Some(1)), counters(Some(9), Some(1)), None);
    check(counters(None, None), counters(Some(9), Some(1)), None);
}

#[test]
fn usage_of_another_group_is_not_compared() {
    let counters = |path: &str, used_ns| Counters {
        group: Some(Group::V2(path.into())),
        used_ns: Some(used_ns),
        ..Counters::default()
    };
    let used = |before, after| rates(&before, &after, Duration::from_secs(2)).cpu_used_cores;
    assert_eq!(used(counters("/a", 0), counters("/a", 1_000_000_000)), Some(0.5));
    assert_eq!(used(counters("/a", 0), counters("/b", 1_000_000_000)), None);
}

/// Files of a hierarchy, and the groups in it, the innermost first.
fn hierarchy(files: &[(&str, &str)]) -> tempfile::TempDir {
    let top = tempfile::tempdir().expect("a temporary directory can be made");
    for (path, text) in files {
        let path = top.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it is below the directory")).expect("the directory can be made");
        std::fs::write(path, text).expect("the file can be written");
    }
    top
}

#[test]
fn the_tightest_limit_counts_with_the_usage_of_its_group() {
    let top = hierarchy(&[
        ("pod/box/memory.max", "max\n"),
        ("pod/box/memory.current", "5\n"),
        ("pod/box/cpu.max", "400000 100000\n"),
        ("pod/memory.max", "1000\n"),
        ("pod/memory.current", "700\n"),
        ("pod/memory.stat", "anon 5\ninactive_file 200\n"),
        ("pod/cpu.max", "50000 100000\n"),
        ("memory.max", "2000\n"),
    ]);
    let group = |path: &str| Group::V2(top.path().join(path));
    let chain = || vec![group("pod/box"), group("pod"), group("")];
    let groups = Groups {
        cpu: chain(),
        memory: chain(),
    };
    let files = &mut Files::default();
    assert_eq!(groups.memory_limit(files), Some((1000, &group("pod"))));
    assert_eq!(groups.cpu_limit(files), Some((0.5, &group("pod"))));
    assert_eq!(group("pod").memory_used(files), Some(500));
    assert_eq!(group("pod/box").memory_used(files), Some(5));
}

#[test]
fn version_1_writes_no_limit_as_numbers() {
    let top = hierarchy(&[
        ("memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ("memory/box/memory.limit_in_bytes", "536870912\n"),
        ("memory/box/memory.usage_in_bytes", "1000\n"),
        ("memory/box/memory.stat", "inactive_file 1\ntotal_inactive_file 400\n"),
        ("cpu/cpu.cfs_quota_us", "-1\n"),
        ("cpu/cpu.cfs_period_us", "100000\n"),
        ("cpu/box/cpu.cfs_quota_us", "200000\n"),
        ("cpu/box/cpu.cfs_period_us", "100000\n"),
        ("cpu/box/cpu.stat", "nr_periods 10\nnr_throttled 2\nthrottled_time 5\n"),
        ("cpuacct/box/cpuacct.usage", "123456789\n"),
    ]);
    let path = |path: &str| top.path().join(path);
    let memory = |name: &str| Group::V1Memory(path(name));
    let cpu = |quota: &str, usage: &str| Group::V1Cpu {
        quota: path(quota),
        usage: Some(path(usage)),
    };
    let files = &mut Files::default();
    assert_eq!(memory("memory").memory_limit(files), None);
    assert_eq!(memory("memory/box").memory_limit(files), Some(512 << 20));
    assert_eq!(memory("memory/box").memory_used(files), Some(600));
    assert_eq!(cpu("cpu", "cpuacct").cpu_limit(files), None);
    assert_eq!(cpu("cpu/box", "cpuacct/box").cpu_limit(files), Some(2.0));
    let counters = Counters::read(cpu("cpu/box", "cpuacct/box"), files);
    assert_eq!(
        (counters.used_ns, counters.periods, counters.throttled),
        (Some(123_456_789), Some(10), Some(2))
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_parsers_panic(membership in "([0-9]?:?(cpu|memory)?:?/?(\\.\\./)?[a-z]{0,3}\n){0,4}.*", root in "/?[a-z]{0,3}") {
        let mounts = mount::parse(&format!("5 4 0:29 {root} /sys/fs/cgroup ro - cgroup2 cgroup rw\n"));
        for directory in directories(&membership, &mounts, "") {
            prop_assert!(directory.starts_with("/sys/fs/cgroup"));
        }
        quota_cores(&membership);
    }
}
