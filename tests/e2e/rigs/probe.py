"""The small programs of tests/tools, and the HTTP client on its own.

Where they are: PICKET_BUILD names a build folder; otherwise the newest below build/ that has them.
"""
import json
import os
import subprocess
from pathlib import Path

from . import need


def tool(name):
    """The path of a program of tests/tools, or a skip."""
    named = os.environ.get("PICKET_BUILD")
    folders = [Path(named)] if named else (need.REPO / "build").glob("*")
    found = [p for p in (f / "tests" / name for f in folders) if p.exists()]
    if not found:
        raise need.Skip(f"{name} is not built (cmake --build --preset dev), see PICKET_BUILD")
    return max(found, key=lambda p: p.stat().st_mtime)


def is_checked(program):
    """Whether a memory checker is built in; then its memory is no measure of ours."""
    code = program.read_bytes()
    return b"__asan_report" in code or b"__tsan_func_entry" in code


class HttpProbe:
    """One HTTP client in one process.

        with HttpProbe(ca=ca.cert) as probe:
            answer = probe.get(url)                 # {"err", "why", "sent", "status", "headers", "body", ...}
            answers = probe.ask({...}, {...})       # at once
            memory = probe.wait(0.5)                # {"rss_kb", "peak_kb", "active"}

    At the end it must have closed its loop with nothing left, and nothing may be on standard error.
    """

    def __init__(self, ca=None, proxy=None, idle=None, confine=None, env=None, within=()):
        argv = [*within, tool("http_probe")]
        for name, value in (("--ca", ca), ("--proxy", proxy), ("--idle", idle), ("--confine", confine)):
            if value is not None:
                argv += [name, str(value)]
        clean = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        self.argv, self.env, self.confine = argv, {**clean, **(env or {})}, confine

    def __enter__(self):
        self.process = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, errors="replace", env=self.env)
        self.confined = self._read()["confined"] if self.confine else ""
        return self

    def __exit__(self, kind, *_):
        out, err = self.process.communicate(timeout=20)
        if kind is None:
            assert err == "", err
            assert self.process.returncode == 0, out
            assert json.loads(out.splitlines()[-1])["closed"]

    def _write(self, value):
        self.process.stdin.write(json.dumps(value) + "\n")
        self.process.stdin.flush()

    def _read(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, *requests):
        self._write(requests[0] if len(requests) == 1 else list(requests))
        answers = [self._read() for _ in requests]
        return answers[0] if len(requests) == 1 else answers

    def get(self, url, **more):
        return self.ask({"url": url, **more})

    def post(self, url, body="{}", **more):
        return self.ask({"method": "POST", "url": url, "body": body, **more})

    def wait(self, seconds):
        self._write({"wait_ms": int(seconds * 1000)})
        return self._read()
