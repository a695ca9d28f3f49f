#!/usr/bin/env python3
"""Writes whole training runs by Keras: training_network.json and training_runs.json, and
normalized_network.json and normalized_runs.json.

A small network learns 50 images, made by a formula of whole numbers, for ten epochs in the order
in which they stand: batches of 20, 20 and 10. Each run is done twice from the same weights, in
float64, which is what is written, and in float32, which shows how far rounding takes Keras itself
from it (Adam's powers of beta in float32 cost 6e-6); each is checked against Keras's own fit().

The networks are Keras model files. They end in a softmax; the runs were made with the logits before
it, which is the same loss without a clip. The second network has batch normalization behind a
convolution and behind a dense layer, and regularizers, whose penalties are part of the loss; what
its evaluate() gives after each run, with the moving statistics, is written as well.

Needs Keras 3 with PyTorch:  python3 tests/golden/make_training_goldens.py
"""

import json
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from keras import layers

import golden_file

IMAGES, CLASSES, SIDE, BATCH, EPOCHS = 50, 5, 12, 20, 10
FORMULA = (
    "label = i % 5; pixel(row, column) = (7 i + 13 row + 29 column + 31 label) % 256 / 4 "
    "+ (row / 2 == label ? 160 : 0), divisions of whole numbers; x = pixel / 255"
)


def use_precision(dtype):
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


def dataset(dtype):
    i, row, column = np.ogrid[:IMAGES, :SIDE, :SIDE]
    label = i % CLASSES
    pixel = (7 * i + 13 * row + 29 * column + 31 * label) % 256 // 4
    pixel = pixel + np.where(row // 2 == label, 160, 0)
    x = pixel.astype(np.float32) / np.float32(255)
    return x[..., None].astype(dtype), label.ravel()


def plain_network(last_activation):
    return keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 1)),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(6, 3, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(CLASSES, activation=last_activation),
        ]
    )


def normalized_network(last_activation):
    return keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 1)),
            layers.Conv2D(4, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.Activation("relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(6, 3, activation="tanh", kernel_regularizer=keras.regularizers.L2(0.002),
                          bias_regularizer=keras.regularizers.L1L2(0.001, 0.01)),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(16, use_bias=False,
                         kernel_regularizer=keras.regularizers.L1(0.00048828125)),
            layers.BatchNormalization(momentum=0.9),
            layers.Activation("relu"),
            layers.Dense(CLASSES, activation=last_activation),
        ]
    )


def start_value(weight, random):
    if weight.name in ("gamma", "moving_variance"):
        return np.ones(weight.shape)
    fan = max(1, int(np.prod(weight.shape[:-1])))
    limit = np.sqrt(3 / fan) if len(weight.shape) > 1 else 0.05
    return np.round(random.uniform(-limit, limit, weight.shape) * 256) / 256 + 0.0


def initial_weights(network, seed):
    """Fractions of 256, which float32 and nine digits hold exactly.

    The seed is one from which no maximum and no relu comes so close to a tie that rounding to
    float32 decides it: from such a point runs in float32 and float64 part for good.
    """
    random = np.random.RandomState(seed)
    return [start_value(weight, random) for weight in network(None).weights]


def exponential(staircase):
    return {"initial_learning_rate": 0.01, "decay_steps": 7, "decay_rate": 0.8,
            "staircase": staircase}


RUNS = [
    {"name": "sgd", "optimizer": "SGD", "settings": {}, "learning_rate": 0.05},
    {"name": "sgd momentum", "optimizer": "SGD", "settings": {"momentum": 0.9},
     "learning_rate": 0.05},
    {"name": "sgd nesterov", "optimizer": "SGD", "settings": {"momentum": 0.9, "nesterov": True},
     "learning_rate": 0.05},
    {"name": "adam", "optimizer": "Adam", "settings": {}, "learning_rate": 0.01},
    {"name": "adam, other settings", "optimizer": "Adam",
     "settings": {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-4}, "learning_rate": 0.01},
    {"name": "adam, exponential decay", "optimizer": "Adam", "settings": {},
     "exponential_decay": exponential(False)},
    {"name": "adam, exponential decay in steps", "optimizer": "Adam", "settings": {},
     "exponential_decay": exponential(True)},
]


def scheduled(name, **settings):
    return {"name": f"adam, {name}", "optimizer": "Adam", "settings": {},
            "schedule": {"name": name, "settings": settings}}


