"""`picket inventory`: beside the machine's own tools, below roots of other systems, and what a running agent keeps of it."""
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import time
from pathlib import Path

import pytest

from rigs import need
from rigs.agent import PICKET
from rigs.child import until

SCHEMA = need.REPO / "proto/schema/inventory.schema.json"


@pytest.fixture(autouse=True)
def program():
    if not PICKET.exists():
        pytest.skip(f"{PICKET} is not built")


def run(*args, before=(), **more):
    return subprocess.run([*before, PICKET, *args], capture_output=True, text=True, timeout=60, **more)


def inventory(*args, **more):
    done = run("inventory", "--json", *args, **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def below(root):
    done = run("probe", "inventory", "--root", root)
    assert done.returncode == 0, done.stderr
    return valid(json.loads(done.stdout))


def valid(document):
    jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    return document


def by(entries, *keys):
    return {tuple(e[k] for k in keys) if len(keys) > 1 else e[keys[0]]: e for e in entries}


# -- this machine

def test_the_document_keeps_its_schema_and_its_order():
    document = valid(inventory())
    assert list(document)[:3] == ["version", "incomplete", "system"]
    for name, keys in {"packages": ("manager", "name", "architecture", "slot"), "users": ("name",), "groups": ("name",),
                       "services": ("manager", "name"), "interfaces": ("name",), "disks": ("id",)}.items():
        order = [tuple((e[k] or "").encode() for k in keys) for e in document[name]]
        assert order == sorted(order) and len(set(order)) == len(order), name


def test_two_gatherings_print_the_same_bytes():
    first, second = inventory(), inventory()
    for document in (first, second):
        document["boot"]["time"] = None  # a slewed clock may move it by a second
        for service in document["services"]:
            service["running"] = None    # this machine works meanwhile
    assert first == second


def test_one_section_can_be_asked_for():
    assert set(inventory("--section", "users")) == {"version", "incomplete", "users"}
    refused = run("inventory", "--section", "user")
    assert refused.returncode == 2 and "there is no section" in refused.stderr


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="no dpkg here")
def test_the_packages_are_those_of_dpkg():
    for _ in range(45):  # while dpkg is at work it keeps its news in a journal of its own
        if os.listdir("/var/lib/dpkg/updates"):
            time.sleep(1)
            continue
        said = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}\t${Package}\t${Architecture}\t${Version}\n"],
                              capture_output=True, text=True, check=True).stdout
        want = {tuple(line.split("\t")[1:]) for line in said.splitlines()
                if line.split("\t")[0] not in ("config-files", "not-installed")}
        got = {(p["name"], p["architecture"], p["version"]) for p in inventory("--section", "packages")["packages"]
               if p["manager"] == "dpkg"}
        if got == want:
            assert len(want) > 50
            return
    if os.listdir("/var/lib/dpkg/updates"):
        pytest.skip("dpkg is at work all the time")
    assert got == want


def addresses_of(said):
    """What `ip -j addr` says, without what changes by itself."""
    return {link["ifname"]: sorted(f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"]
                                   if not a.get("temporary")) for link in json.loads(said)}


