"""A network between clients and a server, which a test can cut, close and listen in on."""

import contextlib
import re
import socket
import struct
import threading

#: What the first message of a connection says of its session.
GREETING = re.compile(rb'"session":"([^"]+)","token":"([^"]+)"')


class Relay:
    """Passes TCP connections on to an address, as long as it is open."""

    def __init__(self, address):
        self.target = address
        self.lock = threading.Lock()
        self.is_open = True
        self.pairs = []
        #: (session, token) of each greeting that came by.
        self.greetings = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, path="/"):
        return "ws://{}:{}{}".format(*self.address, path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.close()

    def cut(self):
        """Every connection is lost; new ones are taken."""
        with self.lock:
            for pair in self.pairs:
                for end in pair:
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

    def close(self):
        """Every connection is lost, and so are new ones, until `open`."""
        self.is_open = False
        self.cut()

    def open(self):
        self.is_open = True

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if not self.is_open:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
                continue
            try:
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            pair = (client, server)
            with self.lock:
                self.pairs.append(pair)
            threading.Thread(target=self.pump, args=(client, server, None), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, bytearray()), daemon=True).start()

    def pump(self, source, sink, heard):
        """`heard`: what came so far, until the greeting was among it; None: nobody listens in."""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if heard is not None:
                    heard += data
                    if found := GREETING.search(heard):
                        self.greetings.append(tuple(part.decode() for part in found.groups()))
                        heard = None
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
