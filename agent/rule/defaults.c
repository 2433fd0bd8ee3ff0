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

    /* off by default */
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
      .facts = "" },
    { .name = "restart-due", .metric = "system.uptime", .test = RULE_ABOVE,
      .warning = { true, 7776000, 7776000, 0, 0 },
      .title = "{device}: it has not been restarted for {value}",
      .facts = "Updates of the kernel and of libraries may be waiting for a restart." },
};
// clang-format on

const size_t default_rule_count = ARRAY_LEN(default_rules);
