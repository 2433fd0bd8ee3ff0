"""Each request that the agent makes of a PSA vendor is one that the vendor's own description allows.

The whole agent speaks TLS with the vendor's real names (a proxy leads them here). Prism judges each request; what it
has nothing against is answered by a dialect that keeps tickets (rigs/psa.py), so that a breach goes through all
operations. For each operation of each vendor it is proved that the judge can say no. (test_connectors.py has the requests
of the written conversations judged, without an agent around them.)
"""
import html
import json
import os
import re
import subprocess
from typing import NamedTuple
from urllib.parse import parse_qs

import pytest

from rigs import need, openapi
from rigs.agent import Agent
from rigs.autotask import Autotask
from rigs.httpproxy import HttpProxy
from rigs.loadavg import rule
from rigs.prism import Prism, problem
from rigs.psa import ConnectWise, Halo, Secret

pytestmark = pytest.mark.slow

# Everything that a query, an address, a header, markup or JSON might stumble over; text as the machine and people write it.
HOSTILE = "Pär\"s 'C:\\new\\' \\\" or 1=1 -- %22 %00 <b>&amp;</b> $(id) `id` #?/&=+;, \U0001f525 []"
LINES = "first line {value}\nsecond: " + HOSTILE + "\n\nlast"


class Cloud(ConnectWise):
    """As the vendor hosts it: the API has another name than the page people sign in at."""
    hosts = ("na.myconnectwise.net", "api-na.myconnectwise.net")

    def discover(self, request, company):
        answer = super().discover(request, company)
        answer.body = answer.body.replace(b'"IsCloud": false', b'"IsCloud": true')
        return answer

    def settings(self, host):
        return {**super().settings(host), "site": self.hosts[0], "status_new": "New", "status_closed": "Closed",
                "priority_warning": "Priority 3", "priority_critical": "Priority 1", "source": "RMM"}


class Hosted(Halo):
    hosts = ("acme.halopsa.com",)

    def settings(self, host):
        return {**super().settings(host), "url": "https://acme.halopsa.com", "site": "Main", "priority_warning": "Medium",
                "status_closed": "Closed", "team": "Service Desk", "sla": 1}


class Zoned(Autotask):
    def settings(self, host):
        return {**super().settings(host), "priority_warning": "Medium", "status_new": "New", "status_closed": "Complete",
                "source": "Monitoring Alert", "issue_type": "Computer", "ticket_type": "Alert"}


class Vendor(NamedTuple):
    dialect: type
    document: str
    how: dict               # of Prism
    operations: dict        # what the connector does: name -> method, path of the description, what its body has
    undescribed: tuple      # paths on the wire that the description does not know at all
    allowed: dict = {}      # (method, path): complaints that the facts prove wrong


