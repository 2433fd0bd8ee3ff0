"""A CONNECT proxy with or without a password, that remembers what it was asked for.

    with HttpProxy(basic=("joe", "pa ss")) as proxy:
        proxy.url, proxy.url_as("joe", "pa ss")
        proxy.seen                      # (target, status) of each CONNECT, in order

`refuse` is a status it gives to everyone who may connect; `digest` asks for Digest instead of Basic; `leads_to` is a
local port where every tunnel ends, whatever host was asked for: vendors' own names, without vendors.
"""
import asyncio
import base64
import hashlib
import re
import secrets
from urllib.parse import quote

from . import http1, loop


def md5(*words):
    return hashlib.md5(":".join(words).encode()).hexdigest()


class HttpProxy(loop.LoopThread):
    def __init__(self, basic=None, digest=None, refuse=None, leads_to=None):
        self.basic, self.digest, self.refuse, self.leads_to = basic, digest, refuse, leads_to
        self.seen = []
        self._nonce = secrets.token_hex(8)

    def __enter__(self):
        self.start()
        self._server = self.do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self._server.close)
        self.stop()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def url_as(self, user, password):
        return f"http://{quote(user)}:{quote(password, safe='')}@127.0.0.1:{self.port}"

    async def _serve(self, reader, writer):
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, OSError, ValueError):
            pass
        finally:
            writer.close()

    async def _one(self, reader, writer):
        """One CONNECT; whether the connection goes on, to be asked again with a password."""
        first, headers = await http1.read_head(reader)
        method, target, _ = first.split(" ", 2)
        status = 405 if method != "CONNECT" else self._judge(target, headers)
        self.seen.append((target, status))
        if status == 407:
            challenge = (f'Digest realm="rig", nonce="{self._nonce}", qop="auth"' if self.digest
                         else 'Basic realm="rig"')
            writer.write(f"HTTP/1.1 407 Who\r\nProxy-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n".encode())
            return True
        if status != 200:
            writer.write(f"HTTP/1.1 {status} No\r\nContent-Length: 2\r\n\r\nno".encode())
            return True
        host, port = ("127.0.0.1", self.leads_to) if self.leads_to else target.rsplit(":", 1)
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        return False

    @staticmethod
    async def _pump(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def _judge(self, target, headers):
        given = headers.get("proxy-authorization", "")
        if self.basic and given != "Basic " + base64.b64encode(":".join(self.basic).encode()).decode():
            return 407
        if self.digest and not self._digest_is_right(target, given):
            return 407
        return self.refuse or 200

    def _digest_is_right(self, target, given):
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', given))
        if said.get("nonce") != self._nonce:
            return False
        secret = md5(self.digest[0], "rig", self.digest[1])
        asked = md5("CONNECT", target)
        want = md5(secret, said["nonce"], said.get("nc", ""), said.get("cnonce", ""), said.get("qop", ""), asked)
        return said.get("response") == want
