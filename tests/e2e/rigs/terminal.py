"""A terminal of our own: a program runs in it, its picture is read, keys are pressed.

    with Terminal([PICKET, "watch"], columns=40, rows=20) as t:
        t.wait(lambda: "reading" in t.text())
        t.press("q")
        t.code()                  # its exit code
        t.is_restored()           # as it was before

It knows the few sequences that are allowed, and fails at any other.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from .child import until

SEQUENCE = re.compile(rb"\x1b\[(\??)([0-9;]*)([A-Za-z])")
MODES = {b"1049", b"25", b"7"}


class Strange(AssertionError):
    pass


class Terminal:
    def __init__(self, argv, columns=80, rows=24, **env):
        self.argv, self.columns, self.rows, self.env = [str(a) for a in argv], columns, rows, env

    def __enter__(self):
        self.ours, theirs = pty.openpty()
        self._say_size()
        self.before = termios.tcgetattr(self.ours)
        clean = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "TERM")}
        self.process = subprocess.Popen(self.argv, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                        env={**clean, "TERM": "xterm", "LC_ALL": "C.UTF-8", **self.env},
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self.raw, self.bytes, self.modes, self.colours = b"", b"", {}, 0
        self.lines, self.row, self.column = {}, 1, 1
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.ours)

    def _say_size(self):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    def resize(self, columns, rows):
        self.columns, self.rows, self.lines = columns, rows, {}
        self._say_size()
        os.killpg(self.process.pid, signal.SIGWINCH)

    # -- its picture

    def _read(self):
        while select.select([self.ours], [], [], 0)[0]:
            try:
                part = os.read(self.ours, 65536)
            except OSError:         # the last one that had it open is gone
                part = b""
            if not part:
                return
            self.raw += part
            self.bytes += part
            self._draw()

    def _draw(self):
        while self.bytes:
            if self.bytes[:1] == b"\x1b":
                found = SEQUENCE.match(self.bytes)
                if not found:
                    if len(self.bytes) > 20:
                        raise Strange(f"no sequence: {self.bytes[:20]}")
                    return          # the rest comes
                self.bytes = self.bytes[found.end():]
                self._obey(*found.groups())
                continue
            text = re.match(rb"[^\x1b]+", self.bytes).group()
            try:
                letters = text.decode()
            except UnicodeDecodeError as cut:
                if cut.end < len(text):
                    raise Strange(f"no UTF-8: {text}") from None
                letters, text = text[:cut.start].decode(), text[:cut.start]
                if not text:
                    return
            self.bytes = self.bytes[len(text):]
            self._write(letters)

    def _obey(self, private, numbers, letter):
        line = self.lines.get(self.row, "")
        if private and letter in b"hl" and numbers in MODES:
            self.modes[numbers.decode()] = letter == b"h"
        elif letter == b"m":
            self.colours += 1
        elif letter == b"H":
            self.row, self.column = int(numbers or b"1"), 1
        elif letter == b"K":
            self.lines[self.row] = line[:self.column - 1]
        elif letter == b"J":
            self.lines = {r: text for r, text in self.lines.items() if r < self.row}
        else:
            raise Strange(f"\\e[{private}{numbers}{letter}")

    def _write(self, letters):
        for c in letters:
            if c == "\r":
                self.column = 1
            elif c == "\n":
                self.row += 1
            elif ord(c) < 32:
                raise Strange(f"control {ord(c)}")
            else:
                line = self.lines.get(self.row, "").ljust(self.column - 1)
                self.lines[self.row] = line[:self.column - 1] + c + line[self.column:]
                self.column += 1

    def text(self):
        self._read()
        return "\n".join(self.lines.get(r, "") for r in range(1, max(self.lines, default=0) + 1))

    def picture(self):
        """Its lines, all of them within the terminal."""
        lines = self.text().split("\n")
        for line in lines:
            assert len(line) <= self.columns, f"{len(line)} columns of {self.columns}: {line!r}"
        assert len(lines) <= self.rows
        return lines

    def wait(self, fits, seconds=20, what="the picture"):
        try:
            return until(lambda: fits() if self.process.poll() is None else self._ended(), seconds, what)
        except TimeoutError as late:
            raise TimeoutError(f"{late}\n{self.text()}") from None

    def _ended(self):
        raise AssertionError(f"it ended with {self.process.returncode}:\n{self.text()}")

    # -- its keys and its end

    def press(self, keys):
        os.write(self.ours, keys.encode())

    def code(self, seconds=10):
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self._read()
            time.sleep(0.02)
        self._read()
        assert self.process.poll() is not None, "it did not end"
        return self.process.returncode

    def is_restored(self):
        """The first screen, the cursor, wrapping, and how keys are taken."""
        self._read()
        return termios.tcgetattr(self.ours) == self.before and self.modes == {"1049": False, "25": True, "7": True}