VENDORS = {
    "connectwise-psa": Vendor(
        Cloud, "connectwise-psa.derived.json", dict(prefix="/v2025_1/apis/3.0"),
        {
            "find": ("get", "/service/tickets", ""),
            "create": ("post", "/service/tickets", ""),
            "get": ("get", "/service/tickets/{id}", ""),
            "note": ("post", "/service/tickets/{parentId}/notes", ""),
            "close": ("patch", "/service/tickets/{id}", ""),
            "company": ("get", "/company/companies", ""),
            "board": ("get", "/service/info/boards", ""),
            "status": ("get", "/service/boards/{parentId}/statuses", ""),
            "priority": ("get", "/service/priorities", ""),
            "source": ("get", "/service/sources", ""),
            "test": ("get", "/system/info", ""),
        },
        # discovery is no part of the API: it is asked of the sign-in page's host
        ("/login/companyinfo/",)),
    "autotask": Vendor(
        Zoned, "autotask.json",
        # the schema of a query's value says object, but the vendor's own examples send texts and numbers
        dict(prefix="/ATServicesRest", any_case_paths=True, either_case=True, wrong=["ValueItem"]),
        {
            "discovery": ("get", "/V1.0/ZoneInformation", ""),
            "find": ("post", "/V1.0/Tickets/query", ""),
            "create": ("post", "/V1.0/Tickets", ""),
            "get": ("get", "/V1.0/Tickets/{id}", ""),
            "note": ("post", "/V1.0/Tickets/{parentId}/Notes", ""),
            "close": ("patch", "/V1.0/Tickets", ""),
            "company": ("post", "/V1.0/Companies/query", ""),
            "pick lists": ("get", "/V1.0/Tickets/entityInformation/fields", ""),
            "test": ("get", "/V1.0/ThresholdInformation", ""),
        },
        (),
        # The generated description wants credentials with every operation. This one needs none (the vendor's Postman
        # collection and two clients ask without), and which host may have them is only known from its answer.
        {("get", "/V1.0/ZoneInformation"): {
            f"header: Request header must have required property '{name}'"
            for name in ("apiintegrationcode", "username", "secret")}}),
    "halopsa": Vendor(
        # its server does not care: the description has AuthInfo, the client that is known to work asks for authinfo
        Hosted, "halopsa.json", dict(prefix="/api", any_case_paths=True),
        {
            "discovery": ("get", "/AuthInfo", ""),
            "find": ("get", "/Tickets", ""),
            "create": ("post", "/Tickets", ""),
            "get": ("get", "/Tickets/{id}", ""),
            "note": ("post", "/Actions", "note"),
            "close": ("post", "/Actions", "new_status"),
            "client": ("get", "/Client", ""),
            "site": ("get", "/Site", ""),
            "ticket type": ("get", "/TicketType", ""),
            "status": ("get", "/Status", ""),
            "priority": ("get", "/Priority", ""),
        },
        ("/auth/token",),
        # It says where to log in, so a token cannot be there yet; a client that is known to work asks without.
        {("get", "/AuthInfo"): {"UNAUTHORIZED"}}),
}


class Judged:
    """A vendor's server: the judge in front, and one that knows tickets behind it."""

    def __init__(self, authority, name):
        self.vendor = VENDORS[name]
        keep = sorted({(method, path) for method, path, _ in self.vendor.operations.values()})
        self.prism = Prism(authority, need.shared("specs/" + self.vendor.document), keep=keep, **self.vendor.how)
        self.authority = authority
        self.dialect = None

    def __enter__(self):
        self.prism.__enter__()
        self.relay = self.prism.relay
        self.relay.present(self.authority.server("vendor-" + self.vendor.dialect.name, hosts=self.vendor.dialect.hosts))
        self.proxy = HttpProxy(leads_to=self.relay.port).__enter__()
        self.relay.always(self._judge_and_answer)
        return self

    def __exit__(self, *_):
        self.proxy.__exit__()
        self.prism.__exit__()

    def begin(self):
        """Another tenant, without tickets."""
        self.relay.drop_all()
        self.relay.seen.clear()
        self.proxy.seen.clear()
        self.dialect = self.vendor.dialect()
        self.dialect.store.index_delay = 0
        return self

    store = property(lambda self: self.dialect.store)

    async def _judge_and_answer(self, request, forward):
        target = request.target         # the judge is given the description's spelling
        if any(path in target for path in self.vendor.undescribed):
            return self.dialect.answer(request)
        verdict = await forward()
        request.target = target
        if set(problem(verdict.body)) - self.vendor.allowed.get(self.place(request), set()):
            return verdict
        return self.dialect.answer(request)

    def place(self, request):
        """The description's operation that a request is, by method and path."""
        method = request.method.lower()
        path = self.prism.spelled(request.target).partition("?")[0]
        return method, openapi.template_of(self.prism.document, method, path)

    def complaints(self):
        return self.prism.complaints()

    def operation(self, exchange):
        """The name of the operation that was judged, None for what was not; of several the one said most precisely."""
        fitting = [(name, word) for name, (method, path, word) in self.vendor.operations.items()
                   if (method, path) == self.place(exchange) and f'"{word}"'.encode() in exchange.body + b'""']
        return fitting[-1][0] if fitting else None

    def upstream(self, **more):
        name = self.dialect.name
        return {"name": name, "connector": name, "ca_file": self.authority.cert, "proxy": self.proxy.url,
                "settings": self.dialect.settings(self.dialect.hosts[0]), **more}

    def described(self):
        return "\n".join([f"{x.method} {x.target} {x.body[:1000]} -> {x.status} {x.answer[:500]}" for x in self.relay.seen])


