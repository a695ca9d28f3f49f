#!/usr/bin/env python3
"""A PREDICTION of how a training step scales on a wider machine than it was measured on.

    convoy scale --threads 1,2 --model mnist-cnn --batch-size 256 --report report
    python3 bench/predict_scaling.py report/summary.json

reads the costs of a step's phases on one thread from the report, distributes lanes and tiles over more
workers like the engine, and adds the costs of having several workers. Nothing is measured on such
machines. It needs only Python's standard library. The assumptions, term by term:

  lanes       16 images each. A worker takes whole lanes; if a batch has fewer lanes than workers,
              crews share each lane, and the fraction `--team-serial` of a lane's time stays with
              one worker (Amdahl 1967). --team REPORT measures that fraction, from a report of
              batch 16 with 1 and 2 threads.
  tiles       reduce and update are cut into tiles of at most --tile-floats weights.
  memory      if the optimizer's state is larger than the last-level cache, reduce and update take
              at least their bytes over the bandwidth (roofline: Williams, Waterman and Patterson,
              CACM 52(4), 2009). Bandwidth grows as p / (1 + s (p - 1)), s from the triads of one and
              two threads (Gunther 2007, without coherency), or up to --bandwidth.
  clock       as much slower for each thread as the FMA peak of two threads is below twice that of one.
  imbalance   workers' times vary independently, and a step waits for the last: the mean of the largest
              of p normal numbers (Kruskal and Weiss, IEEE TSE 11(10), 1985; Blom's approximation). Its
              scale comes from the waiting of two threads, proportional to the square root of a
              worker's work.
  barriers    two per step. With one counter for all (as in base/team.c) every worker's arrival moves
              one cache line, and so does every departure: 2 p --line-ns; as a tree 2 log2(p) --line-ns
              (Mellor-Crummey and Scott, ACM TOCS 9(1), 1991). A transfer between cores takes some
              100 ns (David, Guerraoui and Trigonakis, SOSP 2013). Both are printed.
  remainder   time outside all phases on one thread does not change (Amdahl 1967).
"""

import argparse
import math
import sys
from pathlib import Path
from statistics import NormalDist

import prediction
from prediction import LANE, LANE_PHASES, table

BARRIERS = 2
TILE_PHASES = ("reduce", "update")


def options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("summary", type=Path, help="summary.json of a strong convoy scale")
    parser.add_argument("--cores", default="2,16,64,128", help="to predict for (%(default)s)")
    parser.add_argument("--team", type=Path, help="summary.json of one lane with 1 and 2 threads")
    parser.add_argument("--team-serial", type=float, default=0.1,
                        help="of a lane's time, where --team is not given (%(default)s)")
    parser.add_argument("--tile-floats", type=int, default=8192, help="(%(default)s)")
    parser.add_argument("--line-ns", type=float, default=100, help="(%(default)s)")
    parser.add_argument("--bandwidth", type=float, help="of the wider machine, GB/s")
    parser.add_argument("--output", type=Path, default=Path("prediction.md"),
                        help="Markdown (%(default)s)")
    return parser.parse_args()


def read_report(path):
    return prediction.read_report(path, "threads", "a strong scaling report with a point of 1 thread",
                                  lambda work, points: work["mode"] == "strong" and 1 in points)


