"""Tokens in messages (section 2), permissions (section 7), and the `key` commands (section 13)."""

import datetime
import json
import re
import signal
import stat

import pytest

from harness import binary
from harness.client import code_of
from harness.configuration import configuration
from harness.keys import create_key, revoke_key, stored_keys


@pytest.fixture(scope="module")
def alice(server):
    with server.client("alice") as client:
        yield client


# Tokens in messages


def test_a_command_with_the_session_token(alice):
    alice.ok("system", "ping", auth={"token": alice.session["token"]})


def test_a_command_with_the_key(server, alice):
    alice.ok("system", "ping", auth={"token": server.keys["alice"].token})


def test_a_command_with_the_key_that_came_by_subprotocol(server):
    with server.client("alice", header=False) as client:
        client.ok("system", "ping", auth={"token": server.keys["alice"].token})
        client.ok("system", "ping")


@pytest.mark.parametrize("auth", [None, {}, {"other": "00"}])
def test_a_command_without_a_token(alice, auth):
    assert alice.error("system", "ping", auth=auth) == "authentication.missing"
    alice.ok("system", "ping")


@pytest.mark.parametrize("token", ["", "wrong", "hk_" + "A" * 43, "x" * 1000])
def test_a_command_with_a_wrong_token(server, alice, token):
    before = server.metrics().value("errors_total", category="authentication", code="invalid")
    assert alice.error("system", "ping", auth={"token": token}) == "authentication.invalid"
    alice.ok("system", "ping")
    after = server.metrics().value("errors_total", category="authentication", code="invalid")
    assert after == before + 1


def test_a_command_with_the_token_of_another(server, alice):
    assert alice.error("system", "ping", auth={"token": server.keys["bob"].token}) == "authentication.invalid"
    with server.client("alice") as other:
        token = other.session["token"]
        assert alice.error("system", "ping", auth={"token": token}) == "authentication.invalid"


def test_an_ack_needs_a_token_too(alice):
    alice.send({"type": "ack", "id": "x"})
    response = alice.receive()
    assert code_of(response) == "authentication.missing"
    alice.send({"type": "ack", "id": "x", "auth": {"token": "wrong"}})
    assert code_of(alice.receive()) == "authentication.invalid"
    alice.send({"type": "ack", "id": "x", "auth": {"token": alice.session["token"]}})
    alice.ok("system", "ping")


def test_a_malformed_command_says_so_before_the_token_is_looked_at(alice):
    alice.send({"type": "command", "id": "one", "channel": "system", "auth": {"token": "wrong"}})
    assert code_of(alice.receive()) == "protocol.missing_field"


def test_the_token_is_looked_at_before_the_permission(server):
    with server.client("nobody") as client:
        assert client.error("print", "publish", {"action": "a"}, auth=None) == "authentication.missing"


def test_the_connection_can_be_enough(start_server):
    server = start_server(configuration(MessageAuth="connection"))
    with server.client() as client:
        client.ok("system", "ping", auth=None)
        client.send({"type": "ack", "id": "x"})
        client.ok("system", "whoami", auth=None)


def test_tokens_differ(server):
    with server.client() as first, server.client() as second:
        assert first.session["token"] != second.session["token"]
        assert first.session["session"] != second.session["session"]
        assert first.session["signing_key"] != second.session["signing_key"]


# Permissions


@pytest.mark.parametrize(
    ("identity", "channel", "action", "data", "allowed"),
    [
        ("nobody", "weather", "subscribe", {"topic": "**"}, True),
        ("nobody", "stocks", "subscribe", {"topic": "**"}, False),
        ("nobody", "weather", "publish", {"action": "a"}, False),
        ("nobody", "system", "status", {}, False),
        ("nobody", "system", "ping", {}, True),
        ("nobody", "system", "whoami", {}, True),
        ("nobody", "system", "channels", {}, True),
        ("nobody", "print", "unsubscribe", {"topic": "**"}, True),
        ("listener", "print", "subscribe", {"topic": "**"}, True),
        ("listener", "system", "subscribe", {"topic": "**"}, True),
        ("listener", "file", "list", {"path": ""}, False),
        ("printer", "print", "publish", {"action": "a"}, True),
        ("printer", "print", "subscribe", {"topic": "a"}, True),
        ("printer", "weather", "publish", {"action": "a"}, False),
        ("admin", "system", "status", {}, True),
        ("alice", "system", "status", {}, False),
    ],
)
def test_permission(server, identity, channel, action, data, allowed):
    with server.client(identity) as client:
        response = client.request(channel, action, data)
        if allowed:
            assert response["status"] == "ok", response
        else:
            assert code_of(response) == "authentication.forbidden"


