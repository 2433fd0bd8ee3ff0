"""The agent's main job against the real thing: a file system that really is full, and Request Tracker 5 over TLS.

RT has rights, a history, people and a search language; none of it is ours. Each test ends by looking at all tickets
that RT has, in every queue: exactly the expected ones are new, and those of the tests before are as they were.
"""
import asyncio
import contextlib
import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from rigs import need
from rigs.agent import Agent, tuned
from rigs.child import until
from rigs.disk import TinyDisk
from rigs.nspawn import Nspawn
from rigs.psa import Secret
from rigs.rt import RequestTracker
from rigs.tlsrelay import faults

pytestmark = [pytest.mark.slow, pytest.mark.limit(180)]

QUEUE, USER = "Monitoring", "picket"
TIMEOUT_S, SETTLE_S = 2, 3      # of the tuned connector; the shipped one has patience
FULL, FULLER = 0.92, 0.99       # over the warning, over the critical level of disk-full


# -- what a test has

@pytest.fixture(scope="module")
def tracker(authority):
    with RequestTracker(authority, queue=QUEUE) as it:
        it.revoke("ReplyToTicket", "OwnTicket")     # what docs/psa/request-tracker.md does not ask for
        yield it


@pytest.fixture
def rt(tracker):
    tracker.heal()
    tracker.relay.seen.clear()
    return tracker


@pytest.fixture
def desk(rt):
    return Desk(rt)


@pytest.fixture
def disk():
    with TinyDisk(64) as it:
        yield it


@pytest.fixture
def impatient(tmp_path):
    """The shipped connector with other limits: a test cannot wait half a minute for each answer that does not come."""
    return tuned(tmp_path, "request-tracker", timeout_s=TIMEOUT_S, settle_s=SETTLE_S, per_minute=600)


class Desk:
    """All of RT's tickets, and which of them are new since the test began."""

    def __init__(self, rt):
        self.rt = rt
        self.before = self._all()

    def _all(self):
        return {t["id"]: t for t in self.rt.find("id > 0")}

    def new(self):
        now = self._all()
        assert {n: t for n, t in now.items() if n in self.before} == self.before, "earlier tickets were changed"
        return [t for n, t in sorted(now.items()) if n not in self.before]

    def holds(self, *expected):
        """Exactly these are new: (status, owner, who did what to it, oldest first)."""
        assert [(t["Status"], t["Owner"], self.deeds(t["id"])) for t in self.new()] == list(expected)
        assert all(t["ref"] for t in self.new()), "a ticket without its reference"

    def deeds(self, number):
        """RT's own bookkeeping of the outgoing mail left out."""
        return [f"{x['Creator']}: {x['Type']}" for x in self.rt.history(number) if "Email" not in x["Type"]]


CREATED, NOTED = "picket: Create", "picket: Comment"
RESOLVED = ["picket: Status", "picket: Comment"]            # the words come after: a refused close must not be announced
UNTOUCHED_AND_OVER = ("resolved", "Nobody", [CREATED, *RESOLVED])


def rule(disk):
    """The built-in rule with its levels and words; on one file system, and at once."""
    at_once = {"for_s": 0, "clear_for_s": 0}
    return {"name": "disk-full", "where": [{"key": "mountpoint", "like": f"{disk.folder}/*"}], "warning": at_once,
            "critical": at_once}


def upstream(rt, authority, **more):
    settings = {"url": rt.url, "user": USER, "token": Secret(rt.token), "queue": QUEUE}
    return {"name": "rt", "connector": "request-tracker", "ca_file": authority.cert, "settings": settings, **more}


def watching(rt, disk, authority, connector=None):
    more = {"connector_file": connector} if connector else {}
    return Agent(rules=[rule(disk)], upstreams=[upstream(rt, authority, **more)])


def number(agent):
    """The ticket of the agent's open alert, once the agent knows it and has no more to say."""
    agent.wait_open("disk-full")
    idle(agent)
    return int(next(t["id"] for t in agent.tickets() if t["state"] == "open"))


