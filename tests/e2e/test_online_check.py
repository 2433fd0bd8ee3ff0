"""`picket config check --online`: is the upstream as the configuration says, without creating anything."""
import os
import subprocess

import pytest

from rigs.agent import Agent, upstream
from rigs.psa import ConnectWise, Halo, Psa, Secret


@pytest.fixture(params=(ConnectWise, Halo), ids=lambda d: d.name)
def psa(request, certificate):
    with Psa(certificate, request.param()) as server:
        yield server


def check(agent):
    """As the courier's account would be too much here: the secrets are given to whoever asks."""
    for path in (agent.folder / "secrets").glob("*"):
        os.chown(path, os.geteuid(), -1)
    return subprocess.run([agent.program, "config", "check", "--online", agent.config], capture_output=True, text=True,
                          timeout=90)


def test_what_is_right_is_said_and_nothing_is_created(psa, authority):
    with Agent(upstreams=[upstream(psa, authority)]) as agent:
        done = check(agent)
        assert done.returncode == 0, done.stderr
        assert "1 upstream, each tried" in done.stdout
        assert psa.store.tickets() == [] and psa.ops("create") == []
        assert psa.calls


def test_wrong_credentials_are_named(psa, authority):
    wrong = upstream(psa, authority)
    wrong["settings"] = {k: Secret("wrong") if isinstance(v, Secret) else v for k, v in wrong["settings"].items()}
    with Agent(upstreams=[wrong]) as agent:
        done = check(agent)
        assert done.returncode == 1
        assert "upstreams[0]" in done.stderr and "wrong" not in done.stdout


def test_an_upstream_that_is_not_there_is_named(psa, authority):
    made = upstream(psa, authority)
    with Agent(upstreams=[made]) as agent:
        psa.refuse()
        done = check(agent)
        assert done.returncode == 1
        assert "upstreams[0]" in done.stderr and "connection refused" in done.stderr
