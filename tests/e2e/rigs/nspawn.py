"""A Debian booted with a real systemd as its first process, in a container: for units, packages and reboots.

    with Nspawn(files=[deb]) as box:
        result = box.run("apt-get install -y ./picket.deb; systemctl is-active picket")
        result.status, result.output
        box.run("...")              # boots again, on the same files: a reboot
        box.root / "var/lib/picket" # what is on its disk, between the boots

The script runs as root, line by line under `sh -e`, in a folder that holds the given files, once the
system is up; then the system powers off. Each box has its own disk, an overlay over a root file system
that is made once (about two minutes). `network=True` shares the host's network, so that 127.0.0.1 is the
same inside; otherwise the box has a loopback of its own and nothing else. `binds` are pairs of a folder of
the host (a mounted file system, say) and where it is seen inside.

Needs root, and cgroups as containers have them: on a hybrid (v1) host there is no memory accounting inside.
"""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from . import need
from .child import Child

PACKAGES = ("systemd", "systemd-sysv", "dbus", "ca-certificates", "procps")

UNIT = """[Unit]
Description=the test's script
Wants=network.target
After=basic.target dbus.service network.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/sh /test/run
"""

RUN = """cd /test
/bin/sh -e ./script >output 2>&1 </dev/null
echo $? >status
sync
systemctl poweroff --no-block
"""


class Result(NamedTuple):
    status: int
    output: str


class Nspawn:
    def __init__(self, files=(), network=False, packages=(), binds=()):
        """`packages`: more Debian packages in the root file system (made and cached for each such list)."""
        self.files, self.network, self.binds = [Path(f) for f in files], network, binds
        self.packages = PACKAGES + tuple(packages)

    def __enter__(self):
        if os.geteuid() != 0:
            raise need.Skip("booting a container needs root")
        self.tool = nspawn_tool()
        base = root_file_system(self.packages)
        self.folder = Path(tempfile.mkdtemp(prefix="nspawn-"))
        self.root = self.folder / "root"
        self.boots = 0
        try:
            self._make_disk(base)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def _make_disk(self, base):
        """An overlay where the kernel has it, else a copy."""
        for name in ("root", "upper", "work"):
            (self.folder / name).mkdir()
        layers = f"lowerdir={base},upperdir={self.folder}/upper,workdir={self.folder}/work"
        mounted = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, self.root], capture_output=True)
        self.is_overlay = mounted.returncode == 0
        if not self.is_overlay:
            subprocess.run(["cp", "-a", f"{base}/.", self.root], check=True)
        wants = self.root / "etc/systemd/system/multi-user.target.wants"
        wants.mkdir(parents=True, exist_ok=True)
        (wants.parent / "test.service").write_text(UNIT)
        (wants / "test.service").symlink_to("../test.service")
        inside = self.root / "test"
        inside.mkdir()
        for file in self.files:
            shutil.copy(file, inside)

    def run(self, script, seconds=300):
        """Boot, run the script, power off. A status above 0 is the script's; a boot that fails raises."""
        inside = self.root / "test"
        for old in ("status", "output"):
            (inside / old).unlink(missing_ok=True)
        (inside / "script").write_text(script)
        (inside / "run").write_text(RUN)
        self.boots += 1
        console = self.folder / f"console-{self.boots}"
        machine = Child(self._command(), console, env=self.tool.environment)
        try:
            machine.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"not done in {seconds} s:\n{self._said()}\n{machine.tail()}") from None
        finally:
            machine.stop()
        if not (inside / "status").exists():
            raise RuntimeError(f"the script did not end:\n{self._said()}\n{machine.tail()}")
        return Result(int((inside / "status").read_text()), self._said())

    def _said(self):
        output = self.root / "test/output"
        return output.read_text(errors="replace") if output.exists() else "(no output)"

    def _command(self):
        network = [] if self.network else ["--private-network"]
        # not registered and in the caller's cgroup: there is no systemd on the host to ask
        return [self.tool.path, "--quiet", "--register=no", "--keep-unit", "--boot", "--directory", self.root,
                "--machine", f"test-{os.getpid()}", "--link-journal=no", "--resolv-conf=off", "--timezone=off",
                "--console=pipe", *network, *(f"--bind={ours}:{theirs}" for ours, theirs in self.binds)]

    def __exit__(self, *_):
        if self.is_overlay:
            subprocess.run(["umount", "--lazy", self.root], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Tool(NamedTuple):
    path: Path
    environment: dict


def nspawn_tool():
    """systemd-nspawn, the host's or unpacked beside it: installing the package would replace the host's systemd."""
    if path := shutil.which("systemd-nspawn"):
        return Tool(Path(path), dict(os.environ))
    need.program("dpkg")
    folder = need.cached("nspawn-" + need.key(mirror().suite), fetch_nspawn)
    libraries = ":".join(str(p) for p in folder.glob("usr/lib/*/systemd"))
    return Tool(folder / "usr/bin/systemd-nspawn", {**os.environ, "LD_LIBRARY_PATH": libraries})


def fetch_nspawn(folder):
    need.say("fetching systemd-nspawn")
    for package in ("systemd-container", "libsystemd-shared"):
        done = subprocess.run(["apt-get", "-q", "download", package], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise need.Skip(f"cannot download {package}: {done.stderr.strip()[-200:]}")
    for deb in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", deb, folder], check=True)
        deb.unlink()


class Mirror(NamedTuple):
    uri: str
    suite: str


def mirror():
    """Where this machine's own Debian comes from, as apt knows it."""
    answer = subprocess.run(["apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(CODENAME) $(REPO_URI)"],
                            capture_output=True, text=True)
    for line in answer.stdout.splitlines():
        origin, label, suite, uri = (line.split(" ") + [""] * 4)[:4]
        if origin == label == "Debian" and "-" not in suite:
            return Mirror(uri, suite)
    raise need.Skip("apt knows no Debian mirror (apt-get update?)")


def root_file_system(packages):
    source = mirror()
    name = "rootfs-" + need.key(source.suite, *packages)

    def make(folder):
        need.apt("debootstrap")
        need.say(f"making a root file system of {source.suite} (minutes)")
        done = subprocess.run(["debootstrap", "--variant=minbase", "--include=" + ",".join(packages), source.suite,
                               folder, source.uri], capture_output=True, text=True)
        if done.returncode:
            raise need.Skip(f"debootstrap failed: {done.stdout[-300:]}{done.stderr[-300:]}")
        folder.chmod(0o755)
        (folder / "etc/machine-id").write_text("")          # each box becomes a machine of its own
        subprocess.run(["chroot", folder, "apt-get", "clean"], check=True)
    return need.cached(name, make)
