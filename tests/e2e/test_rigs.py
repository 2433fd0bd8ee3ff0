"""The rigs themselves: that each does what a test will rely on. Slow ones are marked (`-m "not slow"`)."""
import http.client
import json
import ssl
import subprocess
import time

import pytest

from rigs import certs, child, need, openapi
from rigs.disk import TinyDisk
from rigs.nspawn import Nspawn
from rigs.prism import Prism
from rigs.rt import Refused, RequestTracker, quoted
from rigs.tcprelay import TcpRelay
from rigs.tlsrelay import TlsRelay, faults

slow = pytest.mark.slow


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return certs.CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def backend():
    """A relay without TLS and backend is a small HTTP server."""
    with TlsRelay() as server:
        server.always(faults.answer(200, {"ok": True}))
        yield server


@pytest.fixture
def relay(ca, backend):
    with TlsRelay(ca.server("relay"), backend.port) as front:
        backend.seen.clear()
        yield front


def connect(front, trust, host="127.0.0.1", timeout=5):
    context = ssl.create_default_context(cafile=trust)
    return http.client.HTTPSConnection(host, front.port, context=context, timeout=timeout)


def ask(connection, method="GET", path="/", body=None):
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, answer.read()


# -- certificates

@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_good_certificate_is_good_for_both_names(ca, relay, host):
    assert ask(connect(relay, ca.cert, host))[0] == 200


@pytest.mark.parametrize("make, why", [
    (lambda ca, tmp: ca.wrong_host(), "IP address mismatch"),
    (lambda ca, tmp: ca.expired(), "certificate has expired"),
    (lambda ca, tmp: ca.not_yet(), "not yet valid"),
    (lambda ca, tmp: certs.self_signed(tmp), "self-signed certificate"),
    (lambda ca, tmp: certs.CA(tmp, "Another CA").server(), "unable to get local issuer"),
])
def test_a_bad_certificate_is_bad_in_its_one_way(ca, relay, tmp_path, make, why):
    relay.present(make(ca, tmp_path))
    with pytest.raises(ssl.SSLCertVerificationError, match=why):
        ask(connect(relay, ca.cert))


def test_a_client_certificate_can_be_demanded(ca, backend):
    with TlsRelay(ca.server("mutual"), backend.port, client_ca=ca.cert) as front:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            ask(connect(front, ca.cert))
        context = ssl.create_default_context(cafile=ca.cert)
        context.load_cert_chain(*ca.client("device"))
        named = http.client.HTTPSConnection("127.0.0.1", front.port, context=context, timeout=5)
        assert ask(named)[0] == 200


# -- the relay

def test_a_connection_is_kept_and_everything_is_remembered(ca, relay, backend):
    connection = connect(relay, ca.cert)
    assert ask(connection) == (200, b'{"ok": true}')
    assert ask(connection, "POST", "/a?b=c", b'{"n": 1}')[0] == 200
    assert [(x.method, x.path, x.status) for x in relay.seen] == [("GET", "/", 200), ("POST", "/a", 200)]
    assert relay.seen[1].json() == {"n": 1}
    assert backend.seen[1].body == b'{"n": 1}'


def test_an_answer_can_be_lost_after_the_work_was_done(ca, relay, backend):
    relay.once(faults.lost(), method="POST")
    assert ask(connect(relay, ca.cert))[0] == 200               # a GET is not what was meant
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, ssl.SSLError)):
        ask(connect(relay, ca.cert), "POST", "/ticket", b"x")
    assert [x.method for x in backend.seen] == ["GET", "POST"]
    assert relay.pending() == 0


def test_a_cut_request_never_arrives(ca, relay, backend):
    relay.once(faults.cut())
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, ssl.SSLError)):
        ask(connect(relay, ca.cert))
    assert backend.seen == []
    assert ask(connect(relay, ca.cert))[0] == 200


def test_a_canned_answer_comes_once_with_its_headers(ca, relay):
    relay.once(faults.answer(429, {"error": "slow down"}, {"Retry-After": "7"}))
    connection = connect(relay, ca.cert)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Retry-After"], json.load(answer)) == (429, "7", {"error": "slow down"})
    assert ask(connection)[0] == 200


def test_a_truncated_answer_promises_more_than_it_sends(ca, relay):
    relay.once(faults.truncated(4))
    with pytest.raises(http.client.IncompleteRead):
        ask(connect(relay, ca.cert))


def test_delay_and_stall(ca, relay):
    relay.once(faults.delay(0.3))
    began = time.monotonic()
    assert ask(connect(relay, ca.cert))[0] == 200
    assert time.monotonic() - began >= 0.3
    relay.always(faults.stall())
    with pytest.raises(TimeoutError):
        ask(connect(relay, ca.cert, timeout=0.3))
    relay.heal()
    assert ask(connect(relay, ca.cert))[0] == 200


