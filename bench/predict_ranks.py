#!/usr/bin/env python3
"""A PREDICTION of how training scales over more ranks than were measured, by simulation.

    mpirun -n 4 convoy scale --ranks 1,2,4 --threads 1 --model mnist-cnn --batch-size 256 --report report
    python3 bench/predict_ranks.py report/summary.json

reads from the report the computing time of a rank in a step, the bytes that ranks exchange, and the latency and
bandwidth of the ping-pong, and simulates steps of up to 1,024 ranks, each with its own clock. Nothing is
measured on that many ranks. It needs only Python's standard library. The assumptions, term by term:

  lanes       16 images each; each of P ranks has 1/P of them, as a consecutive run.
  noise       a rank's time for its lanes varies from step to step, independently of other ranks, as a log-normal
              number with the measured mean, and with the ratio of 95 % quantile to median of the measured
              steps of one rank.
  bytes       a rank sends a record of each of its lanes and one of each of its subtrees
              (src/train/exchange_state.h). Both sizes follow from the bytes measured with two or more
              numbers of ranks.
  exchange    an all-gather, message by message: around a ring in P - 1 rounds, or after Bruck in log2 P rounds
              (Thakur, Rabenseifner and Gropp, IJHPCA 19(1), 2005), whichever is faster. A message takes
              L + bytes * G, begins when both of its ranks are ready, and does not share its link (LogGP:
              Alexandrov, Ionescu, Schauser and Scheiman, SPAA 1995).
  copying     received bytes are read and written once more, at the bandwidth of the triad.
  sums        every rank does all of reduce (in proportion to the lanes of the batch) and update.
  --fast-reduce  the gradients pass twice around a ring, 1/P of them in each message, and a rank sums only its
              own lanes.
"""

import argparse
import json
import math
import random
import sys
from pathlib import Path

LANE = 16
LANE_PHASES = ("data", "forward", "backward")


def options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("summary", type=Path, help="summary.json of convoy scale --ranks")
    parser.add_argument("--ranks", default="1,2,4,8,16,32,64,128,256,512,1024",
                        help="to predict for (%(default)s)")
    parser.add_argument("--batch-size", type=int, help="of the strong table (the report's)")
    parser.add_argument("--lanes", type=int, default=4,
                        help="a rank of the weak table: the batch is 16 times as many for each rank "
                             "(%(default)s)")
    parser.add_argument("--speed", type=float, default=1,
                        help="how many times as fast as the measured rank a rank computes, as with more "
                             "threads (%(default)s)")
    parser.add_argument("--latency-us", type=float, help="of another link than the measured one")
    parser.add_argument("--gigabytes", type=float, help="a second, likewise")
    parser.add_argument("--fast-reduce", action="store_true",
                        help="each rank sums the gradients of its own lanes, and the ranks those sums")
    parser.add_argument("--steps", type=int, default=10, help="simulated (%(default)s)")
    parser.add_argument("--output", type=Path, default=Path("prediction.md"),
                        help="Markdown (%(default)s)")
    return parser.parse_args()


def read_report(path):
    try:
        report = json.loads(path.read_text())
        points = {point["ranks"]: point for point in report["points"]}
        if report["work"]["train"] % report["work"]["batch_size"] != 0:
            sys.exit(f"{path}: {report['work']['train']} training images are no whole batches of "
                     f"{report['work']['batch_size']}, as in --data digits:train=6400 with 256")
        if report["work"]["mode"] != "strong" or report["work"]["unit"] != "ranks" or len(points) < 3:
            sys.exit(f"{path}: expected a strong report over three or more numbers of ranks, as from "
                     "mpirun -n 4 convoy scale --ranks 1,2,4")
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{path}: no report of convoy scale --ranks ({error})")
    return report, points


# --- lanes and subtrees, as src/train/subtrees.c divides them ---

def begin(rank, ranks, count):
    return count // ranks * rank + count % ranks * rank // ranks


def subtrees(ranks, lanes):
    """The number of subtrees that each rank sends."""
    counts = [0] * ranks
    ends = [begin(rank + 1, ranks, lanes) for rank in range(ranks)]

    def divide(first, count, rank):
        while ends[rank] <= first:
            rank += 1
        if first + count <= ends[rank]:
            counts[rank] += 1
            return
        half = 1 << ((count - 1).bit_length() - 1)
        divide(first, half, rank)
        divide(first + half, count - half, rank)

    divide(0, lanes, 0)
    return counts


