"""As much of HTTP/1.1 as a relay needs: whole messages in, whole messages out, nothing streamed."""
from dataclasses import dataclass, field

HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
              "content-length", "expect"}


@dataclass
class Request:
    method: str
    target: str
    headers: dict           # names in lower case; of a repeated header the last one
    body: bytes

    @property
    def path(self):
        return self.target.split("?", 1)[0]

    def print(self, host):
        """The bytes for a backend: one request for each connection, so that its end is the answer's end."""
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{k}: {v}" for k, v in self.headers.items() if k not in HOP_BY_HOP]
        if "host" not in self.headers:
            lines.append(f"host: {host}")
        if self.body or self.method in ("POST", "PUT", "PATCH"):
            lines.append(f"content-length: {len(self.body)}")
        lines.append("connection: close")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    claims: int = None      # the length to announce when it shall differ from the length sent

    def print(self, method, keep):
        has_body = method != "HEAD" and self.status not in (204, 304)
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Status')}"]
        lines += [f"{k}: {v}" for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP]
        if has_body:
            lines.append(f"Content-Length: {len(self.body) if self.claims is None else self.claims}")
        lines.append("Connection: " + ("keep-alive" if keep else "close"))
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (self.body if has_body else b"")


REASONS = {200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified", 400: "Bad Request",
           401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests",
           500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


def parse_head(head):
    """First line and headers of a message."""
    first, *rest = head.decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in rest if ":" in line)
    return first, {name.strip().lower(): value.strip() for name, value in pairs}


async def read_head(reader):
    return parse_head((await reader.readuntil(b"\r\n\r\n"))[:-4])


async def read_chunks(reader):
    body = b""
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        body += await reader.readexactly(size)
        await reader.readuntil(b"\r\n")
        if size == 0:
            return body


async def read_body(reader, headers, to_the_end):
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await read_chunks(reader)
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return await reader.read() if to_the_end else b""


async def read_request(reader, writer):
    """The next request of a connection; IncompleteReadError when the other side is done."""
    first, headers = await read_head(reader)
    method, target, _ = first.split(" ", 2)
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return Request(method, target, headers, await read_body(reader, headers, to_the_end=False))


async def read_answer(reader, method):
    first, headers = await read_head(reader)
    status = int(first.split(" ")[1])
    silent = method == "HEAD" or status in (204, 304)
    body = b"" if silent else await read_body(reader, headers, to_the_end=True)
    return Answer(status, body, headers)
