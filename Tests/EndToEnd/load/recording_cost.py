#!/usr/bin/env python3
"""What a recording costs: the server's CPU per message with and without `--record`, and the bytes of a message in the file.

Two servers of the same build run side by side, one recording, one not. The same busy clients of each take turns, pair
after pair, and the server's CPU time (over all its threads, the writer of the recording among them) is divided by the
messages.

    load/recording_cost.py [--busy 100] [--pairs 7] [--messages 20000]
"""

import argparse
import pathlib
import statistics
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from load.idle_cost import PING, Busy, connect, cpu_nanoseconds, raise_descriptor_limit, start


def measure(folder, busy, pairs, messages, report):
    """The CPU per message of each pair, recording and not, in nanoseconds, and the bytes of a message in the file."""
    raise_descriptor_limit(4 * busy + 200)
    folder = pathlib.Path(folder)
    recording = start(folder / "recording", arguments=["--record", "traffic.rec"])
    plain = start(folder / "plain")
    file = recording.folder / "traffic.rec"
    sockets, costs, sizes = [], {recording: [], plain: []}, []
    try:
        groups = {}
        for server in (recording, plain):
            active = connect(server, busy)
            sockets += active
            groups[server] = Busy(active)
            groups[server].exchange(2000)
        for number in range(pairs):
            for server in (recording, plain) if number % 2 == 0 else (plain, recording):
                spent, size = cpu_nanoseconds(server), file.stat().st_size
                groups[server].exchange(messages)
                costs[server].append((cpu_nanoseconds(server) - spent) / messages)
                if server is recording:
                    # The last blocks of the loops are handed over within 100 ms.
                    time.sleep(0.3)
                    sizes.append((file.stat().st_size - size) / messages)
            report(
                f"pair {number + 1}: {costs[recording][-1] / 1000:.2f} µs per message while recording,"
                f" {costs[plain][-1] / 1000:.2f} without; {sizes[-1]:.0f} bytes per message in the file"
            )
        return costs[recording], costs[plain], sizes
    finally:
        for connection in sockets:
            connection.close()
        for server in (recording, plain):
            server.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("busy", 100), ("pairs", 7), ("messages", 20000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder:
        recording, plain, sizes = measure(folder, **options, report=lambda line: print(line, flush=True))
    print(
        f"median of {options['pairs']} pairs: {statistics.median(recording) / 1000:.2f} µs per message while recording,"
        f" {statistics.median(plain) / 1000:.2f} without; {statistics.median(sizes):.0f} bytes per message of"
        f" {len(PING)} and its answer"
    )


if __name__ == "__main__":
    main()
