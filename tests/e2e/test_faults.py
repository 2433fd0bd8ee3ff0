"""What a machine can refuse: descriptors, inodes, places to write, /proc, memory, processes, a network.

Everywhere the same is wanted: it goes on with what is left, says what it cannot do, and afterwards there is one ticket.
"""
import os
import resource
import signal
import tempfile
import time
from pathlib import Path

import pytest

from rigs import agent as rig
from rigs import need
from rigs.agent import Agent, children, upstream
from rigs.cgroup import ControlGroup
from rigs.child import until
from rigs.disk import TinyDisk
from rigs.httpproxy import HttpProxy
from rigs.loadavg import rule
from rigs.nameserver import NameServer
from rigs.psa import ConnectWise, Psa, faults
from rigs.tcprelay import TcpRelay
from rigs.wire import Wire

pytestmark = pytest.mark.side_by_side
NAME = "psa.picket.test"
DESK = {"name": "desk", "connector": "desk"}


@pytest.fixture
def psa(certificate):
    with Psa(certificate, ConnectWise()) as server:
        yield server


@pytest.fixture
def folder():
    """Where a state folder may lie: its path is short, and the courier's account can pass."""
    if os.geteuid() != 0:
        raise need.Skip("a stage like this needs root")
    with tempfile.TemporaryDirectory(prefix="pk-f-") as made:
        os.chmod(made, 0o755)
        yield Path(made)


def one_incident(agent, psa, seconds=30):
    """From its beginning to its end: one ticket."""
    before = len(psa.store.tickets())
    agent.load.set(9)
    until(lambda: len(psa.store.tickets()) > before, seconds, "a ticket")
    agent.wait_told(seconds)
    agent.load.set(0)
    agent.wait_open(seconds=seconds)
    agent.wait_told(seconds)
    assert [t.open for t in psa.store.tickets()[before:]] == [False], psa.describe()


# -- descriptors

def held(pid):
    return {int(name) for name in os.listdir(f"/proc/{pid}/fd")}


