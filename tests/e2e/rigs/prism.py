"""A vendor's API description as a judge: Prism says of each request whether the vendor's file allows it.

    with Prism(ca, need.shared("specs/halopsa.json"), keep=[("post", "/Tickets")], prefix="/api") as vendor:
        vendor.url                                       # what a connector is given, with ca.cert to trust
        vendor.relay.always(faults.instead(200, {"id": 7}), method="POST", path="/Tickets")
        ...
        assert vendor.complaints() == []

Prism has no state and its made-up answers fit no client, so answers are the test's: faults.instead() asks
Prism first and passes its complaint on. Prove each operation once, reasons() of a bad body must not be
empty: openapi.py says why.
"""
import json
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import NamedTuple

from . import need, openapi
from .child import Child
from .tlsrelay import TlsRelay

VERSION = "5.14.2"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Complaint(NamedTuple):
    """One request that the description does not allow, and why."""
    request: str
    reasons: list


class Prism:
    def __init__(self, ca, document, keep, prefix="", any_case_paths=False, **how):
        """`prefix`: the part of the wire's path that the description's paths lack.
        `any_case_paths`: for servers that do not care; the description's spelling is put in.
        The rest as for openapi.judging_copy."""
        self.ca, self.prefix = ca, prefix
        self.document = openapi.judging_copy(json.loads(Path(document).read_text()), keep, **how)
        self.any_case_paths = any_case_paths

    def __enter__(self):
        program = prism_program()
        self.folder = Path(tempfile.mkdtemp(prefix="prism-"))
        (self.folder / "api.json").write_text(json.dumps(self.document))
        self.port = need.free_port()
        self.child = Child([need.program("node"), program, "mock", "-h", "127.0.0.1", "-p", str(self.port),
                            "-v", "error", self.folder / "api.json"], self.folder / "prism.log")
        try:
            self.child.wait_ready(self._answers, 90, "Prism")
            self.relay = Front(self).__enter__()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self.relay.__exit__()
        self._end()

    def _end(self):
        self.child.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    url = property(lambda self: self.relay.url + self.prefix)

    def complaints(self):
        """Of all requests that passed so far. Those that a plain faults.answer() caught were not judged."""
        judged = [(f"{x.method} {x.target}", problem(x.answer) + self.unknown_query(x.method, self.spelled(x.target)))
                  for x in list(self.relay.seen)]
        return [Complaint(request, reasons) for request, reasons in judged if reasons]

    def unknown_query(self, method, target):
        """Prism lets through query parameters that the operation does not know; a vendor ignores them, too."""
        path, _, query = target.partition("?")
        method = method.lower()
        template = openapi.template_of(self.document, method, path)
        known = openapi.query_names(self.document, method, template) if template else set()
        sent = urllib.parse.parse_qs(query, keep_blank_values=True) if template else ()
        return [f"query: {name} is not a parameter" for name in sent if name not in known]

    def reasons(self, method, path, body=None, headers=None):
        """What Prism has against a request, asked directly with the description's own path."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method, headers=headers or {})
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with DIRECT.open(request, timeout=30) as answer:
                return problem(answer.read())
        except urllib.error.HTTPError as no:
            return problem(no.read())

    def spelled(self, target):
        """A request's target as the description has it."""
        path, mark, query = target.partition("?")
        if path.lower().startswith(self.prefix.lower()):
            path = path[len(self.prefix):]
        if self.any_case_paths:
            path = openapi.respelled(self.document, path)
        return path + mark + query

    def _answers(self):
        try:
            return self.reasons("GET", "/") or True
        except OSError:
            return False


class Front(TlsRelay):
    """The relay, with the description's spelling of paths towards Prism."""

    def __init__(self, prism):
        super().__init__(prism.ca.server("prism"), prism.port)
        self._prism = prism

    async def _forward(self, request):
        request.target = self._prism.spelled(request.target)
        return await super()._forward(request)


def problem(body):
    """The reasons in one of Prism's own error answers; nothing for any other body."""
    try:
        answer = json.loads(body)
        kind = answer["type"]
    except (ValueError, KeyError, TypeError):
        return []
    if "prism/errors#" not in str(kind):
        return []
    found = [": ".join(filter(None, (".".join(map(str, v.get("location", []))), v.get("message", "invalid"))))
             for v in answer.get("validation", [])]
    return found or [re.sub(r"^.*#", "", kind)]


def prism_program():
    """The path of Prism's script, installed once by npm."""
    if not shutil.which("npm"):
        need.apt("nodejs", "npm")

    def make(folder):
        need.say(f"installing Prism {VERSION} by npm")
        done = subprocess.run([need.program("npm"), "install", "--prefix", folder, "--no-audit", "--no-fund",
                               "--ignore-scripts", f"@stoplight/prism-cli@{VERSION}"], capture_output=True, text=True)
        if done.returncode:
            raise need.Skip(f"npm cannot install Prism: {done.stderr.strip()[-300:]}")
    return need.cached(f"prism-{VERSION}", make) / "node_modules/@stoplight/prism-cli/dist/index.js"
