"""`picket watch` in a terminal that knows a few escape sequences and no more (rigs/terminal.py)."""
import os
import re
import signal
import subprocess

import pytest

from rigs.agent import PICKET, Agent
from rigs.child import until
from rigs.disk import TinyDisk
from rigs.loadavg import rule
from rigs.terminal import Terminal

pytestmark = pytest.mark.side_by_side
BLOCKS = "▁▂▃▄▅▆▇█"


@pytest.fixture
def agent():
    with Agent(rules=[rule(5)]) as made:
        yield made


def watch(agent, *words, **how):
    return Terminal([PICKET, "watch", "--state", agent.state, *words], **how)


def once(agent, *words, **env):
    clean = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "LC_CTYPE")}
    return subprocess.run([PICKET, "watch", "--state", agent.state, *words], capture_output=True, text=True, timeout=30,
                          env={**clean, "LC_ALL": "C.UTF-8", **env})


def trail(lines, name):
    """The marks of a figure's history."""
    line = next(line for line in lines if line.startswith(name))
    return [c for c in line if c in BLOCKS]


def after_readings(agent, count):
    agent.wait(lambda s: s["agent"]["rounds"] >= count, f"{count} readings")


# -- what is seen

@pytest.mark.parametrize("columns, rows", [(40, 24), (80, 24), (132, 40), (20, 5)])
def test_it_fits_the_terminal(agent, columns, rows):
    agent.load.set(9)
    agent.wait_open("load-5")
    with watch(agent, columns=columns, rows=rows) as t:
        t.wait(lambda: re.search(r"^reading \d+ s ago", t.text(), re.M))
        lines = t.picture()
        assert lines[0].startswith("picket ") and lines[-1].startswith("q ends")
        if rows > 20:
            assert any(line.startswith("warning") for line in lines), lines
            assert any(line.startswith("linux.c") and any(c in line for c in BLOCKS) for line in lines), lines
        t.press("q")
        assert t.code() == 0 and t.is_restored()


def test_the_lines_begin_with_what_the_agent_remembers(agent):
    agent.load.set(3)
    after_readings(agent, 6)
    lines = once(agent).stdout.splitlines()
    assert len(trail(lines, "linux.cpu.load_1m")) >= 4, lines


def test_lines_grow_and_follow_the_values(agent):
    agent.load.set(0)
    with watch(agent, columns=100, rows=50) as t:
        t.wait(lambda: "linux.cpu.load_1m" in t.text())
        before = len(trail(t.picture(), "linux.cpu.load_1m"))
        agent.load.set(8)
        t.wait(lambda: trail(t.picture(), "linux.cpu.load_1m")[-1] == BLOCKS[-1])
        t.wait(lambda: "warning" in t.text() and "load-5" in t.text())
        assert len(trail(t.picture(), "linux.cpu.load_1m")) > before
        agent.load.set(4)
        t.wait(lambda: trail(t.picture(), "linux.cpu.load_1m")[-1] in BLOCKS[2:5])


def test_colours_only_where_they_are_wanted(agent):
    agent.load.set(9)
    agent.wait_open("load-5")
    with watch(agent) as t:
        t.wait(lambda: "warning" in t.text())
        assert t.colours > 0
    with watch(agent, NO_COLOR="1") as t:
        t.wait(lambda: "warning" in t.text())
        assert t.colours == 0


def test_ascii_where_the_locale_is_no_more(agent):
    after_readings(agent, 4)
    with watch(agent, LC_ALL="C", columns=60) as t:
        t.wait(lambda: "linux.cpu" in t.text())
        assert t.raw.isascii()
        assert re.search(r"linux.cpu\S*\s+[_.:=+*#-]{3,}", t.text()), t.text()


def test_names_from_the_machine_do_not_command_the_terminal():
    with TinyDisk(4, "x\x1b[31;1my\x9b2J\x07z") as disk, Agent() as agent:
        until(lambda: any(str(disk.folder) in f["instance"] for f in agent.status()["figures"]), 10, "the disk")
        with watch(agent, columns=160, rows=60) as t:       # any sequence that is not ours fails
            t.wait(lambda: str(disk.folder) in t.text())
            assert b"\x1b[31;1m" not in t.raw and b"\x9b2J" not in t.raw and b"\x07" not in t.raw


