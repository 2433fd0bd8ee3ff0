"""answers.py COMMAND PROGRAM...: whether a program under an emulator tells of this machine what the machine itself says.

COMMAND is version, config, check or inventory. Prints what is wrong, and ends with 1.
"""
import json
import os
import subprocess
import sys


def memory_bytes():
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def dpkg_count():
    said = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}\n"], stdout=subprocess.PIPE, text=True, check=True)
    return said.stdout.split().count("installed")


def version(said):
    yield said.split(" ")[0], "picket", "the first word"


def config(said):
    yield ": good; " in said, True, "that the built-in configuration is good"


def check(said):
    """Its rules are about figures that every machine has; the limits are the policy's business."""
    rows = json.loads(said)["rules"]
    rules = {row["rule"]: row for row in rows}
    for rule in ("cpu-busy", "memory-full", "disk-full"):
        value = rules.get(rule, {}).get("value")
        yield isinstance(value, (int, float)) and 0 <= value <= 1, True, f"a share for {rule} (it has {value})"
    disk = os.statvfs("/")
    used = 1 - disk.f_bavail / (disk.f_blocks - disk.f_bfree + disk.f_bavail)
    root = [row["value"] for row in rows if (row["rule"], row["instance"]) == ("disk-full", "mountpoint=/")]
    yield all(abs((value or 0) - used) < 0.02 for value in root), True, f"how full / is ({root}, not {used:.3f})"


def inventory(said):
    found = json.loads(said)
    here = os.uname()
    yield found["os"]["architecture"], "aarch64", "the architecture"
    yield found["os"]["kernel"], f"{here.sysname} {here.release}", "the kernel"
    yield found["system"]["name"], here.nodename, "the name"
    size = found["memory"]["visible_bytes"]
    yield abs(size / memory_bytes() - 1) < 0.01, True, f"memory within 1 % ({size}, not {memory_bytes()})"
    yield sum(row["manager"] == "dpkg" for row in found["packages"]), dpkg_count(), "packages of dpkg"
    yield {row["name"] for row in found["interfaces"]} <= set(os.listdir("/sys/class/net")), True, "interfaces that exist"


COMMANDS = {
    "version": (version, ["version"], (0,)),
    "config": (config, ["config", "check"], (0,)),
    "check": (check, ["check", "--json"], (0, 1, 2)),     # as monitoring plugins end: good, warning, critical
    "inventory": (inventory, ["inventory", "--json"], (0,)),
}


def main():
    judge, words, good = COMMANDS[sys.argv[1]]
    done = subprocess.run(sys.argv[2:] + words, capture_output=True, text=True, check=False)
    if done.returncode not in good:
        sys.exit(f"it ended with {done.returncode}: {(done.stdout + done.stderr)[-500:]}")
    try:
        wrong = [f"{what}: {is_}, and should be {should}" for is_, should, what in judge(done.stdout) if is_ != should]
    except (ValueError, LookupError, TypeError) as odd:
        wrong = [f"what it printed has another form ({odd!r}): {done.stdout[:200]}"]
    sys.exit("; ".join(wrong) or None)


main()