def limit_descriptors(pid, most):
    """What it was before."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, before[1]))
    return before


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("most", [8, 12, 16, 24])
def test_too_few_descriptors_from_the_start(most, folder):
    """It runs with what it has or ends saying why; nothing is broken for the next start."""
    with Agent(rules=[rule(5)], upstreams=[DESK], state=folder / "state") as agent:
        agent.stop()
        begin = len(agent.log_text())
        agent.scene = ["--limit", "NOFILE", most]
        agent.start(wait=False)
        agent.load.set(9)
        until(lambda: not agent.alive or agent.log_text()[begin:], 20, "a word, or its end")
        time.sleep(2)
        if agent.alive:
            assert agent.stop() == 0
        else:
            said = agent.log_text()[begin:]
            assert agent.child.process.wait() in (1, 127) and "too many open" in said.lower(), said
        agent.scene = []
        agent.start()
        agent.wait_open("load-5")


def test_descriptors_that_run_out_later(psa, authority, folder):
    with Agent(rules=[rule(5), rule(20)], upstreams=[upstream(psa, authority)]) as agent:
        agent.wait(lambda s: s["agent"]["courier_process"], "the courier is at work")
        one_incident(agent, psa)
        before, used = limit_descriptors(agent.pid, max(held(agent.pid)) + 1), cpu_s(agent.pid)
        agent.load.set(9)
        time.sleep(4)
        assert agent.alive and cpu_s(agent.pid) - used < 2, "it does not turn in circles"
        resource.prlimit(agent.pid, resource.RLIMIT_NOFILE, before)
        agent.wait_open("load-5", seconds=30)
        agent.wait_told(60)
        agent.load.set(0)
        agent.wait_open()
        agent.wait_told(60)
        assert [t.open for t in psa.store.tickets()] == [False, False], psa.describe()


@pytest.mark.parametrize("most", [8, 12, 14])
def test_a_courier_with_too_few_descriptors(most, psa, authority, folder):
    """It inherits them. Whatever it can do with so few, there is one ticket once it has more."""
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.wait(lambda s: s["agent"]["courier_process"], "the courier is at work")
        before = limit_descriptors(agent.pid, max(held(agent.pid)) + 8)
        agent.kill("courier")
        limit_descriptors(agent.pid, most)
        agent.load.set(9)
        time.sleep(4)
        resource.prlimit(agent.pid, resource.RLIMIT_NOFILE, before)
        agent.kill("courier")
        psa.wait_calls(1, "create", seconds=40)
        agent.wait_told(40)
        assert len(psa.store.tickets()) == 1


def test_a_courier_that_cannot_be_replaced_for_want_of_descriptors_is_replaced_later(psa, authority, folder):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.wait(lambda s: s["agent"]["courier_process"], "the courier is at work")
        before = limit_descriptors(agent.pid, 3)
        agent.kill("courier")
        agent.load.set(9)
        agent.wait_line("starting another in", seconds=20)
        time.sleep(3)
        resource.prlimit(agent.pid, resource.RLIMIT_NOFILE, before)
        psa.wait_calls(1, "create", seconds=40)
        agent.wait_told(30)
        assert len(psa.store.tickets()) == 1


# -- disks

def use_up_inodes(path):
    """Empty files until there is no inode; their folder."""
    made = path / "many"
    made.mkdir(exist_ok=True)
    with pytest.raises(OSError):
        for number in range(10 ** 6):
            (made / str(number)).touch()
    return made


def test_no_inode_left_does_not_keep_a_ticket_from_being_made(psa, authority):
    with TinyDisk(16) as disk:
        with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], state=disk.path / "state") as agent:
            many = use_up_inodes(disk.path)
            one_incident(agent, psa)
            agent.kill()
            agent.start()
            one_incident(agent, psa)
            agent.stop()
            for file in list(many.iterdir())[:20]:
                file.unlink()
            agent.start()
            agent.wait(lambda s: s["agent"]["durable"], "on disk", seconds=90)


def test_no_inode_from_the_start_is_no_reason_not_to_watch(psa, authority):
    """There is no room for the control socket either, so nobody can ask until there is."""
    with TinyDisk(16) as disk:
        with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], state=disk.path / "state") as agent:
            agent.stop()
            for file in (disk.path / "state").iterdir():
                file.unlink()
            many = use_up_inodes(disk.path)
            agent.start(wait=False)
            agent.load.set(9)
            psa.wait_calls(1, "create", seconds=30)
            for file in list(many.iterdir())[:20]:
                file.unlink()
            agent.wait(lambda s: s["agent"]["durable"], "on disk, and it can be asked", seconds=90)
            agent.load.set(0)
            agent.wait_open()
            agent.wait_told()
            assert [t.open for t in psa.store.tickets()] == [False], psa.describe()


def test_a_read_only_root_with_a_state_folder_of_its_own(psa, authority, folder):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], state=folder / "state",
               scene=["--bind", folder, folder, "--read-only", "/"]) as agent:
        assert agent.status()["agent"]["durable"]
        one_incident(agent, psa)


# -- what the system shows

def fake_proc(folder, *names):
    """A /proc with nothing but some empty files."""
    made = folder / "proc"
    made.mkdir()
    for name in names:
        (made / name).touch()
    return made


@pytest.mark.parametrize("hides", [1, 2])
def test_hidden_processes(hides, psa, authority, folder):
    """hidepid: the courier's account then sees no process but its own."""
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], scene=["--proc", f"hidepid={hides}"]) as agent:
        one_incident(agent, psa)
        failing = [c for c in agent.status()["collectors"] if c["state"] == "failed"]
        assert not failing


@pytest.mark.parametrize("missing", ["proc", "sys", "both"])
def test_a_machine_that_shows_nothing(missing, psa, authority, folder):
    scene = []
    if missing in ("proc", "both"):
        scene += ["--bind", fake_proc(folder, "loadavg"), "/proc"]
    if missing in ("sys", "both"):
        (folder / "sys").mkdir()
        scene += ["--bind", folder / "sys", "/sys"]
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], scene=scene) as agent:
        one_incident(agent, psa)
        status = agent.status()
        assert [c["why"] for c in status["collectors"] if c["state"] in ("failed", "unsupported")]
        shown = [f for f in status["figures"] if not f["name"].startswith("system.linux.cpu.load")]
        assert missing == "sys" or not [f for f in shown if f["name"].startswith("system.memory")], shown


# -- containers