def idle(agent, seconds=40):
    return agent.wait(lambda s: s["upstreams"][0]["waiting"] == 0, "nothing waits", seconds)


def worse(agent, disk):
    disk.fill_to(FULLER)
    agent.wait(lambda s: s["alerts"][0]["severity"] == "critical", "it is critical")


def over(agent, disk):
    disk.empty()
    agent.wait_open(seconds=30)
    agent.wait_told()


def trouble(agent, state):
    """What `picket status` says is wrong with Request Tracker."""
    return agent.wait(lambda s: s["upstreams"][0]["state"] == state, f"{state} it is", 30)["upstreams"][0]["why"]


def late_answer(seconds):
    """Done at once, said late."""
    async def fault(request, forward):
        answer = await forward()
        await asyncio.sleep(seconds)
        return answer
    return fault


# -- the life of a ticket

def test_a_filled_disk_becomes_a_ticket_with_its_facts_in_its_queue(rt, desk, disk, authority):
    with watching(rt, disk, authority) as agent:
        time.sleep(1)
        assert desk.new() == [] and rt.relay.seen == []
        disk.fill_to(FULL)
        ticket = rt.ticket(number(agent))
        full = re.fullmatch(r"testbox: (.*) is (9[012]\.\d %) full", ticket["Subject"])
        assert full and full.group(1) == str(disk.path)
        assert ticket["Queue"] == str(rt.facts["queue_id"]) and ticket["Status"] == "new"
        alert = agent.status()["alerts"][0]
        assert ticket["ref"] == alert["ref"]
        (text,) = rt.texts(ticket["id"])
        for line in ("Device: testbox", "Client: Acme Ltd",
                     f"Seen: system.filesystem.utilization of mountpoint={disk.path} is {full.group(2)}",
                     "Limit: above 90.0 %", "Severity: warning", f"Since: {alert['raised']}", "Rule: disk-full",
                     f"Reference: {alert['ref']}",
                     f"The file system {disk.path} (ext4 on {disk.device}) is running out of space."):
            assert line in text.splitlines()
        assert [t["url"] for t in agent.tickets()] == [f"{rt.url}/Ticket/Display.html?id={ticket['id']}"]
        time.sleep(3)
        desk.holds(("new", "Nobody", [CREATED]))


def test_it_is_noted_when_it_gets_worse_and_resolved_when_the_disk_is_emptied(rt, desk, disk, authority):
    with watching(rt, disk, authority) as agent:
        disk.fill_to(FULL)
        ticket = number(agent)
        worse(agent, disk)
        idle(agent)
        assert len(rt.notes(ticket)) == 1
        assert re.fullmatch(r"now 9[789]\.\d % \(was 9[012]\.\d %\), critical", rt.notes(ticket)[0].strip())
        over(agent, disk)
        assert re.fullmatch(r"back to 0\.\d % after \d+ s", rt.notes(ticket)[1].strip())
        desk.holds(("resolved", "Nobody", [CREATED, NOTED, *RESOLVED]))


def test_a_second_breach_is_a_second_ticket(rt, desk, disk, authority):
    with watching(rt, disk, authority) as agent:
        for _ in range(2):
            disk.fill_to(FULL)
            number(agent)
            over(agent, disk)
        desk.holds(UNTOUCHED_AND_OVER, UNTOUCHED_AND_OVER)
        assert len({t["ref"] for t in desk.new()}) == 1


def test_a_breach_that_is_over_before_it_could_be_told_is_one_resolved_ticket(rt, desk, disk, authority):
    rt.relay.refuse()
    try:
        with watching(rt, disk, authority) as agent:
            disk.fill_to(FULL)
            agent.wait_open("disk-full")
            assert "refused" in trouble(agent, "retrying")
            disk.empty()
            agent.wait(lambda s: not any(a["open"] for a in s["alerts"]), "it is over")
            rt.relay.accept()
            agent.wait_told()
            desk.holds(UNTOUCHED_AND_OVER)
    finally:
        rt.relay.accept()


