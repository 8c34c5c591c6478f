"""Filters of subscriptions (section 3)."""

import pytest

from harness.configuration import configuration

ABSENT = object()

#: condition on member `v`, the values that pass, the values that do not.
TABLE = [
    (1, [1, 1.0, 1e0], [2, "1", True, None, [1], ABSENT, 1.5]),
    ("a", ["a"], ["A", "", "ab", 1, None, ABSENT]),
    ("é🚀", ["é🚀"], ["é", ABSENT]),
    (True, [True], [False, 1, "true", None, ABSENT]),
    (None, [None], [0, False, "", ABSENT]),
    ([1, 2], [[1, 2], [1.0, 2]], [[2, 1], [1], [1, 2, 3], 1, ABSENT]),
    ({"eq": 1}, [1, 1.0], [2, "1", ABSENT]),
    ({"eq": {"a": 1, "b": [True]}}, [{"a": 1, "b": [True]}, {"b": [True], "a": 1.0}], [{"a": 1}, {}, ABSENT]),
    ({"ne": 1}, [2, "1", None, ABSENT, [1]], [1, 1.0]),
    ({"ne": "a"}, ["b", 1, ABSENT], ["a"]),
    ({"lt": 10}, [9, 9.99, -1, 0], [10, 11, "9", None, ABSENT, True]),
    ({"lte": 10}, [9, 10, 10.0], [10.01, "10", ABSENT]),
    ({"gt": 10}, [10.5, 11, 1e9], [10, 9, "11", None, ABSENT]),
    ({"gte": 10}, [10, 11], [9.99, "10", ABSENT]),
    ({"gt": 1, "lt": 3}, [2, 1.5], [1, 3, 0, 4, ABSENT]),
    ({"gte": -5, "lte": -1}, [-5, -1, -3], [0, -6, ABSENT]),
    ({"lt": "b"}, ["a", "B", "", "10", "azzz"], ["b", "c", 1, None, ABSENT]),
    ({"gte": "é"}, ["é", "éa", "\uffee", "🚀"], ["e", "z", ABSENT]),
    ({"gt": "\uffee"}, ["🚀"], ["\uffee", "z"]),
    ({"lt": True}, [], [False, True, 0, ABSENT]),
    ({"gt": None}, [], [None, 1, ABSENT]),
    ({"in": [1, "a", None]}, [1, 1.0, "a", None], [2, "b", ABSENT, False]),
    ({"in": []}, [], [1, None, ABSENT]),
    ({"in": [[1], {"a": 1}]}, [[1], {"a": 1}], [1, {"a": 2}, ABSENT]),
    ({"exists": True}, [1, None, "", False, {}], [ABSENT]),
    ({"exists": False}, [ABSENT], [1, None, "", {}]),
    ({"exists": True, "ne": 1}, [2, None], [1, ABSENT]),
]


def data_of(value, index):
    return {"index": index} if value is ABSENT else {"index": index, "v": value}


@pytest.fixture(scope="module")
def publisher(server):
    with server.client() as client:
        yield client


def passed(server, publisher, name, condition, documents):
    """Which of the documents reach a subscriber with this filter, by index."""
    with server.client("alice") as client:
        client.subscribe("weather", name, filter=condition)
        client.subscribe("weather", f"{name}.mark")
        for document in documents:
            publisher.publish("weather", name, document)
        publisher.publish("weather", f"{name}.mark")
        return [event["data"]["index"] for event in client.events_before(f"{name}.mark")]


@pytest.mark.parametrize(("condition", "passing", "failing"), TABLE, ids=[str(row[0]) for row in TABLE])
def test_condition(server, publisher, name, condition, passing, failing):
    documents = [data_of(value, index) for index, value in enumerate([*passing, *failing])]
    assert passed(server, publisher, name, {"v": condition}, documents) == list(range(len(passing)))


def test_every_named_member_must_hold(server, publisher, name):
    documents = [
        {"index": 0, "a": 1, "b": "x", "c": 9},
        {"index": 1, "a": 1, "b": "y"},
        {"index": 2, "a": 2, "b": "x"},
        {"index": 3, "a": 1},
        {"index": 4},
    ]
    assert passed(server, publisher, name, {"a": 1, "b": {"in": ["x", "z"]}}, documents) == [0]


def test_only_members_at_the_top_count(server, publisher, name):
    documents = [{"index": 0, "inner": {"a": 1}}, {"index": 1, "a": 1}, {"index": 2, "x": ["a", 1]}]
    assert passed(server, publisher, name, {"a": 1}, documents) == [1]


def test_an_empty_filter_lets_everything_through(server, publisher, name):
    assert passed(server, publisher, name, {}, [{"index": 0}, {"index": 1, "a": 1}]) == [0, 1]


def test_either_of_two_subscriptions_is_enough(server, publisher, name):
    with server.client("alice") as client:
        client.subscribe("weather", name, filter={"v": 1})
        client.subscribe("weather", name, filter={"w": 1})
        client.subscribe("weather", f"{name}.mark")
        for index, document in enumerate([{"v": 1}, {"w": 1}, {"v": 1, "w": 1}, {"v": 2, "w": 2}]):
            publisher.publish("weather", name, document | {"index": index})
        publisher.publish("weather", f"{name}.mark")
        assert [event["data"]["index"] for event in client.events_before(f"{name}.mark")] == [0, 1, 2]


@pytest.mark.parametrize(
    "condition",
    [
        {"v": {"like": "a"}},
        {"v": {"eq": 1, "like": "a"}},
        {"v": {"EQ": 1}},
        {"v": {"in": 1}},
        {"v": {"in": {"a": 1}}},
        {"v": {"exists": 1}},
        {"v": {"exists": "true"}},
        {"v": {"exists": None}},
    ],
    ids=str,
)
def test_an_unknown_operator_is_invalid_data(publisher, name, condition):
    assert publisher.error("weather", "subscribe", {"topic": name, "filter": condition}) == "application.invalid_data"


@pytest.mark.parametrize(("size", "allowed"), [(99, True), (100, True), (101, False)])
def test_the_size_of_a_filter_is_bounded(start_shared, bounded, size, allowed):
    text = '{"v":"' + "x" * (size - 8) + '"}'
    assert len(text) == size
    with bounded.client() as client:
        client.send(
            '{"type":"command","id":"one","channel":"print","action":"subscribe","auth":{"token":"%s"},'
            '"data":{"topic":"a","filter":%s}}' % (client.session["token"], text)
        )
        response = client.receive()
        if allowed:
            assert response["status"] == "ok"
        else:
            assert response["error"]["code"] == "invalid_data"


@pytest.fixture(scope="module")
def bounded(start_shared):
    return start_shared(configuration(MaxFilterBytes=100))
