"""The HTTP client against a server that misbehaves. Every case has its stated outcome: what kind of failure, whether
the request may have reached the server, the status, and the words a person is told."""
import subprocess
import time

import pytest

from rigs import certs, child, need
from rigs.hostile import Greeter, Hostile, acts, hang, hang_up, old_tls, only_tls12, speak_http
from rigs.httpproxy import HttpProxy
from rigs.nameserver import NameServer
from rigs.probe import HttpProbe, is_checked, tool

MiB = 1 << 20
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return certs.CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def good(ca):
    return ca.server()


@pytest.fixture
def server(good):
    with Hostile(good) as it:
        yield it


@pytest.fixture
def probe(ca):
    with HttpProbe(ca=ca.cert, idle=30) as it:
        yield it


def outcome(answer):
    return answer["err"], answer["sent"], answer["status"], answer["why"]


def settled(condition):
    child.until(condition, 3, "the server to notice")


# -- who is at the other end

BAD_CERTIFICATES = {
    "another host": (lambda ca, tmp: ca.wrong_host(), "the server's certificate is for another host"),
    "expired": (lambda ca, tmp: ca.expired(), "the server's certificate has expired"),
    "not yet": (lambda ca, tmp: ca.not_yet(),
                "the server's certificate is not valid yet (or this machine's clock is behind)"),
    "self-signed": (lambda ca, tmp: certs.self_signed(tmp),
                    "the server's certificate is not signed by a CA we trust"),
    "wrong CA": (lambda ca, tmp: certs.CA(tmp / "other").server(),
                 "the server's certificate is not signed by a CA we trust"),
    "all at once": (lambda ca, tmp: certs.CA(tmp / "other").server("x", hosts=("a.example",), end="20210101000000Z"),
                    "the server's certificate is for another host, has expired, is not signed by a CA we trust"),
}


@pytest.mark.parametrize("name", BAD_CERTIFICATES)
def test_a_bad_certificate_ends_it_before_a_byte_is_sent(ca, probe, tmp_path, name):
    make, why = BAD_CERTIFICATES[name]
    with Hostile(make(ca, tmp_path)) as server:
        answer = probe.post(server.url(), "secret", headers={"authorization": "secret"})
        assert outcome(answer) == ("DENIED", False, 0, why)
        assert server.seen == []


def test_a_certificate_for_clients_is_refused(ca, probe):
    with Hostile(ca.client("localhost")) as server:
        answer = probe.get(server.url())
        assert outcome(answer) == ("OS", False, 0, "the server's certificate is malformed or not meant for a server")
        assert server.seen == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("tls", [None, only_tls12])
def test_tls_1_2_and_1_3_are_good_for_names_and_addresses(good, probe, host, tls):
    with Hostile(good, tls) as server:
        server.on("/", acts.answer(200, {"ok": True}))
        assert outcome(probe.get(server.url(host=host))) == ("OK", True, 200, "")


def test_tls_1_1_is_refused(good, probe):
    with Hostile(good, old_tls) as server:
        err, sent, status, why = outcome(probe.get(server.url()))
        assert (err, sent, status) == ("OS", False, 0)
        assert "TLS" in why


def test_tls_1_1_is_named_when_the_server_says_so(good, probe, tmp_path):
    port = need.free_port()
    server = child.Child([need.program("openssl"), "s_server", "-accept", str(port), "-cert", good.cert, "-key", good.key,
                          "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-www"], tmp_path / "log")
    try:
        server.wait_ready(lambda: b"ACCEPT" in (tmp_path / "log").read_bytes(), 5, "s_server")
        answer = probe.get(f"https://localhost:{port}/")
        assert outcome(answer)[:3] == ("OS", False, 0)
        assert "no TLS 1.2 or newer" in answer["why"]
    finally:
        server.stop()


def test_only_the_given_roots_are_trusted_and_the_system_s_otherwise(server):
    with HttpProbe() as probe:
        assert outcome(probe.get(server.url())) == (
            "DENIED", False, 0, "the server's certificate is not signed by a CA we trust")


def ends_at_once(*options):
    """What the client says when it cannot even start."""
    done = subprocess.run([tool("http_probe"), *map(str, options)], input="", capture_output=True, text=True, timeout=10)
    return done.returncode, done.stdout, done.stderr


def test_a_missing_file_of_roots_is_said_at_the_start(tmp_path):
    assert ends_at_once("--ca", tmp_path / "nothing.pem") == (1, '{"open":"NOT_FOUND"}\n', "")


# -- nobody, or not a web server

def test_nobody_listens(probe):
    assert outcome(probe.post("https://localhost:1/")) == ("OS", False, 0, "connection refused")


def test_no_such_host(probe):
    assert outcome(probe.post("https://nowhere.invalid/")) == ("OS", False, 0, "no such host, or no name server")


@pytest.mark.parametrize("greeting, why", [
    (hang_up, "the server closed the connection during the TLS handshake"),
    (speak_http, "what answers there does not speak TLS"),
])
def test_no_tls_there(probe, greeting, why):
    with Greeter(greeting) as server:
        assert outcome(probe.post(server.url())) == ("OS", False, 0, why)


def test_silence_before_tls_ends_by_the_connect_timeout(probe):
    with Greeter(hang) as server:
        answer = probe.post(server.url(), connect_ms=300, total_ms=5000)
        assert outcome(answer) == ("TIMED_OUT", False, 0, "no connection within 300 ms")
        assert answer["took_ms"] < 1000


@pytest.mark.parametrize("confine", [None, "yes"])
def test_a_silent_name_server_costs_no_more_than_the_timeout(confine):
    with NameServer(silent=True) as names, HttpProbe(confine=confine, within=names.only_this) as probe:
        answers = probe.ask(*[{"url": f"https://slow{i}.example/", "total_ms": 400} for i in range(3)])
        for answer in answers:
            assert outcome(answer) == ("TIMED_OUT", False, 0, "no answer from a name server within 400 ms")
            assert answer["took_ms"] < 1000
        assert probe.ask({"url": "https://slow.example/", "cancel_ms": 100}) == {"cancelled": True}
        began = time.monotonic()
    assert time.monotonic() - began < 3             # nor does closing wait for it


@pytest.mark.parametrize("confine", [None, "yes"])
def test_names_are_resolved(ca, confine):
    with NameServer({"psa.test": "127.0.0.1"}) as names, Hostile(ca.server("psa", hosts=("psa.test",))) as server:
        server.on("/", acts.answer(200))
        with HttpProbe(ca=ca.cert, confine=confine, within=names.only_this) as probe:
            assert probe.get(server.url(host="psa.test"))["status"] == 200
            assert outcome(probe.get("https://other.test/")) == ("OS", False, 0, "no such host, or no name server")
        assert server.seen[0].headers["host"] == f"psa.test:{server.port}"


# -- answers, good and bad

