"""Memory that runs out once, at any allocation, in the running agent: nothing crashes, no ticket is lost, none is doubled.

Every allocation of a start, of an incident in warden and courier, of a reload and of a command is a point; each run takes the
first and a few others at random (PICKET_SEED repeats it), PICKET_NIGHTLY=1 every one, in shares that run side by side.
"""
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rigs import agent as rig
from rigs import drivenclock, need
from rigs.agent import Agent, upstream
from rigs.child import until
from rigs.drivenclock import DrivenClock
from rigs.loadavg import rule
from rigs.psa import ConnectWise, Psa
from rigs.shortage import Shortage

pytestmark = [pytest.mark.side_by_side, pytest.mark.slow]
NIGHTLY = os.environ.get("PICKET_NIGHTLY") == "1"
SEED = int(os.environ.get("PICKET_SEED") or random.SystemRandom().randrange(10**6))
POINTS = 15         # of each kind, unless every one is wanted
SHARES = 12 if NIGHTLY else 1
shared = pytest.mark.parametrize("share", range(SHARES))
FAST = 5            # a round of a second takes 200 ms


@pytest.fixture
def machine(certificate, authority):
    """An agent with one alert that stays and is told, and what can be done to it."""
    rig.ready()
    if not drivenclock.is_dynamic(rig.PICKET):
        raise need.Skip("nothing can be put below a static agent: use the dev build")
    folder = Path(tempfile.mkdtemp(prefix="pk-short-"))
    folder.chmod(0o755)
    short = Shortage(folder)
    with Psa(certificate, ConnectWise()) as psa:
        clock = DrivenClock(folder, also=[short.library])
        rules = [rule(5, name="stays"), rule(20, name="passes")]
        file = rig.tuned(folder, psa.dialect.name, **rig.UNLIMITED)    # each point is an incident or more
        with Agent(rules=rules, upstreams=[upstream(psa, authority, connector_file=file)], clock=clock) as agent:
            clock.run(FAST)
            agent.load.set(9)
            psa.wait_calls(1, "create")
            agent.wait_told()
            yield Machine(agent, psa, short, clock)
    shutil.rmtree(folder, ignore_errors=True)


class Machine:
    def __init__(self, agent, psa, short, clock):
        self.agent, self.psa, self.short, self.clock = agent, psa, short, clock
        self.reached = self.ended = self.incidents = 0

    def points(self, count, share=0, shares=1):
        """Which allocations fail, of about so many."""
        print(f"PICKET_SEED={SEED}: {'all' if NIGHTLY else POINTS} of {count}, share {share + 1} of {shares}", file=sys.stderr)
        if NIGHTLY:
            return range(share, count, shares)
        return sorted({0, *random.Random(SEED).sample(range(count), min(POINTS, count))})

    def cost(self, kind, act):
        """How many allocations it takes."""
        before = self.short.count(kind)
        act()
        return self.short.count(kind) - before

    def revive(self, wait=True):
        """What systemd does with an agent that gave up; it may, if it says why."""
        if not self.agent.alive:
            code = self.agent.child.process.wait()
            assert code in (1, 3), f"it ended with {code}\n{self.agent.diagnosis()}"
            self.ended += 1
            self.agent.start(wait)

    def incident(self):
        """From its beginning to its end; whoever is short of memory meanwhile."""
        self.incidents += 1
        self.agent.load.set(30)
        self._until(lambda s: self._is_open(s, "passes") and self._told(s), "raised and told")
        self.agent.load.set(9)
        self._until(lambda s: not self._is_open(s, "passes") and self._told(s), "over and told")

    def _until(self, fits, what):
        def look():
            self.revive()
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = self.agent.status()
                return status and fits(status)
        try:
            until(look, 60, what)
        except TimeoutError as late:
            raise TimeoutError(f"{late}\n{self.agent.diagnosis()}\n{self.psa.describe()}") from None

    @staticmethod
    def _is_open(status, name):
        return [a for a in status["alerts"] if a["rule"] == name and a["open"]]

    @staticmethod
    def _told(status):
        return status["upstreams"][0]["waiting"] == 0 and not [a for a in status["alerts"] if not a["open"]]

    def judge(self):
        """One ticket that stays open, and one closed for each incident."""
        self.short.disarm()
        self.revive()
        tickets = self.psa.store.tickets()
        assert sorted(t.open for t in tickets) == [False] * self.incidents + [True], self.psa.describe()
        assert not self.agent.complaints(), self.agent.complaints()
        print(f"memory ran out {self.reached} times; the agent ended {self.ended} times", file=sys.stderr)
        assert self.reached > 0


