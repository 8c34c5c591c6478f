"""The envelope (section 2): its members, its bounds, and an answer to every message that is not well-formed."""

import itertools
import json

import pytest

from harness.client import code_of
from harness.configuration import configuration
from harness.raw import BINARY, CONTINUATION, TEXT, frame


@pytest.fixture(scope="module")
def relaxed(start_shared):
    """A server that counts protocol errors without closing, and wants no token in a message."""
    return start_shared(configuration(MessageAuth="connection", MaxProtocolErrors=100000))


@pytest.fixture(scope="module")
def client(relaxed):
    with relaxed.client() as client:
        yield client


def ping(**members):
    """The text of a ping command; None removes a member."""
    message = {"type": "command", "id": "one", "channel": "system", "action": "ping"} | members
    return json.dumps({name: value for name, value in message.items() if value is not None})


def answer(client, text):
    """The response to a message, and after it proof that the connection stands."""
    client.send(text)
    response = client.receive()
    assert response["type"] == "response", response
    client.ok("system", "ping", auth=None)
    return response


# What cannot be read at all


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "{", "}", "nonsense", '{"type"', '{"type":}', '{"type":"command",}', '{type:"command"}',
        "{'type':'command'}", '{"a":1}{"a":2}', '{"a":1} x', '{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":1.}',
        '{"a":1e}', '{"a":NaN}', '{"a":Infinity}', '{"a":tru}', '{"a":"\t"}', '{"a":"\\x"}', '{"a":"\\u12"}',
        '{"a":[1,]}', '{"a":[1 2]}', '{"a":"b" "c":1}', '\ufeff{"a":1}', '{"a":1}\x00', "[", "[1",
        '{"a":"\\ud800"}', '{"a":"\\udc00"}', '{"a":"\\ud800\\u0041"}', '{"\\udfff":1}', '// c\n{"a":1}',
    ],
)  # fmt: skip
def test_malformed_json(client, text):
    response = answer(client, text)
    assert code_of(response) == "protocol.malformed_json"
    assert (response["id"], response["channel"], response["action"]) == (None, "system", "error")


@pytest.mark.parametrize("text", ["[]", '[{"type":"command"}]', "1", '"text"', "null", "true", " [ ] "])
def test_not_an_object(client, text):
    response = answer(client, text)
    assert code_of(response) == "protocol.not_an_object"
    assert (response["id"], response["channel"], response["action"]) == (None, "system", "error")


# Members


@pytest.mark.parametrize("member", ["type", "id", "channel", "action"])
def test_missing_field(client, member):
    response = answer(client, ping(**{member: None}))
    assert code_of(response) == "protocol.missing_field"
    assert member in response["error"]["message"]
    expected = {"id": "one", "channel": "system", "action": "ping"} | {
        "id": {"id": None},
        "channel": {"channel": "system"},
        "action": {"action": "error"},
    }.get(member, {})
    assert {name: response[name] for name in expected} == expected


def test_an_empty_object_lacks_everything(client):
    response = answer(client, "{}")
    assert code_of(response) == "protocol.missing_field"
    assert (response["id"], response["channel"], response["action"]) == (None, "system", "error")


@pytest.mark.parametrize("kind", ["event", "response", "request", "", "COMMAND", "command "])
def test_unknown_type(client, kind):
    response = answer(client, ping(type=kind))
    assert code_of(response) == "protocol.unknown_type"
    assert response["id"] == "one"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        *(("type", value) for value in (1, True, {}, ["command"])),
        *(("id", value) for value in (1, {}, [], True, "", "a" * 129, "\u00e9" * 64 + "a", "a\nb", "a\u0000b", "\u001f")),
        *(("channel", value) for value in (1, {}, "", "Print", "1print", "pri nt", "a" * 65, "prínt", "a.b", "_a")),
        *(
            ("action", value)
            for value in (1, [], "", "Ping", "ping.", ".ping", "a..b", "a.1b", "a b", "a" * 129, "a/b", "*")
        ),
        *(("data", value) for value in (1, "text", [], True)),
        *(("auth", value) for value in (1, "token", [], {"token": 1}, {"token": {}})),
        *(
            ("timestamp", value)
            for value in (
                1, "", "now", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+01:00", "2026-13-01T00:00:00Z",
                "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:00.1234Z",
                "2026-01-01T00:00:00.Z", "2025-02-29T00:00:00Z",
            )
        ),
    ],
)  # fmt: skip
def test_invalid_field(client, member, value):
    response = answer(client, ping(**{member: value}))
    assert code_of(response) == "protocol.invalid_field"
    assert member in response["error"]["message"]
    assert response["id"] == (None if member == "id" else "one")
    if member not in ("channel", "action"):
        assert (response["channel"], response["action"]) == ("system", "ping")