def solve_sizes(points, batch):
    """Bytes of the records of a lane and of a subtree, by least squares over the points."""
    lanes = math.ceil(batch / LANE)
    rows = []
    for ranks, point in points.items():
        if 1 < ranks:
            counts = subtrees(ranks, lanes)
            rows.append((lanes - begin(1, ranks, lanes), sum(counts) - counts[0],
                         point["exchange"]["bytes"] - 64 * (ranks - 1)))
    aa, ab, bb = (sum(row[i] * row[j] for row in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
    ay, by = (sum(row[i] * row[2] for row in rows) for i in (0, 1))
    determinant = aa * bb - ab * ab
    if determinant == 0:
        sys.exit("the report's numbers of ranks do not tell lanes from subtrees; add another one")
    return (ay * bb - by * ab) / determinant, (by * aa - ay * ab) / determinant


# --- the simulation ---

class Cluster:
    def __init__(self, report, points, arguments):
        one = points[1]
        last = points[max(points)]["exchange"]
        phases = one["phases"]
        self.measured_lanes = math.ceil(report["work"]["batch_size"] / LANE)
        self.lane = sum(phases[name] for name in LANE_PHASES) / self.measured_lanes / arguments.speed
        self.sums = phases["reduce"] / self.measured_lanes / arguments.speed
        self.rest = max(0.0, one["step_seconds"] - sum(phases[name] for name in LANE_PHASES)
                        - phases["reduce"]) / arguments.speed
        self.triad = one["triad_bytes_per_second"]
        self.sigma = max(0.0, math.log(one["steps"]["p95"] / one["steps"]["p50"]) / 1.645)
        self.latency = last["latency_seconds"] if arguments.latency_us is None \
            else 1e-6 * arguments.latency_us
        self.gap = 1 / last["bytes_per_second"] if arguments.gigabytes is None \
            else 1e-9 / arguments.gigabytes
        self.weights = 4 * report["work"]["parameters"] if arguments.fast_reduce else None
        self.record, self.subtree = solve_sizes(points, report["work"]["batch_size"])

    def parts(self, ranks, lanes):
        """The bytes that each rank sends."""
        if self.weights is not None:
            return [2 * self.weights / ranks] * ranks
        counts = subtrees(ranks, lanes)
        return [64 + (begin(r + 1, ranks, lanes) - begin(r, ranks, lanes)) * self.record
                + counts[r] * self.subtree for r in range(ranks)]

    def ring(self, clocks, parts):
        count = len(clocks)
        for step in range(count - 1):
            clocks = [max(clocks[r], clocks[r - 1]) + self.latency
                      + parts[(r - 1 - step) % count] * self.gap for r in range(count)]
        return clocks

    def bruck(self, clocks, parts):
        count, distance = len(clocks), 1
        held = list(parts)
        while distance < count:
            sent = [0.0] * count
            for r in range(count):
                source = (r + distance) % count
                sent[r] = held[source] if 2 * distance <= count \
                    else sum(parts[(source + i) % count] for i in range(count - distance))
            clocks = [max(clocks[r], clocks[(r + distance) % count]) + self.latency + sent[r] * self.gap
                      for r in range(count)]
            held = [held[r] + sent[r] for r in range(count)]
            distance *= 2
        return clocks

    def step(self, ranks, lanes, dice):
        """Seconds of one step: computing, waiting and exchanging, and the rest."""
        own = [begin(r + 1, ranks, lanes) - begin(r, ranks, lanes) for r in range(ranks)]
        clocks = [n * self.lane * math.exp(dice.gauss(-self.sigma ** 2 / 2, self.sigma)) for n in own]
        computed = sum(clocks) / ranks
        if self.weights is not None:
            part = [self.weights / ranks] * ranks
            after = max(self.ring(self.ring(clocks, part), part))
            return computed, after - computed, self.sums * own[0] + self.rest
        if ranks > 1:
            parts = self.parts(ranks, lanes)
            after = min((max(run(clocks, parts)) for run in (self.ring, self.bruck)))
            copying = 2 * (sum(parts) - parts[0]) / self.triad
        else:
            after, copying = clocks[0], 0.0
        return computed, after - computed + copying, self.sums * lanes + self.rest

    def mean_step(self, ranks, lanes, steps):
        dice = random.Random(ranks)
        times = [self.step(ranks, lanes, dice) for _ in range(steps)]
        return [sum(column) / steps for column in zip(*times)]


# --- output ---

def table(head, rows):
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths)) + " |"
             for row in [head, *rows]]
    lines.insert(1, "| " + " | ".join("-" * (width - 1) + ":" for width in widths) + " |")
    return "\n".join(lines)


