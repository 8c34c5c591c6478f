"""The file service: its actions, its root which nothing leaves, and the bounds on commands that wait for it."""

import base64
import itertools
import os
import pathlib
import socket

import pytest

from harness.client import TIMESTAMP, code_of
from harness.configuration import configuration
from harness.patience import PATIENCE


@pytest.fixture(scope="module")
def root(server):
    return server.folder / "files"


@pytest.fixture(scope="module")
def client(server):
    with server.client() as client:
        yield client


folders = itertools.count(1)


@pytest.fixture
def folder(root):
    """An empty folder under the root, and its path for clients."""
    name = f"folder{next(folders)}"
    (root / name).mkdir()
    return root / name


def path(folder, *names):
    return "/".join([folder.name, *names])


def write(client, target, data, **options):
    return client.ok("file", "write", {"path": target, "data": data, "encoding": "text", **options})


def test_write_read_stat_delete(client, folder):
    item = write(client, path(folder, "a.txt"), "grüße\n")
    assert (item["name"], item["kind"], item["size"]) == ("a.txt", "file", 8)
    assert TIMESTAMP.fullmatch(item["modified"])
    assert (folder / "a.txt").read_text() == "grüße\n"
    assert client.ok("file", "stat", {"path": path(folder, "a.txt")}) == item
    answer = client.ok("file", "read", {"path": path(folder, "a.txt"), "encoding": "text"})
    assert answer == {"data": "grüße\n", "encoding": "text", "offset": 0, "size": 8, "eof": True}
    client.ok("file", "delete", {"path": path(folder, "a.txt")})
    assert not (folder / "a.txt").exists()
    assert client.error("file", "stat", {"path": path(folder, "a.txt")}) == "application.not_found"


def test_bytes_travel_as_base64(client, folder):
    data = bytes(range(256)) * 10
    client.ok("file", "write", {"path": path(folder, "b"), "data": base64.b64encode(data).decode()})
    assert (folder / "b").read_bytes() == data
    answer = client.ok("file", "read", {"path": path(folder, "b"), "offset": 100, "length": 50})
    assert base64.b64decode(answer["data"]) == data[100:150]
    assert (answer["offset"], answer["size"], answer["eof"]) == (100, 2560, False)


def test_a_large_file_in_parts(client, folder):
    data = os.urandom(200_000)
    upload, offset = None, 0
    while offset < len(data):
        chunk = data[offset : offset + 30_000]
        final = offset + len(chunk) == len(data)
        request = {"path": path(folder, "big"), "data": base64.b64encode(chunk).decode(), "offset": offset, "final": final}
        if upload is not None:
            request["upload"] = upload
        answer = client.ok("file", "write", request)
        assert (folder / "big").exists() is final, "the name is taken when everything is there"
        upload = answer.get("upload", upload)
        offset += len(chunk)
    assert (folder / "big").read_bytes() == data
    read = b""
    while True:
        answer = client.ok("file", "read", {"path": path(folder, "big"), "offset": len(read)})
        read += base64.b64decode(answer["data"])
        if answer["eof"]:
            break
    assert read == data


def test_list_is_sorted_and_paged(client, folder):
    for name in ("b", "a", "c", "ä", "Z"):
        (folder / name).write_text(name)
    (folder / "sub").mkdir()
    everything = ["Z", "a", "b", "c", "sub", "ä"]
    answer = client.ok("file", "list", {"path": folder.name})
    assert [item["name"] for item in answer["items"]] == everything
    assert "next" not in answer
    assert {item["name"]: item["kind"] for item in answer["items"]}["sub"] == "folder"
    seen, after = [], None
    while True:
        request = {"path": folder.name, "limit": 2} | ({"after": after} if after else {})
        answer = client.ok("file", "list", request)
        assert len(answer["items"]) <= 2
        seen += [item["name"] for item in answer["items"]]
        after = answer.get("next")
        if after is None:
            break
    assert seen == everything


