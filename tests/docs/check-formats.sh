#!/usr/bin/env bash
# The Python of docs/formats.md reads a model that convoy wrote. $PYTHON names an interpreter; what it does not
# have (NumPy, Keras, PyTorch, safetensors) is left out, and without NumPy all is skipped.
set -euo pipefail

python=${PYTHON:-python3}
command -v "$python" >/dev/null && "$python" -c 'import numpy' 2>/dev/null || exit 77 # skipped
page=$PWD/docs/formats.md
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
"$CONVOY_PROGRAM" train --data digits:train=100,test=20 --epochs 1 --quiet --output digits.safetensors >train.txt

"$python" - "$page" <<'EOP'
import json, re, sys

blocks = re.findall(r"```python\n(.*?)```", open(sys.argv[1]).read(), re.S)
assert len(blocks) == 3
shapes = {"conv2d/kernel": (5, 5, 1, 6), "dense/kernel": (400, 120), "dense_2/bias": (10,)}

def names_after(block, *modules):
    for module in modules:
        try:
            __import__(module)
        except ImportError:
            print("without", module)
            return None
    names = {}
    exec(block, names)
    return names

weights = names_after(blocks[0], "numpy")["weights"]
assert all(weights[name].shape == shape for name, shape in shapes.items())
keras = names_after(blocks[1], "keras", "safetensors")
if keras is not None:
    for layer in keras["model"].layers:
        for weight in layer.weights:
            assert (weight.numpy() == weights[f"{layer.name}/{weight.name}"]).all()
torch = names_after(blocks[2], "torch", "safetensors")
if torch is not None:
    state = torch["state"]
    assert tuple(state["conv2d.weight"].shape) == (6, 1, 5, 5)
    assert tuple(state["dense.weight"].shape) == (120, 400)
    assert (state["dense.weight"].numpy() == weights["dense/kernel"].T).all()
EOP
