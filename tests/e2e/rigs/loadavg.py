"""Load averages that a test says: the cheapest breach there is, and one that needs no root.

    load = LoadAvg(folder)
    load.set(12)            # what system.linux.cpu.load_1m is from now on
    load.binds              # for the stage (stage.py) on which the agent reads them

Rules on one metric with different limits are alerts of their own: `rule(3)` is up while the load is over 3, and
critical while it is over 103 (or where `worse` says). Each time is an incident of its own: it never flaps.
"""
from pathlib import Path

METRICS = ("system.linux.cpu.load_1m", "system.linux.cpu.load_5m", "system.linux.cpu.load_15m")


class LoadAvg:
    def __init__(self, folder):
        self.path = Path(folder) / "loadavg"
        self.path.write_text("")
        self.path.chmod(0o644)
        self.set(0)

    def set(self, one, five=0, fifteen=0):
        """In place and always the same length: who reads meanwhile gets the old line or the new one."""
        line = f"{one:07.2f} {five:07.2f} {fifteen:07.2f} 1/100 4321\n"
        with open(self.path, "r+b") as file:
            file.write(line.encode())

    @property
    def binds(self):
        return [(self.path, "/proc/loadavg")]


def rule(limit, worse=None, name=None, metric=METRICS[0], **more):
    """One rule of a configuration: over `limit` a warning, over `worse` critical."""
    made = {"name": name or f"load-{limit}", "metric": metric, "title": "{device}: load is {value}",
            "facts": "limit {level}", "warning": {"above": limit, "for_s": 0, "clear_for_s": 0}, "flapping": {"enabled": False}}
    if worse is not None:
        made["critical"] = {"above": worse, "for_s": 0, "clear_for_s": 0}
    return {**made, **more}
