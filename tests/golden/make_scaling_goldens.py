#!/usr/bin/env python3
"""Writes scaling.json: what SciPy makes of measured speed-ups, throughputs and repeats.

The laws are fitted by curve_fit, least squares of what was measured (of 1 / speed-up for Amdahl's
law, which is linear there), with coefficients that may not be negative. Intervals of medians are
those of SciPy's quantile_test, which are order statistics too.

Needs SciPy:  python3 tests/golden/make_scaling_goldens.py
"""

import numpy
import scipy
from scipy import optimize, stats

import golden_file

# Data sets of the R package usl 3.0.3, which names Gunther, Guerrilla Capacity Planning (Springer
# 2007), as their source: SPEC SDM91 on a SPARCcenter 2000, scripts an hour by simulated users; and
# a ray tracer (BRL-CAD) on an SGI Origin 2000 by processors.
THROUGHPUTS = {
    "specsdm91": ([1, 18, 36, 72, 108, 144, 216],
                  [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2]),
    "raytracer": ([1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64],
                  [20, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310]),
    "first six of raytracer": ([1, 4, 8, 12, 16, 20], [20, 78, 130, 170, 190, 200]),
    "two cores and more": ([1, 2, 3, 4, 6, 8], [29372, 55536, 80121, 101220, 133077, 150933]),
}
SPEEDUPS = {
    "steady": ([2, 3, 4, 5, 6, 7, 8], [1.82, 2.50, 3.08, 3.57, 4.00, 4.38, 4.71]),
    "rising": ([2, 3, 4, 5, 6, 7, 8], [1.87, 2.61, 3.23, 3.73, 4.14, 4.46, 4.71]),
    "with one": ([1, 2, 4, 8, 16], [1, 1.94, 3.7, 6.9, 11.2]),
}
REPEATS = {
    "six": [3.0, 1.0, 2.0, 7.0, 5.0, 4.0],
    "ten": [12.1, 9.8, 11.4, 10.2, 10.9, 13.5, 8.7, 10.0, 11.1, 9.9],
    "eleven": [29.4, 29.1, 28.8, 29.3, 29.4, 27.9, 29.5, 29.2, 29.0, 29.6, 28.5],
    "thirty": [round(100 + 7 * float(numpy.sin(i * i)), 2) for i in range(30)],
}


def law(p, scale, sigma, kappa):
    return scale * p / (1 + sigma * (p - 1) + kappa * p * (p - 1))


def usl(points):
    p, x = (numpy.array(values, float) for values in points)
    found, _ = optimize.curve_fit(law, p, x, p0=[x[0] / p[0], 0.01, 1e-4], bounds=(0, numpy.inf),
                                  x_scale=[x[0] / p[0], 0.01, 1e-4],
                                  xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=100000)
    residual = float(numpy.sqrt(numpy.mean((x - law(p, *found)) ** 2)))
    scale, sigma, kappa = map(float, found)
    return {"p": golden_file.numbers(p), "x": golden_file.numbers(x),
            "fit": [scale, sigma, kappa, residual, float(numpy.sqrt((1 - sigma) / kappa))]}


def serial_fraction(function, p, y):
    found, _ = optimize.curve_fit(function, p, y, p0=[0.1], bounds=(0, 1), xtol=1e-15, ftol=1e-15,
                                  gtol=1e-15)
    return float(found[0])


def fractions(points):
    p, s = (numpy.array(values, float) for values in points)
    amdahl = serial_fraction(lambda p, f: f + (1 - f) / p, p, 1 / s)
    gustafson = serial_fraction(lambda p, f: p - f * (p - 1), p, s)
    return {"p": golden_file.numbers(p), "speedup": golden_file.numbers(s), "fractions": [
        amdahl, float(numpy.sqrt(numpy.mean((s - 1 / (amdahl + (1 - amdahl) / p)) ** 2))),
        gustafson, float(numpy.sqrt(numpy.mean((s - (p - gustafson * (p - 1))) ** 2)))]}


def repeats(values):
    low, high = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
    return {"values": values, "summary": [
        float(numpy.median(values)), float(stats.median_abs_deviation(values)),
        float(low), float(high)]}


golden_file.write("scaling.json", {
    "made_by": {"scipy": scipy.__version__, "numpy": numpy.__version__},
    "usl": {name: usl(points) for name, points in THROUGHPUTS.items()},
    "serial": {name: fractions(points) for name, points in SPEEDUPS.items()},
    "repeats": {name: repeats(values) for name, values in REPEATS.items()},
})
