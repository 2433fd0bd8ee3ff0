"""What lasts: a week in which nobody takes a ticket or a sample, and a month on disk."""
import contextlib
import shutil
import subprocess
import time
from pathlib import Path

from rigs import agent as rig
from rigs import child, drivenclock, loadavg, need, psa, stage
from rigs.agent import Agent
from rigs.ledger import Ledger

from . import moments, procs

HOUR, DAY = 3600, 86400
FAST, CALM = 2400, 15       # times as fast: a day in 36 s; while tickets are told
TURN_S = 6 * HOUR           # a breach comes, and goes as long after
GROWTH_KB = 64              # of heap, stack and written data
LOOKS = 12
OUTBOX_MB = 16


class Soak(Agent):
    """The program with the driven clock in it, and upstreams of each kind."""

    def __init__(self, program, psas, ca, rules):
        self.bin_folder = Path(program).parent
        upstreams = [rig.upstream(server, ca, proxy="none") for server in psas]
        upstreams.append({"name": "otel", "connector": "otlp", "ca_file": ca.cert, "proxy": "none",
                          "settings": {"url": f"https://127.0.0.1:{need.free_port()}/v1/metrics"}})
        super().__init__(rules=rules, upstreams=upstreams, program=program, collect={"period_s": 60}, log={"level": "warn"})

    def outbox_mb(self):
        return sum(file.stat().st_size for file in Path(self.state).glob("outbox.db*")) / 2**20


def written_kb(agent):
    """Heap, stack and written data of warden and courier: what can grow. (Of the program's own file more becomes resident as more
    of it is used, and the kernel takes that back.) The least of some readings: a connection that is being tried has buffers
    of its own."""
    def least(pid):
        readings = []
        for _ in range(LOOKS):
            readings.append(procs.weigh([pid]).anonymous)
            time.sleep(0.05)
        return min(readings)
    return [least(pid) for pid in (agent.pid, agent.courier_pid())]


def let_pass(clock, until_s):
    while clock.steady_s() < until_s:
        time.sleep(0.02)


def one_outage(agent, clock, ledger, days):
    """A breach that stays and one that comes and goes; memory after the first day, when all that happens has happened, and at the
    end, and the largest outbox."""
    start, early, biggest = clock.steady_s(), None, 0
    ledger.up("stays")
    for turn in range(int(days * DAY / TURN_S)):
        over = turn % 2 == 0
        (ledger.up if over else ledger.down)("comes-and-goes")
        agent.load.set(20 if over else 7)
        let_pass(clock, start + (turn + 1) * TURN_S)
        biggest = max(biggest, agent.outbox_mb())
        if turn + 1 == DAY / TURN_S:
            early = written_kb(agent)
    return early, written_kb(agent), biggest


def measure_soak(bench):
    days = 7 if bench.nightly else 2
    part = bench.tally.open("soak", f"{days} days without any upstream", "The agent as it is shipped but for its clock, which runs "
                            f"{FAST:,} times as fast: every collector at 60 s, three ticket systems that refuse connections, are out "
                            "of service and are silent, a receiver of samples that is not there. One breach stays, one comes and "
                            "goes every six hours.")
    procs.need_root()
    if not stage.possible():
        raise need.Skip("no mount namespaces here")
    folder = bench.folder / "soak"
    folder.mkdir()
    folder.chmod(0o755)
    program = Path(shutil.copy2(bench.tool("bench_soak"), folder / "picket"))
    clock, ledger = drivenclock.Drive(f"{program}.drive"), Ledger()
    rules = [loadavg.rule(5, worse=50, name="stays"), loadavg.rule(10, name="comes-and-goes")]
    certificate = bench.ca.server("soak")
    with contextlib.ExitStack() as stack:
        psas = [stack.enter_context(psa.Psa(certificate, dialect())) for dialect in (psa.ConnectWise, psa.Halo, psa.Webhook)]
        psas[0].refuse()
        psas[1].always(psa.faults.answer(503))
        psas[2].always(psa.never_answered())
        agent = stack.enter_context(Soak(program, psas, bench.ca, rules))
        couriers = {agent.courier_pid()}
        clock.run(FAST)
        early, late, biggest = one_outage(agent, clock, ledger, days)
        couriers.add(agent.courier_pid())
        clock.run(CALM)
        known = {a["rule"]: a["ref"] for a in agent.status()["alerts"]}
        psas[0].accept()
        for server in psas:
            server.heal()
        child.until(lambda: all(u["waiting"] == 0 for u in agent.status()["upstreams"] if u["name"] != "otel"), 120, "all is told")
        wrong = [complaint for server in psas for complaint in ledger.complaints(server, known)]
    for who, before, after in zip(("warden", "courier"), early, late):
        part.add(f"{who}: heap, stack and written data after the first day", before, "kB")
        part.add(f"{who}: growth until the end", after - before, "kB", GROWTH_KB)
    part.add("outbox on disk, at its largest", biggest, "MB", OUTBOX_MB)
    part.add("couriers that ended", len(couriers) - 1, "", 0)
    part.add("incidents", ledger.incidents)
    part.add("tickets missing or doubled afterwards", len(wrong), "", 0)
    part.notes += wrong[:5]


def measure_month(bench):
    part = bench.tally.open("month", "A month on disk", "30 days as the warden writes them (bench_month): every default metric at "
                            "60 s of a machine with ten file systems, four disks, four network interfaces and five checks, kept for "
                            "72 hours; an incident an hour that is raised, gets worse and is over, told to a ticket system and to the "
                            "local desk.")
    done = subprocess.run([bench.tool("bench_month"), bench.folder / "month.db", str(OUTBOX_MB)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"bench_month: {done.stderr}")
    got = {name: moments.line_of(done.stdout, name)
           for name in ("series", "samples", "hours", "squeezed", "incidents", "history", "peak_kb")}
    part.add("series", got["series"])
    part.add("samples kept", got["samples"])
    part.add("hours of samples missing of 72", max(0, 72 - got["hours"]), "", 0)
    part.add("samples removed for want of room", got["squeezed"], "", 0)
    part.add("incidents of the month", got["incidents"])
    part.add("of them not kept any more", got["incidents"] - got["history"], "", 0)
    part.add("outbox on disk, at its largest", got["peak_kb"] / 1024, "MB", OUTBOX_MB)