# -- where it is no terminal

def test_it_is_printed_once_where_nobody_looks(agent):
    after_readings(agent, 2)
    done = once(agent)
    assert done.returncode == 0 and "\x1b" not in done.stdout and "reading" in done.stdout and "q ends" not in done.stdout
    with watch(agent, TERM="dumb") as t:
        assert t.code() == 0 and "linux.cpu.load_1m" in t.text() and b"\x1b" not in t.raw
    with watch(agent, "--once") as t:
        assert t.code() == 0 and "linux.cpu.load_1m" in t.text() and not t.modes


def test_nobody_runs(tmp_path):
    done = subprocess.run([PICKET, "watch", "--state", tmp_path], capture_output=True, text=True)
    assert done.returncode == 1 and "no agent is running" in done.stderr and done.stdout == ""


# -- keys, sizes, ends

@pytest.mark.parametrize("how", ["q", "\x03", "SIGTERM", "SIGHUP"])
def test_the_terminal_is_as_it_was(agent, how):
    with watch(agent) as t:
        t.wait(lambda: "reading" in t.text())
        assert t.modes == {"1049": True, "25": False, "7": False}
        if how.startswith("SIG"):
            os.kill(t.process.pid, getattr(signal, how))
        else:
            t.press(how)
        assert t.code() == 0 and t.is_restored()


def test_another_size_is_another_picture(agent):
    with watch(agent, columns=120, rows=40) as t:
        t.wait(lambda: "HISTORY" in t.text())
        t.resize(40, 12)
        t.wait(lambda: len(t.text().split("\n")) == 12 and "lines below" in t.text())
        t.picture()
        t.resize(100, 50)
        t.wait(lambda: "HISTORY" in t.text() and "q ends" in t.text().split("\n")[-1])
        t.picture()


def test_all_and_scrolling(agent):
    with watch(agent, rows=12) as t:
        t.wait(lambda: "lines below" in t.text())
        t.press("\x1b[B")
        t.wait(lambda: not t.picture()[0].startswith("picket"))
        t.press("\x1b[A")
        t.wait(lambda: t.picture()[0].startswith("picket"))
        below = int(re.search(r"(\d+) lines below", t.text()).group(1))
        t.press("a")
        t.wait(lambda: "shows less" in t.text() and int(re.search(r"(\d+) lines below", t.text()).group(1)) > below)
        t.press(" " * 40)
        t.wait(lambda: "lines below" not in t.text())
        t.press("\x1b[5~\x1b[200~\x1bOA\x1b[1;5C")      # what it does not know is no key
        t.press("q")
        assert t.code() == 0


# -- an agent that comes and goes

def test_an_agent_that_is_started_again_is_found_again(agent):
    after_readings(agent, 3)
    with watch(agent, columns=100, rows=50) as t:
        t.wait(lambda: "reading" in t.text())
        agent.kill("both")
        t.wait(lambda: "NO ANSWER for" in t.text())
        assert "linux.cpu.load_1m" in t.text(), "what was seen last stays"
        agent.start()
        t.wait(lambda: "NO ANSWER" not in t.text() and "reading" in t.text())
        t.press("q")
        assert t.code() == 0


def test_an_agent_that_hangs_does_not_hold_up_the_keys(agent):
    with watch(agent) as t:
        t.wait(lambda: "reading" in t.text())
        os.kill(agent.pid, signal.SIGSTOP)
        try:
            t.wait(lambda: "LAST READING" in t.text())
            t.press("q")
            assert t.code(5) == 0 and t.is_restored()
        finally:
            os.kill(agent.pid, signal.SIGCONT)


def test_the_clock_of_the_picture_goes_on_between_readings():
    """The age is counted here: the agent is not asked for it."""
    with Agent(collect={"period_s": 60}) as agent, watch(agent) as t:
        t.wait(lambda: re.search(r"reading [3-9] s ago, one every 60 s", t.text()))
