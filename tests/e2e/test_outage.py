"""Time against the agent: a PSA that is away for a day, a wall clock that is ten years off, a machine that slept."""
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

from rigs import agent as rig
from rigs import certs, drivenclock, need
from rigs.agent import Agent, memory_kb, upstream
from rigs.drivenclock import YEAR, DrivenClock
from rigs.ledger import Ledger
from rigs.loadavg import rule
from rigs.psa import ConnectWise, Halo, Psa, Webhook, faults, never_answered

HOUR, DAY = 3600, 86400
FAST = 2400             # a day in 36 s; exchanges then have no time to succeed, which an outage does not mind
CALM = 15               # two seconds for what may take thirty
MOST_GROWTH_KB = 160    # in 23 hours; it levels off after a few, a leak of a byte a try would not
DIALECTS = (ConnectWise, Halo, Webhook)


@pytest.fixture
def clock():
    rig.ready()
    if not drivenclock.is_dynamic(rig.PICKET):
        raise need.Skip("a static agent cannot be given another clock: use the dev build")
    folder = Path(tempfile.mkdtemp(prefix="pk-clock-"))
    folder.chmod(0o755)
    yield DrivenClock(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def psas(certificate):
    """One of each class; away together."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Psa(certificate, dialect())) for dialect in DIALECTS]


def until_hour(clock, start, hour):
    while clock.steady_s() < start + hour * HOUR:
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.limit(240)
def test_a_day_without_any_psa_ends_in_the_right_tickets(psas, authority, clock):
    """Twelve hours of 503, twelve of closed ports; one breach that stays, one that comes and goes, one that is over."""
    ledger, known = Ledger(), {}
    rules = [rule(5, worse=50, name="stays"), rule(10, name="comes-and-goes"), rule(100, name="is-over")]
    ups = [upstream(psa, authority) for psa in psas]
    with Agent(rules=rules, upstreams=ups, clock=clock, collect={"period_s": 60}) as agent:
        def load(value, *open_rules):
            for r in rules:
                (ledger.up if r["name"] in open_rules else ledger.down)(r["name"])
            agent.load.set(value)
            status = agent.wait_open(*open_rules)
            known.update({a["rule"]: a["ref"] for a in status["alerts"]})

        clock.run(FAST)
        start = clock.steady_s()
        for psa in psas:
            psa.always(faults.answer(503))
        load(200, "stays", "comes-and-goes", "is-over")
        until_hour(clock, start, 1)
        memory = {pid: memory_kb(pid, "RssAnon") for pid in (agent.pid, agent.courier_pid())}
        for hour in range(2, 10, 2):
            load(7, "stays")
            until_hour(clock, start, hour)
            load(20, "stays", "comes-and-goes")
            until_hour(clock, start, hour + 1)
        until_hour(clock, start, 12)
        asked = [len(psa.calls) for psa in psas]
        for psa in psas:
            psa.refuse()
        until_hour(clock, start, 24)
        grown = {pid: memory_kb(pid, "RssAnon") - before for pid, before in memory.items()}
        clock.run(CALM)
        status = agent.status()
        print(f"{asked} requests in 12 h; memory grew by {list(grown.values())} kB in 23 h", file=sys.stderr)

        for psa in psas:
            psa.heal()
            psa.accept()
        agent.wait_told(90)
        assert [u["state"] for u in status["upstreams"]] == ["retrying"] * 3
        assert set(grown) == {agent.pid, agent.courier_pid()}, "both lived through it"
        assert max(asked) <= 12 * HOUR / 25, "a try every half minute, on average"
        assert rig.is_sanitized() or max(grown.values()) <= MOST_GROWTH_KB
        assert [ledger.complaints(psa, known) for psa in psas] == [[], [], []]


# -- the wall clock

class TimelessAuthority(certs.CA):
    """Valid whatever the clock says: trust is not what these tests are about."""

    def __init__(self, folder):
        super().__init__(folder, "Timeless CA")
        config = self.folder / "timeless.cnf"
        config.write_text(certs.CONFIG.format(folder=self.folder, names="DNS:ca", usage="serverAuth") +
                          "[authority]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        request, key = self.folder / "ca.csr", self.folder / "ca.key"
        certs.openssl("req", "-new", "-key", key, "-subj", "/CN=Timeless CA", "-out", request)
        certs.openssl("ca", "-batch", "-notext", "-selfsign", "-config", config, "-extensions", "authority", "-keyfile", key,
                      "-startdate", "19800101000000Z", "-enddate", "20981231235959Z", "-in", request, "-out", self.cert)

    def server(self, name="server", **how):
        return super().server(name, **{"start": "19800101000000Z", "end": "20981231235959Z", **how})


@pytest.fixture(scope="module")
def timeless(tmp_path_factory):
    return TimelessAuthority(tmp_path_factory.mktemp("timeless"))


@pytest.mark.side_by_side
@pytest.mark.parametrize("years", [10, -10])
def test_a_wall_clock_that_jumps_ten_years_changes_nothing(timeless, clock, years):
    with Psa(timeless.server("psa"), ConnectWise()) as psa:
        with Agent(rules=[rule(5, worse=50)], upstreams=[upstream(psa, timeless)], clock=clock) as agent:
            agent.load.set(9)
            psa.wait_calls(1, "create")
            agent.wait_told()
            told = len(psa.calls)
            clock.jump_wall(years * YEAR)
            time.sleep(3)
            assert len(psa.calls) == told, psa.describe()
            agent.load.set(60)
            psa.wait_calls(1, "note")
            agent.kill()
            agent.start()
            agent.wait_open("load-5")
            clock.jump_wall(-years * YEAR)
            time.sleep(2)
            agent.load.set(0)
            agent.wait_open()
            agent.wait_told()
            tickets = psa.store.tickets()
            assert len(tickets) == 1 and not tickets[0].open, psa.describe()
            agent.load.set(9)
            psa.wait_calls(2, "create")


@pytest.mark.side_by_side
@pytest.mark.parametrize("jump", [10 * HOUR, -10 * HOUR, 10 * YEAR, -10 * YEAR], ids=["10h", "-10h", "10y", "-10y"])
def test_a_wall_clock_that_jumps_while_a_ticket_waits_makes_one(timeless, clock, jump):
    """Hold times go on as they were, and what is written down about times makes sense."""
    with Psa(timeless.server("psa"), ConnectWise()) as psa:
        held = rule(5, name="held", warning={"above": 5, "for_s": 120, "clear_for_s": 0})
        with Agent(rules=[rule(5), held], upstreams=[upstream(psa, timeless)], clock=clock) as agent:
            psa.refuse()
            agent.load.set(9)
            agent.wait_open("load-5")
            clock.jump_wall(jump)
            time.sleep(3)
            agent.wait_open("load-5")
            clock.run(CALM)
            status = agent.wait_open("load-5", "held", seconds=30)
            psa.accept()
            psa.wait_calls(2, "create", seconds=40)
            agent.wait_told(40)
            assert [t.open for t in psa.store.tickets()] == [True, True], psa.describe()
            raised = {a["rule"]: a["raised"] for a in status["alerts"]}
            assert (raised["held"] > raised["load-5"]) == (jump > 0), "each has the time that was set when it was raised"
            clock.jump_wall(-jump)
            agent.load.set(0)
            agent.wait_open()
            agent.wait_told(40)
            assert [t.open for t in psa.store.tickets()] == [False, False], psa.describe()
            words = [note.text for ticket in psa.store.tickets() for note in ticket.notes]
            assert words and not [text for text in words if " h" in text or " d" in text], words


@pytest.mark.side_by_side
def test_a_clock_for_which_no_certificate_is_valid_delays_tickets_and_loses_none(authority, certificate, clock):
    with Psa(certificate, ConnectWise()) as psa:
        with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], clock=clock) as agent:
            clock.jump_wall(40 * YEAR)
            agent.load.set(9)
            status = agent.wait(lambda s: s["upstreams"][0]["state"] in ("retrying", "refused"), "says that it cannot")
            assert "certificate" in status["upstreams"][0]["why"]
            assert psa.calls == []
            clock.jump_wall(-40 * YEAR)
            clock.step(20 * 60)         # whatever it waits for, it does not wait longer
            psa.wait_calls(1, "create", seconds=30)
            agent.wait_told()
            assert len(psa.store.tickets()) == 1


# -- the steady clock

@pytest.mark.side_by_side
def test_a_courier_that_is_stopped_for_half_an_hour(authority, certificate, clock):
    with Psa(certificate, ConnectWise()) as psa:
        with Agent(rules=[rule(5), rule(20)], upstreams=[upstream(psa, authority)], clock=clock) as agent:
            agent.load.set(9)
            psa.wait_calls(1, "create")
            agent.wait_told()
            courier = agent.courier_pid()
            os.kill(courier, signal.SIGSTOP)
            agent.load.set(30)
            agent.wait_open("load-5", "load-20")
            for _ in range(6):
                clock.step(300)
                time.sleep(0.3)
            agent.load.set(9)
            agent.wait_open("load-5")
            os.kill(courier, signal.SIGCONT)
            agent.wait_told(60)
            assert sorted(t.open for t in psa.store.tickets()) == [False, True], psa.describe()


@pytest.mark.side_by_side
def test_a_machine_that_sleeps_while_a_ticket_waits_tells_it_once(authority, certificate, clock):
    with Psa(certificate, ConnectWise()) as psa:
        psa.once(never_answered(), op="create")
        with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], clock=clock) as agent:
            agent.load.set(9)
            psa.wait_calls(1, "create")
            clock.step(8 * HOUR)        # the lid, in the middle of it
            clock.run(CALM)
            psa.wait_calls(2, "find", seconds=40)
            agent.wait_told(40)
            assert len(psa.store.tickets()) == 1, psa.describe()


@pytest.mark.side_by_side
def test_a_machine_that_slept_for_eight_hours_tells_nothing_new(authority, certificate, clock):
    with Psa(certificate, ConnectWise()) as psa:
        held = rule(5, name="held", warning={"above": 5, "for_s": 4 * HOUR, "clear_for_s": 4 * HOUR})
        with Agent(rules=[rule(5), held], upstreams=[upstream(psa, authority)], clock=clock) as agent:
            agent.load.set(9)
            psa.wait_calls(1, "create")
            agent.wait_told()
            clock.step(8 * HOUR)
            time.sleep(3)
            agent.wait_open("load-5")           # hours in which nobody looked do not count as held
            assert len(psa.store.tickets()) == 1 and psa.ops("note") == [], psa.describe()


@pytest.mark.side_by_side
def test_a_breach_that_stays_is_reminded_of_once_a_day(authority, certificate, clock):
    with Psa(certificate, ConnectWise()) as psa:
        with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], clock=clock, collect={"period_s": 60}) as agent:
            agent.load.set(9)
            clock.step(61)
            psa.wait_calls(1, "create")
            agent.wait_told()
            for days in (1, 2):
                clock.step(DAY + 120)
                psa.wait_calls(days, "note")
                agent.wait_told()
            ticket, = psa.store.tickets()
            assert len(ticket.notes) == 2, psa.describe()
