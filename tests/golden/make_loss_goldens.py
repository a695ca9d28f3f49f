#!/usr/bin/env python3
"""Writes losses.json: smoothed labels and class weights by Keras, in float64.

"cases" are batches of logits: the loss of each sample and the gradient of the batch's loss, sample
weights included. "runs" are epochs of fit() with class_weight on the images of training_runs.json,
in batches of 16, 16 and 8: what it reports as loss and accuracy of training and validation, and
the weights behind it. Keras smooths the labels of CategoricalCrossentropy only, so labels are
one-hot here.

Needs Keras 3 with PyTorch:  python3 tests/golden/make_loss_goldens.py
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch

import golden_file
from make_training_goldens import BATCH, CLASSES, SIDE, dataset, use_precision

TRAINED = 40  # the rest validates


def case(logits, labels, smoothing, weights):
    z = torch.tensor(logits, requires_grad=True)
    target = torch.tensor(np.eye(logits.shape[1])[labels])
    entropy = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing, reduction=None)
    losses = entropy(target, z)
    # reduction sum_over_batch_size: the weighted sum over the number of samples
    (losses * torch.tensor(weights)).mean().backward()
    return {
        "label_smoothing": smoothing,
        "classes": logits.shape[1],
        "logits": golden_file.numbers(logits),
        "labels": [int(label) for label in labels],
        "weights": golden_file.numbers(weights),
        "losses": golden_file.numbers(losses.detach().numpy()),
        "gradient": golden_file.numbers(z.grad.numpy()),
    }


def cases():
    random = np.random.RandomState(3)
    result = []
    for classes, spread in [(2, 3), (3, 1), (10, 5), (10, 60), (5, 0)]:
        for smoothing in [0.0, 0.1, 0.3, 1.0]:
            logits = np.round(random.uniform(-spread, spread, (7, classes)) * 64) / 64
            labels = random.randint(0, classes, 7)
            weights = random.choice([0.0, 0.5, 1.0, 2.0, 3.25], 7)
            result.append(case(logits, labels, smoothing, weights))
    return result


def initial_weights():
    i = np.arange(SIDE * SIDE * CLASSES)
    kernel = ((37 * i) % 101 - 50) / 512
    return [kernel.reshape(SIDE * SIDE, CLASSES), np.array([-2, 1, 0, 3, -1]) / 16]


def run(smoothing, class_weight, rate):
    x, labels = dataset("float64")
    one_hot = np.eye(CLASSES)[labels]
    model = keras.Sequential([
        keras.layers.Input((SIDE, SIDE, 1)), keras.layers.Flatten(), keras.layers.Dense(CLASSES)])
    model.set_weights(initial_weights())
    model.compile(
        keras.optimizers.SGD(rate),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing),
        metrics=["accuracy"])
    history = model.fit(
        x[:TRAINED], one_hot[:TRAINED], validation_data=(x[TRAINED:], one_hot[TRAINED:]),
        batch_size=BATCH - 4, epochs=1, shuffle=False, class_weight=class_weight, verbose=0).history
    return {
        "label_smoothing": smoothing,
        "class_weight": ",".join(f"{c}={w}" for c, w in (class_weight or {}).items()),
        "learning_rate": rate,
        "loss": history["loss"][0], "accuracy": history["accuracy"][0],
        "val_loss": history["val_loss"][0], "val_accuracy": history["val_accuracy"][0],
        "kernel": golden_file.numbers(model.get_weights()[0]),
        "bias": golden_file.numbers(model.get_weights()[1]),
    }


def main():
    use_precision("float64")
    kernel, bias = initial_weights()
    weights = {0: 2.5, 3: 0.25, 4: 0}
    golden_file.write("losses.json", {
        "generator": "tests/golden/make_loss_goldens.py",
    } | golden_file.versions() | {
        "cases": cases(),
        "trained": TRAINED, "batch_size": BATCH - 4,
        "initial_kernel": golden_file.numbers(kernel), "initial_bias": golden_file.numbers(bias),
        "runs": [run(0.0, None, 0.125), run(0.1, None, 0.125), run(0.0, weights, 0.0625),
                 run(0.2, weights, 0.0625)],
    })


if __name__ == "__main__":
    main()
