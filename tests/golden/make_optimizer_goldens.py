#!/usr/bin/env python3
"""Writes optimizers.json: updates by Keras, in float64.

A case of an optimizer starts from the same variables and is given the same gradients, made by
formulas in fractions of 64, which float32 holds exactly. Among the gradients are ones that are
always 0, that change their sign, grow and shrink. Weights are written after some of the calls, and,
where Keras would put averages in their place at the end of fit(), after that.

Beside each case stands how far Keras's own float32 run ends from its float64 run, as the error that
the test looks at: relative to a weight, or to LEAST_WEIGHT where the weight is smaller.

ScheduleFreeAdamW runs on Keras's JAX backend: on PyTorch, which changes variables in place, it takes
for the old value of z what it has just written there, and so leaves its own formula.

Every kind that convoy has, and every setting of it, must have a case here with a value of its own:
tests/golden/test_optimizers_against_keras.c asks for them.

Needs Keras 3 with PyTorch and JAX:  python3 tests/golden/make_optimizer_goldens.py
"""

import json
import math
import os
import subprocess
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

import golden_file

CALLS = 50
WRITTEN = [1, 7, CALLS]  # after how many calls
LEAST_WEIGHT = 0.1

VARIABLES = [
    ("conv2d", "kernel", [2, 1, 3, 4]), ("conv2d", "bias", [4]),
    ("dense", "kernel", [4, 7]), ("dense", "bias", [7]),
    ("dense_1", "kernel", [7, 3]), ("dense_1", "bias", [3]),
]
SIZE = sum(math.prod(shape) for _, _, shape in VARIABLES)

