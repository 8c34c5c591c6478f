"""The file of a recording, as `hydrogen serve --record` writes it: enough of its format to change one on purpose."""

import dataclasses

SIGNATURE = b"\x89HYREC\r\n"
HEADER = 24
HEAD, RECORDS, END = 1, 2, 3


@dataclasses.dataclass
class Block:
    """A block: where its header begins, its kind, its loop, and its payload."""

    position: int
    kind: int
    loop: int
    payload: bytes


def blocks(data):
    """The blocks of a recording, whose checksums are proved."""
    assert data.startswith(SIGNATURE)
    position, found = len(SIGNATURE), []
    while position < len(data):
        header = data[position : position + HEADER]
        count = int.from_bytes(header[:4], "little")
        payload = data[position + HEADER : position + HEADER + count]
        assert int.from_bytes(header[16:24], "little") == checksum(header[:16], payload)
        found.append(Block(position, header[4], int.from_bytes(header[6:8], "little"), payload))
        position += HEADER + count
    return found


def changed(data, block, payload):
    """The recording with another payload of the same size in a block, and the checksum that goes with it."""
    assert len(payload) == len(block.payload)
    header = data[block.position : block.position + 16]
    start = block.position + 16
    sum_bytes = checksum(header, payload).to_bytes(8, "little")
    return data[:start] + sum_bytes + payload + data[start + 8 + len(payload) :]


MASK = 2**64 - 1


def checksum(*pieces):
    state = 0x9E3779B97F4A7C15

    def update(word):
        nonlocal state
        mixed = ((state ^ word) * 0xD6E8FEB86659FD93) & MASK
        state = mixed ^ mixed >> 32

    for piece in pieces:
        update(len(piece))
        whole = len(piece) // 8 * 8
        for index in range(0, whole, 8):
            update(int.from_bytes(piece[index : index + 8], "little"))
        update(int.from_bytes(piece[whole:], "big"))
    mixed = (state * 0xC2B2AE3D27D4EB4F) & MASK
    return mixed ^ mixed >> 29
