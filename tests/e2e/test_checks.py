"""Script checks: real plugins, the examples of the documentation, and one ticket for what a plugin says."""
import json
import re
import subprocess
import time

import pytest

from rigs import need
from rigs.agent import PICKET, Agent
from rigs.child import until

pytestmark = pytest.mark.side_by_side
PLUGINS = "/usr/lib/nagios/plugins"
NOW = {"name": "check-failed", "warning": {"for_s": 0, "clear_for_s": 0}, "critical": {"for_s": 0, "clear_for_s": 0}}
STATES = ["ok", "warning", "critical", "unknown"]


@pytest.fixture(scope="module")
def plugins():
    need.apt("monitoring-plugins-basic")


def examples(page):
    text = (need.REPO / "docs" / page).read_text()
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.S)]


def check(folder, config, *words):
    path = folder / "picket.json"
    path.write_text(json.dumps(config))
    path.chmod(0o600)
    return subprocess.run([PICKET, "check", "--config", path, *words], capture_output=True, text=True)


def rows(folder, config):
    """{(rule, instance): row} of `picket check`."""
    done = check(folder, config, "--json")
    return {(row["rule"], row["instance"]): row for row in json.loads(done.stdout)["results"]}


@pytest.mark.parametrize("config", examples("checks.md"), ids=lambda c: "-".join(k["name"] for k in c["checks"]))
def test_the_examples_of_the_documentation_work(plugins, tmp_path, config):
    path = tmp_path / "picket.json"
    path.write_text(json.dumps(config))
    path.chmod(0o600)
    done = subprocess.run([PICKET, "config", "check", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = check(tmp_path, config).stdout
    for one in config["checks"]:
        itself = subprocess.run(one["command"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert re.search(rf"^{one['name']} +{STATES[itself.returncode]} +\S", shown, re.M), shown


def test_what_plugins_measure_is_what_the_system_says(plugins, tmp_path):
    config = {"checks": [{"name": "disk", "command": [f"{PLUGINS}/check_disk", "-w", "1%", "-c", "1%", "-p", "/"]}]}
    shown = check(tmp_path, config, "--verbose").stdout
    ours = re.search(r"^system\.filesystem\.usage +mountpoint=/ +(\S+ \S+)$", shown, re.M)
    theirs = re.search(r"^picket\.check\.value\.size +name=disk label=/ +(\S+ \S+)$", shown, re.M)
    assert ours and theirs, shown
    assert ours.group(1).split()[1] == theirs.group(1).split()[1]
    assert float(ours.group(1).split()[0]) == pytest.approx(float(theirs.group(1).split()[0]), rel=0.05)


def test_a_plugin_that_cannot_be_run_is_named_with_its_remedy(tmp_path):
    plugin = tmp_path / "check"
    plugin.write_text("#!/bin/sh\nexit 0\n")
    plugin.chmod(0o777)
    path = tmp_path / "picket.json"
    path.write_text(json.dumps({"checks": [{"name": "open", "command": [str(plugin)]},
                                           {"name": "none", "command": ["/usr/lib/nagios/plugins/check_nought"]}]}))
    path.chmod(0o600)
    done = subprocess.run([PICKET, "config", "check", path], capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "checks[0].command[0]" in said and f"chmod go-w {plugin}" in said
    assert "checks[1].command[0]" in said and "there is no /usr/lib/nagios/plugins/check_nought" in said


@pytest.fixture
def door(tmp_path_factory):
    """A plugin that says what a file says, and the file."""
    class Door:
        folder = tmp_path_factory.mktemp("door")
        plugin, what = folder / "check_door", folder / "what"

        def says(self, code, text):
            draft = self.folder / "draft"
            draft.write_text(f"echo '{text}'\nexit {code}\n")
            draft.chmod(0o644)
            draft.rename(self.what)
    door = Door()
    for folder in (door.folder, *list(door.folder.parents)[:3]):
        if str(folder) != "/tmp" and folder.owner() == door.folder.owner():
            folder.chmod(0o755)
    door.plugin.write_text(f"#!/bin/sh\n. {door.what}\n")
    door.plugin.chmod(0o755)
    door.says(0, "DOOR OK - closed")
    return door


def agent_with(door, **more):
    return Agent(rules=[NOW], checks=[{"name": "door", "command": [str(door.plugin)], "period_s": 1, "retry_s": 1, **more}])


def test_what_a_plugin_says_becomes_one_ticket(door):
    with agent_with(door) as agent:
        agent.wait_line("watching")
        time.sleep(2.5)
        assert agent.tickets() == []
        door.says(1, "DOOR WARNING - ajar | gap=3;2;5")
        agent.wait_open("check-failed")
        door.says(2, "DOOR CRITICAL - open")
        agent.wait(lambda s: [a for a in s["alerts"] if a["severity"] == "critical"], "critical")
        listed = agent.tickets()
        assert len(listed) == 1 and "check door is warning: DOOR WARNING - ajar" in listed[0]["title"], listed
        door.says(3, "DOOR UNKNOWN - the sensor is silent")
        time.sleep(3)
        assert [(t["state"]) for t in agent.tickets()] == ["open"], "what is unknown ends nothing"
        door.says(0, "DOOR OK - closed")
        until(lambda: [t["state"] for t in agent.tickets()] == ["closed"], 15, "the ticket is closed")


def test_a_raised_check_outlives_a_restart_without_a_second_ticket(door):
    with agent_with(door) as agent:
        door.says(2, "DOOR CRITICAL - open")
        agent.wait_open("check-failed")
        agent.kill("both")
        agent.start()
        time.sleep(3)
        assert len(agent.tickets()) == 1 and agent.tickets()[0]["state"] == "open"


def test_the_end_of_the_agent_is_the_end_of_its_checks(door):
    with agent_with(door, timeout_s=60) as agent:
        mark = f"3{time.time_ns() % 10**6:06}"
        door.says(0, f"'; sleep {mark}; : '")

        def sleeping():
            return subprocess.run(["pgrep", "-f", f"^sleep {mark}$"], capture_output=True, text=True).stdout.split()
        until(sleeping, 15, "the check runs")
        assert agent.stop() == 0
        assert not sleeping()