def test_a_page_fits_into_a_message(client, folder):
    for number in range(1000):
        (folder / f"{number:04}{'x' * 200}").touch()
    seen, after = [], None
    while True:
        request = {"path": folder.name, "limit": 1000} | ({"after": after} if after else {})
        answer = client.ok("file", "list", request)
        seen += [item["name"] for item in answer["items"]]
        after = answer.get("next")
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 1000


def test_move(client, folder):
    (folder / "a").write_text("a")
    (folder / "b").write_text("b")
    assert client.error("file", "move", {"from": path(folder, "a"), "to": path(folder, "b")}) == "application.conflict"
    client.ok("file", "move", {"from": path(folder, "a"), "to": path(folder, "b"), "overwrite": True})
    assert (folder / "b").read_text() == "a" and not (folder / "a").exists()
    client.ok("file", "move", {"from": path(folder, "b"), "to": path(folder, "new", "c"), "parents": True})
    assert (folder / "new" / "c").read_text() == "a"
    assert client.error("file", "move", {"from": path(folder, "none"), "to": path(folder, "x")}) == "application.not_found"


def test_write_keeps_to_what_was_asked(client, folder):
    target = path(folder, "a")
    request = {"path": target, "data": "x", "encoding": "text"}
    assert client.error("file", "write", request | {"create": "never"}) == "application.not_found"
    write(client, target, "x", create="new")
    assert client.error("file", "write", request | {"create": "new"}) == "application.conflict"
    assert client.error("file", "write", request | {"path": path(folder, "none", "a")}) == "application.not_found"
    write(client, path(folder, "made", "a"), "x", parents=True)


def test_changes_are_told(server, client, folder):
    with server.client() as watcher:
        watcher.subscribe("file", "changed", filter={"path": {"gte": folder.name + "/", "lt": folder.name + "0"}})
        write(client, path(folder, "a"), "1")
        write(client, path(folder, "a"), "2")
        client.ok("file", "move", {"from": path(folder, "a"), "to": path(folder, "b")})
        client.ok("file", "delete", {"path": path(folder, "b")})
        changes = [watcher.event()["data"] for _ in range(4)]
    a, b = path(folder, "a"), path(folder, "b")
    assert changes == [
        {"path": a, "change": "created"},
        {"path": a, "change": "modified"},
        {"path": b, "change": "moved", "from": a},
        {"path": b, "change": "deleted"},
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "..", "../", "../secret", "a/../../secret", "./../secret", "/etc/passwd", "//etc/passwd", "a//b", "a/", ".",
        "a/./b", "a\x00b", "..\x00", "a\nb", "x" * 256, "x/" * 600 + "x",
    ],
    ids=lambda text: repr(text)[:20],
)  # fmt: skip
@pytest.mark.parametrize("action", ["list", "stat", "read", "write", "delete", "move from", "move to"])
def test_a_path_that_leads_elsewhere(server, client, root, action, bad):
    (server.folder / "secret").write_text("secret")
    requests = {
        "write": ("write", {"path": bad, "data": "x", "encoding": "text", "parents": True}),
        "move from": ("move", {"from": bad, "to": "stolen"}),
        "move to": ("move", {"from": "victim", "to": bad, "parents": True, "overwrite": True}),
    }
    (root / "victim").write_text("victim")
    action, request = requests.get(action, (action, {"path": bad}))
    assert client.error("file", action, request) in ("application.invalid_data", "application.not_found")
    assert (server.folder / "secret").read_text() == "secret"
    assert (root / "victim").read_text() == "victim"
    assert not (root / "stolen").exists()


