"""`picket support-bundle`: what is in it, who may read it, and that no secret is, wherever a configuration can have one."""
import io
import json
import os
import pwd
import subprocess
import tarfile

import pytest

from rigs import agent as rig
from rigs import need
from rigs.agent import Agent, upstream
from rigs.loadavg import rule
from rigs.psa import Halo, Psa, Secret

FILES = {"about.txt", "version.json", "status.json", "check.json", "doctor.json", "rules.json", "log.txt", "inventory.json",
         "configuration.json"}


def bundle(agent, *words, env=None):
    """On the agent's stage: {file: text}, and what was said on standard error."""
    command = [*rig.STAGE, *agent._binds(), "--", agent.program, "support-bundle", "--config", agent.config, "--state",
               agent.state, *words, "-"]
    done = subprocess.run(command, capture_output=True, timeout=200, env={**os.environ, **(env or {})})
    assert done.returncode == 0, done.stderr.decode()
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        members = tar.getmembers()
        assert all(m.isfile() and m.mode == 0o600 for m in members)
        folder = members[0].name.split("/")[0]
        assert folder.startswith("picket-support-")
        return {m.name.removeprefix(folder + "/"): tar.extractfile(m).read().decode() for m in members}, done.stderr.decode()


@pytest.fixture
def psa(certificate):
    with Psa(certificate, Halo()) as server:
        yield server


def test_what_is_in_it():
    with Agent(rules=[rule(5)]) as agent:
        agent.load.set(9)
        agent.wait_open("load-5")
        files, said = bundle(agent, "--offline")
        assert set(files) == FILES and all(f"  {name} " in said for name in FILES), said
        status = json.loads(files["status.json"])
        assert [a["rule"] for a in status["alerts"]] == ["load-5"] and "gaps" in status["agent"]
        assert json.loads(files["version.json"])["version"] == status["agent"]["version"]
        assert {c["check"] for c in json.loads(files["doctor.json"])["checks"]} >= {"disk", "database", "agent"}
        assert json.loads(files["check.json"]) and json.loads(files["rules.json"])["rules"]
        assert json.loads(files["configuration.json"])["device"]["client"] == "Acme Ltd"
        inventory = json.loads(files["inventory.json"])
        assert inventory["packages"] and not inventory["users"] and not inventory["groups"]
        own = pwd.getpwuid(os.getuid())
        assert "Left out" in files["about.txt"] and f'"{own.pw_name}:' not in files["inventory.json"]
        assert files["log.txt"]


def test_the_file_is_for_its_owner_alone(tmp_path):
    with Agent() as agent:
        command = [*rig.STAGE, *agent._binds(), "--", agent.program, "support-bundle", "--config", agent.config, "--state",
                   agent.state, "--offline"]
        for words, name in (([tmp_path / "b.tar"], "b.tar"), ([], "picket-support-")):
            done = subprocess.run([*command, *map(str, words)], capture_output=True, text=True, timeout=100, cwd=tmp_path,
                                  umask=0)
            assert done.returncode == 0, done.stderr
            made = next(p for p in tmp_path.iterdir() if p.name.startswith(name))
            assert made.stat().st_mode & 0o777 == 0o600 and made.name in done.stdout and "inventory.json" in done.stdout
            listed = subprocess.run([need.program("tar"), "-tf", made], capture_output=True, text=True, check=True)
            assert len(listed.stdout.split()) == len(FILES)


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    with Agent() as agent:
        done = subprocess.run([agent.program, "support-bundle", "--offline", "--state", agent.state, tmp_path / "no" / "b.tar"],
                              capture_output=True, text=True, timeout=100)
        assert done.returncode == 1 and "b.tar" in done.stderr


# -- secrets

PLANTED = ["literal-5ecret-1", "file-5ecret-2", "proxy-5ecret%2F3", "proxy-5ecret/3", "header-5ecret-4", "token-5ecret-5",
           "env-5ecret-6", "url-5ecret-7", "arg-5ecret-8", "argeq-5ecret-9", 'quo"ted\\5ecret-10', 'quo\\"ted\\\\5ecret-10',
           "misplaced-5ecret-11"]


def planted_in(files):
    return [(name, secret) for name, text in files.items() for secret in PLANTED if secret in text or "5ecret" in text]


def test_no_secret_is_in_it(psa, authority):
    """Values, files, links with a password, headers, proxies, arguments of checks, the environment."""
    ours = upstream(psa, authority, proxy="http://joe:proxy-5ecret%2F3@127.0.0.1:9")
    ours["settings"] = {k: Secret("file-5ecret-2") if isinstance(v, Secret) else v for k, v in ours["settings"].items()}
    literal = {**upstream(psa, authority, name="literal"), "settings": {
        k: "literal-5ecret-1" if isinstance(v, Secret) else v for k, v in psa.settings.items()}}
    otel = {"name": "otel", "connector": "otlp", "ca_file": authority.cert, "settings": {
        "url": "https://joe:url-5ecret-7@localhost:9/v1/metrics", "header.X-Key": "header-5ecret-4",
        "token": Secret('quo"ted\\5ecret-10')}}
    other = {"name": "other", "connector": "otlp", "settings": {"url": "https://localhost:9/v1", "authorization":
                                                                "Bearer token-5ecret-5"}}
    checks = [{"name": "web", "command": ["/bin/echo", "--password", "arg-5ecret-8", "--token=argeq-5ecret-9"], "period_s": 5}]
    with Agent(upstreams=[ours, literal, other, otel], checks=checks,
               device={"name": "testbox", "url": "https://joe:url-5ecret-7@docs.example.com/x"}) as agent:
        files, said = bundle(agent, env={"https_proxy": "http://joe:env-5ecret-6@127.0.0.1:9"})
        assert planted_in({**files, "standard error": said}) == []
        shown = json.loads(files["configuration.json"])
        assert [u["name"] for u in shown["upstreams"]] == ["halopsa", "literal", "other", "otel"]
        assert set(shown["upstreams"][1]["settings"]) == set(psa.settings)
        assert shown["checks"][0]["command"][0] == "/bin/echo"
        assert "(removed)@127.0.0.1:9" in shown["upstreams"][0]["proxy"]


@pytest.mark.parametrize("text", [
    '{"setings": {"password": "misplaced-5ecret-11"}}',
    '{"upstreams": [{"name": "x", "conector": "misplaced-5ecret-11", "proxy": "misplaced-5ecret-11"}]}',
    '{"log": {"level": "misplaced-5ecret-11"}, "password": "misplaced-5ecret-11"}',
    '{"rules": "misplaced-5ecret-11" ',
])
def test_nor_in_that_of_a_bad_configuration(text):
    with Agent() as agent:
        agent.config.write_text(text)
        agent.hup()
        agent.wait(lambda s: s["agent"]["configuration_error"], "the refusal")
        files, said = bundle(agent, "--offline")
        assert planted_in({**files, "standard error": said}) == []
        assert set(files) == FILES
