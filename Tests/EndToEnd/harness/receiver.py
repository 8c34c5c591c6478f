"""A client that comes back."""


class Receiver:
    """Keeps session, token and offset over its connections, and drops repeats. That events come in the order of offsets,
    and none is missing, it checks itself."""

    def __init__(self, server, key="admin", **options):
        """`options`: for each of its clients."""
        self.server, self.key, self.options = server, key, options
        self.client = server.client(key, **options)
        self.session = dict(self.client.session)
        self.processed = 0
        #: The `n` of each event.
        self.seen = []
        self.gaps = []

    def lose(self):
        """The connection is gone without a close frame."""
        self.client.lose()

    def request(self, offset=None):
        """The data of a `resume`, from what was processed or from another offset."""
        return {
            "session": self.session["session"],
            "token": self.session["token"],
            "offset": self.processed if offset is None else offset,
        }

    def resume(self, offset=None):
        """A new connection that goes on with the session; the data of the response."""
        self.client = self.server.client(self.key, **self.options)
        data = self.client.ok("system", "resume", self.request(offset))
        assert data["resumed"] is True, data
        self.server.secrets.add(data["token"])
        self.session["token"] = self.client.session["token"] = data["token"]
        return data

    def handle(self, event):
        """Whether the event is new, and now processed."""
        if event["action"] == "gap":
            self.gaps.append((event["data"]["from"], event["data"]["to"]))
            self.processed = max(self.processed, event["data"]["to"])
            return False
        if event.get("offset", 0) <= self.processed:
            return False
        assert event["offset"] == self.processed + 1, (event, self.processed)
        assert event["ack"] is True
        self.processed = event["offset"]
        self.seen.append(event["data"].get("n"))
        return True

    def read(self, until):
        """Processes events until this many were seen."""
        while len(self.seen) < until:
            self.handle(self.client.event())

    def ack(self):
        self.client.send({"type": "ack", "offset": self.processed, "auth": {"token": self.session["token"]}})
