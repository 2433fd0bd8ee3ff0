"""A TLS front for a plain HTTP backend that fails on command, and remembers what passed.

    with TlsRelay(cert, backend_port) as relay:
        relay.once(faults.lost(), method="POST")     # done by the backend, never heard by the client
        relay.always(faults.delay(2))                # from now on
        relay.heal()
        relay.refuse()                               # nobody listens
        relay.seen                                   # every exchange, in order

A fault is a coroutine function (request, forward) -> Answer: it may forward or not, wait, change the
answer, or raise Cut to drop the connection. Without a certificate the front is plain HTTP; without a
backend everything that no fault answers is a 502.
"""
import asyncio
import contextlib
import json
import ssl
import threading
from dataclasses import dataclass

from . import child, http1, loop
from .http1 import Answer


class Cut(Exception):
    """Raised by a fault: end the connection without an answer, as a crash or a broken line would."""


class faults:
    """The faults most tests want. Each call makes one."""

    @staticmethod
    def delay(seconds):
        """Late, but all right."""
        async def fault(request, forward):
            await asyncio.sleep(seconds)
            return await forward()
        return fault

    @staticmethod
    def lost():
        """The backend does it; the client never hears of it."""
        async def fault(request, forward):
            await forward()
            raise Cut
        return fault

    @staticmethod
    def cut():
        """The backend never hears of it either."""
        async def fault(request, forward):
            raise Cut
        return fault

    @staticmethod
    def stall(seconds=3600):
        """Silence with the connection open, then a cut. The backend never hears of it."""
        async def fault(request, forward):
            await asyncio.sleep(seconds)
            raise Cut
        return fault

    @staticmethod
    def answer(status, body=b"", headers=None):
        """A canned answer; a body that is not bytes or text goes out as JSON."""
        head = {"Content-Type": "application/json", **(headers or {})}
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        data = data.encode() if isinstance(data, str) else data

        async def fault(request, forward):
            return Answer(status, data, head)
        return fault

    @staticmethod
    def instead(status, body=b"", headers=None):
        """A canned answer where the backend was content (below 400), else the backend's own."""
        canned = faults.answer(status, body, headers)

        async def fault(request, forward):
            real = await forward()
            return real if real.status >= 400 else await canned(request, forward)
        return fault

    @staticmethod
    def truncated(keep):
        """The real answer, ended after some bytes of the body though its length promised all."""
        async def fault(request, forward):
            real = await forward()
            return Answer(real.status, real.body[:keep], real.headers, claims=len(real.body))
        return fault

    @staticmethod
    def then(first, second):
        """Both, the first one outermost: then(delay(2), lost())."""
        async def fault(request, forward):
            return await first(request, lambda: second(request, forward))
        return fault


@dataclass
class Exchange:
    """What passed. `status` is what the client got: None for a connection that was cut."""
    method: str
    target: str
    headers: dict
    body: bytes
    status: int = None
    answer: bytes = b""

    @property
    def path(self):
        return self.target.split("?", 1)[0]

    def json(self):
        return json.loads(self.body)


@dataclass
class Order:
    """A fault and the requests it is for."""
    fault: object
    method: str = None
    path: str = None
    once: bool = True

    def fits(self, request):
        return self.method in (None, request.method) and (self.path is None or self.path in request.path)


class TlsRelay(loop.LoopThread):
    """See the top of the file. `client_ca` asks for client certificates of that authority."""

    def __init__(self, cert=None, backend_port=None, client_ca=None):
        self.backend_port = backend_port
        self.seen = []
        self.port = 0
        self._orders = []
        self._lock = threading.Lock()       # orders come from the test's thread, are taken in the loop's
        self._writers = set()
        self._server = None
        self._tls = None
        if cert:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
            self.present(cert)
            if client_ca:
                self._tls.load_verify_locations(client_ca)
                self._tls.verify_mode = ssl.CERT_REQUIRED

    def __enter__(self):
        self.start()
        self.accept()
        return self

    def __exit__(self, *_):
        self.refuse()
        self.stop()

    @property
    def url(self):
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def present(self, cert):
        """Another certificate, from the next connection on."""
        self._tls.load_cert_chain(cert.cert, cert.key)

    def once(self, fault, method=None, path=None):
        """For the next request that fits; several are taken in the order given, before any `always`."""
        self._order(Order(fault, method, path))

    def always(self, fault, method=None, path=None):
        """For every request that fits, until heal(). The newest one that fits wins."""
        self._order(Order(fault, method, path, once=False))

    def _order(self, order):
        with self._lock:
            self._orders.append(order)

    def heal(self):
        """No more faults; requests already caught by one are not let go."""
        with self._lock:
            self._orders.clear()

    def pending(self):
        """How many `once` faults nobody ran into yet: a test that ends with some has not tested them."""
        return sum(o.once for o in self._orders)

    def refuse(self):
        """Stop listening and drop what is connected: "connection refused" until accept()."""
        self.do(self._refuse())

    def accept(self):
        """Listen again, on the same port."""
        self.do(self._accept())

    def drop_all(self):
        """Break every open connection; new ones are welcome."""
        self.do(self._drop_all())

    def wait_seen(self, count, seconds=10, **match):
        """Until at least `count` exchanges that fit have passed; returns them."""
        order = Order(None, **match)
        def enough():
            fitting = [x for x in list(self.seen) if order.fits(x)]
            return fitting if len(fitting) >= count else None
        return child.until(enough, seconds, f"{count} exchanges {match}")

    async def _accept(self):
        if not self._server:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls, limit=2**20)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self):
        if self._server:
            self._server.close()
            self._server = None
        await self._drop_all()

    async def _drop_all(self):
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self._writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        self._writers.discard(writer)
        writer.close()

    async def _one(self, reader, writer):
        """One request and its answer; whether the connection goes on."""
        request = await http1.read_request(reader, writer)
        passed = Exchange(request.method, request.target, request.headers, request.body)
        self.seen.append(passed)
        try:
            answer = await self._answer(request)
        except Cut:
            writer.transport.abort()
            return False
        passed.status, passed.answer = answer.status, answer.body
        keep = request.headers.get("connection", "").lower() != "close" and answer.claims is None
        writer.write(answer.print(request.method, keep))
        await writer.drain()
        return keep

    async def _answer(self, request):
        order = self._take(request)
        if order:
            return await order.fault(request, lambda: self._forward(request))
        return await self._forward(request)

    def _take(self, request):
        with self._lock:
            fitting = [o for o in self._orders if o.fits(request)]
            once = [o for o in fitting if o.once]
            if once:
                self._orders.remove(once[0])
                return once[0]
            return fitting[-1] if fitting else None

    async def _forward(self, request):
        if not self.backend_port:
            return Answer(502, b"no backend")
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.backend_port, limit=2**20)
        except OSError:
            return Answer(502, b"the backend is not there")
        try:
            writer.write(request.print(f"127.0.0.1:{self.port}"))
            return await http1.read_answer(reader, request.method)
        except (asyncio.IncompleteReadError, ConnectionError):
            return Answer(502, b"the backend broke off")
        finally:
            writer.close()
