"""A control group: how little a container may be given.

    with ControlGroup(memory=16 << 20, pids=1) as group:
        Agent(scene=group.scene)
        group.allow(pids="max")

Both generations, also side by side. Needs root and the controllers; otherwise the test is skipped with the reason.
"""
import contextlib
import os
import tempfile
from pathlib import Path

from . import need
from .child import until

ROOT = Path("/sys/fs/cgroup")
OLD_NAMES = {"memory": "memory.limit_in_bytes", "pids": "pids.max"}
NEW_NAMES = {"memory": "memory.max", "pids": "pids.max"}


class ControlGroup:
    def __init__(self, **limits):
        self.limits, self.folders = limits, {}

    def __enter__(self):
        if os.geteuid() != 0:
            raise need.Skip("control groups need root")
        try:
            for name in self.limits:
                self.folders[name] = self._make(name)
            self.allow(**self.limits)
        except OSError as no:
            self._remove()
            raise need.Skip(f"this machine gives us no control group: {no}") from None
        return self

    def __exit__(self, *_):
        self._remove()

    def _make(self, name):
        self.is_new = (ROOT / "cgroup.controllers").exists()
        if self.is_new:
            with open(ROOT / "cgroup.subtree_control", "w") as file:
                file.write(f"+{name}")
        made = next(iter(self.folders.values()), None) if self.is_new else None
        return made or Path(tempfile.mkdtemp(prefix="picket-", dir=ROOT if self.is_new else ROOT / name))

    def _remove(self):
        for folder in set(self.folders.values()):
            with contextlib.suppress(OSError, TimeoutError):
                until(lambda: not (folder / "cgroup.procs").read_text(), 5, "everybody left the group")
                folder.rmdir()

    def allow(self, **limits):
        for name, limit in limits.items():
            (self.folders[name] / (NEW_NAMES if self.is_new else OLD_NAMES)[name]).write_text(str(limit))

    @property
    def scene(self):
        """For a stage (stage.py)."""
        return [word for folder in set(self.folders.values()) for word in ("--join", folder)]
