"""Lines of logs: one alert for what matches, real rotation, kills, and a real journal."""
import json
import os
import re
import subprocess
import threading
import time

import pytest

from rigs import need
from rigs.agent import PICKET, Agent
from rigs.child import until
from rigs.nspawn import Nspawn

pytestmark = pytest.mark.side_by_side
MATCH = {"name": "log-match"}
CRITICAL = {"name": "log-match-critical"}


def marks(agent):
    """{name: (matches, the rest)} of what the agent keeps."""
    path = agent.state / "logs"
    lines = [line.split(" ", 3) for line in path.read_text().splitlines()] if path.exists() else []
    return {name: (int(matches), rest) for _, name, matches, rest in lines}


def matches(agent, name="it"):
    return marks(agent).get(name, (None,))[0]


def begun(agent, name="it"):
    """Until the agent is where the log ends: what comes from now on is news."""
    until(lambda: matches(agent, name) is not None, 20, "the log was looked at")


def add(path, *lines):
    with open(path, "a") as file:
        file.write("".join(f"{line}\n" for line in lines))


def watching(path, **more):
    return Agent(rules=[MATCH], logs=[{"name": "it", "file": str(path), "match": "FAIL", **more}])


@pytest.mark.parametrize("number", range(2))
def test_an_example_of_the_documentation_is_taken(number, tmp_path):
    path = tmp_path / "picket.json"
    path.write_text(re.findall(r"```json\n(.*?)```", (need.REPO / "docs/logs.md").read_text(), re.S)[number])
    done = subprocess.run([PICKET, "config", "rules", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_matches_is_one_ticket_however_often(tmp_path):
    log = tmp_path / "log"
    add(log, "FAIL of yesterday")
    with Agent(rules=[MATCH, CRITICAL], logs=[
            {"name": "it", "file": str(log), "match": "raid*: *fail", "unmatch": "test", "ignore_case": True},
            {"name": "worse", "file": str(log), "match": "PANIC", "severity": "critical"}]) as agent:
        begun(agent)
        add(log, "kernel: raid0: a test that will FAIL", "kernel: fine")
        time.sleep(2)
        assert agent.tickets() == []
        add(log, "kernel: raid0: disk 3 FAILED")
        agent.wait_open("log-match")
        add(log, "kernel: raid0: disk 4 FAILED", "kernel: PANIC")
        status = agent.wait_open("log-match", "log-match-critical")
        assert {a["severity"] for a in status["alerts"]} == {"warning", "critical"}
        titles = sorted(t["title"] for t in agent.tickets())
        assert len(titles) == 2 and "log it: kernel: raid0: disk 3 FAILED" in titles[0], titles


def test_a_log_that_cannot_be_read_is_said_and_named_with_its_remedy(tmp_path):
    config = tmp_path / "picket.json"
    (tmp_path / "pipe").parent.chmod(0o755)
    os.mkfifo(tmp_path / "pipe")
    config.write_text(json.dumps({"logs": [{"name": "a", "file": str(tmp_path / "none"), "match": "x"},
                                           {"name": "b", "file": str(tmp_path / "pipe"), "match": "x"},
                                           {"name": "c", "file": str(tmp_path / "none"), "match": "x", "optional": True}]}))
    config.chmod(0o600)
    done = subprocess.run([PICKET, "config", "check", config], capture_output=True, text=True)
    assert done.returncode == 1
    assert "logs[0].file: there is no " in done.stderr and '"optional": true' in done.stderr
    assert "logs[1].file: it is no plain file" in done.stderr and "logs[2]" not in done.stderr
    shown = subprocess.run([PICKET, "check", "--config", config], capture_output=True, text=True).stdout
    assert re.search(r"^a +there is no such file$", shown, re.M), shown


def test_check_looks_back(tmp_path):
    log, config = tmp_path / "log", tmp_path / "picket.json"
    add(log, *(f"line {i} {'FAIL' if i % 100 == 7 else 'fine'}" for i in range(1000)))
    config.write_text(json.dumps({"logs": [{"name": "it", "file": str(log), "match": "FAIL"}]}))
    config.chmod(0o600)
    shown = subprocess.run([PICKET, "check", "--config", config], capture_output=True, text=True).stdout
    assert re.search(r"^it +1000 +10 +line 907 FAIL$", shown, re.M), shown


class Writer(threading.Thread):
    """A service that goes on logging, opening its file anew when told to, as a daemon does after SIGHUP."""

    def __init__(self, path, lines):
        super().__init__(daemon=True)
        self.path, self.lines, self.anew, self.written = path, lines, threading.Event(), 0
        self.start()

    def run(self):
        file = open(self.path, "a", buffering=1)
        for i in range(self.lines):
            file.write(f"{i:05} FAIL\n" if i % 2 else f"{i:05} fine\n")
            self.written = i + 1
            if i % 10 == 0:
                time.sleep(0.02)
            if self.anew.is_set():
                self.anew.clear()
                time.sleep(0.3)      # it takes its time
                file.close()
                file = open(self.path, "a", buffering=1)
        file.close()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["create", "compress"])
def test_logrotate_loses_no_line(tmp_path, how):
    need.apt("logrotate")
    log, config = tmp_path / "log", tmp_path / "logrotate.conf"
    tmp_path.chmod(0o755)
    add(log, "begin")
    more = {"create": "create 0644", "compress": "create 0644\n compress\n delaycompress"}[how]
    config.write_text(f"{log} {{\n rotate 9\n {more}\n}}\n")
    config.chmod(0o644)
    with watching(log) as agent:
        begun(agent)
        writer = Writer(log, 3000)
        while writer.is_alive():
            time.sleep(1.5)
            subprocess.run(["logrotate", "--force", "--state", tmp_path / "state", config], check=True)
            writer.anew.set()
        until(lambda: matches(agent) == 1500, 20, "all lines")
        assert len(list(tmp_path.glob("log*"))) > 3
        assert agent.stop() == 0
        assert matches(agent) == 1500
        assert "logs: it:" not in agent.log_text(), agent.log_text()


@pytest.mark.slow
def test_kills_lose_no_line_and_the_count_goes_on(tmp_path):
    log = tmp_path / "log"
    add(log, "begin")
    with watching(log) as agent:
        begun(agent)
        writer = Writer(log, 4000)
        while writer.is_alive():
            time.sleep(1.3)
            agent.kill("both")
            agent.start()
        until(lambda: matches(agent) == 2000, 20, "all lines")
        assert len(agent.tickets()) == 1


@pytest.mark.slow
def test_a_rotation_while_it_was_stopped_is_found(tmp_path):
    log = tmp_path / "log"
    add(log, "begin")
    with watching(log) as agent:
        begun(agent)
        assert agent.stop() == 0
        add(log, "FAIL before")
        log.rename(tmp_path / "log.1")
        add(log, "FAIL after")
        agent.start()
        until(lambda: matches(agent) == 2, 20, "both lines")


@pytest.mark.slow
def test_a_log_at_rest_costs_one_look_a_reading(tmp_path):
    need.apt("strace")
    log, trace = tmp_path / "log", tmp_path / "trace"
    add(log, "FAIL before", "not ended yet, FAIL")
    with watching(log) as agent:
        begun(agent)
        time.sleep(2)
        def rounds():
            return agent.status()["agent"]["rounds"]
        before = rounds()
        tracer = subprocess.Popen(["strace", "-o", trace, "-p", str(agent.pid)], stderr=subprocess.DEVNULL)
        until(lambda: rounds() >= before + 8, 60, "eight readings")
        tracer.terminate()
        tracer.wait(20)
        readings = rounds() - before
    calls = [line for line in trace.read_text().splitlines() if str(log) in line]
    if not trace.read_text():
        pytest.skip("tracing is not allowed here")
    assert 4 <= len(calls) <= readings + 1 and all("stat" in line for line in calls), (readings, calls)


# -- the journal

BOX = r"""
export LD_LIBRARY_PATH=/test ASAN_OPTIONS=detect_leaks=0
say() { printf '%s\n' "$2" | systemd-cat -t "$1" -p "$3"; }
cat >c.json <<'END'
{ "collect": {"period_s": 1}, "quiet": {"after_boot_s": 0},
  "logs": [{"name": "it", "journal": {"identifier": "sshd", "priority": "warning", "period_s": 10}, "match": "sshd: Failed"}] }
END
run() { ./picket run --config c.json --state /test/state >>log 2>&1 & }
count() { sed -n 's/^journal it \([0-9]*\) .*/\1/p' state/logs 2>/dev/null; }
await() { i=0; while [ "$(count)" != "$1" ]; do i=$((i+1)); [ $i -lt 90 ] || { cat log state/logs; exit 9; }; sleep 1; done; }
mkdir -m 700 state
chmod 600 c.json
say sshd 'Failed before' err
run; first=$!
await 0
say sshd 'Failed one' err
say sshd 'Failed, but less important' info
say other 'Failed elsewhere' err
{ printf 'Failed with bytes \377\001 and '; head -c 9000 /dev/zero | tr '\0' x; echo; } | systemd-cat -t sshd -p err
await 2
./picket tickets --state /test/state --json >tickets.json
kill -9 $first
say sshd 'Failed while it was dead' crit
sleep 1
run
await 3
journalctl -q --rotate
sleep 3
journalctl -q --vacuum-time=1s
say sshd 'Failed after the old files were removed' warning
await 4
sed -i 's/^journal it \([0-9]*\) .*/journal it \1 s=nonsense/' state/logs
kill -9 $!
sed -i 's/^journal it \([0-9]*\) .*/journal it \1 s=nonsense/' state/logs
run
i=0; until grep -q 'the place in the journal was lost' log; do i=$((i+1)); [ $i -lt 60 ] || exit 8; sleep 1; done
sleep 12
say sshd 'Failed at last' err
await 5
./picket check --config c.json >check.txt || true
kill $!
wait $! || true
cat tickets.json check.txt
"""


def libraries(program):
    """What a program is linked with, but for the C library: sanitizers."""
    lines = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return [path for path in re.findall(r"=> (/\S+)", lines) if not re.search(r"/lib(c|m|pthread|dl|rt)\.so", path)]


@pytest.mark.slow
def test_entries_of_a_real_journal_are_counted_once():
    with Nspawn(files=[PICKET, *libraries(PICKET)]) as box:
        result = box.run(BOX)
        log = (box.root / "test/log").read_text(errors="replace")
    assert result.status == 0, result.output + log
    tickets, _ = json.JSONDecoder().raw_decode(result.output[result.output.index("{"):])
    assert len(tickets["tickets"]) == 1 and "log it: sshd: Failed" in tickets["tickets"][0]["title"], tickets
    assert re.search(r"^it +\d+ +\d+ +sshd: Failed at last$", result.output, re.M), result.output
    assert "Sanitizer" not in log, log
