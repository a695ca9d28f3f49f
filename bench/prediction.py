"""What predictions from reports of `convoy scale` have in common."""

import json
import sys

LANE = 16
LANE_PHASES = ("data", "forward", "backward")


def read_report(path, unit, expected, is_usable):
    """A report and its points by `unit`; the program ends with one line where it cannot be used."""
    try:
        report = json.loads(path.read_text())
        points = {point[unit]: point for point in report["points"]}
        if not is_usable(report["work"], points):
            sys.exit(f"{path}: expected {expected}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{path}: no report of convoy scale over {unit} ({error})")
    return report, points


def read_counts(option, text):
    """Whole numbers from 1 on, with commas between them."""
    try:
        counts = [int(count) for count in text.split(",")]
        if min(counts) < 1:
            raise ValueError
    except ValueError:
        sys.exit(f"{option}: found {text}, expected whole numbers with commas between them")
    return counts


def begin_page(report, title, script, source, setup):
    """The first lines: what it is, and what it comes from."""
    return [f"# PREDICTED {title}", "",
            f"A prediction by `bench/{script}`, which says what is assumed; not measured.",
            f"From `{source}`: {report['machine']['cpu']['model']}, {setup}, report {report['verdict']}, "
            f"commit {report['machine']['build']['commit']}.", ""]


def table(head, rows):
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths)) + " |"
             for row in [head, *rows]]
    lines.insert(1, "| " + " | ".join("-" * (width - 1) + ":" for width in widths) + " |")
    return "\n".join(lines)


def publish(text, path):
    print(text)
    path.write_text(text)
