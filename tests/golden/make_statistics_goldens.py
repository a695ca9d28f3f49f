#!/usr/bin/env python3
"""Writes statistics.json: what SciPy and NumPy make of small samples.

p values of tests with equal sizes or zeros are those of SciPy's complete permutation, which is exact;
the bootstrap's intervals are those of all count^count resamples, listed one by one.

Needs SciPy:  python3 tests/golden/make_statistics_goldens.py
"""

import itertools

import numpy
import scipy
from scipy import stats

import golden_file

SAMPLES = {
    "five": [0.9712, 0.9695, 0.9731, 0.9708, 0.9722],
    "even": [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0],
    "one": [7.5],
    "two": [-1.0, 2.0],
    "ten": [12.1, 9.8, 11.4, 10.2, 10.9, 13.5, 8.7, 10.0, 11.1, 9.9],
}
DIFFERENCES = {
    "all positive": [0.011, 0.004, 0.019, 0.007, 0.013],
    "mixed": [0.3, -0.1, 0.7, 0.45, -0.2, 0.9, 0.05, 0.6, 0.8, -0.35],
    "equal sizes": [1.0, -1.0, 2.0, 2.0, -3.0, 3.0, 4.0, 1.0],
    "zeros": [0.0, 0.5, 0.0, -0.25, 1.0, 0.75, 1.5],
    "darwin": [49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0,
               -48.0],
}
P_VALUES = {
    "spread": [0.01, 0.04, 0.03, 0.005],
    "equal": [0.02, 0.02, 0.02],
    "one": [0.2],
    "large": [0.5, 0.9, 0.001, 0.04, 0.04, 0.7],
}


def quartiles(values):
    return {"values": values,
            "quantiles": golden_file.numbers(numpy.quantile(values, [0, 0.25, 0.5, 0.75, 1]))}


def bootstrap(values, level):
    resamples = itertools.product(values, repeat=len(values))
    medians = numpy.array([numpy.median(sample) for sample in resamples])
    return {"values": values, "level": level,
            "interval": golden_file.numbers(
                numpy.quantile(medians, [(1 - level) / 2, (1 + level) / 2]))}


def wilcoxon(values):
    kept = numpy.array([value for value in values if value != 0])
    method = stats.PermutationMethod(n_resamples=numpy.inf)
    return float(stats.wilcoxon(kept, method=method).pvalue)


def many(count):
    index = numpy.arange(1, count + 1)
    return [float(value) for value in numpy.round(numpy.sin(index) + 0.2, 2)]


def differences(values):
    return {"values": values, "wilcoxon": wilcoxon(values),
            "paired_t": float(stats.ttest_1samp(values, 0).pvalue)}


def holm(values):
    """The adjusted p of Holm's procedure, as the definition says it; SciPy has none."""
    order = numpy.argsort(values, kind="stable")
    adjusted = numpy.zeros(len(values))
    largest = 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = largest
    return {"values": values, "adjusted": golden_file.numbers(adjusted)}


def approximate(values):
    kept = [value for value in values if value != 0]
    result = stats.wilcoxon(kept, method="asymptotic", correction=False)
    return {"values": values, "wilcoxon": float(result.pvalue),
            "paired_t": float(stats.ttest_1samp(values, 0).pvalue)}


golden_file.write("statistics.json", {
    "made_by": {"scipy": scipy.__version__, "numpy": numpy.__version__},
    "quartiles": {name: quartiles(values) for name, values in SAMPLES.items()},
    "bootstrap": [bootstrap(SAMPLES["five"], 0.95), bootstrap(SAMPLES["two"], 0.3),
                  bootstrap(SAMPLES["even"][:7], 0.9)],
    "differences": {name: differences(values) for name, values in DIFFERENCES.items()},
    "approximate": approximate(many(150)),
    "holm": {name: holm(values) for name, values in P_VALUES.items()},
})
