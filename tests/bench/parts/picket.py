"""Our agent as it is shipped, with a ticket system over TLS so that both of its processes are there."""
import shutil
import sys
import tempfile
from pathlib import Path

from rigs import agent, psa
from rigs.agent import Agent

# Raised at the first sample and never cleared: afterwards all that a ticket needs has been in use once.
ALWAYS = {"name": "bench", "metric": "system.uptime", "title": "{device}: a benchmark", "warning": {"above": 0}}


def built_in():
    """The built-in rules as they are."""
    return [{"name": name} for name in agent.built_in_rules()]


class Picket(Agent):
    """`server` is its upstream; `unlimited`: its connector may make as many calls as it can.

    The file that runs is a copy: two agents at the same time share no memory that one alone would pay for. The day's inventory
    comes at a time of its own choosing, in some windows and not in others, and is measured by itself (moments).
    """
    name = "picket"

    def __init__(self, binary, server, ca, period_s=10, rules=(), unlimited=False):
        self.bin_folder = Path(tempfile.mkdtemp(prefix="pk-bin-"))
        self.bin_folder.chmod(0o755)
        upstream = agent.upstream(server, ca, name="psa", proxy="none")
        if unlimited:
            upstream["connector_file"] = agent.tuned(self.bin_folder, server.dialect.name, **agent.UNLIMITED)
        super().__init__(rules=rules, upstreams=[upstream], program=shutil.copy2(binary, self.bin_folder / "picket"),
                         collect={"period_s": period_s, "inventory_hours": 0}, log={"level": "info"})
        self.period_s, self.server = period_s, server

    def __exit__(self, *words):
        super().__exit__(*words)
        shutil.rmtree(self.bin_folder, ignore_errors=True)

    def _print_diagnosis(self):
        print("the end of the agent's log:\n" + self.child.tail(), file=sys.stderr)

    def notes(self):
        """As whom the courier runs and how it is confined."""
        return [line.partition("courier: ")[2] for line in self.log_text().splitlines() if "at work as" in line][:1]


class OnRealFigures(Picket):
    """Reads the machine's own load averages and not a test's."""

    def _binds(self):
        return [str(word) for pair in agent.account_binds(self.folder) for word in ("--bind", *pair)]


def connectwise(ca):
    return psa.Psa(ca.server("psa"), psa.ConnectWise())
