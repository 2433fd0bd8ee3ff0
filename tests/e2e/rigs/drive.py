"""A connector's session in a small program (tests/tools/connector_drive.c), its requests carried by us.

    with Session("request-tracker", settings, ca_file) as session:
        result = session.work(facts={"ref": "picket-1"})
        session.log          # [(operation, method, status), ...]

No agent around it: what is tested is the connector file and the engine, against something real.
"""
import http.client
import json
import os
import ssl
import subprocess
import time
import urllib.parse
from pathlib import Path

BUILD = Path(os.environ.get("PICKET_BUILD", Path(__file__).resolve().parents[3] / "build/dev"))


class Problems(Exception):
    """The settings are wrong: a list of {"path", "text"}."""


class Session:
    def __init__(self, connector, settings, ca_file=None, sleep=False):
        self.argv = [BUILD / "tests/connector_drive", connector]
        self.settings, self.sleep = settings, sleep
        self.tls = ssl.create_default_context(cafile=ca_file)
        self.log = []

    def __enter__(self):
        self.child = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._write({"settings": self.settings})
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        if self.child.wait(10) not in (0, 1):
            raise RuntimeError(f"connector_drive ended with {self.child.returncode}")

    def work(self, ticket_id="", maybe_created=False, **facts):
        return self._run({"work": {"ticket_id": ticket_id, "maybe_created": maybe_created, "facts": facts}})

    def test(self):
        return self._run({"test": True})

    def later(self, seconds):
        self._write({"later_s": seconds})

    def carry(self, request):
        """One request over TLS; override it to answer otherwise. Never follows a redirect, as the product."""
        url = urllib.parse.urlsplit(request["url"])
        link = http.client.HTTPSConnection(url.hostname, url.port, context=self.tls, timeout=30)
        try:
            body = request["body"].encode() if request["body"] is not None else None
            target = url.path + ("?" + url.query if url.query else "")
            link.request(request["method"], target, body, {"User-Agent": "picket-test", **request["headers"]})
            answer = link.getresponse()
            text = answer.read().decode(errors="replace")
            self.log.append((request["operation"], request["method"], answer.status))
            return {"answer": {"status": answer.status, "headers": dict(answer.getheaders()), "body": text}}
        except OSError:
            self.log.append((request["operation"], request["method"], 0))
            return {"lost": "sent"}
        finally:
            link.close()

    def _run(self, command):
        self._write(command)
        while True:
            line = self.child.stdout.readline()
            if not line:
                raise RuntimeError("connector_drive ended")
            said = json.loads(line)
            if "problems" in said:
                raise Problems(said["problems"])
            if "done" in said:
                return said["done"]
            if "send" in said:
                self._write(self.carry(said["send"]))
            elif self.sleep:
                time.sleep(said["wait_ms"] / 1000)

    def _write(self, command):
        self.child.stdin.write(json.dumps(command) + "\n")
        self.child.stdin.flush()