# convoy's name, Keras's class, a rate for the cases of all optimizers, settings of each other case
OPTIMIZERS = [
    ("sgd", "SGD", 0.05, [
        {"learning_rate": 0.1, "momentum": 0.9},
        {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
        {"learning_rate": 0.02, "momentum": 1.0},
        {"learning_rate": 0.05, "nesterov": True},
    ]),
    ("adagrad", "Adagrad", 0.05, [
        {"learning_rate": 0.1, "initial_accumulator_value": 0.5, "epsilon": 1e-3},
    ]),
    ("rmsprop", "RMSprop", 0.01, [
        {"learning_rate": 0.01, "rho": 0.8, "momentum": 0.9, "epsilon": 1e-5},
        {"learning_rate": 0.01, "rho": 0.8, "centered": True, "epsilon": 1e-3},
        {"learning_rate": 0.01, "momentum": 0.5, "centered": True, "epsilon": 1e-3},
    ]),
    ("adam", "Adam", 0.01, [
        {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3},
        {"learning_rate": 0.01, "beta_1": 0.0},
        {"learning_rate": 0.01, "beta_2": 0.5, "amsgrad": True},
        {"learning_rate": 0.0},
    ]),
    ("adamw", "AdamW", 0.01, [
        {"learning_rate": 0.02, "weight_decay": 0.1, "beta_1": 0.8, "beta_2": 0.95,
         "epsilon": 1e-3, "amsgrad": True},
    ]),
    ("adadelta", "Adadelta", 0.5, [
        {"learning_rate": 1.0, "rho": 0.9, "epsilon": 1e-6},
    ]),
    ("adamax", "Adamax", 0.01, [
        {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-5},
    ]),
    ("nadam", "Nadam", 0.01, [
        {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4},
    ]),
    ("ftrl", "Ftrl", 0.05, [
        {"learning_rate": 0.05, "learning_rate_power": -0.2, "initial_accumulator_value": 0.4,
         "l1_regularization_strength": 0.05, "l2_regularization_strength": 0.15,
         "l2_shrinkage_regularization_strength": 0.01, "beta": 0.3},
        {"learning_rate": 0.1, "l1_regularization_strength": 0.5, "beta": 0.1},
    ]),
    ("lion", "Lion", 0.01, [
        {"learning_rate": 0.02, "beta_1": 0.5, "beta_2": 0.67},
    ]),
    ("lamb", "Lamb", 0.01, [
        {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4},
    ]),
    ("adafactor", "Adafactor", 0.02, [
        {"learning_rate": 0.05, "beta_2_decay": -0.65, "epsilon_1": 1e-15, "epsilon_2": 1e-4,
         "clip_threshold": 0.5, "relative_step": False},
    ]),
    ("muon", "Muon", 0.01, [
        {"learning_rate": 0.02, "momentum": 0.9, "nesterov": False, "ns_steps": 3,
         "rms_rate": None, "weight_decay": 0.1, "exclude_embeddings": False},
        {"learning_rate": 0.02, "adam_lr_ratio": 0.5, "adam_weight_decay": 0.2, "rms_rate": 0.1,
         "adam_beta_1": 0.8, "adam_beta_2": 0.95, "epsilon": 1e-4, "weight_decay": None},
        {"learning_rate": 0.02, "exclude_layers": ["e_1/k", "nothing"], "muon_a": 3.0,
         "muon_b": -3.2, "muon_c": 1.2, "adam_weight_decay": None},
    ]),
    ("schedule_free_adamw", "ScheduleFreeAdamW", 0.01, [
        {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-6,
         "warmup_steps": 10},
    ]),
]
DECAY = {"initial_learning_rate": 0.0, "decay_steps": 10, "decay_rate": 0.8}


def common_cases(rate):
    """What every optimizer can do, for one of that rate; a schedule stands for the rate."""
    decay = DECAY | {"initial_learning_rate": rate}
    return [
        {},
        {"learning_rate": rate, "weight_decay": 0.2, "exclude_from_weight_decay": ["bias", "gamma"],
         "clipnorm": 0.7, "use_ema": True, "ema_momentum": 0.9},
        {"learning_rate": rate, "clipvalue": 0.3, "gradient_accumulation_steps": 3,
         "loss_scale_factor": 512.0, "use_ema": True, "ema_overwrite_frequency": 4},
        {"learning_rate": decay, "global_clipnorm": 1.5, "weight_decay": 0.1,
         "exclude_from_weight_decay": ["^k.*l$"], "gradient_accumulation_steps": 2},
    ]



def as_text(value):
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ";".join(as_text(part) for part in value) + "]"
    return value if isinstance(value, str) else f"{value:.9g}"


def spec(name, settings):
    pairs = ",".join(f"{key}={as_text(value)}" for key, value in settings.items())
    return f"{name}:{pairs}" if pairs else name


def initial_weights():
    i = np.arange(SIZE)
    return ((29 * i) % 101 - 50) / 64


def gradients():
    """[call][weight]: weight i by i % 4: as it comes, growing, shrinking, 0."""
    t, i = np.ogrid[1 : CALLS + 1, :SIZE]
    any_sign = (17 * i * t + 5 * t) % 67 - 33
    kinds = [any_sign, t * (i % 9 - 4), (32 >> np.minimum(t, 31)) * (i % 5 - 2), 0 * t * i]
    return np.choose(i % 4, kinds) / 64


def split(values):
    """A flat array as one array for each variable."""
    sizes = [math.prod(shape) for _, _, shape in VARIABLES]
    parts = np.split(values, np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, (_, _, shape) in zip(parts, VARIABLES)]


def make_variables(dtype):
    variables = []
    for value, (layer, name, _) in zip(split(initial_weights()), VARIABLES):
        with keras.name_scope(layer):
            variables.append(keras.Variable(value, dtype=dtype, name=name))
        assert variables[-1].path == f"{layer}/{name}"
    return variables


def make_optimizer(keras_class, settings):
    settings = dict(settings)
    excluded = settings.pop("exclude_from_weight_decay", None)
    if isinstance(settings.get("learning_rate"), dict):
        settings["learning_rate"] = keras.optimizers.schedules.ExponentialDecay(
            **settings["learning_rate"])
    optimizer = getattr(keras.optimizers, keras_class)(**settings)
    if excluded:
        optimizer.exclude_from_weight_decay(var_names=excluded)
    return optimizer


def flat(variables, dtype):
    values = [keras.ops.convert_to_numpy(variable) for variable in variables]
    assert all(value.dtype == dtype for value in values)
    return np.concatenate([value.ravel() for value in values])


def run_optimizer(keras_class, settings, dtype):
    """Weights after the calls of WRITTEN and, with an average, after training; as one array."""
    keras.config.set_floatx(dtype)
    optimizer = make_optimizer(keras_class, settings)
    variables = make_variables(dtype)
    optimizer.build(variables)
    weights = []
    for call, gradient in enumerate(gradients(), start=1):
        optimizer.apply([keras.ops.convert_to_tensor(part, dtype=dtype)
                         for part in split(gradient)])
        if call in WRITTEN:
            weights.append(flat(variables, dtype))
    if settings.get("use_ema"):
        optimizer.finalize_variable_values(variables)
        weights.append(flat(variables, dtype))
    return np.array(weights, dtype=np.float64)


def run_case(keras_class, settings):
    exact = run_optimizer(keras_class, settings, "float64")
    single = run_optimizer(keras_class, settings, "float32")
    error = np.abs(single - exact) / np.maximum(np.abs(exact), LEAST_WEIGHT)
    return {"keras_float32_error": float(error.max()),
            "weights": [golden_file.numbers(row) for row in exact]}


def run_cases(name, keras_class, rate, cases):
    result = []
    for settings in common_cases(rate) + cases:
        case = {"spec": spec(name, {key: value for key, value in settings.items()
                                    if not isinstance(value, dict)})}
        if isinstance(settings.get("learning_rate"), dict):
            case["learning_rate"] = spec("exponential_decay", settings["learning_rate"])
        result.append(case | run_case(keras_class, settings))
    return result


def run_on_jax(name):
    """The cases of one optimizer, by this script in another process."""
    command = [sys.executable, __file__, "--cases", name]
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "1"}
    return json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE,
                                     check=True).stdout)


def run_all():
    cases = []
    for name, keras_class, rate, settings in OPTIMIZERS:
        is_torch = name != "schedule_free_adamw"
        cases += run_cases(name, keras_class, rate, settings) if is_torch else run_on_jax(name)
    return cases


def main():
    if sys.argv[1:2] == ["--cases"]:
        print(json.dumps(next(run_cases(*entry) for entry in OPTIMIZERS
                              if entry[0] == sys.argv[2])))
        return
    about = {"generator": "tests/golden/make_optimizer_goldens.py"} | golden_file.versions()
    golden_file.write("optimizers.json", about | {
        "variables": [{"layer": layer, "name": name, "shape": shape}
                      for layer, name, shape in VARIABLES],
        "initial": golden_file.numbers(initial_weights()),
        "gradients": [golden_file.numbers(gradient) for gradient in gradients()],
        "written_after": WRITTEN,
        "least_weight": LEAST_WEIGHT,
        "cases": run_all(),
    })


if __name__ == "__main__":
    main()
