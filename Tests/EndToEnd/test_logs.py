"""The log: one line per connection, every field escaped, and never a secret."""

import json
import re
import socket

import pytest

from harness.client import key_subprotocol
from harness.configuration import configuration
from harness.patience import wait_until


def record_with(server, text):
    """The records in which a text occurs."""
    return [record for record in server.log_records() if text in json.dumps(record)]


@pytest.fixture
def talkative(start_server):
    return start_server(configuration(Log={"Level": "trace"}))


def test_every_line_is_json(talkative):
    with talkative.client() as client:
        client.ok("system", "ping")
        client.error("system", "nothing")
    with talkative.raw() as raw:
        raw.upgrade("hk_wrong")
    talkative.wait_metric(lambda metrics: metrics.total("connections") == 0, "all gone")
    lines = [line for line in talkative.log_text().splitlines() if line]
    assert len(lines) >= 4
    for line in lines:
        record = json.loads(line)
        assert {"timestamp", "level", "message"} <= set(record), line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", record["timestamp"]), line
        assert record["level"] in ("trace", "debug", "info", "notice", "warning", "error", "critical")


def test_a_connection_opened_and_closed(start_server):
    server = start_server(keys=[("alice", "*:*")])
    with server.client("alice") as client:
        for _ in range(3):
            client.ok("system", "ping")
        session = client.session["session"]
    server.wait_metric(lambda metrics: metrics.value("contexts_freed_total") == 1, "freed")
    about = [record for record in server.log_records() if record.get("identity") == "alice"]
    opened = [record for record in about if "open" in record["message"].lower()]
    closed = [record for record in about if "close" in record["message"].lower()]
    assert (len(opened), len(closed)) == (1, 1), about
    assert closed[0]["code"] in (1000, "1000")
    text = json.dumps(closed[0])
    assert "duration" in text and "messages" in text
    assert session in json.dumps(about) or "session" not in json.dumps(about)


def test_a_refusal_has_one_line(start_server):
    server = start_server()
    with server.raw() as raw:
        raw.upgrade("hk_wrong")
    server.wait_metric(lambda metrics: metrics.value("contexts_freed_total") == 1, "freed")
    assert len(record_with(server, "authentication.invalid")) == 1


EVIL = 'a"b\\c{}\x7f\x01'


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_a_peer_sends_cannot_write_lines(start_server, form):
    server = start_listening(start_server, AllowedOrigins=["https://a.example"], Log={"Format": form})
    with server.raw() as raw:
        raw.upgrade(server.admin.token, Origin=f"http://{EVIL}\xff")
    with server.raw() as raw:
        raw.upgrade(server.admin.token, target='/%0a{"level":"info","message":"forged"}')
    with server.client() as client:
        client.request("system", "ping", id='line\\n{"message":"forged"}')
        client.close(4000, 'reason "forged"\u2028')
    server.wait_metric(lambda metrics: metrics.total("connections") == 0, "all gone")
    for line in server.log_text().splitlines():
        if form == "json":
            assert json.loads(line)["message"] != "forged"
        else:
            assert not line.startswith("{") and line.strip(), line
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", server.log_text())


def test_no_secret_at_any_level(talkative):
    # `Server.finish` looks for every secret in the log; here they are all shown to the server in every way.
    token = talkative.admin.token
    with talkative.client(header=False) as client:
        client.ok("system", "ping", auth={"token": token})
        client.error("system", "ping", auth={"token": token + "x"})
        client.send("{" + token)
        client.receive()
    with talkative.raw() as raw:
        raw.upgrade(token, target=f"/?key={token}")
    with talkative.raw() as raw:
        raw.upgrade(None, target=f"/{token}")
    with talkative.raw() as raw:
        raw.upgrade(None, subprotocols=("other", key_subprotocol(token)))
    with talkative.raw() as raw:
        raw.upgrade(token + "x")
    talkative.wait_metric(lambda metrics: metrics.total("connections") == 0, "all gone")
    encoded = key_subprotocol(token).removeprefix("hydrogen.key.")
    talkative.secrets.add(encoded)


@pytest.mark.parametrize("level", ["error", "critical"])
def test_the_level_is_kept(start_server, level):
    server = start_listening(start_server, Log={"Level": level})
    with server.client() as client:
        client.ok("system", "ping")
    assert server.log_text() == ""


def start_listening(start_server, **changes):
    """A server whose log cannot be asked for its ports: they are chosen here."""
    ports = free_port(), free_port()
    server = start_server(configuration(Port=ports[0], Metrics={"Port": ports[1]}, **changes), ready=False)
    server.launch()
    server.address, server.http_address = ("127.0.0.1", ports[0]), ("127.0.0.1", ports[1])

    def ready():
        try:
            return server.get("/-/ready").status == 200
        except OSError:
            return False

    wait_until(ready, "ready")
    return server


def free_port():
    """A port that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
