"""The opening handshake (section 1 of the contract): every row of its table, and their order."""

import base64
import hashlib
import signal

import pytest

from harness.client import key_subprotocol
from harness.configuration import configuration
from harness.patience import wait_until
from harness.raw import SAMPLE_KEY, upgrade_headers


def handshake(server, token=None, target="/", **changes):
    """The response to one attempt; None when the server ends the connection without one."""
    with server.raw() as client:
        try:
            return client.upgrade(token, target, **changes)
        except EOFError:
            return None


def request(server, method="GET", target="/", headers=(), version="HTTP/1.1"):
    with server.raw() as client:
        client.send_request(method, target, headers, version)
        try:
            return client.read_response(method)
        except EOFError:
            return None


def refusals(server, code):
    return server.metrics().value("handshakes_rejected_total", code=code)


@pytest.fixture(scope="module")
def anonymous_server(start_shared):
    return start_shared(configuration(AuthRequired=False))


# Accepted


def test_accepts_and_selects_the_subprotocol(server):
    response = handshake(server, server.admin.token)
    assert response.status == 101
    assert response.headers["sec-websocket-protocol"] == "hydrogen-protocol"
    assert response.headers["upgrade"].lower() == "websocket"
    digest = hashlib.sha1(f"{SAMPLE_KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    assert response.headers["sec-websocket-accept"] == base64.b64encode(digest).decode()
    assert "sec-websocket-extensions" not in response.headers


@pytest.mark.parametrize(
    "changes",
    [
        {"Upgrade": "WebSocket"},
        {"Connection": "keep-alive, Upgrade"},
        {"subprotocols": ("other", "hydrogen-protocol")},
        {"subprotocols": ("hydrogen-protocol", "other")},
        {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits"},
    ],
    ids=lambda changes: next(iter(changes.values())) if isinstance(next(iter(changes.values())), str) else None,
)
def test_accepts_variants(server, changes):
    response = handshake(server, server.admin.token, **changes)
    assert response.status == 101
    assert response.headers["sec-websocket-protocol"] == "hydrogen-protocol"
    assert "sec-websocket-extensions" not in response.headers


@pytest.mark.parametrize("scheme", ["Key", "key", "KEY"])
def test_scheme_of_the_key_has_no_case(server, scheme):
    assert handshake(server, Authorization=f"{scheme} {server.admin.token}").status == 101


def test_takes_the_key_from_a_subprotocol(server):
    response = handshake(server, subprotocols=("hydrogen-protocol", key_subprotocol(server.admin.token)))
    assert response.status == 101
    assert response.headers["sec-websocket-protocol"] == "hydrogen-protocol"


def test_the_header_wins_over_the_subprotocol(server):
    wrong = key_subprotocol("hk_wrong")
    assert handshake(server, server.admin.token, subprotocols=("hydrogen-protocol", wrong)).status == 101
    right = key_subprotocol(server.admin.token)
    response = handshake(server, "hk_wrong", subprotocols=("hydrogen-protocol", right))
    assert (response.status, response.error()) == (401, "authentication.invalid")


def test_the_query_is_not_part_of_the_path(server):
    assert handshake(server, server.admin.token, target="/?anything=1").status == 101


def test_a_path_of_its_own(start_server):
    server = start_server(configuration(Path="/socket/v1"))
    assert handshake(server, server.admin.token, target="/socket/v1").status == 101
    for target in ("/", "/socket", "/socket/v1/", "/socket/v1/more", "/Socket/v1"):
        response = handshake(server, server.admin.token, target=target)
        assert (response.status, response.error()) == (404, "protocol.path"), target


# Row by row


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_another_method_is_405(server, method):
    headers = [*upgrade_headers("localhost", server.admin.token), ("Content-Length", "0")]
    response = request(server, method, headers=headers)
    # libwebsockets drops some methods by itself.
    if response is not None:
        assert response.status in (400, 405)
        assert response.error() == "protocol.handshake"


def test_post_is_405_with_allow(server):
    response = request(server, "POST", headers=[("Host", "localhost"), ("Content-Length", "0")])
    if response is not None:
        assert (response.status, response.error()) == (405, "protocol.handshake")
        assert response.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("version", "changes"),
    [
        ("HTTP/1.0", {}),
        ("HTTP/1.1", {"Host": None}),
        ("HTTP/1.1", {"Sec_WebSocket_Key": None}),
        ("HTTP/1.1", {"Sec_WebSocket_Key": ""}),
        ("HTTP/1.1", {"Sec_WebSocket_Key": base64.b64encode(b"x" * 15).decode()}),
        ("HTTP/1.1", {"Sec_WebSocket_Key": base64.b64encode(b"x" * 17).decode()}),
        ("HTTP/1.1", {"Sec_WebSocket_Key": "!" * 24}),
        ("HTTP/1.1", {"Sec_WebSocket_Key": SAMPLE_KEY.rstrip("=")}),
        ("HTTP/1.1", {"Upgrade": "other"}),
        ("HTTP/1.1", {"Upgrade": "h2c"}),
        ("HTTP/1.1", {"Upgrade": "websocket, h2c"}),
        ("HTTP/1.1", {"Upgrade": "h2c, websocket"}),
    ],
    ids=[
        "HTTP/1.0", "no Host", "no key", "empty key", "15 bytes", "17 bytes", "not base64", "no padding",
        "other upgrade", "h2c", "websocket and h2c", "h2c and websocket",
    ],
)  # fmt: skip
def test_a_malformed_upgrade_is_400_or_dropped(server, version, changes):
    response = request(server, headers=upgrade_headers("localhost", server.admin.token, **changes), version=version)
    if response is None:
        return
    if changes.get("Upgrade", "websocket") != "websocket" and response.status == 403:
        return  # libwebsockets knows no such upgrade, and says so before it asks.
    assert (response.status, response.error()) == (400, "protocol.handshake")


@pytest.mark.parametrize("count", [15, 17])
def test_a_key_of_the_wrong_size_is_answered(server, count):
    before = refusals(server, "protocol.handshake")
    response = handshake(server, server.admin.token, Sec_WebSocket_Key=base64.b64encode(b"x" * count).decode())
    assert (response.status, response.error()) == (400, "protocol.handshake")
    assert refusals(server, "protocol.handshake") == before + 1


@pytest.mark.parametrize("target", ["/elsewhere", "/index.html", "/a/b/c"])
def test_another_path_is_404(server, target):
    response = handshake(server, server.admin.token, target=target)
    assert (response.status, response.error()) == (404, "protocol.path")
    plain = request(server, target=target, headers=[("Host", "localhost")])
    assert (plain.status, plain.error()) == (404, "protocol.path")


def test_a_plain_get_is_426(server):
    response = request(server, headers=[("Host", "localhost")])
    assert (response.status, response.error()) == (426, "protocol.upgrade_required")
    assert response.headers["upgrade"].lower() == "websocket"


@pytest.mark.parametrize("version", ["8", "12", "14", "0", "", "thirteen", None])
def test_another_version_is_426(server, version):
    response = handshake(server, server.admin.token, Sec_WebSocket_Version=version)
    assert (response.status, response.error()) == (426, "protocol.upgrade_required")
    assert response.headers["sec-websocket-version"] == "13"


@pytest.mark.parametrize(
    "subprotocols",
    [(), ("other",), ("Hydrogen-Protocol",), ("hydrogen-protocol2",), ("echo",), ("key only",)],
    ids=["none", "other", "another case", "longer", "echo while it is off", "only a key"],
)
def test_without_the_subprotocol_it_is_400(server, subprotocols):
    if subprotocols == ("key only",):
        subprotocols = (key_subprotocol(server.admin.token),)
    response = handshake(server, server.admin.token, subprotocols=subprotocols)
    assert (response.status, response.error()) == (400, "protocol.subprotocol")


def test_without_a_key_it_is_401(server):
    before = refusals(server, "authentication.missing")
    response = handshake(server)
    assert (response.status, response.error()) == (401, "authentication.missing")
    assert response.headers["www-authenticate"] == "Key"
    assert response.headers["content-type"].startswith("application/json")
    assert refusals(server, "authentication.missing") == before + 1


@pytest.mark.parametrize("token", ["hk_wrong", "hk_" + "A" * 43, "x"])
@pytest.mark.parametrize("way", ["header", "subprotocol"])
def test_a_wrong_key_is_401(server, token, way):
    offered = ("hydrogen-protocol", key_subprotocol(token))
    response = handshake(server, token) if way == "header" else handshake(server, subprotocols=offered)
    assert (response.status, response.error()) == (401, "authentication.invalid")
    assert response.headers["www-authenticate"] == "Key"


def test_a_long_header_is_read_whole(server):
    response = handshake(server, "A" * 500)
    assert (response.status, response.error()) == (401, "authentication.invalid")


def test_several_subprotocols_beside_the_key(server):
    offered = ("another", "hydrogen-protocol", key_subprotocol(server.admin.token), "v1")
    assert len(", ".join(offered)) < 128
    assert handshake(server, subprotocols=offered).status == 101


def test_a_list_that_libwebsockets_cannot_read_is_400(server):
    # It keeps 128 bytes for it.
    response = handshake(server, server.admin.token, subprotocols=("hydrogen-protocol", "x" * 150))
    assert (response.status, response.error()) == (400, "protocol.subprotocol")


def test_every_changed_character_of_a_token_makes_it_wrong(server):
    token = server.admin.token
    for index in (0, 3, 4, len(token) // 2, len(token) - 2):
        changed = token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :]
        assert handshake(server, changed).status == 401
    assert handshake(server, token[:-1]).status == 401
    assert handshake(server, token + "A").status == 401


def test_a_key_is_never_taken_from_the_url(server):
    for target in (f"/?key={server.admin.token}", f"/?token={server.admin.token}", f"/?access_token={server.admin.token}"):
        response = handshake(server, target=target)
        assert (response.status, response.error()) == (401, "authentication.missing")


@pytest.mark.parametrize("encoded", ["", "!!!", "aGk=", "a"])
def test_a_key_subprotocol_that_is_not_base64url_is_401(server, encoded):
    response = handshake(server, subprotocols=("hydrogen-protocol", f"hydrogen.key.{encoded}"))
    assert response.status in (400, 401)
    if response.status == 401:
        assert response.error() in ("authentication.invalid", "authentication.missing")


def test_two_key_subprotocols_are_malformed(server):
    offered = key_subprotocol(server.admin.token)
    for pair in ((offered, offered), (offered, key_subprotocol("hk_wrong"))):
        response = handshake(server, subprotocols=("hydrogen-protocol", *pair))
        assert response.status in (400, 401)


def test_a_ticket_that_nobody_gave_is_401(server):
    response = handshake(server, subprotocols=("hydrogen-protocol", "hydrogen.ticket.AAAAAAAAAAAAAAAAAAAAAA"))
    assert (response.status, response.error()) == (401, "authentication.invalid")


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
def test_another_scheme_is_no_key(server, scheme):
    response = handshake(server, Authorization=f"{scheme} {server.admin.token}")
    assert response.status == 401
    assert response.error() in ("authentication.missing", "authentication.invalid")


# The order of the checks


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"target": "/no", "Sec_WebSocket_Version": "8"}, 404, "protocol.path"),
        ({"Sec_WebSocket_Version": "8", "subprotocols": ()}, 426, "protocol.upgrade_required"),
        ({"subprotocols": (), "Origin": "null"}, 400, "protocol.subprotocol"),
        ({"Origin": "http://evil.example", "Authorization": "Key hk_wrong"}, 403, "authentication.origin"),
    ],
    ids=["path before version", "version before sub-protocol", "sub-protocol before origin", "origin before key"],
)
def test_the_first_check_that_fails_answers(origin_server, changes, status, code):
    response = handshake(origin_server, **changes)
    assert (response.status, response.error()) == (status, code)


