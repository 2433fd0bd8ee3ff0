"""What should have become of each breach, beside what a PSA really has: none lost, none doubled.

    ledger = Ledger()
    ledger.up("load-5"); ledger.down("load-5")      # as the test drives it
    ledger.complaints(psa, refs)                    # refs: which reference a rule's tickets carry; [] is what we want

The i-th time that a rule went up is an incident of its own. Of a PSA with tickets each one has exactly one ticket,
made after it began; of a webhook, events with one identity, the last of which says that it is over.
"""
import time
from collections import defaultdict

SOON = 0.01     # two clocks are read one after the other


class Ledger:
    def __init__(self):
        self.begun = defaultdict(list)      # rule: when each incident began (monotonic)
        self.is_up = set()

    def up(self, rule):
        if rule not in self.is_up:
            self.is_up.add(rule)
            self.begun[rule].append(time.monotonic())

    def down(self, rule):
        self.is_up.discard(rule)

    @property
    def incidents(self):
        return sum(map(len, self.begun.values()))

    def complaints(self, psa, refs):
        events = getattr(psa.dialect, "events", None)
        judge = of_events if events is not None else of_tickets
        found = [f"rule {rule}: its reference never was seen" for rule in self.begun if rule not in refs]
        for rule, begun in self.begun.items():
            found += [f"{rule} ({refs[rule]}): {c}" for c in judge(psa, refs[rule], begun, rule in self.is_up)] \
                if rule in refs else []
        strangers = {t.ref for t in psa.store.tickets()} - set(refs.values())
        return found + [f"a ticket that nothing deserved: {ref or 'without a reference'}" for ref in strangers]


def of_tickets(psa, ref, begun, is_up):
    tickets = sorted(psa.store.tickets(ref), key=lambda t: t.born)
    if len(tickets) != len(begun):
        word = "lost" if len(tickets) < len(begun) else "doubled"
        yield f"{word}: {len(begun)} incidents, tickets {[t.number for t in tickets]}"
    for ticket, since in zip(tickets, begun):
        if ticket.born < since - SOON:
            yield f"ticket {ticket.number} was made before its incident began: doubled, and a later one lost"
    for i, ticket in enumerate(tickets[:len(begun)]):
        should_be_open = is_up and i == len(begun) - 1
        if ticket.open != should_be_open:
            yield f"ticket {ticket.number} is {'open' if ticket.open else 'closed'}, its incident is not"


def of_events(psa, ref, begun, is_up):
    """Repeats are welcome if they are the same; the identity of an incident is its event ids without the revision."""
    bodies, incidents = {}, defaultdict(list)
    for event in psa.dialect.events:
        if event["dedupe_key"] != ref:
            continue
        if bodies.setdefault(event["event_id"], event) != event:
            yield f"event {event['event_id']} came twice and said two things"
        incidents[event["event_id"].rsplit("-", 1)[0]].append(event)
    if len(incidents) != len(begun):
        word = "lost" if len(incidents) < len(begun) else "doubled"
        yield f"{word}: {len(begun)} incidents, events {sorted(incidents)}"
    for i, (name, events) in enumerate(list(incidents.items())[:len(begun)]):
        should_be_open = is_up and i == len(begun) - 1
        if (max(events, key=lambda e: e["revision"])["state"] == "open") != should_be_open:
            yield f"the last event of {name} says {events[-1]['state']}"
