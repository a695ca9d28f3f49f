#!/usr/bin/env python3
"""How good is the learning rate that `convoy find-rate` suggests?

Trains with the suggested learning rate and with the best of a grid of 10, chosen on validation images, over the
same seeds. Prints the mean test accuracy of both, and the mean difference of the pairs with its 95 % confidence
interval (Student's t). With --report, runs are kept and not repeated.

    bench/find_rate_accuracy.py CONVOY DATA [--epochs 3] [--limit 0] [--seeds 10] [--threads 2] [--report DIR]
"""
import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import tempfile

OPTIMIZERS = {"sgd": "sgd", "momentum": "sgd:momentum=0.9", "rmsprop": "rmsprop", "adam": "adam"}
GRID = "learning_rate=3e-4..0.3:10"
# Student's t exceeded with probability 0.025, by the number of pairs
STUDENT = {3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262, 15: 2.145, 20: 2.093}


def convoy(options, *words):
    command = [options.convoy, *words, "--data", options.data, "--limit", str(options.limit),
               "--threads", str(options.threads), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def suggest(options, folder):
    """The suggested learning rates, which are kept in the folder like the runs."""
    path = pathlib.Path(folder, "suggested.json")
    if path.exists():
        return json.loads(path.read_text())
    names = [f"--optimizer={name}={spec}" for name, spec in OPTIMIZERS.items()]
    rates = {run["name"]: run["suggested"] for run in convoy(options, "find-rate", *names)["runs"]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rates))
    return rates


def accuracies(folder, label):
    """Test accuracy in percent by seed."""
    with open(f"{folder}/measurements.csv", newline="") as file:
        return {int(row["seed"]): 100 * float(row["value"]) for row in csv.DictReader(file)
                if row["configuration"] == label and row["quantity"] == "test_accuracy"}


def compare(options, folder, optimizers, *words):
    """The report's entry and the accuracies of each optimizer."""
    report = convoy(options, "compare", *[f"--optimizer={name}={spec}" for name, spec in optimizers.items()],
                    "--seeds", str(options.seeds), "--epochs", str(options.epochs), "--cost-repeats", "0",
                    "--record=false", "--report", folder, *words)
    return {run["label"].split()[0]: (run, accuracies(folder, run["label"]))
            for run in report["runs"] if run["role"] == "compared"}


def print_row(name, rate, found, tuned):
    run, best = tuned
    differences = [found[1][seed] - best[seed] for seed in best]
    half = STUDENT[len(differences)] * statistics.stdev(differences) / len(differences) ** 0.5
    print(f"| {name} | {rate:.2g} | {run['tuning']['keys'][0]['value']:.2g} | "
          f"{statistics.mean(found[1].values()):.2f} % | {statistics.mean(best.values()):.2f} % | "
          f"{statistics.mean(differences):+.2f} ± {half:.2f} |")


def run(options, folder):
    suggested = suggest(options, folder)
    tuned = compare(options, f"{folder}/tuned", OPTIMIZERS, "--tune", GRID)
    specs = {name: f"{spec}{',' if ':' in spec else ':'}learning_rate={suggested[name]:.4g}"
             for name, spec in OPTIMIZERS.items()}
    found = compare(options, f"{folder}/suggested", specs)
    print("| optimizer | suggested rate | tuned rate | accuracy, suggested | tuned | difference in points |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in OPTIMIZERS:
        print_row(name, suggested[name], found[name], tuned[name])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("convoy")
    parser.add_argument("data")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--limit", type=int, default=0, help="training images; 0: all")
    parser.add_argument("--seeds", type=int, default=10, choices=STUDENT)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--report", help="folder to keep the runs in")
    options = parser.parse_args()
    if options.report:
        run(options, options.report)
        return
    with tempfile.TemporaryDirectory() as folder:
        run(options, folder)


if __name__ == "__main__":
    main()
