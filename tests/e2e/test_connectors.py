"""Connectors without an agent around them: against a real Request Tracker, and their requests against vendors'
descriptions of what they take.
"""
import http.client
import json
import os
import ssl
import subprocess
import urllib.parse
from pathlib import Path

import pytest

from rigs import certs, need
from rigs.drive import BUILD, Session
from rigs.prism import Prism
from rigs.rt import RequestTracker
from rigs.tlsrelay import faults

slow = pytest.mark.slow
REPO = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return certs.CA(tmp_path_factory.mktemp("ca"))


# ---- Request Tracker: a real ticket system, which says no in many ways

@pytest.fixture(scope="module")
def rt(ca):
    with RequestTracker(ca) as tracker:
        yield tracker


@pytest.fixture
def session(rt, ca):
    rt.heal()
    with Session("request-tracker", settings(rt), str(ca.cert)) as opened:
        yield opened


def settings(rt, **changed):
    return {"url": rt.url, "user": rt.user, "token": rt.token, "queue": rt.queue, **changed}


HOSTILE = ["picket-plain", "it's", "C:\\", "both\\'x", "' OR id > 0 OR 'a'='a", "a\"b", "100%", "emoji \U0001f525"]


@slow
def test_the_test_of_a_good_set_up_says_so(session):
    assert session.test()["outcome"] == "ok"


@slow
@pytest.mark.parametrize("changed, path", [
    ({"token": "1-1-wrong"}, ""),
    ({"queue": "No such queue"}, "queue"),
    ({"ref_field": "No such field"}, "queue, ref_field"),
])
def test_the_test_of_a_wrong_set_up_names_the_setting(rt, ca, changed, path):
    with Session("request-tracker", settings(rt, **changed), str(ca.cert)) as opened:
        done = opened.test()
    assert done["outcome"] == "refused"
    assert done["problems"][0]["path"] == path
    assert "1-1-wrong" not in json.dumps(done)


@slow
@pytest.mark.parametrize("ref", HOSTILE)
def test_whatever_the_reference_is_one_ticket_is_made_and_found_again(rt, session, ref):
    first = session.work(ref=ref, title=ref, text=ref, note="")
    again = session.work(ref=ref, title=ref, text=ref, note="")
    assert (first["outcome"], again["outcome"]) == ("created", "adopted")
    assert first["ticket_id"] == again["ticket_id"]
    assert [t["ref"] for t in rt.tickets(ref)] == [ref]


@slow
def test_a_ticket_lives_from_create_to_close(rt, session):
    made = session.work(ref="life", title="Disk full", text="line one\nline two", note="")
    assert made["outcome"] == "created" and made["ticket_url"].endswith("/Ticket/Display.html?id=" + made["ticket_id"])
    number = made["ticket_id"]
    assert session.work(ref="life", ticket_id=number, note="now 98 %", event_id="e2")["outcome"] == "noted"
    end = session.work(ref="life", ticket_id=number, note="back to 61 %", event_id="e3", cleared=True)
    assert end["outcome"] == "closed" and end["cleared_told"]
    assert rt.ticket(number)["Status"] == "resolved"
    assert rt.notes(number) == ["now 98 %", "back to 61 %"]
    again = session.work(ref="life", ticket_id=number, note="back to 61 %", event_id="e3", cleared=True)
    assert again["outcome"] == "closed" and len(rt.notes(number)) == 2


@slow
@pytest.mark.parametrize("how", ["touch", "comment"])
def test_a_ticket_that_a_person_works_on_is_not_closed(rt, session, how):
    number = session.work(ref="person-" + how, note="")["ticket_id"]
    if how == "touch":
        rt.touch(number)
    else:
        rt.comment(number, "looking into it")
    done = session.work(ref="person-" + how, ticket_id=number, note="back", event_id="e2", cleared=True)
    assert done["outcome"] == "left_open" and done["cleared_told"]
    assert rt.ticket(number)["Status"] != "resolved" and "back" in rt.notes(number)


@slow
def test_a_person_who_is_faster_than_the_closing_keeps_the_ticket(rt, ca):
    class Race(Session):
        def carry(self, request):
            if request["operation"] == "ticket.close" and not self.raced:
                self.raced = True
                rt.comment(self.number, "wait, I am on it")
            return super().carry(request)

    with Race("request-tracker", settings(rt), str(ca.cert)) as racing:
        racing.raced = False
        racing.number = racing.work(ref="race", note="")["ticket_id"]
        done = racing.work(ref="race", ticket_id=racing.number, note="back", event_id="e2", cleared=True)
    assert racing.raced and done["outcome"] == "left_open"
    assert rt.ticket(racing.number)["Status"] != "resolved"


@slow
def test_a_create_that_is_done_but_never_heard_is_found_again(rt, session):
    rt.relay.once(faults.lost(), method="POST", path="/REST/2.0/ticket")
    lost = session.work(ref="lost", note="")
    assert lost["outcome"] == "later" and lost["maybe_created"]
    found = session.work(ref="lost", maybe_created=True, note="")
    assert found["outcome"] == "adopted" and len(rt.tickets("lost")) == 1


