"""A private certificate authority and good and bad certificates below it, by the openssl command line.

P-256 throughout, as the product's own keys are. The bad ones are bad in one way each, so that a test
that expects a refusal knows what was refused.
"""
import subprocess
import threading
from pathlib import Path
from typing import NamedTuple

from . import need

HERE = ("127.0.0.1", "localhost")

# `openssl ca` and not `openssl x509 -req`: only the former takes dates of the past.
CONFIG = """
[ca]
default_ca = it
[it]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = {usage}
subjectAltName = {names}
"""


class Cert(NamedTuple):
    cert: Path
    key: Path


def openssl(*words):
    done = subprocess.run([need.program("openssl"), *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {words[0]}: {done.stderr}")
    return done.stdout


def alt_names(hosts):
    return ",".join(("IP:" if h.replace(".", "").isdigit() or ":" in h else "DNS:") + h for h in hosts)


def new_key(path):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    path.chmod(0o600)
    return path


def self_signed(folder, name="self-signed", hosts=HERE):
    """Right names and dates, vouched for by nobody."""
    cert, key = Path(folder) / f"{name}.pem", new_key(Path(folder) / f"{name}.key")
    openssl("req", "-x509", "-new", "-key", key, "-sha256", "-days", "30", "-subj", f"/CN={hosts[0]}",
            "-addext", f"subjectAltName={alt_names(hosts)}", "-out", cert)
    return Cert(cert, key)


class CA:
    """An authority in a folder. `cert` is what a client is told to trust; a second CA is "the wrong CA"."""

    def __init__(self, folder, name="Picket test CA"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()        # `openssl ca` renames its files while it signs
        self.cert = self.folder / "ca.pem"
        key = new_key(self.folder / "ca.key")
        openssl("req", "-x509", "-new", "-key", key, "-sha256", "-days", "3650", "-subj", f"/CN={name}",
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-out", self.cert)
        (self.folder / "index.txt").touch()
        (self.folder / "serial").write_text("1000\n")

    def server(self, name="server", hosts=HERE, start="20200101000000Z", end="20491231235959Z", usage="serverAuth"):
        """A certificate with exactly these names and dates (dates as openssl writes them)."""
        cert, key = self.folder / f"{name}.pem", new_key(self.folder / f"{name}.key")
        request, config = self.folder / f"{name}.csr", self.folder / f"{name}.cnf"
        config.write_text(CONFIG.format(folder=self.folder, names=alt_names(hosts), usage=usage))
        openssl("req", "-new", "-key", key, "-subj", f"/CN={hosts[0]}", "-out", request)
        with self.lock:
            openssl("ca", "-batch", "-notext", "-config", config, "-extensions", "server",
                    "-startdate", start, "-enddate", end, "-in", request, "-out", cert)
        return Cert(cert, key)

    def wrong_host(self):
        return self.server("wrong-host", hosts=("elsewhere.example",))

    def expired(self):
        return self.server("expired", end="20210101000000Z")

    def not_yet(self):
        return self.server("not-yet", start="20480101000000Z")

    def client(self, name):
        return self.server(name, hosts=(name,), usage="clientAuth")
