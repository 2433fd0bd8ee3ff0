"""A server process that belongs to a test: started with a log, waited for, ended by its own group id."""
import atexit
import os
import signal
import subprocess
import time


def until(probe, seconds, what):
    """Call probe until it returns something true; that is returned. Fails saying what was waited for."""
    end = time.monotonic() + seconds
    while True:
        got = probe()
        if got:
            return got
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


class Child:
    """One process and whatever it starts: a group of its own, so that ending it ends all of it."""

    def __init__(self, argv, log, **popen):
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            start_new_session=True, **popen)
        atexit.register(self.stop)

    @property
    def pid(self):
        return self.process.pid

    def tail(self, lines=15):
        with open(self.log, errors="replace") as text:
            return "".join(text.readlines()[-lines:])

    def wait_ready(self, probe, seconds, what):
        """Until probe is true; a child that ended meanwhile fails at once, with the end of its log."""
        def alive_and_ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"{what} ended with {self.process.returncode}:\n{self.tail()}")
            return probe()
        try:
            return until(alive_and_ready, seconds, what)
        except TimeoutError as late:
            raise TimeoutError(f"{late}\n{self.tail()}") from None

    def kill(self):
        """As a power cut would."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=5):
        """Ask, then insist; the second signal also reaches what the process left behind."""
        atexit.unregister(self.stop)
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass
