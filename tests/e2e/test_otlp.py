"""Samples to an OTLP receiver: what is sent is what the published files allow, all of it arrives once, in order, whatever
the receiver does; and a real one (VictoriaMetrics) has the samples afterwards.
"""
import json
import subprocess
import time

import pytest

from rigs import certs, otlp, victoria
from rigs.agent import PICKET, Agent, ready
from rigs.child import until
from rigs.hostile import Hostile, acts
from rigs.psa import Secret
from rigs.tlsrelay import TlsRelay, faults

pytestmark = pytest.mark.side_by_side


@pytest.fixture(scope="module")
def schema():
    ready()
    return otlp.Schema()


@pytest.fixture(scope="module")
def victoria_is_here():
    """Fetched outside the test's own time limit."""
    ready()
    victoria.program()


def receiver(server, ca, path="/v1/metrics", **settings):
    return {"name": "otel", "connector": "otlp", "ca_file": ca.cert,
            "settings": {"url": server.url + path, "period_s": 1, **settings}}


def ok(content_type=otlp.PROTOBUF):
    return faults.answer(200, "{}" if content_type == otlp.JSON else b"", {"Content-Type": content_type})


def posts(relay, status=200):
    return [x for x in list(relay.seen) if x.status == status]


def read_all(schema, relay, status=200):
    return [schema.read(x.body, x.headers["content-type"]) for x in posts(relay, status)]


def all_points(schema, relay):
    return [p for request in read_all(schema, relay) for p in otlp.points(request)]


def identity(point):
    return point.name, tuple(sorted(point.attrs.items())), point.time_s


def state_of(agent):
    return agent.upstream_status("otel")


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_what_is_sent_is_what_the_published_files_allow(schema, authority, certificate, encoding):
    kind = otlp.JSON if encoding == "json" else otlp.PROTOBUF
    with TlsRelay(certificate) as relay:
        relay.always(ok(kind))
        sent = receiver(relay, authority, encoding=encoding, token=Secret("t0ps3cret"), **{"header.X-Scope-OrgID": "acme"})
        with Agent(upstreams=[sent], device={"name": "box-1", "client": "Acme Ltd", "site": "Leeds"}) as agent:
            until(lambda: len(posts(relay)) >= 4, 30, "four posts")
            status = agent.status()
            assert "t0ps3cret" not in agent.log_text() + json.dumps(status)
            assert agent.stop() == 0
        first = relay.seen[0]
        assert (first.method, first.path, first.headers["content-type"]) == ("POST", "/v1/metrics", kind)
        assert first.headers["authorization"] == "Bearer t0ps3cret" and first.headers["x-scope-orgid"] == "acme"
        requests = read_all(schema, relay)
        about = otlp.resource(requests[0])
        found = all_points(schema, relay)
    assert about["service.name"] == "picket" and about["service.version"] == status["agent"]["version"]
    assert about["service.instance.id"] == status["agent"]["device_id"]
    assert about["os.type"] == "linux" and about["host.name"] and about["host.arch"] in ("amd64", "arm64")
    assert (about["picket.device"], about["picket.client"], about["picket.site"]) == ("box-1", "Acme Ltd", "Leeds")
    assert requests[0].resource_metrics[0].scope_metrics[0].scope.name == "picket"
    units = {f["name"]: f["unit"] for f in status["figures"]}
    assert {p.name for p in found} >= {f["name"] for f in status["figures"] if not f["name"].endswith(".rate")}
    assert all(p.unit == units[p.name] for p in found if p.name in units)
    assert all(abs(p.time_s - time.time()) < 120 for p in found)
    assert len({identity(p) for p in found}) == len(found), "a point was sent twice"
    names = [[m.name for m in r.resource_metrics[0].scope_metrics[0].metrics] for r in requests]
    assert all(len(set(n)) == len(n) for n in names), "one metric stands twice in a request"


