"""What the agent sees of real things that change under it: links, mounts, a server that died, memory that ran out."""
import ctypes
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from rigs import need
from rigs.agent import PICKET
from rigs.child import Child, until
from rigs.disk import TinyDisk

LIBC = ctypes.CDLL(None, use_errno=True)


@pytest.fixture(autouse=True)
def program():
    if not PICKET.exists():
        pytest.skip(f"{PICKET} is not built")
    if os.geteuid() != 0:
        pytest.skip("namespaces, mounts and control groups need root")


def parse(output):
    """{(metric, instance): value} of `picket check --json`, with and without a rule."""
    report = json.loads(output)
    return {(row["metric"], row["instance"]): row["value"] for row in report["figures"] + report["rules"]}


class Namespace:
    """A network of its own with an interface that has a cable: veth "wan0", whose other end "far0" is beside it."""

    def __enter__(self):
        ip = need.program("ip")
        self.child = subprocess.Popen(["unshare", "--net", "--mount", "sh", "-c",
                                       "mount -t sysfs sysfs /sys && echo ready && exec sleep 300"],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.child.stdout.readline() != "ready\n":
            raise need.Skip(f"no network namespace here: {self.child.stderr.read().strip()}")
        made = self.run(ip, "link", "add", "wan0", "type", "veth", "peer", "name", "far0", check=False)
        if made.returncode:
            self.__exit__()
            raise need.Skip(f"no veth here: {made.stderr.strip()}")
        self.ip("link", "set", "wan0", "up")
        self.ip("link", "set", "far0", "up")
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.communicate()

    @property
    def enter(self):
        return ["nsenter", "--target", str(self.child.pid), "--net", "--mount"]

    def run(self, *words, check=True):
        return subprocess.run([*self.enter, *map(str, words)], capture_output=True, text=True, check=check)

    def ip(self, *words):
        self.run("ip", *words)

    def figures(self):
        done = self.run(PICKET, "check", "--json", check=False)
        return parse(done.stdout)

    def add(self, name, peer):
        self.ip("link", "add", name, "type", "veth", "peer", "name", peer)
        self.ip("link", "set", name, "up")
        self.ip("link", "set", peer, "up")

    def send(self, name, frames):
        """So many frames of 1,000 bytes from an interface."""
        code = (f"import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('{name}', 0)); "
                f"[s.send(b'\\xff' * 12 + b'\\x88\\xb5' + bytes(986)) for _ in range({frames})]")
        self.run(need.program("python3"), "-S", "-c", code)


def test_a_cable_that_is_pulled_is_a_link_that_is_down():
    with Namespace() as network:
        assert network.figures()["hw.network.up", "name=wan0"] == 1
        network.ip("link", "set", "far0", "down")
        assert network.figures()["hw.network.up", "name=wan0"] == 0
        network.ip("link", "set", "far0", "up")
        seen = network.figures()
        assert seen["hw.network.up", "name=wan0"] == 1
        assert seen["hw.network.bandwidth.limit", "name=wan0"] == 10e9 / 8      # what veth says of itself


def test_bridges_and_loopback_are_left_out():
    with Namespace() as network:
        network.ip("link", "add", "docker0", "type", "bridge")
        network.ip("link", "set", "docker0", "up")
        assert {instance for metric, instance in network.figures() if metric == "hw.network.up"} == {"name=wan0", "name=far0"}


class Watcher:
    """`picket run` on this machine itself, or in a network of its own, every second, without any rule; its newest figures."""

    def __init__(self, *rules, network=None, **more):
        self.rules, self.network, self.more = rules, network, more

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="pk-"))
        names = json.loads(subprocess.run([PICKET, "config", "rules", "--json"], capture_output=True, check=True).stdout)
        off = [{"name": rule["name"], "enabled": False} for rule in names["rules"]
               if rule["name"] not in [r["name"] for r in self.rules]]
        config = self.folder / "picket.json"
        config.write_text(json.dumps({"collect": {"period_s": 1}, "rules": off + list(self.rules), **self.more}))
        self.start()
        return self

    def start(self):
        self.child = Child([*(self.network.enter if self.network else []), PICKET, "run", "--config",
                            self.folder / "picket.json", "--state", self.folder / "state"], self.folder / "log")
        self.child.wait_ready(self.status, 30, "picket run")

    def __exit__(self, *_):
        self.child.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def status(self):
        done = subprocess.run([PICKET, "status", "--json", "--all", "--state", self.folder / "state"], capture_output=True,
                              text=True, timeout=20)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def figures(self):
        return {(row["name"], row["instance"]): row["value"] for row in self.status()["figures"]}

    def wait(self, fits, what, seconds=15):
        return until(lambda: fits(self.figures()), seconds, what)


