"""A client of the protocol on top of Python's `websockets`, which checks the form of everything that it receives."""

import base64
import contextlib
import itertools
import json
import re
import socket
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from .patience import PROMPTLY
from .tls import connect_tls

SUBPROTOCOL = "hydrogen-protocol"

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
CHANNEL = re.compile(r"[a-z][a-z0-9_-]{0,63}")
ACTION = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*")

CODES = {
    "connection": "rate_limited blocked capacity draining slow_consumer idle handshake_timeout overload tls reset",
    "protocol": "malformed_json not_an_object missing_field invalid_field unknown_type too_large too_deep binary"
    " invalid_utf8 framing subprotocol handshake path upgrade_required",
    "authentication": "missing invalid expired revoked origin forbidden session signature_required signature_invalid"
    " timestamp replayed",
    "application": "unknown_channel unknown_action invalid_data not_found conflict busy timeout failed",
}


def key_subprotocol(token):
    """How a browser brings its key: as a sub-protocol that it offers."""
    return "hydrogen.key." + base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")


def check_envelope(message):
    """The form of what a server sends (section 2 of the contract)."""
    assert message["type"] in ("event", "response"), message
    assert TIMESTAMP.fullmatch(message["timestamp"]), message
    assert CHANNEL.fullmatch(message["channel"]), message
    assert ACTION.fullmatch(message["action"]), message
    if message["type"] == "event":
        assert isinstance(message["id"], str) and 1 <= len(message["id"].encode()) <= 128, message
        assert isinstance(message["data"], dict), message
        assert set(message) <= {
            "type", "id", "timestamp", "channel", "action", "data", "offset", "ack", "attempt", "priority", "retained",
        }, message
        assert message.get("priority") in (None, "critical", "high", "low"), message
    elif message["status"] == "ok":
        assert isinstance(message["id"], str), message
        assert isinstance(message["data"], dict), message
        assert set(message) == {"type", "id", "timestamp", "channel", "action", "status", "data"}, message
    else:
        assert message["status"] == "error", message
        assert set(message) == {"type", "id", "timestamp", "channel", "action", "status", "error"}, message
        check_error(message["error"])


def check_error(error):
    assert {"category", "code", "message", "retryable"} <= set(error) <= {
        "category", "code", "message", "retryable", "retry_after_ms",
    }, error
    assert error["code"] in CODES[error["category"]].split(), error
    assert isinstance(error["message"], str) and error["message"], error
    may_be_retried = error["category"] == "connection" or (
        error["category"] == "application" and error["code"] in ("busy", "timeout")
    )
    assert error["retryable"] is may_be_retried, error


def code_of(response):
    """`category.code` of an error response."""
    assert response["status"] == "error", response
    return f"{response['error']['category']}.{response['error']['code']}"


class Refused(AssertionError):
    """A command that should have been answered with success was not."""


