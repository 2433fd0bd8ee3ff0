"""Runs tests at the same time that mostly wait: those marked `side_by_side`, in a few forked copies of pytest.

    pytestmark = pytest.mark.side_by_side       # in a module whose tests share nothing but the machine

Each copy takes the next test that nobody has, and sends its reports here, where they count as if they had been made
here. All other tests run one after the other, afterwards. PICKET_JOBS says how many (1: none of this).
"""
import os
import pickle
import selectors
import struct
import sys

import pytest
from _pytest.reports import TestReport

INDEX = struct.Struct("=i")


def jobs(config):
    if config.option.capture == "no" or config.option.usepdb or config.option.maxfail:
        return 1
    return int(os.environ.get("PICKET_JOBS") or 3 * (os.cpu_count() or 1))


class Worker:
    """A forked copy. `begun` is the test it is at, for when it dies."""

    def __init__(self, session, items, queue):
        self.begun, self.input = None, b""
        self.pipe, theirs = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(self.pipe)
                work(session, items, queue, theirs)
                status = 0
            finally:
                os._exit(status)
        os.close(theirs)

    def messages(self):
        """What came; None at its end."""
        data = os.read(self.pipe, 1 << 16)
        if not data:
            return None
        self.input += data
        found = []
        while len(self.input) >= INDEX.size:
            size, = INDEX.unpack_from(self.input)
            if len(self.input) < INDEX.size + size:
                break
            found.append(pickle.loads(self.input[INDEX.size:INDEX.size + size]))
            self.input = self.input[INDEX.size + size:]
        return found


def work(session, items, queue, pipe):
    """In the copy: take tests until there are none."""
    config = session.config

    def send(message):
        data = pickle.dumps(message)
        with open(pipe, "wb", closefd=False) as out:
            out.write(INDEX.pack(len(data)) + data)

    class Reporter:
        @staticmethod
        def pytest_runtest_logstart(nodeid, location):
            send(("start", nodeid))

        @staticmethod
        def pytest_runtest_logreport(report):
            send(("report", config.hook.pytest_report_to_serializable(config=config, report=report)))

    for plugin in config.pluginmanager.get_plugins():       # what writes reports does so in the original
        if type(plugin).__name__ in ("TerminalReporter", "LogXML"):
            config.pluginmanager.unregister(plugin)
    config.pluginmanager.register(Reporter())
    item = take(items, queue)
    while item:
        following = take(items, queue)      # pytest keeps what the next one needs, too
        config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        item = following


def take(items, queue):
    data = os.read(queue, INDEX.size)       # whole: nobody writes any more, and each reads as much
    return items[INDEX.unpack(data)[0]] if data else None


def run(session, items, count):
    """In the original: hears what the copies say. Returns the tests that a copy took and did not come to."""
    queue, end = os.pipe()
    os.write(end, b"".join(INDEX.pack(i) for i in range(len(items))))
    os.close(end)
    known, done = {item.nodeid: item for item in items}, set()
    with selectors.DefaultSelector() as ready:
        for _ in range(min(count, len(items))):
            worker = Worker(session, items, queue)
            ready.register(worker.pipe, selectors.EVENT_READ, worker)
        while ready.get_map():
            for key, _ in ready.select():
                messages = key.data.messages()
                if messages is None:
                    ready.unregister(key.fd)
                    bury(session, key.data, known)
                for message in messages or ():
                    hear(session, key.data, known, *message)
                    done.add(key.data.begun)
    os.close(queue)
    return [item for item in items if item.nodeid not in done]


def hear(session, worker, known, kind, what):
    hook = session.config.hook
    if kind == "start":
        worker.begun = what
        hook.pytest_runtest_logstart(nodeid=what, location=known[what].location)
        return
    report = hook.pytest_report_from_serializable(config=session.config, data=what)
    hook.pytest_runtest_logreport(report=report)
    if report.when == "teardown":
        worker.begun = None
        hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)


def bury(session, worker, known):
    """A copy that ended in the middle of a test failed it."""
    os.close(worker.pipe)
    _, status = os.waitpid(worker.pid, 0)
    if worker.begun:
        item = known[worker.begun]
        why = f"the process that ran it ended with {os.waitstatus_to_exitcode(status)}"
        session.config.hook.pytest_runtest_logreport(report=TestReport(
            item.nodeid, item.location, {}, "failed", why, "call"))


class Plugin:
    @staticmethod
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(session):
        count = jobs(session.config)
        together = [item for item in session.items if item.get_closest_marker("side_by_side")]
        if count < 2 or len(together) < 2 or session.config.option.collectonly or session.testsfailed:
            return None
        alone = [item for item in session.items if item not in together]
        alone += run(session, together, count)
        for item, following in zip(alone, [*alone[1:], None]):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        return True
