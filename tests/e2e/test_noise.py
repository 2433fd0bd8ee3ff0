"""Every story of tests/noise gets the tickets it deserves, and no other; docs/noise.md says the same."""
import importlib.machinery
import importlib.util
import json
import subprocess
import time
from pathlib import Path

import pytest

from rigs import agent

FOLDER = Path(__file__).parents[1] / "noise"


def load():
    loader = importlib.machinery.SourceFileLoader("noise_report", str(FOLDER / "report"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("noise_report", loader))
    loader.exec_module(module)
    return module


report = load()
NAMES = report.names()


@pytest.fixture(scope="module")
def played():
    """Each story is played once."""
    return {}


def play(played, name):
    if name not in played:
        if ("Europe/" in (FOLDER / f"{name}.trace").read_text()) and not Path("/usr/share/zoneinfo/Europe/Berlin").exists():
            pytest.skip("tzdata is not installed")
        played[name] = report.play(agent.PICKET, name)
    return played[name]


def test_there_are_enough_stories():
    assert len(NAMES) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_a_story_gets_the_tickets_it_deserves(name, played):
    assert list(report.bad(play(played, name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_ticket_that_is_wanted_says_why(name, played):
    story = play(played, name)
    assert story["about"]
    assert all(ticket["why"] for ticket in story["wanted"]["tickets"])


def test_the_page_says_what_came(played):
    stories = [play(played, name) for name in NAMES]
    assert report.PAGE.read_text() == report.page(stories), "tests/noise/report --markdown writes it anew"


# ---- the command ----

FULL = """trace 1
series root system.filesystem.utilization system.filesystem.mountpoint=/ system.filesystem.type=ext4 system.device=sda
root 95%
for 1h
"""


def rules(*words, trace=FULL):
    return subprocess.run([agent.PICKET, "rules", *words], input=trace, capture_output=True, text=True)


def test_what_came_is_told_with_its_title():
    done = rules("test", "--on", "-")
    assert done.returncode == 0
    assert "machine: / is 95.0 % full" in done.stdout
    assert "1 alert, 1 ticket. A bare threshold would have made 1 alert." in done.stdout


def test_it_is_told_to_programs():
    said = json.loads(rules("test", "--json", "--on", "-").stdout)
    [alert] = said["alerts"]
    assert (alert["rule"], alert["instance"], alert["severity"]) == ("disk-full", "mountpoint=/", "warning")
    assert alert["raised_after_s"] == 900 and alert["cleared"] is None
    assert said["tickets"] == said["bare_threshold_alerts"] == 1


def test_a_policy_of_ones_own_is_tried(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text('{"rules": [{"name": "disk-full", "warning": {"above": 0.97}, "critical": {"enabled": false}}]}')
    said = json.loads(rules("test", str(path), "--json", "--on", "-").stdout)
    assert said["alerts"] == []


@pytest.mark.parametrize("words, trace, status, said", [
    (["test", "--on", "-"], FULL + "want nothing\n", 3, "too many: disk-full mountpoint=/"),
    (["test", "--on", "-"], FULL + "want cpu-busy warning raised 0s..1h stays\n", 3, "missed: cpu-busy"),
    (["test", "--on", "-"], FULL + "rot 95%\n", 1, 'line 5: neither a word of traces nor a series: "rot"; "root" perhaps?'),
    (["test", "--on", "-"], "", 1, 'line 1: expected "trace 1" first'),
    (["test", "--on", "/nowhere/x.trace"], "", 1, "/nowhere/x.trace"),
    (["test", "/nowhere/x.json", "--on", "-"], FULL, 1, "/nowhere/x.json"),
    (["test"], "", 2, "--on"),
    (["tets", "--on", "-"], "", 2, "tets"),
    ([], "", 2, "list"),
])
def test_a_mistake_is_named(words, trace, status, said):
    done = rules(*words, trace=trace)
    assert done.returncode == status
    assert said in done.stdout + done.stderr


def test_the_list_is_that_of_config_rules():
    of_config = subprocess.run([agent.PICKET, "config", "rules"], capture_output=True, text=True)
    assert of_config.returncode == 0
    assert rules("list").stdout == of_config.stdout


# ---- what a machine recorded itself ----

def test_a_machine_s_own_history_is_a_trace():
    """From the running agent, and the same from its database when it is stopped."""
    with agent.Agent() as running:
        time.sleep(4)
        assert running.stop() == 0      # what is gathered is written at the end, or every five minutes
        stopped = running.ask("rules", "record")
        assert stopped.startswith("trace 1\n") and stopped.count("\nround ") >= 3
        said = json.loads(running.ask("rules", "test", "--json", "--on", "history"))
        assert said["trace"] == "history" and said["rounds"] == stopped.count("\nround ") and said["unknown_metrics"] == []
        assert json.loads(rules("test", "--json", "--on", "-", trace=stopped).stdout)["alerts"] == said["alerts"]
        running.start()
        asked = running.ask("rules", "record")
        assert asked.splitlines()[:5] == stopped.splitlines()[:5] and asked.count("\nround ") >= stopped.count("\nround ")


def test_a_machine_without_a_history_says_so(tmp_path):
    done = rules("record", "--state", str(tmp_path / "none"))
    assert done.returncode == 1 and "picket rules: " in done.stderr
