"""Memory that runs out once, where a test says: the n-th allocation from now on of the warden, the courier or a command.

    short = Shortage(folder)
    Agent(..., clock=DrivenClock(folder, also=[short.library]))
    short.arm("courier", 17)
    short.failed("courier")     # whether it came to that
    short.count("courier")      # allocations so far

Needs a dynamically linked program (the dev and asan builds) and a C compiler; otherwise the test is skipped.
"""
import mmap
import struct
from pathlib import Path

from .drivenclock import compile_library

SOURCE = Path(__file__).with_suffix(".c")
ROW = struct.Struct("=qqq")
KINDS = ("warden", "courier", "command")


class Shortage:
    def __init__(self, folder):
        file = Path(folder) / "shortage"
        file.write_bytes(bytes(4096))
        file.chmod(0o666)           # the courier has an account of its own
        with open(file, "r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), 4096)
        self.disarm()
        self.library = compile_library(SOURCE, folder, f'-DSHORTAGE_FILE="{file}"', "-fno-builtin")

    def _row(self, kind):
        return ROW.unpack_from(self._map, KINDS.index(kind) * ROW.size)

    def arm(self, kind, left):
        """left: how many still succeed. Forgets what failed before."""
        ROW.pack_into(self._map, KINDS.index(kind) * ROW.size, left, 0, self.count(kind))

    def disarm(self):
        for kind in KINDS:
            self.arm(kind, -1)

    def failed(self, kind):
        return self._row(kind)[1] > 0

    def count(self, kind):
        return self._row(kind)[2]
