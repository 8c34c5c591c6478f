"""Peers that mean harm. Nothing here runs by itself: a test steps each forward, so that what the attack costs can be told
from what honest clients cost. They come from another address than those."""

import json
import os
import ssl

from harness.raw import BINARY, CONTINUATION, PING, TEXT, RawClient, frame, upgrade_headers

ADDRESS = "127.0.0.2"


def offer(client, data):
    """Sends what the socket takes now; False once it is of no use any more."""
    client.socket.setblocking(False)
    try:
        client.socket.send(data)
    except (BlockingIOError, ssl.SSLWantWriteError):
        pass
    except OSError:
        return False
    return True


class Attack:
    """So many sockets, and what a step does with them."""

    #: How many sockets it has.
    count = 0
    #: What the configuration of the server must say.
    settings = {}
    #: Whether the server speaks TLS.
    secure = False
    #: How many steps make a round.
    steps = 10
    #: Bytes that the server may hold for one of the sockets, beside those that all connections share.
    bytes_per_socket = 4096

    def __init__(self, server, context=None):
        self.server, self.context = server, context
        self.clients = []

    def socket(self, **options):
        client = RawClient(self.server.address, source=ADDRESS, **options)
        self.clients.append(client)
        return client

    def established(self, **options):
        client = self.server.raw_client("mallory", source=ADDRESS, **options)
        self.clients.append(client)
        return client

    def open(self):
        """Once, before the first step."""

    def step(self):
        """A little of it, without waiting for the server."""

    def is_over(self, metrics):
        """What the server has done about it, in the end."""
        return True

    def close(self):
        for client in self.clients:
            client.close()


class ByteByByte(Attack):
    """Slow loris: each step sends the next byte on every socket."""

    count = 20

    def open(self):
        self.sent = 0
        for _ in range(self.count):
            self.begin()

    def begin(self):
        self.socket()

    def text(self):
        raise NotImplementedError

    def step(self):
        text = self.text()
        for client in self.clients:
            offer(client, text[self.sent % len(text) :][:1])
        self.sent += 1


class SlowTLS(ByteByByte):
    secure = True
    settings = {"HandshakeTimeout": 1}
    bytes_per_socket = 65536

    def open(self):
        # The greeting of a real client, which is never finished.
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        try:
            session.do_handshake()
        except ssl.SSLWantReadError:
            pass
        self.greeting = outgoing.read()[:-1]
        super().open()

    def text(self):
        return self.greeting

    def is_over(self, metrics):
        return metrics.value("errors_total", category="connection", code="handshake_timeout") >= self.count


class SlowHeaders(ByteByByte):
    settings = {"HandshakeTimeout": 1}
    bytes_per_socket = 16384

    def text(self):
        return b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 2000

    def is_over(self, metrics):
        return metrics.value("errors_total", category="connection", code="handshake_timeout") >= self.count


class SlowFrames(ByteByByte):
    settings = {"MessageTimeout": 1}

    def open(self):
        self.frame = frame(TEXT, b"x" * 60000)
        super().open()

    def begin(self):
        self.established()

    def text(self):
        return self.frame

    def is_over(self, metrics):
        return metrics.value("connections_closed_total", code="1008") == self.count


class OneByteFragments(Attack):
    """Each step sends many fragments of one byte; a message of them is never finished."""

    count = 10
    settings = {"MessageTimeout": 1}
    bytes_per_socket = 4096 + 2 * 65536

    def open(self):
        for _ in range(self.count):
            client = self.established()
            offer(client, frame(TEXT, b"x", final=False))
        self.fragments = frame(CONTINUATION, b"x", final=False) * 20

    def step(self):
        for client in self.clients:
            offer(client, self.fragments)

    def is_over(self, metrics):
        return metrics.value("connections_closed_total", code="1008") == self.count


class NeverReads(Attack):
    """Subscribers of everything that read nothing, while much is published."""

    count = 30
    settings = {"Delivery": {"MaxSendQueueBytes": 65536}, "MaxConnections": 100}
    #: What libwebsockets keeps of a write that the socket did not take whole.
    bytes_per_socket = 4096 + 2 * 65536

    def open(self):
        for _ in range(self.count):
            client = self.established(receive_buffer=4096)
            command = {
                "type": "command", "id": "1", "channel": "network", "action": "subscribe", "data": {"topic": "**"},
                "auth": {"token": client.session["token"]},
            }  # fmt: skip
            client.send_text(json.dumps(command))
            assert client.read_message()["status"] == "ok"
        self.publisher = self.server.raw_client("admin")
        self.clients.append(self.publisher)
        self.data = json.dumps(
            {
                "type": "command", "id": "1", "channel": "network", "action": "publish",
                "data": {"action": "filler", "data": {"pad": "x" * 30000}},
                "auth": {"token": self.publisher.session["token"]},
            }
        )  # fmt: skip

    def step(self):
        self.publisher.socket.settimeout(60)
        for _ in range(4):
            self.publisher.send_text(self.data)
            assert self.publisher.read_message()["status"] == "ok"

    def is_over(self, metrics):
        return sum(metrics.value("connections_closed_total", code=code) for code in ("4413", "4503")) == self.count


