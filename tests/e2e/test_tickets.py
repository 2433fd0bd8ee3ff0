"""The life of a ticket, end to end: the real agent, a breach that the test says, a PSA of each dedupe class."""
import json
import os
import subprocess
import time

import pytest

from rigs import need
from rigs.agent import Agent, upstream
from rigs.child import until
from rigs.loadavg import rule
from rigs.psa import ConnectWise, Halo, Psa, Webhook, faults

pytestmark = pytest.mark.side_by_side
PERIODS = 3     # how long "and nothing more" is watched, in periods of the agent (seconds)
WITH_TICKETS = (ConnectWise, Halo)


@pytest.fixture(params=WITH_TICKETS, ids=lambda d: d.name)
def psa(request, certificate):
    with Psa(certificate, request.param()) as server:
        yield server


@pytest.fixture
def hook(certificate):
    with Psa(certificate, Webhook()) as server:
        yield server


def watched(agent, psa):
    """The one ticket of the PSA, once the agent knows it and has nothing more to say; fails if there are more."""
    until(lambda: [t for t in agent.tickets() if t["id"]], 15, "the agent knows its ticket")
    agent.wait(lambda s: s["upstreams"][0]["waiting"] == 0, "nothing waits")
    tickets = psa.store.tickets()
    assert len(tickets) == 1, psa.describe()
    return tickets[0]


def over(agent):
    """The end of all breaches, seen and told."""
    agent.load.set(0)
    agent.wait_open()
    agent.wait_told()


def events(hook, count, seconds=15):
    hook.wait_calls(count, "event", seconds=seconds)
    return hook.dialect.events


# -- one incident

