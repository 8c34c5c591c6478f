"""`hydrogen store`: looks after the file of the durable store."""

import shutil

import pytest

from harness import binary

FIXTURE = binary.REPOSITORY / "Tests/HydrogenStoreTests/Fixtures/version-1.sqlite"


@pytest.fixture
def store(tmp_path):
    return shutil.copy(FIXTURE, tmp_path / "store.sqlite")


def test_a_sound_store(store):
    checked = binary.run("store", "check", store)
    assert checked.returncode == 0, checked.stderr
    assert "sessions: 2\n" in checked.stdout and "events waiting for an ack: 3\n" in checked.stdout
    assert checked.stdout.endswith("sound\n")
    compacted = binary.run("store", "compact", store)
    assert compacted.returncode == 0, compacted.stderr
    assert binary.run("store", "check", store).stdout.splitlines()[1:] == checked.stdout.splitlines()[1:]


def test_a_damaged_store(store, tmp_path):
    with store.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * 4096)
    before = store.read_bytes()
    checked = binary.run("store", "check", store)
    assert checked.returncode == 1 and "damaged" in checked.stderr
    assert store.read_bytes() == before
    compacted = binary.run("store", "compact", store)
    assert compacted.returncode == 0 and "the damaged file is" in compacted.stdout, compacted
    (kept,) = tmp_path.glob("store.sqlite.damaged-*")
    assert kept.read_bytes() == before


def test_no_store(tmp_path):
    absent = binary.run("store", "check", tmp_path / "absent")
    assert absent.returncode == 1 and "cannot open the store" in absent.stderr
    assert binary.run("store").returncode == 64 or "check" in binary.run("store").stdout
