"""The server API (section 11), through Python's own HTTP client."""

import http.client
import json

from .patience import PROMPTLY


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """`category.code` of a refusal."""
        error = self.json["error"]
        return f"{error['category']}.{error['code']}"


class API:
    """The HTTP side of a server, with a key."""

    def __init__(self, server, key=None, tls=None):
        key = server.admin if key is None else key
        self.address = server.http_address
        self.token = getattr(key, "token", key)
        self.tls = tls

    def call(self, method, path, body=None, headers=None, authorization=...):
        """`body`: bytes as they are, anything else as JSON; `authorization`: another header than the key's (None: none)."""
        headers = dict(headers or {})
        if authorization is ...:
            authorization = f"Key {self.token}"
        if authorization is not None:
            headers["Authorization"] = authorization
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if self.tls is None:
            connection = http.client.HTTPConnection(*self.address, timeout=PROMPTLY)
        else:
            connection = http.client.HTTPSConnection(*self.address, timeout=PROMPTLY, context=self.tls)
        try:
            connection.request(method, f"/api/v1{path}", body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def ok(self, method, path, body=None):
        """The document of an answer that must be 200."""
        answer = self.call(method, path, body)
        assert answer.status == 200, (answer.status, answer.body)
        assert answer.headers["Content-Type"] == "application/json"
        return answer.json

    def refused(self, method, path, body=None, **options):
        """Status and `category.code` of a refusal."""
        answer = self.call(method, path, body, **options)
        assert answer.status >= 400, (answer.status, answer.body)
        return answer.status, answer.code


__all__ = ["API", "Answer"]
