"""Heartbeats (STATE-MACHINE and section 12): pings, answers, revival, and peers that vanish."""

import json
import time

import pytest

from harness.configuration import configuration
from harness.patience import PATIENCE, PROMPTLY
from harness.raw import PING, PONG, TEXT

QUICK = {"HeartbeatInterval": 0.3, "HeartbeatTimeout": 1, "InactiveTimeout": 1, "IdleTimeout": 60}


@pytest.fixture
def quick(start_server):
    return start_server(configuration(**QUICK))


def test_a_ping_with_a_payload_comes_after_silence(quick):
    with quick.raw_client() as client:
        started = time.monotonic()
        ping = client.read_frame()
        assert ping.opcode == PING and ping.payload
        assert time.monotonic() - started >= 0.25
        client.send_frame(PONG, ping.payload)
        again = client.read_frame()
        assert again.opcode == PING
        client.send_frame(PONG, again.payload)
        metrics = quick.wait_metric(lambda metrics: metrics.value("heartbeat_rtt_seconds_count") == 2, "round trips")
        assert metrics.value("heartbeats_sent_total") >= 2
        assert metrics.value("heartbeats_missed_total") == 0
        assert metrics.value("connections_revived_total") == 0


def test_a_client_that_answers_pings_is_never_idle(start_server):
    server = start_server(
        configuration(HeartbeatInterval=0.1, HeartbeatTimeout=1, InactiveTimeout=1, IdleTimeout=2.1)
    )
    with server.client() as client:
        # The library answers pings by itself: silence of the application alone, for longer than IdleTimeout.
        server.wait_metric(lambda metrics: metrics.value("heartbeat_rtt_seconds_count") >= 25, "many round trips", 20 * PATIENCE)
        client.ok("system", "ping")
        assert server.metrics().value("heartbeats_missed_total") == 0


def test_messages_keep_a_connection_alive_without_pings(start_server):
    server = start_server(configuration(HeartbeatInterval=2 * PATIENCE, HeartbeatTimeout=1, InactiveTimeout=1))
    with server.client() as client:
        until = time.monotonic() + 3 * PATIENCE
        while time.monotonic() < until:
            client.ok("system", "ping")
            time.sleep(0.1)
        assert server.metrics().value("heartbeats_sent_total") == 0


def test_a_peer_that_vanishes_is_closed_and_freed(quick):
    with quick.raw_client() as client:
        started = time.monotonic()
        assert client.read_close() == (4408, "connection.idle")
        waited = time.monotonic() - started
        assert waited >= 2.2, "never early"
        assert waited < 2.3 + 3 * PATIENCE
    metrics = quick.wait_metric(lambda metrics: metrics.value("contexts_freed_total") == 1, "freed")
    assert metrics.value("connections_closed_total", code="4408") == 1
    assert metrics.value("errors_total", category="connection", code="idle") == 1
    assert metrics.value("heartbeats_missed_total") >= 1
    assert metrics.value("state_transitions_total", **{"from": "heartbeat", "to": "inactive"}) == 1
    assert metrics.value("state_transitions_total", **{"from": "inactive", "to": "closing"}) == 1


def test_a_vanished_peer_that_never_answers_the_close_is_freed_too(start_server):
    server = start_server(configuration(**QUICK, CloseTimeout=0.2))
    with server.raw_client() as client:
        metrics = server.wait_metric(lambda metrics: metrics.value("contexts_freed_total") == 1, "freed")
        assert metrics.value("connections_closed_total", code="4408") == 1
        assert client.at_end()


def test_inactive_pings_go_on_and_any_frame_revives(start_server):
    server = start_server(configuration(**QUICK | {"InactiveTimeout": 30}))
    with server.raw_client() as client:
        server.wait_metric(lambda metrics: metrics.value("connections", state="inactive") == 1, "inactive")
        pings = [client.read_frame() for _ in range(3)]
        assert {ping.opcode for ping in pings} == {PING}
        client.send_frame(PONG, pings[-1].payload)
        metrics = server.wait_metric(lambda metrics: metrics.value("connections_revived_total") == 1, "revived")
        assert metrics.value("heartbeats_missed_total") >= 1
        client.send_text(
            json.dumps(
                {"type": "command", "id": "a", "channel": "system", "action": "ping", "auth": {"token": client.session["token"]}}
            )
        )
        assert client.read_message()["status"] == "ok"


def test_inactive_gets_only_critical_and_high(start_server):
    server = start_server(configuration(**QUICK | {"InactiveTimeout": 30}))
    with server.raw_client() as client, server.client() as publisher:
        client.send_text(
            json.dumps(
                {
                    "type": "command", "id": "s", "channel": "print", "action": "subscribe", "data": {"topic": "*"},
                    "auth": {"token": client.session["token"]},
                }
            )
        )  # fmt: skip
        assert client.read_message()["status"] == "ok"
        server.wait_metric(lambda metrics: metrics.value("connections", state="inactive") == 1, "inactive")
        for priority in ("normal", "low", "high", "critical", "normal"):
            publisher.publish("print", priority, priority=priority)
        seen = []
        while len(seen) < 2:
            frame = client.read_frame()
            if frame.opcode == TEXT:
                seen.append(json.loads(frame.payload)["action"])
        assert sorted(seen) == ["critical", "high"]
        client.send_frame(PONG, b"back")
        server.wait_metric(lambda metrics: metrics.value("connections_revived_total") == 1, "revived")
        publisher.publish("print", "after")
        assert client.read_message()["action"] == "after"


def test_without_heartbeats_one_ping_asks_before_the_idle_timeout(start_server):
    server = start_server(configuration(HeartbeatInterval=0, HeartbeatTimeout=1, InactiveTimeout=1, IdleTimeout=3))
    with server.raw_client() as silent:
        started = time.monotonic()
        ping = silent.read_frame()
        assert ping.opcode == PING
        assert time.monotonic() - started >= 0.9, "only as the last check"
        assert silent.read_close() == (4408, "connection.idle")
        assert 2.9 <= time.monotonic() - started < 3 + PROMPTLY
    with server.client() as client:
        server.wait_metric(lambda metrics: metrics.value("heartbeat_rtt_seconds_count") >= 2, "answered twice", 20 * PATIENCE)
        client.ok("system", "ping")


def test_the_clients_own_pings_are_answered(quick):
    with quick.client() as client:
        for _ in range(5):
            assert client.socket.ping().wait(PROMPTLY)
