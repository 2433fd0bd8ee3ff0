"""A TCP relay that looks at nothing: delay, stalls and cuts on a line whose TLS must go through unopened.

    with TcpRelay(hub_port) as line:
        line.delay = 0.3          # seconds, each way, for bytes that arrive from now on
        line.stall_after(4096)    # let so many bytes pass, either way, then nothing; connections stay open
        line.partition()          # nothing passes, nothing is refused (the connection itself is still taken)
        line.heal()
        line.refuse()             # nobody listens
"""
import asyncio
import contextlib

from . import loop


class TcpRelay(loop.LoopThread):
    def __init__(self, backend_port, address="127.0.0.1"):
        self.backend_port, self.address = backend_port, address
        self.port = 0
        self.delay = 0.0
        self.passed = 0             # bytes, both ways, since the start
        self._limit = None          # of `passed`; None is no limit
        self._server = None
        self._writers = set()

    def __enter__(self):
        self.start()
        self._open = self.do(self._make_gate())
        self.accept()
        return self

    def __exit__(self, *_):
        self.refuse()
        self.stop()

    def stall_after(self, count):
        self._limit = self.passed + count

    def partition(self):
        self.do(self._set_gate(False))

    def heal(self):
        """Let pass what was held back, too: a stalled line loses nothing."""
        self.delay, self._limit = 0.0, None
        self.do(self._set_gate(True))

    def accept(self):
        self.do(self._accept())

    def refuse(self):
        self.do(self._refuse())

    def drop_all(self):
        self.do(self._drop_all())

    async def _make_gate(self):
        gate = asyncio.Event()
        gate.set()
        return gate

    async def _set_gate(self, is_open):
        if is_open:
            self._open.set()
        else:
            self._open.clear()

    async def _accept(self):
        if not self._server:
            self._server = await asyncio.start_server(self._serve, self.address, self.port)
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
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.backend_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        self._writers -= {writer, far_writer}
        writer.close()
        far_writer.close()

    async def _pump(self, reader, writer):
        while data := await reader.read(65536):
            if self._limit is not None and self.passed + len(data) > self._limit:
                room = max(0, self._limit - self.passed)
                await self._send(writer, data[:room])
                data = data[room:]
                self._open.clear()
            await self._send(writer, data)
        if writer.can_write_eof():
            writer.write_eof()

    async def _send(self, writer, data):
        await self._open.wait()
        await asyncio.sleep(self.delay)
        self.passed += len(data)
        writer.write(data)
        await writer.drain()
