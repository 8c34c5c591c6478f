"""Recordings of real traffic: `hydrogen serve --record`, and `hydrogen replay` (section 13)."""

import contextlib
import json
import os
import re
import signal
import stat

import pytest

from harness import binary, recording
from harness.client import key_subprotocol
from harness.configuration import configuration
from harness.keys import create_key
from harness.patience import wait_until
from harness.raw import BINARY, CONTINUATION, TEXT, upgrade_headers


@pytest.fixture
def recorded(start_server):
    """Starts servers that record; the file is `server.recording`."""

    def start(*arguments, **changes):
        settings = configuration(ThreadPoolSize=3, Services={"File": {"Root": "files"}}, **changes)
        server = start_server(
            settings,
            folders=["files"],
            keys=[("alice", "*:*"), ("bob", "*:*"), ("listener", "*:subscribe")],
            arguments=["--record", "traffic.rec", *arguments],
        )
        server.recording = server.folder / "traffic.rec"
        return server

    return start


def replay(path, *arguments):
    result = binary.run("replay", path, *arguments)
    return result.returncode, result.stdout + result.stderr


def kill(server):
    server.signal(signal.SIGKILL)
    server.expected_exit = -signal.SIGKILL
    server.wait()


def settle(server):
    """Waits until everything that has happened is in the file: a block is at most 100 ms old."""
    size = [server.recording.stat().st_size]

    def handed_over():
        # Loops that are idle hand over too: the file grows after what we wait for was handed over.
        size.append(server.recording.stat().st_size)
        return size[-1] > size[0] and len(size) > 30

    wait_until(handed_over, "blocks in the file", interval=0.01)


# What is recorded


