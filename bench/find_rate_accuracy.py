#!/usr/bin/env python3
"""How good is the learning rate that `convoy find-rate` suggests?

Trains with the suggested rate and with the best of a grid of 10 rates, chosen on validation images, over the
same seeds, and prints the test accuracy of both.

    bench/find_rate_accuracy.py CONVOY DATA [--epochs 3] [--limit 0] [--seeds 5] [--threads 2]
"""
import argparse
import json
import subprocess
import tempfile

OPTIMIZERS = {"sgd": "sgd", "momentum": "sgd:momentum=0.9", "rmsprop": "rmsprop", "adam": "adam"}
GRID = "learning_rate=3e-4..0.3:10"


def convoy(options, *words):
    command = [options.convoy, *words, "--data", options.data, "--limit", str(options.limit),
               "--threads", str(options.threads), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def suggest(options):
    names = [f"--optimizer={name}={spec}" for name, spec in OPTIMIZERS.items()]
    return {run["name"]: run["suggested"] for run in convoy(options, "find-rate", *names)["runs"]}


def compare(options, folder, optimizers, *words):
    report = convoy(options, "compare", *[f"--optimizer={name}={spec}" for name, spec in optimizers.items()],
                    "--seeds", str(options.seeds), "--epochs", str(options.epochs), "--cost-repeats", "0",
                    "--record=false", "--report", folder, *words)
    return {run["label"].split()[0]: run for run in report["runs"] if run["role"] == "compared"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("convoy")
    parser.add_argument("data")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--limit", type=int, default=0, help="training images; 0: all")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    suggested = suggest(options)
    with tempfile.TemporaryDirectory() as folder:
        tuned = compare(options, f"{folder}/tuned", OPTIMIZERS, "--tune", GRID)
        specs = {name: f"{spec}{',' if ':' in spec else ':'}learning_rate={suggested[name]:.4g}"
                 for name, spec in OPTIMIZERS.items()}
        found = compare(options, f"{folder}/suggested", specs)
    print("| optimizer | suggested rate | tuned rate | accuracy, suggested | tuned | difference |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in OPTIMIZERS:
        a, b = (runs[name]["test_accuracy"]["median"] for runs in (found, tuned))
        print(f"| {name} | {suggested[name]:.2g} | {tuned[name]['tuning']['keys'][0]['value']:.2g} | "
              f"{100 * a:.2f} % | {100 * b:.2f} % | {100 * (a - b):+.2f} points |")


if __name__ == "__main__":
    main()
