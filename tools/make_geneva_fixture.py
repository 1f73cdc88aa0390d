#!/usr/bin/env python3
"""Makes Tests/Fixtures/geneva-golden.safetensors: what openSMILE says of synthetic audio, for GenevaTests.swift.

usage: make_geneva_fixture.py OUTPUT

Run by hand, in an environment of its own with opensmile 2.6.0, numpy, scipy and safetensors. openSMILE's licence allows
research only: it is no dependency of affectd, and what is kept of it are numbers for sounds of ours.
"""

import sys

import numpy as np
import opensmile
from safetensors.numpy import save_file
from scipy.signal import lfilter

RATE, WINDOW, HOP = 16_000, 16_000, 8000
FRAMES_OF = [0, 9, 17]


def voice(random: np.random.Generator, seconds: float) -> np.ndarray:
    """Glottal pulses through three resonances: the pitch wavers and glides, periods and heights differ."""
    base, depth = random.uniform(90, 320), random.uniform(0, 0.03)
    rate, glide = random.uniform(3, 6), random.uniform(-0.3, 0.3)
    jitter, shimmer = random.uniform(0, 0.02), random.uniform(0, 0.1)
    samples = np.zeros(int(seconds * RATE))
    time = 0.0
    while time < seconds - 0.02:
        frequency = base * (1 + depth * np.sin(2 * np.pi * rate * time)) * (1 + glide * time)
        begin, length = time * RATE, 0.6 / frequency * RATE
        places = np.arange(int(begin) + 1, min(samples.size, int(begin + length)))
        phase = (places - begin) / length
        samples[places] += (1 + shimmer * random.standard_normal()) * 6.75 * (phase**2 - phase**3)
        time += (1 + jitter * random.standard_normal()) / frequency
    samples = np.diff(samples, prepend=0) + 10 ** random.uniform(-4, -2) * random.standard_normal(samples.size)
    formants = [(300, 900, 80), (1000, 2200, 110), (2400, 3200, 150)]
    for low, high, width in formants:
        radius, angle = np.exp(-np.pi * width / RATE), 2 * np.pi * random.uniform(low, high) / RATE
        poles = [1, -2 * radius * np.cos(angle), radius**2]
        samples = lfilter([sum(poles)], poles, samples)
    return 10 ** random.uniform(-0.8, -0.1) * samples / np.max(np.abs(samples))


def music(random: np.random.Generator) -> np.ndarray:
    """Four seconds: chords with overtones, a sweep, noise that swells, clicks, and half a second of silence."""
    time = np.arange(4 * RATE) / RATE
    sound = np.zeros_like(time)
    for beat, root in enumerate([110.0, 146.8, 164.8, 98.0, 130.8, 110.0, 174.6, 123.5]):
        inside = (time >= beat / 2) & (time < (beat + 1) / 2)
        decay = np.exp(-3 * (time - beat / 2))
        for ratio in (1, 1.25, 1.5):
            for overtone in range(1, 6):
                sound += inside * decay * np.sin(2 * np.pi * root * ratio * overtone * time) / overtone / 8
    sound += 0.1 * np.sin(2 * np.pi * (200 + 700 * time) * time)
    sound += 0.05 * np.sin(np.pi * time / 4) ** 2 * random.standard_normal(time.size)
    sound[:: RATE // 3] += 0.5
    sound[int(2.5 * RATE) : 3 * RATE] = 0
    return sound


if __name__ == "__main__":
    random = np.random.default_rng(17)
    parts = []
    for _ in range(8):
        parts += [voice(random, 0.85), np.zeros(int(0.15 * RATE))]
    audio = np.concatenate([*parts, music(random)])
    # Half precision holds these exactly, and so do the 16 bits that openSMILE rounds to.
    audio = np.round(np.clip(audio, -1, 1 - 2**-11) * 2048) / 2048
    # What needs no voice, of every frame of some windows.
    frames = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
    starts = range(0, audio.size - WINDOW + 1, HOP)
    windows = [audio[start : start + WINDOW].astype(np.float32) for start in starts]
    save_file(
        {
            "audio": audio.astype(np.float16),
            "starts": np.array(starts, np.float32),
            "frames": np.ascontiguousarray(
                [frames.process_signal(windows[row], RATE).to_numpy()[:, :10] for row in FRAMES_OF], np.float32
            ),
            "features": np.stack([smile.process_signal(window, RATE).to_numpy()[0] for window in windows]).astype(
                np.float32
            ),
        },
        sys.argv[1],
    )
