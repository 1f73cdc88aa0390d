"""Our two networks as ONNX graphs, from the same weights as ours.

The graphs are written the way onnxruntime likes them: channels first, plain
Conv, BatchNormalization, Relu and MaxPool nodes that its optimiser may fuse.
Nothing is folded or simplified by hand, and nothing is made slow on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

Tensors = dict[str, np.ndarray]

BATCH_NORM_EPSILON = 1e-3
# Set here so that a newer onnx does not write what an older onnxruntime refuses.
OPSET = 17
IR_VERSION = 8

# Multiply-accumulates of the direct convolutions of one OpenL3 frame (mel256).
OPENL3_MACS = 10.203e9
OPENL3_CONVOLUTIONS = 8
OPENL3_POOLED = (2, 4, 6)  # a 2 × 2 pool follows these
OPENL3_INPUT = (1, 1, 256, 199)  # mel × time, dB

MUSICNN_FRAMES = 187
MUSICNN_BANDS = 96
MUSICNN_INPUT = (1, 1, MUSICNN_FRAMES, MUSICNN_BANDS)  # time × mel


class NetworkError(Exception):
    """A network cannot be built or is another one; the text says what."""


@dataclass
class Graph:
    """An ONNX graph in the making; a method adds a node and names its output."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, values: np.ndarray) -> str:
        name = f"constant{len(self.constants)}"
        array = np.ascontiguousarray(values, dtype=np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    def convolution(
        self,
        x: str,
        kernel: np.ndarray,
        bias: np.ndarray,
        pads: tuple[int, int, int, int],
    ) -> str:
        """`kernel` is [out × in × height × width].

        `pads` are top, left, bottom, right.
        """
        return self.node(
            "Conv",
            [x, self.constant(kernel), self.constant(bias)],
            kernel_shape=kernel.shape[2:],
            pads=pads,
        )

    def batch_norm(self, x: str, weights: Tensors, prefix: str) -> str:
        parts = ("gamma", "beta", "moving_mean", "moving_variance")
        values = [self.constant(weights[f"{prefix}.{part}"]) for part in parts]
        return self.node("BatchNormalization", [x, *values], epsilon=BATCH_NORM_EPSILON)

    def relu(self, x: str) -> str:
        return self.node("Relu", [x])

    def model(
        self, output: str, input_shape: tuple[int, ...], output_shape: tuple[int, ...]
    ) -> bytes:
        """The model with its input named `mel`, checked and serialised."""
        graph = helper.make_graph(
            self.nodes,
            "network",
            [helper.make_tensor_value_info("mel", TensorProto.FLOAT, input_shape)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, output_shape)],
            self.constants,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())


def openl3_model(weights: Tensors) -> bytes:
    """OpenL3's audio network, mel256, to the 512-d embedding."""
    graph = Graph()
    x = graph.batch_norm("mel", weights, "bn_input")
    for layer in range(1, OPENL3_CONVOLUTIONS + 1):
        is_last = layer == OPENL3_CONVOLUTIONS
        prefix = "audio_embedding_layer" if is_last else f"conv{layer}"
        kernel, bias = weights[f"{prefix}.weight"], weights[f"{prefix}.bias"]
        x = graph.convolution(x, kernel, bias, (1, 1, 1, 1))
        if not is_last:
            x = graph.relu(graph.batch_norm(x, weights, f"bn{layer}"))
        if layer in OPENL3_POOLED:
            x = graph.node("MaxPool", [x], kernel_shape=(2, 2), strides=(2, 2))
    x = graph.node("GlobalMaxPool", [x])
    return graph.model(x, OPENL3_INPUT, (1, 512, 1, 1))


