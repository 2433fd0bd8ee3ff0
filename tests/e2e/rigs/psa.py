"""A PSA over TLS that has tickets, records every call and fails on command.

    with Psa(ca.server("psa"), ConnectWise()) as psa:
        psa.settings                                    # for a connector, secrets included
        psa.once(faults.lost(), op="create")            # done, never heard
        psa.once(late_commit(2), op="create")           # done two seconds after the line broke
        psa.store.tickets(ref=...)                      # what it really has
        psa.calls                                       # every request: when, which operation, how it ended

The server is the relay of tlsrelay.py with tickets for a backend, so all its faults work here. What a vendor's API
looks like is a dialect (ConnectWise, Halo, Webhook below): it says which operation a request is, and does it.
"""
import asyncio
import base64
import contextvars
import json
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from . import child, tlsrelay
from .hostile import Talk
from .http1 import Answer
from .tlsrelay import Cut, TlsRelay, faults  # faults: for tests, which want both

LINE = contextvars.ContextVar("the connection at hand")      # reader and writer
REF = re.compile(r"picket-[0-9a-f]{16}")
PICKET, PERSON = "picket", "technician"


# -- faults that need a memory

def late_commit(seconds):
    """The line breaks at once; the server carries the request out all the same, later."""
    async def fault(request, forward):
        async def later():
            await asyncio.sleep(seconds)
            await forward()
        asyncio.get_running_loop().create_task(later())
        raise Cut
    return fault


def never_answered(seconds=3600):
    """Carried out at once; the connection stays open and silent."""
    async def fault(request, forward):
        await forward()
        await asyncio.sleep(seconds)
        raise Cut
    return fault


def by_hand(act):
    """An act of hostile.py instead of an answer: bytes that no web server should send."""
    async def fault(request, forward):
        reader, writer = LINE.get()
        await act(Talk(request, 0, reader, writer))
        raise Cut
    return fault


def forgotten(store):
    """Says it was done, and it was not: a PSA that loses tickets (to prove that a test would notice)."""
    async def fault(request, forward):
        answer = await forward()
        store.drop_newest()
        return answer
    return fault


# -- what a PSA keeps

@dataclass
class Note:
    text: str
    author: str = PICKET


@dataclass
class Ticket:
    number: int
    ref: str                # ours, found anywhere in what was sent
    fields: dict            # the whole of what was sent
    born: float             # monotonic
    open: bool = True
    owner: str = ""         # a person who took it
    notes: list = field(default_factory=list)
    changed_by: str = PICKET

    @property
    def texts(self):
        return [n.text for n in self.notes]

    def describe(self):
        state = "open" if self.open else "closed"
        return f"#{self.number} {self.ref} {state} notes={len(self.notes)} born={self.born:.2f} {self.fields}"


class Store:
    """Tickets. Calls come from the server's thread and from the test's."""

    def __init__(self, index_delay=0.0):
        self.index_delay = index_delay      # seconds until a new ticket is found by a search
        self.hidden = False                 # searches find nothing: a PSA that makes doubles unavoidable
        self._tickets = {}
        self._lock = threading.RLock()
        self._last = 7000

    def create(self, fields):
        found = REF.search(json.dumps(fields))
        with self._lock:
            self._last += 1
            made = Ticket(self._last, found.group() if found else "", fields, time.monotonic())
            self._tickets[made.number] = made
            return made

    def get(self, number):
        with self._lock:
            return self._tickets.get(number)

    def search(self, match):
        """As the API's search sees it."""
        now = time.monotonic()
        with self._lock:
            if self.hidden:
                return []
            return [t for t in self._tickets.values() if now - t.born >= self.index_delay and match(t)]

    def change(self, number, author, text=None, open=None, owner=None):
        with self._lock:
            ticket = self._tickets[number]
            ticket.changed_by = author
            if text is not None:
                ticket.notes.append(Note(text, author))
            ticket.open = ticket.open if open is None else open
            ticket.owner = ticket.owner if owner is None else owner
            return ticket

    def touch(self, number, text="looking into it"):
        """As a person does: take it and write a note."""
        return self.change(number, PERSON, text=text, owner=PERSON)

    def drop(self, number):
        with self._lock:
            self._tickets.pop(number, None)

    def drop_newest(self):
        with self._lock:
            self._tickets.pop(max(self._tickets, default=None), None)

    def tickets(self, ref=None, open=None):
        """What it really has, oldest first."""
        with self._lock:
            return [t for t in self._tickets.values() if ref in (None, t.ref) and open in (None, t.open)]

    def describe(self):
        return "\n".join(t.describe() for t in self.tickets()) or "no tickets"


