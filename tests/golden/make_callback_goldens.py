#!/usr/bin/env python3
"""Writes callbacks.json: what Keras's callbacks do with made-up values, epoch by epoch.

The callbacks are Keras's own, driven by the calls that fit() makes: a model of one weight that
holds the number of the epoch shows which weights were restored, a save() that only takes down its
path shows which files would be written. Among the sequences are ties, changes of exactly min_delta,
values that only single precision tells apart, NaN, missing values, and many at random.

Needs Keras 3 with PyTorch:  python3 tests/golden/make_callback_goldens.py
"""

import math
import os
import tempfile
import warnings

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np

import golden_file

NAN = float("nan")


class Model(keras.Model):
    """What callbacks ask of a model, and nothing more."""

    def __init__(self, rate):
        super().__init__()
        self.weight = self.add_weight(shape=(1,), initializer="zeros", name="weight")
        self.compile(optimizer=keras.optimizers.SGD(learning_rate=rate), loss="mse")
        self.saved = []

    def save(self, path, overwrite=True):
        self.saved.append(path)


def f32(value):
    return float(np.float32(value))


def as_text(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.17g}"
    return str(value)


def spec(name, settings):
    words = {",": "comma", "\t": "tab"}
    pairs = [f"{key}={words.get(value, as_text(value))}" for key, value in settings.items()]
    return name + (":" + ",".join(pairs) if pairs else "")


def logged(value):
    """A value as fit() hands it to callbacks, and as JSON can hold it."""
    return None if value is None else "nan" if math.isnan(value) else f32(value)


def drive(callback, rate, epochs, batches=()):
    """Calls as in fit(); yields after each epoch. epochs: logs; batches: of each epoch, logs."""
    model = Model(rate)
    callbacks = keras.callbacks.CallbackList([callback], model=model)
    model.stop_training = False
    callbacks.on_train_begin()
    trace = []
    for epoch, logs in enumerate(epochs):
        model.weight.assign([float(epoch + 1)])
        callbacks.on_epoch_begin(epoch)
        for batch, batch_logs in enumerate(batches[epoch] if batches else ()):
            callbacks.on_train_batch_end(batch, dict(batch_logs))
            if model.stop_training:
                break
        callbacks.on_epoch_end(epoch, dict(logs))
        trace.append((float(model.optimizer.learning_rate.numpy()), len(model.saved)))
        if model.stop_training:
            break
    callbacks.on_train_end()
    return model, trace


def with_values(monitor, values):
    return [{} if value is None else {monitor: f32(value)} for value in values]


def monitored(name, keras_class, settings, values, rate=0.1):
    """A case of a callback that watches one value. rate: at the start."""
    monitor = settings.get("monitor", "val_loss")
    callback = getattr(keras.callbacks, keras_class)(**settings)
    model, trace = drive(callback, rate, with_values(monitor, values))
    return {
        "spec": spec(name, settings),
        "monitor": monitor,
        "values": [logged(value) for value in values],
        "rate": rate,
        "epochs_run": len(trace),
        "stopped": bool(model.stop_training),
        "final_weight": float(model.weight.numpy()[0]),
        "rates": [after for after, _ in trace],
    }


def random_values(seed, count=20, step=1 / 16):
    """A walk in steps of 1/16, with ties, here and there a NaN or a gap."""
    random = np.random.RandomState(seed)
    walk = np.cumsum(random.randint(-2, 2, count)) * step + 2
    values = [float(v) for v in walk]
    for i in random.choice(count, 2, replace=False):
        values[i] = None if random.rand() < 0.5 else NAN
    return values


