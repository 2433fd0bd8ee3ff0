"""One ticket for one incident, none lost and none doubled, whoever is killed and whatever the PSA does.

PICKET_NIGHTLY=1 kills about a thousand times, otherwise about forty; PICKET_SEED repeats a run (each run prints its own).
"""
import os
import random
import sys
import threading

import pytest

from rigs import need
from rigs.agent import UNLIMITED, Agent, tuned, upstream
from rigs.killer import Killer
from rigs.ledger import Ledger
from rigs.loadavg import rule
from rigs.psa import ConnectWise, Halo, Psa, Webhook, faults, forgotten, late_commit, never_answered

pytestmark = pytest.mark.side_by_side
NIGHTLY = os.environ.get("PICKET_NIGHTLY") == "1"
SEED = int(os.environ.get("PICKET_SEED") or random.SystemRandom().randrange(10**6))
CLASSES = {"exact": ConnectWise, "search": Halo, "none": Webhook}
ROUNDS = 150 if NIGHTLY else 12     # of each agent; a round kills once, and sometimes again while it starts
AGENTS = 2 if NIGHTLY else 1        # of each class


class Run(threading.Thread):
    """One agent, its PSA and its killer. They wait most of the time: six of them fit on two cores."""

    def __init__(self, name, seed, dialect, certificate, authority):
        super().__init__(name=name, daemon=True)
        self.killer, self.failure = Killer(dialect, certificate, authority, seed), None

    def run(self):
        try:
            self.killer.run(ROUNDS)
        except BaseException as broken:
            self.failure = broken


