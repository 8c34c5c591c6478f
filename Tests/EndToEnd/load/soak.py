#!/usr/bin/env python3
"""A server under mixed load for an hour: talkers, guaranteed events to receivers that lose their connections and resume,
churn, peers that mean harm, reloads, and a scrape every two seconds in which every law must hold.

    load/soak.py [--minutes 60] [--scale 1]

Exit status 1 when something is lost, repeated or out of order, when memory grows by more than 2 % over the last three
quarters of the time, when file descriptors or contexts are left behind, or when a scrape breaks a law.
"""

import argparse
import itertools
import json
import logging
import os
import pathlib
import random
import signal
import statistics
import sys
import tempfile
import threading
import time

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from websockets.exceptions import ConnectionClosed

from harness.configuration import configuration
from harness.patience import PATIENCE, wait_until
from harness.raw import BINARY, CONTINUATION, PING, TEXT, upgrade_headers
from harness.receiver import Receiver
from harness.server import Server
from load.idle_cost import raise_descriptor_limit

MAXIMUM_GROWTH = 1.02
#: Tokens that are looked for in every scrape and in the log: the latest, or an hour of churn would make scrapes slow.
SECRETS_KEPT = 200


class Soak:
    """The server, who plays with it, and what is found wrong."""

    def __init__(self, folder, scale):
        subscribers = [f"subscriber-{number}" for number in range(6 * scale)]
        everywhere = ("*:publish", "*:subscribe", "system:*")
        self.server = Server(
            folder,
            configuration(
                # Short, so that much happens in an hour; longer than a busy machine keeps an honest client waiting.
                HandshakeTimeout=10, MessageTimeout=5, HeartbeatInterval=5, HeartbeatTimeout=5, InactiveTimeout=10,
                MaxConnections=400 * scale, Session={"ResumeWindow": 20},
            ),
            keys=[(name, *everywhere) for name in [*subscribers, "talker", "publisher", "churn", "mallory"]],
        )
        self.scale = scale
        self.stopping = threading.Event()
        self.published = {}
        self.subscribers = [Subscriber(self, name) for name in subscribers]
        self.publishers = [Publisher(self, number) for number in range(2)]
        self.others = [
            *(Talker(self) for _ in range(4 * scale)), *(Churn(self) for _ in range(scale)), Hostile(self), Reloads(self)
        ]
        self.failures = []
        #: What the server counts as errors, at the end.
        self.errors = {}

    def run(self, seconds, report):
        raise_descriptor_limit(1000 + 500 * self.scale)
        self.server.start()
        try:
            return self.play(seconds, report)
        finally:
            self.stopping.set()
            self.server.finish()

    def play(self, seconds, report):
        self.warm_up()
        descriptors = self.descriptors()
        for subscriber in self.subscribers:
            subscriber.subscribe()
        players = [*self.subscribers, *self.others, *self.publishers]
        for player in players:
            player.start()
        samples = self.watch(seconds, report)
        for player in [*self.publishers, *self.others]:
            player.stop()
        self.await_last_events()
        self.stopping.set()
        for subscriber in self.subscribers:
            subscriber.stop()
        self.errors = {
            f"{dict(labels)['category']}.{dict(labels)['code']}": int(count)
            for (name, labels), count in self.server.metrics().samples.items()
            if name == "hydrogen_errors_total" and count
        }
        faults = list(self.failures) + self.growth(samples, seconds, report)
        faults += self.leftovers(descriptors, report)
        counts = {kind.__name__: sum(p.count for p in players if type(p) is kind) for kind in {type(p) for p in players}}
        report(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
        return faults

    def warm_up(self):
        """So that what the server opens once is open."""
        with self.server.client("talker") as client:
            client.ok("system", "ping", {})
        self.server.metrics()
        wait_until(lambda: self.server.metrics().total("connections") == 0, "the first client is gone", 20 * PATIENCE)

    def watch(self, seconds, report):
        """Scrapes until the time is over: (seconds since the start, resident bytes) each."""
        started, samples, told = time.monotonic(), [], 0
        while (elapsed := time.monotonic() - started) < seconds and not self.failures:
            self.forget_old_secrets()
            metrics = self.server.metrics()
            samples.append((elapsed, self.server.resident_bytes()))
            if elapsed >= told:
                told += 60
                report(
                    f"{elapsed / 60:4.0f} min  {samples[-1][1] / 1e6:.1f} MB  {self.descriptors()} descriptors"
                    f"  {metrics.total('connections'):.0f} connections  {metrics.total('outbox_events'):.0f} in outboxes"
                )
            self.stopping.wait(2)
        return samples

    def forget_old_secrets(self):
        keys = {key.token for key in self.server.keys.values()}
        others = [secret for secret in list(self.server.secrets) if secret not in keys]
        self.server.secrets = keys | set(others[-SECRETS_KEPT:])

    def await_last_events(self):
        def complete():
            return self.failures or all(
                subscriber.last.get(publisher, 0) == number
                for subscriber in self.subscribers
                for publisher, number in self.published.items()
            )

        try:
            wait_until(complete, "every subscriber has every event", 60 * PATIENCE)
        except AssertionError as error:
            self.failures.append(f"{error}: {self.published} published, {[s.last for s in self.subscribers]} received")

    def growth(self, samples, seconds, report):
        early = [size for at, size in samples if seconds / 4 <= at < seconds / 3]
        late = [size for at, size in samples if at >= seconds * 11 / 12]
        if not early or not late:
            return ["too short to judge the memory"]
        ratio = statistics.median(late) / statistics.median(early)
        report(f"memory at the end over that after a quarter of the time: {ratio:.4f}")
        return [f"memory grew by {ratio - 1:.1%}"] if ratio > MAXIMUM_GROWTH else []

    def leftovers(self, descriptors, report):
        try:
            metrics = self.server.wait_metric(
                lambda metrics: metrics.total("connections") == 0 and metrics.total("contexts") == 0,
                "no connection and no context is left", 60 * PATIENCE,
            )
            wait_until(lambda: self.descriptors() <= descriptors, "descriptors are back", 20 * PATIENCE)
        except AssertionError as error:
            return [f"{error}; {self.descriptors()} descriptors, {descriptors} at the start"]
        report(f"{self.descriptors()} descriptors, {descriptors} at the start; {metrics.value('contexts_freed_total'):.0f} freed")
        return []

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))