@pytest.fixture(scope="module", params=VENDORS)
def server(request, authority):
    with Judged(authority, request.param) as it:
        yield it


@pytest.fixture
def vendor(server):
    return server.begin()


# -- one breach, from beginning to end

DEVICE = {"name": "srv \"07\" 'x'\\", "client": "Acme Ltd", "site": HOSTILE, "url": "https://docs.example.com/x?a=1&b='2'"}
RULE = rule(5, worse=50, title="{device} " + HOSTILE + ": load is {value}", facts=LINES)


TITLES = {"connectwise-psa": "summary", "autotask": "title", "halopsa": "summary"}


class Lived(NamedTuple):
    server: Judged
    seen: list
    complaints: list
    operations: dict        # name -> one of its exchanges
    tunnels: set
    tickets: list


@pytest.fixture(scope="module")
def lived(server):
    server.begin()
    with Agent(rules=[RULE], upstreams=[server.upstream()], device=DEVICE) as agent:
        live_through(agent, server)
        tried = online_check(agent)
    assert tried.returncode == 0, tried.stderr
    seen = list(server.relay.seen)
    operations = {server.operation(x): x for x in seen if server.operation(x)}
    return Lived(server, seen, server.complaints(), operations, {t for t, _ in server.proxy.seen}, server.store.tickets())


def live_through(agent, server):
    """A breach that begins, gets worse, and ends."""
    def told(severity):
        agent.wait(lambda s: s["alerts"] and s["alerts"][0]["severity"] == severity and s["upstreams"][0]["waiting"] == 0,
                   f"{severity}, told; {server.described()}", 30)
    agent.load.set(9)
    told("warning")
    agent.load.set(60)
    told("critical")
    agent.load.set(0)
    agent.wait_open(seconds=30)
    agent.wait_told()


def online_check(agent):
    """`picket config check --online`, which will not read secrets that are another account's."""
    for path in (agent.folder / "secrets").glob("*"):
        os.chown(path, os.geteuid(), -1)
    return subprocess.run([agent.program, "config", "check", "--online", agent.config], capture_output=True, text=True,
                          timeout=90)


def test_the_vendor_s_description_allows_every_request(lived):
    assert lived.complaints == [], lived.server.described()


def test_every_operation_was_judged(lived):
    assert set(lived.operations) == set(lived.server.vendor.operations)


def test_hostile_facts_arrive_as_they_were(lived):
    (ticket,) = lived.tickets
    sent = {k: html.unescape(v.replace("<br>", "\n")) if k == "details_html" else v for k, v in ticket.fields.items()}
    texts = [v for v in sent.values() if isinstance(v, str)]
    for text in (DEVICE["name"], DEVICE["url"], HOSTILE, LINES.replace("{value}", "9")):
        assert any(text in said for said in texts), text
    assert sent[TITLES[lived.server.dialect.name]].startswith(f"{DEVICE['name']} {HOSTILE}"[:100])
    assert not ticket.open and "now 60 (was 9), critical" in ticket.texts


