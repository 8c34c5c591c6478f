#!/usr/bin/env python3
"""Makes the seed of the fuzzer's target `recording` of a recording (`hydrogen serve --record FILE`).

    Tests/Fuzzing/recording-seed.py FILE >Tests/Fuzzing/Corpus/recording/conversation

The seed has the payloads without their checksums, so that the fuzzer can change them. To be made again when the format
of recordings changes: then the target reaches some hundred edges instead of some thousand.
"""

import pathlib
import struct
import sys

SIGNATURE, HEADER = 8, 24
HEAD, RECORDS = 1, 2

file = pathlib.Path(sys.argv[1]).read_bytes()
out = b"\x01"
offset = SIGNATURE
while offset + HEADER <= len(file):
    size, kind, _, loop, _ = struct.unpack_from("<IBBHQ", file, offset)
    payload = file[offset + HEADER : offset + HEADER + size]
    offset += HEADER + size
    if kind == HEAD:
        out += struct.pack(">H", size) + payload
    elif kind == RECORDS:
        out += struct.pack(">HB", size, loop) + payload
sys.stdout.buffer.write(out)