def test_a_container_of_sixteen_megabytes(certificate, authority):
    release = need.REPO / "build/release/picket"
    program = rig.PICKET if not rig.is_sanitized() else release
    if not program.exists():
        raise need.Skip("a build with sanitizers needs more, and there is no release build")
    with Psa(certificate, ConnectWise()) as psa, ControlGroup(memory=16 << 20) as group:
        with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], program=program, scene=group.scene) as agent:
            for _ in range(3):
                one_incident(agent, psa)
            assert agent.alive and children(agent.pid)


def test_a_container_of_one_process(psa, authority):
    """No courier then: it watches, keeps what it has to tell, and tells it once it may have a second one."""
    with ControlGroup(pids=1) as group:
        with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], scene=group.scene) as agent:
            agent.load.set(9)
            agent.wait_open("load-5")
            agent.wait_line("starting another in")
            time.sleep(3)
            assert agent.alive and psa.calls == []
            group.allow(pids="max")
            psa.wait_calls(1, "create", seconds=60)
            agent.wait_told(30)
            assert len(psa.store.tickets()) == 1


# -- the network

def test_names_that_are_not_answered_and_come_back(authority):
    with Psa(authority.server("named", hosts=(NAME,)), ConnectWise()) as psa, NameServer(silent=True) as names:
        far = upstream(psa, authority) | {"settings": psa.dialect.settings(f"{NAME}:{psa.port}")}
        with Agent(rules=[rule(5)], upstreams=[far], scene=names.scene) as agent:
            agent.load.set(9)
            status = agent.wait(lambda s: s["upstreams"][0]["state"] == "retrying", "cannot reach it", 40)
            assert "name server" in status["upstreams"][0]["why"], status["upstreams"]
            assert names.asked and psa.calls == []
            names.names[NAME] = "127.0.0.1"
            names.silent = False
            psa.wait_calls(1, "create", seconds=60)
            agent.wait_told(30)
            assert len(psa.store.tickets()) == 1, psa.describe()


def test_a_cable_that_is_pulled_and_plugged(authority):
    with Wire() as wire, Psa(authority.server("wire", hosts=(wire.address,)), ConnectWise()) as psa, \
            TcpRelay(psa.port, wire.address) as line:
        far = upstream(psa, authority) | {"settings": psa.dialect.settings(f"{wire.address}:{line.port}")}
        with Agent(rules=[rule(5, worse=50)], upstreams=[far], scene=wire.scene) as agent:
            one_incident(agent, psa)
            wire.pull()
            agent.load.set(9)
            agent.wait_open("load-5")
            agent.wait(lambda s: s["upstreams"][0]["state"] == "retrying", "cannot reach it", 40)
            for _ in range(5):
                wire.plug()
                time.sleep(0.3)
                wire.pull()
                time.sleep(0.3)
            agent.load.set(60)
            wire.plug()
            agent.wait_told(60)
            assert [t.open for t in psa.store.tickets()] == [False, True], psa.describe()


def test_a_proxy_that_stalls(psa, authority):
    with HttpProxy() as proxy, TcpRelay(proxy.port) as line:
        far = upstream(psa, authority, proxy=f"http://127.0.0.1:{line.port}")
        with Agent(rules=[rule(5)], upstreams=[far]) as agent:
            one_incident(agent, psa)
            line.partition()
            agent.load.set(9)
            agent.wait_open("load-5")
            agent.wait(lambda s: s["upstreams"][0]["state"] == "retrying", "the proxy does not answer", 50)
            line.heal()
            agent.wait_told(60)
            assert [t.open for t in psa.store.tickets()] == [False, True], psa.describe()


# -- a courier that hangs

def test_a_courier_that_is_stopped_in_the_middle_of_a_create(psa, authority):
    with Agent(rules=[rule(5), rule(20)], upstreams=[upstream(psa, authority)]) as agent:
        agent.wait(lambda s: s["agent"]["courier_process"], "the courier is at work")
        psa.once(faults.delay(1), op="create")
        agent.load.set(9)
        psa.wait_calls(1, "create")
        courier = agent.courier_pid()
        os.kill(courier, signal.SIGSTOP)
        time.sleep(3)
        agent.load.set(30)
        agent.wait_open("load-5", "load-20")
        os.kill(courier, signal.SIGCONT)
        agent.wait_told(60)
        assert len(psa.store.tickets()) == 2, psa.describe()
