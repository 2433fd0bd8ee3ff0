"""Memory, CPU, switches and system calls of each agent over one window of time, all at the same time."""
import contextlib
import os
import time

from rigs import child, need

from . import peers, picket, procs, window

# Half-way between two wake-ups of an agent that has a 10 s period; the longer one also sees the connection to the PSA end,
# which is kept for 30 s.
SETTLE_S, SETTLE_LONG_S = 15, 35
HOW = {
    10: "The same 20 values every 10 s. Sums over each agent's processes.",
    60: "Each agent at 60 s, our default. Sums over each agent's processes.",
}


ROWS = (
    # name, unit, what of a window and its seconds, most at 10 s, most at 60 s, may fail
    ("processes", "", lambda w, s: w.weight.processes, None, None, True),
    ("threads", "", lambda w, s: w.weight.threads, 4, 4, True),
    ("descriptors", "", lambda w, s: w.weight.descriptors, None, None, True),
    ("PSS", "MB", lambda w, s: w.weight.pss / 1024, 3.0, 3.0, True),
    ("private memory", "MB", lambda w, s: w.weight.private / 1024, None, None, True),
    ("heap, stack and written data", "MB", lambda w, s: w.weight.anonymous / 1024, None, None, True),
    ("RSS", "MB", lambda w, s: w.weight.rss / 1024, None, None, True),
    ("system calls a minute", "", lambda w, s: w.calls_per_minute, 700, 150, True),
    ("system calls a minute, by strace", "", lambda w, s: w.by_strace, None, None, True),
    ("context switches a minute", "", lambda w, s: w.work.switches * 60 / s, 40, 12, True),
    ("CPU", "% of a core", lambda w, s: w.work.cpu_ns / 1e7 / s, None, 0.02, False),
    ("CPU by the clock's ticks", "% of a core", lambda w, s: w.work.cpu_ticks * 100 / procs.TICKS / s, None, None, False),
)


def fill(part, seen, windows, period_s):
    ours, others = windows[0], windows[1:]
    for name, unit, of, most_10, most_60, fails in ROWS:
        got = of(ours, seen.seconds)
        if got is not None:
            part.add(name, got, unit, most_10 if period_s == 10 else most_60, fails,
                     {w.agent.name: of(w, seen.seconds) for w in others})
        elif "strace" not in name:
            part.skip(name, "neither the kernel's counter nor strace is to be had")
    for each in others:
        if period_s == 10 and each.agent.name == "zabbix_agentd":
            part.add("CPU against zabbix_agentd", ours.work.cpu_ns / max(1, each.work.cpu_ns), "times", 0.1, False)
    for each in windows:
        part.notes += each.agent.notes()
    part.notes += [seen.note] if seen.note else []


def open_peers(stack, part, folder, period_s):
    found = []
    for peer in (peers.Zabbix, peers.Monit):
        try:
            found.append(stack.enter_context(peer(folder, period_s)))
        except need.Skip as why:
            part.skip(peer.name, why)
    return found


def measure_at(bench, periods, peer_period_s, seconds):
    """The agents at `periods` at the same time, beside the peers at one."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(picket.connectwise(bench.ca))
        ours, parts = {}, {}
        for period_s in periods:
            parts[period_s] = bench.tally.open(f"weight-{period_s}", f"Weight at a period of {period_s} s", HOW[period_s])
            rules = picket.built_in() + [picket.ALWAYS]
            ours[period_s] = stack.enter_context(picket.OnRealFigures(bench.binary, server, bench.ca, period_s, rules))
        others = open_peers(stack, parts[peer_period_s], bench.folder, peer_period_s)
        child.until(lambda: len(server.ops("create")) >= len(periods), 20, "the first tickets")
        settle_s = SETTLE_S if len(periods) > 1 else SETTLE_LONG_S
        time.sleep(settle_s)
        seen = window.Watch([*ours.values(), *others], seconds, compare=bench.nightly)
        for each, period_s in zip(seen.windows, ours):
            beside = seen.windows[len(ours):] if period_s == peer_period_s else []
            fill(parts[period_s], seen, [each, *beside], period_s)
            parts[period_s].notes.append(f"window: {seen.seconds:.0f} s, {settle_s} s after the start and one delivered "
                                         f"ticket; the machine's cores were {seen.busy_percent:.0f} % busy in it")


def measure(bench):
    """Short: both periods at once, peers at 10 s. Long: each period with its peers, five minutes and more, so that what is done
    every five minutes (samples go to disk) is inside."""
    procs.need_root()
    if bench.seconds < 120:
        measure_at(bench, (10, 60), 10, bench.seconds)
    else:
        measure_at(bench, (10,), 10, bench.seconds)
        measure_at(bench, (60,), 60, bench.seconds)


def measure_size(bench):
    part = bench.tally.open("size", "Size of the program", "Static and stripped; nothing else is installed for it to run.")
    part.add("binary", os.path.getsize(bench.binary) / 1000, "kB", 2000, True,
             {peer: os.path.getsize(path) / 1000 for peer, path in (("zabbix_agentd", "/usr/sbin/zabbix_agentd"),
                                                                    ("monit", "/usr/bin/monit")) if os.path.exists(path)})
    part.notes.append("the peers' files need shared libraries beside them")
