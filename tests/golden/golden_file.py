"""How golden files are written: arrays of numbers on one line, nine significant digits."""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LINE = 100


def versions():
    import keras
    import torch

    return {"keras": keras.__version__, "backend": "torch", "torch": torch.__version__}


def numbers(array):
    return [float(value) for value in array.ravel()]


class Line(dict):
    """What is written on one line, however long."""


def as_text(value, indent="", on_a_line=False):
    on_a_line = on_a_line or isinstance(value, Line)
    if isinstance(value, float):
        return f"{value:.9g}"
    if not isinstance(value, (dict, list)):
        return json.dumps(value)
    inner = indent + "  "
    if isinstance(value, dict):
        first, last = "{}"
        parts = [f"{json.dumps(key)}: {as_text(member, inner, on_a_line)}" for key, member in value.items()]
        is_row = False
    else:
        first, last = "[]"
        parts = [as_text(member, inner, on_a_line) for member in value]
        is_row = not any(isinstance(member, (dict, list)) for member in value)
    line = first + ", ".join(parts) + last
    if is_row or on_a_line or (len(line) <= LINE and "\n" not in line):
        return line
    return first + "\n" + ",\n".join(inner + part for part in parts) + f"\n{indent}{last}"


def write(name, golden):
    path = FOLDER / name
    path.write_text(as_text(golden) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")
