"""Runs each scenario of `core-costs` under callgrind, twice with different counts: the difference is what a round costs."""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

THRESHOLDS = pathlib.Path(__file__).parent / "thresholds.tsv"

#: How much dearer something may get before it is told.
SLACK = 1.03


def instructions(binary, name, rounds):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", binary, "run", name, str(rounds)],
            check=True, capture_output=True,
        )  # fmt: skip
        return int(re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.MULTILINE).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    known = {}
    if THRESHOLDS.exists():
        for line in THRESHOLDS.read_text().splitlines()[1:]:
            name, limit, allocations = line.split("\t")
            known[name] = (float(limit), float(allocations))
    listing = subprocess.run([options.binary, "list"], check=True, capture_output=True, text=True).stdout
    rows, faults = [], []
    print(f"{'instructions':>14} {'allocations':>12}  each")
    for line in listing.splitlines():
        per_round, unit, name = line.split("\t")
        few, many = (2, 6) if int(per_round) >= 1000 or unit == "scrape" else (200, 1200)
        count = (many - few) * int(per_round)
        cost = (instructions(options.binary, name, many) - instructions(options.binary, name, few)) / count
        allocated = subprocess.run(
            [options.binary, "allocations", name, str(many)], check=True, capture_output=True, text=True).stdout
        allocations = int(allocated) / (many * int(per_round))
        rows.append((name, cost, allocations))
        print(f"{cost:14.1f} {allocations:12.3f}  {unit}, {name}", flush=True)
        limit = known.get(name)
        if limit and (cost > limit[0] * SLACK or allocations > limit[1] + 0.001):
            faults.append(f"{name}: {cost:.1f} instructions and {allocations:.3f} allocations; at most {limit[0]:.1f} and {limit[1]:.3f}")
    if options.write:
        text = "scenario\tinstructions\tallocations\n"
        THRESHOLDS.write_text(text + "".join(f"{name}\t{cost:.1f}\t{allocations:.3f}\n" for name, cost, allocations in rows))
    if options.check and faults:
        print("\n".join(faults), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
