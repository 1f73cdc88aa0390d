"""Makes layers-pytorch.safetensors: what PyTorch computes, for the tests.

For each layer the file holds an input, the parameters, the output, and the
gradients of the weighted sum of the output; for the optimisers the parameters
after each step; for the schedules their values. The tests in
Tests/TrainingTests/Differentiation compare the layers in Swift with them.

Everything is computed in double precision from numbers that are exact in
single precision, and stored in single precision. The random numbers are
NumPy's, so that the file is the same in every run.

Needs PyTorch 2.13 (pip install torch), which nothing else here needs.

Exit codes: 0 written, 1 it failed (the reason is on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors_output import write_safetensors
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SEED = 20250101

# Sequences: how many, steps, features.
BATCH, TIME, FEATURES = 3, 6, 8
# Of the ragged batches, longest first as PyTorch wants it.
LENGTHS = (6, 4, 1)
HEADS = 2
SPAN = 3

STEPS = 8
SCHEDULE_STEPS = 20

Convert = Callable[[Tensor], Tensor]


def same(tensor: Tensor) -> Tensor:
    """Leaves a tensor as it is."""
    return tensor


def channels_last(tensor: Tensor) -> Tensor:
    """Moves the channels, the second dimension, to the end."""
    return tensor.movedim(1, -1)


def kernel_last(name: str, tensor: Tensor) -> Tensor:
    """Turns a kernel [out × in × …] into [… × in × out]; leaves biases."""
    return tensor.movedim((1, 0), (-2, -1)) if name == "kernel" else tensor


class Fixtures:
    """Collects the tensors of the file."""

    def __init__(self) -> None:
        self.tensors: dict[str, np.ndarray] = {}
        self.random = np.random.default_rng(SEED)

    def numbers(self, *shape: int, low: float = -1, high: float = 1) -> Tensor:
        """Uniform random numbers that are exact in single precision."""
        values = self.random.uniform(low, high, shape).astype(np.float32)
        return torch.from_numpy(values.astype(np.float64))

    def keep(self, name: str, tensor: Tensor) -> None:
        """Puts a tensor into the file."""
        assert name not in self.tensors, name
        self.tensors[name] = tensor.detach().numpy().copy()

    def randomise(self, module: nn.Module) -> None:
        """Sets all parameters of a module."""
        for parameter in module.parameters():
            parameter.data = self.numbers(*parameter.shape, low=-0.5, high=0.5)

    def layer(
        self,
        name: str,
        apply: Callable[[Tensor], Tensor],
        input: Tensor,
        parameters: Mapping[str, Tensor] | None = None,
        convert: Convert = same,
        convert_parameter: Callable[[str, Tensor], Tensor] = lambda _, tensor: tensor,
    ) -> None:
        """Runs a layer forward and backward and keeps what goes in and out.

        `convert` turns input and output, and `convert_parameter` a parameter of
        a name, into the order of dimensions that they have in Swift.
        """
        parameters = dict(parameters or {})
        input = input.clone().requires_grad_()
        output = apply(input)
        weights = self.numbers(*output.shape)
        names = list(parameters)
        gradients = torch.autograd.grad(
            (output * weights).sum(), [input, *(parameters[name] for name in names)]
        )
        self.keep(f"{name}.input", convert(input))
        self.keep(f"{name}.output", convert(output))
        self.keep(f"{name}.output_weights", convert(weights))
        self.keep(f"{name}.input_gradient", convert(gradients[0]))
        for parameter, gradient in zip(names, gradients[1:], strict=True):
            value = convert_parameter(parameter, parameters[parameter])
            self.keep(f"{name}.parameter.{parameter}", value)
            gradient = convert_parameter(parameter, gradient)
            self.keep(f"{name}.gradient.{parameter}", gradient)

    def module(self, name: str, module: nn.Module, input: Tensor) -> None:
        """Does the same for a module under the names of its parameters."""
        self.layer(name, module, input, dict(module.named_parameters()))


def add_pointwise(fixtures: Fixtures) -> None:
    """Adds activations and normalisations."""
    input = fixtures.numbers(4, 7, low=-3, high=3)
    for name, function in {
        "relu": functional.relu,
        "gelu": functional.gelu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "softmax": lambda x: functional.softmax(x, dim=-1),
    }.items():
        fixtures.layer(name, function, input)

    linear = nn.Linear(FEATURES, 5).double()
    fixtures.randomise(linear)
    fixtures.module("linear", linear, fixtures.numbers(BATCH, TIME, FEATURES))

    norm = nn.LayerNorm(FEATURES).double()
    fixtures.randomise(norm)
    fixtures.module("layer_norm", norm, fixtures.numbers(BATCH, TIME, FEATURES))


def add_batch_normalisation(fixtures: Fixtures) -> None:
    """Adds batch normalisation in training, with its averages, and after it."""
    norm = nn.BatchNorm1d(FEATURES, eps=1e-3).double()
    fixtures.randomise(norm)
    norm.running_mean = fixtures.numbers(FEATURES)
    norm.running_var = fixtures.numbers(FEATURES, low=0.5, high=2)
    for when in ("training", "inference"):
        norm.train(when == "training")
        name = f"batch_norm_{when}"
        for buffer in ("running_mean", "running_var"):
            fixtures.keep(f"{name}.{buffer}", getattr(norm, buffer))
        input = fixtures.numbers(BATCH, FEATURES, TIME)
        parameters = dict(norm.named_parameters())
        fixtures.layer(name, norm, input, parameters, convert=channels_last)
        for buffer in ("running_mean", "running_var"):
            fixtures.keep(f"{name}.{buffer}_after", getattr(norm, buffer))


def add_convolutions(fixtures: Fixtures) -> None:
    """Adds convolutions and pooling, with the channels last."""
    sequence = fixtures.numbers(BATCH, 4, TIME)
    for taps in (4, 7):
        kernel, bias = fixtures.numbers(5, 4, taps), fixtures.numbers(5)
        parameters = {
            "kernel": kernel.requires_grad_(),
            "bias": bias.requires_grad_(),
        }
        fixtures.layer(
            f"convolution1d_{taps}",
            lambda x, p=parameters: functional.conv1d(
                x, p["kernel"], p["bias"], padding="same"
            ),
            sequence,
            parameters,
            channels_last,
            kernel_last,
        )

    image = fixtures.numbers(2, 3, 6, 7)
    kernel, bias = fixtures.numbers(4, 3, 3, 2), fixtures.numbers(4)
    parameters = {"kernel": kernel.requires_grad_(), "bias": bias.requires_grad_()}
    fixtures.layer(
        "convolution2d",
        lambda x: functional.conv2d(
            x, parameters["kernel"], parameters["bias"], padding=(1, 2)
        ),
        image,
        parameters,
        channels_last,
        kernel_last,
    )
    for name, function, input in (
        ("max_pool1d", lambda x: functional.max_pool1d(x, 4), sequence),
        ("mean_pool1d", lambda x: functional.avg_pool1d(x, 4), sequence),
        ("max_pool2d", lambda x: functional.max_pool2d(x, (2, 3)), image),
        ("mean_pool2d", lambda x: functional.avg_pool2d(x, (2, 3)), image),
    ):
        fixtures.layer(name, function, input, convert=channels_last)


def add_recurrent(fixtures: Fixtures) -> None:
    """Adds two bidirectional layers each, on whole and on ragged batches."""

    def on_ragged(module: nn.Module) -> Callable[[Tensor], Tensor]:
        def apply(input: Tensor) -> Tensor:
            packed = pack_padded_sequence(input, LENGTHS, batch_first=True)
            return pad_packed_sequence(module(packed)[0], batch_first=True)[0]

        return apply

    for name, make in (("lstm", nn.LSTM), ("gru", nn.GRU)):
        module = make(
            FEATURES, 5, num_layers=2, bidirectional=True, batch_first=True
        ).double()
        fixtures.randomise(module)
        parameters = dict(module.named_parameters())
        input = fixtures.numbers(BATCH, TIME, FEATURES)
        fixtures.layer(name, lambda x, m=module: m(x)[0], input, parameters)
        fixtures.layer(f"{name}_ragged", on_ragged(module), input, parameters)


def attention_bias(distance_bias: bool) -> Tensor:
    """The mask of a causal pattern of a limited span: [heads × time × time]."""
    steps = torch.arange(TIME)
    distance = steps[:, None] - steps[None, :]
    mask = torch.zeros(HEADS, TIME, TIME, dtype=torch.float64)
    if distance_bias:
        slopes = 2.0 ** (-8 * torch.arange(1, HEADS + 1, dtype=torch.float64) / HEADS)
        mask = -slopes[:, None, None] * distance.abs()
    return mask.masked_fill((distance < 0) | (distance >= SPAN), -torch.inf)


def add_attention(fixtures: Fixtures) -> None:
    """Adds attention of each pattern."""
    attention = nn.MultiheadAttention(FEATURES, HEADS, batch_first=True).double()
    fixtures.randomise(attention)
    parameters = dict(attention.named_parameters())
    input = fixtures.numbers(BATCH, TIME, FEATURES)
    padding = torch.arange(TIME)[None, :] >= torch.tensor(LENGTHS)[:, None]

    def run(**options: Tensor) -> Callable[[Tensor], Tensor]:
        return lambda x: attention(x, x, x, need_weights=False, **options)[0]

    causal = attention_bias(distance_bias=False)[0]
    biased = attention_bias(distance_bias=True).repeat(BATCH, 1, 1)
    for name, options in (
        ("attention", {}),
        ("attention_ragged", {"key_padding_mask": padding}),
        ("attention_causal", {"attn_mask": causal}),
        ("attention_biased", {"attn_mask": biased}),
    ):
        fixtures.layer(name, run(**options), input, parameters)


def add_optimisers(fixtures: Fixtures) -> None:
    """Adds the parameters after each step, with gradients from outside."""
    start = [fixtures.numbers(3, 4), fixtures.numbers(5)]
    gradients = [[fixtures.numbers(*p.shape) for p in start] for _ in range(STEPS)]
    for index, parameter in enumerate(start):
        fixtures.keep(f"optimiser.start.{index}", parameter)
        series = torch.stack([step[index] for step in gradients])
        fixtures.keep(f"optimiser.gradients.{index}", series)

    def run(
        name: str,
        kind: type[torch.optim.Optimizer],
        one_cycle: bool = False,
        norm: float | None = None,
    ) -> None:
        parameters = [nn.Parameter(p.clone()) for p in start]
        groups = [
            {"params": parameters[:1], "lr": 0.05, "weight_decay": 0.1},
            {"params": parameters[1:], "lr": 0.01, "weight_decay": 0.0},
        ]
        optimiser = kind(groups)
        schedule = None
        if one_cycle:
            schedule = torch.optim.lr_scheduler.OneCycleLR(
                optimiser, max_lr=[0.05, 0.01], total_steps=STEPS
            )
        after: list[list[Tensor]] = []
        norms = []
        for step in gradients:
            for parameter, gradient in zip(parameters, step, strict=True):
                parameter.grad = gradient.clone()
            if norm is not None:
                norms.append(nn.utils.clip_grad_norm_(parameters, norm))
            optimiser.step()
            if schedule is not None and len(after) + 1 < STEPS:
                schedule.step()
            after.append([p.detach().clone() for p in parameters])
        for index in range(len(start)):
            series = torch.stack([values[index] for values in after])
            fixtures.keep(f"{name}.after.{index}", series)
        if norms:
            fixtures.keep(f"{name}.norms", torch.stack(norms))

    run("adam", torch.optim.Adam)
    run("adamw", torch.optim.AdamW)
    run("adamw_one_cycle", torch.optim.AdamW, one_cycle=True)
    run("adam_clipped", torch.optim.Adam, norm=1.5)


def add_schedules(fixtures: Fixtures) -> None:
    """Adds learning rate and beta1 of each step, from a rate of 1."""
    makers: dict[str, Callable[..., torch.optim.lr_scheduler.LRScheduler]] = {
        "one_cycle": lambda optimiser: torch.optim.lr_scheduler.OneCycleLR(
            optimiser, max_lr=1.0, total_steps=SCHEDULE_STEPS
        ),
        "one_cycle_short_rise": lambda optimiser: torch.optim.lr_scheduler.OneCycleLR(
            optimiser,
            max_lr=1.0,
            total_steps=SCHEDULE_STEPS,
            pct_start=0.13,
            div_factor=10,
            final_div_factor=100,
        ),
        "cosine": lambda optimiser: torch.optim.lr_scheduler.CosineAnnealingLR(
            optimiser, T_max=SCHEDULE_STEPS
        ),
    }
    for name, make in makers.items():
        optimiser = torch.optim.Adam([nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule = make(optimiser)
        rates, decays = [], []
        for step in range(SCHEDULE_STEPS):
            rates.append(optimiser.param_groups[0]["lr"])
            decays.append(optimiser.param_groups[0]["betas"][0])
            optimiser.step()
            if step + 1 < SCHEDULE_STEPS:
                schedule.step()
        fixtures.keep(f"{name}.rates", torch.tensor(rates, dtype=torch.float64))
        fixtures.keep(f"{name}.first_decays", torch.tensor(decays, dtype=torch.float64))


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="Makes the file of PyTorch's values that the tests compare with."
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        default=Path("Tests/Fixtures/layers-pytorch.safetensors"),
        help="file to write (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    fixtures = Fixtures()
    add_pointwise(fixtures)
    add_batch_normalisation(fixtures)
    add_convolutions(fixtures)
    add_recurrent(fixtures)
    add_attention(fixtures)
    add_optimisers(fixtures)
    add_schedules(fixtures)
    metadata = {"made by": "tools/make_layer_fixtures.py"}
    try:
        write_safetensors(options.output, fixtures.tensors, metadata)
    except OSError as error:
        print(f"make_layer_fixtures: {error}", file=sys.stderr)
        return 1
    print(f"Wrote {options.output}: {len(fixtures.tensors)} tensors.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
