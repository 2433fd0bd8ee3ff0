"""VictoriaMetrics: a real receiver of OTLP (protobuf only). From Debian trixie, unpacked, not installed.

    with Victoria() as vm:
        relay = TlsRelay(cert, vm.port)             # it speaks plain HTTP
        vm.url("/opentelemetry/v1/metrics")
        vm.samples('{__name__="system.uptime"}')    # [(labels, [(time_s, value), ...]), ...]
"""
import json
import os
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

from . import need
from .child import Child

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PATH = "/opentelemetry/v1/metrics"

APT_CONF = """Dir::Etc::sourcelist "/dev/null";  Dir::Etc::sourceparts "{root}/sources";
Dir::Etc::trusted "/dev/null";     Dir::Etc::trustedparts "{root}/trusted";
Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "{root}/trusted";
Dir::State::lists "{root}/lists"; Dir::State::status "{root}/status"; Dir::Cache "{root}/cache";
Acquire::Languages "none"; APT::Update::Error-Mode "any";
"""
SOURCE = """Types: deb
URIs: {uri}
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


class Victoria:
    def __enter__(self):
        binary = program()
        self.folder = Path(tempfile.mkdtemp(prefix="victoria-"))
        self.port = need.free_port()
        self.child = Child([binary, f"-storageDataPath={self.folder / 'data'}", f"-httpListenAddr=127.0.0.1:{self.port}",
                            "-retentionPeriod=10y", "-memory.allowedBytes=64MB", "-loggerLevel=WARN",
                            "-search.latencyOffset=0s", "-dedup.minScrapeInterval=1ms"], self.folder / "log")
        try:
            self.child.wait_ready(self._answers, 30, "VictoriaMetrics")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.child.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, path, **query):
        with DIRECT.open(f"http://127.0.0.1:{self.port}{path}?{urllib.parse.urlencode(query, doseq=True)}", timeout=30) as a:
            return a.read().decode()

    def samples(self, match):
        """Every sample as it is stored."""
        self.ask("/internal/force_flush")
        rows = [json.loads(line) for line in self.ask("/api/v1/export", **{"match[]": match}).splitlines()]
        return [(row["metric"], [(t / 1000, v) for t, v in zip(row["timestamps"], row["values"])]) for row in rows]

    def _answers(self):
        try:
            return self.ask("/health") == "OK"
        except OSError:
            return False


def program():
    """The path of the binary, fetched once."""
    def make(folder):
        need.say("fetching VictoriaMetrics from Debian trixie")
        env = private_apt(folder)
        for words in (["apt-get", "-q", "update"], ["apt-get", "-q", "download", "victoria-metrics"]):
            done = subprocess.run(words, capture_output=True, text=True, cwd=folder, env=env)
            if done.returncode:
                raise need.Skip(f"{' '.join(words)}: {done.stderr.strip()[-300:]}")
        for deb in folder.glob("victoria-metrics*.deb"):
            subprocess.run(["dpkg-deb", "-x", deb, folder / "root"], check=True)
        for part in ("lists", "cache"):
            shutil.rmtree(folder / part)
    path = need.cached("victoria-trixie", make) / "root/usr/bin/victoria-metrics"
    if not path.exists():
        raise need.Skip(f"the package victoria-metrics has no {path.name}")
    return path


def private_apt(root):
    """An apt of our own: the machine's is neither read nor changed."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian"], capture_output=True,
                             text=True).stdout.split()
    mirrors = sorted(t for t in set(targets) if "security" not in t)
    if not mirrors:
        raise need.Skip("no Debian mirror is known here (apt-get update)")
    for part in ("sources", "trusted", "lists/partial", "cache/archives/partial"):
        (root / part).mkdir(parents=True)
    (root / "status").touch()
    (root / "sources/trixie.sources").write_text(SOURCE.format(uri=mirrors[0]))
    (root / "apt.conf").write_text(APT_CONF.format(root=root))
    return {**os.environ, "APT_CONFIG": str(root / "apt.conf")}
