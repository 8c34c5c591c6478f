"""Time-outs of handshakes, messages and closes (sections 1, 2 and 12)."""

import time

import pytest

from harness.configuration import configuration
from harness.patience import PROMPTLY
from harness.raw import CLOSE, CONTINUATION, PING, TEXT, frame, upgrade_headers


@pytest.fixture(scope="module")
def hasty(start_shared):
    return start_shared(configuration(HandshakeTimeout=1, MessageTimeout=1, CloseTimeout=0.5, MessageAuth="connection"))


def test_a_peer_that_says_nothing_is_dropped(hasty):
    before = hasty.metrics()
    started = time.monotonic()
    with hasty.raw() as client:
        assert client.at_end()
        assert 0.9 <= time.monotonic() - started < 1 + PROMPTLY
        assert client.buffer == b""
    transition = {"from": "connecting", "to": "failed"}
    after = hasty.wait_metric(
        lambda metrics: metrics.value("state_transitions_total", **transition)
        == before.value("state_transitions_total", **transition) + 1,
        "connecting to failed",
    )
    timed_out = {"category": "connection", "code": "handshake_timeout"}
    assert after.value("errors_total", **timed_out) == before.value("errors_total", **timed_out) + 1
    hasty.wait_metric(lambda metrics: metrics.value("connections", state="failed") == 0, "freed")


def test_a_request_that_never_ends_is_dropped(hasty):
    with hasty.raw() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        started = time.monotonic()
        assert client.at_end()
        assert time.monotonic() - started < 1 + PROMPTLY


def test_dripping_bytes_win_no_time(hasty):
    with hasty.raw(timeout=0.1) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        started = time.monotonic()
        while True:
            assert time.monotonic() - started < 1 + PROMPTLY
            try:
                client.send(b"x")
                if not client.fill():
                    break
            except TimeoutError:
                continue
            except OSError:
                break


def test_a_handshake_in_time_is_not_hurried(hasty):
    with hasty.client() as client:
        time.sleep(1.3)
        client.ok("system", "ping", auth=None)


def test_a_message_that_is_not_finished_closes_with_1008(hasty):
    before = hasty.metrics().value("errors_total", category="protocol", code="framing")
    with hasty.raw_client() as client:
        started = time.monotonic()
        client.send_frame(TEXT, b'{"type":', final=False)
        assert client.read_close() == (1008, "protocol.framing")
        assert time.monotonic() - started >= 0.95
    after = hasty.metrics().value("errors_total", category="protocol", code="framing")
    assert after == before + 1


def test_dripping_fragments_win_no_time(hasty):
    with hasty.raw_client() as client:
        started = time.monotonic()
        client.send_frame(TEXT, b"{", final=False)
        client.socket.settimeout(0.1)
        while True:
            assert time.monotonic() - started < 1 + PROMPTLY
            try:
                client.send_frame(CONTINUATION, b" ", final=False)
                received = client.read_frame()
            except TimeoutError:
                continue
            assert received.opcode == CLOSE
            assert received.close() == (1008, "protocol.framing")
            break


def test_one_frame_that_never_ends_closes_with_1008(hasty):
    with hasty.raw_client() as client:
        client.send(b"\x81\xfe\x01\x00\x00\x00\x00\x00" + b"half")
        assert client.read_close() == (1008, "protocol.framing")


def test_a_finished_message_starts_anew(hasty):
    with hasty.raw_client() as client:
        for _ in range(3):
            client.send_frame(TEXT, b'{"type":"command","id":"a",', final=False)
            time.sleep(0.6)
            client.send_frame(CONTINUATION, b'"channel":"system","action":"ping"}')
            assert client.read_message()["status"] == "ok"


def test_control_frames_between_fragments_are_no_end(hasty):
    with hasty.raw_client() as client:
        client.send_frame(TEXT, b'{"type":"command","id":"a",', final=False)
        client.send_frame(PING, b"between")
        client.send_frame(CONTINUATION, b'"channel":"system","action":"ping"}')
        assert client.read_message()["status"] == "ok"


def test_a_close_that_is_not_answered_ends_after_the_close_timeout(hasty):
    with hasty.raw_client() as client:
        client.send_frame(0x2, b"binary")
        assert client.read_close()[0] == 1003
        started = time.monotonic()
        assert client.at_end()
        assert time.monotonic() - started < 0.5 + PROMPTLY


