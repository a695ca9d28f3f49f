#!/usr/bin/env python3
"""Compare convoy with PyTorch: whole training steps of the same networks, alternately.

In each round bench_train runs once, and peer_pytorch.py once in each of four ways: with defaults, with images
channels last, with its fused Adam, and with both. The medians over the rounds count, and of PyTorch's four ways
the fastest.

    python3 bench/beside_pytorch.py --python /tmp/peer/bin/python --rounds 5
    CONVOY_ISA=avx2 ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 python3 bench/beside_pytorch.py lenet5
    python3 bench/beside_pytorch.py --batch 1 --rounds 3 lenet5
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
BATCHES = {"lenet5": 64, "fast": 256, "mnist-cnn": 64, "mlp": 64, "resnet20": 64}
STEPS = {"lenet5": 150, "fast": 30, "mnist-cnn": 20, "mlp": 400, "resnet20": 8}
WAYS = {
    "plain": [],
    "channels last": ["--channels-last"],
    "fused Adam": ["--fused"],
    "channels last, fused Adam": ["--channels-last", "--fused"],
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="*", default=["lenet5", "fast", "mnist-cnn", "mlp"])
    parser.add_argument("--bench-train", default=str(FOLDER.parent / "build/bench/bench_train"))
    parser.add_argument("--python", default=sys.executable, help="one that has PyTorch")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, help="images an update (default: each model's own)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    unknown = [model for model in options.models if model not in BATCHES]
    if unknown:
        parser.error(f"unknown model {unknown[0]!r}, expected one of {', '.join(BATCHES)}")
    return options


def read_json(command):
    # the variable would impose a processor type on PyTorch's OpenBLAS, which is to choose for itself
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment)
    if done.returncode != 0:
        sys.exit(f"beside_pytorch: {command[0]} failed with status {done.returncode}")
    return json.loads(done.stdout)


def batch_of(model, options):
    return options.batch or BATCHES[model]


def steps_of(model, options):
    """About the model's own amount of work; a lane of 16 images is the least that convoy computes."""
    return max(STEPS[model] * BATCHES[model] // max(batch_of(model, options), 16), 1)


def convoy_once(model, options):
    batch = ["--batch", str(options.batch)] if options.batch else []
    points = read_json([
        options.bench_train, "--json", "--repeats", "1", "--threads", str(options.threads), *batch, model,
    ])["points"]
    return next(
        point["images_per_second"] for point in points
        if point["threads"] == options.threads and point["batch"] == batch_of(model, options)
    )


def pytorch_once(model, way, options):
    return read_json([
        options.python, str(FOLDER / "peer_pytorch.py"), "--model", model, "--batch",
        str(batch_of(model, options)), "--threads", str(options.threads), "--steps",
        str(steps_of(model, options)), "--repeats", "1", *WAYS[way],
    ])["median_images_per_second"]


def measure(model, options):
    convoy, pytorch = [], {way: [] for way in WAYS}
    for _ in range(options.rounds):
        convoy.append(convoy_once(model, options))
        for way, speeds in pytorch.items():
            speeds.append(pytorch_once(model, way, options))
    medians = {way: statistics.median(speeds) for way, speeds in pytorch.items()}
    best = max(medians, key=medians.get)
    return {
        "model": model, "batch": batch_of(model, options), "convoy": convoy, "pytorch": pytorch, "best_way": best,
        "ratio": statistics.median(convoy) / medians[best],
        # per round: both ran within the same minute
        "ratios": [c / p for c, p in zip(convoy, pytorch[best])],
    }


def main():
    options = arguments()
    results = []
    if not options.json:
        print(f"images/s with {options.threads} threads, medians of {options.rounds} rounds in turns\n\n"
              "| model, batch | convoy | PyTorch | its best way | ratio | ratios of the rounds |\n"
              "| --- | ---: | ---: | --- | ---: | --- |")
    for model in options.models:
        result = measure(model, options)
        results.append(result)
        if not options.json:
            print(f"| {model}, {result['batch']} | {statistics.median(result['convoy']):,.0f} | "
                  f"{statistics.median(result['pytorch'][result['best_way']]):,.0f} | "
                  f"{result['best_way']} | {result['ratio']:.1f} | "
                  f"{min(result['ratios']):.1f} to {max(result['ratios']):.1f} |", flush=True)
    if options.json:
        print(json.dumps({"threads": options.threads, "rounds": options.rounds, "models": results},
                         indent=1))


if __name__ == "__main__":
    main()
