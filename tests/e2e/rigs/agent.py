"""The real `picket run`, in a folder of its own, with a load that the test says.

    with Agent(rules=[loadavg.rule(5)], upstreams=[upstream(psa, ca)]) as agent:
        agent.load.set(9)                       # a breach
        agent.wait(lambda s: s["alerts"])       # `picket status --json`
        agent.kill("courier"); agent.kill("both"); agent.start()
        agent.stop()                            # its exit code

The program is PICKET_BIN, or the dev build of this tree. It runs on a stage (stage.py) where the load averages, the
accounts and, if wanted, the clock are ours; started by root its courier is `_picket`, an account that exists only
there. When a test fails, the end of the log and of the state is printed; a sanitizer's report fails the test.
"""
import functools
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from . import need, stage
from .child import Child, until
from .loadavg import LoadAvg
from .psa import Secret

PICKET = Path(os.environ.get("PICKET_BIN") or need.REPO / "build/dev/picket").absolute()
STAGE = [sys.executable, "-S", "-E", stage.__file__]
COURIER, COURIER_ID = "_picket", 64990
COMPLAINT = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|Assertion .* failed|stack smashing")


def ready():
    """Skips where the agent or its stage cannot be had."""
    if not PICKET.exists():
        raise need.Skip(f"{PICKET} is not built (PICKET_BIN names another)")
    if not stage.possible():
        raise need.Skip("no mount namespaces here: as root, or with user namespaces")


# -- configuration

def is_sanitized(program=PICKET):
    """Whether it was built with sanitizers: then its memory is theirs."""
    return b"__sanitizer" in Path(program).read_bytes()