def early_stopping_cases():
    make = lambda settings, values: monitored("early_stopping", "EarlyStopping", settings, values)
    down = [10.0, 9.0, 8.0, 9.0, 8.9, 8.8, 8.7, 8.6, 8.5]
    near = 0.1 + 2.0**-27  # the next single-precision number
    cases = [make({"patience": p, "restore_best_weights": p % 2 == 0}, down) for p in range(5)]
    cases += [make(*case) for case in [
        ({}, [1.0, 1.0, 1.0]),
        ({}, [1.0, 0.9, 0.8, 0.9]),
        ({"patience": 2}, [1.0, 1.0, 1.0, 1.0]),
        ({"patience": 2, "min_delta": 0.25}, [1.0, 0.75, 0.5, 0.4, 0.3, 0.2]),
        ({"patience": 2, "min_delta": -0.25}, [1.0, 0.75, 0.5, 0.4, 0.3, 0.2]),
        ({"patience": 2, "mode": "max", "min_delta": 0.125}, [0.5, 0.625, 0.75, 0.76, 0.77]),
        ({"monitor": "accuracy", "patience": 2, "mode": "max", "min_delta": 0.1},
         [0.5, 0.6, 0.65, 0.7, 0.71]),
        ({"patience": 1, "min_delta": 0.1}, [0.3, 0.2, 0.1, 0.0]),
        ({"patience": 1, "min_delta": 1e-9}, [near, 0.1, 0.1]),
        ({"patience": 1, "min_delta": 1e-8}, [1.0, 1.0 - 2.0 ** -24, 1.0 - 2.0 ** -23]),
        ({"patience": 2, "restore_best_weights": True}, [0.2, 0.15, 0.1, 0.11, 0.12]),
        ({"patience": 10, "restore_best_weights": True}, [0.2, 0.1, 0.15, 0.12]),
        ({"patience": 5, "baseline": 0.5, "restore_best_weights": True},
         [0.9, 0.8, 0.7, 0.71, 0.72, 0.73]),
        ({"patience": 2, "baseline": 0.5}, [0.9, 0.8, 0.7, 0.6, 0.65, 0.55]),
        ({"patience": 2, "baseline": 0.5}, [0.9, 0.4, 0.45, 0.6, 0.65, 0.55]),
        ({"patience": 2, "baseline": 0.0, "mode": "max"}, [-0.5, -0.25, -0.125, 0.5, 0.25, 0.25]),
        ({"patience": 1, "start_from_epoch": 3}, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ({"patience": 1, "start_from_epoch": 9, "restore_best_weights": True}, [1.0, 2.0, 3.0]),
        ({"start_from_epoch": 2, "restore_best_weights": True}, [0.1, 0.2, NAN, 0.4, 0.5]),
        ({"patience": 2}, [1.0, NAN, 0.9, NAN, NAN, 0.1]),
        ({"patience": 2, "restore_best_weights": True}, [NAN, 0.5, 0.4, 0.3]),
        ({"patience": 1}, [1.0, None, None, 1.0]),
        ({"patience": 1, "restore_best_weights": True}, [None, None, None]),
        ({"monitor": "loss", "patience": 2, "mode": "min"}, [3.0, 2.0, 2.5, 2.5, 1.0]),
    ]]
    for seed in range(24):
        settings = {"patience": seed % 5, "min_delta": [0, 0.0625, 0.1, 0.125][seed % 4],
                    "mode": ["min", "max"][seed % 2], "restore_best_weights": seed % 3 > 0}
        if seed % 6 == 5:
            settings |= {"baseline": 1.875}
        if seed % 7 == 6:
            settings |= {"start_from_epoch": 3}
        cases.append(make(settings, random_values(seed)))
    return cases


def plateau_cases():
    make = lambda settings, values, rate=0.1: monitored(
        "reduce_lr_on_plateau", "ReduceLROnPlateau", settings, values, rate)
    ones = [1.0] * 12
    cases = [make(*case) for case in [
        ({}, ones),
        ({}, [1.0] * 25),
        ({"factor": 0.5, "patience": 2}, ones),
        ({"factor": 0.1, "patience": 1, "cooldown": 2}, ones),
        ({"factor": 0.5, "patience": 2, "cooldown": 3}, ones),
        ({"factor": 0.1, "patience": 1, "min_lr": 0.005}, ones),
        ({"factor": 0.1, "patience": 1, "min_lr": 0.1}, ones),
        ({"factor": 0.3, "patience": 3, "min_lr": 0.01, "cooldown": 1}, ones, 0.25),
        ({"factor": 0.0, "patience": 2}, ones),
        ({"factor": 0.5, "patience": 1}, [1.0, 0.99995, 0.9998, 0.9998]),
        ({"factor": 0.5, "patience": 1, "min_delta": 0}, [1.0, 0.99995, 0.9998, 0.9998]),
        ({"factor": 0.5, "patience": 1, "cooldown": 3}, [1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5]),
        ({"factor": 0.5, "patience": 0}, [1.0, 1.0, 1.0, 0.5, 0.5]),
        ({"factor": 0.5, "patience": 2, "mode": "max", "min_delta": 0.0},
         [0.5, 0.6, 0.6, 0.6, 0.7, 0.7, 0.7]),
        ({"monitor": "loss", "factor": 0.2, "patience": 1, "mode": "min"},
         [1.0, 2.0, 3.0, 0.1, 0.2]),
        ({"factor": 0.9, "patience": 1}, [1.0, None, NAN, None, 1.0, 0.5, NAN, 0.6]),
        ({"factor": 0.9, "patience": 1}, [NAN, 1.0, 0.5, 0.25]),
        ({"factor": 1 / 3, "patience": 1}, ones, 0.001),
    ]]
    for seed in range(24):
        settings = {"factor": [0.1, 0.5, 0.7][seed % 3], "patience": seed % 4,
                    "cooldown": [0, 2, 0, 1, 4][seed % 5], "mode": ["min", "max"][seed % 2]}
        if seed % 4 == 3:
            settings |= {"min_lr": 0.0007, "min_delta": 0.0625}
        cases.append(make(settings, random_values(100 + seed), [0.1, 0.001, 0.02][seed % 3]))
    return cases


def checkpoint(settings, epochs, batches=(), path="m.keras"):
    """Paths in Keras end in .keras; in the golden in .safetensors."""
    callback = keras.callbacks.ModelCheckpoint(filepath=path, **settings)
    model, trace = drive(callback, 0.1, epochs, batches)
    ours = lambda text: text.replace(".keras", ".safetensors")
    return {
        "spec": spec("model_checkpoint", {"filepath": ours(path)} | settings),
        "epochs": [{key: logged(value) for key, value in logs.items()} for logs in epochs],
        "batches": [[{key: logged(value) for key, value in logs.items()} for logs in epoch]
                    for epoch in batches],
        "saved": [ours(path) for path in model.saved],
        "saved_by_epoch": [count for _, count in trace],
    }


def epochs_of(values, monitor="val_loss"):
    return [logs | {"loss": f32(i + 0.125)} for i, logs in enumerate(with_values(monitor, values))]


def batches_of(counts):
    return [[{"loss": f32(10 * e + b), "accuracy": f32(0.5 + b / 16)} for b in range(count)]
            for e, count in enumerate(counts)]


def checkpoint_cases():
    values = [1.0, 0.5, 0.75, 0.5, 0.25, NAN, 0.2]
    best = {"save_best_only": True}
    cases = [
        checkpoint({}, epochs_of(values)),
        checkpoint({}, epochs_of(values), path="e{epoch}.keras"),
        checkpoint({}, epochs_of([0.123456, 12.5, 100.0]),
                   path="a/{epoch:02d}-{val_loss:.2f}.keras"),
        checkpoint({}, epochs_of([0.1, -2.5, 1e-7, 1e20]),
                   path="{epoch:3d}_{epoch:04}_{val_loss}_{val_loss:8.3f}_{loss:.0f}.keras"),
        checkpoint({}, epochs_of([0.1, -2.5, 1e-7, 123456789.0]),
                   path="{val_loss:e}_{val_loss:g}_{val_loss:09.3e}_{{{loss:f}}}.keras"),
        checkpoint(best, epochs_of(values), path="b{epoch}.keras"),
        checkpoint(best | {"mode": "max"}, epochs_of(values), path="b{epoch}.keras"),
        checkpoint(best | {"initial_value_threshold": 0.5}, epochs_of(values),
                   path="b{epoch}.keras"),
        checkpoint(best, epochs_of([1.0, None, 2.0, None, 0.5]), path="b{epoch}.keras"),
        checkpoint(best, epochs_of([NAN, 1.0, 0.5]), path="b{epoch}.keras"),
        checkpoint(best | {"monitor": "accuracy", "mode": "max"},
                   epochs_of([0.5, 0.5, 0.625, 0.6], "accuracy"), path="b{epoch}.keras"),
    ]
    path = "s{epoch}-{batch}-{loss:.1f}.keras"
    for counts, freq in [([4, 4, 4], 1), ([4, 4, 4], 3), ([4, 4, 4], 4), ([4, 4, 4], 5),
                         ([2, 3, 1, 5, 2], 4), ([1, 1, 1, 1, 1], 2), ([10], 100), ([7, 7], 8)]:
        cases.append(checkpoint({"save_freq": freq}, epochs_of([1.0] * len(counts)),
                                batches_of(counts), path))
    return cases


def csv(settings, epochs, before=None):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log.csv")
        if before is not None:
            with open(path, "w", newline="") as file:
                file.write(before)
        drive(keras.callbacks.CSVLogger(path, **settings), 0.1, epochs)
        with open(path, newline="") as file:
            text = file.read()
    return {
        "spec": spec("csv_logger", {"filename": "@"} | settings),
        "before": before,
        "epochs": [{key: logged(value) for key, value in logs.items()} for logs in epochs],
        "text": text,
    }


def csv_cases():
    plain = [{"loss": 0.3, "accuracy": 0.5}, {"loss": 1e-5, "accuracy": 1.0}, {"loss": 123456.789}]
    numbers = [0.1, 1.0, 0.0, 1e-4, 9.9e-5, 1e15, 1.5e16, 1e17, 1e-20, 2.5, 16777216.0, 3.4e38,
               1 / 3, -0.7, 100.0, 1e22, 0.00123, NAN]
    rounded = lambda epochs: [{k: f32(v) for k, v in logs.items()} for logs in epochs]
    cases = [
        csv({}, rounded(plain)),
        csv({}, rounded([{"loss": v, "val_loss": -v if v else v} for v in numbers])),
        csv({}, rounded([{"loss": 0.5, "val_loss": 0.25}, {"loss": 0.5, "zeta": 1.0},
                         {"val_loss": 0.125}])),
        csv({}, rounded([{"loss": 0.5, "learning_rate": 0.001}, {"loss": 0.25}])),
        csv({"separator": ";"}, rounded(plain)),
        csv({"separator": "\t"}, rounded(plain)),
        csv({"separator": "."}, rounded(plain)),
        csv({"separator": "o"}, rounded(plain)),
        csv({"separator": "0"}, rounded(plain)),
        csv({"append": True}, rounded(plain)),
        csv({"append": True}, rounded(plain), ""),
        csv({"append": True}, rounded(plain), "\n"),
        csv({"append": True}, rounded(plain), "epoch,loss\r\n0,1.0\r\n"),
        csv({"append": True}, rounded(plain), "no end of line"),
        csv({"append": False}, rounded(plain), "epoch,loss\r\n0,1.0\r\n"),
    ]
    return cases


def nan_cases():
    """Losses behind each batch of an epoch: in which one does training stop?"""
    cases = []
    for losses in [[1.0, 2.0, 3.0], [1.0, NAN, 2.0], [NAN], [1.0, float("inf"), 1.0],
                   [1.0, float("-inf")], []]:
        model = Model(0.1)
        callback = keras.callbacks.TerminateOnNaN()
        callback.set_model(model)
        model.stop_training = False
        stopped = None
        for batch, loss in enumerate(losses):
            callback.on_train_batch_end(batch, {"loss": loss})
            if model.stop_training:
                stopped = batch
                break
        cases.append({"spec": "terminate_on_nan",
                      "losses": [v if math.isfinite(v) else str(v) for v in losses],
                      "stopped_at": stopped})
    return cases


def main():
    warnings.simplefilter("ignore")
    golden_file.write("callbacks.json", {
        "generator": "tests/golden/make_callback_goldens.py",
    } | golden_file.versions() | {
        "early_stopping": early_stopping_cases(),
        "reduce_lr_on_plateau": plateau_cases(),
        "model_checkpoint": checkpoint_cases(),
        "csv_logger": csv_cases(),
        "terminate_on_nan": nan_cases(),
    })


if __name__ == "__main__":
    main()
