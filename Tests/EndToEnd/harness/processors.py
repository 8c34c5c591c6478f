"""Where processes run, for what is measured: a message that wakes a process on the same processor costs it half of what one
from another processor does, and the scheduler changes its mind."""

import contextlib
import os
import pathlib


def _pin(process, processors):
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # A thread may have ended meanwhile.
            os.sched_setaffinity(int(task.name), processors)


@contextlib.contextmanager
def apart_from(servers):
    """Holds the servers to one processor, and this process to another; nothing where there is only one."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) > 1:
        for server in servers:
            _pin(server.process.pid, {available[0]})
        _pin(os.getpid(), {available[-1]})
    try:
        yield
    finally:
        _pin(os.getpid(), available)