class Player(threading.Thread):
    """Does something again and again; what goes wrong ends the run."""

    def __init__(self, soak):
        super().__init__(daemon=True)
        self.soak, self.server = soak, soak.server
        self.random = random.Random(len(threading.enumerate()))
        self.count = 0
        self.ending = threading.Event()

    def run(self):
        try:
            while not self.ending.is_set():
                self.step()
                self.count += 1
            self.leave()
        except Exception as error:  # Whatever it is, the run has failed.
            self.soak.failures.append(f"{type(self).__name__}: {type(error).__name__}: {error}")

    def stop(self):
        self.ending.set()
        self.join(60 * PATIENCE)
        if self.is_alive():
            self.soak.failures.append(f"{type(self).__name__} does not end")

    def pause(self, seconds):
        self.ending.wait(seconds)

    def leave(self):
        pass


class Talker(Player):
    """Commands, each of which must be answered."""

    def __init__(self, soak):
        super().__init__(soak)
        self.client = None

    def step(self):
        self.client = self.client or self.server.client("talker")
        for number in range(20):
            assert self.client.ok("system", "ping", {"n": number}) == {"n": number}
        self.pause(0.2)

    def leave(self):
        if self.client:
            self.client.close()


class Publisher(Player):
    """Guaranteed events with consecutive numbers."""

    def __init__(self, soak, number):
        super().__init__(soak)
        self.name = f"p{number}"
        self.client = None

    def step(self):
        self.client = self.client or self.server.client("publisher")
        number = self.count + 1
        self.client.publish(
            "print", "soak.event", {"from": self.name, "n": number}, guaranteed=True, key=f"{self.name}-{number}"
        )
        self.soak.published[self.name] = number
        self.pause(0.05)

    def leave(self):
        self.client.close()


