"""The whole agent against PSAs that answer as no PSA should: each has its stated outcome, and no wrong ticket.

All cases run side by side, eight upstreams to an agent (the most it takes), so that the waits are shared: `outcomes` does
the work, the tests look at what came of it. First a breach while all are hostile, then they are mended, then the breach
is over.
"""
import concurrent.futures
import contextlib
import time
from dataclasses import dataclass, field

import pytest

from rigs import certs
from rigs.agent import Agent, is_sanitized, memory_kb, tuned, upstream
from rigs.autotask import Autotask
from rigs.hostile import Hostile, acts
from rigs.httpproxy import HttpProxy
from rigs.loadavg import rule
from rigs.psa import ConnectWise, Halo, Psa, Webhook, by_hand, faults

HOSTILE_S = 8           # how long all are hostile
MOST_MEMORY_KB = 8000   # of a courier with eight upstreams that do their worst
EIGHT = 8
TOO_MUCH = 100 << 20


@dataclass
class Case:
    """`state` and `words`: what status says; `asks`: the most requests of that operation; `made`: tickets."""
    dialect: type
    op: str
    fault: object
    state: str = "retrying"
    words: str = ""
    asks: int = 20
    made: int = 0
    certificate: object = None
    outcome: "Outcome" = None


@dataclass
class Outcome:
    """What came of a case: while it was hostile, once it was mended, and at the end."""
    status: dict
    asked: list             # when the case's operation was requested
    calls: int              # requests of any kind
    made: int               # tickets while it was hostile
    mended: list = field(default_factory=list)      # (open, number of notes) of each ticket, or the events' ids
    over: list = field(default_factory=list)
    described: str = ""


def endless_headers():
    return by_hand(acts.repeat(b"HTTP/1.1 200 OK\r\n", b"x-more: " + b"y" * 4000 + b"\r\n", limit=20000))


