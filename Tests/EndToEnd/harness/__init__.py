"""What the tests share: a server that is started and judged, and the clients that talk to it."""
