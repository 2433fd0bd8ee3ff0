"""What a rig asks of the machine: packages, folders, ports. Nothing here knows a product."""
import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]


class Skip(unittest.SkipTest):
    """Why a rig cannot be had here. pytest and unittest both show it as a skip, with the reason."""


def say(text):
    """Progress goes to standard error: an installation takes longer than patience."""
    print(f"rigs: {text}", file=sys.stderr, flush=True)


def shared(name):
    """A file of the folder kept beside the repository, which must never be copied into it."""
    root = Path(os.environ.get("PICKET_SHARED", REPO.parent / "shared"))
    path = root / name
    if not path.exists():
        raise Skip(f"{name} is not in the shared folder (set PICKET_SHARED)")
    return path


def cache(*parts):
    """A folder outside the tree for what is slow to make; everything in it may be deleted at any time."""
    root = os.environ.get("PICKET_CACHE") or Path.home() / ".cache" / "picket"
    path = Path(root).joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


def key(*parts):
    """A short name for the cache that changes with whatever the cached thing was made from."""
    return hashlib.sha256("\0".join(str(p) for p in parts).encode()).hexdigest()[:12]


def cached(name, make):
    """The folder cache()/name, made by make(folder) if it is missing.

    It is made under another name and renamed when complete, so that a killed or a second test run never
    leaves or sees a half-made one.
    """
    final = cache() / name
    if final.exists():
        return final
    draft = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=cache()))
    try:
        make(draft)
        draft.rename(final)
    except OSError:
        if not final.exists():      # someone else was first: theirs is as good
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return final


def program(name):
    """The path of a program, or a skip; for what no package of ours brings."""
    path = shutil.which(name)
    if not path:
        raise Skip(f"{name} is not installed")
    return path


def is_installed(package):
    answer = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package],
                            capture_output=True, text=True)
    return answer.stdout == "installed"


def apt(*packages):
    """Have these Debian packages, installing what is missing if we are root.

    PICKET_INSTALL=0 forbids it, for a machine whose owner does not want its packages changed by a test.
    """
    if not shutil.which("dpkg-query"):
        raise Skip("needs Debian packages: " + " ".join(packages))
    missing = [p for p in packages if not is_installed(p)]
    if not missing:
        return
    if os.geteuid() != 0 or os.environ.get("PICKET_INSTALL") == "0":
        raise Skip("not installed: " + " ".join(missing))
    say("installing " + " ".join(missing))
    install = ["install", "-y", "--no-install-recommends", *missing]
    if not apt_get(*install):
        apt_get("update")           # a stale index is the usual reason
        if not apt_get(*install):
            raise Skip("could not install: " + " ".join(missing))


def apt_get(*words):
    """Whether apt-get did it. Waits for another apt to finish; shows the end of its output when it failed."""
    done = subprocess.run(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=600", *words], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    if done.returncode:
        say(f"apt-get {words[0]} failed:\n" + "\n".join(done.stdout.splitlines()[-5:]))
    return done.returncode == 0


def free_port():
    """A port that was free a moment ago; for servers that cannot bind 0 and tell."""
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
