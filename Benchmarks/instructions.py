"""Runs each scenario of `core-costs` under callgrind, twice with different counts: the difference is what a round costs."""

import argparse
import csv
import pathlib
import re
import subprocess
import sys
import tempfile

THRESHOLDS = pathlib.Path(__file__).parent / "thresholds.tsv"
COLUMNS = ("counted in", "scenario", "instructions", "allocations")

#: How much dearer than what is seen now a scenario may get.
SLACK = 1.03


def instructions(binary, name, rounds):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", binary, "run", name, str(rounds)],
            check=True, capture_output=True,
        )  # fmt: skip
        return int(re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.MULTILINE).group(1))


def measured(binary):
    """Name, instructions and allocations of each scenario."""
    rows = []
    listing = subprocess.run([binary, "list"], check=True, capture_output=True, text=True).stdout
    print(f"{'instructions':>14} {'allocations':>12}  each")
    for line in listing.splitlines():
        per_round, unit, name = line.split("\t")
        few, many = (2, 6) if int(per_round) >= 1000 or unit == "scrape" else (200, 1200)
        count = (many - few) * int(per_round)
        cost = (instructions(binary, name, many) - instructions(binary, name, few)) / count
        allocated = subprocess.run(
            [binary, "allocations", name, str(many)], check=True, capture_output=True, text=True).stdout
        allocations = int(allocated) / (many * int(per_round))
        rows.append((name, cost, allocations))
        print(f"{cost:14.1f} {allocations:12.3f}  {unit}, {name}", flush=True)
    return rows


def write(rows, others):
    """The bounds of the core anew; those of the whole server stay."""
    lines = [("core", name, f"{cost * SLACK:.0f}", f"{allocations:.3f}") for name, cost, allocations in rows]
    lines += [tuple(row[column] for column in COLUMNS) for row in others]
    THRESHOLDS.write_text("".join("\t".join(line) + "\n" for line in [COLUMNS, *lines]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with THRESHOLDS.open(newline="") as file:
        known = list(csv.DictReader(file, delimiter="\t"))
    rows = measured(options.binary)
    if options.write:
        write(rows, [row for row in known if row["counted in"] != "core"])
    if not options.check:
        return
    bounds = {row["scenario"]: (float(row["instructions"]), float(row["allocations"])) for row in known if row["counted in"] == "core"}
    faults = []
    if set(bounds) != {name for name, _, _ in rows}:
        faults.append("thresholds.tsv has other scenarios than core-costs: write it anew")
    for name, cost, allocations in rows:
        most, most_allocated = bounds.get(name, (0, 0))
        if cost > most or allocations > most_allocated + 0.001:
            faults.append(f"{name}: {cost:.1f} instructions and {allocations:.3f} allocations; at most {most:.0f} and {most_allocated:.3f}")
    if faults:
        print("\n".join(faults), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
