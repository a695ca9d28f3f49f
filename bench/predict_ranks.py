#!/usr/bin/env python3
"""A PREDICTION of how training scales over more ranks than were measured, by simulation.

    mpirun -n 4 convoy scale --ranks 1,2,4 --threads 1 --model mnist-cnn --batch-size 256 --report report
    python3 bench/predict_ranks.py report/summary.json

reads from the report the computing time of a rank in a step, the bytes that ranks exchange, and the latency and
bandwidth of the ping-pong, and simulates steps of up to 1,024 ranks, each with its own clock. Nothing is
measured on that many ranks. It needs only Python's standard library. The assumptions, term by term:

  lanes       16 images each; a rank has every P-th part of them, in consecutive runs.
  noise       a rank's time for its lanes varies from step to step, independently of other ranks', as a log-normal
              number whose mean is the measured one, and whose 95 % quantile against its median is that of the
              measured steps of one rank.
  bytes       a rank gives a record of each of its lanes and one of each of its subtrees, for all ranks
              together, or for each of them what belongs to its part of the weights, whichever is less
              (src/train/exchange_state.h); the report has the sizes. The parts are equal: ranks are not
              more than tiles of weights, and the weights of a tile are few against a part.
  exchange    together: an all-gather, message by message: around a ring in P - 1 rounds, or after Bruck in
              log2 P rounds (Thakur, Rabenseifner and Gropp, IJHPCA 19(1), 2005), whichever ends first.
              Divided: P - 1 rounds, in each of which a rank gives another one its part, then an all-gather
              of the gradients. A message takes L + bytes * G, begins when both of its ranks are there, and
              meets no other one on its way (LogGP: Alexandrov, Ionescu, Schauser and Scheiman, SPAA 1995).
  copying     received bytes are read and written once more, at the bandwidth of the triad.
  sums        reduce is in proportion to the lanes of the batch, on every rank, or divided among them; every
              rank does all of update.
  --fast-reduce  the gradients go twice around a ring, a P-th part in each message, and a rank sums its own
              lanes only.
"""

import argparse
import math
import random
import sys
from pathlib import Path

import prediction
from prediction import LANE, LANE_PHASES, table


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
    report, points = prediction.read_report(
        path, "ranks",
        "a strong report over two or more numbers of ranks, as from mpirun -n 4 convoy scale --ranks 1,2,4",
        lambda work, points: work["mode"] == "strong" and work["unit"] == "ranks" and len(points) > 1)
    work = report["work"]
    if work["train"] % work["batch_size"] != 0:
        sys.exit(f"{path}: {work['train']} training images are no whole batches of "
                 f"{work['batch_size']}, as in --data digits:train=6400 with 256")
    if "input_bytes" not in points[max(points)]["exchange"]:
        sys.exit(f"{path}: found no sizes of what ranks exchange: an older convoy measured it")
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
        self.small, self.inputs, self.output_gradients, self.subtree, self.gradients = (
            last[name] for name in ("lane_bytes", "input_bytes", "output_gradient_bytes",
                                    "subtree_bytes", "gradient_bytes"))

    def parts(self, ranks, lanes, share=1):
        """The bytes that each rank gives for such a share of the weights."""
        counts = subtrees(ranks, lanes)
        lane = self.small + share * self.inputs + self.output_gradients
        return [64 + (begin(r + 1, ranks, lanes) - begin(r, ranks, lanes)) * lane
                + counts[r] * share * self.subtree for r in range(ranks)]

    def choose(self, ranks, lanes):
        """Whether sums are divided, and the bytes that rank 0 receives."""
        if self.weights is not None:
            return False, 2 * self.weights * (ranks - 1) / ranks
        together, divided = (sum(parts) - parts[0] for parts in
                             (self.parts(ranks, lanes), self.parts(ranks, lanes, 1 / ranks)))
        divided += self.gradients * (ranks - 1) / ranks
        return divided < together, min(divided, together)

    def ring(self, clocks, parts):
        count = len(clocks)
        for step in range(count - 1):
            clocks = [max(clocks[r], clocks[r - 1]) + self.latency
                      + parts[(r - 1 - step) % count] * self.gap for r in range(count)]
        return clocks

    def in_turn(self, clocks, parts):
        """Each rank gives every other one as much."""
        count = len(clocks)
        for distance in range(1, count):
            clocks = [max(clocks[r], clocks[r - distance]) + self.latency
                      + parts[r - distance] * self.gap for r in range(count)]
        return clocks

    def gather(self, clocks, parts):
        return min((run(clocks, parts) for run in (self.ring, self.bruck)), key=max)

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
        is_divided, received = self.choose(ranks, lanes)
        if is_divided:
            after = self.in_turn(clocks, self.parts(ranks, lanes, 1 / ranks))
            after = max(self.gather(after, [self.gradients / ranks] * ranks))
        else:
            after = max(self.gather(clocks, self.parts(ranks, lanes)))
        sums = self.sums * lanes / (ranks if is_divided else 1)
        return computed, after - computed + 2 * received / self.triad, sums + self.rest

    def mean_step(self, ranks, lanes, steps):
        dice = random.Random(ranks)
        times = [self.step(ranks, lanes, dice) for _ in range(steps)]
        return [sum(column) / steps for column in zip(*times)]


# --- output ---

def predict(cluster, ranks, lanes_of, steps):
    rows, base = [], None
    for count in ranks:
        lanes = lanes_of(count)
        if count > lanes:
            break
        is_divided, received = cluster.choose(count, lanes)
        computed, exchanged, rest = cluster.mean_step(count, lanes, steps)
        rate = lanes * LANE / (computed + exchanged + rest)
        base = base or rate / count
        rows.append((str(count), f"{lanes * LANE:,}", "divided" if is_divided else "together",
                     f"{received / 1e3:,.0f}", f"{1e3 * computed:.3f}", f"{1e3 * exchanged:.3f}", f"{1e3 * rest:.3f}",
                     f"{rate:,.0f}", f"{rate / base:.2f}", f"{rate / base / count:.0%}"))
    return table(("ranks", "batch", "sums", "kB received", "ms computing", "ms waiting and exchanging",
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
    lines = [*prediction.begin_page(report, f"scaling of {work['model']} over ranks", "predict_ranks.py",
                                    arguments.summary, f"{points[1]['threads']} thread(s) a rank"),
             *(["With --fast-reduce.", ""] if arguments.fast_reduce else []),
             f"A lane takes {1e3 * cluster.lane:.4f} ms and leaves {cluster.inputs / 1e3:.1f} kB of x and "
             f"{cluster.output_gradients / 1e3:.1f} kB of dy, a subtree {cluster.subtree / 1e3:.1f} kB, all "
             f"gradients are {cluster.gradients / 1e3:.1f} kB; sums {1e3 * cluster.sums:.4f} ms a lane of the batch, the "
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
    ranks = prediction.read_counts("--ranks", arguments.ranks)
    if min(arguments.steps, arguments.lanes) < 1 or (arguments.batch_size or 1) < 1:
        sys.exit("--steps, --lanes and --batch-size: expected at least 1")
    text = write_up(report, points, Cluster(report, points, arguments), ranks, arguments)
    prediction.publish(text, arguments.output)


if __name__ == "__main__":
    main()
