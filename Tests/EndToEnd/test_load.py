"""Idle connections cost the busy ones next to nothing: a shorter run of `load/idle_cost.py`."""

import os

import pytest

from load.idle_cost import measure


@pytest.mark.alone
@pytest.mark.skipif("HYDROGEN_TEST_SANITIZER" in os.environ, reason="a sanitizer's memory and time are not the server's")
def test_five_thousand_idle_connections(tmp_path):
    lines = []
    figures = measure(tmp_path, idle=5000, busy=100, pairs=5, messages=6000, report=lines.append)
    assert not figures.faults(), "\n".join([*figures.faults(), *lines])
