"""Kills the agent at random moments while breaches come, get worse and go, and counts what became of them.

    rounds = Killer(dialect, certificate, authority, seed=7).run(rounds=20)     # raises Broken with all that is known

Each round sets other loads, waits for a random moment (a time, or the arrival of some call at the PSA), kills the
warden, the courier or both, starts what was killed and waits until the agent has seen the loads; now and then it is
also told to read its configuration, or ended properly and started. All the while the PSA is late, silent, cut off and
out of service. Now and then it heals; then everything must be told, and the ledger must have nothing to complain of.
"""
import datetime
import random
import tempfile
import time

from . import loadavg
from .agent import UNLIMITED, Agent, tuned, upstream
from .child import until
from .ledger import Ledger
from .psa import Psa, faults, late_commit, never_answered

SETTLE_S = 2            # of the connector; commits and indexes that are later are beyond what any agent can know
LATE_S, INDEX_S = 1.0, 0.5
ANSWER_S = 2            # how long the agent waits for an answer
WORSE = 20
LIMITS = (1, 2)         # of two rules on each of the three load averages
MAKES = ("create", "event")
WRITES = (*MAKES, "note", "close")


class Broken(AssertionError):
    pass


def rules():
    return [loadavg.rule(limit, worse=limit + WORSE, name=f"load-{i}-{limit}", metric=metric)
            for i, metric in enumerate(loadavg.METRICS) for limit in LIMITS]


class Director:
    """What the PSA does to a request, by dice."""

    def __init__(self, dice):
        self.dice = dice

    def __call__(self, op, request):
        """Writes suffer most. What only leads up to them mostly works, or nothing would ever be written."""
        makes, writes = op in MAKES, op in WRITES
        return self._pick([
            (30 if makes else 0, lambda: late_commit(self.dice.uniform(0, LATE_S))),
            (10 if makes else 8 if writes else 1, faults.lost),
            (10 if makes else 2 if writes else 0, never_answered),
            (5 if writes else 1, faults.cut),
            (5 if writes else 1, lambda: faults.answer(503)),
            (5 if writes else 1, lambda: faults.answer(429, "", {"Retry-After": "1"})),
            (5 if writes else 0, lambda: faults.instead(500)),
            (30, lambda: faults.delay(self.dice.uniform(0, 0.3 if writes else 0.02))),
        ])

    def _pick(self, choices):
        return self.dice.choices([make for _, make in choices], [weight for weight, _ in choices])[0]()


class Killer:
    def __init__(self, dialect, certificate, authority, seed):
        self.dice = random.Random(seed)
        self.psa = Psa(certificate, dialect)
        if dialect.store.index_delay:
            dialect.store.index_delay = INDEX_S
        self.authority, self.ledger, self.refs = authority, Ledger(), {}
        self.kills, self.couriers = 0, 0
        self.exposed = 0        # kills while a create was on its way, or late

    def run(self, rounds, between_checks=12):
        with self.psa:
            with tempfile.TemporaryDirectory() as folder, Agent(rules=rules(), upstreams=[self._upstream(folder)]) as agent:
                self.agent = agent
                for i in range(rounds):
                    self.psa.director = Director(self.dice)
                    self._round()
                    if (i + 1) % between_checks == 0:
                        self._check()
                self._drive([0, 0, 0])
                self._check()
        return self

    def _upstream(self, folder):
        file = tuned(folder, self.psa.dialect.name, settle_s=SETTLE_S, timeout_s=ANSWER_S, pause_s=1, **UNLIMITED)
        return upstream(self.psa, self.authority, connector_file=file)

    def _round(self):
        self._drive([self.dice.choice((0, 0, 1.5, 2.5, 21.5, 22.5)) for _ in loadavg.METRICS], wait=False)
        self._wait_for_a_moment()
        self._kill()
        if self.dice.random() < 0.2:
            self._disturb()
        self._see()

    # -- driving

    def _drive(self, loads, wait=True):
        self.loads = loads
        for rule, severity in self._wanted(loads).items():
            (self.ledger.up if severity else self.ledger.down)(rule)
        self.agent.load.set(*loads)
        if wait:
            self._see()

    def _wanted(self, loads):
        return {f"load-{i}-{limit}": "critical" if load > limit + WORSE else "warning" if load > limit else None
                for i, load in enumerate(loads) for limit in LIMITS}

    def _see(self):
        """Until the agent's open alerts are those that the loads deserve."""
        wanted = {rule: severity for rule, severity in self._wanted(self.loads).items() if severity}

        def seen(status):
            self.refs.update({a["rule"]: a["ref"] for a in status["alerts"]})
            return {a["rule"]: a["severity"] for a in status["alerts"] if a["open"]} == wanted
        self.agent.wait(seen, f"open alerts {wanted}", seconds=20)

    # -- killing

    def _wait_for_a_moment(self):
        """Any, or soon after some call has come, most often one that makes a ticket."""
        if self.dice.random() < 0.3:
            time.sleep(self.dice.uniform(0, 4))
            return
        ops, before = self.dice.choice((MAKES, MAKES, MAKES, ("find",), ("note",), ("get",), ("close",))), len(self.psa.calls)
        try:
            until(lambda: any(c.op in ops for c in self.psa.calls[before:]), 4, str(ops))
        except TimeoutError:
            pass
        time.sleep(self.dice.uniform(0, 0.2))

    def _kill(self):
        """Its courier is started again more and more slowly: not too often in one life of a warden."""
        who = self.dice.choice(("both", "warden", "courier") if self.couriers < 2 else ("both", "warden"))
        self._kill_now(who)
        self.couriers = self.couriers + 1 if who == "courier" else 0
        while who != "courier" and self.dice.random() < 0.25:
            self.agent.start(wait=False)        # and again while it starts
            time.sleep(self.dice.uniform(0, 0.25))
            self._kill_now("both")
        if who != "courier":
            self.agent.start()

    def _disturb(self):
        """As people do: take the configuration anew, or restart it properly."""
        time.sleep(self.dice.uniform(0, 1))
        if self.dice.random() < 0.5:
            self.agent.hup()
        else:
            code = self.agent.stop()
            if code != 0:
                raise Broken(f"it ended with {code} when asked to")
            self.agent.start()
        self.couriers = 0

    def _kill_now(self, who):
        now = time.monotonic()
        self.exposed += any(c.op in MAKES and c.status is None and now - c.at < LATE_S for c in self.psa.calls[-20:])
        self.kills += 1
        self.agent.kill(who)

    # -- counting

    def _check(self):
        """The PSA heals, a fresh agent (no long pauses) tells all; then the ledger is looked at."""
        self.psa.heal()
        self.agent.kill("both")
        self.couriers = 0
        self.agent.start()
        self._see()
        self.agent.wait_told(seconds=90)
        found = [*self.ledger.complaints(self.psa, self.refs), *self._untold()]
        if found:
            raise Broken("\n".join([*found, self.psa.describe(400)]))

    def _untold(self):
        """What changed on an open ticket since it was made must stand in its last note."""
        offset = time.time() - time.monotonic()
        for alert in self.agent.status()["alerts"]:
            for ticket in self.psa.store.tickets(alert["ref"], open=True):
                changed = datetime.datetime.fromisoformat(alert["changed"].replace("Z", "+00:00")).timestamp() - offset
                if ticket.born > changed - 1:       # the ticket itself says it
                    continue
                if alert["revision"] > 1 and (not ticket.notes or alert["change"] not in ticket.texts[-1]):
                    yield f"ticket {ticket.number}: its last change ({alert['change']}) is in no note: {ticket.texts}"
