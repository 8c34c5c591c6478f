"""A network between clients and a server, which a test can cut, disturb, slow down and listen in on."""

import asyncio
import contextlib
import re
import socket
import struct
import threading

#: What the first message of a connection says of its session.
GREETING = re.compile(rb'"session":"([^"]+)","token":"([^"]+)"')
#: What waits inside the relay, and in the sockets on both sides, of one direction.
BUFFER = 65536
#: Both ways of a connection, by who reads what goes there.
TO_SERVER, TO_CLIENT = 0, 1


class Path:
    """One connection that goes through the relay, and what the network does to it."""

    def __init__(self, client, server, latency):
        """Client and server are each a reader and a writer; latency: how long everything takes, each way."""
        self.readers = (client[0], server[0])
        self.writers = (server[1], client[1])
        self.delays = [latency, latency]
        self.stalled_until = [0.0, 0.0]
        self.is_deaf = [False, False]
        self.closing = asyncio.Event()

    def close(self):
        for writer in self.writers:
            writer.close()
        self.closing.set()

    def reset(self):
        """Both sides see an RST."""
        for writer in self.writers:
            reset(writer)
        self.closing.set()

    def half_close(self, way):
        """One side sees the end of the other's sending; what is sent there from now on is lost."""
        self.is_deaf[way] = True
        try:
            self.writers[way].write_eof()
        except OSError:
            # It is gone already, and nobody has seen it yet.
            self.close()

    def stall(self, way, seconds):
        """Nothing goes that way for so long; it is not lost."""
        self.stalled_until[way] = asyncio.get_running_loop().time() + seconds

    def delay(self, seconds):
        """Everything takes so much longer from now on, both ways."""
        self.delays = [seconds, seconds]

    def strike(self, random):
        """Something bad that networks do; its name."""
        way = random.choice((TO_SERVER, TO_CLIENT))
        match random.randrange(6):
            case 0:
                self.close()
                return "cut"
            case 1 | 2:
                self.reset()
                return "reset"
            case 3:
                self.half_close(way)
                return "half-closed"
            case 4:
                self.stall(way, random.choice((0.05, 0.5, 4)))
                return "stalled"
            case _:
                self.delay(random.uniform(0.001, 0.03))
                return "delayed"


class Relay:
    """Passes TCP connections on to an address, as long as it is open. Lives on a thread of its own."""

    def __init__(self, address, bytes_per_second=None, latency=0.0):
        """
        bytes_per_second: what each connection gets, in each direction.
        latency: how long everything takes, in each direction.
        """
        self.target = address
        self.bytes_per_second, self.latency = bytes_per_second, latency
        self.is_open = True
        self.paths = []
        #: How many connections were passed on.
        self.count = 0
        #: (session, token) of each greeting that came by.
        self.greetings = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.listener = self.run(asyncio.start_server(self.accept, "127.0.0.1", 0, limit=BUFFER))
        self.address = self.listener.sockets[0].getsockname()

    def url(self, path="/"):
        return "ws://{}:{}{}".format(*self.address, path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run(self.end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def run(self, work):
        """Does something on the relay's thread; what came of it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def cut(self):
        """Every connection is lost; new ones are taken."""
        self.run(self.cut_all())

    def close(self):
        """Every connection is lost, and so are new ones, until `open`."""
        self.is_open = False
        self.cut()

    def open(self):
        self.is_open = True

    def strike(self, random, youngest=False):
        """Something bad happens to one of the connections, or to the youngest: what; None if there is none."""
        return self.run(self.strike_one(random, youngest))

    # On the relay's thread

    async def cut_all(self):
        for path in list(self.paths):
            path.close()

    async def strike_one(self, random, youngest):
        return random.choice(self.paths[-1:] if youngest else self.paths).strike(random) if self.paths else None

    async def end(self):
        self.listener.close()
        await self.cut_all()
        while self.paths:
            await asyncio.sleep(0.001)

    async def accept(self, reader, writer):
        if not self.is_open:
            return reset(writer)
        try:
            server = await asyncio.open_connection(sock=await self.connect(), limit=BUFFER)
        except OSError:
            return writer.close()
        writer.transport.set_write_buffer_limits(BUFFER)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        path = Path((reader, writer), server, self.latency)
        self.count += 1
        self.paths.append(path)
        pumps = [asyncio.create_task(self.pump(path, way)) for way in (TO_SERVER, TO_CLIENT)]
        ending = asyncio.create_task(path.closing.wait())
        both = asyncio.gather(*pumps)
        await asyncio.wait([both, ending], return_when=asyncio.FIRST_COMPLETED)
        for task in (*pumps, ending):
            task.cancel()
        await asyncio.gather(*pumps, ending, both, return_exceptions=True)
        path.close()
        self.paths.remove(path)

    async def connect(self):
        """A socket with a small buffer, so that a slow client is slow for the server."""
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        link.setblocking(False)
        try:
            await self.loop.sock_connect(link, self.target)
        except OSError:
            link.close()
            raise
        return link

    async def pump(self, path, way):
        """Passes on what goes one way, until its end; a side that is gone takes the other with it."""
        heard = bytearray() if way == TO_CLIENT else None
        try:
            while data := await path.readers[way].read(BUFFER):
                if heard is not None:
                    heard += data
                    if found := GREETING.search(heard):
                        self.greetings.append(tuple(part.decode() for part in found.groups()))
                        heard = None
                await self.wait(path, way, len(data))
                if not path.is_deaf[way]:
                    path.writers[way].write(data)
                    await path.writers[way].drain()
            if not path.is_deaf[way]:
                path.half_close(way)
        except OSError:
            path.close()

    async def wait(self, path, way, count):
        """The time that so many bytes take."""
        if path.delays[way]:
            await asyncio.sleep(path.delays[way])
        while (rest := path.stalled_until[way] - self.loop.time()) > 0:
            await asyncio.sleep(rest)
        if self.bytes_per_second:
            await asyncio.sleep(count / self.bytes_per_second)


def reset(writer):
    """Ends a connection with an RST."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
