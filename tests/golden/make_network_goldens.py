#!/usr/bin/env python3
"""Writes networks.json: small networks of all kinds of layers, and what Keras makes of them.

Each network is judged before training, gives the gradients of a first batch, and learns for 40 steps by
two optimizers. Everything is done twice from the same weights, in float64, which is what is written, and
in float32, which shows how far rounding takes Keras itself from it. Images and weights are made by a
formula of whole numbers, which the test has as well. What is drawn at random in training is left out:
rates of dropout are 0, and layers that change images at random are removed.

Needs Keras 3 with PyTorch:
    python3 tests/golden/make_network_goldens.py                   # networks.json
    python3 tests/golden/make_network_goldens.py OUT FILE.json...   # of these model files, to OUT; then
    CONVOY_NETWORKS=OUT build-gcc/tests/test_golden --filter 'networks_against_keras/*'
SEEDS=5 does the latter from five sets of weights and images, STEPS=10 with fewer steps of training. Where
one run falls on a tie of a ReLU or of max pooling, the medians over seeds need not. SMOOTH=1 replaces such functions by
silu and average pooling: then nothing can fall on a tie, and what is left is rounding. LOGITS=1 leaves out the softmax
at the end, and with it Keras's clip of probabilities to [1e-7, 1 - 1e-7], which convoy does not have there.
"""

import copy
import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch

import golden_file

BATCH, IMAGES, STEPS = 16, 60, int(os.environ.get("STEPS", "40"))
SEED = 0
RUNS = [("sgd:momentum=0.9", "0.01"), ("adam", "0.001")]
DROPPED = {"RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast",
           "RandomBrightness", "RandomShear", "RandomErasing", "RandomElasticTransform"}
SCALERS = {"Rescaling", "Normalization"}


# --- the formula ---

def mix(h):
    h = h ^ h >> np.uint32(15)
    h = h * np.uint32(2246822519)
    h = h ^ h >> np.uint32(13)
    h = h * np.uint32(3266489917)
    return h ^ h >> np.uint32(16)


def numbers(stream, count):
    stream += 100000 * SEED
    with np.errstate(over="ignore"):
        key = mix(np.array([stream], np.uint32) * np.uint32(2246822519) + np.uint32(12345))
        return mix(np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + key)


