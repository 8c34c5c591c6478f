"""The suite's own raw client against the server of Python's `websockets`: what judges others is judged first."""

import socket
import threading
import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from harness.configuration import configuration
from harness.metrics import Metrics
from harness.patience import PROMPTLY, wait_until
from harness.raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawClient, frame
from harness.relay import TO_CLIENT, TO_SERVER, Relay


@pytest.fixture(scope="module")
def echo_server():
    closes = []

    def echo(connection):
        try:
            for message in connection:
                connection.send(message)
        except ConnectionClosed:
            pass
        closes.append((connection.close_code, connection.close_reason))

    with serve(echo, "127.0.0.1", 0, subprotocols=["hydrogen-protocol"], compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        server.closes = closes
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def raw(echo_server):
    with RawClient(echo_server.socket.getsockname()) as client:
        response = client.upgrade("token")
        assert response.status == 101
        assert response.headers["sec-websocket-protocol"] == "hydrogen-protocol"
        yield client


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_frames_of_every_length_form_come_back(raw, size):
    payload = bytes(index % 251 for index in range(size))
    raw.send_frame(BINARY, payload)
    received = raw.read_frame()
    assert (received.final, received.opcode, received.payload) == (True, BINARY, payload)


def test_fragments_and_control_frames_between_them(raw):
    raw.send_frame(TEXT, b"one ", final=False)
    raw.send_frame(PING, b"between")
    raw.send_frame(CONTINUATION, b"message")
    frames = [raw.read_frame(), raw.read_frame()]
    assert [(frame.opcode, frame.payload) for frame in frames] == [(PONG, b"between"), (TEXT, b"one message")]


def test_an_unmasked_frame_is_refused(raw):
    raw.send_frame(TEXT, b"bare", mask=False)
    assert raw.read_close()[0] == 1002


def test_invalid_utf8_is_refused(raw):
    raw.send_frame(TEXT, b"\xff")
    assert raw.read_close()[0] == 1007


def test_a_close_is_read_with_code_and_reason(raw):
    raw.send(frame(CLOSE, (4000).to_bytes(2, "big") + b"why"))
    assert raw.read_close() == (4000, "why")


def test_a_stream_that_ends_is_1006(raw):
    raw.send(b"\x00" * 1)
    raw.socket.shutdown(1)
    assert raw.read_close()[0] in (1002, 1006)


def test_configurations_merge():
    settings = configuration(Metrics={"Enabled": False}, Port=..., Node="other")
    assert settings["Metrics"] == {"Port": 0, "Enabled": False}
    assert "Port" not in settings and settings["Node"] == "other"


def test_the_laws_notice_a_lie():
    good = Metrics(exposition())
    good.check_laws()
    with pytest.raises(AssertionError):
        Metrics(exposition(accepted=3)).check_laws()
    with pytest.raises(AssertionError):
        Metrics(exposition(entered=2)).check_laws()
    with pytest.raises(AssertionError):
        Metrics(exposition(connecting=0, freed=1)).check_laws()
    Metrics(exposition(connecting=0, freed=1, closed_at_accept=1)).check_laws()
    with pytest.raises(AssertionError):
        Metrics(exposition(enqueued=1)).check_laws()
    with pytest.raises(AssertionError):
        Metrics(exposition(accepted=0, connecting=0, left=0)).check_laws(earlier=good)


def exposition(accepted=2, connecting=1, left=1, entered=1, enqueued=0, freed=0, closed_at_accept=0):
    """A small exposition that keeps the laws unless it is told to lie: one connection connecting, one verifying."""
    states = dict.fromkeys(
        "established connected heartbeat inactive closing failed rejected closed zombie freed".split(), 0
    )
    states |= {"connecting": connecting, "verifying": left}
    lines = ["# TYPE hydrogen_connections gauge"]
    lines += [f'hydrogen_connections{{state="{state}"}} {count}' for state, count in states.items()]
    lines += [
        "# TYPE hydrogen_connections_accepted_total counter",
        f"hydrogen_connections_accepted_total {accepted}",
        "# TYPE hydrogen_contexts_freed_total counter",
        f"hydrogen_contexts_freed_total {freed}",
        "# TYPE hydrogen_errors_total counter",
        f'hydrogen_errors_total{{category="connection",code="capacity"}} {closed_at_accept}',
        "# TYPE hydrogen_state_transitions_total counter",
        f'hydrogen_state_transitions_total{{from="connecting",to="verifying"}} {entered if left else 0}',
        "# TYPE hydrogen_contexts gauge",
        f'hydrogen_contexts{{phase="allocated"}} {connecting + left}',
        *(f'hydrogen_contexts{{phase="{phase}"}} 0' for phase in ("in_use", "marked_for_deletion", "zombie")),
        "# TYPE hydrogen_deliveries_total counter",
        *(f'hydrogen_deliveries_total{{outcome="{outcome}"}} 0' for outcome in ("acked", "dead", "expired")),
        "# TYPE hydrogen_outbox_enqueued_total counter",
        f"hydrogen_outbox_enqueued_total {enqueued}",
        "# TYPE hydrogen_outbox_events gauge",
        "hydrogen_outbox_events 0",
    ]
    return "\n".join(lines) + "\n"


# The network


@pytest.fixture
def line():
    """A socket, what it is connected to by a relay, and the relay."""
    with socket.create_server(("127.0.0.1", 0)) as listener, Relay(listener.getsockname()) as relay:
        near = socket.create_connection(relay.address, PROMPTLY)
        far, _ = listener.accept()
        far.settimeout(PROMPTLY)
        with near, far:
            near.sendall(b"a")
            assert far.recv(10) == b"a"
            yield near, far, relay


async def do(path, name, *arguments):
    getattr(path, name)(*arguments)


def test_a_relay_resets(line):
    near, far, relay = line
    (path,) = relay.paths
    relay.run(do(path, "reset"))
    for end in (near, far):
        with pytest.raises(ConnectionResetError):
            end.recv(10)
    wait_until(lambda: relay.paths == [], "the path is gone")


def test_a_relay_closes_half_and_whole(line):
    near, far, relay = line
    (path,) = relay.paths
    relay.run(do(path, "half_close", TO_SERVER))
    assert far.recv(10) == b""
    near.sendall(b"lost")
    far.sendall(b"still")
    assert near.recv(10) == b"still"
    relay.cut()
    assert near.recv(10) == b""
    wait_until(lambda: relay.paths == [], "the path is gone")


def test_a_relay_holds_back_and_loses_nothing(line):
    near, far, relay = line
    (path,) = relay.paths
    relay.run(do(path, "stall", TO_CLIENT, 0.3))
    began = time.monotonic()
    far.sendall(b"late")
    near.sendall(b"at once")
    assert far.recv(10) == b"at once"
    assert near.recv(10) == b"late" and time.monotonic() - began >= 0.3
    relay.run(do(path, "delay", 0.1))
    began = time.monotonic()
    far.sendall(b"slow")
    assert near.recv(10) == b"slow" and time.monotonic() - began >= 0.1


def test_a_relay_limits_the_rate():
    with socket.create_server(("127.0.0.1", 0)) as listener, Relay(listener.getsockname(), 10_000_000) as relay:
        near = socket.create_connection(relay.address, PROMPTLY)
        far, _ = listener.accept()
        with near, far:
            began = time.monotonic()
            threading.Thread(target=far.sendall, args=(bytes(3_000_000),), daemon=True).start()
            received = 0
            while received < 3_000_000:
                received += len(near.recv(65536))
            assert time.monotonic() - began >= 0.3
