"""Two processes: what each may do, and that neither outlives or needs the other longer than it should."""
import base64
import os
import re
import time
from pathlib import Path

import pytest

from rigs import agent as rig
from rigs import need
from rigs.agent import Agent, children, upstream
from rigs.child import until
from rigs.http1 import Answer
from rigs.loadavg import rule
from rigs.psa import ConnectWise, Halo, Psa, Webhook, never_answered


@pytest.fixture
def psa(certificate):
    with Psa(certificate, ConnectWise()) as server:
        yield server


@pytest.fixture
def agent(psa, authority):
    with Agent(rules=[rule(5), rule(20)], upstreams=[upstream(psa, authority)]) as running:
        running.wait(lambda s: s["agent"]["courier_process"], "the courier is at work")
        yield running


def status_field(pid, name):
    return re.search(rf"^{name}:[ \t]*(.*)$", Path(f"/proc/{pid}/status").read_text(), re.M).group(1)


def is_alive(pid):
    """A zombie is not."""
    try:
        return status_field(pid, "State")[0] not in "ZX"
    except (OSError, AttributeError):
        return False


def descriptors(pid):
    """What the process has open: {descriptor: where it leads}."""
    if os.geteuid() != 0:
        raise need.Skip("only root may look into the courier")
    found = {}
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found[int(link.name)] = os.readlink(link)
        except OSError:
            pass
    return found


def network_sockets(pid):
    """Its sockets that are of the internet: inodes that stand in /proc/net/{tcp,udp,raw}*."""
    inodes = {d[8:-1] for d in descriptors(pid).values() if d.startswith("socket:[")}
    found = []
    for kind in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        table = Path(f"/proc/{pid}/net/{kind}")
        lines = table.read_text().splitlines()[1:] if table.exists() else []
        found += [(kind, line.split()[9]) for line in lines if line.split()[9] in inodes]
    return found


# -- who is who

def test_the_courier_runs_as_an_account_of_its_own(agent):
    if os.geteuid() != 0:
        raise need.Skip("only root gives the courier another account")
    courier = agent.courier_pid()
    assert status_field(courier, "Uid").split() == [str(rig.courier_id())] * 4
    assert status_field(courier, "Groups") == ""
    assert agent.status()["agent"]["courier_user"] == "_picket"


def test_both_run_as_the_user_who_started_them_and_say_so(agent):
    if os.geteuid() == 0:
        raise need.Skip("started by root the courier has an account of its own")
    assert status_field(agent.courier_pid(), "Uid").split() == [str(os.geteuid())] * 4
    assert agent.status()["agent"]["courier_user"] == agent.status()["agent"]["user"]


def test_the_courier_is_confined_and_status_says_how(agent):
    courier = agent.courier_pid()
    assert status_field(courier, "NoNewPrivs") == "1"
    assert [status_field(courier, f"Cap{kind}") for kind in ("Eff", "Prm", "Inh", "Amb")] == ["0" * 16] * 4
    said = agent.status()["agent"]["courier_confinement"]
    if rig.is_sanitized():      # a memory checker makes calls of its own: that build leaves the filter out and says so
        outside = status_field(os.getpid(), "Seccomp")      # a container may filter for all of us
        assert status_field(courier, "Seccomp") == outside and "not filtered" in said, said
    else:
        assert status_field(courier, "Seccomp") == "2" and "filtered (seccomp)" in said, said
    assert ("Landlock" in said or not has_landlock()), said


def has_landlock():
    path = Path("/sys/kernel/security/lsm")
    return path.exists() and "landlock" in path.read_text()


def test_the_two_are_named_for_those_who_look_at_processes(agent):
    assert [status_field(pid, "Name") for pid in (agent.pid, agent.courier_pid())] == ["picket", "picket-courier"]


# -- what each holds

def test_the_warden_has_no_network_socket_and_the_courier_has_the_one_it_needs(agent, psa):
    agent.load.set(9)
    psa.wait_calls(1, "create")
    assert len(network_sockets(agent.courier_pid())) == 1, "one kept connection to the one PSA"
    assert network_sockets(agent.pid) == []


def test_the_courier_holds_nothing_of_the_wardens(agent, psa):
    """Its standard error, its link and its lock; what it opened itself; no database, no control socket."""
    agent.load.set(9)
    psa.wait_calls(1, "create")
    held = descriptors(agent.courier_pid())
    state = str(agent.state)
    files = [where for where in held.values() if where.startswith("/") and not where.startswith("/dev/")]
    assert sorted(files) == sorted([f"{state}/courier.lock", *[str(agent.log)] * 2]), held
    unix = [d for d, where in held.items() if where.startswith("socket:[")]
    assert len(unix) == 1 + len(network_sockets(agent.courier_pid())), held


