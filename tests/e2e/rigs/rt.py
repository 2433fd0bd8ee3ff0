"""A real Request Tracker 5 with its REST2 interface, behind TLS and a relay that can fail.

    with RequestTracker(ca) as rt:
        rt.api, rt.token             # what a connector is given (with ca.cert to trust)
        rt.relay.once(faults.lost(), method="POST")
        rt.find("CF.{PicketRef} = 'x'")      # what RT really has, past every fault

RT has rights, custom fields, a search language and optimistic locking, so it says no in the ways a real
service desk does. Three users: `picket` (the connector), `technician` (a human, same rights), `norights`.
"""
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from . import need
from .child import Child
from .tlsrelay import TlsRelay, faults

HERE = Path(__file__).parent
SHARE = Path("/usr/share/request-tracker5")
# msmtp-mta and dbconfig-no-thanks are the smallest answers to "a mail server" and "a configured database"
PACKAGES = ("request-tracker5", "rt5-db-sqlite", "rt5-standalone", "dbconfig-no-thanks", "msmtp-mta")

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))       # never by a proxy of the environment


class Refused(Exception):
    """RT's answer to a helper's request was not a 2xx."""
    def __init__(self, status, text):
        super().__init__(f"{status}: {text}")
        self.status = status


class RequestTracker:
    def __init__(self, ca, queue="Monitoring", field="PicketRef"):
        self.ca, self.queue, self.field = ca, queue, field
        self.server = self._clerk = None

    def __enter__(self):
        need.apt(*PACKAGES)
        ready = cached_database(self.queue, self.field)
        self.folder = Path(tempfile.mkdtemp(prefix="rt-"))
        shutil.copy(ready / "rt.sqlite", self.folder)
        self.facts = json.loads((ready / "facts.json").read_text())
        self.backend_port = need.free_port()
        self.relay = TlsRelay(self.ca.server("rt"), self.backend_port).__enter__()
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        if self._clerk:
            self._clerk.communicate()       # it ends when nobody tells it anything
        self.relay.__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)

    url = property(lambda self: self.relay.url)
    api = property(lambda self: self.relay.url + "/REST/2.0")
    token = property(lambda self: self.facts["tokens"]["picket"])
    password = property(lambda self: self.facts["passwords"]["picket"])
    user = "picket"

    # -- what can happen to it

    def start(self):
        """About two seconds: Perl compiles all of RT."""
        self.server = Child([SHARE / "libexec/rt-server", "--host", "127.0.0.1", "--port", str(self.backend_port),
                             "--workers", "2", "--max-reqs-per-child", "100000"],
                            self.folder / "rt.log", env=environment(self.folder, self.relay.port))
        self.server.wait_ready(self._answers, 60, "Request Tracker")

    def stop(self):
        """Gone, data kept; the relay stays and answers 502. To refuse connections: rt.relay.refuse()."""
        if self.server:
            self.server.stop()
            self.server = None

    def restart(self):
        self.stop()
        self.start()

    def slow(self, seconds):
        self.relay.always(faults.delay(seconds))

    def unavailable(self, status=503, **headers):
        """A maintenance page instead of RT: HTML, as front ends send it."""
        page = "<html><body><h1>Down for maintenance</h1></body></html>"
        self.relay.always(faults.answer(status, page, {"Content-Type": "text/html", **headers}))

    def heal(self):
        self.relay.heal()

    def grant(self, *rights):
        """Give the connector's user these rights on the queue; takes effect with the next request."""
        self._change("grant", *rights)

    def revoke(self, *rights):
        self._change("revoke", *rights)

    def _change(self, *words):
        if not self._clerk:
            self._clerk = subprocess.Popen(["/usr/bin/perl", HERE / "rt_setup.pl", "serve"], text=True,
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           env=environment(self.folder, self.relay.port))
        self._clerk.stdin.write(" ".join((words[0], self.queue, *words[1:])) + "\n")
        self._clerk.stdin.flush()
        answer = self._clerk.stdout.readline().strip()
        if answer != "done":
            raise RuntimeError(f"{words}: {answer}")

    # -- what it really has, asked past the relay

    def call(self, method, path, body=None, who="root"):
        """One REST2 request as one of RT's users; the answer's JSON."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.backend_port}/REST/2.0{path}", method=method)
        request.add_header("Authorization", "token " + self.facts["tokens"][who])
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with DIRECT.open(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as no:
            raise Refused(no.code, no.read().decode(errors="replace")) from None

    def find(self, query, who="root"):
        """Tickets by TicketSQL: dicts with id, Subject, Status, Owner, LastUpdatedBy and `ref`."""
        words = {"query": query, "fields": "Subject,Status,Owner,LastUpdatedBy,CustomFields,Queue",
                 "orderby": "id", "per_page": 100}
        answer = self.call("GET", "/tickets?" + urllib.parse.urlencode(words), who=who)
        return [self._flat(item) for item in answer["items"]]

    def tickets(self, ref=None, status=None):
        """Tickets of the queue, all or those of one reference and status ("__Active__" is any open one)."""
        query = f"Queue = {quoted(self.queue)}"
        if ref is not None:
            query += f" AND CF.{{{self.field}}} = {quoted(ref)}"
        if status:
            query += f" AND Status = {quoted(status)}"
        return self.find(query)

    def ticket(self, number):
        return self._flat(self.call("GET", f"/ticket/{number}"))

    def history(self, number):
        """The ticket's transactions, oldest first: dicts with Type, Creator, Field, OldValue, NewValue."""
        path = f"/ticket/{number}/history?per_page=100&fields=Type,Creator,Field,OldValue,NewValue"
        return [{**item, "Creator": item["Creator"]["id"]} for item in self.call("GET", path)["items"]]

    def texts(self, number, kind=None):
        """What was written: contents of the first message, notes and replies, or of one kind of transaction."""
        kinds = {item["id"]: item["Type"] for item in self.history(number)}
        path = f"/ticket/{number}/attachments?per_page=100&fields=Content,ContentType,TransactionId"
        parts = [i for i in self.call("GET", path)["items"] if i["ContentType"].startswith("text/")]
        return [i["Content"] for i in parts if kind in (None, kinds.get(str(i["TransactionId"])))]

    def notes(self, number):
        return self.texts(number, "Comment")

    def create(self, subject, ref=None, who="technician", **fields):
        """A ticket made by someone else than the product; its number."""
        body = {"Queue": self.queue, "Subject": subject, "Content": subject, **fields}
        if ref is not None:
            body["CustomFields"] = {self.field: ref}
        return int(self.call("POST", "/ticket", body, who)["id"])

    def touch(self, number, text="looking into it", who="technician"):
        """As a human does: take the ticket and write a note."""
        self.call("PUT", f"/ticket/{number}", {"Owner": who}, who)
        self.comment(number, text, who)

    def comment(self, number, text, who="technician"):
        self.call("POST", f"/ticket/{number}/comment", {"Content": text, "ContentType": "text/plain"}, who)

    def set_status(self, number, status, who="technician"):
        """Fails when RT said no, which it does with a 200."""
        self.call("PUT", f"/ticket/{number}", {"Status": status}, who)
        now = self.ticket(number)["Status"]
        if now != status:
            raise Refused(200, f"the status stayed {now}")

    def _answers(self):
        try:
            return self.call("GET", "/rt")
        except OSError:
            return None

    def _flat(self, item):
        """People by name, and our reference beside them."""
        flat = {k: v["id"] if isinstance(v, dict) and "id" in v else v for k, v in item.items()}
        flat["id"] = int(item["id"])
        fields = {f["name"]: f["values"] for f in item.get("CustomFields") or []}
        flat["ref"] = (fields.get(self.field) or [None])[0]
        return flat


