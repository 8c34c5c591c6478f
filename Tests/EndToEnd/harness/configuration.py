"""Configurations as dictionaries, and the one every test starts from."""

import copy

NO_LIMITS = {
    "ConnectionsPerAddress": None,
    "MessagesPerConnection": None,
    "BytesPerConnection": None,
    "MessagesPerIdentity": None,
}

#: Loopback, free ports, no TLS, no limits that tests from one address would meet.
BASE = {
    "Port": 0,
    "Interface": "127.0.0.1",
    "SecureMode": "none",
    "KeysPath": "keys.json",
    "Node": "test-node",
    "ThreadPoolSize": 2,
    "DrainTimeout": 1,
    "CloseTimeout": 2,
    "RateLimits": NO_LIMITS,
    "Blocking": None,
    "Metrics": {"Port": 0},
    "Log": {"Format": "json"},
}


def configuration(**changes):
    """The base with changes: objects are merged, `...` removes a key, everything else replaces."""
    return merged(BASE, changes)


def merged(base, changes):
    result = copy.deepcopy(base)
    for key, value in changes.items():
        if value is ...:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result
