"""What the kernel says of running processes: memory, CPU time, switches."""
import os
from dataclasses import dataclass

from rigs import need

TICKS = os.sysconf("SC_CLK_TCK")


def need_root():
    if os.geteuid() != 0:
        raise need.Skip("as root only: the courier lets nobody else look into its memory")


def stat_fields(pid):
    """The fields of /proc/PID/stat from the state on, or None."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def family(pid):
    """A process and all that descend from it, the process first."""
    parents = {}
    for name in os.listdir("/proc"):
        fields = stat_fields(name) if name.isdigit() else None
        if fields and fields[0] not in "ZX":
            parents.setdefault(int(fields[1]), []).append(int(name))
    found = [pid]
    for each in found:
        found += parents.get(each, [])
    return found


@dataclass
class Weight:
    """Of all processes together, in kB of 1024 bytes."""
    processes: int = 0
    threads: int = 0
    descriptors: int = 0
    rss: int = 0
    pss: int = 0
    private: int = 0
    anonymous: int = 0


def weigh(pids):
    total = Weight(processes=len(pids))
    for pid in pids:
        total.threads += len(os.listdir(f"/proc/{pid}/task"))
        total.descriptors += len(os.listdir(f"/proc/{pid}/fd"))
        with open(f"/proc/{pid}/smaps_rollup") as file:
            sizes = {line.split(":")[0]: int(line.split()[1]) for line in file if line.endswith(" kB\n")}
        total.rss += sizes["Rss"]
        total.pss += sizes["Pss"]
        total.private += sizes["Private_Clean"] + sizes["Private_Dirty"]
        total.anonymous += sizes["Anonymous"]
    return total


@dataclass
class Work:
    """What processes did so far; differences of two are what they did between."""
    cpu_ns: int = 0
    cpu_ticks: int = 0
    switches: int = 0

    def __sub__(self, other):
        return Work(self.cpu_ns - other.cpu_ns, self.cpu_ticks - other.cpu_ticks, self.switches - other.switches)


def work(pids):
    total = Work()
    for pid in pids:
        fields = stat_fields(pid)
        total.cpu_ticks += int(fields[11]) + int(fields[12])
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                total.cpu_ns += int(file.read().split()[0])
            with open(f"/proc/{pid}/task/{task}/status") as file:
                total.switches += sum(int(line.split()[1]) for line in file if "voluntary_ctxt_switches" in line)
    return total
