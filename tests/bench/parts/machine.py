"""Facts about the machine for whoever reads the figures elsewhere; nothing that names it."""
import os
import platform
import time


def first_value(path, key, default="unknown"):
    try:
        with open(path) as file:
            for line in file:
                name, _, value = line.partition("=" if "=" in line else ":")
                if name.strip() == key:
                    return value.strip().strip('"')
    except OSError:
        pass
    return default


def file_system(path):
    """The type of the file system that holds a path."""
    best = ("", "unknown")
    with open("/proc/self/mounts") as file:
        for line in file:
            _, mountpoint, kind = line.split()[:3]
            if os.path.realpath(path).startswith(mountpoint) and len(mountpoint) >= len(best[0]):
                best = (mountpoint, kind)
    return best[1]


def processes():
    return sum(name.isdigit() for name in os.listdir("/proc"))


def facts(state_folder):
    memory_kb = int(first_value("/proc/meminfo", "MemTotal", "0 kB").split()[0])
    return {"system": first_value("/etc/os-release", "PRETTY_NAME"), "kernel": platform.release().split("-")[0],
            "machine": platform.machine(), "processor": first_value("/proc/cpuinfo", "model name"),
            "cores": os.cpu_count(), "memory_mb": memory_kb // 1024, "file_system": file_system(state_folder),
            "processes": processes()}


def cpu_times():
    with open("/proc/stat") as file:
        words = [int(word) for word in file.readline().split()[1:9]]
    return sum(words), words[3] + words[4]


def busy_percent(seconds=1):
    """What others take of all cores just now: it makes times dear; counts and memory do not mind."""
    before = cpu_times()
    time.sleep(seconds)
    return busy_since(before)


def busy_since(before):
    total, idle = (after - b for after, b in zip(cpu_times(), before))
    return 100 * (1 - idle / max(1, total))