def test_a_file_system_is_there_while_it_is_mounted_and_a_loop_device_is_no_disk():
    with Watcher() as watcher:
        with TinyDisk(16) as disk:
            key = "system.filesystem.limit", f"mountpoint={disk.path}"
            watcher.wait(lambda f: key in f, "the new file system is seen")
            disk.fill()
            full = "system.filesystem.utilization", f"mountpoint={disk.path}"
            watcher.wait(lambda f: f.get(full, 0) > 0.95, "it is full")
            loop = disk.device.removeprefix("/dev/")
            assert not [i for m, i in watcher.figures() if m.startswith("system.disk.") and f"device={loop}" in i]
        watcher.wait(lambda f: key not in f, "the old one is forgotten", 20)


def test_a_renamed_interface_is_another_one():
    with Namespace() as network, Watcher(network=network) as watcher:
        up = "hw.network.up"
        watcher.wait(lambda f: (up, "name=wan0") in f, "the interface is seen")
        network.ip("link", "set", "wan0", "down")
        network.ip("link", "set", "wan0", "name", "lan0")
        network.ip("link", "set", "lan0", "up")
        watcher.wait(lambda f: f.get((up, "name=lan0")) == 1, "it is seen under its new name")
        rate = "system.network.io.rate"
        watcher.wait(lambda f: (rate, "name=lan0 direction=transmit") in f, "its traffic is counted under it")
        watcher.wait(lambda f: not [i for _, i in f if "wan0" in i], "the old name is forgotten", 20)


def test_an_interface_that_begins_anew_gives_no_rate_of_what_it_lost():
    rate = "system.network.io.rate", "name=wan0 direction=transmit"
    with Namespace() as network, Watcher(network=network) as watcher:
        watcher.wait(lambda f: rate in f, "a first rate")
        network.send("wan0", 20000)
        seen = [watcher.wait(lambda f: f.get(rate, 0) > 100000 and f, "much traffic")[rate]]
        network.ip("link", "delete", "wan0")
        network.add("wan0", "far0")         # the same name, and its counters are 0
        network.send("wan0", 100)
        rounds = [watcher.status()["agent"]["rounds"]]
        while rounds[-1] < rounds[0] + 4:
            seen.append(watcher.figures().get(rate, 0))
            rounds.append(watcher.status()["agent"]["rounds"])
        assert 0 <= min(seen) and max(seen[1:]) <= max(seen[0], 20e6), seen     # never 2^64 a second


def test_a_bind_mount_is_the_same_file_system_and_lives_on_without_the_first():
    with Watcher() as watcher, TinyDisk(16) as disk:
        other = Path(tempfile.mkdtemp(prefix="bind-of-the-longer-path-"))      # the shorter path gives the name
        limit = "system.filesystem.limit"
        try:
            watcher.wait(lambda f: (limit, f"mountpoint={disk.path}") in f, "the file system is seen")
            subprocess.run(["mount", "--bind", disk.path, other], check=True)
            with TinyDisk(16, name="later") as later:       # once this one is seen, the bind mount was looked at
                watcher.wait(lambda f: (limit, f"mountpoint={later.path}") in f, "a later one is seen")
                assert (limit, f"mountpoint={other}") not in watcher.figures()
            subprocess.run(["umount", disk.path], check=True)
            watcher.wait(lambda f: (limit, f"mountpoint={other}") in f, "it is seen where it still is", 20)
        finally:
            subprocess.run(["umount", other], check=False)
            other.rmdir()