def test_a_mount_point_with_a_hostile_name_is_told_as_it_is_called(rt, desk, authority):
    name = "we'ird \"Größe\" \\' OR id > 0 CF.{PicketRef}\nX-Header: <b>%2e&amp;\U0001f525"
    with TinyDisk(64, name=name) as disk, watching(rt, disk, authority) as agent:
        disk.fill_to(FULL)
        ticket = rt.ticket(number(agent))
        plain = str(disk.path).replace("\n", " ")
        assert f"testbox: {plain} is " in ticket["Subject"]
        assert f"mountpoint={plain} is" in rt.texts(ticket["id"])[0]
        over(agent, disk)
        desk.holds(UNTOUCHED_AND_OVER)


# -- people

HANDS = {
    "takes it": (lambda rt, n: rt.call("PUT", f"/ticket/{n}", {"Owner": "technician"}, "technician"),
                 "new", "technician", ["technician: Set", "technician: SetWatcher", "technician: AddWatcher"]),
    "comments on it": (lambda rt, n: rt.comment(n, "a log file ran away"),
                       "new", "Nobody", ["technician: Comment"]),
    "replies in it": (lambda rt, n: rt.call("POST", f"/ticket/{n}/correspond",
                                            {"Content": "we are on it", "ContentType": "text/plain"}, "technician"),
                      "open", "Nobody", ["technician: Correspond", "RT_System: Status"]),
}


@pytest.mark.parametrize("hand", HANDS)
def test_a_ticket_that_a_person_works_on_is_left_open_with_a_note(rt, desk, disk, authority, hand):
    work, status, owner, deeds = HANDS[hand]
    with watching(rt, disk, authority) as agent:
        disk.fill_to(FULL)
        ticket = number(agent)
        work(rt, ticket)
        over(agent, disk)
        agent.wait_line(f"ticket left open {ticket}: left open: a person works on it")
        assert "back to" in rt.notes(ticket)[-1]
        (left,) = desk.new()
        assert (left["Status"], left["Owner"]) == (status, owner)
        done = desk.deeds(ticket)
        assert done[0] == CREATED and done[-1] == NOTED and set(done[1:-1]) <= set(deeds) and done[1:-1]


def test_a_ticket_that_a_person_resolved_too_early_is_noted_and_stays_resolved(rt, desk, disk, authority):
    with watching(rt, disk, authority) as agent:
        disk.fill_to(FULL)
        ticket = number(agent)
        rt.set_status(ticket, "resolved")
        worse(agent, disk)
        idle(agent)
        over(agent, disk)
        desk.holds(("resolved", "Nobody", [CREATED, "technician: Status", NOTED]))


# -- trouble

def test_one_ticket_lives_through_a_restart_slowness_refusals_and_lost_rights(rt, desk, disk, authority, impatient):
    with watching(rt, disk, authority, impatient) as agent:
        rt.slow(TIMEOUT_S + 2)
        disk.fill_to(FULL)
        assert "no answer" in trouble(agent, "retrying")
        assert desk.new() == []
        rt.slow(TIMEOUT_S / 4)
        ticket = number(agent)
        rt.heal()
        desk.holds(("new", "Nobody", [CREATED]))

        rt.stop()
        worse(agent, disk)
        assert "502" in trouble(agent, "retrying")
        rt.start()
        idle(agent)
        assert len(rt.notes(ticket)) == 1 and "critical" in rt.notes(ticket)[0]

        rt.unavailable(503, **{"Retry-After": "4"})
        disk.empty()
        assert "503" in trouble(agent, "retrying")
        asked = len(rt.relay.seen)
        time.sleep(3)
        assert len(rt.relay.seen) == asked, "it was asked to wait for four seconds"
        rt.heal()
        agent.wait_open(seconds=30)
        agent.wait_told()
        desk.holds(("resolved", "Nobody", [CREATED, NOTED, *RESOLVED]))

        with without(rt, "CreateTicket"):
            disk.fill_to(FULL)
            assert f"No permission to create tickets in the queue '{QUEUE}'" in trouble(agent, "refused")
        agent.hup()
        number(agent)
        over(agent, disk)
        desk.holds(("resolved", "Nobody", [CREATED, NOTED, *RESOLVED]), UNTOUCHED_AND_OVER)


