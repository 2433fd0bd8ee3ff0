"""docs/benchmarks.md from one run."""
import datetime
import shutil
import subprocess

from . import tally

HEAD = """# Benchmarks

What Picket weighs, measured on its release build (static, stripped, `-Os`, musl) on {date}, beside Debian's `zabbix_agentd`
and `monit` in the same run on the same machine. This page is written by `tests/bench/run --nightly --markdown`; so can you:

    cmake --preset release && cmake --build --preset release
    tests/bench/run --nightly

**The machine.** {facts}

**What compares.** Bytes, system calls, switches and files repeat within a few percent on any machine like it; they have
targets that fail the run. CPU and time do not: the same program with the same settings costs two to five times more or less
from run to run, so they are shown beside the peers' of the same run, and never fail.

**How.** Memory is `smaps_rollup` at the end of a window; CPU time is the scheduler's, in nanoseconds (`schedstat`, all
threads); system calls are counted by the kernel (`raw_syscalls:sys_enter` through `perf_event_open`, which stops nobody);
switches are those of `/proc/PID/task/*/status`. Nobody is traced while CPU is measured.

**What is not the same.** Picket decides on the machine itself and keeps its samples on its own disk. zabbix_agentd sends its
values to a server, here over the loopback and without TLS, and decides nothing; its collector reads CPU counters every
second. monit decides and keeps nothing. Each reads the same 20 values or their nearest kin at the same period; Picket
reads some more. Picket's second process holds a TLS client that has delivered one ticket.
"""


def version(package):
    if not shutil.which("dpkg-query"):
        return "not there"
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return done.stdout or "not there"


def describe(facts):
    return (f"{facts['system']}, Linux {facts['kernel']} on {facts['machine']}, {facts['cores']} cores ({facts['processor']}, "
            f"a virtual machine that shares its host), {facts['memory_mb'] / 1024:.1f} GB of memory, "
            f"{facts['file_system']}, {facts['processes']} processes. zabbix-agent {version('zabbix-agent')}, "
            f"monit {version('monit')}.")


def print_part(part):
    yield f"\n## {part.title}\n"
    if part.how:
        yield f"{part.how}\n"
    if part.figures:
        yield from tally.markdown_table(part.rows())
    for note in part.notes:
        yield f"\n{note[0].upper()}{note[1:]}."
    for what, why in part.skipped:
        yield f"\nNot measured: {what} ({why})."
    if part.broken:
        yield f"\nBroke off: {part.broken}"


def print_page(all_parts, facts, bench):
    picket = subprocess.run([bench.binary, "version"], capture_output=True, text=True).stdout.splitlines()
    lines = [HEAD.format(date=datetime.date.today().isoformat(), facts=describe(facts))]
    lines += [f"`{picket[0]}`. Windows of {bench.seconds:.0f} s."] if picket else []
    for part in all_parts.parts:
        lines += print_part(part)
    lines += ["\n## In short\n", *(f"{line}  " for line in all_parts.closing())]
    return "\n".join(lines) + "\n"