def test_a_signature_of_the_wrong_type_is_invalid(client):
    response = answer(client, ping(auth={"signature": []}, timestamp="2026-01-01T00:00:00Z"))
    assert code_of(response) == "protocol.invalid_field"


def test_a_signed_command_needs_a_timestamp(client):
    response = answer(client, ping(auth={"signature": "00"}))
    assert code_of(response) == "protocol.missing_field"
    assert "timestamp" in response["error"]["message"]


@pytest.mark.parametrize("member", ["id", "type", "channel", "action", "data", "auth", "timestamp"])
def test_null_is_no_value(client, member):
    text = json.dumps({"type": "command", "id": "one", "channel": "system", "action": "ping", member: None})
    assert code_of(answer(client, text)) in ("protocol.invalid_field", "protocol.missing_field")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        *(("id", value) for value in ("a", "a" * 128, "\u00e9" * 64, "\U0001f680" * 32, '"quoted\\"', "a/b", " ")),
        *(
            ("timestamp", value)
            for value in (
                "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1Z", "2026-12-31T23:59:59.999Z", "2024-02-29T12:00:00Z",
            )
        ),
        ("auth", {}),
        ("auth", {"token": "anything, since the connection is enough", "else": 1} | {"token": None}),
        ("data", {}),
        ("data", {"a": [{"b": None}]}),
    ],
)  # fmt: skip
def test_valid_field(client, member, value):
    if isinstance(value, dict):
        value = {name: inner for name, inner in value.items() if inner is not None} if member == "auth" else value
    response = answer(client, ping(**{member: value}))
    assert response["status"] == "ok", response
    assert response["id"] == (value if member == "id" else "one")


def test_names_at_their_bounds(client):
    response = answer(client, ping(channel="a" * 64))
    assert code_of(response) == "application.unknown_channel"
    response = answer(client, ping(action=".".join(["a1_-"] * 25) + ".abc"))
    assert code_of(response) == "application.unknown_action"


def test_an_id_of_escapes_is_decoded_and_encoded_anew(client):
    response = answer(client, '{"type":"command","id":"\\u0061\\/\\"\\u00e9\\ud83d\\ude80","channel":"system","action":"ping"}')
    assert response["id"] == 'a/"é🚀'


def test_escapes_in_names_of_members_count(client):
    response = answer(client, '{"\\u0074ype":"command","\\u0069d":"one","channel":"system","action":"p\\u0069ng"}')
    assert response["status"] == "ok"
    assert (response["id"], response["action"]) == ("one", "ping")


def test_unknown_members_are_ignored(client):
    assert answer(client, ping(priority="urgent", extra={"type": 1}, status=7, offset="x"))["status"] == "ok"


@pytest.mark.parametrize("member", ["type", "id", "channel", "action", "data", "auth", "timestamp"])
def test_a_member_named_twice_is_invalid(client, member):
    values = {
        "type": '"command"', "id": '"one"', "channel": '"system"', "action": '"ping"', "data": "{}", "auth": "{}",
        "timestamp": '"2026-01-01T00:00:00Z"',
    }  # fmt: skip
    parts = [f'"{name}":{value}' for name, value in values.items()]
    text = "{" + ",".join([*parts, f'"{member}":{values[member]}']) + "}"
    assert code_of(answer(client, text)) == "protocol.invalid_field"


def test_an_unknown_member_named_twice_is_invalid(client):
    text = '{"type":"command","id":"one","channel":"system","action":"ping","x":1,"x":2}'
    assert code_of(answer(client, text)) == "protocol.invalid_field"


def test_a_member_named_twice_by_an_escape_is_invalid(client):
    text = '{"type":"command","id":"one","channel":"system","action":"ping","\\u0069d":"two"}'
    assert code_of(answer(client, text)) == "protocol.invalid_field"


def test_a_member_of_auth_named_twice_is_invalid(client):
    text = '{"type":"command","id":"one","channel":"system","action":"ping","auth":{"token":"a","token":"a"}}'
    assert code_of(answer(client, text)) == "protocol.invalid_field"


def test_a_member_of_data_named_twice_is_the_services_business(client):
    client.send('{"type":"command","id":"one","channel":"system","action":"ping","data":{"a":1,"a":2}}')
    assert '"data":{"a":1,"a":2}' in client.socket.recv(10)


# Data is passed on as it was sent


