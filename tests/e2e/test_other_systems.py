"""The same program where there is no dpkg: the rpm, the archive with its OpenRC script, and roots that lack nearly everything.

No RHEL and no Alpine can be had here. The rpm is installed by rpm itself into a Debian with systemd, the archive by its own
instructions into one with OpenRC, and into a root that holds nothing but busybox.
"""
import os
import re
import shutil
import subprocess
import tarfile

import pytest

from rigs import need
from rigs.nspawn import Nspawn

pytestmark = pytest.mark.slow

RELEASE = need.REPO / "build/release"
KEPT = '{ "device": { "name": "kept" } }\n'

# rc-service expects what OpenRC makes when it boots.
RUNLEVEL = ("for d in exclusive starting started stopping inactive failed hotplugged wasinactive scheduled daemons options tmp; "
            "do mkdir -p /run/openrc/$d; done; touch /run/openrc/softlevel")


def made(script, folder, *words):
    """What packaging/SCRIPT made of the release."""
    if not (RELEASE / "picket").exists():
        raise need.Skip("the release is not built (cmake --preset release && cmake --build --preset release)")
    done = subprocess.run([need.REPO / "packaging" / script, "--build", RELEASE, "--out", folder, *words],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def chrooted(root, script, seconds=120):
    """Run a script in a root of its own, as a container's first process: (status, what it said)."""
    (root / "story").write_text(script)
    done = subprocess.run(["unshare", "-m", "-p", "-f", "chroot", root, "/bin/sh", "/story"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds)
    return done.returncode, done.stdout


def chapters(output):
    parts = re.split(r"^## (.+)\n", output, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


# -- rpm

@pytest.fixture(scope="module")
def rpms(tmp_path_factory):
    need.apt("rpm")
    return [made("build-rpm", tmp_path_factory.mktemp("rpm"), "--version", version) for version in ("0.1.0", "0.1.1")]


def rpm(root, *words):
    """rpm on a root of its own; what Debian has there is not in its database."""
    done = subprocess.run(["rpm", "--root", root, "--dbpath", "/var/lib/rpm", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def rpm_story(rpms):
    """Installed before the machine starts, changed, upgraded, disabled, upgraded again (to the older), removed."""
    said = {}
    with Nspawn() as box:
        root, config = box.root, box.root / "etc/picket/picket.json"
        wants = root / "etc/systemd/system/multi-user.target.wants/picket.service"
        rpm(root, "--nodeps", "-i", rpms[0])
        said["verified"] = rpm(root, "--nodeps", "-V", "picket")
        said["installed"] = wants.is_symlink()
        said["booted"] = box.run("for i in $(seq 100); do picket status >/dev/null 2>&1 && break; sleep 0.1; done\n"
                                 "systemctl is-active picket\npicket status --json | grep '\"version\"'\n"
                                 "getent passwd _picket\nstat -c '%a %U:%G %n' /etc/picket/secrets /var/lib/picket\n").output
        config.write_text(KEPT)
        rpm(root, "--nodeps", "-U", rpms[1])
        said["upgraded"] = (rpm(root, "-q", "picket"), config.read_text(), wants.is_symlink())
        wants.unlink()
        rpm(root, "--nodeps", "-U", "--oldpackage", rpms[0])
        said["disabled"] = wants.is_symlink()
        rpm(root, "-e", "picket")
        said["left"] = sorted(str(p.relative_to(root)) for top in ("usr", "etc", "var/lib") for p in (root / top).rglob("*picket*"))
        said["saved"] = (root / "etc/picket/picket.json.rpmsave").read_text()
    return said


def test_the_rpm_is_whole_and_made_twice_the_same(rpms, tmp_path):
    folder = need.cache("rpm-home")      # rpm keeps a database even for asking
    ask = lambda *words: subprocess.run(["rpm", "--dbpath", folder, *words], capture_output=True, text=True).stdout
    assert ask("-K", rpms[0]).endswith(": digests OK\n")
    files = ask("-qlp", rpms[0]).split()
    assert {"/usr/bin/picket", "/usr/lib/systemd/system/picket.service", "/etc/picket/picket.json",
            "/usr/share/licenses/picket/NOTICES"} <= set(files)
    assert ask("-qcp", rpms[0]).split() == ["/etc/picket/picket.json"]
    assert "common-licenses" not in subprocess.run(["rpm2cpio", rpms[0]], capture_output=True).stdout.decode(errors="replace")
    again = made("build-rpm", tmp_path, "--version", "0.1.0")
    assert open(again, "rb").read() == open(rpms[0], "rb").read()


def test_an_installed_rpm_runs_with_an_account_of_its_own(rpm_story):
    assert rpm_story["installed"] and rpm_story["verified"] == ""
    lines = rpm_story["booted"].splitlines()
    assert lines[0] == "active" and '"0.1.0"' in lines[1], lines
    assert lines[2].startswith("_picket:") and lines[3:] == ["750 root:_picket /etc/picket/secrets", "700 root:root /var/lib/picket"]


def test_upgrading_an_rpm_keeps_the_administrator_s_configuration_and_word(rpm_story):
    name, config, enabled = rpm_story["upgraded"]
    assert name.startswith("picket-0.1.1-1.") and config == KEPT and enabled
    assert not rpm_story["disabled"]


def test_removing_an_rpm_leaves_what_is_the_administrator_s(rpm_story):
    assert rpm_story["saved"] == KEPT
    assert rpm_story["left"] == ["etc/picket", "etc/picket/picket.json.rpmsave", "var/lib/picket"]


# -- the archive

@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return made("build-tar", tmp_path_factory.mktemp("tar"))


def unpacked(archive, folder):
    with tarfile.open(archive) as tar:
        top = tar.getnames()[0]
        tar.extractall(folder)
    return folder / top


def to_type(text, *chosen):
    """The commands of INSTALL: all of them, but of each choice only the one whose line has a word that was chosen."""
    lines, wanted = [], True
    for line in text.splitlines():
        if line.startswith("    "):
            lines += [line.strip()] if wanted else []
        elif line.startswith("   "):
            wanted = any(word in line for word in chosen)
        elif line[:1].isdigit():
            wanted = True
    return "\n".join(lines)


def fetch_openrc(folder):
    for package in ("openrc", "librc1", "libeinfo1"):
        done = subprocess.run(["apt-get", "-q", "download", package], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise need.Skip(f"cannot download {package}: {done.stderr.strip()[-200:]}")


OPENRC = r"""
set -e
mount -t proc proc /proc
RUNLEVEL
cd /PLACE
COMMANDS
set +e
for i in $(seq 100); do picket status >/dev/null 2>&1 && break; sleep 0.1; done
echo "## started"; rc-service picket status; stat -c '%a %U %n' /var/log/picket.log /run/picket /var/lib/picket
echo "## reloaded"; rc-service picket reload; sleep 2; cat /var/log/picket.log
old=$(pgrep -f '^/usr/bin/picket run'); kill -9 $old
for i in $(seq 200); do new=$(pgrep -f '^/usr/bin/picket run') && [ "$new" != "$old" ] && break; sleep 0.1; done
echo "## respawned"; [ -n "$new" ] && [ "$new" != "$old" ] && echo another
rc-service picket stop
echo "## stopped"; pgrep -f '/usr/bin/picket run' || echo gone
"""


def test_the_archive_by_its_own_instructions_runs_under_openrc(archive):
    debs = need.cached("openrc-" + need.key("openrc"), fetch_openrc)
    with Nspawn() as box:
        for deb in debs.glob("*.deb"):
            files = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True, capture_output=True).stdout
            subprocess.run(["tar", "-x", "--keep-directory-symlink", "-C", box.root], input=files, check=True)
        (box.root / "etc/insserv.conf").touch()
        place = unpacked(archive, box.root)
        script = OPENRC.replace("COMMANDS", to_type((place / "INSTALL").read_text(), "most distributions", "OpenRC"))
        status, output = chrooted(box.root, script.replace("RUNLEVEL", RUNLEVEL).replace("PLACE", place.name))
    said = chapters(output)
    assert status == 0 and "status: started" in said["started"], output
    assert "640 root /var/log/picket.log\n755 root /run/picket\n700 root /var/lib/picket\n" in said["started"]
    assert "configuration: in force: /etc/picket/picket.json" in said["reloaded"]
    assert said["respawned"].startswith("another\n") and said["stopped"].endswith("gone\n"), output


# -- roots that lack nearly everything

BUSYBOX = r"""
set -e
mount -t proc proc /proc
cd /PLACE
COMMANDS
set +e
echo "## account"; stat -c '%a %G' /etc/picket/secrets
echo "## check"; picket check; echo "status $?"
picket run 2>/log & pid=$!
i=0; while [ $i -lt 60 ] && ! picket status >/dev/null 2>&1; do sleep 1; i=$((i + 1)); done
echo "## status"; picket status; echo "status $?"
kill $pid; wait $pid; echo "## ended"; echo "status $?"
"""


@pytest.fixture
def bare(tmp_path):
    """A root with the program and nothing else."""
    if not (RELEASE / "picket").exists():
        raise need.Skip("the release is not built (cmake --preset release && cmake --build --preset release)")
    if os.geteuid() != 0:
        raise need.Skip("a root of its own needs root")
    (tmp_path / "bare/bin").mkdir(parents=True)
    shutil.copy(RELEASE / "picket", tmp_path / "bare/bin")
    return tmp_path / "bare"


def test_alone_in_an_empty_root_it_says_what_there_is_not(bare):
    def ask(*words, seconds=60):
        return subprocess.run(["timeout", "--preserve-status", str(seconds), "chroot", bare, "/bin/picket", *words],
                              capture_output=True, text=True)
    assert ask("version").returncode == 0
    check = ask("check")
    assert check.returncode == 3 and check.stdout.startswith("PICKET UNKNOWN - nothing was read"), check.stdout
    assert ask("inventory", "--json").returncode == 0
    (bare / "run").mkdir()
    ran = ask("run", seconds=5)
    assert ran.returncode == 0 and "memory: reading /proc/meminfo: this system does not offer it" in ran.stderr, ran.stderr
    assert ran.stderr.rstrip().endswith("agent: stopping"), ran.stderr


def test_the_archive_by_its_own_instructions_runs_beside_busybox_alone(archive, bare):
    need.apt("busybox-static")
    for folder in ("proc", "run", "etc", "dev", "usr/bin", "var", "tmp"):
        (bare / folder).mkdir(parents=True)
    # Debian's busybox is made without adduser and addgroup, which Alpine's has
    (bare / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\n_picket:x:100:101::/nonexistent:/sbin/nologin\n")
    (bare / "etc/group").write_text("root:x:0:\n_picket:x:101:\n")
    subprocess.run(["mknod", bare / "dev/null", "c", "1", "3"], check=True)
    shutil.copy("/bin/busybox", bare / "bin")
    for name in subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True).stdout.split():
        if name != "busybox":
            (bare / "bin" / name).symlink_to("busybox")
    place = unpacked(archive, bare)
    (bare / "bin/picket").unlink()
    commands = re.sub(r"^add(user|group) .*\n", "", to_type((place / "INSTALL").read_text(), "busybox"), flags=re.M)
    status, output = chrooted(bare, BUSYBOX.replace("COMMANDS", commands).replace("PLACE", place.name))
    said = chapters(output)
    assert said["account"] == "750 _picket\n", output
    assert re.match(r"PICKET (OK|WARNING|CRITICAL) - ", said["check"]), output
    assert re.match(r"picket \d.* on ", said["status"]) and said["status"].endswith("status 0\n"), output
    assert said["ended"] == "status 0\n" and status == 0, output