NORMALIZED_RUNS = [
    {"name": "sgd momentum", "optimizer": "SGD", "settings": {"momentum": 0.9},
     "learning_rate": 0.02},
    {"name": "adam", "optimizer": "Adam", "settings": {}, "learning_rate": 0.005},
    {"name": "rmsprop", "optimizer": "RMSprop", "settings": {}, "learning_rate": 0.001},
    scheduled("ExponentialDecay", initial_learning_rate=0.01, decay_steps=7, decay_rate=0.8),
    scheduled("PiecewiseConstantDecay", boundaries=[9, 19], values=[0.01, 0.005, 0.001]),
    scheduled("PolynomialDecay", initial_learning_rate=0.01, decay_steps=20,
              end_learning_rate=0.001, power=2.0),
    scheduled("InverseTimeDecay", initial_learning_rate=0.01, decay_steps=7, decay_rate=0.5),
    scheduled("CosineDecay", initial_learning_rate=0.001, decay_steps=20, alpha=0.1,
              warmup_target=0.01, warmup_steps=5),
    scheduled("CosineDecayRestarts", initial_learning_rate=0.01, first_decay_steps=6, t_mul=2.0,
              m_mul=0.9, alpha=0.05),
]


def make_optimizer(run):
    if "schedule" in run:
        kind = getattr(keras.optimizers.schedules, run["schedule"]["name"])
        rate = kind(**run["schedule"]["settings"])
    elif "exponential_decay" in run:
        rate = keras.optimizers.schedules.ExponentialDecay(**run["exponential_decay"])
    else:
        rate = run["learning_rate"]
    return getattr(keras.optimizers, run["optimizer"])(learning_rate=rate, **run["settings"])


def loss_of(model, x, labels):
    """The mean is PyTorch's: Keras's own rounds to float32 on this backend."""
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=None)
    loss = entropy(torch.tensor(labels), model(torch.tensor(x), training=True)).mean()
    return loss + sum(model.losses)


def train(network, run, initial, dtype):
    """Losses before each step, learning rates, final weights, loss of all images after it."""
    use_precision(dtype)
    x, labels = dataset(dtype)
    model, optimizer = network(None), make_optimizer(run)
    model.set_weights(initial)
    losses, rates = [], []
    for _ in range(EPOCHS):
        for first in range(0, IMAGES, BATCH):
            batch = slice(first, first + BATCH)
            model.zero_grad()
            loss = loss_of(model, x[batch], labels[batch])
            loss.backward()
            losses.append(float(loss.detach()))
            rates.append(float(optimizer.learning_rate))
            with torch.no_grad():
                weights = model.trainable_weights
                optimizer.apply([w.value.grad for w in weights], weights)
    final = model.get_weights()
    assert all(w.dtype == dtype for w in final)
    check_against_fit(network, run, initial, x, labels, final)
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=None)
    scored = entropy(torch.tensor(labels), model(torch.tensor(x), training=False)).mean()
    return losses, rates, final, float((scored + sum(model.losses)).detach())


def check_against_fit(network, run, initial, x, labels, final):
    model = network(None)
    model.set_weights(initial)
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(make_optimizer(run), entropy)
    model.fit(x, labels, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0)
    for ours, fitted in zip(final, model.get_weights()):
        assert np.abs(ours - fitted).max() < 1e-5, run["name"]


def tensors(model_weights, values):
    """name, shape and values of each weight, in the order in which Keras stores them."""
    return [
        {"name": weight.path.split("/", 1)[1], "shape": list(value.shape),
         "values": golden_file.numbers(value)}
        for weight, value in zip(model_weights, values)
    ]


def run_golden(network, run, initial, weights):
    exact, rates, final, end = train(network, run, initial, "float64")
    rounded, _, final32, _ = train(network, run, initial, "float32")
    off_loss = max(abs(a - b) for a, b in zip(exact, rounded))
    off_weight = max(float(np.abs(a - b).max()) for a, b in zip(final, final32))
    print(f"{run['name']}: loss {exact[0]:.4f} -> {exact[-1]:.4f}, float32 off by {off_loss:.1e}, "
          f"weights by {off_weight:.1e}")
    return run | {
        "float32_loss_error": off_loss, "float32_weight_error": off_weight,
        "learning_rates": rates, "losses": exact, "evaluated_loss": end,
        "final_weights": tensors(weights, final),
    }


def write_runs(name, network, seed, runs):
    initial = initial_weights(network, seed)
    keras.utils.clear_session()
    use_precision("float32")
    shipped = network("softmax")
    (golden_file.FOLDER / f"{name}_network.json").write_text(
        json.dumps(json.loads(shipped.to_json()), indent=2) + "\n")
    golden = {"generator": "tests/golden/make_training_goldens.py"} | golden_file.versions()
    golden |= {
        "network": f"tests/golden/{name}_network.json", "images": IMAGES, "classes": CLASSES,
        "height": SIDE, "width": SIDE, "formula": FORMULA, "batch_size": BATCH, "epochs": EPOCHS,
        "first_image": [int(v) for v in np.rint(dataset("float64")[0][0].ravel() * 255)],
        "pixel_sum": int(np.rint(dataset("float64")[0] * 255).sum()),
        "initial_weights": tensors(shipped.weights, initial),
    }
    golden["runs"] = [run_golden(network, run, initial, shipped.weights) for run in runs]
    golden_file.write(f"{name}_runs.json", golden)


def main():
    write_runs("training", plain_network, 10, RUNS)
    write_runs("normalized", normalized_network, 10, NORMALIZED_RUNS)


if __name__ == "__main__":
    main()
