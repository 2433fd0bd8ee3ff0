"""Memory, CPU, switches and system calls of each agent over one window of time, all at the same time."""
import contextlib
import os
import time

from rigs import child, need

from . import counter, machine, peers, picket, procs

# Half-way between two wake-ups of an agent that has a 10 s period; the longer one also sees the connection to the PSA end,
# which is kept for 30 s.
SETTLE_S, SETTLE_LONG_S = 15, 35
HOW = {
    10: "The same 20 values every 10 s. Sums over each agent's processes.",
    60: "Each agent at 60 s, our default. Sums over each agent's processes.",
}


class Window:
    """One agent's figures from now on."""

    def __init__(self, agent, count):
        self.agent = agent
        self.pids = procs.family(agent.pid)
        self.before = procs.work(self.pids)
        self.counter = counter.Counter(self.pids) if count else None

    def close(self):
        self.calls = None
        if self.counter:
            self.calls = self.counter.read()
            self.counter.close()
        self.same = procs.family(self.agent.pid) == self.pids
        self.work = procs.work(self.pids) - self.before
        self.weight = procs.weigh(self.pids)


def watch(agents, seconds):
    """A Window of each, closed; how long it was; how busy the machine. Without the kernel's counter the calls come from a window of their own."""
    count = counter.possible()
    began, times = time.monotonic(), machine.cpu_times()
    windows = [Window(agent, count) for agent in agents]
    time.sleep(seconds)
    lasted, busy = time.monotonic() - began, machine.busy_since(times)
    for window in windows:
        window.close()
        if not window.same:
            raise RuntimeError(f"{window.agent.name} changed its processes while it was measured")
    if not count and counter.have_strace():
        for window, calls in zip(windows, counter.strace_window([w.pids for w in windows], seconds)):
            window.calls = calls
    return windows, lasted, busy


def per_minute(value, seconds):
    return None if value is None else value * 60 / seconds


ROWS = (
    # name, unit, what of a window, most at 10 s, most at 60 s, may fail
    ("processes", "", lambda w, s: w.weight.processes, None, None, True),
    ("threads", "", lambda w, s: w.weight.threads, 4, 4, True),
    ("descriptors", "", lambda w, s: w.weight.descriptors, None, None, True),
    ("PSS", "MB", lambda w, s: w.weight.pss / 1024, 3.0, 3.0, True),
    ("private memory", "MB", lambda w, s: w.weight.private / 1024, None, None, True),
    ("heap, stack and written data", "MB", lambda w, s: w.weight.anonymous / 1024, None, None, True),
    ("RSS", "MB", lambda w, s: w.weight.rss / 1024, None, None, True),
    ("system calls a minute", "", lambda w, s: per_minute(w.calls, s), 700, 150, True),
    ("context switches a minute", "", lambda w, s: per_minute(w.work.switches, s), 40, 12, True),
    ("CPU", "% of a core", lambda w, s: w.work.cpu_ns / 1e7 / s, None, 0.02, False),
    ("CPU by the clock's ticks", "% of a core", lambda w, s: w.work.cpu_ticks * 100 / procs.TICKS / s, None, None, False),
)


def fill(part, windows, seconds, period_s):
    ours, others = windows[0], windows[1:]
    for name, unit, of, most_10, most_60, fails in ROWS:
        got = of(ours, seconds)
        if got is None:
            part.skip(name, "neither the kernel's counter nor strace is to be had")
            continue
        part.add(name, got, unit, most_10 if period_s == 10 else most_60, fails,
                 {w.agent.name: of(w, seconds) for w in others})
    for window in others:
        if period_s == 10 and window.agent.name == "zabbix_agentd":
            part.add("CPU against zabbix_agentd", ours.work.cpu_ns / max(1, window.work.cpu_ns), "times", 0.1, False)
    for window in windows:
        part.notes += window.agent.notes()


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
        windows, lasted, busy = watch([*ours.values(), *others], seconds)
        for window, period_s in zip(windows, ours):
            fill(parts[period_s], [window, *(windows[len(ours):] if period_s == peer_period_s else [])], lasted, period_s)
            parts[period_s].notes.append(f"window: {lasted:.0f} s, {settle_s} s after the start and one delivered ticket; the "
                                         f"machine's cores were {busy:.0f} % busy in it")


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
