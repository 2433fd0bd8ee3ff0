"""A clock for the agent and its courier that a test drives: a day in half a minute, the wall clock ten years off.

    clock = DrivenClock(folder)
    Agent(..., clock=clock)     # both processes see it, whatever their environment
    clock.run(1000)             # from now on a thousand times as fast
    clock.step(3600)            # an hour later, at once
    clock.jump_wall(years * YEAR)   # only what the wall clock says

Needs a dynamically linked program (the dev and asan builds) and a C compiler; otherwise the test is skipped.
"""
import mmap
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

from . import need

YEAR = 365 * 86400
SOURCE = Path(__file__).with_suffix(".c")
TURN, REST = struct.Struct("=Q"), struct.Struct("=qqqd")


class Drive:
    """The file that drives a clock."""

    def __init__(self, file):
        self.file = Path(file)
        self.file.write_bytes(bytes(4096))
        self.file.chmod(0o644)
        with open(self.file, "r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), 4096)
        now = time.monotonic_ns()
        self._write(now, now, time.time_ns() - now, 1.0)

    def _write(self, since, base, wall_offset, rate):
        self._state = (since, base, wall_offset, rate)
        turn = TURN.unpack_from(self._map)[0]
        TURN.pack_into(self._map, 0, turn + 1)
        REST.pack_into(self._map, TURN.size, *self._state)
        TURN.pack_into(self._map, 0, turn + 2)

    def steady_s(self):
        since, base, _, rate = self._state
        return (base + (time.monotonic_ns() - since) * rate) / 1e9

    def wall_s(self):
        return self.steady_s() + self._state[2] / 1e9

    def run(self, rate):
        self._rebase(0, rate)

    def step(self, seconds):
        self._rebase(seconds, self._state[3])

    def jump_wall(self, seconds):
        since, base, wall_offset, rate = self._state
        self._write(since, base, wall_offset + int(seconds * 1e9), rate)

    def _rebase(self, ahead_s, rate):
        base = int((self.steady_s() + ahead_s) * 1e9)
        self._write(time.monotonic_ns(), base, self._state[2], float(rate))


class DrivenClock(Drive):
    """For programs that can be preloaded."""

    def __init__(self, folder, also=()):
        """`also`: libraries that are preloaded besides."""
        self.folder, self.also = Path(folder), list(also)
        super().__init__(self.folder / "drive")
        self.library = compile_library(SOURCE, self.folder, f'-DDRIVE_FILE="{self.file}"')

    @property
    def binds(self):
        """A stage on which every program is preloaded, also those that are started with a clean environment."""
        copy = self.folder / "etc"
        if not copy.exists():
            shutil.copytree("/etc", copy, symlinks=True, ignore=unreadable)
            (copy / "ld.so.preload").write_text("".join(f"{library}\n" for library in [self.library, *self.also]))
        return [(copy, "/etc")]


def compile_library(source, folder, *words):
    """Something to preload: the name of its source, in the folder."""
    library = Path(folder) / f"{source.stem}.so"
    done = subprocess.run([need.program("cc"), "-O1", "-shared", "-fPIC", *words, "-o", library, source], capture_output=True,
                          text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    library.chmod(0o755)
    return library


def unreadable(folder, names):
    return [n for n in names if not os.access(os.path.join(folder, n), os.R_OK)]


def is_dynamic(program):
    """Whether the program has an interpreter: only then can it be preloaded."""
    with open(program, "rb") as file:
        head = file.read(4096)
    return b"/ld-linux" in head or b"/ld-musl" in head