class Subscriber(Player):
    """Acknowledges every event, and loses its connection now and then."""

    def __init__(self, soak, key):
        super().__init__(soak)
        self.key = key
        self.last = {}

    def subscribe(self):
        self.receiver = Receiver(self.server, self.key)
        self.receiver.client.subscribe("print", "soak.*", guaranteed=True)

    def step(self):
        until = time.monotonic() + self.random.uniform(1, 10)
        while time.monotonic() < until and not self.ending.is_set():
            self.read()
        if self.ending.is_set():
            return
        self.receiver.lose()
        self.pause(self.random.uniform(0, 2))
        self.receiver.resume()

    def read(self):
        try:
            event = self.receiver.client.event(timeout=0.5)
        except TimeoutError:
            return
        assert event["action"] == "soak.event", event
        if self.receiver.handle(event):
            publisher, number = event["data"]["from"], event["data"]["n"]
            assert number == self.last.get(publisher, 0) + 1, (event, self.last)
            self.last[publisher] = number
            self.receiver.ack()

    def leave(self):
        self.receiver.client.close()


class Churn(Player):
    """Connections that come and go, in every way there is."""

    def step(self):
        client = self.server.client("churn")
        client.ok("system", "whoami", {})
        match self.count % 4:
            case 0: client.close()
            case 1: client.close(4000, "enough")
            case 2: client.lose()
            case 3:
                client.subscribe("print", "soak.*")
                client.close()
        self.pause(0.05)


class Hostile(Player):
    """One malice after the other; all that is asked of the server is to bear it."""

    def __init__(self, soak):
        super().__init__(soak)
        self.tricks = itertools.cycle([
            self.silent_socket, self.half_a_request, self.wrong_key, self.malformed, self.binary, self.oversized,
            self.endless_fragments, self.pings, self.unmasked, self.reset,
        ])

    def step(self):
        try:
            next(self.tricks)()
        except (OSError, EOFError, ConnectionClosed):
            pass  # It was thrown out.
        self.pause(0.2)

    def silent_socket(self):
        with self.server.raw():
            self.pause(0.1)

    def half_a_request(self):
        with self.server.raw() as socket:
            socket.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")

    def wrong_key(self):
        with self.server.raw() as socket:
            socket.send_request("GET", "/", upgrade_headers(socket.host, "hk_" + "x" * 40))
            assert socket.read_response().status == 401

    def malformed(self):
        with self.server.raw_client("mallory") as client:
            for _ in range(30):
                client.send_text('{"type":"command",')
            client.at_end()

    def binary(self):
        with self.server.raw_client("mallory") as client:
            client.send_frame(BINARY, b"\0" * 100)
            client.at_end()

    def oversized(self):
        with self.server.raw_client("mallory") as client:
            client.send_frame(TEXT, b"x" * (1 << 20))
            client.at_end()

    def endless_fragments(self):
        with self.server.raw_client("mallory") as client:
            client.send_frame(TEXT, b"{", final=False)
            for _ in range(200):
                client.send_frame(CONTINUATION, b" ", final=False)

    def pings(self):
        with self.server.raw_client("mallory") as client:
            for _ in range(500):
                client.send_frame(PING, b"x" * 100)

    def unmasked(self):
        with self.server.raw_client("mallory") as client:
            client.send_frame(TEXT, b"{}", mask=False)
            client.at_end()

    def reset(self):
        client = self.server.raw_client("mallory")
        client.send_text(json.dumps({"type": "command", "id": "1", "channel": "system", "action": "ping"}))
        client.reset()


class Reloads(Player):
    """SIGHUP: the same configuration and keys again."""

    def step(self):
        self.pause(20)
        if not self.ending.is_set():
            self.server.signal(signal.SIGHUP)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--scale", type=int, default=1, help="so many times the clients")
    options = parser.parse_args()
    # Connections that are cut on purpose are no news.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(folder, options.scale)
        faults = soak.run(options.minutes * 60, lambda line: print(line, flush=True))
        if faults:
            print("errors:", soak.errors, "\nthe server's last words:", *soak.server.log_text().splitlines()[-40:], sep="\n")
    for fault in faults:
        print(f"FAULT: {fault}")
    print("failed" if faults else f"{options.minutes:g} minutes without a fault")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
