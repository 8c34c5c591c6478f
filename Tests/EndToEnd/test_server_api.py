"""The server API (section 11): keys and permissions, publishing, disconnecting, lists, blocks and tickets."""

import json
import threading

import pytest
from websockets.exceptions import InvalidStatus

from harness.api import API
from harness.client import Client
from harness.configuration import configuration
from harness.keys import create_key, revoke_key
from harness.patience import wait_until

ENDPOINTS = [
    ("POST", "/publish"),
    ("POST", "/disconnect"),
    ("GET", "/connections"),
    ("GET", "/sessions"),
    ("GET", "/blocks"),
    ("DELETE", "/blocks/192.0.2.1"),
    ("POST", "/tickets"),
]


@pytest.fixture(scope="module")
def server(start_shared):
    return start_shared(
        configuration(Channels=["weather"], MaxMessageBytes=4096),
        keys=[("backend", "weather:publish"), ("reader", "*:subscribe"), ("device", "*:*")],
    )


@pytest.fixture(scope="module")
def api(server):
    return API(server)


@pytest.fixture(scope="module")
def backend(server):
    return API(server, server.keys["backend"])


# Keys and permissions


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_without_a_key(api, method, path):
    answer = api.call(method, path, authorization=None)
    assert (answer.status, answer.code) == (401, "authentication.missing")
    assert answer.headers["WWW-Authenticate"] == "Key"


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@pytest.mark.parametrize("authorization", ["Key hk_wrong", "Key ", "Key", "key a, key b"])
def test_with_a_wrong_key(api, method, path, authorization):
    assert api.refused(method, path, authorization=authorization) == (401, "authentication.invalid")


def test_another_scheme_is_no_key(api):
    assert api.refused("GET", "/blocks", authorization="Bearer x") == (401, "authentication.missing")


@pytest.mark.parametrize(("method", "path"), ENDPOINTS[1:])
def test_all_but_publish_is_for_administrators(backend, method, path):
    assert backend.refused(method, path, {}) == (403, "authentication.forbidden")


def test_who_may_publish_nowhere_is_refused_as_a_whole(server):
    reader = API(server, server.keys["reader"])
    for body in ({"channel": "weather", "action": "a"}, [{"channel": "weather", "action": "a"}]):
        assert reader.refused("POST", "/publish", body) == (403, "authentication.forbidden")


def test_expired_and_revoked_keys(start_server):
    server = start_server(ready=False, keys=[("leaver", "*:*")])
    expired = create_key(server.keys_file, "old", "*:*", expires="2020-01-01T00:00:00Z")
    server.secrets.add(expired.token)
    revoke_key(server.keys_file, "leaver")
    server.start()
    assert API(server, expired).refused("GET", "/blocks") == (401, "authentication.expired")
    assert API(server, server.keys["leaver"]).refused("GET", "/blocks") == (401, "authentication.revoked")


def test_a_key_that_is_revoked_while_the_server_runs(start_server):
    import signal

    server = start_server(keys=[("leaver", "system:admin")])
    api = API(server, server.keys["leaver"])
    assert api.ok("GET", "/blocks") == {"items": [], "next": None}
    revoke_key(server.keys_file, "leaver")
    server.signal(signal.SIGHUP)
    wait_until(lambda: api.call("GET", "/blocks").status == 401, "the key is revoked")


@pytest.mark.parametrize(("method", "path", "allowed"), [("GET", "/publish", "POST"), ("POST", "/blocks", "GET, HEAD"), ("GET", "/blocks/::1", "DELETE")])
def test_another_method(api, method, path, allowed):
    answer = api.call(method, path)
    assert answer.status == 405 and answer.headers["Allow"] == allowed


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/publish/", "/blocks/", "/blocks/a/b"])
def test_another_path(api, path):
    assert api.call("GET", path).status == 404


# Publishing


def test_an_event_reaches_its_subscribers(server, backend):
    with server.client() as client:
        client.subscribe("weather", "rain.*")
        answer = backend.ok("POST", "/publish", {"channel": "weather", "action": "rain.heavy", "data": {"mm": 12}, "priority": "high"})
        event = client.event()
        assert event["id"] == answer["event"]
        assert (event["channel"], event["action"], event["data"]) == ("weather", "rain.heavy", {"mm": 12})
        assert event["priority"] == "high"


