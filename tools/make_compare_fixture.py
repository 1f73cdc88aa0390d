#!/usr/bin/env python3
"""Makes Tests/Fixtures/compare-golden.safetensors: what openSMILE says of synthetic audio, for CompareTests.swift.

usage: make_compare_fixture.py OUTPUT

Needs opensmile 2.6.0 and safetensors, in an environment of its own. It is run by hand: it is no dependency, and nothing
else here needs it. opensmile's licence is for research; what is taken are the numbers that it puts out.

Each window is a signal of its own. Of one of 1 s, openSMILE tells 96 smoothed frames: 95 frames of 60 ms lie in it, and the
last one stands for one more. Of the deltas it tells two more, which are left out.
"""

import sys

import numpy as np
import opensmile
from safetensors.numpy import save_file

RATE, WINDOW, FRAMES = 16_000, 16_000, 96
# Multiples of 160 samples. The frames of the second are stored, too.
STARTS = [0, 8000, 12_800, 20_640, 27_200, 32_000]


def synthetic() -> np.ndarray:
    """Three seconds: chords with overtones, a sweep, noise that swells, clicks, 0.3 s of near silence and 0.1 s of silence.

    Rounded to 16 bits, as openSMILE does.
    """
    random = np.random.default_rng(16)
    time = np.arange(3 * RATE) / RATE
    sound = np.zeros_like(time)
    for beat, root in enumerate([110.0, 146.8, 164.8, 98.0, 130.8, 220.0]):
        inside = (time >= beat / 2) & (time < (beat + 1) / 2)
        decay = np.exp(-3 * (time - beat / 2))
        for ratio in (1, 1.25, 1.5):
            for overtone in range(1, 6):
                sound += inside * decay * np.sin(2 * np.pi * root * ratio * overtone * time) / overtone / 8
    sound += 0.1 * np.sin(2 * np.pi * (200 + 1000 * time) * time)
    sound += 0.05 * np.sin(np.pi * time / 3) ** 2 * random.standard_normal(time.size)
    sound[:: RATE // 3] += 0.5
    sound[int(2.5 * RATE):int(2.8 * RATE)] *= 1e-4
    sound[int(2.8 * RATE):int(2.9 * RATE)] = 0
    return (np.round(np.clip(sound, -1, 1 - 2**-15) * 2**15) / 2**15).astype(np.float32)


def extractor(level: opensmile.FeatureLevel) -> opensmile.Smile:
    return opensmile.Smile(feature_set=opensmile.FeatureSet.ComParE_2016, feature_level=level)


DESCRIPTORS = extractor(opensmile.FeatureLevel.LowLevelDescriptors)
DELTAS = extractor(opensmile.FeatureLevel.LowLevelDescriptors_Deltas)


def frames(window: np.ndarray) -> np.ndarray:
    """The 65 descriptors and their deltas, [96 x 130]."""
    rows = [level.process_signal(window, RATE).to_numpy(np.float64)[:FRAMES] for level in (DESCRIPTORS, DELTAS)]
    return np.concatenate(rows, axis=1)


def statistics(rows: np.ndarray) -> np.ndarray:
    return np.concatenate([rows.mean(axis=0), rows.std(axis=0)])


if __name__ == "__main__":
    audio = synthetic()
    tables = [frames(audio[start:start + WINDOW]) for start in STARTS]
    save_file(
        {
            "audio": audio,
            "starts": np.array(STARTS, np.float32),
            "frames": np.ascontiguousarray(tables[1], np.float32),
            "features": np.ascontiguousarray([statistics(table) for table in tables], np.float32),
        },
        sys.argv[1])
