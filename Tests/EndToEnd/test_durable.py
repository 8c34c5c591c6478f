"""The durable store (sections 3, 4, 11 and 12): what was accepted survives a kill, and a store that fails is no end."""

import resource
import signal

import pytest

from harness import binary
from harness.client import code_of
from harness.configuration import configuration
from harness.patience import wait_until
from harness.receiver import Receiver
from load.kill_nine import measure

#: Ignores what the system sends a process that writes beyond its limit: it gets an error instead.
WITHOUT_SIGNAL = ("sh", "-c", 'trap "" XFSZ; exec "$@"', "sh")
LARGE = "x" * 60_000


@pytest.fixture
def start(start_server):
    def begin(wrapper=(), **delivery):
        settings = configuration(
            Channels=["weather"], Delivery={"Store": "durable", "StorePath": "store.sqlite", **delivery}
        )
        return start_server(settings, wrapper=wrapper)

    return begin


def restart(server, loops=2):
    """Kills the server and starts it again, with another number of loops."""
    server.kill()
    server.settings["ThreadPoolSize"] = loops
    server.start()


def publish(client, number, **options):
    return client.publish("weather", "x", {"n": number}, guaranteed=True, **options)["event"]


def absent_receiver(server):
    """A receiver of everything on `weather` that is away."""
    receiver = Receiver(server)
    receiver.client.subscribe("weather", "**")
    receiver.lose()
    server.wait_metric(lambda metrics: metrics.value("sessions", state="detached") == 1, "it waits")
    return receiver


def commits(metrics):
    return metrics.value("store_commit_seconds_count")


def is_ready(server):
    return server.get("/-/ready").status == 200


@pytest.mark.parametrize("loops", [1, 2, 4])
def test_a_kill_loses_nothing(start, loops):
    server = start()
    receiver = Receiver(server)
    receiver.client.subscribe("weather", "**")
    with server.client() as publisher:
        ids = [publish(publisher, number) for number in range(1, 5)]
        ids.append(publish(publisher, 5, retain=True, key="fifth"))
        receiver.read(2)
        before = commits(server.metrics())
        receiver.ack()
        server.wait_metric(lambda metrics: commits(metrics) > before, "the ack is committed")
        restart(server, loops)
    # From offset 0: what was acked is known from the store alone.
    assert receiver.resume(offset=0)["pending"] == 3
    events = [receiver.client.event() for _ in range(3)]
    assert [event["id"] for event in events] == ids[2:]
    assert [event["offset"] for event in events] == [3, 4, 5] and {event["attempt"] for event in events} == {2}
    receiver.processed = 5
    with server.client() as publisher:
        assert publish(publisher, 5, key="fifth") == ids[4]
        publish(publisher, 6)
        event = receiver.client.event()
        assert (event["offset"], event["data"]) == (6, {"n": 6}) and "attempt" not in event
        publisher.subscribe("weather", "x")
        retained = publisher.event()
        assert retained["id"] == ids[4] and retained["retained"] is True
        restart(server)
    assert receiver.resume(offset=5)["pending"] == 1
    receiver.client.close()
    # The retained event waits for the publisher, who is away.
    server.wait_metric(lambda metrics: metrics.value("outbox_events") == 1, "the session has ended")


def test_what_was_answered_is_there(start):
    server = start()
    receiver = absent_receiver(server)
    for number in range(1, 7):
        publisher = server.client()
        publish(publisher, number)
        restart(server, loops=1 + number % 3)
        if number % 2:
            # Coming back changes nothing for what waits.
            receiver.resume(offset=0)
            receiver.lose()
            server.wait_metric(lambda metrics: metrics.value("sessions", state="live") == 0, "it is away")
    receiver.resume()
    receiver.read(6)
    assert receiver.seen == [1, 2, 3, 4, 5, 6] and receiver.gaps == []
    receiver.ack()
    receiver.client.close()


def test_a_drain_keeps_what_was_acked(start):
    server = start()
    receiver = Receiver(server)
    receiver.client.subscribe("weather", "**")
    with server.client() as publisher:
        for number in range(1, 4):
            publish(publisher, number)
    receiver.read(2)
    receiver.ack()
    receiver.client.ok("system", "ping")
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    server.start()
    assert receiver.resume(offset=0)["pending"] == 1
    assert receiver.client.event()["data"] == {"n": 3}


def fill(publisher):
    """Publishes large events until one is refused; the numbers of those that were accepted."""
    accepted = 0
    while True:
        data = {"action": "x", "data": {"n": accepted + 1, "filler": LARGE}, "guaranteed": True}
        response = publisher.request("weather", "publish", data)
        if response["status"] == "error":
            assert code_of(response) == "application.failed"
            return accepted
        accepted += 1
        assert accepted < 60