class PingFlood(Attack):
    """Pings without an end, whose answers nobody reads."""

    count = 10
    bytes_per_socket = 4096 + 2 * 65536

    def open(self):
        for _ in range(self.count):
            self.established(receive_buffer=4096)
        self.pings = frame(PING, b"x" * 125) * 10

    def step(self):
        for client in self.clients:
            offer(client, self.pings)


class SilentSockets(Attack):
    count = 100
    settings = {"HandshakeTimeout": 1, "MaxHandshakes": 500}
    bytes_per_socket = 16384

    def open(self):
        for _ in range(self.count):
            self.socket()

    def is_over(self, metrics):
        # Half of them are beyond the share of an address, a tenth of MaxHandshakes, and were closed at accept.
        return metrics.value("errors_total", category="connection", code="handshake_timeout") == self.count / 2


class ConnectFlood(Attack):
    """Sockets that are opened and reset."""

    settings = {"RateLimits": {"ConnectionsPerAddress": {"Rate": 20, "Burst": 50}}, "Blocking": {}}

    def step(self):
        for _ in range(5):
            RawClient(self.server.address, source=ADDRESS).reset()

    def is_over(self, metrics):
        return metrics.value("rate_limited_total", limit="connections_per_address") > 0


class WrongKeys(Attack):
    settings = {"Blocking": {"After": 5, "Duration": 600}}

    def step(self):
        client = RawClient(self.server.address, source=ADDRESS)
        try:
            client.send_request("GET", "/", upgrade_headers("localhost", "hk_" + os.urandom(20).hex()))
            client.at_end()
        except OSError:
            pass
        client.close()

    def is_over(self, metrics):
        return (
            metrics.value("handshakes_rejected_total", code="authentication.invalid") == 5
            and metrics.value("blocked", kind="address", reason="authentication") == 1
        )


def ping(data):
    return f'{{"type":"command","id":"1","channel":"system","action":"ping","data":{data}}}'


class HostileMessages(Attack):
    """Everything that a reader of messages could choke on, each on a connection of its own; what is closed comes back."""

    settings = {"MaxProtocolErrors": 100000}
    steps = 2
    bytes_per_socket = 4096 + 2 * 65536

    #: What is sent, and the error that answers it.
    ANSWERED = [
        ("[" * 60000, "too_deep"),
        ('{"a":' * 12000, "too_deep"),
        (ping('{"a":' * 9000 + "1" + "}" * 9000), "too_deep"),
        ('{"type":"command",' + '"id":"1",' * 6000 + '"id":"1"}', "invalid_field"),
        ('{"type":"command","id":"' + "\\u0000" * 9000 + '"}', "invalid_field"),
        ('"' + "\\ud800" * 9000 + '"', "malformed_json"),
        ("\\" * 60000, "malformed_json"),
        ("[" + "0," * 29000 + "0]", "not_an_object"),
    ]
    #: What is no fault, however strange: it comes back as it is.
    ECHOED = ["{" + '"a":1,' * 9000 + '"a":1}', '{"n":' + "9" * 60000 + "}", '{"n":1e' + "9" * 60000 + "}"]
    #: What closes the connection, and the code.
    CLOSING = [
        (frame(BINARY, b"x" * 60000), 1003),
        (frame(TEXT, b"\xff\xfe" * 100), 1007),
        (frame(TEXT, b"\xc0\x80"), 1007),
        (frame(TEXT, b"x" * 70000), 1009),
    ]

    count = len(ANSWERED) + len(ECHOED) + len(CLOSING)

    def open(self):
        for _ in range(len(self.ANSWERED) + len(self.ECHOED)):
            self.established()

    def step(self):
        for client, (text, code) in zip(self.clients, self.ANSWERED):
            client.send_text(text)
            assert client.read_message()["error"]["code"] == code, text[:50]
        for client, data in zip(self.clients[len(self.ANSWERED) :], self.ECHOED):
            client.send_text(ping(data)[:-1] + f',"auth":{{"token":"{client.session["token"]}"}}}}')
            message = client.read_frame().payload.decode()
            assert message.endswith(f'"data":{data}}}'), message[:200]
        for data, code in self.CLOSING:
            with self.server.raw_client("mallory", source=ADDRESS) as client:
                client.send(data)
                assert client.read_close()[0] == code, data[:20]


ATTACKS = (
    SlowTLS, SlowHeaders, SlowFrames, OneByteFragments, NeverReads, PingFlood, SilentSockets, ConnectFlood, WrongKeys,
    HostileMessages,
)  # fmt: skip
