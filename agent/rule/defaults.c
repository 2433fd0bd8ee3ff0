#include "agent/rule/rules.h"
#include "platform/buf.h"

/* The policy of a machine that nobody has configured: what a technician would get up for, and nothing that comes and goes
 * by itself. So hold times are long, and what is only a number (load, traffic) is off until someone asks for it.
 * Levels: set, limit, clear, for_s, clear_for_s. */
// clang-format off
#define NOT_REMOVABLE                                                              \
    .where = { { "system.filesystem.mountpoint", "/media/*", .exclude = true },    \
               { "system.filesystem.mountpoint", "/run/media/*", .exclude = true } }, \
    .where_count = 2

const struct rule default_rules[] = {
    { .name = "disk-full", .metric = "system.filesystem.utilization", NOT_REMOVABLE, .test = RULE_ABOVE,
      .warning = { true, 0.90, 0.88, 900, 300 }, .critical = { true, 0.97, 0.95, 300, 300 },
      .title = "{device}: {mountpoint} is {value} full",
      .facts = "The file system {mountpoint} ({type} on {system.device}) is running out of space.",
      .enabled = true },
    { .name = "disk-inodes", .metric = "system.filesystem.inodes.utilization", NOT_REMOVABLE, .test = RULE_ABOVE,
      .warning = { true, 0.90, 0.88, 900, 300 }, .critical = { true, 0.97, 0.95, 300, 300 },
      .title = "{device}: {mountpoint} has room for few more files ({value} of its inodes used)",
      .facts = "There may be space left on {mountpoint} ({type} on {system.device}), but soon no more files can be "
               "made: look for a folder with a great many small ones.",
      .enabled = true },
    { .name = "disk-read-only", .metric = "system.filesystem.read_only", NOT_REMOVABLE, .test = RULE_EQUALS,
      .critical = { true, 1, 1, 60, 300 },
      .title = "{device}: {mountpoint} can no longer be written",
      .facts = "The system made {mountpoint} ({type} on {system.device}) read-only, as it does after errors of the disk. "
               "Look at the kernel's log before anything else, and save the data.",
      .enabled = true },
    { .name = "memory-full", .metric = "system.memory.utilization", .test = RULE_ABOVE,
      .warning = { true, 0.95, 0.90, 900, 300 }, .critical = { true, 0.98, 0.95, 900, 300 },
      .title = "{device}: {value} of its memory is in use",
      .facts = "Memory that caches could give back is not counted as used.",
      .enabled = true },
    { .name = "swap-full", .metric = "system.paging.utilization", .test = RULE_ABOVE,
      .warning = { true, 0.95, 0.85, 3600, 900 },
      .title = "{device}: {value} of its swap space is in use",
      .facts = "",
      .enabled = true },
    { .name = "cpu-busy", .metric = "system.cpu.utilization", .test = RULE_ABOVE,
      .warning = { true, 0.95, 0.85, 1800, 600 },
      .title = "{device}: its CPUs have been busy since {since} (now {value})",
      .facts = "",
      .enabled = true },
    { .name = "cpu-steal", .metric = "system.cpu.steal", .test = RULE_ABOVE,
      .warning = { true, 0.20, 0.10, 1800, 900 },
      .title = "{device}: its host keeps {value} of its CPU time for others",
      .facts = "A virtual machine that does not get what it asks for: the host has too many, or a quota is reached.",
      .enabled = true },
    { .name = "network-errors", .metric = "system.network.errors.rate", .test = RULE_ABOVE,
      .warning = { true, 5, 1, 1800, 900 },
      .title = "{device}: {name} has {value} damaged packets ({direction})",
      .facts = "A bad cable, plug or port, or two sides that disagree about speed or duplex.",
      .enabled = true },

    /* health of disks, memory and system */
    { .name = "raid-degraded", .metric = "system.linux.raid.degraded", .test = RULE_EQUALS,
      .critical = { true, 1, 1, 300, 300 },
      .title = "{device}: {name} ({raid_level}) lacks a disk",
      .facts = "The next disk that fails may take the data with it. cat /proc/mdstat (or zpool status) says which one is "
               "missing, and how far a rebuild is.",
      .enabled = true },
    { .name = "btrfs-disk-missing", .metric = "system.linux.filesystem.disks.missing", .test = RULE_ABOVE,
      .critical = { true, 0, 0, 300, 300 },
      .title = "{device}: a btrfs file system lacks a disk ({label})",
      .facts = "btrfs filesystem show {id} says which one.",
      .enabled = true },
    { .name = "filesystem-errors", .metric = "system.linux.filesystem.errors", .test = RULE_ABOVE,
      .warning = { true, 0, 0, 0, 300 },
      .title = "{device}: {type} found {value} errors on {label}",
      .facts = "{id}, kind: {error.type}. Look at the kernel's log and the disk's health, and at the backup. ext4 forgets them "
               "when e2fsck has repaired it, btrfs with btrfs device stats -z; until then this stays open.",
      .enabled = true },
    { .name = "memory-errors", .metric = "system.linux.memory.errors",
      .where = { { "error.type", "uncorrected", .exclude = false } }, .where_count = 1, .test = RULE_ABOVE,
      .critical = { true, 0, 0, 0, 300 },
      .title = "{device}: its memory had {value} errors that could not be corrected",
      .facts = "Memory controller {id}; data may be damaged. edac-util or the system's event log may name the module. Counted "
               "since the system started.",
      .enabled = true },
    { .name = "machine-check", .metric = "system.linux.kernel.machine_check", .test = RULE_EQUALS,
      .warning = { true, 1, 1, 0, 300 },
      .title = "{device}: its processor reported a fault of the hardware",
      .facts = "A machine check exception since the system started; the kernel's log (journalctl -k -g mce) says what of.",
      .enabled = true },
    { .name = "kernel-oops", .metric = "system.linux.kernel.oopses", .test = RULE_ABOVE,
      .warning = { true, 0, 0, 0, 300 },
      .title = "{device}: its kernel failed and went on ({value} times)",
      .facts = "After an oops the system may behave in any way: restart it soon. journalctl -k -g Oops shows what failed.",
      .enabled = true },
    { .name = "clock-unsynchronised", .metric = "system.clock.sync.failing", .test = RULE_EQUALS,
      .warning = { true, 1, 1, 43200, 900 },
      .title = "{device}: its clock has not been synchronised since {since}",
      .facts = "A program that keeps the time runs, but reaches no server that it believes: chronyc sources, ntpq -p or "
               "timedatectl timesync-status says why.",
      .enabled = true },

    /* off by default */
    { .name = "raid-inactive", .metric = "system.linux.raid.inactive", .test = RULE_EQUALS,
      .warning = { true, 1, 1, 900, 300 },
      .title = "{device}: {name} was not put together",
      .facts = "The array's disks are there but too few of them, or they are left over from another machine." },
    { .name = "memory-corrected", .metric = "system.linux.memory.errors",
      .where = { { "error.type", "corrected", .exclude = false } }, .where_count = 1, .test = RULE_ABOVE,
      .warning = { true, 1000, 1000, 0, 300 },
      .title = "{device}: its memory had {value} errors, all corrected",
      .facts = "Memory controller {id}. Many corrected errors come before one that cannot be." },
    { .name = "network-drops", .metric = "system.network.packet.dropped.rate", .test = RULE_ABOVE,
      .warning = { true, 100, 20, 1800, 900 },
      .title = "{device}: {name} drops {value} packets ({direction})",
      .facts = "" },
    { .name = "disk-busy", .metric = "system.disk.utilization", .test = RULE_ABOVE,
      .warning = { true, 0.98, 0.90, 3600, 900 },
      .title = "{device}: disk {system.device} has been busy since {since} (now {value})",
      .facts = "" },
    { .name = "load-high", .metric = "system.linux.cpu.load_15m", .test = RULE_ABOVE,
      .warning = { true, 16, 8, 1800, 900 },
      .title = "{device}: its load is {value}",
      .facts = "" },
    { .name = "processes-many", .metric = "system.process.count", .test = RULE_ABOVE,
      .warning = { true, 5000, 4000, 900, 900 },
      .title = "{device}: it runs {value} processes",
      .facts = "" },
    { .name = "restarted", .metric = "system.uptime", .test = RULE_BELOW,
      .warning = { true, 600, 600, 0, 0 },
      .title = "{device}: it was started {value} ago",
      .facts = "",
      .quiet = { .own = QUIET_OWN_BOOT } },
    { .name = "restart-due", .metric = "system.uptime", .test = RULE_ABOVE,
      .warning = { true, 7776000, 7776000, 0, 0 },
      .title = "{device}: it has not been restarted for {value}",
      .facts = "Updates of the kernel and of libraries may be waiting for a restart." },
};
// clang-format on

const size_t default_rule_count = ARRAY_LEN(default_rules);
