#!/usr/bin/env python3
"""The speed of training the same networks with PyTorch on this machine's CPU, for comparison.

As in convoy, images are in memory as bytes; a step gathers a batch in shuffled order, scales it, and runs forward,
loss, backward and Adam. Prints one JSON object: images per second of each repeat and their median. The first
repeat is a warm-up and does not count.

    python3 bench/peer_pytorch.py --model fast --batch 256 --threads 2 --steps 100
    python3 bench/peer_pytorch.py --model resnet20 --threads 2 --steps 8 --channels-last
"""

import argparse
import json
import platform
import statistics
import time

import torch
from torch import nn

CLASSES = 10
IMAGES = 20000


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, CLASSES),
    )


def fast():
    return nn.Sequential(
        nn.Conv2d(1, 24, 5), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(24, 32, 3), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(),
        nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, CLASSES),
    )


def mnist_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, CLASSES),
    )


def mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, CLASSES),
    )


class Block(nn.Module):
    """Two convolutions and a shortcut. If the size changes, the shortcut takes every other pixel and pads new
    channels with zeros (option A of He et al. 2015), as in models/resnet20.json."""

    def __init__(self, channels, filters):
        super().__init__()
        self.stride = filters // channels
        self.first = nn.Conv2d(channels, filters, 3, self.stride, 1, bias=False)
        self.second = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(filters), nn.BatchNorm2d(filters)])

    def forward(self, x):
        y = nn.functional.relu(self.norms[0](self.first(x)))
        y = self.norms[1](self.second(y))
        if self.stride > 1:
            x = nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, x.shape[1]))
        return nn.functional.relu(y + x)


def resnet20():
    blocks = [Block(16, 16) for _ in range(3)]
    for filters in (32, 64):
        blocks += [Block(filters // 2, filters), Block(filters, filters), Block(filters, filters)]
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES),
    )


MODELS = {"lenet5": lenet5, "fast": fast, "mnist-cnn": mnist_cnn, "mlp": mlp, "resnet20": resnet20}
SHAPES = {"resnet20": (3, 32, 32)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", choices=MODELS, default="lenet5")
    parser.add_argument("--batch", type=int, default=64, help="images a step (default 64)")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default 1)")
    parser.add_argument("--steps", type=int, default=100, help="steps a repeat (default 100)")
    parser.add_argument("--repeats", type=int, default=5, help="repeats that count (default 5)")
    parser.add_argument("--channels-last", action="store_true", help="images as NHWC in memory")
    parser.add_argument("--fused", action="store_true", help="PyTorch's fused Adam")
    return parser.parse_args()


def train(model, optimizer, images, labels, options):
    """Return the seconds that options.steps steps take."""
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    order = torch.randperm(IMAGES)
    entropy = nn.CrossEntropyLoss()
    start = time.perf_counter()
    for step in range(options.steps):
        first = step * options.batch % (IMAGES - options.batch + 1)
        chosen = order[first : first + options.batch]
        x = (images[chosen].float() / 255).contiguous(memory_format=layout)
        optimizer.zero_grad(set_to_none=True)
        entropy(model(x), labels[chosen]).backward()
        optimizer.step()
    return time.perf_counter() - start


def main():
    options = arguments()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    model = MODELS[options.model]()
    if options.channels_last:
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), fused=options.fused or None)
    shape = SHAPES.get(options.model, (1, 28, 28))
    images = torch.randint(0, 256, (IMAGES, *shape), dtype=torch.uint8)
    labels = torch.randint(0, CLASSES, (IMAGES,))
    train(model, optimizer, images, labels, options)
    speeds = [
        options.steps * options.batch / train(model, optimizer, images, labels, options)
        for _ in range(options.repeats)
    ]
    print(json.dumps({
        "program": f"PyTorch {torch.__version__}", "machine": platform.machine(), **vars(options),
        "parameters": sum(p.numel() for p in model.parameters()),
        "images_per_second": [round(speed) for speed in speeds],
        "median_images_per_second": round(statistics.median(speeds)),
    }))


if __name__ == "__main__":
    main()