@contextlib.contextmanager
def without(rt, right):
    rt.revoke(right)
    try:
        yield
    finally:
        rt.grant(right)


# right: what `picket status` says, the tickets that are there nevertheless
RIGHTS = {
    "SeeCustomField": ('the queue\'s tickets have no custom field "PicketRef", or the user lacks the right SeeCustomField', 0),
    "ModifyCustomField": ("was made without its reference: the user needs the right ModifyCustomField", 1),
    "ShowTicket": ("403: it does not exist, or the user has no right to see it", 1),
}


@pytest.mark.parametrize("right", RIGHTS)
def test_a_missing_right_is_named_and_when_it_is_there_so_is_one_ticket(rt, desk, disk, authority, impatient, right):
    words, made = RIGHTS[right]
    with watching(rt, disk, authority, impatient) as agent:
        with without(rt, right):
            disk.fill_to(FULL)
            assert words in trouble(agent, "refused")
            assert len(desk.new()) == made
        agent.hup()
        number(agent)
        over(agent, disk)
        assert len(desk.new()) == 1 and desk.new()[0]["Status"] == "resolved"


def test_a_close_that_rt_refuses_with_a_yes_is_not_believed(rt, desk, disk, authority):
    with watching(rt, disk, authority) as agent:
        disk.fill_to(FULL)
        number(agent)
        with without(rt, "ModifyTicket"):
            disk.empty()
            assert "the user needs the right ModifyTicket" in trouble(agent, "refused")
            desk.holds(("new", "Nobody", [CREATED]))
        agent.hup()
        agent.wait_open()
        agent.wait_told()
        desk.holds(UNTOUCHED_AND_OVER)


def test_a_token_that_is_wrong_is_named_and_the_right_one_is_taken_on_reload(rt, desk, disk, authority, impatient):
    wrong = upstream(rt, authority, connector_file=impatient)
    wrong["settings"]["token"] = Secret(rt.token[:-1] + "~")
    with Agent(rules=[rule(disk)], upstreams=[wrong]) as agent:
        disk.fill_to(FULL)
        assert "401: " in trouble(agent, "refused") and rt.token[:-1] not in agent.log_text() + str(agent.status())
        agent.secret_file("rt-token", rt.token)
        agent.hup()
        number(agent)
        over(agent, disk)
        desk.holds(UNTOUCHED_AND_OVER)


UNHEARD = {
    "made, but the line breaks": faults.lost(),
    "made, but silence follows": late_answer(TIMEOUT_S + 1),
    "made after the agent gave up": faults.delay(TIMEOUT_S + 1),
}


@pytest.mark.parametrize("fault", UNHEARD)
def test_a_create_whose_answer_is_not_heard_is_one_ticket(rt, desk, disk, authority, impatient, fault):
    rt.relay.once(UNHEARD[fault], method="POST", path="/REST/2.0/ticket")
    with watching(rt, disk, authority, impatient) as agent:
        disk.fill_to(FULL)
        ticket = number(agent)
        assert rt.relay.pending() == 0
        assert len([x for x in rt.relay.seen if x.path == "/REST/2.0/ticket"]) == 1, "made once, then found"
        assert re.fullmatch(r"raised: 9[012]\.\d %, warning", rt.notes(ticket)[0].strip())
        over(agent, disk)
        desk.holds(("resolved", "Nobody", [CREATED, NOTED, *RESOLVED]))


