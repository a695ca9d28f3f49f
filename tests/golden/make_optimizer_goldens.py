#!/usr/bin/env python3
"""Writes optimizers.json: updates by Keras, in float64.

A case of an optimizer starts from the same weights and is given the same gradients, made by
formulas in fractions of 64, which float32 holds exactly. Among the gradients are ones that are
always 0, that change their sign, grow and shrink. Weights are written after every update.

Every kind that convoy has, and every setting of it, must have a case here with a value of its own:
tests/unit/optimizers/test_optimizers.c asks for them.

Needs Keras 3 with PyTorch:  python3 tests/golden/make_optimizer_goldens.py
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np

import golden_file

WEIGHTS, UPDATES = 37, 8  # two lanes and a rest

# convoy's name, Keras's class, settings of each case
OPTIMIZERS = [
    ("sgd", "SGD", [
        {},
        {"learning_rate": 0.1},
        {"learning_rate": 0.1, "momentum": 0.9},
        {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
        {"learning_rate": 0.02, "momentum": 1.0},
        {"learning_rate": 0.05, "nesterov": True},
    ]),
    ("adam", "Adam", [
        {},
        {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3},
        {"learning_rate": 0.01, "beta_1": 0.0},
        {"learning_rate": 0.01, "beta_2": 0.5, "amsgrad": True},
        {"learning_rate": 0.0},
    ]),
]


def as_text(value):
    return str(value).lower() if isinstance(value, bool) else f"{value:.9g}"


def spec(name, settings):
    pairs = ",".join(f"{key}={as_text(value)}" for key, value in settings.items())
    return f"{name}:{pairs}" if pairs else name


def initial_weights():
    i = np.arange(WEIGHTS)
    return ((29 * i) % 101 - 50) / 64


def gradients():
    """[update][weight]: weight i by i % 4: as it comes, growing, shrinking, 0."""
    t, i = np.ogrid[1 : UPDATES + 1, :WEIGHTS]
    any_sign = (17 * i * t + 5 * t) % 67 - 33
    kinds = [any_sign, t * (i % 9 - 4), (32 >> t) * (i % 5 - 2), 0 * t * i]
    return np.choose(i % 4, kinds) / 64


def run_optimizer(keras_class, settings):
    optimizer = getattr(keras.optimizers, keras_class)(**settings)
    variable = keras.Variable(initial_weights(), dtype="float64")
    optimizer.build([variable])
    weights = []
    for gradient in gradients():
        optimizer.apply([keras.ops.convert_to_tensor(gradient, dtype="float64")])
        value = keras.ops.convert_to_numpy(variable)
        assert value.dtype == np.float64
        weights.append(golden_file.numbers(value))
    return weights


def main():
    keras.config.set_floatx("float64")
    about = {"generator": "tests/golden/make_optimizer_goldens.py"} | golden_file.versions()
    golden_file.write("optimizers.json", about | {
        "initial": golden_file.numbers(initial_weights()),
        "gradients": [golden_file.numbers(gradient) for gradient in gradients()],
        "cases": [
            {"spec": spec(name, settings), "weights": run_optimizer(keras_class, settings)}
            for name, keras_class, cases in OPTIMIZERS for settings in cases
        ],
    })


if __name__ == "__main__":
    main()
