#!/usr/bin/env python3
"""Principal planes by NumPy's SVD of points that tests/unit/statistics/test_projection.c makes too.

    python3 tests/golden/make_projection_goldens.py > tests/golden/projection.json
"""
import json

import numpy as np

CASES = ((2, 5), (7, 40), (24, 301), (60, 20))


def points(count, dimensions):
    """float32 from a linear congruential generator, stretched along some dimensions."""
    state, values = 1, []
    for i in range(count * dimensions):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append((state / 2**32 - 0.5) * (1 + i % dimensions % 7))
    return np.array(values, dtype=np.float32).reshape(count, dimensions)


found = {"numpy": np.__version__, "cases": []}
for count, dimensions in CASES:
    x = points(count, dimensions).astype(np.float64)
    u, s, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    found["cases"].append({
        "count": count,
        "dimensions": dimensions,
        "share": (s[:2] ** 2 / np.sum(s**2)).tolist(),
        "coordinates": (u[:, :2] * s[:2]).tolist(),
    })
print(json.dumps(found))