@pytest.mark.parametrize(
    "data",
    [
        '{"n":1e400}', '{"n":-0}', '{"n":1.10}', '{"n":12345678901234567890123456789}', '{"n":0.1e-999}',
        '{"s":"\\u0041\\/é"}', '{"s":"\\ud83d\\ude80"}', '{"a":[],"b":{},"c":null,"d":[true,false]}',
    ],
)  # fmt: skip
def test_data_comes_back_unchanged(client, data):
    client.send('{"type":"command","id":"one","channel":"system","action":"ping","data":%s}' % data)
    text = client.socket.recv(10)
    assert json.loads(text)["status"] == "ok"
    assert f'"data":{data}' in text


def test_white_space_is_allowed_between_everything(client):
    text = ' \t\r\n{ "type" : "command" ,\n"id"\t:"one", "channel":"system","action":"ping" , "data" : { "a" : [ 1 , 2 ] } } \r\n'
    response = answer(client, text)
    assert response["data"] == {"a": [1, 2]}


@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]")], ids=["objects", "arrays"])
@pytest.mark.parametrize(("depth", "code"), [(32, None), (33, "protocol.too_deep"), (2000, "protocol.too_deep")])
def test_depth(client, opening, closing, depth, code):
    # The envelope is 1 and `data` 2.
    inner = depth - 2
    data = '{"a":' + opening * inner + "1" + closing * inner + "}"
    response = answer(client, '{"type":"command","id":"one","channel":"system","action":"ping","data":%s}' % data)
    assert (None if response["status"] == "ok" else code_of(response)) == code


def test_depth_is_configured(start_server):
    server = start_server(configuration(MaxJSONDepth=2))
    with server.client() as client:
        client.ok("system", "ping", {"a": 1})
        assert client.error("system", "ping", {"a": []}) == "protocol.too_deep"


# Acks


def test_an_ack_of_something_unknown_is_not_answered(client):
    client.send('{"type":"ack","id":"nothing"}')
    client.send('{"type":"ack","id":"nothing","timestamp":"2026-01-01T00:00:00Z","data":{}}')
    client.ok("system", "ping", auth=None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type":"ack"}', "protocol.missing_field"),
        ('{"type":"ack","id":"a","offset":1}', "protocol.invalid_field"),
        ('{"type":"ack","offset":0}', "protocol.invalid_field"),
        ('{"type":"ack","offset":-1}', "protocol.invalid_field"),
        ('{"type":"ack","offset":1.5}', "protocol.invalid_field"),
        ('{"type":"ack","offset":"1"}', "protocol.invalid_field"),
        ('{"type":"ack","offset":18446744073709551616}', "protocol.invalid_field"),
        ('{"type":"ack","id":7}', "protocol.invalid_field"),
    ],
)
def test_a_malformed_ack_is_answered(client, text, code):
    response = answer(client, text)
    assert code_of(response) == code
    assert (response["channel"], response["action"]) == ("system", "error")


# Sizes


def sized_ping(size):
    text = ping(data={"pad": ""})
    return text.replace('"pad": ""', '"pad": "%s"' % ("x" * (size - len(text))))


@pytest.fixture(scope="module")
def small(start_shared):
    return start_shared(configuration(MaxMessageBytes=1000, MessageAuth="connection"))


@pytest.mark.parametrize("size", [999, 1000])
def test_a_message_of_the_maximum_passes(small, size):
    with small.client() as client:
        text = sized_ping(size)
        assert len(text.encode()) == size
        client.send(text)
        assert client.receive()["status"] == "ok"


@pytest.mark.parametrize("size", [1001, 1002, 5000, 200000])
def test_a_larger_one_closes_with_1009(small, size):
    with small.client() as client:
        before = small.metrics().value("errors_total", category="protocol", code="too_large")
        client.send(sized_ping(size))
        assert client.closed() == (1009, "protocol.too_large")
    small.wait_metric(
        lambda metrics: metrics.value("errors_total", category="protocol", code="too_large") == before + 1, "counted"
    )


@pytest.mark.parametrize("pieces", [2, 7, 1000])
@pytest.mark.parametrize(("size", "passes"), [(1000, True), (1001, False)])
def test_the_size_counts_after_reassembly(small, pieces, size, passes):
    payload = sized_ping(size).encode()
    with small.raw_client() as client:
        for fragment in fragments(payload, pieces):
            client.send(fragment)
        if passes:
            assert client.read_message()["status"] == "ok"
        else:
            assert client.read_close() == (1009, "protocol.too_large")


def fragments(payload, pieces):
    """The frames of one message in so many pieces, some of them empty."""
    cuts = [round(index * len(payload) / pieces) for index in range(pieces + 1)]
    for index, (start, end) in enumerate(itertools.pairwise(cuts)):
        yield frame(TEXT if index == 0 else CONTINUATION, payload[start:end], final=index == pieces - 1)