def test_a_full_store_refuses_and_heals(start):
    server = start(MaxStoreBytes=1 << 20)
    receiver = absent_receiver(server)
    with server.client() as publisher:
        accepted = fill(publisher)
        assert accepted >= 8
        response = server.get("/-/ready")
        assert response.status == 503 and b"store" in response.body
        assert server.get("/-/healthy").status == 200
        # Everything else goes on.
        publisher.subscribe("weather", "y")
        assert publisher.publish("weather", "y", {"n": 0}, count=True)["receivers"] == 1
        assert publisher.event()["data"] == {"n": 0}
        assert server.metrics().value("store_failures_total") > 0
        receiver.resume()
        while len(receiver.seen) < accepted:
            receiver.read(len(receiver.seen) + 1)
            receiver.ack()
        wait_until(lambda: is_ready(server), "it heals")
        publish(publisher, accepted + 1)
        receiver.read(accepted + 1)
        assert receiver.seen == list(range(1, accepted + 2)) and receiver.gaps == []
        restart(server)
    messages = [record["message"] for record in server.log_records()]
    assert "store opened" in messages
    # What was subscribed to while the store failed was stored later.
    assert server.metrics().value("subscriptions", channel="weather") == 2
    receiver.resume()
    receiver.client.close()


def test_a_disk_that_takes_no_more(start):
    server = start(wrapper=WITHOUT_SIGNAL)
    receiver = absent_receiver(server)
    publisher = server.client()
    for number in range(1, 4):
        publisher.publish("weather", "x", {"n": number, "filler": LARGE}, guaranteed=True)
    limit = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (65_536, limit[1]))
    request = {"action": "x", "data": {"n": 4}, "guaranteed": True}
    assert publisher.error("weather", "publish", request) == "application.failed"
    assert not is_ready(server)
    publisher.ok("system", "ping")
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limit)
    wait_until(lambda: is_ready(server), "it heals")
    publish(publisher, 5)
    messages = [record["message"] for record in server.log_records()]
    assert "the store fails: guaranteed publishes are refused" in messages and "the store works again" in messages
    restart(server)
    receiver.resume()
    receiver.read(4)
    assert receiver.seen == [1, 2, 3, 5]
    receiver.client.close()


def test_one_server_at_a_time(start, start_server):
    first = start()
    store = str(first.folder / "store.sqlite")
    second = start_server(configuration(Delivery={"Store": "durable", "StorePath": store}), ready=False)
    second.expected_exit = 1
    second.launch()
    assert second.process.wait(10) == 1
    assert "is in use by another process" in second.log_text()
    assert is_ready(first)
    # A server that is killed leaves no lock behind.
    first.kill()
    second.expected_exit = 0
    second.start()
    second.signal(signal.SIGTERM)
    assert second.wait() == 0
    first.start()


def test_a_damaged_store_is_refused_with_a_way_out(start):
    server = start()
    receiver = absent_receiver(server)
    with server.client() as publisher:
        for number in range(1, 30):
            publisher.publish("weather", "x", {"n": number, "filler": LARGE}, guaranteed=True)
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    path = server.folder / "store.sqlite"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xa5" * 16_384)
    before = path.read_bytes()
    server.launch()
    assert server.process.wait(10) == 1
    text = server.log_text()
    assert "is damaged" in text and "hydrogen store check" in text and "hydrogen store compact" in text
    assert path.read_bytes() == before
    assert binary.run("store", "compact", path).returncode == 0
    server.start()
    # What can be had is delivered; the rest is told.
    receiver.resume()
    while receiver.processed < 29:
        receiver.handle(receiver.client.event())
        receiver.ack()
    assert receiver.gaps and 15 < len(receiver.seen) < 29
    receiver.client.close()


def test_a_recording_of_a_server_with_a_store_is_replayed(start):
    server = start()
    receiver = absent_receiver(server)
    with server.client() as publisher:
        for number in range(1, 4):
            publish(publisher, number, key=f"k{number}", retain=True)
        server.kill()
    server.arguments = ["--record", "traffic.rec"]
    server.start()
    receiver.resume()
    receiver.read(3)
    receiver.ack()
    with server.client() as publisher:
        publish(publisher, 3, key="k3")
        publish(publisher, 4, key="k4")
        publisher.subscribe("weather", "**", guaranteed=True)
        publisher.event()
    receiver.read(4)
    receiver.client.close()
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    replayed = binary.run("replay", server.folder / "traffic.rec")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "no difference" in replayed.stdout + replayed.stderr


@pytest.mark.slow
def test_kills_at_random_instants_under_load(tmp_path):
    """A short run of `load/kill_nine.py`."""
    lines = []
    figures = measure(tmp_path, kills=4, publishers=4, subscribers=3, seed=1, report=lines.append)
    assert figures.kills == 4 and figures.published > 0 and figures.resumed >= 3
    assert not figures.faults(), "\n".join([*figures.faults(), *lines, str(figures)])