@pytest.mark.parametrize("method, path", [("PUT", "/REST/2.0/ticket/"), ("POST", "/comment")], ids=["the close", "its words"])
def test_an_end_whose_answer_is_not_heard_is_told_once(rt, desk, disk, authority, impatient, method, path):
    with watching(rt, disk, authority, impatient) as agent:
        disk.fill_to(FULL)
        ticket = number(agent)
        rt.relay.once(faults.lost(), method=method, path=path)
        over(agent, disk)
        assert rt.relay.pending() == 0 and rt.ticket(ticket)["Status"] == "resolved"
        assert desk.deeds(ticket).count("picket: Status") == 1 and desk.deeds(ticket).count(NOTED) <= 1
        assert len(desk.new()) == 1


# -- as it is shipped

RELEASE = Path(os.environ.get("PICKET_RELEASE_BIN") or need.REPO / "build/release/picket")
INSIDE = "/srv/data"
PACKAGED = r"""
wait_for() {    # COMMAND TEXT: until the command's output has the text, at most half a minute
    for i in $(seq 150); do $1 | grep -qE "$2" && return; sleep 0.2; done
    echo "no $2 in:"; $1; journalctl -o cat -u picket; exit 1
}
fill() { rm -f DISK/filler; head -c $(($(stat -f -c '%a * %S' DISK) * $1 / 100)) /dev/zero >DISK/filler; sync; }

dpkg -i ./picket_*.deb
install -m 0600 -o _picket token /etc/picket/secrets/rt.token
install -m 0644 ca.pem /etc/picket/rt-ca.pem
install -m 0644 picket.json /etc/picket/picket.json
picket config check
systemctl reload picket
wait_for "systemctl status --no-pager picket" "watching testbox"
fill 92
wait_for "picket tickets --json" "\"open\""
picket tickets --json >open.json
fill 99
wait_for "journalctl -o cat -u picket" "ticket noted"
rm DISK/filler
wait_for "journalctl -o cat -u picket" "ticket closed"
picket status --json >status.json
""".replace("DISK", INSIDE)


@pytest.fixture
def deb(tmp_path):
    if not RELEASE.exists():
        raise need.Skip("the release is not built (cmake --preset release && cmake --build --preset release)")
    done = subprocess.run([need.REPO / "packaging/build-deb", "--build", RELEASE.parent, "--out", tmp_path],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def test_the_package_under_systemd_brings_a_full_disk_to_rt_and_back(rt, desk, disk, deb, authority, tmp_path):
    """Default policy but for the patience of one rule: whatever else this machine deserves would be there, too."""
    at_once = {"for_s": 0, "clear_for_s": 0}
    (tmp_path / "token").write_text(rt.token + "\n")
    (tmp_path / "picket.json").write_text(json.dumps({
        "device": {"name": "testbox", "client": "Acme Ltd"}, "collect": {"period_s": 1},
        "rules": [{"name": "disk-full", "warning": at_once, "critical": at_once}],
        "upstreams": [{"name": "rt", "connector": "request-tracker", "ca_file": "/etc/picket/rt-ca.pem", "settings": {
            "url": rt.url, "user": USER, "queue": QUEUE, "token": {"file": "/etc/picket/secrets/rt.token"}}}]}))
    files = [deb, tmp_path / "token", tmp_path / "picket.json", authority.cert]
    with Nspawn(files=files, network=True, binds=[(disk.path, INSIDE)]) as box:
        done = box.run(PACKAGED)
        assert done.status == 0, done.output
        (told,) = json.loads((box.root / "test/open.json").read_text())["tickets"]
        assert json.loads((box.root / "test/status.json").read_text())["alerts"] == []
    desk.holds(("resolved", "Nobody", [CREATED, NOTED, *RESOLVED]))
    (ticket,) = desk.new()
    assert re.fullmatch(rf"testbox: {INSIDE} is 9[012]\.\d % full", ticket["Subject"])
    assert (ticket["id"], ticket["ref"]) == (int(told["id"]), told["ref"])
