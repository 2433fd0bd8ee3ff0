"""What is measured in moments: from exec to the first sample, one collection, from breach to ticket."""
import json
import os
import re
import select
import statistics
import subprocess
import time

from rigs import loadavg, need, stage

from . import counter, picket


def middle_and_worst(part, what, values, unit, most):
    part.add(f"{what}, median of {len(values)}", statistics.median(values), unit, most, False)
    part.add(f"{what}, worst", max(values), unit)


# -- exec to first sample

def first_screen_ms(argv):
    """From the call that starts it until the first round is on its screen."""
    ours, theirs = os.openpty()
    began = time.monotonic()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL,
                               start_new_session=True)
    os.close(theirs)
    try:
        os.read(ours, 1)
    except OSError:
        raise RuntimeError(f"it ended at once: {process.wait(10)}") from None
    took = time.monotonic() - began
    process.terminate()
    while True:         # what else it shows, or it could not end
        try:
            if not os.read(ours, 65536):
                break
        except OSError:
            break
    process.wait(10)
    os.close(ours)
    return took * 1000


def spawn_ms(argv):
    """What this machine needs to start anything at all."""
    began = time.monotonic()
    subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)
    return (time.monotonic() - began) * 1000


def measure_start(bench):
    part = bench.tally.open("start", "Exec to first sample", "From the start of `picket run --show` until its first screen: "
                            "configuration, database, every collector read, rules judged, drawn. The first start of all makes "
                            "the device's id and the database, and waits for the disk.")
    config, first, later = bench.folder / "empty.json", [], []
    config.write_text("{}")
    for i in range(bench.rounds * 2):
        argv = [bench.binary, "run", "--show", "--config", config, "--state", bench.folder / f"start-{i}"]
        first.append(first_screen_ms(argv))
        later.append(first_screen_ms(argv))
    middle_and_worst(part, "first start of all", first, "ms", 10)
    middle_and_worst(part, "later starts", later, "ms", 10)
    part.add("for comparison: start and end of /bin/true", statistics.median(spawn_ms(["/bin/true"]) for _ in first), "ms")


# -- one collection

def line_of(text, name):
    return float(re.search(rf"\b{name}=([0-9.]+)", text).group(1))


def measure_collect(bench):
    part = bench.tally.open("collect", "One collection", "Every collector that is not on demand read once, in a program of its own "
                            "(bench_collect). `cold`: 200 ms asleep before each, so that others had the caches, as in real life.")
    program = bench.tool("bench_collect")
    rounds = 1000
    first_calls, _ = counter.count_program([program, "1"])
    all_calls, _ = counter.count_program([program, str(rounds + 1)])
    warm = subprocess.run([program, str(rounds + 1)], capture_output=True, text=True, check=True).stdout    # by nobody traced
    cold = subprocess.run([program, "20", "200"], capture_output=True, text=True, check=True).stdout
    part.add("values", line_of(warm, "figures"))
    part.add("system calls, the first time (files are opened)", first_calls)
    part.add("system calls, afterwards", (all_calls - first_calls) / rounds)
    part.add("CPU, the first time", line_of(warm, "first_us"), "µs")
    part.add("CPU, one after the other", line_of(warm, "median_us"), "µs")
    part.add("CPU, cold", line_of(cold, "median_us"), "µs")


# -- one inventory

INVENTORY_MB, INVENTORY_CALLS = 8, 5000
DAY_S = 86400


def used_by(argv):
    """CPU seconds and the most memory in MB of a program that prints more than a page, and is held at the end of the first."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, pipesize=4096)
    select.select([process.stdout], [], [])
    time.sleep(0.05)
    with open(f"/proc/{process.pid}/status") as status:
        most_kb = int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1))
    process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{argv[1]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, most_kb / 1024


def measure_inventory(bench):
    part = bench.tally.open("inventory", "One inventory", "What the agent does once a day in a process of its own: `picket inventory "
                            "--json` on this machine.")
    argv = [bench.binary, "inventory", "--json"]
    used = [used_by(argv) for _ in range(bench.rounds)]
    calls, text = counter.count_program(argv)
    cpu_s = statistics.median(cpu_s for cpu_s, _ in used)
    part.add("packages", len(json.loads(text)["packages"]))
    part.add("memory, the most", max(mb for _, mb in used), "MB", INVENTORY_MB)
    part.add("system calls", calls, "", INVENTORY_CALLS)
    part.add("CPU", cpu_s * 1000, "ms")
    part.add("CPU, over the day", cpu_s * 100 / DAY_S, "% of a core")


# -- breach to ticket

def one_breach(agent, server, limit):
    """Seconds from the moment the figure is over its limit until the ticket's create arrives, and until the answer to
    what was said about its end."""
    server.calls.clear()
    time.sleep(0.37)                    # any phase of the agent's period
    over = time.monotonic()
    agent.load.set(limit + 1)
    created = server.wait_calls(1, "create", seconds=30)[0].at - over
    agent.wait_told()
    below = time.monotonic()
    agent.load.set(0)
    ended = server.wait_calls(1, "close", seconds=30)[0].at - below
    agent.wait_told()
    return created, ended


def measure_ticket(bench):
    part = bench.tally.open("ticket", "Breach to ticket", "A figure goes over its limit (no hold time, a period of 1 s); until "
                            "the request that creates the ticket has arrived at a PSA over TLS, the search before it included. "
                            "So up to a second of waiting for the next sample is inside.")
    if not stage.possible():
        raise need.Skip("no mount namespaces here: as root, or with user namespaces")
    limit = 5
    with picket.connectwise(bench.ca) as server, \
            picket.Picket(bench.binary, server, bench.ca, 1, [loadavg.rule(limit)], unlimited=True) as agent:
        times = [one_breach(agent, server, limit) for _ in range(bench.rounds)]
    middle_and_worst(part, "breach to create", [created for created, _ in times], "s", 2)
    middle_and_worst(part, "end of the breach to close", [ended for _, ended in times], "s", 2)
    part.add("tickets in the PSA", len(server.store.tickets()), "", bench.rounds)


