#!/usr/bin/env python3
"""Writes layers.json: what Keras's layers and losses compute, forward and backward.

Everything runs in float64, so the nine digits that are written are right. A layer's gradients are
those of sum(y * dy). Images are (batch, height, width, channels), kernels as Keras stores them.

Needs Keras 3 with PyTorch:  python3 tests/golden/make_layer_goldens.py
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from keras import layers

import golden_file

keras.config.set_floatx("float64")


def fractions(random, shape):
    """Numbers in [-2, 2] that float32 and a few digits hold exactly."""
    return random.randint(-128, 129, shape) / 64.0


def all_different(random, shape):
    """No two alike, so that a maximum has one place only."""
    count = int(np.prod(shape))
    return (random.permutation(count) - count // 2).reshape(shape) / 16.0


class AveragePooling2DSame(layers.AveragePooling2D):
    """The documented mean over the cells that lie inside the image.

    Keras's PyTorch backend repeats the image's edge instead where the padding is lopsided; its
    other backends do as documented. Here zeros are padded, and the mean divided by the share of
    cells inside.
    """

    def call(self, x):
        pads = []
        for size, window, stride in zip(x.shape[1:3], self.pool_size, self.strides):
            total = max((-(-size // stride) - 1) * stride + window - size, 0)
            pads.append((total // 2, total - total // 2))
        pads = [(0, 0), *pads, (0, 0)]

        def mean(values):
            return keras.ops.average_pool(
                keras.ops.pad(values, pads), self.pool_size, self.strides, "valid"
            )

        return mean(x) / mean(keras.ops.ones_like(x))


def pooling_class(kind, padding):
    if kind == "AveragePooling2D" and padding == "same":
        return AveragePooling2DSame
    return getattr(layers, kind)


def layer_case(name, kind, x, random, **config):
    layer = pooling_class(kind, config.get("padding"))(**config)
    layer.build(x.shape)
    for weight in layer.weights:
        weight.assign(fractions(random, weight.shape) / 2)

    image = torch.tensor(x, requires_grad=True)
    y = layer(image)
    dy = fractions(random, tuple(y.shape))
    y.backward(torch.tensor(dy))

    case = {"name": name, "layer": kind, "config": config}
    case |= {"x_shape": list(x.shape), "x": golden_file.numbers(x)}
    for weight in layer.weights:
        case[f"{weight.name}_shape"] = list(weight.shape)
        case[weight.name] = golden_file.numbers(keras.ops.convert_to_numpy(weight.value))
    case |= {"y_shape": list(y.shape), "y": golden_file.numbers(y.detach().numpy())}
    case |= {"dy": golden_file.numbers(dy), "dx": golden_file.numbers(image.grad.numpy())}
    for weight in layer.weights:
        case[f"d{weight.name}"] = golden_file.numbers(weight.value.grad.numpy())
    return case


def convolution_cases(random):
    def case(name, shape, filters, kernel_size, strides=(1, 1), padding="valid", use_bias=True):
        return layer_case(
            name, "Conv2D", fractions(random, shape), random, filters=filters,
            kernel_size=list(kernel_size), strides=list(strides), padding=padding,
            use_bias=use_bias,
        )

    return [
        case("one channel, valid", (2, 6, 5, 1), 3, (3, 3)),
        case("one channel, same, 5x5", (1, 7, 6, 1), 2, (5, 5), padding="same"),
        case("several channels, valid", (2, 5, 6, 3), 4, (2, 3)),
        case("even window, same", (1, 5, 4, 2), 3, (2, 4), padding="same"),
        case("stride 2, valid", (2, 7, 8, 2), 3, (3, 3), strides=(2, 2)),
        case("stride 2, same, odd size", (1, 7, 5, 2), 3, (3, 3), strides=(2, 2), padding="same"),
        case("stride 2, same, even size", (1, 6, 8, 2), 2, (3, 5), strides=(2, 2), padding="same"),
        case("unlike strides", (1, 6, 7, 2), 2, (3, 2), strides=(1, 2), padding="same"),
        case("stride above the window", (1, 8, 7, 2), 2, (2, 1), strides=(3, 2)),
        case("1x1 window, no bias", (2, 3, 4, 5), 3, (1, 1), use_bias=False),
        case("window as large as the image", (2, 4, 3, 2), 5, (4, 3)),
    ]


def pooling_cases(random):
    def case(name, shape, pool_size, strides=None, padding="valid"):
        return [
            layer_case(
                f"{name}, {kind}", kind, all_different(random, shape), random,
                pool_size=list(pool_size), strides=list(strides or pool_size), padding=padding,
            )
            for kind in ("MaxPooling2D", "AveragePooling2D")
        ]

    return [
        *case("2x2", (2, 4, 6, 3), (2, 2)),
        *case("2x2, a row and a column left over", (1, 5, 7, 2), (2, 2)),
        *case("2x2, same, odd size", (1, 5, 7, 2), (2, 2), padding="same"),
        *case("3x3 overlapping", (1, 7, 5, 2), (3, 3), strides=(2, 2)),
        *case("3x3 overlapping, same", (1, 6, 5, 2), (3, 3), strides=(2, 2), padding="same"),
        *case("stride 1, same", (1, 4, 3, 2), (2, 3), strides=(1, 1), padding="same"),
        *case("unlike sides", (1, 5, 8, 1), (3, 2), strides=(1, 3)),
        *case("stride above the window, same", (1, 7, 8, 1), (2, 2), strides=(3, 3), padding="same"),
        layer_case(
            "equal values: the first in reading order", "MaxPooling2D",
            random.randint(0, 2, (1, 6, 6, 2)) / 1.0, random,
            pool_size=[2, 2], strides=[2, 2], padding="valid",
        ),
    ]


def dense_cases(random):
    return [
        layer_case("dense", "Dense", fractions(random, (3, 7)), random, units=5, use_bias=True),
        layer_case("no bias", "Dense", fractions(random, (1, 4)), random, units=6, use_bias=False),
        layer_case("one to one", "Dense", fractions(random, (2, 1)), random, units=1, use_bias=True),
    ]


def activation_cases(random):
    """The far ends are there because exp(90) does not fit a float."""
    x = np.concatenate([np.arange(-24, 25) / 8.0, [-90.0, -20.0, -6.5, 6.5, 20.0, 90.0]])[None, :]
    names = ["relu", "leaky_relu", "elu", "gelu", "sigmoid", "tanh"]
    return [
        *(layer_case(name, "Activation", x, random, activation=name) for name in names),
        layer_case("leaky, own slope", "LeakyReLU", x, random, negative_slope=0.125),
        layer_case("elu, own alpha", "ELU", x, random, alpha=0.5),
        layer_case("softmax of rows", "Activation", fractions(random, (3, 5)), random,
                   activation="softmax"),
        layer_case("softmax, large values", "Activation", fractions(random, (2, 4)) * 60, random,
                   activation="softmax"),
        layer_case("softmax over channels", "Activation", fractions(random, (1, 2, 3, 4)), random,
                   activation="softmax"),
    ]


def normalization_case(name, shape, random, **config):
    """Once in training, with the moving statistics after it, and once with those outside of it."""
    layer = layers.BatchNormalization(**config)
    layer.build(shape)
    for weight in layer.weights:
        offset = 2 if weight.name == "moving_variance" else 0
        weight.assign(fractions(random, weight.shape) / 4 + offset)
    x = fractions(random, shape) + np.arange(shape[-1]) - 1
    dy = fractions(random, shape)

    def values(suffix=""):
        return {f"{weight.name}{suffix}":
                golden_file.numbers(keras.ops.convert_to_numpy(weight.value))
                for weight in layer.weights}

    case = {"name": name, "config": config, "x_shape": list(shape)} | values()
    case |= {"x": golden_file.numbers(x), "dy": golden_file.numbers(dy)}
    image = torch.tensor(x, requires_grad=True)
    y = layer(image, training=True)
    y.backward(torch.tensor(dy))
    case |= {"y": golden_file.numbers(y.detach().numpy())}
    case |= {"dx": golden_file.numbers(image.grad.numpy())}
    for weight in layer.trainable_weights:
        case[f"d{weight.name}"] = golden_file.numbers(weight.value.grad.numpy())
    case |= {key: value for key, value in values("_after").items() if key.startswith("moving")}
    y = layer(torch.tensor(x), training=False)
    return case | {"y_inference": golden_file.numbers(y.detach().numpy())}


def normalization_cases(random):
    return [
        normalization_case("images", (3, 4, 3, 2), random),
        normalization_case("vectors", (19, 3), random),
        normalization_case("other settings", (5, 2, 2, 3), random, momentum=0.75, epsilon=0.125),
        normalization_case("no scale", (17, 2), random, scale=False),
        normalization_case("no center", (2, 3, 2, 2), random, center=False),
        normalization_case("neither", (33, 1, 2, 2), random, center=False, scale=False),
        normalization_case("one image", (1, 3, 3, 2), random),
        normalization_case("one vector", (1, 4), random),
    ]


def loss_case(name, loss, x, target):
    prediction = torch.tensor(x, requires_grad=True)
    value = loss(torch.tensor(target), prediction)
    value.backward()
    case = {"name": name, "loss": type(loss).__name__, "x_shape": list(x.shape)}
    case["x"] = golden_file.numbers(x)
    case["target"] = golden_file.numbers(target) if target.ndim > 1 else target.tolist()
    case["value"] = float(value.detach())
    case["dx"] = golden_file.numbers(prediction.grad.numpy())
    return case


def loss_cases(random):
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    labels = np.array([3, 0, 9, 4])
    logits = fractions(random, (4, 10)) * 3
    far = np.array([[100.0, -100.0, 0.0], [-1000.0, 1000.0, 999.0]])
    one_hot = np.eye(10)[labels]
    return [
        loss_case("ten classes", entropy, logits, labels),
        loss_case("far apart", entropy, far, np.array([1, 2])),
        loss_case("one image", entropy, fractions(random, (1, 2)), np.array([1])),
        loss_case("one-hot target", keras.losses.MeanSquaredError(), logits / 6, one_hot),
        loss_case("one-hot target", keras.losses.MeanAbsoluteError(), logits / 6, one_hot),
        loss_case("exact hits", keras.losses.MeanAbsoluteError(), one_hot, one_hot[::-1].copy()),
    ]


def main():
    random = np.random.RandomState(2)
    golden = {"generator": "tests/golden/make_layer_goldens.py", "precision": "float64"}
    golden |= golden_file.versions()
    golden["layers"] = [
        *convolution_cases(random),
        *pooling_cases(random),
        *dense_cases(random),
        *activation_cases(random),
    ]
    golden["losses"] = loss_cases(random)
    golden["normalizations"] = normalization_cases(random)
    golden_file.write("layers.json", golden)


if __name__ == "__main__":
    main()