@pytest.mark.parametrize("kind", ["link to a file", "link to a folder", "link inside", "pipe", "socket"])
def test_links_and_special_files_are_not_there(server, client, folder, kind):
    outside = server.folder / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "secret").write_text("secret")
    target, inner = folder / "x", ()
    listener = None
    if kind == "link to a file":
        target.symlink_to(outside / "secret")
    elif kind == "link to a folder":
        target.symlink_to(outside)
        inner = ("secret",)
    elif kind == "link inside":
        (folder / "real").write_text("real")
        target.symlink_to(folder / "real")
    elif kind == "pipe":
        os.mkfifo(target)
    else:
        listener = socket.socket(socket.AF_UNIX)
        before = pathlib.Path.cwd()
        os.chdir(folder)
        listener.bind("x")
        os.chdir(before)
    name = path(folder, "x", *inner)
    for action in ("stat", "read", "delete"):
        assert client.error("file", action, {"path": name}) == "application.not_found", action
    assert client.error("file", "move", {"from": name, "to": path(folder, "y")}) == "application.not_found"
    request = {"path": name, "data": "overwritten", "encoding": "text"}
    assert client.error("file", "write", request) in ("application.conflict", "application.not_found")
    if inner:
        assert client.error("file", "list", {"path": path(folder, "x")}) == "application.not_found"
    names = [item["name"] for item in client.ok("file", "list", {"path": folder.name})["items"]]
    assert "x" not in names
    assert (outside / "secret").read_text() == "secret"
    if listener is not None:
        listener.close()


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("stat", {}),
        ("stat", {"path": 7}),
        ("read", {"path": "a", "offset": -1}),
        ("read", {"path": "a", "length": -1}),
        ("read", {"path": "a", "encoding": "hex"}),
        ("list", {"path": "", "limit": 0}),
        ("write", {"path": "a"}),
        ("write", {"path": "a", "data": "no base64!"}),
        ("write", {"path": "a", "data": "", "offset": 5}),
        ("write", {"path": "", "data": ""}),
        ("delete", {"path": ""}),
        ("move", {"from": "a"}),
    ],
    ids=str,
)
def test_bad_data_is_invalid_data(client, action, data):
    assert client.error("file", action, data) == "application.invalid_data"


def test_an_error_tells_no_details(client, server):
    response = client.request("file", "stat", {"path": "no/such/file"})
    assert code_of(response) == "application.not_found"
    text = str(response["error"])
    assert str(server.folder) not in text and "errno" not in text.lower() and "no/such" not in text


def test_a_folder_that_is_not_empty_stays(client, folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "a").touch()
    assert client.error("file", "delete", {"path": path(folder, "sub")}) == "application.conflict"
    assert (folder / "sub" / "a").exists()


def test_commands_are_counted_and_measured(server, client):
    before = server.metrics()
    for _ in range(3):
        client.ok("file", "list", {"path": ""})
    client.error("file", "stat", {"path": "none"})
    after = server.metrics()

    def rise(name, **labels):
        return after.value(name, **labels) - before.value(name, **labels)

    assert rise("commands_total", channel="file", status="ok") == 3
    assert rise("commands_total", channel="file", status="error") == 1
    assert rise("command_duration_seconds_count", channel="file") == 4


def test_without_a_root_the_service_is_off(start_server):
    server = start_server()
    with server.client() as client:
        code = client.error("file", "list", {"path": ""})
        assert code in ("application.unknown_action", "application.unknown_channel")


def test_a_root_that_is_not_there_stops_the_start(start_server):
    server = start_server(configuration(Services={"File": {"Root": "nowhere"}}), ready=False)
    server.launch()
    server.expected_exit = server.wait()
    assert server.expected_exit in (1, 78)
    assert "nowhere" in server.log_text()


# Bounds on what waits for a service


def slow_server(start_server, **changes):
    """A server with a folder that takes long to list, and the commands that do so."""
    server = start_server(configuration(Services={"File": {"Root": "files"}}, **changes), folders=["files/many"])
    for number in range(10_000):
        (server.folder / "files" / "many" / f"{number:05}").touch()
    return server


