#!/usr/bin/env python3
"""What a kill -9 loses: nothing. The server is killed at random instants under load, again and again, while publishers
(with `key`) and acking subscribers reconnect.

What they do, and what is looked for, tells `harness/crowd.py`.

    load/kill_nine.py [--kills 50] [--publishers 8] [--subscribers 4] [--seed N] [--store FILE]

Exit status 1 when something was lost, published twice, out of order, or delivered again although it was acked more than
a second before the kill.
"""

import argparse
import asyncio
import dataclasses
import pathlib
import random
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.configuration import configuration
from harness.crowd import Crowd, Figures
from harness.patience import PATIENCE
from harness.server import Server
from load.idle_cost import free_port

#: How long before a kill an ack must have been sent to count.
ACK_BOUND = 1.0


@dataclasses.dataclass
class KillFigures(Figures):
    kills: int = 0
    slowest_start_s: float = 0.0


class KilledCrowd(Crowd):
    """A crowd whose server is killed."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.killed_at = None

    def is_forgotten(self, subscriber, offset):
        acked_at = subscriber.acked_at.get(offset)
        is_late = acked_at is None or self.killed_at is None or acked_at >= self.killed_at - ACK_BOUND
        return not is_late or super().is_forgotten(subscriber, offset)


async def kill_again_and_again(crowd, kills, report):
    for number in range(1, kills + 1):
        await asyncio.sleep(crowd.random.uniform(0.2, 3.0))
        crowd.killed_at = time.monotonic()
        crowd.server.kill()
        began = time.monotonic()
        await asyncio.to_thread(crowd.server.start, 60 * PATIENCE)
        crowd.figures.slowest_start_s = max(crowd.figures.slowest_start_s, time.monotonic() - began)
        crowd.figures.kills += 1
        report(
            f"kill {number}: {crowd.figures.published} published, {crowd.figures.delivered} delivered,"
            f" {crowd.figures.acked_delivered_again} of them again although acked"
        )


def measure(folder, kills, publishers, subscribers, seed, report, store="store.sqlite"):
    settings = configuration(
        Port=free_port(),
        Metrics={"Port": free_port()},
        Channels=["weather"],
        MessageAuth="connection",
        Log={"Level": "notice"},
        Delivery={
            "Store": "durable",
            "StorePath": str(store),
            "AckTimeout": 5,
            # What waits for a subscriber that is slow here is not what is measured.
            "MaxOutboxEvents": 1_000_000,
            "MaxOutboxBytes": 1 << 28,
        },
    )
    server = Server(folder, settings)
    server.start()
    crowd = KilledCrowd(server, random.Random(seed), KillFigures())
    try:
        asyncio.run(
            crowd.run(publishers, subscribers, lambda crowd: kill_again_and_again(crowd, kills, report), report)
        )
        return crowd.figures
    finally:
        server.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("kills", 50), ("publishers", 8), ("subscribers", 4), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--store", default="store.sqlite", help="where the store lies; in a temporary folder by default")
    options = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(folder, **options, report=lambda line: print(line, flush=True))
    for name, value in dataclasses.asdict(figures).items():
        print(f"{name.replace('_', ' '):>22}: {value if isinstance(value, int) else round(value, 2)}")
    return 1 if figures.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
