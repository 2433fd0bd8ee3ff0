"""Autotask as one more dialect of psa.py. Its addresses are fixed names, so it is reached through a proxy
(httpproxy.py, `leads_to`) and has a certificate for those names.
"""
import json

from .psa import PICKET, Dialect, Secret, Store, query, say

ZONES, ZONE, WEB = "webservices2.autotask.net", "webservices5.autotask.net", "ww5.autotask.net"
API = r"/atservicesrest/v1\.0"
COMPLETE, OUR_RESOURCE, A_PERSON = 5, 29682885, 29682890


def pick(value, label, **more):
    return {"value": str(value), "label": label, "isActive": True, "isSystem": False, "isDefaultValue": False, **more}


class Autotask(Dialect):
    """Class `exact`: externalID. Mistakes are answered with 500 and a list of texts."""
    name = "autotask"
    hosts = (ZONES, ZONE, WEB)
    user, secret, code, company = "abc123@example.com", "secret-of-autotask", "CODE-OF-AUTOTASK", "Acme Ltd"
    rows = (
        ("GET", API + r"/zoneInformation", "discover", "discover"),
        ("GET", API + r"/ThresholdInformation", "list", "threshold"),
        ("GET", API + r"/Tickets/entityInformation/fields", "list", "fields"),
        ("POST", API + r"/Companies/query", "list", "companies"),
        ("POST", API + r"/Tickets/query", "find", "find"),
        ("POST", API + r"/Tickets", "create", "create"),
        ("PATCH", API + r"/Tickets", "close", "patch"),
        ("GET", API + r"/Tickets/(\d+)", "get", "get"),
        ("POST", API + r"/Tickets/(\d+)/Notes", "note", "note"),
    )
    picks = {
        "status": [pick(1, "New", isSystem=True), pick(COMPLETE, "Complete", isSystem=True), pick(8, "In Progress")],
        "priority": [pick(1, "High"), pick(2, "Medium"), pick(4, "Critical")],
        "queueID": [pick(29682833, "Monitoring Alert"), pick(5, "Client Portal")],
        "source": [pick(8, "Monitoring Alert")],
        "issueType": [pick(10, "Computer")],
        "ticketType": [pick(5, "Alert", isSystem=True)],
    }

    def __init__(self, store=None):
        super().__init__(store or Store())

    def fail(self, status, text):
        return say({"errors": [text]}, status)

    def authorize(self, request):
        given = [request.headers.get(name) for name in ("apiintegrationcode", "username", "secret")]
        if self.op(request) == "discover":
            return self.fail(500, "credentials do not belong here") if any(given) else None
        return None if given == [self.code, self.user, self.secret] else self.fail(401, "Invalid credentials")

    def discover(self, request):
        if query(request).get("user") != self.user:
            return self.fail(500, "User does not exist")
        return say({"zoneName": "America East", "url": f"https://{ZONE}/atservicesrest/", "webUrl": f"https://{WEB}/", "ci": 5})

    def threshold(self, request):
        return say({"externalRequestThreshold": 10000, "requestThresholdTimeframe": 60, "currentTimeframeRequestCount": 7})

    def fields(self, request):
        plain = [{"name": "title", "dataType": "string", "length": 255, "isRequired": True, "isPickList": False}]
        return say({"fields": plain + [{"name": name, "dataType": "integer", "isPickList": True, "picklistValues": values}
                                       for name, values in self.picks.items()]})

    def companies(self, request):
        return page([c for c in [{"id": 175, "companyName": self.company, "isActive": True}] if passes(request, c)])

    def whole(self, ticket):
        status = ticket.fields["status"] if ticket.open else COMPLETE
        by = OUR_RESOURCE if ticket.changed_by == PICKET else A_PERSON
        return {**ticket.fields, "id": ticket.number, "status": status, "creatorResourceID": OUR_RESOURCE,
                "lastActivityResourceID": by, "assignedResourceID": A_PERSON if ticket.owner else None,
                "firstResponseDateTime": None, "completedDate": None if ticket.open else "2026-01-06T10:12:00Z"}

    def find(self, request):
        return page([self.whole(t) for t in self.store.search(lambda t: passes(request, self.whole(t)))])

    def create(self, request):
        fields = json.loads(request.body)
        missing = [n for n in ("companyID", "title", "status", "priority", "dueDateTime", "queueID") if not fields.get(n)]
        if missing:
            return self.fail(500, f"{missing[0]} is required.; on record number [0].")
        return say({"itemId": self.store.create(fields).number})

    def patch(self, request):
        fields = json.loads(request.body)
        if not self.store.get(fields["id"]):
            return self.fail(500, "No matching records found")
        self.store.change(fields["id"], PICKET, open=fields.get("status") != COMPLETE)
        self.store.get(fields["id"]).fields["resolution"] = fields.get("resolution")
        return say({"itemId": fields["id"]})

    def get(self, request, number):
        ticket = self.store.get(int(number))
        return say({"item": self.whole(ticket) if ticket else None})

    def note(self, request, number):
        if not self.store.get(int(number)):
            return self.fail(500, "No matching records found")
        self.store.change(int(number), PICKET, text=json.loads(request.body)["description"])
        return say({"itemId": 1})

    def settings(self, host):
        return {"user": self.user, "secret": Secret(self.secret), "integration_code": Secret(self.code),
                "company": self.company, "queue": "Monitoring Alert"}


def passes(request, record):
    """Whether a record passes the filter of a query."""
    tests = {"eq": lambda a, b: a == b, "noteq": lambda a, b: a != b}
    return all(tests[f["op"]](record.get(f["field"]), f["value"]) for f in json.loads(request.body)["filter"])


def page(items):
    return say({"items": items, "pageDetails": {"count": len(items), "requestCount": 500, "prevPageUrl": None,
                                                "nextPageUrl": None}})