def musicnn_model(weights: Tensors) -> bytes:
    """MusiCNN on a whole patch, to the 200-d embedding.

    ReLU comes before batch norm.
    """
    graph = Graph()

    def numbered(kind: str, number: int) -> str:
        return kind if number == 0 else f"{kind}_{number}"

    def block(x: str, number: int, kernel: np.ndarray) -> str:
        """A convolution that keeps the length in time, ReLU and batch norm."""
        height = kernel.shape[2]
        bias = weights[f"{numbered('conv2d', number)}.bias"]
        x = graph.convolution(x, kernel, bias, ((height - 1) // 2, 0, height // 2, 0))
        return graph.batch_norm(
            graph.relu(x), weights, numbered("batch_normalization", number + 1)
        )

    normalised = graph.batch_norm("mel", weights, "batch_normalization")
    branches: list[str] = []
    for number in range(5):
        # [time, mel, 1, out] becomes [out, 1, time, mel].
        kernel = weights[f"{numbered('conv2d', number)}.kernel"].transpose(3, 2, 0, 1)
        x = block(normalised, number, kernel)
        # onnxruntime takes 10 % longer for the whole network with MaxPool here.
        branches.append(graph.node("ReduceMax", [x], axes=(3,), keepdims=1))
    front_end = graph.node("Concat", branches, axis=1)

    layers = [front_end]
    for number in range(5, 8):
        # [time, in, 1, out] becomes [out, in, time, 1]: the bands are channels now.
        kernel = weights[f"conv2d_{number}.kernel"].transpose(3, 1, 0, 2)
        x = block(layers[-1], number, kernel)
        layers.append(x if number == 5 else graph.node("Add", [x, layers[-1]]))

    x = graph.node("Concat", layers, axis=1)
    # Maximum and mean side by side, so that flattening interleaves them.
    pools = [graph.node("GlobalMaxPool", [x]), graph.node("GlobalAveragePool", [x])]
    x = graph.node("Flatten", [graph.node("Concat", pools, axis=2)])
    x = graph.batch_norm(x, weights, "batch_normalization_9")
    dense = [
        graph.constant(weights["dense.kernel"]),
        graph.constant(weights["dense.bias"]),
    ]
    x = graph.node("Gemm", [x, *dense])
    return graph.model(x, MUSICNN_INPUT, (1, 200))


def relative_l2(values: np.ndarray, golden: np.ndarray) -> float:
    difference = values.astype(np.float64) - golden
    return float(np.linalg.norm(difference) / np.linalg.norm(golden.astype(np.float64)))


@dataclass(frozen=True)
class Network:
    """A network in onnxruntime with a stored input and the right answer to it."""

    model: bytes
    mel: np.ndarray
    golden: np.ndarray

    def session(
        self, threads: int, spinning: bool = False
    ) -> onnxruntime.InferenceSession:
        """A session of `threads` threads, on the cores of the calling thread.

        onnxruntime's threads spin for a while after each run unless told not
        to. That would take the core from the program measured next.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = (
            onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        )
        for pool in ("intra_op", "inter_op"):
            options.add_session_config_entry(
                f"session.{pool}.allow_spinning", str(int(spinning))
            )
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            self.model, options, providers=["CPUExecutionProvider"]
        )

    def embedding(self, session: onnxruntime.InferenceSession) -> np.ndarray:
        return np.asarray(session.run(None, {"mel": self.mel})[0]).reshape(-1)


def load_openl3(root: Path) -> Network:
    fixtures = root / "Tests" / "Fixtures"
    weights = load_tensors(fixtures / "openl3-mel256-random-weights.safetensors")
    golden = load_tensors(fixtures / "openl3-golden.safetensors")
    mel = np.ascontiguousarray(golden["mel_db"], np.float32).reshape(OPENL3_INPUT)
    return Network(openl3_model(weights), mel, golden["embedding"])


def load_musicnn(root: Path) -> Network:
    """The first of the stored patches."""
    resources = root / "Sources" / "ShippedModels" / "Resources"
    weights = load_tensors(resources / "musicnn-msd.safetensors")
    golden = load_tensors(root / "Tests" / "Fixtures" / "musicnn-golden.safetensors")
    start = int(golden["patch_start_frame"][0])
    mel = golden["mel"][start : start + MUSICNN_FRAMES]
    mel = np.ascontiguousarray(mel, np.float32).reshape(MUSICNN_INPUT)
    return Network(musicnn_model(weights), mel, golden["embedding"][0])


def load_tensors(path: Path) -> Tensors:
    try:
        return load_file(path)
    except Exception as error:  # safetensors raises several kinds
        raise NetworkError(f"{path}: {error}") from error


def check_openl3(embedding: np.ndarray, golden: np.ndarray) -> float:
    """The relative L2 error of onnxruntime; raises NetworkError if it is too large."""
    error = relative_l2(embedding, golden)
    if not error < 1e-5:
        raise NetworkError(
            f"onnxruntime's OpenL3 differs from the golden embedding by {error:.1e}"
        )
    return error


def check_musicnn(embedding: np.ndarray, golden: np.ndarray) -> float:
    """As `check_openl3`, by the largest difference over the largest value."""
    difference = float(np.abs(embedding - golden).max() / np.abs(golden).max())
    if not difference < 1e-4:
        raise NetworkError(
            "onnxruntime's MusiCNN differs from the golden embedding "
            f"by {difference:.1e} of its largest value"
        )
    return relative_l2(embedding, golden)