def test_a_real_receiver_has_every_sample_once_after_an_outage_with_kills(victoria_is_here, authority, certificate):
    with victoria.Victoria() as vm, TlsRelay(certificate, vm.port) as relay:
        with Agent(upstreams=[receiver(relay, authority, victoria.PATH)]) as agent:
            agent.wait(lambda s: state_of(agent)["state"] == "ok", "the first batch taken")
            relay.always(faults.lost())         # stored, and never heard of
            time.sleep(3)
            relay.heal()
            relay.refuse()
            agent.wait(lambda s: state_of(agent)["waiting"] >= 3, "samples waiting")
            agent.kill("courier")
            time.sleep(2)
            began = time.time()
            agent.kill("both")
            agent.start()
            time.sleep(4)
            relay.accept()
            agent.wait(lambda s: state_of(agent)["waiting"] == 0 and state_of(agent)["state"] == "ok", "all caught up", 90)
            ended = time.time()
        series = vm.samples('{__name__="system.uptime"}')
        memory = vm.samples('{__name__="system.memory.limit"}')
    assert len(series) == 1 and len(memory) == 1
    labels, samples = series[0]
    assert labels["service.name"] == "picket" and labels["picket.client"] == "Acme Ltd"
    times = [t for t, _ in samples]
    assert times == sorted(set(times)), "a sample is there twice"
    # a round a second; what the killed warden had not put into a block yet is lost, and nothing else
    holes = [(a, b) for a, b in zip(times, times[1:]) if b - a > 2.6]
    assert [h for h in holes if not h[0] - 1 <= began <= h[1] + 1] == []
    assert times[-1] > ended - 10


def test_a_batch_that_is_too_large_is_halved_and_all_of_it_arrives(schema, authority, certificate):
    async def small_only(request, forward):
        return await (ok() if len(request.body) < 3000 else faults.answer(413))(request, forward)
    with TlsRelay(certificate) as relay:
        relay.always(small_only)
        with Agent(upstreams=[receiver(relay, authority, period_s=5)]) as agent:
            until(lambda: len(posts(relay)) >= 12, 40, "twelve small posts")
            assert state_of(agent)["state"] == "ok"
        assert len(posts(relay, 413)) < 8, "it forgets how much the receiver takes"
        found = all_points(schema, relay)
    assert len({identity(p) for p in found}) == len(found)
    assert {p.name for p in found} >= {"system.uptime", "system.memory.limit"}


def test_a_receiver_that_is_busy_gets_the_same_batch_after_the_time_it_asked_for(authority, certificate):
    with TlsRelay(certificate) as relay:
        relay.once(faults.answer(429, b"", {"Retry-After": "3"}))
        relay.once(faults.answer(503, b"", {"Retry-After": "2"}))
        relay.always(ok())
        with Agent(upstreams=[receiver(relay, authority)]) as agent:
            agent.wait(lambda s: state_of(agent)["state"] == "retrying", "busy")
            told = state_of(agent)
            assert "429" in told["why"] and told["retry_s"] == 3
            until(lambda: len(posts(relay)) >= 3, 30, "taken")
        first, second, third = relay.seen[:3]
        assert first.body == second.body == third.body, "the same batch, byte for byte"


def test_samples_that_a_receiver_cannot_read_are_dropped_and_said_once(authority, certificate):
    with TlsRelay(certificate) as relay:
        for _ in range(3):
            relay.once(faults.answer(400, {"message": "timestamps too old"}))
        relay.always(ok())
        with Agent(upstreams=[receiver(relay, authority)]) as agent:
            until(lambda: len(posts(relay)) >= 3, 30, "later ones taken")
            status, log = state_of(agent), agent.log_text()
        bodies = [x.body for x in relay.seen]
    assert len(set(bodies)) == len(bodies), "a batch that was refused went out again"
    assert status["state"] == "ok" and "samples were not taken" in status["why"]
    assert log.count("timestamps too old") == 1


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_a_partial_success_is_counted_and_not_repeated(authority, certificate, encoding):
    kind = otlp.JSON if encoding == "json" else otlp.PROTOBUF
    with TlsRelay(certificate) as relay:
        relay.always(faults.answer(200, otlp.partial(2, "out of order", kind), {"Content-Type": kind}))
        with Agent(upstreams=[receiver(relay, authority, encoding=encoding)]) as agent:
            until(lambda: len(posts(relay)) >= 3, 30, "three posts")
            status = agent.wait(lambda s: "out of order" in state_of(agent)["why"], "the reason")
            assert state_of(agent)["state"] == "ok"
            log = agent.log_text()
        bodies = [x.body for x in relay.seen]
    assert len(set(bodies)) == len(bodies) and status
    assert log.count("out of order") == 1


def huge():
    return acts.flood(50 << 20)