def test_it_goes_to_whom_it_is_for(server, api):
    with server.client("device") as device, server.client() as other:
        for client in (device, other):
            client.subscribe("weather", "**")
        api.ok("POST", "/publish", {"channel": "weather", "action": "only", "to": {"identity": "device"}})
        api.ok("POST", "/publish", {"channel": "weather", "action": "mark"})
        assert device.event()["action"] == "only"
        assert other.event()["action"] == "mark"


def test_receivers_are_counted_where_it_is_asked_for(server, api):
    with server.client("device") as first, server.client() as second:
        for client in (first, second):
            client.subscribe("weather", "counted")
        assert api.ok("POST", "/publish", {"channel": "weather", "action": "counted", "count": True})["receivers"] == 2
        assert "receivers" not in api.ok("POST", "/publish", {"channel": "weather", "action": "counted"})


def test_a_key_publishes_once(server, backend, api):
    event = {"channel": "weather", "action": "once", "key": "k-1"}
    first = backend.ok("POST", "/publish", event)
    assert backend.ok("POST", "/publish", event) == first
    assert api.ok("POST", "/publish", event) != first, "another identity's keys are its own"


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        ({"channel": "print", "action": "a"}, 403, "authentication.forbidden"),
        ({"channel": "system", "action": "a"}, 403, "authentication.forbidden"),
        ({"channel": "weather", "action": "a", "to": {"all": True}}, 403, "authentication.forbidden"),
        ({"channel": "weather"}, 400, "application.invalid_data"),
        ({"action": "a"}, 400, "application.invalid_data"),
        ({"channel": "Weather", "action": "a"}, 400, "application.invalid_data"),
        ({"channel": "weather", "action": "A"}, 400, "application.invalid_data"),
        ({"channel": "weather", "action": "a", "data": []}, 400, "application.invalid_data"),
        ({"channel": "weather", "action": "a", "priority": "top"}, 400, "application.invalid_data"),
        ({"channel": "weather", "action": "a", "key": ""}, 400, "application.invalid_data"),
        ({"channel": "weather", "action": "a", "data": {"x": "x" * 4096}}, 413, "protocol.too_large"),
        (1, 400, "application.invalid_data"),
        (None, 400, "protocol.malformed_json"),
        (b"{", 400, "protocol.malformed_json"),
        (b"[" * 40 + b"]" * 40, 400, "protocol.too_deep"),
        (b'{"channel": "weather", "action": "\xff"}', 400, "protocol.malformed_json"),
    ],
)
def test_what_is_refused(backend, event, status, code):
    assert backend.refused("POST", "/publish", event) == (status, code)


def test_an_unknown_channel(api):
    assert api.refused("POST", "/publish", {"channel": "nowhere", "action": "a"}) == (404, "application.unknown_channel")
    assert api.refused("POST", "/publish", {"channel": "system", "action": "a"}) == (403, "authentication.forbidden")


def test_an_array_has_an_outcome_for_each(server, backend):
    with server.client() as client:
        client.subscribe("weather", "**")
        good = [{"channel": "weather", "action": f"n{number}"} for number in range(3)]
        results = backend.ok("POST", "/publish", [good[0], {"channel": "print", "action": "a"}, good[1], 7, good[2]])["results"]
        codes = [result.get("error", {}).get("code") for result in results]
        assert codes == [None, "forbidden", None, "invalid_data", None]
        assert {client.event()["id"] for _ in good} == {result["event"] for result in results if "event" in result}


