#!/usr/bin/env python3
"""How good is the learning rate that `convoy find-rate` suggests?

A rate that did best on some seeds did so partly by chance. So the tuned rate is chosen from a grid by the mean
validation accuracy over the first N seeds, and then trained beside the suggested one on the N seeds that follow.
Prints the mean test accuracies over those, and the mean of the paired differences with its 95 % interval (Student's).
With --report, runs are kept and not repeated.

    bench/find_rate_accuracy.py CONVOY DATA [--model lenet5] [--epochs 3] [--limit 0] [--seeds 5] [--threads 2]
        [--report DIR] [OPTIMIZER]...
"""
import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import tempfile

OPTIMIZERS = {"sgd": "sgd", "momentum": "sgd:momentum=0.9", "nesterov": "sgd:momentum=0.9,nesterov=true",
              "adagrad": "adagrad", "rmsprop": "rmsprop", "adam": "adam"}
# The grid: these multiples of the suggested rate, and the default that a user would keep
FACTORS = (0.125, 0.25, 0.5, 1, 2, 4, 8)
# Student's t that is exceeded with probability 0.025, by the number of pairs
STUDENT = {3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262, 15: 2.145, 20: 2.093}


def convoy(options, *words):
    command = [options.convoy, *words, "--data", options.data, "--model", options.model, "--limit", str(options.limit),
               "--threads", str(options.threads), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def suggest(options, folder, name):
    """The suggested rate and the optimizer's default, kept in the folder like the runs."""
    path = pathlib.Path(folder, f"suggested-{name}.json")
    if not path.exists():
        run = convoy(options, "find-rate", f"--optimizer={OPTIMIZERS[name]}")["runs"][0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([run["suggested"], run["own_rate"]]))
    return json.loads(path.read_text())


def accuracies(folder, quantity):
    """The last accuracy in percent by learning rate and seed; a run that diverged has none."""
    found = {}
    with open(f"{folder}/measurements.csv", newline="") as file:
        for row in csv.DictReader(file):
            if row["quantity"] == quantity:
                rate = float(row["configuration"].split("=")[-1])
                found.setdefault(rate, {})[int(row["seed"])] = 100 * float(row["value"])
    return found


def train(options, folder, name, rates, first, quantity):
    values = ";".join(f"{rate:.4g}" for rate in rates)
    convoy(options, "compare", f"--optimizer={name}={OPTIMIZERS[name]}", f"--grid=learning_rate={values}",
           "--seed", str(first), "--seeds", str(options.seeds), "--epochs", str(options.epochs),
           "--evaluate-every", "1000000", "--cost-repeats", "0", "--record=false", "--report", folder)
    return accuracies(folder, quantity)


def measure(options, folder, name):
    suggested, default = suggest(options, folder, name)
    suggested = float(f"{suggested:.4g}")
    grid = sorted({float(f"{factor * suggested:.4g}") for factor in FACTORS} | {default})
    chosen_by = train(options, f"{folder}/{name}-choice", name, grid, 0, "val_accuracy")
    # of runs that diverged nothing is known, and a rate that does that is not chosen
    tuned = max((rate for rate, runs in chosen_by.items() if len(runs) == options.seeds),
                key=lambda rate: statistics.mean(chosen_by[rate].values()))
    both = train(options, f"{folder}/{name}-measure", name, sorted({suggested, tuned}), options.seeds, "test_accuracy")
    differences = [both[suggested][seed] - both[tuned][seed] for seed in both[tuned]]
    half = STUDENT[len(differences)] * statistics.stdev(differences) / len(differences) ** 0.5
    print(f"| {name} | {suggested:.2g} | {tuned:.2g} | {statistics.mean(both[suggested].values()):.2f} % | "
          f"{statistics.mean(both[tuned].values()):.2f} % | {statistics.mean(differences):+.2f} ± {half:.2f} |",
          flush=True)


def run(options, folder):
    print("| optimizer | suggested rate | tuned rate | accuracy, suggested | tuned | difference in points |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in options.optimizers or OPTIMIZERS:
        measure(options, folder, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("convoy")
    parser.add_argument("data")
    parser.add_argument("optimizers", nargs="*", metavar="OPTIMIZER", help=f"of {', '.join(OPTIMIZERS)} (default: all)")
    parser.add_argument("--model", default="lenet5")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--limit", type=int, default=0, help="training images; 0: all")
    parser.add_argument("--seeds", type=int, default=5, choices=STUDENT, help="to choose with, and as many to measure")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--report", help="folder to keep the runs in")
    options = parser.parse_intermixed_args()
    unknown = [name for name in options.optimizers if name not in OPTIMIZERS]
    if unknown:
        parser.error(f"unknown optimizer {unknown[0]!r}, expected one of {', '.join(OPTIMIZERS)}")
    if options.report:
        run(options, options.report)
        return
    with tempfile.TemporaryDirectory() as folder:
        run(options, folder)


if __name__ == "__main__":
    main()