def test_refusing_and_accepting_again_on_the_same_port(ca, relay):
    port = relay.port
    relay.refuse()
    with pytest.raises(ConnectionRefusedError):
        ask(connect(relay, ca.cert))
    relay.accept()
    assert relay.port == port and ask(connect(relay, ca.cert))[0] == 200


def test_a_backend_that_is_gone_is_a_502(ca, relay):
    relay.backend_port = need.free_port()
    assert ask(connect(relay, ca.cert))[0] == 502


def test_a_line_can_be_slow_dead_and_healed(ca, relay):
    with TcpRelay(relay.port) as line:
        assert ask(connect(line, ca.cert))[0] == 200            # TLS goes through unopened
        line.delay = 0.1
        began = time.monotonic()
        ask(connect(line, ca.cert))
        assert time.monotonic() - began >= 0.3                  # at least three passes: hello, answer, request
        line.delay = 0
        line.stall_after(600)
        with pytest.raises(TimeoutError):
            ask(connect(line, ca.cert, timeout=0.3))
        line.heal()
        assert ask(connect(line, ca.cert))[0] == 200


# -- children

def test_a_child_that_ends_too_early_says_why(tmp_path):
    early = child.Child(["/bin/sh", "-c", "echo no luck; exit 3"], tmp_path / "log")
    with pytest.raises(RuntimeError, match="ended with 3:\nno luck"):
        early.wait_ready(lambda: False, 5, "the child")


def test_ending_a_child_ends_its_children(tmp_path):
    parent = child.Child(["/bin/sh", "-c", "sleep 600 & echo $!; wait"], tmp_path / "log")
    grandchild = int(child.until(parent.tail, 5, "the number"))
    parent.stop()
    child.until(lambda: is_gone(grandchild), 5, "the grandchild's end")


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


# -- Request Tracker

@pytest.fixture(scope="module")
def rt(ca):
    with RequestTracker(ca) as desk:
        yield desk


HOSTILE = ["it's", "back\\slash", "C:\\", "both\\'x", 'dq"x', "' OR id > 0 OR 'a'='a", "100%_x",
           "\u00fcn\u00ef", "a\nb"]


@slow
@pytest.mark.parametrize("ref", HOSTILE)
def test_rt_finds_a_ticket_by_its_reference_at_once(rt, ref):
    number = rt.create("disk full", ref)
    assert [t["id"] for t in rt.tickets(ref, "__Active__")] == [number]
    assert rt.ticket(number)["ref"] == ref


@slow
def test_rt_tells_who_did_what(rt):
    number = rt.create("who", "who-1", who="picket")
    rt.touch(number, "I see")
    ticket = rt.ticket(number)
    assert (ticket["Owner"], ticket["LastUpdatedBy"], rt.notes(number)) == ("technician", "technician", ["I see"])
    assert {h["Creator"] for h in rt.history(number)} == {"picket", "technician"}
    rt.set_status(number, "resolved")
    assert rt.tickets("who-1", "__Active__") == []
    with pytest.raises(Refused, match="stayed resolved"):
        rt.set_status(number, "no such status")


@slow
def test_rt_rights_can_be_taken_and_given(rt):
    rt.revoke("CreateTicket")
    with pytest.raises(Refused) as no:
        rt.create("x", who="picket")
    assert no.value.status == 403
    rt.grant("CreateTicket")
    assert rt.create("x", who="picket")


@slow
def test_rt_over_tls_with_faults_and_a_restart(ca, rt):
    def version():
        connection = connect(rt.relay, ca.cert)
        connection.request("GET", "/REST/2.0/rt", headers={"Authorization": "token " + rt.token})
        return connection.getresponse().status
    assert version() == 200
    rt.unavailable()
    assert version() == 503
    rt.heal()
    number = rt.create("kept")
    rt.restart()
    assert version() == 200 and rt.ticket(number)["Subject"] == "kept"


def test_ticketsql_strings_are_quoted_backslash_first():
    assert quoted("a\\b'c") == r"'a\\b\'c'"


# -- a disk that can be full

def test_a_tiny_disk_is_filled_to_a_part_to_the_end_and_emptied():
    with TinyDisk(16) as disk:
        before = disk.used_part
        disk.fill_to(0.9)
        assert 0.89 < disk.used_part < 0.92
        disk.fill()
        with pytest.raises(OSError, match="No space left"):
            (disk.path / "one-more").write_bytes(bytes(65536))
        (disk.path / "one-more").unlink()
        disk.empty()
        assert disk.used_part == pytest.approx(before, abs=0.01)
    assert not disk.folder.exists()


# -- a system with systemd

