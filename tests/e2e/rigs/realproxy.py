"""Real CONNECT proxies with a password: tinyproxy (Basic) and squid (Basic, Digest, or one that speaks neither).

    with TinyProxy("joe", "pa ss") as proxy:
        proxy.url, proxy.url_as("joe", "pa ss")
"""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from . import need
from .child import Child, until
from .httpproxy import md5


class RealProxy:
    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="proxy-"))
        self.folder.chmod(0o755)
        self.port = need.free_port()
        self.child = Child(self.command(), self.folder / "log")
        self.child.wait_ready(self.listens, 30, type(self).__name__)
        return self

    def __exit__(self, *_):
        self.child.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def listens(self):
        import socket
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def url_as(self, user, password):
        return f"http://{quote(user)}:{quote(password, safe='')}@127.0.0.1:{self.port}"


class TinyProxy(RealProxy):
    def __init__(self, user, password):
        self.user, self.password = user, password

    def command(self):
        program = shutil.which("tinyproxy") or need.apt("tinyproxy") or need.program("tinyproxy")
        config = self.folder / "tinyproxy.conf"
        config.write_text(f"Port {self.port}\nListen 127.0.0.1\nTimeout 30\nAllow 127.0.0.1\n"
                          f"BasicAuth {self.user} {self.password}\n")
        return [program, "-d", "-c", config]


class Squid(RealProxy):
    def __init__(self, scheme, user, password):
        self.scheme, self.user, self.password = scheme, user, password

    def command(self):
        program = shutil.which("squid") or shutil.which("/usr/sbin/squid")
        if not program:
            need.apt("squid")
            program = need.program("/usr/sbin/squid")
        passwords = self.folder / "passwords"
        if self.scheme == "digest":
            passwords.write_text(f"{self.user}:realm:{md5(self.user, 'realm', self.password)}\n")
            helper = f"/usr/lib/squid/digest_file_auth -c {passwords}"
        elif self.scheme == "basic":
            helper = str(self.folder / "basic")
            Path(helper).write_text("#!/usr/bin/python3 -u\nimport sys, urllib.parse\nfor line in sys.stdin:\n"
                                    f"    good = urllib.parse.unquote(line.strip()) == {self.user + ' ' + self.password!r}\n"
                                    "    print('OK' if good else 'ERR')\n")
            Path(helper).chmod(0o755)
        else:               # what only Windows speaks
            helper = str(self.folder / "negotiate")
            Path(helper).write_text('#!/bin/sh\nwhile read -r line; do echo "NA x x"; done\n')
            Path(helper).chmod(0o755)
        realm = "" if self.scheme == "negotiate" else f"auth_param {self.scheme} realm realm\n"
        config = self.folder / "squid.conf"
        config.write_text(
            f"http_port 127.0.0.1:{self.port}\nauth_param {self.scheme} program {helper}\n"
            f"auth_param {self.scheme} children 2\n{realm}acl known proxy_auth REQUIRED\nhttp_access allow known\n"
            f"http_access deny all\npid_filename {self.folder}/pid\ncache_log {self.folder}/cache.log\naccess_log none\n"
            f"cache deny all\nshutdown_lifetime 0 seconds\ncoredump_dir {self.folder}\n"
            + ("cache_effective_user proxy\n" if os.geteuid() == 0 else ""))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "proxy")
        # its workers talk through /dev/shm and need a name of their own
        return [program, "-N", "-n", f"t{self.port}", "-f", config]
