"""Runs a program in a mount namespace of its own, with some files replaced by ours: a stage for it.

    /usr/bin/python3 stage.py [--bind OURS THEIRS]... -- PROGRAM WORDS...

As anyone but root it needs user namespaces; the program then runs as the same user, without rights. The process
that is started becomes the program, so its id is the program's. `possible()` says whether the machine allows it.
"""
import ctypes
import os
import subprocess
import sys

NEW_MOUNTS, NEW_USERS = 0x00020000, 0x10000000
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
libc = ctypes.CDLL(None, use_errno=True)


def must(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def bind(ours, theirs):
    must(libc.mount(os.fsencode(ours), os.fsencode(theirs), None, BIND | RECURSIVE, None), f"bind over {theirs}")


def enter():
    """A mount namespace that nobody else sees, with the right to change it."""
    user, group = os.getuid(), os.getgid()
    must(libc.unshare(NEW_MOUNTS | (NEW_USERS if user else 0)), "unshare")
    if user:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    must(libc.mount(b"none", b"/", None, RECURSIVE | PRIVATE, None), "make mounts private")


def possible():
    done = subprocess.run([sys.executable, __file__, "--bind", "/dev/null", "/proc/loadavg", "--", "/bin/true"],
                          capture_output=True)
    return done.returncode == 0


def main(words):
    enter()
    while words[0] == "--bind":
        bind(words[1], words[2])
        words = words[3:]
    os.execv(words[1], words[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
