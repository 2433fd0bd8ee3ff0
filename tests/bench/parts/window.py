"""What several agents do in one window of time."""
import time

from . import counter, machine, procs

LEAST_CALLS = 10    # of an agent at each wake-up: it reads more files than that


class Window:
    """One agent's figures from now on."""

    def __init__(self, agent, count):
        self.agent = agent
        self.pids = procs.family(agent.pid)
        self.before = procs.work(self.pids)
        self.counter = counter.Counter(self.pids) if count else None
        self.calls_per_minute = self.by_strace = None

    def close(self, seconds):
        if self.counter:
            self.calls_per_minute = self.counter.read() * 60 / seconds
            self.counter.close()
        if procs.family(self.agent.pid) != self.pids:
            raise RuntimeError(f"{self.agent.name} changed its processes while it was measured")
        self.work = procs.work(self.pids) - self.before
        self.weight = procs.weigh(self.pids)

    @property
    def is_counted(self):
        """The kernel's counter was once seen to lose nine calls in ten, on a machine full of other work."""
        return self.calls_per_minute is not None and self.calls_per_minute > LEAST_CALLS * 60 / self.agent.period_s


class Watch:
    """A Window of each, open for so many seconds. Afterwards, where it must be or shall be for comparison, system calls are
    counted by strace, which stops a process at each of them and would spoil all else."""

    def __init__(self, agents, seconds, compare):
        count = counter.possible()
        began, times = time.monotonic(), machine.cpu_times()
        self.windows = [Window(agent, count) for agent in agents]
        time.sleep(seconds)
        self.seconds, self.busy_percent = time.monotonic() - began, machine.busy_since(times)
        for window in self.windows:
            window.close(self.seconds)
        self.note = ""
        if counter.have_strace() and (compare or not all(w.is_counted for w in self.windows)):
            self.count_again(2 * max(agent.period_s for agent in agents))

    def count_again(self, seconds):
        for window, calls in zip(self.windows, counter.strace_window([w.pids for w in self.windows], seconds)):
            window.by_strace = calls * 60 / seconds
        if not all(w.is_counted for w in self.windows):
            self.note = f"system calls were counted by strace, for {seconds} s afterwards: the kernel's counter is not to be had"
            for window in self.windows:
                window.calls_per_minute, window.by_strace = window.by_strace, None