class Client:
    """A connection in service: its first event has been received, and commands can be sent."""

    def __init__(self, server, key=None, *, header=True, subprotocols=(SUBPROTOCOL,), path="/", ssl=None, url=None, **options):
        """`url`: another way to the server, as over a relay."""
        key = server.admin if key is None else key
        self.token = getattr(key, "token", key) or None
        offered, headers = list(subprotocols), {}
        if self.token and header:
            headers["Authorization"] = f"Key {self.token}"
        elif self.token:
            offered.append(key_subprotocol(self.token))
        url = url or server.url(path)
        if ssl is not None:
            options["sock"] = connect_tls(url, ssl)
            url = url.replace("wss:", "ws:", 1)
        self.socket = connect(
            url,
            subprotocols=offered,
            additional_headers=headers,
            compression=None,
            proxy=None,
            legacy=True,
            max_size=None,
            max_queue=None,
            ping_interval=None,
            open_timeout=PROMPTLY,
            close_timeout=PROMPTLY,
            **options,
        )
        self.events = []
        self.responses = {}
        self.ids = itertools.count(1)
        self.session = None
        if self.socket.subprotocol == SUBPROTOCOL:
            first = self.receive()
            assert (first["type"], first["channel"], first["action"]) == ("event", "system", "session"), first
            self.session = first["data"]
            server.secrets.add(self.session["token"])
            server.secrets.add(self.session["signing_key"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self, code=1000, reason=""):
        self.socket.close(code, reason)

    def lose(self):
        """Ends the connection without a close frame; the library sees it, and lets go of what it holds."""
        with contextlib.suppress(OSError):
            self.socket.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    # Sending

    def send(self, message):
        """Sends text as it is, and anything else as JSON."""
        self.socket.send(message if isinstance(message, str) else json.dumps(message, separators=(",", ":")))

    def command(self, channel, action, data=None, **members):
        """A command's envelope, with the session's token unless `auth` says otherwise (None: absent)."""
        message = {"type": "command", "id": f"c{next(self.ids)}", "channel": channel, "action": action}
        if data is not None:
            message["data"] = data
        message["auth"] = {"token": self.session["token"]}
        message.update(members)
        return {name: value for name, value in message.items() if value is not None}

    def post(self, channel, action, data=None, **members):
        """Sends a command without waiting for its response; returns its id."""
        message = self.command(channel, action, data, **members)
        self.send(message)
        return message["id"]

    # Receiving

    def receive(self, timeout=PROMPTLY):
        """The next message, whatever it is."""
        message = json.loads(self.socket.recv(timeout))
        check_envelope(message)
        return message

    def response(self, id, timeout=PROMPTLY):
        """The response to a command; events that come before it are kept."""
        deadline = time.monotonic() + timeout
        while id not in self.responses:
            message = self.receive(max(0, deadline - time.monotonic()))
            if message["type"] == "event":
                self.events.append(message)
            else:
                assert message["id"] not in self.responses, f"answered twice: {message}"
                self.responses[message["id"]] = message
        return self.responses.pop(id)

    def request(self, channel, action, data=None, timeout=PROMPTLY, **members):
        """Sends a command and returns its response."""
        response = self.response(self.post(channel, action, data, **members), timeout)
        assert (response["channel"], response["action"]) == (channel, action), response
        return response

    def ok(self, channel, action, data=None, **members):
        """The data of the response, which must be a success."""
        response = self.request(channel, action, data, **members)
        if response["status"] != "ok":
            raise Refused(f"{channel}/{action} {data}: {response['error']}")
        return response["data"]

    def error(self, channel, action, data=None, **members):
        """`category.code` of the response, which must be an error."""
        return code_of(self.request(channel, action, data, **members))

    def event(self, timeout=PROMPTLY):
        """The next event."""
        if self.events:
            return self.events.pop(0)
        while True:
            message = self.receive(timeout)
            if message["type"] == "event":
                return message
            assert message["id"] not in self.responses, f"answered twice: {message}"
            self.responses[message["id"]] = message

    def events_before(self, action, timeout=PROMPTLY):
        """The events received before the one with this action, which is the mark that was published after them."""
        found = []
        while (event := self.event(timeout))["action"] != action:
            found.append(event)
        return found

    def closed(self, timeout=PROMPTLY):
        """Waits for the server's close; its code and reason. 1006 when the connection ended without a close frame."""
        deadline = time.monotonic() + timeout
        try:
            while True:
                message = json.loads(self.socket.recv(max(0, deadline - time.monotonic())))
                check_envelope(message)
                if message["type"] == "event":
                    self.events.append(message)
                else:
                    self.responses[message["id"]] = message
        except ConnectionClosed as end:
            return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (1006, "")

    # What every test does

    def subscribe(self, channel, topic, **data):
        return self.ok(channel, "subscribe", {"topic": topic, **data})["subscription"]

    def publish(self, channel, action, data=None, **options):
        """Publishes, and returns the data of the response."""
        return self.ok(channel, "publish", {"action": action, "data": data or {}, **options})