def test_no_secret_is_seen_from_outside(certificate, authority):
    """Not in the arguments, not in the environment, not in the log, not in what status says, not in the database."""
    with Psa(certificate, ConnectWise()) as cw, Psa(certificate, Halo()) as halo, Psa(certificate, Webhook()) as hook:
        basic = base64.b64encode(f"acmemsp+{cw.dialect.public_key}:{cw.dialect.private_key}".encode()).decode()
        secrets = [cw.dialect.private_key, basic, halo.dialect.secret, hook.dialect.secret, hook.dialect.path]
        ups = [upstream(p, authority) for p in (cw, halo, hook)]
        with Agent(rules=[rule(5)], upstreams=ups) as agent:
            agent.load.set(9)
            for psa, op in ((cw, "create"), (halo, "create"), (hook, "event")):
                psa.wait_calls(1, op)
            agent.wait_told()
            token = next(iter(halo.dialect._tokens))
            places = {"log": agent.log_text(), "status": agent.ask("status", "--json"), "tickets": agent.ask("tickets", "--json")}
            for pid in (agent.pid, agent.courier_pid()):
                for file in ("cmdline", "environ") if os.geteuid() == 0 else ("cmdline",):
                    places[f"{file} of {pid}"] = Path(f"/proc/{pid}/{file}").read_text(errors="replace")
            places["what went wrong"] = force_errors(agent, (cw, halo, hook))
            for file in agent.state.iterdir():
                if file.is_file():
                    places[file.name] = file.read_bytes().decode("latin-1")
            leaks = [(secret, place) for place, text in places.items() for secret in [*secrets, token] if secret in text]
            assert not leaks


def force_errors(agent, psas):
    """Errors quote answers and addresses: what do they quote?"""
    for psa in psas:
        psa.always(echo(500))
    agent.load.set(0)
    agent.wait(lambda s: all(u["state"] in ("retrying", "refused") for u in s["upstreams"]), "all are in trouble", 20)
    for psa in psas:
        psa.refuse()
    time.sleep(2)
    return agent.log_text() + agent.ask("status", "--json")


def echo(status):
    """An answer that repeats what was sent, as careless servers do."""
    async def fault(request, forward):
        sent = repr(sorted(request.headers.items())).encode() + request.body + request.target.encode()
        return Answer(status, b'{"message": "no: ' + sent.replace(b'"', b"'") + b'"}', {"Content-Type": "application/json"})
    return fault


# -- life and death

def test_a_courier_ends_with_its_warden(agent):
    courier = agent.courier_pid()
    agent.kill("warden")
    until(lambda: not is_alive(courier), 1, "the courier is gone within a second")


def test_a_courier_in_the_middle_of_an_exchange_ends_with_its_warden(agent, psa):
    psa.once(never_answered(30), op="create")
    agent.load.set(9)
    psa.wait_calls(1, "create")
    courier = agent.courier_pid()
    agent.kill("warden")
    until(lambda: not is_alive(courier), 1, "the courier is gone within a second")


def test_a_killed_courier_is_replaced(agent, psa):
    for count in (1, 2):
        before = agent.courier_pid()
        agent.kill("courier")
        until(lambda: agent.courier_pid() not in (None, before), 5, "another courier")
        agent.wait(lambda s: s["agent"]["courier_process"] not in (0, before), "and status knows it")
        assert agent.alive
        agent.load.set((9, 25)[count - 1])
        psa.wait_calls(count, "create")


def test_a_stopped_courier_does_not_stop_the_watching(agent, psa):
    """As when it hangs: the warden goes on, and what was not told is told later."""
    courier = agent.courier_pid()
    os.kill(courier, 19)        # STOP
    agent.load.set(9)
    agent.wait_open("load-5")
    os.kill(courier, 18)        # CONT
    psa.wait_calls(1, "create")
    agent.wait_told()
    assert len(psa.store.tickets()) == 1


def test_a_second_courier_waits_until_the_first_is_gone(agent, psa):
    """One that neither ends nor answers keeps its lock, and so keeps another from repeating what it may still do."""
    orphan = agent.courier_pid()
    os.kill(orphan, 19)
    agent.kill("warden")        # PDEATHSIG kills also what is stopped
    until(lambda: not is_alive(orphan), 1, "gone")
    agent.start()
    agent.load.set(9)
    psa.wait_calls(1, "create")


def test_killing_both_a_hundred_times_leaves_no_process_behind(psa, authority):
    with Agent(rules=[rule(5)], upstreams=[upstream(psa, authority)]) as agent:
        seen = set()
        for i in range(25):
            seen |= {agent.pid, *children(agent.pid)}
            agent.kill(("warden", "both")[i % 2])
            agent.start(wait=i % 5 == 0)
        agent.kill()
        until(lambda: not [pid for pid in seen if is_alive(pid)], 5, "all are gone")
