"""Signed actions (section 6), with the signature as Python's `hmac` makes it."""

import datetime
import hashlib
import hmac
import json
import signal

import pytest

from harness import binary
from harness.client import code_of
from harness.configuration import configuration
from harness.patience import wait_until

SIGNED = ["system.ping", "print.publish", "file.delete", "system.whoami"]


def timestamp(offset=0):
    now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=offset)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signature(key, id, timestamp, channel, action, data_text):
    digest = hashlib.sha256(data_text.encode()).hexdigest()
    text = "\n".join([id, timestamp, channel, action, digest])
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed(client, channel, action, data_text="{}", *, id=None, offset=0, key=None, signature_=None, drop=()):
    """The text of a signed command; what is given by name takes the place of what is right."""
    id = id or f"s{next(client.ids)}"
    time = timestamp(offset)
    value = signature(key or client.session["signing_key"], id, time, channel, action, data_text)
    members = {
        "type": '"command"',
        "id": json.dumps(id),
        "timestamp": json.dumps(time),
        "channel": json.dumps(channel),
        "action": json.dumps(action),
        "data": data_text,
        "auth": json.dumps({"token": client.session["token"], "signature": value if signature_ is None else signature_}),
    }
    return id, "{" + ",".join(f'"{name}":{text}' for name, text in members.items() if name not in drop) + "}"


def outcome(client, *arguments, **options):
    """`ok`, or the error's code."""
    id, text = signed(client, *arguments, **options)
    client.send(text)
    response = client.response(id)
    return "ok" if response["status"] == "ok" else code_of(response)


@pytest.fixture(scope="module")
def server(start_shared):
    return start_shared(configuration(SignedActions=SIGNED, SignatureWindow=5), keys=[("reader", "print:subscribe")])


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


def test_a_signed_command_is_done(client):
    assert outcome(client, "system", "ping") == "ok"
    assert outcome(client, "print", "publish", '{"action": "a",\n "data": {"n": 1e2, "ü": "\\u00fc"}}') == "ok"
    assert outcome(client, "system", "ping", drop=("data",)) == "ok", "absent data counts as {}"
    assert outcome(client, "system", "ping", id="ünï → 1") == "ok", "the decoded id"


@pytest.mark.parametrize(("channel", "action"), [name.split(".") for name in SIGNED])
def test_without_a_signature(client, channel, action):
    assert client.error(channel, action, {"action": "a"}) == "authentication.signature_required"
    client.ok("system", "channels")


def test_an_action_that_is_not_listed_needs_none(client):
    client.ok("system", "refresh")
    client.subscribe("print", "a")


@pytest.mark.parametrize(
    "spoiled",
    [
        {"signature_": "0" * 64},
        {"signature_": ""},
        {"signature_": "x" * 5000},
        {"key": "another key"},
    ],
    ids=["zeros", "empty", "long", "another key"],
)
def test_a_wrong_signature(client, spoiled):
    assert outcome(client, "system", "ping", **spoiled) == "authentication.signature_invalid"
    assert outcome(client, "system", "ping") == "ok"


def test_a_signature_in_upper_case_is_another_text(client):
    id, text = signed(client, "system", "ping")
    message = json.loads(text)
    message["auth"]["signature"] = message["auth"]["signature"].upper()
    client.send(message)
    assert code_of(client.response(id)) == "authentication.signature_invalid"


@pytest.mark.parametrize("offset", [-7, 7, -86400, 86400])
def test_a_time_stamp_outside_of_the_window(client, offset):
    assert outcome(client, "system", "ping", offset=offset) == "authentication.timestamp"


def test_the_time_stamp_is_looked_at_before_the_signature(client):
    assert outcome(client, "system", "ping", offset=-60, signature_="0" * 64) == "authentication.timestamp"


def test_a_signed_command_needs_its_time_stamp(client):
    assert outcome(client, "system", "ping", drop=("timestamp",)) == "protocol.missing_field"


def test_the_permission_is_asked_before_the_signature(server):
    with server.client("reader") as client:
        assert outcome(client, "print", "publish", '{"action":"a"}', signature_="0" * 64) == "authentication.forbidden"
        assert client.error("file", "delete", {"path": "a"}) == "authentication.forbidden"


def test_a_command_is_not_done_twice(server, client):
    before = server.metrics().value("events_published_total", channel="print")
    id, text = signed(client, "print", "publish", '{"action":"once"}')
    client.send(text)
    assert client.response(id)["status"] == "ok"
    for _ in range(3):
        client.send(text)
        assert code_of(client.response(id)) == "authentication.replayed"
    assert outcome(client, "print", "publish", '{"action":"once"}', id=id) == "authentication.replayed"
    metrics = server.metrics()
    assert metrics.value("events_published_total", channel="print") == before + 1
    assert metrics.value("errors_total", category="authentication", code="replayed") >= 4


def test_a_recorded_command_opens_nothing_elsewhere(server, client):
    id, text = signed(client, "system", "ping")
    with server.client() as other:
        message = json.loads(text)
        message["auth"]["token"] = other.session["token"]
        other.send(message)
        assert code_of(other.response(id)) == "authentication.signature_invalid"
    client.send(text)
    assert client.response(id)["status"] == "ok"


def test_a_reload_changes_the_list(start_server):
    server = start_server(configuration())
    with server.client() as client:
        client.ok("system", "ping")
        server.settings["SignedActions"] = ["system.ping"]
        server.write_configuration()
        server.signal(signal.SIGHUP)
        wait_until(lambda: client.request("system", "ping")["status"] == "error", "the new list")
        assert client.error("system", "ping") == "authentication.signature_required"
        assert outcome(client, "system", "ping") == "ok"


def test_the_command_line_signs(server):
    arguments = ["publish", server.url(), "--key", server.admin.token, "--channel", "print", "--action", "a"]
    plain = binary.run(*arguments)
    assert plain.returncode == 1 and "signature" in plain.stderr
    result = binary.run(*arguments, "--sign", "print.publish")
    assert result.returncode == 0, result.stderr
    assert binary.run(*arguments, "--sign", "print").returncode == 64
