#!/usr/bin/env python3
"""Writes schedules.json: learning rates by Keras, or by PyTorch where Keras has no such schedule.

Every schedule that convoy has, and every setting of it, must have a case here:
tests/unit/schedules/test_schedules.c asks for them. Among the steps are 0, 1, every boundary with
its neighbours, and some behind the end.

Needs Keras 3 with PyTorch:  python3 tests/golden/make_schedule_goldens.py
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch

import golden_file

STEPS = list(range(33)) + [35, 36, 47, 48, 49, 50, 51, 69, 70, 71, 100, 101, 1000]
RUN = {"steps_per_epoch": 7, "steps_total": 50}
WARMUP = {"warmup_steps": 4, "warmup_start": 0.002}

# convoy's name, Keras's class, settings of each case
KERAS = [
    ("exponential_decay", "ExponentialDecay", [
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": True},
        {"initial_learning_rate": 0.003, "decay_steps": 7, "decay_rate": 0.96},
        {"initial_learning_rate": 0.003, "decay_steps": 7, "decay_rate": 0.96, "staircase": True},
        {"initial_learning_rate": 0.01, "decay_steps": 100, "decay_rate": 1.25},
    ]),
    ("inverse_time_decay", "InverseTimeDecay", [
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": True},
        {"initial_learning_rate": 0.1, "decay_steps": 2.5, "decay_rate": 3.0},
    ]),
    ("polynomial_decay", "PolynomialDecay", [
        {"initial_learning_rate": 0.1, "decay_steps": 10},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "end_learning_rate": 0.01, "power": 2.0},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "end_learning_rate": 0.01, "power": 0.5},
        {"initial_learning_rate": 0.01, "decay_steps": 7, "end_learning_rate": 0.1},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "end_learning_rate": 0.01, "cycle": True},
        {"initial_learning_rate": 0.1, "decay_steps": 7, "end_learning_rate": 0.0, "power": 3.0,
         "cycle": True},
    ]),
    ("piecewise_constant_decay", "PiecewiseConstantDecay", [
        {"boundaries": [3, 7], "values": [0.1, 0.01, 0.001]},
        {"boundaries": [2.9, 6.5], "values": [0.1, 0.01, 0.001]},
        {"boundaries": [0], "values": [0.5, 0.25]},
        {"boundaries": [1, 2, 30, 100], "values": [0.0, 0.4, 0.3, 0.6, 0.05]},
    ]),
    ("cosine_decay", "CosineDecay", [
        {"initial_learning_rate": 0.1, "decay_steps": 10},
        {"initial_learning_rate": 0.1, "decay_steps": 47, "alpha": 0.1},
        {"initial_learning_rate": 0.01, "decay_steps": 10, "alpha": 0.1, "warmup_target": 0.1,
         "warmup_steps": 4},
        {"initial_learning_rate": 0.0, "decay_steps": 30, "warmup_target": 0.1, "warmup_steps": 6},
        {"initial_learning_rate": 0.01, "decay_steps": 10, "warmup_target": 0.1,
         "warmup_steps": 0},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "warmup_steps": 4},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "warmup_target": None,
         "warmup_steps": 4},
    ]),
    ("cosine_decay_restarts", "CosineDecayRestarts", [
        {"initial_learning_rate": 0.1, "first_decay_steps": 10},
        {"initial_learning_rate": 0.1, "first_decay_steps": 10, "t_mul": 1.0, "m_mul": 0.8},
        {"initial_learning_rate": 0.1, "first_decay_steps": 10, "t_mul": 1.5, "m_mul": 0.8,
         "alpha": 0.1},
        {"initial_learning_rate": 0.1, "first_decay_steps": 1, "t_mul": 3.0, "m_mul": 1.25},
    ]),
]

ONE_CYCLE = [
    {"max_learning_rate": 0.1},
    {"max_learning_rate": 0.1, "total_steps": 30},
    {"max_learning_rate": 0.1, "total_steps": 30, "anneal_strategy": "linear"},
    {"max_learning_rate": 0.5, "total_steps": 20, "pct_start": 0.25, "div_factor": 10.0,
     "final_div_factor": 100.0},
    {"max_learning_rate": 0.1, "total_steps": 30, "three_phase": True},
    {"max_learning_rate": 0.1, "total_steps": 32, "pct_start": 0.4, "three_phase": True,
     "anneal_strategy": "linear"},
    {"max_learning_rate": 0.1, "total_steps": 10, "pct_start": 0.5, "three_phase": True},
    {"max_learning_rate": 0.1, "total_steps": 10, "pct_start": 0.0},
    {"max_learning_rate": 0.1, "total_steps": 10, "pct_start": 1.0},
    {"max_learning_rate": 0.1, "total_steps": 7, "pct_start": 0.05, "three_phase": True},
]

STEP_DECAY = [
    {"initial_learning_rate": 0.1, "decay_epochs": 2},
    {"initial_learning_rate": 0.1, "decay_epochs": 1, "decay_rate": 0.5},
]


def as_text(value):
    if value is None:
        return "none"
    if isinstance(value, list):
        return "[" + ";".join(as_text(member) for member in value) + "]"
    if isinstance(value, (bool, str)):
        return str(value).lower()
    return f"{value:.9g}"


def spec(name, settings):
    return f"{name}:" + ",".join(f"{key}={as_text(value)}" for key, value in settings.items())


def dummy_optimizer(rate):
    return torch.optim.SGD([torch.zeros(1)], lr=rate)


def follow(scheduler, steps):
    rates = []
    for _ in range(steps):
        rates.append(scheduler.get_last_lr()[0])
        scheduler.optimizer.step()
        scheduler.step()
    return rates


def by_keras(keras_class, settings):
    schedule = getattr(keras.optimizers.schedules, keras_class)(**settings)
    return lambda step: float(schedule(step))


def by_one_cycle(settings):
    arguments = dict(settings)
    largest = arguments.pop("max_learning_rate")
    total = arguments.setdefault("total_steps", RUN["steps_total"])
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        dummy_optimizer(largest), largest, cycle_momentum=False, **arguments)
    rates = follow(scheduler, total - 1) + [scheduler.get_last_lr()[0]]
    return lambda step: rates[min(step, total - 1)]


def by_step_lr(settings):
    scheduler = torch.optim.lr_scheduler.StepLR(
        dummy_optimizer(settings["initial_learning_rate"]), settings["decay_epochs"],
        settings.get("decay_rate", 0.1))
    rates = follow(scheduler, max(STEPS) // RUN["steps_per_epoch"] + 1)
    return lambda step: rates[step // RUN["steps_per_epoch"]]


def warmed_up(rate, warmup_steps, warmup_start):
    """A schedule of one's own, as one would write it for Keras around another."""

    def warm_rate(step):
        if step >= warmup_steps:
            return rate(step - warmup_steps)
        return warmup_start + (rate(0) - warmup_start) * step / warmup_steps

    return warm_rate


