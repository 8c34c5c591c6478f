"""`DiagnosticEcho` (section 1)."""

import os

import pytest

from harness.client import key_subprotocol
from harness.configuration import configuration
from harness.raw import BINARY, CONTINUATION, PING, PONG, TEXT


@pytest.fixture(scope="module")
def echo(start_shared):
    return start_shared(configuration(DiagnosticEcho=True, MaxMessageBytes=100_000))


def test_texts_and_bytes_come_back_unchanged(echo):
    with echo.client(subprotocols=["echo"]) as client:
        assert client.socket.subprotocol == "echo"
        for message in ("", "text", "grüße 🚀", "{", b"", b"\x00\xff", os.urandom(65536), "x" * 100_000):
            client.socket.send(message)
            assert client.socket.recv(10) == message


def test_fragments_come_back_as_one_message(echo):
    with echo.raw() as raw:
        assert raw.upgrade(echo.admin.token, subprotocols=("echo",)).headers["sec-websocket-protocol"] == "echo"
        raw.send_frame(BINARY, b"one ", final=False)
        raw.send_frame(PING, b"between")
        raw.send_frame(CONTINUATION, b"", final=False)
        raw.send_frame(CONTINUATION, b"message")
        received = [raw.read_frame(), raw.read_frame()]
        # A pong may come before the message or after it.
        assert {(f.opcode, f.payload) for f in received} == {(PONG, b"between"), (BINARY, b"one message")}
        raw.send_frame(TEXT, "größe".encode())
        assert raw.read_frame().payload == "größe".encode()


def test_many_messages_in_order(echo):
    with echo.client(subprotocols=["echo"]) as client:
        for number in range(1000):
            client.socket.send(str(number))
        assert [client.socket.recv(10) for _ in range(1000)] == [str(number) for number in range(1000)]


def test_the_size_is_bounded(echo):
    with echo.client(subprotocols=["echo"]) as client:
        client.socket.send(b"x" * 100_001)
        assert client.closed()[0] == 1009


def test_invalid_utf8_closes_with_1007(echo):
    with echo.raw() as raw:
        raw.upgrade(echo.admin.token, subprotocols=("echo",))
        raw.send_frame(TEXT, b"\xff")
        assert raw.read_close()[0] == 1007


def test_a_key_is_needed(echo):
    with echo.raw() as raw:
        response = raw.upgrade(None, subprotocols=("echo",))
        assert (response.status, response.error()) == (401, "authentication.missing")
    with echo.raw() as raw:
        offered = ("echo", key_subprotocol(echo.admin.token))
        assert raw.upgrade(None, subprotocols=offered).headers["sec-websocket-protocol"] == "echo"


@pytest.mark.parametrize("offered", [("echo", "hydrogen-protocol"), ("hydrogen-protocol", "echo")])
def test_the_protocol_wins_when_both_are_offered(echo, offered):
    with echo.raw() as raw:
        response = raw.upgrade(echo.admin.token, subprotocols=offered)
        assert response.headers["sec-websocket-protocol"] == "hydrogen-protocol"


def test_there_is_no_session(echo):
    before = echo.metrics().value("sessions", state="live")
    with echo.client(subprotocols=["echo"]) as client:
        client.socket.send("x")
        client.socket.recv(10)
        assert echo.metrics().value("sessions", state="live") == before


def test_the_log_warns(echo):
    assert any(record["level"] == "warning" and "echo" in record["message"].lower() for record in echo.log_records())
