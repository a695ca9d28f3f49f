#!/usr/bin/env python3
"""Paths of Keras's optimizers on the textbook functions of src/study/textbook.c.

    KERAS_BACKEND=torch python3 tests/golden/make_textbook_goldens.py > tests/golden/textbook.json
"""
import json

import keras
import numpy as np


def ravine(x, y):
    return x, 20 * y


def beale(x, y):
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    return (2 * (a * (y - 1) + b * (y**2 - 1) + c * (y**3 - 1)), 2 * x * (a + 2 * b * y + 3 * c * y**2))


def saddle(x, y):
    return x, y**3 - y


def two_valleys(x, y):
    return 2 * x * (x**2 - 1) + 0.3, y


SGD, Adagrad, RMSprop, Adam = (getattr(keras.optimizers, n) for n in ("SGD", "Adagrad", "RMSprop", "Adam"))


def six(rate, momentum_rate, momentum, adagrad, rmsprop, adam):
    return {
        "gradient descent": SGD(rate),
        "momentum": SGD(momentum_rate, momentum=momentum),
        "nesterov": SGD(momentum_rate, momentum=momentum, nesterov=True),
        "adagrad": Adagrad(adagrad),
        "rmsprop": RMSprop(rmsprop),
        "adam": Adam(adam),
    }


SCENES = {
    "learning-rates": (ravine, (-4, 1), 80, {str(r): SGD(r) for r in (0.005, 0.05, 0.095, 0.101)}),
    "ravine": (ravine, (-4, 1.6), 120, six(0.085, 0.02, 0.8, 0.6, 0.06, 0.25)),
    "beale": (beale, (0.7, 1.4), 300, six(0.01, 0.005, 0.9, 0.5, 0.02, 0.1)),
    "saddle": (saddle, (-1.7, 0.0005), 120, six(0.1, 0.1, 0.6, 0.3, 0.05, 0.12)),
    "two-valleys": (two_valleys, (1.9, 1.2), 150, six(0.05, 0.02, 0.9, 0.3, 0.03, 0.1)),
}


def follow(gradient, start, updates, optimizer):
    variable = keras.Variable(np.array(start, dtype="float32"))
    points = []
    for _ in range(updates):
        x, y = (float(v) for v in keras.ops.convert_to_numpy(variable.value))
        optimizer.apply([keras.ops.convert_to_tensor(np.array(gradient(x, y), dtype="float32"))], [variable])
        points.append([float(v) for v in keras.ops.convert_to_numpy(variable.value)])
    return points


def main():
    found = {"keras": keras.__version__, "functions": {}}
    for name, (gradient, start, updates, optimizers) in SCENES.items():
        found["functions"][name] = {
            label: follow(gradient, start, updates, optimizer)[9::10] for label, optimizer in optimizers.items()
        }
    print(json.dumps(found))


main()
