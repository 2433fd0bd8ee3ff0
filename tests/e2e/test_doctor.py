"""`picket doctor`: every check against the real thing that is wrong. Servers are openssl's, proxies tinyproxy and squid."""
import email.utils
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from rigs import agent as rig
from rigs import certs, need, realproxy
from rigs.agent import Agent, upstream
from rigs.child import Child
from rigs.disk import TinyDisk
from rigs.drivenclock import YEAR, DrivenClock
from rigs.hostile import Greeter, hang, speak_http
from rigs.loadavg import rule
from rigs.psa import Halo, Psa, Secret

pytestmark = pytest.mark.side_by_side


class Dated(Psa):
    """One that tells its time, as vendors' servers do."""

    async def _answer(self, request):
        answer = await super()._answer(request)
        answer.headers = {**answer.headers, "Date": email.utils.formatdate(usegmt=True)}
        return answer


class Server:
    """openssl s_server with a certificate: it answers any GET with a page about the session."""

    def __init__(self, cert, folder, chain=None):
        self.port = need.free_port()
        more = ["-cert_chain", chain] if chain else []
        self.child = Child([need.program("openssl"), "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", cert.cert,
                            "-key", cert.key, "-www", "-quiet", *map(str, more)], Path(folder) / f"s_server-{self.port}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stop()


def webhook(port, ca, **more):
    return {"name": "hook", "connector": "rewst", "ca_file": ca, "proxy": "none",
            "settings": {"url": Secret(f"https://localhost:{port}/hook"), "secret": Secret("s3cret-of-hook")}, **more}


def doctor(agent, *words, env=None, binds=()):
    """On the agent's stage: {(upstream or "", check): finding}, and the exit code under "code"."""
    command = [*rig.STAGE, *agent._binds(), *map(str, binds), "--", agent.program, "doctor", "--json", "--config",
               agent.config, "--state", agent.state, *words]
    clean = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, env={**clean, **agent._sanitizer_env(), **(env or {})})
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    found = {(c["upstream"] or "", c["check"]): c for c in said["checks"]}
    assert said["healthy"] == (not any(c["state"] == "failed" for c in said["checks"]))
    assert done.returncode == (0 if said["healthy"] else 1), done.stderr
    return found


def states(found, name=""):
    return {check: f["state"] for (about, check), f in found.items() if about == name}


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return certs.CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def good(ca):
    return ca.server()


@pytest.fixture
def psa(certificate):
    with Dated(certificate, Halo()) as server:
        yield server


# -- all is well

def test_a_healthy_agent_is_found_healthy_and_nothing_is_touched(psa, authority):
    with Agent(upstreams=[upstream(psa, authority, proxy="none")]) as agent:
        agent.wait(lambda s: s["agent"]["courier_process"], "a courier")
        before = agent.status()["agent"]["rounds"]
        found = doctor(agent)
        bad = {k: f for k, f in found.items() if f["state"] in ("failed", "warning") and k not in (("", "courier"), ("", "clock"))}
        assert not bad
        assert states(found, psa.dialect.name) == {"settings": "ok", "dns": "ok", "connect": "ok", "proxy": "ok", "tls": "ok",
                                                   "clock": "ok", "answer": "ok"}
        assert found["", "agent"]["state"] == "ok" and "sound" in found["", "database"]["text"]
        chain = found[psa.dialect.name, "tls"]["text"]
        assert chain.startswith("127.0.0.1 (2020-01-01 to 2049-12-31)") and "by Picket test CA" in chain
        assert psa.store.tickets() == [] and psa.ops("create") == []
        agent.wait(lambda s: s["agent"]["rounds"] > before and s["agent"]["durable"], "the agent to go on")


def test_people_get_one_line_a_check(ca, good, tmp_path):
    with Server(good, tmp_path) as server, Agent(upstreams=[webhook(server.port, ca.cert)]) as agent:
        done = subprocess.run([*rig.STAGE, *agent._binds(), "--", agent.program, "doctor", "--config", agent.config, "--state",
                               agent.state], capture_output=True, text=True, timeout=100)
        lines = [line for line in done.stdout.splitlines() if line and not line.startswith(("upstream ", " "))]
        assert len(lines) == 12 + 7 + 1 and "\033" not in done.stdout
        for line in lines[:-1]:
            assert line.split()[1] in ("ok", "warning", "failed", "skipped"), line


# -- TLS