class Step:
    """The step of a report on any number of cores. Times are in seconds."""

    def __init__(self, report, points, arguments, team_serial):
        one, two = points[1], points.get(2)
        phases = one["phases"]
        self.batch = report["work"]["batch_size"]
        self.lanes = math.ceil(self.batch / LANE)
        self.lane = sum(phases[name] for name in LANE_PHASES) / self.lanes
        self.tiles = max(1, math.ceil(report["work"]["parameters"] / arguments.tile_floats))
        self.tile = sum(phases[name] for name in TILE_PHASES) / self.tiles
        self.remainder = max(0.0, one["step_seconds"] - self.lanes * self.lane
                             - self.tiles * self.tile)
        self.bytes = one["bytes_per_step"] if self.is_in_memory(report) else 0.0
        self.line = arguments.line_ns * 1e-9
        self.team_serial = team_serial
        self.triad = one["triad_bytes_per_second"]
        self.bandwidth = arguments.bandwidth * 1e9 if arguments.bandwidth else None
        self.contention, self.clock, self.sigma = 0.0, 1.0, 0.0
        if two is not None:
            self.contention = max(0.0, 2 * self.triad / two["triad_bytes_per_second"] - 1)
            self.clock = max(1.0, 2 * one["fma_peak_gflops"] / two["fma_peak_gflops"])
            work = self.work(2)
            self.sigma = two["phases"]["wait"] / self.largest(2) / math.sqrt(work)

    @staticmethod
    def is_in_memory(report):
        """Whether weights, gradients and two values of state per weight exceed the last-level cache."""
        caches = report["machine"]["cpu"]["caches"]
        last = max((cache["level"], cache["bytes"] * cache["count"]) for cache in caches)[1] \
            if caches else 0
        return 16 * report["work"]["parameters"] > last

    @staticmethod
    def largest(count):
        """The approximate mean of the largest of so many normal numbers; exact for two."""
        if count <= 2:
            return 0.0 if count < 2 else 1 / math.sqrt(math.pi)
        return NormalDist().inv_cdf((count - 0.375) / (count + 0.25))

    def lane_seconds(self, cores):
        if self.lanes >= cores:
            return math.ceil(self.lanes / cores) * self.lane
        team = cores // self.lanes  # the smallest team ends last
        return self.lane * (self.team_serial + (1 - self.team_serial) / team)

    def tile_seconds(self, cores):
        bandwidth = cores * self.triad / (1 + self.contention * (cores - 1))
        if self.bandwidth is not None:
            bandwidth = min(cores * self.triad, self.bandwidth)
        return max(math.ceil(self.tiles / cores) * self.tile, self.bytes / bandwidth)

    def work(self, cores):
        return self.clock * (self.lane_seconds(cores) + self.tile_seconds(cores))

    def seconds(self, cores, barrier):
        if cores == 1:
            return self.remainder + self.lane_seconds(1) + self.tile_seconds(1)
        work = self.work(cores)
        imbalance = self.sigma * math.sqrt(work) * self.largest(cores)
        lines = 2 * cores if barrier == "counter" else 2 * math.ceil(math.log2(cores))
        return self.remainder + work + imbalance + BARRIERS * lines * self.line


def measure_team(path):
    """The fraction of a lane's time that two workers could not share (Karp and Flatt 1990)."""
    report, points = read_report(path)
    if 2 not in points or report["work"]["batch_size"] > LANE:
        sys.exit(f"{path}: expected points of 1 and 2 threads, and a batch of at most {LANE}")
    speedup = points[1]["step_seconds"] / points[2]["step_seconds"]
    return 2 / min(max(speedup, 1), 2) - 1


def validate(report, points, arguments, team_serial):
    """Compare measured points with predictions from the one-thread point alone."""
    alone = Step(report, {1: points[1]}, arguments, team_serial)
    rows = []
    for threads in sorted(points):
        if threads > 1:
            measured = points[threads]["step_seconds"]
            predicted = alone.seconds(threads, "counter")
            rows.append((threads, measured, predicted, predicted / measured - 1))
    return rows


def predict(step, cores):
    rows = []
    for count in cores:
        counter, tree = (step.seconds(count, barrier) for barrier in ("counter", "tree"))
        one = step.seconds(1, "counter")
        bounds = "lanes" if step.lanes >= count else f"crews of {count // step.lanes}"
        rows.append((str(count), bounds, f"{1e3 * counter:.3f}", f"{step.batch / counter:,.0f}",
                     f"{one / counter:.2f}", f"{one / counter / count:.0%}", f"{one / tree:.2f}"))
    return table(("cores", "work by", "ms a step", "images/s", "speed-up", "efficiency",
                  "speed-up, tree barrier"), rows)


def write_up(report, points, step, cores, checked, source):
    work = report["work"]
    lines = [*prediction.begin_page(report, f"scaling of {work['model']}, batch {work['batch_size']}",
                                    "predict_scaling.py", source,
                                    f"{report['machine']['cpu']['cores']} cores"),
             predict(step, cores), "",
             f"{step.lanes} lanes of {1e3 * step.lane:.4f} ms, {step.tiles} tiles of "
             f"{1e3 * step.tile:.4f} ms, {1e3 * step.remainder:.4f} ms in no phase; of a shared lane "
             f"{step.team_serial:.0%} stay with one worker; clock {step.clock:.3f}, contention of the "
             f"memory {step.contention:.3f}, a transfer between cores {1e9 * step.line:.0f} ns.", ""]
    if checked:
        lines += ["The model against measured points, from the point of one thread alone:", "",
                  table(("threads", "measured ms", "predicted ms", "error"),
                        [(str(threads), f"{1e3 * measured:.3f}", f"{1e3 * predicted:.3f}",
                          f"{error:+.1%}") for threads, measured, predicted, error in checked]), ""]
    else:
        lines += ["The report has no second point to check the model against.", ""]
    return "\n".join(lines)


def main():
    arguments = options()
    report, points = read_report(arguments.summary)
    team_serial = arguments.team_serial
    if arguments.team is not None:
        team_serial = measure_team(arguments.team)
    cores = prediction.read_counts("--cores", arguments.cores)
    step = Step(report, points, arguments, team_serial)
    text = write_up(report, points, step, cores,
                    validate(report, points, arguments, team_serial), arguments.summary)
    prediction.publish(text, arguments.output)


if __name__ == "__main__":
    main()
