#!/usr/bin/env python3
"""Prints mode and clarity of windows of Tests/Fixtures/musicnn-golden.safetensors, by NumPy in double precision.

The definition is that of Sources/SignalProcessing/Tonality.swift; TonalityTests.swift holds what this prints.
"""

import numpy as np
from safetensors.numpy import load_file

RATE = 16_000
FRAME, STEP, WINDOW = 4096, 1024, 48_128
MAJOR = [5, 2, 3.5, 2, 4.5, 4, 2, 4.5, 2, 3.5, 1.5, 4]
MINOR = [5, 2, 3.5, 4.5, 2, 4, 2, 4.5, 3.5, 2, 1.5, 4]


def pitch_classes(frame):
    spectrum = np.abs(np.fft.rfft(frame * np.hanning(FRAME + 1)[:-1]))
    levels = np.log(spectrum + 1e-6)
    classes = np.zeros(12)
    for k in range(int(np.ceil(60 * FRAME / RATE)), int(np.ceil(2200 * FRAME / RATE))):
        if spectrum[k - 1] < spectrum[k] >= spectrum[k + 1]:
            left, here, right = levels[k - 1 : k + 2]
            shift = np.clip(0.5 * (left - right) / (left - 2 * here + right), -0.5, 0.5)
            semitones = 12 * np.log2((k + shift) * RATE / FRAME / 440)
            nearest = round(semitones)
            classes[nearest % 12] += spectrum[k] * np.cos(np.pi * (semitones - nearest)) ** 2
    return classes


def deviations(values):
    values = np.asarray(values, float) - np.mean(values)
    return values / np.linalg.norm(values)


def mode_and_clarity(classes):
    classes = deviations(np.log1p(classes / classes.mean()))
    major = np.array([classes @ np.roll(deviations(MAJOR), tonic) for tonic in range(12)])
    minor = np.array([classes @ np.roll(deviations(MINOR), tonic) for tonic in range(12)])
    return np.log(np.exp(8 * major).sum() / np.exp(8 * minor).sum()), max(major.max(), minor.max())


if __name__ == "__main__":
    audio = load_file("Tests/Fixtures/musicnn-golden.safetensors")["audio"].astype(float)
    for start in [0, 256, 7936, 20_480, len(audio) - WINDOW]:
        first, end = -(-start // STEP), (start + WINDOW - FRAME) // STEP + 1
        frames = [pitch_classes(audio[k * STEP : k * STEP + FRAME]) for k in range(first, end)]
        mode, clarity = mode_and_clarity(np.sum(frames, axis=0))
        print(f"({start}, {mode:.5f}, {clarity:.5f}),")
