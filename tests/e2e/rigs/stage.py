"""Runs a program in a mount namespace of its own, with some of the machine replaced by ours: a stage for it.

    /usr/bin/python3 stage.py [WORDS]... -- PROGRAM WORDS...

    --bind OURS THEIRS      ours in place of theirs; a folder bound over itself stays as it is under --read-only
    --read-only FOLDER      the mount that it is
    --proc OPTIONS          a new /proc, say with hidepid=2
    --net NAME              the network of `ip netns add NAME`
    --limit NAME NUMBER     a resource limit: "NOFILE 8"
    --join FOLDER           a control group

As anyone but root it needs user namespaces, and only binds are possible; the program then runs as the same user, without
rights. The process that is started becomes the program, so its id is the program's. `possible()` says whether the
machine allows it.
"""
import ctypes
import os
import resource
import subprocess
import sys

NEW_MOUNTS, NEW_USERS, NEW_NET = 0x00020000, 0x10000000, 0x40000000
READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 32, 4096, 16384, 1 << 18
libc = ctypes.CDLL(None, use_errno=True)


def must(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def bind(ours, theirs):
    must(libc.mount(os.fsencode(ours), os.fsencode(theirs), None, BIND | RECURSIVE, None), f"bind over {theirs}")


def read_only(folder):
    must(libc.mount(None, os.fsencode(folder), None, REMOUNT | BIND | READ_ONLY, None), f"make {folder} read-only")


def proc(options):
    must(libc.mount(b"proc", b"/proc", b"proc", 0, os.fsencode(options)), f"mount /proc with {options}")


def net(name):
    with open(f"/run/netns/{name}") as file:
        must(libc.setns(file.fileno(), NEW_NET), f"enter the network {name}")


def limit(name, number):
    resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (int(number), int(number)))


def join(folder):
    with open(f"{folder}/cgroup.procs", "w") as file:
        file.write(str(os.getpid()))


WORDS = {"--bind": (bind, 2), "--read-only": (read_only, 1), "--proc": (proc, 1), "--net": (net, 1), "--limit": (limit, 2),
         "--join": (join, 1)}


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
    while words[0] != "--":
        act, count = WORDS[words[0]]
        act(*words[1:1 + count])
        words = words[1 + count:]
    os.execv(words[1], words[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