# Origin


@pytest.fixture(scope="module")
def origin_server(start_shared):
    return start_shared(configuration(AllowedOrigins=["https://app.example", "http://localhost:3000"]))


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("https://app.example", True),
        ("http://localhost:3000", True),
        ("http://app.example", False),
        ("https://app.example:8443", False),
        ("https://app.example.evil", False),
        ("https://evil.app.example", False),
        ("http://localhost", False),
        ("http://localhost:30000", False),
        ("null", False),
        ("", False),
    ],
)
def test_allowed_origins_are_exact(origin_server, origin, allowed):
    response = handshake(origin_server, origin_server.admin.token, **({} if origin is None else {"Origin": origin}))
    if allowed:
        assert response.status == 101
    elif origin == "":
        assert response.status in (101, 403), "an empty header may be taken for an absent one"
    else:
        assert (response.status, response.error()) == (403, "authentication.origin")


@pytest.mark.parametrize(("origin", "status"), [("https://anything.example", 101), (None, 101), ("null", 403)])
def test_any_origin_but_null_with_a_star(start_shared, star_server, origin, status):
    assert handshake(star_server, star_server.admin.token, **({"Origin": origin} if origin else {})).status == status


@pytest.fixture(scope="module")
def star_server(start_shared):
    return start_shared(configuration(AllowedOrigins=["*"]))


