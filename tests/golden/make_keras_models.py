#!/usr/bin/env python3
"""Writes tests/data/keras: model files exactly as Keras's to_json() gives them.

The files right in that folder use only what convoy supports; those in its folder unsupported must
each be refused by a sentence with the word that expected.json gives. The networks that models/
ships are also compared with the files there, layer by layer.

Needs Keras 3 with PyTorch:  python3 tests/golden/make_keras_models.py
"""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras import layers

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "data" / "keras"
DIGIT = (28, 28, 1)


def lenet5():
    return [
        layers.Conv2D(6, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation="relu"),
        layers.Dense(84, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]


def fast():
    return [
        layers.Conv2D(24, 5),
        layers.MaxPooling2D(2),
        layers.Activation("relu"),
        layers.Conv2D(32, 3),
        layers.MaxPooling2D(2),
        layers.Activation("relu"),
        layers.Flatten(),
        layers.Dense(256, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]


def mnist_cnn():
    return [
        layers.Conv2D(32, 3, activation="relu"),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]


def cnn_bn():
    def normalized():
        return [layers.BatchNormalization(), layers.Activation("relu")]

    return [
        layers.Conv2D(16, 3, use_bias=False),
        *normalized(),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, use_bias=False),
        *normalized(),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(64, use_bias=False),
        *normalized(),
        layers.Dense(10, activation="softmax"),
    ]


def mlp():
    return [
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(10, activation="softmax"),
    ]


def activations():
    """Every activation by name; strides, same padding, average pooling, layers without bias."""
    return [
        layers.Conv2D(4, (3, 5), strides=(2, 1), padding="same", use_bias=False),
        layers.Activation("leaky_relu"),
        layers.AveragePooling2D((2, 3), strides=(2, 2), padding="same"),
        layers.Activation("elu"),
        layers.Conv2D(6, 3, strides=2, activation="gelu"),
        layers.Activation("tanh"),
        layers.MaxPooling2D(2, strides=1, padding="same"),
        layers.Activation("sigmoid"),
        layers.Flatten(),
        layers.Dense(12, activation="linear"),
        layers.Activation("relu"),
        layers.Dense(10, use_bias=False),
        layers.Activation("softmax"),
    ]


def activation_layers():
    """Activations as layers of their own, with their settings."""
    return [
        layers.Conv2D(4, 3),
        layers.LeakyReLU(negative_slope=0.1),
        layers.AveragePooling2D(2),
        layers.Conv2D(5, 2),
        layers.ELU(alpha=0.5),
        layers.Flatten(),
        layers.Dense(12),
        layers.ReLU(),
        layers.Dense(10),
        layers.Softmax(),
    ]


def initializers():
    """Other initial values than the usual ones."""
    return [
        layers.Conv2D(4, 3, kernel_initializer="he_normal", bias_initializer="zeros"),
        layers.Conv2D(4, 3, kernel_initializer="he_uniform"),
        layers.Flatten(),
        layers.Dense(8, kernel_initializer="glorot_normal"),
        layers.Dense(8, kernel_initializer="lecun_uniform"),
        layers.Dense(10, kernel_initializer="lecun_normal", activation="softmax"),
    ]


def normalization():
    """Batch normalization with settings of its own."""
    return [
        layers.BatchNormalization(axis=3, momentum=0.9, epsilon=1e-5),
        layers.Conv2D(4, 3),
        layers.BatchNormalization(scale=False, beta_initializer="ones"),
        layers.Flatten(),
        layers.BatchNormalization(center=False, scale=False),
        layers.Dense(10, activation="softmax"),
    ]


def regularizers():
    """Penalties for weights, by name and with settings."""
    return [
        layers.Conv2D(4, 3, kernel_regularizer="l2"),
        layers.BatchNormalization(gamma_regularizer="l1", beta_regularizer="l2"),
        layers.Conv2D(4, 3, kernel_regularizer=keras.regularizers.L1(0.001), bias_regularizer="l1"),
        layers.Flatten(),
        layers.Dense(8, kernel_regularizer=keras.regularizers.L1L2(1e-5, 1e-4)),
        layers.Dense(10, bias_regularizer="l1l2", activation="softmax"),
    ]


SUPPORTED = {
    "lenet5": lenet5,
    "fast": fast,
    "mnist-cnn": mnist_cnn,
    "cnn-bn": cnn_bn,
    "mlp": mlp,
    "activations": activations,
    "activation-layers": activation_layers,
    "initializers": initializers,
    "normalization": normalization,
    "regularizers": regularizers,
}


def functional():
    image = layers.Input(DIGIT)
    scores = layers.Dense(10, activation="softmax")(layers.Flatten()(image))
    return keras.Model(image, scores)


@keras.saving.register_keras_serializable(package="elsewhere")
class Doubled(layers.Layer):
    def call(self, x):
        return 2 * x


def nested():
    return keras.Sequential([layers.Input(DIGIT), layers.Conv2D(4, 3)], name="inner")


# file: (the word that the refusal must contain, what makes the offending layer)
UNSUPPORTED = {
    "separable-conv2d": ("SeparableConv2D", lambda: layers.SeparableConv2D(4, 3)),
    "global-average-pooling2d": ("GlobalAveragePooling2D", layers.GlobalAveragePooling2D),
    "custom-layer": ("Doubled", Doubled),
    "nested-sequential": ("Sequential", nested),
    "dilation": ("dilation_rate", lambda: layers.Conv2D(4, 3, dilation_rate=2)),
    "groups": ("groups", lambda: layers.Conv2D(4, 3, groups=2)),
    "channels-first": ("data_format", lambda: layers.Conv2D(4, 1, data_format="channels_first")),
    "orthogonal-regularizer": (
        "orthogonal_regularizer",
        lambda: layers.Conv2D(4, 3, kernel_regularizer=keras.regularizers.OrthogonalRegularizer()),
    ),
    "activity_regularizer",
        lambda: layers.Conv2D(4, 3, activity_regularizer="l1"),
    ),
    "normalization-axis": ("axis", lambda: layers.BatchNormalization(axis=1)),
    "normalization-renorm": ("renorm", lambda: layers.BatchNormalization(renorm=True)),
    "softmax-axis": ("axis", lambda: layers.Softmax(axis=1)),
    "dropout-noise-shape": ("noise_shape", lambda: layers.Dropout(0.5, noise_shape=(1, 28, 28, 1))),
    "float16": ("float16", lambda: layers.Conv2D(4, 3, dtype="float16")),
}