@pytest.mark.skipif(not shutil.which("ip"), reason="iproute2 is not installed")
def test_the_addresses_are_those_of_ip():
    want = addresses_of(subprocess.run(["ip", "-j", "addr"], capture_output=True, check=True).stdout)
    macs = {x["ifname"]: x.get("address") for x in json.loads(subprocess.run(["ip", "-j", "link"], capture_output=True).stdout)}
    got = by(inventory("--section", "interfaces")["interfaces"], "name")
    assert got.keys() <= want.keys()
    for name, nic in got.items():
        assert sorted(nic["addresses"]) == want[name], name
        assert nic["mac"] in (None, macs[name]), name


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("ip"), reason="a network namespace needs root and iproute2")
def test_a_namespace_shows_its_own_addresses():
    made = ("ip link set lo up && ip link add wan0 type veth peer name wan1 && ip link set wan0 up && ip link set wan1 up && "
            "ip addr add 192.0.2.7/24 dev wan0 && ip addr add 2001:db8::7/64 dev wan0 nodad && "
            "ip route add default via 192.0.2.1 && mount -t sysfs none /sys && ")
    done = subprocess.run(["unshare", "--net", "--mount", "sh", "-c", made + f"{PICKET} inventory --json && ip -j addr"],
                          capture_output=True, text=True, timeout=60)
    if done.returncode and "ermi" in done.stderr:
        pytest.skip("no network namespaces here: " + done.stderr.strip())
    document, end = json.JSONDecoder().raw_decode(done.stdout)
    want = addresses_of(done.stdout[end:])
    got = by(document["interfaces"], "name")
    assert sorted(got["wan0"]["addresses"]) == want["wan0"] and "192.0.2.7/24" in want["wan0"]
    assert document["network"]["gateways"] == ["192.0.2.1 wan0"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another")
def test_others_are_told_what_they_may_not_read(tmp_path):
    mine = inventory("--section", "users")
    nobody = inventory("--section", "users", user=65534, group=65534, extra_groups=[])
    assert {u["name"] for u in nobody["users"]} == {u["name"] for u in mine["users"]}
    assert not mine["incomplete"] and by(mine["users"], "name")["root"]["password"]
    assert all(u["password"] is None and u["password_changed"] is None for u in nobody["users"])
    assert [(g["section"], g["part"]) for g in nobody["incomplete"] if g["section"] == "users"] == [("users", "passwords")]
    assert "administrator" in nobody["incomplete"][-1]["reason"]


def test_no_hash_of_a_password_is_printed(tmp_path):
    root = debian(tmp_path)
    assert "SECRETHASH" not in run("probe", "inventory", "--root", root).stdout


# -- other systems

def write(root, path, text):
    file = Path(root) / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(text, bytes):
        file.write_bytes(text)
    else:
        file.write_text(text)


def link(root, path, target):
    file = Path(root) / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to(target)


def machine(root):
    """What is the same on all of them."""
    for name, text in {"sys_vendor": "LENOVO", "product_name": "20W000T9GE", "product_version": "ThinkPad T14 Gen 2i",
                       "product_serial": "PF3ABCDE", "product_uuid": "5d3b2c1a-0000-1111-2222-333344445555",
                       "chassis_type": "10", "bios_vendor": "LENOVO", "bios_version": "N34ET58W (1.58 )",
                       "board_serial": "Default string"}.items():
        write(root, f"/sys/class/dmi/id/{name}", text + "\n")
    for cpu in range(4):
        write(root, f"/sys/devices/system/cpu/cpu{cpu}/topology/physical_package_id", "0\n")
        write(root, f"/sys/devices/system/cpu/cpu{cpu}/topology/core_id", f"{cpu // 2}\n")
    write(root, "/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Core(TM) i5\nflags\t\t: fpu\n")
    disk = "/sys/devices/pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1"
    write(root, f"{disk}/size", "1000215216\n")
    write(root, f"{disk}/queue/rotational", "0\n")
    write(root, "/sys/devices/pci0000:00/0000:00:1d.0/nvme/nvme0/model", "SAMSUNG MZVL2512\n")
    write(root, "/sys/devices/pci0000:00/0000:00:1d.0/nvme/nvme0/serial", "S64KNX0R \n")
    link(root, f"{disk}/device", "../../nvme0")
    link(root, "/sys/block/nvme0n1", "../devices/pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1")
    write(root, "/etc/resolv.conf", "nameserver 192.0.2.53\nsearch example.com\n")
    return root


def debian(root):
    machine(root)
    write(root, "/etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n')
    write(root, "/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000:Alice,,,:/home/alice:/bin/bash\n")
    write(root, "/etc/shadow", "root:*:19700:0:99999:7:::\nalice:$y$j9T$SECRETHASH$SECRETHASH:19723:0:99999:7:::\n")
    write(root, "/etc/group", "root:x:0:\nsudo:x:27:alice\nalice:x:1000:\n")
    write(root, "/etc/timezone", "Europe/Berlin\n")
    link(root, "/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin")
    write(root, "/etc/default/locale", "LANG=de_DE.UTF-8\n")
    write(root, "/etc/hostname", "lap7\n")
    write(root, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    write(root, "/var/lib/dpkg/status", (need.REPO / "tests/unit/fixtures/linux/dpkg/debian12").read_text())
    write(root, "/lib/systemd/system/ssh.service", "[Service]\n[Install]\nWantedBy=multi-user.target\n")
    link(root, "/etc/systemd/system/multi-user.target.wants/ssh.service", "/lib/systemd/system/ssh.service")
    return root


def rpm_header(name, version, release, arch, epoch=None):
    entries, data = [], b""
    for tag, text in ((1000, name), (1001, version), (1002, release), (1022, arch)):
        entries.append(struct.pack(">IIII", tag, 6, len(data), 1))
        data += text.encode() + b"\0"
    if epoch is not None:
        data += bytes(-len(data) % 4)
        entries.append(struct.pack(">IIII", 1003, 4, len(data), 1))
        data += struct.pack(">I", epoch)
    return struct.pack(">II", len(entries), len(data)) + b"".join(entries) + data


def rocky(root):
    machine(root)
    write(root, "/etc/os-release", 'NAME="Rocky Linux"\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\nID="rocky"\nVERSION_ID="9.4"\n')
    write(root, "/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nops:x:1000:1000::/home/ops:/bin/bash\n")
    write(root, "/etc/group", "root:x:0:\nwheel:x:10:ops\n")
    write(root, "/etc/locale.conf", "LANG=en_US.UTF-8\n")
    write(root, "/usr/lib/systemd/system/sshd.service", "[Service]\n[Install]\n")
    write(root, "/var/lib/rpm/x", "")
    with sqlite3.connect(root / "var/lib/rpm/rpmdb.sqlite") as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        for header in (rpm_header("bash", "5.1.8", "9.el9", "x86_64"), rpm_header("bind-libs", "9.16.23", "18.el9_4", "x86_64", 32),
                       rpm_header("kernel-core", "5.14.0", "427.13.1.el9_4", "x86_64"),
                       rpm_header("kernel-core", "5.14.0", "427.20.1.el9_4", "x86_64")):
            db.execute("INSERT INTO Packages(blob) VALUES(?)", (header,))
    db.close()
    return root


def alpine(root):
    machine(root)
    write(root, "/etc/os-release", 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.1\nPRETTY_NAME="Alpine Linux v3.20"\n')
    write(root, "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
    write(root, "/etc/group", "root:x:0:root\nwheel:x:10:root\n")
    write(root, "/lib/apk/db/installed", (need.REPO / "tests/unit/fixtures/linux/apk/alpine320").read_text())
    write(root, "/etc/init.d/sshd", "#!/sbin/openrc-run\n")
    write(root, "/etc/init.d/acpid", "#!/sbin/openrc-run\n")
    link(root, "/etc/runlevels/default/sshd", "/etc/init.d/sshd")
    return root


def test_a_root_of_debian(tmp_path):
    d = below(debian(tmp_path))
    assert (d["os"]["id"], d["os"]["time_zone"], d["os"]["locale"]) == ("debian", "Europe/Berlin", "de_DE.UTF-8")
    assert d["os"]["machine_id_hash"] and "0123456789abcdef" not in d["os"]["machine_id_hash"]
    assert d["system"]["name"] == "lap7" and d["system"]["serial"] == "PF3ABCDE" and d["system"]["chassis_kind"] == "notebook"
    assert d["system"]["board_serial"] is None  # a filler
    assert (d["processor"]["sockets"], d["processor"]["cores"], d["processor"]["threads"]) == (1, 2, 4)
    assert d["disks"] == [{"id": "S64KNX0R", "name": "nvme0n1", "model": "SAMSUNG MZVL2512", "serial": "S64KNX0R",
                           "size_bytes": 1000215216 * 512, "bus": "nvme", "rotational": False, "removable": False,
                           "firmware": None}]
    alice = by(d["users"], "name")["alice"]
    assert (alice["full_name"], alice["password"], alice["password_changed"]) == ("Alice", "set", "2024-01-01")
    assert d["administrators"] == [{"name": "alice", "by": ["group sudo"]}, {"name": "root", "by": ["user id 0"]}]
    assert [(p["name"], p["version"]) for p in d["packages"]][0] == ("adduser", "3.134") and len(d["packages"]) == 5
    assert d["services"] == [{"manager": "systemd", "name": "ssh.service", "start": "enabled", "running": None}]
    assert d["network"]["dns_servers"] == ["192.0.2.53"] and d["environment"]["virtualization"] == "none"


LIMITED = """set -e
memory=/sys/fs/cgroup/memory/picket-$$ cpu=/sys/fs/cgroup/cpu/picket-$$
mkdir $memory $cpu
trap 'rmdir $memory $cpu' EXIT
echo 268435456 >$memory/memory.limit_in_bytes
echo 100000 >$cpu/cpu.cfs_period_us; echo 150000 >$cpu/cpu.cfs_quota_us
unshare -m sh -c "mount --bind $memory /sys/fs/cgroup/memory; mount --bind $cpu /sys/fs/cgroup/cpu; exec $PICKET inventory --json"
"""


def test_the_limits_of_a_container_are_told(tmp_path):
    """As a container engine does it with control groups of version 1; files of version 2 stand in the unit test."""
    if os.geteuid() != 0 or not os.access("/sys/fs/cgroup/memory/memory.limit_in_bytes", os.W_OK):
        pytest.skip("needs root, and control groups of version 1")
    done = subprocess.run(["sh", "-c", LIMITED], capture_output=True, text=True, env={**os.environ, "PICKET": str(PICKET)})
    assert done.returncode == 0, done.stderr
    d = valid(json.loads(done.stdout))
    assert (d["environment"]["memory_limit_bytes"], d["environment"]["cpu_limit_millis"]) == (256 << 20, 1500)
    assert d["memory"]["visible_bytes"] > 256 << 20         # still the machine's: docs/install.md says so


def test_a_root_of_rocky(tmp_path):
    d = below(rocky(tmp_path))
    assert d["os"]["id"] == "rocky" and d["os"]["locale"] == "en_US.UTF-8"
    assert [(p["name"], p["slot"], p["version"]) for p in d["packages"]] == [
        ("bash", None, "5.1.8-9.el9"), ("bind-libs", None, "32:9.16.23-18.el9_4"),
        ("kernel-core", "5.14.0-427.13.1.el9_4", "5.14.0-427.13.1.el9_4"),
        ("kernel-core", "5.14.0-427.20.1.el9_4", "5.14.0-427.20.1.el9_4")]
    assert d["administrators"][0] == {"name": "ops", "by": ["group wheel"]}
    assert d["services"][0]["start"] == "disabled"


def test_a_root_of_alpine(tmp_path):
    d = below(alpine(tmp_path))
    assert [p["name"] for p in d["packages"]] == ["alpine-baselayout", "busybox", "musl"]
    assert [(s["name"], s["start"]) for s in d["services"]] == [("acpid", "disabled"), ("sshd", "enabled")]
    assert d["administrators"] == [{"name": "root", "by": ["user id 0", "group wheel"]}]


@pytest.mark.skipif(not shutil.which("rpmbuild"), reason="rpm is not installed")
def test_a_database_that_rpm_made(tmp_path):
    """Packages built and installed by rpm itself: what it lists is what we list."""
    top, root = tmp_path / "top", tmp_path / "root"
    root.mkdir()
    for name, epoch in (("made-one", 0), ("made-two", 3)):
        spec = tmp_path / f"{name}.spec"
        spec.write_text(f"Name: {name}\nVersion: 1.{epoch}\nRelease: 2\n" + (f"Epoch: {epoch}\n" if epoch else "") +
                        "Summary: s\nLicense: MIT\nBuildArch: noarch\n%description\nd\n%files\n")
        subprocess.run(["rpmbuild", "-bb", "--define", f"_topdir {top}", spec], check=True, capture_output=True)
    packages = [str(p) for p in (top / "RPMS").rglob("*.rpm")]
    made = ["rpm", "--root", str(root), "--dbpath", "/var/lib/rpm", "--define", "_db_backend sqlite"]
    subprocess.run([*made, "-i", "--nodeps", "--noscripts", "--ignorearch", "--ignoreos", *packages], check=True, capture_output=True)
    said = subprocess.run([*made, "-qa", "--qf", "%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE} %{ARCH}\n"],
                          check=True, capture_output=True, text=True).stdout
    assert (root / "var/lib/rpm/rpmdb.sqlite").exists()
    got = below(root)["packages"]
    assert sorted(f"{p['name']} {p['version']} {p['architecture']}" for p in got) == sorted(said.split("\n")[:-1])
    assert len(got) == 2


# -- what a running agent keeps

OVERLAID = ("etc", "var/lib")


class Machine:
    """An agent that was installed, on a machine whose /etc, /var/lib and /run can be written without anybody else noticing: real
    programs (dpkg, useradd) change it. `run` works on that machine, also as another user."""

    def __init__(self, folder):
        mounts = "mount --make-rprivate / && mount -t tmpfs none $0 && "
        for name in OVERLAID:
            base = f"$0/{name.replace('/', '-')}"
            mounts += (f"mkdir -p {base}/up {base}/work && "
                       f"mount -t overlay none -o lowerdir=/{name},upperdir={base}/up,workdir={base}/work /{name} && ")
        mounts += ("mount -t tmpfs -o mode=755 none /run && mkdir -p /etc/picket && rm -rf /var/lib/picket && "
                   f"cp {PICKET} /run/picket-under-test && "
                   "printf '{\"collect\":{\"period_s\":1}}' >/etc/picket/picket.json && exec sleep 1000")
        self.keeper = subprocess.Popen(["unshare", "--mount", "sh", "-c", mounts, str(folder)], stderr=subprocess.PIPE, text=True)
        self.agent, self.log = None, folder.parent / "log"
        while self.run("test", "-s", "/etc/picket/picket.json", check=False).returncode:
            if self.keeper.poll() is not None:
                pytest.skip("no private file systems here: " + self.keeper.stderr.read().strip())
            time.sleep(0.05)

    def run(self, *words, nobody=False, check=True):
        become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--reset-env"] if nobody else []
        done = subprocess.run(["nsenter", f"--mount=/proc/{self.keeper.pid}/ns/mnt", *become, *map(str, words)], capture_output=True,
                              text=True, timeout=60, cwd="/")
        assert not check or done.returncode == 0, done.stderr
        return done

    def picket(self, *words, **more):
        return self.run("/run/picket-under-test", *words, **more)

    def changes(self, *words, **more):
        got = json.loads(self.picket("inventory", "--json", *words, **more).stdout)
        return [(c["change"], c["section"], c["key"].get("name"), c.get("was"), c.get("now")) for c in valid(got)["changes"]]

    def start(self):
        with open(self.log, "ab") as log:
            self.agent = subprocess.Popen(["nsenter", f"--mount=/proc/{self.keeper.pid}/ns/mnt", "/run/picket-under-test", "run"],
                                          stdout=log, stderr=log, cwd="/")
        until(lambda: self.picket("status", check=False).returncode == 0, 30, "an agent that answers")

    def taken(self):
        return self.log.read_text().count("inventory: taken")

    def take(self):
        before = self.taken()
        self.picket("inventory", "--take")
        until(lambda: self.taken() > before, 60, "an inventory that was taken")

    def end(self, how="terminate"):
        if self.agent and self.agent.poll() is None:
            getattr(self.agent, how)()
            self.agent.wait(30)

    def close(self):
        self.end("kill")
        self.keeper.kill()
        self.keeper.wait()


@pytest.fixture
def box(tmp_path):
    if os.geteuid() != 0 or any(not shutil.which(word) for word in ("unshare", "nsenter", "setpriv", "useradd", "dpkg-deb")):
        pytest.skip("needs root, util-linux, useradd and dpkg")
    (tmp_path / "box").mkdir()
    box = Machine(tmp_path / "box")
    try:
        yield box
    finally:
        box.close()
        assert "Sanitizer" not in (box.log.read_text() if box.log.exists() else "")


def deb(folder, version):
    root = folder / f"deb-{version}"
    write(root, "/DEBIAN/control", f"Package: picket-inventory-test\nVersion: {version}\nArchitecture: all\n"
                                   "Maintainer: nobody <nobody@example.com>\nDescription: nothing\n")
    (root / "DEBIAN").chmod(0o755)
    path = folder / f"{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", root, path], check=True, capture_output=True)
    return path


@pytest.mark.slow
def test_what_comes_and_goes_is_told_once_by_diff_and_by_since(box, tmp_path):
    none = box.picket("inventory", "--diff", check=False)
    assert none.returncode == 1 and "picket inventory: " in none.stderr
    box.start()
    assert "that the agent took" in box.picket("inventory", "--since", "1d", check=False).stderr
    box.take()
    assert box.changes("--since", "1d") == [] and box.changes("--diff") == []

    box.run("dpkg", "-i", deb(tmp_path, "1.0-1"))
    box.run("useradd", "-u", "4243", "-M", "mallory")
    came = box.changes("--diff")
    assert ("added", "packages", "picket-inventory-test", None, {"version": "1.0-1"}) in came
    assert [c[:3] for c in came if c[1] == "users"] == [("added", "users", "mallory")]
    assert "+ packages: dpkg picket-inventory-test all (version 1.0-1)\n" in box.picket("inventory", "--diff").stdout
    assert box.changes("--since", "1d") == []  # the agent has not looked since
    box.take()
    assert box.changes("--diff") == [] and box.changes("--since", "1d") == came

    box.run("dpkg", "-i", deb(tmp_path, "1.1-2"))
    box.run("userdel", "mallory")
    box.take()
    since = box.changes("--since", "1d")
    assert since[:len(came)] == came
    assert ("changed", "packages", "picket-inventory-test", {"version": "1.0-1"}, {"version": "1.1-2"}) in since[len(came):]
    assert [c[:3] for c in since if c[1] == "users"] == [("added", "users", "mallory"), ("removed", "users", "mallory")]
    assert {c[1] for c in box.changes("--since", "1d", "--section", "packages")} == {"packages"}
    line = [x for x in box.picket("inventory", "--since", "1d").stdout.splitlines() if "->" in x]
    assert len(line) == 1 and line[0].endswith("Z    packages: dpkg picket-inventory-test all version 1.0-1 -> 1.1-2")

    box.run("dpkg", "-P", "picket-inventory-test")
    box.take()
    told = box.changes("--since", "1d")
    assert told[-1] == ("removed", "packages", "picket-inventory-test", {"version": "1.1-2"}, None)
    box.end()
    assert box.changes("--since", "1d") == told and box.changes("--diff") == []  # the database as it lies there
    assert box.picket("inventory", "--since", "1d", nobody=True, check=False).returncode == 1


@pytest.mark.slow
def test_what_only_the_administrator_may_read_is_told_to_no_other(box):
    box.start()
    box.take()
    box.run("useradd", "-u", "4243", "-M", "mallory")
    box.run("usermod", "-s", "/bin/false", "root")
    box.take()
    box.run("usermod", "-p", "x", "mallory")
    box.take()
    root = [c for c in box.changes("--since", "1d") if c[1] == "users"]
    assert [(c[0], c[2]) for c in root] == [("added", "mallory"), ("changed", "root"), ("changed", "mallory")]
    assert root[-1][3:] == ({"password": "locked"}, {"password": "set"})
    nobody = [c for c in box.changes("--since", "1d", nobody=True) if c[1] == "users"]
    assert [(c[0], c[2]) for c in nobody] == [(c[0], c[2]) for c in root[:-1]]
    assert all((c[4] or {}).get("password") is None and (c[4] or {}).get("password_changed") is None for c in nobody)
    diff = box.changes("--diff", nobody=True)
    assert [c for c in diff if c[1] != "incomplete"] == [], diff
    refused = box.picket("inventory", "--take", nobody=True, check=False)
    assert refused.returncode == 1 and "only the administrator" in refused.stderr


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_no_change_and_tells_none_twice(box):
    box.start()
    box.take()
    names = []
    for i in range(8):
        names.append(f"mallory{i}")
        box.run("useradd", "-u", str(4300 + i), "-M", names[-1])
        box.picket("inventory", "--take")
        time.sleep(i * 0.05)
        box.end("kill")
        box.start()
        known = [c[2] for c in box.changes("--since", "1d") if c[1] == "users"]
        assert known == sorted(set(known)) and set(known) <= set(names)
        assert [c[2] for c in box.changes("--diff") if c[1] == "users"] == [n for n in names if n not in known]
    box.take()
    assert [c[2] for c in box.changes("--since", "1d") if c[1] == "users"] == names
    assert "inventory-" not in box.run("ls", "/run/picket").stdout
