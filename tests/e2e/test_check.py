"""`picket check` and `picket config`: exit codes, JSON that keeps its schema, tables that fit the terminal."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

from rigs import need
from rigs.agent import PICKET

SCHEMAS = need.REPO / "proto/schema"


def uptime(name, **levels):
    """A rule that any machine breaks."""
    return {"name": name, "metric": "system.uptime", "title": "{device}: up for {value}", **levels}


def quiet():
    """The built-in rules off: they look at the real machine."""
    shown = subprocess.run([PICKET, "config", "rules", "--json"], capture_output=True, text=True, check=True)
    return [{"name": rule["name"], "enabled": False} for rule in json.loads(shown.stdout)["rules"]]


@pytest.fixture(autouse=True)
def program():
    if not PICKET.exists():
        pytest.skip(f"{PICKET} is not built")


@pytest.fixture
def configured(tmp_path):
    def write(*rules, **more):
        path = tmp_path / "picket.json"
        path.write_text(json.dumps({"rules": quiet() + list(rules), **more}))
        path.chmod(0o600)
        return path
    return write


def picket(*arguments):
    return subprocess.run([PICKET, *arguments], capture_output=True, text=True)


def schema(name):
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft202012Validator(json.loads((SCHEMAS / name).read_text()))


WARNING = uptime("up", warning={"above": 0, "for_s": 86400})
CRITICAL = uptime("up-long", critical={"above": 0})
NOT_HERE = uptime("down", warning={"below": 0})


@pytest.mark.parametrize("rules, code, word", [
    ([NOT_HERE], 0, "OK"), ([WARNING, NOT_HERE], 1, "WARNING"), ([WARNING, CRITICAL, NOT_HERE], 2, "CRITICAL"),
    ([uptime("typo", metric="system.uptmie", warning={"above": 0})], 3, "UNKNOWN"),
])
def test_the_exit_code_is_the_worst_state(configured, rules, code, word):
    for form in ([], ["--plugin"], ["--verbose"]):
        done = picket("check", "--config", configured(*rules), *form)
        assert done.returncode == code
        assert done.stdout.startswith(f"PICKET {word} - ")
    done = picket("check", "--json", "--config", configured(*rules))
    assert done.returncode == code
    if code < 3:
        assert json.loads(done.stdout)["exit_code"] == code


def test_usage_is_unknown_to_a_monitoring_system():
    assert picket("check", "--jsno").returncode == 3
    assert picket("check", "now").returncode == 3
    assert picket("check", "--help").returncode == 0


def test_the_plugins_line_is_one_with_performance_data(configured):
    line = picket("check", "--plugin", "--config", configured(WARNING)).stdout
    assert line.count("\n") == 1
    assert re.search(r"\| 'up'=\d+(\.\d+)?s;0;$", line)


def test_json_keeps_its_schema(configured):
    schema("check.schema.json").validate(json.loads(picket("check", "--json").stdout))
    shown = json.loads(picket("check", "--json", "--config", configured(CRITICAL)).stdout)
    schema("check.schema.json").validate(shown)
    assert [row["state"] for row in shown["rules"]] == ["critical"]
    assert any(figure["metric"] == "system.memory.utilization" for figure in shown["figures"])


def test_a_table_fits_its_terminal():
    for columns in (60, 100):
        here, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        child = subprocess.Popen([PICKET, "config", "rules"], stdout=there, env={**os.environ, "TERM": "xterm"})
        os.close(there)
        shown = b""
        while True:
            try:
                part = os.read(here, 65536)
            except OSError: # the terminal's end
                break
            shown += part
        os.close(here)
        assert child.wait() == 0
        assert b"\x1b[" in shown # colours
        text = re.sub(r"\x1b\[\d*m", "", shown.decode())
        assert max(len(line) for line in text.splitlines()) <= columns


def test_what_is_printed_is_what_is_taken(tmp_path):
    for print_it in (["example"], ["rules", "--json"]):
        path = tmp_path / "printed.json"
        path.write_text(picket("config", *print_it).stdout)
        path.chmod(0o600)
        schema("config.schema.json").validate(json.loads(path.read_text()))
        done = picket("config", "check", path)
        assert (done.returncode, done.stderr) == (0, "")


def test_what_would_not_work_here_is_said(configured, tmp_path):
    secret = tmp_path / "token"
    secret.write_text("hush")
    secret.chmod(0o644)
    path = configured(upstreams=[
        {"name": "one", "connector": "request-trakcer"},
        {"name": "two", "connector": "request-tracker", "ca_file": str(tmp_path / "none.pem"),
         "settings": {"token": {"file": str(secret)}}},
    ])
    done = picket("config", "check", path)
    assert done.returncode == 1
    assert 'upstreams[0].connector: there is no built-in "request-trakcer"; "request-tracker" perhaps?' in done.stderr
    assert f"upstreams[1].settings.token: {secret}: others can read or change it: chmod 600 {secret}" in done.stderr
    assert "upstreams[1].ca_file: opening a file: there is no such thing" in done.stderr
    secret.chmod(0o600)
    done = picket("config", "check", path)
    assert "upstreams[1].settings.url: is missing" in done.stderr
    assert "hush" not in done.stdout + done.stderr


def test_a_literal_secret_wants_a_closed_file(configured):
    path = configured(upstreams=[{"connector": "rewst", "settings": {"url": "https://h.example/x", "secret": "hush"}}])
    assert picket("config", "check", path).returncode == 0
    path.chmod(0o644)
    done = picket("config", "check", path)
    assert done.returncode == 1
    assert "upstreams[0].settings.secret: a secret in a file that others can read" in done.stderr
    assert "hush" not in done.stdout + done.stderr


def test_a_configuration_that_others_can_change_is_refused(configured):
    path = configured()
    path.chmod(0o666)
    done = picket("config", "check", path)
    assert done.returncode == 1
    assert "others can change this file" in done.stderr


def test_nothing_to_judge_is_unknown_and_never_ok(configured):
    done = picket("check", "--config", configured())
    assert done.returncode == 3
    assert done.stdout.startswith("PICKET UNKNOWN - nothing was read that a rule looks at")