@functools.lru_cache
def built_in_rules(program=PICKET):
    """Names. They look at the real machine: a test wants them off."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as nothing:
        nothing.write("{}")
        nothing.flush()
        done = subprocess.run([program, "config", "rules", "--json", "--config", nothing.name], capture_output=True,
                              text=True, check=True)
    return [rule["name"] for rule in json.loads(done.stdout)["rules"]]


def upstream(psa, ca, name=None, **more):
    """One upstream of a configuration. `psa.settings` may hold secrets: they become files."""
    return {"name": name or psa.dialect.name, "connector": psa.dialect.name, "ca_file": ca.cert,
            "settings": dict(psa.settings), **more}


UNLIMITED = {"per_minute": 10000, "per_hour": 60000}     # requests: the most that a connector may say


def tuned(folder, connector, **changes):
    """A copy of a built-in connector with other limits; its path. `settle_s=3` (not of webhooks), `timeout_s=2`."""
    file = json.loads((need.REPO / f"proto/connectors/{connector}.json").read_text())
    for name, value in changes.items():
        part = {"settle_s": "ticket"}.get(name, "limits")
        if name != "settle_s" or file["ticket"]["dedupe"] != "none":
            file.setdefault(part, {})[name] = value
    path = Path(folder) / f"{connector}.json"
    path.write_text(json.dumps(file))
    path.chmod(0o644)
    return path


# -- the agent

class Agent:
    def __init__(self, rules=(), upstreams=(), clock=None, program=PICKET, env=None, state=None, scene=(), **config):
        """`scene`: more words for the stage (stage.py), before ours."""
        self.rules, self.upstreams, self.more = list(rules), list(upstreams), config
        self.scene = list(scene)
        self.clock, self.program, self.env = clock, program, env or {}
        self.child, self.state = None, state

    def __enter__(self):
        ready()
        # not pytest's folder: the courier's account must be able to pass, and a socket's path is short
        self.folder = Path(tempfile.mkdtemp(prefix="pk-"))
        self.folder.chmod(0o755)
        self.state = self.state or self.folder / "state"
        self.config, self.log = self.folder / "picket.json", self.folder / "log"
        self.load = LoadAvg(self.folder)
        try:
            self.configure()
            self.start()
        except BaseException:
            self._print_diagnosis()
            self._remove()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind:
            self._print_diagnosis()
        self.kill("both")
        complaints = self.complaints()
        self._remove()
        if complaints and not kind:
            raise AssertionError("the log has complaints:\n" + "\n".join(complaints))

    def _remove(self):
        self.kill("both")
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- configuration

    def configure(self, **changes):
        """Writes the configuration anew, as __init__ said it and with these changes; hup() takes it into use."""
        self.__dict__.update({k: list(v) for k, v in changes.items() if k in ("rules", "upstreams")})
        self.more.update({k: v for k, v in changes.items() if k not in ("rules", "upstreams")})
        off = [{"name": n, "enabled": False} for n in built_in_rules() if n not in [r["name"] for r in self.rules]]
        made = {"device": {"name": "testbox", "client": "Acme Ltd"}, "collect": {"period_s": 1}, "log": {"level": "debug"}, "alerts": {"storm_alerts": 0},
                "rules": off + self.rules, "upstreams": [self._keep_files(u) for u in self.upstreams], **self.more}
        self.config.write_text(json.dumps(made, indent=1, default=str))

    def _keep_files(self, upstream):
        """Secrets, certificates and connectors go where the courier's account can read them."""
        made = dict(upstream)
        for key in ("ca_file", "connector_file"):
            if key in made:
                made[key] = self.folder / f"{made['name']}-{Path(made[key]).name}"
                shutil.copy(upstream[key], made[key])
                made[key].chmod(0o644)
        if "settings" in made:
            made["settings"] = {k: {"file": self.secret_file(f"{made['name']}-{k}", v)} if isinstance(v, Secret) else v
                                for k, v in made["settings"].items()}
        return made

    def secret_file(self, name, text):
        path = self.folder / "secrets" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n")
        path.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(path, courier_id(), -1)
        return path

    # -- its life

    @property
    def pid(self):
        return self.child.pid

    @property
    def alive(self):
        return self.child is not None and self.child.process.poll() is None

    def start(self, wait=True):
        """Returns when the control socket answers."""
        assert not self.alive
        self.child = Child([*STAGE, *self._binds(), "--", self.program, "run", "--config", self.config, "--state",
                            self.state], self.log, env={**os.environ, **self._sanitizer_env(), **self.env})
        if wait:
            self.child.wait_ready(self.status, 20, "picket run")
        return self

    def _sanitizer_env(self):
        """A clock is preloaded before them, which they would refuse."""
        options = os.environ.get("ASAN_OPTIONS", "")
        return {"ASAN_OPTIONS": f"{options}:verify_asan_link_order=0".lstrip(":")} if self.clock else {}

    def _binds(self):
        pairs = [*self.load.binds, *account_binds(self.folder), *(self.clock.binds if self.clock else [])]
        if self.clock:      # its copy of /etc first, or it would hide what is bound below
            pairs = pairs[-1:] + pairs[:-1]
        return [str(word) for word in self.scene] + [str(word) for pair in pairs for word in ("--bind", *pair)]

    def stop(self, seconds=15):
        """As systemd ends it; the exit code."""
        self.child.process.terminate()
        code = self.child.process.wait(seconds)
        self.child.stop()
        return code

    def hup(self):
        os.kill(self.pid, signal.SIGHUP)

    def courier_pid(self):
        """The process id of its courier, None if there is none just now."""
        found = children(self.pid) if self.alive else []
        return found[0] if found else None

    def kill(self, who="both"):
        """As a power cut would; "warden", "courier" or "both". What is not there is left alone."""
        couriers = children(self.pid) if self.alive and who != "warden" else []
        if self.alive and who != "courier":
            self.child.kill()
        for pid in couriers:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    # -- what it says

    def ask(self, *words, check=True):
        """A command of the command line about this agent: its output."""
        done = subprocess.run([self.program, *words[:1], "--state", self.state, *words[1:]], capture_output=True, text=True,
                              timeout=20)
        if check and done.returncode:
            raise RuntimeError(f"picket {' '.join(words)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def status(self):
        """`picket status --json`; None while nobody answers."""
        try:
            return json.loads(self.ask("status", "--json"))
        except (RuntimeError, subprocess.TimeoutExpired):
            return None

    def tickets(self):
        return json.loads(self.ask("tickets", "--json", "--all"))["tickets"]

    def upstream_status(self, name):
        return next((u for u in (self.status() or {}).get("upstreams", []) if u["name"] == name), None)

    def wait(self, fits, what, seconds=15):
        """Until fits(status) is true; the status. Fails at once where an upstream cannot be used: waiting mends nothing."""
        def look():
            status = self.status()
            if status and fits(status):
                return status
            bad = [u for u in (status or {"upstreams": []})["upstreams"] if u["state"] == "unusable"]
            if bad:
                raise AssertionError(f"{bad[0]['name']} cannot be used: {bad[0]['why']}\n{self.diagnosis()}")
        try:
            return until(look, seconds, what)
        except TimeoutError as late:
            raise TimeoutError(f"{late}\n{self.diagnosis()}") from None

    def wait_open(self, *names, seconds=15):
        """Until exactly these rules have open alerts."""
        return self.wait(lambda s: {a["rule"] for a in s["alerts"] if a["open"]} == set(names),
                         f"open alerts: {sorted(names)}", seconds)

    def wait_told(self, seconds=30):
        """Until every upstream knows all there is to know."""
        return self.wait(lambda s: all(u["waiting"] == 0 for u in s["upstreams"]) and
                         not [a for a in s["alerts"] if not a["open"]], "every upstream told", seconds)

    def wait_line(self, text, seconds=15, after=0):
        """Until the log has it (behind so many bytes); the line."""
        def look():
            return next((line for line in self.log_text()[after:].splitlines() if text in line), None)
        try:
            return until(look, seconds, f"a log line with {text!r}")
        except TimeoutError as late:
            raise TimeoutError(f"{late}\n{self.diagnosis()}") from None

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def complaints(self):
        """What sanitizers and assertions wrote."""
        lines = self.log_text().splitlines()
        found = [i for i, line in enumerate(lines) if COMPLAINT.search(line)]
        return [line for i in found[:3] for line in lines[i:i + 25]]

    def rss_kb(self):
        """Of both processes, largest first seen by the caller: {pid: kB}."""
        return {pid: memory_kb(pid) for pid in [self.pid, *children(self.pid)]}

    def diagnosis(self, lines=60):
        status = self.status() if self.alive else None
        brief = {k: v for k, v in (status or {}).items() if k in ("agent", "upstreams", "alerts")}
        return "\n".join([f"-- the end of the agent's log ({self.log})", *self.log_text().splitlines()[-lines:],
                          "-- status", json.dumps(brief, indent=1) if status else "nobody answers"])

    def _print_diagnosis(self):
        print(self.diagnosis(), file=sys.stderr)


# -- processes and accounts

def children(pid):
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def memory_kb(pid, what="VmRSS"):
    try:
        found = re.search(rf"^{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    except OSError:
        return 0
    return int(found.group(1)) if found else 0


def has_account():
    try:
        return pwd.getpwnam(COURIER)
    except KeyError:
        return None


def courier_id():
    """Whom the courier of an agent on our stage runs as, where root started it."""
    account = has_account()
    return account.pw_uid if account else COURIER_ID


def account_binds(folder):
    """The account `_picket` for those on the stage; nothing of the machine is changed."""
    if os.geteuid() != 0 or has_account():
        return []
    pairs = []
    for name, line in (("passwd", f"{COURIER}:x:{COURIER_ID}:{COURIER_ID}::/nonexistent:/usr/sbin/nologin\n"),
                       ("group", f"{COURIER}:x:{COURIER_ID}:\n")):
        ours = Path(folder) / name
        ours.write_text(Path(f"/etc/{name}").read_text() + line)
        ours.chmod(0o644)
        pairs.append((ours, f"/etc/{name}"))
    return pairs