def sequential(make_layers, shape=DIGIT):
    keras.utils.clear_session()
    return keras.Sequential([layers.Input(shape), *make_layers()])


def write(path, model):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(model.to_json())


def write_unsupported(folder):
    expected = {}
    for name, (word, offender) in UNSUPPORTED.items():
        shape = (28, 28, 2) if name == "groups" else DIGIT
        model = sequential(lambda: [offender(), layers.Flatten(), layers.Dense(10)], shape)
        write(folder / f"{name}.json", model)
        expected[f"{name}.json"] = word
    keras.utils.clear_session()
    write(folder / "functional.json", functional())
    expected["functional.json"] = "Functional"
    keras.utils.clear_session()
    write(folder / "no-input.json", keras.Sequential(mlp()))
    expected["no-input.json"] = "InputLayer"
    (folder / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


def check_shipped(name, model):
    """The file in models/ must mean to Keras what the definition here means."""
    path = ROOT / "models" / f"{name}.json"
    if path.exists():
        shipped = keras.models.model_from_json(path.read_text())
        assert shipped.get_config()["layers"] == model.get_config()["layers"], path


def main():
    for name, make_layers in SUPPORTED.items():
        model = sequential(make_layers)
        write(FOLDER / f"{name}.json", model)
        check_shipped(name, model)
        print(f"{name}: {model.count_params()} parameters")
    write_unsupported(FOLDER / "unsupported")


if __name__ == "__main__":
    main()