@pytest.mark.slow
@pytest.mark.limit(3600 if NIGHTLY else 300)
def test_each_incident_gets_exactly_one_ticket_whoever_is_killed(certificate, authority):
    print(f"PICKET_SEED={SEED}", file=sys.stderr)
    runs = [Run(f"{name}-{i}", SEED * 100 + n * 10 + i, dialect(), certificate, authority)
            for i in range(AGENTS) for n, (name, dialect) in enumerate(CLASSES.items()) if has_connector(dialect)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    for run in runs:
        print(f"{run.name}: {run.killer.kills} kills ({run.killer.exposed} while a create was on its way), {run.killer.ledger.incidents} incidents, "
              f"{len(run.killer.psa.calls)} calls", file=sys.stderr)
    broken = [f"{run.name}: {run.failure!r}\n{run.failure}" for run in runs if run.failure]
    assert not broken, f"PICKET_SEED={SEED}\n" + "\n\n".join(broken)


def has_connector(dialect):
    return (need.REPO / f"proto/connectors/{dialect.name}.json").exists()


# -- each way in which a create can go wrong, by itself

@pytest.fixture(params=[ConnectWise, Halo], ids=lambda d: d.name)
def psa(request, certificate):
    with Psa(certificate, request.param()) as server:
        yield server


@pytest.fixture
def quick(psa, authority, tmp_path):
    """An upstream that does not wait long."""
    file = tuned(tmp_path, psa.dialect.name, settle_s=3, timeout_s=2)
    return upstream(psa, authority, connector_file=file)


@pytest.mark.parametrize("fault", [
    faults.lost, lambda: late_commit(1), never_answered, faults.cut, lambda: faults.answer(503),
    lambda: faults.instead(500), lambda: faults.truncated(20), lambda: faults.answer(429, "", {"Retry-After": "2"}),
], ids=["answer lost", "committed late", "never answered", "not arrived", "out of service", "done but said 500",
        "answer truncated", "too many requests"])
def test_a_create_that_goes_wrong_ends_in_one_ticket(psa, quick, fault):
    psa.once(fault(), op="create")
    ledger = Ledger()
    with Agent(rules=[rule(5)], upstreams=[quick]) as agent:
        ledger.up("load-5")
        agent.load.set(9)
        agent.wait_open("load-5")
        psa.wait_calls(1, "create")
        agent.wait_told(40)
        assert psa.pending() == 0
        assert ledger.complaints(psa, refs(agent)) == [], psa.describe()


@pytest.mark.parametrize("who", ["both", "warden", "courier"])
def test_a_kill_while_the_create_is_on_the_wire_ends_in_one_ticket(psa, quick, who):
    psa.once(faults.delay(0.5), op="create")
    ledger = Ledger()
    with Agent(rules=[rule(5)], upstreams=[quick]) as agent:
        ledger.up("load-5")
        agent.load.set(9)
        psa.wait_calls(1, "create")
        agent.kill(who)
        if who != "courier":
            agent.start()
        agent.wait_open("load-5")
        agent.wait_told(40)
        assert ledger.complaints(psa, refs(agent)) == [], psa.describe()


@pytest.mark.parametrize("who", ["both", "warden", "courier"])
@pytest.mark.parametrize("op", ["create", "close"])
def test_a_kill_while_a_breach_that_is_over_is_told_ends_in_one_closed_ticket(psa, quick, op, who):
    psa.refuse()
    ledger = Ledger()
    with Agent(rules=[rule(5)], upstreams=[quick]) as agent:
        ledger.up("load-5")
        agent.load.set(9)
        known = {a["rule"]: a["ref"] for a in agent.wait_open("load-5")["alerts"]}
        ledger.down("load-5")
        agent.load.set(0)
        agent.wait_open()
        agent.kill()
        agent.start()           # so that its first word to the PSA is that it is over
        psa.once(never_answered(), op=op)
        psa.accept()
        psa.wait_calls(1, op, seconds=20)
        agent.kill(who)
        if who != "courier":
            agent.start()
        agent.wait_told(40)
        assert ledger.complaints(psa, known) == [], psa.describe()


def refs(agent):
    return {a["rule"]: a["ref"] for a in agent.status()["alerts"]}


def test_a_double_that_shows_only_later_is_closed_with_its_ticket(psa, quick):
    """A search that finds nothing until long after the settle time makes it unavoidable; at the end it is looked for."""
    psa.store.hidden = True
    psa.once(faults.lost(), op="create")
    with Agent(rules=[rule(5)], upstreams=[quick]) as agent:
        agent.load.set(9)
        psa.wait_calls(2, "create", seconds=30)
        agent.wait_told()
        assert [t.open for t in psa.store.tickets()] == [True, True]
        psa.store.hidden = False
        agent.kill()            # that a create was in doubt is remembered
        agent.start()
        agent.load.set(0)
        agent.wait_open()
        agent.wait_told()
        assert [t.open for t in psa.store.tickets()] == [False, False], psa.describe()


# -- more at once than a person can read

@pytest.mark.slow
@pytest.mark.limit(240)
def test_a_storm_is_one_ticket_and_what_stands_after_it_gets_its_own_whoever_is_killed(psa, authority, tmp_path):
    """Twelve alerts where three are told by themselves; of the nine in the storm, four are over before it is."""
    file = tuned(tmp_path, psa.dialect.name, settle_s=3, timeout_s=2, **UNLIMITED)
    wanted = [rule(limit, name=f"load-{limit:02}") for limit in range(12)]
    upstreams = [upstream(psa, authority, connector_file=file)]
    with Agent(rules=wanted, upstreams=upstreams, alerts={"storm_alerts": 3, "storm_min": 1}) as agent:
        agent.load.set(20)
        psa.wait_calls(1, "create", seconds=20)
        for _ in range(4):
            agent.kill("both")
            agent.start()
        known = refs_when(agent, lambda s: len(s["alerts"]) >= 13)
        agent.load.set(7.5)         # 08 to 11 are over
        agent.kill("both")
        agent.start()
        agent.wait(lambda s: {a["rule"] for a in s["alerts"] if a["open"]} >= {"picket.storm", "load-07"}
                   and not any(a["open"] for a in s["alerts"] if a["rule"] == "load-11"), "the later ones are over")
        agent.wait(lambda s: not any(a["open"] for a in s["alerts"] if a["rule"] == "picket.storm"), "calm", seconds=100)
        agent.wait_told(60)
        by_ref = {ref: psa.store.tickets(ref) for ref in known.values()}
        assert all(len(tickets) <= 1 for tickets in by_ref.values()), psa.describe()
        assert [t.open for t in by_ref[known["picket.storm"]]] == [False], psa.describe()
        told = {name for name, ref in known.items() if by_ref[ref]}
        assert told >= {f"load-{n:02}" for n in range(8)}, f"lost: {known.keys() - told}"
        assert len(psa.store.tickets()) == len(told)
        [summary] = by_ref[known["picket.storm"]]
        said = f"{summary.fields} {summary.texts}"
        assert all(name in said for name in known.keys() - told), f"neither told nor named: {said}"


def refs_when(agent, ready):
    return {a["rule"]: a["ref"] for a in agent.wait(ready, "all alerts")["alerts"]}


# -- that a failure would be seen

def test_the_ledger_sees_a_double(psa, quick):
    """A PSA that finds nothing makes it unavoidable."""
    psa.store.hidden = True
    psa.once(faults.lost(), op="create")
    ledger = Ledger()
    with Agent(rules=[rule(5)], upstreams=[quick]) as agent:
        ledger.up("load-5")
        agent.load.set(9)
        psa.wait_calls(2, "create", seconds=30)
        agent.wait_told()
        assert any("doubled" in c for c in ledger.complaints(psa, refs(agent))), psa.describe()


def test_the_ledger_sees_a_lost_ticket(psa, quick):
    psa.once(forgotten(psa.store), op="create")
    ledger = Ledger()
    with Agent(rules=[rule(5)], upstreams=[quick]) as agent:
        ledger.up("load-5")
        agent.load.set(9)
        psa.wait_calls(1, "create")
        agent.wait_told()
        assert any("lost" in c for c in ledger.complaints(psa, refs(agent))), psa.describe()


def test_the_ledger_sees_a_ticket_that_stays_open(psa, quick):
    ledger = Ledger()
    with Agent(rules=[rule(5)], upstreams=[quick]) as agent:
        ledger.up("load-5")
        agent.load.set(9)
        psa.wait_calls(1, "create")
        agent.wait_told()
        ledger.down("load-5")
        assert any("is open" in c for c in ledger.complaints(psa, refs(agent)))
