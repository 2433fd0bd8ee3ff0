"""A web server that does what it is told, byte by byte, also what no web server should do.

    with Hostile(cert) as server:
        server.on("/tickets", acts.answer(200, {"page": 1}), acts.answer(401))   # in turn; the last one stays
        server.on("/big", acts.flood(100 << 20))
        server.url("/tickets")
        server.seen                     # every request, in order
        server.connections              # how many there were

An act is a coroutine function (talk) -> whether the connection may be used again. A path nobody spoke of
answers 404. Without a certificate it speaks plain HTTP. `tls` changes the TLS side: see `old_tls`, `not_tls`.
"""
import asyncio
import json
import ssl
import warnings
from dataclasses import dataclass

from . import http1, loop
from .http1 import Answer, Request


def old_tls(context):
    """TLS 1.1 and nothing newer, as a forgotten appliance would."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")


def only_tls12(context):
    context.maximum_version = ssl.TLSVersion.TLSv1_2


@dataclass
class Talk:
    """One request and the connection it came on."""
    request: Request
    connection: int         # 1, 2, ... in the order of their beginning
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data):
        """Waits until the other side took it; raises ConnectionError once it is gone."""
        self.writer.write(data)
        await self.writer.drain()

    async def gone(self):
        """Until the other side closed."""
        while await self.reader.read(65536):
            pass


class acts:
    """What the server may do with a request. Each call makes one."""

    @staticmethod
    def answer(status, body=b"", headers=None, claims=None, keep=True):
        """A proper answer; a body that is no bytes is sent as JSON. `claims`: the length it announces."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()

        async def act(talk):
            said = Answer(status, data, headers or {}, claims)
            await talk.send(said.print(talk.request.method, keep))
            return keep
        return act

    @staticmethod
    def raw(data, keep=False):
        """These bytes and nothing else."""
        async def act(talk):
            await talk.send(data)
            return keep
        return act

    @staticmethod
    def cut():
        """The request was read, perhaps carried out; then nothing."""
        async def act(talk):
            return False
        return act

    @staticmethod
    def late(seconds, then):
        async def act(talk):
            await asyncio.sleep(seconds)
            return await then(talk)
        return act

    @staticmethod
    def silence():
        async def act(talk):
            await talk.gone()
            return False
        return act

    @staticmethod
    def flood(total, announced=False, chunk=b"x" * 65536):
        """`total` bytes of body, announced or until the connection closes."""
        async def act(talk):
            length = b"Content-Length: %d\r\n" % total if announced else b""
            await talk.send(b"HTTP/1.1 200 OK\r\n" + length + b"Connection: close\r\n\r\n")
            for _ in range(total // len(chunk)):
                await talk.send(chunk)
            return False
        return act

    @staticmethod
    def repeat(first, again, pause=0.0, limit=1_000_000):
        """`first`, then `again` and `again` until the other side has enough."""
        async def act(talk):
            await talk.send(first)
            for _ in range(limit):
                await talk.send(again)
                await asyncio.sleep(pause)
            return False
        return act


class Hostile(loop.LoopThread):
    def __init__(self, cert=None, tls=None):
        self.seen, self.connections = [], 0
        self._acts = {}
        self._context = None
        if cert:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(cert.cert, cert.key)
            if tls:
                tls(self._context)

    def __enter__(self):
        self.start()
        self.loop.set_exception_handler(lambda *_: None)        # refused handshakes are what we are here for
        self._server = self.do(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self._server.close)
        self.stop()

    def on(self, path, *acts_in_turn):
        self._acts[path] = list(acts_in_turn)

    def url(self, path="/", host="localhost"):
        return f"https://{host}:{self.port}{path}"

    def clear(self):
        self.seen.clear()
        self.connections = 0

    async def _serve(self, reader, writer):
        self.connections += 1
        number = self.connections
        try:
            while True:
                request = await http1.read_request(reader, writer)
                request.connection = number
                self.seen.append(request)
                if not await self._next_act(request.path)(Talk(request, number, reader, writer)):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError, ValueError):
            pass
        finally:
            writer.close()

    def _next_act(self, path):
        left = self._acts.get(path)
        if not left:
            return acts.answer(404)
        return left.pop(0) if len(left) > 1 else left[0]


class Greeter(loop.LoopThread):
    """Accepts and does one thing with each connection, before a word of HTTP or TLS."""

    def __init__(self, do):
        self._do = do
        self.connections = 0

    def __enter__(self):
        self.start()
        self._server = self.do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self._server.close)
        self.stop()

    def url(self, path="/", host="localhost"):
        return f"https://{host}:{self.port}{path}"

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            await self._do(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()


async def hang(reader, writer):
    """The port is open and nobody is at home."""
    while await reader.read(65536):
        pass


async def hang_up(reader, writer):
    """Closes at the first bytes."""
    await reader.read(1)


async def speak_http(reader, writer):
    """A plain web server where TLS was expected."""
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