# -- dialects

class Dialect:
    """What one vendor's API looks like. `rows` is method, pattern of the path, operation, the method that does it."""
    name = ""
    rows = ()

    def __init__(self, store=None):
        self.store = store or Store()
        self._rows = [(method, re.compile(pattern + r"\Z"), op, do) for method, pattern, op, do in self.rows]

    def find_row(self, request):
        path = unquote(urlsplit(request.target).path)
        for method, pattern, op, do in self._rows:
            found = pattern.match(path)
            if method == request.method and found:
                return op, do, found.groups()
        return "unknown", None, ()

    def op(self, request):
        return self.find_row(request)[0]

    def answer(self, request):
        _, do, words = self.find_row(request)
        if not do:
            return self.fail(404, f"no such resource: {request.method} {request.target}")
        refusal = self.authorize(request)
        return refusal or getattr(self, do)(request, *words)

    def authorize(self, request):
        """An answer that refuses, or None."""

    def fail(self, status, text):
        return say({"message": text}, status)


def say(body, status=200):
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


def query(request):
    return dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))


class ConnectWise(Dialect):
    """Class `exact`: externalXRef is searchable at once."""
    name = "connectwise-psa"
    company, board, closed_status = "ACME", "Alerts", "Closed"
    public_key, private_key, client_id = "public", "private-of-cw", "6f9a1a6e-0d4b-4a35-8a8e-2b4d8c9a1e11"
    rows = (
        ("GET", r"/login/companyinfo/([^/]+)", "discover", "discover"),
        ("GET", r"/[^/]+/apis/3\.0/service/tickets", "find", "find"),
        ("POST", r"/[^/]+/apis/3\.0/service/tickets", "create", "create"),
        ("GET", r"/[^/]+/apis/3\.0/service/tickets/(\d+)", "get", "get"),
        ("PATCH", r"/[^/]+/apis/3\.0/service/tickets/(\d+)", "close", "patch"),
        ("POST", r"/[^/]+/apis/3\.0/service/tickets/(\d+)/notes", "note", "note"),
        ("GET", r"/[^/]+/apis/3\.0/service/tickets/(\d+)/(?:notes|allNotes)", "people", "notes"),
        ("GET", r"/[^/]+/apis/3\.0/(.+)", "list", "list"),
    )
    lists = {
        "system/info": None,
        "company/companies": [{"id": 250, "identifier": company, "name": "Acme Ltd", "deletedFlag": False}],
        "service/boards": [{"id": 4, "name": board, "inactiveFlag": False}],
        "service/info/boards": [{"id": 4, "name": board, "inactiveFlag": False}],
        "service/boards/4/statuses": [
            {"id": 511, "name": "New", "closedStatus": False, "defaultFlag": True, "inactive": False, "sortOrder": 1},
            {"id": 512, "name": closed_status, "closedStatus": True, "defaultFlag": False, "inactive": False,
             "sortOrder": 9}],
        "service/priorities": [{"id": 6, "name": "Priority 1", "level": "High", "defaultFlag": True},
                               {"id": 7, "name": "Priority 3", "level": "Low", "defaultFlag": False}],
        "service/sources": [{"id": 2, "name": "RMM", "defaultFlag": True}],
        "system/members": [{"id": 9, "identifier": "picket"}],
    }

    def authorize(self, request):
        if "/login/companyinfo/" in request.target:
            return None
        wanted = base64.b64encode(f"acmemsp+{self.public_key}:{self.private_key}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {wanted}":
            return self.fail(401, "wrong credentials")
        return None if request.headers.get("clientid") == self.client_id else self.fail(401, "clientId is missing")

    def fail(self, status, text):
        return say({"code": "Problem", "message": text, "errors": []}, status)

    def discover(self, request, company):
        return say({"CompanyName": "Acme MSP", "Codebase": "v2025_1/", "VersionCode": "v2025.1", "CompanyID": company,
                    "VersionNumber": "v2025.1.1", "IsCloud": False, "SiteUrl": request.headers.get("host", "")})

    def list(self, request, path):
        if path == "system/info":
            return say({"version": "v2025.1", "isCloud": False, "serverTimeZone": "UTC"})
        if path not in self.lists:
            return self.fail(404, f"no such list: {path}")
        return say([item for item in self.lists[path] if conditions_hold(query(request).get("conditions", ""), item)])

    def whole(self, ticket):
        return {**{k: v for k, v in ticket.fields.items() if not k.startswith("initial")}, "id": ticket.number,
                "closedFlag": not ticket.open, "board": {"id": 4, "name": self.board},
                "status": {"id": 511, "name": "New"} if ticket.open else {"id": 512, "name": self.closed_status},
                "owner": {"id": 99, "identifier": ticket.owner} if ticket.owner else None, "resources": ticket.owner or None,
                "_info": {"updatedBy": ticket.changed_by, "enteredBy": PICKET}}

    def find(self, request):
        asked = query(request).get("conditions", "")
        return say([self.whole(t) for t in self.store.search(lambda t: conditions_hold(asked, self.whole(t)))])

    def create(self, request):
        fields = json.loads(request.body)
        missing = [f for f in ("summary", "company") if not fields.get(f)]
        if missing or len(fields["summary"]) > 100:
            return say({"code": "InvalidObject", "message": "ticket object is invalid", "errors": [
                {"code": "MissingRequiredField", "message": f"{f} is required", "field": f} for f in missing]}, 400)
        return say(self.whole(self.store.create(fields)), 201)

    def get(self, request, number):
        ticket = self.store.get(int(number))
        return say(self.whole(ticket)) if ticket else self.fail(404, "Ticket not found")

    def patch(self, request, number):
        if not self.store.get(int(number)):
            return self.fail(404, "Ticket not found")
        for change in json.loads(request.body):
            if change["path"].startswith("status"):
                value = change["value"]
                wanted = value.get("id", value.get("name")) if isinstance(value, dict) else value
                self.store.change(int(number), PICKET, open=wanted not in (512, "512", self.closed_status))
            elif change["path"] == "externalXRef":
                self.store.get(int(number)).fields["externalXRef"] = change["value"]
        return say(self.whole(self.store.get(int(number))))

    def note(self, request, number):
        if not self.store.get(int(number)):
            return self.fail(404, "Ticket not found")
        text = json.loads(request.body)["text"]
        self.store.change(int(number), PICKET, text=text)
        return say({"id": 1, "ticketId": int(number), "text": text}, 201)

    def notes(self, request, number):
        ticket = self.store.get(int(number))
        if not ticket:
            return self.fail(404, "Ticket not found")
        return say([{"id": i, "text": n.text, "member": {"identifier": n.author} if n.author != PICKET else None,
                     "createdBy": n.author, "noteType": "TicketNote", "_info": {"enteredBy": n.author}}
                    for i, n in enumerate(ticket.notes)])

    def settings(self, host):
        return {"site": host, "company_id": "acmemsp", "public_key": self.public_key, "board": self.board,
                "private_key": Secret(self.private_key), "client_id": self.client_id, "company": self.company}


def conditions_hold(text, record):
    """ConnectWise's query language, as far as connectors use it: `a="x" and b/c=3 or d!=True`."""
    if not text.strip():
        return True
    outside = r'(?=(?:[^"]*"[^"]*")*[^"]*\Z)'           # of quotes
    groups = [re.split(r"\s+and\s+" + outside, group) for group in re.split(r"\s+or\s+" + outside, text)]
    return any(all(condition_holds(part, record) for part in group) for group in groups)


def condition_holds(text, record):
    name, operator, literal = re.fullmatch(r'\s*([\w/]+)\s*(=|!=|contains|like)\s*(.+?)\s*', text, re.S).groups()
    value = record
    for word in name.split("/"):
        value = value.get(word) if isinstance(value, dict) else None
    if literal.startswith('"'):
        wanted, value = literal[1:-1].lower(), "" if value is None else str(value).lower()
    else:
        wanted = {"true": True, "false": False}.get(literal.lower())
        wanted = int(literal) if wanted is None else wanted
    if operator in ("contains", "like"):
        return wanted.strip("%") in value
    return (value == wanted) == (operator == "=")


class Halo(Dialect):
    """Class `search`: a word in the summary, found only once the index has it. Tokens that run out."""
    name = "halopsa"
    client, client_id, secret = "Acme Ltd", "halo-client", "secret-of-halo"
    rows = (
        ("GET", r"/api/authinfo", "discover", "discover"),
        ("POST", r"/auth/token", "token", "token"),
        ("GET", r"/api/tickets", "find", "find"),
        ("POST", r"/api/tickets", "create", "post_ticket"),
        ("GET", r"/api/tickets/(\d+)", "get", "get"),
        ("POST", r"/api/actions", "note", "act"),
        ("GET", r"/api/actions", "people", "actions"),
        ("GET", r"/api/([a-z]+)(?:/me)?", "list", "list"),
    )
    lists = {
        "client": ("clients", [{"id": 12, "name": client, "inactive": False}]),
        "site": ("sites", [{"id": 33, "name": "Main", "client_id": 12}]),
        "tickettype": (None, [{"id": 21, "name": "Alert"}, {"id": 1, "name": "Incident"}]),
        "status": (None, [{"id": 1, "name": "New", "type": 0}, {"id": 9, "name": "Closed", "type": 0}]),
        "priority": (None, [{"id": "7c1e", "priorityid": 3, "slaid": 1, "name": "Medium"},
                            {"id": "7c1f", "priorityid": 1, "slaid": 1, "name": "Critical"}]),
        "team": (None, [{"id": 5, "name": "Service Desk"}]),
        "outcome": (None, [{"id": 7, "outcome": "Private Note"}]),
        "agent": (None, {"id": 40, "name": "Picket API"}),
    }

    def __init__(self, store=None, token_s=3600):
        super().__init__(store or Store(index_delay=1.0))
        self.token_s = token_s
        self._tokens = {}

    def find_row(self, request):
        lowered = type(request)(request.method, lower_path(request.target), request.headers, request.body)
        op, do, words = super().find_row(lowered)
        sent = first(request)
        closes = op == "create" and "id" in sent or op == "note" and sent.get("new_status")
        return ("close" if closes else op), do, words

    def authorize(self, request):
        if self.op(request) in ("discover", "token"):
            return None
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return None if self._tokens.get(token, 0) > time.monotonic() else say({"error": "invalid_token"}, 401)

    def revoke_tokens(self):
        self._tokens.clear()

    def discover(self, request):
        return say({"auth_url": f"https://{request.headers['host']}/auth", "tenant_id": "acme"})

    def token(self, request):
        form = dict(parse_qsl(request.body.decode()))
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.secret):
            return say({"error": "invalid_client"}, 400)
        token = f"token-{len(self._tokens) + 1}-{time.monotonic_ns()}"
        self._tokens[token] = time.monotonic() + self.token_s
        return say({"access_token": token, "token_type": "Bearer", "expires_in": self.token_s})

    def list(self, request, name):
        if name not in self.lists:
            return self.fail(404, f"no such list: {name}")
        key, items = self.lists[name]
        return say({"record_count": len(items), key: items} if key else items)

    def whole(self, ticket):
        return {**{k: v for k, v in ticket.fields.items() if k not in ("details", "details_html")}, "id": ticket.number,
                "status_id": ticket.fields.get("status_id", 1) if ticket.open else 9, "hasbeenclosed": not ticket.open,
                "agent_id": 41 if ticket.owner else 1, "agent_name": ticket.owner or "Unassigned",
                "lastactionwho": ticket.changed_by}

    def find(self, request):
        asked = {k.lower(): v for k, v in query(request).items()}
        words = [v.lower() for k, v in asked.items() if k.startswith("search") and v]
        def fits(ticket):
            if asked.get("open_only", "").lower() == "true" and not ticket.open:
                return False
            return all(w in json.dumps(self.whole(ticket)).lower() for w in words)
        found = [self.whole(t) for t in self.store.search(fits)]
        return say({"record_count": len(found), "tickets": found})

    def post_ticket(self, request):
        body = json.loads(request.body)
        if not isinstance(body, list):
            return say({"Message": "expected an array"}, 400)
        fields = body[0]
        if "id" not in fields:
            return say(self.whole(self.store.create(fields)), 201)
        if not self.store.get(fields["id"]):
            return say({"Message": "not found"}, 404)
        return say(self.whole(self.store.change(fields["id"], PICKET, open=fields.get("status_id") != 9)), 201)

    def get(self, request, number):
        ticket = self.store.get(int(number))
        return say(self.whole(ticket)) if ticket else self.fail(404, "not found")

    def act(self, request):
        fields = json.loads(request.body)[0]
        if not fields.get("outcome_id") and not fields.get("outcome"):
            return say({"Message": "An Outcome must be entered for this Action"}, 400)
        if not self.store.get(fields["ticket_id"]):
            return self.fail(404, "not found")
        closes = fields.get("new_status") == 9
        self.store.change(fields["ticket_id"], PICKET, text=fields.get("note") or fields.get("note_html", ""),
                          open=False if closes else None)
        return say({"id": 3, "ticket_id": fields["ticket_id"], "new_status": fields.get("new_status")}, 201)

    def actions(self, request):
        ticket = self.store.get(int(query(request)["ticket_id"]))
        made = [{"id": i, "who": "Picket API" if n.author == PICKET else n.author, "who_agentid": 40 if n.author == PICKET
                 else 41, "note": n.text, "outcome": "Private Note"} for i, n in enumerate(ticket.notes if ticket else [])]
        return say({"record_count": len(made), "actions": made})

    def settings(self, host):
        return {"url": f"https://{host}", "client_id": self.client_id, "client_secret": Secret(self.secret),
                "client": self.client, "ticket_type": "Alert", "status_new": "New"}