def test_an_array_may_be_empty_and_not_too_long(backend):
    assert backend.ok("POST", "/publish", []) == {"results": []}
    events = [{"channel": "weather", "action": "a"}] * 1000
    assert len(backend.ok("POST", "/publish", events)["results"]) == 1000
    assert backend.refused("POST", "/publish", [*events, events[0]]) == (400, "application.invalid_data")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_more_than_a_mebibyte(backend, chunked):
    body = b" " * (1 << 20) + b"x"
    if not chunked:
        assert backend.refused("POST", "/publish", body) == (413, "protocol.too_large")
        # One byte less is read, and found to be no JSON.
        assert backend.refused("POST", "/publish", body[1:]) == (400, "protocol.malformed_json")
    else:
        import http.client

        connection = http.client.HTTPConnection(*backend.address, timeout=30)
        parts = (body[start : start + 65536] for start in range(0, len(body), 65536))
        connection.request("POST", "/api/v1/publish", parts, {"Authorization": f"Key {backend.token}"}, encode_chunked=True)
        assert connection.getresponse().status == 413
        connection.close()


def test_events_count_as_messages_of_their_identity(start_server):
    limit = {"MessagesPerIdentity": {"Rate": 0.01, "Burst": 5}}
    server = start_server(configuration(RateLimits=limit), keys=[("backend", "print:publish")])
    backend = API(server, server.keys["backend"])
    event = {"channel": "print", "action": "a"}
    results = backend.ok("POST", "/publish", [event] * 7)["results"]
    assert [result.get("error", {}).get("code") for result in results] == [None] * 5 + ["rate_limited"] * 2
    assert results[6]["error"]["retry_after_ms"] > 0
    answer = backend.call("POST", "/publish", event)
    assert (answer.status, answer.code) == (429, "connection.rate_limited")
    assert int(answer.headers["Retry-After"]) >= 1
    server.wait_metric(
        lambda metrics: metrics.value("rate_limited_total", limit="messages_per_identity") == 3, "three were refused"
    )
    assert API(server).ok("GET", "/blocks"), "another identity has its own"


def test_wrong_keys_are_offences(start_server):
    blocking = {"After": 3, "Window": 60, "Duration": 60, "Maximum": 60, "DryRun": False}
    server = start_server(configuration(Blocking=blocking))
    api = API(server)
    for _ in range(3):
        assert api.refused("GET", "/blocks", authorization="Key hk_wrong")[0] == 401
    wait_until(lambda: api.call("GET", "/blocks").status == 403, "the address is blocked")
    answer = api.call("GET", "/blocks")
    assert answer.code == "connection.blocked" and int(answer.headers["Retry-After"]) >= 1
    with server.raw() as client:
        assert client.upgrade(server.admin.token).status == 403


# Disconnecting


@pytest.mark.parametrize("by", ["session", "identity", "address"])
def test_disconnect(start_server, by):
    server = start_server(keys=[("device", "*:*")])
    api = API(server)
    with server.client("device") as first, server.client() as other:
        body = {"session": first.session["session"], "identity": "device", "address": "127.0.0.1"}
        answer = api.ok("POST", "/disconnect", {by: body[by], "reason": "maintenance"})
        assert answer == {"disconnected": 2 if by == "address" else 1}
        assert first.closed()[0] == 4403
        if by == "address":
            assert other.closed()[0] == 4403
        else:
            other.ok("system", "ping")
    assert any(record.get("reason") == "maintenance" for record in server.log_records("disconnected by an operator"))


@pytest.mark.parametrize(
    "body",
    [{}, {"session": 1}, {"identity": None}, {"address": "localhost"}, {"identity": "a", "session": "b"},
     {"identity": "a", "reason": 1}, [], "identity"],
)
def test_a_disconnect_that_says_nothing(api, body):
    assert api.refused("POST", "/disconnect", body)[0] == 400


def test_nobody_to_disconnect(api):
    assert api.ok("POST", "/disconnect", {"identity": "nobody"}) == {"disconnected": 0}


# Lists


def everything(api, path, limit):
    """All items, page by page."""
    items, after = [], ""
    while True:
        page = api.ok("GET", f"{path}?limit={limit}{after}")
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            return items
        assert len(page["items"]) == limit
        after = f"&after={page['next']}"


