"""Waiting: always for something that is seen, never longer than a bound, with more of it on slow machines."""

import os
import time

#: Upper bounds are multiplied by this; sanitizers and valgrind raise it.
PATIENCE = float(os.environ.get("HYDROGEN_TEST_PATIENCE", "1"))

#: How long anything that should come at once may take on a machine that is busy.
PROMPTLY = 10 * PATIENCE


def wait_until(condition, what, seconds=PROMPTLY, interval=0.01):
    """Calls `condition` until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        outcome = condition()
        if outcome:
            return outcome
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(interval)