def lower_path(target):
    path, mark, rest = target.partition("?")
    return path.lower() + mark + rest


def first(request):
    """The first object of a body that should be an array of them."""
    try:
        body = json.loads(request.body)
        return body[0] if isinstance(body, list) and isinstance(body[0], dict) else {}
    except (ValueError, IndexError):
        return {}


class Webhook(Dialect):
    """Class `none`: events go in, nothing can be asked."""
    name = "rewst"
    secret = "secret-of-rewst"
    path = "/webhooks/custom/trigger/0190f5a2/7d1c"
    rows = (("POST", path, "event", "event"),)

    def __init__(self, store=None):
        super().__init__(store)
        self.events = []        # bodies, in the order in which they came

    def authorize(self, request):
        return None if request.headers.get("x-rewst-secret") == self.secret else say({"error": "secret"}, 401)

    def event(self, request):
        self.events.append(json.loads(request.body))
        return Answer(200, b"", {})

    def settings(self, host):
        return {"url": Secret(f"https://{host}{self.path}"), "secret": Secret(self.secret)}


class Secret(str):
    """A setting that belongs into a file of its own."""


# -- the server

@dataclass
class Order(tlsrelay.Order):
    """As the relay's, with the operation as one more thing that must fit."""
    op: str = None
    dialect: Dialect = None

    def fits(self, request):
        return super().fits(request) and self.op in (None, self.dialect.op(request))