LIST_MANY = {"path": "many", "limit": 1}


def test_more_than_max_commands_in_flight_is_busy(start_server):
    server = slow_server(start_server, MaxCommandsInFlight=3)
    with server.client() as client:
        ids = [client.post("file", "list", LIST_MANY) for _ in range(60)]
        answers = [client.response(id, 60 * PATIENCE) for id in ids]
        busy = [answer for answer in answers if answer["status"] == "error"]
        assert {code_of(answer) for answer in busy} == {"application.busy"}
        assert 3 <= len(answers) - len(busy) < 60
        assert answers[0]["status"] == "ok"
        client.ok("file", "list", LIST_MANY)


def test_a_service_that_takes_too_long_is_a_time_out(start_server):
    server = slow_server(start_server, CommandTimeout=0.1, MaxCommandsInFlight=1000)
    with server.client() as client:
        ids = [client.post("file", "list", LIST_MANY) for _ in range(150)]
        answers = [client.response(id, 60 * PATIENCE) for id in ids]
        late = [answer for answer in answers if answer["status"] == "error"]
        assert {code_of(answer) for answer in late} == {"application.timeout"}
        assert len(late) >= 1
        # Every late answer finds nobody, and is counted.
        server.wait_metric(
            lambda metrics: metrics.value("stale_references_total") == len(late), "late answers", 60 * PATIENCE
        )
        client.ok("system", "ping")
        assert not client.responses, "nothing is answered twice"


def test_commands_of_a_connection_that_is_gone_leave_a_zombie_that_is_freed(start_server):
    server = slow_server(start_server, MaxCommandsInFlight=1000, ZombieTimeout=60 * PATIENCE)
    client = server.client()
    for _ in range(150):
        client.post("file", "list", LIST_MANY)
    client.ok("system", "ping")
    client.close()
    server.wait_metric(lambda metrics: metrics.value("connections", state="zombie") == 1, "a zombie")
    metrics = server.wait_metric(
        lambda metrics: metrics.value("contexts_freed_total") == 1, "freed with its last reference", 60 * PATIENCE
    )
    assert metrics.value("orphans_collected_total") == 0


def test_a_zombie_is_collected_after_its_time_out(start_server):
    server = slow_server(start_server, MaxCommandsInFlight=1000, ZombieTimeout=1, DrainTimeout=30)
    client = server.client()
    for _ in range(1000):
        client.post("file", "list", LIST_MANY)
    client.ok("system", "ping")
    client.close()
    metrics = server.wait_metric(
        lambda metrics: metrics.value("contexts_freed_total") == 1, "freed", 60 * PATIENCE
    )
    assert metrics.value("orphans_collected_total") == 1
    server.wait_metric(lambda metrics: metrics.value("stale_references_total") >= 1, "late answers", 60 * PATIENCE)


@pytest.mark.skipif(
    os.environ.get("HYDROGEN_TEST_SANITIZER") == "thread", reason="its memory lies in files, which are bounded here"
)
def test_a_disk_that_takes_no_more_is_a_failure(start_server):
    # A limit on the size of files stands for the end of the disk: the write fails in its middle.
    limit = ["env", "--ignore-signal=XFSZ", "prlimit", "--fsize=100000"]
    server = start_server(configuration(Services={"File": {"Root": "files"}}), folders=["files"], wrapper=limit)
    with server.client() as client:
        chunk = {"path": "large", "data": "x" * 40_000, "encoding": "text", "final": False}
        upload = client.ok("file", "write", chunk)["upload"]
        client.ok("file", "write", {**chunk, "upload": upload, "offset": 40_000})
        assert client.error("file", "write", {**chunk, "upload": upload, "offset": 80_000}) == "application.failed"
        # Nothing of it is seen, and what fits is still taken.
        write(client, "small", "text")
        assert [item["name"] for item in client.ok("file", "list", {"path": ""})["items"]] == ["small"]