@pytest.mark.parametrize(("channel", "action"), [("nowhere", "ping"), ("print", "nothing"), ("system", "nothing"), ("file", "nothing")])
def test_what_does_not_exist_is_forbidden_too(server, channel, action):
    with server.client("nobody") as client:
        assert client.error(channel, action) == "authentication.forbidden"


@pytest.mark.parametrize(
    ("channel", "action", "code"),
    [
        ("nowhere", "ping", "application.unknown_channel"),
        ("nowhere", "subscribe", "application.unknown_channel"),
        ("nowhere", "publish", "application.unknown_channel"),
        ("system", "nothing", "application.unknown_action"),
        ("print", "nothing", "application.unknown_action"),
        ("network", "ping", "application.unknown_action"),
        ("weather", "ping", "application.unknown_action"),
        ("print", "resume", "application.unknown_action"),
        ("file", "refresh", "application.unknown_action"),
    ],
)
def test_with_permission_what_does_not_exist_is_named(server, channel, action, code):
    with server.client() as client:
        assert client.error(channel, action, {"topic": "**", "action": "a"}) == code


# The key file and its commands


def test_create_prints_the_token_alone(tmp_path):
    file = tmp_path / "keys.json"
    result = binary.run("key", "create", "--identity", "farm", "--permit", "print:*", "--permit", "system:status", "--keys", file)
    assert result.returncode == 0
    assert re.fullmatch(r"hk_[A-Za-z0-9_-]{43}\n", result.stdout)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    assert result.stdout.strip() not in text
    assert result.stdout.strip()[3:] not in text
    (entry,) = stored_keys(file)
    assert entry["identity"] == "farm"
    assert entry["permissions"] == ["print:*", "system:status"]
    assert entry["id"]


def test_the_file_holds_the_hash_of_the_token(tmp_path):
    import base64
    import hashlib

    file = tmp_path / "keys.json"
    key = create_key(file, "farm", "*:*")
    digest = hashlib.sha256(key.token.encode()).digest()
    forms = (digest.hex(), base64.b64encode(digest).decode(), base64.urlsafe_b64encode(digest).decode().rstrip("="))
    assert any(form in file.read_text() for form in forms)


def test_create_adds_to_the_file(tmp_path):
    file = tmp_path / "keys.json"
    tokens = {create_key(file, f"identity{number}", "*:*").token for number in range(3)}
    assert len(tokens) == 3
    assert [entry["identity"] for entry in stored_keys(file)] == ["identity0", "identity1", "identity2"]
    assert len({entry["id"] for entry in stored_keys(file)}) == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_create_finds_the_file_by_the_configuration(tmp_path):
    settings = tmp_path / "configuration.json"
    settings.write_text(json.dumps({"WebSocketServer": configuration(KeysPath="secret/keys.json")}))
    (tmp_path / "secret").mkdir()
    result = binary.run("key", "create", "--identity", "farm", "--permit", "*:*", "--config", settings, cwd="/")
    assert result.returncode == 0, result.stderr
    assert stored_keys(tmp_path / "secret" / "keys.json")[0]["identity"] == "farm"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--permit", "*:*"],
        ["--identity", "farm"],
        ["--identity", "farm", "--permit", "print"],
        ["--identity", "farm", "--permit", "Print:*"],
        ["--identity", "farm", "--permit", "*:*", "--expires", "tomorrow"],
        ["--identity", "", "--permit", "*:*"],
    ],
    ids=["no identity", "no permission", "no colon", "upper case", "no date", "empty identity"],
)
def test_create_refuses_bad_arguments(tmp_path, arguments):
    result = binary.run("key", "create", *arguments, "--keys", tmp_path / "keys.json")
    assert result.returncode in (1, 64)
    assert result.stdout == ""
    assert not (tmp_path / "keys.json").exists()


def test_an_expiry_in_the_past_is_a_warning(tmp_path):
    file = tmp_path / "keys.json"
    result = binary.run("key", "create", "--identity", "old", "--permit", "*:*", "--expires", "2020-01-01T00:00:00Z", "--keys", file)
    assert result.returncode == 0
    assert "warning" in result.stderr.lower()
    assert result.stdout.startswith("hk_")


def test_list_shows_no_token_and_no_hash(tmp_path):
    file = tmp_path / "keys.json"
    key = create_key(file, "farm", "print:*", "system:status")
    result = binary.run("key", "list", "--keys", file)
    assert result.returncode == 0
    assert "farm" in result.stdout and "print:*" in result.stdout and "system:status" in result.stdout
    assert key.token not in result.stdout
    assert stored_keys(file)[0]["id"] in result.stdout