def test_connections_are_listed_page_by_page(start_server):
    server = start_server()
    api = API(server)
    clients = [server.client() for _ in range(7)]
    sessions = {client.session["session"] for client in clients}
    for limit in (1, 3, 7, 100):
        items = everything(api, "/connections", limit)
        assert {item["session"] for item in items} == sessions and len(items) == 7
        assert len({item["id"] for item in items}) == 7
    clients[0].ok("system", "ping")
    (item,) = [item for item in everything(api, "/connections", 100) if item["session"] == clients[0].session["session"]]
    assert item["identity"] == "admin" and item["address"] == "127.0.0.1" and item["state"] == "connected"
    assert item["messages"] == {"received": 1, "sent": 2}
    assert item["queue_bytes"] == item["outbox_bytes"] == item["buffer_bytes"] == item["references"] == 0
    for client in clients:
        client.close()


def test_sessions_are_listed_page_by_page(start_server):
    server = start_server()
    api = API(server)
    clients = [server.client() for _ in range(5)]
    clients[0].subscribe("print", "a", guaranteed=True)
    clients[0].socket.socket.close()  # lost, so that its session waits
    wait_until(lambda: any(item["state"] == "detached" for item in everything(api, "/sessions", 100)), "a detached session")
    api.ok("POST", "/publish", {"channel": "print", "action": "a", "data": {}})
    for limit in (1, 2, 5):
        items = everything(api, "/sessions", limit)
        assert {item["id"] for item in items} == {client.session["session"] for client in clients}
    (item,) = [item for item in items if item["state"] == "detached"]
    assert item["id"] == clients[0].session["session"]
    assert item["subscriptions"] == item["outbox_events"] == 1 and item["outbox_bytes"] > 0
    # The id alone will do as well.
    after = sorted(everything(api, "/sessions", 100), key=lambda item: item["id"])[0]["id"]
    assert api.ok("GET", f"/sessions?after={after}")["next"] is None
    for client in clients[1:]:
        client.close()


@pytest.mark.parametrize("path", ["/connections", "/sessions", "/blocks"])
@pytest.mark.parametrize("limit", ["0", "1001", "-1", "1.5", "x", "", "%00", "01"])
def test_a_wrong_limit(api, path, limit):
    assert api.refused("GET", f"{path}?limit={limit}") == (400, "application.invalid_data")


@pytest.mark.parametrize(("path", "after"), [("/connections", "x"), ("/connections", "0.0"), ("/connections", "-1.0.1"), ("/sessions", "x"), ("/sessions", "s0-a.b")])
def test_a_wrong_place(api, path, after):
    assert api.refused("GET", f"{path}?after={after}") == (400, "application.invalid_data")


def test_head_answers_like_get(api):
    answer = api.call("HEAD", "/blocks")
    assert answer.status == 200 and int(answer.headers["Content-Length"]) > 0 and answer.body == b""


def test_blocks_are_listed_and_lifted(start_server):
    blocking = {"After": 2, "Window": 60, "Duration": 600, "Maximum": 600, "DryRun": False}
    server = start_server(configuration(Blocking=blocking), keys=[("device", "print:subscribe")])
    api = API(server)
    with server.client("device") as client:
        for _ in range(2):
            client.send("{")
        assert client.closed()[0] == 4429
    (block,) = api.ok("GET", "/blocks")["items"]
    assert (block["address"], block["identity"], block["reason"]) == ("127.0.0.1", "device", "protocol")
    assert block["since"] < block["until"]
    with pytest.raises(InvalidStatus):
        server.client("device")
    assert api.refused("DELETE", "/blocks/192.0.2.1") == (404, "application.not_found")
    assert api.refused("DELETE", "/blocks/nowhere") == (400, "application.invalid_data")
    assert api.ok("DELETE", "/blocks/127.0.0.1") == {"removed": 1}
    assert api.ok("GET", "/blocks")["items"] == []
    server.client("device").close()


# Tickets


def ticket_client(server, ticket):
    return Client(server, "", subprotocols=("hydrogen-protocol", f"hydrogen.ticket.{ticket}"))


@pytest.fixture
def ticket(server, api):
    ticket = api.ok("POST", "/tickets", {"identity": "page", "permissions": ["weather:subscribe"], "expires_s": 60})["ticket"]
    server.secrets.add(ticket)
    return ticket