@slow
def test_doubles_are_closed_and_the_oldest_is_kept(rt, session):
    numbers = [rt.create("double", ref="double", who="picket") for _ in range(3)]
    assert session.work(ref="double", note="")["ticket_id"] == str(numbers[0])
    assert [t["Status"] for t in rt.tickets("double")] == ["new", "resolved", "resolved"]


@slow
def test_a_double_that_a_person_made_stays(rt, session):
    first, second = (rt.create("mine", ref="mine") for _ in range(2))
    done = session.work(ref="mine", note="")
    assert done["ticket_id"] == str(first) and "stays open" in done["note"]
    assert rt.ticket(second)["Status"] == "new"


@slow
@pytest.mark.parametrize("right, words", [("ModifyCustomField", "without its reference"), ("CreateTicket", "No permission")])
def test_a_missing_right_is_refused_with_words_and_makes_no_second_ticket(rt, session, right, words):
    rt.revoke(right)
    try:
        done = session.work(ref="right-" + right, note="")
    finally:
        rt.grant(right)
    assert done["outcome"] == "refused" and words in done["why"]


@slow
def test_maintenance_is_later_and_not_a_new_ticket(rt, session):
    rt.unavailable(503, **{"Retry-After": "5"})
    down = session.work(ref="down", note="")
    rt.heal()
    assert (down["outcome"], down["retry_ms"], down["maybe_created"]) == ("later", 5000, False)
    session.later(10)
    assert session.work(ref="down", note="")["outcome"] == "created"


# ---- every request of the written conversations, judged by the vendor's description

def requests_of(connector):
    program = BUILD / "tests/connector_requests"
    done = subprocess.run([program, REPO / f"tests/contract/{connector}.json"], capture_output=True, text=True, check=True)
    found = {}
    for line in done.stdout.splitlines():
        request = json.loads(line)
        found.setdefault((request["method"], request["url"], request["body"]), request)
    return list(found.values())


def path_of(url):
    parts = urllib.parse.urlsplit(url)
    return parts.path + ("?" + parts.query if parts.query else "")


# connector: description, how it is read, what in an address of ours stands for the description's root, and what is
# not in the description
HALO = dict(keep=[("get", "/Tickets"), ("post", "/Tickets"), ("get", "/Tickets/{id}"), ("post", "/Actions"),
                  ("get", "/Client"), ("get", "/Site"), ("get", "/TicketType"), ("get", "/Status"), ("get", "/Priority")])
AUTOTASK = dict(any_case_paths=True, either_case=True, wrong=["ValueItem"],
                keep=[("post", "/V1.0/Tickets/query"), ("post", "/V1.0/Tickets"), ("patch", "/V1.0/Tickets"),
                      ("get", "/V1.0/Tickets/{id}"), ("post", "/V1.0/Tickets/{parentId}/Notes"),
                      ("post", "/V1.0/Companies/query"), ("get", "/V1.0/Tickets/entityInformation/fields"),
                      ("get", "/V1.0/ThresholdInformation")])
CONNECTWISE = dict(keep=[("get", "/service/tickets"), ("post", "/service/tickets"), ("patch", "/service/tickets/{id}"),
                         ("get", "/service/tickets/{id}"), ("post", "/service/tickets/{parentId}/notes"),
                         ("get", "/company/companies"), ("get", "/service/info/boards"), ("get", "/service/priorities"),
                         ("get", "/service/sources"), ("get", "/service/boards/{parentId}/statuses"),
                         ("get", "/system/info")])
DESCRIBED = {
    "halopsa": ("halopsa.json", HALO, "/api", ("discovery", "login")),
    "autotask": ("autotask.json", AUTOTASK, "/atservicesrest", ("discovery",)),
    "connectwise-psa": ("connectwise-psa.derived.json", CONNECTWISE, "/apis/3.0", ("discovery",)),
}


@slow
@pytest.mark.parametrize("connector", DESCRIBED)
def test_every_request_is_one_that_the_vendor_describes(ca, connector):
    description, how, root, unknown = DESCRIBED[connector]
    with Prism(ca, need.shared("specs/" + description), **how) as vendor:
        vendor.relay.always(faults.instead(200, {"canned": True}))
        context = ssl.create_default_context(cafile=str(ca.cert))
        where = urllib.parse.urlsplit(vendor.relay.url)
        for request in requests_of(connector):
            path = path_of(request["url"])
            at = path.lower().find(root)
            if request["operation"] in unknown or at < 0:
                continue
            link = http.client.HTTPSConnection(where.hostname, where.port, context=context, timeout=30)
            body = request["body"].encode() if request["body"] is not None else None
            link.request(request["method"], path[at + len(root):], body, request["headers"])
            link.getresponse().read()
            link.close()
        wrong, judged = vendor.complaints(), len(vendor.relay.seen)
    assert wrong == [] and judged >= 15


def test_a_build_has_the_programs_that_these_tests_drive():
    for name in ("connector_drive", "connector_requests"):
        assert os.access(BUILD / "tests" / name, os.X_OK)
