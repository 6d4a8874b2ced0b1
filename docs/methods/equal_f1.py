"""The mean cost at equal macro-F1, from the records of `offramp leaderboard`.

    python3 equal_f1.py FOLDER CONTROL STRATEGY...

For every strategy, seed and kind of test input: the points of the accuracy-MACs curve, whose thresholds calibration chose, give macro-F1 at a
mean cost; between two points it is interpolated. The curves' means over the seeds are compared: the least cost at which a strategy has the
macro-F1 that CONTROL has at 25, 40 and 60 % of the backbone's MACs, relative to that cost. Intervals: 95 % percentile bootstrap over the seeds,
paired, 2,000 draws. "more" where the strategy does not get there. Needs numpy.
"""

import csv
import gzip
import json
import pathlib
import sys

import numpy

COSTS = numpy.linspace(0.05, 1.05, 401)
BUDGETS = (0.25, 0.4, 0.6)


def rows(path):
    with gzip.open(path, "rt") as lines:
        return list(csv.DictReader(lines))


def macro_f1(labels, predictions):
    scores = []
    for k in numpy.union1d(labels, predictions):
        hit = numpy.sum((labels == k) & (predictions == k))
        scores.append(2 * hit / (numpy.sum(labels == k) + numpy.sum(predictions == k)))
    return float(numpy.mean(scores))


def curve(table, early, thresholds, cost):
    """Macro-F1 on COSTS; below the cheapest point that point's, above the dearest that one's."""
    labels = numpy.array([int(row["label"]) for row in table])
    answers = [numpy.array([int(row[f"prediction_{n}"]) for row in table]) for n in range(1, early + 1)]
    answers.append(numpy.array([int(row["backbone"]) for row in table]))
    scores = [numpy.array([float(row[f"score_{n}"]) for row in table]) for n in range(1, early + 1)]
    macs = numpy.array(cost["cumulative"]) / cost["backbone"]
    points = []
    for vector in thresholds:
        exits = numpy.full(len(labels), early)
        for n in reversed(range(early)):
            exits[scores[n] >= vector[n]] = n
        predictions = numpy.choose(exits, answers)
        points.append((float(numpy.mean(macs[exits])), macro_f1(labels, predictions)))
    points = numpy.array(sorted(points))
    exits = [macro_f1(labels, answer) for answer in answers]
    return numpy.interp(COSTS, points[:, 0], points[:, 1]), exits


def read(folder, strategy):
    """{kind of input: (seeds × costs, seeds × exits)}"""
    found = {}
    for directory in sorted((folder / "records" / strategy).iterdir(), key=lambda path: int(path.name)):
        record = json.loads((directory / "record.json").read_text())
        early = len(record["cost"]["cumulative"]) - 1
        thresholds = [[float(value) for value in point["thresholds"]] for point in record["test"]["curve"]]
        tables = {"clean": rows(directory / "trace.csv.gz")}
        if (directory / "robustness.csv.gz").exists():
            for row in rows(directory / "robustness.csv.gz"):
                tables.setdefault(f"{row['perturbation']} {row['strength']}", []).append(row)
        for kind, table in tables.items():
            one = found.setdefault(kind, ([], []))
            for into, value in zip(one, curve(table, early, thresholds, record["cost"])):
                into.append(value)
    return {kind: tuple(numpy.array(each) for each in both) for kind, both in found.items()}


def cost_of(mean, target):
    return COSTS[numpy.argmax(mean >= target)] if numpy.any(mean >= target) else numpy.inf


def ratio(control, other, budget, seeds):
    at = numpy.searchsorted(COSTS, budget)
    target = control[seeds].mean(0)[at]
    return cost_of(other[seeds].mean(0), target) / cost_of(control[seeds].mean(0), target)


def main():
    folder, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
    found = {name: read(folder, name) for name in names}
    control = found[names[0]]
    random = numpy.random.default_rng(1)
    for kind, (curves, _) in control.items():
        seeds = numpy.arange(len(curves))
        draws = random.integers(len(seeds), size=(2000, len(seeds)))
        print(f"\n{kind}: macro-F1 of exits alone | at 25/40/60 % of the MACs | cost relative to {names[0]} at its macro-F1 there")
        for name in names:
            own, exits = found[name][kind]
            alone = " ".join(f"{100 * value:.1f}" for value in exits.mean(0))
            spread = 100 * exits.std(0, ddof=1).mean() if len(seeds) > 1 else 0
            mean = own.mean(0)
            at = " / ".join(f"{100 * mean[numpy.searchsorted(COSTS, budget)]:.1f}" for budget in BUDGETS)
            cells = []
            for budget in BUDGETS:
                value = ratio(curves, own, budget, seeds)
                low, high = numpy.percentile([ratio(curves, own, budget, draw) for draw in draws], [2.5, 97.5], method="nearest")
                show = [f"{each:.2f}" if numpy.isfinite(each) else "more" for each in (value, low, high)]
                cells.append(f"{show[0]} [{show[1]}, {show[2]}]")
            print(f"{name} | {alone} (sd {spread:.1f}) | {at} | " + " | ".join(cells))


if __name__ == "__main__":
    main()
