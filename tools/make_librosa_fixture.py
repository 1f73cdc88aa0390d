#!/usr/bin/env python3
"""Makes Tests/Fixtures/librosa-golden.safetensors: what librosa says of synthetic audio, for LibrosaTests.swift.

usage: make_librosa_fixture.py OUTPUT

Needs librosa 0.11 (ISC licence), in an environment of its own; nothing else here does.
"""

import sys

import librosa
import numpy as np
from safetensors.numpy import save_file

RATE, WINDOW, FFT, HOP = 22_050, 66_150, 2048, 512
# 128 frames.
PICTURE = FFT + 127 * HOP
STARTS = [0, 512, 9728, 22_016]


def synthetic() -> np.ndarray:
    """Four seconds: chords with overtones, a sweep, noise that swells, clicks, and half a second of near silence."""
    random = np.random.default_rng(16)
    time = np.arange(4 * RATE) / RATE
    sound = np.zeros_like(time)
    for beat, root in enumerate([110.0, 146.8, 164.8, 98.0, 130.8, 110.0, 174.6, 123.5]):
        inside = (time >= beat / 2) & (time < (beat + 1) / 2)
        decay = np.exp(-3 * (time - beat / 2))
        for ratio in (1, 1.25, 1.5):
            for overtone in range(1, 6):
                sound += inside * decay * np.sin(2 * np.pi * root * ratio * overtone * time) / overtone / 8
    sound += 0.1 * np.sin(2 * np.pi * (200 + 1500 * time) * time)
    sound += 0.05 * np.sin(np.pi * time / 4) ** 2 * random.standard_normal(time.size)
    sound[:: RATE // 3] += 0.5
    sound[int(2.5 * RATE):3 * RATE] *= 1e-5
    return np.clip(sound, -1, 1).astype(np.float32)


def features(window: np.ndarray) -> np.ndarray:
    amplitude = np.abs(librosa.stft(window, n_fft=FFT, hop_length=HOP, center=False))
    power = amplitude**2
    mel = librosa.feature.melspectrogram(S=power, sr=RATE)
    chroma = librosa.feature.chroma_stft(S=power, sr=RATE, tuning=0.0)
    rows = [
        librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=40),
        chroma,
        mel,
        librosa.feature.spectral_contrast(S=amplitude, sr=RATE),
        librosa.feature.tonnetz(chroma=chroma, sr=RATE),
    ]
    frames = np.concatenate(rows)
    return np.concatenate([frames.mean(axis=1), frames.std(axis=1)]).astype(np.float32)


def log_mel(window: np.ndarray) -> np.ndarray:
    mel = librosa.feature.melspectrogram(y=window, sr=RATE, n_fft=FFT, hop_length=HOP, center=False)
    return np.ascontiguousarray(librosa.power_to_db(mel).T, np.float32)


if __name__ == "__main__":
    audio = synthetic()
    windows = [audio[start:start + WINDOW].astype(np.float64) for start in STARTS]
    save_file(
        {
            "audio": audio,
            "starts": np.array(STARTS, np.float32),
            "features": np.stack([features(window) for window in windows]),
            "logmel": log_mel(audio[512:512 + PICTURE].astype(np.float64)),
        },
        sys.argv[1])