def test_a_breach_becomes_one_ticket_with_its_facts(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        time.sleep(1)
        assert psa.ops("create") == []
        agent.load.set(9)
        psa.wait_calls(1, "create")
        ticket = watched(agent, psa)
        said = json.dumps(ticket.fields)
        assert "testbox: load is 9" in said and "limit 5" in said and ticket.ref in said
        time.sleep(PERIODS)
        assert len(psa.ops("create")) == 1 and psa.ops("note") == []
        listed = agent.tickets()
        assert [(t["ref"], t["state"], t["id"]) for t in listed] == [(ticket.ref, "open", str(ticket.number))]


def test_what_gets_worse_is_a_note_on_the_same_ticket(psa, authority):
    with Agent(rules=[rule(5, worse=50)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        agent.load.set(60)
        psa.wait_calls(1, "note")
        ticket = watched(agent, psa)
        assert len(ticket.notes) == 1 and "60" in ticket.texts[0]
        time.sleep(PERIODS)
        assert len(ticket.notes) == 1, "one note for a change, not one for each sample"


def test_the_end_of_a_breach_closes_its_ticket(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        ticket = watched(agent, psa)
        over(agent)
        assert not ticket.open
        assert psa.store.tickets() == [ticket]


def test_a_ticket_that_is_over_and_told_is_listed_among_all(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        for _ in range(2):
            agent.load.set(9)
            agent.wait_open("load-5")
            watched_last = until(lambda: [t for t in agent.tickets() if t["state"] == "open"], 15, "a ticket that is open")
            over(agent)
        listed = agent.tickets()
        assert [t["state"] for t in listed] == ["closed", "closed"], listed
        assert listed[0]["id"] == watched_last[0]["id"], "the newest first"
        assert {t["ref"] for t in listed} == {t.ref for t in psa.store.tickets()}
        assert json.loads(agent.ask("tickets", "--json"))["tickets"] == [], "without --all only what is open"


@pytest.mark.parametrize("wait_for_ticket", [True, False], ids=["told in between", "over at once"])
def test_a_new_breach_is_a_new_ticket(psa, authority, wait_for_ticket):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        for count in (1, 2, 3):
            agent.load.set(9)
            agent.wait_open("load-5")
            if wait_for_ticket:
                psa.wait_calls(count, "create")
            over(agent)
        tickets = psa.store.tickets()
        assert len(tickets) == 3 and not any(t.open for t in tickets), psa.describe()
        assert len({t.ref for t in tickets}) == 1


def test_a_ticket_that_a_person_took_gets_a_note_and_stays_open(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        ticket = watched(agent, psa)
        psa.store.touch(ticket.number)
        over(agent)
        assert ticket.open, psa.describe()
        assert len(ticket.notes) == 2 and ticket.notes[0].author != ticket.notes[1].author


def test_a_ticket_that_a_person_closed_is_not_opened_again(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        ticket = watched(agent, psa)
        psa.store.change(ticket.number, "technician", open=False)
        over(agent)
        assert not ticket.open and psa.store.tickets() == [ticket], psa.describe()


def test_a_ticket_that_was_deleted_is_no_reason_to_make_another(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        psa.store.drop(watched(agent, psa).number)
        over(agent)
        assert psa.store.tickets() == []


def test_an_open_ticket_with_our_reference_is_adopted(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        ticket = watched(agent, psa)
        agent.kill()
        for file in agent.state.glob("outbox.db*"):     # as a disk that was replaced
            file.unlink()
        time.sleep(psa.store.index_delay)
        agent.start()
        agent.wait_open("load-5")
        assert watched(agent, psa) is ticket
        over(agent)
        assert not ticket.open and psa.store.tickets() == [ticket]


def test_two_breaches_are_two_tickets(psa, authority):
    with Agent(rules=[rule(5), rule(6)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(2, "create")
        agent.load.set(5.5)
        agent.wait_open("load-5")
        agent.wait_told()
        assert sorted(t.open for t in psa.store.tickets()) == [False, True]
        assert len({t.ref for t in psa.store.tickets()}) == 2


def test_a_token_that_runs_out_is_renewed_and_doubles_nothing(certificate, authority):
    with Psa(certificate, Halo()) as psa, Agent(rules=[rule(5), rule(20)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        watched(agent, psa)
        psa.dialect.revoke_tokens()
        agent.load.set(25)
        psa.wait_calls(2, "token")
        agent.wait_told()
        assert len(psa.store.tickets()) == 2, psa.describe()


# -- webhooks

def test_a_webhook_gets_the_beginning_changes_and_end_with_stable_ids(hook, authority):
    with Agent(rules=[rule(5, worse=50)], upstreams=[upstream(hook, authority)]) as agent:
        agent.load.set(9)
        events(hook, 1)
        agent.load.set(60)
        events(hook, 2)
        agent.load.set(0)
        events(hook, 3)
        agent.wait_told()
        time.sleep(PERIODS)
        got = hook.dialect.events
        assert len(got) == 3 and len({e["event_id"] for e in got}) == 3, hook.describe()
        assert len({e["dedupe_key"] for e in got}) == 1


def test_an_event_that_was_not_answered_comes_again_with_the_same_id(hook, authority):
    hook.once(faults.lost(), op="event")
    hook.once(faults.answer(503), op="event")
    with Agent(rules=[rule(5)], upstreams=[upstream(hook, authority)]) as agent:
        agent.load.set(9)
        got = events(hook, 3)
        agent.wait_told()
        assert len(got) == 2 and got[0] == got[1], hook.describe()


# -- several upstreams

def test_only_what_is_bad_enough_goes_to_an_upstream(certificate, authority):
    with Psa(certificate, ConnectWise()) as all_of_it, Psa(certificate, Halo()) as worst:
        ups = [upstream(all_of_it, authority), upstream(worst, authority, **{"from": "critical"})]
        with Agent(rules=[rule(5, worse=50)], upstreams=ups) as agent:
            agent.load.set(9)
            all_of_it.wait_calls(1, "create")
            time.sleep(PERIODS)
            assert worst.ops() == []
            agent.load.set(60)
            worst.wait_calls(1, "create")
            all_of_it.wait_calls(1, "note")
            over(agent)
            assert [len(p.store.tickets()) for p in (all_of_it, worst)] == [1, 1]
            assert not any(p.store.tickets(open=True) for p in (all_of_it, worst))


def test_what_never_was_bad_enough_is_never_told(certificate, authority):
    with Psa(certificate, ConnectWise()) as worst:
        with Agent(rules=[rule(5, worse=50)], upstreams=[upstream(worst, authority, **{"from": "critical"})]) as agent:
            agent.load.set(9)
            agent.wait_open("load-5")
            over(agent)
            assert worst.ops() == []


def test_an_upstream_that_is_down_does_not_hold_another(certificate, authority, hook):
    with Psa(certificate, ConnectWise()) as psa:
        psa.refuse()
        with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority), upstream(hook, authority)]) as agent:
            agent.load.set(9)
            events(hook, 1)
            agent.wait(lambda s: s["upstreams"][0]["state"] == "retrying", "says that one is down")
            psa.accept()
            psa.wait_calls(1, "create", seconds=40)
            agent.wait_told()
            assert len(psa.store.tickets()) == 1


def test_the_desk_and_a_psa_work_side_by_side(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority), {"connector": "desk"}]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        watched(agent, psa)
        assert {t["upstream"]: t["state"] for t in agent.tickets()} == {psa.dialect.name: "open", "desk": "open"}


# -- the local desk

def desk_tickets(agent):
    return [(t["number"], t["state"]) for t in agent.tickets()]


def test_the_local_desk_keeps_tickets_over_a_kill():
    with Agent(rules=[rule(5, worse=50)]) as agent:
        assert agent.tickets() == []
        assert "No open tickets" in agent.ask("tickets")
        agent.load.set(9)
        agent.wait_open("load-5")
        agent.load.set(60)
        agent.wait(lambda s: s["alerts"] and s["alerts"][0]["severity"] == "critical", "worse")
        agent.kill()
        agent.start()
        assert desk_tickets(agent) == [(1, "open")]
        shown = agent.ask("tickets", "show", "1")
        assert "testbox: load is 9" in shown and "60" in shown
        over(agent)
        assert desk_tickets(agent) == [(1, "closed")]


def test_a_person_works_on_tickets_of_the_local_desk():
    with Agent(rules=[rule(5)]) as agent:
        agent.load.set(9)
        agent.wait_open("load-5")
        agent.ask("tickets", "note", "1", "the fan is stuck")
        over(agent)
        assert desk_tickets(agent) == [(1, "open")], "a person's ticket stays open"
        assert "the fan is stuck" in agent.ask("tickets", "show", "1")
        agent.ask("tickets", "close", "1")
        assert desk_tickets(agent) == [(1, "closed")]
        agent.ask("tickets", "reopen", "1")
        assert desk_tickets(agent) == [(1, "open")]


def test_others_may_read_the_desk_and_change_nothing():
    if os.geteuid() != 0:
        raise need.Skip("asking as another account needs root")
    with Agent(rules=[rule(5)]) as agent:
        agent.load.set(9)
        agent.wait_open("load-5")
        words = ["tickets", "--state", str(agent.state), "close", "1"]
        done = subprocess.run([agent.program, *words], user="nobody", capture_output=True, text=True)
        assert done.returncode != 0 and done.stderr
        assert desk_tickets(agent) == [(1, "open")]


# -- configuration while it runs

def test_a_new_configuration_is_taken_on_sighup_and_tickets_stay_one(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        agent.configure(rules=[rule(5), rule(7)])
        agent.hup()
        psa.wait_calls(2, "create")
        agent.wait_told()
        assert len(psa.store.tickets()) == 2 and len({t.ref for t in psa.store.tickets()}) == 2, psa.describe()


def test_a_rule_that_is_no_longer_there_ends_its_ticket(psa, authority):
    with Agent(rules=[rule(5), rule(6)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(2, "create")
        agent.configure(rules=[rule(5)])
        agent.hup()
        agent.wait_open("load-5")
        agent.wait_told()
        assert sorted(t.open for t in psa.store.tickets()) == [False, True]


@pytest.mark.parametrize("bad, words", [
    ("{", ""),
    ('{"colect": {"period_s": 1}}', "colect"),
    ('{"collect": {"period_s": "often"}}', "collect.period_s"),
], ids=["no JSON", "unknown name", "wrong type"])
def test_a_bad_configuration_leaves_the_running_one_in_force_and_says_so(bad, words):
    with Agent(rules=[rule(5)]) as agent:
        good = agent.config.read_text()
        agent.config.write_text(bad)
        agent.hup()
        status = agent.wait(lambda s: s["agent"]["configuration_error"], "status says that it is bad")
        assert words in status["agent"]["configuration_error"]
        agent.load.set(9)
        agent.wait_open("load-5")
        agent.config.write_text(good)
        agent.hup()
        agent.wait(lambda s: not s["agent"]["configuration_error"], "the good one is taken")


def test_many_sighups_in_a_row_lose_and_double_nothing(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        for _ in range(20):
            agent.hup()
            time.sleep(0.05)
        psa.wait_calls(1, "create")
        over(agent)
        tickets = psa.store.tickets()
        assert len(tickets) == 1 and not tickets[0].open, psa.describe()


# -- its end, and bad disks

@pytest.mark.parametrize("moment", ["idle", "in the middle of a create", "while the PSA is down"])
def test_sigterm_ends_it_cleanly(psa, authority, moment):
    if moment == "in the middle of a create":
        psa.once(faults.delay(1), op="create")
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        if moment == "while the PSA is down":
            psa.refuse()
        if moment != "idle":
            agent.load.set(9)
            agent.wait_open("load-5")
        if moment == "in the middle of a create":
            psa.wait_calls(1, "create")
        courier = agent.courier_pid()
        assert agent.stop() == 0, agent.diagnosis()
        assert courier and not os.path.exists(f"/proc/{courier}")


def test_a_ticket_made_during_sigterm_is_known_afterwards(psa, authority):
    psa.once(faults.delay(1), op="create")
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        assert agent.stop() == 0
        time.sleep(psa.store.index_delay)
        agent.start()
        ticket = watched(agent, psa)
        over(agent)
        assert not ticket.open and psa.store.tickets() == [ticket]


class SmallDisk:
    """A tmpfs for a state folder."""

    def __init__(self, folder, size="1m"):
        self.path, self.size = folder, size

    def __enter__(self):
        if os.geteuid() != 0:
            raise need.Skip("mounting a file system needs root")
        self.path.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.size},mode=700", "none", self.path],
                              capture_output=True, text=True)
        if done.returncode:
            raise need.Skip(f"this machine mounts nothing: {done.stderr.strip()}")
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.path], check=False)

    def remount(self, options, process=None):
        """Also as a process on a stage sees it: its mounts are its own."""
        words = ["mount", "-o", f"remount,{options}", self.path]
        subprocess.run(words, check=True)
        if process:
            subprocess.run(["nsenter", "-t", str(process), "-m", *words], check=True)

    def fill(self):
        with open(self.path / "filler", "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def empty(self):
        (self.path / "filler").unlink()


def test_a_full_disk_does_not_keep_a_ticket_from_being_made(psa, authority, tmp_path):
    with SmallDisk(tmp_path / "disk") as disk:
        with Agent(rules=[rule(5), rule(20)], upstreams=[upstream(psa, authority)], state=disk.path / "state") as agent:
            disk.fill()
            agent.load.set(9)
            psa.wait_calls(1, "create")
            ticket = watched(agent, psa)
            status = agent.wait(lambda s: not s["agent"]["durable"], "says that it is not on disk")
            assert status["agent"]["durable_why"]
            disk.empty()
            agent.wait(lambda s: s["agent"]["durable"], "back on disk", seconds=90)
            agent.kill()
            agent.start()
            over(agent)
            assert not ticket.open and psa.store.tickets() == [ticket]


def test_a_disk_that_is_full_from_the_start_is_no_reason_not_to_watch(psa, authority, tmp_path):
    with SmallDisk(tmp_path / "disk") as disk:
        (disk.path / "state").mkdir(mode=0o700)
        disk.fill()
        with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], state=disk.path / "state") as agent:
            agent.load.set(9)
            psa.wait_calls(1, "create")
            watched(agent, psa)
            over(agent)
            assert [t.open for t in psa.store.tickets()] == [False]


def test_a_read_only_disk_is_no_reason_not_to_tell(psa, authority, tmp_path):
    """The control socket lies there too, so nobody can ask: what the PSA sees is all there is."""
    with SmallDisk(tmp_path / "disk") as disk:
        with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)], state=disk.path / "state") as agent:
            agent.stop()
            disk.remount("ro")
            agent.start(wait=False)
            agent.wait_line("kept in memory until")
            agent.load.set(9)
            psa.wait_calls(1, "create")
            disk.remount("rw", agent.pid)
            agent.wait_line("on disk again", seconds=90)
            agent.kill()
            agent.start()
            ticket = watched(agent, psa)
            over(agent)
            assert not ticket.open and psa.store.tickets() == [ticket]


@pytest.mark.parametrize("damage", ["its head", "all of it", "its middle"])
def test_a_damaged_database_is_set_aside_and_makes_no_second_ticket(psa, authority, damage):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        agent.load.set(9)
        psa.wait_calls(1, "create")
        ticket = watched(agent, psa)
        agent.stop()
        spoil(agent.state / "outbox.db", damage)
        time.sleep(psa.store.index_delay)
        agent.start()
        status = agent.wait(lambda s: s["agent"]["set_aside"], "says where the damaged one is")
        assert os.path.exists(status["agent"]["set_aside"])
        assert watched(agent, psa) is ticket
        over(agent)
        assert not ticket.open and psa.store.tickets() == [ticket], psa.describe()


def spoil(path, part):
    size = path.stat().st_size
    start, end = {"its head": (0, 100), "all of it": (0, size), "its middle": (1024, size)}[part]
    with open(path, "r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * (end - start))


def test_a_second_agent_in_the_same_folder_is_refused():
    with Agent(rules=[rule(5)]) as agent:
        done = subprocess.run([agent.program, "run", "--config", agent.config, "--state", agent.state],
                              capture_output=True, text=True, timeout=10)
        assert done.returncode != 0 and "another agent" in done.stderr
        assert agent.status()