@pytest.fixture(scope="module")
def trivial_deb(tmp_path_factory):
    """A package with one unit that is started when it is installed."""
    folder = tmp_path_factory.mktemp("deb")
    tree = folder / "tree"
    control = "Package: trivial\nVersion: 1\nArchitecture: all\nMaintainer: t <t@localhost>\nDescription: t\n"
    unit = "[Service]\nExecStart=/bin/sleep 1000\nRestart=always\nRestartSec=0\n[Install]\nWantedBy=multi-user.target\n"
    for path, text, mode in (
            ("DEBIAN/control", control, 0o644),
            ("DEBIAN/postinst", "#!/bin/sh\nsystemctl daemon-reload\nsystemctl enable --now trivial\n", 0o755),
            ("lib/systemd/system/trivial.service", unit, 0o644)):
        file = tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
    deb = folder / "trivial.deb"
    subprocess.run([need.program("dpkg-deb"), "--root-owner-group", "--build", tree, deb],
                   check=True, stdout=subprocess.DEVNULL)
    return deb


@slow
def test_a_package_s_unit_runs_is_restarted_and_survives_a_reboot(trivial_deb):
    with Nspawn(files=[trivial_deb]) as box:
        first = box.run("dpkg -i trivial.deb\n"
                        "kill -9 $(systemctl show -P MainPID trivial)\n"
                        "sleep 2\n"
                        "echo restarts $(systemctl show -P NRestarts trivial)\n"
                        "systemctl is-active trivial\n"
                        "cat /etc/machine-id\n"
                        "ls /sys/class/net\n")
        assert first.status == 0, first.output
        assert "restarts 1\nactive\n" in first.output
        assert first.output.endswith("\nlo\n")
        again = box.run("systemctl is-active trivial\ncat /etc/machine-id\nfalse\n")
        assert again.status == 1                            # `sh -e`: the script's own failure is told
        assert again.output.startswith("active\n") and again.output.split()[1] in first.output
        assert (box.root / "lib/systemd/system/trivial.service").exists()


# -- vendors' descriptions

def test_what_prism_cannot_compile_is_put_right():
    assert openapi.put_right({"nullable": True}) == {}
    assert openapi.put_right({"type": "string", "nullable": True, "enum": ["a", None]})["enum"] == ["a"]
    assert openapi.put_right({"type": "string", "format": "date-span"}) == {"type": "string"}


@pytest.mark.parametrize("name, wire", [("ID", "id"), ("Id", "id"), ("CompanyID", "companyID"),
                                        ("RMAStatus", "rmaStatus")])
def test_names_are_spelt_as_dot_net_spells_them(name, wire):
    assert openapi.camel(name) == wire