# How a client ends it


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4000, 4999])
def test_a_clients_close_is_answered_with_its_code(hasty, code):
    with hasty.raw_client() as client:
        client.send_frame(CLOSE, code.to_bytes(2, "big") + b"bye")
        answered, _ = client.read_close()
        assert answered == code
        assert client.at_end()


def test_a_close_without_a_code_is_answered(hasty):
    before = hasty.metrics().value("connections_closed_total", code="1005")
    with hasty.raw_client() as client:
        client.send_frame(CLOSE)
        # RFC 6455 §5.5.1 lets the answer be empty, or say that all is well.
        assert client.read_close()[0] in (1000, 1005)
    hasty.wait_metric(lambda metrics: metrics.value("connections_closed_total", code="1005") == before + 1, "1005")


@pytest.mark.parametrize("how", ["fin", "reset"])
def test_a_transport_that_ends_without_a_close_is_1006(hasty, how):
    before = hasty.metrics().value("connections_closed_total", code="1006")
    client = hasty.raw_client()
    client.close() if how == "fin" else client.reset()
    hasty.wait_metric(lambda metrics: metrics.value("connections_closed_total", code="1006") == before + 1, "1006")


def test_a_normal_close_is_counted(hasty):
    before = hasty.metrics().value("connections_closed_total", code="1000")
    hasty.client().close()
    hasty.wait_metric(lambda metrics: metrics.value("connections_closed_total", code="1000") == before + 1, "1000")


# Illegal frames


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"\x83\x80\x00\x00\x00\x00",
        b"\x8b\x80\x00\x00\x00\x00",
        b"\xc1\x80\x00\x00\x00\x00",
        b"\x80\x80\x00\x00\x00\x00",
        b"\x09\x80\x00\x00\x00\x00",
        b"\x01\x80\x00\x00\x00\x00\x81\x80\x00\x00\x00\x00",
    ],
    ids=[
        "reserved data opcode",
        "reserved control opcode",
        "reserved bit",
        "continuation of nothing",
        "fragmented ping",
        "message inside a message",
    ],
)
def test_an_illegal_frame_closes_with_1002(hasty, bytes_sent):
    with hasty.raw_client() as client:
        client.send(bytes_sent)
        assert client.read_close()[0] == 1002
    hasty.wait_metric(lambda metrics: metrics.value("connections", state="connected") == 0, "gone")


@pytest.mark.parametrize(
    "bytes_sent",
    [b"\x89\xfe\x00\x7e" + bytes(4 + 126), b"\x88\x81\x00\x00\x00\x00\x03"],
    ids=["ping of 126 bytes", "close of one byte"],
)
def test_what_libwebsockets_ends_by_itself(hasty, bytes_sent):
    with hasty.raw_client() as client:
        client.send(bytes_sent)
        assert client.at_end()
    hasty.wait_metric(lambda metrics: metrics.value("connections", state="connected") == 0, "gone")


def test_a_first_frame_without_a_mask_closes_with_1002(hasty):
    before = hasty.metrics().value("errors_total", category="protocol", code="framing")
    with hasty.raw_client() as client:
        client.send_frame(TEXT, b'{"type":"command","id":"a","channel":"system","action":"ping"}', mask=False)
        assert client.read_close() == (1002, "protocol.framing")
    hasty.wait_metric(
        lambda metrics: metrics.value("errors_total", category="protocol", code="framing") == before + 1, "counted"
    )


def test_an_upgrade_with_the_first_message_in_one_packet(hasty):
    with hasty.raw() as client:
        lines = [f"{name}: {value}" for name, value in upgrade_headers(client.host, hasty.admin.token)]
        request = "\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode()
        client.send(request + frame(TEXT, b'{"type":"command","id":"a","channel":"system","action":"ping"}'))
        assert client.read_response().status == 101
        assert client.read_message()["action"] == "session"
        assert client.read_message()["status"] == "ok"


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_stream_in_small_pieces(hasty, size):
    with hasty.raw_client() as client:
        data = frame(TEXT, b'{"type":"command","id":"a","channel":"system","action":"ping"}')
        for start in range(0, len(data), size):
            client.send(data[start : start + size])
        assert client.read_message()["status"] == "ok"