@pytest.mark.limit(9 * 3600 if NIGHTLY else 1800)
@pytest.mark.parametrize("kind", ["warden", "courier"])
@shared
def test_an_incident_while_memory_runs_out(machine, kind, share):
    machine.incident()
    for point in machine.points(machine.cost(kind, machine.incident), share, SHARES):
        machine.short.arm(kind, point)
        machine.incident()
        machine.reached += machine.short.failed(kind)
    machine.judge()


@pytest.mark.limit(9 * 3600 if NIGHTLY else 1800)
@shared
def test_a_courier_that_starts_while_memory_runs_out(machine, share):
    """Set up anew, and its first delivery: all of TLS is in it."""
    def again():
        machine.clock.step(301)     # one that lived so long is replaced at once
        machine.agent.kill("courier")
        machine.incident()
    for point in machine.points(machine.cost("courier", again), share, SHARES):
        machine.short.arm("courier", point)
        again()
        machine.reached += machine.short.failed("courier")
    machine.judge()


@pytest.mark.limit(9 * 3600 if NIGHTLY else 1800)
@shared
def test_a_start_while_memory_runs_out(machine, share):
    """It starts, or says why not; the alert that was there is there."""
    agent, short = machine.agent, machine.short

    def start():
        agent.kill("both")
        agent.start()
    ref = agent.status()["alerts"][0]["ref"]
    for point in machine.points(machine.cost("warden", start), share, SHARES):
        agent.kill("both")
        short.arm("warden", point)
        agent.start(wait=False)
        until(lambda: not agent.alive or agent.status(), 30, "it runs, or ended")
        machine.reached += short.failed("warden")
        machine.revive()
        agent.wait(lambda s: [a["ref"] for a in s["alerts"] if a["open"]] == [ref], "the alert that was there", 30)
    machine.judge()


@pytest.mark.limit(9 * 3600 if NIGHTLY else 1800)
@shared
def test_a_reload_while_memory_runs_out(machine, share):
    agent, short = machine.agent, machine.short
    turns = [0]

    def reload():
        turns[0] += 1
        agent.configure(device={"name": f"box-{turns[0]}", "client": "Acme Ltd"})
        agent.hup()
        machine._until(lambda s: s["agent"]["device_name"] == f"box-{turns[0]}" or s["agent"]["configuration_error"] or
                       "not taken" in agent.log_text()[mark:], "taken, or not")
    mark = 0
    for point in machine.points(machine.cost("warden", reload), share, SHARES):
        mark = len(agent.log_text())
        short.arm("warden", point)
        reload()
        machine.reached += short.failed("warden")
        short.disarm()
    machine.incident()
    machine.judge()


COMMANDS = {"status": ["status", "--json"], "tickets": ["tickets", "--all"], "check": ["check"],
            "rules": ["config", "rules", "--json"], "example": ["config", "example"], "inventory": ["inventory", "--json"]}
SAME = ("rules", "example")     # what they print does not change from one moment to the next


@pytest.mark.limit(6 * 3600 if NIGHTLY else 600)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_while_memory_runs_out(machine, name):
    """It fails, or does what it can."""
    words, short = COMMANDS[name], machine.short
    more = {"status": ["--state", machine.agent.state], "tickets": ["--state", machine.agent.state]}.get(name, [])
    if name in ("check", "rules"):
        more = ["--config", machine.agent.config]
    command = [*rig.STAGE, *machine.agent._binds(), "--", rig.PICKET, *words, *more]

    def run():
        return subprocess.run(command, capture_output=True, text=True, timeout=60, errors="replace",
                              env={**os.environ, **machine.agent._sanitizer_env()})
    before = short.count("command")
    whole = run()
    for point in machine.points(short.count("command") - before):
        short.arm("command", point)
        done = run()
        machine.reached += short.failed("command")
        where = f"point {point}: {done.returncode}\n{done.stderr[-3000:]}"
        assert done.returncode >= 0 and not rig.COMPLAINT.search(done.stderr), where
        if name in SAME and done.returncode == whole.returncode:
            assert done.stdout == whole.stdout, where
    assert machine.agent.alive and machine.reached > 0