def test_a_recursive_schema_ends_at_its_depth():
    node = {"type": "object", "properties": {"n": {"type": "integer"}, "next": {"$ref": "#/definitions/Node"}}}
    body = {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Node"}}
    document = {"swagger": "2.0", "definitions": {"Node": node},
                "paths": {"/x": {"post": {"parameters": [body], "responses": {"201": {}, "400": {}}}}}}
    judged = openapi.judging_copy(document, [("post", "/x")], depth=1)
    assert sorted(judged["definitions"]) == ["Node.0", "Node.1"]
    assert judged["definitions"]["Node.1"]["properties"]["next"] == {}
    assert judged["definitions"]["Node.0"]["additionalProperties"] is False
    assert list(judged["paths"]["/x"]["post"]["responses"]) == ["201"]


def test_parts_of_an_all_of_stay_open():
    document = {"openapi": "3.0.0", "components": {"schemas": {"A": {"properties": {"a": {}}}}}, "paths": {}}
    bodies = openapi.Bodies(document, 2, False, ())
    both = bodies.fit({"allOf": [{"$ref": "#/components/schemas/A"}], "properties": {"b": {}}}, 0)
    assert "additionalProperties" not in both and "additionalProperties" not in bodies.made["A.0.open"]
    assert bodies.fit({"properties": {"b": {}}}, 0)["additionalProperties"] is False


HALO = dict(prefix="/api", keep=[("get", "/Tickets"), ("post", "/Tickets"), ("get", "/Tickets/{id}"),
                                 ("post", "/Actions"), ("get", "/Client")])
AT = "/atservicesrest/v1.0"        # as discovery tells it; the description spells it otherwise
AUTOTASK = dict(prefix="/ATServicesRest", any_case_paths=True, either_case=True, wrong=["ValueItem"],
                keep=[("post", "/V1.0/Tickets/query"), ("post", "/V1.0/Tickets"), ("patch", "/V1.0/Tickets"),
                      ("get", "/V1.0/Tickets/{id}"), ("post", "/V1.0/Tickets/{parentId}/Notes"),
                      ("post", "/V1.0/Companies/query")])
CW = "/v4_6_release/apis/3.0"
CONNECTWISE = dict(prefix=CW,
                   keep=[("get", "/service/tickets"), ("post", "/service/tickets/search"), ("post", "/service/tickets"),
                         ("patch", "/service/tickets/{id}"), ("get", "/service/tickets/{id}"),
                         ("post", "/service/tickets/{parentId}/notes"), ("get", "/company/companies")])

# (what, method, path on the wire, body that is right, body or path that is wrong)
VENDORS = {
    "halopsa.json": (HALO, {"Authorization": "Bearer x"}, [
        ("find", "GET", "/api/Tickets?open_only=true&client_id=12&search_summary=x", None, "/api/Tickets?client_id=x"),
        ("create", "POST", "/api/Tickets", [{"summary": "s", "tickettype_id": 21, "client_id": 12,
                                             "customfields": [{"name": "CFMonitorRef", "value": "p"}]}],
         [{"sumary": "s"}]),
        ("note", "POST", "/api/Actions", [{"ticket_id": 7, "outcome_id": 7, "note": "n", "hiddenfromuser": True}],
         [{"ticket_id": "7"}]),
        ("close", "POST", "/api/Tickets", [{"id": 7, "status_id": 9}], {"id": 7, "status_id": 9}),
        ("get", "GET", "/api/Tickets/7?includedetails=true", None, "/api/Tickets/seven"),
        ("company", "GET", "/api/Client?search=Acme", None, "/api/Client?serach=Acme"),
    ]),
    "autotask.json": (AUTOTASK, {"ApiIntegrationCode": "a", "UserName": "u", "Secret": "s"}, [
        ("find", "POST", AT + "/Tickets/query",
         {"MaxRecords": 2, "filter": [{"op": "eq", "field": "externalID", "value": "p"}]},
         {"filter": [{"operator": "eq"}]}),
        ("create", "POST", AT + "/Tickets",
         {"companyID": 175, "title": "t", "status": 1, "priority": 2, "dueDateTime": "2026-01-06T10:12:00Z"},
         {"companyID": "175"}),
        ("note", "POST", AT + "/Tickets/7/Notes", {"title": "t", "description": "d", "noteType": 1, "publish": 1},
         {"title": "t", "text": "d"}),
        ("close", "PATCH", AT + "/Tickets", {"id": 7, "status": 5}, {"id": 7, "status": "5"}),
        ("get", "GET", AT + "/Tickets/7", None, AT + "/Tickets/seven"),
        ("company", "POST", AT + "/Companies/query",
         {"filter": [{"op": "eq", "field": "companyName", "value": "Acme"}]}, {"filter": "Acme"}),
    ]),
    "connectwise-psa.derived.json": (CONNECTWISE, {"Authorization": "Basic eDp5", "clientId": "c",
                                                   "Accept": "application/vnd.connectwise.com+json; version=2025.1"}, [
        ("find", "GET", CW + "/service/tickets?conditions=a&pageSize=2", None,
         CW + "/service/tickets?condition=a"),
        ("find long", "POST", CW + "/service/tickets/search", {"conditions": "a"}, {"conditions": 5}),
        ("create", "POST", CW + "/service/tickets", {"summary": "s", "company": {"identifier": "ACME"}},
         {"summary": "s" * 101, "company": {"identifier": "ACME"}}),
        ("note", "POST", CW + "/service/tickets/7/notes", {"text": "t", "internalAnalysisFlag": True},
         {"txt": "t"}),
        ("close", "PATCH", CW + "/service/tickets/7", [{"op": "replace", "path": "status", "value": {"id": 5}}],
         {"op": "replace", "path": "status", "value": {"id": 5}}),
        ("get", "GET", CW + "/service/tickets/7", None, CW + "/service/tickets/seven"),
        ("company", "GET", CW + "/company/companies?conditions=a", None,
         CW + "/company/companies?pageSize=x"),
    ]),
}


@slow
@pytest.mark.parametrize("name", VENDORS)
def test_a_description_judges_each_operation_on_the_wire(ca, name):
    how, headers, operations = VENDORS[name]
    with Prism(ca, need.shared("specs/" + name), **how) as vendor:
        vendor.relay.always(faults.instead(200, {"canned": True}))

        def judged(method, path, body):
            vendor.relay.seen.clear()
            text = None if body is None else json.dumps(body)
            connection = connect(vendor.relay, ca.cert, timeout=30)
            connection.request(method, path, text, {**headers, "Content-Type": "application/json"} if text else headers)
            connection.getresponse().read()
            return vendor.complaints()

        for what, method, path, right, wrong in operations:
            assert judged(method, path, right) == [], what
            assert json.loads(vendor.relay.seen[0].answer) == {"canned": True}, what
            assert judged(method, wrong, None) if isinstance(wrong, str) else judged(method, path, wrong), what
