"""The agents beside us, as Debian packages them: zabbix_agentd and monit, each with the same 20 values."""
import json
import os
import socketserver
import struct
import threading

from rigs import child, need

MAGIC = b"ZBXD\x01"


def default_interface():
    """The network device of the default route; the loopback where there is none."""
    with open("/proc/net/route") as file:
        rows = [line.split() for line in file]
    return next((row[0] for row in rows if row[1] == "00000000"), "lo")


def first_disk():
    disks = [d for d in sorted(os.listdir("/sys/block")) if not d.startswith(("loop", "ram", "zram", "dm-", "md", "sr"))]
    return disks[0] if disks else None


def zabbix_keys():
    """20 values: what Picket reads at each wake-up, in Zabbix's words."""
    interface, disk = default_interface(), first_disk()
    keys = [f"system.cpu.util[,{what}]" for what in ("user", "system", "iowait", "idle")]
    keys += [f"system.cpu.load[all,{span}]" for span in ("avg1", "avg5", "avg15")]
    keys += ["vm.memory.size[total]", "vm.memory.size[available]", "system.swap.size[,pused]", "vfs.fs.size[/,used]",
             "vfs.fs.size[/,pused]", "vfs.fs.inode[/,pused]", f"net.if.in[{interface}]", f"net.if.out[{interface}]",
             f"net.if.in[{interface},errors]", "proc.num[]", "system.uptime"]
    if disk:
        keys += [f"vfs.dev.read[{disk},ops]", f"vfs.dev.write[{disk},ops]"]
    return keys


# -- as much of a Zabbix server as an agent with active checks needs

def read_message(stream):
    head = stream.read(13)
    if len(head) < 13 or head[:5] != MAGIC:
        return None
    return json.loads(stream.read(struct.unpack("<Q", head[5:])[0]))


def print_message(body):
    text = json.dumps(body).encode()
    return MAGIC + struct.pack("<Q", len(text)) + text


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        asked = read_message(self.rfile)
        if asked:
            self.wfile.write(print_message(self.server.answer(asked)))


class Trapper(socketserver.ThreadingTCPServer):
    """Hands out the checks and swallows what comes; `values` counts it."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, period_s):
        super().__init__(("127.0.0.1", 0), Session)
        self.period_s = period_s
        self.values = 0
        self.refused = []

    port = property(lambda self: self.server_address[1])

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def answer(self, asked):
        if asked["request"] == "active checks":
            checks = [{"key": key, "key_orig": key, "itemid": i + 1, "delay": self.period_s, "lastlogsize": 0, "mtime": 0}
                      for i, key in enumerate(zabbix_keys())]
            return {"response": "success", "data": checks}
        rows = asked.get("data", [])
        self.values += len(rows)
        self.refused += [row["key"] for row in rows if row.get("state")]
        return {"response": "success", "info": f"processed: {len(rows)}; failed: 0; total: {len(rows)}; seconds spent: 0"}


class Zabbix:
    """Sends its values to a server, unencrypted: the cheapest it can do."""
    name = "zabbix_agentd"

    def __init__(self, folder, period_s):
        self.folder, self.period_s = folder / f"zabbix-{period_s}", period_s

    def __enter__(self):
        need.apt("zabbix-agent")
        self.binary = "/usr/sbin/zabbix_agentd"
        self.folder.mkdir(mode=0o777)
        self.folder.chmod(0o777)                # as root it becomes the user zabbix
        self.trapper = Trapper(self.period_s).__enter__()
        config = self.folder / "agentd.conf"
        config.write_text(f"PidFile={self.folder}/pid\nLogType=file\nLogFile={self.folder}/log\nStartAgents=0\n"
                          f"ServerActive=127.0.0.1:{self.trapper.port}\nHostname=bench\n")
        self.process = child.Child([self.binary, "-f", "-c", config], self.folder / "out")
        self.process.wait_ready(lambda: self.trapper.values >= 10, 30, "zabbix_agentd")
        return self

    def __exit__(self, *_):
        self.process.stop()
        self.trapper.__exit__()

    pid = property(lambda self: self.process.pid)

    def notes(self):
        refused = sorted(set(self.trapper.refused))
        return [f"zabbix_agentd could not read {', '.join(refused)}"] if refused else []


MONITRC = """
set daemon {period}
set logfile {folder}/log
set pidfile {folder}/pid
set idfile {folder}/id
set statefile {folder}/state
check system bench
    if loadavg (1min) per core > 1000 then alert
    if loadavg (5min) per core > 1000 then alert
    if loadavg (15min) per core > 1000 then alert
    if cpu usage (user) > 101% then alert
    if cpu usage (system) > 101% then alert
    if cpu usage (wait) > 101% then alert
    if memory usage > 99.9% then alert
    if swap usage > 99.9% then alert
    if uptime > 10000 days then alert
check filesystem root with path /
    if space usage > 99.9% then alert
    if space free < 1 kB then alert
    if inode usage > 99.9% then alert
    if read rate > 1000000 operations/s then alert
    if write rate > 1000000 operations/s then alert
    if read rate > 100 GB/s then alert
    if write rate > 100 GB/s then alert
check network net with interface {interface}
    if download > 100 GB/s then alert
    if upload > 100 GB/s then alert
    if total downloaded > 100000 GB in last 2 hours then alert
    if total uploaded > 100000 GB in last 2 hours then alert
"""


class Monit:
    """Watches and keeps quiet; no HTTP server."""
    name = "monit"

    def __init__(self, folder, period_s):
        self.folder, self.period_s = folder / f"monit-{period_s}", period_s

    def __enter__(self):
        need.apt("monit")
        self.binary = "/usr/bin/monit"
        self.folder.mkdir()
        config = self.folder / "monitrc"
        config.write_text(MONITRC.format(period=self.period_s, folder=self.folder, interface=default_interface()))
        config.chmod(0o600)
        self.process = child.Child([self.binary, "-I", "-c", config], self.folder / "out")
        self.process.wait_ready((self.folder / "state").exists, 30, "monit")
        return self

    def __exit__(self, *_):
        self.process.stop()

    pid = property(lambda self: self.process.pid)

    def notes(self):
        return []