@pytest.mark.parametrize("origin", ["https://anything.example", "null"])
def test_without_a_list_a_key_is_enough(server, origin):
    assert handshake(server, server.admin.token, Origin=origin).status == 101


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("pages.example:8080", "http://pages.example:8080", 101),
        ("pages.example", "https://pages.example", 101),
        ("pages.example:8080", None, 101),
        ("pages.example:8080", "http://pages.example", 403),
        ("pages.example:8080", "http://other.example:8080", 403),
        ("pages.example:8080", "null", 403),
    ],
)
def test_without_a_list_and_a_key_the_origin_is_the_host(anonymous_server, host, origin, status):
    changes = {"Host": host} | ({"Origin": origin} if origin else {})
    response = handshake(anonymous_server, **changes)
    assert response.status == status
    if status == 403:
        assert response.error() == "authentication.origin"


# Anonymous


def test_anonymous_without_a_key(anonymous_server):
    with anonymous_server.client("") as client:
        assert client.session["identity"] == "anonymous"
        whoami = client.ok("system", "whoami")
        assert whoami["identity"] == "anonymous"
        assert whoami["permissions"] == ["*:subscribe"]
        client.subscribe("print", "job.*")
        assert client.error("print", "publish", {"action": "job.done"}) == "authentication.forbidden"