BAD = {
    "expired": (lambda ca, tmp: ca.expired(), "has expired", "renew"),
    "not yet": (lambda ca, tmp: ca.not_yet(), "not valid yet", "clock says"),
    "wrong host": (lambda ca, tmp: ca.wrong_host(), "is for another host", "another name"),
    "self-signed": (lambda ca, tmp: certs.self_signed(tmp), "not signed by a CA we trust", "vouches for itself"),
    "unknown CA": (lambda ca, tmp: certs.CA(tmp / "other", "Some Authority").server(), "not signed by a CA we trust",
                   "\"Some Authority\" is not among those this machine trusts"),
    "inspected": (lambda ca, tmp: certs.CA(tmp / "fw", "FortiGate CA 60F").server(), "not signed by a CA we trust",
                  "(FortiGate) opens TLS on the way"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_certificate_is_named(ca, tmp_path, name):
    make, words, remedy = BAD[name]
    with Server(make(ca, tmp_path), tmp_path) as server, Agent(upstreams=[webhook(server.port, ca.cert)]) as agent:
        found = doctor(agent)
        tls = found["hook", "tls"]
        assert tls["state"] == "failed" and words in tls["text"] and remedy in tls["remedy"], tls
        assert " to 20" in tls["text"], "the chain is shown"
        assert states(found, "hook")["connect"] == "ok" and states(found, "hook")["answer"] == "skipped"


def test_a_trusted_inspection_is_a_warning(tmp_path):
    opener = certs.CA(tmp_path / "fw", "FortiGate CA 60F")
    with Server(opener.server(), tmp_path) as server, Agent(upstreams=[webhook(server.port, opener.cert)]) as agent:
        tls = doctor(agent)["hook", "tls"]
        assert tls["state"] == "warning" and "opened on the way by FortiGate" in tls["text"]


def test_what_does_not_speak_tls_is_named(ca):
    with Greeter(speak_http) as server, Agent(upstreams=[webhook(server.port, ca.cert)]) as agent:
        tls = doctor(agent)["hook", "tls"]
        assert tls["state"] == "failed" and "does not speak TLS" in tls["text"]


# -- names and connections

def test_nobody_there(ca):
    with Agent(upstreams=[webhook(need.free_port(), ca.cert)]) as agent:
        found = doctor(agent)
        assert "connection refused" in found["hook", "connect"]["text"]
        assert states(found, "hook") == {"settings": "ok", "dns": "ok", "connect": "failed", "proxy": "ok", "tls": "skipped",
                                         "clock": "skipped", "answer": "skipped"}


def test_no_name_server(ca, tmp_path):
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1:1\nnameserver 192.0.2.1\noptions timeout:1 attempts:1\n")
    hook = webhook(443, ca.cert)
    hook["settings"]["url"] = Secret("https://psa.example.com/hook")
    with Agent(upstreams=[hook]) as agent:
        found = doctor(agent, binds=("--bind", resolver, "/etc/resolv.conf"))
        dns = found["hook", "dns"]
        assert dns["state"] == "failed" and "psa.example.com" in dns["text"] and "resolv.conf" in dns["remedy"]
        assert found["", "agent"]["state"] == "ok", "the rest is looked at all the same"


def test_a_receiver_of_samples_is_an_upstream_too(ca):
    otel = {"name": "otel", "connector": "otlp", "ca_file": ca.cert, "proxy": "none"}
    with Agent(upstreams=[{**otel, "settings": {"url": f"https://localhost:{need.free_port()}/v1/metrics"}}]) as agent:
        found = doctor(agent)
        assert found["otel", "settings"]["state"] == "ok" and "otlp" in found["otel", "settings"]["text"]
        assert "connection refused" in found["otel", "connect"]["text"]


# -- proxies

PASSWORD = "pa:ss@w/rd"
PROXIES = {"tinyproxy": lambda: realproxy.TinyProxy("joe", "passw0rd"),
           "squid-digest": lambda: realproxy.Squid("digest", "joe", "passw0rd"),
           "squid-basic": lambda: realproxy.Squid("basic", "joe", PASSWORD)}


@pytest.mark.slow
@pytest.mark.parametrize("kind", PROXIES)
def test_a_real_proxy_with_a_password(psa, authority, kind):
    with PROXIES[kind]() as proxy:
        name = psa.dialect.name
        with Agent(upstreams=[upstream(psa, authority, proxy=proxy.url_as(proxy.user, proxy.password))]) as agent:
            found = doctor(agent)
            assert set(states(found, name).values()) == {"ok"}, found
            assert "signed in" in found[name, "proxy"]["text"]
            assert proxy.password not in json.dumps(list(found.values()))

            agent.configure(upstreams=[upstream(psa, authority, proxy=proxy.url)])
            said = doctor(agent)[name, "proxy"]
            assert said["state"] == "failed" and "407" in said["text"] and "user name and a password" in said["remedy"]

            agent.configure(upstreams=[upstream(psa, authority, proxy=proxy.url_as("joe", "wr0ng-word"))])
            found = doctor(agent)
            said = found[name, "proxy"]
            assert said["state"] == "failed" and "is wrong" in said["remedy"], said
            assert "wr0ng-word" not in json.dumps(list(found.values()))
            assert states(found, name)["tls"] == "skipped"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tinyproxy", "squid-digest"])
def test_the_environments_proxy_may_want_a_password(psa, authority, kind):
    made = upstream(psa, authority)
    with PROXIES[kind]() as proxy, Agent(upstreams=[made]) as agent:
        found = doctor(agent, env={"https_proxy": proxy.url_as(proxy.user, proxy.password)})
        assert set(states(found, made["name"]).values()) == {"ok"}, found
        said = found[made["name"], "proxy"]["text"]
        assert "https_proxy" in said and "signed in" in said and proxy.password not in json.dumps(list(found.values()))


@pytest.mark.slow
def test_a_proxy_that_speaks_another_language_is_named(psa, authority):
    with realproxy.Squid("negotiate", "joe", "x") as proxy:
        with Agent(upstreams=[upstream(psa, authority, proxy=proxy.url)]) as agent:
            said = doctor(agent)[psa.dialect.name, "proxy"]
            assert said["state"] == "failed" and "neither Basic nor Digest" in said["text"], said


def test_the_environment_names_the_proxy(psa, authority):
    made = upstream(psa, authority)
    with Agent(upstreams=[made]) as agent:
        port = need.free_port()
        found = doctor(agent, env={"https_proxy": f"http://127.0.0.1:{port}"})
        assert "127.0.0.1" in found[made["name"], "dns"]["text"] and "the proxy" in found[made["name"], "connect"]["text"]
        assert found[made["name"], "connect"]["state"] == "failed"
        assert "https_proxy" in found[made["name"], "proxy"]["text"]
        found = doctor(agent, env={"https_proxy": f"http://127.0.0.1:{port}", "no_proxy": "127.0.0.1,localhost"})
        assert found[made["name"], "answer"]["state"] == "ok"


# -- what the upstream says

def test_wrong_credentials_are_named_and_not_printed(psa, authority):
    wrong = upstream(psa, authority, proxy="none")
    wrong["settings"] = {k: Secret("never-shown") if isinstance(v, Secret) else v for k, v in wrong["settings"].items()}
    with Agent(upstreams=[wrong]) as agent:
        found = doctor(agent)
        answer = found[wrong["name"], "answer"]
        assert answer["state"] == "failed" and answer["remedy"]
        assert found[wrong["name"], "tls"]["state"] == "ok"
        assert "never-shown" not in json.dumps(list(found.values()))


def open_folder(factory):
    """Where the courier's account finds the clock, too."""
    folder = factory.mktemp("clock")
    for part in (folder, *folder.parents[:3]):
        if part != Path("/tmp"):
            part.chmod(0o755)
    return folder


@pytest.mark.parametrize("hours, state", [(2, "failed"), (0.04, "warning")])
def test_a_wrong_clock_is_seen_by_the_upstreams(psa, authority, tmp_path_factory, hours, state):
    clock = DrivenClock(open_folder(tmp_path_factory))
    with Agent(upstreams=[upstream(psa, authority, proxy="none")], clock=clock) as agent:
        clock.jump_wall(hours * 3600)
        said = doctor(agent)[psa.dialect.name, "clock"]
        assert said["state"] == state and "ahead" in said["text"], said
        assert "timedatectl" in said["remedy"]


def test_a_clock_that_is_years_behind_is_named_by_tls(psa, authority, tmp_path_factory):
    clock = DrivenClock(open_folder(tmp_path_factory))
    with Agent(upstreams=[upstream(psa, authority, proxy="none")], clock=clock) as agent:
        clock.jump_wall(-10 * YEAR)
        said = doctor(agent)[psa.dialect.name, "tls"]
        assert said["state"] == "failed" and "not valid yet" in said["text"] and "clock says 2" in said["remedy"], said


# -- this machine

def test_a_secret_that_others_can_read(psa, authority):
    with Agent(upstreams=[upstream(psa, authority, proxy="none")]) as agent:
        for secret in (agent.folder / "secrets").iterdir():
            secret.chmod(0o644)
        found = doctor(agent)
        said = found["", "secrets"]
        assert said["state"] == "failed" and "chmod 600" in said["text"], said
        assert found["", "configuration"]["state"] == "ok"


def test_folders_that_others_can_write_to(tmp_path):
    with Agent() as agent:
        agent.state.chmod(0o777)
        said = doctor(agent)["", "folders"]
        assert said["state"] == "failed" and "chmod go-w" in said["remedy"]
        agent.state.chmod(0o755)
        assert doctor(agent)["", "folders"]["state"] == "warning"


def test_a_mistake_in_the_configuration(psa, authority):
    with Agent() as agent:
        agent.config.write_text('{"collect": {"period_s": "soon"}}')
        said = doctor(agent)["", "configuration"]
        assert said["state"] == "failed" and "period_s" in said["text"]


def test_an_agent_that_does_not_run_and_one_that_hangs():
    with Agent() as agent:
        os.kill(agent.pid, signal.SIGSTOP)
        try:
            found = doctor(agent)
        finally:
            os.kill(agent.pid, signal.SIGCONT)
        assert found["", "agent"]["state"] == "failed" and found["", "agent"]["remedy"]
        assert found["", "database"]["state"] == "ok" and found["", "courier"]["state"] == "skipped"
        agent.kill("both")
        assert "none is running" in doctor(agent)["", "agent"]["text"]


def test_a_damaged_database_is_seen_and_left_as_it_is():
    with Agent() as agent:
        agent.wait(lambda s: s["agent"]["rounds"] > 2, "some rounds")
        agent.stop()
        path = agent.state / "outbox.db"
        data = bytearray(path.read_bytes())
        for at in range(1024, len(data), 1024):
            data[at:at + 64] = b"\xa5" * 64
        path.write_bytes(data)
        said = doctor(agent)["", "database"]
        assert said["state"] == "failed" and "damaged" in said["text"] and "sets it aside" in said["remedy"], said
        assert path.read_bytes() == data and not list(agent.state.glob("*.damaged-*"))
        (agent.state / "outbox.db.damaged-1").write_bytes(b"x" * 5000)
        assert doctor(agent)["", "leftovers"]["state"] == "warning"


def test_a_database_with_a_log_is_looked_at_through_a_copy():
    """The agent was killed with changes in the write-ahead log: nothing of it is replayed into the file by us."""
    with Agent(rules=[rule(5)]) as agent:
        agent.load.set(9)
        agent.wait_open("load-5")
        log = agent.state / "outbox.db-wal"
        assert log.stat().st_size > 0
        agent.kill("both")
        before = {p.name: (p.stat().st_size, p.stat().st_mtime_ns) for p in agent.state.glob("outbox.db*")}
        said = doctor(agent)["", "database"]
        assert said["state"] == "ok" and "1 alerts (1 open)" in said["text"], said
        assert before == {p.name: (p.stat().st_size, p.stat().st_mtime_ns) for p in agent.state.glob("outbox.db*")}
        assert not list(Path("/tmp").glob("picket-look-*"))


def test_a_full_disk():
    with TinyDisk(8) as disk:
        state = disk.path / "state"
        with Agent(state=state) as agent:
            disk.fill(leave=200 * 1024)
            said = doctor(agent)["", "disk"]
            assert said["state"] == "failed" and "no space left" in said["text"], said
            disk.empty()
            assert doctor(agent)["", "disk"]["state"] == "warning"      # 8 MB are less than the outbox may have


def test_a_server_that_never_says_a_word_is_given_up(ca):
    with Greeter(hang) as server, Agent(upstreams=[webhook(server.port, ca.cert)]) as agent:
        tls = doctor(agent)["hook", "tls"]
        assert tls["state"] == "failed" and "within" in tls["text"], tls


@pytest.mark.limit(100)
def test_a_check_that_hangs_is_given_up_and_the_others_go_on():
    """The configuration is a pipe that nobody writes to: whoever opens it waits for ever."""
    with Agent() as agent:
        pipe = agent.folder / "pipe.json"
        os.mkfifo(pipe)
        command = [*rig.STAGE, *agent._binds(), "--", agent.program, "doctor", "--offline", "--json", "--config", pipe,
                   "--state", agent.state]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90)
        found = {c["check"]: c for c in json.loads(done.stdout)["checks"]}
        assert "given up" in found["configuration"]["text"] and found["agent"]["state"] == "ok", found