def test_in_a_container_what_is_the_hosts_is_not_offered():
    done = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", PICKET, "check", "--json"], capture_output=True,
                          text=True)
    if not done.stdout:
        pytest.skip(f"no namespace of processes here: {done.stderr.strip()}")
    metrics = {metric for metric, _ in parse(done.stdout)}
    assert "system.cpu.utilization" in metrics
    assert not [m for m in metrics if m.startswith(("system.clock.", "system.linux.kernel.", "system.linux.crashes",
                                                    "system.linux.shutdown"))]


def test_batteries_and_zones_are_read_by_the_process_that_is_made_for_it():
    """Over folders of the kernel that a virtual machine has empty."""
    files = {"power_supply/BAT0": {"type": "Battery", "capacity": "87", "charge_full": "30", "charge_full_design": "60",
                                   "status": "Discharging", "model_name": "B1"},
             "power_supply/AC": {"type": "Mains", "online": "0"},
             "thermal/thermal_zone0": {"type": "cpu-thermal", "temp": "99000", "trip_point_0_type": "critical",
                                       "trip_point_0_temp": "95000"}}
    if not all(Path("/sys/class", folder).is_dir() for folder in ("power_supply", "thermal")):
        pytest.skip("this kernel has no such folders")
    if any(Path("/sys/class/hwmon").glob("*")):
        pytest.skip("this machine has sensors of its own")
    script = ["set -e", "mount -t tmpfs none /sys/class/power_supply", "mount -t tmpfs none /sys/class/thermal"]
    for folder, texts in files.items():
        script.append(f"mkdir /sys/class/{folder}")
        script += [f"echo '{text}' >/sys/class/{folder}/{name}" for name, text in texts.items()]
    done = subprocess.run(["unshare", "--mount", "sh", "-c", "\n".join([*script, f"exec {PICKET} check --json"])],
                          capture_output=True, text=True)
    seen = {key: value for key, value in parse(done.stdout).items() if key[0].startswith("hw.") and "network" not in key[0]}
    assert seen == {("hw.battery.charge", "id=BAT0"): 0.87, ("hw.battery.health", "id=BAT0"): 0.5,
                    ("hw.battery.discharging", "id=BAT0"): 1, ("hw.power_supply.online", ""): 0,
                    ("hw.temperature", "id=thermal_zone0"): 99, ("hw.temperature.critical", "id=thermal_zone0"): 1,
                    ("hw.temperature.limit", "id=thermal_zone0 limit_type=high.critical"): 95}


def test_a_machine_that_went_down_without_being_shut_down():
    if float(Path("/proc/uptime").read_text().split()[0]) > 23 * 3600:
        pytest.skip("this machine has been running for a day: how it started is no news")
    unclean = "system.linux.shutdown.unclean", ""
    rule = {"name": "unclean-shutdown"}
    with Watcher(rule, quiet={"after_boot_s": 0, "after_resume_s": 0}, upstreams=[{"connector": "desk"}]) as watcher:
        mark = watcher.folder / "state/last-run"
        before = watcher.figures().get(unclean)     # by this machine's own records, or not known

        def start_as_if_it_had_been(stop):
            stop()
            text = mark.read_text()
            boot = text.split("boot ")[1].split("\n")[0]
            mark.write_text(text.replace(boot, boot[::-1] if boot != boot[::-1] else "0" + boot[1:]))
            watcher.start()
            return watcher.wait(lambda f: unclean in f and f, "it is told")[unclean]

        assert start_as_if_it_had_been(watcher.child.stop) == 0             # it was told to stop
        if before is None:
            assert start_as_if_it_had_been(watcher.child.kill) == 1         # it never was
            until(lambda: [a for a in watcher.status()["alerts"] if a["rule"] == "unclean-shutdown" and a["open"]], 10,
                  "the alert is raised")
            assert start_as_if_it_had_been(watcher.child.stop) == 0
            until(lambda: not [a for a in watcher.status()["alerts"] if a["open"]], 10, "the alert is over")