@dataclass
class Call:
    at: float               # monotonic
    op: str
    method: str
    target: str
    headers: dict
    body: bytes
    status: int = None      # None: nothing was answered
    done: bool = False      # the tickets were asked or changed

    def describe(self):
        return f"{self.at:.3f} {self.op} {self.method} {self.target} -> {self.status}{'' if self.done else ' (not done)'}"


class Psa(TlsRelay):
    """See the top of the file. `director(op, request)` may give a fault for a request that no order is for."""

    def __init__(self, cert, dialect):
        super().__init__(cert)
        self.dialect = dialect
        self.calls = []
        self.director = None

    def __exit__(self, kind=None, *_):
        if kind:
            print(self.describe(), file=sys.stderr)
        super().__exit__()

    store = property(lambda self: self.dialect.store)
    host = property(lambda self: f"127.0.0.1:{self.port}")
    settings = property(lambda self: self.dialect.settings(self.host))

    def once(self, fault, op=None, method=None, path=None):
        self._order(Order(fault, method, path, True, op, self.dialect))

    def always(self, fault, op=None, method=None, path=None):
        self._order(Order(fault, method, path, False, op, self.dialect))

    def heal(self):
        self.director = None
        super().heal()

    def ops(self, *names):
        """Calls of these operations (all if none is named) so far."""
        return [c for c in list(self.calls) if not names or c.op in names]

    def wait_calls(self, count, *names, seconds=10):
        def enough():
            made = self.ops(*names)
            return made if len(made) >= count else None
        try:
            return child.until(enough, seconds, f"{count} calls of {names}")
        except TimeoutError as late:
            raise TimeoutError(f"{late}\n{self.describe()}") from None

    def describe(self, calls=60):
        return "\n".join([f"-- calls (the last {calls} of {len(self.calls)})", *(c.describe() for c in self.calls[-calls:]),
                          "-- tickets", self.store.describe()])

    async def _serve(self, reader, writer):
        LINE.set((reader, writer))
        await super()._serve(reader, writer)

    async def _answer(self, request):
        call = Call(time.monotonic(), self.dialect.op(request), request.method, request.target, request.headers, request.body)
        self.calls.append(call)

        async def forward():
            call.done = True
            return self.dialect.answer(request)
        order = self._take(request)
        fault = order.fault if order else self.director and self.director(call.op, request)
        answer = await (fault(request, forward) if fault else forward())
        call.status = answer.status
        return answer
