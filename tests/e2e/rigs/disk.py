"""A tiny real file system that can be filled: what "disk full" means is for the kernel to say.

    with TinyDisk(64) as disk:
        disk.path                # mounted here, writable
        disk.fill(leave=0)       # until nothing fits, or until so many bytes are left
        disk.empty()             # only what fill() wrote

Needs root and a kernel with loop devices and ext4; otherwise the test is skipped with the reason.
"""
import contextlib
import errno
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import need

BLOCK = 64 * 1024


class TinyDisk:
    def __init__(self, megabytes=64, name="mnt"):
        """`name`: of the folder it is mounted on; anything but a slash may be in it."""
        self.megabytes, self.name = megabytes, name

    def __enter__(self):
        if os.geteuid() != 0:
            raise need.Skip("mounting a file system needs root")
        for tool, package in (("mkfs.ext4", "e2fsprogs"), ("losetup", "mount"), ("mount", "mount")):
            if not shutil.which(tool):
                need.apt(package)
        self.folder = Path(tempfile.mkdtemp(prefix="disk-"))
        self.path = self.folder / self.name
        self.path.mkdir()
        try:
            self._mount(self.folder / "image")
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def _mount(self, image):
        with open(image, "wb") as file:
            file.truncate(self.megabytes * 2**20)
        # no blocks kept for root and no journal: all the space is the test's, as `df` shows it
        must(["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image], "make an ext4 file system")
        self.device = must(["losetup", "--find", "--show", image], "attach a loop device").strip()
        try:
            must(["mount", self.device, self.path], "mount a loop device")
        except BaseException:
            subprocess.run(["losetup", "--detach", self.device], check=False)
            raise

    def __exit__(self, *_):
        """Lazily: a process under test that still stands in it must not keep the test from ending."""
        subprocess.run(["umount", "--lazy", self.path], check=False)
        subprocess.run(["losetup", "--detach", self.device], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def free(self):
        """Bytes that anyone may still write."""
        now = os.statvfs(self.path)
        return now.f_bavail * now.f_frsize

    @property
    def used_part(self):
        """0 to 1, reckoned as `df` does: used / (used + available)."""
        now = os.statvfs(self.path)
        used = now.f_blocks - now.f_bfree
        return used / (used + now.f_bavail)

    def fill(self, leave=0):
        """Real blocks, not a hole."""
        with open(self.path / "filler", "ab", buffering=0) as file, contextlib.suppress(NoSpace):
            while self.free > leave:
                write_or_full(file, bytes(max(1, min(BLOCK, self.free - leave))))
            os.fsync(file.fileno())

    def fill_to(self, part):
        """Until at least this part of it is used."""
        now = os.statvfs(self.path)
        self.fill(leave=int(now.f_blocks * now.f_frsize * (1 - part)))

    def empty(self):
        with contextlib.suppress(FileNotFoundError):
            (self.path / "filler").unlink()


class NoSpace(Exception):
    pass


def write_or_full(file, data):
    try:
        file.write(data)
        os.fsync(file.fileno())     # ext4 reserves late: only now is `free` true
    except OSError as full:
        if full.errno != errno.ENOSPC:
            raise
        raise NoSpace from None


def must(argv, what):
    """A container may forbid any of these; that is a reason to skip, not to fail."""
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True)
    if done.returncode:
        raise need.Skip(f"this machine does not let us {what}: {done.stderr.strip()}")
    return done.stdout
