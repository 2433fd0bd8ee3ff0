"""A network cable that can be pulled: a network of its own for the agent, and one cable to ours.

    with Wire() as wire:
        Agent(scene=wire.scene)     # its only way out is the cable
        wire.address                # ours, as the agent sees it
        wire.pull(); wire.plug()

Needs root and network namespaces with veth; otherwise the test is skipped with the reason.
"""
import os
import subprocess

from . import need


class Wire:
    def __init__(self):
        self.name = f"pk{os.getpid()}"
        self.net = f"10.213.{os.getpid() % 250 + 1}"
        self.address = f"{self.net}.1"

    def __enter__(self):
        if os.geteuid() != 0:
            raise need.Skip("a network of our own needs root")
        need.program("ip")
        try:
            self._ip("netns", "add", self.name)
            self._ip("link", "add", self.name, "type", "veth", "peer", "name", "cable", "netns", self.name)
            self._ip("address", "add", f"{self.address}/24", "dev", self.name)
            self._ip("link", "set", self.name, "up")
            self._inside("link", "set", "lo", "up")
            self._inside("address", "add", f"{self.net}.2/24", "dev", "cable")
            self.plug()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)
        subprocess.run(["ip", "link", "delete", self.name], capture_output=True)

    def _ip(self, *words):
        done = subprocess.run(["ip", *words], capture_output=True, text=True)
        if done.returncode:
            raise need.Skip(f"this machine does not let us `ip {' '.join(words)}`: {done.stderr.strip()}")

    def _inside(self, *words):
        self._ip("-n", self.name, *words)

    def plug(self):
        self._inside("link", "set", "cable", "up")

    def pull(self):
        self._inside("link", "set", "cable", "down")

    @property
    def scene(self):
        """For a stage (stage.py)."""
        return ["--net", self.name]