def image(i, values, classes):
    label = (i * 7 + i // 5) % classes
    e = np.arange(values)
    stripe = values // 8 + 1
    noise = (numbers(1000 + i, values) >> np.uint32(25)).astype(int)
    return label, noise + np.where(e * (label + 1) // stripe % 2 != 0, 120, 0)


def dataset(shape, classes, scale, is_channels_first):
    values = int(np.prod(shape))
    made = [image(i, values, classes) for i in range(IMAGES)]
    x = np.stack([pixels for _, pixels in made]).astype(np.float32) * np.float32(scale)
    if is_channels_first and len(shape) == 3:
        x = x.reshape((IMAGES, shape[1], shape[2], shape[0])).transpose(0, 3, 1, 2)
    return x.reshape((IMAGES, *shape)), np.array([label for label, _ in made])


# --- the network ---

def walk(value, change):
    if isinstance(value, dict):
        change(value)
        for member in value.values():
            walk(member, change)
    elif isinstance(value, list):
        for member in value:
            walk(member, change)


def without_chance(source):
    """The model as convoy is to read it: nothing drawn at random."""
    model = copy.deepcopy(source)

    def change(entry):
        config = entry.get("config")
        if isinstance(config, dict) and "rate" in config and "Dropout" in entry["class_name"]:
            config["rate"] = 0.0
        if entry.get("class_name") == "GaussianNoise":
            config["stddev"] = 0.0
        if entry.get("class_name") == "Sequential":
            layers = config["layers"] if isinstance(config, dict) else config
            layers[:] = [layer for layer in layers if layer["class_name"] not in DROPPED]

    walk(model, change)
    model = smooth(model) if os.environ.get("SMOOTH") else model
    return without_softmax(model) if os.environ.get("LOGITS") else model


def without_softmax(model):
    """The same network with logits for outputs, whose loss is the same but that nothing is clipped."""
    last = model["config"]["layers"][-1]["config"]
    if last.get("activation") == "softmax":
        last["activation"] = "linear"
    return model


def smooth(model):
    """The same network without functions that have a kink, so that nothing can fall on a tie."""
    kinked = {"relu", "leaky_relu", "elu", "selu", "relu6"}

    def change(entry):
        config, kind = entry.get("config"), entry.get("class_name", "")
        if isinstance(config, dict) and config.get("activation") in kinked:
            config["activation"] = "silu"
        if kind in ("ReLU", "LeakyReLU", "ELU"):
            entry |= {"class_name": "Activation", "config": {"name": config["name"], "activation": "silu"}}
        elif "MaxPooling" in kind:
            entry["class_name"] = kind.replace("MaxPooling", "AveragePooling")
            entry.pop("registered_name", None)

    walk(model, change)
    return model


def mentions_channels_first(model):
    found = []
    walk(model, lambda entry: found.append(entry.get("data_format") == "channels_first"))
    return any(found)


def in_precision(model, dtype):
    changed = copy.deepcopy(model)

    def change(entry):
        if "dtype" in entry:
            entry["dtype"] = dtype
    walk(changed, change)
    return changed


def as_keras3(model):
    """Files of Keras 2, whose config may be a list and which have other names for some settings."""
    changed = copy.deepcopy(model)
    if isinstance(changed["config"], list):
        changed["config"] = {"name": "sequential", "layers": changed["config"]}

    def change(entry):
        shape = entry.pop("batch_input_shape", None)
        if shape is not None:
            entry["batch_shape"] = shape
        kind = entry.get("class_name")
        for module in ("layers", "initializers", "regularizers", "constraints"):
            if "module" not in entry and kind and hasattr(getattr(keras, module), kind):
                entry["module"] = f"keras.{module}"
                if module == "initializers":
                    entry["config"].pop("dtype", None)
    walk(changed, change)
    if "module" not in changed:
        changed["module"] = "keras"
    layers = changed["config"]["layers"]
    for layer in layers[1:]:
        layer["config"].pop("batch_shape", None)
    if layers[0]["class_name"] != "InputLayer":
        shape = layers[0]["config"].pop("batch_shape")
        layers.insert(0, {"class_name": "InputLayer", "config": {"batch_shape": shape, "name": "input"}})
    return changed


def build(model, dtype):
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    changed = in_precision(as_keras3(model), dtype)
    changed.pop("compile_config", None)
    changed.pop("build_config", None)
    built = keras.models.model_from_json(json.dumps(changed))
    built(np.zeros((1, *built.input_shape[1:]), dtype))  # a PReLU given as activation= has weights only now
    return built


def leaves(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer)
        else:
            yield layer


def tensors(model):
    """Names as convoy has them, and the variables."""
    named, seen = [], set()
    for layer in leaves(model):
        for weight in layer.weights:
            name, owner = weight.path.split("/")[-1], layer.name
            if id(weight) in seen or "seed" in name:
                continue
            seen.add(id(weight))
            if isinstance(layer, (keras.layers.SeparableConv1D, keras.layers.SeparableConv2D)):
                owner += "" if name == "depthwise_kernel" else "_pointwise"
                name = {"depthwise_kernel": "kernel", "pointwise_kernel": "kernel"}.get(name, name)
            if type(layer).__name__ == "LayerScale":
                name = "kernel"
            named.append((f"{owner}/{name}", weight))
    return named


def beginning(name, shape):
    """center and limit of a tensor's first values."""
    name = name.split("/")[-1]
    if name in ("gamma", "moving_variance", "scale"):
        return 1.0, 0.25
    if len(shape) < 2 or name == "alpha":
        return 0.0, 0.0625
    fan = int(np.prod(shape[:-2])) * (1 if name == "depthwise_kernel" else shape[-2])
    return 0.0, float(np.float32(np.sqrt(3 / max(1, fan))))


def set_weights(model):
    for i, (name, weight) in enumerate(tensors(model)):
        center, limit = beginning(name, weight.shape)
        count = int(np.prod(weight.shape))
        values = center + limit * (numbers(i, count).astype(np.float64) * 2.0**-31 - 1)
        weight.assign(values.astype(np.float32).reshape(weight.shape))


# --- what Keras makes of it ---

def loss_function(spec):
    name, _, rest = spec.partition(":")
    settings = {}
    for part in filter(None, rest.split(",")):
        key, value = part.split("=")
        settings[key] = {"true": True, "false": False}.get(value)
        if settings[key] is None:
            settings[key] = float(value)
    kind = getattr(keras.losses, "".join(word.capitalize() for word in name.split("_")))
    return kind(reduction=None, **settings)


def total_loss(model, function, x, labels, outputs, is_training):
    is_sparse = isinstance(function, (keras.losses.SparseCategoricalCrossentropy,))
    if is_sparse:
        target = labels
    elif outputs == 1:
        target = labels[:, None].astype(x.dtype)
    else:
        target = np.eye(outputs, dtype=x.dtype)[labels]
    loss = function(torch.tensor(target), model(torch.tensor(np.ascontiguousarray(x)),
                                                training=is_training)).mean()
    return loss + sum(model.losses)


def optimizer_of(spec, rate):
    name, _, rest = spec.partition(":")
    settings = {key: float(value) for key, value in
                (part.split("=") for part in filter(None, rest.split(",")))}
    return {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[name](float(rate), **settings)


def array(tensor):
    return np.array(tensor.detach().cpu().numpy(), np.float64)  # a copy: the tensor will change


def evaluate(model, function, x, labels, outputs):
    with torch.no_grad():
        return float(total_loss(model, function, x, labels, outputs, False))


def forget_gradients(model):
    for weight in model.trainable_variables:  # zero_grad() does not know a PReLU given as activation=
        weight.value.grad = None


def run(source, spec, dtype, x, labels, outputs):
    function, x = loss_function(spec), x.astype(dtype)
    model = build(source, dtype)
    set_weights(model)
    found = {"evaluated_loss": evaluate(model, function, x, labels, outputs), "runs": []}
    forget_gradients(model)
    total_loss(model, function, x[:BATCH], labels[:BATCH], outputs, True).backward()
    found["gradients"] = {name: array(w.value.grad) for name, w in tensors(model)
                          if w.value.grad is not None and w.trainable}
    for optimizer, rate in RUNS:
        set_weights(model)
        rule, losses = optimizer_of(optimizer, rate), []
        rule.build(model.trainable_variables)
        for step in range(STEPS):
            first = step * BATCH % (IMAGES + -IMAGES % BATCH)
            batch = slice(first, min(first + BATCH, IMAGES))
            forget_gradients(model)
            loss = total_loss(model, function, x[batch], labels[batch], outputs, True)
            loss.backward()
            losses.append(float(loss.detach()))
            with torch.no_grad():
                weights = model.trainable_variables
                rule.apply([w.value.grad for w in weights], weights)
        found["runs"].append({"losses": np.array(losses),
                              "final": {name: array(w.value) for name, w in tensors(model)},
                              "evaluated_loss": evaluate(model, function, x, labels, outputs)})
    return found


def spread(values, count):
    flat = values.ravel()
    count = min(count, flat.size)
    return flat[[i * flat.size // count for i in range(count)]]


def off(found, wanted, least):
    largest = max(least, float(np.abs(wanted).max()))
    return float(np.abs(found - wanted).max()) / largest if largest > 0 else 0.0


def without_bookkeeping(source):
    """What other tests read: goldens stay small."""
    model = copy.deepcopy(source)

    def change(entry):
        entry.pop("build_config", None)
        if entry.get("registered_name", "") is None:
            entry.pop("registered_name")
        if isinstance(entry.get("dtype"), dict):
            entry["dtype"] = "float32"

    walk(model, change)
    return model


def golden_of(name, source, spec=None, spread_over=12):
    source = without_chance(source)
    model = build(source, "float32")
    shape, outputs = model.input_shape[1:], model.output_shape[-1]
    last = list(leaves(model))[-1]
    if spec is None:
        spec = default_loss(last, outputs)
    classes = 2 if outputs == 1 else outputs
    scales = any(isinstance(layer, (keras.layers.Rescaling, keras.layers.Normalization))
                 for layer in leaves(model))
    scale = float(np.float32(1)) if scales else float(np.float32(1) / np.float32(255))
    x, labels = dataset(shape, classes, scale, mentions_channels_first(source))
    exact = run(source, spec, "float64", x, labels, outputs)
    rounded = run(source, spec, "float32", x, labels, outputs)
    largest = max(float(np.abs(g).max()) for g in exact["gradients"].values())
    gradient_scale = largest * 1e-3  # of a tensor whose gradient is only rounding
    golden = {
        "name": name, "model": golden_file.Line(without_bookkeeping(source)), "loss": spec, "pixel_scale": scale, "classes": classes,
        "images": IMAGES, "batch_size": BATCH, "steps": STEPS, "seed": SEED,
        "evaluated_loss": exact["evaluated_loss"],
        "evaluated_loss_error": abs(exact["evaluated_loss"] - rounded["evaluated_loss"])
        / max(1, abs(exact["evaluated_loss"])),
        "tensors": [], "runs": [],
    }
    for tensor, weight in tensors(model):
        center, limit = beginning(tensor, weight.shape)
        entry = {"name": tensor, "count": int(np.prod(weight.shape)), "center": center, "limit": limit}
        if tensor in exact["gradients"]:
            a = spread(exact["gradients"][tensor], spread_over)
            b = spread(rounded["gradients"][tensor], spread_over)
            largest = max(gradient_scale, float(np.abs(exact["gradients"][tensor]).max()))
            entry |= {"gradient": golden_file.numbers(a), "gradient_largest": largest,
                      "gradient_error": off(b, a, largest)}
        golden["tensors"].append(golden_file.Line(entry))
    for (optimizer, rate), a, b in zip(RUNS, exact["runs"], rounded["runs"]):
        final = [golden_file.Line(name=tensor, values=golden_file.numbers(spread(value, spread_over)))
                 for tensor, value in a["final"].items()]
        worst = max(off(spread(b["final"][tensor], spread_over), spread(value, spread_over), 1)
                    for tensor, value in a["final"].items())
        golden["runs"].append({
            "optimizer": optimizer, "learning_rate": rate, "losses": golden_file.numbers(a["losses"]),
            "losses_error": off(b["losses"], a["losses"], 1), "weights_error": worst, "final": final,
            "evaluated_loss": a["evaluated_loss"],
            "evaluated_loss_error": abs(a["evaluated_loss"] - b["evaluated_loss"])
            / max(1, abs(a["evaluated_loss"]))})
    print(f"{name}: {spec}, loss {exact['evaluated_loss']:.4f} -> "
          + ", ".join(f"{r['evaluated_loss']:.4f}" for r in exact["runs"]), flush=True)
    return golden


def default_loss(last, outputs):
    """What a model of that end is usually trained with."""
    function = getattr(last, "activation", None)
    name = "softmax" if isinstance(last, keras.layers.Softmax) else getattr(function, "__name__", "linear")
    if outputs == 1:
        return "binary_crossentropy:from_logits=" + ("true" if name == "linear" else "false")
    if name == "linear":
        return "sparse_categorical_crossentropy:from_logits=true"
    return "sparse_categorical_crossentropy:from_logits=false"


def write(path, networks):
    golden = {"generator": "tests/golden/make_network_goldens.py"} | golden_file.versions()
    path.write_text(golden_file.as_text(golden | {"networks": networks}) + "\n")
    print(f"{path}: {path.stat().st_size} bytes")


def of_files(out, files):
    global SEED
    networks = []
    for file in files:
        for SEED in range(int(os.environ.get("SEEDS", "1"))):
            try:
                networks.append(golden_of(Path(file).stem, json.loads(Path(file).read_text()), spread_over=300))
            except Exception as failure:  # Keras's own: said, and the others go on
                print(f"{file}: Keras: {str(failure)[:300]}", flush=True)
                break
    write(Path(out), networks)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        of_files(sys.argv[1], sys.argv[2:])
    else:
        import network_zoo

        write(golden_file.FOLDER / "networks.json",
              [golden_of(name, json.loads(make().to_json()), spec) for name, make, spec in network_zoo.ALL])
