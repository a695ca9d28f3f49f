#!/usr/bin/env python3
"""What does recording cost a comparison? Run the same comparison alternately with and without --record, and print
the ratio of their processor times, which other processes disturb less than wall time.

    bench/record_cost.py CONVOY [--pairs 7] [--optimizers sgd,adam]
"""
import argparse
import os
import statistics
import subprocess
import tempfile


def seconds(command):
    """The processor time of all threads, in seconds."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def compare(options, is_recorded):
    with tempfile.TemporaryDirectory() as folder:
        return seconds([options.convoy, "compare", *[f"--optimizer={name}" for name in options.optimizers.split(",")],
                        "--seeds", "5", "--jobs", "1", "--threads", "1", "--cost-repeats", "0", "--quiet",
                        f"--record={'true' if is_recorded else 'false'}", "--report", f"{folder}/report"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("convoy")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--optimizers", default="sgd,adam")
    options = parser.parse_args()
    ratios = []
    for pair in range(options.pairs):
        order = (True, False) if pair % 2 == 0 else (False, True)
        times = {is_recorded: compare(options, is_recorded) for is_recorded in order}
        ratios.append(times[True] / times[False])
        print(f"{times[True]:.2f} s recorded, {times[False]:.2f} s not: {ratios[-1]:.4f}", flush=True)
    print(f"median {statistics.median(ratios):.4f}, {min(ratios):.4f} to {max(ratios):.4f}")


if __name__ == "__main__":
    main()