def test_revoke_by_identity_and_by_id(tmp_path):
    file = tmp_path / "keys.json"
    for identity in ("one", "two"):
        create_key(file, identity, "*:*")
    revoke_key(file, "one")
    revoke_key(file, stored_keys(file)[1]["id"])
    assert all(entry["revoked"] for entry in stored_keys(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert binary.run("key", "revoke", "nobody", "--keys", file).returncode == 1


# Keys at the handshake


def attempt(server, token):
    with server.raw() as client:
        response = client.upgrade(token)
        return response.status, None if response.status == 101 else response.error()


def test_expired_and_revoked_keys_are_told_so(start_server):
    server = start_server(ready=False, keys=[("leaver", "*:*")])
    expired = create_key(server.keys_file, "old", "*:*", expires="2020-01-01T00:00:00Z")
    future = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    lasting = create_key(server.keys_file, "lasting", "*:*", expires=future)
    revoke_key(server.keys_file, "leaver")
    server.secrets |= {expired.token, lasting.token}
    server.start()
    assert attempt(server, expired.token) == (401, "authentication.expired")
    assert attempt(server, server.keys["leaver"].token) == (401, "authentication.revoked")
    assert attempt(server, lasting.token) == (101, None)
    metrics = server.metrics()
    assert metrics.value("handshakes_rejected_total", code="authentication.expired") == 1
    assert metrics.value("handshakes_rejected_total", code="authentication.revoked") == 1


def test_a_key_that_expires_while_connected_closes_with_4401(start_server):
    server = start_server(ready=False)
    expiry = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    server.keys["brief"] = create_key(server.keys_file, "brief", "*:*", expires=expiry)
    server.secrets.add(server.keys["brief"].token)
    server.start()
    with server.client("brief") as client, server.client() as other:
        client.ok("system", "ping")
        assert client.closed(15) == (4401, "authentication.expired")
        other.ok("system", "ping")
    assert attempt(server, server.keys["brief"].token) == (401, "authentication.expired")


def soon(seconds):
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_new_key_prolongs_the_connection(start_server):
    server = start_server(ready=False)
    brief = create_key(server.keys_file, "device", "print:*", expires=soon(5))
    lasting = create_key(server.keys_file, "device", "print:subscribe", expires=soon(3600))
    server.secrets |= {brief.token, lasting.token}
    server.keys["brief"] = brief
    server.start()
    with server.client("brief") as prolonged, server.client("brief") as other:
        session = prolonged.session["session"]
        prolonged.session["token"] = prolonged.ok("system", "refresh", {"key": lasting.token})["token"]
        server.secrets.add(prolonged.session["token"])
        assert other.closed(20) == (4401, "authentication.expired")
        me = prolonged.ok("system", "whoami")
        assert (me["session"], me["permissions"]) == (session, ["print:subscribe"]), "what the new key permits holds"
        assert prolonged.error("print", "publish", {"action": "a"}) == "authentication.forbidden"
        revoke_key(server.keys_file, stored_keys(server.keys_file)[-1]["id"])
        server.signal(signal.SIGHUP)
        assert prolonged.closed() == (4401, "authentication.revoked")


def test_refusals_of_keys_tell_nothing_more(server):
    """Whoever guesses learns the same from every guess: status, headers and body of one refusal are those of any other."""
    answers = set()
    for token in ("x", "hk_" + "A" * 43, server.admin.token[:-1], server.admin.token[:-1] + "!", "hk_" + "A" * 500):
        with server.raw() as client:
            response = client.upgrade(token)
            headers = {name: value for name, value in response.headers.items() if name.lower() != "date"}
            answers.add((response.status, json.dumps(headers, sort_keys=True), response.body))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 401


def test_subscriptions_end_with_their_permission(start_server):
    server = start_server(ready=False)
    wide = create_key(server.keys_file, "device", "*:subscribe")
    narrow = create_key(server.keys_file, "device", "print:subscribe")
    server.secrets |= {wide.token, narrow.token}
    server.keys["wide"] = wide
    server.start()
    with server.client("wide") as client, server.client() as publisher:
        for channel in ("print", "network"):
            client.subscribe(channel, "**")
        client.session["token"] = client.ok("system", "refresh", {"key": narrow.token})["token"]
        server.secrets.add(client.session["token"])
        assert publisher.publish("network", "a", count=True)["receivers"] == 0
        assert publisher.publish("print", "a", count=True)["receivers"] == 1
        assert client.event()["channel"] == "print"
        assert client.error("network", "subscribe", {"topic": "**"}) == "authentication.forbidden"
