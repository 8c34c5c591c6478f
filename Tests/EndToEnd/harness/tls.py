"""TLS for clients whose library reads and writes in two threads.

OpenSSL wants one thread at a time on a connection. Python's `websockets` has two: where the session tickets that follow a
handshake of TLS 1.3 came while the request was written, the request never left, and both sides waited (four of a thousand
handshakes with a client's certificate, with any server). So TLS ends in a thread of its own, and the library gets a plain
socket.
"""

import selectors
import socket
import ssl
import threading
from urllib.parse import urlsplit

from .patience import PROMPTLY

CHUNK = 65536


def connect_tls(url, context):
    """The plain end of a connection to `url`, once TLS is agreed; raises what `ssl` raises."""
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port), PROMPTLY)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        connection = context.wrap_socket(connection, server_hostname=parts.hostname)
    except BaseException:
        connection.close()
        raise
    near, far = socket.socketpair()
    threading.Thread(target=carry, args=(connection, far), daemon=True).start()
    return near


def carry(secure, plain):
    """Carries bytes both ways until one side ends."""
    with secure, plain, selectors.DefaultSelector() as selector:
        secure.setblocking(False)
        plain.setblocking(False)
        inward, outward = bytearray(), bytearray()
        is_open = True
        while is_open:
            # Each side is read only once all that it sent before is passed on.
            is_open = receive(secure, inward) and receive(plain, outward)
            try:
                send(plain, inward)
                send(secure, outward)
            except OSError:
                return
            wait(selector, {secure: (not inward, outward), plain: (not outward, inward)})


def receive(source, waiting):
    """Reads what there is, if nothing waits; False at the end."""
    if waiting:
        return True
    try:
        data = source.recv(CHUNK)
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
        return True
    except OSError:
        return False
    waiting += data
    return bool(data)


def send(sink, waiting):
    try:
        while waiting:
            del waiting[: sink.send(waiting)]
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
        pass


def wait(selector, wanted):
    """Until one of these can go on. What TLS has read already does not show on its socket."""
    for sock, (reads, writes) in wanted.items():
        if reads and isinstance(sock, ssl.SSLSocket) and sock.pending():
            return
        events = (selectors.EVENT_READ if reads else 0) | (selectors.EVENT_WRITE if writes else 0)
        if sock in selector.get_map():
            selector.unregister(sock)
        if events:
            selector.register(sock, events)
    selector.select()