def slow_drip():
    return by_hand(acts.repeat(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n", b"[",
                               pause=0.5, limit=1000))


def flood(announced=False):
    return by_hand(acts.flood(TOO_MUCH, announced))


def redirect(status):
    async def fault(request, forward):
        return await faults.answer(status, "", {"Location": ELSEWHERE.url("/stolen")})(request, forward)
    return fault


ELSEWHERE = None        # the other host; a server with a good certificate, so that nothing but sense keeps anyone away

# said yes twice, and no ticket is found: a third try could be a third ticket
YES_AND_NOTHING = ("refused", "", 2)

CASES = {
    "401 for good keys": Case(ConnectWise, "find", lambda: faults.answer(401, {"message": "no such key"}), "refused", "401", 3),
    "403 on create": Case(ConnectWise, "create", lambda: faults.answer(403, {"message": "role"}), "refused", "403", 2),
    "401 in the middle": Case(Halo, "create", lambda: faults.answer(401, {"error": "invalid_token"}), "refused", "401", 4),
    "400 on login": Case(Halo, "token", lambda: faults.answer(400, {"error": "invalid_client"}), "refused", "", 3),
    "429 with Retry-After": Case(ConnectWise, "create", lambda: faults.answer(429, "", {"Retry-After": "5"}), "retrying", "429"),
    "503 with Retry-After": Case(ConnectWise, "find", lambda: faults.answer(503, "", {"Retry-After": "5"}), "retrying", "503"),
    "500 that means do not retry": Case(Autotask, "create", lambda: faults.answer(500, {"errors": ["queueID is wrong."]}),
                                        "refused", "queueID is wrong", 2),
    "500 without a reason": Case(Autotask, "create", lambda: faults.answer(500, b""), "retrying", "500"),
    "200 that means failure": Case(ConnectWise, "create", lambda: faults.answer(200, {"code": "Oops", "message": "not saved"}),
                                   "refused", "not saved", 2),
    "200 with HTML": Case(Halo, "create", lambda: faults.answer(200, "<html>log in</html>", {"Content-Type": "text/html"}),
                          *YES_AND_NOTHING),
    "200 without a body": Case(ConnectWise, "find", lambda: faults.answer(200, b"")),
    "200 with null": Case(ConnectWise, "find", lambda: faults.answer(200, b"null")),
    "204 on create": Case(ConnectWise, "create", lambda: faults.answer(204, b""), *YES_AND_NOTHING),
    "a list where one was asked for": Case(ConnectWise, "create", lambda: faults.answer(200, [[], [], {}]), *YES_AND_NOTHING),
    "deep nesting": Case(ConnectWise, "find", lambda: faults.answer(200, b"[" * 100000)),
    "truncated JSON": Case(ConnectWise, "create", lambda: faults.answer(201, b'{"id": 7001, "externalXRef": "pick'),
                           *YES_AND_NOTHING),
    "a body that breaks off": Case(ConnectWise, "find", lambda: faults.truncated(1)),
    "100 MB body": Case(ConnectWise, "find", flood),
    "100 MB announced": Case(Halo, "create", lambda: flood(True)),
    "endless headers": Case(ConnectWise, "find", endless_headers),
    "slow drip": Case(ConnectWise, "find", slow_drip),
    "no HTTP": Case(ConnectWise, "find", lambda: by_hand(acts.raw(b"220 mail.example ESMTP\r\n" * 3))),
    "301 on find": Case(ConnectWise, "find", lambda: redirect(301), "refused", "another address", 1),
    "302 on create": Case(ConnectWise, "create", lambda: redirect(302), "refused", "another address", 1),
    "307 on create": Case(Halo, "create", lambda: redirect(307), "refused", "another address", 1),
    "308 on an event": Case(Webhook, "event", lambda: redirect(308), "refused", "another address", 1),
    "another's ticket found": Case(ConnectWise, "find", lambda: faults.answer(200, [{"id": 1, "externalXRef": "theirs",
                                                                                     "closedFlag": False}]), "ok", "", 2, 1),
    "connection closed": Case(Webhook, "event", lambda: by_hand(acts.cut())),
}
BAD_CERTIFICATES = {
    "wrong host": lambda ca, folder: ca.wrong_host(),
    "expired": lambda ca, folder: ca.expired(),
    "not yet valid": lambda ca, folder: ca.not_yet(),
    "self-signed": lambda ca, folder: certs.self_signed(folder),
    "of another authority": lambda ca, folder: certs.CA(folder / "other", "Another CA").server(),
}
CASES.update({f"certificate {name}": Case(ConnectWise, "", None, "retrying", "certificate", 0, certificate=make)
              for name, make in BAD_CERTIFICATES.items()})


class Group:
    """Up to eight cases with one agent."""

    def __init__(self, cases, authority, good, folder):
        self.cases, self.authority, self.good, self.folder = cases, authority, good, folder
        self.memory, self.survived = 0, False

    def run(self):
        with contextlib.ExitStack() as stack:
            self.servers = [stack.enter_context(Psa(self.good, case.dialect())) for case in self.cases]
            ups = [self._upstream(stack, i, *pair) for i, pair in enumerate(zip(self.cases, self.servers))]
            with Agent(rules=[rule(5)], upstreams=ups) as agent:
                self._be_hostile(agent)
                self._be_mended(agent)
                self.survived = agent.complaints() == []

    def _upstream(self, stack, i, case, psa):
        folder = self.folder / str(i)
        folder.mkdir()
        more = {"connector_file": tuned(folder, psa.dialect.name, settle_s=2, timeout_s=3, pause_s=1)}
        if case.dialect is Autotask:        # its hosts have fixed names
            psa.present(self.authority.server(f"autotask-{self.folder.name}-{i}", hosts=Autotask.hosts))
            more["proxy"] = stack.enter_context(HttpProxy(leads_to=psa.port)).url
        if case.certificate:
            psa.present(case.certificate(self.authority, folder))
        if case.fault:
            psa.always(case.fault(), op=case.op)
        return upstream(psa, self.authority, f"case-{i}", **more)

    def _be_hostile(self, agent):
        agent.load.set(9)
        agent.wait_open("load-5")
        courier = agent.courier_pid()
        end = time.monotonic() + HOSTILE_S
        while time.monotonic() < end:
            self.memory = max(self.memory, memory_kb(courier, "VmHWM"))
            time.sleep(0.2)
        assert agent.courier_pid() == courier, f"the courier did not live through it\n{agent.diagnosis()}"
        told = {u["name"]: u for u in agent.status()["upstreams"]}
        for i, (case, psa) in enumerate(zip(self.cases, self.servers)):
            case.outcome = Outcome(told[f"case-{i}"], [c.at for c in psa.ops(case.op)], len(psa.calls), len(kept(psa)),
                                   described=psa.describe())

    def _be_mended(self, agent):
        for case, psa in zip(self.cases, self.servers):
            psa.heal()
            if case.certificate:
                psa.present(self.good)
            psa.drop_all()
        agent.hup()             # as whoever mends the configuration: nothing waits its quarter of an hour
        agent.wait_told(60)
        for case, psa in zip(self.cases, self.servers):
            case.outcome.mended = kept(psa)
        agent.load.set(0)
        agent.wait_open()
        agent.wait_told(60)
        for case, psa in zip(self.cases, self.servers):
            case.outcome.over, case.outcome.described = kept(psa), psa.describe()


def kept(psa):
    """What the PSA has of it: whether each ticket is open; of a webhook, the different events' states."""
    if psa.dialect.name == Webhook.name:
        return [e["state"] == "open" for e in {e["event_id"]: e for e in psa.dialect.events}.values()]
    return [t.open for t in psa.store.tickets()]


@pytest.fixture(scope="module")
def groups(authority, certificate, tmp_path_factory):
    global ELSEWHERE
    cases = list(CASES.values())
    folder = tmp_path_factory.mktemp("hostile")
    with Hostile(certificate) as ELSEWHERE:
        made = []
        for n in range(0, len(cases), EIGHT):
            (folder / str(n)).mkdir()
            made.append(Group(cases[n:n + EIGHT], authority, certificate, folder / str(n)))
        with concurrent.futures.ThreadPoolExecutor(len(made)) as pool:
            list(pool.map(Group.run, made))
        yield made


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_answer_has_its_stated_outcome(groups, name):
    case, got = CASES[name], CASES[name].outcome
    about = f"{got.status}\n{got.described}"
    assert got.status["state"] == case.state, about
    assert case.words in got.status["why"], about
    assert len(got.asked) <= case.asks, f"asked {len(got.asked)} times in {HOSTILE_S} s\n{about}"
    assert got.made == case.made, about


@pytest.mark.parametrize("name", CASES)
def test_once_it_is_mended_there_is_exactly_one_ticket(groups, name):
    case, got = CASES[name], CASES[name].outcome
    assert got.mended == [True], got.described
    assert got.over == ([True, False] if case.dialect is Webhook else [False]), got.described


@pytest.mark.parametrize("name", [name for name in CASES if "Retry-After" in name])
def test_retry_after_is_honoured(groups, name):
    asked = CASES[name].outcome.asked
    pauses = [later - earlier for earlier, later in zip(asked, asked[1:])]
    assert pauses and all(5 <= pause < 7 for pause in pauses), asked


def test_a_bad_certificate_is_told_nothing(groups):
    assert {n: c.outcome.calls for n, c in CASES.items() if c.certificate} == {
        f"certificate {name}": 0 for name in BAD_CERTIFICATES}


def test_no_request_follows_a_redirect_to_another_host(groups):
    assert [(r.method, r.target) for r in ELSEWHERE.seen] == []


def test_the_agent_lives_through_all_of_it_in_little_memory(groups):
    assert all(group.survived for group in groups)
    if not is_sanitized():
        assert max(group.memory for group in groups) <= MOST_MEMORY_KB, [group.memory for group in groups]