def test_the_default_maximum(server):
    with server.client() as client:
        assert client.session["max_message_bytes"] == 65536
        message = client.command("system", "ping", {"pad": ""})
        room = 65536 - len(json.dumps(message, separators=(",", ":")))
        message["data"]["pad"] = "x" * room
        client.send(message)
        assert len(client.response(message["id"])["data"]["pad"]) == room
        message["data"]["pad"] += "x"
        client.send(message)
        assert client.closed() == (1009, "protocol.too_large")


# What closes at once


@pytest.mark.parametrize("payload", [b"", b"{}", bytes(300)])
def test_a_binary_message_closes_with_1003(server, payload):
    before = server.metrics().value("errors_total", category="protocol", code="binary")
    with server.client() as client:
        client.socket.send(payload)
        assert client.closed() == (1003, "protocol.binary")
    server.wait_metric(
        lambda metrics: metrics.value("errors_total", category="protocol", code="binary") == before + 1, "counted"
    )


@pytest.mark.parametrize(
    "payload",
    [b"\xff", b'{"a":"\xc3"}', b'{"a":"\xc0\xaf"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xf4\x90\x80\x80"}', b"\xe2\x82"],
)
def test_invalid_utf8_closes_with_1007(server, payload):
    before = server.metrics().value("errors_total", category="protocol", code="invalid_utf8")
    with server.raw_client() as client:
        client.send_frame(TEXT, payload)
        assert client.read_close()[0] == 1007
    server.wait_metric(
        lambda metrics: metrics.value("errors_total", category="protocol", code="invalid_utf8") == before + 1, "counted"
    )


def test_a_character_split_over_fragments_is_valid(relaxed):
    payload = ping(id="é🚀").encode().replace(b"\\u00e9\\ud83d\\ude80", "é🚀".encode())
    assert "é".encode() in payload
    with relaxed.raw_client() as client:
        for index in range(len(payload)):
            client.send_frame(TEXT if index == 0 else CONTINUATION, payload[index : index + 1], final=False)
        client.send_frame(CONTINUATION)
        assert client.read_message()["id"] == "é🚀"


def test_a_binary_fragmented_message_closes_with_1003(server):
    with server.raw_client() as client:
        client.send_frame(BINARY, b"{", final=False)
        assert client.read_close()[0] == 1003


# Too many errors


def test_the_last_protocol_error_is_answered_and_closes_with_1008(start_server):
    server = start_server(configuration(MaxProtocolErrors=3))
    with server.client() as client:
        for number in range(3):
            client.send(json.dumps({"type": "command", "id": f"bad{number}"}))
            response = client.receive()
            assert (code_of(response), response["id"]) == ("protocol.missing_field", f"bad{number}")
        code, reason = client.closed()
        assert code == 1008
        # "Too many" has no code of its own.
        assert reason in ("", "protocol.missing_field")
    with server.client() as client:
        for number in range(2):
            client.send("[]")
            client.receive()
        assert client.error("application", "none") == "application.unknown_channel", "no protocol error: not counted"
        client.ok("system", "ping")


def test_errors_are_counted_by_code(relaxed, client):
    def counts():
        metrics = relaxed.metrics()
        return {
            code: metrics.value("errors_total", category="protocol", code=code)
            for code in ("malformed_json", "not_an_object", "missing_field", "invalid_field", "unknown_type", "too_deep")
        }

    before, invalid = counts(), relaxed.metrics().value("messages_received_total", type="invalid")
    texts = ["{", "[]", "{}", ping(id=1), ping(type="x"), ping(data=json.loads('{"a":' * 40 + "1" + "}" * 40))]
    for text in texts:
        client.send(text)
        client.receive()
    assert counts() == {code: count + 1 for code, count in before.items()}
    assert relaxed.metrics().value("messages_received_total", type="invalid") == invalid + len(texts)


# Commands


def test_every_command_gets_one_response_in_order_of_arrival(relaxed):
    with relaxed.client() as client:
        ids = [client.post("system", "ping", {"n": number}, auth=None) for number in range(500)]
        answers = [client.receive() for _ in ids]
        assert [answer["id"] for answer in answers] == ids
        assert [answer["data"]["n"] for answer in answers] == list(range(500))


def test_a_repeated_id_is_a_new_command(relaxed):
    with relaxed.client() as client:
        for number in range(3):
            client.send(ping(data={"n": number}))
        assert [client.receive()["data"]["n"] for _ in range(3)] == [0, 1, 2]