# name: (acts, what is asked for besides, (err, sent, status, why))
ANSWERS = {
    "created": (acts.answer(201, {"id": 1}), {}, ("OK", True, 201, "")),
    "nothing": (acts.answer(204), {}, ("OK", True, 204, "")),
    "unauthorised": (acts.answer(401, {"error": "token"}, {"WWW-Authenticate": "Basic"}), {}, ("OK", True, 401, "")),
    "too many": (acts.answer(429, {}, {"Retry-After": "17"}), {}, ("OK", True, 429, "")),
    "broken": (acts.answer(500, b"<html>"), {}, ("OK", True, 500, "")),
    "a failure that says 200": (acts.answer(200, {"error": "no"}), {}, ("OK", True, 200, "")),
    "half a JSON text": (acts.answer(200, b'{"id": 1, "na'), {}, ("OK", True, 200, "")),
    "100, then 200": (acts.raw(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\nok"), {},
                      ("OK", True, 200, "")),
    "chunks": (acts.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), {},
               ("OK", True, 200, "")),
    "less than it announced": (acts.answer(200, b"abc", claims=10, keep=False), {},
                               ("OS", True, 200, "the connection was lost before the answer was complete")),
    "more than it announced": (acts.answer(200, b"abcdef", claims=3, keep=False), {}, ("OK", True, 200, "")),
    "nothing at all": (acts.cut(), {}, ("OS", True, 0, "the connection was lost before the answer was complete")),
    "half a head": (acts.raw(HEAD + b"Content-Ty"), {},
                    ("OS", True, 200, "the connection was lost before the answer was complete")),
    "half a chunk": (acts.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\nabc"), {},
                     ("OS", True, 200, "the connection was lost before the answer was complete")),
    "chunks that are none": (acts.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"), {},
                             ("MALFORMED", True, 200, "the answer is not HTTP/1.1")),
    "a length that is none": (acts.raw(HEAD + b"Content-Length: lots\r\n\r\nabc"), {},
                              ("MALFORMED", True, 200, "the answer is not HTTP/1.1")),
    "more than any number": (acts.raw(HEAD + b"Content-Length: 99999999999999999999\r\n\r\nabc"), {},
                             ("TOO_BIG", True, 200, "the answer is larger than 1 MiB")),
    "a compression nobody asked for": (acts.raw(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"), {},
                                       ("MALFORMED", True, 200, "the answer is not HTTP/1.1")),
    "a zero byte in a header": (acts.raw(HEAD + b"A: b\x00c\r\n\r\n"), {},
                                ("MALFORMED", True, 200, "the answer is not HTTP/1.1")),
    "a status of two digits": (acts.raw(b"HTTP/1.1 20 OK\r\n\r\n"), {},
                               ("MALFORMED", True, 0, "the answer is not HTTP/1.1")),
    "a status of its own": (acts.raw(b"HTTP/1.1 799 X\r\nContent-Length: 0\r\n\r\n"), {}, ("OK", True, 799, "")),
    "a switch of protocols": (acts.raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nabc"), {}, ("OK", True, 101, "")),
    "417": (acts.answer(417), {}, ("OK", True, 417, "")),
    "a digest challenge": (acts.answer(401, b"", {"WWW-Authenticate": "Digest realm=x, nonce=y"}), {},
                           ("OK", True, 401, "")),
    "a header without a colon": (acts.raw(HEAD + b"no colon\r\n\r\n"), {},
                                 ("MALFORMED", True, 200, "the answer is not HTTP/1.1")),
    "HTTP/0.9": (acts.raw(b"<html>hello</html>"), {}, ("MALFORMED", True, 0, "the answer is not HTTP/1.1")),
    "not HTTP": (acts.raw(b"\x00\x01\x02\r\n\r\n"), {}, ("MALFORMED", True, 0, "the answer is not HTTP/1.1")),
    "exactly as large as allowed": (acts.answer(200, b"x" * 1000), {"max": 1000}, ("OK", True, 200, "")),
    "a byte too large": (acts.answer(200, b"x" * 1001), {"max": 1000},
                         ("TOO_BIG", True, 200, "the answer is larger than 1000 bytes")),
    "100 MB, announced": (acts.flood(100 * MiB, announced=True), {},
                          ("TOO_BIG", True, 200, "the answer is larger than 1 MiB")),
    "100 MB, a surprise": (acts.flood(100 * MiB), {}, ("TOO_BIG", True, 200, "the answer is larger than 1 MiB")),
    "endless headers": (acts.repeat(HEAD, b"X-More: " + b"x" * 1000 + b"\r\n"), {},
                        ("TOO_BIG", True, 200, "the headers of the answer are larger than 64 KiB")),
    "an endless header": (acts.repeat(HEAD + b"X-More: ", b"x" * 10000), {},
                          ("TOO_BIG", True, 200, "the headers of the answer are larger than 64 KiB")),
    "endless 103s": (acts.repeat(b"", b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"), {},
                     ("TOO_BIG", True, 103, "the headers of the answer are larger than 64 KiB")),
    "silence": (acts.silence(), {"total_ms": 400}, ("TIMED_OUT", True, 0, "no complete answer within 400 ms")),
    "a dripping body": (acts.repeat(HEAD + b"Content-Length: 9999\r\n\r\n", b"x", pause=0.05), {"total_ms": 1000},
                        ("TIMED_OUT", True, 200, "no complete answer within 1 s")),
    "a dripping head": (acts.repeat(HEAD, b"A: b\r\n", pause=0.05), {"total_ms": 400},
                        ("TIMED_OUT", True, 200, "no complete answer within 400 ms")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_has_its_outcome(server, probe, name):
    act, more, want = ANSWERS[name]
    server.on("/", act)
    before = probe.wait(0)["rss_kb"]
    answer = probe.post(server.url(), **more)
    assert outcome(answer) == want
    assert answer["took_ms"] < 3000
    assert len(server.seen) == 1
    if not is_checked(tool("http_probe")):
        assert answer["peak_kb"] - before < 4000    # the limit, its growth, and TLS; never what the server sends


def test_what_an_answer_holds(server, probe):
    server.on("/", acts.raw(b"HTTP/1.1 200 OK\r\nRetry-After:  17 \r\nX-Empty:\r\nX-UPPER: MiXed\r\n"
                            b"X-Twice: one\r\nX-Twice: two\r\nContent-Length: 3\r\n\r\na\xffb"))
    answer = probe.get(server.url())
    assert answer["status"] == 200
    headers = answer["headers"]
    assert headers["retry-after"] == "17" and headers["x-empty"] == "" and headers["x-upper"] == "MiXed"
    assert answer["body_len"] == 3


def test_the_headers_are_those_of_the_last_answer(server, probe):
    server.on("/", acts.raw(b"HTTP/1.1 103 Early\r\nX-Old: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-New: 1\r\nContent-Length: 0\r\n\r\n"))
    headers = probe.get(server.url())["headers"]
    assert "x-new" in headers and "x-old" not in headers


def test_more_headers_than_we_keep_do_no_harm(server, probe):
    server.on("/", acts.answer(200, b"", {f"X-{i}": "v" for i in range(200)}))
    assert len(probe.get(server.url())["headers"]) == 64


def test_a_token_that_ends_in_the_middle_of_pages(server, probe):
    server.on("/page", acts.answer(200, {"page": 1}), acts.answer(200, {"page": 2}), acts.answer(401))
    assert [probe.get(server.url("/page"))["status"] for _ in range(4)] == [200, 200, 401, 401]


# -- what is asked

def test_what_leaves_is_what_was_asked_for(server, probe):
    server.on("/", acts.answer(200))
    probe.post(server.url(), '{"a":1}', headers={"Authorization": "Bearer x", "X-Empty": ""})
    asked = server.seen[0]
    assert (asked.method, asked.target, asked.body) == ("POST", "/", b'{"a":1}')
    assert asked.headers["authorization"] == "Bearer x" and asked.headers["x-empty"] == ""
    assert asked.headers["user-agent"] == "picket-probe/1"
    assert not {"content-type", "expect", "accept-encoding", "cookie"} & set(asked.headers)


@pytest.mark.parametrize("method, length", [("GET", None), ("POST", "0"), ("PUT", "0"), ("PATCH", "0"), ("DELETE", None)])
def test_methods_without_a_body(server, probe, method, length):
    server.on("/", acts.answer(200))
    probe.ask({"method": method, "url": server.url()})
    assert server.seen[0].method == method
    assert server.seen[0].headers.get("content-length") == length


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_methods_with_a_body(server, probe, method):
    server.on("/", acts.answer(200))
    probe.ask({"method": method, "url": server.url(), "body": "x" * 100000})
    assert (server.seen[0].method, len(server.seen[0].body)) == (method, 100000)


def test_cookies_are_not_kept(server, probe):
    server.on("/", acts.answer(200, b"", {"Set-Cookie": "a=b"}))
    probe.get(server.url())
    probe.get(server.url())
    assert "cookie" not in server.seen[1].headers


REFUSED = {
    "plain http": {"url": "http://localhost/"},
    "another scheme": {"url": "file:///etc/passwd"},
    "no scheme": {"url": "localhost/"},
    "a password in the URL": {"url": "https://joe:secret@localhost/"},
    "a line break in the URL": {"url": "https://localhost/\r\nX: y"},
    "a blank in the URL": {"url": "https://localhost/a b"},
    "a line break in a header": {"url": "https://localhost/", "headers": {"X-A": "b\r\nX-C: d"}},
    "a line feed in a header": {"url": "https://localhost/", "headers": {"X-A": "b\nX-C: d"}},
    "a line break in a name": {"url": "https://localhost/", "headers": {"X-A\r\nX-B": "c"}},
    "a colon in a name": {"url": "https://localhost/", "headers": {"X-A: b": "c"}},
    "a name of nothing": {"url": "https://localhost/", "headers": {"": "c"}},
    "a host of its own": {"url": "https://localhost/", "headers": {"Host": "elsewhere"}},
    "a length of its own": {"url": "https://localhost/", "headers": {"content-length": "3"}},
    "chunks of its own": {"url": "https://localhost/", "headers": {"Transfer-Encoding": "chunked"}},
    "an unknown method": {"url": "https://localhost/", "method": "CONNECT"},
    "a method with a line break": {"url": "https://localhost/", "method": "GET / HTTP/1.1\r\n"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_that_breaks_a_rule_is_not_sent(probe, name):
    assert probe.ask(REFUSED[name])["refused"] == "MALFORMED"


# -- redirects

def moved(to, status=302):
    return acts.answer(status, b"moved", {"Location": to})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_origin_is_followed(server, probe, status):
    server.on("/a", moved("/b?c=d", status))
    server.on("/b", acts.answer(200, b"there"))
    answer = probe.get(server.url("/a"), headers={"authorization": "x"})
    assert (answer["status"], answer["body"]) == (200, "there")
    assert server.seen[1].target == "/b?c=d" and server.seen[1].headers["authorization"] == "x"
    assert server.connections == 1


def test_three_redirects_and_no_more(server, probe):
    server.on("/", moved("/"))
    answer = probe.get(server.url())
    assert outcome(answer) == ("OK", True, 302, "") and answer["headers"]["location"] == "/"
    assert len(server.seen) == 4


def test_a_redirect_elsewhere_is_handed_over_and_no_credential_follows(server, good, probe):
    with Hostile(good) as other:
        elsewhere = [other.url("/x"), f"https://127.0.0.1:{server.port}/x", f"http://localhost:{server.port}/x",
                     f"//localhost:{other.port}/x", f"https://joe:pw@localhost:{server.port}/x", "file:///etc/passwd",
                     "https://nowhere.invalid/"]
        for to in elsewhere:
            server.clear()
            server.on("/", moved(to))
            answer = probe.get(server.url(), headers={"authorization": "secret"})
            assert (answer["err"], answer["status"], len(server.seen)) == ("OK", 302, 1), to
        assert other.connections == 0


def test_a_redirect_of_something_that_writes_is_not_followed(server, probe):
    server.on("/", moved("/b", 307))
    assert probe.post(server.url())["status"] == 307
    assert len(server.seen) == 1


def test_redirects_share_the_time(server, probe):
    server.on("/", acts.late(0.3, moved("/")))
    answer = probe.get(server.url(), total_ms=500)
    assert answer["err"] == "TIMED_OUT" and answer["took_ms"] < 800


# -- connections

def test_a_connection_is_used_again_and_closed_when_idle(ca, server):
    server.on("/", acts.answer(200))
    with HttpProbe(ca=ca.cert, idle=1) as probe:
        probe.get(server.url())
        probe.post(server.url())
        assert server.connections == 1
        assert probe.wait(0)["active"] == 1         # the timer that will close it
        assert probe.wait(1.5)["active"] == 0       # nothing wakes us any more
        probe.get(server.url())
        assert server.connections == 2


def test_without_idle_time_a_connection_is_closed_at_once(ca, server):
    server.on("/", acts.answer(200))
    with HttpProbe(ca=ca.cert) as probe:
        probe.get(server.url())
        assert probe.wait(0)["active"] == 0
        probe.get(server.url())
        assert server.connections == 2


def test_a_write_is_never_repeated_by_itself(server, probe):
    """The server carried it out and died; a client that repeats it makes a second ticket."""
    server.on("/", acts.answer(200))
    server.on("/tickets", acts.cut())
    probe.get(server.url())                         # now there is a connection to use again
    answer = probe.post(server.url("/tickets"))
    assert outcome(answer) == ("OS", True, 0, "the connection was lost before the answer was complete")
    assert [r.path for r in server.seen] == ["/", "/tickets"]


def test_a_read_survives_a_dead_connection(server, probe):
    server.on("/", acts.answer(200))
    server.on("/tickets", acts.cut(), acts.answer(200))
    probe.get(server.url())
    assert probe.get(server.url("/tickets"))["status"] == 200
    assert [r.connection for r in server.seen] == [1, 1, 2]


def test_a_connection_the_server_closed_meanwhile_is_no_failure(server, probe):
    server.on("/", acts.answer(200, keep=False))
    for _ in range(3):
        assert probe.post(server.url())["status"] == 200
    assert len(server.seen) == 3


def test_many_at_once(server, probe):
    server.on("/", acts.late(0.2, acts.answer(200)))
    began = time.monotonic()
    answers = probe.ask(*[{"url": server.url(f"/?{i}")} for i in range(20)])
    assert [a["status"] for a in answers] == [200] * 20
    assert time.monotonic() - began < 3


def test_cancelling_at_any_moment(server, good, probe):
    server.on("/", acts.silence())
    with Greeter(hang) as deaf:
        for url in (server.url(), deaf.url(), "https://nowhere.invalid/"):
            for ms in (1, 5, 50):
                got = probe.ask({"url": url, "cancel_ms": ms})
                assert got.get("cancelled") or got.get("err") == "OS"


def test_closing_with_exchanges_under_way(ca, server):
    server.on("/", acts.silence())
    probe = HttpProbe(ca=ca.cert)
    with probe:
        probe._write({"url": server.url(), "total_ms": 1500})
        settled(lambda: server.seen)


def test_memory_does_not_grow_with_use(ca, server):
    if is_checked(tool("http_probe")):
        pytest.skip("a memory checker keeps what was freed")
    server.on("/", acts.answer(200, b"x" * 100000))
    with HttpProbe(ca=ca.cert) as probe:
        for _ in range(20):
            before = probe.get(server.url())["rss_kb"]
        for _ in range(100):
            after = probe.get(server.url())["rss_kb"]
        assert after - before < 200


# -- proxies

SECRET = ("joe", "s3cret@pass:word")


def test_a_proxy_carries_it(ca, server):
    server.on("/", acts.answer(200))
    with HttpProxy() as proxy, HttpProbe(ca=ca.cert, proxy=proxy.url) as probe:
        assert probe.get(server.url())["status"] == 200
        assert proxy.seen == [(f"localhost:{server.port}", 200)]


@pytest.mark.parametrize("kind", ["basic", "digest"])
def test_a_proxy_with_a_password(ca, server, kind):
    server.on("/", acts.answer(200))
    with HttpProxy(**{kind: SECRET}) as proxy:
        with HttpProbe(ca=ca.cert, proxy=proxy.url_as(*SECRET)) as probe:
            assert probe.post(server.url())["status"] == 200
        assert "proxy-authorization" not in server.seen[0].headers and len(server.seen) == 1
        for url in (proxy.url, proxy.url_as("joe", "wrong")):
            with HttpProbe(ca=ca.cert, proxy=url) as probe:
                assert outcome(probe.post(server.url())) == (
                    "OS", False, 0, "the proxy refused (HTTP 407): it wants a user name and password")
    assert len(server.seen) == 1


@pytest.mark.parametrize("status, why", [
    (403, "the proxy refused (HTTP 403): it does not allow this host"),
    (502, "the proxy refused (HTTP 502): it cannot reach the host"),
    (418, "the proxy refused (HTTP 418)"),
])
def test_a_proxy_that_refuses(ca, server, status, why):
    with HttpProxy(refuse=status) as proxy, HttpProbe(ca=ca.cert, proxy=proxy.url) as probe:
        assert outcome(probe.post(server.url())) == ("OS", False, 0, why)


@pytest.mark.parametrize("proxy, why", [
    ("http://127.0.0.1:1", "the proxy: connection refused"),
    ("http://nowhere.invalid:8080", "the proxy: no such host"),
])
def test_no_proxy_there(ca, server, proxy, why):
    with HttpProbe(ca=ca.cert, proxy=proxy) as probe:
        assert outcome(probe.post(server.url())) == ("OS", False, 0, why)


def test_a_silent_proxy(ca, server):
    with Greeter(hang) as proxy, HttpProbe(ca=ca.cert, proxy=f"http://127.0.0.1:{proxy.port}") as probe:
        assert outcome(probe.post(server.url(), connect_ms=300)) == (
            "TIMED_OUT", False, 0, "no connection through the proxy within 300 ms")


def test_a_bad_certificate_behind_a_proxy(ca):
    with Hostile(ca.expired()) as server, HttpProxy() as proxy, HttpProbe(ca=ca.cert, proxy=proxy.url) as probe:
        assert outcome(probe.post(server.url())) == ("DENIED", False, 0, "the server's certificate has expired")


def test_the_environment_names_the_proxy_unless_told_otherwise(ca, server):
    server.on("/", acts.answer(200))
    with HttpProxy() as proxy:
        for options, env, used in [(None, {"https_proxy": proxy.url}, 1),
                                   (None, {"https_proxy": proxy.url, "no_proxy": "localhost"}, 0),
                                   ("none", {"https_proxy": proxy.url}, 0),
                                   (proxy.url, {"https_proxy": "http://127.0.0.1:1"}, 1)]:
            proxy.seen.clear()
            with HttpProbe(ca=ca.cert, proxy=options, env=env) as probe:
                assert probe.get(server.url())["status"] == 200
            assert len(proxy.seen) == used


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1", "127.0.0.1:8080", "http://a b/", "nonsense", "",
                                   "http://joe:s3cret@:x"])
def test_a_proxy_that_is_no_url_is_said_at_the_start_without_its_password(ca, proxy):
    code, out, err = ends_at_once("--ca", ca.cert, "--proxy", proxy)
    assert (code, out, err) == (1, '{"open":"MALFORMED"}\n', "")


# -- confined, as the courier is

def test_all_of_it_works_confined(ca, server):
    server.on("/", acts.answer(200, {"ok": True}))
    with HttpProxy() as proxy:
        for options in {}, {"proxy": proxy.url}:
            with HttpProbe(ca=ca.cert, confine="yes", idle=1, **options) as probe:
                assert probe.confined.startswith("no new privileges, no capabilities")
                answers = probe.ask(*[{"url": server.url(), "method": m} for m in ("GET", "POST", "PUT")])
                assert [a["status"] for a in answers] == [200] * 3
                assert probe.wait(1.5)["active"] == 0
                assert probe.get("https://nowhere.invalid/", total_ms=3000)["err"] == "OS"
                assert probe.get(server.url())["status"] == 200


def test_confined_with_the_system_s_roots(server):
    with HttpProbe(confine="yes") as probe:
        assert outcome(probe.get(server.url())) == (
            "DENIED", False, 0, "the server's certificate is not signed by a CA we trust")
