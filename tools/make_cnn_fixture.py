"""Makes cnn-golden.safetensors: convolutional networks in PyTorch, for the tests.

For each head the file holds a small network with random weights, under the
names that a model file has, an image, and what comes out of every stage: the
blocks, the summary of the last map, the hidden layer and the output. Maps have
the channels last, as in Swift; kernels are as PyTorch has them. The network
without gates is the paper's first one, the others have gates.

Everything is computed in double precision from numbers that are exact in
single precision, and stored in single precision. The random numbers are
NumPy's, so that the file is the same in every run.

Needs PyTorch (pip install torch), as make_layer_fixtures.py does.

Exit codes: 0 written, 1 it failed (the reason is on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors_output import write_safetensors
from torch import Tensor, nn

SEED = 20261201

FRAMES, BANDS = 24, 17
CHANNELS = (3, 4, 5)
# What is left of an image after three blocks.
LAST_FRAMES, LAST_BANDS = FRAMES // 8, BANDS // 8
NARROW, STATES, TEMPORAL, HIDDEN = 2, 6, 4, 7
HEADS = ("flatten", "temporal", "gru", "gru-attention")


class Gates(nn.Module):
    """Squeeze-and-excitation."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = nn.Linear(channels, NARROW)
        self.expand = nn.Linear(NARROW, channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Scales the channels of maps [batch × channels × frames × bands]."""
        narrow = torch.relu(self.reduce(maps.mean(dim=(2, 3))))
        return maps * torch.sigmoid(self.expand(narrow))[:, :, None, None]


class Network(nn.Module):
    """A network with one of the heads; its parameters are named as in a model file."""

    def __init__(self, head: str) -> None:
        super().__init__()
        self.head = head
        inputs = (1, *CHANNELS[:-1])
        self.conv = nn.ModuleList(
            nn.Conv2d(before, after, 3, padding=1)
            for before, after in zip(inputs, CHANNELS, strict=True)
        )
        self.norm = nn.ModuleList(nn.BatchNorm2d(channels) for channels in CHANNELS)
        if head != "flatten":
            self.se = nn.ModuleList(Gates(channels) for channels in CHANNELS)
        summary = LAST_FRAMES * LAST_BANDS * CHANNELS[-1]
        if head == "temporal":
            self.temporal = nn.Conv1d(CHANNELS[-1], TEMPORAL, 3, padding=1)
            summary = LAST_FRAMES * LAST_BANDS * TEMPORAL
        elif head != "flatten":
            self.gru = nn.GRU(LAST_BANDS * CHANNELS[-1], STATES, batch_first=True)
            summary = STATES
        if head == "gru-attention":
            self.attention = nn.Linear(STATES, 1)
        self.hidden = nn.Linear(summary, HIDDEN)
        self.output = nn.Linear(HIDDEN, 2)

    def summary(self, maps: Tensor) -> Tensor:
        """What becomes of the last maps [batch × channels × frames × bands]."""
        last = maps.movedim(1, -1)  # frames × bands × channels
        if self.head == "flatten":
            return last.flatten(1)
        if self.head == "temporal":
            places = last.flatten(1, 2).transpose(1, 2)
            return torch.relu(self.temporal(places)).transpose(1, 2).flatten(1)
        states = self.gru(last.flatten(2))[0]
        if self.head == "gru":
            return states[:, -1]
        weights = torch.softmax(self.attention(states), dim=1)
        return (weights * states).sum(dim=1)

    def stages(self, images: Tensor) -> dict[str, Tensor]:
        """What every stage makes of images [batch × frames × bands]."""
        stages: dict[str, Tensor] = {}
        maps = images[:, None]
        for index, (conv, norm) in enumerate(zip(self.conv, self.norm, strict=True)):
            maps = torch.relu(norm(conv(maps)))
            if self.head != "flatten":
                maps = self.se[index](maps)
            maps = torch.max_pool2d(maps, 2)
            stages[f"block.{index}"] = maps.movedim(1, -1)
        stages["summary"] = self.summary(maps)
        stages["hidden"] = torch.relu(self.hidden(stages["summary"]))
        stages["output"] = self.output(stages["hidden"])
        return stages


def model_name(name: str) -> str:
    """Turns a name of PyTorch into that of a model file."""
    if not name.startswith("gru."):
        return name
    part = name.removeprefix("gru.").removesuffix("_l0")
    return f"gru.0.{part}"


def numbers(
    random: np.random.Generator, shape: tuple[int, ...], low: float, high: float
) -> Tensor:
    """Uniform random numbers that are exact in single precision."""
    values = random.uniform(low, high, shape).astype(np.float32)
    return torch.from_numpy(values.astype(np.float64))


def randomise(network: Network, random: np.random.Generator) -> dict[str, Tensor]:
    """Sets all weights; returns them under the names of a model file."""
    weights: dict[str, Tensor] = {}
    for name, value in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        # Scales and variances around 1, or ReLU would leave nothing.
        positive = name.startswith("norm.") and name.endswith(("weight", "_var"))
        spread = 1.5 / max(1, value[0].numel()) ** 0.5 if value.dim() > 1 else 0.5
        low, high = (0.5, 1.5) if positive else (-spread, spread)
        value.copy_(numbers(random, tuple(value.shape), low, high))
        weights[model_name(name)] = value.clone()
    return weights


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="Makes the file of convolutional networks that the tests compare with."
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        default=Path("Tests/Fixtures/cnn-golden.safetensors"),
        help="file to write (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    random = np.random.default_rng(SEED)
    images = numbers(random, (2, FRAMES, BANDS), -2, 2)
    tensors = {"images": images.numpy()}
    for head in HEADS:
        network = Network(head).double().eval()
        weights = randomise(network, random)
        with torch.no_grad():
            stages = network.stages(images)
        assert all(stage.any() for stage in stages.values()), head
        for name, value in weights.items():
            tensors[f"{head}.model.{name}"] = value.numpy()
        for name, value in stages.items():
            tensors[f"{head}.stage.{name}"] = value.numpy()
    metadata = {"made by": "tools/make_cnn_fixture.py"}
    try:
        write_safetensors(options.output, tensors, metadata)
    except OSError as error:
        print(f"make_cnn_fixture: {error}", file=sys.stderr)
        return 1
    print(f"Wrote {options.output}: {len(tensors)} tensors.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
