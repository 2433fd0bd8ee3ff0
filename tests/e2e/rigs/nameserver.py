"""A name server of the test's own, and a way to run a program with it as its only one.

    with NameServer({"psa.test": "127.0.0.1"}) as names:     # everything else does not exist
        HttpProbe(..., within=names.only_this)
    with NameServer(silent=True) as names: ...               # asked, it says nothing; names.silent = False ends that

Needs root: port 53 and a mount namespace.
"""
import os
import socket
import struct
import tempfile
import threading

from . import need

A = 1


class NameServer:
    ADDRESS = "127.0.0.77"

    def __init__(self, names=None, silent=False):
        self.names, self.silent = names or {}, silent
        self.asked = []
        self._ending = False

    def __enter__(self):
        if os.geteuid() != 0:
            raise need.Skip("a name server of our own needs root")
        need.program("unshare")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.ADDRESS, 53))
        self._file = tempfile.NamedTemporaryFile("w", prefix="resolv.", delete=False)
        self._file.write(f"nameserver {self.ADDRESS}\n")
        self._file.close()
        os.chmod(self._file.name, 0o644)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:     # wakes the thread
            last.sendto(b"", (self.ADDRESS, 53))
        self._thread.join()
        self._socket.close()
        os.unlink(self._file.name)

    @property
    def scene(self):
        """For a stage (stage.py)."""
        return ["--bind", self._file.name, "/etc/resolv.conf"]

    @property
    def only_this(self):
        """Words to put before a command."""
        return ["unshare", "-m", "sh", "-c", f'mount --bind {self._file.name} /etc/resolv.conf && exec "$@"', "sh"]

    def _serve(self):
        while True:
            question, sender = self._socket.recvfrom(2048)
            if self._ending:
                return
            name, end = self._name(question)
            kind = struct.unpack(">H", question[end:end + 2])[0]
            self.asked.append(name)
            if not self.silent:
                self._socket.sendto(self._answer(question, end, name, kind), sender)

    @staticmethod
    def _name(question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        return ".".join(labels).lower(), at + 1

    def _answer(self, question, end, name, kind):
        address = self.names.get(name)
        found = address if kind == A else None
        head = question[:2] + struct.pack(">HHHHH", 0x8180 if address else 0x8183, 1, 1 if found else 0, 0, 0)
        record = b""
        if found:
            record = struct.pack(">HHHIH", 0xC00C, A, 1, 60, 4) + socket.inet_aton(found)
        return head + question[12:end + 4] + record