def test_credentials_go_to_hosts_of_the_vendor_and_not_into_discovery(lived):
    assert lived.tunnels <= {f"{host}:443" for host in lived.server.dialect.hosts}
    secrets = [str(v) for v in lived.server.dialect.settings("").values() if isinstance(v, Secret)]
    for x in lived.seen:
        asks_where = any(word in x.path.lower() for word in ("companyinfo", "zoneinformation", "authinfo"))
        given = [x.headers.get(name) for name in ("authorization", "apiintegrationcode", "secret", "username")]
        assert not (asks_where and any(given)), x.target
        assert not any(secret in x.target for secret in secrets)


# -- the judge

def worsened(server, exchange):
    """The same request with one thing in it that the description does not know."""
    path, mark, query = server.prism.spelled(exchange.target).partition("?")
    if exchange.body:
        body = json.loads(exchange.body)
        (body[0] if isinstance(body, list) else body)["picketNonsense"] = 1
        return path + mark + query, body
    template = server.place(exchange)[1]
    if "{" in template:
        return "/".join("x y" if "{" in part else part for part in template.split("/")).replace(" ", "%20"), None
    return path + "?" + query + "&picketNonsense=1", None


def test_the_judge_would_have_complained_about_each_operation(lived):
    server, silent = lived.server, []
    for name, exchange in lived.operations.items():
        target, body = worsened(server, exchange)
        headers = {k: v for k, v in exchange.headers.items() if k not in ("content-length", "host", "content-type")}
        reasons = server.prism.reasons(exchange.method, target, body, headers)
        unknown = server.prism.unknown_query(exchange.method, target)
        if not set(reasons + unknown) - server.vendor.allowed.get(server.place(exchange), set()):
            silent.append((name, exchange.method, target))
    assert silent == []


def test_a_broken_connector_is_complained_about_and_refused(vendor, tmp_path):
    name = vendor.dialect.name
    file = json.loads((need.REPO / f"proto/connectors/{name}.json").read_text())
    body = file["ticket"]["create"]["request"]["body"]
    fields = body[0] if isinstance(body, list) else body
    fields[TITLES[name] + "s"] = fields.pop(TITLES[name])
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(file))
    with Agent(rules=[RULE], upstreams=[vendor.upstream(connector_file=broken)], device=DEVICE) as agent:
        agent.load.set(9)
        agent.wait(lambda s: s["upstreams"][0]["state"] == "refused", "refused", 30)
    (complaint,) = vendor.complaints()
    assert complaint.request.startswith("POST ") and any("s'" in reason for reason in complaint.reasons), complaint
    assert vendor.store.tickets() == []


# -- names that people chose

def company_question(vendor):
    """The texts that were compared with the client's name, out of the request for the client."""
    name = "client" if vendor.dialect.name == "halopsa" else "company"
    asked = [x for x in vendor.relay.seen if vendor.operation(x) == name][-1]
    if vendor.dialect.name == "connectwise-psa":
        (conditions,) = parse_qs(asked.target.partition("?")[2])["conditions"]
        found = re.fullmatch(r'identifier="([^"\\]*)" or name="([^"\\]*)"', conditions)
        assert found, conditions
        return set(found.groups())
    if vendor.dialect.name == "halopsa":
        return set(parse_qs(asked.target.partition("?")[2])["search"])
    return {f["value"] for f in json.loads(asked.body)["filter"] if f["field"] == "companyName"}


def test_a_hostile_client_s_name_stays_a_name(vendor):
    made = vendor.upstream()
    made["settings"] = {k: v for k, v in made["settings"].items() if k not in ("company", "client")}
    with Agent(rules=[RULE], upstreams=[made], device={**DEVICE, "client": HOSTILE}) as agent:
        agent.load.set(9)
        why = agent.wait(lambda s: s["upstreams"][0]["state"] == "refused", "refused", 30)["upstreams"][0]["why"]
    assert "there is no" in why
    stripped = HOSTILE.replace('"', "").replace("\\", "") if vendor.dialect.name == "connectwise-psa" else HOSTILE
    assert company_question(vendor) == {stripped}
    assert vendor.complaints() == [] and vendor.store.tickets() == []
