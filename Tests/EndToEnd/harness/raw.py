"""A WebSocket client made of a socket: it can send what no library would, and read what others hide."""

import base64
import dataclasses
import json
import os
import socket
import struct

from .patience import PROMPTLY

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

SAMPLE_KEY = base64.b64encode(bytes(range(16))).decode()


@dataclasses.dataclass
class Response:
    """An HTTP response; `headers` by lower-case name."""

    status: int
    headers: dict
    body: bytes

    def error(self):
        """`category.code` of the one-line JSON body that a refusal has."""
        text = self.body.decode()
        assert "\n" not in text.rstrip("\n"), text
        error = json.loads(text)["error"]
        assert set(error) >= {"category", "code", "message"}, error
        assert isinstance(error["message"], str) and error["message"]
        return f"{error['category']}.{error['code']}"


@dataclasses.dataclass
class Frame:
    final: bool
    opcode: int
    payload: bytes

    def close(self):
        """Code and reason of a close frame; 1005 when it carries none."""
        if not self.payload:
            return 1005, ""
        return struct.unpack("!H", self.payload[:2])[0], self.payload[2:].decode()


def frame(opcode, payload=b"", final=True, mask=True, reserved=0):
    """The bytes of one frame (RFC 6455 §5.2)."""
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    masked, size = (0x80 if mask else 0), len(payload)
    if size < 126:
        head += bytes([masked | size])
    elif size < 65536:
        head += bytes([masked | 126]) + struct.pack("!H", size)
    else:
        head += bytes([masked | 127]) + struct.pack("!Q", size)
    if not mask:
        return head + payload
    key = os.urandom(4)
    repeated = key * (size // 4 + 1)
    blurred = int.from_bytes(payload, "big") ^ int.from_bytes(repeated[:size], "big")
    return head + key + blurred.to_bytes(size, "big")


def upgrade_headers(host, token=None, subprotocols=("hydrogen-protocol",), **changes):
    """The headers of a good upgrade as (name, value) pairs; `changes` by name with `_`, None removes one."""
    headers = {
        "Host": host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": SAMPLE_KEY,
        "Sec-WebSocket-Version": "13",
    }
    if subprotocols:
        headers["Sec-WebSocket-Protocol"] = ", ".join(subprotocols)
    if token:
        headers["Authorization"] = f"Key {token}"
    for name, value in changes.items():
        name = name.replace("_", "-")
        if value is None:
            headers.pop(name, None)
        else:
            headers[name] = value
    return list(headers.items())


class RawClient:
    """A connected socket with a buffer."""

    def __init__(self, address, context=None, receive_buffer=None, timeout=PROMPTLY, source=None):
        """`source`: the address to come from; on Linux all of 127.0.0.0/8 are at hand."""
        self.socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        self.socket.settimeout(timeout)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source is not None:
            self.socket.bind((source, 0))
        self.socket.connect(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.host = f"{address[0]}:{address[1]}"
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def fill(self):
        """Reads once; False at the end of the stream."""
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            data = b""
        self.buffer += data
        return bool(data)

    def read(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                raise EOFError(f"{count} bytes expected, {len(self.buffer)} came: {self.buffer!r}")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def at_end(self):
        """Reads until the server ends the stream; True unless it does not within the time-out."""
        try:
            while self.fill():
                pass
        except TimeoutError:
            return False
        return True

    # HTTP

    def send_request(self, method="GET", target="/", headers=(), version="HTTP/1.1"):
        lines = [f"{method} {target} {version}", *(f"{name}: {value}" for name, value in headers), "", ""]
        self.send("\r\n".join(lines).encode("latin-1"))

    def read_response(self, method="GET"):
        """One response; EOFError when the connection ends without."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.fill():
                raise EOFError(f"no response: {self.buffer!r}")
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        status = int(status_line.split()[1])
        body = b""
        if status != 101 and method != "HEAD":
            if "content-length" in headers:
                body = self.read(int(headers["content-length"]))
            else:
                while self.fill():
                    pass
                body, self.buffer = self.buffer, b""
        return Response(status, headers, body)

    def upgrade(self, token=None, target="/", **changes):
        """Sends a good upgrade (with `changes`, see `upgrade_headers`) and returns the response."""
        self.send_request("GET", target, upgrade_headers(self.host, token, **changes))
        return self.read_response()

    # Frames

    def send_frame(self, opcode, payload=b"", **options):
        self.send(frame(opcode, payload, **options))

    def send_text(self, text):
        self.send_frame(TEXT, text.encode())

    def read_frame(self):
        first, second = self.read(2)
        assert second & 0x80 == 0, "a server's frame is never masked"
        assert first & 0x70 == 0, "no extension was negotiated"
        size = second & 0x7F
        if size == 126:
            size = struct.unpack("!H", self.read(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self.read(8))[0]
        return Frame(bool(first & 0x80), first & 0x0F, self.read(size))

    def read_message(self, answer_pings=True):
        """The next text message, decoded as JSON."""
        while True:
            received = self.read_frame()
            if received.opcode == TEXT:
                assert received.final
                return json.loads(received.payload)
            if received.opcode == PING and answer_pings:
                self.send_frame(PONG, received.payload)
            assert received.opcode != CLOSE, received.close()

    def read_close(self):
        """Reads up to the close frame and returns its code and reason; 1006 when the stream ends without one."""
        while True:
            try:
                received = self.read_frame()
            except EOFError:
                return 1006, ""
            if received.opcode == CLOSE:
                return received.close()
