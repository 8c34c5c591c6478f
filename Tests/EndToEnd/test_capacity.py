"""`MaxConnections`, exact over all loops, `MaxHandshakes` (section 1), and what a loop may hold (4503)."""

import contextlib
import json
import threading

import pytest

from harness.configuration import configuration
from harness.patience import wait_until
from harness.raw import CONTINUATION, TEXT


@pytest.mark.parametrize("loops", [1, 2])
def test_the_number_of_connections_is_exact(start_server, loops):
    server = start_server(configuration(MaxConnections=10, ThreadPoolSize=loops))
    with contextlib.ExitStack() as stack:
        raws = [stack.enter_context(server.raw()) for _ in range(30)]
        start = threading.Barrier(len(raws))
        answers = []

        def attempt(raw):
            start.wait()
            answers.append((raw, raw.upgrade(server.admin.token)))

        threads = [threading.Thread(target=attempt, args=(raw,)) for raw in raws]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        accepted = [raw for raw, answer in answers if answer.status == 101]
        refused = [answer for _, answer in answers if answer.status != 101]
        assert len(accepted) == 10
        assert len(refused) == 20
        assert {(answer.status, answer.error()) for answer in refused} == {(503, "connection.capacity")}
        metrics = server.metrics()
        assert metrics.value("handshakes_rejected_total", code="connection.capacity") == 20
        assert metrics.value("connections", state="connected") == 10

        # Each one that leaves makes room for one.
        for raw in accepted[:3]:
            raw.reset()
        server.wait_metric(lambda metrics: metrics.value("connections", state="connected") == 7, "three left")
        statuses = []
        for _ in range(5):
            raw = stack.enter_context(server.raw())
            statuses.append(raw.upgrade(server.admin.token).status)
        assert statuses == [101, 101, 101, 503, 503]


def test_a_refused_handshake_takes_no_place(start_server):
    server = start_server(configuration(MaxConnections=2))
    for _ in range(10):
        with server.raw() as raw:
            assert raw.upgrade("hk_wrong").status == 401
    with server.client() as first, server.client() as second:
        first.ok("system", "ping")
        second.ok("system", "ping")


def test_a_key_is_checked_before_the_capacity(start_server):
    server = start_server(configuration(MaxConnections=1))
    with server.client(), server.raw() as raw:
        assert raw.upgrade("hk_wrong").status == 401


def test_handshakes_in_progress_are_bounded(start_server):
    server = start_server(configuration(MaxHandshakes=30, ThreadPoolSize=1, HandshakeTimeout=60))
    with contextlib.ExitStack() as stack:
        raws = [stack.enter_context(server.raw(timeout=0.05)) for _ in range(12)]
        # A tenth of them per address: three may stay, nine are closed at accept.
        server.wait_metric(lambda metrics: metrics.value("connections", state="connecting") == 3, "three are left")

        def ended():
            return sum(raw.at_end() for raw in raws)

        wait_until(lambda: ended() == 9, "the others are closed")
        for raw in raws:
            raw.close()
    server.wait_metric(lambda metrics: metrics.value("connections", state="connecting") == 0, "none is left")
    with server.client() as client:
        client.ok("system", "ping")


def test_a_finished_handshake_counts_no_more(start_server):
    server = start_server(configuration(MaxHandshakes=10, ThreadPoolSize=1))
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(server.client()).ok("system", "ping")


def test_connections_are_spread_over_the_loops(start_server):
    server = start_server(configuration(ThreadPoolSize=2))
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(server.client())
        assert server.metrics().value("connections", state="connected") == 60
        metrics = server.metrics()
        assert {labels["loop"] for labels in metrics.labels("loop_mailbox_messages")} == {"0", "1"}
        assert all(metrics.value("loop_iteration_seconds_count", loop=loop) > 0 for loop in ("0", "1"))


def test_beyond_what_a_loop_may_hold_the_youngest_goes(start_server):
    # 16 times the send queue of a connection: 17 unfinished messages of 61,000 bytes are within it, 18 are not.
    server = start_server(configuration(ThreadPoolSize=1, MaxConnections=100, Delivery={"MaxSendQueueBytes": 65536}))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.raw_client()) for _ in range(20)]

        def begin(client, count):
            received = server.metrics().value("received_bytes_total")
            client.send_frame(TEXT, b" " * count, final=False)
            server.wait_metric(lambda metrics: metrics.value("received_bytes_total") == received + count, "received")

        begin(clients[19], 61000)
        for client in clients[:16]:
            begin(client, 61000)
        assert server.metrics().value("errors_total", category="connection", code="overload") == 0
        begin(clients[16], 61000)
        assert clients[19].read_close() == (4503, "connection.overload")
        # In the middle of its message it takes less than the others: the youngest of those goes.
        begin(clients[17], 61000)
        assert clients.pop(16).read_close() == (4503, "connection.overload")
        # Those who stay are served: an unfinished message too.
        command = {"type": "command", "id": "1", "channel": "system", "action": "ping", "auth": {"token": server.admin.token}}
        for client in clients[:17]:
            client.send_frame(CONTINUATION, json.dumps(command).encode())
            assert client.read_message()["status"] == "ok"
        metrics = server.metrics()
        assert metrics.value("errors_total", category="connection", code="overload") == 2
        assert metrics.value("connections", state="connected") == 18
    server.wait_metric(lambda metrics: metrics.value("connections_closed_total", code="4503") == 2, "closed")