def predict(cluster, ranks, lanes_of, steps):
    rows, base = [], None
    for count in ranks:
        lanes = lanes_of(count)
        if count > lanes:
            break
        parts = cluster.parts(count, lanes)
        computed, exchanged, rest = cluster.mean_step(count, lanes, steps)
        rate = lanes * LANE / (computed + exchanged + rest)
        base = base or rate / count
        rows.append((str(count), f"{lanes * LANE:,}", f"{(sum(parts) - parts[0]) / 1e3:,.0f}",
                     f"{1e3 * computed:.3f}", f"{1e3 * exchanged:.3f}", f"{1e3 * rest:.3f}",
                     f"{rate:,.0f}", f"{rate / base:.2f}", f"{rate / base / count:.0%}"))
    return table(("ranks", "batch", "kB received", "ms computing", "ms waiting and exchanging",
                  "ms sums and update", "images/s", "speedup", "efficiency"), rows)


def validate(cluster, points, lanes, steps):
    rows = []
    for count in sorted(points):
        measured, predicted = points[count]["step_seconds"], sum(cluster.mean_step(count, lanes, steps))
        rows.append((str(count), f"{1e3 * measured:.3f}", f"{1e3 * predicted:.3f}",
                     f"{predicted / measured - 1:+.0%}"))
    return table(("ranks", "measured ms", "predicted ms", "error"), rows)


def write_up(report, points, cluster, ranks, arguments):
    work = report["work"]
    batch = arguments.batch_size or work["batch_size"]
    strong = math.ceil(batch / LANE)
    lines = [f"# PREDICTED scaling of {work['model']} over ranks", "",
             "A prediction by `bench/predict_ranks.py`, which says what is assumed; not measured.",
             f"From `{arguments.summary}`: {report['machine']['cpu']['model']}, "
             f"{points[1]['threads']} thread(s) a rank, report {report['verdict']}, commit "
             f"{report['machine']['build']['commit']}.", "",
             *(["With --fast-reduce.", ""] if arguments.fast_reduce else []),
             f"A lane takes {1e3 * cluster.lane:.4f} ms, gives {cluster.record / 1e3:.1f} kB, a subtree "
             f"{cluster.subtree / 1e3:.1f} kB; sums {1e3 * cluster.sums:.4f} ms a lane of the batch, the "
             f"rest {1e3 * cluster.rest:.4f} ms; noise {cluster.sigma:.2f}; messages "
             f"{1e6 * cluster.latency:.1f} us and {1e-9 / cluster.gap:.3g} GB/s.", "",
             f"The same batch for all (strong), {batch} images:", "",
             predict(cluster, ranks, lambda count: strong, arguments.steps), "",
             f"{arguments.lanes} lanes for each rank (weak):", "",
             predict(cluster, ranks, lambda count: arguments.lanes * count, arguments.steps), ""]
    if not arguments.fast_reduce and arguments.latency_us is None and arguments.gigabytes is None and arguments.speed == 1:
        lines += ["The simulation against what was measured:", "",
                  validate(cluster, points, cluster.measured_lanes, arguments.steps), ""]
    return "\n".join(lines)


def main():
    arguments = options()
    report, points = read_report(arguments.summary)
    try:
        ranks = [int(count) for count in arguments.ranks.split(",")]
        if min(ranks) < 1:
            raise ValueError
    except ValueError:
        sys.exit(f"--ranks: found {arguments.ranks}, expected whole numbers with commas between them")
    if min(arguments.steps, arguments.lanes) < 1 or (arguments.batch_size or 1) < 1:
        sys.exit("--steps, --lanes and --batch-size: expected at least 1")
    text = write_up(report, points, Cluster(report, points, arguments), ranks, arguments)
    print(text)
    arguments.output.write_text(text)


if __name__ == "__main__":
    main()
