"""The first event, the built-in actions of channel `system`, and the status document (sections 3 and 5)."""

import base64
import re

import pytest

from harness.client import TIMESTAMP
from harness.configuration import configuration


def test_the_first_message_is_the_session(server):
    with server.client("alice") as client:
        session = client.session
        assert set(session) == {
            "session", "token", "signing_key", "resumed", "offset", "identity", "heartbeat_interval_ms",
            "idle_timeout_ms", "resume_window_ms", "max_message_bytes", "server", "node", "protocol",
        }  # fmt: skip
        assert session["resumed"] is False
        assert session["offset"] == 0
        assert session["identity"] == "alice"
        assert session["protocol"] == 1
        assert session["node"] == "test-node"
        assert session["heartbeat_interval_ms"] == 25000
        assert session["idle_timeout_ms"] == 300000
        # 0 says that nothing can be resumed, which is so until it is built.
        assert session["resume_window_ms"] in (0, 120000)
        assert session["max_message_bytes"] == 65536
        assert isinstance(session["server"], str) and session["server"]
        assert len(base64.urlsafe_b64decode(session["signing_key"] + "=")) == 32
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", session["signing_key"])
        assert len(session["token"]) >= 43
        assert len(session["session"]) >= 16


def test_the_session_tells_what_is_configured(start_server):
    server = start_server(
        configuration(HeartbeatInterval=1.5, IdleTimeout=60.25, MaxMessageBytes=4096, Session={"ResumeWindow": 7.001})
    )
    with server.client() as client:
        session = client.session
        assert session["heartbeat_interval_ms"] == 1500
        assert session["idle_timeout_ms"] == 60250
        assert session["resume_window_ms"] == 7001
        assert session["max_message_bytes"] == 4096


@pytest.mark.parametrize("data", [None, {}, {"text": "hello", "list": [1, 2, {"a": None}]}])
def test_ping_gives_back_what_it_got(server, data):
    with server.client() as client:
        assert client.ok("system", "ping", data) == (data or {})


def test_whoami(server):
    with server.client("printer") as client:
        assert client.ok("system", "whoami") == {
            "identity": "printer",
            "permissions": ["print:*"],
            "session": client.session["session"],
        }


def test_channels_advertises_what_there_is(server):
    with server.client() as client:
        channels = client.ok("system", "channels")
        text = str(channels)
        for channel in ("system", "print", "network", "file", "weather", "stocks"):
            assert f"'{channel}'" in text, channel
        for action in ("ping", "whoami", "channels", "status", "resume", "refresh", "subscribe", "publish", "list"):
            assert f"'{action}'" in text, action


def check_status(document):
    assert set(document) == {
        "server_running", "memory_usage", "cpu_load", "thread_count", "server", "connections", "sessions", "messages",
        "errors", "process",
    }  # fmt: skip
    assert document["server_running"] is True
    assert document["memory_usage"] > 1_000_000
    assert document["cpu_load"] >= 0
    assert document["thread_count"] >= 2
    assert set(document["server"]) == {"version", "node", "started_at", "uptime_s"}
    assert document["server"]["node"] == "test-node"
    assert TIMESTAMP.fullmatch(document["server"]["started_at"])
    assert document["server"]["uptime_s"] >= 0
    assert set(document["connections"]) == {"current", "total", "by_state"}
    assert set(document["connections"]["by_state"]) >= {"connecting", "connected", "zombie"}
    assert set(document["sessions"]) == {"live", "detached"}
    assert set(document["messages"]) == {"received", "sent"}
    assert set(document["errors"]) == {"connection", "protocol", "authentication", "application"}
    assert set(document["process"]) == {"cpu_s", "open_fds"}
    assert document["process"]["open_fds"] > 3


def test_status(server):
    with server.client() as client, server.client() as _:
        document = client.ok("system", "status")
        check_status(document)
        assert document["connections"]["current"] >= 2
        assert document["connections"]["total"] >= document["connections"]["current"]
        assert document["sessions"]["live"] >= 2
        assert document["messages"]["received"] >= 1


def test_status_update_comes_every_interval(start_server):
    server = start_server(configuration(StatusInterval=1))
    with server.client() as client, server.client() as other:
        client.subscribe("system", "status_update")
        updates = [client.event() for _ in range(3)]
        for update in updates:
            assert (update["channel"], update["action"]) == ("system", "status_update")
            check_status(update["data"])
        assert updates[0]["data"]["server"]["uptime_s"] < updates[2]["data"]["server"]["uptime_s"]
        assert updates[2]["data"]["connections"]["current"] == 2
        assert updates[2]["data"]["connections"]["by_state"]["connected"] == 2
        other.ok("system", "ping")
        assert not other.events, "nobody gets it unasked"


def test_status_update_needs_no_more_than_subscribe(start_server):
    server = start_server(configuration(StatusInterval=1), keys=[("listener", "*:subscribe")])
    with server.client("listener") as client:
        client.subscribe("system", "*")
        assert client.event()["action"] == "status_update"