class DeadServer:
    """A file system of FUSE whose server never answers: who asks it for anything waits for ever, as with a dead NFS."""

    def __enter__(self):
        if not os.path.exists("/dev/fuse"):
            raise need.Skip("no /dev/fuse here")
        self.path = Path(tempfile.mkdtemp(prefix="dead-"))
        self.fd = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={self.fd},rootmode=40000,user_id=0,group_id=0".encode()
        if LIBC.mount(b"dead", os.fsencode(self.path), b"fuse.dead", 0, options) != 0:
            why = os.strerror(ctypes.get_errno())
            self.__exit__()
            raise need.Skip(f"mounting FUSE: {why}")
        return self

    def __exit__(self, *_):
        os.close(self.fd)       # whoever waits gets an error now
        LIBC.umount2(os.fsencode(self.path), 2)
        self.path.rmdir()


def test_a_dead_server_hangs_whoever_asks_but_not_the_agent():
    with DeadServer() as dead:
        asking = subprocess.Popen(["stat", "--file-system", dead.path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with pytest.raises(subprocess.TimeoutExpired):
            asking.wait(1)      # so it is as dead as it should be
        with Watcher() as watcher:
            assert not [i for _, i in watcher.figures() if str(dead.path) in i]
            with TinyDisk(16) as disk:      # and mounts are still looked at beside it
                key = "system.filesystem.limit", f"mountpoint={disk.path}"
                watcher.wait(lambda f: key in f, "another file system is seen")
        done = subprocess.run([PICKET, "check", "--json"], capture_output=True, text=True, timeout=30)
        assert ("system.uptime", "") in parse(done.stdout)
    asking.wait(10)


class SmallMemory:
    """A control group of 24 MB, of version 1 or 2."""

    def __enter__(self):
        for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
            self.path = Path(root) / f"picket-test-{os.getpid()}"
            try:
                self.path.mkdir()
                (self.path / limit).write_text(str(24 << 20))
                return self
            except OSError as error:
                why = error
                if self.path.is_dir():
                    self.path.rmdir()
        raise need.Skip(f"no control group of memory here: {why}")

    def __exit__(self, *_):
        self.path.rmdir()

    def take_too_much(self):
        """The exit code of a program that wants 200 MB."""
        code = (f"import os; open('{self.path}/cgroup.procs', 'w').write(str(os.getpid())); "
                "kept = [bytearray(os.urandom(1 << 20)) for _ in range(200)]")
        return subprocess.run([need.program("python3"), "-S", "-c", code], check=False).returncode


@pytest.mark.slow
@pytest.mark.side_by_side
@pytest.mark.limit(240)
def test_a_program_ended_for_want_of_memory_is_an_alert_that_ends_by_itself():
    rule = {"name": "oom-kill", "warning": {"above": 0, "clear_for_s": 0}}
    with SmallMemory() as group, Watcher(rule, quiet={"after_boot_s": 0, "after_resume_s": 0}) as watcher:
        before = watcher.wait(lambda f: (f.get(("system.memory.linux.oom_kills", "")) is not None) and f, "a first reading")
        if group.take_too_much() != -9:
            pytest.skip("this kernel did not end the program (swap, or no limit)")
        count = "system.memory.linux.oom_kills", ""
        seen = until(lambda: [a for a in watcher.status()["alerts"] if a["rule"] == "oom-kill" and a["open"]], 70,
                     "the alert is raised")
        assert watcher.figures()[count] == before[count] + 1
        assert "ran out of memory" in seen[0]["title"]
        until(lambda: not [a for a in watcher.status()["alerts"] if a["open"]], 90, "the alert is over")


def test_the_busiest_are_named_by_their_program_and_never_by_what_it_was_told():
    secret = "hunter2-never-to-be-seen"
    busy = subprocess.Popen(["sh", "-c", "while :; do :; done", secret])
    try:
        plain = subprocess.run([PICKET, "check", "--json"], capture_output=True, text=True)
        asked = subprocess.run([PICKET, "check", "--json", "--all"], capture_output=True, text=True)
    finally:
        busy.kill()
        busy.wait()
    assert not [metric for metric, _ in parse(plain.stdout) if metric.startswith("process.")]     # only on demand
    seen = parse(asked.stdout)
    assert seen["process.cpu.utilization", f"name=sh pid={busy.pid}"] > 0
    assert 5 <= len([metric for metric, _ in seen if metric == "process.memory.usage"]) <= 10      # of two readings
    assert "system.process.defunct" in [metric for metric, _ in seen]
    assert secret not in asked.stdout