def drip():
    return acts.repeat(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x", pause=0.5, limit=1000)


HOSTILE = {
    "a redirect": (lambda: acts.answer(308, b"", {"Location": "https://elsewhere.example/"}), "refused", "elsewhere"),
    "no credentials": (lambda: acts.answer(401), "refused", "401"),
    "a web page": (lambda: acts.answer(200, b"<html>sign in</html>", {"Content-Type": "text/html"}), "refused", "web page"),
    "an answer that is none": (lambda: acts.answer(200, b"\xff\xff\xff", {"Content-Type": otlp.PROTOBUF}), "refused",
                               "no answer of an OTLP receiver"),
    "a huge answer": (huge, "retrying", "larger"),
    "an internal error": (lambda: acts.answer(500), "refused", "500"),
    "nothing": (acts.cut, "retrying", ""),
}


def test_hostile_receivers_are_told_apart_in_one_line(authority, certificate):
    ready()
    cases = list(HOSTILE.items())
    with Hostile(certificate) as server:
        ups = []
        for i, (name, (act, *_)) in enumerate(cases):
            server.on(f"/{i}", act())
            ups.append({**receiver(server_at(server), authority, f"/{i}/x"), "name": f"r{i}"})
            server.on(f"/{i}/x", act())
        with Agent(upstreams=ups) as agent:
            for i, (name, (_, state, words)) in enumerate(cases):
                said = agent.wait(lambda s, i=i: next(u for u in s["upstreams"] if u["name"] == f"r{i}")["why"], name, 40)
                line = next(u for u in said["upstreams"] if u["name"] == f"r{i}")
                assert line["state"] == state and words in line["why"], (name, line)
                assert "\n" not in line["why"]


def server_at(server):
    class At:
        url = server.url("")
    return At


@pytest.mark.limit(90)
def test_a_slow_answer_ends_and_a_wrong_certificate_is_named(authority, certificate, tmp_path):
    ready()
    stranger = certs.CA(tmp_path)
    with Hostile(certificate) as slow, Hostile(stranger.server("psa")) as other:
        slow.on("/x", drip())
        ups = [{**receiver(server_at(slow), authority, "/x"), "name": "slow"},
               {**receiver(server_at(other), authority, "/x"), "name": "other"}]
        with Agent(upstreams=ups) as agent:
            agent.wait(lambda s: "certificate" in next(u for u in s["upstreams"] if u["name"] == "other")["why"], "the reason")
            said = agent.wait(lambda s: next(u for u in s["upstreams"] if u["name"] == "slow")["why"], "a time limit", 60)
            assert "30 s" in next(u for u in said["upstreams"] if u["name"] == "slow")["why"]
        assert other.seen == []


def test_alerts_have_the_desk_where_only_samples_are_configured(authority, certificate):
    from rigs.loadavg import rule
    with TlsRelay(certificate) as relay:
        relay.always(ok())
        with Agent(rules=[rule(5)], upstreams=[receiver(relay, authority)]) as agent:
            agent.load.set(9)
            agent.wait(lambda s: [a for a in s["alerts"] if a["open"]], "an alert")
            until(agent.tickets, 10, "a ticket")
            assert [t["upstream"] for t in agent.tickets()] == ["desk"]
            agent.load.set(0)
            agent.wait(lambda s: not s["alerts"], "the alert over and gone: no one else is to be told")


def check(folder, upstream, *words):
    path = folder / "picket.json"
    path.write_text(json.dumps({"upstreams": [upstream]}, default=str))
    path.chmod(0o600)
    done = subprocess.run([PICKET, "config", "check", *words, path], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_the_check_knows_the_settings_and_asks_the_receiver(authority, certificate, tmp_path):
    ready()
    with TlsRelay(certificate) as relay:
        good = receiver(relay, authority)
        relay.always(ok())
        assert check(tmp_path, good)[0] == 0 and relay.seen == []
        code, said = check(tmp_path, good, "--online")
        assert code == 0 and "each tried" in said
        assert relay.seen[-1].body == b"" and relay.seen[-1].headers["content-type"] == otlp.PROTOBUF
        relay.always(faults.answer(401))
        code, said = check(tmp_path, good, "--online")
        assert code == 1 and "401" in said
        for wrong, words in (({"url": "http://x/v1/metrics"}, "settings.url"), ({"url": "https://x"}, "settings.url"),
                             ({"encodding": "json"}, "\"encoding\" perhaps"), ({"encoding": "xml"}, "settings.encoding"),
                             ({"period_s": 0}, "settings.period_s"), ({"header.Host": "x"}, "settings.header.Host"),
                             ({"token": "a", "authorization": "b"}, "settings.authorization")):
            code, said = check(tmp_path, {**good, "settings": {**good["settings"], **wrong}})
            assert code == 1 and words in said, (wrong, said)
