"""Does anything grow with what is done? Report cycles in one process, and deliveries through both."""
import re
import subprocess
import time

from rigs import child, loadavg, need, stage

from . import moments, picket, procs

RULES = 50          # alerts of one round: what 10,000 calls a minute allow
GROWTH_KB = 64      # of private memory


def measure_cycles(bench):
    part = bench.tally.open("cycles", f"{bench.cycles:,} report cycles", "One process does what the warden does "
                            "(bench_cycles): all collectors, the rules, an alert raised in one cycle and cleared in the next, "
                            "the outbox on disk, its ticket on the local desk, samples onto disk. A minute of driven time for "
                            "each.")
    program = bench.tool("bench_cycles")
    began = time.monotonic()
    done = subprocess.run([program, bench.folder / "cycles.db", str(bench.cycles)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"bench_cycles: {done.stderr}")
    got = {name: moments.line_of(done.stdout, name) for name in ("tickets", "durable", "disk_kb", "early_kb", "late_kb")}
    part.add("private memory after a tenth of them", got["early_kb"], "kB")
    part.add("growth until the end", got["late_kb"] - got["early_kb"], "kB", GROWTH_KB)
    wrong = got["tickets"] - bench.cycles // 2
    part.add("tickets missing or doubled", abs(wrong), "", 0)
    if wrong:
        part.notes.append(f"{abs(wrong):.0f} {'doubled' if wrong > 0 else 'missing'}; it said: {done.stderr[-500:] or 'nothing'}")
    part.add("outbox on disk", got["disk_kb"] / 1024, "MB", 16)
    part.add("time for each cycle, on disk", (time.monotonic() - began) * 1000 / bench.cycles, "ms")


def private_kb(agent):
    return [procs.weigh([pid]).private for pid in procs.family(agent.pid)]


def swing(agent, server, over):
    """All rules at once into breach or out of it; until the PSA has heard of each."""
    server.calls.clear()
    agent.load.set(1000 if over else 0)
    op = "create" if over else "close"
    child.until(lambda: len(server.ops(op)) >= RULES, 60, f"{RULES} times {op}")
    closed = server.store.tickets(open=False)
    for ticket in closed:               # or a search would take longer each time
        server.store.drop(ticket.number)
    return len(closed)


def measure_deliveries(bench):
    part = bench.tally.open("deliveries", f"{bench.cycles:,} deliveries", f"The agent as it is shipped, {RULES} rules that go "
                            "into breach and out of it together every other second; each change is a search and a create, or a "
                            "note and a close, over TLS at a PSA.")
    procs.need_root()
    if not stage.possible():
        raise need.Skip("no mount namespaces here")
    rules = [loadavg.rule(limit) for limit in range(1, RULES + 1)]
    swings = max(4, bench.cycles // RULES)
    closed = 0
    with picket.connectwise(bench.ca) as server, \
            picket.Picket(bench.binary, server, bench.ca, 1, rules, unlimited=True) as agent:
        began = time.monotonic()
        for i in range(swings):
            closed += swing(agent, server, i % 2 == 0)
            if i == max(2, swings // 10):
                early = private_kb(agent)
        took = time.monotonic() - began
        time.sleep(2)
        late = private_kb(agent)
        log = agent.log_text()
    for who, before, after in zip(("warden", "courier"), early, late):
        part.add(f"{who}: private memory after a tenth of them", before, "kB")
        part.add(f"{who}: growth until the end", after - before, "kB", GROWTH_KB)
    part.add("tickets missing or doubled", abs(closed - swings // 2 * RULES), "", 0)
    part.add("couriers that ended", len(re.findall(r"courier: exit code", log)), "", 0)
    part.add("deliveries a second", swings * RULES / took)
