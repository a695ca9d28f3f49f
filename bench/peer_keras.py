#!/usr/bin/env python3
"""Test accuracy of each Keras optimizer with default settings, to compare with convoy's in README.md.

Trains models/lenet5.json on MNIST as convoy does: standardised pixels, cross-entropy of the softmax, batches of
64, shuffled in every epoch. Weights and order come from Keras's random numbers.
Prints one line for each optimizer: its name, test accuracy and test loss.

    KERAS_BACKEND=jax python3 bench/peer_keras.py --data datasets/mnist [--epochs 3] [NAME]...
"""

import argparse
import gzip
from pathlib import Path

import keras
import numpy as np

NAMES = ["SGD", "Adagrad", "RMSprop", "Adam", "AdamW", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion",
         "Lamb", "Adafactor", "Muon", "ScheduleFreeAdamW"]
MODEL = Path(__file__).resolve().parent.parent / "models" / "lenet5.json"


def read(folder, name, header):
    path = Path(folder) / name
    opened = path.open("rb") if path.exists() else gzip.open(f"{path}.gz")
    with opened as file:
        return np.frombuffer(file.read(), dtype=np.uint8, offset=header)


def read_split(folder, split):
    images = read(folder, f"{split}-images-idx3-ubyte", 16).reshape(-1, 28, 28, 1)
    return images.astype(np.float32), read(folder, f"{split}-labels-idx1-ubyte", 8).astype(np.int32)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="of Keras's classes (default: all)")
    parser.add_argument("--data", required=True, help="folder with the four files of MNIST")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    train, test = read_split(options.data, "train"), read_split(options.data, "t10k")
    mean, deviation = train[0].mean(), train[0].std()
    for name in options.names or NAMES:
        keras.utils.set_random_seed(options.seed)
        model = keras.models.model_from_json(MODEL.read_text())
        model.compile(optimizer=getattr(keras.optimizers, name)(),
                      loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit((train[0] - mean) / deviation, train[1], batch_size=64, epochs=options.epochs,
                  verbose=0)
        loss, accuracy = model.evaluate((test[0] - mean) / deviation, test[1], batch_size=1000,
                                        verbose=0)
        print(f"{name:<18} {100 * accuracy:6.2f} % {loss:8.4f}", flush=True)


if __name__ == "__main__":
    main()
