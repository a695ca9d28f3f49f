"""Small models as Keras 3 saves them, with what they predict, for tests/golden/test_keras_files.c.

    KERAS_BACKEND=torch python3 make_keras_files.py FOLDER

Writes FOLDER/*.keras, FOLDER/*.h5 and FOLDER/keras-files.json.
"""
import json
import sys

import keras
import numpy as np
from keras import layers as L

folder = sys.argv[1]
keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)


def chain():
    return keras.Sequential([
        keras.Input((8, 8, 1)), L.Conv2D(2, 3, activation="relu"), L.BatchNormalization(), L.MaxPooling2D(),
        L.SeparableConv2D(3, 2, activation="relu"), L.Flatten(), L.Dense(3, activation="softmax")], name="chain")


def branches():
    image = keras.Input((8, 8, 1))
    x = L.Rescaling(1 / 255)(image)
    x = L.Conv2D(2, 3, padding="same")(x)
    x = L.ReLU()(x)
    a = L.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = L.Concatenate()([L.Add()([x, a]), a])
    x = L.PReLU(shared_axes=[1, 2])(x)
    x = L.LayerNormalization()(x)
    x = L.GlobalAveragePooling2D()(x)
    return keras.Model(image, L.Dense(3, activation="softmax")(x), name="branches")


def nested():
    base = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(2, 3, activation="relu", name="conv"),
                             L.BatchNormalization(center=False)], name="base")
    inside = keras.Input((6, 6, 2))
    head = keras.Model(inside, L.GlobalMaxPooling2D()(L.Conv2D(3, 3, name="conv")(inside)), name="head")
    image = keras.Input((8, 8, 1))
    return keras.Model(image, L.Dense(3, activation="softmax", name="out")(head(base(image))), name="nested")


def first():
    """Channels first: Flatten in both orders, and a Reshape between them."""
    order = {"data_format": "channels_first"}
    image = keras.Input((1, 8, 8))
    x = L.BatchNormalization(axis=1)(L.Conv2D(4, 3, **order)(image))
    x = L.Reshape((4, 2, 2))(L.Dense(16, activation="tanh")(L.Flatten(**order)(L.MaxPooling2D(2, **order)(x))))
    x = L.Flatten(data_format="channels_last")(L.DepthwiseConv2D((1, 2), **order)(x))
    return keras.Model(image, L.Dense(3, activation="softmax")(x), name="first")


def repeated():
    """Layers, and a model, that are called several times."""
    image = keras.Input((8, 8, 1))
    block = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(1, 3, padding="same"), L.BatchNormalization(),
                              L.PReLU(shared_axes=[1, 2])], name="block")
    dense = L.Dense(4, activation="tanh")
    x = block(image)
    y = block(x)
    x = L.Concatenate()([dense(L.Flatten()(x)), dense(L.Flatten()(y))])
    return keras.Model(image, L.Dense(3, activation="softmax")(x), name="repeated")


described = {}
for make in (chain, branches, nested, first, repeated):
    model = make()
    for layer in model._flatten_layers():  # nothing keeps the value that it begins with
        for v in layer._trainable_variables + layer._non_trainable_variables:
            if "seed" not in v.path:
                v.assign(rng.uniform(0.1, 0.9, v.shape) - (0 if "variance" in v.path else 0.4))
    images = rng.integers(0, 256, (4, 8, 8, 1))
    x = images.astype("float32") if model.name == "branches" else (images / 255).astype("float32")
    if model.name == "first":
        x = x.transpose(0, 3, 1, 2)
    if model.name == "chain":
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy())
        model.save_weights(f"{folder}/chain.weights.h5")
    files = [f"{model.name}.keras"]
    if model.name in ("nested", "repeated"):
        files.append(f"{model.name}.h5")
    for name in files:
        model.save(f"{folder}/{name}")
        described[name] = {"images": images.ravel().tolist(),
                           "outputs": [round(float(p), 7) for p in model.predict(x, verbose=0).ravel()]}
json.dump(described, open(f"{folder}/keras-files.json", "w"), separators=(",", ":"))