def test_a_ticket_lets_in_once(server, ticket):
    with ticket_client(server, ticket) as client:
        me = client.ok("system", "whoami")
        assert (me["identity"], me["permissions"]) == ("page", ["weather:subscribe"])
        client.subscribe("weather", "**")
        assert client.error("weather", "publish", {"action": "a"}) == "authentication.forbidden"
        with pytest.raises(InvalidStatus) as refusal:
            ticket_client(server, ticket)
        assert refusal.value.response.status_code == 401


def test_of_many_that_come_at_once_one_gets_in(server, ticket):
    outcomes = []

    def attempt():
        try:
            with ticket_client(server, ticket):
                outcomes.append("in")
        except InvalidStatus:
            outcomes.append("out")

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["out"] * 11


@pytest.mark.parametrize("text", ["", "ht_", "ht_" + "A" * 43, "x"])
def test_a_ticket_that_was_never_given_out(server, text):
    with server.raw() as client:
        response = client.upgrade(None, subprotocols=("hydrogen-protocol", f"hydrogen.ticket.{text}"))
        assert (response.status, response.error()) == (401, "authentication.invalid")


def test_a_session_of_a_ticket_is_resumed_by_the_next(server, api, ticket):
    first = ticket_client(server, ticket)
    first.subscribe("weather", "a", guaranteed=True)
    first.socket.socket.close()
    api.ok("POST", "/publish", {"channel": "weather", "action": "a", "data": {"n": 1}})
    again = api.ok("POST", "/tickets", {"identity": "page", "permissions": ["weather:subscribe"], "expires_s": 60})["ticket"]
    with ticket_client(server, again) as client:
        client.ok("system", "resume", {"session": first.session["session"], "token": first.session["token"], "offset": 0})
        assert client.event()["data"] == {"n": 1}


def test_the_connection_of_a_ticket_ends_in_time(server, api):
    ticket = api.ok("POST", "/tickets", {"identity": "brief", "permissions": ["*:subscribe"], "expires_s": 2})["ticket"]
    with ticket_client(server, ticket) as client:
        client.ok("system", "ping")
        assert client.closed(15) == (4401, "authentication.expired")


def test_it_ends_with_the_key_that_it_was_given_out_for(start_server):
    import signal

    server = start_server(keys=[("desk", "system:admin")])
    body = {"identity": "page", "permissions": ["*:subscribe"], "expires_s": 600}
    used = API(server, server.keys["desk"]).ok("POST", "/tickets", body)["ticket"]
    unused = API(server, server.keys["desk"]).ok("POST", "/tickets", body)["ticket"]
    kept = API(server).ok("POST", "/tickets", body)["ticket"]
    with ticket_client(server, used) as client, ticket_client(server, kept) as other:
        revoke_key(server.keys_file, "desk")
        server.signal(signal.SIGHUP)
        assert client.closed() == (4401, "authentication.revoked")
        with pytest.raises(InvalidStatus):
            ticket_client(server, unused)
        other.ok("system", "ping")


@pytest.mark.parametrize(
    "change",
    [{"identity": ""}, {"identity": "x" * 129}, {"identity": "anonymous"}, {"identity": 1}, {"identity": ...},
     {"permissions": "a:b"}, {"permissions": ["a"]}, {"permissions": ["a:b"] * 101}, {"permissions": ...},
     {"expires_s": 0}, {"expires_s": 1.5}, {"expires_s": "1"}, {"expires_s": 31536001}, {"expires_s": ...}],
)
def test_a_wrong_ticket(api, change):
    body = {"identity": "page", "permissions": ["a:b"], "expires_s": 60, **change}
    body = {name: value for name, value in body.items() if value is not ...}
    assert api.refused("POST", "/tickets", body) == (400, "application.invalid_data")


# What else it must be


def test_no_token_is_in_an_answer(server, api):
    with server.client() as client:
        for path in ("/connections", "/sessions"):
            text = json.dumps(everything(api, path, 1000))
            assert client.session["token"] not in text and client.session["signing_key"] not in text
            assert all(key.token not in text for key in server.keys.values())


def test_without_a_websocket_side_there_is_nothing_to_list(start_server):
    api = API(start_server(configuration(Enabled=False)))
    for path in ("/connections", "/sessions", "/blocks"):
        assert api.ok("GET", path) == {"items": [], "next": None}