def test_a_wrong_key_is_refused_where_none_is_needed(anonymous_server):
    response = handshake(anonymous_server, "hk_wrong")
    assert (response.status, response.error()) == (401, "authentication.invalid")


def test_a_key_still_counts_where_none_is_needed(anonymous_server):
    with anonymous_server.client() as client:
        assert client.session["identity"] == "admin"


def test_permissions_of_the_anonymous_are_configured(start_server):
    server = start_server(configuration(AuthRequired=False, AnonymousPermissions=["print:publish", "system:status"]))
    with server.client("") as client:
        client.publish("print", "job.done")
        client.ok("system", "status")
        assert client.error("print", "subscribe", {"topic": "**"}) == "authentication.forbidden"


def test_anonymous_without_a_key_file(start_server):
    server = start_server(configuration(AuthRequired=False, KeysPath=...))
    assert handshake(server).status == 101


# Draining


def test_while_draining_the_listener_answers_503(start_server):
    server = start_server(configuration(DrainTimeout=4, CloseTimeout=4))
    # A connection that does not answer its close frame keeps the server draining.
    with server.raw_client() as holder:
        server.signal(signal.SIGTERM)
        wait_until(lambda: server.get("/-/ready").status == 503, "draining")
        response = handshake(server, server.admin.token)
        assert (response.status, response.error()) == (503, "connection.draining")
        assert int(response.headers["retry-after"]) >= 1
        assert handshake(server, server.admin.token, target="/no").status == 404
        server.wait_metric(
            lambda metrics: metrics.value("handshakes_rejected_total", code="connection.draining") == 1, "counted"
        )
        assert holder.read_close() == (1001, "connection.draining")
    assert server.wait() == 0