def quoted(value):
    """A string of TicketSQL. The backslash first: RT takes one off in front of any character."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def environment(folder, port=0):
    (folder / "conf.d").mkdir(exist_ok=True)            # RT reads /etc's folder if it is given none
    for name in ("mason", "session"):
        (folder / "var" / name).mkdir(parents=True, exist_ok=True)
    return {**os.environ, "RIG_DIR": str(folder), "RIG_PORT": str(port), "RT_SITE_CONFIG": str(HERE / "rt_site.pm"),
            "RT_SITE_CONFIG_DIR": str(folder / "conf.d"), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def run(argv, folder):
    done = subprocess.run(argv, capture_output=True, text=True, env=environment(folder), stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"{argv[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def setup(folder, *words):
    return run(["/usr/bin/perl", HERE / "rt_setup.pl", *words], folder)


def cached_database(queue, field):
    """A folder with a database that has all we need, made once for each version of RT and of our set-up."""
    version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "request-tracker5"],
                             capture_output=True, text=True).stdout
    sources = [(HERE / name).read_text() for name in ("rt_setup.pl", "rt_site.pm")]
    name = "rt-" + need.key(version, queue, field, *sources)

    def make(folder):
        need.say("making a Request Tracker database")
        (folder / "root").write_text("root-password\n")
        run(["/usr/sbin/rt-setup-database-5", "--action", "init", "--force", "--dba", "",
             "--root-password-file", folder / "root"], folder)
        facts = setup(folder, "init", queue, field)
        (folder / "facts.json").write_text(facts)
        shutil.rmtree(folder / "var")
    return need.cached(name, make)
