#!/usr/bin/env python3
"""Write the tables of docs/performance.md from the measurements of bench/measure.sh.

    python3 bench/performance_page.py RESULTS docs/performance.md

A table is between `<!-- begin NAME -->` and `<!-- end NAME -->`. A table without measurements stays as it is, and so
does all other text.
"""

import json
import pathlib
import re
import sys

SETS = ("avx512", "avx2")
GOALS = {
    "avx512": {"lenet5": 65, "fast": 75, "mnist-cnn": 75, "mlp": 55},
    "avx2": {"lenet5": 60, "fast": 70, "mnist-cnn": 70, "mlp": 45},
}


def table(head, rows, left=1):
    lines = [head, ["---"] * left + ["---:"] * (len(head) - left), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def load(folder, name):
    path = folder / name
    return json.loads(path.read_text()) if path.exists() else None


def by_set(folder, name):
    return {isa: found for isa in SETS if (found := load(folder, f"{name}-{isa}.json"))}


def steps(folder):
    rows = []
    for isa, train in by_set(folder, "train").items():
        for point in train["points"]:
            goal = GOALS[isa].get(point["model"]) if point["batch"] != 16 and point["threads"] > 1 else None
            rows.append([
                point["model"], isa, str(point["batch"]), str(point["threads"]),
                f"{point['images_per_second']:,.0f}", f"{point['flops'] / 1e9:.0f}", f"{point['peak'] / 1e9:.0f}",
                f"{100 * point['flops'] / point['peak']:.1f} %", f"{goal} %" if goal else "",
                f"{point['speedup']:.2f}",
            ])
    head = ["model", "instructions", "batch", "threads", "images/s", "GFLOP/s", "FMA peak", "share", "goal", "speedup"]
    return table(head, rows, 2) if rows else None


def products(folder):
    sets = by_set(folder, "kernels")
    lines = {}
    for isa, found in sets.items():
        for line in found["lines"]:
            if line["unit"] == "FLOP/s":
                lines.setdefault((line["model"], line["layer"]), {})[isa, line["part"]] = line
    head = ["model", "layer"] + [f"{part}, {isa}" for isa in sets for part in ("forward", "dw", "dx")]
    rows = []
    for (model, layer), found in lines.items():
        row = [model, layer]
        for isa in sets:
            for part in ("forward", "weight gradient", "input gradient"):
                line = found.get((isa, part))
                row.append(f"{line['rate'] / 1e9:.0f} ({100 * line['rate'] / line['ceiling']:.0f} %)" if line else "–")
        rows.append(row)
    return table(head, rows, 2) if rows else None


def moves(folder):
    found = by_set(folder, "kernels").get("avx512") or by_set(folder, "kernels").get("avx2")
    if not found:
        return None
    rows = []
    for line in found["lines"]:
        if line["unit"] == "byte/s":
            rows.append([
                line["model"], line["layer"], line["part"], f"{line['work'] / 1024:.1f}",
                f"{line['work'] / line['rate'] * 1e6:.2f}", f"{line['rate'] / 1e9:.0f}",
                f"{100 * line['rate'] / line['ceiling']:.0f} %",
            ])
    return table(["model", "layer", "part", "KiB a lane", "µs", "GB/s", "of a copy"], rows, 3)


def inference(folder):
    rows = []
    for isa, found in by_set(folder, "predict").items():
        for model in found["models"]:
            rows.append([
                model["model"], isa, f"{1e6 * model['one_image_seconds']:.0f}",
                f"{model['images_per_second']:,.0f}",
            ])
    return table(["model", "instructions", "one image, one thread, µs", "bulk, two threads, images/s"], rows, 2) \
        if rows else None


def pytorch(folder):
    found = load(folder, "pytorch.json")
    if not found:
        return None
    rows = []
    for model in found["models"]:
        best = sorted(model["pytorch"][model["best_way"]])
        ours = sorted(model["convoy"])
        rows.append([
            model["model"], str(model["batch"]), f"{ours[len(ours) // 2]:,.0f}", f"{best[len(best) // 2]:,.0f}",
            model["best_way"], f"{model['ratio']:.1f}",
            f"{min(model['ratios']):.1f}–{max(model['ratios']):.1f}",
        ])
    return table(["model", "batch", "convoy", "PyTorch", "its best way", "ratio", "of single rounds"], rows)


TABLES = {"steps": steps, "products": products, "moves": moves, "inference": inference, "pytorch": pytorch}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, page = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    text = page.read_text()
    for name, make in TABLES.items():
        made = make(folder)
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        if made is None:
            print(f"{name}: nothing measured; its table stays as it is", file=sys.stderr)
            continue
        if begin not in text or end not in text:
            sys.exit(f"{page}: expected the lines {begin} and {end}")
        text = re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{made}\n{end}", text, flags=re.S)
    page.write_text(text)


if __name__ == "__main__":
    main()