def warmup_by_torch():
    """PyTorch's own way to put a warm-up in front of an exponential decay."""
    optimizer = dummy_optimizer(0.1)
    warmup = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.25, total_iters=5)
    decay = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
    both = torch.optim.lr_scheduler.SequentialLR(optimizer, [warmup, decay], milestones=[5])
    rates = follow(both, max(STEPS) + 1)
    return lambda step: rates[step]


def constant(rate):
    """What Keras does with a plain number, which convoy calls a schedule as well."""
    optimizer = keras.optimizers.SGD(learning_rate=rate)

    def constant_rate(step):
        optimizer.iterations.assign(step)
        return float(optimizer.learning_rate)

    return constant_rate


def all_cases():
    """Pairs of a spec and a function of the step."""
    for text in ("0.01", "0", "constant:learning_rate=0.25"):
        yield text, constant(float(text.split("=")[-1]))
    kinds = [("constant", [{"learning_rate": 0.25}], lambda s: constant(s["learning_rate"]))]
    kinds += [(name, cases, lambda s, c=keras_class: by_keras(c, s))
              for name, keras_class, cases in KERAS]
    kinds += [("one_cycle", ONE_CYCLE, by_one_cycle), ("step_decay", STEP_DECAY, by_step_lr)]
    for name, cases, rates_of in kinds:
        if name != "constant":
            for settings in cases:
                yield spec(name, settings), rates_of(settings)
        if name == "cosine_decay":
            continue  # its warm-up is Keras's own
        # a cycle as long as the run begins behind the warm-up, and ends with the run
        shorter = {"total_steps": 46} if name == "one_cycle" else {}
        rate = rates_of(cases[0] | shorter)
        yield spec(name, cases[0] | WARMUP), warmed_up(rate, **WARMUP)
    yield spec("exponential_decay", {
        "initial_learning_rate": 0.1, "decay_steps": 1, "decay_rate": 0.9,
        "warmup_steps": 5, "warmup_start": 0.025}), warmup_by_torch()


def main():
    keras.config.set_floatx("float64")
    about = {"generator": "tests/golden/make_schedule_goldens.py"} | golden_file.versions()
    golden_file.write("schedules.json", about | RUN | {
        "steps": STEPS,
        "cases": [{"spec": text, "rates": [float(rate(step)) for step in STEPS]}
                  for text, rate in all_cases()],
    })


if __name__ == "__main__":
    main()