def talk(server):
    """Clients of every kind, on all loops."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.client(name)) for name in ("alice", "bob", "alice", "bob", "admin", "alice")]
        clients.append(stack.enter_context(server.client("alice", header=False)))
        listener = stack.enter_context(server.client("listener"))
        listener.subscribe("print", "job.**")
        clients[1].subscribe("print", "job.*", conflate_ms=20)
        clients[2].subscribe("print", "keep.*", guaranteed=True)
        for number, client in enumerate(clients):
            client.ok("system", "whoami")
            client.publish("print", "job.done", {"n": number}, count=True)
            client.publish("print", f"job.kept{number}", {"n": number}, retain=True, priority="high")
            # The same key from all loops, and each with the key of its handshake as its token.
            client.request("print", "publish", {"action": "job.once", "key": "k"}, auth={"token": client.token})
            client.publish("print", "keep.it", {"n": number}, guaranteed=True)
            client.error("print", "nonsense")
            client.error("system", "ping", auth={"token": "wrong"})
            client.send("no json")
        use_files(clients[0])
        fragment(server)
        resume(server)
        stall(server, clients[3])
        refuse(server)
        for client in clients[:3]:
            client.close(4000 if client is clients[0] else 1000)
        with server.raw_client("bob") as raw:
            raw.send_frame(BINARY, b"\0")
            assert raw.read_close()[0] == 1003
        server.raw_client("bob").reset()


def use_files(client):
    """Commands to a service, many at once."""
    ids = [client.post("file", "list", {"path": "" if number % 2 else "absent"}) for number in range(20)]
    statuses = [client.response(id)["status"] for id in ids]
    assert statuses == ["error", "ok"] * 10


def fragment(server):
    """A message in frames that cut the token that it carries."""
    with server.raw_client("alice") as raw:
        token = server.keys["alice"].token
        text = json.dumps(
            {
                "type": "command", "id": "f", "channel": "system", "action": "ping",
                "data": {"pad": "x" * 3000}, "auth": {"token": token},
            }
        ).encode()  # fmt: skip
        cut = text.index(token.encode()) + 7
        pieces = [text[:10], text[10 : cut - 5], text[cut - 5 : cut], text[cut : cut + 20], text[cut + 20 :]]
        for index, piece in enumerate(pieces):
            raw.send_frame(CONTINUATION if index else TEXT, piece, final=index == len(pieces) - 1)
        assert raw.read_message()["status"] == "ok"


def resume(server):
    """A session that goes on with another connection, most often on another loop."""
    first = server.client("bob")
    first.subscribe("print", "keep.*", guaranteed=True)
    session = first.session
    first.socket.socket.close()
    with server.client("bob") as second:
        data = {"session": session["session"], "token": session["token"], "offset": 0}
        second.session["token"] = second.ok("system", "resume", data)["token"]
        second.publish("print", "keep.on", guaranteed=True)
        second.request("system", "whoami")


def stall(server, publisher):
    """A subscriber that reads nothing for a while."""
    with server.raw_client("bob", receive_buffer=4096) as raw:
        raw.send_text(
            json.dumps(
                {
                    "type": "command", "id": "s", "channel": "print", "action": "subscribe",
                    "data": {"topic": "filler"}, "auth": {"token": raw.session["token"]},
                }
            )
        )  # fmt: skip
        assert raw.read_message()["status"] == "ok"
        for number in range(2000):
            publisher.publish("print", "filler", {"n": number, "pad": "x" * 30000})
            if number % 4 == 3 and server.metrics().value("send_queue_bytes") > 100_000:
                break
        for _ in range(number + 1):
            assert raw.read_message()["action"] == "filler"


def refuse(server):
    """Handshakes that end otherwise."""
    for token in ("wrong", None):
        with server.raw() as raw:
            assert raw.upgrade(token).status == 401
    with server.raw() as raw:
        offers = ("hydrogen-protocol", key_subprotocol(server.keys["bob"].token))
        raw.send_request("GET", "/", upgrade_headers(raw.host, None, offers))
        assert raw.read_response().status == 101
    with server.raw() as raw:
        raw.send_request("GET", "/elsewhere", [("Host", raw.host)])
        assert raw.read_response().status == 404
    server.raw().close()


def reload(server):
    server.keys["carol"] = create_key(server.keys_file, "carol", "*:*")
    server.secrets.add(server.keys["carol"].token)
    server.signal(signal.SIGHUP)
    wait_until(lambda: server.log_records("configuration reloaded"), "the reload")
    with server.client("carol") as client:
        client.ok("system", "ping")


def test_traffic_is_replayed_without_a_difference_after_a_kill(recorded, tmp_path):
    server = recorded()
    talk(server)
    reload(server)
    settle(server)
    kill(server)

    data = server.recording.read_bytes()
    assert stat.S_IMODE(server.recording.stat().st_mode) == 0o600
    assert [record["level"] for record in server.log_records() if "RECORDING" in record["message"]] == ["warning"]
    # No key is in the file, in whatever form it was sent.
    for key in server.keys.values():
        assert key.token.encode() not in data
        assert key_subprotocol(key.token).split(".")[-1].encode() not in data
    assert b"no json" in data, "it does hold the traffic"

    trace = tmp_path / "trace.txt"
    status, text = replay(server.recording, "--trace", trace)
    assert status == 0, text
    assert "no difference" in text and "DIFFERENCE" not in text, text
    assert int(re.search(r"replayed (\d+) steps", text)[1]) > 1000, text
    assert "it has no end: the server was killed" in text or "in the midst of a block" in text, text
    lines = trace.read_text().splitlines()
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600
    assert {line.split()[2] for line in lines} == {"0", "1", "2"}
    for what in ("requested", "accept hydrogen-protocol", "401 authentication.missing", "choked", "job.done", "no json"):
        assert any(what in line for line in lines), what
    # The same again is the same, byte for byte.
    assert replay(server.recording, "--trace", tmp_path / "again.txt")[0] == 0
    assert (tmp_path / "again.txt").read_text().splitlines() == lines


def test_a_drain_is_replayed_to_its_end(recorded):
    server = recorded(RateLimits={"MessagesPerConnection": {"Rate": 1, "Burst": 8}}, MaxMessageBytes=4096)
    with server.client("alice") as client, server.client("bob"):
        for _ in range(12):
            client.request("system", "ping")
        server.signal(signal.SIGTERM)
        assert client.closed()[0] == 1001
    assert server.wait() == 0
    assert server.log_records("the recording is complete")
    status, text = replay(server.recording)
    assert (status, "the recording ended because the server stopped" in text) == (0, True), text
    assert recording.blocks(server.recording.read_bytes())[-1].kind == recording.END


# Files that are not as they were written


@pytest.fixture(scope="module")
def sample(start_shared, tmp_path_factory):
    """The bytes of a recording that ended in order."""
    server = start_shared(configuration(), arguments=["--record", "traffic.rec"])
    for _ in range(3):
        with server.client() as client:
            for _ in range(200):
                client.ok("system", "whoami")
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    return (server.folder / "traffic.rec").read_bytes()


def test_a_flipped_byte_is_told_with_the_last_good_position(sample, tmp_path):
    block = [block for block in recording.blocks(sample) if block.kind == recording.RECORDS][2]
    damaged = bytearray(sample)
    damaged[block.position + recording.HEADER + len(block.payload) // 2] ^= 1
    path = tmp_path / "damaged.rec"
    path.write_bytes(damaged)
    status, text = replay(path)
    assert status == 1, text
    assert "no difference" in text, "what stands before it is replayed"
    assert f"checksum is wrong; the last good position is byte {block.position}" in text, text


@pytest.mark.parametrize("part", [0.3, 0.999], ids=["early", "late"])
def test_a_cut_is_told_and_what_stands_before_it_is_replayed(sample, tmp_path, part):
    path = tmp_path / "cut.rec"
    blocks = recording.blocks(sample)
    size = int(len(sample) * part)
    if size in {block.position for block in blocks}:
        size -= 1
    path.write_bytes(sample[:size])
    status, text = replay(path)
    assert status == 0, text
    last = max(block.position for block in blocks if block.position < size)
    assert f"it ends in the midst of a block; the last good position is byte {last}" in text, text
    assert "no difference" in text


def test_what_was_changed_is_a_difference(sample, tmp_path):
    block = next(block for block in recording.blocks(sample) if b'"whoami"' in block.payload)
    path = tmp_path / "changed.rec"
    path.write_bytes(recording.changed(sample, block, block.payload.replace(b'"whoami"', b'"whoamx"', 1)))
    status, text = replay(path)
    assert status == 1, text
    assert re.search(rf"DIFFERENCE on loop \d, step \d+, 20.*in the block at byte {block.position}", text), text
    assert re.search(r"input .*end of pass", text) or re.search(r"input .*whoamx", text), text
    assert re.search(r"recorded .*write of \d+ bytes", text) and "unknown_action" in text, text


def test_another_format_is_told(sample, tmp_path):
    head = recording.blocks(sample)[0]
    path = tmp_path / "other.rec"
    path.write_bytes(recording.changed(sample, head, bytes([99]) + head.payload[1:]))
    status, text = replay(path)
    assert (status, "it is a recording in format 99, and this program reads format" in text) == (78, True), text


def test_a_recording_of_another_version_of_the_server_is_told_and_replayed(sample, tmp_path):
    head = recording.blocks(sample)[0]
    size = head.payload[1]
    path = tmp_path / "other.rec"
    path.write_bytes(recording.changed(sample, head, head.payload[:2] + b"9" * size + head.payload[2 + size :]))
    status, text = replay(path)
    assert status == 0, text
    assert "a difference may be one of the programs" in text and "no difference" in text, text


@pytest.mark.parametrize("content", [b"", b"{}", recording.SIGNATURE, None], ids=["empty", "other", "no head", "absent"])
def test_what_is_no_recording_is_told(tmp_path, content):
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    status, text = replay(path)
    assert status == 78 and str(path) in text, text


# Bounds and options


def test_a_recording_ends_at_its_bound_and_the_server_goes_on(recorded):
    server = recorded("--record-max-bytes", str(1 << 20))
    with server.client("alice") as client:
        pad = "x" * 20000
        for _ in range(80):
            client.ok("system", "ping", {"pad": pad})
        wait_until(lambda: server.log_records(), "a log")
        ended = wait_until(
            lambda: [r for r in server.log_records() if "it reached its bound" in r["message"]], "the end of the recording"
        )
        assert ended[0]["level"] == "warning"
        for _ in range(20):
            client.ok("system", "ping", {"pad": pad})
    assert server.recording.stat().st_size <= 1 << 20
    status, text = replay(server.recording)
    assert (status, "the recording ended because it reached its bound" in text) == (0, True), text


@pytest.mark.parametrize("obstacle", ["file", "link"])
def test_what_stands_in_the_place_of_the_file_is_left_alone(start_server, obstacle):
    server = start_server(configuration(), ready=False, arguments=["--record", "traffic.rec"])
    path = server.folder / "traffic.rec"
    if obstacle == "file":
        path.write_text("mine")
    else:
        os.symlink("elsewhere", path)
    server.launch()
    server.expected_exit = 1
    assert server.wait() == 1
    assert "traffic.rec" in server.log_text()
    assert path.is_symlink() or path.read_text() == "mine"
    assert not (server.folder / "elsewhere").exists()


@pytest.mark.parametrize("arguments", [["--record-max-bytes", "10"], ["--record-max-bytes", "x"]])
def test_a_bound_that_is_none_is_told(start_server, arguments):
    server = start_server(configuration(), ready=False, arguments=["--record", "traffic.rec", *arguments])
    server.launch()
    server.expected_exit = 64
    assert server.wait() == 64
