#!/usr/bin/env python3
"""Writes functions.json: activations, losses, metrics and constraints by Keras, in float64.

Losses are of one batch, each sample's number and the gradient of the weighted mean over the batch;
metrics are what a metric's result() is after two batches; constraints are what becomes of a tensor.

Needs Keras 3 with PyTorch:  python3 tests/golden/make_function_goldens.py
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch

import golden_file

keras.config.set_floatx("float64")

FUNCTIONS = [
    "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "sigmoid",
    "log_sigmoid", "hard_sigmoid", "hard_silu", "tanh", "hard_tanh", "tanh_shrink", "soft_shrink",
    "hard_shrink", "softplus", "softsign", "squareplus", "sparse_plus", "sparse_sigmoid",
    "exponential", "linear",
]
OVER_CHANNELS = ["softmax", "log_softmax", "glu"]  # its sparsemax gives 0 on this backend


def run(function, x, dy):
    image = torch.tensor(x, requires_grad=True)
    y = function(image)
    y.backward(torch.tensor(dy[: y.shape[0], : y.shape[1]]))
    return {"x": golden_file.numbers(x), "y": golden_file.numbers(y.detach().numpy()),
            "dx": golden_file.numbers(image.grad.numpy())}


def activations(random):
    # none at a kink, where backends differ
    x = np.concatenate([(np.arange(-32, 32) + 0.37) / 4, [-85, -30, -12, 12, 30]])[None, :]
    dy = random.randint(-128, 129, x.shape) / 64.0
    cases = [{"spec": f"activation:activation={name}", "dy": golden_file.numbers(dy)}
             | run(getattr(keras.activations, name), x, dy) for name in FUNCTIONS]
    cases.append({"spec": "activation:activation=gelu_tanh", "dy": golden_file.numbers(dy)}
                 | run(lambda v: keras.activations.gelu(v, approximate=True), x, dy))
    for slope, top, threshold in [(0, 6, 0), (0, 3.5, 1), (0.25, None, 1), (0.125, 4, 0),
                                  (0.5, 2, 0.75)]:
        spec = f"relu:negative_slope={slope},threshold={threshold}"
        spec += f",max_value={top}" if top else ""
        cases.append({"spec": spec, "dy": golden_file.numbers(dy)} | run(
            keras.layers.ReLU(negative_slope=slope, max_value=top, threshold=threshold), x, dy))
    rows = random.randint(-128, 129, (1, 8)) / 32.0
    slope = random.randint(-128, 129, rows.shape) / 64.0
    for name in OVER_CHANNELS:
        count = rows.shape[1] // (2 if name == "glu" else 1)
        cases.append({"spec": f"activation:activation={name}",
                      "dy": golden_file.numbers(slope[:, :count])}
                     | run(getattr(keras.activations, name), rows, slope))
    return cases


def losses(random):
    L = keras.losses
    labels = np.array([1, 0, 3, 2, 4, 1])
    one_hot = np.eye(5)[labels]
    weights = np.array([1, 0.5, 2, 1, 1, 3.25])
    signed = random.randint(-120, 121, (6, 5)) / 32.0
    positive = random.randint(1, 64, (6, 5)) / 64.0
    sharp = positive.copy()
    sharp[0] = [1e-9, 1, 1e-12, 0.5, 0.5]
    kinds = [
        ("categorical_crossentropy:from_logits=false", L.CategoricalCrossentropy, {}, "p"),
        ("categorical_crossentropy:from_logits=false,label_smoothing=0.1",
         L.CategoricalCrossentropy, {"label_smoothing": 0.1}, "p"),
        ("sparse_categorical_crossentropy:from_logits=false", L.SparseCategoricalCrossentropy, {},
         "l"),
        ("sparse_categorical_crossentropy:from_logits=true", L.SparseCategoricalCrossentropy,
         {"from_logits": True}, "z"),
        ("binary_crossentropy:from_logits=false", L.BinaryCrossentropy, {}, "p"),
        ("binary_crossentropy:from_logits=false,label_smoothing=0.2", L.BinaryCrossentropy,
         {"label_smoothing": 0.2}, "p"),
        ("binary_crossentropy:from_logits=true", L.BinaryCrossentropy, {"from_logits": True}, "s"),
        ("categorical_focal_crossentropy:from_logits=false", L.CategoricalFocalCrossentropy, {},
         "p"),
        ("categorical_focal_crossentropy:from_logits=true,alpha=0.5,gamma=1.5",
         L.CategoricalFocalCrossentropy, {"from_logits": True, "alpha": 0.5, "gamma": 1.5}, "s"),
        ("binary_focal_crossentropy:from_logits=false", L.BinaryFocalCrossentropy, {}, "p"),
        ("binary_focal_crossentropy:from_logits=true,apply_class_balancing=true,gamma=3",
         L.BinaryFocalCrossentropy,
         {"from_logits": True, "apply_class_balancing": True, "gamma": 3}, "s"),
        ("categorical_generalized_cross_entropy:q=0.7", L.CategoricalGeneralizedCrossEntropy,
         {"q": 0.7}, "g"),
        ("kl_divergence", L.KLDivergence, {}, "p"),
        ("poisson", L.Poisson, {}, "p"),
        ("mean_squared_error", L.MeanSquaredError, {}, "s"),
        ("mean_absolute_error", L.MeanAbsoluteError, {}, "s"),
        ("mean_absolute_percentage_error", L.MeanAbsolutePercentageError, {}, "s"),
        ("mean_squared_logarithmic_error", L.MeanSquaredLogarithmicError, {}, "s"),
        ("huber:delta=0.75", L.Huber, {"delta": 0.75}, "s"),
        ("log_cosh", L.LogCosh, {}, "s"),
        ("hinge", L.Hinge, {}, "s"),
        ("squared_hinge", L.SquaredHinge, {}, "s"),
        ("categorical_hinge", L.CategoricalHinge, {}, "s"),
        ("cosine_similarity", L.CosineSimilarity, {}, "s"),
    ]
    cases = []
    for spec, kind, settings, form in kinds:
        outputs = {"p": sharp, "l": sharp, "g": positive}.get(form, signed)
        target = labels if form in "lzg" else one_hot
        z = torch.tensor(outputs, requires_grad=True)
        each = kind(reduction=None, **settings)(torch.tensor(target), z)
        (each * torch.tensor(weights)).mean().backward()
        cases.append({"spec": spec, "outputs": 5, "z": golden_file.numbers(outputs),
                      "labels": [int(label) for label in labels],
                      "weights": golden_file.numbers(weights),
                      "losses": golden_file.numbers(each.detach().numpy()),
                      "gradient": golden_file.numbers(z.grad.numpy())})
    return cases


def metrics(random):
    M = keras.metrics
    labels = random.randint(0, 4, 23)
    y = random.dirichlet(np.ones(4) * 0.6, 23)
    y = np.round(y * 4096) / 4096
    y[3] = [0.5, 0.5, 0, 0]  # ties
    y[7] = [0.3125, 0.3125, 0.1875, 0.1875]
    one_hot = np.eye(4)[labels]
    kinds = [
        ("binary_accuracy", M.BinaryAccuracy()), ("categorical_accuracy", M.CategoricalAccuracy()),
        ("binary_accuracy:threshold=0.3", M.BinaryAccuracy(threshold=0.3)),
        ("top_k_categorical_accuracy:k=2", M.TopKCategoricalAccuracy(k=2)),
        ("precision", M.Precision()), ("recall", M.Recall()),
        ("precision:thresholds=0.25", M.Precision(thresholds=0.25)),
        ("recall:top_k=2", M.Recall(top_k=2)), ("precision:top_k=3,thresholds=0.1", M.Precision(top_k=3, thresholds=0.1)),
        ("recall:class_id=2", M.Recall(class_id=2)),
        ("true_positives", M.TruePositives()), ("false_positives", M.FalsePositives()),
        ("true_negatives", M.TrueNegatives()), ("false_negatives", M.FalseNegatives()),
        ("auc", M.AUC()), ("auc:curve=PR", M.AUC(curve="PR")),
        ("auc:num_thresholds=17", M.AUC(num_thresholds=17)),
        ("f1_score", M.F1Score(average="macro")),
        ("f1_score:average=micro", M.F1Score(average="micro")),
        ("f1_score:average=weighted,threshold=0.4", M.F1Score(average="weighted", threshold=0.4)),
        ("fbeta_score:beta=2", M.FBetaScore(average="macro", beta=2.0)),
        ("binary_crossentropy", M.BinaryCrossentropy()),
        ("categorical_crossentropy", M.CategoricalCrossentropy()),
        ("kl_divergence", M.KLDivergence()), ("poisson", M.Poisson()),
        ("mean_squared_error", M.MeanSquaredError()),
        ("root_mean_squared_error", M.RootMeanSquaredError()),
        ("mean_absolute_error", M.MeanAbsoluteError()),
        ("mean_absolute_percentage_error", M.MeanAbsolutePercentageError()),
        ("mean_squared_logarithmic_error", M.MeanSquaredLogarithmicError()),
        ("log_cosh", M.LogCoshError()), ("hinge", M.Hinge()),
        ("squared_hinge", M.SquaredHinge()), ("categorical_hinge", M.CategoricalHinge()),
        ("cosine_similarity", M.CosineSimilarity()), ("r2_score", M.R2Score()),
    ]
    sparse = [("sparse_categorical_accuracy", M.SparseCategoricalAccuracy()),
              ("sparse_top_k_categorical_accuracy:k=3", M.SparseTopKCategoricalAccuracy(k=3)),
              ("sparse_categorical_crossentropy", M.SparseCategoricalCrossentropy())]
    values = []
    for spec, metric in kinds + sparse:
        target = labels if (spec, metric) in sparse else one_hot
        for part in (slice(0, 16), slice(16, 23)):
            metric.update_state(target[part], y[part])
        values.append({"spec": spec, "value": float(metric.result())})
    return {"outputs": 4, "labels": [int(label) for label in labels],
            "y": golden_file.numbers(y), "values": values}


def constraints(random):
    C = keras.constraints
    kinds = [
        ("max_norm:max_value=1.5", C.MaxNorm(1.5), (5, 7)),
        ("max_norm:max_value=1,axis=[0;1;2]", C.MaxNorm(1, axis=[0, 1, 2]), (3, 2, 4, 5)),
        ("max_norm:max_value=3,axis=0", C.MaxNorm(3, axis=0), (1, 2, 2, 70)),
        ("min_max_norm:min_value=1,max_value=2,rate=0.5,axis=1",
         C.MinMaxNorm(1, 2, rate=0.5, axis=1), (6, 3)),
        ("unit_norm", C.UnitNorm(), (4,)), ("unit_norm:axis=-1", C.UnitNorm(axis=-1), (4, 9)),
        ("non_neg", C.NonNeg(), (3, 5)),
    ]
    cases = []
    for spec, constraint, shape in kinds:
        w = random.randint(-128, 129, shape) / 64.0
        held = constraint(torch.tensor(w)).numpy()
        cases.append({"spec": spec, "shape": list(shape), "w": golden_file.numbers(w),
                      "held": golden_file.numbers(held)})
    return cases


def main():
    random = np.random.RandomState(8)
    golden_file.write("functions.json", {
        "generator": "tests/golden/make_function_goldens.py", "precision": "float64",
    } | golden_file.versions() | {
        "activations": activations(random), "losses": losses(random),
        "metrics": metrics(random), "constraints": constraints(random),
    })


if __name__ == "__main__":
    main()
