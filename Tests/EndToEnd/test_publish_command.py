"""`hydrogen publish`: one event, from a shell."""

import json
import subprocess

import pytest

from harness import binary
from harness.patience import PATIENCE


def publish(server, *arguments, status=0, stdin="", identity="admin"):
    result = subprocess.run(
        [str(binary.BINARY), "publish", server.url(), *map(str, arguments)], input=stdin,
        capture_output=True, text=True, timeout=60 * PATIENCE, check=False,
        env=binary.environment(HYDROGEN_KEY=server.keys[identity].token),
    )  # fmt: skip
    assert result.returncode == status, f"{result.returncode}\n{result.stdout}{result.stderr}"
    return json.loads(result.stdout) if status == 0 else result.stderr


def on(name, *more):
    return ("--channel", "print", "--action", name, *more)


def test_the_event_arrives(server, name, tmp_path):
    file = tmp_path / "data.json"
    file.write_text(' {"from": "a file"}\n')
    with server.client() as client:
        client.subscribe("print", name)
        sent = publish(server, *on(name, "--data", '{"n": 1.50}', "--count", "--priority", "high"))
        event = client.event()
        assert sent == {"event": event["id"], "receivers": 1}
        assert event["priority"] == "high"
        assert event["data"] == {"n": 1.5}
        publish(server, *on(name, "--data", f"@{file}"))
        assert client.event()["data"] == {"from": "a file"}
        publish(server, *on(name, "--data", "-"), stdin='{"from": "a pipe"}')
        assert client.event()["data"] == {"from": "a pipe"}
        assert "receivers" not in publish(server, *on(name))
        assert client.event()["data"] == {}


def test_a_retained_event_waits_for_subscribers(server, name):
    publish(server, *on(name, "--retain", "--data", '{"n": 1}'))
    with server.client() as client:
        client.subscribe("print", name)
        event = client.event()
        assert (event["data"], event["retained"]) == ({"n": 1}, True)


def test_a_key_publishes_once(server, name):
    with server.client() as client:
        client.subscribe("print", name)
        first = publish(server, *on(name, "--publish-key", f"{name}-1"))
        assert publish(server, *on(name, "--publish-key", f"{name}-1")) == first
        assert publish(server, *on(name, "--publish-key", f"{name}-2")) != first
        assert client.event()["id"] == first["event"]
        assert client.event()["id"] != first["event"]


def test_it_reaches_whom_it_is_for(server, name):
    with server.client("alice") as alice, server.client("bob") as bob:
        for client in (alice, bob):
            client.subscribe("print", name)
        assert publish(server, *on(name, "--count", "--identity", "alice"))["receivers"] == 1
        alice.event()
        assert publish(server, *on(name, "--count", "--session", bob.session["session"]))["receivers"] == 1
        bob.event()
        assert publish(server, *on(name, "--count", "--all"))["receivers"] >= 2
        assert alice.event()["action"] == bob.event()["action"] == name


def test_what_the_server_refuses_ends_with_1(server, name):
    assert "authentication.forbidden" in publish(server, *on(name), identity="listener", status=1)
    assert "authentication.forbidden" in publish(server, *on(name, "--all"), identity="alice", status=1)
    assert "too long" in publish(server, *on(name, "--data", json.dumps({"a": "x" * 70_000})), status=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--channel", "print"),
        ("--channel", "Print", "--action", "a"),
        ("--channel", "print", "--action", "a..b"),
        ("--channel", "print", "--action", "a", "--data", "[1]"),
        ("--channel", "print", "--action", "a", "--data", "{"),
        ("--channel", "print", "--action", "a", "--priority", "top"),
        ("--channel", "print", "--action", "a", "--publish-key", ""),
        ("--channel", "print", "--action", "a", "--publish-key", "x" * 129),
        ("--channel", "print", "--action", "a", "--all", "--identity", "b"),
        ("--channel", "print", "--action", "a", "--timeout", "0"),
    ],
)
def test_wrong_usage_ends_with_64(server, arguments):
    publish(server, *arguments, status=64)
