"""Hostile peers (`load/hostile.py`), each beside honest clients: what the server holds stays within a bound that is computed,
the honest ones lose nothing and wait for nothing, and each of their messages costs at most half as much again."""

import json
import os
import statistics

import pytest

from harness.certificates import make_certificate
from harness.configuration import configuration
from harness.patience import PATIENCE
from harness.processors import apart_from
from harness.raw import CONTINUATION, TEXT
from load.hostile import ATTACKS
from load.idle_cost import cpu_nanoseconds

#: What the process may grow beside that: the allocator's arenas, the buffers of the loop and of the HTTP side.
SLACK_BYTES = 4 << 20
MAXIMUM_RATIO = 1.5
ROUNDS = 5
MESSAGES = 300

# A sanitizer's memory and time are not the server's.
measured = "HYDROGEN_TEST_SANITIZER" not in os.environ


class Honest:
    """A publisher and a subscriber: every event has a number, and the next one comes when the last has arrived."""

    def __init__(self, server, context=None):
        self.subscriber, self.publisher = (server.raw_client("alice", context=context) for _ in range(2))
        self.number = 0
        self.request(self.subscriber, "subscribe", {"topic": "honest"})

    def request(self, client, action, data):
        command = {"type": "command", "id": str(self.number), "channel": "print", "action": action, "data": data}
        client.send_text(json.dumps({**command, "auth": {"token": client.session["token"]}}))
        response = client.read_message()
        assert (response["id"], response["status"]) == (str(self.number), "ok"), response

    def exchange(self, count):
        for _ in range(count):
            self.number += 1
            self.request(self.publisher, "publish", {"action": "honest", "data": {"n": self.number}})
            assert self.subscriber.read_message()["data"] == {"n": self.number}, "lost or out of order"

    def close(self):
        self.subscriber.close()
        self.publisher.close()


class Observed:
    """A server and its honest clients: what their messages cost, and what it holds."""

    def __init__(self, server, context=None):
        self.server, self.honest = server, Honest(server, context)
        self.honest.exchange(5 * MESSAGES)
        self.before = self.peak = server.resident_bytes()

    def spent(self, messages, step=lambda: None):
        """Nanoseconds of CPU that a step of an attack and so many honest messages behind it take the server."""
        started = cpu_nanoseconds(self.server)
        step()
        self.honest.exchange(messages)
        self.peak = max(self.peak, self.server.resident_bytes())
        return cpu_nanoseconds(self.server) - started


def cost_beside(attack, attacked, spared):
    """How many times as much CPU an honest message costs beside an attack, less what the attack costs by itself.

    The steps with few messages, those with many and the messages of a server that nobody attacks take turns: all meet the
    same moments of a shared machine."""
    few, many, without = 0, 0, 0
    count = MESSAGES // attack.steps
    for _ in range(attack.steps):
        few += attacked.spent(1, attack.step)
        many += attacked.spent(1 + count, attack.step)
        without += spared.spent(count)
    return (many - few) / without


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificates"), "server")


@pytest.mark.alone
@pytest.mark.parametrize("kind", ATTACKS, ids=[kind.__name__ for kind in ATTACKS])
def test_hostile_peers(start_server, certificate, kind):
    settings, context = dict(kind.settings), None
    if kind.secure:
        settings |= {"SecureMode": "tls", "CertificatePath": str(certificate.certificate), "KeyPath": str(certificate.key)}
        context = certificate.client_context()
    everywhere = ("*:publish", "*:subscribe")
    server, other = (
        start_server(
            configuration(ThreadPoolSize=1, **settings), keys=[("alice", *everywhere), ("mallory", *everywhere)]
        )
        for _ in range(2)
    )
    attack = kind(server, context)
    with apart_from((server, other)):
        attacked, spared = Observed(server, context), Observed(other, context)
        try:
            attack.open()
            ratio = statistics.median(cost_beside(attack, attacked, spared) for _ in range(ROUNDS))
            # A newcomer who means well finds room, too.
            with server.raw_client("alice", context=context) as newcomer:
                attacked.honest.request(newcomer, "unsubscribe", {"topic": "none"})
            server.wait_metric(attack.is_over, f"what the server does about {kind.__name__}")
            attacked.honest.exchange(1)
        finally:
            attack.close()
            attacked.honest.close()
            spared.honest.close()
    grown, bound = attacked.peak - attacked.before, attack.count * attack.bytes_per_socket + SLACK_BYTES
    print(f"{kind.__name__}: {ratio:.2f} times the CPU, {grown >> 10} of {bound >> 10} KiB")
    if measured:
        assert grown <= bound, f"{grown} bytes were taken, {bound} are the bound"
        assert ratio <= MAXIMUM_RATIO, f"an honest message costs {ratio:.2f} times as much"
    server.wait_metric(lambda metrics: metrics.total("connections") == 0, "nothing is left", 20 * PATIENCE)


LARGEST = 16 << 20


@pytest.mark.parametrize("pieces", [1, 16])
def test_the_largest_message_that_can_be_allowed(start_server, pieces):
    """Exactly `MaxMessageBytes` at its upper bound passes, one byte more is 1009."""
    server = start_server(
        configuration(MaxMessageBytes=LARGEST, ThreadPoolSize=1, Delivery={"MaxSendQueueBytes": LARGEST, "MaxOutboxBytes": LARGEST})
    )

    def send(client, size):
        head = '{"type":"command","id":"1","channel":"system","action":"channels","auth":{"token":"%s"},"data":{"pad":"'
        text = (head % client.session["token"]).encode()
        text += b"x" * (size - len(text) - 3) + b'"}}'
        assert len(text) == size
        length = -(-size // pieces)
        parts = [text[start : start + length] for start in range(0, size, length)]
        for index, part in enumerate(parts):
            client.send_frame(CONTINUATION if index else TEXT, part, final=index == len(parts) - 1)

    with server.raw_client() as client:
        send(client, LARGEST)
        assert client.read_message()["status"] == "ok"
    with server.raw_client() as client:
        try:
            send(client, LARGEST + 1)
        except OSError:
            # The server has said what it thinks of it before all of it was sent.
            pass
        assert client.read_close() == (1009, "protocol.too_large")
