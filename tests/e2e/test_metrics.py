"""`picket metrics` and the scrapers' socket: read by promtool and curl, and by clients that behave badly."""
import re
import socket
import subprocess
import threading

import pytest

from rigs import agent as rig
from rigs import need
from rigs.agent import Agent
from rigs.child import until
from rigs.disk import TinyDisk

pytestmark = pytest.mark.side_by_side
SOCKET = {"metrics": {"socket": True}}


@pytest.fixture
def agent():
    with Agent(**SOCKET) as made:
        made.wait(lambda s: s["agent"]["rounds"] > 1, "two readings")
        yield made


def path_of(agent):
    return agent.state / "metrics.sock"


def exchange(agent, request, patience=20):
    """Sends it and reads to the end; the whole answer."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(patience)
        s.connect(str(path_of(agent)))
        s.sendall(request)
        got = b""
        while True:
            part = s.recv(65536)
            if not part:
                return got
            got += part


def body_of(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    assert int(re.search(rb"Content-Length: (\d+)", head).group(1)) == len(body)
    return head.split(b"\r\n")[0].decode(), body.decode()


def figures(text):
    """{series: value}"""
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}


def test_promtool_reads_what_is_printed(agent):
    need.apt("prometheus")
    done = subprocess.run(["promtool", "check", "metrics"], input=agent.ask("metrics"), capture_output=True, text=True,
                          timeout=60)
    faults = (done.stdout + done.stderr).strip().splitlines()
    assert {line.split()[0].rsplit("_", 1)[1] for line in faults} <= {"count"}, faults      # names that are the convention's own
    assert done.returncode in (0, 3), done.stderr      # 3: it reads, and a name is not to its taste


def test_curl_gets_the_same_from_the_socket(agent):
    curl = need.program("curl")
    done = subprocess.run([curl, "-sS", "-i", "--unix-socket", path_of(agent), "http://picket/metrics"], capture_output=True,
                          timeout=30, check=True)
    status, body = body_of(done.stdout)
    assert status == "HTTP/1.0 200 OK"
    assert b"Content-Type: text/plain; version=0.0.4; charset=utf-8" in done.stdout
    printed, scraped = figures(agent.ask("metrics")), figures(body)
    assert len(scraped) > 20 and set(scraped) <= set(printed)
    assert scraped["system_memory_limit_bytes"] == printed["system_memory_limit_bytes"] > 0
    assert any(name.startswith("system_filesystem_utilization_ratio{") for name in scraped)


def test_values_are_those_of_status(agent):
    agent.load.set(7.5)
    agent.wait(lambda s: [f for f in s["figures"] if f["name"] == "system.linux.cpu.load_1m" and f["value"] == 7.5], "the load")
    assert figures(agent.ask("metrics"))["system_linux_cpu_load_1m"] == 7.5
    target = next(line for line in agent.ask("metrics").splitlines() if line.startswith("target_info{"))
    assert 'picket_device="testbox"' in target and 'picket_client="Acme Ltd"' in target and target.endswith("} 1")


def test_a_mount_point_that_nobody_would_choose_is_one_label():
    """Line break, quotation mark and backslash in the name of a folder where a disk is mounted."""
    with TinyDisk(4, 'a "b"\\c\nd') as disk, Agent() as agent:
        label = 'system_filesystem_mountpoint="' + str(disk.folder) + r'/a \"b\"\\c\nd"'
        until(lambda: label in agent.ask("metrics"), 10, f"the label {label}")


def test_what_is_no_scrape_is_told_so(agent):
    for request, status in ((b"GET / HTTP/1.1\r\n\r\n", "404"), (b"POST /metrics HTTP/1.1\r\n\r\n", "405"),
                            (b"\x16\x03\x01 hello\n\n", "400"), (b"GET /metrics\r\n\r\n", "400")):
        line, body = body_of(exchange(agent, request))
        assert line.split()[1] == status and body.endswith(".\n")


@pytest.mark.slow
def test_clients_that_never_end_do_not_keep_others_out(agent):
    """More than it takes at a time, all silent: they are closed, and the agent goes on."""
    silent = []
    for _ in range(6):
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(path_of(agent)))
        silent.append(s)
    flood = socket.socket(socket.AF_UNIX)
    try:
        for s in silent[4:]:
            s.settimeout(10)
            assert s.recv(1) == b"", "one too many is closed at once"
        for s in silent[:4]:
            s.settimeout(25)
            assert s.recv(1) == b"", "silence is closed after its time"
        flood.connect(str(path_of(agent)))
        flood.settimeout(10)
        with pytest.raises(OSError):
            for _ in range(100):
                flood.sendall(b"X-Header: " + b"x" * 1000 + b"\r\n")
        assert body_of(exchange(agent, b"GET /metrics HTTP/1.0\r\n\r\n"))[0].split()[1] == "200"
    finally:
        for s in [*silent, flood]:
            s.close()


def test_many_at_once_and_one_that_hangs_up(agent):
    answers = []

    def ask():
        try:
            answers.append(exchange(agent, b"GET /metrics HTTP/1.0\r\n\r\n"))
        except OSError:
            answers.append(b"")
    threads = [threading.Thread(target=ask) for _ in range(16)]
    for t in threads:
        t.start()
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path_of(agent)))
        s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
    for t in threads:
        t.join()
    whole = [a for a in answers if a]
    assert whole and all(body_of(a)[0].split()[1] == "200" for a in whole)
    assert agent.alive


def test_it_is_off_unless_asked_for_and_follows_a_reload():
    with Agent() as agent:
        assert not path_of(agent).exists()
        agent.configure(**SOCKET)
        agent.hup()
        until(lambda: "in force" in agent.log_text(), 10, "the reload")
        assert path_of(agent).stat().st_mode & 0o666 == 0o666, "every local account may ask"
        assert b"200 OK" in exchange(agent, b"GET /metrics HTTP/1.0\r\n\r\n")
        before = agent.log_text().count("in force")
        agent.hup()
        until(lambda: agent.log_text().count("in force") > before, 10, "the reload")
        assert b"200 OK" in exchange(agent, b"GET /metrics HTTP/1.0\r\n\r\n")
        agent.configure(metrics={"socket": False})
        agent.hup()
        until(lambda: not path_of(agent).exists(), 10, "no socket")
        assert agent.stop() == 0


def test_nobody_runs(tmp_path):
    rig.ready()
    done = subprocess.run([rig.PICKET, "metrics", "--state", tmp_path], capture_output=True, text=True)
    assert done.returncode == 1 and "no agent is running" in done.stderr and done.stdout == ""
